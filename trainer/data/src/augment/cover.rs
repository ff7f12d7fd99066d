//! Which landmarks something covers.
//!
//! The change is drawn twice, with what hides parts of a picture and without: around a covered
//! landmark the two pictures differ.

use mien_shared::{
    frame::Grey,
    geometry::{FivePoints, Point},
};
use rand_pcg::Pcg64;

use super::{Augment, Occlude};
use crate::FacePoints;

/// Mean change in grey levels of the 3 × 3 pixels around a point from which it counts as covered.
const COVERED: f32 = 16.0;

impl Augment {
    /// As [`Augment::apply_to_face`], for a picture whose face has its landmarks at `points`;
    /// yields those of the changed picture, of which the covered ones have no confidence.
    pub fn apply_to_points(
        &self,
        image: &Grey,
        points: &FacePoints,
        rng: &mut Pcg64,
        out: &mut Grey,
    ) -> FacePoints {
        let face = FivePoints::from_landmarks(&points.places);
        let (mut again, mut bare) = (rng.clone(), Grey::default());
        let change = self.apply_to_face(image, &face, rng, out);
        let mut points = points.changed(&change);
        let uncovered = self.uncovered();
        if *self != uncovered {
            uncovered.apply_to_face(image, &face, &mut again, &mut bare);
            cover(&mut points, &bare, out);
        }
        points
    }

    /// The same without what hides parts of a picture; every other draw stays as it is.
    fn uncovered(self) -> Self {
        let occlude = Occlude { probability: 0.0, ..self.occlude };
        Self { erase: 0.0, occlude, ..self }
    }
}

/// Takes the confidence from the points that something covers in `after`, a picture that shows what
/// `bare` shows but for things in front of it.
fn cover(points: &mut FacePoints, bare: &Grey, after: &Grey) {
    for (sure, &place) in points.confidence.iter_mut().zip(&points.places) {
        if change_at(bare, after, place) >= COVERED {
            *sure = 0.0;
        }
    }
}

/// The mean change in grey levels of the pixels around `place`, of those there are; 0 of none.
fn change_at(before: &Grey, after: &Grey, Point { x, y }: Point) -> f32 {
    let near = |place: f32, side: u32| {
        let nearest = place.floor();
        (0..side).filter(move |&at| (at as f32 - nearest).abs() <= 1.0)
    };
    let (mut sum, mut count) = (0.0, 0.0_f32);
    for row in near(y, before.height) {
        for column in near(x, before.width) {
            let at = row as usize * before.width as usize + column as usize;
            let levels = before.data.get(at).zip(after.data.get(at));
            sum += levels.map_or(0.0, |(before, after)| f32::from(before.abs_diff(*after)));
            count += 1.0;
        }
    }
    sum / count.max(1.0)
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::LANDMARKS;

    use super::*;
    use crate::augment::rng;

    #[test]
    fn what_covers_a_point_takes_its_confidence_and_no_other() {
        let mut points = FacePoints::seen([Point { x: 30.5, y: 30.5 }; LANDMARKS]);
        points.places[36] = Point { x: 10.5, y: 20.5 };
        points.places[45] = Point { x: -9.0, y: f32::NAN };
        let (bare, mut after) = (Grey::new(40, 40), Grey::new(40, 40));
        for row in 19..22 {
            after.data[row * 40 + 9..row * 40 + 12].fill(20);
        }
        cover(&mut points, &bare, &after);
        assert_eq!(points.confidence.iter().position(|&sure| sure < 0.5), Some(36));
        assert!((points.confidence.iter().sum::<f32>() - 67.0).abs() < 1e-6);
    }

    #[test]
    fn points_behind_a_thing_or_an_erased_patch_lose_their_confidence() {
        let image = Grey { width: 48, height: 48, data: vec![128; 48 * 48] };
        let places = std::array::from_fn(|at| Point {
            x: 4.0 + (at % 9) as f32 * 5.0,
            y: 4.0 + (at / 9) as f32 * 5.0,
        });
        let points = FacePoints::seen(places);
        let moved = Augment { flip: 0.5, rotate_deg: 20.0, noise: 1.0, ..Augment::NONE };
        let occlude = Occlude { probability: 1.0, ..Occlude::NONE };
        let behind = |augment: Augment, id| {
            let mut out = Grey::default();
            let found = augment.apply_to_points(&image, &points, &mut rng(1, 0, id), &mut out);
            found.confidence.iter().filter(|&&sure| sure < 0.5).count()
        };
        let sum = |augment: Augment| (0..20).map(|id| behind(augment, id)).sum::<usize>();
        assert_eq!(sum(moved), 0);
        for covering in
            [Augment { occlude, ..moved }, Augment { erase: 1.0, erase_side: 0.5, ..moved }]
        {
            let hidden = sum(covering);
            assert!((20..20 * 60).contains(&hidden), "{hidden}");
        }
    }
}
