//! Networks from ONNX files: checked, brought into tract, and given our operators where they fit.
//!
//! ```text
//! bytes --scan, decode, check--> proto --infer, one node at a time--> typed model
//!       --rewrite--> fused operators among tract's --optimise--> plan
//! ```
//!
//! A file is parsed as hostile: its size, its fields, its constants and every value are counted
//! against [`Limits`] before they take memory. The model has one f32 input of fixed shape (an open
//! batch axis becomes one) and f32 outputs. Data in other files, control flow, sparse constants and
//! operators of other domains are refused by name.
//!
//! Quantised models in ONNX's operator-oriented form (`QLinearConv` and its kin) do not go through
//! tract: [`integer`] reads them into a [`Graph`](mien_shared::graph::Graph) with codes.

mod attribute;
#[cfg(test)]
mod author;
mod check;
mod error;
#[cfg(test)]
mod hostile;
mod infer;
mod integer;
mod scan;
mod tensor;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tract_core::internal::{Datum as _, OutletId, TypedModel};
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto};
use tract_onnx::prelude::{Framework as _, InferenceModelExt as _};

pub use self::error::OnnxError;
use crate::fused::{self, Compile};
use crate::plan::{Plan, TractPlan};
use crate::rewrite::{Coverage, rewrite};
use crate::{Arithmetic, Choice, Engine, EngineError, Output};

/// What an ONNX file may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the file.
    pub file_bytes: u64,
    /// Most fields of its protobuf messages; each may take a few hundred bytes once decoded.
    pub fields: u64,
    /// Most nodes.
    pub nodes: u64,
    /// Most elements of all constants together.
    pub weights: u64,
    /// Most elements of all values together.
    pub values: u64,
}

impl Default for Limits {
    /// Room for any classifier or detector a small board could run: 64 MiB, 2^18 fields, 4096
    /// nodes, 2^24 weights, 2^26 elements of values.
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            fields: 1 << 18,
            nodes: 4096,
            weights: 1 << 24,
            values: 1 << 26,
        }
    }
}

impl Engine {
    /// Prepares an ONNX model to run as `choice` says. [`Engine::run`] fills the input in the
    /// model's own layout, [`Engine::input_shape`].
    ///
    /// # Errors
    /// [`EngineError::Onnx`] when the model breaks a rule of this module, [`EngineError::Tract`]
    /// when tract refuses it; for a quantised model also as [`Engine::with`].
    pub fn from_onnx(bytes: &[u8], limits: &Limits, choice: Choice) -> Result<Self, EngineError> {
        let compile = if choice.isa.is_some() { fused::COMPILE } else { |_: &_| None };
        Ok(build(bytes, limits, choice, compile)?.0)
    }

    /// Prepares the ONNX model at `path` to run as `choice` says.
    ///
    /// # Errors
    /// As [`Engine::from_onnx`]; [`OnnxError::Read`] when the file cannot be read.
    pub fn read_onnx(path: &Path, limits: &Limits, choice: Choice) -> Result<Self, EngineError> {
        Self::from_onnx(&read(path, limits.file_bytes)?, limits, choice)
    }
}

/// A file's bytes, at most `limit`.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, OnnxError> {
    let fault = |source| OnnxError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(fault)?;
    let mut bytes = Vec::new();
    // One byte more tells a file of the limit from a larger one.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// An engine with the operators that `compile` executes, and what they cover.
