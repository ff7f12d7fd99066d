//! A graph as one operator of a tract plan.
//!
//! The operator reads one tensor and makes one or more. Graphs compute on `[C, H, W]`; where the
//! tract model lays a tensor out in another order, the operator moves the elements on its way in
//! or out. Its state holds the executor and every buffer, so that a run allocates nothing as long
//! as the caller has let go of the outputs of the run before.

use std::sync::Arc;

use mien_kernels::{Input, Isa, Program};
use mien_shared::graph::Graph;
use tract_core::internal::{
    Cost, Datum as _, DatumTypeExt as _, EvalContext, EvalOp, IntoTValue as _, LaneId, Op, OpState,
    StaticName, TDim, TValue, TVec, Tensor, ToDim as _, TractErrorContext as _, TractResult,
    TypedFact, TypedOp, as_op, ensure, not_out_of_plan, op_as_typed_op, tvec,
};

use crate::rewrite::view::Axis;

/// Runs one graph.
pub(crate) trait Executor: std::fmt::Debug + Send + Sync {
    /// Computes every output of the graph, `[C, H, W]`, from its input, `[C, H, W]`.
    ///
    /// # Errors
    /// When the graph cannot be computed.
    fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> TractResult<()>;

    /// The same executor with buffers of its own.
    fn boxed(&self) -> Box<dyn Executor>;

    /// How many products must come with each element that enters or leaves, so that moving it in
    /// and out of the executor's own layout pays.
    fn toll(&self) -> u64 {
        0
    }
}

impl Clone for Box<dyn Executor> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// Makes an executor for a graph that it can run.
pub(crate) type Compile = fn(&Graph) -> Option<Box<dyn Executor>>;

/// Our kernels, on the processor's best instructions.
pub(crate) const COMPILE: Compile = Kernels::compile;

/// A graph on our kernels.
#[derive(Debug)]
struct Kernels(Program);

impl Kernels {
    fn compile(graph: &Graph) -> Option<Box<dyn Executor>> {
        Some(Box::new(Self(Program::new(graph, Isa::best()).ok()?)))
    }
}

impl Executor for Kernels {
    fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> TractResult<()> {
        self.0.run(Input::Floats(input));
        for (i, output) in outputs.iter_mut().enumerate() {
            output.copy_from_slice(self.0.output(i));
        }
        Ok(())
    }

    fn boxed(&self) -> Box<dyn Executor> {
        Box::new(Self(self.0.clone()))
    }

    /// Fewer products make networks of many small segments slower than stock tract.
    fn toll(&self) -> u64 {
        128
    }
}

/// The operator.
#[derive(Debug, Clone)]
pub(crate) struct Fused {
    graph: Arc<Graph>,
    input: Port,
    outputs: Vec<Port>,
    executor: Box<dyn Executor>,
}

/// A tensor at the edge of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    /// The tensor's extents.
    shape: Vec<usize>,
    /// The value's `[C, H, W]`.
    dims: [usize; 3],
    /// How far apart neighbours along C, H and W lie in the tensor.
    strides: [usize; 3],
}

impl Port {
    /// A tensor of `shape` that holds a value of `dims`, axes in `order`, slowest first.
    pub(crate) fn new(shape: Vec<usize>, dims: [usize; 3], order: &[Axis]) -> Self {
        let mut strides = [1; 3];
        let mut stride = 1;
        for &axis in order.iter().rev() {
            strides[axis as usize] = stride;
            stride *= axis.extent(dims);
        }
        Self { shape, dims, strides }
    }

    /// Whether the tensor's elements are in the value's own order.
    fn is_plain(&self) -> bool {
        let [c, h, w] = self.dims;
        let natural = [h * w, w, 1];
        let [wide_c, wide_h, wide_w] = [c, h, w].map(|extent| extent > 1);
        (!wide_c || self.strides[0] == natural[0])
            && (!wide_h || self.strides[1] == natural[1])
            && (!wide_w || self.strides[2] == natural[2])
    }

    /// Number of elements.
    fn elements(&self) -> usize {
        self.dims.iter().product()
    }

