//! From a graph to operators: which buffers each value needs, how wide their borders are, and the
//! operator of each fused step.

use std::marker::PhantomData;

use mien_shared::graph::{Affine, Conv, Graph, Node, Op, Shape, Shapes, Tensor, Window};

use super::{Compiled, Place, Unsupported};
use crate::{
    arena::{Arena, Map},
    conv::{
        float::FloatConv,
        integer::{IntegerConv, Makes},
        is_depthwise,
        products::{Integer, IntegerDepthwise},
    },
    fuse::{Fused, fuse},
    operator::{
        Operator,
        add::{FloatAdd, IntegerAdd},
        convert::{Decode, Encode},
        map::{Concat, Enlarge, Floor, Squash},
        mean::{FloatMean, IntegerMean},
        pool::MaxPool,
    },
    simd::Isa,
};

/// Most elements of all values with their borders, and of all packed weights.
const MAX_ELEMENTS: u64 = 1 << 27;

type Boxed<I> = Box<dyn Operator<I>>;

/// Builds the program of `graph`.
pub(super) fn build<I: Isa>(graph: &Graph, isa: I) -> Result<Compiled<I>, Unsupported> {
    let shapes = graph.validate()?;
    let steps = fuse(graph, &shapes);
    let maps = maps(graph, &shapes);
    check_sizes(graph, &maps, I::LANES)?;
    let mut builder = Builder {
        graph,
        steps: &steps,
        maps: &maps,
        arena: Arena::new(maps.len()),
        operators: Vec::new(),
    };
    builder.lay_out(0);
    builder.convert(0, graph.coding(0).is_some());
    for step in &steps {
        builder.lay_out(step.output);
        let operator = builder.operator(step)?;
        let name = graph.nodes[step.step.node].name.clone();
        builder.operators.push((name, operator));
        builder.convert(step.output, step.integer);
    }
    let Builder { arena, operators, .. } = builder;
    let place = |value: u32| Place { map: maps[value as usize], coding: graph.coding(value) };
    let outputs = graph.outputs.iter().map(|output| place(output.value)).collect();
    Ok(Compiled { isa, arena, input: place(0), outputs, operators: operators.into() })
}

/// The layout of every value: its border is as wide as the widest padding that reads it.
fn maps(graph: &Graph, shapes: &Shapes) -> Vec<Map> {
    let map = |(value, shape): (usize, &Shape)| {
        let shape = match *shape {
            Shape::Map(dims) => dims.map(|d| d as usize),
            Shape::Vector([c]) => [c as usize, 1, 1],
        };
        Map { value, shape, border: [0; 4] }
    };
    let mut maps: Vec<Map> = shapes.iter().enumerate().map(map).collect();
    for node in &graph.nodes {
        let Op::Conv(conv) = &node.op else { continue };
        let border = &mut maps[node.inputs[0] as usize].border;
        for (side, pad) in border.iter_mut().zip(conv.window.pads) {
            *side = (*side).max(pad as usize);
        }
    }
    maps
}

/// Refuses what would take too much memory.
fn check_sizes(graph: &Graph, maps: &[Map], lanes: usize) -> Result<(), Unsupported> {
    let (mut values, mut weights) = (bordered(&maps[0]), 0_u64);
    for (node, map) in graph.nodes.iter().zip(&maps[1..]) {
        values = values.saturating_add(bordered(map));
        weights = weights.saturating_add(packed(node, lanes as u64));
        for (what, elements) in [("values", values), ("weights", weights)] {
            if elements > MAX_ELEMENTS {
                let node = node.name.clone();
                return Err(Unsupported::TooLarge { what, node, limit: MAX_ELEMENTS });
            }
        }
    }
    Ok(())
}

fn bordered(map: &Map) -> u64 {
    let [channels, height, width] = map.shape.map(|n| n as u64);
    let [top, left, bottom, right] = map.border.map(|n| n as u64);
    channels.saturating_mul(top + height + bottom).saturating_mul(left + width + right)
}

/// Elements of a node's packed weights.
fn packed(node: &Node, lanes: u64) -> u64 {
    match &node.op {
        Op::Conv(Conv { weight, groups, .. }) => {
            let outputs = u64::from(weight.shape[0] / groups).next_multiple_of(lanes);
            let per_output: u64 = weight.shape[1..].iter().map(|&n| u64::from(n)).product();
            outputs.saturating_mul(u64::from(*groups)).saturating_mul(per_output)
        }
        Op::Linear { weight, .. } => {
            u64::from(weight.shape[0]).next_multiple_of(lanes) * u64::from(weight.shape[1])
        }
        _ => 0,
    }
}

struct Builder<'a, I: Isa> {
    graph: &'a Graph,
    steps: &'a [Fused],
    maps: &'a [Map],
    arena: Arena,
    operators: Vec<(String, Boxed<I>)>,
}

