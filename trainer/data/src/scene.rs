//! Pictures with faces in known places, composed from portraits and backdrops.
//!
//! ```text
//! backdrop -> faceless patches -> 0 to 3 portraits -> exposure, blur, noise -> letterbox
//! ```
//!
//! Faces are 12 px high to larger than the frame, anywhere, turned by up to 20°. No portrait
//! covers another one's face. A quarter of the scenes is *tight*: one portrait fills the view, as
//! in a picture that was cut to a face before. A scene is a pure function of the studio and a
//! generator.

use std::path::Path;

use mien_shared::{
    frame::Grey,
    geometry::{Rect, Similarity},
};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_pcg::Pcg64;

pub use self::{face::Face, portraits::Portrait};
use super::DataError;
use crate::augment::Augment;

mod backdrop;
mod face;
mod faceless;
mod paste;
mod pixel;
mod place;
pub mod portraits;

/// Share of scenes without a face.
const EMPTY: f32 = 0.15;
/// Share of scenes that one portrait fills.
const TIGHT: f32 = 0.25;
/// Faces in the other scenes, each entry equally likely.
const CROWD: [usize; 7] = [1, 1, 1, 1, 2, 2, 3];
/// Share of portraits that are rendered ones.
const RENDERED: f32 = 0.15;
/// Least share of a face that lies within the view.
const VISIBLE: f32 = 0.7;
/// Attempts to find room for a portrait.
const ATTEMPTS: usize = 8;
/// Sizes of the view within the frame, as cameras and cut-out pictures give them.
const VIEWS: [[f32; 2]; 6] = [
    [1.0, 0.9375], // 4:3
    [1.0, 0.9375],
    [0.8, 1.0], // 1:1
    [1.0, 1.0],
    [1.0, 0.703], // 16:9
    [0.6, 1.0],   // 3:4
];

/// Exposure, blur and noise of a scene.
const CAMERA: Augment = Augment {
    brightness: 0.12,
    contrast: 0.3,
    gamma: 0.5,
    side_light: 0.3,
    blur: 0.3,
    noise: 0.4,
    noise_level: 10.0,
    ..Augment::NONE
};

/// A picture and the faces in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The picture, letterboxed in black.
    pub image: Grey,
    /// The faces, whole boxes even where they reach beyond the picture.
    pub faces: Vec<Face>,
}

/// What scenes are composed of; every part may be empty.
#[derive(Debug, Clone, Default)]
pub struct Studio {
    /// Portraits of people, each equally likely.
    pub people: Vec<Portrait>,
    /// Portraits of rendered heads, each equally likely.
    pub heads: Vec<Portrait>,
    /// Environment maps as grey panoramas.
    pub maps: Vec<Grey>,
}

/// What a scene shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// Whatever the shares at the head of this module give.
    Any,
    /// No face.
    Nobody,
}

impl Studio {
    /// Every environment map in `folder`, as grey panoramas in the order of their names.
    ///
    /// # Errors
    /// When the folder cannot be listed or a map does not decode.
    pub fn read_maps(folder: &Path) -> Result<Vec<Grey>, DataError> {
        backdrop::read_maps(folder)
    }

    /// Composes a scene of `[width, height]` pixels.
    pub fn scene(&self, [width, height]: [u32; 2], cast: Cast, rng: &mut Pcg64) -> Scene {
        let mut view = view([width, height], rng);
        backdrop::paint(&self.maps, rng, &mut view);
        let draw: f32 = rng.random();
        let faces = if cast == Cast::Nobody || draw < EMPTY {
            self.decoys(3, rng, &mut view);
            Vec::new()
        } else if draw < EMPTY + TIGHT {
            self.tight(rng, &mut view)
        } else {
            self.decoys(1, rng, &mut view);
            let crowd = CROWD.choose(rng).copied().unwrap_or(1);
            self.crowd(crowd, rng, &mut view)
        };
        let mut shot = Grey::default();
        CAMERA.apply(&view, rng, &mut shot);
        letterboxed(&shot, &faces, [width, height])
    }

    fn portrait(&self, rng: &mut Pcg64) -> Option<&Portrait> {
        let rendered = rng.random::<f32>() < RENDERED || self.people.is_empty();
        let pool = if rendered && !self.heads.is_empty() { &self.heads } else { &self.people };
        pool.choose(rng)
    }

    /// Up to `most` patches that look like portraits but have no face.
    fn decoys(&self, most: usize, rng: &mut Pcg64, view: &mut Grey) {
        for _ in 0..rng.random_range(0..=most) {
            let Some(portrait) = self.portrait(rng) else { return };
            let patch = faceless::patch(&portrait.image, &portrait.face.rect, &self.maps, rng);
            let (placement, _) = place::anywhere(portrait, rng, view);
            placement.paste(&patch, view);
        }
    }

