//! Oulu-CASIA (Zhao et al. 2011): 80 people, six posed expressions, two cameras, three lights.
//!
//! ```text
//! Oulu_CASIA_NIR_VIS/PreProcess Img/VL/Strong/P001/Anger/000.jpeg ...
//! ```
//!
//! A sequence runs from neutral to apex; its last three frames count. Copies differ in the case of
//! their folders and in how many of the upper folders they have. The cropped pictures
//! (`PreProcess Img`) are read where they are there, else the `OriginalImg`. Fold k of the ten
//! official ones holds subjects 8k + 1 to 8k + 8.

use std::path::{Path, PathBuf};

use mien_shared::label::LabelMap;

use crate::{
    DataError,
    classes::unknown_class,
    files::{self, Child},
    manifest::{Entry, ListAdapter, Listing, Official},
    sequence,
};

/// The visible camera in strong light, as most of the literature uses the set.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "oulu_casia",
    layout: "Oulu_CASIA_NIR_VIS/{PreProcess Img, OriginalImg}/VL/Strong/P001/Anger/000.jpeg",
    official: Official {
        pictures: Some(1440),
        subjects: Some(80),
        classes: &[
            ("anger", 240),
            ("disgust", 240),
            ("fear", 240),
            ("happiness", 240),
            ("sadness", 240),
            ("surprise", 240),
        ],
    },
    list: |root| list(root, Camera::Visible, Light::Strong),
};

/// Number of subjects.
const SUBJECTS: u8 = 80;
/// Subjects of a fold.
const FOLD: u8 = 8;

/// One of the two cameras.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Camera {
    /// `VL`: visible light.
    Visible,
    /// `NI`: near infrared.
    NearInfrared,
}

/// How the face was lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// Normal indoor light.
    Strong,
    /// Only the computer's display.
    Weak,
    /// Near darkness.
    Dark,
}

/// Lists one of the six conditions.
pub fn list(root: &Path, camera: Camera, light: Light) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let Some(subjects) = listing.take(subjects(root, camera, light)) else { return listing };
    for subject in subjects {
        let Some(number) = listing.take(number(&subject)) else { continue };
        let Some(folders) = listing.take(files::folders(&subject.path)) else { continue };
        for folder in &folders {
            match entries(number, folder) {
                Ok(entries) => entries.into_iter().for_each(|entry| listing.add(Ok(entry))),
                Err(fault) => listing.faults.push(fault),
            }
        }
        listing.faults.extend(missing(&subject, &folders));
    }
    listing
}

/// The subjects' folders: each upper folder is gone into where it is there.
fn subjects(root: &Path, camera: Camera, light: Light) -> Result<Vec<Child>, DataError> {
    let camera = match camera {
        Camera::Visible => "VL",
        Camera::NearInfrared => "NI",
    };
    let light = match light {
        Light::Strong => "Strong",
        Light::Weak => "Weak",
        Light::Dark => "Dark",
    };
    let mut place: PathBuf = root.to_owned();
    for names in
        [&["Oulu_CASIA_NIR_VIS"][..], &["PreProcess Img", "OriginalImg"], &[camera], &[light]]
    {
        place = names.iter().find_map(|name| files::find(&place, name)).unwrap_or(place);
    }
    let mut folders = files::folders(&place)?;
    folders.retain(|folder| folder.name.starts_with(['P', 'p']) && folder.name.len() == 4);
    if folders.is_empty() {
        let what = format!("no subjects of {camera}/{light} in it");
        let fix = "give the folder that holds VL/Strong/P001, or one of those above it";
        return Err(DataError::Unusable { path: place, what, fix });
    }
    Ok(folders)
}

/// A subject's number, 1 to 80.
fn number(subject: &Child) -> Result<u8, DataError> {
    let number = subject.name.get(1..).and_then(|digits| digits.parse().ok());
    number.filter(|number| (1..=SUBJECTS).contains(number)).ok_or_else(|| DataError::Unusable {
        path: subject.path.clone(),
        what: "no subject's name".to_owned(),
        fix: "subjects are called P001 to P080",
    })
}

/// The last frames of one expression.
fn entries(number: u8, folder: &Child) -> Result<Vec<Entry>, DataError> {
    let expression = LabelMap::OULU_CASIA
        .by_token(&folder.name)
        .map_err(|unknown| unknown_class(folder, unknown.to_string()))?;
    let frames = sequence::frames(&folder.path)?;
    let name = format!("P{number:03}");
    let entry = |frame: &sequence::Frame| {
        let mut entry = Entry::file(frame.path.clone());
        entry.annotation.expression = expression;
        entry.sequence = expression.map(|expression| format!("{name}/{expression}"));
        entry.fold = Some((number - 1) / FOLD);
        entry.subject = Some(name.clone());
        entry
    };
    Ok(sequence::apex(&folder.path, &frames)?.iter().map(entry).collect())
}

