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
    math::{mix, smoothstep},
    raster::{Canvas, Corner, Varying},
};

use crate::{
    eye::{self, Gaze},
    front::Front,
    hair,
    head::{Head, Subject},
    labels::{self, Truth},
    light::{Environment, Lighting},
    mesh::{Material, Points, normals},
    occlusion::DepthMap,
    sensor::Sensor,
    sheet::Sheet,
    stage::{Finish, Reach, Stage},
    worn::{self, Fit},
};

const ENAMEL: [f32; 3] = [0.74, 0.68, 0.57];
const GUM: [f32; 3] = [0.38, 0.11, 0.10];
const LINING: [f32; 3] = [0.20, 0.05, 0.045];
const LASH: [f32; 3] = [0.02, 0.015, 0.012];
/// Opacity of a card of lashes above and below the eye.
const LASH_COVER: [f32; 2] = [0.34, 0.10];
/// Gap between the lips below which nothing behind them is drawn, cm.
const CLOSED: f32 = 0.11;
/// Least share of the sky's light anywhere: light bounces.
const BOUNCE: f32 = 0.12;

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

    /// Lights and draws part `i` of `head`; `lips` is the lips' depth.
    fn part(
        &mut self,
        (head, i): (&Head, usize),
        (subject, scene): (&Subject, &Scene),
        lips: f32,
        stage: &mut Stage<'_>,
    ) {
        let material = head.mesh.parts[i].material;
        let identity = &subject.identity;
        let finish = finish(material, identity.skin.gloss);
        match material {
            Material::Eye(side) => {
                let gaze = Gaze::new(subject.eye(side), &scene.pose);
                self.light((head, i), finish, stage, |p, corner| {
                    [corner.varying[0], corner.varying[1]] = gaze.place(p);
                });
                let photo = head.eye_photo.as_ref();
                let paint = eye::painter(identity, photo, scene.light.direction);
                self.paint((head, i), false, stage, &paint);
            }
            Material::Skin => {
                self.light((head, i), finish, stage, |_, _| ());
                let skin = &subject.skin;
                self.paint((head, i), true, stage, &|v: &Varying| {
                    let c = skin.sample(v[0], v[1]);
                    [c[0] * v[2] + v[5], c[1] * v[3] + v[5], c[2] * v[4] + v[5], 1.0]
                });
            }
            Material::Lash => {
                let middle = 0.5 * (subject.rest[42].y + subject.rest[45].y);
                self.light((head, i), finish, stage, |p, corner| {
                    corner.varying[0] = LASH_COVER[usize::from(p.y < middle)];
                });
                self.paint((head, i), false, stage, &|v: &Varying| {
                    [LASH[0] * v[2], LASH[1] * v[3], LASH[2] * v[4], v[0]]
                });
            }
            _ => {
                let oral = f32::from(u8::from(material.is_oral()));
                self.light((head, i), finish, stage, |p, corner| {
                    let deep = smoothstep(lips - 4.5, lips - 0.6, p.z);
                    let share = mix(1.0, 0.12 + 0.75 * deep, oral);
                    corner.varying[2..].iter_mut().for_each(|light| *light *= share);
                });
                let tint = tint(material);
                self.paint((head, i), false, stage, &|v: &Varying| {
                    [tint[0] * v[2] + v[5], tint[1] * v[3] + v[5], tint[2] * v[4] + v[5], 1.0]
                });
            }
        }
    }

    /// Projects and lights the vertices of a part; `adapt` may change each corner.
    fn light(
        &mut self,
        (head, i): (&Head, usize),
        finish: Finish,
        stage: &Stage<'_>,
        adapt: impl Fn(Vec3, &mut Corner),
    ) {
        let material = head.mesh.parts[i].material;
        self.corners.resize(self.points.len(), Corner::default());
        for &vertex in &head.used[i] {
            let vertex = vertex as usize;
            let (p, n) = (self.points.get(vertex), self.normals.get(vertex));
            if !finish.two_sided && stage.is_averted(n) {
                self.corners[vertex] = stage.dark_corner(p);
                continue;
            }
            let reach = if material.is_oral() {
                Reach { sky: 0.7, key: 0.45 }
            } else {
                Reach { sky: head.open[vertex].max(BOUNCE), key: self.shadow.open(p, n) }
            };
            let mut corner = stage.corner(p, n, finish, reach);
            adapt(p, &mut corner);
            self.corners[vertex] = corner;
        }
    }

    /// Draws a part's triangles, with the mesh's texture coordinates when `textured`.
    fn paint(
        &self,
        (head, i): (&Head, usize),
        textured: bool,
        stage: &mut Stage<'_>,
        paint: &impl Fn(&Varying) -> [f32; 4],
    ) {
        let part = &head.mesh.parts[i];
        let two_sided = part.material == Material::Lash;
        for triangle in &head.mesh.triangles[part.triangles.clone()] {
            let [a, b, c] = triangle.vertex.map(|v| &self.corners[v as usize]);
            if !two_sided && (b.x - a.x) * (c.y - a.y) >= (b.y - a.y) * (c.x - a.x) {
                continue;
            }
            if !textured {
                stage.triangle([a, b, c], two_sided, paint);
                continue;
            }
            let mut corners = [*a, *b, *c];
            for (corner, uv) in corners.iter_mut().zip(triangle.uv) {
                [corner.varying[0], corner.varying[1]] = head.mesh.uvs[uv as usize];
            }
            let [a, b, c] = &corners;
            stage.triangle([a, b, c], false, paint);
        }
    }
}

fn finish(material: Material, gloss: f32) -> Finish {
    match material {
        Material::Skin => Finish { gloss: Finish::SKIN.gloss * (0.4 + gloss), ..Finish::SKIN },
        Material::Lash => Finish::SHEET,
        _ => Finish::WET,
    }
}

fn tint(material: Material) -> [f32; 3] {
    match material {
        Material::Teeth => ENAMEL,
        Material::Gum => GUM,
        _ => LINING,
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
