//! What optics do: a soft lens, a disc out of focus, the smear of a shake, dark corners.
//!
//! Blurs are sums of shifted copies over sRGB values; highlights do not bloom as they do in light.

use super::super::picture::{Canvas, byte};

/// A shift in whole pixels and the weight of the copy that is shifted so.
type Tap = ([i32; 2], f32);

/// Blurs with the kernel 1 2 1 along both axes.
pub(crate) fn blur<const N: usize>(image: &mut Canvas<'_, N>) {
    let width = image.width;
    for row in image.rows() {
        let mut before = row[0];
        for x in 0..width {
            let after = row[(x + 1).min(width - 1)];
            let here = row[x];
            row[x] = smooth(before, here, after);
            before = here;
        }
    }
    let mut before = image.pixels[..width].to_vec();
    for at in 0..image.pixels.len() {
        let here = image.pixels[at];
        let after = image.pixels.get(at + width).copied().unwrap_or(here);
        image.pixels[at] = smooth(before[at % width], here, after);
        before[at % width] = here;
    }
}

/// Makes every point a disc of `radius` pixels.
pub(crate) fn defocus<const N: usize>(image: &mut Canvas<'_, N>, radius: f32) {
    let reach = whole(radius + 0.5);
    let span = -reach..=reach;
    let taps = span.clone().flat_map(|y| span.clone().map(move |x| [x, y]));
    // A pixel counts by how far it reaches into the disc.
    let weight = |[x, y]: [i32; 2]| (radius + 0.5 - (x as f32).hypot(y as f32)).clamp(0.0, 1.0);
    spread(image, &taps.map(|at| (at, weight(at))).filter(|tap| tap.1 > 0.0).collect::<Vec<_>>());
}

/// Smears every point along a line of `length` pixels at `angle` radians.
pub(crate) fn motion<const N: usize>(image: &mut Canvas<'_, N>, length: f32, angle: f32) {
    let steps = whole(2.0 * length).max(1);
    let (sin, cos) = angle.sin_cos();
    let mut taps: Vec<Tap> = Vec::new();
    for step in 0..=steps {
        let way = length * (step as f32 / steps as f32 - 0.5);
        for (at, weight) in corners([way * cos, way * sin]) {
            match taps.iter_mut().find(|tap| tap.0 == at) {
                Some(tap) => tap.1 += weight,
                None => taps.push((at, weight)),
            }
        }
    }
    spread(image, &taps);
}

/// Takes light away with the square of the distance from `centre`, a share of the sides; the
/// farthest corner loses `depth` of it.
pub(crate) fn vignette<const N: usize>(image: &mut Canvas<'_, N>, depth: f32, centre: [f32; 2]) {
    let (width, height) = (image.width as f32, image.height as f32);
    let [cx, cy] = [centre[0] * width, centre[1] * height];
    let farthest = cx.max(width - cx).powi(2) + cy.max(height - cy).powi(2);
    for (y, row) in (0_i32..).zip(image.rows()) {
        let dy = y as f32 + 0.5 - cy;
        for (x, pixel) in (0_i32..).zip(row) {
            let dx = x as f32 + 0.5 - cx;
            let light = 1.0 - depth * (dx * dx + dy * dy) / farthest;
            *pixel = pixel.map(|level| byte(f32::from(level) * light));
        }
    }
}

/// The four whole positions around `at`, weighted as in bilinear sampling.
fn corners(at: [f32; 2]) -> [Tap; 4] {
    let [x, y] = at.map(f32::floor);
    let (fx, fy) = (at[0] - x, at[1] - y);
    let [x, y] = [whole(x), whole(y)];
    [
        ([x, y], (1.0 - fx) * (1.0 - fy)),
        ([x + 1, y], fx * (1.0 - fy)),
        ([x, y + 1], (1.0 - fx) * fy),
        ([x + 1, y + 1], fx * fy),
    ]
}

/// Replaces `image` by the weighted mean of its shifted copies; its border goes on outside.
fn spread<const N: usize>(image: &mut Canvas<'_, N>, taps: &[Tap]) {
    let total: f32 = taps.iter().map(|tap| tap.1).sum();
    let reach =
        taps.iter().flat_map(|tap| tap.0).map(i32::unsigned_abs).max().unwrap_or(0) as usize;
    if total <= 0.0 || reach == 0 {
        return;
    }
    let padded = pad(image, reach);
    let stride = (image.width + 2 * reach) * N;
    let mut sum = vec![0.0; image.width * N];
    for (y, row) in image.rows().enumerate() {
        sum.fill(0.0);
        for &([dx, dy], weight) in taps {
            let start = (y + shifted(reach, dy)) * stride + shifted(reach, dx) * N;
            let copy = &padded[start..][..sum.len()];
            sum.iter_mut().zip(copy).for_each(|(sum, &level)| *sum += weight * level);
        }
        let bytes = row.as_flattened_mut().iter_mut();
        bytes.zip(&sum).for_each(|(byte_, sum)| *byte_ = byte(sum / total));
    }
}

