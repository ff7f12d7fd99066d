//! The landmarks a detector finds, and giving them to samples that lack them.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use mien_data::{FacePoints, Sample, points::yaw};
use mien_shared::{
    crop,
    frame::Grey,
    geometry::{LANDMARKS, Point},
};

use crate::{arch::landmarks::LandmarkNet, task::expression::batch::append};

/// Pictures looked at together.
const TOGETHER: usize = 256;

/// The landmarks that `net`, in inference mode, finds in square crops of one size, in their pixels.
pub fn find(net: &LandmarkNet, crops: &[&Grey], device: &Device) -> Vec<FacePoints> {
    crops.chunks(TOGETHER).flat_map(|chunk| find_together(net, chunk, device)).collect()
}

/// Gives each sample the landmarks that `net`, in inference mode, finds in its picture, in the
/// place of those it has; yields how sure it is in the mean, 0..=1.
pub fn give(samples: &mut [Sample], net: &LandmarkNet, device: &Device) -> f32 {
    let crops: Vec<&Grey> = samples.iter().map(|sample| &sample.image).collect();
    let found = find(net, &crops, device);
    let sure: f32 = found.iter().flat_map(|points| points.confidence).sum();
    let mean = sure / (found.len() * LANDMARKS).max(1) as f32;
    for (sample, points) in samples.iter_mut().zip(found) {
        sample.points = Some(Arc::new(points));
    }
    mean
}

fn find_together(net: &LandmarkNet, crops: &[&Grey], device: &Device) -> Vec<FacePoints> {
    let side = net.side();
    let mut pixels = Vec::with_capacity(crops.len() * side * side);
    for crop in crops {
        append(&stretched(crop, side), &mut pixels);
    }
    let x = TensorData::new(pixels, [crops.len(), 1, side, side]);
    let found = net.forward(Tensor::from_data(x, device));
    let sure: Vec<f32> = found.confidence().into_data().iter::<f32>().collect();
    let places: Vec<f32> = found.places.into_data().iter::<f32>().collect();
    let faces = places.as_chunks::<2>().0.as_chunks::<LANDMARKS>().0.iter();
    let sure = sure.as_chunks::<LANDMARKS>().0;
    let face = |((places, &confidence), crop): ((&[[f32; 2]; LANDMARKS], _), &&Grey)| {
        let size = [crop.width as f32, crop.height as f32];
        let places = places.map(|[x, y]| Point { x: x * size[0], y: y * size[1] });
        FacePoints { places, confidence, yaw: yaw(&places) }
    };
    faces.zip(sure).zip(crops).map(face).collect()
}

/// The crop at the size a network takes.
fn stretched(picture: &Grey, side: usize) -> Grey {
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    if (picture.width, picture.height) == (side, side) {
        return picture.clone();
    }
    let mut out = Grey::new(side, side);
    crop::letterbox(picture, &mut out);
    out
}
