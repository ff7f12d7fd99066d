//! A graph as operators over one arena, ready to run.

mod build;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Instant};

use mien_shared::graph::{Affine, Graph, GraphError};

use crate::{
    arena::{Arena, Element, Map},
    coder::encode,
    isa::{Isa, Visit},
    operator::{
        Operator,
        convert::{gather, scatter},
    },
    simd,
};

/// A network as a program for one set of instructions; clones share weights.
#[derive(Debug, Clone)]
pub struct Program {
    isa: Isa,
    compiled: Box<dyn Runs>,
    outputs: Vec<Vec<f32>>,
}

/// What a program reads.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// Numbers, `[C, H, W]`.
    Floats(&'a [f32]),
    /// Bytes, `[C, H, W]`, standing for `(byte - mean) / std`.
    Pixels {
        /// The bytes.
        bytes: &'a [u8],
        /// Subtracted first.
        mean: f32,
        /// Divides the difference.
        std: f32,
    },
}

/// What one operator of a program costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Name of the node it computes.
    pub node: String,
    /// The operator, with what is fused into it.
    pub operator: String,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Shortest time of a run in seconds.
    pub seconds: f64,
}

/// Why a graph has no program.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// The graph is not valid.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// This processor lacks the instructions.
    #[error("this processor has no {0} instructions")]
    Isa(Isa),
    /// There is no kernel for the node.
    #[error("node {node:?} ({op}) has no kernel")]
    Node {
        /// The node.
        node: String,
        /// Its operation.
        op: &'static str,
    },
    /// Values with their borders, or packed weights, would take too much memory.
    #[error("the {what} of node {node:?} would take more than {limit} elements")]
    TooLarge {
        /// `values` or `weights`.
        what: &'static str,
        /// The node that crosses the limit.
        node: String,
        /// The limit.
        limit: u64,
    },
}

impl Program {
    /// Builds the program of `graph` for `isa`.
    ///
    /// # Errors
    /// [`Unsupported`] for the first thing that has no kernel.
    pub fn new(graph: &Graph, isa: Isa) -> Result<Self, Unsupported> {
        struct Build<'a>(&'a Graph);
        impl Visit for Build<'_> {
            type Output = Result<Box<dyn Runs>, Unsupported>;
            fn visit<I: simd::Isa>(self, isa: I) -> Self::Output {
                Ok(Box::new(build::build(self.0, isa)?))
            }
        }
        let compiled = isa.visit(Build(graph)).ok_or(Unsupported::Isa(isa))??;
        let outputs = compiled.lengths().into_iter().map(|n| vec![0.0; n]).collect();
        Ok(Self { isa, compiled, outputs })
    }

    /// Runs once.
    ///
    /// # Panics
    /// When the input has another length than the graph's.
    pub fn run(&mut self, input: Input<'_>) {
        self.compiled.run(input);
        for (i, output) in self.outputs.iter_mut().enumerate() {
            self.compiled.read(i, output);
        }
    }

    /// Output `index` of the last run, `[C, H, W]`.
    pub fn output(&self, index: usize) -> &[f32] {
        self.outputs.get(index).map_or(&[], Vec::as_slice)
    }

    /// The instructions it uses.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Bytes of its values.
    pub fn bytes(&self) -> usize {
        self.compiled.bytes()
    }

    /// Each operator with its shortest time of `runs` runs on the input of the last run.
    pub fn profile(&mut self, runs: usize) -> Vec<Cost> {
        self.compiled.profile(runs)
    }
}

/// A program whatever its instructions.
trait Runs: std::fmt::Debug + Send + Sync {
    fn run(&mut self, input: Input<'_>);
    fn read(&self, output: usize, to: &mut [f32]);
    fn lengths(&self) -> Vec<usize>;
    fn bytes(&self) -> usize;
    fn profile(&mut self, runs: usize) -> Vec<Cost>;
    fn boxed(&self) -> Box<dyn Runs>;
}

impl Clone for Box<dyn Runs> {
    fn clone(&self) -> Self {
        self.as_ref().boxed()
    }
}

/// A program for `I`; clones share what does not change.
#[derive(Debug, Clone)]
struct Compiled<I: simd::Isa> {
    isa: I,
    arena: Arena,
    input: Place,
    outputs: Vec<Place>,
    operators: Arc<[Named<I>]>,
}

/// An operator with the name of the node it computes.
type Named<I> = (String, Box<dyn Operator<I>>);

/// Where a value is and how it is coded.
#[derive(Debug, Clone, Copy)]
struct Place {
    map: Map,
    coding: Option<Affine>,
}

impl<I: simd::Isa> Runs for Compiled<I> {
    fn run(&mut self, input: Input<'_>) {
        let elements = self.input.map.shape.iter().product::<usize>();
        match input {
            Input::Floats(floats) => {
                assert_eq!(floats.len(), elements, "input length");
                self.write_floats(floats);
            }
            Input::Pixels { bytes, mean, std } => {
                assert_eq!(bytes.len(), elements, "input length");
                self.write_pixels(bytes, mean, std);
            }
        }
        for (_, operator) in self.operators.iter() {
            operator.run(self.isa, &mut self.arena);
        }
    }