fn build(
    bytes: &[u8],
    limits: &Limits,
    choice: Choice,
    compile: Compile,
) -> Result<(Engine, Coverage), EngineError> {
    check::too_many("bytes of the file", bytes.len() as u64, limits.file_bytes)?;
    scan::scan(bytes, limits.fields)?;
    // The checks leave no way to a panic that we know of; tract has thousands of others.
    let built = catch_unwind(AssertUnwindSafe(|| {
        let mut proto = decode(bytes)?;
        let graph = proto.graph.as_mut().ok_or_else(|| malformed("it holds no graph"))?;
        if !integer::is_integer(graph) {
            if choice.arithmetic == Arithmetic::Int8 {
                return Err(EngineError::NotCoded);
            }
            return float(proto, limits, compile);
        }
        match quantised(graph, limits, choice) {
            Ok(engine) => Ok((engine, Coverage::default())),
            // What tract itself knows of integers may still do.
            Err(refusal) => float(proto, limits, compile).map_err(|_unknown| refusal),
        }
    }));
    built.unwrap_or_else(|panic| Err(OnnxError::GaveUp { reason: last_words(&*panic) }.into()))
}

/// The engine of a model for tract, with our operators in it.
fn float(
    proto: ModelProto,
    limits: &Limits,
    compile: Compile,
) -> Result<(Engine, Coverage), EngineError> {
    let mut model = typed(proto, limits)?;
    let names = output_names(&model)?;
    let coverage = rewrite(&mut model, compile)?;
    Ok((engine(model, names)?, coverage))
}

/// The engine of a quantised model.
fn quantised(
    graph: &mut GraphProto,
    limits: &Limits,
    choice: Choice,
) -> Result<Engine, EngineError> {
    check::check(graph, limits, &integer::knows)?;
    Engine::with(&integer::read(graph)?, choice)
}

/// The typed model of a file, once checked.
fn typed(mut proto: ModelProto, limits: &Limits) -> Result<TypedModel, EngineError> {
    let onnx = tract_onnx::onnx().with_ignore_value_info(true);
    let graph = proto.graph.as_mut().ok_or_else(|| malformed("it holds no graph"))?;
    let known = |node: &NodeProto| {
        check::is_standard(node) && onnx.op_register.0.contains_key(&node.op_type)
    };
    check::check(graph, limits, &known)?;
    let ranks = attribute::check(graph)?;
    let mut model = onnx.model_for_proto_model(&proto)?;
    infer::infer(&mut model, &ranks, limits)?;
    Ok(model.into_typed()?)
}

fn decode(bytes: &[u8]) -> Result<ModelProto, OnnxError> {
    let decoded = tract_onnx::onnx().proto_model_for_read(&mut &*bytes);
    decoded.map_err(|error| malformed(&format!("{error:#}")))
}

fn malformed(reason: &str) -> OnnxError {
    OnnxError::Malformed { reason: reason.to_owned() }
}

/// The outputs' names, in order.
fn output_names(model: &TypedModel) -> Result<Vec<String>, EngineError> {
    let label = |&outlet: &OutletId| {
        let label = model.outlet_label(outlet);
        label.map_or_else(|| model.node(outlet.node).name.clone(), ToOwned::to_owned)
    };
    Ok(model.output_outlets()?.iter().map(label).collect())
}

fn engine(model: TypedModel, names: Vec<String>) -> Result<Engine, EngineError> {
    let shape = |outlet: OutletId| -> Result<Option<Vec<usize>>, EngineError> {
        let fact = model.outlet_fact(outlet)?;
        let float = fact.datum_type == f32::datum_type();
        Ok(fact.shape.as_concrete().filter(|_| float).map(<[usize]>::to_vec))
    };
    let [source] = *model.input_outlets()? else {
        return Err(malformed("the model has not one input").into());
    };
    let input = shape(source)?.ok_or_else(|| malformed("the input is not f32"))?;
    let mut outputs = Vec::with_capacity(names.len());
    for (&outlet, name) in model.output_outlets()?.iter().zip(names) {
        let reason = "it is not f32 of fixed shape".to_owned();
        let fault = || OnnxError::Output { output: name.clone(), reason };
        let shape = shape(outlet)?.ok_or_else(fault)?;
        outputs.push(Output { name, shape });
    }
    let plan = Plan::Tract(Box::new(TractPlan::new(model, &input)?));
    Ok(Engine { plan, input, outputs })
}

fn last_words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
