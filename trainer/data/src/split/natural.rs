//! The order people count in: `S5` before `S10`, and `S005` beside `S5`.
//!
//! A name is a row of runs of digits and of other bytes. Runs of digits compare as numbers of any
//! length and come before other text; names that differ in leading zeros alone compare as text.
//! The order is derived from the key, hence total: a sort cannot meet a contradiction.

/// What names are compared by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    runs: Vec<Run<'a>>,
    name: &'a str,
}

impl<'a> Key<'a> {
    /// The key of a name.
    pub(super) fn of(name: &'a str) -> Self {
        let runs = name.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
        Self { runs: runs.map(Run::of).collect(), name }
    }
}

/// Bytes of one kind; the order of the variants and fields is the order of names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Run<'a> {
    Number { digits: usize, value: &'a [u8] },
    Text(&'a [u8]),
}

impl<'a> Run<'a> {
    fn of(run: &'a [u8]) -> Self {
        if !run.first().is_some_and(u8::is_ascii_digit) {
            return Self::Text(run);
        }
        let zeros = run.iter().take_while(|&&digit| digit == b'0').count();
        let value = run.get(zeros..).unwrap_or_default();
        Self::Number { digits: value.len(), value }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        names.sort_by_key(|name| Key::of(name));
        names
    }

    #[test]
    fn numbers_within_names_count() {
        assert_eq!(sorted(vec!["S10", "S5", "S100", "S9"]), ["S5", "S9", "S10", "S100"]);
        assert_eq!(sorted(vec!["P080", "P073", "P001"]), ["P001", "P073", "P080"]);
        assert_eq!(sorted(vec!["M001", "F018", "F002"]), ["F002", "F018", "M001"]);
        assert_eq!(sorted(vec!["b", "10", "a", "9", ""]), ["", "9", "10", "a", "b"]);
    }

    #[test]
    fn leading_zeros_decide_only_between_equal_numbers() {
        assert_eq!(sorted(vec!["S5", "S05", "S6", "S005"]), ["S005", "S05", "S5", "S6"]);
        assert_eq!(sorted(vec!["0", "00", "000"]), ["0", "00", "000"]);
    }

    proptest! {
        #[test]
        fn numbers_longer_than_any_integer_are_ordered(a in "[1-9][0-9]{30}", b in "[1-9][0-9]{31}") {
            prop_assert!(Key::of(&a) < Key::of(&b));
        }

        #[test]
        fn only_equal_names_compare_equal(a in "[a0-2]{0,6}", b in "[a0-2]{0,6}") {
            prop_assert_eq!(Key::of(&a) == Key::of(&b), a == b);
        }
    }
}
