//! Every rule, by a graph that breaks it.

use super::*;
use crate::graph::{
    Activation, Binary, Conv, Norm, NormOver, Op, Output, PadMode, Resample, Tensor, TensorData,
    Window,
};

fn ones(shape: &[u32]) -> Tensor {
    let size = shape.iter().product::<u32>() as usize;
    Tensor { shape: shape.to_vec(), data: TensorData::F32(vec![1.0; size]) }
}

fn conv(weight: [u32; 4], stride: u32, pad: u32, groups: u32) -> Op {
    let window = Window { kernel: [weight[2], weight[3]], stride: [stride; 2], pads: [pad; 4] };
    let bias = vec![0.0; weight[0] as usize];
    Op::Conv(Conv { weight: ones(&weight), bias, window, groups })
}

fn node(name: &str, op: Op, inputs: &[u32]) -> Node {
    Node { name: name.into(), op, inputs: inputs.to_vec() }
}

fn output(name: &str, value: u32) -> Output {
    Output { name: name.into(), value }
}

/// Every operation once, on a 1×8×12 input.
fn all_operations() -> Graph {
    let half = Window { kernel: [3, 3], stride: [2, 2], pads: [0, 0, 1, 1] };
    let linear = Op::Linear { weight: ones(&[5, 8]), bias: vec![0.0; 5] };
    Graph {
        input: [1, 8, 12],
        nodes: vec![
            node("stem", conv([4, 1, 3, 3], 1, 1, 1), &[0]),
            node("depthwise", conv([4, 1, 3, 3], 1, 1, 4), &[1]),
            node("relu", Op::Relu, &[2]),
            node("add", Op::Add, &[1, 3]),
            node("pool", Op::MaxPool(half), &[4]),
            node("up", Op::Upsample2, &[5]),
            node("join", Op::Concat, &[6, 4]),
            node("mean", Op::GlobalAveragePool, &[7]),
            node("linear", linear, &[8]),
            node("softmax", Op::Softmax, &[9]),
            node("sigmoid", Op::Sigmoid, &[5]),
        ],
        outputs: vec![output("probs", 10), output("map", 11)],
        codes: vec![],
    }
}

/// What `all_operations` says after one change.
fn after(change: impl FnOnce(&mut Graph)) -> Result<Shapes, GraphError> {
    let mut graph = all_operations();
    change(&mut graph);
    graph.validate()
}

