//! Who a `MakeHuman` head is: a mixture of macro shapes, then shape targets drawn at random.
//!
//! Macro targets lead from the base mesh to a young or old (or child) woman or man of one
//! ancestry; their weights are products of shares that sum to one. Shape targets come in opposite
//! pairs (`decr`/`incr`, `down`/`up`, …), an axis each, drawn from a normal distribution; the two
//! halves of the face share their axes but for a little asymmetry.

use mien_synth::{Identity, math::smoothstep};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;

use super::action::KINS;
use crate::{ict::normal, mesh::Points, rig::Shape};

/// Opposite endings of target names.
const OPPOSITES: [(&str, &str); 8] = [
    ("-decr", "-incr"),
    ("-down", "-up"),
    ("-in", "-out"),
    ("-backward", "-forward"),
    ("-concave", "-convex"),
    ("-compress", "-uncompress"),
    ("-1-l", "-1-r"),
    ("-2-l", "-2-r"),
];
/// Folders of targets that make a face, with the spread of their axes.
const FOLDERS: [(&str, f32); 11] = [
    ("head/", 0.18),
    ("forehead/", 0.23),
    ("eyebrows/", 0.16),
    ("eyes/", 0.20),
    ("nose/", 0.21),
    ("mouth/", 0.20),
    ("cheek/", 0.23),
    ("chin/", 0.23),
    ("ears/", 0.23),
    ("neck/", 0.16),
    ("asym/", 0.16),
];
/// Targets that move whole features too far, or age a face in place of its macros.
const LEFT_OUT: [&str; 6] = [
    "head/head-trans",
    "head/head-age",
    "neck/neck-trans",
    "mouth/mouth-trans",
    "asym/asymm",
    "eye-trans",
];
/// Ages of the macro shapes.
const AGES: [&str; 3] = ["child", "young", "old"];
/// Macro shapes: three ancestries, two sexes, three ages.
const PEOPLE: usize = 18;
/// Share of faces that are partly a child's.
const CHILDREN: f64 = 0.06;
/// Asymmetry of paired axes.
const UNEVEN: f32 = 0.08;

/// An axis of shape: the targets of its two ends.
#[derive(Debug, Default)]
struct Axis {
    stem: String,
    spread: f32,
    negative: Option<usize>,
    positive: Option<usize>,
}

/// The shapes that make identities.
#[derive(Debug)]
pub(super) struct Macros {
    shapes: Vec<Shape>,
    /// The macro shapes by ancestry, sex (female first) and age (child, young, old), in this order.
    people: [usize; PEOPLE],
    axes: Vec<Axis>,
}

impl Macros {
    /// Picks the identity's targets out of all.
    ///
    /// # Errors
    /// The name of a macro target that is missing.
    pub(super) fn new(all: &[Shape], find: impl Fn(&str) -> Option<usize>) -> Result<Self, String> {
        let mut shapes = Vec::new();
        let mut people = [0; PEOPLE];
        for (i, at) in people.iter_mut().enumerate() {
            let (kin, sex, age) = (KINS[i / 6], ["female", "male"][i / 3 % 2], AGES[i % 3]);
            let name = format!("macrodetails/{kin}-{sex}-{age}");
            *at = shapes.len();
            shapes.push(all[find(&name).ok_or(name)?].clone());
        }
        let mut axes = Vec::new();
        for shape in all {
            if let Some(spread) = spread(&shape.name) {
                file(&mut axes, &shape.name, shapes.len(), spread);
                shapes.push(shape.clone());
            }
        }
        Ok(Self { shapes, people, axes })
    }
}

impl crate::head::Sculptor for Macros {
    fn sculpt(&self, identity: &Identity, points: &mut Points) -> [f32; 3] {
        let mut rng = Pcg64::seed_from_u64(identity.seed ^ 0x4D48_4845_4144_3031);
        let kins = kins(identity, &mut rng);
        let ages = ages(identity, &mut rng);
        let female = smoothstep(0.25, 0.75, identity.femininity);
        for (i, &shape) in self.people.iter().enumerate() {
            let share = kins[i / 6] * [female, 1.0 - female][i / 3 % 2] * ages[i % 3];
            self.shapes[shape].add_to(share, points);
        }
        let mut shared = Vec::new();
        for axis in &self.axes {
            let value = axis.draw(&mut shared, &mut rng);
            let end = if value < 0.0 { axis.negative } else { axis.positive };
            if let Some(shape) = end {
                self.shapes[shape].add_to(value.abs(), points);
            }
        }
        kins
    }
}

