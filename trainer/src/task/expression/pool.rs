//! The pictures a task learns from: all in memory, or read from disk when their turn comes.

use std::borrow::Cow;

use mien_data::{
    DataError, Sample,
    manifest::{Cut, Entry},
    sampler::{SamplerError, SubsetError, bag, stratified},
};
use mien_shared::{geometry::LANDMARKS, label::Expression};

/// Sets the draw of held-out pictures apart from that of the others.
const HELD_OUT: u64 = 0x9FB2_1C65_1E98_DF25;

/// Pictures by index.
#[derive(Debug, Clone)]
pub enum Pool {
    /// In memory.
    Memory(Vec<Sample>),
    /// On disk: decoded anew every epoch, so that a set larger than memory can be learned from.
    Streamed {
        /// The list.
        entries: Vec<Entry>,
        /// How their pictures become crops.
        cut: Cut,
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
            Self::Streamed { entries, cut } => entries[index].cut(cut).map(Cow::Owned),
        }
    }

    /// Keeps `count` pictures, drawn from `seed` in the classes' proportions.
    ///
    /// # Errors
    /// When there are not as many, or not one for each class.
    pub fn draw(&mut self, count: usize, seed: u64) -> Result<(), SubsetError> {
        let drawn = stratified(&self.known_classes(), count, seed)?;
        self.keep(&drawn);
        Ok(())
    }

    /// Whether any picture has its 68 landmarks, without decoding one.
    pub fn has_points(&self) -> bool {
        match self {
            Self::Memory(samples) => samples.iter().any(|sample| sample.points.is_some()),
            Self::Streamed { entries, .. } => {
                entries.iter().any(|entry| entry.annotation.landmarks.len() == LANDMARKS)
            }
        }
    }

    /// Takes `count` pictures in memory out, drawn from `seed` in the classes' proportions.
    ///
    /// # Errors
    /// When there are not as many, or not one for each class.
    pub fn hold_out(&mut self, count: usize, seed: u64) -> Result<Vec<Sample>, SubsetError> {
        let classes = self.known_classes();
        let Self::Memory(samples) = self else { return Ok(Vec::new()) };
        let drawn = stratified(&classes, count, seed ^ HELD_OUT)?;
        let held = drawn.iter().map(|&at| samples[at].clone()).collect();
        let others: Vec<usize> =
            (0..samples.len()).filter(|at| drawn.binary_search(at).is_err()).collect();
        keep(samples, &others);
        Ok(held)
    }

    /// Keeps a `share` of the pictures, drawn from `seed` in the classes' proportions.
    ///
    /// # Errors
    /// When it is not above 0 and at most 1.
    pub fn bag(&mut self, share: f64, seed: u64) -> Result<(), SamplerError> {
        let drawn = bag(&self.known_classes(), share, seed, 0)?;
        self.keep(&drawn);
        Ok(())
    }

    /// Keeps what is at these positions, which ascend.
    fn keep(&mut self, positions: &[usize]) {
        match self {
            Self::Memory(samples) => keep(samples, positions),
            Self::Streamed { entries, .. } => keep(entries, positions),
        }
    }

    /// [`Self::classes`] of pictures that all have one to learn.
    pub fn known_classes(&self) -> Vec<usize> {
        self.classes().into_iter().map(Option::unwrap_or_default).collect()
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

/// Keeps what is at these positions, which ascend.
fn keep<T>(all: &mut Vec<T>, positions: &[usize]) {
    let (mut at, mut positions) = (0, positions.iter().peekable());
    all.retain(|_| {
        let kept = positions.next_if_eq(&&at).is_some();
        at += 1;
        kept
    });
}

fn class_of(entry: &Entry) -> Option<usize> {
    let annotation = &entry.annotation;
    let voted = annotation.votes.as_ref().and_then(|votes| top(votes));
    voted.or(annotation.expression.map(Expression::index))
}

fn top(target: &[f32]) -> Option<usize> {
    target.iter().any(|&share| share > 0.0).then(|| super::argmax(target))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mien_data::manifest::Source;
    use mien_shared::frame::Grey;

    use super::*;

    /// Twelve fearful pictures and four angry ones, on disk or in memory.
    fn pools() -> [Pool; 2] {
        let entry = |id: u64| {
            let mut entry = Entry::of(Source::Memory(Arc::new(Grey::new(48, 48))));
            let anger = id.is_multiple_of(4);
            entry.annotation.expression =
                Some(if anger { Expression::Anger } else { Expression::Fear });
            Entry { id, ..entry }
        };
        let entries: Vec<Entry> = (0..16).map(entry).collect();
        let samples = entries.iter().map(|entry| entry.sample(48).unwrap()).collect();
        [Pool::Memory(samples), Pool::Streamed { entries, cut: Cut::WHOLE }]
    }

    #[test]
    fn a_draw_is_the_same_in_memory_and_on_disk() {
        let [memory, disk] = pools().map(|mut pool| {
            pool.draw(8, 1).unwrap();
            (0..pool.len()).map(|at| pool.get(at).unwrap().id).collect::<Vec<_>>()
        });
        assert_eq!(memory, disk);
        assert_eq!((memory.len(), memory.iter().filter(|&id| id % 4 == 0).count()), (8, 2));
    }

    #[test]
    fn a_bag_holds_its_share_of_each_class_once() {
        let of = |seed| {
            pools().map(|mut pool| {
                pool.bag(0.5, seed).unwrap();
                (0..pool.len()).map(|at| pool.get(at).unwrap().id).collect::<Vec<_>>()
            })
        };
        let [memory, disk] = of(1);
        assert_eq!(memory, disk);
        assert!(memory.is_sorted_by(|a, b| a < b));
        assert_eq!((memory.len(), memory.iter().filter(|&id| id % 4 == 0).count()), (8, 2));
        assert_ne!(of(2)[0], memory);
    }

    #[test]
    fn what_is_kept_keeps_its_order() {
        let mut letters = vec!['a', 'b', 'c', 'd', 'e'];
        keep(&mut letters, &[0, 2, 4]);
        assert_eq!(letters, ['a', 'c', 'e']);
    }
}
