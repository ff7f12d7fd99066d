//! Sliding windows over H and W: convolutions, their transpose, and pools.

use crate::graph::{Conv, Window};

/// A weight and the input element it meets, as positions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tap {
    pub(super) weight: usize,
    pub(super) input: usize,
}

/// Calls `at` with the taps of each output element, channel by channel, row by row.
pub(super) fn convolve<T>(
    conv: &Conv,
    dilation: [u32; 2],
    [channels, h, w]: [usize; 3],
    at: impl Fn(usize, &[Tap]) -> T,
) -> Vec<T> {
    let outputs = conv.weight.shape[0] as usize;
    let per_group = channels / conv.groups as usize;
    let [kh, kw] = conv.window.kernel.map(|n| n as usize);
    let mut made = Vec::new();
    for o in 0..outputs {
        let first = o / (outputs / conv.groups as usize) * per_group;
        each_window(&conv.window, dilation, [h, w], |cells| {
            let tap = |i: usize, &(ky, kx, y, x): &Cell| Tap {
                weight: ((o * per_group + i) * kh + ky) * kw + kx,
                input: ((first + i) * h + y) * w + x,
            };
            let taps = (0..per_group).flat_map(|i| cells.iter().map(move |cell| tap(i, cell)));
            made.push(at(o, &taps.collect::<Vec<_>>()));
        });
    }
    made
}

/// The transposed convolution: each element adds its kernel to the output around its place.
pub(super) fn scatter(conv: &Conv, [channels, h, w]: [usize; 3], x: &[f32]) -> Vec<f32> {
    let outputs = conv.weight.shape[0] as usize;
    let per_group = channels / conv.groups as usize;
    let weight = conv.weight.to_f32();
    let [kh, kw] = conv.window.kernel.map(|n| n as usize);
    let [sh, sw] = conv.window.stride.map(|n| n as usize);
    let [top, left, bottom, right] = conv.window.pads.map(|n| n as usize);
    let (oh, ow) = ((h - 1) * sh + kh - top - bottom, (w - 1) * sw + kw - left - right);
    let mut made: Vec<f32> = conv.bias.iter().flat_map(|&b| vec![b; oh * ow]).collect();
    for (o, y, column) in places([outputs, h, w]) {
        let first = o / (outputs / conv.groups as usize) * per_group;
        for (i, ky, kx) in places([per_group, kh, kw]) {
            let row = (y * sh + ky).checked_sub(top).filter(|&row| row < oh);
            let col = (column * sw + kx).checked_sub(left).filter(|&col| col < ow);
            let Some((row, col)) = row.zip(col) else { continue };
            let tap = ((o * per_group + i) * kh + ky) * kw + kx;
            let value = x[((first + i) * h + y) * w + column];
            made[(o * oh + row) * ow + col] += weight[tap] * value;
        }
    }
    made
}

/// What `of` makes of the values under each window.
pub(super) fn pool<T: Copy>(
    window: &Window,
    [channels, h, w]: [usize; 3],
    x: &[T],
    of: impl Fn(&[T]) -> T,
) -> Vec<T> {
    let mut made = Vec::new();
    for plane in x.chunks(h * w).take(channels) {
        each_window(window, [1, 1], [h, w], |cells| {
            let values: Vec<T> = cells.iter().map(|&(_, _, y, x)| plane[y * w + x]).collect();
            made.push(of(&values));
        });
    }
    made
}

/// A place of the kernel and the pixel under it: `(ky, kx, y, x)`.
type Cell = (usize, usize, usize, usize);

/// Calls `visit` per output position with the cells that lie in the picture.
fn each_window(
    window: &Window,
    dilation: [u32; 2],
    [h, w]: [usize; 2],
    mut visit: impl FnMut(&[Cell]),
) {
    let [kh, kw] = window.kernel.map(|n| n as usize);
    let [sh, sw] = window.stride.map(|n| n as usize);
    let [dh, dw] = dilation.map(|n| n as usize);
    let [top, left, bottom, right] = window.pads.map(|n| n as usize);
    let (rows, columns) = (h + top + bottom - dh * (kh - 1), w + left + right - dw * (kw - 1));
    for (_, oy, ox) in places([1, (rows - 1) / sh + 1, (columns - 1) / sw + 1]) {
        let inside = places([1, kh, kw]).filter_map(|(_, ky, kx)| {
            let y = (oy * sh + ky * dh).checked_sub(top).filter(|&y| y < h)?;
            let x = (ox * sw + kx * dw).checked_sub(left).filter(|&x| x < w)?;
            Some((ky, kx, y, x))
        });
        visit(&inside.collect::<Vec<_>>());
    }
}

/// Every index of `[C, H, W]`, last axis fastest.
pub(super) fn places([c, h, w]: [usize; 3]) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..c).flat_map(move |c| (0..h).flat_map(move |h| (0..w).map(move |w| (c, h, w))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Tensor, TensorData};

    fn row(weights: &[f32], stride: u32, pads: [u32; 4]) -> Conv {
        let kernel = [1, u32::try_from(weights.len()).unwrap()];
        let data = TensorData::F32(weights.to_vec());
        let weight = Tensor { shape: vec![1, 1, 1, kernel[1]], data };
        let window = Window { kernel, stride: [1, stride], pads };
        Conv { weight, bias: vec![0.5], window, groups: 1 }
    }

    #[test]
    fn a_transposed_convolution_spreads_each_element() {
        let double = row(&[1.0, 2.0, 3.0], 2, [0; 4]);
        assert_eq!(scatter(&double, [1, 1, 2], &[1.0, 10.0]), [1.5, 2.5, 13.5, 20.5, 30.5]);
        let cropped = row(&[1.0, 2.0, 3.0], 2, [0, 1, 0, 0]);
        assert_eq!(scatter(&cropped, [1, 1, 2], &[1.0, 10.0]), [2.5, 13.5, 20.5, 30.5]);
    }

    #[test]
    fn a_dilated_kernel_leaves_gaps() {
        let conv = row(&[1.0, 10.0], 1, [0, 2, 0, 0]);
        let made = convolve(&conv, [1, 2], [1, 1, 4], |_, taps| {
            taps.iter().map(|tap| (tap.weight, tap.input)).collect::<Vec<_>>()
        });
        assert_eq!(made, [vec![(1, 0)], vec![(1, 1)], vec![(0, 0), (1, 2)], vec![(0, 1), (1, 3)]]);
    }

    #[test]
    fn padding_does_not_count_in_a_mean() {
        let window = Window { kernel: [1, 2], stride: [1, 1], pads: [0, 1, 0, 1] };
        let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
        assert_eq!(pool(&window, [1, 1, 2], &[2.0, 4.0], mean), [2.0, 3.0, 4.0]);
    }
}
