//! A small made-up head for tests, in the forms the real models come in.

use std::{fmt::Write as _, path::Path};

use half::f16;
use mien_shared::geometry::{LANDMARK_MIRROR, LANDMARKS};
use mien_synth::{Side, Vec3};

use crate::{
    head::Head,
    ict,
    mesh::{Points, Triangle},
};

/// Columns and rows of the skull's grid.
const GRID: (u16, u16) = (49, 41);

/// The landmarks of an ordinary face, head coordinates.
pub(crate) fn marks() -> [Vec3; LANDMARKS] {
    const LEFT: [(usize, [f32; 3]); 39] = [
        (8, [0.0, -11.0, 8.6]),
        (9, [1.5, -10.8, 8.4]),
        (10, [3.0, -10.4, 7.4]),
        (11, [4.3, -9.7, 6.0]),
        (12, [5.6, -8.0, 4.8]),
        (13, [6.4, -6.0, 3.8]),
        (14, [6.8, -4.0, 3.2]),
        (15, [7.1, -2.0, 2.8]),
        (16, [7.2, 0.0, 2.4]),
        (22, [1.2, 2.3, 9.4]),
        (23, [2.4, 2.6, 9.2]),
        (24, [3.8, 2.7, 8.8]),
        (25, [4.9, 2.3, 8.0]),
        (26, [5.8, 1.6, 7.0]),
        (27, [0.0, 0.2, 9.6]),
        (28, [0.0, -0.9, 10.2]),
        (29, [0.0, -2.0, 10.8]),
        (30, [0.0, -3.2, 11.4]),
        (33, [0.0, -4.7, 10.2]),
        (34, [0.6, -4.7, 10.0]),
        (35, [1.3, -4.6, 9.5]),
        (42, [1.8, -0.3, 8.8]),
        (43, [2.8, 0.4, 9.3]),
        (44, [3.8, 0.35, 9.2]),
        (45, [4.5, -0.1, 8.5]),
        (46, [3.8, -0.5, 9.0]),
        (47, [2.7, -0.5, 9.1]),
        (51, [0.0, -6.1, 10.3]),
        (52, [0.7, -6.0, 10.2]),
        (53, [1.7, -6.4, 9.8]),
        (54, [2.5, -7.0, 9.0]),
        (55, [1.8, -7.6, 9.6]),
        (56, [1.0, -7.9, 9.9]),
        (57, [0.0, -8.0, 10.0]),
        (62, [0.0, -6.95, 9.9]),
        (63, [1.0, -6.95, 9.7]),
        (64, [2.2, -7.0, 9.0]),
        (65, [1.1, -7.0, 9.6]),
        (66, [0.0, -7.0, 9.8]),
    ];
    let mut marks = [Vec3::default(); LANDMARKS];
    for (i, [x, y, z]) in LEFT {
        marks[i] = Vec3::new(x, y, z);
        marks[LANDMARK_MIRROR[i]] = Vec3::new(-x, y, z);
    }
    marks
}

/// The made-up model.
pub(crate) struct Model {
    neutral: Points,
    uvs: Vec<[f32; 2]>,
    triangles: Vec<(&'static str, Triangle)>,
    landmarks: [u32; LANDMARKS],
    modes: Vec<Points>,
    shapes: Vec<(String, Points)>,
}

/// The head made of the model.
pub(crate) fn head() -> Head {
    let root = tempfile::tempdir().unwrap();
    Model::new().write_pack(root.path());
    ict::open(root.path()).unwrap()
}

impl Model {
    pub(crate) fn new() -> Self {
        let mut model = Self {
            neutral: Points::default(),
            uvs: Vec::new(),
            triangles: Vec::new(),
            landmarks: [0; LANDMARKS],
            modes: Vec::new(),
            shapes: Vec::new(),
        };
        model.ellipsoid("M_Face", Vec3::new(0.0, 0.5, 0.0), Vec3::new(7.4, 12.0, 9.4), GRID);
        model.place_landmarks();
        for (name, x) in [("M_ScleraRight", -3.1), ("M_ScleraLeft", 3.1)] {
            model.ellipsoid(name, Vec3::new(x, 0.0, 8.2), Vec3::new(1.5, 1.5, 1.5), (17, 13));
        }
        model.add_modes();
        model.add_shapes();
        model
    }

