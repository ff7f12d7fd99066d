//! Where Mien's detector finds the five points in FER2013's training pictures, on average:
//! the figures of `export::model::TEMPLATE`.
//!
//! `cargo run --release -p mien-trainer --example template -- DETECTOR.mien DATA/fer2013_ferplus`

#![expect(clippy::print_stdout, reason = "an example's result goes to standard output")]

use std::{env, error::Error, path::Path};

use mien_data as data;
use mien_engine::Engine;
use mien_shared::{
    bundle::{Bundle, Task},
    crop,
    detection::{self, CellSpec},
    frame::Grey,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let usage = "usage: template DETECTOR.mien FERPLUS_FOLDER";
    let bundle = Bundle::read(Path::new(&args.next().ok_or(usage)?))?;
    let set = data::open("ferplus", Path::new(&args.next().ok_or(usage)?), "train")?;
    let Task::Detect { stride, min_score, max_overlap } = bundle.manifest.task else {
        return Err("the bundle is no detector".into());
    };
    let spec = CellSpec { stride: stride as f32, min_score, max_overlap };
    let input = bundle.manifest.input;
    let mut engine = Engine::load(&bundle)?;
    let mut fitted = Grey::new(input.width, input.height);
    let (mut sums, mut found, mut faces) = ([[0.0_f64; 2]; 5], Vec::new(), 0.0_f64);
    for sample in &set.samples {
        let letterbox = crop::letterbox(&sample.image, &mut fitted);
        let cells = engine.run(|x| input.normalize(&fitted, x))?;
        let grid = [input.height / stride, input.width / stride].map(|n| n as usize);
        detection::decode(cells.get("cells").ok_or("no cells")?, grid, &spec, &mut found);
        let Some(best) = found.first() else { continue };
        faces += 1.0;
        for (sum, point) in sums.iter_mut().zip(best.points.to_array()) {
            let point = letterbox.to_source(point);
            sum[0] += f64::from(point.x) / f64::from(sample.image.width);
            sum[1] += f64::from(point.y) / f64::from(sample.image.height);
        }
    }
    eprintln!("{faces} faces in {} pictures", set.samples.len());
    for [x, y] in sums {
        println!("x: {:.3}, y: {:.3}", x / faces, y / faces);
    }
    Ok(())
}
