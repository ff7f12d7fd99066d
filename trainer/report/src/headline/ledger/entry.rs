//! One `[[result]]` of a ledger, checked.

use std::path::Path;

use serde::Deserialize;

use super::{LedgerError, Measurement};
use crate::headline::{
    Headline,
    index::{Block, blocks},
    nearest,
};

/// An entry as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    block: Option<String>,
    row: Option<String>,
    system: Option<String>,
    metric: Option<String>,
    protocol: String,
    measured: f64,
    interval: Option<[f64; 2]>,
    n: u64,
    subjects: Option<u64>,
    seed: u64,
    data: String,
    split: String,
    command: String,
    revision: String,
    #[serde(default)]
    note: String,
}

impl Raw {
    /// The entry, held against the index; it is the `entry`th of the file `path`.
    pub(super) fn checked(self, path: &Path, entry: usize) -> Result<Measurement, LedgerError> {
        Entry { path, entry }.measurement(self)
    }
}

/// Where an entry stands, for its errors.
#[derive(Clone, Copy)]
struct Entry<'a> {
    path: &'a Path,
    entry: usize,
}

impl Entry<'_> {
    fn measurement(self, raw: Raw) -> Result<Measurement, LedgerError> {
        let (beside, system, metric) = self.subject(&raw)?;
        self.check_text(&raw)?;
        self.check_numbers(&raw, metric.ends_with('%'))?;
        Ok(Measurement {
            beside,
            system,
            metric,
            protocol: raw.protocol,
            measured: raw.measured,
            interval: raw.interval,
            n: raw.n,
            subjects: raw.subjects,
            seed: raw.seed,
            data: raw.data,
            split: raw.split,
            command: raw.command,
            revision: raw.revision,
            note: raw.note,
        })
    }

    /// The figure it stands beside, its system and its metric.
    fn subject(self, raw: &Raw) -> Result<Subject, LedgerError> {
        match (&raw.block, &raw.row, &raw.system, &raw.metric) {
            (Some(block), Some(row), None, None) => self.published(block, row),
            (None, None, Some(system), Some(metric)) => Ok((None, system.clone(), metric.clone())),
            (Some(_), None, ..) => Err(self.field("row", "is missing: name the row of the block")),
            (None, Some(_), ..) => {
                Err(self.field("block", "is missing: name the block of the row"))
            }
            (Some(_), ..) => {
                Err(self
                    .field("system or metric", "is the row's: leave it out beside block and row"))
            }
            (None, ..) => {
                Err(self.field("system or metric", "is missing: give both, or block and row"))
            }
        }
    }

    fn published(self, block: &str, row: &str) -> Result<Subject, LedgerError> {
        let (path, entry) = (self.path.to_owned(), self.entry);
        let Some(known) = Block::named(block) else {
            let nearest = nearest(block, blocks().map(|block| block.id));
            return Err(LedgerError::UnknownBlock {
                path,
                entry,
                found: block.to_owned(),
                nearest,
            });
        };
        let headlines = known.headlines();
        let same = |headline: &&Headline| headline.key.eq_ignore_ascii_case(row);
        match headlines.iter().find(same) {
            Some(Headline { key, system, metric, .. }) => {
                Ok((Some((known.id, key.clone())), system.clone(), metric.clone()))
            }
            None => Err(LedgerError::UnknownRow {
                path,
                entry,
                block: known.id,
                found: row.to_owned(),
                nearest: nearest(row, headlines.iter().map(|headline| headline.key.as_str())),
            }),
        }
    }

    fn check_text(self, raw: &Raw) -> Result<(), LedgerError> {
        let texts = [
            ("protocol", &raw.protocol),
            ("data", &raw.data),
            ("split", &raw.split),
            ("command", &raw.command),
            ("revision", &raw.revision),
        ];
        match texts.into_iter().find(|text| text.1.trim().is_empty()) {
            Some((field, _)) => {
                Err(self.field(field, "is empty: say it, or the figure is no evidence"))
            }
            None => Ok(()),
        }
    }

    fn check_numbers(self, raw: &Raw, percent: bool) -> Result<(), LedgerError> {
        let value = raw.measured;
        if !value.is_finite() || (percent && !(0.0..=100.0).contains(&value)) {
            return Err(
                self.field("measured", "is impossible: give a number, in percent from 0 to 100")
            );
        }
        if raw.interval.is_some_and(|[low, high]| !(low <= value && value <= high)) {
            return Err(
                self.field("interval", "does not hold the value: give [low, high] around it")
            );
        }
        if raw.n == 0 || raw.subjects.is_some_and(|subjects| subjects == 0 || subjects > raw.n) {
            return Err(self.field(
                "n or subjects",
                "is impossible: 1 or more, and no more people than samples",
            ));
        }
        Ok(())
    }

    fn field(self, field: &'static str, problem: &'static str) -> LedgerError {
        LedgerError::Field { path: self.path.to_owned(), entry: self.entry, field, problem }
    }
}

/// The figure a measurement stands beside, its system and its metric.
type Subject = (Option<(&'static str, String)>, String, String);
