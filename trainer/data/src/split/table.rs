//! A cross-validation in one table, printed before hours are spent on it.
//!
//! ```text
//!  fold  subjects  train  valid   test  anger  happiness  leaks
//!     0        12    782    105     94     14         21      0
//!   ...
//!   all       118                  981    135        207      0
//! ```
//!
//! One row for each fold as the tested one: the subjects and classes are those of its test
//! pictures, the leaks those of [`leak::check`] between its three parts.

use std::fmt;

use super::{
    Groups, Identity,
    fold::{FoldError, Folds, Validation},
    leak,
};

/// Columns before the classes.
const COLUMNS: [&str; 5] = ["fold", "subjects", "train", "valid", "test"];

/// Labels of pictures, as far as a table counts them.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// The name of each class.
    pub names: &'a [&'a str],
    /// The class of each picture, where it has one.
    pub classes: &'a [Option<usize>],
}

/// What a cross-validation trains and tests on; [`fmt::Display`] prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldTable {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// One row a fold.
    pub rows: Vec<FoldRow>,
    /// Pictures in no fold.
    pub left_out: usize,
}

/// One fold as the tested one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldRow {
    /// Subjects tested on; a nameless group counts as one.
    pub subjects: usize,
    /// Pictures to train, choose and test on.
    pub pictures: [usize; 3],
    /// Test pictures of each class.
    pub classes: Vec<usize>,
    /// Things that two of its parts share.
    pub leaks: usize,
}

impl FoldTable {
    /// Counts what every fold holds.
    ///
    /// # Errors
    /// [`FoldError::TooFewFolds`] where none would be left to learn from.
    pub fn new(
        folds: &Folds,
        validation: Validation,
        pictures: &[Identity<'_>],
        labels: Labels<'_>,
    ) -> Result<Self, FoldError> {
        let groups = Groups::new(pictures);
        let row = |fold| {
            let roles = folds.roles(fold, validation)?;
            let of = |label| roles.test.iter().filter(move |at| labels.of(**at) == Some(label));
            Ok(FoldRow {
                subjects: subjects(&roles.test, &groups),
                pictures: roles.parts().map(|(_, pictures)| pictures.len()),
                classes: (0..labels.names.len()).map(|label| of(label).count()).collect(),
                leaks: leak::check(&roles, pictures).err().map_or(0, |error| error.count()),
            })
        };
        Ok(Self {
            classes: labels.names.iter().map(|&name| name.to_owned()).collect(),
            rows: (0..folds.count()).map(row).collect::<Result<_, FoldError>>()?,
            left_out: folds.left_out(),
        })
    }

    /// Things that parts share, over all folds.
    pub fn leaks(&self) -> usize {
        self.rows.iter().map(|row| row.leaks).sum()
    }

    /// The last row: what all folds test on together.
    fn totals(&self) -> Vec<String> {
        let sum = |of: &dyn Fn(&FoldRow) -> usize| self.rows.iter().map(of).sum::<usize>();
        let blank = String::new;
        let mut cells = vec!["all".to_owned(), sum(&|row| row.subjects).to_string()];
        cells.extend([blank(), blank(), sum(&|row| row.pictures[2]).to_string()]);
        for class in 0..self.classes.len() {
            let count = sum(&|row| row.classes.get(class).copied().unwrap_or_default());
            cells.push(count.to_string());
        }
        cells.push(self.leaks().to_string());
        cells
    }
}

impl fmt::Display for FoldTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = self.classes.iter().map(String::as_str);
        let header: Vec<_> = COLUMNS.into_iter().chain(classes).chain(["leaks"]).collect();
        let mut lines = vec![header.iter().map(|&cell| cell.to_owned()).collect()];
        lines.extend(self.rows.iter().enumerate().map(|(fold, row)| row.cells(fold)));
        lines.push(self.totals());
        for line in lines {
            let cells: Vec<_> = line
                .iter()
                .zip(&header)
                .map(|(cell, title)| format!("{cell:>width$}", width = title.len().max(5)))
                .collect();
            writeln!(f, "{}", cells.join("  "))?;
        }
        if self.left_out > 0 {
            writeln!(f, "pictures in no fold: {}", self.left_out)?;
        }
        Ok(())
    }
}

impl FoldRow {
    fn cells(&self, fold: usize) -> Vec<String> {
        let counts = self.pictures.iter().chain(&self.classes).chain([&self.leaks]);
        [fold, self.subjects].iter().chain(counts).map(usize::to_string).collect()
    }
}

impl Labels<'_> {
    fn of(&self, picture: usize) -> Option<usize> {
        self.classes.get(picture).copied().flatten()
    }
}

/// How many groups those pictures are of.
fn subjects(pictures: &[usize], groups: &Groups) -> usize {
    let mut met: Vec<_> = pictures.iter().filter_map(|&at| groups.of().get(at)).collect();
    met.sort_unstable();
    met.dedup();
    met.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::fold::Deal;

    const LABELS: Labels<'_> = Labels {
        names: &["anger", "happiness"],
        classes: &[Some(0), Some(1), Some(1), None, Some(0), Some(1), Some(1)],
    };

    #[test]
    fn a_table_shows_every_fold_and_the_sum() {
        let pictures = ["S1", "S1", "S2", "S3", "S4", "S4", "S4"].map(Identity::of_subject);
        let folds = Folds::deal(&pictures, 3, Deal::Contiguous).unwrap();
        let table = FoldTable::new(&folds, Validation::NextFold, &pictures, LABELS).unwrap();
        let expected = [
            " fold  subjects  train  valid   test  anger  happiness  leaks\n",
            "    0         2      3      1      3      1          2      0\n",
            "    1         1      3      3      1      0          0      0\n",
            "    2         1      1      3      3      1          2      0\n",
            "  all         4                    7      2          4      0\n",
        ];
        assert_eq!(table.to_string(), expected.concat());
    }

    #[test]
    fn leaks_and_pictures_left_out_show() {
        let pictures = ["S1", "S1", "S1", "S2", "S3"].map(Identity::of_subject);
        let folds = Folds::official(&[Some(0), Some(1), None, Some(1), Some(0)]).unwrap();
        let table = FoldTable::new(&folds, Validation::Nothing, &pictures, LABELS).unwrap();
        assert_eq!((table.leaks(), table.left_out), (2, 1));
        let printed = table.to_string();
        assert!(printed.ends_with("      2\npictures in no fold: 1\n"), "{printed}");
    }

    #[test]
    fn two_folds_without_teachers_are_refused() {
        let pictures = ["S1", "S2"].map(Identity::of_subject);
        let folds = Folds::deal(&pictures, 2, Deal::Contiguous).unwrap();
        let error = FoldTable::new(&folds, Validation::NextFold, &pictures, LABELS).unwrap_err();
        assert_eq!(error.to_string(), "2 is too few folds to fill every part: use 3 or more");
    }
}
