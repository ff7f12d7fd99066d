//! What an f32 graph computes over calibration inputs: each value's histogram.
//!
//! Two passes: the first finds each value's smallest and largest element, the second counts
//! elements in [`BINS`] equal bins between them.

use mien_engine::Engine;
use mien_shared::graph::{Graph, MAX_OUTPUTS, Output, Shape};

use crate::QuantError;

/// Bins of a histogram, as in `TensorRT`'s entropy calibration (Migacz 2017).
pub const BINS: usize = 2048;

/// Counts of elements in equal bins of `low..=high`.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Smallest element.
    pub low: f32,
    /// Largest element.
    pub high: f32,
    /// Elements per bin, at least one bin.
    pub bins: Vec<u64>,
}

impl Histogram {
    /// The empty histogram of `bins` bins, at least one, between `low` and `high`.
    pub fn new([low, high]: [f32; 2], bins: usize) -> Self {
        Self { low, high, bins: vec![0; bins.max(1)] }
    }

    /// Counts `value` so many `times` in its bin, the outermost one when it lies outside.
    #[expect(clippy::cast_possible_truncation, reason = "the last bin takes what lies above")]
    #[expect(clippy::cast_sign_loss, reason = "the first bin takes what lies below")]
    pub fn add(&mut self, value: f32, times: u64) {
        let last = self.bins.len() - 1;
        let bin = ((value - self.low) / self.width()) as usize;
        self.bins[bin.min(last)] += times;
    }

    /// Width of a bin; 1 where all elements are equal.
    pub fn width(&self) -> f32 {
        let width = (self.high - self.low) / self.bins.len() as f32;
        if width > 0.0 { width } else { 1.0 }
    }

    /// Number of elements.
    pub fn count(&self) -> u64 {
        self.bins.iter().sum()
    }

    /// The middle of every bin that holds elements, with their number.
    pub fn filled(&self) -> impl Iterator<Item = (f32, u64)> {
        let width = self.width();
        let all = self.bins.iter().enumerate().filter(|(_, count)| **count > 0);
        all.map(move |(i, &count)| (self.low + (i as f32 + 0.5) * width, count))
    }
}

/// Runs `graph` in f32 over `inputs`, each `[C, H, W]`; returns every value's histogram by number.
///
/// # Errors
/// [`QuantError::NoInputs`], [`QuantError::Input`], [`QuantError::NotFinite`], or the graph does
/// not run.
pub fn observe(graph: &Graph, inputs: &[Vec<f32>]) -> Result<Vec<Histogram>, QuantError> {
    if inputs.is_empty() {
        return Err(QuantError::NoInputs);
    }
    let mut every = EveryValue::new(graph)?;
    let mut ends = vec![[f32::INFINITY, f32::NEG_INFINITY]; every.shapes.len()];
    for (index, input) in inputs.iter().enumerate() {
        for (value, elements) in every.run(input, index)?.iter().enumerate() {
            if elements.iter().any(|x| !x.is_finite()) {
                return Err(QuantError::NotFinite { value, index });
            }
            let wider = |[low, high]: [f32; 2], &x: &f32| [low.min(x), high.max(x)];
            ends[value] = elements.iter().fold(ends[value], wider);
        }
    }
    let mut seen: Vec<_> = ends.into_iter().map(|ends| Histogram::new(ends, BINS)).collect();
    for (index, input) in inputs.iter().enumerate() {
        for (histogram, elements) in seen.iter_mut().zip(every.run(input, index)?) {
            for element in elements {
                histogram.add(element, 1);
            }
        }
    }
    Ok(seen)
}

/// Runs a graph in f32 and yields every value, not only the outputs.
#[derive(Debug)]
pub struct EveryValue {
    engines: Vec<Engine>,
    shapes: Vec<Shape>,
}

impl EveryValue {
    /// Prepares `graph`; its codes do not count.
    ///
    /// # Errors
    /// When the graph is not valid or the engine refuses it.
    pub fn new(graph: &Graph) -> Result<Self, QuantError> {
        let shapes = graph.validate()?;
        #[expect(clippy::cast_possible_truncation, reason = "a valid graph has at most 4097")]
        let all: Vec<u32> = (0..shapes.len() as u32).collect();
        let engine = |values: &[u32]| {
            let output = |&value| Output { name: format!("v{value}"), value };
            let outputs = values.iter().map(output).collect();
            Engine::new(&Graph { outputs, codes: Vec::new(), ..graph.clone() })
        };
        let engines = all.chunks(MAX_OUTPUTS).map(engine).collect::<Result<_, _>>()?;
        Ok(Self { engines, shapes })
    }

    /// Every value by number, for the input called `index` in messages.
    ///
    /// # Errors
    /// [`QuantError::Input`] when it has another size; or the engine fails.
    pub fn run(&mut self, input: &[f32], index: usize) -> Result<Vec<Vec<f32>>, QuantError> {
        let wanted = self.shapes[0].elements();
        if input.len() as u64 != wanted {
            return Err(QuantError::Input { index, given: input.len(), wanted });
        }
        let mut values = Vec::with_capacity(self.shapes.len());
        for engine in &mut self.engines {
            let outputs = engine.run(|x| x.copy_from_slice(input))?;
            values.extend(outputs.iter().map(|(_, elements)| elements.to_vec()));
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::Op;

    use super::*;
    use crate::fixture::{conv, graph, net, node, noise};

    #[test]
    fn every_value_is_seen_with_its_range() {
        let nodes =
            vec![node("a", conv([2, 1, 1, 1], &[2.0, -1.0]), &[0]), node("a.relu", Op::Relu, &[1])];
        let seen = observe(&graph([1, 1, 2], nodes), &[vec![1.0, 3.0], vec![-2.0, 2.0]]).unwrap();
        let ends = |i: usize| [seen[i].low, seen[i].high];
        assert_eq!([ends(0), ends(1), ends(2)], [[-2.0, 3.0], [-4.0, 6.0], [0.0, 6.0]]);
        assert_eq!(seen[2].count(), 8);
        // After the relu: five zeros, and 2, 2·2, 2·3.
        assert_eq!(seen[2].bins[0], 4);
    }

    #[test]
    fn a_value_lies_in_its_bin_and_ends_in_the_last() {
        let mut histogram = Histogram::new([-1.0, 1.0], 4);
        for x in [-1.0, -0.6, 0.0, 0.99, 1.0, 7.0] {
            histogram.add(x, 1);
        }
        assert_eq!(histogram.bins, [2, 0, 1, 3]);
        assert_eq!(histogram.filled().next(), Some((-0.75, 2)));
    }

    #[test]
    fn a_constant_value_has_a_histogram() {
        let mut histogram = Histogram::new([0.0, 0.0], 4);
        histogram.add(0.0, 3);
        assert_eq!(histogram.bins, [3, 0, 0, 0]);
    }

    #[test]
    fn no_inputs_and_inputs_of_another_size_are_refused() {
        assert!(matches!(observe(&net(), &[]), Err(QuantError::NoInputs)));
        let error = observe(&net(), &[noise(64, 1), noise(63, 1)]).unwrap_err();
        assert!(matches!(error, QuantError::Input { index: 1, given: 63, wanted: 64 }));
    }

    #[test]
    fn a_value_that_is_no_number_is_named() {
        let nodes = vec![node("a", conv([1, 1, 1, 1], &[f32::MAX]), &[0])];
        let error = observe(&graph([1, 1, 1], nodes), &[vec![2.0]]).unwrap_err();
        assert!(matches!(error, QuantError::NotFinite { value: 1, index: 0 }));
    }
}