    /// The elements' places in the tensor, in the value's order.
    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let [c, h, w] = self.dims;
        let [sc, sh, sw] = self.strides;
        (0..c).flat_map(move |c| {
            (0..h).flat_map(move |h| (0..w).map(move |w| c * sc + h * sh + w * sw))
        })
    }

    /// A tensor's elements in the value's order.
    fn gather(&self, tensor: &[f32], value: &mut [f32]) {
        for (to, place) in value.iter_mut().zip(self.places()) {
            *to = tensor[place];
        }
    }

    /// A value's elements in the tensor's order.
    fn scatter(&self, value: &[f32], tensor: &mut [f32]) {
        for (from, place) in value.iter().zip(self.places()) {
            tensor[place] = *from;
        }
    }
}

impl Fused {
    /// The operator for `graph`, if `compile` can execute it and it pays the executor's toll; one
    /// port for each of its outputs.
    pub(crate) fn new(
        graph: Graph,
        input: Port,
        outputs: Vec<Port>,
        compile: Compile,
    ) -> Option<Self> {
        let executor = compile(&graph)?;
        let moved: usize = outputs.iter().chain([&input]).map(Port::elements).sum();
        if graph.macs() < executor.toll().saturating_mul(moved as u64) {
            return None;
        }
        Some(Self { graph: Arc::new(graph), input, outputs, executor })
    }

    /// What it computes.
    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }
}

impl PartialEq for Fused {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.graph, &other.graph)
    }
}

impl Eq for Fused {}

impl Op for Fused {
    fn name(&self) -> StaticName {
        "Fused".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Fused {
    not_out_of_plan!();

    fn state(&self, _: &EvalContext<'_>) -> TractResult<Option<Box<dyn OpState>>> {
        let buffer = |port: &Port| vec![0.0; if port.is_plain() { 0 } else { port.elements() }];
        let tensor = |port: &Port| Ok(Arc::new(Tensor::zero::<f32>(&port.shape)?));
        Ok(Some(Box::new(FusedState {
            executor: self.executor.clone(),
            input: buffer(&self.input),
            buffers: self.outputs.iter().map(buffer).collect(),
            tensors: self.outputs.iter().map(tensor).collect::<TractResult<_>>()?,
        })))
    }
}

impl TypedOp for Fused {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let given = inputs.first().and_then(|fact| fact.shape.as_concrete());
        ensure!(given == Some(&self.input.shape), "a fused operator reads {:?}", self.input.shape);
        Ok(self.outputs.iter().map(|port| f32::datum_type().fact(&port.shape)).collect())
    }

    fn cost(&self, _: &[&TypedFact]) -> TractResult<TVec<(Cost, TDim)>> {
        Ok(tvec!((Cost::FMA(f32::datum_type()), self.graph.macs().to_dim())))
    }

    as_op!();
}

/// An executor and the buffers of one plan's state.
#[derive(Debug, Clone)]
struct FusedState {
    executor: Box<dyn Executor>,
    /// The input in the value's order; empty when the tensor is in that order.
    input: Vec<f32>,
    /// Each output in the value's order; empty when the tensor is in that order.
    buffers: Vec<Vec<f32>>,
    tensors: Vec<Arc<Tensor>>,
}

impl OpState for FusedState {
    fn eval(
        &mut self,
        _: &EvalContext<'_>,
        op: &dyn Op,
        inputs: TVec<TValue>,
    ) -> TractResult<TVec<TValue>> {
        let fused = op.downcast_ref::<Fused>().context("the state of another operator")?;
        let given = inputs.first().context("no input")?.try_as_plain_ram()?.as_slice::<f32>()?;
        ensure!(given.len() == fused.input.elements(), "{} elements given", given.len());
        self.reclaim(fused)?;
        let input = if fused.input.is_plain() {
            given
        } else {
            fused.input.gather(given, &mut self.input);
            &self.input
        };
        {
            let made = self.tensors.iter_mut().zip(&mut self.buffers);
            let slices = made.map(|(tensor, buffer)| slice(tensor, buffer));
            let mut slices = slices.collect::<TractResult<TVec<_>>>()?;
            self.executor.run(input, &mut slices)?;
        }
        let ports = fused.outputs.iter().zip(&self.buffers).zip(&mut self.tensors);
        for ((port, buffer), tensor) in ports.filter(|((port, _), _)| !port.is_plain()) {
            port.scatter(buffer, elements(tensor)?);
        }
        Ok(self.tensors.iter().map(|tensor| Arc::clone(tensor).into_tvalue()).collect())
    }

