//! The protobuf messages of an event file, as far as scalars and pictures need them.
//!
//! After `tensorflow/core/util/event.proto` and `tensorflow/core/framework/summary.proto`; field
//! numbers are theirs.

/// Something that happened at a step.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Event {
    /// Seconds since the Unix epoch.
    #[prost(double, tag = "1")]
    pub(super) wall_time: f64,
    /// The step, here an epoch.
    #[prost(int64, tag = "2")]
    pub(super) step: i64,
    /// What happened.
    #[prost(oneof = "What", tags = "3, 5")]
    pub(super) what: Option<What>,
}

/// What an event says.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum What {
    /// The format's version, in the first event only.
    #[prost(string, tag = "3")]
    FileVersion(String),
    /// Values.
    #[prost(message, tag = "5")]
    Summary(Summary),
}

/// Values of one step.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Summary {
    /// The values.
    #[prost(message, repeated, tag = "1")]
    pub(super) values: Vec<Value>,
}

/// A value under a tag; slashes in the tag make groups.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Value {
    /// The tag.
    #[prost(string, tag = "1")]
    pub(super) tag: String,
    /// The value.
    #[prost(oneof = "Visual", tags = "2, 4")]
    pub(super) visual: Option<Visual>,
}

/// What is shown.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Visual {
    /// A point of a curve.
    #[prost(float, tag = "2")]
    Scalar(f32),
    /// A picture.
    #[prost(message, tag = "4")]
    Image(Image),
}

/// A picture.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Image {
    /// Height in pixels; TensorFlow's is an int32, whose varint is the same.
    #[prost(uint32, tag = "1")]
    pub(super) height: u32,
    /// Width in pixels.
    #[prost(uint32, tag = "2")]
    pub(super) width: u32,
    /// Channels: 1 grey, 3 RGB.
    #[prost(uint32, tag = "3")]
    pub(super) colorspace: u32,
    /// The PNG file.
    #[prost(bytes = "vec", tag = "4")]
    pub(super) encoded: Vec<u8>,
}
