//! How well faces are found: recall, false boxes, precision and the points' error.
//!
//! A found box is right when its `IoU` with a face not yet taken is at least [`MATCH`]; boxes
//! choose best score first. All others are false. The points' error is the mean distance of the
//! five points to the true ones over the distance between the true eyes (inter-ocular NME).

use mien_shared::{
    detection::Detection,
    geometry::{FivePoints, Point},
};

use mien_data::scene::Face;

/// Least `IoU` of a box that counts as right.
pub const MATCH: f32 = 0.5;

/// What was found in a set of pictures, judged box by box.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    pictures: usize,
    faces: usize,
    boxes: Vec<JudgedBox>,
}

/// Figures at one lowest score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operating {
    /// The lowest score that counts.
    pub min_score: f32,
    /// Faces found, 0..=1; 0 where there is none.
    pub recall: f64,
    /// Boxes without a face, per 100 pictures.
    pub false_per_100: f64,
    /// Pictures with at least one false box, 0..=1.
    pub alarmed: f64,
    /// Mean inter-ocular error of the points of found faces; 0 where none was found.
    pub nme: f64,
}

#[derive(Debug, Clone, Copy)]
struct JudgedBox {
    picture: usize,
    score: f32,
    /// The points' error where the box is right.
    error: Option<f64>,
}

impl Judged {
    /// Adds a picture: what was found in it, best first, and the faces it shows.
    pub fn push(&mut self, found: &[Detection], faces: &[Face]) {
        let mut free: Vec<&Face> = faces.iter().collect();
        for detection in found {
            let best = (0..free.len())
                .map(|i| (i, free[i].rect.iou(&detection.rect)))
                .filter(|&(_, overlap)| overlap >= MATCH)
                .max_by(|a, b| a.1.total_cmp(&b.1));
            let error = best.map(|(i, _)| points_error(&detection.points, &free.remove(i).points));
            self.boxes.push(JudgedBox { picture: self.pictures, score: detection.score, error });
        }
        self.pictures += 1;
        self.faces += faces.len();
    }

    /// Adds another set of pictures.
    pub fn extend(&mut self, other: &Self) {
        let shifted = |b: &JudgedBox| JudgedBox { picture: b.picture + self.pictures, ..*b };
        let boxes: Vec<JudgedBox> = other.boxes.iter().map(shifted).collect();
        self.boxes.extend(boxes);
        self.pictures += other.pictures;
        self.faces += other.faces;
    }

    /// Number of pictures.
    pub fn pictures(&self) -> usize {
        self.pictures
    }

    /// Figures when only boxes of at least `min_score` count.
    pub fn at(&self, min_score: f32) -> Operating {
        let boxes = || self.boxes.iter().filter(move |b| b.score >= min_score);
        let errors: Vec<f64> = boxes().filter_map(|b| b.error).collect();
        let mut alarmed: Vec<usize> =
            boxes().filter(|b| b.error.is_none()).map(|b| b.picture).collect();
        let false_boxes = alarmed.len();
        alarmed.dedup();
        let ratio = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        Operating {
            min_score,
            recall: ratio(errors.len(), self.faces),
            false_per_100: 100.0 * ratio(false_boxes, self.pictures),
            alarmed: ratio(alarmed.len(), self.pictures),
            nme: errors.iter().fold(0.0, |sum, error| sum + error) / errors.len().max(1) as f64,
        }
    }

    /// The lowest score with at most that many false boxes per 100 pictures, and the figures
    /// there.
    pub fn at_false_per_100(&self, most: f64) -> Operating {
        let allowed = most * self.pictures as f64 / 100.0;
        let mut scores: Vec<f32> =
            self.boxes.iter().filter(|b| b.error.is_none()).map(|b| b.score).collect();
        scores.sort_unstable_by(|a, b| b.total_cmp(a));
        let first_refused = scores.iter().enumerate().find(|&(i, _)| (i + 1) as f64 > allowed);
        self.at(first_refused.map_or(0.0, |(_, score)| score.next_up()))
    }

    /// Area under precision over recall, 0..=1 (every box counts as a point of the curve).
    pub fn average_precision(&self) -> f64 {
        let mut boxes = self.boxes.clone();
        boxes.sort_by(|a, b| b.score.total_cmp(&a.score));
        let (mut right, mut area) = (0.0, 0.0);
        for (i, judged) in boxes.iter().enumerate() {
            if judged.error.is_some() {
                right += 1.0;
                area += right / (i + 1) as f64;
            }
        }
        area / self.faces.max(1) as f64
    }
}

fn points_error(found: &FivePoints, truth: &FivePoints) -> f64 {
    let distance = |a: Point, b: Point| f64::from((a.x - b.x).hypot(a.y - b.y));
    let pairs = found.to_array().into_iter().zip(truth.to_array());
    let mean = pairs.map(|(a, b)| distance(a, b)).sum::<f64>() / 5.0;
    mean / distance(truth.left_eye, truth.right_eye).max(1e-6)
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::Rect;

    use super::*;

    fn face(x: f32) -> Face {
        let points = [(2.0, 3.0), (8.0, 3.0), (5.0, 6.0), (3.0, 8.0), (7.0, 8.0)];
        let points = points.map(|(dx, y)| Point { x: x + dx, y });
        let rect = Rect { x, y: 0.0, w: 10.0, h: 10.0 };
        Face { rect, points: FivePoints::from_array(points) }
    }

    fn found(x: f32, score: f32) -> Detection {
        let Face { rect, points } = face(x);
        Detection { rect, score, points }
    }

    /// One picture with two faces, of which one is found twice; one without, with one alarm.
    fn judged() -> Judged {
        let mut judged = Judged::default();
        judged.push(&[found(0.6, 0.9), found(1.0, 0.6)], &[face(0.0), face(50.0)]);
        judged.push(&[found(20.0, 0.7)], &[]);
        judged
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn a_face_counts_once_and_each_further_box_is_false() {
        let all = judged().at(0.5);
        assert!(close(all.recall, 0.5) && close(all.false_per_100, 100.0));
        assert!(close(all.alarmed, 1.0));
        // Every point is 0.6 px off, the eyes are 6 px apart.
        assert!((all.nme - 0.1).abs() < 1e-5);
    }

    #[test]
    fn a_higher_lowest_score_drops_boxes() {
        let sure = judged().at(0.8);
        assert!(close(sure.recall, 0.5) && close(sure.false_per_100, 0.0));
    }

    #[test]
    fn the_score_for_a_rate_of_false_boxes_is_just_above_the_first_one_too_many() {
        let judged = judged();
        assert!(close(judged.at_false_per_100(0.0).recall, 0.5));
        assert!(judged.at_false_per_100(0.0).min_score > 0.7);
        assert!(close(judged.at_false_per_100(50.0).false_per_100, 50.0));
        assert!(close(judged.at_false_per_100(100.0).false_per_100, 100.0));
    }

    #[test]
    fn average_precision_is_one_when_every_face_leads() {
        assert!(close(judged().average_precision(), 0.5));
        let mut perfect = Judged::default();
        perfect.push(&[found(0.0, 0.9), found(50.0, 0.8)], &[face(0.0), face(50.0)]);
        perfect.push(&[found(20.0, 0.1)], &[]);
        assert!(close(perfect.average_precision(), 1.0));
    }

    #[test]
    fn sets_of_pictures_add_up() {
        let mut both = judged();
        both.extend(&judged());
        assert_eq!(both.pictures(), 4);
        assert!(close(both.at(0.5).alarmed, 1.0));
    }
}
