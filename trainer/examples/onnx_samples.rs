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

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("a folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for sample in sample::operations() {
        let wanted = outputs(&sample.graph, &sample.input)?;
        let file = to_onnx(&sample.graph, &sample.name, &metadata(&sample, &wanted))?;
        fs::write(folder.join(format!("{}.onnx", sample.name)), file)?;
    }
    let coded = sample::coded();
    let mut wanted = outputs(&coded.graph, &coded.input)?;
    wanted.extend(values(&coded.graph, &coded.input)?);
    let file = to_onnx_with_values(&coded.graph, &coded.name, &metadata(&coded, &wanted))?;
    fs::write(folder.join("coded.onnx"), file)?;
    Ok(())
}

fn metadata(sample: &Sample, wanted: &[Json]) -> [(&'static str, String); 1] {
    let sample = json!({
        "shape": sample.graph.input,
        "input": sample.input,
        "wanted": wanted,
    });
    [("sample", sample.to_string())]
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
