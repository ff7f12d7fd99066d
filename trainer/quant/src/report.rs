//! What coding did to each step: signal to quantisation noise against the f32 graph.
//!
//! `SQNR = 10 log10(Σ x² / Σ (x - q)²)` in decibels over all elements and inputs; 6 dB are one bit.
//! A step's value carries the noise of everything before it.

use mien_shared::graph::Graph;

use crate::{QuantError, coded::Sweep, layer::parts, observe::EveryValue, run_coded};

/// What coding did to one step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepError {
    /// The node's name.
    pub name: String,
    /// What the node computes.
    pub op: &'static str,
    /// Whether the step runs in integers.
    pub integer: bool,
    /// SQNR of what the step makes.
    pub value_db: f64,
    /// SQNR of its weights, infinite where nothing was lost; `None` for a step without.
    pub weight_db: Option<f64>,
}

/// Signal and noise so far.
#[derive(Debug, Clone, Copy, Default)]
struct Power {
    signal: f64,
    noise: f64,
}

impl Power {
    fn of(wanted: &[f32], seen: &[f32]) -> Self {
        let mut power = Self::default();
        power.add(wanted, seen);
        power
    }

    fn add(&mut self, wanted: &[f32], seen: &[f32]) {
        for (&x, &q) in wanted.iter().zip(seen) {
            self.signal += f64::from(x).powi(2);
            self.noise += f64::from(x - q).powi(2);
        }
    }

    fn db(self) -> f64 {
        if self.noise > 0.0 { 10.0 * (self.signal / self.noise).log10() } else { f64::INFINITY }
    }
}

/// Every step of `coded` beside `float`, the same graph in f32, in execution order.
///
/// # Errors
/// When a graph is not valid or an input has another size.
pub fn errors(
    float: &Graph,
    coded: &Graph,
    inputs: &[Vec<f32>],
) -> Result<Vec<StepError>, QuantError> {
    let mut sweep = Sweep::new(coded, inputs)?;
    let mut every = EveryValue::new(float)?;
    let wanted: Vec<_> =
        inputs.iter().enumerate().map(|(i, x)| every.run(x, i)).collect::<Result<_, _>>()?;
    let mut report = Vec::new();
    for step in coded.steps() {
        sweep.advance(coded, step);
        let mut power = Power::default();
        for (wanted, seen) in wanted.iter().zip(sweep.numbers(coded, step.output)) {
            power.add(&wanted[step.output as usize], &seen);
        }
        let [before, after] = [float, coded].map(|graph| &graph.nodes[step.node]);
        let weights = parts(&before.op).zip(parts(&after.op));
        report.push(StepError {
            name: after.name.clone(),
            op: after.op.name(),
            integer: coded.is_integer(step, sweep.shapes()),
            value_db: power.db(),
            weight_db: weights.map(|((w, _), (q, _))| Power::of(&w.to_f32(), &q.to_f32()).db()),
        });
    }
    Ok(report)
}

/// SQNR in decibels of all outputs of `coded` together.
///
/// # Errors
/// When a graph is not valid or an input has another size.
pub fn output_db(float: &Graph, coded: &Graph, inputs: &[Vec<f32>]) -> Result<f64, QuantError> {
    let mut every = EveryValue::new(float)?;
    let mut power = Power::default();
    for (index, input) in inputs.iter().enumerate() {
        let wanted = every.run(input, index)?;
        for (output, seen) in coded.outputs.iter().zip(run_coded(coded, input)?) {
            power.add(&wanted[output.value as usize], &seen);
        }
    }
    Ok(power.db())
}

/// The steps of `report` with most noise, worst first.
pub fn worst(report: &[StepError]) -> Vec<&StepError> {
    let mut sorted: Vec<&StepError> = report.iter().collect();
    sorted.sort_by(|a, b| a.value_db.total_cmp(&b.value_db));
    sorted
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::{Affine, TensorData};

    use super::*;
    use crate::fixture::{conv, graph, node};

    #[test]
    fn ten_times_less_noise_than_signal_is_twenty_decibels() {
        assert!((Power::of(&[3.0, 4.0], &[3.0, 4.5]).db() - 20.0).abs() < 1e-9);
        assert!(Power::of(&[0.0], &[0.0]).db().is_infinite());
    }

    #[test]
    fn each_step_states_its_noise_and_its_weights() {
        let float = graph([1, 1, 2], vec![node("a", conv([1, 1, 1, 1], &[1.1]), &[0])]);
        let mut coded = float.clone();
        if let mien_shared::graph::Op::Conv(layer) = &mut coded.nodes[0].op {
            layer.weight.data = TensorData::I8 { scales: vec![1.0], codes: vec![1] };
        }
        coded.codes = vec![Some(Affine { scale: 1.0, zero: 0 }), None];
        let report = errors(&float, &coded, &[vec![2.0, 5.0]]).unwrap();
        assert_eq!(report.len(), 1);
        assert!(report[0].integer);
        // One part in eleven is lost: 20 log10(11).
        assert!((report[0].value_db - 20.828).abs() < 1e-3);
        assert!((report[0].weight_db.unwrap() - 20.828).abs() < 1e-3);
        assert!((output_db(&float, &coded, &[vec![2.0, 5.0]]).unwrap() - 20.828).abs() < 1e-3);
    }
}
