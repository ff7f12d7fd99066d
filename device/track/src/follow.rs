//! One face from frame to frame.
//!
//! ```text
//! anchor   at a detection: the patch around the face, and what each point looks like
//! follow   five points and eleven more on the face: Lucas–Kanade there and back
//!            → the similarity most of them agree on → box, scale, points that went elsewhere
//! correct  at the next detection: a part of the way towards what was found
//! ```
//!
//! A face is given up rather than guessed: when too few points can be followed or still look as
//! they did, when a step is larger than a head moves, when its size drifts or it leaves the frame.

use std::mem;

use mien_shared::{
    detection::Detection,
    frame::Grey,
    geometry::{FivePoints, Point, Rect, Similarity},
};

use crate::{
    fit,
    flow::{self, Samples, WINDOW},
    patch::Patch,
};

/// Points followed beside the five, from the middle of the eyes, in eye distances along and
/// across the eye line: brows, outer corners, bridge and wings of the nose, lips, cheeks.
const ASIDE: [(f32, f32); 11] = [
    (-0.5, -0.3),
    (0.5, -0.3),
    (-0.78, 0.02),
    (0.78, 0.02),
    (0.0, 0.02),
    (0.0, 0.32),
    (-0.3, 0.62),
    (0.3, 0.62),
    (0.0, 0.95),
    (0.0, 1.22),
    (0.0, -0.35),
];

/// All points that are followed.
const POINTS: usize = 5 + ASIDE.len();

/// Agreement of points with the similarity, in eye distances.
const TOLERANCE: f32 = 0.04;

/// Farthest from the similarity that a point of the face goes by itself, in eye distances.
const MAX_OWN: f32 = 0.15;

/// Least likeness with what a point looked like at the detection.
const MIN_LIKENESS: f32 = 0.6;

/// Fewest points that carry a face, and their least share.
const MIN_POINTS: usize = 6;
const MIN_SHARE: f32 = 0.5;

/// Share of points from which a face is followed without doubt.
const SURE_SHARE: f32 = 0.75;

/// Change of scale in one frame, and since the detection, that a head can make.
const MAX_STEP_SCALE: f32 = 1.2;
const MAX_DRIFT: f32 = 1.6;

/// Largest turn in the picture in one frame, as sine.
const MAX_STEP_TURN: f32 = 0.35;

/// Share of the box that must be inside the frame.
const MIN_INSIDE: f32 = 0.3;

/// How far a detection moves a face that is followed: 1 would jump to each.
const GAIN: f32 = 0.4;

/// Farther than this from a detection the face was not followed well: it is found anew.
const MAX_CORRECTION: f32 = 0.25;
const MIN_AGREEMENT: f32 = 0.5;

/// What a point looked like at the detection; `None` where there was nothing to see.
type Look = Option<Samples<WINDOW>>;

/// A face that is followed.
#[derive(Debug)]
pub(crate) struct Follow {
    /// Where it is now.
    pub(crate) face: Detection,
    /// The detector's score when it was last found.
    found_score: f32,
    /// The eyes' distance when it was last found.
    found_eyes: f32,
    /// Detections in a row that did not find it.
    pub(crate) misses: u32,
    /// Frames since its expression was read.
    pub(crate) unread: u32,
    /// Whether its expression is read in this frame.
    pub(crate) turn: bool,
    /// Its last displacement, frame pixels per frame.
    velocity: Point,
    patch: Patch,
    looks: [Look; POINTS],
}

impl Follow {
    /// Room for a face.
    pub(crate) fn new() -> Self {
        Self {
            face: Detection::default(),
            found_score: 0.0,
            found_eyes: 0.0,
            misses: 0,
            unread: 0,
            turn: false,
            velocity: Point::default(),
            patch: Patch::new(),
            looks: [None; POINTS],
        }
    }

    /// Takes in a face just found.
    pub(crate) fn begin(&mut self, found: &Detection) {
        self.face = *found;
        (self.found_score, self.found_eyes) = (found.score, eyes(&found.points));
        (self.misses, self.unread, self.velocity) = (0, u32::MAX, Point::default());
    }