    /// One portrait about as large as the view.
    fn tight(&self, rng: &mut Pcg64, view: &mut Grey) -> Vec<Face> {
        let Some(portrait) = self.portrait(rng) else { return Vec::new() };
        let (placement, face) = place::tight(portrait, rng, view);
        placement.paste(&portrait.image, view);
        vec![face]
    }

    /// Up to `count` portraits where there is room for them.
    fn crowd(&self, count: usize, rng: &mut Pcg64, view: &mut Grey) -> Vec<Face> {
        let mut faces: Vec<Face> = Vec::new();
        for _ in 0..count {
            let Some(portrait) = self.portrait(rng) else { break };
            let found = (0..ATTEMPTS)
                .map(|_| place::anywhere(portrait, rng, view))
                .find(|(_, face)| fits(face, &faces, view));
            if let Some((placement, face)) = found {
                placement.paste(&portrait.image, view);
                faces.push(face);
            }
        }
        faces
    }
}

/// Whether a portrait with its face there is seen well enough and leaves the others alone.
fn fits(face: &Face, others: &[Face], view: &Grey) -> bool {
    let (dx, dy) = (0.3 * face.rect.w, 0.3 * face.rect.h);
    let Rect { x, y, w, h } = face.rect;
    let covered = Rect { x: x - dx, y: y - dy, w: w + 2.0 * dx, h: h + 2.0 * dy };
    face.visible(view.width, view.height) >= VISIBLE
        && others.iter().all(|other| other.rect.intersection(&covered).area() <= 0.0)
}

/// An empty view of a random shape within a frame.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a side")]
fn view([width, height]: [u32; 2], rng: &mut Pcg64) -> Grey {
    let [w, h] = VIEWS.choose(rng).copied().unwrap_or([1.0, 1.0]);
    Grey::new((width as f32 * w).round() as u32, (height as f32 * h).round() as u32)
}

/// A view in the middle of a black frame.
fn letterboxed(view: &Grey, faces: &[Face], [width, height]: [u32; 2]) -> Scene {
    let mut image = Grey::new(width, height);
    let (left, top) = ((width - view.width) / 2, (height - view.height) / 2);
    let rows = image.data.chunks_exact_mut(width as usize).skip(top as usize);
    for (row, from) in rows.zip(view.data.chunks_exact(view.width as usize)) {
        row[left as usize..][..from.len()].copy_from_slice(from);
    }
    let to_frame = Similarity { a: 1.0, b: 0.0, tx: left as f32, ty: top as f32 };
    Scene { image, faces: faces.iter().map(|face| face.moved(&to_frame)).collect() }
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::{FivePoints, Point};

    use super::*;
    use crate::augment;

    fn studio() -> Studio {
        let at = |x, y| Point { x, y };
        let points = [at(45., 50.), at(85., 52.), at(60., 70.), at(50., 95.), at(80., 96.)];
        let rect = Rect { x: 20.0, y: 20.0, w: 80.0, h: 100.0 };
        let mut image = Grey::new(128, 128);
        image.data.fill(180);
        let face = Face { rect, points: FivePoints::from_array(points) };
        Studio { people: vec![Portrait { image, face }], ..Studio::default() }
    }

    #[test]
    fn a_scene_is_a_pure_function_of_its_generator() {
        let scene = |id| studio().scene([160, 128], Cast::Any, &mut augment::rng(1, 2, id));
        assert_eq!(scene(3), scene(3));
        assert_ne!(scene(3), scene(4));
    }

    #[test]
    fn faces_lie_mostly_within_the_picture_and_apart() {
        for id in 0..200 {
            let scene = studio().scene([160, 128], Cast::Any, &mut augment::rng(1, 0, id));
            assert!(scene.faces.len() <= 3);
            for (i, face) in scene.faces.iter().enumerate() {
                assert!(face.visible(160, 128) > 0.4, "scene {id}: {face:?}");
                assert!(scene.faces[..i].iter().all(|f| f.rect.iou(&face.rect) < 0.01));
            }
        }
    }

    #[test]
    fn a_scene_of_nobody_has_no_face() {
        for id in 0..50 {
            let mut rng = augment::rng(1, 0, id);
            assert!(studio().scene([160, 128], Cast::Nobody, &mut rng).faces.is_empty());
        }
    }

    #[test]
    fn an_empty_studio_still_paints() {
        let scene = Studio::default().scene([160, 128], Cast::Any, &mut augment::rng(1, 0, 0));
        assert!(scene.faces.is_empty());
        assert!(scene.image.data.iter().any(|&v| v > 0));
    }
}
