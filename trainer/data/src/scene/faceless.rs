//! Patches without a face that look like portraits everywhere else.
//!
//! They are pasted as the faces are, so that neither a soft border nor skin, hair and contrast
//! alone mean a face.

use mien_shared::{
    frame::Grey,
    geometry::{Point, Rect, Similarity},
};
use rand::{RngExt as _, seq::SliceRandom as _};
use rand_pcg::Pcg64;

use super::{
    backdrop,
    paste::{Mask, Placement},
};

/// Tiles per side of a scrambled portrait.
const TILES: usize = 4;

/// A faceless patch made from `portrait`, whose face fills `rect`.
pub(super) fn patch(portrait: &Grey, rect: &Rect, maps: &[Grey], rng: &mut Pcg64) -> Grey {
    match rng.random_range(0..3) {
        0 => scrambled(portrait, rng),
        1 => masked(portrait, rect, maps, rng),
        _ => {
            let mut texture = Grey::new(portrait.width, portrait.height);
            backdrop::paint(maps, rng, &mut texture);
            texture
        }
    }
}

/// The portrait's tiles in another order.
fn scrambled(portrait: &Grey, rng: &mut Pcg64) -> Grey {
    let mut order: [usize; TILES * TILES] = std::array::from_fn(|i| i);
    order.shuffle(rng);
    let (width, height) = (portrait.width as usize, portrait.height as usize);
    let (tile_width, tile_height) = (width / TILES, height / TILES);
    let mut mixed = portrait.clone();
    for (to, from) in order.into_iter().enumerate() {
        let start = |tile: usize, row: usize| {
            (tile / TILES * tile_height + row) * width + tile % TILES * tile_width
        };
        for row in 0..tile_height {
            mixed.data[start(to, row)..][..tile_width]
                .copy_from_slice(&portrait.data[start(from, row)..][..tile_width]);
        }
    }
    mixed
}

/// The portrait with something else in place of its face.
fn masked(portrait: &Grey, rect: &Rect, maps: &[Grey], rng: &mut Pcg64) -> Grey {
    let mut cover = Grey::new(portrait.width, portrait.height);
    backdrop::paint(maps, rng, &mut cover);
    let (radius_x, radius_y) = (0.52 * rect.w, 0.5 * rect.h);
    let center = Point { x: rect.center().x, y: rect.center().y };
    let placement = Placement {
        to_scene: Similarity { a: 1.0, b: 0.0, tx: 0.0, ty: 0.0 },
        mirror: rng.random(),
        mask: Mask { center, radii: [radius_x, radius_y], squareness: 0, feather: 0.15 },
        gain: 1.0,
        offset: 0.0,
    };
    let mut faceless = portrait.clone();
    placement.paste(&cover, &mut faceless);
    faceless
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment;

    #[test]
    fn a_scrambled_portrait_keeps_its_pixels_but_not_their_places() {
        let portrait = Grey { width: 16, height: 16, data: (0..=255).collect() };
        let mut mixed = scrambled(&portrait, &mut augment::rng(1, 0, 0));
        assert_ne!(mixed, portrait);
        mixed.data.sort_unstable();
        assert_eq!(mixed, portrait);
    }

    #[test]
    fn a_masked_portrait_keeps_its_corners_only() {
        let mut portrait = Grey::new(64, 64);
        portrait.data.fill(3);
        let rect = Rect { x: 8.0, y: 8.0, w: 48.0, h: 48.0 };
        let covered = masked(&portrait, &rect, &[], &mut augment::rng(1, 0, 0));
        assert_eq!((covered.data[0], covered.data[64 * 64 - 1]), (3, 3));
        assert_ne!(covered.data[32 * 64 + 32], 3);
    }
}
