//! Whether the parts of a report fit each other: a report read from a file is input like any other.

use super::{Embedding, MAX_CLASSES, MAX_PICTURES, ReportError, RunReport, Scale};
use crate::embed::MAX_POINTS;

/// Most epochs, bins, figures or layers a report may have.
const MAX_ROWS: usize = 100_000;

impl RunReport {
    /// Whether the parts fit each other: indices name classes, numbers are finite, shares are
    /// shares, pictures hold their pixels, nothing is larger than a page can show.
    ///
    /// # Errors
    /// With the first field that does not.
    pub fn check(&self) -> Result<(), ReportError> {
        self.check_counts()?;
        self.check_figures()?;
        self.check_classes()?;
        self.check_pictures()?;
        self.embedding.iter().try_for_each(|embedding| self.check_embedding(embedding))
    }

    fn check_counts(&self) -> Result<(), ReportError> {
        let counts = [
            ("classes", self.classes.len(), MAX_CLASSES),
            ("mistakes", self.mistakes.len(), MAX_PICTURES),
            ("saliency", self.saliency.len(), MAX_PICTURES),
            ("figures", self.figures.len(), MAX_ROWS),
            ("epochs", self.epochs.len(), MAX_ROWS),
            ("reliability", self.reliability.len(), MAX_ROWS),
            ("layers", self.layers.len(), MAX_ROWS),
        ];
        counts.into_iter().try_for_each(|(field, count, most)| {
            let rule = || format!("must be at most {most}, not {count}");
            ReportError::unless(count <= most, || field.to_owned(), rule)
        })
    }

    fn check_figures(&self) -> Result<(), ReportError> {
        for (at, figure) in self.figures.iter().enumerate() {
            let ends = figure.interval.unwrap_or([figure.value; 2]);
            let (values, field) = ([figure.value, ends[0], ends[1]], || format!("figures[{at}]"));
            match figure.scale {
                Scale::Share => shares(&values, field)?,
                Scale::Number => {
                    let finite = values.iter().all(|value| value.is_finite());
                    ReportError::unless(finite, field, finite_rule)?;
                }
            }
        }
        for (at, epoch) in self.epochs.iter().enumerate() {
            let named = epoch.parts.iter().chain(&epoch.validation.values).map(|(_, value)| *value);
            let plain = [epoch.loss, epoch.rate, epoch.samples_per_s, epoch.validation.score];
            let finite = named.chain(plain).all(f64::is_finite);
            ReportError::unless(finite, || format!("epochs[{at}]"), finite_rule)?;
        }
        for (at, bin) in self.reliability.iter().enumerate() {
            shares(&[bin.confidence, bin.accuracy], || format!("reliability[{at}]"))?;
        }
        for (at, layer) in self.layers.iter().enumerate() {
            let finite = layer.sqnr_db.is_finite();
            ReportError::unless(finite, || format!("layers[{at}].sqnr_db"), finite_rule)?;
        }
        Ok(())
    }

    fn check_classes(&self) -> Result<(), ReportError> {
        let classes = self.classes.len();
        let square = self.confusion.len() == classes
            && self.confusion.iter().all(|row| row.len() == classes);
        let rule = || format!("must be empty or {classes} rows of {classes} counts");
        let sound = self.confusion.is_empty() || square;
        ReportError::unless(sound, || "confusion".to_owned(), rule)?;
        for (at, row) in self.by_class.iter().enumerate() {
            let field = || format!("by_class[{at}]");
            self.check_class(row.class, field)?;
            let figures = [row.precision, row.recall, row.f1].map(Option::unwrap_or_default);
            shares(&figures, field)?;
        }
        Ok(())
    }

    fn check_pictures(&self) -> Result<(), ReportError> {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            let field = || format!("mistakes[{at}]");
            mistake.picture.check(&format!("{}.picture", field()))?;
            shares(&[mistake.confidence], field)?;
            [mistake.truth, mistake.predicted]
                .into_iter()
                .try_for_each(|class| self.check_class(class, field))?;
        }
        for (at, saliency) in self.saliency.iter().enumerate() {
            let field = || format!("saliency[{at}]");
            saliency.picture.check(&format!("{}.picture", field()))?;
            saliency.heat.check(&format!("{}.heat", field()))?;
            [saliency.truth, saliency.predicted]
                .into_iter()
                .try_for_each(|class| self.check_class(class, field))?;
        }
        Ok(())
    }

    fn check_embedding(&self, embedding: &Embedding) -> Result<(), ReportError> {
        let count = embedding.points.len();
        let sound = count <= MAX_POINTS
            && embedding.classes.len() == count
            && embedding.points.iter().flatten().all(|value| value.is_finite());
        let rule = || format!("must hold at most {MAX_POINTS} finite points and a class for each");
        ReportError::unless(sound, || "embedding".to_owned(), rule)?;
        let field = || "embedding.classes".to_owned();
        embedding.classes.iter().try_for_each(|&class| self.check_class(class, field))
    }

    fn check_class(&self, class: usize, field: impl Fn() -> String) -> Result<(), ReportError> {
        let rule = || format!("names class {class}, but there are {}", self.classes.len());
        ReportError::unless(class < self.classes.len(), field, rule)
    }
}

fn shares(values: &[f64], field: impl Fn() -> String) -> Result<(), ReportError> {
    let sound = values.iter().all(|value| (0.0..=1.0).contains(value));
    ReportError::unless(sound, field, || "must hold shares, 0 to 1".to_owned())
}

fn finite_rule() -> String {
    "must hold finite numbers".to_owned()
}
