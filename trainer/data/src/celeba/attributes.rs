//! The forty attributes, and the lines of the list that gives them.

pub use mien_shared::telemetry::ATTRIBUTES;

use crate::{DataError, files::Line};

/// Refuses other attributes, or another order of them.
pub(super) fn check(line: Line<'_>) -> Result<(), DataError> {
    let mut names = line.text.split_whitespace();
    let other = ATTRIBUTES
        .into_iter()
        .map(|known| (known, names.next().unwrap_or_default()))
        .find(|(known, name)| known != name);
    let fix = "the forty names must be CelebA's, in its order: fetch the list again";
    match (other, names.next()) {
        (Some((known, name)), _) => Err(line.fault(known, name, fix)),
        (None, Some(name)) => Err(line.fault("a name after the fortieth", name, fix)),
        (None, None) => Ok(()),
    }
}

/// A picture's name and its attributes, -1 or 1 in the file.
pub(super) fn read(line: Line<'_>) -> Result<(&str, Vec<bool>), DataError> {
    let fix = "a line must be a picture's name and forty of -1 or 1";
    let (name, values) = line.text.split_once(char::is_whitespace).unwrap_or_default();
    let attributes = values.split_whitespace().map(|value| match value {
        "1" => Ok(true),
        "-1" => Ok(false),
        _ => Err(line.fault("an attribute", value, fix)),
    });
    let attributes = attributes.collect::<Result<Vec<_>, _>>()?;
    if attributes.len() != ATTRIBUTES.len() {
        return Err(line.fault("the line", line.text, fix));
    }
    Ok((name, attributes))
}
