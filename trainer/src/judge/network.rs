//! A bundle's network as the host judges it.
//!
//! A graph without codes runs in the device's engine. The engine computes in f32 whether values are
//! coded or not, so a coded graph runs in [`run_coded`], exact and slow.

use mien_engine::{Engine, EngineError};
use mien_quant::run_coded;
use mien_shared::{
    bundle::Bundle,
    frame::Grey,
    graph::{Graph, Shape},
    input::InputSpec,
};

use super::JudgeError;

/// A network ready to run, with the buffers of one caller.
#[derive(Debug)]
pub struct Network {
    runner: Runner,
    graph: Graph,
    spec: InputSpec,
}

#[derive(Debug)]
enum Runner {
    Engine(Box<Engine>),
    Reference,
}

impl Network {
    /// Prepares a bundle's network.
    ///
    /// # Errors
    /// When the bundle contradicts itself or the engine refuses it.
    pub fn load(bundle: &Bundle) -> Result<Self, EngineError> {
        bundle.validate()?;
        let graph = bundle.graph.clone();
        let runner = if graph.codes.is_empty() {
            Runner::Engine(Box::new(Engine::new(&graph)?))
        } else {
            Runner::Reference
        };
        Ok(Self { runner, graph, spec: bundle.manifest.input })
    }

    /// The output of that name for `picture`, which is of the network's size; last axis fastest.
    ///
    /// # Errors
    /// [`JudgeError::Output`] when there is none of that name; or the engine fails.
    pub fn run(&mut self, picture: &Grey, name: &'static str) -> Result<Vec<f32>, JudgeError> {
        let spec = self.spec;
        let missing = JudgeError::Output(name);
        match &mut self.runner {
            Runner::Engine(engine) => {
                let outputs = engine.run(|x| spec.normalize(picture, x))?;
                Ok(outputs.get(name).ok_or(missing)?.to_vec())
            }
            Runner::Reference => {
                let mut input = vec![0.0; picture.data.len()];
                spec.normalize(picture, &mut input);
                let outputs = run_coded(&self.graph, &input).map_err(EngineError::from)?;
                let named = self.graph.outputs.iter().zip(outputs);
                named.into_iter().find(|(o, _)| o.name == name).map(|(_, y)| y).ok_or(missing)
            }
        }
    }

    /// The shape of the output of that name.
    pub fn output_shape(&self, name: &str) -> Option<Shape> {
        let output = self.graph.outputs.iter().find(|output| output.name == name)?;
        self.graph.validate().ok()?.get(output.value as usize).copied()
    }
}
