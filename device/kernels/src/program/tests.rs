//! Every program against the reference, on every set of instructions this processor has.

use mien_shared::graph::{
    Affine, Conv, Graph, Node, Op, Output, Tensor, TensorData, Window,
    reference::{self, Value},
};
use proptest::prelude::*;

use super::*;

/// Numbers that look random, from a seed.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, n: u32) -> u32 {
        (self.next() >> 8) % n
    }

    /// Within -1..1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 8) as f32 / 8_388_608.0 - 1.0
    }

    fn units(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.unit()).collect()
    }

    /// A coding whose codes spread over about ±`reach`.
    fn coding(&mut self, reach: f32) -> Affine {
        let zero = [0, 255, 128, self.below(256)][self.below(4) as usize];
        Affine { scale: reach / 128.0, zero: u8::try_from(zero).unwrap() }
    }

    /// A weight's code; the extremes are common.
    fn weight(&mut self) -> i8 {
        match self.below(4) {
            0 => 127,
            1 => -127,
            _ => i8::try_from(self.below(255)).map_or_else(|_| -5, |w| w),
        }
    }

    fn tensor(&mut self, shape: &[u32], int8: bool) -> Tensor {
        let n = shape.iter().product::<u32>() as usize;
        let data = if int8 {
            let scales = (0..shape[0]).map(|_| 0.001 + 0.01 * self.unit().abs()).collect();
            TensorData::I8 { scales, codes: (0..n).map(|_| self.weight()).collect() }
        } else {
            TensorData::F32(self.units(n))
        };
        Tensor { shape: shape.to_vec(), data }
    }

    fn conv(&mut self, shape: [u32; 4], groups: u32, window: Window, int8: bool) -> Op {
        let weight = self.tensor(&shape, int8);
        Op::Conv(Conv { weight, bias: self.units(shape[0] as usize), window, groups })
    }
}

fn graph(input: [u32; 3], ops: Vec<(Op, &[u32])>, outputs: &[u32]) -> Graph {
    let node = |(i, (op, inputs)): (usize, (Op, &[u32]))| Node {
        name: format!("n{i}"),
        op,
        inputs: inputs.to_vec(),
    };
    let output = |&value: &u32| Output { name: format!("o{value}"), value };
    Graph {
        input,
        nodes: ops.into_iter().enumerate().map(node).collect(),
        outputs: outputs.iter().map(output).collect(),
        codes: vec![],
    }
}

/// Every available set of instructions agrees with the reference: to the bit where the graph's
/// output is made of codes or integer sums, within `tolerance` elsewhere and then among each other.
fn assert_agrees(graph: &Graph, input: &[f32], tolerance: f32) {
    let values = reference::run(graph, input).unwrap();
    let mut first: Option<Vec<Vec<f32>>> = None;
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let mut program = Program::new(graph, isa).unwrap();
        program.run(Input::Floats(&vec![0.3; input.len()]));
        program.run(Input::Floats(input));
        let outputs: Vec<_> =
            (0..graph.outputs.len()).map(|i| program.output(i).to_vec()).collect();
        for (output, seen) in graph.outputs.iter().zip(&outputs) {
            let coding = graph.coding(output.value);
            let wanted = reference::decode(coding, &values[output.value as usize]);
            assert_eq!(seen.len(), wanted.len());
            for (i, (a, b)) in seen.iter().zip(&wanted).enumerate() {
                let close = (a - b).abs() <= tolerance * (1.0 + b.abs());
                assert!(close, "{isa}: {} element {i} is {a}, not {b}", output.name);
            }
        }
        match &first {
            None => first = Some(outputs),
            Some(first) => assert_eq!(first, &outputs, "{isa} differs from plain Rust"),
        }
    }
}

/// A convolution's shape.
#[derive(Debug, Clone, Copy)]
struct Case {
    input: [u32; 3],
    outputs: u32,
    groups: u32,
    window: Window,
    seed: u32,
}

fn cases() -> impl Strategy<Value = Case> {
    let kernel = (1_u32..=5, 1_u32..=5);
    let stride = (1_u32..=3, 1_u32..=3);
    let spatial = (1_u32..=19, 1_u32..=19);
    let channels = prop_oneof![1_u32..=9, 15_u32..=34, Just(40), Just(80)];
    let groups = prop_oneof![4 => Just(0_u32), 1 => Just(1), 1 => Just(2)];
    let outputs = prop_oneof![1_u32..=9, 14_u32..=35, 47_u32..=49, Just(80)];
    let pads = prop::array::uniform4(0_u32..5);
    (kernel, stride, spatial, channels, groups, outputs, pads, 1_u32..).prop_filter_map(
        "the window fits",
        |((kh, kw), (sh, sw), (h, w), channels, kind, outputs, pads, seed)| {
            let limits = [kh, kw, kh, kw];
            let pads = std::array::from_fn(|i| pads[i].min(limits[i] - 1));
            let [top, left, bottom, right] = pads;
            if h + top + bottom < kh || w + left + right < kw {
                return None;
            }
            // Dense, depthwise, or two groups.
            let (input, outputs, groups) = match kind {
                1 if channels > 1 => (channels, channels, channels),
                2 => (2 * channels, 2 * outputs, 2),
                _ => (channels, outputs, 1),
            };
            let window = Window { kernel: [kh, kw], stride: [sh, sw], pads };
            Some(Case { input: [input, h, w], outputs, groups, window, seed })
        },
    )
}

