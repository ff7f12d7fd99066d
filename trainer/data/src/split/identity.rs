//! What a picture must not share with another part: its person, its sequence, its near-duplicates.

use std::path::Path;

use crate::{
    Sample,
    manifest::{Entry, Source},
};

/// Who and what a picture shows, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The person.
    pub subject: Option<&'a str>,
    /// The sequence, named within its subject.
    pub sequence: Option<&'a str>,
    /// The file's name without folder and extension.
    pub stem: Option<&'a str>,
    /// The cluster of near-duplicates, by [`super::duplicate::clusters`] or the set's own list.
    pub cluster: Option<usize>,
}

impl<'a> Identity<'a> {
    /// A picture of which only the person is known.
    pub fn of_subject(subject: &'a str) -> Self {
        Self { subject: Some(subject), ..Self::default() }
    }

    /// The same picture, now known to be in a cluster.
    #[must_use]
    pub fn in_cluster(self, cluster: usize) -> Self {
        Self { cluster: Some(cluster), ..self }
    }
}

impl<'a> From<&'a Entry> for Identity<'a> {
    fn from(entry: &'a Entry) -> Self {
        let path = match &entry.source {
            Source::File { path, .. } => Some(path.as_path()),
            Source::Packed { name, .. } => Some(Path::new(name)),
            Source::Memory(_) => None,
        };
        Self {
            subject: entry.subject.as_deref(),
            sequence: entry.sequence.as_deref(),
            stem: path.and_then(Path::file_stem).and_then(std::ffi::OsStr::to_str),
            cluster: None,
        }
    }
}

impl<'a> From<&'a Sample> for Identity<'a> {
    fn from(sample: &'a Sample) -> Self {
        Self { subject: sample.subject.as_deref(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Annotation;

    #[test]
    fn an_entry_gives_its_subject_sequence_and_stem() {
        let entry = Entry {
            id: 7,
            source: Source::File { path: "S005/001/S005_001_00000011.png".into(), region: None },
            annotation: Annotation::default(),
            subject: Some("S005".to_owned()),
            sequence: Some("001".to_owned()),
            part: None,
            fold: None,
            leaks: false,
        };
        let expected = Identity {
            subject: Some("S005"),
            sequence: Some("001"),
            stem: Some("S005_001_00000011"),
            cluster: Some(4),
        };
        assert_eq!(Identity::from(&entry).in_cluster(4), expected);
    }
}
