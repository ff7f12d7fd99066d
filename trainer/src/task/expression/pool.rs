//! The pictures a task learns from: all in memory, or read from disk when their turn comes.

use std::borrow::Cow;

use mien_data::{DataError, Sample, manifest::Entry};
use mien_shared::label::Expression;

/// Pictures by index.
#[derive(Debug, Clone)]
pub enum Pool {
    /// In memory.
    Memory(Vec<Sample>),
    /// On disk: decoded anew every epoch, so that a set larger than memory can be learned from.
    Streamed {
        /// The list.
        entries: Vec<Entry>,
        /// Side of a picture in pixels.
        side: u32,
    },
}

impl Pool {
    /// Pictures there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Memory(samples) => samples.len(),
            Self::Streamed { entries, .. } => entries.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The picture at `index`, which is below [`Self::len`].
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn get(&self, index: usize) -> Result<Cow<'_, Sample>, DataError> {
        match self {
            Self::Memory(samples) => Ok(Cow::Borrowed(&samples[index])),
            Self::Streamed { entries, side } => entries[index].sample(*side).map(Cow::Owned),
        }
    }

    /// The class learned most of in each picture, without decoding any; `None` where there is
    /// nothing to learn.
    pub fn classes(&self) -> Vec<Option<usize>> {
        match self {
            Self::Memory(samples) => samples.iter().map(|s| top(&s.target)).collect(),
            Self::Streamed { entries, .. } => entries.iter().map(class_of).collect(),
        }
    }
}

fn class_of(entry: &Entry) -> Option<usize> {
    let annotation = &entry.annotation;
    let voted = annotation.votes.as_ref().and_then(|votes| top(votes));
    voted.or(annotation.expression.map(Expression::index))
}

fn top(target: &[f32]) -> Option<usize> {
    target.iter().any(|&share| share > 0.0).then(|| super::argmax(target))
}
