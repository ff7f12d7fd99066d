//! What is true of a rendered head: the procedural head's labels, and what can be seen.

use mien_shared::geometry::{LANDMARKS, Point, Rect};
use mien_synth::{Attributes, Glasses, Labels, Scene, Vec3, camera::Camera, raster::Canvas};

use crate::shell::Shell;

/// What lies this much nearer to the viewer than a landmark hides it, cm.
const HIDING: f32 = 0.9;
/// Directions and heights that bound the face beside its landmarks: hairline and ears.
const OUTLINE: [(f32, f32); 7] =
    [(-0.55, 6.0), (-0.25, 6.4), (0.0, 6.4), (0.25, 6.4), (0.55, 6.0), (-1.5, -0.5), (1.5, -0.5)];

/// Labels of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// Expression, action units, landmarks, pose, identity, attributes and box.
    pub labels: Labels,
    /// Which landmarks lie in the picture and behind nothing; `None` where that is not known.
    pub visible: Option<[bool; LANDMARKS]>,
}

/// What `camera` sees of a face whose landmarks are `marks`, drawn on `canvas`.
pub(crate) fn of(
    scene: &Scene,
    (marks, shell): (&[Vec3; LANDMARKS], &Shell),
    camera: &Camera,
    canvas: &Canvas,
) -> Truth {
    let landmarks = marks.map(|mark| camera.project(mark));
    let outline = OUTLINE
        .map(|(azimuth, y)| camera.project(shell.point(azimuth, shell.elevation(azimuth, y), 0.0)));
    let visible = std::array::from_fn(|i| {
        !is_covered(scene, i) && is_visible(scene, camera.place(marks[i]), canvas)
    });
    let labels = Labels {
        expression: scene.expression,
        aus: scene.pose.aus,
        landmarks,
        yaw_deg: scene.pose.yaw_deg,
        pitch_deg: scene.pose.pitch_deg,
        roll_deg: scene.pose.roll_deg,
        identity: scene.identity.seed,
        attributes: Attributes::of(scene),
        rect: bounds(landmarks.iter().chain(&outline)),
    };
    Truth { labels, visible: Some(visible) }
}

/// Whether landmark `i` lies under dark lenses, which are drawn as something one sees through, or
/// under a mask, which lies too close to tell by depth.
fn is_covered(scene: &Scene, i: usize) -> bool {
    let dark = scene.worn.glasses == Glasses::Sun && matches!(i, 36..=47);
    dark || scene.worn.mask && matches!(i, 4..=12 | 29..=35 | 48..=67)
}

fn is_visible(scene: &Scene, (at, depth): (Point, f32), canvas: &Canvas) -> bool {
    let inside =
        (0.0..scene.width as f32).contains(&at.x) && (0.0..scene.height as f32).contains(&at.y);
    let samples = scene.supersample.clamp(1, 4) as f32;
    let nearest = canvas.sample_at(at.x * samples, at.y * samples);
    inside && nearest.is_none_or(|(_, nearest)| nearest < depth + HIDING)
}

fn bounds<'a>(points: impl Iterator<Item = &'a Point>) -> Rect {
    let start = (f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY);
    let (x0, y0, x1, y1) = points
        .fold(start, |(x0, y0, x1, y1), p| (x0.min(p.x), y0.min(p.y), x1.max(p.x), y1.max(p.y)));
    Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }
}
