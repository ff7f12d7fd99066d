//! The check that parts share nobody: no picture, subject, sequence or near-duplicate in two parts.
//!
//! A figure on test pictures says something about strangers only where this check passes. It
//! compares what is known: a picture without subject, sequence and cluster is only held against
//! itself. A sequence is known by its name within its subject.

use std::{collections::BTreeMap, fmt};

use super::{Identity, Part, fold::Roles};

/// Leaks that an error lists; it counts all of them.
const LISTED: usize = 5;

/// Refuses parts that share anything.
///
/// # Errors
/// [`LeakError::Shared`] lists the first few things that are in two parts and counts them all;
/// [`LeakError::NoSuchPicture`] where `roles` is not of these pictures.
pub fn check(roles: &Roles, pictures: &[Identity<'_>]) -> Result<(), LeakError> {
    let mut seen: BTreeMap<Shared, Leak> = BTreeMap::new();
    for (part, positions) in roles.parts() {
        for &at in positions {
            let outside = LeakError::NoSuchPicture { at, pictures: pictures.len() };
            let picture = pictures.get(at).ok_or(outside)?;
            for what in Shared::all_of(at, picture) {
                seen.entry(what.clone()).or_insert_with(|| Leak::none(what)).meet(part, at);
            }
        }
    }
    let mut leaks: Vec<Leak> = seen.into_values().filter(|leak| leak.first.len() > 1).collect();
    let count = leaks.len();
    leaks.truncate(LISTED);
    if leaks.is_empty() { Ok(()) } else { Err(LeakError::Shared { count, leaks }) }
}

/// One thing in more than one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// The thing.
    pub what: Shared,
    /// Each part it is in, with its first picture there.
    pub first: Vec<(Part, usize)>,
}

impl Leak {
    fn none(what: Shared) -> Self {
        Self { what, first: Vec::new() }
    }

    fn meet(&mut self, part: Part, at: usize) {
        if self.first.iter().all(|(met, _)| *met != part) {
            self.first.push((part, at));
        }
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |(part, at): &(Part, usize)| format!("{} {at}", part.name());
        let places: Vec<_> = self.first.iter().map(place).collect();
        write!(f, "{} ({})", self.what, places.join(", "))
    }
}

/// What two parts can share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shared {
    /// One and the same picture, by its position.
    Picture(usize),
    /// A person.
    Subject(String),
    /// A sequence of a person, where that is known.
    Sequence {
        /// The person.
        subject: Option<String>,
        /// The sequence.
        name: String,
    },
    /// A cluster of near-duplicates.
    Cluster(usize),
}

impl Shared {
    /// Everything the picture at that position could share.
    fn all_of(at: usize, picture: &Identity<'_>) -> impl Iterator<Item = Self> + use<> {
        let subject = picture.subject.map(str::to_owned);
        let sequence = picture
            .sequence
            .map(|name| Self::Sequence { subject: subject.clone(), name: name.to_owned() });
        [
            Some(Self::Picture(at)),
            subject.map(Self::Subject),
            sequence,
            picture.cluster.map(Self::Cluster),
        ]
        .into_iter()
        .flatten()
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Picture(at) => write!(f, "picture {at}"),
            Self::Subject(name) => write!(f, "subject `{name}`"),
            Self::Sequence { subject: None, name } => write!(f, "sequence `{name}`"),
            Self::Sequence { subject: Some(subject), name } => {
                write!(f, "sequence `{name}` of `{subject}`")
            }
            Self::Cluster(cluster) => write!(f, "near-duplicates {cluster}"),
        }
    }
}

/// Why parts are not apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeakError {
    /// Parts share something.
    #[error("parts share {}: put each picture, subject, sequence and near-duplicate in one part", listed(*count, leaks))]
    Shared {
        /// Number of things in more than one part.
        count: usize,
        /// The first few of them.
        leaks: Vec<Leak>,
    },
    /// A part names a picture there is not.
    #[error("a part names picture {at} of {pictures}: folds and pictures must be of one data set")]
    NoSuchPicture {
        /// The position.
        at: usize,
        /// How many pictures there are.
        pictures: usize,
    },
}

