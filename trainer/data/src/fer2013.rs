//! FER2013 as published: `fer2013.csv`, with the FER+ votes where `fer2013new.csv` lies beside it.
//!
//! The two tables are row-aligned. Without votes a sample's target is its FER2013 label, and it
//! has no FER+ label.

use std::path::Path;

use mien_shared::{frame::Grey, label::LabelMap};

use super::{
    Adapter, DataError, Dataset, Sample,
    ferplus::{self, PIXELS, SIDE, Votes},
    manifest::{Entry, ListAdapter, Listing, Official},
    one_hot,
    split::Part,
    table::{Row, Table},
};

/// The published form.
pub(super) const ADAPTER: Adapter = Adapter {
    name: "fer2013",
    layout: "fer2013.csv and, for the FER+ labels, fer2013new.csv",
    splits: &["train", "valid", "test"],
    open,
};

/// All three splits; FER+ removes pictures and gives other classes, so only the whole is counted.
pub(super) const LIST: ListAdapter = ListAdapter {
    name: ADAPTER.name,
    layout: ADAPTER.layout,
    official: Official { pictures: Some(28_709 + 2 * 3_589), subjects: None, classes: &[] },
    list,
};

/// What the column `Usage` calls each split.
const USAGE: [(Part, &str); 3] =
    [(Part::Train, "Training"), (Part::Valid, "PublicTest"), (Part::Test, "PrivateTest")];

fn open(root: &Path, split: &str) -> Result<Dataset, DataError> {
    let tables = Tables::open(root)?;
    let mut samples = Vec::new();
    for (number, row) in tables.faces.rows().enumerate() {
        if tables.part(row)?.name() == split {
            samples.extend(tables.sample(number, row)?);
        }
    }
    Ok(Dataset { name: format!("{}.{split}", ADAPTER.name), samples })
}

/// Lists all three splits. The pictures are held in memory: they are numbers in the table.
///
/// Where there are no FER+ votes, an entry's expression is its FER2013 label.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(LIST.name);
    let Some(tables) = listing.take(Tables::open(root)) else { return listing };
    for (number, row) in tables.faces.rows().enumerate() {
        match tables.entry(number, row).transpose() {
            Some(entry) => listing.add(entry),
            None => *listing.dropped.entry("pictures that FER+ removed").or_default() += 1,
        }
    }
    listing
}

/// The table of faces with that of votes, where there is one.
struct Tables {
    faces: Table,
    columns: [usize; 3],
    votes: Option<Ballots>,
}

impl Tables {
    fn open(root: &Path) -> Result<Self, DataError> {
        let faces = Table::open(&root.join("fer2013.csv"))?;
        let columns = faces.columns(["emotion", "pixels", "Usage"])?;
        let votes = Ballots::open(&root.join("fer2013new.csv"), faces.len())?;
        Ok(Self { faces, columns, votes })
    }

    /// The part a row belongs to.
    fn part(&self, row: Row<'_>) -> Result<Part, DataError> {
        let [.., usage] = self.columns;
        let found = USAGE.into_iter().find(|(_, name)| *name == row.text(usage));
        found
            .map(|(part, _)| part)
            .ok_or_else(|| row.fault(usage, "it must be Training, PublicTest or PrivateTest"))
    }

    /// The sample in a row, `None` where FER+ removed the picture.
    fn sample(&self, number: usize, row: Row<'_>) -> Result<Option<Sample>, DataError> {
        let [.., usage] = self.columns;
        let ballot = match &self.votes {
            None => Ballot::Absent,
            Some(ballots) => ballots.of(number, row.text(usage))?,
        };
        sample(number, row, self.columns, ballot)
    }

    fn entry(&self, number: usize, row: Row<'_>) -> Result<Option<Entry>, DataError> {
        let part = self.part(row)?;
        let entry = self.sample(number, row)?.map(|sample| ferplus::entry(sample, part));
        Ok(entry.map(|mut entry| {
            if self.votes.is_none() {
                entry.annotation.expression = entry.annotation.fer7;
                entry.annotation.votes = None;
            }
            entry
        }))
    }
}

