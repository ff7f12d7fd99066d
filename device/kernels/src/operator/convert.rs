//! Between numbers and codes, and between a caller's `[C, H, W]` and the arena's `[H, W, C]`.

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Map, read, written},
    simd::Isa,
};

/// Codes to numbers or numbers to codes, of one value.
#[derive(Debug)]
pub(crate) struct Convert {
    pub(crate) map: Map,
    pub(crate) coding: Affine,
    pub(crate) to_codes: bool,
}

impl<I: Isa> Operator<I> for Convert {
    fn run(&self, isa: I, arena: &mut Arena) {
        let Self { map, coding, .. } = *self;
        if self.to_codes {
            written::<u8, _>(arena, map.value, |output, arena| {
                let from = read::<f32>(arena, map.value);
                for row in map.rows() {
                    let (to, from) = (&mut output[row.clone()], &from[row]);
                    isa.within(
                        #[inline(always)]
                        || to.iter_mut().zip(from).for_each(|(to, &x)| *to = coding.code(x)),
                    );
                }
            });
        } else {
            written::<f32, _>(arena, map.value, |output, arena| {
                let from = read::<u8>(arena, map.value);
                for row in map.rows() {
                    let (to, from) = (&mut output[row.clone()], &from[row]);
                    isa.within(
                        #[inline(always)]
                        || to.iter_mut().zip(from).for_each(|(to, &x)| *to = coding.value(x)),
                    );
                }
            });
        }
    }

    fn about(&self) -> About {
        About::plain(if self.to_codes { "code" } else { "decode" })
    }
}

/// Copies a value's elements from `[C, H, W]` order, mapped.
pub(crate) fn scatter<S: Copy, T>(from: &[S], map: &Map, to: &mut [T], of: impl Fn(S) -> T) {
    let [channels, height, width] = map.shape;
    for (y, row) in map.rows().enumerate() {
        for c in 0..channels {
            let line = &from[(c * height + y) * width..][..width];
            let places = to[row.clone()].iter_mut().skip(c).step_by(channels);
            places.zip(line).for_each(|(to, &x)| *to = of(x));
        }
    }
}

/// Copies a value's elements to `[C, H, W]` order, mapped.
pub(crate) fn gather<S: Copy, T>(from: &[S], map: &Map, to: &mut [T], of: impl Fn(S) -> T) {
    let [channels, height, width] = map.shape;
    for (y, row) in map.rows().enumerate() {
        for (x, pixel) in from[row].chunks_exact(channels).enumerate() {
            for (c, &element) in pixel.iter().enumerate() {
                to[(c * height + y) * width + x] = of(element);
            }
        }
    }
}
