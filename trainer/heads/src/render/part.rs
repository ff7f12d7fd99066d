//! One part of a head: its vertices lit, its triangles painted by what it is made of.

use mien_synth::{
    Scene, Side, Vec3,
    math::{mix, smoothstep},
    raster::{Corner, Varying},
};

use super::Studio;
use crate::{
    eye::{self, Gaze},
    head::{Head, Subject},
    mesh::Material,
    skin,
    stage::{Finish, Reach, Stage},
};

const ENAMEL: [f32; 3] = [0.74, 0.68, 0.57];
const GUM: [f32; 3] = [0.38, 0.11, 0.10];
const LINING: [f32; 3] = [0.20, 0.05, 0.045];
const LASH: [f32; 3] = [0.02, 0.015, 0.012];
/// Opacity of a card of lashes above and below the eye.
const LASH_COVER: [f32; 2] = [0.34, 0.10];
/// Least share of the sky's light anywhere: light bounces.
const BOUNCE: f32 = 0.12;

impl Studio {
    /// Lights and draws part `i` of `head`; `lips` is the lips' depth.
    pub(super) fn part(
        &mut self,
        at: (&Head, usize),
        (subject, scene): (&Subject, &Scene),
        lips: f32,
        stage: &mut Stage<'_>,
    ) {
        match at.0.mesh.parts[at.1].material {
            Material::Skin => self.skin(at, (subject, scene), stage),
            Material::Eye(side) => self.eye(at, (subject, scene), side, stage),
            Material::Lash => self.lashes(at, subject, stage),
            material => self.inside(at, material, lips, stage),
        }
    }

    fn skin(
        &mut self,
        at: (&Head, usize),
        (subject, scene): (&Subject, &Scene),
        stage: &mut Stage<'_>,
    ) {
        let gloss = Finish::SKIN.gloss * (0.4 + subject.identity.skin.gloss);
        self.light(at, Finish { gloss, ..Finish::SKIN }, stage, |_, _| ());
        let (skin, cloth) = (&subject.skin, scene.worn.cloth);
        self.paint(at, true, stage, &|v: &Varying| {
            let c = skin::dressed(skin.sample(v[0], v[1]), cloth);
            [c[0] * v[2] + v[5], c[1] * v[3] + v[5], c[2] * v[4] + v[5], 1.0]
        });
    }

    fn eye(
        &mut self,
        at: (&Head, usize),
        (subject, scene): (&Subject, &Scene),
        side: Side,
        stage: &mut Stage<'_>,
    ) {
        let gaze = Gaze::new(subject.eye(side), &scene.pose);
        self.light(at, Finish::WET, stage, |p, corner| {
            [corner.varying[0], corner.varying[1]] = gaze.place(p);
        });
        let photo = at.0.eye_photo.as_ref();
        let paint = eye::painter(&subject.identity, photo, scene.light.direction);
        self.paint(at, false, stage, &paint);
    }

    fn lashes(&mut self, at: (&Head, usize), subject: &Subject, stage: &mut Stage<'_>) {
        let middle = 0.5 * (subject.rest[42].y + subject.rest[45].y);
        self.light(at, Finish::SHEET, stage, |p, corner| {
            corner.varying[0] = LASH_COVER[usize::from(p.y < middle)];
        });
        self.paint(at, false, stage, &|v: &Varying| {
            [LASH[0] * v[2], LASH[1] * v[3], LASH[2] * v[4], v[0]]
        });
    }

    /// What lies within the mouth and the eye sockets; deep in the mouth it is dark.
    fn inside(&mut self, at: (&Head, usize), material: Material, lips: f32, stage: &mut Stage<'_>) {
        let oral = f32::from(u8::from(material.is_oral()));
        self.light(at, Finish::WET, stage, |p, corner| {
            let deep = smoothstep(lips - 4.5, lips - 0.6, p.z);
            let share = mix(1.0, 0.12 + 0.75 * deep, oral);
            corner.varying[2..].iter_mut().for_each(|light| *light *= share);
        });
        let tint = match material {
            Material::Teeth => ENAMEL,
            Material::Gum => GUM,
            _ => LINING,
        };
        self.paint(at, false, stage, &|v: &Varying| {
            [tint[0] * v[2] + v[5], tint[1] * v[3] + v[5], tint[2] * v[4] + v[5], 1.0]
        });
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
