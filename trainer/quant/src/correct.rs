//! Bias correction: Nagel et al. 2019, arXiv 1906.04721, section 4.2, the empirical kind
//! (appendix D).
//!
//! Rounded weights and values shift what a channel makes on average. With `E[y]` the channel's mean
//! before the relu in f32 and `E[ỹ]` in the coded graph, the bias takes up `E[y] - E[ỹ]`. Layers
//! are corrected in execution order, each after everything before it.

use mien_shared::graph::Graph;

use crate::{QuantError, coded::Sweep, layer::parts_mut, observe::EveryValue};

/// `coded`, whose nodes are those of the f32 graph `float`, with its biases corrected so that both
/// agree on average over `inputs`.
///
/// # Errors
/// When a graph is not valid or an input has another size.
pub fn correct_biases(
    float: &Graph,
    coded: &Graph,
    inputs: &[Vec<f32>],
) -> Result<Graph, QuantError> {
    let mut graph = coded.clone();
    let mut sweep = Sweep::new(&graph, inputs)?;
    let wanted = float_means(float, inputs)?;
    for step in graph.steps() {
        if parts_mut(&mut graph.nodes[step.node].op).is_some() {
            let made = sweep.before_relu(&graph, step);
            let wanted = &wanted[step.node + 1];
            let shifts = wanted.iter().zip(means(&made, wanted.len()));
            if let Some((_, bias)) = parts_mut(&mut graph.nodes[step.node].op) {
                bias.iter_mut().zip(shifts).for_each(|(b, (y, q))| *b += narrow(y - q));
            }
        }
        sweep.advance(&graph, step);
    }
    Ok(graph)
}

/// The channel means of every value of an f32 graph.
fn float_means(float: &Graph, inputs: &[Vec<f32>]) -> Result<Vec<Vec<f64>>, QuantError> {
    let shapes = float.validate()?;
    let mut every = EveryValue::new(float)?;
    let mut sums: Vec<Vec<f64>> =
        shapes.iter().map(|shape| vec![0.0; shape.channels() as usize]).collect();
    for (index, input) in inputs.iter().enumerate() {
        for (sums, elements) in sums.iter_mut().zip(every.run(input, index)?) {
            let means = means(&[elements], sums.len());
            sums.iter_mut().zip(means).for_each(|(sum, mean)| *sum += mean / inputs.len() as f64);
        }
    }
    Ok(sums)
}

/// The mean of each channel over all inputs.
fn means(made: &[Vec<f32>], channels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; channels];
    let mut count = 0;
    for elements in made {
        let per_channel = (elements.len() / channels.max(1)).max(1);
        count += per_channel;
        for (sum, channel) in sums.iter_mut().zip(elements.chunks(per_channel)) {
            *sum += channel.iter().map(|&x| f64::from(x)).sum::<f64>();
        }
    }
    sums.into_iter().map(|sum| sum / count.max(1) as f64).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "biases are f32")]
fn narrow(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::{Affine, Op, TensorData};

    use super::*;
    use crate::{
        fixture::{conv, graph, node},
        run_coded,
    };

    /// A convolution `y = 0.6 x` on inputs of mean 3 whose weight is rounded to 0.5.
    fn made_case() -> (Graph, Graph, Vec<Vec<f32>>) {
        let float = graph([1, 1, 4], vec![node("a", conv([1, 1, 1, 1], &[0.6]), &[0])]);
        let mut coded = float.clone();
        let Op::Conv(layer) = &mut coded.nodes[0].op else { panic!() };
        layer.weight.data = TensorData::I8 { scales: vec![0.5], codes: vec![1] };
        coded.codes = vec![Some(Affine { scale: 0.5, zero: 0 }), None];
        (float, coded, vec![vec![2.0, 3.0, 4.0, 3.0], vec![1.0, 5.0, 3.0, 3.0]])
    }

    #[test]
    fn a_rounded_weight_no_longer_shifts_the_mean() {
        let (float, coded, inputs) = made_case();
        let mean = |graph: &Graph| -> f32 {
            let made = inputs.iter().flat_map(|x| run_coded(graph, x).unwrap().concat());
            made.sum::<f32>() / 8.0
        };
        let corrected = correct_biases(&float, &coded, &inputs).unwrap();
        // The f32 mean is 1.8; without correction it is 1.5. Biases come in steps of 0.25.
        assert!((mean(&coded) - 1.5).abs() < 1e-6);
        assert!((mean(&corrected) - 1.75).abs() < 1e-6, "{}", mean(&corrected));
        let Op::Conv(layer) = &corrected.nodes[0].op else { panic!() };
        assert!((layer.bias[0] - 0.3).abs() < 1e-6, "{}", layer.bias[0]);
    }

    #[test]
    fn nothing_else_changes() {
        let (float, coded, inputs) = made_case();
        let corrected = correct_biases(&float, &coded, &inputs).unwrap();
        assert_eq!(corrected.codes, coded.codes);
        let weight = |graph: &Graph| {
            let Op::Conv(conv) = &graph.nodes[0].op else { panic!() };
            conv.weight.clone()
        };
        assert_eq!(weight(&corrected), weight(&coded));
    }
}