/// The sample in a row, `None` where FER+ removed the picture.
fn sample(
    number: usize,
    row: Row<'_>,
    [emotion, pixels, _]: [usize; 3],
    ballot: Ballot,
) -> Result<Option<Sample>, DataError> {
    let fix = "it must be a class number, 0 to 6";
    let class = LabelMap::FER2013
        .by_id(row.number(emotion, fix)?)
        .ok()
        .flatten()
        .ok_or_else(|| row.fault(emotion, fix))?;
    let image = picture(row, pixels)?;
    let (target, label) = match ballot {
        Ballot::Removed => return Ok(None),
        Ballot::Absent => (one_hot(class), None),
        Ballot::Cast(votes) => (votes.target(), votes.majority()),
    };
    let (id, fer7, subject, points, leaks) = (number as u64, Some(class), None, None, false);
    Ok(Some(Sample { id, image, target, label, fer7, subject, points, leaks }))
}

fn picture(row: Row<'_>, column: usize) -> Result<Grey, DataError> {
    let fix = "it must hold 2304 numbers from 0 to 255, separated by blanks";
    let data = row
        .text(column)
        .split_ascii_whitespace()
        .map(|pixel| pixel.parse().map_err(|_not_a_byte| row.fault(column, fix)))
        .collect::<Result<Vec<u8>, _>>()?;
    if data.len() != PIXELS {
        return Err(row.fault(column, fix));
    }
    Ok(Grey { width: SIDE, height: SIDE, data })
}

/// What FER+ says of one picture.
#[derive(Clone, Copy)]
enum Ballot {
    /// There are no FER+ votes at all.
    Absent,
    /// FER+ removed the picture.
    Removed,
    /// Its votes.
    Cast(Votes),
}

/// The table of FER+ votes.
struct Ballots {
    table: Table,
    usage: usize,
    name: usize,
    votes: [usize; 10],
}

impl Ballots {
    /// The table at `path`, row-aligned with one of `rows` rows; `None` where there is no file.
    fn open(path: &Path, rows: usize) -> Result<Option<Self>, DataError> {
        if !path.exists() {
            return Ok(None);
        }
        let table = Table::open(path)?;
        if table.len() != rows {
            return Err(DataError::Count {
                path: path.to_owned(),
                what: "rows",
                found: table.len(),
                expected: rows,
                fix: "its rows must be those of fer2013.csv, one for one",
            });
        }
        let [usage, name] = table.columns(["Usage", "Image name"])?;
        Ok(Some(Self { usage, name, votes: Votes::columns(&table)?, table }))
    }

