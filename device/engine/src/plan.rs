//! What runs a network: a program of our kernels, or a tract plan with our operators in it.

use std::sync::Arc;

use mien_kernels::{Isa, Program, Unsupported};
use mien_shared::graph::{Graph, Shapes};
use tract_core::internal::{IntoRunnable as _, Tensor, TypedModel, TypedSimpleState, tvec};
use tract_core::prelude::{IntoTValue as _, TValue, TVec, TractResult};

use crate::{
    Arithmetic, Choice, EngineError, fused,
    lower::{extents, lower},
    rewrite::rewrite,
};

/// A network ready to run.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Our kernels from end to end.
    Kernels(Box<Kernels>),
    /// tract, with our operators where they fit.
    Tract(Box<TractPlan>),
}

/// A program with the input of a caller who writes numbers.
#[derive(Debug)]
pub(crate) struct Kernels {
    pub(crate) program: Program,
    pub(crate) input: Vec<f32>,
}

impl Plan {
    /// The plan of a valid graph with its values' `shapes`.
    pub(crate) fn new(graph: &Graph, shapes: &Shapes, choice: Choice) -> Result<Self, EngineError> {
        let coded = graph.codes.iter().any(Option::is_some);
        if choice.arithmetic == Arithmetic::Int8 && !coded {
            return Err(EngineError::NotCoded);
        }
        let integers = coded && choice.arithmetic != Arithmetic::F32;
        let plain;
        let graph = if coded && !integers {
            plain = Graph { codes: Vec::new(), ..graph.clone() };
            &plain
        } else {
            graph
        };
        match choice.isa {
            Some(isa) if integers || isa.is_fast() => match Program::new(graph, isa) {
                Ok(program) => Ok(Self::kernels(program, shapes)),
                Err(reason) if integers || matches!(reason, Unsupported::Isa(_)) => {
                    Err(reason.into())
                }
                Err(_) => Self::tract(graph, shapes, Some(isa)),
            },
            Some(_) | None => Self::tract(graph, shapes, None),
        }
    }

    fn kernels(program: Program, shapes: &Shapes) -> Self {
        let input = vec![0.0; extents(&shapes[0]).iter().product()];
        Self::Kernels(Box::new(Kernels { program, input }))
    }

    fn tract(graph: &Graph, shapes: &Shapes, isa: Option<Isa>) -> Result<Self, EngineError> {
        let mut model = lower(graph, shapes)?;
        if isa.is_some() {
            rewrite(&mut model, fused::COMPILE)?;
        }
        Ok(Self::Tract(Box::new(TractPlan::new(model, &extents(&shapes[0]))?)))
    }

    /// Output `index` of the last run.
    pub(crate) fn output(&self, index: usize) -> &[f32] {
        match self {
            Self::Kernels(kernels) => kernels.program.output(index),
            Self::Tract(tract) => tract.values.get(index).map_or(&[], slice),
        }
    }
}

/// A tract plan with the tensors of one caller.
#[derive(Debug)]
pub(crate) struct TractPlan {
    pub(crate) state: TypedSimpleState,
    input: Arc<Tensor>,
    values: TVec<TValue>,
}

impl TractPlan {
    /// The optimised plan of `model`, whose only input has the extents `input`.
    pub(crate) fn new(model: TypedModel, input: &[usize]) -> TractResult<Self> {
        let state = TypedSimpleState::new(&model.into_optimized()?.into_runnable()?)?;
        Ok(Self { state, input: Arc::new(Tensor::zero::<f32>(input)?), values: tvec!() })
    }

    /// Runs once on what `fill` writes.
    pub(crate) fn run(&mut self, fill: impl FnOnce(&mut [f32])) -> TractResult<()> {
        self.values.clear();
        let tensor = Arc::make_mut(&mut self.input);
        fill(tensor.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?);
        self.values = self.state.run(tvec!(Arc::clone(&self.input).into_tvalue()))?;
        for value in &self.values {
            value.try_as_plain_ram()?.as_slice::<f32>()?;
        }
        Ok(())
    }
}

/// The values of an output; `run` has seen that they are plain f32.
fn slice(value: &TValue) -> &[f32] {
    value.try_as_plain_ram().ok().and_then(|view| view.as_slice().ok()).unwrap_or(&[])
}
