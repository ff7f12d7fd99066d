//! Runs Mien's networks: the one engine of the device and of the trainer's checks.
//!
//! ```text
//! Graph --all covered--> program of kernels ------------------------------------------> run
//! Graph --else, lower--> TypedModel --rewrite--> our operators among tract's --> plan --> run
//! ONNX  ---------------> TypedModel --rewrite--> our operators among tract's --> plan --> run
//! ```
//!
//! [`mien_kernels`] brings fused operators for this processor. A graph that they cover from end to
//! end runs as one program, in integers where its values are coded; what they do not cover runs in
//! tract, in f32, with our operators wherever a run of nodes allows. A bundle carries no ONNX, so
//! that a small board starts fast and needs no parser.
//!
//! Nothing here knows what a network means: scores, labels and temperatures belong to the caller.

mod explain;
mod fused;
mod lower;
#[cfg(feature = "onnx")]
mod onnx;
mod plan;
#[cfg(test)]
mod reference;
mod rewrite;

use mien_kernels::{Input, Unsupported};
use mien_shared::{
    bundle::{Bundle, BundleError, Golden},
    frame::Grey,
    graph::{Graph, GraphError},
    input::InputSpec,
};
use tract_core::prelude::TractError;

pub use self::explain::NodeInfo;
#[cfg(feature = "onnx")]
pub use self::onnx::{Limits, OnnxError};
use self::plan::Plan;
pub use mien_kernels::{Isa, Peak, peak};

/// A network ready to run, with the buffers of one caller.
#[derive(Debug)]
pub struct Engine {
    plan: Plan,
    input: Vec<usize>,
    outputs: Vec<Output>,
}

/// How a network is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// In which arithmetic.
    pub arithmetic: Arithmetic,
    /// With which instructions our kernels run; nothing leaves every operator to tract, in f32.
    pub isa: Option<Isa>,
}

impl Default for Choice {
    /// The arithmetic the graph was made for, on the processor's best instructions.
    fn default() -> Self {
        Self { arithmetic: Arithmetic::AsMade, isa: Some(Isa::best()) }
    }
}

/// The numbers a network computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arithmetic {
    /// Integers where values are coded, else f32.
    #[default]
    AsMade,
    /// f32 throughout; codes are ignored and int8 weights widened.
    F32,
    /// As made, but refused when no value is coded.
    Int8,
}

impl Engine {
    /// Prepares a bundle's network to run as it was made.
    ///
    /// # Errors
    /// As [`Engine::load_as`].
    pub fn load(bundle: &Bundle) -> Result<Self, EngineError> {
        Self::load_as(bundle, Choice::default())
    }

    /// Prepares a bundle's network to run as `choice` says.
    ///
    /// # Errors
    /// [`EngineError::Bundle`] when the bundle contradicts itself, else as [`Engine::with`].
    pub fn load_as(bundle: &Bundle, choice: Choice) -> Result<Self, EngineError> {
        bundle.validate()?;
        Self::with(&bundle.graph, choice)
    }

    /// Prepares a network to run as it was made.
    ///
    /// # Errors
    /// As [`Engine::with`].
    pub fn new(graph: &Graph) -> Result<Self, EngineError> {
        Self::with(graph, Choice::default())
    }

    /// Prepares a network to run as `choice` says.
    ///
    /// # Errors
    /// [`EngineError::Graph`] when the graph breaks a rule of [`Graph::validate`],
    /// [`EngineError::NotCoded`] when integers are asked of a graph without codes,
    /// [`EngineError::Kernels`] when a coded graph has a node without a kernel or the processor
    /// lacks the instructions, [`EngineError::Tract`] when tract refuses the network.
    pub fn with(graph: &Graph, choice: Choice) -> Result<Self, EngineError> {
        let shapes = graph.validate()?;
        let extents = |value: usize| lower::extents(&shapes[value]);
        let outputs = graph
            .outputs
            .iter()
            .map(|o| Output { name: o.name.clone(), shape: extents(o.value as usize) })
            .collect();
        Ok(Self { plan: Plan::new(graph, &shapes, choice)?, input: extents(0), outputs })
    }

