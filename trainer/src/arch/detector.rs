//! `cells_s`: Mien's face detector, a small single-shot network without anchors.
//!
//! ```text
//! [N, 1, 128, 160]
//!   down 0   3×3/2, 16            64×80
//!   down 1   3×3/2, 24            32×40
//!   down 2   3×3/2, 40 + block    16×20  ────────────────┐ fine
//!   down 3   3×3/2, 48 + block     8×10  ───────┐ middle │
//!   down 4   3×3/2, 48 + block     4×5   coarse │        │
//!   middle + up2(coarse) ───────────────────────┘        │
//!   fine + up2(1×1, 40 of that) ─────────────────────────┘
//!   head     3×3, 48; 1×1, 15 -> [N, 15, 16, 20]
//! ```
//!
//! 183,007 parameters and 30 M multiply-accumulates. A cell sees the whole picture through
//! the coarse path, so a face may fill the frame or be two cells wide. Dense convolutions only:
//! they are what the device's engine does best. What the 15 channels mean is stated in
//! [`mien_shared::detection`].

use burn::{
    module::{Module, Param},
    nn::{
        Initializer, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
    },
    tensor::{Device, Tensor, activation::relu},
};
use mien_shared::{
    detection::CELL_CHANNELS,
    input::{Color, InputSpec},
};

use super::blocks::{ConvBn, ConvBnConfig, Residual};
use crate::export::{Builder, Lower, Value};

/// Channels after each halving of the picture.
const WIDTHS: [usize; 5] = [16, 24, 40, 48, 48];
/// Channels between the head's two convolutions.
const HEAD: usize = 48;

/// What a fresh head says everywhere: a face is unlikely (1 %, the prior of Lin et al. 2017,
/// arXiv 1708.02002), five strides wide and six high, with the points of a mean face.
const FRESH_CELL: [f32; CELL_CHANNELS] =
    [-4.6, 0.0, 0.0, 1.6, 1.8, -0.18, -0.19, 0.18, -0.19, 0.0, 0.05, -0.14, 0.22, 0.14, 0.22];

/// The network.
#[derive(Module, Debug)]
pub struct Detector {
    down: Vec<ConvBn>,
    blocks: Vec<Residual>,
    merge: ConvBn,
    head: ConvBn,
    cells: Conv2d,
}

impl Detector {
    /// Input pixels per cell.
    pub const STRIDE: u32 = 8;

    /// The picture it wants.
    pub const INPUT: InputSpec =
        InputSpec { width: 160, height: 128, color: Color::Grey, mean: 128.0, std: 64.0 };

    /// Rows and columns of cells.
    pub const GRID: [usize; 2] =
        [(Self::INPUT.height / Self::STRIDE) as usize, (Self::INPUT.width / Self::STRIDE) as usize];

    /// The network with fresh weights.
    pub fn new(device: &Device) -> Self {
        let channels = [1].into_iter().chain(WIDTHS).collect::<Vec<_>>();
        let down = channels
            .windows(2)
            .map(|w| ConvBnConfig::new(w[0], w[1], 3).with_stride(2).init(device))
            .collect();
        Self {
            down,
            blocks: WIDTHS[2..].iter().map(|&width| Residual::new(width, device)).collect(),
            merge: ConvBnConfig::new(WIDTHS[3], WIDTHS[2], 1).init(device),
            head: ConvBnConfig::new(WIDTHS[2], HEAD, 3).init(device),
            cells: fresh_cells(device),
        }
    }

    /// Cells.
    ///
    /// # Shapes
    /// `[N, 1, 128, 160] -> [N, 15, 16, 20]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.down[1].forward_relu(self.down[0].forward_relu(x));
        let fine = self.blocks[0].forward(self.down[2].forward_relu(x));
        let middle = self.blocks[1].forward(self.down[3].forward_relu(fine.clone()));
        let coarse = self.blocks[2].forward(self.down[4].forward_relu(middle.clone()));
        let middle = middle + upsample2(coarse);
        let fine = relu(fine + upsample2(self.merge.forward(middle)));
        self.cells.forward(self.head.forward_relu(fine))
    }
}

