//! Measures the renderer on one core: random 96×96 scenes, and the performer at 640×480.
//!
//! `cargo run --release -p mien-synth --example speed`

use std::{io::Write as _, time::Instant};

use mien_shared::frame::Rgb;
use mien_synth::{Performer, Renderer, Scene};

fn main() -> std::io::Result<()> {
    let performer = Performer::new(1, 640, 480);
    report("96x96 random scenes", 300, |n| Scene::random(n, None, 96))?;
    report("640x480 performer", 750, |n| performer.frame(n))
}

/// Renders `count` scenes and prints quantiles of the milliseconds each took.
fn report(what: &str, count: u16, scene: impl Fn(u64) -> Scene) -> std::io::Result<()> {
    let mut renderer = Renderer::new();
    let mut picture = Rgb::default();
    let mut millis: Vec<f32> = (0..count)
        .map(|n| {
            let started = Instant::now();
            renderer.render_into(&scene(u64::from(n)), &mut picture);
            started.elapsed().as_secs_f32() * 1e3
        })
        .collect();
    millis.sort_by(f32::total_cmp);
    let at = |tenths: usize| millis[(millis.len() - 1) * tenths / 10];
    let (fast, median, worst) = (at(1), at(5), at(10));
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}: p10 {fast:.1} ms, median {median:.1} ms, worst {worst:.1} ms")
}