    fn read(&self, output: usize, to: &mut [f32]) {
        let Place { map, coding } = self.outputs[output];
        match coding {
            Some(affine) => {
                gather(self.arena.read::<u8>(&map), &map, to, |code| affine.value(code));
            }
            None => gather(self.arena.read::<f32>(&map), &map, to, |x| x),
        }
    }

    fn lengths(&self) -> Vec<usize> {
        self.outputs.iter().map(|place| place.map.shape.iter().product()).collect()
    }

    fn bytes(&self) -> usize {
        self.arena.bytes()
    }

    fn profile(&mut self, runs: usize) -> Vec<Cost> {
        let mut shortest = vec![f64::INFINITY; self.operators.len()];
        for _ in 0..runs {
            for ((_, operator), shortest) in self.operators.iter().zip(&mut shortest) {
                let started = Instant::now();
                operator.run(self.isa, &mut self.arena);
                *shortest = shortest.min(started.elapsed().as_secs_f64());
            }
        }
        let cost = |((node, operator), seconds): (&Named<I>, f64)| {
            let about = operator.about();
            Cost { node: node.clone(), operator: about.name, macs: about.macs, seconds }
        };
        self.operators.iter().zip(shortest).map(cost).collect()
    }

    fn boxed(&self) -> Box<dyn Runs> {
        Box::new(self.clone())
    }
}

impl<I: simd::Isa> Compiled<I> {
    /// Lays numbers into the arena.
    fn write_floats(&mut self, floats: &[f32]) {
        let isa = self.isa;
        match self.input.coding {
            None => self.scatter(floats, copy),
            Some(coding) => self.scatter(
                floats,
                #[inline(always)]
                |from, to| encode(isa, coding, from, to),
            ),
        }
    }

    /// Lays bytes into the arena.
    fn write_pixels(&mut self, bytes: &[u8], mean: f32, std: f32) {
        let scale = 1.0 / std;
        let number = move |byte: u8| (f32::from(byte) - mean) * scale;
        match self.input.coding {
            None => self.scatter(
                bytes,
                #[inline(always)]
                |from, to| to.iter_mut().zip(from).for_each(|(to, &byte)| *to = number(byte)),
            ),
            Some(coding) if is_identity(coding, mean, scale) => self.scatter(bytes, copy),
            Some(coding) => {
                let mut codes = [0_u8; 256];
                codes
                    .iter_mut()
                    .zip(0..=u8::MAX)
                    .for_each(|(to, byte)| *to = coding.code(number(byte)));
                self.scatter(
                    bytes,
                    #[inline(always)]
                    |from, to| {
                        let places = to.iter_mut().zip(from);
                        places.for_each(|(to, &byte)| *to = codes[usize::from(byte)]);
                    },
                );
            }
        }
    }

    /// Lays the input into the arena, several elements at a time mapped by `of`.
    fn scatter<S: Copy, T: Element>(&mut self, from: &[S], of: impl Fn(&[S], &mut [T])) {
        let (isa, map) = (self.isa, self.input.map);
        self.arena.write::<T, _>(&map, |to, _| {
            isa.within(
                #[inline(always)]
                || scatter(from, &map, to, of),
            );
        });
    }
}

/// Elements as they are.
#[inline(always)]
fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    to.copy_from_slice(from);
}

/// Whether a byte is its own code.
#[expect(clippy::float_cmp, reason = "only equal numbers make every byte its own code")]
fn is_identity(affine: Affine, mean: f32, scale: f32) -> bool {
    f32::from(affine.zero) == mean && affine.scale == scale
}
