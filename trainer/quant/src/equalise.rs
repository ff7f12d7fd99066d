//! Cross-layer equalisation: Nagel et al. 2019, arXiv 1906.04721, section 4.1.
//!
//! A relu lets a positive factor through: `relu(s x) = s relu(x)`. So channel `i` between two
//! convolutions may be divided by any `s_i` in the first and multiplied by it in the second. With
//! `r1_i` the largest magnitude of the weights that make the channel and `r2_i` of those that read
//! it, equations 9 to 11 choose
//!
//! ```text
//! s_i = sqrt(r1_i r2_i) / r2_i        w1_i / s_i,  b1_i / s_i,  w2_i · s_i
//! ```
//!
//! after which both have the range `sqrt(r1_i r2_i)`. Pairs that share a layer are gone over until
//! no factor moves far. Only values with one reader are touched; the f32 function stays the same.
//!
//! The paper's weights share one scale per tensor. Where each output channel has its own, as in
//! [`weights`](crate::weights), nothing is gained on the weights, and channels of a value, which do
//! share one scale, may be driven apart: compare the report of both.

use mien_shared::graph::{Conv, Graph, Op, TensorData};

use crate::layer::{leaves, readers, widened};

/// Most rounds over all pairs.
const ROUNDS: usize = 20;
/// A round whose factors all lie this near to 1 is the last.
const NEAR: f32 = 1e-3;
/// Factors stay within `1 / LIMIT..=LIMIT` per round: a channel of almost no weight stays finite.
const LIMIT: f32 = 1e3;

/// `graph`, valid, with the channels between its pairs of convolutions equalised, in f32.
pub fn equalise(graph: &Graph) -> Graph {
    let mut graph = widened(graph);
    let pairs = pairs(&graph);
    for _ in 0..ROUNDS {
        let mut furthest = 0.0_f32;
        for &[first, second] in &pairs {
            let factors = factors(&graph, [first, second]);
            furthest = factors.iter().fold(furthest, |far, s| far.max((s - 1.0).abs()));
            scale(&mut graph, [first, second], &factors);
        }
        if furthest < NEAR {
            break;
        }
    }
    graph
}

/// Convolutions with nothing but a relu between them, and no other reader.
fn pairs(graph: &Graph) -> Vec<[usize; 2]> {
    let alone = |position: usize| {
        let mut reading = readers(graph, position + 1);
        let only = reading.next().filter(|_| !leaves(graph, position + 1))?;
        reading.next().is_none().then_some(only)
    };
    let is = |position: usize, wanted: fn(&Op) -> bool| wanted(&graph.nodes[position].op);
    let second = |first: usize| {
        let relu = alone(first).filter(|&i| is(i, |op| matches!(op, Op::Relu)))?;
        alone(relu).filter(|&i| is(i, |op| matches!(op, Op::Conv(_))))
    };
    (0..graph.nodes.len())
        .filter(|&first| is(first, |op| matches!(op, Op::Conv(_))))
        .filter_map(|first| Some([first, second(first)?]))
        .collect()
}

/// Equation 11 for every channel between the two; 1 where a side has no weight.
fn factors(graph: &Graph, [first, second]: [usize; 2]) -> Vec<f32> {
    let (Op::Conv(first), Op::Conv(second)) = (&graph.nodes[first].op, &graph.nodes[second].op)
    else {
        return Vec::new();
    };
    let factor = |channel: usize| {
        let made = largest(first, |at| making(first, at) == channel);
        let read = largest(second, |at| reading(second, at) == channel);
        let s = (made * read).sqrt() / read;
        if made > 0.0 && s.is_finite() { s.clamp(1.0 / LIMIT, LIMIT) } else { 1.0 }
    };
    (0..first.bias.len()).map(factor).collect()
}

fn largest(conv: &Conv, of: impl Fn(usize) -> bool) -> f32 {
    let weight = conv.weight.to_f32();
    let magnitudes = weight.iter().enumerate().filter(|(at, _)| of(*at)).map(|(_, w)| w.abs());
    magnitudes.fold(0.0, f32::max)
}

fn scale(graph: &mut Graph, [first, second]: [usize; 2], factors: &[f32]) {
    if let Op::Conv(conv) = &mut graph.nodes[first].op {
        conv.bias.iter_mut().zip(factors).for_each(|(b, s)| *b /= s);
        change(conv, |conv, at| 1.0 / factors[making(conv, at)]);
    }
    if let Op::Conv(conv) = &mut graph.nodes[second].op {
        change(conv, |conv, at| factors[reading(conv, at)]);
    }
}