impl<I: Isa> Builder<'_, I> {
    /// Makes the buffers of `value`.
    fn lay_out(&mut self, value: u32) {
        let map = self.maps[value as usize];
        let coding = self.graph.coding(value);
        let writes = |step: &Fused| step.output == value && (!step.integer || coding.is_none());
        let needs_floats = value == 0 && coding.is_none()
            || self.steps.iter().any(writes)
            || self.is_read(value, false);
        if needs_floats {
            self.arena.lay_out(&map, 0.0_f32);
        }
        if let Some(coding) = coding {
            self.arena.lay_out(&map, coding.zero);
        }
    }

    /// Whether an integer or a float step reads `value`.
    fn is_read(&self, value: u32, integer: bool) -> bool {
        let reads = |step: &Fused| {
            let inputs = &self.graph.nodes[step.step.node].inputs;
            inputs.contains(&value) || step.residual == Some(value)
        };
        self.steps.iter().any(|step| step.integer == integer && reads(step))
    }

    /// Appends what brings a coded value from the form it was made in to the forms that are read.
    fn convert(&mut self, value: u32, made_as_codes: bool) {
        let Some(coding) = self.graph.coding(value) else { return };
        let map = self.maps[value as usize];
        if !made_as_codes {
            self.operators.push((format!("value {value}"), Box::new(Encode { map, coding })));
        }
        if self.is_read(value, false) {
            self.operators.push((format!("value {value}"), Box::new(Decode { map, coding })));
        }
    }

    fn map(&self, value: u32) -> Map {
        self.maps[value as usize]
    }

    /// An input's layout.
    fn input(&self, step: &Fused, i: usize) -> Map {
        self.map(self.graph.nodes[step.step.node].inputs[i])
    }

    /// An input's layout and coding; only asked of coded values.
    fn coded(&self, value: u32) -> (Map, Affine) {
        let plain = Affine { scale: 1.0, zero: 0 };
        (self.map(value), self.graph.coding(value).unwrap_or(plain))
    }

    fn operator(&self, step: &Fused) -> Result<Boxed<I>, Unsupported> {
        let node = &self.graph.nodes[step.step.node];
        let built = if step.integer { self.integer(node, step) } else { self.float(node, step) };
        let missing = || Unsupported::Node { node: node.name.clone(), op: node.op.name() };
        built.ok_or_else(missing)
    }

    fn float(&self, node: &Node, step: &Fused) -> Option<Boxed<I>> {
        let (input, output) = (self.input(step, 0), self.map(step.output));
        let maps = [input, output];
        let inputs = node.inputs.iter().map(|&value| self.map(value));
        let residual = step.residual.map(|value| self.map(value));
        Some(match &node.op {
            Op::Conv(conv) if is_depthwise(conv) => {
                Box::new(FloatConv::<I, true>::new(conv, maps, None, step.relu))
            }
            Op::Conv(conv) => Box::new(FloatConv::<I, false>::new(conv, maps, residual, step.relu)),
            Op::Linear { weight, bias } => {
                let conv = pointwise(weight, bias);
                Box::new(FloatConv::<I, false>::new(&conv, maps, None, step.relu))
            }
            Op::Relu => Box::new(Floor { input, output, floor: 0.0_f32 }),
            Op::Add => {
                let inputs = [input, self.input(step, 1)];
                Box::new(FloatAdd { inputs, output, relu: step.relu })
            }
            &Op::MaxPool(window) => {
                Box::new(MaxPool::<f32> { window, input, output, kind: PhantomData })
            }
            Op::GlobalAveragePool => Box::new(FloatMean { input, output }),
            Op::Upsample2 => Box::new(Enlarge::<f32> { input, output, kind: PhantomData }),
            Op::Concat => Box::new(Concat::numbers(inputs.collect(), output)),
            Op::Softmax => Box::new(Squash { input, output, softmax: true }),
            Op::Sigmoid => Box::new(Squash { input, output, softmax: false }),
            _ => return None,
        })
    }

    fn integer(&self, node: &Node, step: &Fused) -> Option<Boxed<I>> {
        let (input, from) = self.coded(node.inputs[0]);
        let output = self.map(step.output);
        let maps = [input, output];
        let makes = (self.makes(step), step.relu);
        let coded = (output, self.coded(step.output).1);
        Some(match &node.op {
            Op::Conv(conv) if is_depthwise(conv) => {
                Box::new(IntegerConv::<I, IntegerDepthwise>::new(conv, maps, from, makes)?)
            }
            Op::Conv(conv) => Box::new(IntegerConv::<I, Integer>::new(conv, maps, from, makes)?),
            Op::Linear { weight, bias } => {
                let conv = pointwise(weight, bias);
                Box::new(IntegerConv::<I, Integer>::new(&conv, maps, from, makes)?)
            }
            Op::Add => Box::new(IntegerAdd {
                inputs: [self.coded(node.inputs[0]), self.coded(node.inputs[1])],
                output: coded,
                relu: step.relu,
            }),
            Op::Concat => {
                let parts = node.inputs.iter().map(|&value| self.coded(value)).collect();
                Box::new(Concat::codes(parts, coded))
            }
            Op::GlobalAveragePool => Box::new(IntegerMean { input: (input, from), output: coded }),
            &Op::MaxPool(window) => {
                Box::new(MaxPool::<u8> { window, input, output, kind: PhantomData })
            }
            Op::Upsample2 => Box::new(Enlarge::<u8> { input, output, kind: PhantomData }),
            Op::Relu => Box::new(Floor { input, output, floor: from.zero }),
            _ => return None,
        })
    }

    /// What an integer convolution makes.
    fn makes(&self, step: &Fused) -> Makes {
        match (self.graph.coding(step.output), step.residual) {
            (None, _) => Makes::Numbers,
            (Some(to), None) => Makes::Codes(to),
            (Some(to), Some(residual)) => {
                let (_, own) = self.coded(step.step.output);
                Makes::Sum { own, other: self.coded(residual), to }
            }
        }
    }
}

/// A linear layer as a convolution of one pixel.
fn pointwise(weight: &Tensor, bias: &[f32]) -> Conv {
    let [outputs, inputs] = [0, 1].map(|axis| weight.shape[axis]);
    let window = Window { kernel: [1, 1], stride: [1, 1], pads: [0; 4] };
    let weight = Tensor { shape: vec![outputs, inputs, 1, 1], data: weight.data.clone() };
    Conv { weight, bias: bias.to_vec(), window, groups: 1 }
}
