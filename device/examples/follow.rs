//! How well faces are followed between detections, against the performer's exact labels.
//!
//! One table: the shipped detector alone, and with faces followed between every 2nd, 5th … frame.
//! Errors of the five points are in eye distances, from the labels; the jitter is how much a
//! point moves from one frame to the next beyond what the label moves.
//!
//! `cargo run --release -p mien-device --example follow`

#![expect(clippy::print_stdout, reason = "it reports")]

use std::error::Error;

use mien_device::{
    face::Vision, models::Models, reading::Observation, stage::Stage, track::Watching,
};
use mien_shared::{
    frame::{Frame, FrameId, PixelFormat, Rgb, Timestamp},
    geometry::{FivePoints, Rect},
};
use mien_synth::{Labels, Performer, Renderer};

/// Detector rates that are compared; the first is the detector alone.
const RATES: [u32; 5] = [1, 2, 5, 10, 15];

/// Performances, and the frames of each.
const SEEDS: u64 = 6;
const FRAMES: std::ops::Range<u64> = 90..300;

fn main() -> Result<(), Box<dyn Error>> {
    let models = Models::shipped()?;
    let mut rows = Vec::new();
    for detect_every in RATES {
        let watching = Watching { detect_every, ..Watching::default() };
        rows.push((Vision::with(&models, watching)?, Row::default()));
    }
    let mut seen = Observation::empty();
    for seed in 1..=SEEDS {
        let (performer, mut renderer) = (Performer::new(seed, 640, 480), Renderer::new());
        let mut picture = Rgb::default();
        for (_, row) in &mut rows {
            row.last = None;
        }
        for n in FRAMES {
            let labels = renderer.render_into(&performer.frame(n), &mut picture);
            let frame = frame(n, &picture);
            let mut alone = None;
            for (vision, row) in &mut rows {
                vision.look(&frame, &mut seen)?;
                let face = seen.faces.first().map(|face| (face.rect, face.points));
                alone = alone.or(face.map(|face| face.0));
                let detected = !seen.laps.cost(Stage::Detect).time.is_zero();
                row.add(face, alone, detected, &labels);
            }
        }
    }
    println!(
        "| every | detected | seen | error | 95 % | jitter | IoU with the detector's | least |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (rate, (_, row)) in RATES.iter().zip(&mut rows) {
        row.print(*rate);
    }
    Ok(())
}

/// What one rate came to.
#[derive(Default)]
struct Row {
    frames: u32,
    detected: u32,
    errors: Vec<f32>,
    jitter: Vec<f32>,
    overlap: Vec<f32>,
    last: Option<(FivePoints, FivePoints)>,
}

impl Row {
    fn add(
        &mut self,
        face: Option<(Rect, FivePoints)>,
        alone: Option<Rect>,
        detected: bool,
        labels: &Labels,
    ) {
        self.frames += 1;
        self.detected += u32::from(detected);
        let Some((rect, points)) = face else {
            self.last = None;
            return;
        };
        let truth = FivePoints::from_landmarks(&labels.landmarks);
        let eyes = truth.right_eye.x - truth.left_eye.x;
        self.errors.push(apart(&points, &truth) / eyes);
        self.overlap.extend(alone.map(|alone| alone.iou(&rect)));
        if let Some((before, truth_before)) = self.last {
            self.jitter.push(apart(&moved(&before, &points), &moved(&truth_before, &truth)) / eyes);
        }
        self.last = Some((points, truth));
    }

    fn print(&mut self, rate: u32) {
        let share = |count: f32| 100.0 * count / self.frames as f32;
        let (detected, seen) = (share(self.detected as f32), share(self.errors.len() as f32));
        let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len().max(1) as f32;
        let (error, jitter, overlap) =
            (mean(&self.errors), mean(&self.jitter), mean(&self.overlap));
        self.errors.sort_by(f32::total_cmp);
        let tail = self.errors.get(self.errors.len() * 95 / 100).copied().unwrap_or(f32::NAN);
        let least = self.overlap.iter().copied().fold(1.0, f32::min);
        println!(
            "| {rate} | {detected:.0} % | {seen:.1} % | {error:.4} | {tail:.4} | {jitter:.4} | {overlap:.3} | {least:.3} |"
        );
    }
}

/// Mean distance of five points from their partners.
fn apart(a: &FivePoints, b: &FivePoints) -> f32 {
    let pairs = a.to_array().into_iter().zip(b.to_array());
    pairs.map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).sum::<f32>() / 5.0
}

/// From where to where each point went.
fn moved(from: &FivePoints, to: &FivePoints) -> FivePoints {
    let (from, to) = (from.to_array(), to.to_array());
    FivePoints::from_array(std::array::from_fn(|i| mien_shared::geometry::Point {
        x: to[i].x - from[i].x,
        y: to[i].y - from[i].y,
    }))
}

fn frame(n: u64, picture: &Rgb) -> Frame {
    Frame {
        id: FrameId(n),
        captured_at: Timestamp::default(),
        width: picture.width,
        height: picture.height,
        stride: 3 * picture.width,
        format: PixelFormat::Rgb,
        data: picture.data.clone(),
    }
}
