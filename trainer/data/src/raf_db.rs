//! RAF-DB, basic expressions (Li et al. 2017): faces aligned to 100 × 100 pixels.
//!
//! ```text
//! basic/EmoLabel/list_patition_label.txt      "train_00001.jpg 5" (the makers' spelling)
//! basic/Image/aligned/train_00001_aligned.jpg
//! ```
//!
//! The name says the part. The original pictures and the manual attributes are not read.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use mien_shared::label::LabelMap;

use crate::{
    DataError,
    files::{self, Line, Text},
    manifest::{Entry, ListAdapter, Listing, Official},
    split::Part,
};

/// The aligned faces.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "raf_db",
    layout: "basic/EmoLabel/list_patition_label.txt and basic/Image/aligned/*_aligned.jpg",
    official: Official {
        pictures: Some(12_271 + 3_068),
        subjects: None,
        classes: &[
            ("surprise", 1_619),
            ("fear", 355),
            ("disgust", 877),
            ("happiness", 5_957),
            ("sadness", 2_460),
            ("anger", 867),
            ("neutral", 3_204),
        ],
    },
    list,
};

/// Lists `root` or the folder `basic` within it.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let root = files::find(root, "basic").unwrap_or_else(|| root.to_owned());
    let opened = files::find_any(&root, &["EmoLabel/list_patition_label.txt"])
        .and_then(|path| Text::open(&path))
        .and_then(|text| Ok((text, files::find_any(&root, &["Image/aligned"])?)));
    let Some((text, aligned)) = listing.take(opened) else { return listing };
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        listing.add(entry(line, &aligned, &mut seen));
    }
    listing
}

/// The picture on a line whose name was not `seen` before.
fn entry<'a>(
    line: Line<'a>,
    aligned: &Path,
    seen: &mut BTreeSet<&'a str>,
) -> Result<Entry, DataError> {
    let [name, class] = line.words("it must hold a picture's name and a class number")?;
    let expression = class.parse().ok().and_then(|id| LabelMap::RAF_DB.by_id(id).ok().flatten());
    let expression = expression
        .ok_or_else(|| line.fault("the class", class, "it must be a number from 1 to 7"))?;
    if !seen.insert(name) {
        return Err(line.fault("the picture", name, "each picture must be listed once"));
    }
    let part = if name.starts_with("train_") {
        Part::Train
    } else if name.starts_with("test_") {
        Part::Test
    } else {
        return Err(line.fault("the picture", name, "its name must begin with train_ or test_"));
    };
    let path = picture(aligned, name).ok_or_else(|| {
        line.fault("the picture", name, "Image/aligned must hold it, with _aligned in its name")
    })?;
    let mut entry = Entry { part: Some(part), ..Entry::file(path) };
    entry.annotation.expression = Some(expression);
    Ok(entry)
}

/// The aligned form of the picture called `name`.
fn picture(aligned: &Path, name: &str) -> Option<PathBuf> {
    let stem = name.strip_suffix(".jpg")?;
    files::below(aligned, &format!("{stem}_aligned.jpg")).filter(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression;

    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    const LIST: &str = "basic/EmoLabel/list_patition_label.txt";

    fn set() -> Fixture {
        let set = Fixture::new();
        let mut lines = String::new();
        for part in ["train", "test"] {
            for (number, class) in (1..=14).zip((1..=7).cycle()) {
                let name = format!("{part}_{number:05}");
                lines.extend([&name, ".jpg ", &class.to_string(), "\n"]);
                set.picture(&format!("basic/Image/aligned/{name}_aligned.jpg"), class);
            }
        }
        set.text(LIST, lines.trim_end());
        set
    }

    #[test]
    fn the_list_gives_the_class_and_the_name_the_part() {
        let set = set();
        let manifest = list(set.root()).manifest;
        let parts = [Part::Train, Part::Valid, Part::Test].map(|part| manifest.part(part).count());
        assert_eq!(parts, [14, 0, 14]);
        assert_eq!(manifest.entries[0].annotation.expression, Some(Expression::Surprise));
        assert_eq!(manifest.entries[6].annotation.expression, Some(Expression::Neutral));
        assert_eq!(manifest.entries[6].source.name(6), "train_00007_aligned.jpg");
        assert_eq!(list(&set.path("basic")).manifest, manifest);
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_is_named(
            set,
            list,
            &[
                (|s| s.edit(LIST, "jpg 1", "jpg 0"), &[LIST, "line 1: the class is `0`", "1 to 7"]),
                (|s| s.edit(LIST, "jpg 2", "jpg two"), &[LIST, "line 2: the class is `two`"]),
                (
                    |s| s.edit(LIST, "jpg 1", "jpg"),
                    &[LIST, "line 1: the line is `train_00001.jpg`"],
                ),
                (
                    |s| s.edit(LIST, "00002", "00001"),
                    &[LIST, "line 2: the picture is `train_00001.jpg`", "once"],
                ),
                (
                    |s| s.edit(LIST, "train_00001", "val_00001"),
                    &[LIST, "val_00001", "train_ or test_"],
                ),
                (
                    |s| s.edit(LIST, "train_00001", "train_/../x"),
                    &[LIST, "Image/aligned must hold it"],
                ),
                (
                    |s| s.remove("basic/Image/aligned/test_00003_aligned.jpg"),
                    &[
                        LIST,
                        "line 17: the picture is `test_00003.jpg`",
                        "Image/aligned must hold it",
                    ],
                ),
                (|s| s.remove("basic/EmoLabel"), &["no `EmoLabel/list_patition_label.txt` in it"]),
                (|s| s.remove("basic/Image"), &["no `Image/aligned` in it"]),
            ],
        );
    }
}
