//! From a subject and a shot to a picture and its truth.
//!
//! One picture: backdrop, blend shapes, normals, the key light's depth map, then every part lit
//! per vertex and drawn with supersampling. The inside of the mouth is left out while the lips
//! are closed.

use mien_shared::{frame::Rgb, geometry::LANDMARKS};
use mien_synth::{
    Light, Scene, Vec3,
    backdrop::Backdrop,
    camera::Camera,
    math::smoothstep,
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
        let own;
        let weights = match shot.weights {
            Some(weights) => weights,
            None => {
                own = head.rig.weights(&shot.scene.pose, &subject.kins);
                &own
            }
        };
        head.rig.apply(weights, &mut self.points);
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
        let mut stage =
            Stage::new(Camera::of_head(scene), &shot.lighting, samples, &mut canvas);
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
                self.light((head, i), finish, stage, |p, corner| {
                    let deep = smoothstep(lips - 4.5, lips - 0.6, p.z);
                    let share = if material.is_oral() { 0.12 + 0.75 * deep } else { 1.0 };
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
