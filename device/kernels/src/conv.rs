//! Convolutions over bordered `[H, W, C]` maps: one contiguous run of inputs per kernel row.
//!
//! ```text
//! for a block of V output vectors, for a segment of columns, for each row, for each P pixels:
//!     acc[P][V] = bias
//!     for each tap (kernel row), for each k of its run:   weights[V] read once,
//!         acc[p][v] += x[p + k] · w[k][v]                 inputs broadcast
//!     finish acc: residual, relu, codes; store
//! ```
//!
//! In integers k counts groups of four inputs; a run's last group may read past its end, where
//! weights are zero. A depthwise convolution takes a vector of channels at a time, each its own
//! group; its taps are the kernel's elements and its inputs are vectors.

pub(crate) mod finish;
pub(crate) mod float;
pub(crate) mod integer;
pub(crate) mod kernel;
mod packing;
pub(crate) mod products;
pub(crate) mod tiling;

use mien_shared::graph::Conv;

use self::tiling::{Budget, Tiling};
use crate::arena::{Map, SLACK};

/// Whether `conv` has one input and one output channel per group.
pub(crate) fn is_depthwise(conv: &Conv) -> bool {
    conv.groups > 1 && conv.weight.shape[0] == conv.groups && conv.weight.shape[1] == 1
}

/// Where a convolution reads and writes.
#[derive(Debug, Clone)]
pub(crate) struct Geometry {
    pub(crate) input: Map,
    pub(crate) output: Map,
    /// Offsets of the runs from a window's first element.
    pub(crate) taps: Vec<usize>,
    /// Elements of a run.
    pub(crate) run: usize,
    /// Elements between windows: rows, columns.
    pub(crate) steps: [usize; 2],
    /// Position of the first window.
    pub(crate) origin: usize,
    /// Input and output channels of a group; a depthwise convolution's last one may have fewer.
    pub(crate) per_group: [usize; 2],
    pub(crate) groups: usize,
    pub(crate) tiling: Tiling,
}

impl Geometry {
    /// The geometry of `conv` on vectors of `lanes`, tiles within `budget`.
    ///
    /// # Panics
    /// When a window reaches outside the input's buffer: the border is laid out for it.
    pub(crate) fn new(
        conv: &Conv,
        [input, output]: [Map; 2],
        (lanes, budget): (usize, Budget),
    ) -> Self {
        let [channels, ..] = input.shape;
        let [kh, kw] = conv.window.kernel.map(|n| n as usize);
        let [top, left, ..] = conv.window.pads.map(|n| n as usize);
        let [sh, sw] = conv.window.stride.map(|n| n as usize);
        let (groups, per_group) = if is_depthwise(conv) {
            (channels.div_ceil(lanes), [lanes; 2])
        } else {
            let groups = conv.groups as usize;
            (groups, [channels / groups, output.shape[0] / groups])
        };
        let (taps, run) = if conv.groups == 1 {
            ((0..kh).map(|y| y * input.row()).collect(), kw * channels)
        } else {
            let tap = |y: usize| (0..kw).map(move |x| y * input.row() + x * channels);
            ((0..kh).flat_map(tap).collect(), conv.weight.shape[1] as usize)
        };
        let origin = input.at([0, 0, 0]) - top * input.row() - left * channels;
        let tiling = Tiling::new(output.shape[2], per_group[1].div_ceil(lanes), budget);
        let steps = [sh.saturating_mul(input.row()), sw.saturating_mul(channels)];
        let made = Self { input, output, taps, run, steps, origin, per_group, groups, tiling };
        assert!(made.reach() <= input.elements(), "a window reaches outside its input");
        made
    }

    /// One past the last element of any window.
    fn reach(&self) -> usize {
        let [_, rows, columns] = self.output.shape;
        let last_window = self.origin + (rows - 1) * self.steps[0] + (columns - 1) * self.steps[1];
        let last_group = (self.groups - 1) * self.per_group[0];
        last_window + last_group + self.last_tap() + self.run
    }

    /// Elements from the first of `pixels` windows to one past the last that is read, where
    /// products take `depth` elements of a run each and read `width`.
    pub(crate) fn extent(&self, pixels: usize, [depth, width]: [usize; 2]) -> usize {
        debug_assert!(depth.max(width) <= SLACK, "the slack is too short");
        let last_product = (self.run - 1) / depth * depth;
        (pixels - 1) * self.steps[1] + self.last_tap() + last_product + width
    }

    fn last_tap(&self) -> usize {
        self.taps.last().copied().unwrap_or(0)
    }
}