    fn reset_lanes(&mut self, _: &[LaneId]) -> TractResult<()> {
        Ok(())
    }
}

impl FusedState {
    /// Replaces each output tensor that someone still holds.
    fn reclaim(&mut self, fused: &Fused) -> TractResult<()> {
        for (tensor, port) in self.tensors.iter_mut().zip(&fused.outputs) {
            if Arc::get_mut(tensor).is_none() {
                *tensor = Arc::new(Tensor::zero::<f32>(&port.shape)?);
            }
        }
        Ok(())
    }
}

/// Where an executor writes an output: its buffer, or the tensor itself when that is plain.
fn slice<'a>(tensor: &'a mut Arc<Tensor>, buffer: &'a mut [f32]) -> TractResult<&'a mut [f32]> {
    if buffer.is_empty() { elements(tensor) } else { Ok(buffer) }
}

/// The elements of a tensor that nobody else holds.
fn elements(tensor: &mut Arc<Tensor>) -> TractResult<&mut [f32]> {
    let own = Arc::get_mut(tensor).context("an output is still held")?;
    own.to_plain_array_view_mut::<f32>()?.into_slice().context("an output has gaps")
}

/// An executor by the graph's own definition, the measure of every faster one.
#[cfg(test)]
pub(crate) mod plain {
    use mien_shared::graph::reference;

    use super::*;

    #[derive(Debug)]
    struct Plain(Graph);

    /// Runs any valid graph, slowly.
    #[expect(clippy::unnecessary_wraps, reason = "as `Compile` wants it")]
    pub(crate) fn compile(graph: &Graph) -> Option<Box<dyn Executor>> {
        Some(Box::new(Plain(graph.clone())))
    }

    impl Executor for Plain {
        fn run(&mut self, input: &[f32], outputs: &mut [&mut [f32]]) -> TractResult<()> {
            let values = reference::run(&self.0, input)?;
            for (output, slice) in self.0.outputs.iter().zip(outputs) {
                let value = &values[output.value as usize];
                slice.copy_from_slice(&reference::decode(self.0.coding(output.value), value));
            }
            Ok(())
        }

        fn boxed(&self) -> Box<dyn Executor> {
            Box::new(Self(self.0.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::Op as GraphOp;

    use super::*;
    use crate::reference;

    #[test]
    fn a_graph_that_multiplies_too_little_for_what_it_moves_is_refused() {
        #[derive(Debug)]
        struct Costly;
        impl Executor for Costly {
            fn run(&mut self, _: &[f32], _: &mut [&mut [f32]]) -> TractResult<()> {
                Ok(())
            }
            fn boxed(&self) -> Box<dyn Executor> {
                Box::new(Self)
            }
            fn toll(&self) -> u64 {
                4
            }
        }
        // 2 channels of 16 pixels in, 3 out: 96 products for 80 elements.
        for (kernel, fits) in [([1, 1], false), ([3, 3], true)] {
            let window = reference::window(kernel, [1, 1], [kernel[0] / 2; 4]);
            let conv = reference::conv([3, 2, kernel[0], kernel[1]], 1, window);
            let graph =
                reference::graph([2, 4, 4], vec![reference::node("c", GraphOp::Conv(conv), &[0])]);
            let port = |c| Port::new(vec![1, c, 4, 4], [c, 4, 4], &Axis::ALL);
            let fused = Fused::new(graph, port(2), vec![port(3)], |_| Some(Box::new(Costly)));
            assert_eq!(fused.is_some(), fits);
        }
    }

    #[test]
    fn a_port_moves_elements_to_the_values_order_and_back() {
        let port = Port::new(vec![1, 1, 2, 3], [3, 1, 2], &[Axis::W, Axis::C]);
        assert!(!port.is_plain());
        let tensor = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let mut value = [0.0; 6];
        port.gather(&tensor, &mut value);
        assert_eq!(value.map(f32::to_bits), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0_f32].map(f32::to_bits));
        let mut back = [0.0; 6];
        port.scatter(&value, &mut back);
        assert_eq!(back.map(f32::to_bits), tensor.map(f32::to_bits));
    }

    #[test]
    fn a_port_whose_wide_axes_are_in_order_is_plain() {
        let chw = [Axis::C, Axis::H, Axis::W];
        assert!(Port::new(vec![1, 3, 4, 5], [3, 4, 5], &chw).is_plain());
        assert!(Port::new(vec![1, 4, 5, 1], [1, 4, 5], &[Axis::H, Axis::W]).is_plain());
        assert!(!Port::new(vec![1, 4, 5, 3], [3, 4, 5], &[Axis::H, Axis::W, Axis::C]).is_plain());
    }
}
