//! Runs Mien's model graphs with tract: the one engine of the device and of the trainer's checks.
//!
//! A [`Graph`] becomes a tract plan directly, without ONNX in between, so that a small board starts
//! fast and carries no parser it does not need. int8 weights are widened once, at load; arithmetic
//! is f32 on the calling thread.
//!
//! ```text
//! Graph --validate--> shapes --lower--> TypedModel --declutter, optimise--> plan --run--> slices
//! ```
//!
//! Nothing here knows what a network means: scores, labels and temperatures belong to the caller.

mod explain;
#[cfg(feature = "onnx")]
mod fused;
mod lower;
#[cfg(feature = "onnx")]
mod onnx;
#[cfg(test)]
mod reference;
#[cfg(feature = "onnx")]
mod rewrite;

pub use self::explain::NodeInfo;
#[cfg(feature = "onnx")]
pub use self::onnx::{Limits, OnnxError};

use std::sync::Arc;

use mien_shared::{
    bundle::{Bundle, BundleError, Golden},
    frame::Grey,
    graph::{Graph, GraphError},
    input::InputSpec,
};
use tract_core::internal::{IntoRunnable as _, Tensor, TypedModel, TypedSimpleState, tvec};
use tract_core::prelude::{IntoTValue as _, TValue, TVec, TractError, TractResult};

/// A network ready to run, with the buffers of one caller.
#[derive(Debug)]
pub struct Engine {
    state: TypedSimpleState,
    input: Arc<Tensor>,
    outputs: Vec<Output>,
    values: TVec<TValue>,
}

impl Engine {
    /// Builds the plan for a bundle's network.
    ///
    /// # Errors
    /// [`EngineError::Bundle`] when the bundle contradicts itself, else as [`Engine::new`].
    pub fn load(bundle: &Bundle) -> Result<Self, EngineError> {
        bundle.validate()?;
        Self::new(&bundle.graph)
    }

    /// Builds the plan for a network.
    ///
    /// # Errors
    /// [`EngineError::Graph`] when the graph breaks a rule of [`Graph::validate`],
    /// [`EngineError::Tract`] when tract refuses the network.
    pub fn new(graph: &Graph) -> Result<Self, EngineError> {
        let shapes = graph.validate()?;
        let model = lower::lower(graph, &shapes)?;
        let extents = |value: usize| lower::extents(&shapes[value]);
        let outputs = graph
            .outputs
            .iter()
            .map(|o| Output { name: o.name.clone(), shape: extents(o.value as usize) })
            .collect();
        let input = Arc::new(Tensor::zero::<f32>(&extents(0))?);
        Ok(Self { state: plan(model)?, input, outputs, values: tvec!() })
    }

    /// Runs the network once: `fill` writes the input, `[1, C, H, W]` row by row.
    ///
    /// # Errors
    /// [`EngineError::Tract`] when an operator fails.
    pub fn run(&mut self, fill: impl FnOnce(&mut [f32])) -> Result<Outputs<'_>, EngineError> {
        self.values.clear();
        let tensor = Arc::make_mut(&mut self.input);
        fill(tensor.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?);
        self.values = self.state.run(tvec!(Arc::clone(&self.input).into_tvalue()))?;
        for value in &self.values {
            value.try_as_plain_ram()?.as_slice::<f32>()?;
        }
        Ok(Outputs { outputs: &self.outputs, values: &self.values })
    }

    /// The extents of the input that [`Engine::run`] fills, last axis fastest.
    pub fn input_shape(&self) -> &[usize] {
        self.input.shape()
    }

    /// The shape of the output of that name, `[1, C]` or `[1, C, H, W]`.
    pub fn output_shape(&self, name: &str) -> Option<&[usize]> {
        self.outputs.iter().find(|o| o.name == name).map(|o| o.shape.as_slice())
    }

    /// Runs every golden of a bundle and returns the largest absolute difference to its outputs.
    ///
    /// # Errors
    /// As [`Engine::load`] and [`Engine::run`]; [`EngineError::NoGolden`] when there is none.
    pub fn verify(bundle: &Bundle) -> Result<f32, EngineError> {
        if bundle.goldens.is_empty() {
            return Err(EngineError::NoGolden);
        }
        let mut engine = Self::load(bundle)?;
        let mut worst = 0.0_f32;
        for golden in &bundle.goldens {
            worst = worst.max(engine.difference(&bundle.manifest.input, golden)?);
        }
        Ok(worst)
    }

    /// The operators of the optimised plan in no particular order, for a look at what tract made.
    pub fn operators(&self) -> Vec<String> {
        self.state.model().nodes.iter().map(|node| node.op.name().into_owned()).collect()
    }

    /// The largest difference to one golden of a validated bundle.
    fn difference(&mut self, spec: &InputSpec, golden: &Golden) -> Result<f32, EngineError> {
        let picture = Grey { width: spec.width, height: spec.height, data: golden.input.clone() };
        let outputs = self.run(|input| spec.normalize(&picture, input))?;
        let pairs = outputs.iter().zip(&golden.outputs);
        let worst = pairs.map(|((_, seen), wanted)| largest_difference(seen, wanted));
        Ok(worst.fold(0.0, f32::max))
    }
}

