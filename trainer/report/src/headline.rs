//! The literature's figures, and beside each what was measured here, or what is missing for it.
//!
//! ```text
//! headline/<block>.csv -> Block -> Headline ─┐
//!                                            ├─> Table -> text · Markdown · CSV · JSON · HTML
//! models/results.toml  -> Ledger ────────────┘
//! ```
//!
//! A [`Block`] is one published table, a [`Headline`] one of its figures, named within the block by
//! a key. The [`Ledger`] says what was measured, under which protocol, on which data, by which
//! command. [`table()`] leaves no figure without a word: a measurement, or the licence it takes
//! to make one. A measurement under another protocol stands beside the figure as that, never as its
//! equal. Nothing is measured here.

pub mod index;
pub mod ledger;
pub mod licence;
pub mod print;
mod read;
pub mod table;

pub use index::{Block, blocks};
pub use ledger::{Ledger, LedgerError, Measurement};
pub use print::{Format, PrintError};
pub use table::{Row, Section, Standing, Table, table};

/// Why a figure has the number it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It was measured on data: so it can be again.
    Figure,
    /// It is a setting of the publication: there is nothing to measure.
    Setting,
}

/// One figure of the literature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// Its name within the block: the cells that tell it from the others, joined by ` / `.
    pub key: String,
    /// Whose figure it is.
    pub system: String,
    /// The data set.
    pub dataset: String,
    /// How it was measured.
    pub protocol: String,
    /// What was measured; ends in `%` where it is in percent.
    pub metric: String,
    /// The figure, digits as published; `None` where the source is unreadable.
    pub target: Option<String>,
    /// What else the source says of it; may be empty.
    pub remark: String,
    /// Whether it can be measured.
    pub nature: Nature,
}

impl Headline {
    /// The figure as a number; `None` where there is none or it is a list.
    pub fn value(&self) -> Option<f64> {
        self.target.as_ref()?.parse().ok()
    }

    /// Whether figures of this metric are in percent.
    pub fn is_percent(&self) -> bool {
        self.metric.ends_with('%')
    }
}

/// Letters of a name that are compared: the effort grows with their number.
const COMPARED: usize = 256;

/// The known name that differs from `name` by the fewest edits, letter case apart.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let name: String = name.to_lowercase().chars().take(COMPARED).collect();
    known
        .min_by_key(|known| strsim::damerau_levenshtein(&name, &known.to_lowercase()))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_one_with_the_fewest_edits() {
        let known = ["FERS-CK", "FERS-MMI", "DEGAN-CK"];
        assert_eq!(nearest("fers-mm", known.into_iter()), "FERS-MMI");
        assert_eq!(nearest("EFRS-CK", known.into_iter()), "FERS-CK");
        assert_eq!(nearest("anything", [].into_iter()), "");
    }
}
