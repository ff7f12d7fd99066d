//! Every released network, whole, in f32 and int8, on each set of instructions of this processor.
//!
//! criterion's elements are multiply-accumulates. Bundles are read from the project's `models`.
#![allow(missing_docs, reason = "criterion's macros make functions without documentation")]

mod support;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mien_kernels::{Input, Isa, Program};
use mien_shared::{bundle::Bundle, graph::Graph};

use crate::support::{coded, isas, pixels};

/// The bundles of `models`, one a folder.
fn bundles() -> Vec<PathBuf> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let folders = models.read_dir().into_iter().flatten().flatten().map(|folder| folder.path());
    let files = folders.filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
    let mut bundles: Vec<_> = files.map(|file| file.path()).collect();
    bundles.retain(|path| path.extension().is_some_and(|extension| extension == "mien"));
    bundles.sort();
    bundles
}

fn time(criterion: &mut Criterion, group: &str, isa: Isa, graph: &Graph) {
    let Ok(mut program) = Program::new(graph, isa) else { return };
    let bytes = pixels(graph);
    let mut group = criterion.benchmark_group(group);
    group.throughput(Throughput::Elements(graph.macs()));
    group.bench_function(isa.name(), |bencher| {
        bencher.iter(|| program.run(Input::Pixels { bytes: &bytes, mean: 128.0, std: 64.0 }));
    });
    group.finish();
}

fn nets(criterion: &mut Criterion) {
    let bundles = bundles();
    if bundles.is_empty() {
        eprintln!("SKIPPED: there is no bundle in models/");
    }
    for path in bundles {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let graph = match Bundle::read(&path) {
            Ok(bundle) => bundle.graph,
            Err(error) => {
                eprintln!("SKIPPED: {error}");
                continue;
            }
        };
        let float = Graph { codes: vec![], ..graph.clone() };
        for isa in isas() {
            time(criterion, &format!("{name}, f32"), isa, &float);
            time(criterion, &format!("{name}, int8"), isa, &coded(&graph));
        }
    }
}

/// Few and short samples: the kernels' times vary little.
fn quick() -> Criterion {
    let times = [200, 600].map(Duration::from_millis);
    Criterion::default().sample_size(10).warm_up_time(times[0]).measurement_time(times[1])
}

criterion_group! { name = benches; config = quick(); targets = nets }
criterion_main!(benches);
