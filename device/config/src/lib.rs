//! A deployment as one validated file: `mien.toml`.
//!
//! ```text
//! board ──defaults──▶ Config ◀── mien.toml ◀── command line      each later one wins
//!                        │
//!          check: every flaw with line, field, value and fix
//!          to_toml: what the device goes by, without secrets
//!          changes: what a new file changes, and what that needs
//! ```
//!
//! ```toml
//! [deployment]
//! name = "lobby"
//! board = "pi5"
//! context = "kiosk"
//! contact = "front desk, +31 20 555 0100"
//!
//! [events]
//! sinks = ["mqtt://broker.local/mien"]
//! ```
//!
//! [`example`] lists every field with its meaning. A file that has one flaw is not taken at all.
//!
//! | module | what |
//! |---|---|
//! | [`audit`] | what was done with the device, as a chain of records |
//! | [`law`] | where a device stands, and what may be read there |
//! | [`watch`] | the file, read again when it changes |
//! | [`mod@check`] | a file's report, for `config check` |

pub mod audit;
pub mod check;
pub mod law;
pub mod watch;

mod change;
mod field;
mod flaw;
mod print;
mod read;
mod redact;
mod rules;
mod section;
mod value;

use std::path::Path;

use mien_board::Board;
use mien_supervisor::heat::Limits;

pub use self::{
    change::Change,
    field::{Effect, Part},
    flaw::{ConfigError, Flaw, Problem},
    print::{example, example_for},
    read::Overrides,
    redact::redact,
    section::{
        Audit, Camera, Deployment, Display, Events, Faces, Language, Models, Page, Pins, Portrait,
        Precision, Privacy, Rotation,
    },
};
use self::{
    field::Section,
    law::{Exception, LegalReason},
};

/// A deployment, complete and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    deployment: Deployment,
    camera: Camera,
    display: Display,
    events: Events,
    faces: Faces,
    pins: Pins,
    thermal: Limits,
    privacy: Privacy,
    models: Models,
    audit: Audit,
}

impl Config {
    /// The deployment in the file at `path`, with what the command line says instead.
    ///
    /// # Errors
    /// [`ConfigError`] with every flaw of file and command line.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, ConfigError> {
        read::file(path, overrides)
    }

    /// A deployment without a file: the board's defaults, with what the command line says instead.
    ///
    /// # Errors
    /// [`ConfigError`] with every flaw of the command line, or where there is no such board.
    pub fn without_file(overrides: &Overrides) -> Result<Self, ConfigError> {
        read::command_line(overrides)
    }

    /// Which device this is, where it stands, who answers for it.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// Where frames come from and how they are turned.
    pub fn camera(&self) -> &Camera {
        &self.camera
    }

    /// What is shown, and on what.
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// Where readings go.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Which faces are read, how often, and when an expression is named.
    pub fn faces(&self) -> &Faces {
        &self.faces
    }

    /// Lamps and buttons.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// From which temperature on less is computed.
    pub fn thermal(&self) -> Limits {
        self.thermal
    }

    /// What is not looked at, and what does not leave the device.
    pub fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// Which networks read, and how.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Where it is written down what was done with the device.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Why expressions are withheld where this device stands; `None` where they are read. Faces,
    /// landmarks, head pose and attention are read in any case.
    pub fn withholds(&self) -> Option<LegalReason> {
        let Deployment { context, exception, .. } = self.deployment;
        let withheld = context.is_protected() && exception == Exception::None;
        withheld.then_some(LegalReason { context })
    }

    /// The whole deployment as TOML, secrets hidden; without secrets it loads as the same one.
    pub fn to_toml(&self) -> String {
        print::resolved(self)
    }

    /// What changes from `old` to `new`, field by field.
    pub fn changes(old: &Self, new: &Self) -> Vec<Change> {
        change::between(old, new)
    }

    /// What `board` says, named after it.
    fn of(board: &Board, named: &str) -> Self {
        Self {
            deployment: Deployment {
                name: value::identifier(board.name()),
                board: named.to_owned(),
                context: law::Context::Undeclared,
                contact: None,
                notice: None,
                exception: Exception::None,
                exception_reason: None,
            },
            camera: Camera::of(board),
            display: Display::of(board),
            events: Events::of(board),
            faces: Faces::default(),
            pins: Pins::of(board),
            thermal: section::thermal_limits(board),
            privacy: Privacy::default(),
            models: Models::default(),
            audit: Audit::default(),
        }
    }

    /// Every section with every field, in the order of the file.
    #[rustfmt::skip]
    fn sections(&mut self) -> [Section<'_>; 10] {
        let section = |name, about, fields| Section { name, about, fields };
        [
            section("deployment", "Which device this is, where it stands, who answers for it.", self.deployment.fields()),
            section("camera", "Where frames come from and how they are turned.", self.camera.fields()),
            section("display", "What is shown, and on what.", self.display.fields()),
            section("events", "Where readings go.", self.events.fields()),
            section("faces", "Which faces are read, how often, and when an expression is named.", self.faces.fields()),
            section("pins", "Lamps and buttons.", self.pins.fields()),
            section("thermal", "From which temperature on less is computed.", section::thermal_fields(&mut self.thermal)),
            section("privacy", "What is not looked at, and what does not leave the device.", self.privacy.fields()),
            section("models", "Which networks read, and how.", self.models.fields()),
            section("audit", "Where it is written down what was done with the device.", self.audit.fields()),
        ]
    }
}

#[cfg(test)]
mod tests;
