//! Shapes at which a kernel's vectors and tiles reach past what a map holds.

use super::*;

/// Checks a convolution of `[outputs, channels, groups]` in f32 and in int8.
fn check([outputs, channels, groups]: [u32; 3], [h, w]: [u32; 2], window: Window) {
    let case = Case { input: [channels, h, w], outputs, groups, window, seed: 77 };
    let mut noise = Noise(case.seed);
    let net = case.graph(&mut noise, [false; 2]);
    assert_agrees(&net, &case.input(&mut noise), 1e-4);
    for out in [None, Some(noise.coding(8.0))] {
        let mut net = case.graph(&mut noise, [true, false]);
        net.codes = vec![Some(noise.coding(1.0)), out];
        assert_agrees(&net, &case.input(&mut noise), 0.0);
    }
}

/// Dense, depthwise and grouped channels, less and more than a vector of any set.
const CHANNELS: [[u32; 3]; 9] = [
    [1, 1, 1],
    [17, 1, 1],
    [1, 17, 1],
    [33, 5, 1],
    [2, 2, 2],
    [17, 17, 17],
    [33, 33, 33],
    [6, 3, 3],
    [34, 6, 2],
];

#[test]
fn maps_of_one_pixel_match() {
    for channels in CHANNELS {
        check(channels, [1, 1], Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] });
        check(channels, [1, 1], Window { kernel: [5, 5], stride: [1, 1], pads: [4; 4] });
    }
}

#[test]
fn kernels_larger_than_the_map_match() {
    for channels in CHANNELS {
        check(channels, [2, 3], Window { kernel: [5, 7], stride: [1, 2], pads: [4, 6, 3, 5] });
        check(channels, [3, 2], Window { kernel: [4, 3], stride: [3, 1], pads: [1, 0, 0, 2] });
    }
}

#[test]
fn strides_beyond_the_kernel_match() {
    for channels in CHANNELS {
        check(channels, [11, 31], Window { kernel: [1, 1], stride: [3, 5], pads: [0; 4] });
        check(channels, [9, 16], Window { kernel: [2, 1], stride: [7, 15], pads: [1, 0, 0, 0] });
        check(channels, [4, 4], Window { kernel: [4, 4], stride: [u32::MAX; 2], pads: [0; 4] });
    }
}

#[test]
fn the_last_row_and_column_match() {
    for channels in CHANNELS {
        check(channels, [5, 29], Window { kernel: [3, 3], stride: [1, 1], pads: [0; 4] });
        check(channels, [6, 30], Window { kernel: [2, 2], stride: [2, 2], pads: [0, 0, 1, 1] });
    }
}

#[test]
fn readers_with_other_paddings_share_a_border() {
    let mut noise = Noise(21);
    let windows = [[0_u32; 4], [2, 0, 1, 2], [0, 2, 2, 0]];
    for int8 in [false, true] {
        let conv = |pads| Window { kernel: [3, 3], stride: [1, 1], pads };
        let convs = windows.map(|pads| noise.conv([3, 2, 3, 3], 1, conv(pads), int8));
        let ops = convs.into_iter().map(|conv| (conv, &[0_u32][..])).collect();
        let mut net = graph([2, 4, 5], ops, &[1, 2, 3]);
        if int8 {
            net.codes = vec![Some(noise.coding(1.0)), None, None, None];
        }
        let tolerance = if int8 { 0.0 } else { 1e-4 };
        assert_agrees(&net, &noise.units(40), tolerance);
    }
}

#[test]
fn a_value_is_added_to_itself() {
    let mut noise = Noise(4);
    let input = noise.units(17 * 5 * 7);
    for relu in [false, true] {
        let mut ops: Vec<(Op, &[u32])> = vec![(Op::Add, &[0, 0])];
        if relu {
            ops.push((Op::Relu, &[1]));
        }
        let last = u32::try_from(ops.len()).unwrap();
        let mut net = graph([17, 5, 7], ops, &[last]);
        assert_agrees(&net, &input, 0.0);
        let (from, to) = (noise.coding(1.0), noise.coding(2.0));
        net.codes =
            if relu { vec![Some(from), None, Some(to)] } else { vec![Some(from), Some(to)] };
        assert_agrees(&net, &input, 0.0);
    }
}

#[test]
fn a_convolution_is_added_to_its_own_input_and_its_twin() {
    let mut noise = Noise(6);
    let point = Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] };
    let same = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
    for int8 in [false, true] {
        let ops: Vec<(Op, &[u32])> = vec![
            (noise.conv([17, 17, 3, 3], 1, same, int8), &[0]),
            (Op::Add, &[0, 1]), // 2
            (noise.conv([17, 17, 1, 1], 1, point, int8), &[2]),
            (noise.conv([17, 17, 3, 3], 1, same, int8), &[2]), // 4
            (Op::Add, &[4, 3]),
            (noise.conv([17, 1, 3, 3], 17, same, int8), &[5]), // 6
            (Op::Add, &[6, 5]),
        ];
        let mut net = graph([17, 4, 9], ops, &[7, 5]);
        if int8 {
            net.codes = (0..8).map(|_| Some(noise.coding(4.0))).collect();
        }
        assert_agrees(&net, &noise.units(17 * 36), if int8 { 0.0 } else { 1e-4 });
    }
}

#[test]
fn pools_and_means_of_a_pixel_match() {
    let mut noise = Noise(8);
    let window = Window { kernel: [5, 5], stride: [4, 4], pads: [4; 4] };
    for channels in [1, 17, 70] {
        let ops: Vec<(Op, &[u32])> =
            vec![(Op::MaxPool(window), &[0]), (Op::Upsample2, &[1]), (Op::GlobalAveragePool, &[2])];
        let mut net = graph([channels, 1, 1], ops, &[1, 2, 3]);
        let input = noise.units(channels as usize);
        assert_agrees(&net, &input, 1e-6);
        net.codes = vec![Some(Affine { scale: 0.01, zero: 99 }); 4];
        assert_agrees(&net, &input, 0.0);
    }
}
