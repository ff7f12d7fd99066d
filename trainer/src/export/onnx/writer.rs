//! A `GraphProto` under construction: its nodes, its constants, and the names of its values.
//!
//! Each of a graph's values has up to two forms in the file: eight-bit codes, and numbers. A coded
//! value is decoded by one `DequantizeLinear`, where a float step or an output asks for numbers.

use std::collections::HashSet;

use mien_shared::graph::{Affine, Graph, Node, Shapes, Step};

use super::{
    proto::Message,
    tensor::{Data, Kind, tensor, value_info},
};

/// Name of the network's input in the file, where no output has it.
const INPUT: &str = "input";

/// Domain of onnxruntime's own operators.
pub(super) const CONTRIB: &str = "com.microsoft";

/// See the module.
pub(super) struct Writer<'a> {
    pub(super) graph: &'a Graph,
    pub(super) shapes: &'a Shapes,
    body: Message,
    names: Vec<Names>,
    taken: HashSet<String>,
    /// Whether an operator of [`CONTRIB`] was written.
    contrib: bool,
}

/// What a value is called in the file, as far as it is there.
#[derive(Debug, Clone, Default)]
struct Names {
    floats: Option<String>,
    codes: Option<String>,
    /// Scale and zero point.
    coding: Option<[String; 2]>,
}

impl<'a> Writer<'a> {
    /// A writer that has declared the input, and coded it where the graph codes it.
    pub(super) fn new(graph: &'a Graph, shapes: &'a Shapes) -> Self {
        let mut writer = Self {
            graph,
            shapes,
            body: Message::default(),
            names: vec![Names::default(); shapes.len()],
            taken: graph.outputs.iter().map(|output| output.name.clone()).collect(),
            contrib: false,
        };
        let input = writer.fresh(INPUT);
        writer.body.message(11, &value_info(&input, Kind::F32, shapes[0].dims()));
        writer.set_floats(0, input);
        writer
    }

    /// Writes one step of the graph: in integers where the graph says so, else in f32.
    pub(super) fn step(&mut self, step: Step) {
        let node = &self.graph.nodes[step.node];
        if self.graph.is_integer(step, self.shapes) {
            self.integer(step, node);
            return;
        }
        let mut made = self.float(node);
        if step.relu {
            let relu = self.value_name(step.output);
            made = self.emit("Relu", &relu, &[&made], &[]);
        }
        self.set_floats(step.output, made);
    }

    /// Declares the outputs, and every other value as an output too when `all`, else as a hint.
    /// Returns the `GraphProto` and whether it has operators of onnxruntime's own.
    pub(super) fn finish(mut self, name: &str, all: bool) -> (Message, bool) {
        self.body.text(2, name);
        for output in &self.graph.outputs {
            let floats = self.floats(output.value);
            let mut identity = Message::default();
            identity.text(1, &floats);
            identity.text(2, &output.name);
            identity.text(3, &format!("output.{}", output.name));
            identity.text(4, "Identity");
            self.body.message(1, &identity);
            let dims = self.shapes[output.value as usize].dims();
            self.body.message(12, &value_info(&output.name, Kind::F32, dims));
        }
        let field = if all { 12 } else { 13 };
        for (names, shape) in self.names.iter().zip(self.shapes).skip(1) {
            let form = match names {
                Names { codes: Some(codes), .. } => Some((codes, Kind::U8)),
                Names { floats: Some(floats), .. } => Some((floats, Kind::F32)),
                _ => None,
            };
            if let Some((name, kind)) = form {
                self.body.message(field, &value_info(name, kind, shape.dims()));
            }
        }
        (self.body, self.contrib)
    }

    /// Adds a node of one output, named `out` or like it, and returns the output's name.
    pub(super) fn emit(
        &mut self,
        kind: &str,
        out: &str,
        inputs: &[&str],
        attributes: &[Message],
    ) -> String {
        let out = self.fresh(out);
        self.push(kind, &out, inputs, attributes);
        out
    }

    /// As [`Writer::emit`], for an operator of onnxruntime's own.
    pub(super) fn emit_contrib(
        &mut self,
        kind: &str,
        out: &str,
        inputs: &[&str],
        attributes: &[Message],
    ) -> String {
        self.contrib = true;
        let out = self.fresh(out);
        let mut node = node(kind, &out, inputs, attributes);
        node.text(7, CONTRIB);
        self.body.message(1, &node);
        out
    }

