//! Aff-Wild2, expressions: films from the web with one of seven expressions in every frame.
//!
//! ```text
//! annotations/EXPR_Set/{Training_Set,Validation_Set}/<video>.txt   names, then one label a frame
//! cropped_aligned/<video>/00001.jpg                                112 × 112, numbered from 1
//! ```
//!
//! The first line of a label file is "Neutral,Anger,…,Other"; line n + 1 labels frame n. Frames
//! labelled -1 (invalid) or 7 (other) are left out and counted, as are labelled frames without a
//! crop (no face was found) and crops past the last label. Persons are not named: a video is the
//! sequence, and no person is in both parts. Validation is [`Part::Valid`].
//! Set: Kollias and Zafeiriou, arXiv 1811.07770; labels of ABAW 2022 (arXiv 2202.10659) and later.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mien_shared::label::{self, LabelMap};

use super::{
    DataError,
    files::{self, Child, Line, Text},
    manifest::{Annotation, Entry, Found, ListAdapter, Listing, Official},
    split::Part,
};

/// Folders of the label files, with the part of each.
const PARTS: [(&str, Part); 2] = [("Training_Set", Part::Train), ("Validation_Set", Part::Valid)];

/// The label of a frame that shows nothing usable.
const INVALID: &str = "-1";

/// Both published parts.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "affwild2",
    layout: "annotations/EXPR_Set/{Training_Set,Validation_Set}/<video>.txt, \
             cropped_aligned/<video>/00001.jpg",
    official: Official { pictures: None, subjects: None, classes: &[] },
    list,
};

/// Lists every labelled frame that has a crop, video by video.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    for (folder, part) in PARTS {
        let labels = root.join("annotations/EXPR_Set").join(folder);
        let children = listing.take(files::children(&labels)).unwrap_or_default();
        for labels in children.into_iter().filter(|child| child.ends_in("txt")) {
            let crops = root.join("cropped_aligned").join(labels.stem());
            let crops = listing.take(files::numbered(&crops));
            let text = listing.take(Text::open(&labels.path));
            if let Some((text, crops)) = text.zip(crops) {
                Video { labels, crops, part }.list(&text, &mut listing);
            }
        }
    }
    listing.or_empty_fault(root)
}

/// One film.
struct Video {
    labels: Child,
    /// By frame number, from 1.
    crops: BTreeMap<u64, PathBuf>,
    part: Part,
}

impl Video {
    fn list(mut self, text: &Text, listing: &mut Listing) {
        let mut lines = text.rows();
        let header = lines.next().ok_or_else(|| DataError::Unusable {
            path: self.labels.path.clone(),
            what: "an empty label file".to_owned(),
            fix: "it must start with the names of the expressions",
        });
        if listing.take(header.and_then(check_names)).is_none() {
            return;
        }
        for line in lines {
            let row = self.found(line);
            listing.note(row);
        }
        listing.leave_out("crop past the last label", self.crops.len());
    }

    /// What the line of a frame comes to.
    fn found(&mut self, line: Line<'_>) -> Result<Found, DataError> {
        let crop = self.crops.remove(&(line.position() - 1));
        let value = line.text;
        if value == INVALID {
            return Ok(Found::LeftOut("invalid"));
        }
        let fix = "it must be 0 (neutral) to 7 (other), or -1 (invalid)";
        let known = value.parse().ok().and_then(label);
        let label = known.ok_or_else(|| line.fault("label", value, fix))?;
        if label.expression.is_none() {
            return Ok(Found::LeftOut(label.token));
        }
        let Some(crop) = crop else { return Ok(Found::LeftOut("no crop")) };
        let annotation = Annotation { expression: label.expression, ..Annotation::default() };
        let (sequence, part) = (Some(self.labels.stem().to_owned()), Some(self.part));
        Ok(Entry { annotation, sequence, part, ..Entry::file(crop) }.into())
    }
}

/// The label of that number.
fn label(id: u8) -> Option<&'static label::Entry> {
    LabelMap::AFF_WILD2.entries.iter().find(|entry| entry.id == Some(id))
}

