//! Rows of a list that are no entry and no fault: the set itself marks them as unusable.

use super::{Entry, Listing};
use crate::DataError;

/// What one row of a list comes to.
#[derive(Debug)]
pub(crate) enum Found {
    /// A picture to use.
    Entry(Box<Entry>),
    /// Something the set itself marks as unusable, and why.
    LeftOut(&'static str),
}

impl From<Entry> for Found {
    fn from(entry: Entry) -> Self {
        Self::Entry(Box::new(entry))
    }
}

impl Listing {
    /// Adds whatever a row comes to.
    pub(crate) fn note(&mut self, row: Result<Found, DataError>) {
        match row {
            Ok(Found::Entry(entry)) => self.add(Ok(*entry)),
            Ok(Found::LeftOut(reason)) => self.leave_out(reason, 1),
            Err(fault) => self.faults.push(fault),
        }
    }

    /// Counts things the set itself marks as unusable.
    pub(crate) fn leave_out(&mut self, reason: &'static str, count: usize) {
        if count > 0 {
            *self.dropped.entry(reason).or_default() += count;
        }
    }
}
