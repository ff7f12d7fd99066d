//! Detector bundles: boxes through the engine, and the figures they give.

use std::{fmt, path::Path};

use mien_data::{scene::Scene, split::Part};
use mien_metric::detect::{Judged, Operating};
use mien_shared::{
    bundle::{Bundle, Metric, Task},
    detection::{self, CellSpec},
    graph::Shape,
};
use rayon::{iter::ParallelIterator as _, slice::ParallelSlice as _};
use serde::Serialize;

use super::{CHUNK, JudgeError, network::Network};
use crate::task::detect::Judge;

/// Composed scenes judged; half as many without a face.
const SCENES: usize = 1000;

/// Figures at the bundle's own lowest score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DetectReport {
    /// `set.split`.
    pub data: String,
    /// On portraits, each letterboxed as a device does.
    pub portraits: Figures,
    /// On composed scenes.
    pub scenes: Figures,
    /// On composed scenes without a face.
    pub empty: Figures,
}

/// Figures on one set of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// Number of pictures.
    pub pictures: usize,
    /// Faces found at `IoU` 0.5, 0..=1.
    pub recall: f64,
    /// Boxes without a face, per 100 pictures.
    pub false_per_100: f64,
    /// Pictures with a false box, 0..=1.
    pub alarmed: f64,
    /// Mean inter-ocular error of the points of found faces.
    pub nme: f64,
    /// Area under precision over recall.
    pub average_precision: f64,
}

impl Figures {
    fn new(judged: &Judged, min_score: f32) -> Self {
        let Operating { recall, false_per_100, alarmed, nme, .. } = judged.at(min_score);
        let (pictures, average_precision) = (judged.pictures(), judged.average_precision());
        Self { pictures, recall, false_per_100, alarmed, nme, average_precision }
    }
}

impl DetectReport {
    /// The figures as a manifest holds them.
    pub fn metrics(&self) -> Vec<Metric> {
        let split = self.data.rsplit_once('.').map_or("", |(_, split)| split);
        let sets = [
            ("portraits", "recall at IoU 0.5", self.portraits, self.portraits.recall),
            ("portraits", "false boxes per 100", self.portraits, self.portraits.false_per_100),
            ("portraits", "point error (inter-ocular)", self.portraits, self.portraits.nme),
            ("composed scenes", "recall at IoU 0.5", self.scenes, self.scenes.recall),
            ("composed scenes", "false boxes per 100", self.scenes, self.scenes.false_per_100),
            ("face-free scenes", "share with a false box", self.empty, self.empty.alarmed),
        ];
        let metric = |(set, name, figures, value): (&str, &str, Figures, f64)| Metric {
            name: name.to_owned(),
            value,
            data: format!("lfw_expressions, {set}"),
            split: split.to_owned(),
            n: figures.pictures as u64,
        };
        sets.into_iter().map(metric).collect()
    }
}

impl fmt::Display for DetectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n{:<18}{:>9}{:>9}{:>11}{:>9}{:>8}{:>8}",
            self.data, "", "pictures", "recall", "false/100", "alarmed", "NME", "AP"
        )?;
        for (name, s) in [
            ("portraits", self.portraits),
            ("scenes", self.scenes),
            ("face-free scenes", self.empty),
        ] {
            writeln!(
                f,
                "{name:<18}{:>9}{:>8.2}%{:>11.2}{:>8.2}%{:>8.4}{:>8.4}",
                s.pictures,
                100.0 * s.recall,
                s.false_per_100,
                100.0 * s.alarmed,
                s.nme,
                s.average_precision
            )?;
        }
        Ok(())
    }
}

/// Judges `bundle` on the portraits of a part of `lfw_expressions` and on scenes made of them;
/// `root` holds `lfw_expressions` and `polyhaven_hdri`.
///
/// # Errors
/// When the data cannot be read or the engine fails.
pub fn judge(
    bundle: &Bundle,
    name: &str,
    root: &Path,
    split: &str,
) -> Result<DetectReport, JudgeError> {
    if name != "lfw" {
        return Err(JudgeError::Unsuited { data: name.to_owned(), known: "lfw" });
    }
    let part = Part::from_name(split).ok_or_else(|| JudgeError::Split {
        data: name.to_owned(),
        split: split.to_owned(),
        known: "train, valid, test",
    })?;
    let pictures = Judge::open(root, part, SCENES)?;
    let min_score = cell_spec(bundle)?.min_score;
    let figures = |scenes: &[Scene]| -> Result<Figures, JudgeError> {
        Ok(Figures::new(&judged(bundle, scenes)?, min_score))
    };
    Ok(DetectReport {
        data: format!("lfw.{split}"),
        portraits: figures(&pictures.portraits)?,
        scenes: figures(&pictures.scenes)?,
        empty: figures(&pictures.empty)?,
    })
}

/// What `bundle` finds in `scenes` through the engine, judged box by box, down to 1 % score.
///
/// # Errors
/// When the engine fails.
pub fn judged(bundle: &Bundle, scenes: &[Scene]) -> Result<Judged, JudgeError> {
    let spec = CellSpec { min_score: 0.01, ..cell_spec(bundle)? };
    let chunks: Vec<Judged> = scenes
        .par_chunks(CHUNK)
        .map(|chunk| {
            let mut network = Network::load(bundle)?;
            let mut judged = Judged::default();
            chunk.iter().try_for_each(|scene| one(&mut network, &spec, scene, &mut judged))?;
            Ok(judged)
        })
        .collect::<Result<_, JudgeError>>()?;
    let mut all = Judged::default();
    for chunk in &chunks {
        all.extend(chunk);
    }
    Ok(all)
}

fn one(
    network: &mut Network,
    spec: &CellSpec,
    scene: &Scene,
    judged: &mut Judged,
) -> Result<(), JudgeError> {
    let Some(Shape::Map([_, rows, columns])) = network.output_shape("cells") else {
        return Err(JudgeError::Output("cells"));
    };
    let cells = network.run(&scene.image, "cells")?;
    let mut found = Vec::new();
    detection::decode(&cells, [rows, columns].map(|n| n as usize), spec, &mut found);
    judged.push(&found, &scene.faces);
    Ok(())
}

fn cell_spec(bundle: &Bundle) -> Result<CellSpec, JudgeError> {
    match bundle.manifest.task {
        Task::Detect { stride, min_score, max_overlap } => {
            Ok(CellSpec { stride: stride as f32, min_score, max_overlap })
        }
        Task::Expression { .. } => Err(JudgeError::Output("cells")),
    }
}
