//! Steps that move or map elements one by one: concatenation, enlargement, relu, sigmoid, softmax.

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Element, Map, read, written},
    simd::Isa,
};

/// Values side by side along C; codes are brought to the output's coding by a table each.
#[derive(Debug)]
pub(crate) struct Concat<T> {
    parts: Vec<(Map, Option<Box<[u8; 256]>>)>,
    output: Map,
    kind: std::marker::PhantomData<fn() -> T>,
}

impl Concat<f32> {
    /// A concatenation of numbers.
    pub(crate) fn numbers(parts: Vec<Map>, output: Map) -> Self {
        let parts = parts.into_iter().map(|map| (map, None)).collect();
        Self { parts, output, kind: std::marker::PhantomData }
    }
}

impl Concat<u8> {
    /// A concatenation of codes.
    pub(crate) fn codes(parts: Vec<(Map, Affine)>, (output, to): (Map, Affine)) -> Self {
        let table = |from: Affine| {
            let ratio = from.scale / to.scale;
            let code = |code: u8| to.requantize(from.offset(code) * ratio, 0);
            Box::new(std::array::from_fn(|i| code(u8::try_from(i).unwrap_or(u8::MAX))))
        };
        let parts = parts.into_iter().map(|(map, from)| (map, (from != to).then(|| table(from))));
        Self { parts: parts.collect(), output, kind: std::marker::PhantomData }
    }
}

/// An element that a table may recode.
pub(crate) trait Recode: Element {
    /// The element through the table.
    fn recode(self, table: &[u8; 256]) -> Self;
    /// Name of the kind.
    const NAME: &str;
}

impl Recode for f32 {
    const NAME: &str = "f32";

    fn recode(self, _: &[u8; 256]) -> Self {
        self
    }
}

impl Recode for u8 {
    const NAME: &str = "int8";

    fn recode(self, table: &[u8; 256]) -> Self {
        table[usize::from(self)]
    }
}

impl<I: Isa, T: Recode + std::fmt::Debug> Operator<I> for Concat<T> {
    fn run(&self, _: I, arena: &mut Arena) {
        let [channels, ..] = self.output.shape;
        written::<T, _>(arena, self.output.value, |output, arena| {
            let mut first = 0;
            for (map, table) in &self.parts {
                let [part, ..] = map.shape;
                let from = read::<T>(arena, map.value);
                for (to, row) in self.output.rows().zip(map.rows()) {
                    let pixels =
                        output[to].chunks_exact_mut(channels).zip(from[row].chunks_exact(part));
                    for (to, from) in pixels {
                        to[first..first + part].copy_from_slice(from);
                        if let Some(table) = table {
                            to[first..first + part].iter_mut().for_each(|x| *x = x.recode(table));
                        }
                    }
                }
                first += part;
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("concat {}", T::NAME))
    }
}

/// Nearest-neighbour enlargement by two.
#[derive(Debug)]
pub(crate) struct Enlarge<T> {
    pub(crate) input: Map,
    pub(crate) output: Map,
    pub(crate) kind: std::marker::PhantomData<fn() -> T>,
}

impl<I: Isa, T: Recode + std::fmt::Debug> Operator<I> for Enlarge<T> {
    fn run(&self, _: I, arena: &mut Arena) {
        let [channels, ..] = self.input.shape;
        written::<T, _>(arena, self.output.value, |output, arena| {
            let from = read::<T>(arena, self.input.value);
            let rows = self.input.rows().flat_map(|row| [row.clone(), row]);
            for (to, row) in self.output.rows().zip(rows) {
                let pairs = output[to].chunks_exact_mut(2 * channels);
                for (pair, pixel) in pairs.zip(from[row].chunks_exact(channels)) {
                    pair[..channels].copy_from_slice(pixel);
                    pair[channels..].copy_from_slice(pixel);
                }
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("enlarge {}", T::NAME))
    }
}

/// `max(x, floor)` of every element: a relu by itself.
#[derive(Debug)]
pub(crate) struct Floor<T> {
    pub(crate) input: Map,
    pub(crate) output: Map,
    pub(crate) floor: T,
}

impl<I: Isa, T: Recode + std::fmt::Debug> Operator<I> for Floor<T> {
    fn run(&self, isa: I, arena: &mut Arena) {
        let floor = self.floor;
        written::<T, _>(arena, self.output.value, |output, arena| {
            let from = read::<T>(arena, self.input.value);
            for (to, row) in self.output.rows().zip(self.input.rows()) {
                let (to, from) = (&mut output[to], &from[row]);
                isa.within(
                    #[inline(always)]
                    || {
                        for (to, &x) in to.iter_mut().zip(from) {
                            *to = if x > floor { x } else { floor };
                        }
                    },
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("relu {}", T::NAME))
    }
}

/// `1 / (1 + exp(-x))`, or softmax over C.
#[derive(Debug)]
pub(crate) struct Squash {
    pub(crate) input: Map,
    pub(crate) output: Map,
    pub(crate) softmax: bool,
}

impl<I: Isa> Operator<I> for Squash {
    fn run(&self, _: I, arena: &mut Arena) {
        let [channels, ..] = self.input.shape;
        written::<f32, _>(arena, self.output.value, |output, arena| {
            let from = read::<f32>(arena, self.input.value);
            for (to, row) in self.output.rows().zip(self.input.rows()) {
                let pixels = output[to].chunks_exact_mut(channels);
                for (to, from) in pixels.zip(from[row].chunks_exact(channels)) {
                    to.copy_from_slice(from);
                    if self.softmax { softmax(to) } else { sigmoid(to) }
                }
            }
        });
    }

    fn about(&self) -> About {
        About::plain(if self.softmax { "softmax f32" } else { "sigmoid f32" })
    }
}

fn softmax(x: &mut [f32]) {
    let highest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    x.iter_mut().for_each(|v| *v = (*v - highest).exp());
    let sum: f32 = x.iter().sum();
    x.iter_mut().for_each(|v| *v /= sum);
}

fn sigmoid(x: &mut [f32]) {
    x.iter_mut().for_each(|v| *v = 1.0 / (1.0 + (-*v).exp()));
}