    /// Runs the network once: `fill` writes the input, `[1, C, H, W]` row by row.
    ///
    /// # Errors
    /// [`EngineError::Tract`] when an operator of tract fails.
    pub fn run(&mut self, fill: impl FnOnce(&mut [f32])) -> Result<Outputs<'_>, EngineError> {
        match &mut self.plan {
            Plan::Kernels(kernels) => {
                fill(&mut kernels.input);
                kernels.program.run(Input::Floats(&kernels.input));
            }
            Plan::Tract(tract) => tract.run(fill)?,
        }
        Ok(Outputs { outputs: &self.outputs, plan: &self.plan })
    }

    /// Runs the network once on a picture, normalised as `spec` says.
    ///
    /// # Errors
    /// [`EngineError::Tract`] when an operator of tract fails.
    ///
    /// # Panics
    /// When `picture` is not of the size `spec` states, or that is not the network's.
    pub fn look(&mut self, picture: &Grey, spec: &InputSpec) -> Result<Outputs<'_>, EngineError> {
        match &mut self.plan {
            Plan::Kernels(kernels) => {
                let InputSpec { mean, std, .. } = *spec;
                kernels.program.run(Input::Pixels { bytes: &picture.data, mean, std });
            }
            Plan::Tract(tract) => tract.run(|input| spec.normalize(picture, input))?,
        }
        Ok(Outputs { outputs: &self.outputs, plan: &self.plan })
    }

    /// The extents of the input that [`Engine::run`] fills, last axis fastest.
    pub fn input_shape(&self) -> &[usize] {
        &self.input
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
        Self::verify_as(bundle, Choice::default())
    }

    /// [`Engine::verify`], run as `choice` says.
    ///
    /// # Errors
    /// As [`Engine::verify`].
    pub fn verify_as(bundle: &Bundle, choice: Choice) -> Result<f32, EngineError> {
        if bundle.goldens.is_empty() {
            return Err(EngineError::NoGolden);
        }
        let mut engine = Self::load_as(bundle, choice)?;
        let mut worst = 0.0_f32;
        for golden in &bundle.goldens {
            worst = worst.max(engine.difference(&bundle.manifest.input, golden)?);
        }
        Ok(worst)
    }

    /// The largest difference to one golden of a validated bundle.
    fn difference(&mut self, spec: &InputSpec, golden: &Golden) -> Result<f32, EngineError> {
        let picture = Grey { width: spec.width, height: spec.height, data: golden.input.clone() };
        let outputs = self.look(&picture, spec)?;
        let pairs = outputs.iter().zip(&golden.outputs);
        let worst = pairs.map(|((_, seen), wanted)| largest_difference(seen, wanted));
        Ok(worst.fold(0.0, f32::max))
    }
}

/// What one run yielded, borrowed from the engine until its next run.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    outputs: &'a [Output],
    plan: &'a Plan,
}

