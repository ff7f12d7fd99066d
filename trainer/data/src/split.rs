//! Parts of a data set that share nobody.
//!
//! [`Part::of`] places a subject by its name alone; [`fold::Folds`] deals subjects into folds that
//! are tested in turn. [`duplicate`] finds the pictures that are nearly the same, [`leak`] refuses
//! parts that share anything, and [`table`] prints a cross-validation before it is run. All of it
//! works on [`Identity`], which a manifest's entries and samples in memory both give.

mod apart;
pub mod duplicate;
pub mod fold;
mod group;
mod identity;
pub mod leak;
mod natural;
pub mod table;

pub use self::{apart::apart, group::Groups, identity::Identity};

/// One of three parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// To learn from: eight tenths of the groups.
    Train,
    /// To choose by: one tenth.
    Valid,
    /// To report on: one tenth.
    Test,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// The part of everything that belongs to `group`, a subject's name for example.
    ///
    /// Decided by the FNV-1a hash of the name, so that it depends neither on the order of a file
    /// nor on what else is in it.
    pub fn of(group: &str) -> Self {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        match group.bytes().fold(0xcbf2_9ce4_8422_2325, step) % 10 {
            0 => Self::Test,
            1 => Self::Valid,
            _ => Self::Train,
        }
    }

    /// The name recipes and commands use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }

    /// The part of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_never_change() {
        let names = ["Aaron_Peirsol", "Colin_Powell", "Tony_Blair", "Serena_Williams", ""];
        assert_eq!(
            names.map(Part::of),
            [Part::Train, Part::Test, Part::Train, Part::Train, Part::Train]
        );
    }

    #[test]
    fn eight_one_and_one_tenth_of_the_groups_go_to_each() {
        let mut counts = [0; 3];
        for number in 0..10_000 {
            counts[Part::of(&format!("subject {number}")) as usize] += 1;
        }
        assert!((7800..8200).contains(&counts[0]), "{counts:?}");
        assert!((900..1100).contains(&counts[1]), "{counts:?}");
        assert!((900..1100).contains(&counts[2]), "{counts:?}");
    }

    #[test]
    fn names_are_found_again() {
        assert_eq!(Part::ALL.map(|part| Part::from_name(part.name())), Part::ALL.map(Some));
        assert_eq!(Part::from_name("dev"), None);
    }
}
