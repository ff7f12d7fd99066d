//! `CelebA`: celebrities with forty yes-or-no attributes, aligned or in the wild.
//!
//! ```text
//! Anno/list_attr_celeba.txt      202599 / forty names / "000001.jpg -1  1 …"
//! Anno/list_bbox_celeba.txt      202599 / header / "000001.jpg    95  71 226 313": x y w h
//! Anno/identity_CelebA.txt       "000001.jpg 2880"
//! Eval/list_eval_partition.txt   "000001.jpg 0": 0 train, 1 validation, 2 test
//! Img/img_align_celeba/          178 × 218, for the list `celeba`
//! Img/img_celeba/                in the wild, for the list `celeba_in_the_wild`
//! ```
//!
//! `celeba_in_the_wild` (uCelebA) cuts each picture to its box enlarged [`MARGIN`] times about its centre, which may
//! reach past the picture. Boxes belong to the pictures in the wild only. Identities are the
//! subjects; the three parts share none.
//! Set: Liu, Luo, Wang and Tang, ICCV 2015, arXiv 1411.7766; unaligned use: Li et al., AAAI 2018,
//! arXiv 1709.03851.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use mien_shared::geometry::Rect;

use super::{
    DataError,
    files::{self, Line, Text},
    manifest::{Annotation, Entry, ListAdapter, Listing, Official, Source},
    split::Part,
};

mod attributes;

pub use attributes::ATTRIBUTES;

/// Factor from the listed box to the part of a picture that `celeba_in_the_wild` uses.
pub const MARGIN: f32 = 1.5;

const ATTRIBUTE_LIST: &str = "Anno/list_attr_celeba.txt";
const BOX_LIST: &str = "Anno/list_bbox_celeba.txt";
const IDENTITY_LIST: &str = "Anno/identity_CelebA.txt";
const PARTITION_LIST: &str = "Eval/list_eval_partition.txt";

/// The aligned pictures.
pub(super) const ADAPTER: ListAdapter = ListAdapter {
    name: "celeba",
    layout: "Anno/{list_attr_celeba,identity_CelebA}.txt, Eval/list_eval_partition.txt, \
             Img/img_align_celeba/*.jpg",
    official: Official { pictures: Some(202_599), subjects: Some(10_177), classes: &[] },
    list,
};

/// The pictures in the wild, cut to the enlarged box.
pub(super) const IN_THE_WILD: ListAdapter = ListAdapter {
    name: "celeba_in_the_wild",
    layout: "Anno/{list_attr_celeba,list_bbox_celeba,identity_CelebA}.txt, \
             Eval/list_eval_partition.txt, Img/img_celeba/*.jpg",
    list: list_in_the_wild,
    ..ADAPTER
};

/// Lists the aligned pictures in the order of the attribute list.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::new(ADAPTER.name);
    let tables = Tables::read(root, "Img/img_align_celeba", &mut listing);
    rows(root, tables, &mut listing);
    listing.or_empty_fault(root)
}

/// Lists the pictures in the wild in the order of the attribute list.
pub fn list_in_the_wild(root: &Path) -> Listing {
    let mut listing = Listing::new(IN_THE_WILD.name);
    let tables = Tables::read(root, "Img/img_celeba", &mut listing).and_then(|tables| {
        let boxes = keyed(&root.join(BOX_LIST), 2, &mut listing, region)?;
        Some(Tables { boxes: Some(boxes), ..tables })
    });
    rows(root, tables, &mut listing);
    listing.or_empty_fault(root)
}

/// Reads the attribute list, which says what pictures there are.
fn rows(root: &Path, tables: Option<Tables>, listing: &mut Listing) {
    let path = root.join(ATTRIBUTE_LIST);
    let Some(tables) = tables else { return };
    let Some(text) = listing.take(Text::open(&path)) else { return };
    let mut lines = text.lines();
    let head = lines.next().zip(lines.next()).ok_or_else(|| DataError::Unusable {
        path: path.clone(),
        what: "a list without pictures".to_owned(),
        fix: "it must start with the number of pictures and the names of the attributes",
    });
    let Some((count, names)) = listing.take(head) else { return };
    if listing.take(attributes::check(names)).is_none() {
        return;
    }
    let mut found = 0;
    for line in lines {
        found += 1;
        listing.add(tables.entry(line));
    }
    let expected = listing.take(count.number("number of pictures", count.text, COUNT));
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        let fix = "its first line must say how many pictures it lists: fetch it again";
        listing.faults.push(DataError::Count { path, what: "pictures", found, expected, fix });
    }
}

/// What is asked of the first line.
const COUNT: &str = "it must be the number of pictures";

/// What the lists say of each picture by its name.
struct Tables {
    pictures: PathBuf,
    parts: HashMap<String, Part>,
    identities: HashMap<String, String>,
    /// Of the pictures in the wild.
    boxes: Option<HashMap<String, Rect>>,
}

impl Tables {
    fn read(root: &Path, pictures: &str, listing: &mut Listing) -> Option<Self> {
        let pictures = listing.take(files::existing_folder(root.join(pictures)))?;
        let parts = keyed(&root.join(PARTITION_LIST), 0, listing, part)?;
        let identities = keyed(&root.join(IDENTITY_LIST), 0, listing, identity)?;
        Some(Self { pictures, parts, identities, boxes: None })
    }