/// What one run yielded, borrowed from the engine until its next run.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    outputs: &'a [Output],
    values: &'a [TValue],
}

impl<'a> Outputs<'a> {
    /// The values of the output of that name, last axis fastest.
    pub fn get(&self, name: &str) -> Option<&'a [f32]> {
        self.iter().find(|&(n, _)| n == name).map(|(_, values)| values)
    }

    /// Every output in the graph's order, with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a [f32])> + use<'a> {
        self.outputs.iter().zip(self.values).map(|(o, v)| (o.name.as_str(), slice(v)))
    }

    /// Number of outputs.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the network has no output; never true of a network that was built.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Why a network cannot be built or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The bundle contradicts itself.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The graph contradicts itself.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The ONNX file is refused.
    #[cfg(feature = "onnx")]
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    /// There is nothing to compare with.
    #[error("the bundle has no golden to compare with; export it again")]
    NoGolden,
    /// tract refused the network or failed to run it.
    #[error("tract: {0:#}")]
    Tract(TractError),
}

impl From<TractError> for EngineError {
    fn from(error: TractError) -> Self {
        Self::Tract(error)
    }
}

#[derive(Debug)]
struct Output {
    name: String,
    shape: Vec<usize>,
}

fn plan(model: TypedModel) -> TractResult<TypedSimpleState> {
    TypedSimpleState::new(&model.into_optimized()?.into_runnable()?)
}

/// The values of a checked output; `run` has seen that they are plain f32.
fn slice(value: &TValue) -> &[f32] {
    value.try_as_plain_ram().ok().and_then(|view| view.as_slice().ok()).unwrap_or(&[])
}

