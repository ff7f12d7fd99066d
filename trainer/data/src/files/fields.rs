//! Lines that are rows of a table: fields between separators, and one row for each line whatever
//! it holds.

use std::str::FromStr;

use super::{Line, Text};
use crate::DataError;

impl Text {
    /// The lines up to the last that holds more than blanks, so that the n-th is that of frame n.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Line<'_>> {
        let numbered = self.text.trim_end().lines().zip(1..);
        numbered.map(|(text, number)| Line { path: &self.path, number, text: text.trim() })
    }
}

impl<'a> Line<'a> {
    /// Its number in the file, from 1.
    pub(crate) fn position(self) -> u64 {
        self.number
    }

    /// The two fields of a line that are joined by a comma.
    pub(crate) fn pair(self, fix: &'static str) -> Result<[&'a str; 2], DataError> {
        match self.text.split_once(',') {
            Some((first, second)) => Ok([first.trim(), second.trim()]),
            None => Err(self.fault("the line", self.text, fix)),
        }
    }

    /// `value` as a number; `fix` says what numbers are right.
    pub(crate) fn number<T: FromStr>(
        self,
        field: &str,
        value: &str,
        fix: &'static str,
    ) -> Result<T, DataError> {
        value.parse().map_err(|_not_a_number| self.fault(field, value, fix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn blank_lines_are_rows_but_for_those_at_the_end() {
        let set = Fixture::new();
        set.text("a.txt", "1,2\n\n3, 4 \n\n \n");
        let text = Text::open(&set.path("a.txt")).unwrap();
        let rows: Vec<_> = text.rows().map(|row| (row.position(), row.text)).collect();
        assert_eq!(rows, [(1, "1,2"), (2, ""), (3, "3, 4")]);
        let pairs: Vec<_> = text.rows().map(|row| row.pair("give two").ok()).collect();
        assert_eq!(pairs, [Some(["1", "2"]), None, Some(["3", "4"])]);
    }

    #[test]
    fn what_is_no_pair_or_no_number_is_named() {
        let set = Fixture::new();
        set.text("a.txt", "1,x\n2\n");
        let text = Text::open(&set.path("a.txt")).unwrap();
        let said: Vec<_> = text
            .rows()
            .map(|row| {
                let read =
                    row.pair("give two").and_then(|[_, b]| row.number::<u8>("b", b, "a number"));
                read.unwrap_err().to_string()
            })
            .collect();
        assert!(said[0].ends_with("a.txt, line 1: b is `x`: a number"), "{}", said[0]);
        assert!(said[1].ends_with("a.txt, line 2: the line is `2`: give two"), "{}", said[1]);
    }
}