    /// What the row of that number says; its `Usage` must be `usage`.
    fn of(&self, number: usize, usage: &str) -> Result<Ballot, DataError> {
        let Some(row) = self.table.row(number) else { return Ok(Ballot::Removed) };
        if row.text(self.usage) != usage {
            return Err(row.fault(self.usage, "it must be that of the same row of fer2013.csv"));
        }
        if row.text(self.name).is_empty() {
            return Ok(Ballot::Removed);
        }
        Votes::from_row(row, self.votes).map(Ballot::Cast)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use mien_shared::label::Expression;

    use super::*;

    const VOTE_HEADER: &str = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,\
        fear,contempt,unknown,NF\n";
    const VOTES: &str = "Training,fer0000000.png,0,8,0,2,0,0,0,0,0,0\n\
        Training,,0,0,0,0,0,0,0,0,0,0\n\
        PublicTest,fer0000002.png,0,0,0,0,9,0,0,0,1,0\n";

    #[test]
    fn without_votes_the_target_is_the_original_label() {
        let root = published(&faces(), None);
        let train = open(root.path(), "train").unwrap();
        assert_eq!(train.name, "fer2013.train");
        assert_eq!(train.samples.len(), 2);
        assert_eq!(train.samples[0].fer7, Some(Expression::Happiness));
        assert_eq!(train.samples[0].target[Expression::Happiness.index()], 1.0);
        assert_eq!(train.samples[0].label, None);
        assert_eq!(train.samples[0].image.data[..3], [0, 1, 2]);
        assert_eq!(open(root.path(), "valid").unwrap().samples[0].id, 2);
        assert!(open(root.path(), "test").unwrap().samples.is_empty());
    }

    #[test]
    fn votes_give_soft_labels_and_remove_pictures() {
        let root = published(&faces(), Some(&format!("{VOTE_HEADER}{VOTES}")));
        let train = open(root.path(), "train").unwrap();
        assert_eq!(train.samples.len(), 1);
        assert_eq!(train.samples[0].target[Expression::Happiness.index()], 0.8);
        assert_eq!(train.samples[0].label, Some(Expression::Happiness));
        assert_eq!(open(root.path(), "valid").unwrap().samples[0].label, Some(Expression::Anger));
    }

    #[test]
    fn all_three_parts_are_listed_with_or_without_votes() {
        let root = published(&faces(), None);
        let manifest = list(root.path()).whole().unwrap();
        assert_eq!(Part::ALL.map(|part| manifest.part(part).count()), [2, 1, 0]);
        assert_eq!(manifest.entries[1].annotation.expression, Some(Expression::Neutral));
        assert_eq!(manifest.entries[1].annotation.votes, None);
        let root = published(&faces(), Some(&format!("{VOTE_HEADER}{VOTES}")));
        let listing = list(root.path());
        assert_eq!(listing.dropped, [("pictures that FER+ removed", 1)].into());
        let manifest = listing.whole().unwrap();
        assert_eq!(Part::ALL.map(|part| manifest.part(part).count()), [1, 1, 0]);
        assert_eq!(manifest.sample(1, SIDE).unwrap().label, Some(Expression::Anger));
    }

    #[test]
    fn every_broken_row_of_the_list_is_named() {
        let root = published(&faces().replace("3,", "7,").replace("PublicTest", "Public"), None);
        let listing = list(root.path());
        let said: Vec<_> = listing.faults.iter().map(ToString::to_string).collect();
        assert_eq!((said.len(), listing.manifest.entries.len()), (2, 1), "{said:?}");
        assert!(said[0].contains("fer2013.csv, line 2: emotion is `7`"), "{said:?}");
        assert!(said[1].contains("fer2013.csv, line 4: Usage is `Public`"), "{said:?}");
    }

    #[test]
    fn each_broken_face_is_named_with_its_line() {
        let long = format!("{} 5", pixels());
        let broken = [
            ("3,", "7,", "line 2: emotion is `7`"),
            ("3,", "joy,", "line 2: emotion is `joy`"),
            ("PublicTest", "Public", "line 4: Usage is `Public`"),
            ("0 1 2 3", "0 1 2", "line 2: pixels is `0 1 2 4"),
            ("0 1 2 3", "0 1 2 256", "line 2: pixels is `0 1 2 256"),
            ("0 1 2 3", "0 1 2 x", "line 2: pixels is `0 1 2 x"),
            (pixels().as_str(), long.as_str(), "line 2: pixels is `0 1 2 3"),
            ("emotion,", "feeling,", "line 1: no column `emotion`"),
        ]
        .map(|(good, bad, complaint)| (faces().replacen(good, bad, 1), complaint));
        for (table, complaint) in broken {
            let root = published(&table, None);
            let error = open(root.path(), "train").unwrap_err().to_string();
            assert!(error.contains("fer2013.csv") && error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn votes_that_do_not_match_the_faces_are_refused() {
        let shorter = VOTES.lines().take(2).fold(String::new(), |rows, row| rows + row + "\n");
        let broken = [
            (shorter, "holds 2 rows, expected 3"),
            (VOTES.replace("Training,,", "PublicTest,,"), "line 3: Usage is `PublicTest`"),
            (VOTES.replace(",8,", ",many,"), "line 2: happiness is `many`"),
        ];
        for (votes, complaint) in broken {
            let root = published(&faces(), Some(&format!("{VOTE_HEADER}{votes}")));
            let error = open(root.path(), "train").unwrap_err().to_string();
            assert!(error.contains("fer2013new.csv") && error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn a_ragged_table_and_a_missing_file_are_refused() {
        let root = published(&faces().replacen("3,", "3,3,", 1), None);
        let error = open(root.path(), "train").unwrap_err();
        assert!(matches!(error, DataError::Csv { .. }), "{error}");
        let error = open(&root.path().join("nowhere"), "train").unwrap_err();
        assert!(matches!(error, DataError::Read { .. }), "{error}");
    }

    fn pixels() -> String {
        (0..PIXELS).map(|at| (at % 256).to_string()).collect::<Vec<_>>().join(" ")
    }

    fn faces() -> String {
        let pixels = pixels();
        format!(
            "emotion,pixels,Usage\n3,{pixels},Training\n6,{pixels},Training\n0,{pixels},PublicTest\n"
        )
    }

    fn published(faces: &str, votes: Option<&str>) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("fer2013.csv"), faces).unwrap();
        if let Some(votes) = votes {
            std::fs::write(root.path().join("fer2013new.csv"), votes).unwrap();
        }
        root
    }
}
