//! Training faces without end: sample `i` is a function of (seed, `i`) alone.
//!
//! ```text
//! expression  i mod 8                  any eight in a row are balanced
//! subject     (i / 8) mod subjects     one person shows all eight in a row
//! all else    drawn from (seed, i)     pose, light, backdrop, what is worn, camera
//! ```
//!
//! Labels are exact; the faces are not photographs: a set to learn from, not to judge by.

use std::ops::Range;

use mien_data::augment;
use mien_shared::{frame::Rgb, label::Expression};
use mien_synth::{Identity, Renderer, Scene};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_pcg::Pcg64;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use crate::{
    head::{Head, Subject},
    labels::Truth,
    light::{Environment, Lighting},
    render::{Behind, Shot, Studio},
    sensor::Sensor,
};

/// Expressions in a row of one subject.
const TURNS: u64 = Expression::ALL.len() as u64;
/// Share of pictures under an environment map, where there are any.
const FROM_MAP: f64 = 0.7;

/// What the faces are made with.
#[derive(Debug)]
pub enum Maker {
    /// The procedural head.
    Procedural,
    /// A scanned or sculpted head.
    Head(Box<Head>),
}

impl Maker {
    /// `procedural`, `ict` or `makehuman`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Procedural => "procedural",
            Self::Head(head) => head.name(),
        }
    }
}

/// A source of faces.
#[derive(Debug)]
pub struct Faces {
    /// What makes them.
    pub maker: Maker,
    /// Surroundings that light them; may be empty.
    pub maps: Vec<Environment>,
    /// Decides everything drawn.
    pub seed: u64,
    /// Side of the square pictures, pixels.
    pub side: u32,
    /// How many people there are, at least 1.
    pub subjects: u64,
}

/// One face.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Its number.
    pub id: u64,
    /// The subject's number, from 0.
    pub subject: u64,
    /// The picture.
    pub picture: Rgb,
    /// What is true of it.
    pub truth: Truth,
}

/// Buffers used again from face to face.
#[derive(Debug, Default)]
pub struct Workshop {
    studio: Studio,
    procedural: Renderer,
    subject: Option<Subject>,
}

impl Faces {
    /// Faces of `side` × `side` pixels of `subjects` people, lit by drawn light.
    pub fn new(maker: Maker, seed: u64, side: u32, subjects: u64) -> Self {
        Self { maker, maps: Vec::new(), seed, side, subjects }
    }

    /// The subject of face `i`, from 0.
    pub fn subject(&self, i: u64) -> u64 {
        i / TURNS % self.subjects.max(1)
    }

    /// The expression of face `i`.
    pub fn expression(&self, i: u64) -> Expression {
        Expression::ALL[usize::try_from(i % TURNS).unwrap_or(0)]
    }

    /// Makes face `i`.
    ///
    /// Faces of one subject one after the other share its making in a workshop.
    pub fn face(&self, i: u64, workshop: &mut Workshop) -> Face {
        let mut picture = Rgb::default();
        let scene = self.scene(i);
        let truth = match &self.maker {
            Maker::Procedural => {
                let labels = workshop.procedural.render_into(&scene, &mut picture);
                Truth { labels, visible: None }
            }
            Maker::Head(head) => {
                let shot = self.shot(i, &scene);
                let kept = workshop.subject.take().filter(|s| *s.identity() == scene.identity);
                let subject = kept.unwrap_or_else(|| head.subject(&scene.identity));
                let truth = workshop.studio.render((head, &subject), &shot, &mut picture);
                workshop.subject = Some(subject);
                truth
            }
        };
        Face { id: i, subject: self.subject(i), picture, truth }
    }

