//! One part's way onto the canvas: projected, lit, drawn.

use mien_synth::{
    Vec3,
    camera::Camera,
    math::{Rotation, mix, smoothstep},
    raster::{Canvas, Corner, Varying},
};

use crate::{light::Lighting, sheet::Sheet};

/// How a surface takes light.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finish {
    /// Strength of the highlight.
    pub(crate) gloss: f32,
    /// How far light creeps around into the shade, by colour.
    pub(crate) wrap: [f32; 3],
    /// Whether the inside is seen too.
    pub(crate) two_sided: bool,
}

impl Finish {
    /// Skin, through which red light creeps furthest.
    pub(crate) const SKIN: Self = Self { gloss: 0.05, wrap: [0.32, 0.16, 0.1], two_sided: false };
    /// Something wet.
    pub(crate) const WET: Self = Self { gloss: 0.12, wrap: [0.3; 3], two_sided: false };
    /// Cloth and hair, seen from both sides.
    pub(crate) const SHEET: Self = Self { gloss: 0.0, wrap: [0.15; 3], two_sided: true };
}

/// What of the light reaches a place, 0..=1 each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Of the sky's.
    pub(crate) sky: f32,
    /// Of the key's.
    pub(crate) key: f32,
}

impl Reach {
    /// All of it.
    pub(crate) const FULL: Self = Self { sky: 1.0, key: 1.0 };
}

/// Camera, light and canvas of a picture.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    camera: Camera,
    turn: Rotation,
    light: &'a Lighting,
    half_way: Vec3,
    samples: f32,
    canvas: &'a mut Canvas,
}

impl<'a> Stage<'a> {
    /// A stage of `samples` samples per pixel and axis.
    pub(crate) fn new(
        camera: Camera,
        light: &'a Lighting,
        samples: f32,
        canvas: &'a mut Canvas,
    ) -> Self {
        let half_way = (light.towards + Vec3::new(0.0, 0.0, 1.0)).unit();
        Self { camera, turn: camera.rotation(), light, half_way, samples, canvas }
    }

    /// Goes on with another camera.
    pub(crate) fn look_through(&mut self, camera: Camera) {
        (self.camera, self.turn) = (camera, camera.rotation());
    }

    /// A white vertex projected and lit; its texture coordinates are yet to be set.
    pub(crate) fn corner(&self, p: Vec3, normal: Vec3, finish: Finish, reach: Reach) -> Corner {
        let (at, depth) = self.camera.place(p);
        let mut n = self.turn.apply(normal);
        if n.z < 0.0 && finish.two_sided {
            n = n * -1.0;
        }
        let light = self.light;
        let facing = n.dot(light.towards);
        let sky = light.sky.at(n);
        // Beyond the terminator every surface shades itself, and only light within the skin is left.
        let key = mix(1.0, reach.key, smoothstep(-0.2, 0.15, facing));
        let lit = |k: usize| {
            let share = ((facing + finish.wrap[k]) / (1.0 + finish.wrap[k])).max(0.0);
            light.exposure * (key * light.key[k] * share + reach.sky * sky[k])
        };
        let varying = [0.0, 0.0, lit(0), lit(1), lit(2), self.shine(n, finish.gloss, reach)];
        Corner { x: at.x * self.samples, y: at.y * self.samples, depth, varying }
    }

    /// A corner that is known to face away: projected only.
    pub(crate) fn dark_corner(&self, p: Vec3) -> Corner {
        let (at, depth) = self.camera.place(p);
        Corner { x: at.x * self.samples, y: at.y * self.samples, depth, varying: [0.0; 6] }
    }

    /// Whether a surface of that normal is turned well away from the viewer.
    pub(crate) fn is_averted(&self, normal: Vec3) -> bool {
        self.turn.apply(normal).z < -0.4
    }

    fn shine(&self, n: Vec3, gloss: f32, reach: Reach) -> f32 {
        if gloss <= 0.0 {
            return 0.0;
        }
        let towards = n.dot(self.half_way).max(0.0);
        let eighth = towards.powi(8);
        let lobe = 0.5 * eighth * towards + eighth * eighth;
        let from_key = self.light.key[1] * reach.key;
        let from_sky = 0.3 * self.light.sky.coefficients[0][1] * reach.sky;
        self.light.exposure * gloss * lobe * (from_key + from_sky)
    }

    /// Draws a triangle that runs counter-clockwise seen from outside.
    pub(crate) fn triangle(
        &mut self,
        [a, b, c]: [&Corner; 3],
        two_sided: bool,
        paint: &impl Fn(&Varying) -> [f32; 4],
    ) {
        self.canvas.triangle([a, c, b], two_sided, paint);
    }

    /// Lights and draws a sheet.
    pub(crate) fn sheet(
        &mut self,
        sheet: &mut Sheet,
        finish: Finish,
        paint: impl Fn(&Varying) -> [f32; 4],
    ) {
        let mut corners = std::mem::take(&mut sheet.corners);
        corners.clear();
        for (i, knot) in sheet.knots.iter().enumerate() {
            let mut corner = self.corner(knot.point, sheet.normals[i], finish, Reach::FULL);
            let v = &mut corner.varying;
            *v = [
                knot.uv[0],
                knot.uv[1],
                v[2] * knot.tint[0],
                v[3] * knot.tint[1],
                v[4] * knot.tint[2],
                v[5],
            ];
            corners.push(corner);
        }
        for [a, b, c] in sheet.triangles() {
            let corners = [&corners[a], &corners[b], &corners[c]];
            self.triangle(corners, finish.two_sided, &paint);
        }
        sheet.corners = corners;
    }
}

/// A sample's own lit colour, opaque.
pub(crate) fn plain(v: &Varying) -> [f32; 4] {
    [v[2] + v[5], v[3] + v[5], v[4] + v[5], 1.0]
}
