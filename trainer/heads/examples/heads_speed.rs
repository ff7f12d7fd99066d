//! Measures how many faces a second every head gives on all cores.
//!
//! `cargo run --release -p mien-heads --example heads_speed -- DATA`, where DATA holds `ict_facekit`,
//! `makehuman_head` and, if there is one, `polyhaven_hdri`.

use std::{error::Error, io::Write as _, path::Path, time::Instant};

use mien_heads::{Environment, Faces, HeadError, Maker, ict, makehuman};

const COUNT: u64 = 800;
const SIDE: u32 = 96;

fn main() -> Result<(), Box<dyn Error>> {
    let data = std::env::args().nth(1).ok_or("name the data folder")?;
    let data = Path::new(&data);
    let maps = data.join("polyhaven_hdri");
    let maps = if maps.is_dir() { Environment::open_all(&maps)? } else { Vec::new() };
    let mut out = std::io::stdout().lock();
    for name in ["procedural", "ict", "makehuman"] {
        let opened = Instant::now();
        let mut faces = Faces::new(maker(name, data)?, 1, SIDE, 10_000);
        faces.maps.clone_from(&maps);
        let opening = opened.elapsed().as_secs_f32();
        faces.faces(0..16);
        let started = Instant::now();
        let made = faces.faces(0..COUNT).len() as f32;
        let rate = made / started.elapsed().as_secs_f32();
        writeln!(out, "{name}: {rate:.0} faces/s of {SIDE}x{SIDE}, opened in {opening:.1} s")?;
    }
    Ok(())
}

fn maker(name: &str, data: &Path) -> Result<Maker, HeadError> {
    Ok(match name {
        "ict" => Maker::Head(Box::new(ict::open(&data.join("ict_facekit"))?)),
        "makehuman" => Maker::Head(Box::new(makehuman::open(&data.join("makehuman_head"))?)),
        _ => Maker::Procedural,
    })
}
