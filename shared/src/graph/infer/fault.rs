//! What is wrong with an operation's shapes.

use crate::graph::{MAX_EXTENT, Shape, Window};

/// What is wrong with an operation's shapes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeFault {
    /// Another number of inputs than the operation reads.
    #[error("it reads {wanted} but is given {given}")]
    Arity {
        /// What it reads, in words.
        wanted: &'static str,
        /// Inputs given.
        given: usize,
    },
    /// A vector where a map is needed or the reverse.
    #[error("it cannot read a value of shape {dims:?}")]
    Rank {
        /// The shape.
        dims: Vec<u32>,
    },
    /// Two values to be added, joined or repeated do not fit each other.
    #[error("the shapes {:?} and {:?} differ", a.dims(), b.dims())]
    Differ {
        /// First shape.
        a: Shape,
        /// Second shape.
        b: Shape,
    },
    /// The groups do not divide the channels, or are zero.
    #[error("{groups} groups do not divide {channels} input and {out} output channels")]
    Groups {
        /// Stated groups.
        groups: u32,
        /// Channels read.
        channels: u32,
        /// Channels made.
        out: u32,
    },
    /// The weight is made for another number of channels.
    #[error("its weight reads {given} channels per group where the value has {wanted}")]
    Channels {
        /// Channels per group the value has.
        wanted: u32,
        /// Channels per group the weight has.
        given: u32,
    },
    /// The weight's and the window's kernel differ.
    #[error("its window is {window:?} but its weight {weight:?}")]
    Kernel {
        /// The window's kernel.
        window: [u32; 2],
        /// The weight's last two axes.
        weight: [u32; 2],
    },
    /// A zero kernel, stride or dilation, padding as large as the kernel, or a kernel larger than
    /// the map.
    #[error(
        "kernel {:?}, stride {:?} and pads {:?} do not fit a map of {sides:?}",
        window.kernel, window.stride, window.pads
    )]
    Window {
        /// The window.
        window: Window,
        /// Height and width of the map.
        sides: [u32; 2],
    },
    /// A value with an empty or too large axis.
    #[error("it makes a value of shape {dims:?}; extents lie in 1..={MAX_EXTENT}")]
    Extent {
        /// The shape.
        dims: Vec<u32>,
    },
    /// Two values that have no matrix product.
    #[error("there is no product of matrices {:?} and {:?}", a.dims(), b.dims())]
    Product {
        /// First shape.
        a: Shape,
        /// Second shape.
        b: Shape,
    },
    /// Another number of slopes, scales or biases than the axis has indices.
    #[error("it has {given} {what} where the value has {wanted}")]
    Count {
        /// `slopes`, `scales` or `biases`.
        what: &'static str,
        /// Extent of the axis.
        wanted: u32,
        /// Constants given.
        given: usize,
    },
    /// An axis that the value does not have, or that a transposition names twice.
    #[error("axes {axes:?} are not distinct axes of the shape {:?}", shape.dims())]
    Axes {
        /// The axes.
        axes: Vec<u32>,
        /// The value's shape.
        shape: Shape,
    },
    /// A new shape with another number of elements.
    #[error("the shape {:?} has other elements than {wanted:?}", shape.dims())]
    Elements {
        /// The value's shape.
        shape: Shape,
        /// The shape wanted.
        wanted: [u32; 3],
    },
    /// A range that is empty or leaves the axis.
    #[error("{length} from {start} on do not lie in an axis of {extent}")]
    Range {
        /// First index.
        start: u32,
        /// Number of indices.
        length: u32,
        /// Extent of the axis.
        extent: u32,
    },
    /// A size that is no whole multiple, for nearest neighbours.
    #[error("{size:?} is no whole multiple of {sides:?}; resize bilinearly")]
    Multiple {
        /// Height and width wanted.
        size: [u32; 2],
        /// Height and width of the map.
        sides: [u32; 2],
    },
    /// Padding that mirrors more than there is.
    #[error("pads {pads:?} mirror more than a map of {sides:?} has")]
    Mirror {
        /// Top, left, bottom, right.
        pads: [u32; 4],
        /// Height and width of the map.
        sides: [u32; 2],
    },
}
