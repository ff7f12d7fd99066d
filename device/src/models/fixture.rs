//! Two networks small enough to be understood: a detector that takes a bright spot for a face and
//! a classifier that takes brightness for happiness.

use std::{
    fs,
    io::Error,
    path::{Path, PathBuf},
};

use mien_shared::{
    bundle::{Bundle, Golden, Manifest, Precision, Provenance, Task},
    frame::Grey,
    geometry::{FivePoints, Point},
    graph::{Conv, Graph, Node, Op, Output, Tensor, TensorData, Window},
    input::{Color, InputSpec},
    label::Expression,
};

/// Pixels per cell, and side of the detector's only kernel.
const STRIDE: u32 = 8;

/// Where the points of a face lie in the unit square.
const POINTS: [(f32, f32); 5] = [(0.3, 0.35), (0.7, 0.35), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)];

/// The spot detector, 64x48 pixels in, 6x8 cells out.
pub(crate) fn detector() -> Bundle {
    let mut weight = vec![0.0; 15 * 64];
    weight[..64].fill(20.0 / 64.0);
    let mut bias = vec![0.0; 15];
    bias[0] = -5.0;
    bias[3..5].fill(4.0_f32.ln());
    for (pair, (x, y)) in bias[5..].chunks_exact_mut(2).zip(POINTS) {
        pair.copy_from_slice(&[x - 0.5, y - 0.5]);
    }
    // In the dark every cell says what its biases say.
    let dark = bias.iter().flat_map(|&value| [value; 48]).collect();
    let goldens = vec![Golden { input: vec![0; 64 * 48], outputs: vec![dark] }];
    let window = Window { kernel: [STRIDE; 2], stride: [STRIDE; 2], pads: [0; 4] };
    let weight = Tensor { shape: vec![15, 1, STRIDE, STRIDE], data: TensorData::F32(weight) };
    let conv = Op::Conv(Conv { weight, bias, window, groups: 1 });
    let graph = graph([1, 48, 64], vec![("cells", conv)]);
    let task = Task::Detect { stride: STRIDE, min_score: 0.5, max_overlap: 0.3 };
    Bundle { manifest: manifest("spot", task, [64, 48]), graph, goldens, signature: None }
}

/// The brightness classifier, 16x16 pixels in.
pub(crate) fn expression() -> Bundle {
    let happiness = Expression::Happiness.index();
    let (mut weight, mut bias) = (vec![0.0; 8], vec![0.0; 8]);
    (weight[happiness], bias[happiness]) = (20.0, -10.0);
    let weight = Tensor { shape: vec![8, 1], data: TensorData::F32(weight) };
    let head = Op::Linear { weight, bias };
    let graph = graph([1, 16, 16], vec![("mean", Op::GlobalAveragePool), ("logits", head)]);
    let task = Task::Expression {
        labels: Expression::ALL.to_vec(),
        template: FivePoints::from_array(POINTS.map(|(x, y)| Point { x, y })),
        temperature: 1.0,
    };
    let mut logits = vec![0.0; 8];
    logits[happiness] = 20.0 * 51.0 / 255.0 - 10.0;
    let goldens = vec![Golden { input: vec![51; 256], outputs: vec![logits] }];
    Bundle { manifest: manifest("brightness", task, [16, 16]), graph, goldens, signature: None }
}

/// Draws what the detector takes for a face: a white square of `2 * half` pixels around `[x, y]`.
pub(crate) fn spot(picture: &mut Grey, [x, y]: [usize; 2], half: usize) {
    for row in picture.data.chunks_mut(picture.width as usize).skip(y - half).take(2 * half) {
        row[x - half..x + half].fill(255);
    }
}

/// Writes both bundles into `folder`: detector, expression.
pub(crate) fn write(folder: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let put = |bundle: &Bundle| {
        let path = folder.join(format!("{}.mien", bundle.manifest.name));
        bundle.write(&path).map_err(Error::other).map(|()| path)
    };
    Ok((put(&detector())?, put(&expression())?))
}

/// Writes both bundles and their catalog into `folder`.
pub(crate) fn write_catalogued(folder: &Path) -> Result<(), Error> {
    for name in ["spot", "brightness"] {
        fs::create_dir(folder.join(name))?;
    }
    detector().write(&folder.join("spot/spot.mien")).map_err(Error::other)?;
    expression().write(&folder.join("brightness/brightness.mien")).map_err(Error::other)?;
    fs::write(folder.join("catalog.toml"), "detector = \"spot\"\nexpression = \"brightness\"\n")
}

/// A chain of nodes; the last one's value leaves under its name.
fn graph(input: [u32; 3], chain: Vec<(&str, Op)>) -> Graph {
    let mut graph = Graph { input, nodes: Vec::new(), outputs: Vec::new(), codes: Vec::new() };
    for (value, (name, op)) in (0..).zip(chain) {
        graph.nodes.push(Node { name: name.to_owned(), op, inputs: vec![value] });
        graph.outputs = vec![Output { name: name.to_owned(), value: value + 1 }];
    }
    graph
}

fn manifest(name: &str, task: Task, [width, height]: [u32; 2]) -> Manifest {
    Manifest {
        name: name.to_owned(),
        task,
        precision: Precision::F32,
        input: InputSpec { width, height, color: Color::Grey, mean: 0.0, std: 255.0 },
        provenance: Provenance {
            recipe: "by hand".to_owned(),
            data: "none".to_owned(),
            seed: 0,
            trainer: "none".to_owned(),
            rights: "none".to_owned(),
        },
        metrics: Vec::new(),
    }
}
