//! Time to change one picture, for a recipe and for each effect alone.
//!
//! ```text
//! cargo run --release -p mien-data --example augment_speed [recipe.toml]
//! ```
//!
//! Prints microseconds a picture on one core, for 48 × 48 grey crops of rendered faces; an effect's
//! line is the time with it always on, less that of no change at all.

#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::hint::black_box;

use mien_data::{
    augment::{Augment, Camera, Fill, Occlude, rng},
    synth,
};
use mien_shared::frame::Grey;
use rustix::time::{ClockId, clock_gettime};

/// Pictures of one round.
const PICTURES: u64 = 256;
/// Rounds for one figure.
const ROUNDS: u32 = 16;
/// The recipe of the shipped expression network.
const RECIPE: &str = include_str!("../../recipes/resnet_s.ferplus.toml");
/// Settings that leave a picture alone.
const NONE: Augment = Augment::NONE;
/// A camera without faults.
const FAIR: Camera = Camera::NONE;
/// Something in front of every face, but nothing to choose from.
const THING: Occlude = Occlude {
    probability: 1.0,
    hand: 0.0,
    sunglasses: 0.0,
    mask: 0.0,
    scarf: 0.0,
    hair: 0.0,
    hat: 0.0,
    phone: 0.0,
    microphone: 0.0,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => RECIPE.to_owned(),
    };
    let recipe: toml::Table = toml::from_str(&text)?;
    let augment = recipe.get("task").and_then(|task| task.get("augment"));
    let augment: Augment = augment.ok_or("the recipe has no [task.augment]")?.clone().try_into()?;
    augment.check()?;
    let faces: Vec<Grey> = synth::pictures(1, 32, 48).into_iter().map(|(face, _)| face).collect();
    let nothing = time(&Augment::NONE, &faces);
    println!("{:<12} {:>7.1} us", "recipe", time(&augment, &faces));
    println!("{:<12} {nothing:>7.1} us", "no change");
    for (name, augment) in effects() {
        println!("{name:<12} {:>7.1} us more", time(&augment, &faces) - nothing);
    }
    Ok(())
}

/// Effects, each always on.
fn effects() -> [(&'static str, Augment); 22] {
    let camera = |camera| Augment { camera, ..NONE };
    let thing = |occlude| Augment { occlude, ..NONE };
    [
        ("geometry", Augment { flip: 0.5, rotate_deg: 12.0, scale: 0.1, shift_px: 3.0, ..NONE }),
        ("crop", Augment { crop_px: 40, ..NONE }),
        ("exposure", Augment { brightness: 0.2, contrast: 0.3, gamma: 0.5, ..NONE }),
        ("blur", Augment { blur: 1.0, ..NONE }),
        ("noise", Augment { noise: 1.0, noise_level: 8.0, ..NONE }),
        ("erase", Augment { erase: 1.0, erase_side: 0.4, erase_fill: Fill::Any, ..NONE }),
        ("defocus", camera(Camera { defocus: 1.0, ..FAIR })),
        ("motion", camera(Camera { motion: 1.0, ..FAIR })),
        ("vignette", camera(Camera { vignette: 1.0, ..FAIR })),
        ("low light", camera(Camera { low_light: 1.0, ..FAIR })),
        ("band", camera(Camera { band: 1.0, ..FAIR })),
        ("interlace", camera(Camera { interlace: 1.0, ..FAIR })),
        ("shrink", camera(Camera { shrink: 1.0, ..FAIR })),
        ("jpeg", camera(Camera { jpeg: 1.0, ..FAIR })),
        ("hand", thing(Occlude { hand: 1.0, ..THING })),
        ("sunglasses", thing(Occlude { sunglasses: 1.0, ..THING })),
        ("mask", thing(Occlude { mask: 1.0, ..THING })),
        ("scarf", thing(Occlude { scarf: 1.0, ..THING })),
        ("hair", thing(Occlude { hair: 1.0, ..THING })),
        ("hat", thing(Occlude { hat: 1.0, ..THING })),
        ("phone", thing(Occlude { phone: 1.0, ..THING })),
        ("microphone", thing(Occlude { microphone: 1.0, ..THING })),
    ]
}

/// Microseconds of processor time a picture takes, in the fastest of some rounds: the figure that
/// what else runs disturbs least.
fn time(augment: &Augment, faces: &[Grey]) -> f64 {
    (0..ROUNDS).map(|_| round(augment, faces)).fold(f64::INFINITY, f64::min)
}

fn round(augment: &Augment, faces: &[Grey]) -> f64 {
    let mut out = Grey::default();
    let start = used();
    for (id, face) in (0..PICTURES).zip(faces.iter().cycle()) {
        augment.apply(face, &mut rng(1, 0, id), &mut out);
        black_box(&out);
    }
    (used() - start) / PICTURES as f64
}

/// Processor time of this thread in microseconds.
fn used() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
