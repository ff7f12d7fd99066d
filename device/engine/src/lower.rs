//! A [`Graph`] as a tract model: each node becomes the few tract operators that compute it.
//!
//! int8 weights are widened here, once. Additions, activations and biases after a convolution or a
//! matrix product are left as separate nodes: tract fuses them when it optimises.

mod elementwise;
mod layout;
mod norm;
mod window;

use mien_shared::graph::{self, Graph, Node, Op, Shape};
use tract_core::internal::{
    AxisOp, Datum as _, DatumTypeExt as _, OutletId, SpecialOps as _, Tensor, ToDim as _,
    TractResult, TypedModel, TypedOp, tvec,
};
use tract_core::ops::array::{MultiBroadcastTo, TypedConcat};
use tract_core::ops::cnn::MaxPool;
use tract_core::ops::einsum::EinSum;
use tract_core::ops::math;
use tract_core::ops::nn::{Reduce, Reducer, Softmax, SoftmaxKind, sigmoid};

/// Builds the tract model of a valid graph with its values' `shapes`.
pub(crate) fn lower(graph: &Graph, shapes: &[Shape]) -> TractResult<TypedModel> {
    let mut lowering = Lowering { model: TypedModel::default(), values: Vec::new(), shapes };
    let fact = f32::datum_type().fact(extents(&shapes[0]));
    let input = lowering.model.add_source("input", fact)?;
    lowering.values.push(input);
    for node in &graph.nodes {
        let value = lowering.node(node)?;
        lowering.values.push(value);
    }
    let outputs: Vec<_> = graph.outputs.iter().map(|o| lowering.values[o.value as usize]).collect();
    lowering.model.select_output_outlets(&outputs)?;
    Ok(lowering.model)
}

/// A shape's extents with the batch axis, `[1, C]` or `[1, C, H, W]`.
pub(crate) fn extents(shape: &Shape) -> Vec<usize> {
    [1].into_iter().chain(sizes(shape.dims())).collect()
}

struct Lowering<'a> {
    model: TypedModel,
    /// The tract outlet of each graph value so far.
    values: Vec<OutletId>,
    shapes: &'a [Shape],
}

