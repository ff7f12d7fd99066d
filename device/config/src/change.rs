//! What changes between two configurations, and what each change needs.

use std::fmt;

use serde::Serialize;
use toml::Value as Toml;

use crate::{Config, Effect, Part};

/// One changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `section.field`.
    pub field: String,
    /// What it was, without secrets; `None` where it was not set.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
    /// What must happen for it to take effect.
    pub effect: Effect,
}

/// The changes from `old` to `new`, in the order of the file.
pub(crate) fn between(old: &Config, new: &Config) -> Vec<Change> {
    let (mut old, mut new) = (old.clone(), new.clone());
    let mut changes = Vec::new();
    for (old, new) in old.sections().iter().zip(&new.sections()) {
        for (before, after) in old.fields.iter().zip(&new.fields) {
            if before.value.get() != after.value.get() {
                let text = |value: Option<Toml>| value.map(|value| value.to_string());
                changes.push(Change {
                    field: format!("{}.{}", new.name, after.name),
                    from: text(before.value.show()),
                    to: text(after.value.show()),
                    effect: after.effect,
                });
            }
        }
    }
    changes
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        write!(f, "{}: {} in place of {}", self.field, text(&self.to), text(&self.from))?;
        match self.effect {
            Effect::Live => Ok(()),
            Effect::Part(part) => write!(f, "; {part} opens anew"),
            Effect::Process => f.write_str("; from the next start on"),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Camera => "the camera",
            Self::Display => "the display",
            Self::Events => "the list of sinks",
            Self::Pins => "the pins",
            Self::Models => "the set of networks",
            Self::Audit => "the audit log",
        })
    }
}
