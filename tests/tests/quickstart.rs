//! A newcomer's first bundle runs on the device.

use mien_device::{face::Vision, models::Models, reading::Observation};
use mien_shared::frame::{Frame, FrameId, PixelFormat, Timestamp};
use mien_synth::Performer;
use mien_trainer::command::quickstart::quickstart;

/// A frame of the built-in performer as a camera would deliver it.
fn frame() -> Frame {
    let performer = Performer::new(5, 320, 240);
    let (picture, _) = mien_synth::render(&performer.frame(10));
    Frame {
        id: FrameId(0),
        captured_at: Timestamp::default(),
        width: picture.width,
        height: picture.height,
        stride: 3 * picture.width,
        format: PixelFormat::Rgb,
        data: picture.data,
    }
}

#[test]
fn the_quickstart_bundle_reads_a_face_on_the_device() {
    let out = tempfile::tempdir().expect("a temporary folder");
    quickstart(out.path(), 64).expect("the quickstart runs");
    let models = Models::load(&[out.path().join("models")]).expect("the device takes the folder");
    assert_eq!(models.expression.manifest.name, "resnet_s.synthetic_int8");
    let mut vision = Vision::new(&models).expect("both networks are built");
    let mut seen = Observation::empty();
    vision.look(&frame(), &mut seen).expect("the frame is read");
    assert_eq!(seen.faces.len(), 1, "the shipped detector finds the performer");
    let probs = seen.faces[0].probs.expect("the face is cut out and read");
    let sum: f32 = probs.iter().sum();
    assert!((sum - 1.0).abs() < 1e-4, "probabilities sum to {sum}");
}
