//! Where the faces are: luma in, boxes with five points in frame pixels out.

use mien_engine::{Choice, Engine};
use mien_shared::{
    bundle::{Bundle, Task},
    crop::{self, Letterbox},
    detection::{self, CellSpec, Detection},
    frame::Grey,
    geometry::{FivePoints, Similarity},
    input::InputSpec,
};

use super::VisionError;
use crate::stage::{Laps, Stage};

/// The detector's output by name.
const CELLS: &str = "cells";

/// Share of the detector's input that a padded picture takes.
const PADDED_SHARE: f32 = 0.6;

/// How a picture is laid into the detector's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As large as it fits.
    Whole,
    /// Smaller, with its edge repeated around it, so that a face filling the picture looks as far
    /// away as the detector is used to.
    Padded,
}

/// A face detector with its buffers.
#[derive(Debug)]
pub struct Detector {
    engine: Engine,
    input: InputSpec,
    canvas: Grey,
    cells: CellSpec,
    grid: [usize; 2],
}

impl Detector {
    /// Builds a detector bundle's network, to run as `choice` says.
    ///
    /// # Errors
    /// [`VisionError::Task`] when the bundle is no detector, [`VisionError::Engine`] when its
    /// network cannot be built.
    pub fn new(bundle: &Bundle, choice: Choice) -> Result<Self, VisionError> {
        let wrong_task =
            || VisionError::Task { name: bundle.manifest.name.clone(), wanted: "face detector" };
        let &Task::Detect { stride, min_score, max_overlap } = &bundle.manifest.task else {
            return Err(wrong_task());
        };
        let engine = Engine::load_as(bundle, choice)?;
        let Some(&[1, detection::CELL_CHANNELS, rows, columns]) = engine.output_shape(CELLS) else {
            return Err(wrong_task());
        };
        let input = bundle.manifest.input;
        Ok(Self {
            engine,
            input,
            canvas: Grey::new(input.width, input.height),
            cells: CellSpec { stride: stride as f32, min_score, max_overlap },
            grid: [rows, columns],
        })
    }

    /// Fills `out` with the faces in `picture`, best first, in `picture`'s pixels.
    ///
    /// # Errors
    /// [`VisionError::Engine`] when the network fails.
    pub fn find(
        &mut self,
        picture: &Grey,
        view: View,
        out: &mut Vec<Detection>,
        laps: &mut Laps,
    ) -> Result<(), VisionError> {
        let placed = match view {
            View::Whole => crop::letterbox(picture, &mut self.canvas),
            View::Padded => place_padded(picture, &mut self.canvas),
        };
        laps.lap(Stage::Letterbox);
        let outputs = self.engine.look(&self.canvas, &self.input)?;
        laps.lap(Stage::Detect);
        detection::decode(outputs.get(CELLS).unwrap_or(&[]), self.grid, &self.cells, out);
        for found in out.iter_mut() {
            to_source(&placed, found);
        }
        laps.lap(Stage::Decode);
        Ok(())
    }
}

fn place_padded(picture: &Grey, canvas: &mut Grey) -> Letterbox {
    let (width, height) = (canvas.width as f32, canvas.height as f32);
    let (source_width, source_height) = (picture.width.max(1) as f32, picture.height.max(1) as f32);
    let scale = PADDED_SHARE * (width / source_width).min(height / source_height);
    let dx = (width - scale * source_width) / 2.0;
    let dy = (height - scale * source_height) / 2.0;
    let a = 1.0 / scale;
    crop::warp(picture, &Similarity { a, b: 0.0, tx: -dx * a, ty: -dy * a }, canvas);
    Letterbox { scale, dx, dy }
}

fn to_source(placed: &Letterbox, found: &mut Detection) {
    found.rect = placed.rect_to_source(found.rect);
    let points = found.points.to_array().map(|point| placed.to_source(point));
    found.points = FivePoints::from_array(points);
}

#[cfg(test)]
mod tests {
    use mien_shared::geometry::{Point, Rect};

    use super::*;
    use crate::models::fixture;

    #[test]
    fn a_bright_spot_is_found_where_it_is() {
        let mut detector = Detector::new(&fixture::detector(), Choice::default()).unwrap();
        let mut picture = Grey::new(640, 480);
        fixture::spot(&mut picture, [360, 200], 64);
        let mut found = Vec::new();
        detector.find(&picture, View::Whole, &mut found, &mut Laps::default()).unwrap();
        assert_eq!(found.len(), 1);
        let center = found[0].rect.center();
        assert!((center.x - 360.0).abs() < 2.0 && (center.y - 200.0).abs() < 2.0, "{center:?}");
    }

    #[test]
    fn a_padded_view_maps_back_to_the_same_place() {
        let mut detector = Detector::new(&fixture::detector(), Choice::default()).unwrap();
        let mut picture = Grey::new(200, 320);
        fixture::spot(&mut picture, [56, 204], 50);
        let mut found = Vec::new();
        detector.find(&picture, View::Padded, &mut found, &mut Laps::default()).unwrap();
        let center = found[0].rect.center();
        assert!((center.x - 56.0).abs() < 4.0 && (center.y - 204.0).abs() < 4.0, "{center:?}");
    }

    #[test]
    fn an_expression_bundle_is_no_detector() {
        let error = Detector::new(&fixture::expression(), Choice::default()).unwrap_err();
        assert!(error.to_string().contains("it is no face detector"), "{error}");
    }

    #[test]
    fn points_and_boxes_move_together() {
        let placed = Letterbox { scale: 0.5, dx: 10.0, dy: 0.0 };
        let points = FivePoints::from_array([Point { x: 20.0, y: 8.0 }; 5]);
        let rect = Rect { x: 10.0, y: 4.0, w: 6.0, h: 8.0 };
        let mut found = Detection { rect, score: 1.0, points };
        to_source(&placed, &mut found);
        assert_eq!(found.rect, Rect { x: 0.0, y: 8.0, w: 12.0, h: 16.0 });
        assert_eq!(found.points.nose, Point { x: 20.0, y: 16.0 });
    }
}
