//! The kinds of values a field can hold: how each is taken from TOML, refused with a fix, and
//! printed.

mod names;
mod number;
mod text;

use toml::Value as Toml;

pub(crate) use self::{
    names::{Named, OneOf, SomeOf, name_of},
    number::{Count, Flag, Number, Seconds},
    text::{BoardName, Identifier, Line, OnePath, OneSpec, Paths, Specs, identifier},
};

/// A field's value.
pub(crate) trait Value {
    /// Takes `given`, or says what to write instead.
    fn set(&mut self, given: &Toml) -> Result<(), String>;

    /// The value; `None` where nothing is set.
    fn get(&self) -> Option<Toml>;

    /// The value as it may be shown: without secrets.
    fn show(&self) -> Option<Toml> {
        self.get()
    }

    /// A `given` value as it may be shown in a message, even when it was refused.
    fn show_given(&self, given: &Toml) -> String {
        given.to_string()
    }

    /// An example of what to write where nothing is set.
    fn hint(&self) -> &'static str {
        "\"…\""
    }
}
