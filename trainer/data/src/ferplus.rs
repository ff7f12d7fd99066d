//! FER2013 with the FER+ votes, packed: `{split}.csv` beside `{split}.u8.gz`.
//!
//! The pictures are 48 × 48 grey bytes, row by row, in the order of the table. Ten annotators
//! voted on each (Barsoum et al. 2016, arXiv 1608.01041); [`Votes`] turns the votes into labels.

use std::{io::Read as _, path::Path, sync::Arc};

use flate2::read::GzDecoder;
use mien_shared::{
    frame::Grey,
    label::{Expression, LabelMap},
};

use super::{
    Adapter, CLASSES, DataError, Dataset, Sample,
    manifest::{Entry, ListAdapter, Listing, Official, Source},
    split::Part,
    table::{Row, Table, open_file},
};

/// Side of a picture in pixels.
pub const SIDE: u32 = 48;
/// Bytes of a picture.
pub(super) const PIXELS: usize = (SIDE * SIDE) as usize;

/// The packed form.
pub(super) const ADAPTER: Adapter = Adapter {
    name: "ferplus",
    layout: "train.csv, train.u8.gz, valid.csv, valid.u8.gz",
    splits: &["train", "valid"],
    open,
};

/// Both splits of the packed form; the numbers are those of the packing, whose majority labels are
/// counted.
pub(super) const LIST: ListAdapter = ListAdapter {
    name: ADAPTER.name,
    layout: ADAPTER.layout,
    official: Official {
        pictures: Some(28_561 + 3_579),
        subjects: None,
        classes: &[
            ("neutral", 9_922),
            ("anger", 2_387),
            ("contempt", 132),
            ("disgust", 143),
            ("fear", 594),
            ("happiness", 8_152),
            ("sadness", 3_365),
            ("surprise", 3_564),
        ],
    },
    list,
};

/// The votes on one picture, single votes already dropped as outliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Votes {
    expressions: [u32; CLASSES],
    others: [u32; 2],
}

impl Votes {
    /// Votes in the order of the files: eight expressions, then unknown, then not a face.
    pub fn new(counts: [u32; 10]) -> Self {
        let kept = counts.map(|count| if count == 1 { 0 } else { count });
        let mut expressions = [0; CLASSES];
        for (expression, count) in LabelMap::FERPLUS.expressions().zip(kept) {
            expressions[expression.index()] = count;
        }
        let [.., unknown, no_face] = kept;
        Self { expressions, others: [unknown, no_face] }
    }

    /// The share of each expression among the votes for expressions, in canonical order.
    ///
    /// All zero where no vote is left, or unknown or not-a-face has more votes than every
    /// expression.
    pub fn target(&self) -> [f32; CLASSES] {
        let total: u32 = self.expressions.iter().sum();
        let best = self.expressions.into_iter().max().unwrap_or_default();
        if total == 0 || self.others.into_iter().any(|count| count > best) {
            return [0.0; CLASSES];
        }
        self.expressions.map(|count| count as f32 / total as f32)
    }

    /// The expression with more than half of the votes, unknown and not-a-face among them.
    pub fn majority(&self) -> Option<Expression> {
        let total: u32 = self.expressions.iter().chain(&self.others).sum();
        Expression::ALL.into_iter().find(|e| 2 * self.expressions[e.index()] > total)
    }

    /// Finds the ten columns.
    pub(super) fn columns(table: &Table) -> Result<[usize; 10], DataError> {
        table.columns(std::array::from_fn(|at| LabelMap::FERPLUS.entries[at].token))
    }

    /// Reads the ten `columns` of a row.
    pub(super) fn from_row(row: Row<'_>, columns: [usize; 10]) -> Result<Self, DataError> {
        let mut counts = [0; 10];
        for (count, column) in counts.iter_mut().zip(columns) {
            *count = row.number(column, "it must be a number of votes, 0 to 10")?;
            if *count > 10 {
                return Err(row.fault(column, "it must be a number of votes, 0 to 10"));
            }
        }
        Ok(Self::new(counts))
    }
}

fn open(root: &Path, split: &str) -> Result<Dataset, DataError> {
    let samples = read(root, split)?.into_iter().collect::<Result<_, _>>()?;
    Ok(Dataset { name: format!("{}.{split}", ADAPTER.name), samples })
}

/// Lists both splits. The pictures are held in memory: within a compressed file none can be reached
/// alone.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(LIST.name);
    for part in [Part::Train, Part::Valid] {
        for sample in listing.take(read(root, part.name())).unwrap_or_default() {
            listing.add(sample.map(|sample| entry(sample, part)));
        }
    }
    listing
}

/// The entry of a sample whose part is official.
pub(super) fn entry(sample: Sample, part: Part) -> Entry {
    let votes = sample.usable_for_training().then_some(sample.target);
    let mut entry = Entry::of(Source::Memory(Arc::new(sample.image)));
    entry.annotation.expression = sample.label;
    entry.annotation.votes = votes;
    entry.annotation.fer7 = sample.fer7;
    Entry { part: Some(part), leaks: sample.leaks, ..entry }
}