    fn entry(&self, line: Line<'_>) -> Result<Entry, DataError> {
        let (name, attributes) = attributes::read(line)?;
        let part = look_up(&self.parts, line, name, "list_eval_partition.txt must list it")?;
        let subject = look_up(&self.identities, line, name, "identity_CelebA.txt must list it")?;
        let boxes = self.boxes.as_ref();
        let region = boxes.map(|b| look_up(b, line, name, "list_bbox_celeba.txt must list it"));
        let path = files::below(&self.pictures, name)
            .ok_or_else(|| line.fault("picture", name, "it must be the name of a file"))?;
        let source = Source::File {
            path: files::existing_file(path)?,
            region: region.transpose()?.copied(),
        };
        let annotation = Annotation { attributes, ..Annotation::default() };
        let (subject, part) = (Some(subject.clone()), Some(*part));
        Ok(Entry { annotation, subject, part, ..Entry::of(source) })
    }
}

fn look_up<'a, T>(
    table: &'a HashMap<String, T>,
    line: Line<'_>,
    name: &str,
    fix: &'static str,
) -> Result<&'a T, DataError> {
    table.get(name).ok_or_else(|| line.fault("picture", name, fix))
}

/// A list of one value a picture, by the picture's name, below `header` lines; `None` where the
/// file cannot be read.
fn keyed<T>(
    path: &Path,
    header: usize,
    listing: &mut Listing,
    value: impl Fn(Line<'_>) -> Result<(&str, T), DataError>,
) -> Option<HashMap<String, T>> {
    let text = listing.take(Text::open(path))?;
    let mut table = HashMap::new();
    for line in text.lines().skip(header) {
        if let Some((name, value)) = listing.take(value(line)) {
            table.insert(name.to_owned(), value);
        }
    }
    Some(table)
}

fn part(line: Line<'_>) -> Result<(&str, Part), DataError> {
    let fix = "a line must be a picture's name and 0 (train), 1 (validation) or 2 (test)";
    let [name, part] = line.words(fix)?;
    match part {
        "0" => Ok((name, Part::Train)),
        "1" => Ok((name, Part::Valid)),
        "2" => Ok((name, Part::Test)),
        _ => Err(line.fault("part", part, fix)),
    }
}

fn identity(line: Line<'_>) -> Result<(&str, String), DataError> {
    let fix = "a line must be a picture's name and the number of a person";
    let [name, person] = line.words(fix)?;
    let person: u32 = line.number("person", person, fix)?;
    Ok((name, person.to_string()))
}

fn region(line: Line<'_>) -> Result<(&str, Rect), DataError> {
    let fix = "a line must be a picture's name and x, y, width and height, the last two above 0";
    let [name, values @ ..] = line.words::<5>(fix)?;
    let mut numbers = [0.0_f32; 4];
    for (number, value) in numbers.iter_mut().zip(values) {
        *number = line.number("box", value, fix)?;
    }
    let [x, y, w, h] = numbers;
    let listed = Rect { x, y, w, h };
    if !(numbers.iter().all(|n| n.is_finite()) && w.min(h) > 0.0) {
        return Err(line.fault("the line", line.text, fix));
    }
    let (centre, w, h) = (listed.center(), w * MARGIN, h * MARGIN);
    Ok((name, Rect { x: centre.x - w / 2.0, y: centre.y - h / 2.0, w, h }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        Fixture,
        binary::{assert_each_leaves, assert_ids},
    };

    const ALIGNED: &str = "Img/img_align_celeba";

    /// One way to damage a set and what its fault says.
    type Damage = (fn(&Fixture), &'static str);

    /// Four pictures of three persons; only the first smiles.
    fn fixture() -> Fixture {
        let set = Fixture::new();
        let attributes = |smiling| {
            let value = |name: &&str| if *name == "Smiling" { smiling } else { "-1" };
            ATTRIBUTES.iter().map(value).collect::<Vec<_>>().join(" ").replace(" 1", "  1")
        };
        let rows = [("000001.jpg", "1"), ("000002.jpg", "-1"), ("000003.jpg", "-1")];
        let mut list = format!("4\n{} \n", ATTRIBUTES.join(" "));
        for (name, smiling) in rows.into_iter().chain([("000004.jpg", "-1")]) {
            list.extend([name, " ", &attributes(smiling), "\n"]);
            set.picture(&format!("{ALIGNED}/{name}"), u32::from(smiling == "1"));
            set.picture(&format!("Img/img_celeba/{name}"), 2);
        }
        set.text(ATTRIBUTE_LIST, &list);
        let boxes = "000001.jpg    95  71 226 313\n000002.jpg 1 1 2 2\n000003.jpg 0 0 8 4\n\
                     000004.jpg    5 5 5 5\n";
        set.text(BOX_LIST, &format!("4\nimage_id x_1 y_1 width height\n{boxes}"));
        let (one, two) = ("000001.jpg 2880\n000002.jpg 2937\n", "000003.jpg 8692\n000004.jpg 8692");
        set.text(IDENTITY_LIST, &format!("{one}{two}"));
        set.text(PARTITION_LIST, "000001.jpg 0\n000002.jpg 1\n000003.jpg 2\n000004.jpg 2\n");
        set
    }

    #[test]
    fn attributes_persons_and_parts_are_joined_by_name() {
        let set = fixture();
        let listing = list(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        assert_ids(&listing);
        let [smiling, other, ..] = &listing.manifest.entries[..] else { panic!() };
        assert_eq!(set.path_of(smiling), "Img/img_align_celeba/000001.jpg");
        let yes: Vec<_> = (0..40).filter(|&at| smiling.annotation.attributes[at]).collect();
        assert_eq!(yes, [31]);
        assert_eq!(ATTRIBUTES[31], "Smiling");
        assert_eq!(other.annotation.attributes, [false; 40]);
        let who: Vec<_> =
            listing.manifest.entries.iter().map(|e| (e.subject.as_deref(), e.part)).collect();
        assert_eq!(
            who,
            [
                (Some("2880"), Some(Part::Train)),
                (Some("2937"), Some(Part::Valid)),
                (Some("8692"), Some(Part::Test)),
                (Some("8692"), Some(Part::Test)),
            ]
        );
    }

    #[test]
    fn pictures_in_the_wild_are_cut_to_the_enlarged_box() {
        let set = fixture();
        let listing = list_in_the_wild(set.root());
        assert!(listing.faults.is_empty(), "{:?}", listing.faults);
        let third = &listing.manifest.entries[2];
        assert_eq!(set.path_of(third), "Img/img_celeba/000003.jpg");
        let Source::File { region, .. } = &third.source else { panic!("no file") };
        assert_eq!(*region, Some(Rect { x: -2.0, y: -1.0, w: 12.0, h: 6.0 }));
    }

    #[test]
    fn each_broken_entry_is_named() {
        assert_each_leaves(
            fixture,
            list,
            &[
                (
                    |t| t.edit(ATTRIBUTE_LIST, "-1", "0"),
                    3,
                    "attr_celeba.txt, line 3: an attribute is",
                ),
                (
                    |t| t.edit(ATTRIBUTE_LIST, "-1 ", ""),
                    3,
                    "attr_celeba.txt, line 3: the line is `00",
                ),
                (
                    |t| t.edit(ATTRIBUTE_LIST, "4\n", "5\n"),
                    4,
                    "holds 4 pictures, expected 5: its fir",
                ),
                (
                    |t| t.edit(ATTRIBUTE_LIST, "4\n", "four\n"),
                    4,
                    "line 1: number of pictures is `fou",
                ),
                (
                    |t| t.edit(ATTRIBUTE_LIST, "Bald ", "Bold "),
                    0,
                    "line 2: Bald is `Bold`: the forty",
                ),
                (
                    |t| t.edit(ATTRIBUTE_LIST, " \n", " Old\n"),
                    0,
                    "a name after the fortieth is `Old`",
                ),
                (
                    |t| t.edit(PARTITION_LIST, "000001.jpg", "000009.jpg"),
                    3,
                    "list_eval_partition.txt",
                ),
                (
                    |t| t.edit(IDENTITY_LIST, "000002.jpg 2937\n", ""),
                    3,
                    "line 4: picture is `000002.",
                ),
                (
                    |t| t.remove("Img/img_align_celeba/000002.jpg"),
                    3,
                    "000002.jpg: check that it is",
                ),
                (|t| t.remove(ALIGNED), 0, "img_align_celeba: check that it is there"),
                (|t| t.remove(IDENTITY_LIST), 0, "identity_CelebA.txt: check that it is there"),
                (|t| t.remove(ATTRIBUTE_LIST), 0, "list_attr_celeba.txt: check that it is there"),
                (|t| t.text(ATTRIBUTE_LIST, ""), 0, "attr_celeba.txt: a list without"),
            ],
        );
    }

    #[test]
    fn a_broken_line_of_another_list_is_named_and_costs_its_picture() {
        let damages: [Damage; 4] = [
            (|t| t.edit(PARTITION_LIST, " 1\n", " 3\n"), "partition.txt, line 2: part is `3`: a"),
            (|t| t.edit(IDENTITY_LIST, "2937", "Ann"), "CelebA.txt, line 2: person is `Ann`: a"),
            (|t| t.edit(BOX_LIST, "1 1 2 2", "1 1 0 2"), "bbox_celeba.txt, line 4: the line is"),
            (|t| t.edit(BOX_LIST, "1 1 2 2", "1 1 2"), "bbox_celeba.txt, line 4: the line is"),
        ];
        for (damage, complaint) in damages {
            let set = fixture();
            damage(&set);
            let listing = list_in_the_wild(set.root());
            let [own, missing] = &listing.faults[..] else { panic!("{:?}", listing.faults) };
            assert!(own.to_string().contains(complaint), "{own}");
            assert!(missing.to_string().contains("line 4: picture is `000002.jpg`"), "{missing}");
            assert_eq!(listing.manifest.entries.len(), 3);
        }
    }
}
