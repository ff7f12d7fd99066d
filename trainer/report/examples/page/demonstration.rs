//! A report of made-up data with something in every part.
//!
//! No network was trained for it: every number follows a formula, every face is drawn from circles
//! and arcs, and the page says so.

use std::f32::consts::TAU;

use mien_report::{
    curve::{Epoch, Validation},
    embed::{EmbedError, embed},
    picture::{HeatMap, Picture},
    run::{
        self, Bin, ClassFigures, Data, Embedding, Figure, Layer, Mistake, Origin, RunReport,
        Saliency, Scale,
    },
};

const CLASSES: [&str; 8] =
    ["neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"];

/// Made-up pictures of each class and how many of ten are read rightly.
const SUPPORT: [u64; 8] = [1272, 325, 24, 21, 98, 929, 449, 451];
const RIGHT: [u64; 8] = [9, 8, 3, 5, 6, 9, 7, 9];

const RECIPE: &str = "name = \"demonstration\"\nseed = 7\n\n[train]\nepochs = 40\nbatch = 128\n\
                      learning_rate = 0.002\n";

/// The report.
///
/// # Errors
/// When the made-up features have no embedding.
pub(crate) fn report() -> Result<RunReport, EmbedError> {
    let confusion = confusion();
    let reliability = reliability(confusion.iter().flatten().sum());
    Ok(RunReport {
        name: "demonstration".to_owned(),
        recipe: RECIPE.to_owned(),
        seed: 7,
        revision: Some("none: no network was trained".to_owned()),
        environment: [("machine", "none"), ("backend", "none"), ("date", "never")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        data: Data {
            statement:
                "Made up for this demonstration: the numbers follow formulas, the faces are \
                        drawn from circles and arcs."
                    .to_owned(),
            rights: "Free to use.".to_owned(),
            judged_on: "made-up numbers".to_owned(),
            origin: Origin::Synthetic,
        },
        figures: figures(&confusion, run::calibration_error(&reliability)),
        epochs: (1..=40).map(epoch).collect(),
        classes: CLASSES.map(str::to_owned).to_vec(),
        by_class: by_class(&confusion),
        confusion,
        reliability,
        mistakes: (0..12).map(mistake).collect(),
        saliency: (0..8).map(saliency).collect(),
        embedding: Some(embedding()?),
        layers: layers(),
    })
}

fn figures(confusion: &[Vec<u64>], calibration_error: f64) -> Vec<Figure> {
    let n: u64 = confusion.iter().flatten().sum();
    let figure = |name: &str, value: f64, half: Option<f64>| Figure {
        name: name.to_owned(),
        value,
        scale: Scale::Share,
        interval: half.map(|half| [value - half, value + half]),
        n,
        of: String::new(),
    };
    let hits: u64 = (0..confusion.len()).map(|class| confusion[class][class]).sum();
    let accuracy = hits as f64 / n as f64;
    let rows = by_class(confusion);
    let mean = |of: fn(&ClassFigures) -> Option<f64>| {
        rows.iter().filter_map(of).sum::<f64>() / rows.len() as f64
    };
    let half = 1.96 * (accuracy * (1.0 - accuracy) / n as f64).sqrt();
    vec![
        figure("accuracy", accuracy, Some(half)),
        figure("balanced accuracy", mean(|row| row.recall), Some(0.046)),
        figure("macro F1", mean(|row| row.f1), Some(0.039)),
        figure("expected calibration error", calibration_error, None),
    ]
}

fn epoch(epoch: u32) -> Epoch {
    let done = f64::from(epoch) / 40.0;
    let ripple = 0.006 * (f64::from(epoch) * 2.4).sin();
    let accuracy = 0.85 - 0.5 * (-7.0 * done).exp() + ripple;
    let loss = 0.5 + 1.4 * (-5.0 * done).exp() - ripple;
    Epoch {
        epoch,
        loss,
        rate: 0.001 * (1.0 + (std::f64::consts::PI * done).cos()),
        samples_per_s: 2100.0,
        validation: Validation {
            score: accuracy,
            values: vec![
                ("accuracy".to_owned(), accuracy),
                ("macro_f1".to_owned(), accuracy - 0.16 + 0.3 * ripple),
            ],
        },
        parts: vec![],
    }
}

/// Rows whose diagonal follows `RIGHT`, the rest spread over the neighbours.
fn confusion() -> Vec<Vec<u64>> {
    let row = |truth: usize| {
        let right = SUPPORT[truth] * RIGHT[truth] / 10;
        let mut row = vec![0; CLASSES.len()];
        let mut left = SUPPORT[truth] - right;
        for step in 1..CLASSES.len() {
            let share = left.div_ceil(2);
            row[(truth * 3 + step * 5) % CLASSES.len()] += share;
            left -= share;
        }
        row[truth] += right;
        row
    };
    (0..CLASSES.len()).map(row).collect()
}

fn by_class(confusion: &[Vec<u64>]) -> Vec<ClassFigures> {
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let figures = |class: usize| {
        let hits = confusion[class][class];
        let n: u64 = confusion[class].iter().sum();
        let read: u64 = confusion.iter().map(|row| row[class]).sum();
        ClassFigures {
            class,
            n,
            precision: share(hits, read),
            recall: share(hits, n),
            f1: share(2 * hits, n + read),
        }
    };
    (0..confusion.len()).map(figures).collect()
}

/// Bins of `total` samples whose confidence is a little too high.
fn reliability(total: u64) -> Vec<Bin> {
    let bin = |at: u64| {
        let confidence = (at as f64 + 0.5) / 15.0;
        Bin { n: 40 + at.pow(3) / 12, confidence, accuracy: confidence.powf(1.25) }
    };
    let mut bins: Vec<Bin> = (3..15).map(bin).collect();
    let others: u64 = bins.iter().map(|bin| bin.n).sum();
    if let Some(last) = bins.last_mut() {
        last.n += total.saturating_sub(others);
    }
    bins
}

fn mistake(at: usize) -> Mistake {
    let truth = (at * 3) % 8;
    Mistake {
        picture: face(truth, at),
        truth,
        predicted: (truth + 1 + at % 5) % 8,
        confidence: 0.99 - 0.013 * at as f64,
    }
}

fn saliency(class: usize) -> Saliency {
    let heat = |cell: u16| {
        let (x, y) = (f32::from(cell % 6) - 2.5, f32::from(cell / 6) - 4.0 + (class % 3) as f32);
        (-(x * x + y * y) / 3.0).exp()
    };
    let heat = HeatMap { width: 6, height: 6, values: (0..36).map(heat).collect() };
    let predicted = if class == 2 { 0 } else { class };
    Saliency { picture: face(class, class), heat, truth: class, predicted }
}

/// A drawn face of 48 × 48 pixels: an oval, two eyes, a mouth whose bend follows the class.
fn face(class: usize, variant: usize) -> Picture {
    let bend = [0.0, -0.25, 0.1, -0.15, -0.3, 0.6, -0.5, 0.2][class];
    let open = if [4, 7].contains(&class) { 3.5 } else { 1.2 };
    let skin = 150.0 + 7.0 * (variant % 9) as f32;
    let pixel = |at: u16| {
        let (x, y) = (f32::from(at % 48) - 23.5, f32::from(at / 48) - 23.5);
        let oval = (x / 17.0).powi(2) + (y / 21.0).powi(2);
        let eye = ((x.abs() - 7.0) / 3.2).powi(2) + ((y + 5.0) / (1.0 + 0.5 * open)).powi(2);
        let mouth = (y - 10.0 + bend * x * x / 9.0 - bend * 3.0).abs();
        let shade = skin - 30.0 * oval + 6.0 * (TAU * x / 48.0).sin();
        let value = match () {
            () if oval > 1.0 => 40.0,
            () if eye < 1.0 => 35.0,
            () if mouth < open && x.abs() < 8.0 => 60.0,
            () => shade,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let byte = value.clamp(0.0, 255.0) as u8;
        byte
    };
    Picture::grey(48, 48, (0..48 * 48).map(pixel).collect())
}

fn embedding() -> Result<Embedding, EmbedError> {
    let classes: Vec<usize> = (0..800).map(|at| at % 8).collect();
    // Splitmix64's mixing, brought to -0.5..0.5.
    let noise = |at: usize, axis: usize| {
        let hash = ((at * 16 + axis) as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let vector = |(at, &class): (usize, &usize)| -> Vec<f32> {
        (0..16).map(|axis| 3.2 * noise(at, axis) + if axis == class { 3.0 } else { 0.0 }).collect()
    };
    let vectors: Vec<Vec<f32>> = classes.iter().enumerate().map(vector).collect();
    let method = "t-SNE of made-up features".to_owned();
    Ok(Embedding { method, points: embed(&vectors)?, classes })
}

fn layers() -> Vec<Layer> {
    let names = ["stem", "down0", "block0.first", "block0.second", "down1", "block1.first", "head"];
    let layer = |(name, at): (&&str, u32)| Layer {
        name: (*name).to_owned(),
        weights: 144 * 3_u64.pow(at.min(5)),
        sqnr_db: 41.0 - 0.9 * f64::from(at * at % 7),
    };
    names.iter().zip(0..).map(layer).collect()
}
