//! CK+, the extended Cohn-Kanade set (Lucey et al. 2010): posed sequences from neutral to apex.
//!
//! ```text
//! cohn-kanade-images/S005/001/S005_001_00000011.png
//! Emotion/S005/001/S005_001_00000011_emotion.txt      "   3.0000000e+00"
//! FACS/S005/001/S005_001_00000011_facs.txt            a line for each unit: number, intensity
//! Landmarks/S005/001/S005_001_00000011_landmarks.txt  68 lines: x, y
//! ```
//!
//! 327 of the 593 sequences have an emotion; the others' folders are empty or absent, and they are
//! not listed. Which frames of a sequence count is up to the [`Protocol`]. A FACS intensity of 0
//! means present without a degree; units that Mien does not know are left out. Where there are
//! landmarks, a picture is cut to the square about its face. A copy may lack FACS or landmarks
//! altogether.

use std::path::{Path, PathBuf};

use mien_shared::label::Expression;

use self::session::Session;
use crate::{
    DataError, files,
    manifest::{ListAdapter, Listing, Official},
};

mod session;

/// Seven classes.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "ck_plus",
    layout: "cohn-kanade-images/ and Emotion/, with FACS/ and Landmarks/ where there are any",
    official: Official { pictures: Some(981), subjects: Some(118), classes: &CLASSES },
    list: |root| list(root, Protocol::Seven),
};

/// Six classes.
pub(super) const SIX: ListAdapter = ListAdapter {
    name: "ck_plus_6",
    layout: "as ck_plus; without contempt",
    official: Official { pictures: Some(927), subjects: None, classes: CLASSES.split_at(1).1 },
    list: |root| list(root, Protocol::Six),
};

/// Eight classes.
pub(super) const EIGHT: ListAdapter = ListAdapter {
    name: "ck_plus_8",
    layout: "as ck_plus; with the first frames as neutral",
    official: Official { pictures: Some(1308), subjects: Some(118), classes: &EIGHT_CLASSES },
    list: |root| list(root, Protocol::Eight),
};

/// Three frames of each labelled sequence; contempt first, so that six classes are the rest.
const CLASSES: [(&str, usize); 7] = [
    ("contempt", 54),
    ("anger", 135),
    ("disgust", 177),
    ("fear", 75),
    ("happiness", 207),
    ("sadness", 84),
    ("surprise", 249),
];

const EIGHT_CLASSES: [(&str, usize); 8] = {
    let [a, b, c, d, e, f, g] = CLASSES;
    [("neutral", 327), a, b, c, d, e, f, g]
};

/// Which frames of CK+ count, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The last three frames of the 309 sequences that do not show contempt: 927 pictures.
    Six,
    /// The last three frames of all 327 labelled sequences: 981 pictures.
    Seven,
    /// As seven, and the first frame of each as neutral: 1,308 pictures.
    Eight,
}

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Self::Six => SIX.name,
            Self::Seven => ADAPTER.name,
            Self::Eight => EIGHT.name,
        }
    }

    fn keeps(self, expression: Expression) -> bool {
        self != Self::Six || expression != Expression::Contempt
    }
}

/// Lists CK+ by a protocol. Of a sequence with fewer than four frames the first is never among
/// the last.
pub fn list(root: &Path, protocol: Protocol) -> Listing {
    let mut listing = Listing::new(protocol.name());
    let Some(set) = listing.take(Set::open(root)) else { return listing };
    for subject in listing.take(files::folders(&set.emotion)).unwrap_or_default() {
        if !is_subject(&subject.name) {
            listing.faults.push(unusable(
                &subject.path,
                "no subject's name",
                "it must be S and three digits",
            ));
            continue;
        }
        for session in listing.take(files::folders(&subject.path)).unwrap_or_default() {
            let session = Session { set: &set, subject: &subject.name, name: &session.name };
            match session.entries(protocol) {
                Ok(entries) => entries.into_iter().for_each(|entry| listing.add(Ok(entry))),
                Err(fault) => listing.faults.push(fault),
            }
        }
    }
    listing
}