    /// Moves a part of the way to where the face was found, or all of it where it was lost
    /// without being noticed.
    pub(crate) fn correct(&mut self, found: &Detection) {
        let far = distance(&self.face.points, &found.points) / eyes(&found.points).max(1.0);
        let lost = far > MAX_CORRECTION || self.face.rect.iou(&found.rect) < MIN_AGREEMENT;
        let gain = if lost { 1.0 } else { GAIN };
        self.face.rect = between(self.face.rect, found.rect, gain);
        let (old, new) = (self.face.points.to_array(), found.points.to_array());
        self.face.points = FivePoints::from_array(std::array::from_fn(|i| Point {
            x: old[i].x + gain * (new[i].x - old[i].x),
            y: old[i].y + gain * (new[i].y - old[i].y),
        }));
        if lost {
            self.velocity = Point::default();
        }
        self.face.score = found.score;
        (self.found_score, self.found_eyes) = (found.score, eyes(&self.face.points));
        self.misses = 0;
    }

    /// Counts a detection that did not find the face: it is doubted.
    pub(crate) fn miss(&mut self) {
        self.misses += 1;
        self.found_score *= 0.5;
        self.face.score *= 0.5;
    }

    /// Remembers what the face looks like in `picture`; false when it cannot be seen.
    pub(crate) fn anchor(&mut self, picture: &Grey) -> bool {
        let (center, step) = (center(&self.face.points), Patch::step_for(self.found_eyes));
        if !self.patch.cut(picture, center, step) {
            return false;
        }
        for (look, point) in self.looks.iter_mut().zip(spread(&self.face.points)) {
            let holds = flow::holds(&self.patch, point);
            *look = if holds { flow::look(&self.patch, point) } else { None };
        }
        true
    }

    /// Follows the face into `picture` by way of `room`, which becomes its patch; false when it
    /// is lost.
    pub(crate) fn follow(&mut self, picture: &Grey, room: &mut Patch) -> bool {
        let expected = moved(center(&self.face.points), self.velocity);
        if !room.cut(picture, expected, self.patch.step()) {
            return false;
        }
        let Some(moves) = self.moves(room) else { return false };
        let good = (0..POINTS).filter(|&i| self.carries(&moves, i, room)).count();
        let share = good as f32 / self.looks.iter().flatten().count().max(1) as f32;
        if good < MIN_POINTS || share < MIN_SHARE || !moves.is_plausible() {
            return false;
        }
        self.take(&moves);
        self.face.score = self.found_score * (share / SURE_SHARE).min(1.0);
        mem::swap(&mut self.patch, room);
        self.is_plausible(picture)
    }

    /// How every point moves from the last patch to `now`; `None` when they agree on nothing.
    fn moves(&self, now: &Patch) -> Option<Moves> {
        let from = spread(&self.face.points);
        let steps = from.map(|p| flow::step(&self.patch, now, p, moved(p, self.velocity)));
        let eyes = eyes(&self.face.points);
        let pairs = from.iter().zip(&steps).filter_map(|(from, to)| Some((*from, (*to)?)));
        let map = fit::similarity(&pairs, TOLERANCE * eyes)?;
        Some(Moves { from, steps, map, eyes })
    }

    /// Whether point `index` goes with the face and looks as it did when the face was found.
    fn carries(&self, moves: &Moves, index: usize, now: &Patch) -> bool {
        let (Some(to), Some(before)) = (moves.steps[index], &self.looks[index]) else {
            return false;
        };
        moves.misses(index) <= 2.0 * TOLERANCE
            && flow::look(now, to).is_some_and(|seen| flow::likeness(before, &seen) >= MIN_LIKENESS)
    }

