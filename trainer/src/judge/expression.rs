//! Expression bundles: class probabilities through the engine, and the figures they give.

use std::{fmt, path::Path};

use mien_data::{CLASSES, Sample, lfw, split::Part};
use mien_engine::Engine;
use mien_metric::{
    calibration::fit_temperature,
    protocol::Protocol,
    report::{Case, ClassReport},
};
use mien_shared::{
    bundle::{Bundle, Metric, Task},
    geometry::FivePoints,
    label::Expression,
};
use rayon::{iter::ParallelIterator as _, slice::ParallelSlice as _};
use serde::Serialize;

use super::{CHUNK, JudgeError};

/// Seed of the bootstrap intervals.
const SEED: u64 = 1;

/// Figures by protocol.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExpressionReport {
    /// `set.split`.
    pub data: String,
    /// Each protocol's name and figures.
    pub protocols: Vec<(String, ClassReport)>,
}

impl ExpressionReport {
    /// Accuracy under `protocol`, or the first where the set was not judged by it.
    pub fn score(&self, protocol: Protocol) -> f64 {
        let asked = self.protocols.iter().find(|(name, _)| name == protocol.name());
        asked.or(self.protocols.first()).map_or(0.0, |(_, report)| report.accuracy.value)
    }

    /// The figures as a manifest holds them.
    pub fn metrics(&self) -> Vec<Metric> {
        let (set, split) = self.data.rsplit_once('.').unwrap_or((&self.data, ""));
        let mut metrics = Vec::new();
        for (protocol, report) in &self.protocols {
            let figures = [
                ("accuracy", report.accuracy.value),
                ("balanced accuracy", report.balanced_accuracy.value),
                ("macro-F1", report.macro_f1.value),
                ("expected calibration error", report.calibration_error),
            ];
            metrics.extend(figures.map(|(name, value)| Metric {
                name: name.to_owned(),
                value,
                data: format!("{set}, protocol {protocol}"),
                split: split.to_owned(),
                n: report.samples,
            }));
        }
        metrics
    }
}

impl fmt::Display for ExpressionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (protocol, report) in &self.protocols {
            writeln!(f, "{}, protocol {protocol}\n{report}", self.data)?;
        }
        Ok(())
    }
}

/// Judges `bundle` on a data set: every usual protocol of `ferplus` and `fer2013`, the one label of
/// `lfw` (whose faces are cut out at the reference points).
///
/// # Errors
/// When the data cannot be read or the engine fails.
pub fn judge(
    bundle: &Bundle,
    name: &str,
    root: &Path,
    split: &str,
) -> Result<ExpressionReport, JudgeError> {
    if name == "lfw" {
        return judge_portraits(bundle, root, split);
    }
    let data = mien_data::open(name, root, split)?;
    let probabilities = probabilities(bundle, &data.samples)?;
    let protocols = Protocol::USUAL.map(|protocol| {
        let cases = protocol.cases(&data.samples, &probabilities);
        (protocol.name().to_owned(), ClassReport::new(protocol.labels(), &cases, SEED))
    });
    let protocols = protocols.into_iter().filter(|(_, report)| report.samples > 0).collect();
    Ok(ExpressionReport { data: data.name, protocols })
}

fn judge_portraits(
    bundle: &Bundle,
    root: &Path,
    split: &str,
) -> Result<ExpressionReport, JudgeError> {
    let part = Part::from_name(split).ok_or_else(|| JudgeError::Split {
        data: "lfw".to_owned(),
        split: split.to_owned(),
        known: "train, valid, test",
    })?;
    let mut portraits = lfw::open(root)?;
    portraits.retain(|portrait| portrait.part() == part);
    let (template, side) = (template(bundle)?, bundle.manifest.input.width);
    let samples: Vec<Sample> =
        portraits.iter().filter_map(|portrait| portrait.sample(&template, side)).collect();
    let cases: Vec<Case> = samples
        .iter()
        .zip(probabilities(bundle, &samples)?)
        .filter_map(|(sample, probabilities)| Some(Case { truth: sample.label?, probabilities }))
        .collect();
    let report = ClassReport::new(&Expression::ALL, &cases, SEED);
    Ok(ExpressionReport {
        data: format!("lfw.{split}"),
        protocols: vec![("annotator8".to_owned(), report)],
    })
}

/// Where `bundle` wants the five points in a crop.
///
/// # Errors
/// When it is no expression bundle.
pub fn template(bundle: &Bundle) -> Result<FivePoints, JudgeError> {
    match bundle.manifest.task {
        Task::Expression { template, .. } => Ok(template),
        Task::Detect { .. } => Err(JudgeError::Output("logits")),
    }
}

/// Class probabilities of each sample over [`Expression::ALL`], through the engine.
///
/// # Errors
/// When the engine fails.
pub fn probabilities(
    bundle: &Bundle,
    samples: &[Sample],
) -> Result<Vec<[f32; CLASSES]>, JudgeError> {
    let Task::Expression { temperature, .. } = bundle.manifest.task else {
        return Err(JudgeError::Output("logits"));
    };
    Ok(logits(bundle, samples)?.into_iter().map(|row| softmax(row, temperature)).collect())
}

/// The temperature that fits `bundle`'s confidence to what `protocol` calls right of `samples` best.
///
/// # Errors
/// When the engine fails.
pub fn temperature(
    bundle: &Bundle,
    samples: &[Sample],
    protocol: Protocol,
) -> Result<f32, JudgeError> {
    let truth = |sample: &Sample| protocol.truth(sample);
    let labelled: Vec<Sample> = samples.iter().filter(|s| truth(s).is_some()).cloned().collect();
    let classes: Vec<usize> = labelled.iter().filter_map(|s| Some(truth(s)?.index())).collect();
    Ok(fit_temperature(&logits(bundle, &labelled)?, &classes))
}

/// Logits in canonical order; a class the network does not know stays at minus infinity.
fn logits(bundle: &Bundle, samples: &[Sample]) -> Result<Vec<[f32; CLASSES]>, JudgeError> {
    let Task::Expression { labels, .. } = &bundle.manifest.task else {
        return Err(JudgeError::Output("logits"));
    };
    let chunks: Vec<Vec<[f32; CLASSES]>> = samples
        .par_chunks(CHUNK)
        .map(|chunk| {
            let mut engine = Engine::load(bundle)?;
            chunk.iter().map(|sample| one(&mut engine, bundle, labels, sample)).collect()
        })
        .collect::<Result<_, JudgeError>>()?;
    Ok(chunks.concat())
}

fn one(
    engine: &mut Engine,
    bundle: &Bundle,
    labels: &[Expression],
    sample: &Sample,
) -> Result<[f32; CLASSES], JudgeError> {
    let outputs = engine.run(|x| bundle.manifest.input.normalize(&sample.image, x))?;
    let seen = outputs.get("logits").ok_or(JudgeError::Output("logits"))?;
    let mut row = [f32::NEG_INFINITY; CLASSES];
    labels.iter().zip(seen).for_each(|(label, &logit)| row[label.index()] = logit);
    Ok(row)
}

fn softmax(logits: [f32; CLASSES], temperature: f32) -> [f32; CLASSES] {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps = logits.map(|z| ((z - largest) / temperature).exp());
    let sum: f32 = exps.iter().sum();
    exps.map(|e| e / sum)
}