impl Lower for Detector {
    fn lower(&self, graph: &mut Builder) {
        let x = self.down[0].lower_relu(graph, "down0", Value::INPUT);
        let x = self.down[1].lower_relu(graph, "down1", x);
        let level = |graph: &mut Builder, i: usize, x| {
            let x = self.down[i + 2].lower_relu(graph, &format!("down{}", i + 2), x);
            self.blocks[i].lower(graph, &format!("block{}", i + 2), x)
        };
        let fine = level(graph, 0, x);
        let middle = level(graph, 1, fine);
        let coarse = level(graph, 2, middle);
        let up = graph.upsample2("coarse.up", coarse);
        let middle = graph.add("middle.add", middle, up);
        let up = self.merge.lower(graph, "merge", middle);
        let up = graph.upsample2("middle.up", up);
        let fine = graph.add("fine.add", fine, up);
        let fine = graph.relu("fine.relu", fine);
        let head = self.head.lower_relu(graph, "head", fine);
        let cells = graph.conv("cells", &self.cells, head);
        graph.output("cells", cells);
    }
}

/// Each value four times: `[N, C, H, W] -> [N, C, 2H, 2W]`.
fn upsample2(x: Tensor<4>) -> Tensor<4> {
    let [n, c, rows, cols] = x.dims();
    x.reshape([n, c, rows, 1, cols, 1]).expand([n, c, rows, 2, cols, 2]).reshape([
        n,
        c,
        2 * rows,
        2 * cols,
    ])
}

fn fresh_cells(device: &Device) -> Conv2d {
    let mut cells = Conv2dConfig::new([HEAD, CELL_CHANNELS], [1, 1])
        .with_padding(PaddingConfig2d::Explicit(0, 0, 0, 0))
        .with_initializer(Initializer::Normal { mean: 0.0, std: 0.01 })
        .init(device);
    cells.bias = Some(Param::from_tensor(Tensor::from_floats(FRESH_CELL, device)));
    cells
}

#[cfg(test)]
mod tests {
    use burn::module::Module as _;

    use super::*;
    use crate::export::lower;

    #[test]
    fn a_picture_gives_sixteen_by_twenty_cells() {
        let device = Device::default();
        let cells = Detector::new(&device).forward(Tensor::zeros([2, 1, 128, 160], &device));
        assert_eq!(cells.dims(), [2, 15, 16, 20]);
        assert_eq!(Detector::GRID, [16, 20]);
    }

    #[test]
    fn it_is_as_small_as_it_says() {
        // 183,007 weights and 1,072 running statistics.
        assert_eq!(Detector::new(&Device::default()).num_params(), 184_079);
    }

    #[test]
    fn enlarging_repeats_each_value_four_times() {
        let x = Tensor::<4>::from_floats([[[[1.0, 2.0], [3.0, 4.0]]]], &Device::default());
        let y: Vec<f32> = upsample2(x).into_data().iter::<f32>().collect();
        let expected = [1., 1., 2., 2., 1., 1., 2., 2., 3., 3., 4., 4., 3., 3., 4., 4.];
        assert_eq!(y, expected);
    }

    #[test]
    fn a_fresh_network_expects_no_face_anywhere() {
        let device = Device::default();
        let cells = Detector::new(&device).forward(Tensor::zeros([1, 1, 128, 160], &device));
        let scores = cells.narrow(1, 0, 1).max().into_scalar::<f32>();
        assert!(scores < -3.0, "{scores}");
    }

    #[test]
    fn the_graph_reads_a_picture_and_gives_cells() {
        let graph = lower(&Detector::new(&Device::default()), [1, 128, 160]);
        assert_eq!(graph.outputs.len(), 1);
        assert_eq!(graph.outputs[0].name, "cells");
        assert_eq!(graph.outputs[0].value as usize, graph.nodes.len());
    }
}
