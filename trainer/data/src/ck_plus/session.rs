//! One sequence of CK+: its label, its frames, and what is coded of its apex.

use std::path::{Path, PathBuf};

use mien_shared::{
    au::ActionUnit,
    label::{Expression, LabelMap},
};

use super::{Protocol, Set, unusable};
use crate::{
    DataError,
    files::{self, Child, Text},
    landmarks,
    manifest::{Coded, Entry, Source},
    sequence::{self, Frame},
};

/// One sequence.
pub(super) struct Session<'a> {
    pub(super) set: &'a Set,
    pub(super) subject: &'a str,
    pub(super) name: &'a str,
}

impl Session<'_> {
    /// The frames the protocol takes, none where the sequence has no emotion.
    pub(super) fn entries(&self, protocol: Protocol) -> Result<Vec<Entry>, DataError> {
        let Some(label) = only_file(&self.within(&self.set.emotion))? else {
            return Ok(Vec::new());
        };
        let expression = emotion(&label.path)?;
        if !protocol.keeps(expression) {
            return Ok(Vec::new());
        }
        let frames = self.frames(&label)?;
        let units = self.units()?;
        let mut entries = Vec::new();
        if let (Protocol::Eight, Some(first)) = (protocol, frames.first()) {
            entries.push(self.entry(first, Expression::Neutral)?);
        }
        for frame in sequence::apex(&self.within(&self.set.images), &frames)? {
            let mut entry = self.entry(frame, expression)?;
            entry.annotation.units.clone_from(&units);
            entries.push(entry);
        }
        Ok(entries)
    }

    /// This sequence's folder within one of the set's folders.
    fn within(&self, folder: &Path) -> PathBuf {
        folder.join(self.subject).join(self.name)
    }

    /// The frames, among them the one the label is for.
    fn frames(&self, label: &Child) -> Result<Vec<Frame>, DataError> {
        let frames = sequence::frames(&self.within(&self.set.images))?;
        let start = format!("{}_{}_", self.subject, self.name);
        if let Some(stray) = frames.iter().find(|frame| !frame.stem.starts_with(&start)) {
            let fix = "move it to the folder that its name says";
            return Err(unusable(&stray.path, "a frame of another sequence", fix));
        }
        let labelled = label.stem().trim_end_matches("_emotion");
        if frames.iter().any(|frame| frame.stem == labelled) {
            return Ok(frames);
        }
        let fix = "the picture it is for must be in cohn-kanade-images: fetch the sequence again";
        Err(unusable(&label.path, "no frame has its number", fix))
    }

    fn entry(&self, frame: &Frame, expression: Expression) -> Result<Entry, DataError> {
        let mut points = Vec::new();
        if let Some(folder) = &self.set.landmarks {
            points = landmarks::read(
                &self.within(folder).join(format!("{}_landmarks.txt", frame.stem)),
            )?;
        }
        let region = landmarks::face(&points);
        let mut entry = Entry::of(Source::File { path: frame.path.clone(), region });
        entry.annotation.expression = Some(expression);
        entry.annotation.landmarks = points;
        entry.subject = Some(self.subject.to_owned());
        entry.sequence = Some(format!("{}/{}", self.subject, self.name));
        Ok(entry)
    }

    /// The units coded at the apex.
    fn units(&self) -> Result<Vec<(ActionUnit, Coded)>, DataError> {
        let Some(facs) = &self.set.facs else { return Ok(Vec::new()) };
        let Some(file) = only_file(&self.within(facs))? else { return Ok(Vec::new()) };
        let mut units = Vec::new();
        for line in Text::open(&file.path)?.lines() {
            let fix = "each line must hold a unit's number and its intensity, 0 to 5";
            let [number, intensity] = line.numbers(fix)?;
            let number = whole(number).ok_or_else(|| line.fault("the unit", line.text, fix))?;
            if !(0.0..=5.0).contains(&intensity) {
                return Err(line.fault("the intensity", line.text, fix));
            }
            let coded =
                if intensity > 0.0 { Coded::Intensity(intensity) } else { Coded::Present(true) };
            units.extend(ActionUnit::new(number).map(|unit| (unit, coded)));
        }
        Ok(units)
    }
}

/// The one file in a folder; `None` where there is no such folder or it is empty.
fn only_file(folder: &Path) -> Result<Option<Child>, DataError> {
    if !folder.exists() {
        return Ok(None);
    }
    let mut files = files::children(folder)?;
    if let Some(second) = files.get(1) {
        return Err(unusable(&second.path, "a second label", "keep the one of the last frame"));
    }
    Ok(files.pop())
}

/// The emotion in a label file.
fn emotion(path: &Path) -> Result<Expression, DataError> {
    let fix = "it must hold one number, 1 to 7";
    let text = Text::open(path)?;
    let Some(line) = text.lines().next() else { return Err(unusable(path, "empty", fix)) };
    let [number] = line.numbers(fix)?;
    let expression = whole(number).and_then(|id| LabelMap::CK_PLUS.by_id(id).ok().flatten());
    // The table has neutral, but no sequence is labelled with it.
    let shown = expression.filter(|expression| *expression != Expression::Neutral);
    shown.ok_or_else(|| line.fault("the emotion", line.text, fix))
}

/// A whole number written as a float.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a u8")]
fn whole(number: f32) -> Option<u8> {
    (number.fract() == 0.0 && (0.0..=255.0).contains(&number)).then_some(number as u8)
}
