//! A judged network as the parts of a report: figures, confusion, reliability, worst mistakes,
//! places it looks at, feature space.

use std::cmp::Reverse;

use mien_data::{Sample, augment};
use mien_metric::{
    calibration::BINS,
    interval::Estimate,
    protocol::Protocol,
    reliability::reliability,
    report::{Case, ClassReport},
};
use mien_report::{
    embed::embed,
    picture::Picture,
    run::{Bin, ClassFigures, Embedding, Figure, Mistake, RunReport, Saliency, Scale},
};
use mien_shared::{bundle::Bundle, label::Expression};
use rand::seq::SliceRandom as _;

use super::{WriteError, inside::Inside};
use crate::{
    judge::{detect::DetectReport, expression::probabilities},
    train::run::Run,
};

/// Wrong readings shown.
const MISTAKES: usize = 24;

/// Of those, shown with the places looked at, after the surest right reading of each class.
const EXPLAINED: usize = 4;

/// Samples embedded, at most [`mien_report::embed::MAX_POINTS`].
const EMBEDDED: usize = 1500;

/// Fewest samples worth an embedding.
const FEW: usize = 50;

/// Adds to `report` what the run's network makes of `samples`: `bundle` reads them through the
/// device's engine, or the network itself where no device runs it; the best weights in f32 show what
/// is inside.
///
/// # Errors
/// When the engine fails or the weights are of another network.
pub(super) fn add(
    report: &mut RunReport,
    run: &Run,
    bundle: Option<&Bundle>,
    mut samples: Vec<Sample>,
) -> Result<(), WriteError> {
    let protocol = protocol(&samples);
    samples.retain(|sample| protocol.truth(sample).is_some());
    let inside = Inside::of(run)?;
    let opinions = match bundle {
        Some(bundle) => probabilities(bundle, &samples)?,
        None => inside.probabilities(&samples),
    };
    let cases = protocol.cases(&samples, &opinions);
    let judged = Judged { labels: protocol.labels(), samples: &samples, cases: &cases };
    let figures = ClassReport::new(judged.labels, &cases, run.recipe.seed);
    report.classes = judged.labels.iter().map(|label| label.name().to_owned()).collect();
    report.figures = class_figures(&figures, protocol);
    report.confusion = figures.confusion.rows().to_vec();
    report.by_class = judged.by_class(&figures);
    report.reliability = judged.reliability()?;
    let wrong = judged.wrong();
    report.mistakes = wrong.iter().take(MISTAKES).map(|&at| judged.mistake(at)).collect();
    let explained = judged.surest_right().chain(wrong.iter().take(EXPLAINED).copied());
    report.saliency = explained.filter_map(|at| judged.saliency(at, &inside)).collect();
    if samples.len() >= FEW {
        report.embedding = Some(judged.embedding(run.recipe.seed, &inside)?);
    }
    Ok(())
}

/// A detector's figures, at its own lowest score.
pub(super) fn detector_figures(report: &DetectReport) -> Vec<Figure> {
    let sets = [
        ("portraits", report.portraits),
        ("composed scenes", report.scenes),
        ("face-free scenes", report.empty),
    ];
    let figure = |name: &str, value, scale, n: usize, of: &str| Figure {
        name: name.to_owned(),
        value,
        scale,
        interval: None,
        n: n as u64,
        of: of.to_owned(),
    };
    let of = |(set, figures): (&str, crate::judge::detect::Figures)| {
        let n = figures.pictures;
        if set == "face-free scenes" {
            return vec![figure("share with a false box", figures.alarmed, Scale::Share, n, set)];
        }
        vec![
            figure("recall at IoU 0.5", figures.recall, Scale::Share, n, set),
            figure("average precision", figures.average_precision, Scale::Share, n, set),
            figure("false boxes per 100", figures.false_per_100, Scale::Number, n, set),
            figure("point error, inter-ocular", figures.nme, Scale::Number, n, set),
        ]
    };
    sets.into_iter().flat_map(of).collect()
}

/// The first protocol that any of the samples counts in.
fn protocol(samples: &[Sample]) -> Protocol {
    let counts = |protocol: &Protocol| samples.iter().any(|s| protocol.truth(s).is_some());
    Protocol::USUAL.into_iter().find(counts).unwrap_or(Protocol::Ferplus8)
}