    fn push(&mut self, kind: &str, out: &str, inputs: &[&str], attributes: &[Message]) {
        let node = node(kind, out, inputs, attributes);
        self.body.message(1, &node);
    }

    /// Adds a constant, named `name` or like it, and returns its name.
    pub(super) fn constant(&mut self, name: &str, shape: &[u32], data: Data<'_>) -> String {
        let name = self.fresh(name);
        self.body.message(5, &tensor(&name, shape, data));
        name
    }

    /// A constant of one axis.
    pub(super) fn floats_constant(&mut self, name: &str, values: &[f32]) -> String {
        let length = u32::try_from(values.len()).unwrap_or(u32::MAX);
        self.constant(name, &[length], Data::F32(values))
    }

    /// A constant without axes.
    pub(super) fn scalar(&mut self, name: &str, value: f32) -> String {
        self.constant(name, &[], Data::F32(&[value]))
    }

    /// The name wanted for a value; the slash keeps it apart from inputs and outputs.
    pub(super) fn value_name(&self, value: u32) -> String {
        match value.checked_sub(1) {
            None => format!("/{INPUT}"),
            Some(node) => format!("/{}", self.graph.nodes[node as usize].name),
        }
    }

    /// The numbers of a value, decoded if need be.
    pub(super) fn floats(&mut self, value: u32) -> String {
        let names = &self.names[value as usize];
        if let Some(floats) = &names.floats {
            return floats.clone();
        }
        let codes = names.codes.clone().unwrap_or_default();
        let [scale, zero] = self.coding(value);
        let out = format!("{}.decoded", self.value_name(value));
        let floats = self.emit("DequantizeLinear", &out, &[&codes, &scale, &zero], &[]);
        self.names[value as usize].floats = Some(floats.clone());
        floats
    }

    /// The codes of a coded value.
    pub(super) fn codes(&self, value: u32) -> String {
        self.names[value as usize].codes.clone().unwrap_or_default()
    }

    /// Scale and zero point of a coded value.
    pub(super) fn coding(&mut self, value: u32) -> [String; 2] {
        if let Some(coding) = &self.names[value as usize].coding {
            return coding.clone();
        }
        let Affine { scale, zero } =
            self.graph.coding(value).unwrap_or(Affine { scale: 1.0, zero: 0 });
        let name = self.value_name(value);
        let scale = self.scalar(&format!("{name}.scale"), scale);
        let zero = self.constant(&format!("{name}.zero"), &[], Data::U8(&[zero]));
        let coding = [scale, zero];
        self.names[value as usize].coding = Some(coding.clone());
        coding
    }

    /// `floats` is what a value is; it is coded where the graph codes it.
    pub(super) fn set_floats(&mut self, value: u32, floats: String) {
        if self.graph.coding(value).is_none() {
            self.names[value as usize].floats = Some(floats);
            return;
        }
        let [scale, zero] = self.coding(value);
        let out = format!("{}.codes", self.value_name(value));
        let codes = self.emit("QuantizeLinear", &out, &[&floats, &scale, &zero], &[]);
        self.set_codes(value, codes);
    }

    /// `codes` is what a coded value is.
    pub(super) fn set_codes(&mut self, value: u32, codes: String) {
        self.names[value as usize].codes = Some(codes);
    }

    /// `floats` is a value that leaves an integer step as numbers.
    pub(super) fn set_numbers(&mut self, value: u32, floats: String) {
        self.names[value as usize].floats = Some(floats);
    }

    /// `wanted`, lengthened until no other value has it.
    fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// A `NodeProto`, named as its output.
fn node(kind: &str, out: &str, inputs: &[&str], attributes: &[Message]) -> Message {
    let mut proto = Message::default();
    for input in inputs {
        proto.text(1, input);
    }
    proto.text(2, out);
    proto.text(3, out.trim_start_matches('/'));
    proto.text(4, kind);
    for attribute in attributes {
        proto.message(5, attribute);
    }
    proto
}

/// The value that a node makes, by the node's place in the graph.
pub(super) fn name_of(node: &Node) -> String {
    format!("/{}", node.name)
}