/// The largest absolute difference of two slices of one length; infinite for a NaN.
fn largest_difference(seen: &[f32], wanted: &[f32]) -> f32 {
    let differences = seen.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    // `f32::max` would hide a NaN.
    differences.fold(0.0, |worst, d| if d.is_nan() { f32::INFINITY } else { worst.max(d) })
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::{Op, TensorData, sample};

    use super::*;
    use crate::reference::{self, conv, graph, node, output, tensor, window};

    /// Largest difference to the reference that rounding explains.
    const TOLERANCE: f32 = 1e-5;

    fn assert_matches(net: &Graph) {
        let input = sample::noise(net.input.iter().product::<u32>() as usize, 11);
        let wanted = reference::run(net, &input);
        let mut engine = Engine::new(net).unwrap();
        let outputs = engine.run(|x| x.copy_from_slice(&input)).unwrap();
        for (output, wanted) in net.outputs.iter().zip(&wanted) {
            let seen = outputs.get(&output.name).unwrap();
            assert_eq!(seen.len(), wanted.len());
            let worst = largest_difference(seen, wanted);
            assert!(worst < TOLERANCE, "`{}` differs by {worst}", output.name);
        }
    }

    fn one(input: [u32; 3], op: Op) -> Graph {
        graph(input, vec![node("op", op, &[0])])
    }

    #[test]
    fn a_convolution_with_asymmetric_pads_and_a_stride_matches() {
        for pads in [[0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 2, 1], [1, 1, 1, 1]] {
            let op = conv([5, 3, 3, 3], 1, window([3, 3], [2, 2], pads));
            assert_matches(&one([3, 9, 12], Op::Conv(op)));
        }
    }

    #[test]
    fn a_convolution_with_unequal_kernel_and_stride_matches() {
        let op = conv([4, 2, 5, 1], 1, window([5, 1], [1, 3], [2, 0, 2, 0]));
        assert_matches(&one([2, 7, 10], Op::Conv(op)));
    }

    #[test]
    fn pointwise_depthwise_and_grouped_convolutions_match() {
        let point = conv([7, 6, 1, 1], 1, window([1, 1], [1, 1], [0; 4]));
        assert_matches(&one([6, 5, 9], Op::Conv(point)));
        for stride in [1, 2] {
            let depth = conv([6, 1, 3, 3], 6, window([3, 3], [stride, stride], [1; 4]));
            assert_matches(&one([6, 8, 9], Op::Conv(depth)));
        }
        let grouped = conv([6, 2, 3, 3], 3, window([3, 3], [1, 1], [1; 4]));
        assert_matches(&one([6, 8, 9], Op::Conv(grouped)));
    }

    #[test]
    fn padding_never_wins_a_max_pool() {
        let input = [-3.0, -1.0, -4.0, -2.0];
        let pool = Op::MaxPool(window([3, 3], [1, 1], [1; 4]));
        let mut engine = Engine::new(&one([1, 2, 2], pool)).unwrap();
        let outputs = engine.run(|x| x.copy_from_slice(&input)).unwrap();
        assert_eq!(outputs.get("y").unwrap(), [-1.0; 4]);
    }

    #[test]
    fn max_pools_match() {
        for (kernel, stride, pads) in
            [(2, 2, [0; 4]), (3, 2, [1; 4]), (3, 2, [0, 0, 1, 1]), (2, 1, [1, 0, 0, 1])]
        {
            let pool = window([kernel, kernel], [stride, stride], pads);
            assert_matches(&one([3, 8, 11], Op::MaxPool(pool)));
        }
    }

    #[test]
    fn every_elementwise_and_shape_operator_matches() {
        for op in [Op::Relu, Op::Sigmoid, Op::Softmax, Op::GlobalAveragePool, Op::Upsample2] {
            assert_matches(&one([3, 5, 7], op));
        }
    }

    #[test]
    fn every_sample_matches() {
        for sample in sample::operations() {
            let wanted = reference::run(&sample.graph, &sample.input).remove(0);
            let mut engine = Engine::new(&sample.graph).unwrap();
            let outputs = engine.run(|x| x.copy_from_slice(&sample.input)).unwrap();
            let seen = outputs.get("y").unwrap();
            assert_eq!(seen.len(), wanted.len(), "{}", sample.name);
            let worst = largest_difference(seen, &wanted);
            assert!(worst < TOLERANCE, "{} differs by {worst}", sample.name);
        }
    }

    #[test]
    fn a_network_with_skips_and_two_outputs_matches() {
        let same = window([3, 3], [1, 1], [1; 4]);
        let half = window([3, 3], [2, 2], [1; 4]);
        let mut net = graph(
            [1, 16, 12],
            vec![
                node("stem", Op::Conv(conv([8, 1, 3, 3], 1, half)), &[0]),
                node("stem.relu", Op::Relu, &[1]),
                node("deep", Op::Conv(conv([8, 8, 3, 3], 1, half)), &[2]),
                node("deep.relu", Op::Relu, &[3]),
                node("up", Op::Upsample2, &[4]),
                node("skip", Op::Add, &[5, 2]),
                node("both", Op::Concat, &[6, 2]),
                node("cells", Op::Conv(conv([3, 16, 3, 3], 1, same)), &[7]),
                node("mean", Op::GlobalAveragePool, &[7]),
                node(
                    "head",
                    Op::Linear { weight: tensor(&[4, 16]), bias: sample::noise(4, 5) },
                    &[9],
                ),
                node("probs", Op::Softmax, &[10]),
            ],
        );
        net.outputs = vec![output("cells", 8), output("probs", 11), output("stem", 2)];
        assert_matches(&net);
        let engine = Engine::new(&net).unwrap();
        assert_eq!(engine.output_shape("cells"), Some([1, 3, 8, 6].as_slice()));
        assert_eq!(engine.output_shape("probs"), Some([1, 4].as_slice()));
        assert_eq!(engine.output_shape("absent"), None);
    }

    #[test]
    fn int8_weights_are_codes_times_their_rows_scale() {
        let mut op = conv([2, 1, 1, 1], 1, window([1, 1], [1, 1], [0; 4]));
        op.weight.data = TensorData::I8 { scales: vec![0.5, 0.01], codes: vec![-4, 127] };
        op.bias = vec![0.0, 1.0];
        let mut engine = Engine::new(&one([1, 1, 1], Op::Conv(op))).unwrap();
        let outputs = engine.run(|x| x[0] = 1.0).unwrap();
        assert_eq!(outputs.get("y").unwrap(), [-2.0, 2.27]);
    }

    #[test]
    fn a_second_run_sees_only_its_own_input() {
        let net = one([1, 1, 2], Op::Relu);
        let mut engine = Engine::new(&net).unwrap();
        engine.run(|x| x.copy_from_slice(&[5.0, 6.0])).unwrap();
        let outputs = engine.run(|x| x.copy_from_slice(&[-1.0, 2.0])).unwrap();
        assert_eq!(outputs.get("y").unwrap(), [0.0, 2.0]);
    }

    #[test]
    fn an_input_that_is_also_an_output_survives_the_next_run() {
        let mut net = one([1, 1, 1], Op::Relu);
        net.outputs = vec![output("x", 0)];
        let mut engine = Engine::new(&net).unwrap();
        engine.run(|x| x[0] = 5.0).unwrap();
        let outputs = engine.run(|x| x[0] = -7.0).unwrap();
        assert_eq!(outputs.get("x").unwrap(), [-7.0]);
    }

    #[test]
    fn a_dense_convolution_becomes_one_packed_matrix_product() {
        let same = window([3, 3], [1, 1], [1; 4]);
        let net = one([32, 24, 24], Op::Conv(conv([32, 32, 3, 3], 1, same)));
        let operators = Engine::new(&net).unwrap().operators();
        let products = operators.iter().filter(|op| *op == "OptMatMul").count();
        assert_eq!(products, 1, "{operators:?}");
    }

    #[test]
    fn verify_measures_the_worst_golden() {
        let mut bundle = reference::bundle();
        assert!(Engine::verify(&bundle).unwrap() < TOLERANCE);
        bundle.goldens[1].outputs[0][2] += 0.25;
        let worst = Engine::verify(&bundle).unwrap();
        assert!((worst - 0.25).abs() < TOLERANCE, "{worst}");
    }

    #[test]
    fn verify_refuses_a_bundle_without_goldens() {
        let mut bundle = reference::bundle();
        bundle.goldens.clear();
        assert!(matches!(Engine::verify(&bundle), Err(EngineError::NoGolden)));
    }

    #[test]
    fn a_bundle_whose_input_and_graph_differ_is_refused() {
        let mut bundle = reference::bundle();
        bundle.manifest.input.width += 1;
        assert!(matches!(Engine::load(&bundle), Err(EngineError::Bundle(_))));
    }

    #[test]
    fn a_nan_is_an_infinite_difference() {
        assert!(largest_difference(&[f32::NAN, 1.0], &[0.0, 1.0]).is_infinite());
    }
}