impl<'a> Outputs<'a> {
    /// The values of the output of that name, last axis fastest.
    pub fn get(&self, name: &str) -> Option<&'a [f32]> {
        self.iter().find(|&(n, _)| n == name).map(|(_, values)| values)
    }

    /// Every output in the graph's order, with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a [f32])> + use<'a> {
        let plan = self.plan;
        self.outputs.iter().enumerate().map(move |(i, o)| (o.name.as_str(), plan.output(i)))
    }

    /// Number of outputs.
    pub fn len(&self) -> usize {
        self.outputs.len()
    }

    /// Whether the network has no output; never true of a network that was built.
    pub fn is_empty(&self) -> bool {
        self.outputs.is_empty()
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
    /// Integers are asked of a network that was made for f32.
    #[error("the network has no int8 arithmetic; quantise it with `mien-trainer quantise`")]
    NotCoded,
    /// A coded graph cannot run on our kernels, and nothing else computes in integers.
    #[error("{0}; export the network with `--precision weights-int8` instead")]
    Kernels(#[from] Unsupported),
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

/// The largest absolute difference of two slices of one length; infinite for a NaN.
fn largest_difference(seen: &[f32], wanted: &[f32]) -> f32 {
    let differences = seen.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    // `f32::max` would hide a NaN.
    differences.fold(0.0, |worst, d| if d.is_nan() { f32::INFINITY } else { worst.max(d) })
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::{Affine, Op, TensorData, sample};

    use super::*;
    use crate::reference::{self, conv, graph, node, output, tensor, window};

    /// Largest difference to the reference that rounding explains.
    const TOLERANCE: f32 = 1e-5;

    /// tract alone.
    const STOCK: Choice = Choice { arithmetic: Arithmetic::F32, isa: None };

    fn assert_matches(net: &Graph) {
        let input = sample::noise(net.input.iter().product::<u32>() as usize, 11);
        let wanted = reference::run(net, &input);
        for choice in [Choice::default(), STOCK] {
            let mut engine = Engine::with(net, choice).unwrap();
            let outputs = engine.run(|x| x.copy_from_slice(&input)).unwrap();
            for (output, wanted) in net.outputs.iter().zip(&wanted) {
                let seen = outputs.get(&output.name).unwrap();
                assert_eq!(seen.len(), wanted.len());
                let worst = largest_difference(seen, wanted);
                assert!(worst < TOLERANCE, "`{}` differs by {worst}", output.name);
            }
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
    fn a_covered_graph_runs_on_kernels_alone_and_any_graph_on_tract_alone() {
        let same = window([3, 3], [1, 1], [1; 4]);
        let net = one([32, 24, 24], Op::Conv(conv([32, 32, 3, 3], 1, same)));
        let ours = Engine::new(&net).unwrap().explain(1);
        assert_eq!(ours[0].operator, "conv f32");
        assert_eq!(ours[0].macs, 32 * 32 * 9 * 24 * 24);
        assert!(ours[0].seconds.is_some_and(f64::is_finite));
        let theirs = Engine::with(&net, STOCK).unwrap().explain(1);
        assert!(theirs.iter().all(|node| node.isa.is_none()), "{theirs:?}");
        assert_eq!(theirs.iter().filter(|node| node.operator == "OptMatMul").count(), 1);
    }

    #[test]
    fn a_graph_with_one_strange_node_runs_on_kernels_around_it() {
        let same = window([3, 3], [1, 1], [1; 4]);
        let net = graph(
            [64, 5, 4],
            vec![
                node("a", Op::Conv(conv([64, 64, 3, 3], 1, same)), &[0]),
                node("strange", Op::PRelu { slope: vec![0.25; 64] }, &[1]),
                node("b", Op::Conv(conv([64, 64, 3, 3], 1, same)), &[2]),
            ],
        );
        let input = sample::noise(64 * 20, 11);
        let wanted = reference::run(&net, &input);
        let mut engine = Engine::new(&net).unwrap();
        let outputs = engine.run(|x| x.copy_from_slice(&input)).unwrap();
        // Sums of a thousand products.
        assert!(largest_difference(outputs.get("y").unwrap(), &wanted[0]) < 20.0 * TOLERANCE);
        let nodes = Engine::new(&net).unwrap().explain(1);
        let ours = nodes.iter().filter(|node| node.isa.is_some()).count();
        assert!(ours >= 2 && ours < nodes.len(), "{nodes:?}");
    }

    /// A convolution in integers whose sums leave as numbers.
    fn coded() -> Graph {
        let mut op = conv([4, 2, 3, 3], 1, window([3, 3], [1, 1], [1; 4]));
        let codes = (0..72).map(|i| i8::try_from(i * 3 - 100).unwrap()).collect();
        op.weight.data = TensorData::I8 { scales: vec![0.01; 4], codes };
        let mut net = one([2, 5, 6], Op::Conv(op));
        net.codes = vec![Some(Affine { scale: 1.0 / 64.0, zero: 128 }), None];
        net
    }

    #[test]
    fn integers_are_the_references_to_the_bit_and_f32_ignores_codes() {
        let net = coded();
        let input = sample::noise(60, 11);
        let wanted = reference::run(&net, &input);
        let mut engine = Engine::new(&net).unwrap();
        assert_eq!(engine.explain(0)[0].operator, "conv int8");
        let outputs = engine.run(|x| x.copy_from_slice(&input)).unwrap();
        assert_eq!(outputs.get("y").unwrap(), wanted[0]);
        let plain = Graph { codes: vec![], ..net.clone() };
        let wanted = reference::run(&plain, &input);
        for isa in [None, Some(Isa::best())] {
            let choice = Choice { arithmetic: Arithmetic::F32, isa };
            let mut engine = Engine::with(&net, choice).unwrap();
            let outputs = engine.run(|x| x.copy_from_slice(&input)).unwrap();
            assert!(largest_difference(outputs.get("y").unwrap(), &wanted[0]) < TOLERANCE);
        }
    }

    #[test]
    fn integers_are_refused_where_nothing_is_coded_or_a_node_has_no_kernel() {
        let int8 = Choice { arithmetic: Arithmetic::Int8, ..Choice::default() };
        let error = Engine::with(&one([1, 2, 2], Op::Relu), int8).unwrap_err();
        assert!(matches!(error, EngineError::NotCoded));
        let mut net = coded();
        net.nodes.push(node("strange", Op::PRelu { slope: vec![0.5; 4] }, &[1]));
        net.codes.push(None);
        let error = Engine::new(&net).unwrap_err().to_string();
        assert_eq!(
            error,
            "node \"strange\" (prelu) has no kernel; \
             export the network with `--precision weights-int8` instead"
        );
    }

    #[test]
    fn a_picture_is_normalised_on_its_way_in() {
        let spec = reference::bundle().manifest.input;
        let picture = Grey { width: 4, height: 6, data: (0..24).map(|i| i * 10).collect() };
        for choice in [Choice::default(), STOCK] {
            let bundle = reference::bundle();
            let mut engine = Engine::load_as(&bundle, choice).unwrap();
            let seen = engine.look(&picture, &spec).unwrap().get("logits").unwrap().to_vec();
            let wanted = engine.run(|x| spec.normalize(&picture, x)).unwrap();
            assert_eq!(seen, wanted.get("logits").unwrap());
        }
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
