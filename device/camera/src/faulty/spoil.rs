//! What a fault does to one frame.

use mien_shared::frame::{Frame, MAX_SIDE, PixelFormat};
use rand::{Rng, RngExt as _};

/// Sides that no honest source states, beside the true one's half and double.
const SIDES: [u32; 6] = [0, 1, 2, MAX_SIDE, MAX_SIDE + 1, u32::MAX];

const FORMATS: [PixelFormat; 7] = [
    PixelFormat::Grey,
    PixelFormat::Rgb,
    PixelFormat::Bgr,
    PixelFormat::Yuyv,
    PixelFormat::Nv12,
    PixelFormat::I420,
    PixelFormat::Mjpeg,
];

/// Overwrites a random run of bytes, at most an eighth of them.
pub(super) fn corrupt(frame: &mut Frame, chance: &mut impl Rng) {
    if frame.data.is_empty() {
        return;
    }
    let start = chance.random_range(0..frame.data.len());
    let len = chance.random_range(1..=frame.data.len() / 8 + 1);
    frame.data.iter_mut().skip(start).take(len).for_each(|byte| *byte = chance.random());
}

/// Cuts or extends the buffer, up to a quarter too long.
pub(super) fn resize(frame: &mut Frame, chance: &mut impl Rng) {
    let most = frame.data.len() + frame.data.len() / 4;
    frame.data.resize(chance.random_range(0..=most), 0xaa);
}

/// Lets the head state another size, stride or format than the bytes have.
pub(super) fn lie(frame: &mut Frame, chance: &mut impl Rng) {
    match chance.random_range(0..4) {
        0 => frame.width = side(frame.width, chance),
        1 => frame.height = side(frame.height, chance),
        2 => frame.stride = side(frame.stride, chance),
        _ => frame.format = FORMATS[chance.random_range(0..FORMATS.len())],
    }
}

fn side(honest: u32, chance: &mut impl Rng) -> u32 {
    let doubled = honest.saturating_mul(2);
    let index = chance.random_range(0..SIDES.len() + 2);
    SIDES.iter().copied().chain([honest / 2, doubled]).nth(index).unwrap_or(0)
}

/// Makes it a whole frame of another size or format: the luma plane of a planar one, the upper
/// half of a packed one. A JPEG picture stays as it is.
pub(super) fn reformat(frame: &mut Frame) {
    match frame.format {
        PixelFormat::Nv12 | PixelFormat::I420 => frame.format = PixelFormat::Grey,
        PixelFormat::Grey | PixelFormat::Rgb | PixelFormat::Bgr | PixelFormat::Yuyv => {
            frame.height = (frame.height / 2).max(1);
        }
        PixelFormat::Mjpeg => return,
    }
    frame.data.truncate(frame.stride as usize * frame.height as usize);
}

#[cfg(test)]
mod tests {
    use mien_shared::{
        frame::{Grey, Timestamp},
        pixels::Decoder,
    };
    use rand::SeedableRng as _;
    use rand_pcg::Pcg32;

    use super::*;
    use crate::layout::Layout;

    fn frame(format: PixelFormat) -> Frame {
        let layout = Layout::packed(format, 16, 8);
        let mut frame = Frame { data: vec![7; layout.bytes()], ..Frame::empty() };
        layout.stamp(&mut frame, 0, Timestamp::default());
        frame
    }

    #[test]
    fn a_frame_of_another_format_is_whole() {
        let (mut decoder, mut grey) = (Decoder::new(), Grey::default());
        for format in &FORMATS[..6] {
            let mut other = frame(*format);
            reformat(&mut other);
            let head = |frame: &Frame| (frame.height, frame.format);
            assert_ne!(head(&other), head(&frame(*format)), "{format:?}");
            decoder.to_grey(&other, &mut grey).unwrap();
        }
    }

    #[test]
    fn no_spoilt_frame_makes_the_decoder_panic() {
        let (mut decoder, mut grey) = (Decoder::new(), Grey::default());
        let (mut refused, mut chance) = (0, Pcg32::seed_from_u64(1));
        for _ in 0..2000 {
            for format in FORMATS {
                let mut spoilt = frame(format);
                corrupt(&mut spoilt, &mut chance);
                resize(&mut spoilt, &mut chance);
                lie(&mut spoilt, &mut chance);
                refused += u32::from(decoder.to_grey(&spoilt, &mut grey).is_err());
            }
        }
        assert!(refused > 10_000, "{refused} of 14000");
    }
}
