//! `[deployment]`: which device this is, where it stands, who answers for it.

use crate::{
    field::{Effect, Field, Part, field},
    law::{Context, Exception},
    value::{BoardName, Identifier, Line, OneOf},
};

/// Which device this is, where it stands, who answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The device's name among its owner's: letters, digits, `-` and `_`.
    pub name: String,
    /// A built-in board, or a board file.
    pub board: String,
    /// Where it stands.
    pub context: Context,
    /// Whom people may ask about it.
    pub contact: Option<String>,
    /// What people in view are told.
    pub notice: Option<String>,
    /// The exception of Article 5(1)(f) that is claimed.
    pub exception: Exception,
    /// Why that exception applies, in the owner's words.
    pub exception_reason: Option<String>,
}

impl Deployment {
    pub(crate) fn fields(&mut self) -> Vec<Field<'_>> {
        vec![
            field(
                "name",
                "The device's name in topics and lists: letters, digits, - and _.",
                Identifier(&mut self.name),
            )
            .needs(Effect::Part(Part::Events)),
            field(
                "board",
                "A built-in board, a board file, or auto, which finds out; it says what is not said here.",
                BoardName(&mut self.board),
            )
            .needs(Effect::Process),
            field(
                "context",
                "Where it stands: kiosk, robot, research, home, exhibition, health, workplace or \
                 education. In the last two the law forbids to infer emotions, so expressions are \
                 withheld.",
                OneOf(&mut self.context),
            )
            .needs(Effect::Part(Part::Models)),
            field("contact", "Whom people may ask about it.", Line(&mut self.contact)),
            field("notice", "What people in view are told on the screen.", Line(&mut self.notice)),
            field(
                "exception",
                "In a workplace or a school: none, medical or safety, where Regulation (EU) \
                 2024/1689, Article 5(1)(f), allows it for that reason.",
                OneOf(&mut self.exception),
            )
            .needs(Effect::Part(Part::Models)),
            field(
                "exception_reason",
                "Why that exception applies; it is written into the audit log.",
                Line(&mut self.exception_reason),
            ),
        ]
    }
}