/// The fault of a single operation on a 4×8×12 input.
fn fault(op: Op, inputs: &[u32]) -> ShapeFault {
    let nodes = vec![node("n", op, inputs)];
    let graph = Graph { input: [4, 8, 12], nodes, outputs: vec![output("o", 1)], codes: vec![] };
    match graph.validate() {
        Err(GraphError::Shape { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_operation_has_its_shape() {
    use Shape::{Map, Vector};
    let shapes = all_operations().validate().unwrap();
    let map = Map([4, 8, 12]);
    let half = Map([4, 4, 6]);
    assert_eq!(
        shapes,
        [
            Map([1, 8, 12]),
            map,
            map,
            map,
            map,
            half,
            map,
            Map([8, 8, 12]),
            Vector([8]),
            Vector([5]),
            Vector([5]),
            half,
        ]
    );
}

#[test]
fn work_and_parameters_are_counted() {
    // Two convolutions of 4·8·12 outputs with 9 products each, and a 5×8 matrix.
    assert_eq!(all_operations().macs(), 2 * 384 * 9 + 40);
    // Two convolutions of 4·9 weights and 4 biases, and the matrix with 5 biases.
    assert_eq!(all_operations().parameters(), 2 * 40 + 45);
}

#[test]
fn an_unpadded_strided_convolution_rounds_down() {
    let nodes = vec![node("n", conv([2, 1, 3, 3], 2, 0, 1), &[0])];
    let graph = Graph { input: [1, 48, 64], nodes, outputs: vec![output("o", 1)], codes: vec![] };
    assert_eq!(graph.validate().unwrap()[1], Shape::Map([2, 23, 31]));
}

#[test]
fn a_value_is_read_only_after_it_is_made() {
    let error = after(|graph| graph.nodes[2].inputs = vec![3]).unwrap_err();
    assert_eq!(error, GraphError::Order { node: "relu".into(), value: 3 });
    let error = after(|graph| graph.nodes[0].inputs = vec![u32::MAX]).unwrap_err();
    assert_eq!(error, GraphError::Order { node: "stem".into(), value: u32::MAX });
}

#[test]
fn names_are_unique_and_not_empty() {
    let error = after(|graph| graph.nodes[1].name = "stem".into()).unwrap_err();
    assert_eq!(error, GraphError::Name { what: "node", name: "stem".into() });
    let error = after(|graph| graph.nodes[1].name.clear()).unwrap_err();
    assert_eq!(error, GraphError::Name { what: "node", name: String::new() });
    let error = after(|graph| graph.outputs[1].name = "probs".into()).unwrap_err();
    assert_eq!(error, GraphError::Name { what: "output", name: "probs".into() });
}

#[test]
fn outputs_exist() {
    let error = after(|graph| graph.outputs[1].value = 12).unwrap_err();
    assert_eq!(error, GraphError::Output { output: "map".into(), value: 12, last: 11 });
    assert_eq!(after(|graph| graph.outputs.clear()), Err(GraphError::NoOutputs));
}

#[test]
fn inputs_and_counts_stay_within_limits() {
    for input in [[0, 8, 12], [1, 8193, 1], [8192, 8192, 2], [u32::MAX; 3]] {
        assert_eq!(after(|graph| graph.input = input), Err(GraphError::Input { input }));
    }
    let relu = |index: u32| node(&format!("r{index}"), Op::Relu, &[index]);
    let many = after(|graph| graph.nodes = (0..4097).map(relu).collect());
    assert_eq!(many, Err(GraphError::TooMany { what: "nodes", count: 4097, limit: 4096 }));
}

#[test]
fn values_that_would_fill_the_memory_are_refused() {
    // The eighth value alone holds 64·1024·1024 elements, the limit.
    let nodes = (0..9).map(|i| node(&format!("up{i}"), Op::Upsample2, &[i])).collect();
    let graph = Graph { input: [64, 8, 8], nodes, outputs: vec![output("o", 9)], codes: vec![] };
    assert_eq!(graph.validate(), Err(GraphError::TooLarge { node: "up6".into() }));
    assert_eq!(graph.macs(), 0);
}

#[test]
fn codings_are_sound_and_one_per_value() {
    let coding = |scale| Some(Affine { scale, zero: 3 });
    assert!(after(|graph| graph.codes = vec![coding(0.5); 12]).is_ok());
    let error = after(|graph| graph.codes = vec![coding(0.5); 11]);
    assert_eq!(error, Err(GraphError::CodingCount { codings: 11, values: 12 }));
    for scale in [0.0, -1.0, f32::INFINITY] {
        let error = after(|graph| {
            graph.codes = vec![None; 12];
            graph.codes[4] = coding(scale);
        });
        assert_eq!(error, Err(GraphError::Coding { value: 4, scale }));
    }
}

#[test]
fn bad_weights_name_their_node() {
    let error = after(|graph| {
        let Op::Conv(conv) = &mut graph.nodes[0].op else { panic!() };
        conv.bias.pop();
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "node \"stem\" has a bad bias: 3 biases for 4 output channels"
    );
    let error = after(|graph| {
        let Op::Linear { weight, .. } = &mut graph.nodes[8].op else { panic!() };
        weight.data = TensorData::F32(vec![f32::NAN; 40]);
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "node \"linear\" has a bad weight: element 0 is NaN, not a finite number"
    );
}

#[test]
fn convolutions_agree_with_their_input() {
    let groups = |groups| ShapeFault::Groups { groups, channels: 4, out: 6 };
    assert_eq!(fault(conv([6, 4, 3, 3], 1, 1, 0), &[0]), groups(0));
    assert_eq!(fault(conv([6, 1, 3, 3], 1, 1, 4), &[0]), groups(4));
    let channels = ShapeFault::Channels { wanted: 4, given: 3 };
    assert_eq!(fault(conv([6, 3, 3, 3], 1, 1, 1), &[0]), channels);
    let Op::Conv(mut odd) = conv([4, 4, 3, 3], 1, 1, 1) else { panic!() };
    odd.window.kernel = [3, 1];
    let kernel = ShapeFault::Kernel { window: [3, 1], weight: [3, 3] };
    assert_eq!(fault(Op::Conv(odd), &[0]), kernel);
}

#[test]
fn windows_that_cannot_slide_are_refused() {
    let windows = [
        ([0, 3], [1, 1], [0; 4]),
        ([3, 3], [0, 1], [0; 4]),
        ([3, 3], [1, 1], [3, 0, 0, 0]),
        ([9, 3], [1, 1], [0; 4]),
        ([u32::MAX; 2], [1, 1], [u32::MAX - 1; 4]),
    ];
    for (kernel, stride, pads) in windows {
        let window = Window { kernel, stride, pads };
        let wanted = ShapeFault::Window { window, sides: [8, 12] };
        assert_eq!(fault(Op::MaxPool(window), &[0]), wanted);
    }
}

#[test]
fn inputs_have_the_right_number_and_kind() {
    let arity = |wanted, given| ShapeFault::Arity { wanted, given };
    assert_eq!(fault(Op::Relu, &[]), arity("one value", 0));
    assert_eq!(fault(Op::Add, &[0]), arity("two values", 1));
    assert_eq!(fault(Op::Concat, &[0]), arity("two or more values", 1));
    let linear = Op::Linear { weight: ones(&[2, 4]), bias: vec![0.0; 2] };
    assert_eq!(fault(linear, &[0]), ShapeFault::Rank { dims: vec![4, 8, 12] });
    let error = after(|graph| graph.nodes[3].inputs = vec![0, 3]).unwrap_err().to_string();
    assert!(error.ends_with("the shapes [1, 8, 12] and [4, 8, 12] differ"), "{error}");
    let error = after(|graph| graph.nodes[6].inputs = vec![5, 4]).unwrap_err().to_string();
    assert!(error.ends_with("the shapes [4, 4, 6] and [4, 8, 12] differ"), "{error}");
}

/// What a single operation on a 4×8×12 input is refused with, in words.
fn refusal(op: Op, inputs: &[u32]) -> String {
    let nodes = vec![node("n", op, inputs)];
    let outputs = vec![output("o", 1)];
    let graph = Graph { input: [4, 8, 12], nodes, outputs, codes: vec![] };
    graph.validate().unwrap_err().to_string()
}

#[test]
fn parameters_are_finite_and_in_range() {
    use Activation::{Clip, Elu, LeakyRelu};
    let activation = |activation| refusal(Op::Activation(activation), &[0]);
    assert_eq!(
        activation(LeakyRelu { slope: f32::NAN }),
        "node \"n\": slope is NaN; it must be a finite number"
    );
    assert_eq!(
        activation(Elu { alpha: f32::INFINITY }),
        "node \"n\": alpha is inf; it must be a finite number"
    );
    assert_eq!(
        activation(Clip { low: 1.0, high: 0.5 }),
        "node \"n\": high less low is -0.5; it must be at least 0"
    );
    let pad = Op::Pad { pads: [1; 4], mode: PadMode::Constant(f32::NAN) };
    assert_eq!(refusal(pad, &[0]), "node \"n\": padding is NaN; it must be a finite number");
    for epsilon in [0.0, -1.0, f32::NAN] {
        let words = format!("node \"n\": epsilon is {epsilon}; it must be positive and finite");
        assert_eq!(refusal(Op::L2Normalize { axis: 0, epsilon }, &[0]), words);
        assert_eq!(refusal(norm(NormOver::Groups(2), 4, epsilon), &[0]), words);
    }
    assert_eq!(
        refusal(Op::PRelu { slope: vec![0.0, f32::INFINITY, 0.0, 0.0] }, &[0]),
        "node \"n\" has a bad slope: element 1 is inf, not a finite number"
    );
}

fn norm(over: NormOver, n: usize, epsilon: f32) -> Op {
    Op::Norm(Norm { over, epsilon, scale: vec![1.0; n], bias: vec![0.0; n] })
}

#[test]
fn constants_are_as_many_as_their_axis_has_indices() {
    let count = |what, wanted, given| ShapeFault::Count { what, wanted, given };
    assert_eq!(fault(Op::PRelu { slope: vec![0.0; 3] }, &[0]), count("slopes", 4, 3));
    assert_eq!(fault(norm(NormOver::LastAxis, 4, 1.0), &[0]), count("scales", 12, 4));
    assert_eq!(
        fault(norm(NormOver::Groups(3), 4, 1.0), &[0]),
        ShapeFault::Groups { groups: 3, channels: 4, out: 4 }
    );
    assert!(
        refusal(norm(NormOver::Groups(0), 4, 1.0), &[0])
            .ends_with("0 groups do not divide 4 input and 4 output channels")
    );
    let transposed = |weight: [u32; 4]| {
        let Op::Conv(conv) = conv(weight, 2, 1, 1) else { panic!() };
        Op::ConvTranspose(conv)
    };
    let channels = ShapeFault::Channels { wanted: 4, given: 3 };
    assert_eq!(fault(transposed([6, 3, 3, 3]), &[0]), channels);
    assert!(refusal(transposed([0, 4, 3, 3]), &[0]).contains("bad weight"));
}

#[test]
fn axes_and_ranges_lie_in_the_value() {
    let words =
        |op, inputs: &[u32]| refusal(op, inputs).split_once("inputs: ").unwrap().1.to_owned();
    let axes = "axes [3] are not distinct axes of the shape [4, 8, 12]";
    assert_eq!(words(Op::SoftmaxOver { axis: 3 }, &[0]), axes);
    assert_eq!(words(Op::ConcatOver { axis: 3 }, &[0, 0]), axes);
    assert_eq!(words(Op::L2Normalize { axis: 3, epsilon: 1.0 }, &[0]), axes);
    assert_eq!(
        words(Op::Transpose([0, 2, 2]), &[0]),
        "axes [0, 2, 2] are not distinct axes of the shape [4, 8, 12]"
    );
    assert_eq!(
        words(Op::Slice { axis: 1, start: 6, length: 3 }, &[0]),
        "3 from 6 on do not lie in an axis of 8"
    );
    assert_eq!(
        words(Op::Slice { axis: 1, start: u32::MAX, length: 1 }, &[0]),
        "1 from 4294967295 on do not lie in an axis of 8"
    );
    assert_eq!(
        words(Op::Slice { axis: 1, start: 0, length: 0 }, &[0]),
        "0 from 0 on do not lie in an axis of 8"
    );
    assert_eq!(
        words(Op::Reshape([4, 8, 13]), &[0]),
        "the shape [4, 8, 12] has other elements than [4, 8, 13]"
    );
    assert!(refusal(Op::Reshape([u32::MAX; 3]), &[0]).contains("has other elements than"));
    assert_eq!(
        words(Op::MatMul, &[0, 0]),
        "there is no product of matrices [4, 8, 12] and [4, 8, 12]"
    );
}

#[test]
fn maps_are_padded_and_resized_within_reason() {
    let resize = |size, mode| fault(Op::Resize { size, mode }, &[0]);
    let multiple = ShapeFault::Multiple { size: [16, 25], sides: [8, 12] };
    assert_eq!(resize([16, 25], Resample::Nearest), multiple);
    let extent = ShapeFault::Extent { dims: vec![4, 9000, 12] };
    assert_eq!(resize([9000, 12], Resample::Bilinear), extent);
    let extent = ShapeFault::Extent { dims: vec![4, 0, 12] };
    assert_eq!(resize([0, 12], Resample::Nearest), extent);
    let mirror = Op::Pad { pads: [8, 0, 0, 0], mode: PadMode::Reflect };
    assert_eq!(fault(mirror, &[0]), ShapeFault::Mirror { pads: [8, 0, 0, 0], sides: [8, 12] });
    let huge = Op::Pad { pads: [u32::MAX; 4], mode: PadMode::Edge };
    assert_eq!(fault(huge, &[0]), ShapeFault::Extent { dims: vec![4, u32::MAX, u32::MAX] });
    let still = |dilation| {
        let Op::Conv(conv) = conv([4, 4, 3, 3], 1, 1, 1) else { panic!() };
        fault(Op::DilatedConv { conv, dilation }, &[0])
    };
    for dilation in [[0, 1], [1, 7], [u32::MAX; 2]] {
        assert!(matches!(still(dilation), ShapeFault::Window { .. }), "{dilation:?}");
    }
}

#[test]
fn pairs_repeat_an_extent_of_one_only() {
    let words = after(|graph| {
        graph.nodes[3].op = Op::Binary(Binary::Mul);
        graph.nodes[3].inputs = vec![5, 4];
        graph.nodes.swap(3, 4);
        graph.nodes[3].inputs = vec![3];
        graph.nodes[4].inputs = vec![4, 3];
    });
    assert!(words.unwrap_err().to_string().contains("[4, 4, 6] and [4, 8, 12] differ"));
    assert_eq!(
        fault(Op::Binary(Binary::Max), &[0]),
        ShapeFault::Arity { wanted: "two values", given: 1 }
    );
}

#[test]
fn transposed_convolutions_and_products_count_their_work() {
    let Op::Conv(conv) = conv([2, 4, 3, 3], 2, 1, 1) else { panic!() };
    let nodes = vec![
        node("up", Op::ConvTranspose(conv), &[0]),
        node("turn", Op::Transpose([0, 2, 1]), &[1]),
        node("product", Op::MatMul, &[1, 2]),
    ];
    let outputs = vec![output("o", 3)];
    let graph = Graph { input: [4, 8, 12], nodes, outputs, codes: vec![] };
    let shapes = graph.validate().unwrap();
    assert_eq!(shapes[1], Shape::Map([2, 15, 23]));
    assert_eq!(shapes[3], Shape::Map([2, 15, 15]));
    // 8·12 pixels times 72 weights, and 2·15·15 sums of 23 products.
    assert_eq!(graph.macs(), 96 * 72 + 450 * 23);
}