/// Multiplies every weight by what `factor` says of its position.
fn change(conv: &mut Conv, factor: impl Fn(&Conv, usize) -> f32) {
    let weight = conv.weight.to_f32();
    let changed = weight.iter().enumerate().map(|(at, w)| w * factor(conv, at)).collect();
    conv.weight.data = TensorData::F32(changed);
}

/// The output channel that the weight at that position of `[O, I / groups, KH, KW]` makes.
fn making(conv: &Conv, at: usize) -> usize {
    at / conv.weight.shape[1..].iter().map(|&d| d as usize).product::<usize>()
}

/// The input channel that the weight at that position reads.
fn reading(conv: &Conv, at: usize) -> usize {
    let [out, per_group, kh, kw] = [0, 1, 2, 3].map(|axis| conv.weight.shape[axis] as usize);
    let group = making(conv, at) / (out / conv.groups as usize);
    group * per_group + at / (kh * kw) % per_group
}

#[cfg(test)]
mod tests {
    use mien_engine::Engine;

    use super::*;
    use crate::fixture::{conv, graph, net, node, noise, noisy};

    fn outputs(graph: &Graph, input: &[f32]) -> Vec<f32> {
        let mut engine = Engine::new(graph).unwrap();
        engine.run(|x| x.copy_from_slice(input)).unwrap().get("y").unwrap().to_vec()
    }

    fn assert_same_function(before: &Graph, after: &Graph) {
        let count = before.input.iter().product::<u32>() as usize;
        for seed in 1..5 {
            let input = noise(count, seed);
            for (a, b) in outputs(before, &input).iter().zip(outputs(after, &input)) {
                assert!((a - b).abs() < 1e-4, "{a} became {b}");
            }
        }
    }

    #[test]
    fn both_sides_of_a_channel_get_the_geometric_mean_of_their_ranges() {
        let nodes = vec![
            node("a", conv([2, 1, 1, 1], &[8.0, -0.5]), &[0]),
            node("r", Op::Relu, &[1]),
            node("b", conv([1, 2, 1, 1], &[2.0, -2.0]), &[2]),
        ];
        let after = equalise(&graph([1, 1, 1], nodes));
        let weights = |i: usize| {
            let Op::Conv(conv) = &after.nodes[i].op else { panic!() };
            conv.weight.to_f32().to_vec()
        };
        assert_eq!([weights(0), weights(2)], [[4.0, -1.0], [4.0, -1.0]]);
    }

    #[test]
    fn the_function_stays_the_same() {
        let before = net();
        let after = equalise(&before);
        assert_ne!(before, after);
        assert_same_function(&before, &after);
    }

    #[test]
    fn depthwise_and_grouped_convolutions_keep_their_function() {
        let grouped = |shape: [u32; 4], groups: u32, seed| {
            let Op::Conv(conv) = noisy(shape, seed) else { panic!() };
            Op::Conv(Conv { groups, ..conv })
        };
        let nodes = vec![
            node("point", noisy([4, 2, 1, 1], 1), &[0]),
            node("r0", Op::Relu, &[1]),
            node("depth", grouped([4, 1, 3, 3], 4, 3), &[2]),
            node("r1", Op::Relu, &[3]),
            node("groups", grouped([6, 2, 3, 3], 2, 5), &[4]),
        ];
        let before = graph([2, 5, 5], nodes);
        let after = equalise(&before);
        assert_ne!(before, after);
        assert_same_function(&before, &after);
    }

    #[test]
    fn a_value_with_two_readers_is_left_alone() {
        // The stem's relu feeds the first convolution and the sum; what follows the sum goes on
        // to a pool: only first -> second can change.
        let (before, after) = (net(), equalise(&net()));
        let changed = before.nodes.iter().zip(&after.nodes).filter(|(a, b)| a != b);
        let names: Vec<&str> = changed.map(|(node, _)| node.name.as_str()).collect();
        assert_eq!(names, ["first", "second"]);
    }

    #[test]
    fn a_channel_without_weights_is_left_alone() {
        let nodes = vec![
            node("a", conv([2, 1, 1, 1], &[0.0, 1.0]), &[0]),
            node("r", Op::Relu, &[1]),
            node("b", conv([1, 2, 1, 1], &[2.0, 0.0]), &[2]),
        ];
        let before = graph([1, 1, 1], nodes);
        assert_eq!(equalise(&before), before);
    }
}