    /// A closed surface; its texture seam and its front face away from and towards the viewer.
    fn ellipsoid(
        &mut self,
        name: &'static str,
        centre: Vec3,
        half: Vec3,
        (columns, rows): (u16, u16),
    ) {
        let start = u32::try_from(self.neutral.len()).unwrap();
        for row in 0..rows {
            for column in 0..columns {
                let u = f32::from(column) / f32::from(columns - 1);
                let v = f32::from(row) / f32::from(rows - 1);
                let (theta, phi) =
                    ((u - 0.5) * std::f32::consts::TAU, (v - 0.5) * std::f32::consts::PI);
                let d = Vec3::new(phi.cos() * theta.sin(), phi.sin(), phi.cos() * theta.cos());
                let out = Vec3::new(d.x * half.x, d.y * half.y, d.z * half.z);
                self.neutral.push(centre + out);
                self.uvs.push([u, v]);
            }
        }
        let columns = u32::from(columns);
        let quads = (0..columns * (u32::from(rows) - 1)).filter(|i| i % columns + 1 < columns);
        for at in quads.map(|i| start + i) {
            let below = at + columns;
            let halves = [[at, at + 1, below], [at + 1, below + 1, below]];
            let triangle = |vertex| (name, Triangle { vertex, uv: vertex });
            self.triangles.extend(halves.map(triangle));
        }
    }

    /// Moves the nearest free vertex to each landmark.
    fn place_landmarks(&mut self) {
        for (i, mark) in marks().into_iter().enumerate() {
            let square = |v: Vec3| (v - mark).dot(v - mark);
            let free = (0..self.neutral.len())
                .filter(|v| !self.landmarks[..i].contains(&u32::try_from(*v).unwrap()));
            let nearest = free
                .min_by(|a, b| {
                    square(self.neutral.get(*a)).total_cmp(&square(self.neutral.get(*b)))
                })
                .unwrap();
            self.neutral.set(nearest, mark);
            self.landmarks[i] = u32::try_from(nearest).unwrap();
        }
    }

    /// The displacement field `by` of the skin.
    fn field(&self, by: impl Fn(Vec3) -> Vec3) -> Points {
        let mut delta = Points::default();
        let skin = usize::from(GRID.0) * usize::from(GRID.1);
        for (i, p) in self.neutral.iter().enumerate() {
            delta.push(if i < skin { by(p) } else { Vec3::default() });
        }
        delta
    }

    fn add_modes(&mut self) {
        self.modes = vec![
            self.field(|p| Vec3::new(0.05 * p.x, 0.0, 0.0)),
            self.field(|p| Vec3::new(0.0, 0.03 * p.y, 0.0)),
            self.field(|p| Vec3::new(0.0, 0.0, 0.02 * p.z)),
        ];
    }