impl Case {
    fn graph(self, noise: &mut Noise, int8: bool, relu: bool) -> Graph {
        let [kh, kw] = self.window.kernel;
        let shape = [self.outputs, self.input[0] / self.groups, kh, kw];
        let conv = noise.conv(shape, self.groups, self.window, int8);
        if relu {
            graph(self.input, vec![(conv, &[0]), (Op::Relu, &[1])], &[2])
        } else {
            graph(self.input, vec![(conv, &[0])], &[1])
        }
    }

    fn input(self, noise: &mut Noise) -> Vec<f32> {
        noise.units(self.input.iter().product::<u32>() as usize)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn f32_convolutions_match(case in cases(), relu: bool) {
        let mut noise = Noise(case.seed);
        let net = case.graph(&mut noise, false, relu);
        assert_agrees(&net, &case.input(&mut noise), 1e-4);
    }

    #[test]
    fn int8_convolutions_match_to_the_bit(case in cases(), relu: bool, coded: bool) {
        let mut noise = Noise(case.seed);
        let mut net = case.graph(&mut noise, true, relu);
        let out = coded.then(|| noise.coding(8.0));
        net.codes = vec![Some(noise.coding(1.0)), None, out];
        if !relu {
            net.codes.remove(1);
        }
        assert_agrees(&net, &case.input(&mut noise), 0.0);
    }

    #[test]
    fn residuals_match_to_the_bit(
        channels in prop_oneof![1_u32..=20, Just(33)],
        side in 1_u32..=13,
        seed in 1_u32..,
        flags in prop::array::uniform3(any::<bool>()),
    ) {
        let [int8, relu, swapped] = flags;
        let mut noise = Noise(seed);
        let same = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
        let conv = |noise: &mut Noise| noise.conv([channels, channels, 3, 3], 1, same, int8);
        let (a, b) = (conv(&mut noise), conv(&mut noise));
        let order: &[u32] = if swapped { &[3, 2] } else { &[2, 3] };
        let mut ops = vec![(a, &[0_u32][..]), (Op::Relu, &[1]), (b, &[2]), (Op::Add, order)];
        if relu {
            ops.push((Op::Relu, &[4]));
        }
        let last = u32::try_from(ops.len()).unwrap();
        let mut net = graph([channels, side, side], ops, &[last]);
        if int8 {
            let mut coded = |reach: f32| Some(noise.coding(reach));
            net.codes = vec![coded(1.0), None, coded(4.0), coded(6.0), None, coded(8.0)];
            if !relu {
                net.codes.remove(4);
            }
        }
        let input = noise.units((channels * side * side) as usize);
        assert_agrees(&net, &input, if int8 { 0.0 } else { 1e-4 });
    }
}

/// Every operation once, with a branch, and the parts that join outside convolutions.
fn everything(noise: &mut Noise, int8: bool) -> Graph {
    let same = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
    let half = Window { kernel: [3, 3], stride: [2, 2], pads: [0, 0, 1, 1] };
    let linear = Op::Linear { weight: noise.tensor(&[5, 12], int8), bias: noise.units(5) };
    let ops: Vec<(Op, &[u32])> = vec![
        (noise.conv([6, 2, 3, 3], 1, half, int8), &[0]), // 1
        (Op::Relu, &[1]),
        (noise.conv([6, 1, 3, 3], 6, same, int8), &[2]), // 3
        (Op::MaxPool(half), &[3]),
        (Op::Upsample2, &[4]),
        (Op::Add, &[2, 5]), // 6
        (Op::Relu, &[6]),
        (Op::Concat, &[7, 3]), // 8
        (Op::GlobalAveragePool, &[8]),
        (linear, &[9]), // 10
        (Op::Softmax, &[10]),
        (Op::Relu, &[8]), // 12
        (Op::Sigmoid, &[4]),
    ];
    graph([2, 16, 20], ops, &[8, 11, 12, 13, 10])
}

#[test]
fn every_operation_matches_in_f32() {
    for seed in 1..20 {
        let mut noise = Noise(seed);
        let net = everything(&mut noise, false);
        assert_agrees(&net, &noise.units(640), 1e-5);
    }
}

#[test]
fn every_operation_matches_in_int8_and_float_steps_read_decoded_codes() {
    for seed in 1..20 {
        let mut noise = Noise(seed);
        let mut net = everything(&mut noise, true);
        let coding = |reach: f32| Some(Affine { scale: reach / 128.0, zero: 100 });
        net.codes = vec![
            coding(1.0),
            None,
            coding(3.0),
            coding(4.0),
            coding(4.0),
            coding(4.0),
            None,
            coding(5.0),
            coding(6.0),
            coding(2.0),
            None,
            None,
            coding(6.0),
            None,
        ];
        assert_agrees(&net, &noise.units(640), 1e-6);
    }
}

#[test]
fn a_layer_kept_in_float_between_integer_ones_matches() {
    let mut noise = Noise(5);
    let same = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
    let ops: Vec<(Op, &[u32])> = vec![
        (noise.conv([8, 3, 3, 3], 1, same, true), &[0]),
        (Op::Relu, &[1]),
        (noise.conv([8, 8, 3, 3], 1, same, false), &[2]),
        (Op::Relu, &[3]),
        (noise.conv([4, 8, 3, 3], 1, same, true), &[4]),
    ];
    let mut net = graph([3, 9, 7], ops, &[5, 4]);
    let coding = |reach: f32| Some(Affine { scale: reach / 255.0, zero: 0 });
    net.codes =
        vec![Some(Affine { scale: 0.01, zero: 128 }), None, coding(4.0), None, coding(9.0), None];
    assert_agrees(&net, &noise.units(189), 0.02);
}

#[test]
fn pixels_are_their_own_codes_where_the_input_says_so() {
    let mut noise = Noise(9);
    let same = Window { kernel: [3, 3], stride: [1, 1], pads: [1; 4] };
    let mut net = graph([1, 8, 8], vec![(noise.conv([4, 1, 3, 3], 1, same, true), &[0])], &[1]);
    let bytes: Vec<u8> = (0..64_u8).map(|i| i.wrapping_mul(37)).collect();
    let numbers: Vec<f32> = bytes.iter().map(|&b| (f32::from(b) - 128.0) / 64.0).collect();
    let agree = |net: &Graph| {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            let mut program = Program::new(net, isa).unwrap();
            program.run(Input::Pixels { bytes: &bytes, mean: 128.0, std: 64.0 });
            let from_bytes = program.output(0).to_vec();
            program.run(Input::Floats(&numbers));
            assert_eq!(from_bytes, program.output(0));
        }
    };
    agree(&net);
    net.codes = vec![Some(Affine { scale: 1.0 / 64.0, zero: 128 }), None];
    agree(&net);
    net.codes = vec![Some(Affine { scale: 0.02, zero: 90 }), None];
    agree(&net);
}

