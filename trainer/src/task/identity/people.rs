//! Whose pictures an identity network learns from, recognises, and is asked about as strangers.
//!
//! ```text
//! person of the train part, `least` pictures or more   most of them -> train, the rest -> valid
//! person of the valid part, two pictures or more       strangers: verified, never learned from
//! everyone else                                        left out
//! ```
//!
//! A person belongs to one folder of one data set: two renderings' "0007" are two people. Faces
//! are cut out at their landmarks where the set gives them, as a device does.

use std::{collections::BTreeMap, path::PathBuf};

use mien_data::{
    DataError, augment, list_adapter,
    manifest::{Crop, Cut, Entry},
    split::Part,
};
use mien_shared::frame::Grey;
use rand::seq::SliceRandom as _;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::{export::model::TEMPLATE, recipe::IdentityRecipe};

/// Most pictures of one stranger, and of all.
const STRANGERS: [usize; 2] = [5, 400];

/// A picture and whom it shows.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// The face.
    pub image: Grey,
    /// Number of the person, from 0.
    pub person: usize,
}

/// Everybody's pictures.
#[derive(Debug)]
pub struct People {
    /// People learned from.
    pub count: usize,
    /// Their pictures to learn from.
    pub train: Vec<Portrait>,
    /// Their other pictures.
    pub valid: Vec<Portrait>,
    /// Pictures of others, numbered by themselves.
    pub strangers: Vec<Portrait>,
}

/// The pictures of one person.
type Person = Vec<Entry>;

impl People {
    /// The people of a recipe, whose data sets are read from `folders`, each named by its set.
    ///
    /// # Errors
    /// When a data set cannot be used, or nobody is left to learn from.
    pub fn open(
        recipe: &IdentityRecipe,
        seed: u64,
        folders: &[(String, PathBuf)],
    ) -> Result<Self, DataError> {
        let mut people = Vec::new();
        for (name, folder) in folders {
            people.extend(by_subject((list_adapter(name)?.list)(folder).whole()?.entries));
        }
        let dealt = Dealt::new(people, recipe, seed);
        if dealt.count < 2 {
            return Err(DataError::Count {
                path: folders.first().map_or_else(PathBuf::new, |(_, folder)| folder.clone()),
                what: "people with enough pictures",
                found: dealt.count,
                expected: 2,
                fix: "lower task.least, or add a data set that says who is shown",
            });
        }
        dealt.read(recipe.side())
    }
}

/// The pictures of each subject that is known, in the order of their names.
fn by_subject(entries: Vec<Entry>) -> impl Iterator<Item = Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| !entry.leaks) {
        if let Some(subject) = entry.subject.clone() {
            people.entry(subject).or_default().push(entry);
        }
    }
    people.into_values()
}

/// Who is in which part, without pixels.
#[derive(Debug, Default)]
struct Dealt {
    count: usize,
    train: Vec<(Entry, usize)>,
    valid: Vec<(Entry, usize)>,
    strangers: Vec<(Entry, usize)>,
}

impl Dealt {
    fn new(people: Vec<Person>, recipe: &IdentityRecipe, seed: u64) -> Self {
        let (mut dealt, mut strangers) = (Self::default(), 0);
        for person in people {
            let part = person.first().map_or(Part::Train, Entry::part);
            match part {
                Part::Train if person.len() >= recipe.least => {
                    dealt.learn(person, recipe.held_out, seed);
                }
                Part::Valid if person.len() > 1 => {
                    let room = STRANGERS[1].saturating_sub(dealt.strangers.len());
                    let some = person.into_iter().take(STRANGERS[0].min(room));
                    dealt.strangers.extend(some.map(|entry| (entry, strangers)));
                    strangers += 1;
                }
                _ => {}
            }
        }
        dealt
    }

    /// Deals the pictures of a person who is learned from; one is held out at least, and one not.
    fn learn(&mut self, mut person: Person, held_out: f64, seed: u64) {
        let number = self.count;
        self.count += 1;
        person.shuffle(&mut augment::rng(seed, 0, number as u64));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length is a length"
        )]
        let held = (person.len() as f64 * held_out).round() as usize;
        let rest = person.split_off(held.clamp(1, person.len() - 1));
        self.valid.extend(person.into_iter().map(|entry| (entry, number)));
        self.train.extend(rest.into_iter().map(|entry| (entry, number)));
    }

    fn read(self, side: u32) -> Result<People, DataError> {
        let portraits = |entries: Vec<(Entry, usize)>| -> Result<Vec<Portrait>, DataError> {
            let cut = Cut { crop: Crop::Aligned(TEMPLATE), side };
            let portrait = |(entry, person): (Entry, usize)| {
                Ok(Portrait { image: entry.cut(&cut)?.image, person })
            };
            entries.into_par_iter().map(portrait).collect()
        };
        Ok(People {
            count: self.count,
            train: portraits(self.train)?,
            valid: portraits(self.valid)?,
            strangers: portraits(self.strangers)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use mien_data::{augment::Augment, manifest::Source};

    use super::*;
    use crate::{arch::trunk::TrunkName, recipe::Sampling};

    fn recipe(least: usize) -> IdentityRecipe {
        IdentityRecipe {
            trunk: TrunkName::Vgg16S,
            data: vec!["lfw_expressions".to_owned()],
            side: None,
            least,
            held_out: 0.25,
            people: None,
            start: None,
            start_parts: Vec::new(),
            sampling: Sampling::default(),
            augment: Augment::NONE,
        }
    }

    fn person(part: Part, pictures: usize) -> Person {
        let picture = |_| {
            let entry = Entry::of(Source::Memory(Arc::new(Grey::new(4, 4))));
            Entry { part: Some(part), ..entry }
        };
        (0..pictures).map(picture).collect()
    }

    #[test]
    fn every_person_learned_from_has_pictures_on_both_sides() {
        let people = [2, 3, 4, 8].map(|pictures| person(Part::Train, pictures));
        let dealt = Dealt::new(people.into(), &recipe(2), 1);
        assert_eq!(dealt.count, 4);
        let of = |part: &[(Entry, usize)], n| part.iter().filter(|(_, p)| *p == n).count();
        let counts = [0, 1, 2, 3].map(|n| [of(&dealt.train, n), of(&dealt.valid, n)]);
        assert_eq!(counts, [[1, 1], [2, 1], [3, 1], [6, 2]]);
    }

    #[test]
    fn people_of_the_other_parts_are_never_learned_from() {
        let people = vec![
            person(Part::Train, 5),
            person(Part::Valid, 7),
            person(Part::Test, 9),
            person(Part::Valid, 1),
            person(Part::Train, 3),
        ];
        let dealt = Dealt::new(people, &recipe(4), 1);
        assert_eq!((dealt.count, dealt.train.len() + dealt.valid.len()), (1, 5));
        assert_eq!(dealt.strangers.len(), STRANGERS[0]);
        let mut learned = dealt.train.iter().chain(&dealt.valid);
        assert!(learned.all(|(entry, _)| entry.part() == Part::Train));
    }

    #[test]
    fn a_set_that_does_not_say_who_is_shown_is_refused() {
        let set = tempfile::tempdir().unwrap();
        fs::create_dir_all(set.path().join("train/anger")).unwrap();
        fs::write(set.path().join("train/anger/a.png"), b"never decoded").unwrap();
        let folders = [("folder".to_owned(), set.path().to_path_buf())];
        let error = People::open(&recipe(2), 1, &folders).unwrap_err().to_string();
        assert!(error.contains("0 people with enough pictures"), "{error}");
    }
}
