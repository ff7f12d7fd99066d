//! Writes an ONNX file for each operation and for a net of integer steps, with an input and what
//! the reference makes of it in the metadata, for `scripts/cross_check.py`.
//!
//! ```text
//! cargo run --release -p mien-trainer --example onnx_samples -- FOLDER
//! ```

use std::{env, error::Error, fs, path::Path};

use mien_shared::graph::{
    Graph,
    reference::{self, Value},
    sample::{self, Sample},
};
use mien_trainer::export::onnx::{to_onnx, to_onnx_with_values};
use serde_json::{Value as Json, json};

/// Inputs tried with the net of integer steps.
const CODED_INPUTS: u32 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("a folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for Sample { name, graph, input } in sample::operations() {
        let case = json!({ "input": input, "wanted": outputs(&graph, &input)? });
        let file = to_onnx(&graph, &name, &[metadata(&graph, &[case])])?;
        fs::write(folder.join(format!("{name}.onnx")), file)?;
    }
    let Sample { name, graph, input } = sample::coded();
    let mut cases = Vec::new();
    for seed in 0..CODED_INPUTS {
        let input: Vec<f32> =
            sample::noise(input.len(), 100 + seed).into_iter().map(|v| 4.0 * v).collect();
        let wanted = [outputs(&graph, &input)?, values(&graph, &input)?].concat();
        cases.push(json!({ "input": input, "wanted": wanted }));
    }
    let file = to_onnx_with_values(&graph, &name, &[metadata(&graph, &cases)])?;
    fs::write(folder.join(format!("{name}.onnx")), file)?;
    Ok(())
}

fn metadata(graph: &Graph, cases: &[Json]) -> (&'static str, String) {
    ("samples", json!({ "shape": graph.input, "cases": cases }).to_string())
}

/// The graph's outputs as numbers.
fn outputs(graph: &Graph, input: &[f32]) -> Result<Vec<Json>, Box<dyn Error>> {
    let outputs = reference::outputs(graph, input)?;
    let named = graph.outputs.iter().zip(outputs);
    Ok(named.map(|(output, floats)| json!({ "name": output.name, "values": floats })).collect())
}

/// What leaves each step, codes as they are.
fn values(graph: &Graph, input: &[f32]) -> Result<Vec<Json>, Box<dyn Error>> {
    let values = reference::run(graph, input)?;
    let json = |(value, made): (usize, Value)| {
        let name = graph.nodes[value - 1].name.clone();
        match made {
            Value::Codes(codes) => Some(json!({ "name": name, "values": codes, "coded": true })),
            Value::Floats(floats) if floats.is_empty() => None,
            Value::Floats(floats) => Some(json!({ "name": name, "values": floats })),
        }
    };
    Ok(values.into_iter().enumerate().skip(1).filter_map(json).collect())
}