/// The rows of one split, each a sample or what is wrong with it.
fn read(root: &Path, split: &str) -> Result<Vec<Result<Sample, DataError>>, DataError> {
    let table = Table::open(&root.join(format!("{split}.csv")))?;
    let pixels = pixels(&root.join(format!("{split}.u8.gz")), table.len())?;
    let columns = Columns::find(&table)?;
    let rows = table.rows().zip(pixels.chunks_exact(PIXELS)).zip(0..);
    Ok(rows.map(|((row, picture), id)| columns.sample(id, row, picture)).collect())
}

/// Where the columns in use are.
struct Columns {
    fer2013: usize,
    votes: [usize; 10],
    crosses: usize,
}

impl Columns {
    fn find(table: &Table) -> Result<Self, DataError> {
        let [fer2013, crosses] = table.columns(["fer2013_label", "cluster_crosses_splits"])?;
        Ok(Self { fer2013, votes: Votes::columns(table)?, crosses })
    }

    fn sample(&self, id: u64, row: Row<'_>, picture: &[u8]) -> Result<Sample, DataError> {
        let votes = Votes::from_row(row, self.votes)?;
        Ok(Sample {
            id,
            image: Grey { width: SIDE, height: SIDE, data: picture.to_vec() },
            target: votes.target(),
            label: votes.majority(),
            fer7: self.fer7(row)?,
            subject: None,
            points: None,
            leaks: self.leaks(row)?,
        })
    }

    fn fer7(&self, row: Row<'_>) -> Result<Option<Expression>, DataError> {
        let fix = "it must be one of FER2013's seven labels, or several joined by |";
        let labels = row
            .text(self.fer2013)
            .split('|')
            .map(|token| LabelMap::FER2013.by_token(token))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_unknown| row.fault(self.fer2013, fix))?;
        Ok(if let [label] = labels[..] { label } else { None })
    }

    fn leaks(&self, row: Row<'_>) -> Result<bool, DataError> {
        match row.text(self.crosses) {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(row.fault(self.crosses, "it must be 0 or 1")),
        }
    }
}