fn is_subject(name: &str) -> bool {
    let digits = name.strip_prefix('S').unwrap_or_default();
    digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// The four folders of the set.
struct Set {
    images: PathBuf,
    emotion: PathBuf,
    facs: Option<PathBuf>,
    landmarks: Option<PathBuf>,
}

impl Set {
    fn open(root: &Path) -> Result<Self, DataError> {
        Ok(Self {
            images: files::find_any(root, &["cohn-kanade-images"])?,
            emotion: files::find_any(root, &["Emotion", "Emotion_labels/Emotion"])?,
            facs: files::find_any(root, &["FACS", "FACS_labels/FACS"]).ok(),
            landmarks: files::find_any(root, &["Landmarks/Landmarks", "Landmarks"]).ok(),
        })
    }
}

fn unusable(path: &Path, what: &str, fix: &'static str) -> DataError {
    DataError::Unusable { path: path.to_owned(), what: what.to_owned(), fix }
}

#[cfg(test)]
mod tests {
    use mien_shared::au::ActionUnit;

    use super::*;
    use crate::{
        fixture::{Fixture, assert_each_is_named},
        landmarks,
        manifest::{Coded, Source},
    };

    const EMOTIONS: [(&str, &str, u8); 4] =
        [("S005", "001", 3), ("S010", "001", 2), ("S010", "003", 7), ("S999", "002", 1)];
    const LABEL: &str = "Emotion/S005/001/S005_001_00000005_emotion.txt";
    const FACS: &str = "FACS/S005/001/S005_001_00000005_facs.txt";
    const POINTS: &str = "Landmarks/S005/001/S005_001_00000005_landmarks.txt";

    /// Four labelled sequences of three subjects, one without a label, and a gap in the sessions.
    fn set() -> Fixture {
        let set = Fixture::new();
        for (subject, session, emotion) in EMOTIONS {
            let place = format!("{subject}/{session}");
            for frame in 1..=5 {
                let stem = format!("{subject}_{session}_{frame:08}");
                set.picture(&format!("cohn-kanade-images/{place}/{stem}.png"), emotion.into());
                let point = |p: u8| format!("   {}.0000000e+00   1.0000000e+01\n", p % 10);
                let points = (0..68).map(point).collect::<Vec<_>>().concat();
                set.text(&format!("Landmarks/{place}/{stem}_landmarks.txt"), &points);
            }
            let stem = format!("{subject}_{session}_00000005");
            set.text(
                &format!("Emotion/{place}/{stem}_emotion.txt"),
                &format!("   {emotion}.0000000e+00  \n \n"),
            );
            let units = "   1.2000000e+01   3.0000000e+00\n   2.5000000e+01   0.0000000e+00\n   6.1000000e+01   1.0000000e+00\n";
            set.text(&format!("FACS/{place}/{stem}_facs.txt"), units);
        }
        set.picture("cohn-kanade-images/S011/001/S011_001_00000001.png", 0);
        set.folder("Emotion/S011/001");
        set.text("cohn-kanade-images/.DS_Store", "");
        set.text("cohn-kanade-images/S005/001/.DS_Store", "");
        set.text("Emotion/S005/001/.DS_Store", "");
        set
    }

    fn expressions(listing: &Listing) -> Vec<Option<Expression>> {
        listing.manifest.entries.iter().map(|entry| entry.annotation.expression).collect()
    }

    #[test]
    fn seven_classes_are_the_last_three_frames_of_each_labelled_sequence() {
        let set = set();
        let listing = list(set.root(), Protocol::Seven);
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let shown =
            [Expression::Disgust, Expression::Contempt, Expression::Surprise, Expression::Anger];
        assert_eq!(expressions(&listing), shown.map(|e| [Some(e); 3]).concat());
        let names: Vec<_> =
            listing.manifest.entries[..3].iter().map(|e| e.source.name(e.id)).collect();
        assert_eq!(
            names,
            ["S005_001_00000003.png", "S005_001_00000004.png", "S005_001_00000005.png"]
        );
        let last = &listing.manifest.entries[11];
        assert_eq!(
            (last.subject.as_deref(), last.sequence.as_deref()),
            (Some("S999"), Some("S999/002"))
        );
    }

    #[test]
    fn six_classes_leave_contempt_out_and_eight_add_the_first_frame_as_neutral() {
        let set = set();
        let six = expressions(&list(set.root(), Protocol::Six));
        assert_eq!(six.len(), 9);
        assert!(!six.contains(&Some(Expression::Contempt)));
        let eight = list(set.root(), Protocol::Eight).manifest;
        assert_eq!(eight.entries.len(), 16);
        assert_eq!(eight.entries[4].source.name(4), "S010_001_00000001.png");
        assert_eq!(eight.entries[4].annotation.expression, Some(Expression::Neutral));
        assert!(eight.entries[4].annotation.units.is_empty());
    }

    #[test]
    fn a_short_sequence_never_gives_its_first_frame_as_apex() {
        let set = set();
        for frame in 1..=3 {
            set.remove(&format!("cohn-kanade-images/S005/001/S005_001_0000000{frame}.png"));
        }
        let eight = list(set.root(), Protocol::Eight).manifest;
        let names: Vec<_> = eight.entries[..2].iter().map(|e| e.source.name(e.id)).collect();
        assert_eq!(names, ["S005_001_00000004.png", "S005_001_00000005.png"]);
        assert_eq!(eight.entries[0].annotation.expression, Some(Expression::Neutral));
        assert_eq!(eight.entries[2].subject.as_deref(), Some("S010"));
    }

    #[test]
    fn units_and_landmarks_are_read_and_the_face_is_cut_out() {
        let set = set();
        let manifest = list(set.root(), Protocol::Seven).manifest;
        let units = &manifest.entries[0].annotation.units;
        let [lips, part] = [12, 25].map(|number| ActionUnit::new(number).unwrap());
        assert_eq!(*units, [(lips, Coded::Intensity(3.0)), (part, Coded::Present(true))]);
        assert_eq!(manifest.entries[0].annotation.landmarks.len(), 68);
        let Source::File { region, .. } = &manifest.entries[0].source else { panic!() };
        assert_eq!(*region, landmarks::face(&manifest.entries[0].annotation.landmarks));
        let Some(face) = region else { panic!("no face is cut out") };
        assert!((face.w - 11.7).abs() < 1e-3 && (face.y - 4.15).abs() < 1e-3, "{face:?}");
        assert_eq!(manifest.sample(0, 48).unwrap().image.width, 48);
    }

    #[test]
    fn a_copy_without_facs_and_landmarks_gives_whole_pictures() {
        let set = set();
        set.remove("FACS");
        set.remove("Landmarks");
        let listing = list(set.root(), Protocol::Seven);
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert!(matches!(listing.manifest.entries[0].source, Source::File { region: None, .. }));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_is_named(
            set,
            |root| list(root, Protocol::Eight),
            &[
                (
                    |s| s.edit(LABEL, "3.0", "8.0"),
                    &[LABEL, "line 1: the emotion is `8.0", "1 to 7"],
                ),
                (|s| s.edit(LABEL, "3.0", "0.0"), &[LABEL, "the emotion is `0.0"]),
                (|s| s.edit(LABEL, "3.0", "3.5"), &[LABEL, "the emotion is `3.5"]),
                (|s| s.edit(LABEL, "3.0", "joy "), &[LABEL, "it must hold one number"]),
                (|s| s.text(LABEL, " \n"), &[LABEL, "empty", "1 to 7"]),
                (
                    |s| s.text("Emotion/S005/001/b.txt", "1"),
                    &["b.txt", "a second label", "keep the one"],
                ),
                (
                    |s| s.remove("cohn-kanade-images/S005/001/S005_001_00000004.png"),
                    &["S005/001: frame 4 is missing", "fetch the sequence again"],
                ),
                (
                    |s| s.remove("cohn-kanade-images/S005/001/S005_001_00000005.png"),
                    &[LABEL, "no frame has its number", "fetch the sequence again"],
                ),
                (
                    |s| s.remove("cohn-kanade-images/S005"),
                    &["images/S005/001", "check that it is there"],
                ),
                (
                    |s| {
                        let folder = "cohn-kanade-images/S005/001";
                        s.rename(
                            &format!("{folder}/S005_001_00000001.png"),
                            &format!("{folder}/S006_001_00000001.png"),
                        );
                    },
                    &["S006_001_00000001.png", "another sequence", "move it"],
                ),
                (
                    |s| s.rename("Emotion/S005", "Emotion/T005"),
                    &["T005", "no subject", "three digits"],
                ),
                (|s| s.edit(FACS, "3.0", "6.0"), &[FACS, "line 1: the intensity is", "0 to 5"]),
                (|s| s.edit(FACS, "1.2000000e+01", "1.25"), &[FACS, "line 1: the unit is"]),
                (|s| s.edit(FACS, "   0.0000000e+00", ""), &[FACS, "line 2: the line is"]),
                (|s| s.remove(POINTS), &[POINTS, "check that it is there"]),
                (
                    |s| s.edit(POINTS, "1.0000000e+01\n", "NaN\n"),
                    &[POINTS, "line 1: a number is `NaN`"],
                ),
                (|s| s.remove("Emotion"), &["no `Emotion` in it", "names it came with"]),
                (|s| s.remove("cohn-kanade-images"), &["no `cohn-kanade-images` in it"]),
            ],
        );
    }
}