/// The picture with `reach` more pixels of its border on every side.
fn pad<const N: usize>(image: &Canvas<'_, N>, reach: usize) -> Vec<f32> {
    let mut padded = Vec::with_capacity((image.width + 2 * reach) * (image.height + 2 * reach) * N);
    for y in 0..image.height + 2 * reach {
        let y = y.saturating_sub(reach).min(image.height - 1);
        let row = &image.pixels[y * image.width..][..image.width];
        let mut push = |pixel: &[u8; N]| padded.extend(pixel.map(f32::from));
        (0..reach).for_each(|_| push(&row[0]));
        row.iter().for_each(&mut push);
        (0..reach).for_each(|_| push(&row[image.width - 1]));
    }
    padded
}

/// `at` moved by no more than itself.
fn shifted(at: usize, by: i32) -> usize {
    at.saturating_add_signed(by as isize)
}

#[expect(clippy::cast_possible_truncation, reason = "settings keep reaches within 32 pixels")]
fn whole(length: f32) -> i32 {
    length.floor() as i32
}

/// The weighted mean of three neighbours.
#[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte")]
fn smooth<const N: usize>(before: [u8; N], here: [u8; N], after: [u8; N]) -> [u8; N] {
    std::array::from_fn(|i| {
        let [before, here, after] = [before[i], here[i], after[i]].map(u16::from);
        ((before + 2 * here + after + 2) / 4) as u8
    })
}

#[cfg(test)]
mod tests {
    use mien_shared::frame::{Grey, Rgb};

    use super::*;

    #[test]
    fn blur_spreads_a_point_as_one_two_one_both_ways() {
        let image = point(blur);
        assert_eq!(image[6..9], [10, 20, 10]);
        assert_eq!(image[11..14], [20, 40, 20]);
        assert_eq!(image[16..19], [10, 20, 10]);
        assert_eq!(image[0..5], [0; 5]);
    }

    #[test]
    fn out_of_focus_a_point_is_a_disc() {
        let image = point(|canvas| defocus(canvas, 1.0));
        // 1 + 4 · 0.5 + 4 · (1.5 - √2) = 3.343 pixels.
        assert_eq!(image[5..10], [0, 4, 24, 4, 0]);
        assert_eq!(image[10..15], [0, 24, 48, 24, 0]);
        assert_eq!(image[15..20], [0, 4, 24, 4, 0]);
        assert_eq!(point(|canvas| defocus(canvas, 0.0))[12], 160);
    }

    #[test]
    fn a_shake_smears_along_its_direction_only() {
        let image = point(|canvas| motion(canvas, 2.0, 0.0));
        assert_eq!(image[10..15], [0, 48, 64, 48, 0]);
        assert_eq!(image[5..10], [0; 5]);
        let image = point(|canvas| motion(canvas, 2.0, std::f32::consts::FRAC_PI_2));
        assert_eq!([image[2], image[7], image[12], image[17], image[22]], [0, 48, 64, 48, 0]);
    }

    #[test]
    fn blurs_keep_what_is_even_up_to_the_border() {
        let mut image = Rgb { width: 3, height: 2, data: [9, 90, 200].repeat(6) };
        let mut canvas = Canvas::of(&mut image).unwrap();
        blur(&mut canvas);
        defocus(&mut canvas, 2.5);
        motion(&mut canvas, 7.0, 0.6);
        assert_eq!(image.data, [9, 90, 200].repeat(6));
    }

    #[test]
    fn a_vignette_darkens_the_farthest_corner_most() {
        let mut image = Grey { width: 2, height: 2, data: vec![200; 4] };
        vignette(&mut Canvas::of(&mut image).unwrap(), 0.5, [0.25, 0.25]);
        // Squared distances 0, 1, 1, 2 of 4.5.
        assert_eq!(image.data, [200, 178, 178, 156]);
    }

    /// A bright point in the dark, changed.
    fn point(change: impl Fn(&mut Canvas<'_, 1>)) -> Vec<u8> {
        let mut image = Grey::new(5, 5);
        image.data[12] = 160;
        change(&mut Canvas::of(&mut image).unwrap());
        image.data
    }
}
