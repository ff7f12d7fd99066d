//! The four ways in which the condition lists write a line.

use crate::{DataError, files::Line};

/// How a list writes its lines.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// `val/0/<hash>/`.
    Folder,
    /// `0/<hash>.jpg`.
    Path,
    /// `1_fer0034656.png 8 0`.
    Prefix,
    /// `test_0003_aligned 3 4`.
    Columns,
}

/// What a line says.
pub(super) struct Item<'a> {
    /// The picture, or the folder it is in.
    pub(super) name: &'a str,
    /// The class as the list numbers it.
    pub(super) class: u8,
    /// Kind of occlusion.
    pub(super) occlusion: Option<u8>,
}

impl Form {
    /// Reads one line.
    pub(super) fn read(self, line: Line<'_>) -> Result<Item<'_>, DataError> {
        match self {
            Self::Folder => {
                let name = line.text.strip_prefix("val/").map(|name| name.trim_end_matches('/'));
                path(line, name, "it must be like val/0/<name>/")
            }
            Self::Path => path(line, Some(line.text), "it must be like 0/<name>.jpg"),
            Self::Prefix => prefix(line),
            Self::Columns => columns(line),
        }
    }
}

/// A path that begins with its class.
fn path<'a>(
    line: Line<'a>,
    name: Option<&'a str>,
    fix: &'static str,
) -> Result<Item<'a>, DataError> {
    let class = |name: &str| name.split_once('/')?.0.parse().ok();
    let item = name.and_then(|name| Some(Item { name, class: class(name)?, occlusion: None }));
    item.ok_or_else(|| line.fault("the line", line.text, fix))
}

fn prefix(line: Line<'_>) -> Result<Item<'_>, DataError> {
    let fix = "it must be like 1_fer0034656.png 8 0";
    let [picture, constant, occlusion] = line.words(fix)?;
    let named = picture.split_once('_').and_then(|(class, name)| Some((class.parse().ok()?, name)));
    let (class, name) = named.ok_or_else(|| line.fault("the line", line.text, fix))?;
    if constant != "8" {
        return Err(line.fault("the second column", constant, "it is 8 on every line"));
    }
    let kind = occlusion.parse().ok().filter(|kind| *kind <= 3);
    let kind = kind.ok_or_else(|| line.fault("the occlusion", occlusion, "it must be 0 to 3"))?;
    Ok(Item { name, class, occlusion: Some(kind) })
}

fn columns(line: Line<'_>) -> Result<Item<'_>, DataError> {
    let fix = "it must be like test_0003_aligned 3 4";
    let [name, class, occlusion] = line.words(fix)?;
    let class = class.parse().map_err(|_no_number| line.fault("the class", class, fix))?;
    let kind = occlusion.parse().ok().filter(|kind| (1..=4).contains(kind));
    let kind = kind.ok_or_else(|| line.fault("the occlusion", occlusion, "it must be 1 to 4"))?;
    Ok(Item { name, class, occlusion: Some(kind) })
}
