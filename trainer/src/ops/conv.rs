//! Two-dimensional convolution, dense or depthwise, as one autodiff node.

use burn::{
    backend::{
        Flex,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::NoCheckpointing},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
    },
    nn::{PaddingConfig2d, conv::Conv2d},
    tensor::Tensor,
};
use mien_compute::{
    conv::{self, Shape},
    depthwise,
};

use super::{Place, Primitive, filled, place, tracked, values};

/// The layer's output.
///
/// # Shapes
/// `[N, C, H, W] -> [N, O, H', W']`
pub fn conv2d(layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    let Some((shape, kind)) = plan(layer, x.dims()) else { return layer.forward(x) };
    #[cfg(test)]
    tally::add(&shape, kind);
    let y = match place(&x) {
        Place::Elsewhere => return layer.forward(x),
        Place::Plain(x) => match layer.weight.val().try_into_primitive::<Flex>() {
            Ok(w) => Tensor::from_primitive::<Flex>(forward(shape, kind, &x, &w)),
            Err(_elsewhere) => return layer.forward(Tensor::from_primitive::<Flex>(x)),
        },
        Place::Tracked(x) => match tracked(layer.weight.val()) {
            Some(w) => {
                Tensor::from_primitive::<burn::backend::Autodiff<Flex>>(follow(shape, kind, x, w))
            }
            None => {
                return layer.forward(Tensor::from_primitive::<burn::backend::Autodiff<Flex>>(x));
            }
        },
    };
    match &layer.bias {
        Some(bias) => y + bias.val().reshape([1, -1, 1, 1]),
        None => y,
    }
}

/// Which of the two operators a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dense,
    Depthwise,
}

/// The shape of the convolution, `None` where only burn's own operator does it.
fn plan(layer: &Conv2d, [batch, inputs, height, width]: [usize; 4]) -> Option<(Shape, Kind)> {
    let [outputs, per_group, tall, broad] = layer.weight.val().dims();
    let kind = match layer.groups {
        1 => Kind::Dense,
        groups if groups == inputs && groups == outputs && per_group == 1 => Kind::Depthwise,
        _ => return None,
    };
    let (top, left, bottom, right) = match layer.padding {
        PaddingConfig2d::Valid => (0, 0, 0, 0),
        PaddingConfig2d::Explicit(top, left, bottom, right) => (top, left, bottom, right),
        PaddingConfig2d::Same => return None,
    };
    let size = |size: usize, padding: usize, kernel: usize, stride: usize| {
        (size + padding).checked_sub(kernel).map(|room| room / stride + 1)
    };
    let [down, across] = layer.stride;
    let output =
        [size(height, top + bottom, tall, down)?, size(width, left + right, broad, across)?];
    let shape = Shape {
        batch,
        channels: [inputs, outputs],
        input: [height, width],
        kernel: [tall, broad],
        stride: layer.stride,
        padding: [top, left],
        output,
    };
    (layer.dilation == [1, 1] && batch > 0).then_some((shape, kind))
}

fn output(shape: &Shape) -> [usize; 4] {
    [shape.batch, shape.channels[1], shape.output[0], shape.output[1]]
}

fn forward(shape: Shape, kind: Kind, x: &Primitive, w: &Primitive) -> Primitive {
    let (x, w) = (x.to_contiguous(), w.to_contiguous());
    let mut y = vec![0.0; shape.output_len()];
    match kind {
        Kind::Dense => conv::forward(&shape, values(&x), values(&w), &mut y),
        Kind::Depthwise => depthwise::forward(&shape, values(&x), values(&w), &mut y),
    }
    filled(y, output(&shape))
}

fn follow(shape: Shape, kind: Kind, x: super::Tracked, w: super::Tracked) -> super::Tracked {
    let nodes = [x.node(), w.node()];
    let (x, w) = (x.into_primitive().to_contiguous(), w.into_primitive().to_contiguous());
    let y = forward(shape, kind, &x, &w);
    match Node.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(node) => node.finish(Saved { shape, kind, x, w }, y),
        OpsKind::UnTracked(node) => node.finish(y),
    }
}

#[derive(Debug)]
struct Node;

/// What the gradients need.
#[derive(Debug, Clone)]
struct Saved {
    shape: Shape,
    kind: Kind,
    x: Primitive,
    w: Primitive,
}

impl Backward<Flex, 2> for Node {
    type State = Saved;

    fn backward(self, ops: Ops<Saved, 2>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let dy = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let [x, w] = ops.parents;
        if let Some(node) = x {
            gradients.register::<Flex>(node.id, ops.state.input_gradient(&dy));
        }
        if let Some(node) = w {
            gradients.register::<Flex>(node.id, ops.state.weight_gradient(&dy));
        }
    }
}

impl Saved {
    fn input_gradient(&self, dy: &Primitive) -> Primitive {
        let (dy, w) = (values(dy), values(&self.w));
        let mut dx = vec![0.0; self.shape.input_len()];
        match self.kind {
            Kind::Dense => conv::input_gradient(&self.shape, dy, w, &mut dx),
            Kind::Depthwise => depthwise::input_gradient(&self.shape, dy, w, &mut dx),
        }
        filled(dx, self.x.layout().shape().clone())
    }

    fn weight_gradient(&self, dy: &Primitive) -> Primitive {
        let (x, dy) = (values(&self.x), values(dy));
        let mut dw = vec![0.0; values(&self.w).len()];
        match self.kind {
            Kind::Dense => conv::weight_gradient(&self.shape, x, dy, &mut dw),
            Kind::Depthwise => depthwise::weight_gradient(&self.shape, x, dy, &mut dw),
        }
        filled(dw, self.w.layout().shape().clone())
    }
}

/// Counts multiply-adds, for tests of what a network costs.
#[cfg(test)]
pub(crate) mod tally {
    use std::cell::Cell;

    use super::{Kind, Shape};

    thread_local! {
        static COUNT: Cell<usize> = const { Cell::new(0) };
    }

    /// Multiply-adds of this thread's convolutions while `run` runs, padding's included.
    pub(crate) fn multiply_adds(run: impl FnOnce()) -> usize {
        let before = COUNT.get();
        run();
        COUNT.get() - before
    }

    pub(super) fn add(shape: &Shape, kind: Kind) {
        let inputs = if kind == Kind::Dense { shape.channels[0] } else { 1 };
        let kernel: usize = shape.kernel.iter().product();
        COUNT.set(COUNT.get() + shape.output_len() * inputs * kernel);
    }
}