/// A fault for each expression the subject has no folder for.
fn missing<'a>(subject: &'a Child, folders: &'a [Child]) -> impl Iterator<Item = DataError> + 'a {
    let shows = |folder: &Child| LabelMap::OULU_CASIA.by_token(&folder.name).ok().flatten();
    LabelMap::OULU_CASIA
        .expressions()
        .filter(move |expression| folders.iter().all(|folder| shows(folder) != Some(*expression)))
        .map(|expression| DataError::Unusable {
            path: subject.path.clone(),
            what: format!("no folder for {expression}"),
            fix: "unpack the set again: each subject shows six expressions",
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Fixture, assert_each_is_named};

    const VIS: &str = "Oulu_CASIA_NIR_VIS/PreProcess Img/VL/Strong";

    fn set() -> Fixture {
        let set = Fixture::new();
        for subject in ["P001", "p008", "P073"] {
            let frames = [0, 1, 2, 3, 4].map(|frame| format!("{frame:03}.jpeg"));
            let place = format!("{VIS}/{subject}");
            set.classes(&place, &LabelMap::OULU_CASIA, &frames.each_ref().map(String::as_str));
            set.rename(&format!("{place}/Disgust"), &format!("{place}/disgust"));
        }
        set.picture("Oulu_CASIA_NIR_VIS/OriginalImg/NI/Dark/P001/Anger/000.jpeg", 9);
        set.text(&format!("{VIS}/P001/.DS_Store"), "");
        set
    }

    fn listed(root: &Path) -> Listing {
        list(root, Camera::Visible, Light::Strong)
    }

    #[test]
    fn the_last_three_frames_count_and_eight_subjects_make_a_fold() {
        let set = set();
        let manifest = listed(set.root()).manifest;
        assert_eq!(manifest.entries.len(), 3 * 6 * 3);
        let first: Vec<_> = manifest.entries[..3].iter().map(|e| e.source.name(e.id)).collect();
        assert_eq!(first, ["002.jpeg", "003.jpeg", "004.jpeg"]);
        let mut folds: Vec<_> =
            manifest.entries.iter().map(|e| (e.subject.as_deref(), e.fold)).collect();
        folds.dedup();
        assert_eq!(
            folds,
            [(Some("P001"), Some(0)), (Some("P073"), Some(9)), (Some("P008"), Some(0))]
        );
        assert_eq!(manifest.entries[53].sequence.as_deref(), Some("P008/disgust"));
    }

    #[test]
    fn any_of_the_upper_folders_may_be_given() {
        let set = set();
        let whole = listed(set.root()).manifest;
        for folder in [VIS, "Oulu_CASIA_NIR_VIS/PreProcess Img", "Oulu_CASIA_NIR_VIS"] {
            assert_eq!(listed(&set.path(folder)).manifest, whole, "{folder}");
        }
    }

    #[test]
    fn another_condition_is_never_taken_for_the_one_asked_for() {
        let set = set();
        let fault = &list(set.root(), Camera::NearInfrared, Light::Strong).faults[0];
        assert!(fault.to_string().contains("no subjects of NI/Strong in it"), "{fault}");
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_is_named(
            set,
            listed,
            &[
                (
                    |s| s.remove(&format!("{VIS}/P001/Anger/003.jpeg")),
                    &["Anger: frame 3 is missing", "fetch"],
                ),
                (
                    |s| s.remove(&format!("{VIS}/P001/Fear")),
                    &["P001: no folder for fear", "unpack"],
                ),
                (
                    |s| s.picture(&format!("{VIS}/P001/Neutral/000.jpeg"), 0),
                    &["\"Neutral\" is no label of Oulu-CASIA"],
                ),
                (
                    |s| s.rename(&format!("{VIS}/P001"), &format!("{VIS}/P081")),
                    &["P081", "P001 to P080"],
                ),
                (
                    |s| s.picture(&format!("{VIS}/P001/Anger/cover.jpeg"), 0),
                    &["cover.jpeg: no frame number"],
                ),
                (
                    |s| {
                        s.remove(&format!("{VIS}/P001/Anger"));
                        s.picture(&format!("{VIS}/P001/Anger/000.jpeg"), 0);
                    },
                    &["Anger: 1 frames where a neutral one and an apex are needed"],
                ),
            ],
        );
    }
}
