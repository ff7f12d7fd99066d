//! `[display]`: what is shown, and on what.

use mien_board::Board;

use crate::{
    field::{Effect, Field, Part, field},
    value::{Named, OneOf, OneSpec, SomeOf},
};

/// What is shown, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The panel's specification.
    pub panel: String,
    /// How the face in view is shown.
    pub portrait: Portrait,
    /// The pages that can be turned to, in order.
    pub pages: Vec<Page>,
    /// The screens' language.
    pub language: Language,
}

/// How the face in view is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Portrait {
    /// As a drawn face that shows the same expression.
    #[default]
    Avatar,
    /// As a small picture of it; it stays on the device's own screen.
    Picture,
}

impl Named for Portrait {
    const NAMES: &'static [(&'static str, Self)] =
        &[("avatar", Self::Avatar), ("picture", Self::Picture)];
}

/// A page of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The face, its expression and the probabilities.
    Reading,
    /// Action units, or points and pose.
    Actions,
    /// How the device is.
    Health,
}

impl Named for Page {
    const NAMES: &'static [(&'static str, Self)] =
        &[("reading", Self::Reading), ("actions", Self::Actions), ("health", Self::Health)];
}

/// The screens' language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, the only one so far.
    #[default]
    English,
}

impl Named for Language {
    const NAMES: &'static [(&'static str, Self)] = &[("en", Self::English)];
}

impl Display {
    pub(crate) fn of(board: &Board) -> Self {
        Self {
            panel: board.panel().to_owned(),
            portrait: Portrait::default(),
            pages: Page::NAMES.iter().map(|(_, page)| *page).collect(),
            language: Language::default(),
        }
    }

    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        vec![
            field(
                "panel",
                "Where screens are shown: terminal://, png://PATH, a display, none://",
                OneSpec(&mut self.panel),
            )
            .needs(Effect::Part(Part::Display)),
            field(
                "portrait",
                "How the face in view is shown: avatar, a drawn face, or picture, a small picture \
                 that stays on this screen.",
                OneOf(&mut self.portrait),
            ),
            field("pages", "The pages that can be turned to, in order.", SomeOf(&mut self.pages)),
            field("language", "The screens' language: en.", OneOf(&mut self.language)),
        ]
    }
}
