//! From a scene to a picture and its labels.

use mien_shared::{
    frame::Rgb,
    geometry::{LANDMARKS, Point, Rect},
    label::Expression,
};

use crate::{
    action::AuVector,
    anatomy::Site,
    backdrop::Backdrop,
    body::{Body, Ears},
    camera::Camera,
    eyeball::Eyeballs,
    face::Face,
    hair::Hair,
    identity::{HairStyle, Identity},
    landmarks::{self, OUTLINE},
    muscle::Muscles,
    oral::Oral,
    raster::Canvas,
    scene::{Glasses, Hat, Scene},
    worn::Wardrobe,
};

/// What is true of a rendered picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// The expression performed.
    pub expression: Expression,
    /// Action-unit intensities.
    pub aus: AuVector,
    /// The iBUG 68 points, pixels; hidden ones where they would be seen.
    pub landmarks: [Point; LANDMARKS],
    /// Turn towards the picture's right, degrees.
    pub yaw_deg: f32,
    /// Turn upwards, degrees.
    pub pitch_deg: f32,
    /// Tilt clockwise in the picture, degrees.
    pub roll_deg: f32,
    /// The identity's seed.
    pub identity: u64,
    /// What can be seen of the person.
    pub attributes: Attributes,
    /// The face from hairline to chin and from ear to ear, pixels.
    pub rect: Rect,
}

/// What can be seen of the person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attributes {
    /// Spectacles.
    pub glasses: Glasses,
    /// Headwear.
    pub hat: Hat,
    /// Nose and mouth covered.
    pub mask: bool,
    /// A full beard.
    pub beard: bool,
    /// Hair on the upper lip.
    pub moustache: bool,
    /// 0 lightest to 1 darkest skin.
    pub skin_tone: f32,
    /// The hair's cut.
    pub hair: HairStyle,
    /// 0 masculine to 1 feminine features.
    pub femininity: f32,
    /// 0 young adult to 1 old.
    pub age: f32,
}

impl Attributes {
    /// What `scene` makes visible.
    pub fn of(scene: &Scene) -> Self {
        let identity = &scene.identity;
        Self {
            glasses: scene.worn.glasses,
            hat: scene.worn.hat,
            mask: scene.worn.mask,
            beard: identity.beard.beard > 0.5,
            moustache: identity.beard.moustache > 0.5,
            skin_tone: identity.skin.tone,
            hair: identity.hair.style,
            femininity: identity.femininity,
            age: identity.age,
        }
    }
}

/// Renders scenes; keeps its buffers, so that frames of one size cost no allocation.
#[derive(Debug)]
pub struct Renderer {
    canvas: Canvas,
    backdrop: Backdrop,
    face: Face,
    eyeballs: Eyeballs,
    oral: Oral,
    ears: Ears,
    hair: Hair,
    body: Body,
    wardrobe: Wardrobe,
    marks: Option<Marks>,
}

/// The landmarks' sites of one identity.
#[derive(Debug)]
struct Marks {
    identity: Identity,
    landmarks: [Site; LANDMARKS],
    outline: [Site; OUTLINE],
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new()
    }
}

impl Renderer {
    /// A renderer that has rendered nothing yet.
    pub fn new() -> Self {
        Self {
            canvas: Canvas::default(),
            backdrop: Backdrop::default(),
            face: Face::new(),
            eyeballs: Eyeballs::new(),
            oral: Oral::new(),
            ears: Ears::new(),
            hair: Hair::new(),
            body: Body::new(),
            wardrobe: Wardrobe::new(),
            marks: None,
        }
    }

    /// Renders `scene` into `picture`, which takes on the scene's size.
    pub fn render_into(&mut self, scene: &Scene, picture: &mut Rgb) -> Labels {
        picture.resize(scene.width, scene.height);
        self.backdrop.paint(&scene.background, picture);
        let muscles = Muscles::new(&scene.identity, &scene.pose.aus);
        self.canvas.begin(scene.width, scene.height, scene.supersample.clamp(1, 4));
        self.draw(scene, &muscles);
        self.canvas.resolve(picture);
        self.labels(scene, &muscles)
    }

    fn draw(&mut self, scene: &Scene, muscles: &Muscles) {
        let identity = &scene.identity;
        let (head, body) = (Camera::of_head(scene), Camera::of_body(scene));
        let canvas = &mut self.canvas;
        self.face.prepare(identity, detail(scene));
        self.face.perform(muscles);
        self.face.draw(identity, &head, canvas);
        self.eyeballs.draw((identity, &scene.pose), muscles, &head, canvas);
        self.oral.draw(identity, muscles, &head, canvas);
        self.ears.draw(identity, &head, canvas);
        self.body.draw(identity, &scene.worn, &body, canvas);
        self.hair.draw(identity, scene.worn.hat, &head, canvas);
        self.wardrobe.draw((identity, &scene.worn), muscles, &head, canvas);
    }

