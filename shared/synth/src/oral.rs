//! What opens behind the lips: darkness, two rows of teeth and a tongue.

use crate::{
    anatomy::MOUTH,
    camera::Camera,
    grid::{Finish, Grid, Vertex, plain},
    identity::Identity,
    math::{Vec3, mix, mix3, scale3, smoothstep},
    muscle::Muscles,
    raster::Canvas,
};

const ENAMEL: [f32; 3] = [0.72, 0.66, 0.55];
const GUM: [f32; 3] = [0.36, 0.10, 0.09];
const TONGUE: [f32; 3] = [0.34, 0.085, 0.08];
const TOOTH_CM: f32 = 0.74;

/// The inside of the mouth.
#[derive(Debug)]
pub(crate) struct Oral {
    cavity: Grid,
    upper: Grid,
    lower: Grid,
    tongue: Grid,
}

impl Oral {
    /// A mouth yet to be opened.
    pub(crate) fn new() -> Self {
        Self {
            cavity: Grid::new(7, 5),
            upper: Grid::new(49, 5),
            lower: Grid::new(41, 5),
            tongue: Grid::new(13, 9),
        }
    }

    /// Draws what `muscles` lay bare.
    pub(crate) fn draw(
        &mut self,
        identity: &Identity,
        muscles: &Muscles,
        camera: &Camera,
        canvas: &mut Canvas,
    ) {
        let stretch = 0.98 + 0.05 * identity.skull.lower;
        let (mouth, jaw) = (MOUTH * stretch, muscles.jaw);
        self.cavity.fill(|u, v| dark(identity, mouth, jaw, u, v));
        self.upper.fill(|u, v| tooth(mix(-2.5, 2.5, u), mouth + mix(1.2, -0.24, v), v, jaw));
        self.lower.fill(|u, v| {
            let (x, edge) = (mix(-2.1, 2.1, u), mouth - 0.34 - 0.92 * jaw);
            let mut vertex = tooth(x, edge - mix(0.0, 1.2, v), 1.0 - v, jaw);
            vertex.point.z -= 0.22 + 0.25 * jaw;
            vertex.tint = scale3(vertex.tint, 0.72);
            vertex
        });
        self.tongue.fill(|u, v| tongue(mouth, jaw, u, v));
        let wet = Finish { gloss: 0.10, ..Finish::MATT };
        self.cavity.draw(camera, canvas, Finish::SHEET, plain);
        self.tongue.draw(camera, canvas, wet, plain);
        self.lower.draw(camera, canvas, wet, plain);
        self.upper.draw(camera, canvas, wet, plain);
    }
}

fn dark(identity: &Identity, mouth: f32, jaw: f32, u: f32, v: f32) -> Vertex {
    let x = mix(-1.0, 1.0, u) * (identity.mouth.half_width + 0.5);
    let y = mouth + mix(1.4, -1.6 - jaw, v);
    Vertex { point: Vec3::new(x, y, 6.6 - 0.07 * x * x), tint: [0.022, 0.006, 0.005], uv: [0.0; 2] }
}

/// A point of a row of teeth; `v` runs 0 in the gum to 1 at the biting edge.
fn tooth(x: f32, y: f32, v: f32, jaw: f32) -> Vertex {
    let position = x / TOOTH_CM;
    let from_gap = (position - position.round()).abs() * TOOTH_CM;
    let gap = smoothstep(0.09, 0.0, from_gap);
    let inside = smoothstep(2.6, 0.6, x.abs());
    let colour = mix3(GUM, ENAMEL, smoothstep(0.3, 0.4, v + 0.06 * gap));
    let shade = (1.0 - 0.55 * gap) * mix(0.2, 0.95 - 0.05 * jaw, inside);
    let point = Vec3::new(x, y, 8.75 - 0.16 * x * x - 0.08 * gap);
    Vertex { point, tint: scale3(colour, shade), uv: [0.0; 2] }
}

fn tongue(mouth: f32, jaw: f32, u: f32, v: f32) -> Vertex {
    let across = mix(-1.0, 1.0, u);
    let y = mouth - 0.55 - 0.8 * jaw - mix(0.0, 1.1, v);
    let z = 7.9 - 0.2 * jaw - 0.9 * across * across - 1.3 * (1.0 - v) * (1.0 - v);
    let groove = mix(0.6, 1.0, smoothstep(0.0, 0.2, across.abs()));
    let shade = groove * mix(0.25, 0.9, v) * mix(1.0, 0.4, across * across);
    Vertex { point: Vec3::new(across * 1.8, y, z), tint: scale3(TONGUE, shade), uv: [0.0; 2] }
}