/// Refuses other expressions, or another order of them, such as those before 2022.
fn check_names(line: Line<'_>) -> Result<(), DataError> {
    let names = line.text.split(',').map(str::trim);
    let known = LabelMap::AFF_WILD2.entries.iter().map(|entry| entry.token);
    let same = names.map(str::to_ascii_lowercase).eq(known.map(str::to_ascii_lowercase));
    let fix = "it must be Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other";
    same.then_some(()).ok_or_else(|| line.fault("the header", line.text, fix))
}

#[cfg(test)]
mod tests {
    use mien_shared::label::Expression::{Anger, Fear, Neutral, Sadness, Surprise};

    use super::*;
    use crate::fixture::{
        Fixture,
        binary::{assert_each_leaves, assert_ids},
    };

    const HEADER: &str = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\n";
    const FIRST: &str = "annotations/EXPR_Set/Training_Set/1-30-1280x720.txt";
    const SECOND: &str = "annotations/EXPR_Set/Validation_Set/video2_left.txt";

    /// Three videos; the first has an invalid frame, an "other", a missing and a spare crop.
    fn fixture() -> Fixture {
        let set = Fixture::new();
        set.text(FIRST, &format!("{HEADER}-1\n0\n4\n7\n6\n"));
        for frame in [1, 2, 4, 5, 6] {
            set.picture(&format!("cropped_aligned/1-30-1280x720/{frame:05}.jpg"), frame);
        }
        set.text("annotations/EXPR_Set/Training_Set/105.txt", &format!("{HEADER}1\n"));
        set.picture("cropped_aligned/105/00001.jpg", 1);
        set.text(SECOND, &format!("{HEADER}3\n5"));
        for frame in 1..3 {
            set.picture(&format!("cropped_aligned/video2_left/{frame:05}.jpg"), frame);
        }
        set
    }

    #[test]
    fn each_frame_has_the_label_of_its_line() {
        let set = fixture();
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        let found: Vec<_> = listing
            .manifest
            .entries
            .iter()
            .map(|e| {
                (set.path_of(e).trim_start_matches("cropped_aligned/"), e.annotation.expression)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("1-30-1280x720/00002.jpg", Some(Neutral)),
                ("1-30-1280x720/00005.jpg", Some(Surprise)),
                ("105/00001.jpg", Some(Anger)),
                ("video2_left/00001.jpg", Some(Fear)),
                ("video2_left/00002.jpg", Some(Sadness)),
            ]
        );
        let last = &listing.manifest.entries[4];
        assert_eq!((last.part, last.sequence.as_deref()), (Some(Part::Valid), Some("video2_left")));
        assert_eq!(last.subject, None);
    }

    #[test]
    fn what_is_left_out_is_counted_by_reason() {
        let dropped: Vec<_> = list(fixture().root()).dropped.into_iter().collect();
        let expected = ["Other", "crop past the last label", "invalid", "no crop"];
        assert_eq!(dropped, expected.map(|reason| (reason, 1)));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            list,
            &[
                (
                    |t| t.edit(FIRST, "6\n", "8\n"),
                    4,
                    "1280x720.txt, line 6: label is `8`: it must be",
                ),
                (
                    |t| t.edit(FIRST, "6\n", "\n-1"),
                    4,
                    "1280x720.txt, line 6: label is ``: it must be",
                ),
                (
                    |t| t.edit(FIRST, "0\n", "happy\n"),
                    4,
                    "line 3: label is `happy`: it must be 0 (ne",
                ),
                (
                    |t| t.edit(FIRST, "Anger,Disgust", "Disgust,Anger"),
                    3,
                    "line 1: the header is `Neu",
                ),
                (|t| t.text(FIRST, ""), 3, "1-30-1280x720.txt: an empty label file: it must start"),
                (
                    |t| t.remove("cropped_aligned/105"),
                    4,
                    "cropped_aligned/105: check that it is ther",
                ),
                (
                    |t| t.remove("annotations/EXPR_Set/Training_Set"),
                    2,
                    "Training_Set: check that it",
                ),
            ],
        );
    }
}