impl LeakError {
    /// Number of things in more than one part.
    pub fn count(&self) -> usize {
        match self {
            Self::Shared { count, .. } => *count,
            Self::NoSuchPicture { .. } => 0,
        }
    }
}

/// The leaks in words, with the number of those not listed.
fn listed(count: usize, leaks: &[Leak]) -> String {
    let words: Vec<_> = leaks.iter().map(Leak::to_string).collect();
    let more = match count - leaks.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}, {count} in all", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIX: &str = "put each picture, subject, sequence and near-duplicate in one part";

    /// The complaint about train, valid and test parts of those pictures.
    fn complaint(parts: [&[usize]; 3], pictures: &[Identity<'_>]) -> Option<String> {
        let [train, valid, test] = parts.map(<[usize]>::to_vec);
        check(&Roles { train, valid, test }, pictures).err().map(|error| error.to_string())
    }

    #[test]
    fn parts_that_share_nothing_pass() {
        let film = |subject| Identity { sequence: Some("001"), ..Identity::of_subject(subject) };
        let pictures = [film("S1"), film("S1"), film("S2").in_cluster(0), Identity::default()];
        assert_eq!(complaint([&[0, 1], &[2], &[3]], &pictures), None);
        assert_eq!(complaint([&[0, 0, 1], &[], &[2, 3]], &pictures), None);
    }

    #[test]
    fn a_subject_in_two_parts_is_named_with_a_picture_of_each() {
        let pictures = ["S1", "S2", "S1", "S2", "S2"].map(Identity::of_subject);
        let found = complaint([&[0, 1], &[3], &[4]], &pictures).unwrap();
        let leak = "subject `S2` (train 1, valid 3, test 4), 1 in all";
        assert_eq!(found, format!("parts share {leak}: {FIX}"));
    }

    #[test]
    fn sequences_near_duplicates_and_the_picture_itself_leak_too() {
        let film = Identity { sequence: Some("film"), ..Identity::default() };
        let pictures = [film, film, Identity::default().in_cluster(9), film.in_cluster(9)];
        let shared = |parts| complaint(parts, &pictures).unwrap();
        assert!(
            shared([&[0], &[1], &[]])
                .contains("share sequence `film` (train 0, valid 1), 1 in all")
        );
        assert!(
            shared([&[2], &[], &[3]])
                .contains("share near-duplicates 9 (train 2, test 3), 1 in all")
        );
        let found = shared([&[2], &[2], &[]]);
        assert!(found.contains("picture 2 (train 2, valid 2), near-duplicates 9"), "{found}");
    }

    #[test]
    fn sequences_of_two_subjects_may_share_a_name() {
        let film = |subject| Identity { sequence: Some("001"), ..Identity::of_subject(subject) };
        assert_eq!(complaint([&[0], &[], &[1]], &[film("S1"), film("S2")]), None);
    }

    #[test]
    fn many_leaks_are_counted_and_the_first_listed() {
        let names: Vec<_> = (0..9).map(|number| format!("S{number}")).collect();
        let pictures: Vec<_> =
            names.iter().chain(&names).map(|name| Identity::of_subject(name)).collect();
        let [train, test] = [0..9, 9..18].map(Vec::from_iter);
        let error = check(&Roles { train, test, valid: vec![] }, &pictures).unwrap_err();
        assert_eq!(error.count(), 9);
        let found = error.to_string();
        assert!(found.contains("parts share subject `S0` (train 0, test 9), "), "{found}");
        assert!(
            found.contains("subject `S4` (train 4, test 13) and 4 more, 9 in all: "),
            "{found}"
        );
    }

    #[test]
    fn a_part_of_another_data_set_is_refused() {
        let found = complaint([&[0], &[], &[1]], &[Identity::default()]).unwrap();
        let fix = "folds and pictures must be of one data set";
        assert_eq!(found, format!("a part names picture 1 of 1: {fix}"));
    }
}