/// Reads the bytes of `rows` pictures.
fn pixels(path: &Path, rows: usize) -> Result<Vec<u8>, DataError> {
    let expected = rows * PIXELS;
    let mut pixels = Vec::with_capacity(expected);
    // One byte more than expected is enough to know that there are too many.
    GzDecoder::new(open_file(path)?)
        .take(expected as u64 + 1)
        .read_to_end(&mut pixels)
        .map_err(|source| DataError::Read { path: path.to_owned(), source })?;
    if pixels.len() == expected {
        return Ok(pixels);
    }
    Err(DataError::Count {
        path: path.to_owned(),
        what: "bytes of pictures (counting stops at one too many)",
        found: pixels.len(),
        expected,
        fix: "table and pictures must come from the same packing, 2304 bytes for each row",
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use std::{fs::File, io::Write as _};

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const HEADER: &str = "i,ferplus_name,kaggle_name,fer2013_label,neutral,happiness,surprise,\
        sadness,anger,disgust,fear,contempt,unknown,NF,dup_cluster,cluster_crosses_splits\n";
    const ROWS: &str = "0,fer0000007.png,a.jpg,angry,4,0,0,1,3,2,0,0,0,0,0,0\n\
        1,fer0000009.png,b.jpg,fear|sad,0,6,0,0,0,0,0,0,4,0,1,1\n";

    #[test]
    fn single_votes_are_dropped_and_the_rest_shared_out() {
        let votes = Votes::new([4, 0, 0, 1, 3, 2, 0, 0, 0, 0]);
        let target = votes.target();
        assert_eq!(target[Expression::Neutral.index()], 4.0 / 9.0);
        assert_eq!(target[Expression::Anger.index()], 3.0 / 9.0);
        assert_eq!(target[Expression::Disgust.index()], 2.0 / 9.0);
        assert_eq!(target[Expression::Sadness.index()], 0.0);
        assert_eq!(votes.majority(), None);
    }

    #[test]
    fn a_majority_needs_more_than_half_of_the_votes_with_unknown_among_them() {
        assert_eq!(Votes::new([0, 5, 0, 0, 0, 0, 0, 0, 5, 0]).majority(), None);
        let happy = Votes::new([0, 6, 0, 0, 0, 0, 0, 0, 4, 0]);
        assert_eq!(happy.majority(), Some(Expression::Happiness));
        let single = Votes::new([0, 5, 1, 1, 1, 1, 1, 0, 0, 0]);
        assert_eq!(single.majority(), Some(Expression::Happiness));
    }

    #[test]
    fn a_picture_that_is_mostly_unknown_or_no_face_teaches_nothing() {
        assert_eq!(Votes::new([3, 0, 0, 0, 0, 0, 0, 0, 7, 0]).target(), [0.0; 8]);
        assert_eq!(Votes::new([0, 0, 0, 0, 0, 0, 0, 0, 0, 10]).target(), [0.0; 8]);
        assert_eq!(Votes::new([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).target(), [0.0; 8]);
        assert_eq!(Votes::new([5, 0, 0, 0, 0, 0, 0, 0, 5, 0]).target()[0], 1.0);
    }

    #[test]
    fn the_packed_form_is_read() {
        let root = packed(&format!("{HEADER}{ROWS}"), 2 * PIXELS);
        let set = open(root.path(), "valid").unwrap();
        assert_eq!(set.name, "ferplus.valid");
        let [first, second] = &set.samples[..] else { panic!("{} samples", set.samples.len()) };
        assert_eq!((first.id, first.fer7, first.leaks), (0, Some(Expression::Anger), false));
        assert_eq!((second.id, second.fer7, second.leaks), (1, None, true));
        assert_eq!(second.label, Some(Expression::Happiness));
        assert_eq!(first.image.data[1], 1);
        assert!(first.usable_for_training());
    }

    #[test]
    fn too_few_and_too_many_pixels_are_refused_with_the_counts() {
        for (bytes, found) in [(2 * PIXELS - 1, "4607"), (2 * PIXELS + 9, "4609")] {
            let root = packed(&format!("{HEADER}{ROWS}"), bytes);
            let error = open(root.path(), "valid").unwrap_err().to_string();
            assert!(error.contains("valid.u8.gz"), "{error}");
            assert!(error.contains(&format!("holds {found} bytes")), "{error}");
            assert!(error.contains("expected 4608"), "{error}");
        }
    }

    #[test]
    fn each_broken_field_is_named_with_its_line() {
        let broken = [
            ("fear|sad", "fear|glad", "fer2013_label is `fear|glad`"),
            ("0,6,0", "0,eleven,0", "happiness is `eleven`"),
            ("0,6,0", "0,11,0", "happiness is `11`"),
            ("1,1\n", "1,2\n", "cluster_crosses_splits is `2`"),
        ];
        for (good, bad, complaint) in broken {
            let root = packed(&format!("{HEADER}{}", ROWS.replace(good, bad)), 2 * PIXELS);
            let error = open(root.path(), "valid").unwrap_err().to_string();
            assert!(error.contains("valid.csv, line 3"), "{error}");
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn both_splits_are_listed_and_every_broken_row_is_named() {
        let root = packed(&format!("{HEADER}{ROWS}"), 2 * PIXELS);
        for file in ["csv", "u8.gz"] {
            let of = |split: &str| root.path().join(format!("{split}.{file}"));
            std::fs::copy(of("valid"), of("train")).unwrap();
        }
        let listing = list(root.path());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let parts = Part::ALL.map(|part| listing.manifest.part(part).count());
        assert_eq!(parts, [2, 2, 0]);
        let sample = listing.manifest.sample(3, SIDE).unwrap();
        assert_eq!(
            sample,
            Sample { id: 3, ..open(root.path(), "valid").unwrap().samples[1].clone() }
        );

        let broken = ROWS.replace("angry", "cross").replace("0,6,0", "0,60,0");
        std::fs::write(root.path().join("train.csv"), format!("{HEADER}{broken}")).unwrap();
        std::fs::remove_file(root.path().join("valid.u8.gz")).unwrap();
        let said: Vec<_> = list(root.path()).faults.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].contains("train.csv, line 2: fer2013_label is `cross`"), "{said:?}");
        assert!(said[1].contains("train.csv, line 3: happiness is `60`"), "{said:?}");
        assert!(said[2].contains("valid.u8.gz"), "{said:?}");
    }

    #[test]
    fn the_numbers_of_the_real_set_are_those_of_its_description() {
        let Some(data) = std::env::var_os("MIEN_DATA") else {
            eprintln!("SKIPPED: set MIEN_DATA to the folder that holds fer2013_ferplus");
            return;
        };
        let root = Path::new(&data).join("fer2013_ferplus");
        let splits = [
            ("train", 28561, 1564, [8740, 2100, 119, 119, 532, 7287, 3014, 3149]),
            ("valid", 3579, 533, [1182, 287, 13, 24, 62, 865, 351, 415]),
        ];
        for (split, pictures, leaks, majorities) in splits {
            let samples = open(&root, split).unwrap().samples;
            let count = |test: &dyn Fn(&&Sample) -> bool| samples.iter().filter(test).count();
            println!(
                "{split}: {} pictures, {} leak, {} with a FER+ majority, {} with a FER2013 label, \
                 {} to train on",
                samples.len(),
                count(&|s| s.leaks),
                count(&|s| s.label.is_some()),
                count(&|s| s.fer7.is_some()),
                count(&|s| s.usable_for_training()),
            );
            assert_eq!((samples.len(), count(&|s| s.leaks)), (pictures, leaks));
            assert_eq!(Expression::ALL.map(|e| count(&|s| s.label == Some(e))), majorities);
        }
    }

    /// A root with a table and that many bytes of pictures.
    fn packed(table: &str, bytes: usize) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("valid.csv"), table).unwrap();
        let file = File::create(root.path().join("valid.u8.gz")).unwrap();
        let mut gz = GzEncoder::new(file, Compression::fast());
        let pixels: Vec<u8> = (0..=250).cycle().take(bytes).collect();
        gz.write_all(&pixels).unwrap();
        gz.finish().unwrap();
        root
    }
}
