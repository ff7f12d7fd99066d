//! From a subject and a shot to a picture and its truth.
//!
//! One picture: backdrop, blend shapes, normals, the key light's depth map, then every part lit
//! per vertex and drawn with supersampling. The inside of the mouth is left out while the lips
//! are closed.

use std::borrow::Cow;

use mien_shared::{frame::Rgb, geometry::LANDMARKS};
use mien_synth::{
    Light, Scene, Vec3,
    backdrop::Backdrop,
    camera::Camera,
    raster::{Canvas, Corner},
};

use crate::{
    front::Front,
    hair,
    head::{Head, Subject},
    labels::{self, Truth},
    light::{Environment, Lighting},
    mesh::{Material, Points, normals},
    occlusion::DepthMap,
    sensor::Sensor,
    sheet::Sheet,
    stage::Stage,
    worn::{self, Fit},
};

mod part;

/// Gap between the lips below which nothing behind them is drawn, cm.
const CLOSED: f32 = 0.11;

/// What is behind the head.
#[derive(Debug, Clone, Copy)]
pub enum Behind<'a> {
    /// The scene's drawn background.
    Drawn,
    /// A surrounding turned by `turn` radians, seen through an opening of half-angle tangent
    /// `slope`.
    Map {
        /// The surrounding.
        map: &'a Environment,
        /// Its turn about the vertical, radians.
        turn: f32,
        /// Tangent of half the camera's opening.
        slope: f32,
    },
}

/// Everything about a picture but the person.
#[derive(Debug, Clone, Copy)]
pub struct Shot<'a> {
    /// Pose, what is worn, where the head is; its light is not used.
    pub scene: Scene,
    /// The light.
    pub lighting: Lighting,
    /// What is behind.
    pub behind: Behind<'a>,
    /// Shape weights (see [`Head::weights`]) in place of the scene's action units.
    pub weights: Option<&'a [f32]>,
    /// The camera's response.
    pub sensor: Sensor,
}

impl From<&Scene> for Shot<'_> {
    /// The scene under its own light, taken by an ideal camera.
    fn from(scene: &Scene) -> Self {
        Self {
            scene: *scene,
            lighting: Lighting::from(&scene.light),
            behind: Behind::Drawn,
            weights: None,
            sensor: Sensor::IDEAL,
        }
    }
}

/// Renders subjects; keeps its buffers from picture to picture.
#[derive(Debug, Default)]
pub struct Studio {
    canvas: Canvas,
    backdrop: Backdrop,
    points: Points,
    normals: Points,
    corners: Vec<Corner>,
    shadow: DepthMap,
    sheet: Sheet,
}

impl Studio {
    /// Renders `subject` on its `head` into `picture`, which takes on the scene's size.
    pub fn render(
        &mut self,
        (head, subject): (&Head, &Subject),
        shot: &Shot<'_>,
        picture: &mut Rgb,
    ) -> Truth {
        let light = Light { direction: shot.lighting.towards, ..shot.scene.light };
        let scene = Scene { identity: subject.identity, light, ..shot.scene };
        picture.resize(scene.width, scene.height);
        self.paint_backdrop(&scene, shot, picture);
        self.perform(head, subject, shot);
        let marks = head.marks(&self.points);
        let camera = Camera::of_head(&scene);
        self.cast_shadow(head, &camera, shot.lighting.towards);
        self.canvas.begin(scene.width, scene.height, scene.supersample.clamp(1, 4));
        self.draw((head, subject), &scene, shot, &marks);
        self.canvas.resolve(picture);
        shot.sensor.apply(picture);
        labels::of(&scene, (&marks, &subject.shell), &camera, &self.canvas)
    }

    fn paint_backdrop(&mut self, scene: &Scene, shot: &Shot<'_>, picture: &mut Rgb) {
        match shot.behind {
            Behind::Drawn => self.backdrop.paint(&scene.background, picture),
            Behind::Map { map, turn, slope } => {
                map.paint(turn, slope, shot.lighting.exposure, picture);
            }
        }
    }

    /// Moves the subject's face.
    fn perform(&mut self, head: &Head, subject: &Subject, shot: &Shot<'_>) {
        self.points.copy_from(&subject.points);
        let own = || head.rig.weights(&shot.scene.pose, &subject.kins).into();
        let weights: Cow<'_, [f32]> = shot.weights.map_or_else(own, Cow::Borrowed);
        head.rig.apply(&weights, &mut self.points);
        normals(&self.points, &head.mesh.triangles, &mut self.normals);
    }