    fn labels(&mut self, scene: &Scene, muscles: &Muscles) -> Labels {
        let identity = scene.identity;
        if self.marks.as_ref().is_none_or(|marks| marks.identity != identity) {
            self.marks = None;
        }
        let marks = self.marks.get_or_insert_with(|| Marks {
            identity,
            landmarks: landmarks::sites(&identity),
            outline: landmarks::outline(&identity),
        });
        let camera = Camera::of_head(scene);
        let seen = |site: Site| camera.project(site.point + muscles.pull(&site).shift);
        let landmarks = marks.landmarks.map(seen);
        let outline = marks.outline.map(seen);
        Labels {
            expression: scene.expression,
            aus: scene.pose.aus,
            yaw_deg: scene.pose.yaw_deg,
            pitch_deg: scene.pose.pitch_deg,
            roll_deg: scene.pose.roll_deg,
            identity: identity.seed,
            attributes: Attributes::of(scene),
            rect: bounds(landmarks.iter().chain(&outline)),
            landmarks,
        }
    }
}

/// Renders one scene; [`Renderer`] is faster for many.
pub fn render(scene: &Scene) -> (Rgb, Labels) {
    let mut picture = Rgb::default();
    let labels = Renderer::new().render_into(scene, &mut picture);
    (picture, labels)
}

/// Texels per grid step that the face's size in the picture deserves.
fn detail(scene: &Scene) -> usize {
    match scene.placement.face_height_px {
        h if h < 110.0 => 1,
        h if h < 220.0 => 2,
        _ => 3,
    }
}

