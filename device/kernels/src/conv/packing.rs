//! Weights and biases in the order the kernels read them.

use mien_shared::graph::Conv;

use super::Geometry;

/// How the weights of a convolution are laid out for vectors of `lanes`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packing<'a> {
    pub(crate) conv: &'a Conv,
    pub(crate) geometry: &'a Geometry,
    pub(crate) lanes: usize,
}

impl Packing<'_> {
    /// Per group and vector: one value a lane, of its output channel; nothing past the last.
    fn vectors(&self) -> impl Iterator<Item = Vec<Option<usize>>> + '_ {
        let outputs = self.geometry.per_group[1];
        let channel = move |group: usize, i: usize| {
            let channel = group * outputs + i;
            (i < outputs && channel < self.conv.bias.len()).then_some(channel)
        };
        let vector = move |(group, first): (usize, usize)| {
            (first..first + self.lanes).map(move |i| channel(group, i)).collect()
        };
        let firsts = move |group| (0..outputs).step_by(self.lanes).map(move |i| (group, i));
        (0..self.geometry.groups).flat_map(firsts).map(vector)
    }

    /// Per group and vector, `lanes` values; the default past the last channel.
    pub(crate) fn per_channel<T: Default>(&self, of: impl Fn(usize) -> T) -> Vec<T> {
        self.vectors().flatten().map(|channel| channel.map_or_else(T::default, &of)).collect()
    }

    /// Per group and vector, per tap, per `DEPTH` elements of its run: calls `vector` with `DEPTH`
    /// elements of `weight`, `[O, I / groups, KH, KW]`, for each lane; the default past the last
    /// channel and the end of a run.
    pub(crate) fn weights<T: Copy + Default, const DEPTH: usize>(
        &self,
        weight: &[T],
        mut vector: impl FnMut(&[[T; DEPTH]]),
    ) {
        for channels in self.vectors() {
            for place in self.places(DEPTH) {
                let lane = |&channel| self.lane(weight, channel, place);
                vector(&channels.iter().map(lane).collect::<Vec<_>>());
            }
        }
    }

    /// `DEPTH` weights of an output channel from element `k` of `tap`'s run on.
    fn lane<T: Copy + Default, const DEPTH: usize>(
        &self,
        weight: &[T],
        channel: Option<usize>,
        [tap, k]: [usize; 2],
    ) -> [T; DEPTH] {
        let at = |k| channel.and_then(|channel| self.weight(weight, channel, [tap, k]));
        std::array::from_fn(|j| at(k + j).unwrap_or_default())
    }

    /// Every tap with every `depth`-th element of its run.
    fn places(&self, depth: usize) -> impl Iterator<Item = [usize; 2]> + use<> {
        let run = self.geometry.run;
        let of_tap = move |tap| (0..run).step_by(depth).map(move |k| [tap, k]);
        (0..self.geometry.taps.len()).flat_map(of_tap)
    }

    /// The weight of output channel `output` that meets element `k` of `tap`'s run, if there is one.
    fn weight<T: Copy>(&self, weight: &[T], output: usize, [tap, k]: [usize; 2]) -> Option<T> {
        let [kh, kw] = self.conv.window.kernel.map(|n| n as usize);
        let inputs = self.conv.weight.shape[1] as usize;
        let [row, column, input] = if self.conv.groups == 1 {
            [tap, k / inputs, k % inputs]
        } else {
            [tap / kw, tap % kw, k]
        };
        let at = ((output * inputs + input) * kh + row) * kw + column;
        (k < self.geometry.run).then(|| weight[at])
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::{Tensor, TensorData, Window};

    use super::*;
    use crate::{arena::Map, conv::tiling::Budget};

    /// The packed weights and channels of a convolution whose weights count from 1.
    fn packed<const DEPTH: usize>(shape: [u32; 4], groups: u32) -> (Vec<f32>, Vec<usize>) {
        let [outputs, per_group, kh, kw] = shape.map(|n| n as usize);
        let n = u16::try_from(outputs * per_group * kh * kw).unwrap();
        let data = TensorData::F32((1..=n).map(f32::from).collect());
        let weight = Tensor { shape: shape.to_vec(), data };
        let window = Window { kernel: [shape[2], shape[3]], stride: [1, 1], pads: [0; 4] };
        let conv = Conv { weight, bias: vec![0.0; outputs], window, groups };
        let map = |channels| Map { value: 0, shape: [channels, kh, kw], border: [0; 4] };
        let output = Map { shape: [outputs, 1, 1], ..map(outputs) };
        let budget = Budget { registers: 16, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
        let maps = [map(per_group * groups as usize), output];
        let geometry = Geometry::new(&conv, maps, (2, budget));
        let packing = Packing { conv: &conv, geometry: &geometry, lanes: 2 };
        let mut weights = Vec::new();
        packing.weights::<f32, DEPTH>(&conv.weight.to_f32(), |lanes| {
            weights.extend(lanes.iter().flatten());
        });
        (weights, packing.per_channel(|channel| channel + 1))
    }

    #[test]
    fn channels_of_a_kernel_row_lie_side_by_side() {
        // Output channels 1..=6, 7..=12, 13..=18 of two inputs of a row of three.
        let (weights, channels) = packed::<1>([3, 2, 1, 3], 1);
        let first = [1.0, 7.0, 4.0, 10.0, 2.0, 8.0, 5.0, 11.0, 3.0, 9.0, 6.0, 12.0];
        let second = [13.0, 0.0, 16.0, 0.0, 14.0, 0.0, 17.0, 0.0, 15.0, 0.0, 18.0, 0.0];
        assert_eq!(weights, [first, second].concat());
        assert_eq!(channels, [1, 2, 3, 0]);
    }

    #[test]
    fn runs_are_filled_to_whole_products() {
        let (weights, _) = packed::<4>([1, 3, 2, 1], 1);
        let rows =
            [[1.0, 3.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0], [2.0, 4.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0]];
        assert_eq!(weights, rows.concat());
    }

    #[test]
    fn the_last_vector_of_a_depthwise_convolution_may_be_partial() {
        let (weights, channels) = packed::<1>([3, 1, 1, 2], 3);
        assert_eq!(weights, [1.0, 3.0, 2.0, 4.0, 5.0, 0.0, 6.0, 0.0]);
        assert_eq!(channels, [1, 2, 3, 0]);
    }

    #[test]
    fn groups_start_vectors_of_their_own() {
        let (weights, channels) = packed::<1>([2, 2, 1, 1], 2);
        assert_eq!(weights, [1.0, 0.0, 2.0, 0.0, 3.0, 0.0, 4.0, 0.0]);
        assert_eq!(channels, [1, 0, 2, 0]);
    }
}
