//! A rendered picture in the layout a real camera would deliver it in.
//!
//! YUV is BT.601 in full range, the inverse of what [`mien_shared::pixels`] decodes, in 8-bit
//! fixed point; a chroma sample is that of the mean colour of the pixels it covers.

use mien_shared::frame::{PixelFormat, Rgb};

/// Whether a picture of this size has whole chroma samples in `format`.
pub(super) fn fits(format: PixelFormat, width: u32, height: u32) -> bool {
    match format {
        PixelFormat::Grey | PixelFormat::Rgb | PixelFormat::Bgr => true,
        PixelFormat::Yuyv => width.is_multiple_of(2),
        PixelFormat::Nv12 | PixelFormat::I420 => {
            width.is_multiple_of(2) && height.is_multiple_of(2)
        }
        PixelFormat::Mjpeg => false,
    }
}

/// Replaces `out` by `image` in `format`, rows without padding; the size must [`fits`], else
/// `out` lacks the pixels at the edge.
pub(super) fn encode(image: &Rgb, format: PixelFormat, out: &mut Vec<u8>) {
    out.clear();
    let pixels = image.data.as_chunks::<3>().0;
    match format {
        PixelFormat::Grey => out.extend(pixels.iter().copied().map(luma)),
        PixelFormat::Rgb => out.extend_from_slice(&image.data),
        PixelFormat::Bgr => out.extend(pixels.iter().flat_map(|&[r, g, b]| [b, g, r])),
        PixelFormat::Yuyv => out.extend(pixels.as_chunks().0.iter().copied().flat_map(yuyv)),
        PixelFormat::I420 => {
            out.extend(pixels.iter().copied().map(luma));
            out.extend(quads(image).map(|mean| chroma(mean)[0]));
            out.extend(quads(image).map(|mean| chroma(mean)[1]));
        }
        PixelFormat::Nv12 => {
            out.extend(pixels.iter().copied().map(luma));
            out.extend(quads(image).flat_map(chroma));
        }
        PixelFormat::Mjpeg => {}
    }
}

/// Red, green, blue.
type Pixel = [u8; 3];

fn luma([r, g, b]: Pixel) -> u8 {
    narrow((77 * i32::from(r) + 150 * i32::from(g) + 29 * i32::from(b) + 128) >> 8)
}

/// `[U, V]` of a colour.
fn chroma([red, green, blue]: [i32; 3]) -> [u8; 2] {
    let blueness = (-43 * red - 85 * green + 128 * blue + 128) >> 8;
    let redness = (128 * red - 107 * green - 21 * blue + 128) >> 8;
    [narrow(blueness + 128), narrow(redness + 128)]
}

fn yuyv([left, right]: [Pixel; 2]) -> [u8; 4] {
    let [u, v] = chroma(mean([left, right]));
    [luma(left), u, luma(right), v]
}

/// The mean colour of each 2 × 2 block, row by row.
fn quads(image: &Rgb) -> impl Iterator<Item = [i32; 3]> + '_ {
    let width = image.width as usize;
    image.data.as_chunks::<3>().0.chunks_exact(2 * width).flat_map(move |rows| {
        let (top, bottom) = rows.split_at(width);
        let pairs = top.chunks_exact(2).zip(bottom.chunks_exact(2));
        pairs.map(|(t, b)| mean([t[0], t[1], b[0], b[1]]))
    })
}

fn mean<const N: usize>(pixels: [Pixel; N]) -> [i32; 3] {
    let count = i32::try_from(N).unwrap_or(i32::MAX);
    [0, 1, 2].map(|channel| {
        let sum: i32 = pixels.iter().map(|pixel| i32::from(pixel[channel])).sum();
        (sum + count / 2) / count
    })
}

fn narrow(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use mien_shared::{
        frame::{Frame, FrameId, Timestamp},
        pixels::Decoder,
    };

    use super::*;
    use crate::layout::Layout;

    const FORMATS: [PixelFormat; 6] = [
        PixelFormat::Grey,
        PixelFormat::Rgb,
        PixelFormat::Bgr,
        PixelFormat::Yuyv,
        PixelFormat::Nv12,
        PixelFormat::I420,
    ];

    /// A smooth picture, so that halved chroma loses little.
    fn picture() -> Rgb {
        let mut image = Rgb::new(64, 32);
        for (i, pixel) in image.data.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let (x, y) = (u8::try_from(i % 64).unwrap(), u8::try_from(i / 64).unwrap());
            *pixel = [x * 3, 255 - y * 5, 60 + x + y];
        }
        image
    }

    fn frame(format: PixelFormat) -> Frame {
        let mut frame = Frame::empty();
        Layout::packed(format, 64, 32).stamp(&mut frame, 7, Timestamp::default());
        encode(&picture(), format, &mut frame.data);
        assert_eq!(frame.id, FrameId(7));
        frame
    }

    #[test]
    fn every_format_has_the_bytes_of_its_layout() {
        for format in FORMATS {
            let bytes = Layout::packed(format, 64, 32).bytes();
            assert_eq!(frame(format).data.len(), bytes, "{format:?}");
        }
    }

    #[test]
    fn colours_survive_the_way_through_the_decoder() {
        let picture = picture();
        for format in FORMATS.into_iter().filter(|&format| format != PixelFormat::Grey) {
            let mut decoded = Rgb::default();
            Decoder::new().to_rgb(&frame(format), &mut decoded).unwrap();
            let worst = decoded.data.iter().zip(&picture.data).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(9), "{format:?}: {worst:?}");
        }
    }

    #[test]
    fn primary_colours_have_their_textbook_values() {
        let red = Rgb { width: 2, height: 1, data: [255, 0, 0].repeat(2) };
        let mut out = Vec::new();
        encode(&red, PixelFormat::Yuyv, &mut out);
        assert_eq!(out, [77, 85, 77, 255]);
        let white = Rgb { width: 2, height: 2, data: vec![255; 12] };
        encode(&white, PixelFormat::Nv12, &mut out);
        assert_eq!(out, [255, 255, 255, 255, 128, 128]);
    }

    #[test]
    fn only_whole_chroma_samples_fit() {
        assert!(fits(PixelFormat::Rgb, 5, 3));
        assert!(!fits(PixelFormat::Yuyv, 5, 4) && fits(PixelFormat::Yuyv, 4, 3));
        assert!(!fits(PixelFormat::I420, 4, 3) && !fits(PixelFormat::Nv12, 3, 4));
        assert!(!fits(PixelFormat::Mjpeg, 4, 4));
    }
}
