//! Blend shapes and what moves them: action units and the direction of gaze.
//!
//! A face is `neutral + Σ weight · shape`; a shape's weight is the sum over its [`Move`]s of
//! driver intensity times gain, clamped to ±1.4. Eyeballs turn by themselves, exactly; the
//! looking shapes only bring the lids along.

use mien_synth::{Au, Pose, Side, math::smoothstep};

use crate::mesh::Points;

/// Gaze at which the lids have followed fully, degrees.
const FULL_LOOK: f32 = 30.0;
/// Most of a shape that is ever used.
const MOST: f32 = 1.4;
/// Displacements shorter than this are dropped, cm.
const STILL: f32 = 1e-3;

/// A displacement of some of a mesh's vertices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    /// Its name upstream.
    pub name: String,
    vertices: Vec<u32>,
    delta: Points,
}

impl Shape {
    /// The shape that moves vertex `i` by `delta.get(i)`.
    pub fn new(name: &str, delta: &Points) -> Self {
        let mut shape = Self { name: name.to_owned(), ..Self::default() };
        for (vertex, by) in (0..).zip(delta.iter()) {
            if by.dot(by) > STILL * STILL {
                shape.vertices.push(vertex);
                shape.delta.push(by);
            }
        }
        shape
    }

    /// The half of a two-sided shape on one side of `neutral`, fading over the midline.
    #[must_use]
    pub fn half(&self, neutral: &Points, side: Side) -> Self {
        let sign = if side == Side::Left { 1.0 } else { -1.0 };
        let mut half = self.clone();
        for (i, &vertex) in self.vertices.iter().enumerate() {
            let share = smoothstep(-0.8, 0.8, sign * neutral.x[vertex as usize]);
            half.delta.set(i, self.delta.get(i) * share);
        }
        half
    }

    /// Adds `weight` times the displacement to `points`.
    pub fn add_to(&self, weight: f32, points: &mut Points) {
        let moves = self.vertices.iter().zip(self.delta.iter());
        for (&vertex, by) in moves {
            let i = vertex as usize;
            points.x[i] += weight * by.x;
            points.y[i] += weight * by.y;
            points.z[i] += weight * by.z;
        }
    }

    /// Number of vertices it moves.
    pub fn reach(&self) -> usize {
        self.vertices.len()
    }
}

/// Where an eye may turn, as the person would say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Upwards.
    Up,
    /// Downwards.
    Down,
    /// Towards the nose.
    In,
    /// Away from the nose.
    Out,
}

/// What moves a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// An action unit on one side.
    Unit(Au, Side),
    /// An action unit on its stronger side.
    Both(Au),
    /// The gaze of one eye.
    Look(Way, Side),
}

impl Driver {
    /// How strongly `pose` moves it, 0..=1.
    fn intensity(self, pose: &Pose) -> f32 {
        match self {
            Self::Unit(au, side) => pose.aus.side(au, side),
            Self::Both(au) => pose.aus.get(au),
            Self::Look(way, side) => look(pose, way, side),
        }
    }
}

fn look(pose: &Pose, way: Way, side: Side) -> f32 {
    let outwards = if side == Side::Left { pose.gaze_yaw_deg } else { -pose.gaze_yaw_deg };
    let angle = match way {
        Way::Up => pose.gaze_pitch_deg,
        Way::Down => -pose.gaze_pitch_deg,
        Way::In => -outwards,
        Way::Out => outwards,
    };
    (angle / FULL_LOOK).clamp(0.0, 1.0)
}

/// One entry of the table from drivers to shapes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    /// What drives it.
    pub driver: Driver,
    /// The shape's index.
    pub shape: usize,
    /// Weight of the shape at full intensity.
    pub gain: f32,
    /// Which of the head's kins the shape belongs to; `None` for all.
    pub kin: Option<usize>,
}

/// Shapes and their table.
#[derive(Debug, Clone, Default)]
pub struct Rig {
    /// Every shape.
    pub shapes: Vec<Shape>,
    /// What moves them.
    pub moves: Vec<Move>,
}

impl Rig {
    /// The index of the shape of that name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.shapes.iter().position(|shape| shape.name == name)
    }

    /// The weight of every shape in `pose` for a person of these shares of the kins.
    pub fn weights(&self, pose: &Pose, kins: &[f32; 3]) -> Vec<f32> {
        let mut weights = vec![0.0; self.shapes.len()];
        for entry in &self.moves {
            let share = entry.kin.map_or(1.0, |kin| kins[kin]);
            weights[entry.shape] += share * entry.gain * entry.driver.intensity(pose);
        }
        for weight in &mut weights {
            *weight = weight.clamp(-MOST, MOST);
        }
        weights
    }

    /// Moves `points` by every shape times its weight.
    pub fn apply(&self, weights: &[f32], points: &mut Points) {
        for (shape, &weight) in self.shapes.iter().zip(weights) {
            if weight.abs() > 1e-3 {
                shape.add_to(weight, points);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mien_synth::AuVector;

    use super::*;

    fn shape() -> Shape {
        Shape::new("up", &Points::from_triples(&[0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]))
    }

    fn rig(driver: Driver, kin: Option<usize>) -> Rig {
        Rig { shapes: vec![shape()], moves: vec![Move { driver, shape: 0, gain: 0.5, kin }] }
    }

    #[test]
    fn still_vertices_are_dropped() {
        assert_eq!(shape().reach(), 2);
    }

    #[test]
    fn halves_of_a_shape_sum_to_the_whole() {
        let neutral = Points::from_triples(&[-3.0, 0.0, 0.0, 0.2, 0.0, 0.0, 3.0, 0.0, 0.0]);
        let mut points = neutral.clone();
        shape().half(&neutral, Side::Left).add_to(1.0, &mut points);
        assert!(points.y[0].abs() < 1e-6 && points.y[1] > 0.5);
        shape().half(&neutral, Side::Right).add_to(1.0, &mut points);
        assert!((points.y[0] - 1.0).abs() < 1e-6 && (points.y[1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_unit_moves_its_shape_by_its_gain() {
        let mut aus = AuVector::default();
        aus.set_side(Au::JawDrop, Side::Left, 0.8);
        let pose = Pose { aus, ..Pose::default() };
        let weight = |driver| rig(driver, None).weights(&pose, &[0.0; 3])[0];
        assert!((weight(Driver::Unit(Au::JawDrop, Side::Left)) - 0.4).abs() < 1e-6);
        assert!(weight(Driver::Unit(Au::JawDrop, Side::Right)).abs() < 1e-6);
        assert!((weight(Driver::Both(Au::JawDrop)) - 0.4).abs() < 1e-6);
    }

    #[test]
    fn a_kin_counts_by_its_share() {
        let pose = Pose { aus: AuVector::default().with(Au::JawDrop, 1.0), ..Pose::default() };
        let weights = rig(Driver::Both(Au::JawDrop), Some(2)).weights(&pose, &[0.0, 0.6, 0.4]);
        assert!((weights[0] - 0.2).abs() < 1e-6);
    }

    #[test]
    fn a_gaze_to_the_right_of_the_picture_turns_the_left_eye_out_and_the_right_eye_in() {
        let pose = Pose { gaze_yaw_deg: 15.0, ..Pose::default() };
        assert!((look(&pose, Way::Out, Side::Left) - 0.5).abs() < 1e-6);
        assert!((look(&pose, Way::In, Side::Right) - 0.5).abs() < 1e-6);
        assert!(look(&pose, Way::In, Side::Left).abs() < 1e-6);
    }
}
