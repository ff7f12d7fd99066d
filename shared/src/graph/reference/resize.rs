//! H and W to another size.

use super::window::places;
use crate::graph::Resample;

/// Each pixel repeated; the new sides are whole multiples.
pub(super) fn enlarge<T: Copy>(x: &[T], [c, h, w]: [usize; 3], [oh, ow]: [usize; 2]) -> Vec<T> {
    places([c, oh, ow])
        .map(|(c, y, column)| x[(c * h + y * h / oh) * w + column * w / ow])
        .collect()
}

/// As `mode` says.
pub(super) fn resize(
    x: &[f32],
    map @ [c, h, w]: [usize; 3],
    [oh, ow]: [usize; 2],
    mode: Resample,
) -> Vec<f32> {
    if mode == Resample::Nearest {
        return enlarge(x, map, [oh, ow]);
    }
    let rows: Vec<Between> = (0..oh).map(|y| between(y, [h, oh], mode)).collect();
    let columns: Vec<Between> = (0..ow).map(|i| between(i, [w, ow], mode)).collect();
    let pixel = |(c, y, i): (usize, usize, usize)| {
        let (row, column) = (&rows[y], &columns[i]);
        let on = |y: usize| {
            let line = &x[(c * h + y) * w..][..w];
            line[column.low] * (1.0 - column.share) + line[column.high] * column.share
        };
        on(row.low) * (1.0 - row.share) + on(row.high) * row.share
    };
    places([c, oh, ow]).map(pixel).collect()
}

/// Two neighbours and the share of the higher.
struct Between {
    low: usize,
    high: usize,
    share: f32,
}

/// Where index `index` of `to` falls among `from` pixels.
#[expect(clippy::cast_possible_truncation, reason = "clipped to the axis, at most 8192, first")]
#[expect(clippy::cast_sign_loss, reason = "clipped to the axis first")]
fn between(index: usize, [from, to]: [usize; 2], mode: Resample) -> Between {
    let last = from - 1;
    let place = if mode == Resample::BilinearCorners {
        (index * last) as f64 / (to.max(2) - 1) as f64
    } else {
        ((index as f64 + 0.5) * from as f64 / to as f64 - 0.5).clamp(0.0, last as f64)
    };
    let low = (place.floor() as usize).min(last);
    Between { low, high: (low + 1).min(last), share: (place - low as f64) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_resized_by_each_rule() {
        let row = |x: &[f32], to, mode| resize(x, [1, 1, x.len()], [1, to], mode);
        let x = [0.0, 4.0];
        assert_eq!(row(&x, 4, Resample::Nearest), [0.0, 0.0, 4.0, 4.0]);
        assert_eq!(row(&x, 4, Resample::Bilinear), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!(row(&x, 5, Resample::BilinearCorners), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(row(&[1.0, 3.0, 5.0, 7.0], 2, Resample::Bilinear), [2.0, 6.0]);
        assert_eq!(row(&[1.0, 3.0, 5.0, 7.0], 1, Resample::BilinearCorners), [1.0]);
    }
}