impl Axis {
    /// The person's place on the axis, -1..=1; `shared` holds what was drawn for the other half
    /// of the face.
    fn draw(&self, shared: &mut Vec<(String, f32)>, rng: &mut Pcg64) -> f32 {
        let even = both_sides(&self.stem);
        let known = shared.iter().find(|(stem, _)| *stem == even).map(|(_, value)| *value);
        let value = known.unwrap_or_else(|| {
            let value = self.spread * normal(rng);
            shared.push((even, value));
            value
        });
        (value + UNEVEN * self.spread * normal(rng)).clamp(-1.0, 1.0)
    }
}

/// The spread of a target's axis; `None` for one that makes no identity.
fn spread(name: &str) -> Option<f32> {
    if LEFT_OUT.iter().any(|part| name.contains(part)) {
        return None;
    }
    FOLDERS.iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, spread)| *spread)
}

/// Adds a target to the end of its axis.
fn file(axes: &mut Vec<Axis>, name: &str, shape: usize, spread: f32) {
    let split = OPPOSITES.iter().find_map(|(negative, positive)| {
        let low = name.strip_suffix(negative).map(|stem| (stem, false));
        low.or_else(|| name.strip_suffix(positive).map(|stem| (stem, true)))
            .map(|(stem, up)| (format!("{stem}{positive}"), up))
    });
    let (stem, up) = split.unwrap_or((name.to_owned(), true));
    let at = axes.iter().position(|axis| axis.stem == stem).unwrap_or_else(|| {
        axes.push(Axis { stem, spread, ..Axis::default() });
        axes.len() - 1
    });
    let end = if up { &mut axes[at].positive } else { &mut axes[at].negative };
    *end = Some(shape);
}

/// A stem without its side.
fn both_sides(stem: &str) -> String {
    stem.replace("/l-", "/").replace("/r-", "/")
}

/// Shares of the ancestries: random, but darker skin is more often African.
fn kins(identity: &Identity, rng: &mut Pcg64) -> [f32; 3] {
    let tone = identity.skin.tone;
    let lean = [0.15 + 1.6 * tone * tone, 0.8, 0.25 + 1.3 * (1.0 - tone).powi(2)];
    let drawn = lean.map(|lean| lean * rng.random::<f32>().powi(2));
    let sum = drawn.iter().sum::<f32>().max(1e-3);
    drawn.map(|share| share / sum)
}

/// Shares of child, young and old.
fn ages(identity: &Identity, rng: &mut Pcg64) -> [f32; 3] {
    let child = if rng.random_bool(CHILDREN) { rng.random_range(0.2..0.6) } else { 0.0 };
    let old = 0.9 * identity.age * (1.0 - child);
    [child, 1.0 - child - old, old]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Sculptor as _;

    fn shape(name: &str, x: f32) -> Shape {
        Shape::new(name, &Points::from_triples(&[x, 0.0, 0.0]))
    }

    fn macros(extra: &[Shape]) -> Macros {
        let mut all = extra.to_vec();
        for (kin, sex) in KINS.iter().flat_map(|kin| [(kin, "female"), (kin, "male")]) {
            let name = |age| format!("macrodetails/{kin}-{sex}-{age}");
            all.extend(AGES.map(|age| shape(&name(age), 2.0)));
        }
        let find = |name: &str| all.iter().position(|shape| shape.name == name);
        Macros::new(&all, find).unwrap()
    }

    #[test]
    fn macro_shares_sum_to_one() {
        let macros = macros(&[]);
        for seed in 0..20 {
            let mut points = Points::zeros(1);
            let kins = macros.sculpt(&Identity::from_seed(seed), &mut points);
            assert!((points.x[0] - 2.0).abs() < 1e-4, "{seed} {points:?}");
            assert!((kins.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn opposite_targets_share_an_axis_and_sides_share_a_draw() {
        let names = [
            "nose/nose-hump-decr",
            "nose/nose-hump-incr",
            "eyes/l-eye-bag-in",
            "eyes/r-eye-bag-in",
        ];
        let macros = macros(&names.map(|name| shape(name, 1.0)));
        assert_eq!(macros.axes.len(), 3);
        assert!(macros.axes[0].negative.is_some() && macros.axes[0].positive.is_some());
        let mut rng = Pcg64::seed_from_u64(5);
        let mut shared = Vec::new();
        let left = macros.axes[1].draw(&mut shared, &mut rng);
        let right = macros.axes[2].draw(&mut shared, &mut rng);
        assert!((left - right).abs() < 0.15, "{left} {right}");
    }

    #[test]
    fn targets_of_the_body_make_no_face() {
        assert_eq!(spread("asym/asymm-breast-1-l"), None);
        assert_eq!(spread("expression/units/asian/mouth-open"), None);
        assert_eq!(spread("chin/chin-triangle"), Some(0.23));
    }

    #[test]
    fn a_missing_macro_is_named() {
        let error = Macros::new(&[], |_| None).unwrap_err();
        assert_eq!(error, "macrodetails/african-female-child");
    }
}
