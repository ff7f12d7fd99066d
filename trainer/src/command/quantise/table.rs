//! Tables of what eight bits did to each layer.

use mien_quant::{StepError, report::worst};

use crate::quant::LayerError;

/// Steps named as the worst.
const WORST: usize = 3;

/// Weights alone.
pub(super) fn print_weights(layers: &[LayerError]) {
    println!("{:<24}{:>10}{:>10}", "layer", "weights", "SQNR dB");
    for layer in layers {
        println!("{:<24}{:>10}{:>10.1}", layer.name, layer.weights, layer.sqnr_db);
    }
}

/// Weights and values.
pub(super) fn print_steps(steps: &[StepError]) {
    println!(
        "{:<24}{:<22}{:<10}{:>12}{:>12}",
        "step", "operation", "runs in", "weights dB", "value dB"
    );
    for step in steps {
        let runs = if step.integer { "integers" } else { "float" };
        let weight = step.weight_db.map_or_else(String::new, |db| format!("{db:.1}"));
        println!("{:<24}{:<22}{runs:<10}{weight:>12}{:>12.1}", step.name, step.op, step.value_db);
    }
    let names: Vec<&str> = worst(steps).iter().take(WORST).map(|s| s.name.as_str()).collect();
    println!("most noise: {}", names.join(", "));
}
