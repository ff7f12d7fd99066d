//! Where a network's time goes: each operator of bundles, its shortest time and its share of what
//! this core can do at most.
//!
//! ```text
//! cargo run --release -p mien-kernels --example operators -- models/*/*.mien
//! ```
//!
//! Prints f32 and int8 for the fastest instructions of this processor.

#[path = "../benches/support.rs"]
mod support;

use mien_kernels::{Input, Isa, Peak, Program, peak};
use mien_shared::{bundle::Bundle, graph::Graph};

/// Runs of each program, of which the fastest counts.
const RUNS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let isa = Isa::best();
    let Some(Peak { float, integer }) = peak(isa) else { return Ok(()) };
    for path in std::env::args().skip(1) {
        let graph = Bundle::read(path.as_ref())?.graph;
        let floats = Graph { codes: vec![], ..graph.clone() };
        report(&format!("{path}, f32, {isa}"), &mut Program::new(&floats, isa)?, &floats, float);
        let codes = support::coded(&graph);
        report(&format!("{path}, int8, {isa}"), &mut Program::new(&codes, isa)?, &codes, integer);
    }
    Ok(())
}

/// Prints the operators of `program`, made of `graph`, beside `peak` products a second.
#[expect(clippy::print_stdout, reason = "the report is what the example is for")]
fn report(title: &str, program: &mut Program, graph: &Graph, peak: f64) {
    program.run(Input::Pixels { bytes: &support::pixels(graph), mean: 128.0, std: 64.0 });
    println!("{title}: {:.1} GMAC/s at most", peak / 1e9);
    let costs = program.profile(RUNS);
    let line = |name: &str, operator: &str, macs: u64, seconds: f64| {
        let (micros, share) = (seconds * 1e6, 100.0 * macs as f64 / seconds / peak);
        println!("  {name:16} {operator:24} {micros:8.2} µs {macs:9} MAC {share:3.0} %");
    };
    for cost in &costs {
        line(&cost.node, &cost.operator, cost.macs, cost.seconds);
    }
    line("all", "", graph.macs(), costs.iter().map(|cost| cost.seconds).sum());
}