    /// Makes the faces of a range, in order, on every core.
    pub fn faces(&self, range: Range<u64>) -> Vec<Face> {
        let blocks = range.start / TURNS..range.end.div_ceil(TURNS);
        let block = |workshop: &mut Workshop, block: u64| {
            let from = (block * TURNS).max(range.start);
            let to = ((block + 1) * TURNS).min(range.end);
            (from..to).map(|i| self.face(i, workshop)).collect::<Vec<_>>()
        };
        let made: Vec<_> = blocks.into_par_iter().map_init(Workshop::default, block).collect();
        made.into_iter().flatten().collect()
    }

    /// Person, pose, place and what is worn of face `i`.
    pub fn scene(&self, i: u64) -> Scene {
        let identity = augment::rng(self.seed, 1, self.subject(i)).random();
        let scene = augment::rng(self.seed, 0, i).random();
        let drawn = Scene::random(scene, Some(self.expression(i)), self.side);
        Scene { identity: Identity::from_seed(identity), ..drawn }
    }

    fn shot(&self, i: u64, scene: &Scene) -> Shot<'_> {
        let rng = &mut augment::rng(self.seed, 2, i);
        let (lighting, behind) = self.light(scene, rng);
        let sensor = Sensor {
            gamma: rng.random_range(0.88..1.14),
            noise: rng.random_range(-1.5..5.0_f32).max(0.0),
            seed: rng.random(),
        };
        Shot { scene: *scene, lighting, behind, weights: None, sensor }
    }

    fn light(&self, scene: &Scene, rng: &mut Pcg64) -> (Lighting, Behind<'_>) {
        match self.maps.choose(rng) {
            Some(map) if rng.random_bool(FROM_MAP) => {
                let turn = rng.random_range(0.0..std::f32::consts::TAU);
                let lighting = map.lighting(turn).exposed(rng.random_range(0.55..1.15));
                (lighting, Behind::Map { map, turn, slope: rng.random_range(0.25..0.6) })
            }
            _ => (Lighting::drawn(&scene.light, rng), Behind::Drawn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn faces(seed: u64) -> Faces {
        Faces::new(Maker::Head(Box::new(fixture::head())), seed, 64, 3)
    }

    #[test]
    fn a_face_depends_on_seed_and_number_alone() {
        let faces_of = faces(7);
        let run = faces_of.faces(0..20);
        let mut workshop = Workshop::default();
        for i in [19, 3, 8] {
            assert_eq!(run[usize::try_from(i).unwrap()], faces_of.face(i, &mut workshop), "{i}");
        }
        assert_eq!(faces_of.faces(5..11)[..], run[5..11]);
        assert_ne!(faces(8).face(0, &mut workshop).picture, run[0].picture);
    }

    #[test]
    fn expressions_take_turns_and_a_subject_shows_all_of_them() {
        let faces = faces(7);
        for i in 0..48 {
            assert_eq!(faces.expression(i).index() as u64, i % 8);
            assert_eq!(faces.subject(i), i / 8 % 3);
            assert_eq!(faces.scene(i).identity, faces.scene(i / 8 * 8).identity);
        }
        assert_eq!(faces.scene(0).identity, faces.scene(24).identity);
        assert_ne!(faces.scene(0).identity, faces.scene(8).identity);
    }

    #[test]
    fn surroundings_light_and_fill_the_picture() {
        let mut lit = faces(7);
        lit.maps = vec![Environment::new(8, 4, vec![[0.5, 0.3, 0.1]; 32])];
        let warm = lit.faces(0..12).into_iter().filter(|face| {
            let corner = &face.picture.data[..3];
            i16::from(corner[0]) - i16::from(corner[2]) > 40
        });
        assert!(warm.count() >= 4);
    }

    #[test]
    fn the_procedural_head_goes_by_the_same_door() {
        let faces = Faces::new(Maker::Procedural, 3, 48, 2);
        let made = faces.faces(0..9);
        assert_eq!(made.len(), 9);
        assert!(made.iter().all(|face| face.truth.visible.is_none()));
        assert_eq!(made[0].truth.labels.identity, made[7].truth.labels.identity);
    }
}
