//! Rows of a list that are no entry and no fault: the set itself marks them as unusable.

use std::path::Path;

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

    /// The list, with a fault where it would be empty for no reason given.
    pub(crate) fn or_empty_fault(mut self, root: &Path) -> Self {
        if self.manifest.entries.is_empty() && self.faults.is_empty() {
            self.faults.push(DataError::Unusable {
                path: root.to_owned(),
                what: "no picture of the set that can be used".to_owned(),
                fix: "give the folder the set was unpacked into, with all its lists and pictures",
            });
        }
        self
    }

    /// Counts things the set itself marks as unusable.
    pub(crate) fn leave_out(&mut self, reason: &'static str, count: usize) {
        if count > 0 {
            *self.dropped.entry(reason).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LISTS, fixture::Fixture};

    #[test]
    fn what_is_left_out_is_counted_by_reason() {
        let mut listing = Listing::new("set");
        for reason in ["invalid", "other", "invalid"] {
            listing.note(Ok(Found::LeftOut(reason)));
        }
        listing.leave_out("unlabelled", 0);
        assert_eq!(listing.dropped.into_iter().collect::<Vec<_>>(), [("invalid", 2), ("other", 1)]);
    }

    #[test]
    fn a_set_of_empty_folders_and_lists_is_a_fault() {
        let set = Fixture::new();
        for folder in ["AUCoding/AU_OCC", "ActionUnit_Labels"] {
            set.folder(folder);
        }
        for part in ["Training_Set", "Validation_Set"] {
            set.folder(&format!("annotations/EXPR_Set/{part}"));
        }
        set.text(
            "index.csv",
            "subject,task,frame,view,path,AU01,AU04,AU06,AU07,AU10,AU12,AU14,AU15,AU17,AU23\n",
        );
        for name in ["bp4d", "disfa", "affwild2", "fera2017"] {
            let adapter = LISTS.iter().find(|adapter| adapter.name == name).unwrap();
            let faults = (adapter.list)(set.root()).faults;
            assert_eq!(faults.len(), 1, "{name}: {faults:?}");
            assert!(faults[0].to_string().contains("no picture of the set that can be used"));
        }
    }
}