    fn add_shapes(&mut self) {
        const SIDED: [&str; 20] = [
            "browDown",
            "browInnerUp",
            "browOuterUp",
            "cheekPuff",
            "cheekSquint",
            "eyeBlink",
            "eyeLookDown",
            "eyeLookIn",
            "eyeLookOut",
            "eyeLookUp",
            "eyeSquint",
            "eyeWide",
            "mouthDimple",
            "mouthFrown",
            "mouthLowerDown",
            "mouthPress",
            "mouthSmile",
            "mouthStretch",
            "mouthUpperUp",
            "noseSneer",
        ];
        const WHOLE: [&str; 5] =
            ["jawOpen", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"];
        for name in SIDED {
            for (suffix, side) in [("L", Side::Left), ("R", Side::Right)] {
                let shape = self.sided(name, side);
                self.shapes.push((format!("{name}_{suffix}"), shape));
            }
        }
        for name in WHOLE {
            let jaw = self.field(|p| {
                let low = u8::from(name == "jawOpen" && p.y < -6.97 && p.z > 2.0);
                Vec3::new(0.0, -3.0 * f32::from(low), 0.0)
            });
            self.shapes.push((name.to_owned(), jaw));
        }
    }

    fn sided(&self, name: &str, side: Side) -> Points {
        let sign = if side == Side::Left { 1.0 } else { -1.0 };
        let corner = Vec3::new(2.5 * sign, -7.0, 9.0);
        let brow = Vec3::new(1.8 * sign, 2.5, 9.2);
        self.field(|p| {
            let near = |at: Vec3| (1.0 - (p - at).dot(p - at).sqrt() / 2.2).max(0.0);
            match name {
                "mouthSmile" => Vec3::new(0.6 * sign, 0.9, 0.0) * near(corner),
                "browInnerUp" => Vec3::new(0.0, 1.0, 0.0) * near(brow),
                _ => Vec3::default(),
            }
        })
    }

    pub(crate) fn write_pack(&self, root: &Path) {
        const MATERIALS: [&str; 4] = ["M_Face", "M_ScleraRight", "M_ScleraLeft", "M_Teeth"];
        std::fs::create_dir_all(root).unwrap();
        let save = |name: &str, bytes: Vec<u8>| std::fs::write(root.join(name), bytes).unwrap();
        let names: Vec<&str> = self.shapes.iter().map(|(name, _)| name.as_str()).collect();
        let manifest = serde_json::json!({
            "n_vertices": self.neutral.len(), "n_uv": self.uvs.len(),
            "n_triangles": self.triangles.len(), "identity_modes": self.modes.len(),
            "expressions": names, "materials": MATERIALS,
            "landmarks_68_vertex": self.landmarks.to_vec(),
        });
        save("manifest.json", manifest.to_string().into_bytes());
        save("neutral.f32", triples(&self.neutral).flat_map(f32::to_le_bytes).collect());
        let halves = |points: &Points| {
            triples(points).flat_map(|x| f16::from_f32(x).to_le_bytes()).collect::<Vec<u8>>()
        };
        save("identity_delta.f16", self.modes.iter().flat_map(halves).collect());
        save("expression_delta.f16", self.shapes.iter().flat_map(|(_, d)| halves(d)).collect());
        save("uv.f32", self.uvs.iter().flatten().flat_map(|x| x.to_le_bytes()).collect());
        let corners = |of: fn(&Triangle) -> [u32; 3]| {
            let all = self.triangles.iter().flat_map(move |(_, t)| of(t));
            all.flat_map(u32::to_le_bytes).collect::<Vec<u8>>()
        };
        save("tri_v.u32", corners(|t| t.vertex));
        save("tri_uv.u32", corners(|t| t.uv));
        let material = |name: &str| MATERIALS.iter().position(|m| *m == name).unwrap();
        let materials =
            self.triangles.iter().map(|(name, _)| u8::try_from(material(name)).unwrap());
        save("tri_mat.u8", materials.collect());
    }

    pub(crate) fn write_clone(&self, root: &Path) {
        std::fs::create_dir_all(root).unwrap();
        let save = |name: &str, text: String| std::fs::write(root.join(name), text).unwrap();
        let moved = |delta: &Points| {
            let mut points = self.neutral.clone();
            points.add_scaled(delta, 1.0);
            self.obj(&points)
        };
        save("generic_neutral_mesh.obj", self.obj(&self.neutral));
        for (i, mode) in self.modes.iter().enumerate() {
            save(&format!("identity{i:03}.obj"), moved(mode));
        }
        for (name, delta) in &self.shapes {
            save(&format!("{name}.obj"), moved(delta));
        }
        let indices = serde_json::json!({ "idx_to_landmark_verts": self.landmarks.to_vec() });
        save("vertex_indices.json", indices.to_string());
    }

    fn obj(&self, points: &Points) -> String {
        let mut text = String::from("# a made-up head\n");
        for p in points.iter() {
            writeln!(text, "v {} {} {}", p.x, p.y, p.z).unwrap();
        }
        for [u, v] in &self.uvs {
            writeln!(text, "vt {u} {v}").unwrap();
        }
        let mut material = "";
        for (name, triangle) in &self.triangles {
            if *name != material {
                writeln!(text, "usemtl {name}").unwrap();
                material = name;
            }
            let [a, b, c] = std::array::from_fn(|k| [triangle.vertex[k] + 1, triangle.uv[k] + 1]);
            writeln!(text, "f {}/{} {}/{} {}/{}", a[0], a[1], b[0], b[1], c[0], c[1]).unwrap();
        }
        text
    }
}

fn triples(points: &Points) -> impl Iterator<Item = f32> + '_ {
    points.iter().flat_map(|p| [p.x, p.y, p.z])
}