    fn cast_shadow(&mut self, head: &Head, camera: &Camera, towards: Vec3) {
        let turn = camera.rotation();
        let back = |axis: Vec3| towards.dot(turn.apply(axis));
        let towards = Vec3::new(
            back(Vec3::new(1.0, 0.0, 0.0)),
            back(Vec3::new(0.0, 1.0, 0.0)),
            back(Vec3::new(0.0, 0.0, 1.0)),
        );
        self.shadow.cast(&self.points, head.mesh.part(Material::Skin), towards);
    }

    fn draw(
        &mut self,
        (head, subject): (&Head, &Subject),
        scene: &Scene,
        shot: &Shot<'_>,
        marks: &[Vec3; LANDMARKS],
    ) {
        let samples = scene.supersample.clamp(1, 4) as f32;
        let mut canvas = std::mem::take(&mut self.canvas);
        let mut stage = Stage::new(Camera::of_head(scene), &shot.lighting, samples, &mut canvas);
        let lips = [(61, 67), (62, 66), (63, 65)].map(|(a, b)| marks[a].y - marks[b].y);
        let open = lips.iter().any(|gap| *gap > CLOSED);
        for (i, part) in head.mesh.parts.iter().enumerate() {
            if part.material != Material::Lash && (open || !part.material.is_oral()) {
                self.part((head, i), (subject, scene), marks[62].z, &mut stage);
            }
        }
        let sheet = &mut self.sheet;
        hair::draw(sheet, &subject.identity, scene.worn.hat, &subject.shell, &mut stage);
        stage.look_through(Camera::of_body(scene));
        worn::clothes(sheet, &scene.worn, &mut stage);
        stage.look_through(Camera::of_head(scene));
        let lashes = head.mesh.parts.len().saturating_sub(1);
        self.part((head, lashes), (subject, scene), marks[62].z, &mut stage);
        let fit = Fit { shell: &subject.shell, marks, rest: &subject.rest };
        let front = || Front::new(&self.points, &head.used[0]);
        worn::draw(&mut self.sheet, &scene.worn, (&fit, front), &mut stage);
        self.canvas = canvas;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use mien_shared::label::Expression;
    use mien_synth::{Au, AuVector, Glasses, Identity, Pose};

    use super::*;
    use crate::{fixture, ict, makehuman};

    const SIDE: u32 = 128;

    fn scene(seed: u64, pose: Pose) -> Scene {
        Scene::portrait(Identity::from_seed(seed), Expression::Neutral, pose, SIDE)
    }

    fn shown(head: &Head, scene: &Scene) -> (Rgb, Truth) {
        let mut picture = Rgb::default();
        let subject = head.subject(&scene.identity);
        let truth = Studio::default().render((head, &subject), &Shot::from(scene), &mut picture);
        (picture, truth)
    }

    fn marks_of(head: &Head, seed: u64, units: &[(Au, f32)]) -> Truth {
        let aus = units.iter().fold(AuVector::default(), |aus, (au, x)| aus.with(*au, *x));
        shown(head, &scene(seed, Pose { aus, ..Pose::default() })).1
    }

    /// Height of a landmark above another, pixels.
    fn above(truth: &Truth, upper: usize, lower: usize) -> f32 {
        truth.labels.landmarks[lower].y - truth.labels.landmarks[upper].y
    }

    /// What action units must do to the landmarks of any head.
    fn obeys_the_units(head: &Head) {
        for seed in 0..4 {
            let rest = marks_of(head, seed, &[]);
            let smile = marks_of(head, seed, &[(Au::LipCornerPuller, 1.0)]);
            for corner in [48, 54] {
                let rise = above(&smile, corner, 33) - above(&rest, corner, 33);
                assert!(rise > 1.0, "seed {seed}, corner {corner}: {rise}");
            }
            let frown = marks_of(head, seed, &[(Au::LipCornerDepressor, 1.0)]);
            assert!(above(&frown, 48, 33) < above(&rest, 48, 33) - 0.4, "seed {seed}");
            let jaw = marks_of(head, seed, &[(Au::JawDrop, 1.0)]);
            assert!(above(&jaw, 62, 66) > above(&rest, 62, 66) + 4.0, "seed {seed}");
            assert!(above(&jaw, 33, 8) > above(&rest, 33, 8) + 3.0, "seed {seed}");
            let brows = marks_of(head, seed, &[(Au::InnerBrowRaiser, 1.0)]);
            assert!(above(&brows, 21, 27) > above(&rest, 21, 27) + 0.8, "seed {seed}");
            let angry = marks_of(head, seed, &[(Au::BrowLowerer, 1.0)]);
            assert!(above(&angry, 21, 27) < above(&rest, 21, 27) - 0.8, "seed {seed}");
            let shut = marks_of(head, seed, &[(Au::EyesClosed, 1.0)]);
            assert!(above(&shut, 37, 41) < 0.45 * above(&rest, 37, 41), "seed {seed}");
        }
    }

    #[test]
    fn a_picture_shows_a_face_on_its_backdrop_and_depends_on_the_shot_alone() {
        let head = fixture::head();
        let subject = head.subject(&Identity::from_seed(2));
        let mut studio = Studio::default();
        let mut render = |pose| {
            let mut picture = Rgb::default();
            let truth =
                studio.render((&head, &subject), &Shot::from(&scene(2, pose)), &mut picture);
            (picture, truth)
        };
        let first = render(Pose::default());
        let turned = render(Pose { yaw_deg: 40.0, ..Pose::default() });
        assert_eq!(first, render(Pose::default()));
        assert_ne!(first.0, turned.0);
        let skin = first.1.labels.landmarks[29];
        let at = |x: f32, y: f32| {
            let index = mien_synth::math::index;
            let i = 3 * (index(y) * SIDE as usize + index(x));
            first.0.data[i..i + 3].to_vec()
        };
        assert_ne!(at(skin.x, skin.y), at(2.0, 2.0));
    }

    #[test]
    fn a_turned_face_hides_its_far_side() {
        let head = fixture::head();
        let front = shown(&head, &scene(2, Pose::default())).1.visible.unwrap();
        assert!([27, 30, 36, 45, 48, 54].iter().all(|&i| front[i]), "{front:?}");
        let pose = Pose { yaw_deg: 70.0, ..Pose::default() };
        let side = shown(&head, &scene(2, pose)).1.visible.unwrap();
        // Turned to the picture's right, the person's left side is the far one.
        assert!(!side[16] && !side[15], "{side:?}");
        assert!(side[0] && side[36], "{side:?}");
    }

    #[test]
    fn masks_and_dark_glasses_hide_what_they_cover() {
        let head = fixture::head();
        let mut scene = scene(2, Pose::default());
        scene.worn.mask = true;
        let masked = shown(&head, &scene).1.visible.unwrap();
        assert!(!masked[57] && !masked[51] && masked[36] && masked[24], "{masked:?}");
        scene.worn.mask = false;
        scene.worn.glasses = Glasses::Sun;
        let dark = shown(&head, &scene).1.visible.unwrap();
        assert!(dark[36..48].iter().all(|seen| !seen) && dark[57]);
    }

    #[test]
    fn labels_pass_on_the_scene_and_bound_the_face() {
        let head = fixture::head();
        let pose = Pose { yaw_deg: 12.0, pitch_deg: -5.0, roll_deg: 3.0, ..Pose::default() };
        let labels = shown(&head, &scene(2, pose)).1.labels;
        assert_eq!((labels.yaw_deg, labels.pitch_deg, labels.roll_deg), (12.0, -5.0, 3.0));
        let r = labels.rect;
        assert!(labels.landmarks.iter().all(|p| {
            (r.x - 0.01..=r.x + r.w + 0.01).contains(&p.x)
                && (r.y - 0.01..=r.y + r.h + 0.01).contains(&p.y)
        }));
    }

    #[test]
    fn odd_sizes_and_extreme_poses_do_not_panic() {
        let head = fixture::head();
        let subject = head.subject(&Identity::from_seed(1));
        let mut studio = Studio::default();
        let mut picture = Rgb::default();
        for (width, height) in [(1, 1), (3, 50), (64, 2), (0, 0), (97, 33)] {
            let mut scene = Scene::random(9, None, 64);
            (scene.width, scene.height) = (width, height);
            scene.pose.yaw_deg = 175.0;
            scene.placement.distance_cm = 0.0;
            studio.render((&head, &subject), &Shot::from(&scene), &mut picture);
            assert_eq!(picture.data.len(), 3 * (width * height) as usize);
        }
    }

    #[test]
    fn the_real_heads_obey_the_action_units() {
        let Some(data) = std::env::var_os("MIEN_DATA") else {
            eprintln!(
                "SKIPPED: set MIEN_DATA to the folder that holds ict_facekit and makehuman_head"
            );
            return;
        };
        let data = Path::new(&data);
        obeys_the_units(&ict::open(&data.join("ict_facekit")).unwrap());
        obeys_the_units(&makehuman::open(&data.join("makehuman_head")).unwrap());
    }
}