fn bounds<'a>(points: impl Iterator<Item = &'a Point>) -> Rect {
    let start = (f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY);
    let (x0, y0, x1, y1) = points
        .fold(start, |(x0, y0, x1, y1), p| (x0.min(p.x), y0.min(p.y), x1.max(p.x), y1.max(p.y)));
    Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Au, Pose};

    const SIZE: u32 = 128;

    fn labels_of(seed: u64, aus: AuVector) -> Labels {
        let pose = Pose { aus, ..Pose::default() };
        let scene = Scene::portrait(Identity::from_seed(seed), Expression::Neutral, pose, SIZE);
        render(&scene).1
    }

    /// Neutral and performed labels of a few people.
    fn before_and_after(units: &[(Au, f32)]) -> Vec<(Labels, Labels)> {
        let mut aus = AuVector::default();
        for (au, intensity) in units {
            aus.set(*au, *intensity);
        }
        (0..8).map(|seed| (labels_of(seed, AuVector::default()), labels_of(seed, aus))).collect()
    }

    /// Mean height of some landmarks above the tip of the nose, pixels.
    fn above_nose(labels: &Labels, points: &[usize]) -> f32 {
        let sum: f32 = points.iter().map(|i| labels.landmarks[30].y - labels.landmarks[*i].y).sum();
        sum / points.len() as f32
    }

    fn gap(labels: &Labels, upper: usize, lower: usize) -> f32 {
        labels.landmarks[lower].y - labels.landmarks[upper].y
    }

    #[test]
    fn the_same_scene_gives_the_same_bytes_whatever_was_rendered_before() {
        let mut renderer = Renderer::new();
        let mut picture = Rgb::default();
        for seed in 0..6 {
            let scene = Scene::random(seed, None, 64 + 16 * u32::try_from(seed % 3).unwrap());
            let labels = renderer.render_into(&scene, &mut picture);
            let (fresh, fresh_labels) = render(&scene);
            assert!(picture == fresh && labels == fresh_labels, "seed {seed}");
        }
    }

    #[test]
    fn a_smile_raises_and_widens_the_mouth_corners() {
        for (before, after) in before_and_after(&[(Au::LipCornerPuller, 1.0)]) {
            assert!(above_nose(&after, &[48, 54]) > above_nose(&before, &[48, 54]) + 1.5);
            let width = |l: &Labels| l.landmarks[54].x - l.landmarks[48].x;
            assert!(width(&after) > width(&before) + 1.5);
        }
    }

    #[test]
    fn a_dropped_jaw_opens_the_lips_and_lowers_the_chin() {
        for (before, after) in before_and_after(&[(Au::JawDrop, 1.0)]) {
            assert!(gap(&before, 62, 66).abs() < 0.2, "{}", gap(&before, 62, 66));
            assert!(gap(&after, 62, 66) > 5.0, "{}", gap(&after, 62, 66));
            assert!(above_nose(&after, &[8]) < above_nose(&before, &[8]) - 5.0);
        }
    }

    #[test]
    fn closed_eyes_bring_the_lids_together() {
        for (before, after) in before_and_after(&[(Au::EyesClosed, 1.0)]) {
            for (upper, lower) in [(37, 41), (38, 40), (43, 47), (44, 46)] {
                assert!(gap(&before, upper, lower) > 2.0, "{}", gap(&before, upper, lower));
                assert!(gap(&after, upper, lower).abs() < 0.2, "{}", gap(&after, upper, lower));
            }
        }
    }

    #[test]
    fn raised_brows_rise_and_lowered_brows_fall() {
        const BROWS: [usize; 6] = [19, 20, 21, 22, 23, 24];
        let up = [(Au::InnerBrowRaiser, 1.0), (Au::OuterBrowRaiser, 1.0)];
        for (before, after) in before_and_after(&up) {
            assert!(above_nose(&after, &BROWS) > above_nose(&before, &BROWS) + 1.5);
        }
        for (before, after) in before_and_after(&[(Au::BrowLowerer, 1.0)]) {
            assert!(above_nose(&after, &[21, 22]) < above_nose(&before, &[21, 22]) - 1.0);
            let apart = |l: &Labels| l.landmarks[22].x - l.landmarks[21].x;
            assert!(apart(&after) < apart(&before));
        }
    }

    #[test]
    fn depressed_corners_fall_and_lips_without_unit_25_stay_closed() {
        for (before, after) in before_and_after(&[(Au::LipCornerDepressor, 1.0)]) {
            assert!(above_nose(&after, &[48, 54]) < above_nose(&before, &[48, 54]) - 1.0);
        }
        let closed = [(Au::ChinRaiser, 1.0), (Au::UpperLipRaiser, 1.0), (Au::NoseWrinkler, 1.0)];
        for (_, after) in before_and_after(&closed) {
            assert!(gap(&after, 62, 66).abs() < 0.3, "{}", gap(&after, 62, 66));
        }
    }

    #[test]
    fn a_one_sided_unit_moves_its_own_side() {
        let mut aus = AuVector::default();
        aus.set_side(Au::LipCornerPuller, crate::Side::Right, 1.0);
        let (before, after) = (labels_of(1, AuVector::default()), labels_of(1, aus));
        assert!(above_nose(&after, &[48]) > above_nose(&before, &[48]) + 1.5);
        assert!((above_nose(&after, &[54]) - above_nose(&before, &[54])).abs() < 0.1);
    }

    #[test]
    fn labels_lie_within_a_random_picture_and_inside_the_face_box() {
        let mut renderer = Renderer::new();
        let mut picture = Rgb::default();
        for seed in 0..400 {
            let scene = Scene::random(seed, None, 96);
            let labels = renderer.render_into(&scene, &mut picture);
            let rect = labels.rect;
            let inside = rect.x >= 0.0 && rect.y >= 0.0;
            assert!(
                inside && rect.x + rect.w <= 96.0 && rect.y + rect.h <= 96.0,
                "{seed} {rect:?}"
            );
            for p in labels.landmarks {
                assert!(p.x >= rect.x && p.x <= rect.x + rect.w + 1e-3, "{seed} {p:?}");
                assert!(p.y >= rect.y && p.y <= rect.y + rect.h + 1e-3, "{seed} {p:?}");
            }
        }
    }

    #[test]
    fn the_persons_right_is_on_the_left_of_a_frontal_picture() {
        let labels = labels_of(3, AuVector::default());
        for (right, left) in [(0, 16), (17, 26), (31, 35), (36, 45), (39, 42), (48, 54), (60, 64)] {
            assert!(labels.landmarks[right].x < labels.landmarks[left].x);
        }
    }

    #[test]
    fn a_face_turned_to_the_right_of_the_picture_moves_its_nose_there() {
        let pose = Pose { yaw_deg: 30.0, ..Pose::default() };
        let scene = Scene::portrait(Identity::from_seed(3), Expression::Neutral, pose, SIZE);
        let turned = render(&scene).1;
        let front = labels_of(3, AuVector::default());
        assert!(turned.landmarks[30].x > front.landmarks[30].x + 5.0);
    }

    #[test]
    fn odd_sizes_and_extreme_poses_do_not_panic() {
        let mut renderer = Renderer::new();
        let mut picture = Rgb::default();
        for (width, height) in [(1, 1), (3, 50), (64, 2), (0, 0), (97, 33)] {
            let mut scene = Scene::random(9, None, 64);
            (scene.width, scene.height) = (width, height);
            scene.pose.yaw_deg = 175.0;
            scene.placement.distance_cm = 0.0;
            renderer.render_into(&scene, &mut picture);
            assert_eq!(picture.data.len(), 3 * (width * height) as usize);
        }
    }
}