impl Lowering<'_> {
    fn node(&mut self, node: &Node) -> TractResult<OutletId> {
        // The number keeps names unique whatever the graph says.
        let name = format!("{}.{}", self.values.len(), node.name);
        let inputs: Vec<_> = node.inputs.iter().map(|&v| self.values[v as usize]).collect();
        let shape = self.shapes[node.inputs[0] as usize];
        match &node.op {
            Op::Conv(conv) => self.conv(&name, conv, [1, 1], inputs[0]),
            Op::DilatedConv { conv, dilation } => self.conv(&name, conv, *dilation, inputs[0]),
            Op::ConvTranspose(conv) => self.conv_transpose(&name, conv, inputs[0]),
            Op::Relu => self.with_constant(&name, math::max(), inputs[0], (0.0, shape)),
            Op::Add => self.wire(&name, math::add(), &inputs),
            Op::MaxPool(window) => {
                let channels = shape.channels() as usize;
                let pool_spec = window::pool_spec(window, [channels, channels]);
                self.wire(&name, MaxPool { pool_spec, with_index_outputs: None }, &inputs)
            }
            Op::GlobalAveragePool => self.mean(&name, shape, inputs[0]),
            Op::Upsample2 => self.upsample(&name, shape, inputs[0]),
            Op::Concat => self.wire(&name, TypedConcat { axis: 1 }, &inputs),
            Op::Linear { weight, bias } => self.linear(&name, weight, bias, inputs[0]),
            Op::Softmax => self.softmax(&name, 0, inputs[0]),
            Op::Sigmoid => self.wire(&name, sigmoid(), &inputs),
            Op::AveragePool(window) => self.average_pool(&name, window, shape, inputs[0]),
            Op::GlobalMaxPool => self.over_pixels(&name, Reducer::Max, inputs[0]),
            Op::Activation(activation) => self.activation(&name, *activation, shape, inputs[0]),
            Op::PRelu { slope } => self.prelu(&name, slope, shape, inputs[0]),
            Op::Binary(binary) => self.binary(&name, *binary, &inputs),
            Op::MatMul => {
                let op = EinSum::new("abmk,abkn->abmn".parse()?, f32::datum_type());
                self.wire(&name, op, &inputs)
            }
            Op::SoftmaxOver { axis } => self.softmax(&name, *axis, inputs[0]),
            Op::Norm(norm) => self.norm(&name, norm, shape, inputs[0]),
            Op::L2Normalize { axis, epsilon } => {
                self.unit_length(&name, (*axis, *epsilon), shape, inputs[0])
            }
            _ => self.layout(&name, &node.op, shape, &inputs),
        }
    }

    fn softmax(&mut self, name: &str, axis: u32, input: OutletId) -> TractResult<OutletId> {
        let (axes, kind) = (tvec!(axis as usize + 1), SoftmaxKind::Softmax);
        self.wire(name, Softmax { axes, quant_output_dt: None, kind }, &[input])
    }

    fn wire(
        &mut self,
        name: &str,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> TractResult<OutletId> {
        Ok(self.model.wire_node(name, op, inputs)?[0])
    }

    fn constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> TractResult<OutletId> {
        self.model.add_const(name, Tensor::from_shape(shape, values)?)
    }

    /// `op(input, value)` with `value` broadcast over the input's shape.
    fn with_constant(
        &mut self,
        name: &str,
        op: impl Into<Box<dyn TypedOp>>,
        input: OutletId,
        (value, shape): (f32, Shape),
    ) -> TractResult<OutletId> {
        let ones = vec![1; extents(&shape).len()];
        self.with_constants(name, op, input, (&ones, &[value]))
    }

    /// `op(input, values)` with `values` of an own shape, whose extents of 1 repeat.
    fn with_constants(
        &mut self,
        name: &str,
        op: impl Into<Box<dyn TypedOp>>,
        input: OutletId,
        (shape, values): (&[usize], &[f32]),
    ) -> TractResult<OutletId> {
        let constant = self.constant(&format!("{name}.value"), shape, values)?;
        self.wire(name, op, &[input, constant])
    }

    fn linear(
        &mut self,
        name: &str,
        weight: &graph::Tensor,
        bias: &[f32],
        input: OutletId,
    ) -> TractResult<OutletId> {
        let shape: Vec<_> = sizes(&weight.shape).collect();
        let matrix = self.constant(&format!("{name}.weight"), &shape, &weight.to_f32())?;
        let bias = self.constant(&format!("{name}.bias"), &[1, shape[0]], bias)?;
        let op = EinSum::new("nc,oc->no".parse()?, f32::datum_type());
        let product = self.wire(&format!("{name}.product"), op, &[input, matrix])?;
        self.wire(name, math::add(), &[product, bias])
    }

    fn mean(&mut self, name: &str, shape: Shape, input: OutletId) -> TractResult<OutletId> {
        let pixels = shape.elements() / u64::from(shape.channels());
        let flat = self.over_pixels(&format!("{name}.sum"), Reducer::Sum, input)?;
        let scale = 1.0 / pixels as f32;
        self.with_constant(name, math::mul(), flat, (scale, Shape::Vector([shape.channels()])))
    }

    /// `[1, C, H, W] -> [1, C]`.
    fn over_pixels(
        &mut self,
        name: &str,
        reducer: Reducer,
        input: OutletId,
    ) -> TractResult<OutletId> {
        let reduce = Reduce { axes: tvec!(2, 3), reducer };
        let pixel = self.wire(&format!("{name}.pixel"), reduce, &[input])?;
        let row = self.wire(&format!("{name}.row"), AxisOp::Rm(3), &[pixel])?;
        self.wire(name, AxisOp::Rm(2), &[row])
    }

    /// `[1, C, H, W] -> [1, C, H, 1, W, 1] -> [1, C, H, 2, W, 2] -> [1, C, 2H, 2W]`.
    fn upsample(&mut self, name: &str, shape: Shape, input: OutletId) -> TractResult<OutletId> {
        let &[n, c, h, w] = extents(&shape).as_slice() else { return Ok(input) };
        let tall = self.wire(&format!("{name}.h"), AxisOp::Add(3), &[input])?;
        let wide = self.wire(&format!("{name}.w"), AxisOp::Add(5), &[tall])?;
        let dims = [n, c, h, 2, w, 2].map(|d| d.to_dim());
        let twice = MultiBroadcastTo { shape: dims.iter().cloned().collect() };
        let twice = self.wire(&format!("{name}.twice"), twice, &[wide])?;
        let columns = AxisOp::Reshape(4, tvec!(w.to_dim(), 2.to_dim()), tvec!((2 * w).to_dim()));
        let columns = self.wire(&format!("{name}.columns"), columns, &[twice])?;
        let rows = AxisOp::Reshape(2, tvec!(h.to_dim(), 2.to_dim()), tvec!((2 * h).to_dim()));
        self.wire(name, rows, &[columns])
    }
}

fn sizes(dims: &[u32]) -> impl Iterator<Item = usize> {
    dims.iter().map(|&extent| extent as usize)
}
