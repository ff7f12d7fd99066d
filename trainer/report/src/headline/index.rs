//! The published tables: what each is about, and how its CSV file becomes figures.
//!
//! The files `headline/<block>.csv` hold the figures as published, one header line, `-` for a cell
//! the source leaves unreadable, nothing for a cell that does not apply. They are built in.

mod expressions;
mod faces;

use super::{Headline, Nature, read};

/// One published table.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Its name.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Who published it.
    pub source: &'static str,
    /// How to read it; may be empty.
    pub note: &'static str,
    pub(super) csv: &'static str,
    /// How all its figures were measured.
    pub(super) protocol: &'static str,
    pub(super) system: Cell,
    pub(super) dataset: Cell,
    pub(super) metric: Cell,
    /// The columns that hold figures, each with the name it has in [`Cell::Header`].
    pub(super) values: &'static [(&'static str, &'static str)],
    /// Columns that narrow the protocol, each with a pattern; `{}` is the cell.
    pub(super) qualifiers: &'static [(&'static str, &'static str)],
    /// (figure's column or "" for every one, column of the remark, pattern).
    pub(super) remarks: &'static [(&'static str, &'static str, &'static str)],
    /// First cells of the rows that are settings; `["*"]` for all.
    pub(super) settings: &'static [&'static str],
}

/// Where a figure's system, data set or metric stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell {
    /// The same for the whole table.
    Fixed(&'static str),
    /// In a column, put into a pattern in place of `{}`.
    Column(&'static str, &'static str),
    /// In the name of the figure's column, put into a pattern in place of `{}`.
    Header(&'static str),
    /// The prefix of a column's cell, without what joins it to the rest; another name for cells
    /// that do not begin with it.
    Prefix { column: &'static str, prefix: &'static str, otherwise: &'static str },
    /// In a column, without a prefix.
    WithoutPrefix { column: &'static str, prefix: &'static str },
}

impl Block {
    /// Its figures, in the published order.
    pub fn headlines(&self) -> Vec<Headline> {
        read::headlines(self)
    }

    /// The block of that name, in any letter case.
    pub fn named(id: &str) -> Option<&'static Self> {
        blocks().find(|block| block.id.eq_ignore_ascii_case(id))
    }

    pub(super) fn nature(&self, first_cell: &str) -> Nature {
        let setting = |name: &&str| *name == "*" || *name == first_cell;
        if self.settings.iter().any(setting) { Nature::Setting } else { Nature::Figure }
    }
}

/// Every published table.
pub fn blocks() -> impl Iterator<Item = &'static Block> + Clone {
    faces::BLOCKS.iter().chain(expressions::BLOCKS)
}

const ACCURACY: Cell = Cell::Fixed("accuracy, %");
const METHOD: Cell = Cell::Column("method", "{}");
const ACCURACIES: &[(&str, &str)] = &[("accuracy", "accuracy")];
const TEN_FOLDS: &str = "10 folds by subject, last 3 frames of a sequence, mean of fold accuracies";
const RECALL: &str =
    "Values whose origin is 'recall' are from memory of the publication, unchecked.";

/// What most blocks have in common: methods down, one accuracy across.
const ACCURACY_TABLE: Block = Block {
    id: "",
    title: "",
    source: "",
    note: "",
    csv: "",
    protocol: TEN_FOLDS,
    system: METHOD,
    dataset: Cell::Fixed(""),
    metric: ACCURACY,
    values: ACCURACIES,
    qualifiers: &[],
    remarks: &[],
    settings: &[],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Lines of each file below its header, and the figures they hold.
    const SIZES: [(&str, usize, usize); 23] = [
        ("FN2EN-DATA", 8, 8),
        ("FN2EN-CHART", 4, 8),
        ("FN2EN-CK", 15, 15),
        ("FN2EN-OULU", 10, 10),
        ("FN2EN-TFD", 8, 8),
        ("FN2EN-SFEW", 10, 10),
        ("OADN-DATA", 9, 11),
        ("OADN-REF", 15, 15),
        ("UAC-ATTR", 41, 164),
        ("EXPRGAN-DATA", 1, 7),
        ("EXPRGAN-AUG", 5, 5),
        ("FERS-DATA", 3, 24),
        ("FERS-CK", 11, 11),
        ("FERS-OULU", 11, 11),
        ("FERS-MMI", 9, 9),
        ("FERS-SYN", 2, 10),
        ("FERS-ABL", 4, 12),
        ("DEGAN-CK", 8, 8),
        ("DEGAN-MMI", 7, 7),
        ("DEGAN-OULU", 8, 8),
        ("DEGAN-HYP", 23, 23),
        ("LSD", 6, 6),
        ("REF-OTHER", 19, 19),
    ];

    #[test]
    fn every_block_has_its_lines_and_its_figures() {
        let found: Vec<(&str, usize, usize)> =
            blocks().map(|block| (block.id, lines(block).len(), block.headlines().len())).collect();
        assert_eq!(found, SIZES);
    }

    #[test]
    fn every_column_a_block_names_is_in_its_file() {
        for block in blocks() {
            let mut reader = csv::Reader::from_reader(block.csv.as_bytes());
            let header = reader.headers().unwrap().clone();
            let cell = |cell: Cell| match cell {
                Cell::Column(column, _)
                | Cell::Prefix { column, .. }
                | Cell::WithoutPrefix { column, .. } => Some(column),
                Cell::Fixed(_) | Cell::Header(_) => None,
            };
            let mut named: Vec<&str> =
                [block.system, block.dataset, block.metric].into_iter().filter_map(cell).collect();
            named.extend(block.values.iter().chain(block.qualifiers).map(|pair| pair.0));
            named.extend(block.remarks.iter().map(|remark| remark.1));
            for column in &named {
                assert!(header.iter().any(|name| name == *column), "{}: {column}", block.id);
            }
            for column in &header {
                assert!(named.contains(&column), "{}: {column} is not used", block.id);
            }
        }
    }

    #[test]
    fn keys_are_unique_within_a_block_in_any_letter_case() {
        for block in blocks() {
            let headlines = block.headlines();
            let keys: BTreeSet<String> = headlines.iter().map(|h| h.key.to_lowercase()).collect();
            assert_eq!(keys.len(), headlines.len(), "{}", block.id);
        }
    }

    #[test]
    fn blocks_are_titled_and_sourced() {
        for block in blocks() {
            assert!(!block.title.is_empty() && !block.source.is_empty(), "{}", block.id);
        }
    }

    #[test]
    fn the_forty_attributes_average_to_the_published_mean() {
        let block = Block::named("uac-attr").unwrap();
        let figures: Vec<Headline> = block.headlines();
        let lnets: Vec<f64> = figures
            .iter()
            .filter(|h| h.system == "LNets+ANet" && !h.metric.starts_with("Average"))
            .filter_map(Headline::value)
            .collect();
        assert_eq!(lnets.len(), 39);
        let with_the_derived = (lnets.iter().sum::<f64>() + 96.0) / 40.0;
        assert!((with_the_derived - 87.30).abs() < 0.005, "{with_the_derived}");
    }

    /// A file's records; a line of another length is an error.
    fn lines(block: &Block) -> Vec<csv::StringRecord> {
        csv::Reader::from_reader(block.csv.as_bytes()).records().map(Result::unwrap).collect()
    }
}
