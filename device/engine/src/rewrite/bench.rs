//! Small models for the rules' tests, and the claim that a rewrite leaves their results alone.

use mien_shared::graph::Graph;
use tract_core::internal::*;
use tract_core::ops::binary::TypedBinOp;
use tract_core::ops::cnn::{Conv, KernelFormat, PaddingSpec, PoolSpec};
use tract_core::ops::einsum::EinSum;
use tract_core::ops::math;
use tract_core::ops::nn::{DataFormat, Reduce, Reducer};

use super::rewrite;
use crate::fused::{Fused, plain};
use mien_shared::graph::sample::noise;

/// Largest difference that another order of summation explains.
const TOLERANCE: f32 = 1e-4;

/// A model under construction.
pub(crate) struct Bench {
    model: TypedModel,
    /// Its only input.
    pub(crate) input: OutletId,
}

impl Bench {
    pub(crate) fn new(shape: &[usize]) -> Self {
        let mut model = TypedModel::default();
        let input = model.add_source("x", f32::datum_type().fact(shape)).unwrap();
        Self { model, input }
    }

    fn name(&self) -> String {
        format!("n{}", self.model.nodes.len())
    }

    /// A constant of noise of about `size`, never near zero.
    fn constant(&mut self, shape: &[usize], size: f32) -> OutletId {
        let n = shape.iter().product();
        let values: Vec<f32> = noise(n, 5).iter().map(|v| size * (1.0 + v)).collect();
        let name = self.name();
        self.model.add_const(name, Tensor::from_shape(shape, &values).unwrap()).unwrap()
    }

    pub(crate) fn wire(
        &mut self,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> OutletId {
        let name = self.name();
        self.model.wire_node(name, op, inputs).unwrap()[0]
    }

    /// A convolution with a `[O, I / groups, KH, KW]` weight of noise.
    pub(crate) fn conv(
        &mut self,
        input: OutletId,
        weight: [usize; 4],
        group: usize,
        (padding, stride): (PaddingSpec, usize),
    ) -> OutletId {
        let [o, i, kh, kw] = weight;
        let kernel = noise(weight.iter().product(), 3);
        let kernel = Tensor::from_shape(&weight, &kernel).unwrap();
        let name = self.name();
        let kernel = self.model.add_const(name, kernel).unwrap();
        let bias = self.constant(&[o], 0.3);
        let pool_spec = PoolSpec {
            data_format: DataFormat::NCHW,
            kernel_shape: tvec!(kh, kw),
            padding,
            dilations: None,
            strides: Some(tvec!(stride, stride)),
            input_channels: i * group,
            output_channels: o,
        };
        let op = Conv { pool_spec, kernel_fmt: KernelFormat::OIHW, group, q_params: None };
        self.wire(op, &[input, kernel, bias])
    }

    /// An operation with a constant of noise of about `size`.
    pub(crate) fn binary(
        &mut self,
        op: TypedBinOp,
        input: OutletId,
        (shape, size): (&[usize], f32),
        first: bool,
    ) -> OutletId {
        let constant = self.constant(shape, size);
        let inputs = if first { [constant, input] } else { [input, constant] };
        self.wire(op, &inputs)
    }

    /// The mean over `axes`, as ONNX's importer writes it.
    pub(crate) fn mean(&mut self, input: OutletId, axes: &[usize]) -> OutletId {
        let shape = self.model.outlet_fact(input).unwrap().shape.as_concrete().unwrap().to_vec();
        let count: usize = axes.iter().map(|&a| shape[a]).product();
        let op = Reduce { axes: axes.iter().copied().collect(), reducer: Reducer::Sum };
        let sum = self.wire(op, &[input]);
        let ones = vec![1; shape.len()];
        let count = Tensor::from_shape(&ones, &[count as f32]).unwrap();
        let name = self.name();
        let count = self.model.add_const(name, count).unwrap();
        self.wire(math::div(), &[sum, count])
    }

    pub(crate) fn reshape(&mut self, input: OutletId, shape: &[usize]) -> OutletId {
        let from = self.model.outlet_fact(input).unwrap().shape.to_tvec();
        let to = shape.iter().map(ToDim::to_dim).collect();
        self.wire(AxisOp::Reshape(0, from, to), &[input])
    }

    /// A product with a matrix of noise.
    pub(crate) fn einsum(
        &mut self,
        sum: &str,
        input: OutletId,
        shape: &[usize],
        first: bool,
    ) -> OutletId {
        let matrix = self.constant(shape, 0.1);
        let inputs = if first { [matrix, input] } else { [input, matrix] };
        self.wire(EinSum::new(sum.parse().unwrap(), f32::datum_type()), &inputs)
    }

    /// Claims that the rewrite takes `taken` nodes and that `outputs` stay what they were; returns
    /// the graphs it made.
    pub(crate) fn takes(mut self, outputs: &[OutletId], taken: usize) -> Vec<Graph> {
        self.model.select_output_outlets(outputs).unwrap();
        let shape = self.model.outlet_fact(self.input).unwrap().shape.clone();
        let shape = shape.as_concrete().unwrap().to_vec();
        let input = Tensor::from_shape(&shape, &noise(shape.iter().product(), 11)).unwrap();
        let wanted = run(self.model.clone(), &input);
        let coverage = rewrite(&mut self.model, plain::compile).unwrap();
        let graphs = graphs(&self.model);
        assert_eq!(coverage.nodes, taken, "{}", self.model);
        for (seen, wanted) in run(self.model, &input).iter().zip(&wanted) {
            let worst = seen.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert_eq!(seen.len(), wanted.len());
            assert!(worst < TOLERANCE, "differs by {worst}");
        }
        graphs
    }
}

/// The graphs of a model's fused operators.
pub(crate) fn graphs(model: &TypedModel) -> Vec<Graph> {
    let fused = model.nodes.iter().filter_map(|node| node.op_as::<Fused>());
    fused.map(|fused| fused.graph().clone()).collect()
}

/// What a model makes of an input.
pub(crate) fn run(model: TypedModel, input: &Tensor) -> Vec<Vec<f32>> {
    let plan = model.into_optimized().unwrap().into_runnable().unwrap();
    let made = plan.run(tvec!(input.clone().into_tvalue())).unwrap();
    made.iter().map(|v| v.try_as_plain_ram().unwrap().as_slice::<f32>().unwrap().to_vec()).collect()
}
