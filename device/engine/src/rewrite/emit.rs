//! A segment as a graph: scales and shifts go into the convolutions before them, borders into the
//! convolutions after them, and what finds no such place becomes a convolution of its own.

use mien_shared::graph::{Conv, Graph, Node, Op, Output, Shape, Tensor, TensorData, Window};

use super::segment::{Affine, Kind, Segment, Value};

/// The graph that computes the values `wanted` of a segment, in that order; `None` when it would
/// break a rule of graphs.
pub(super) fn emit(segment: &Segment, wanted: &[usize]) -> Option<Graph> {
    let Shape::Map(input) = segment.values[0].shape else { return None };
    let readers = readers(&segment.values, wanted);
    let mut emission =
        Emission { values: &segment.values, readers, nodes: Vec::new(), places: Vec::new() };
    for value in 0..segment.values.len() {
        let place = emission.place(value)?;
        emission.places.push(place);
    }
    let mut outputs = Vec::with_capacity(wanted.len());
    for &value in wanted {
        let number = emission.settled(value)?;
        outputs.push(Output { name: format!("value {value}"), value: number });
    }
    let graph = Graph { input, nodes: emission.nodes, outputs, codes: Vec::new() };
    graph.validate().is_ok().then_some(graph)
}

/// How often each value is read, counting only what `wanted` needs; each wanted one once more.
fn readers(values: &[Value], wanted: &[usize]) -> Vec<usize> {
    let mut readers = vec![0; values.len()];
    for &value in wanted {
        readers[value] += 1;
    }
    for value in (0..values.len()).rev() {
        if readers[value] > 0 {
            for &input in &values[value].inputs {
                readers[input] += 1;
            }
        }
    }
    readers
}

/// Where a value of the segment is in the graph.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Number of the graph's value.
    value: u32,
    /// The border of zeros still to be put around it.
    pads: [u32; 4],
}

struct Emission<'a> {
    values: &'a [Value],
    readers: Vec<usize>,
    nodes: Vec<Node>,
    places: Vec<Place>,
}

impl Emission<'_> {
    fn place(&mut self, number: usize) -> Option<Place> {
        let value = &self.values[number];
        let settled = |value| Some(Place { value, pads: [0; 4] });
        if self.readers[number] == 0 {
            return settled(0);
        }
        match &value.kind {
            Kind::Input => settled(0),
            Kind::Pad(pads) => self.bordered(value.inputs[0], *pads),
            Kind::Affine(affine) => settled(self.affine(value, affine)?),
            Kind::Op(Op::Conv(conv)) => settled(self.conv(value, conv)?),
            Kind::Op(op) => {
                let inputs: Option<Vec<u32>> =
                    value.inputs.iter().map(|&input| self.settled(input)).collect();
                settled(self.push(&value.name, op.clone(), inputs?)?)
            }
        }
    }

    /// Adds a node and returns the number of what it makes.
    fn push(&mut self, name: &str, op: Op, inputs: Vec<u32>) -> Option<u32> {
        // The number keeps names unique when one tract node becomes several of the graph's.
        let taken = self.nodes.iter().any(|node| node.name == name);
        let name = if taken { format!("{name}.{}", self.nodes.len()) } else { name.to_owned() };
        self.nodes.push(Node { name, op, inputs });
        u32::try_from(self.nodes.len()).ok()
    }

    /// The graph's value for a value of the segment, its border drawn.
    fn settled(&mut self, number: usize) -> Option<u32> {
        let place = *self.places.get(number)?;
        if place.pads == [0; 4] {
            return Some(place.value);
        }
        let value = &self.values[number];
        let conv = border(place.pads, value.shape.channels())?;
        let made = self.push(&value.name, Op::Conv(conv), vec![place.value])?;
        self.places[number] = Place { value: made, pads: [0; 4] };
        Some(made)
    }

    fn bordered(&mut self, input: usize, pads: [u32; 4]) -> Option<Place> {
        let value = self.settled(input)?;
        Some(Place { value, pads })
    }

    /// A convolution, with the border of what it reads in its own padding where that fits.
    fn conv(&mut self, value: &Value, conv: &Conv) -> Option<u32> {
        let place = *self.places.get(value.inputs[0])?;
        let mut conv = conv.clone();
        let mut pads = conv.window.pads;
        for (own, border) in pads.iter_mut().zip(place.pads) {
            *own = own.checked_add(border)?;
        }
        let [kh, kw] = conv.window.kernel;
        let fits = pads.iter().zip([kh, kw, kh, kw]).all(|(&pad, kernel)| pad < kernel);
        if fits {
            conv.window.pads = pads;
            return self.push(&value.name, Op::Conv(conv), vec![place.value]);
        }
        let input = self.settled(value.inputs[0])?;
        self.push(&value.name, Op::Conv(conv), vec![input])
    }

    /// A scale and shift: in the weights of what makes its input, if nothing else reads that.
    fn affine(&mut self, value: &Value, affine: &Affine) -> Option<u32> {
        let input = self.settled(value.inputs[0])?;
        let maker = (input as usize).checked_sub(1).and_then(|i| self.nodes.get_mut(i));
        let alone = self.readers[value.inputs[0]] == 1;
        match maker.map(|node| &mut node.op) {
            Some(Op::Conv(Conv { weight, bias, .. }) | Op::Linear { weight, bias }) if alone => {
                fold(weight, bias, affine);
                Some(input)
            }
            _ => self.push(&value.name, spelled(affine, value.shape)?, vec![input]),
        }
    }
}

