//! Steps that move or map elements one by one: concatenation, enlargement, relu, sigmoid, softmax.

use std::marker::PhantomData;

use mien_shared::graph::Affine;

use super::{About, Operator};
use crate::{
    arena::{Arena, Element, Map},
    simd::Isa,
};

/// A code's successor, by code.
type Table = [u8; 256];

/// Values side by side along C; codes are brought to the output's coding by a table each.
#[derive(Debug)]
pub(crate) struct Concat<T> {
    parts: Vec<(Map, Option<Box<Table>>)>,
    output: Map,
    kind: PhantomData<fn() -> T>,
}

impl Concat<f32> {
    /// A concatenation of numbers.
    pub(crate) fn numbers(parts: Vec<Map>, output: Map) -> Self {
        let parts = parts.into_iter().map(|map| (map, None)).collect();
        Self { parts, output, kind: PhantomData }
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
        Self { parts: parts.collect(), output, kind: PhantomData }
    }
}

/// An element that a table may recode.
pub(crate) trait Recode: Element {
    /// The element through the table.
    fn recode(self, table: &Table) -> Self;
}

impl Recode for f32 {
    fn recode(self, _: &Table) -> Self {
        self
    }
}

impl Recode for u8 {
    fn recode(self, table: &Table) -> Self {
        table[usize::from(self)]
    }
}

impl<I: Isa, T: Recode> Operator<I> for Concat<T> {
    fn run(&self, _: I, arena: &mut Arena) {
        arena.write::<T, _>(&self.output, |to, arena| {
            let mut first = 0;
            for (map, table) in &self.parts {
                self.place(to, first, (arena.read(map), map), table.as_deref());
                first += map.shape[0];
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("concat {}", T::NAME))
    }
}

impl<T: Recode> Concat<T> {
    /// Copies a part to where its first channel becomes channel `first`.
    fn place(&self, to: &mut [T], first: usize, (from, map): (&[T], &Map), table: Option<&Table>) {
        let ([channels, ..], [part, ..]) = (self.output.shape, map.shape);
        for (to_row, row) in self.output.rows().zip(map.rows()) {
            let pixels = to[to_row].chunks_exact_mut(channels).zip(from[row].chunks_exact(part));
            for (to, from) in pixels {
                let to = &mut to[first..first + part];
                to.copy_from_slice(from);
                if let Some(table) = table {
                    to.iter_mut().for_each(|x| *x = x.recode(table));
                }
            }
        }
    }
}

/// Nearest-neighbour enlargement by two.
#[derive(Debug)]
pub(crate) struct Enlarge<T> {
    pub(crate) input: Map,
    pub(crate) output: Map,
    pub(crate) kind: PhantomData<fn() -> T>,
}

impl<I: Isa, T: Element> Operator<I> for Enlarge<T> {
    fn run(&self, _: I, arena: &mut Arena) {
        let [channels, ..] = self.input.shape;
        arena.write::<T, _>(&self.output, |to, arena| {
            let from = arena.read::<T>(&self.input);
            let rows = self.input.rows().flat_map(|row| [row.clone(), row]);
            for (to_row, row) in self.output.rows().zip(rows) {
                twice(&mut to[to_row], &from[row], channels);
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("enlarge {}", T::NAME))
    }
}

/// Copies every pixel twice.
fn twice<T: Copy>(to: &mut [T], from: &[T], channels: usize) {
    let pairs = to.chunks_exact_mut(2 * channels).zip(from.chunks_exact(channels));
    for (pair, pixel) in pairs {
        pair[..channels].copy_from_slice(pixel);
        pair[channels..].copy_from_slice(pixel);
    }
}

/// `max(x, floor)` of every element: a relu by itself.
#[derive(Debug)]
pub(crate) struct Floor<T> {
    pub(crate) input: Map,
    pub(crate) output: Map,
    pub(crate) floor: T,
}

impl<I: Isa, T: Element> Operator<I> for Floor<T> {
    fn run(&self, isa: I, arena: &mut Arena) {
        arena.write::<T, _>(&self.output, |to, arena| {
            let from = arena.read::<T>(&self.input);
            for (to_row, row) in self.output.rows().zip(self.input.rows()) {
                isa.within(
                    #[inline(always)]
                    || lift(&mut to[to_row], &from[row], self.floor),
                );
            }
        });
    }

    fn about(&self) -> About {
        About::plain(format!("relu {}", T::NAME))
    }
}

/// `max(x, floor)` of every element.
#[inline(always)]
fn lift<T: Copy + PartialOrd>(to: &mut [T], from: &[T], floor: T) {
    for (to, &x) in to.iter_mut().zip(from) {
        *to = if x > floor { x } else { floor };
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
        let squash = if self.softmax { softmax } else { sigmoid };
        arena.write::<f32, _>(&self.output, |to, arena| {
            let from = arena.read::<f32>(&self.input);
            for (to_row, row) in self.output.rows().zip(self.input.rows()) {
                to[to_row.clone()].copy_from_slice(&from[row]);
                to[to_row].chunks_exact_mut(channels).for_each(squash);
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
