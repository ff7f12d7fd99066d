//! Strands of hair across the face: a lock over an eye, a fringe, a few loose hairs.

use std::ops::Range;

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::{
    Setting,
    paint::{Shadow, Thing, Touch, dyed, shaded},
    shape::{Vec2, mix, step},
    texture::Detail,
};

/// Where every lock begins.
const ROOT: f32 = -1.5;
const HAIR: [[f32; 3]; 6] = [
    [24.0, 20.0, 20.0],
    [55.0, 38.0, 28.0],
    [95.0, 65.0, 42.0],
    [175.0, 140.0, 90.0],
    [120.0, 68.0, 42.0],
    [160.0, 158.0, 155.0],
];

/// A tapering lock that hangs in an arc.
struct Lock {
    root: f32,
    tip: Vec2,
    /// How far it swings out on its way.
    swing: f32,
    width: f32,
    detail: Detail,
    seed: u32,
}

struct Hair {
    locks: Vec<Lock>,
    /// Lower border of a fringe.
    fringe: Option<f32>,
    colour: [f32; 3],
    detail: Detail,
    seed: u32,
}

/// Locks from one side, with or without a fringe.
pub(super) fn make(setting: &Setting, rng: &mut Pcg64) -> Box<dyn Thing> {
    let side = if rng.random() { 1.0 } else { -1.0 };
    let fringe = (rng.random::<f32>() < 0.35).then(|| rng.random_range(-0.45..-0.05));
    let thick = if fringe.is_some() { 0 } else { rng.random_range(1..=2) };
    let loose = rng.random_range(3..=7);
    let widths =
        std::iter::repeat_n(0.16..0.42, thick).chain(std::iter::repeat_n(0.02..0.05, loose));
    let locks = widths.map(|width| Lock::random(side, width, setting.detail, rng)).collect();
    let colour = dyed(&HAIR, rng);
    Box::new(Hair { locks, fringe, colour, detail: setting.detail, seed: rng.random() })
}

impl Lock {
    fn random(side: f32, width: Range<f32>, detail: Detail, rng: &mut Pcg64) -> Self {
        Self {
            root: side * rng.random_range(0.0..0.9),
            tip: [side * rng.random_range(0.15..1.25), rng.random_range(0.3..1.9)],
            swing: side * rng.random_range(-0.35..0.15),
            width: rng.random_range(width),
            detail,
            seed: rng.random(),
        }
    }

    /// Distance and brightness at a place.
    fn at(&self, [u, v]: Vec2) -> (f32, f32) {
        let t = ((v - ROOT) / (self.tip[1] - ROOT)).clamp(0.0, 1.0);
        let axis = mix(self.root, self.tip[0], t * t) + self.swing * 4.0 * t * (1.0 - t);
        let width = self.width * (1.0 - t.powi(4)) * mix(1.15, 0.7, t);
        let across = (u - axis) / self.width;
        let off = (u - axis).abs() - 1.25 * width;
        if self.detail.beyond(off) {
            return (off.max(v - self.tip[1]), 1.0);
        }
        // A loose hair is one strand, a lock is many.
        let strands = self.detail.coarse(60.0_f32.min(9.0 / self.width));
        let strand = self.detail.noise([u - axis, v], [strands, 1.3], self.seed);
        let ragged = (5.0 * self.width).min(0.5) * strand;
        let distance = (u - axis).abs() - width * (0.75 + ragged);
        // A band of shine where the lock bends.
        let shine = 0.5 * (1.0 - step(0.0, 0.3, (t - 0.45 + 0.1 * across).abs()));
        let light = mix(0.55, 1.3, strand) * (1.0 - 0.3 * across.abs().min(1.0)) + shine * strand;
        (distance.max(v - self.tip[1]).max(ROOT - v), light)
    }
}

impl Hair {
    /// Distance and brightness of the fringe.
    fn fringe(&self, bottom: f32, [u, v]: Vec2) -> (f32, f32) {
        let shortest = bottom + 0.12 * u * u;
        if self.detail.beyond(v - shortest - 0.3) {
            return (v - shortest, 1.0);
        }
        let comb = self.detail.noise([u + 0.1 * v, 0.0], [7.0, 0.0], self.seed);
        let ragged = self.detail.noise([u, 0.0], [19.0, 0.0], self.seed ^ 1);
        let tips = 0.4 * (comb - 0.5) + 0.2 * (ragged - 0.5);
        let strand =
            self.detail.noise([u + 0.1 * v, v], [self.detail.coarse(26.0), 1.1], self.seed ^ 2);
        let shine = 0.3 * (1.0 - step(0.0, 0.25, (v + 0.75).abs())) * strand;
        (
            (v - shortest - tips).max(u.abs() - 1.25).max(ROOT - v),
            mix(0.5, 1.2, strand) * mix(0.8, 1.1, comb) + shine,
        )
    }
}

impl Thing for Hair {
    fn touch(&self, at: Vec2) -> Touch {
        let fringe = self.fringe.map(|bottom| self.fringe(bottom, at));
        let all = self.locks.iter().map(|lock| lock.at(at)).chain(fringe);
        let (distance, light) =
            all.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f32::INFINITY, 1.0));
        Touch { distance, colour: shaded(self.colour, light), opacity: 0.95 }
    }

    fn shadow(&self) -> Shadow {
        Shadow { depth: 0.22, reach: 0.1 }
    }
}