    fn take(&mut self, moves: &Moves) {
        let before = center(&self.face.points);
        self.face.points = moves.five();
        let after = center(&self.face.points);
        self.velocity = Point { x: after.x - before.x, y: after.y - before.y };
        let Rect { w, h, .. } = self.face.rect;
        let (w, h) = (w * moves.map.scale(), h * moves.map.scale());
        let middle = moves.map.apply(self.face.rect.center());
        self.face.rect = Rect { x: middle.x - w / 2.0, y: middle.y - h / 2.0, w, h };
    }

    /// Whether size and place are still those of a face that can be read.
    fn is_plausible(&self, picture: &Grey) -> bool {
        let drift = eyes(&self.face.points) / self.found_eyes.max(1e-3);
        (1.0 / MAX_DRIFT..=MAX_DRIFT).contains(&drift)
            && inside(&self.face.rect, picture) >= MIN_INSIDE
    }
}

/// What the points of a face did in one frame.
struct Moves {
    from: [Point; POINTS],
    /// Where each went; `None` where it could not be followed.
    steps: [Option<Point>; POINTS],
    /// What most of them agree on.
    map: Similarity,
    /// The eyes' distance before.
    eyes: f32,
}

impl Moves {
    /// How far a point went from the others, in eye distances.
    fn misses(&self, index: usize) -> f32 {
        let to = self.steps[index];
        to.map_or(f32::INFINITY, |to| fit::residual(&self.map, (self.from[index], to)) / self.eyes)
    }

    /// Where the five points are: the face moves, a mouth also moves by itself.
    fn five(&self) -> FivePoints {
        FivePoints::from_array(std::array::from_fn(|i| match self.steps[i] {
            Some(to) if self.misses(i) <= MAX_OWN => to,
            _ => self.map.apply(self.from[i]),
        }))
    }

    /// Whether a head can move like this in one frame.
    fn is_plausible(&self) -> bool {
        let scale = self.map.scale();
        (1.0 / MAX_STEP_SCALE..=MAX_STEP_SCALE).contains(&scale)
            && (self.map.b / scale).abs() <= MAX_STEP_TURN
    }
}

/// Share of `rect` inside `picture`.
fn inside(rect: &Rect, picture: &Grey) -> f32 {
    let frame = Rect { x: 0.0, y: 0.0, w: picture.width as f32, h: picture.height as f32 };
    rect.intersection(&frame).area() / rect.area().max(1e-3)
}

/// The five points, then those beside them.
fn spread(points: &FivePoints) -> [Point; POINTS] {
    let five = points.to_array();
    let [left, right, ..] = five;
    let (ux, uy) = (right.x - left.x, right.y - left.y);
    let middle = Point { x: f32::midpoint(left.x, right.x), y: f32::midpoint(left.y, right.y) };
    std::array::from_fn(|i| {
        if i < 5 {
            return five[i];
        }
        let (along, across) = ASIDE[i - 5];
        Point { x: middle.x + along * ux - across * uy, y: middle.y + along * uy + across * ux }
    })
}

/// Distance of the eyes.
pub(crate) fn eyes(points: &FivePoints) -> f32 {
    let (left, right) = (points.left_eye, points.right_eye);
    (right.x - left.x).hypot(right.y - left.y)
}

fn center(points: &FivePoints) -> Point {
    let five = points.to_array();
    let sum = |of: fn(&Point) -> f32| five.iter().map(of).sum::<f32>() / 5.0;
    Point { x: sum(|p| p.x), y: sum(|p| p.y) }
}

fn moved(p: Point, by: Point) -> Point {
    Point { x: p.x + by.x, y: p.y + by.y }
}

/// Mean distance of five points from their partners.
fn distance(a: &FivePoints, b: &FivePoints) -> f32 {
    let pairs = a.to_array().into_iter().zip(b.to_array());
    pairs.map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).sum::<f32>() / 5.0
}

fn between(from: Rect, to: Rect, gain: f32) -> Rect {
    let mix = |a: f32, b: f32| a + gain * (b - a);
    Rect { x: mix(from.x, to.x), y: mix(from.y, to.y), w: mix(from.w, to.w), h: mix(from.h, to.h) }
}