/// `scale · (weight · x + bias) + shift` as one weight and bias.
fn fold(weight: &mut Tensor, bias: &mut [f32], affine: &Affine) {
    let rows = affine.scale.len().max(1);
    if let TensorData::F32(values) = &mut weight.data {
        let columns = (values.len() / rows).max(1);
        for (row, scale) in values.chunks_mut(columns).zip(&affine.scale) {
            for value in row {
                *value *= scale;
            }
        }
    }
    for ((bias, scale), shift) in bias.iter_mut().zip(&affine.scale).zip(&affine.shift) {
        *bias = *bias * scale + shift;
    }
}

/// A scale and shift as an operation: a convolution of single pixels, or a diagonal matrix.
fn spelled(affine: &Affine, shape: Shape) -> Option<Op> {
    let channels = shape.channels();
    let bias = affine.shift.clone();
    if matches!(shape, Shape::Vector(_)) {
        let size = channels as usize;
        let mut matrix = vec![0.0; size.checked_mul(size)?];
        for (row, &scale) in affine.scale.iter().enumerate() {
            matrix[row * size + row] = scale;
        }
        let weight = Tensor { shape: vec![channels; 2], data: TensorData::F32(matrix) };
        return Some(Op::Linear { weight, bias });
    }
    let data = TensorData::F32(affine.scale.clone());
    let weight = Tensor { shape: vec![channels, 1, 1, 1], data };
    let window = Window { kernel: [1; 2], stride: [1; 2], pads: [0; 4] };
    Some(Op::Conv(Conv { weight, bias, window, groups: channels }))
}

/// A border of zeros as a convolution of each channel with a single one.
///
/// A window may not be padded by its whole size, so both sides are padded by `before + after` and
/// the kernel of `before + after + 1` cells has its one where it takes the surplus off again.
fn border([top, left, bottom, right]: [u32; 4], channels: u32) -> Option<Conv> {
    let (rows, columns) = (top.checked_add(bottom)?, left.checked_add(right)?);
    let kernel = [rows.checked_add(1)?, columns.checked_add(1)?];
    let taps = usize::try_from(u64::from(kernel[0]).checked_mul(u64::from(kernel[1]))?).ok()?;
    let size = taps.checked_mul(channels as usize)?;
    // More than any picture needs; a border this wide stays with tract.
    if size > 1 << 24 {
        return None;
    }
    let one = (bottom * kernel[1] + right) as usize;
    let weights = (0..size).map(|i| if i % taps == one { 1.0 } else { 0.0 }).collect();
    let weight =
        Tensor { shape: vec![channels, 1, kernel[0], kernel[1]], data: TensorData::F32(weights) };
    let window = Window { kernel, stride: [1; 2], pads: [rows, columns, rows, columns] };
    Some(Conv { weight, bias: vec![0.0; channels as usize], window, groups: channels })
}

#[cfg(test)]
mod tests {
    use mien_shared::graph::reference::{self, Value as Computed};

    use super::*;

    #[test]
    fn a_border_is_drawn_where_it_belongs() {
        let op = Op::Conv(border([1, 0, 0, 2], 1).unwrap());
        let nodes = vec![Node { name: "border".into(), op, inputs: vec![0] }];
        let outputs = vec![Output { name: "y".into(), value: 1 }];
        let graph = Graph { input: [1, 1, 2], nodes, outputs, codes: vec![] };
        let made = reference::run(&graph, &[5.0, 7.0]).unwrap();
        let wanted = vec![0.0, 0.0, 0.0, 0.0, 5.0, 7.0, 0.0, 0.0];
        assert_eq!(made[1], Computed::Floats(wanted));
    }

    #[test]
    fn a_scale_and_shift_meet_weight_and_bias() {
        let mut weight =
            Tensor { shape: vec![2, 2], data: TensorData::F32(vec![1.0, 2.0, 3.0, 4.0]) };
        let mut bias = vec![1.0, -1.0];
        fold(&mut weight, &mut bias, &Affine { scale: vec![2.0, 0.5], shift: vec![0.25, 1.0] });
        assert_eq!(weight.data, TensorData::F32(vec![2.0, 4.0, 1.5, 2.0]));
        assert_eq!(bias, [2.25, 0.5]);
    }
}