#[test]
fn borders_and_packed_weights_beyond_memory_are_refused() {
    let wide = Window { kernel: [8000, 8000], stride: [1, 1], pads: [7999; 4] };
    let pool = Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] };
    let tiny = Tensor { shape: vec![1, 1, 1, 1], data: TensorData::F32(vec![1.0]) };
    let conv = Conv { weight: tiny, bias: vec![0.0], window: pool, groups: 1 };
    let mut net = graph([1, 4, 4], vec![(Op::Conv(conv), &[0])], &[1]);
    assert!(Program::new(&net, Isa::Portable).is_ok());
    if let Op::Conv(conv) = &mut net.nodes[0].op {
        conv.window = wide;
        conv.weight.shape = vec![1, 1, 8000, 8000];
        conv.weight.data = TensorData::F32(vec![0.0; 64_000_000]);
    }
    let error = Program::new(&net, Isa::Portable).unwrap_err();
    assert!(matches!(error, Unsupported::TooLarge { .. }), "{error}");
}

#[test]
fn instructions_this_processor_lacks_are_refused() {
    let net = graph([1, 2, 2], vec![(Op::Relu, &[0])], &[1]);
    for isa in Isa::ALL.into_iter().filter(|isa| !isa.is_available()) {
        assert_eq!(Program::new(&net, isa).unwrap_err(), Unsupported::Isa(isa));
    }
}

#[test]
fn a_profile_names_what_is_fused() {
    let mut noise = Noise(3);
    let net = everything(&mut noise, false);
    let mut program = Program::new(&net, Isa::best()).unwrap();
    program.run(Input::Floats(&noise.units(640)));
    let costs = program.profile(2);
    assert_eq!(costs[0].operator, "conv f32+relu");
    assert_eq!(costs.iter().map(|cost| cost.macs).sum::<u64>(), net.macs());
    assert!(costs.iter().all(|cost| cost.seconds.is_finite()));
    let value = reference::run(&net, &noise.units(640)).unwrap().pop();
    assert!(matches!(value, Some(Value::Floats(_))));
}