fn class_figures(report: &ClassReport, protocol: Protocol) -> Vec<Figure> {
    let figure = |name: &str, value, interval| Figure {
        name: name.to_owned(),
        value,
        scale: Scale::Share,
        interval,
        n: report.samples,
        of: format!("protocol {}", protocol.name()),
    };
    let estimated = |name, Estimate { value, low, high }| figure(name, value, Some([low, high]));
    vec![
        estimated("accuracy", report.accuracy),
        estimated("balanced accuracy", report.balanced_accuracy),
        estimated("macro F1", report.macro_f1),
        figure("expected calibration error", report.calibration_error, None),
    ]
}

/// Samples that count, and what the network says of each.
struct Judged<'a> {
    /// The classes, in the report's order.
    labels: &'a [Expression],
    samples: &'a [Sample],
    /// One for each sample.
    cases: &'a [Case],
}

impl Judged<'_> {
    /// Where the report has a class; every class of a case is one of the protocol's.
    fn class(&self, label: Expression) -> usize {
        self.labels.iter().position(|&other| other == label).unwrap_or_default()
    }

    fn right(&self, at: usize) -> bool {
        self.cases[at].truth == self.cases[at].predicted().0
    }

    fn confidence(&self, at: usize) -> f32 {
        self.cases[at].predicted().1.clamp(0.0, 1.0)
    }

    /// The wrong readings, surest first; the first of equals.
    fn wrong(&self) -> Vec<usize> {
        let mut wrong: Vec<usize> = (0..self.cases.len()).filter(|&at| !self.right(at)).collect();
        // Confidences are 0..=1, whose bits are in their order.
        wrong.sort_by_key(|&at| Reverse(self.confidence(at).to_bits()));
        wrong
    }

    /// The surest right reading of each class that has one.
    fn surest_right(&self) -> impl Iterator<Item = usize> {
        self.labels.iter().filter_map(|&label| {
            (0..self.cases.len())
                .filter(|&at| self.cases[at].truth == label && self.right(at))
                .max_by(|&a, &b| self.confidence(a).total_cmp(&self.confidence(b)))
        })
    }

    fn by_class(&self, report: &ClassReport) -> Vec<ClassFigures> {
        let figures = |row: &mien_metric::report::ClassRow| ClassFigures {
            class: self.class(row.label),
            n: row.support,
            precision: row.precision,
            recall: row.recall,
            f1: row.f1,
        };
        report.classes.iter().map(figures).collect()
    }

    fn reliability(&self) -> Result<Vec<Bin>, WriteError> {
        let judgements: Vec<(f32, bool)> =
            (0..self.cases.len()).map(|at| (self.confidence(at), self.right(at))).collect();
        let bins = reliability(&judgements, BINS)?.bins.into_iter().filter_map(|bin| {
            Some(Bin { n: bin.n, confidence: bin.confidence?, accuracy: bin.accuracy? })
        });
        Ok(bins.collect())
    }

    fn mistake(&self, at: usize) -> Mistake {
        let (predicted, _) = self.cases[at].predicted();
        Mistake {
            picture: Picture::from(&self.samples[at].image),
            truth: self.class(self.cases[at].truth),
            predicted: self.class(predicted),
            confidence: f64::from(self.confidence(at)),
        }
    }

    fn saliency(&self, at: usize, inside: &Inside) -> Option<Saliency> {
        let (predicted, _) = self.cases[at].predicted();
        Some(Saliency {
            picture: Picture::from(&self.samples[at].image),
            heat: inside.heat(&self.samples[at].image, predicted)?,
            truth: self.class(self.cases[at].truth),
            predicted: self.class(predicted),
        })
    }

    /// A seeded choice of the samples in the plane.
    fn embedding(&self, seed: u64, inside: &Inside) -> Result<Embedding, WriteError> {
        let mut chosen: Vec<usize> = (0..self.samples.len()).collect();
        chosen.shuffle(&mut augment::rng(seed, 0, u64::MAX));
        chosen.truncate(EMBEDDED);
        let pictures = chosen.iter().map(|&at| &self.samples[at].image);
        Ok(Embedding {
            method: "t-SNE of the penultimate features".to_owned(),
            points: embed(&inside.features(pictures))?,
            classes: chosen.iter().map(|&at| self.class(self.cases[at].truth)).collect(),
        })
    }
}
