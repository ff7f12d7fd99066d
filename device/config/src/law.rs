//! Where a device stands, and what may be read there.
//!
//! Regulation (EU) 2024/1689 (the AI Act) forbids, in Article 5(1)(f), "AI systems to infer
//! emotions of a natural person in the areas of workplace and education institutions, except where
//! the use of the AI system is intended to be put in place or into the market for medical or
//! safety reasons"; Article 113(a) applies that from 2 February 2025. Article 50(3) asks whoever
//! deploys an emotion recognition system elsewhere to inform the people exposed to it.
//! <https://eur-lex.europa.eu/eli/reg/2024/1689/oj>
//!
//! Mien reads what a face shows, not what a person feels. It withholds expressions there all the
//! same, because whoever receives them can make the inference. Where a face is, its landmarks, head
//! pose and attention are not withheld.

use std::fmt;

use serde::Serialize;

use crate::value::{Named, name_of};

/// Where a device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Nobody said: someone tries the device out, without a file. A file must say.
    #[default]
    Undeclared,
    /// A kiosk or screen for the public.
    Kiosk,
    /// A robot among people.
    Robot,
    /// A study whose participants agreed.
    Research,
    /// A person's own home.
    Home,
    /// A museum, a stage, a game.
    Exhibition,
    /// A hospital, a practice, a care home.
    Health,
    /// Where people work, or apply for work.
    Workplace,
    /// Where people learn, or apply to.
    Education,
}

impl Named for Context {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("kiosk", Self::Kiosk),
        ("robot", Self::Robot),
        ("research", Self::Research),
        ("home", Self::Home),
        ("exhibition", Self::Exhibition),
        ("health", Self::Health),
        ("workplace", Self::Workplace),
        ("education", Self::Education),
    ];
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undeclared => "undeclared",
            _ => name_of(*self),
        })
    }
}

impl Context {
    /// Whether expressions are withheld here but for medical or safety reasons.
    pub fn is_protected(self) -> bool {
        matches!(self, Self::Workplace | Self::Education)
    }

    /// Whether people come into view who did not set the device up themselves.
    pub fn is_public(self) -> bool {
        !matches!(self, Self::Undeclared | Self::Home)
    }
}

/// A reason for which Article 5(1)(f) allows what it forbids else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exception {
    /// None is claimed.
    #[default]
    None,
    /// A medical reason.
    Medical,
    /// A safety reason.
    Safety,
}

impl Named for Exception {
    const NAMES: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("medical", Self::Medical), ("safety", Self::Safety)];
}

/// Why expressions are withheld; printed, it is a sentence for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LegalReason {
    /// Where the device stands.
    pub context: Context,
}

impl fmt::Display for LegalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expressions are withheld: deployment.context is {:?}, where Regulation (EU) 2024/1689, \
             Article 5(1)(f), forbids to infer emotions but for medical or safety reasons; faces, \
             landmarks, head pose and attention are read",
            self.context.to_string()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workplaces_and_schools_are_protected_and_nothing_else() {
        let protected = Context::NAMES.iter().filter(|(_, context)| context.is_protected());
        let names = protected.map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(names, ["workplace", "education"]);
        assert!(!Context::Undeclared.is_protected());
    }

    #[test]
    fn the_reason_is_a_sentence_that_names_place_and_law() {
        let reason = LegalReason { context: Context::Workplace }.to_string();
        assert!(reason.contains("\"workplace\"") && reason.contains("Article 5(1)(f)"), "{reason}");
    }
}
