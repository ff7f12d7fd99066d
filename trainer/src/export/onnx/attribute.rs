//! `AttributeProto`: a node's named parameters.

use super::proto::Message;

/// A node's parameter.
pub(super) fn integer(name: &str, value: i64) -> Message {
    let mut proto = attribute(name, 2);
    proto.signed(3, value);
    proto
}

/// A node's parameter.
pub(super) fn float(name: &str, value: f32) -> Message {
    let mut proto = attribute(name, 1);
    proto.float(2, value);
    proto
}

/// A node's parameter.
pub(super) fn string(name: &str, value: &str) -> Message {
    let mut proto = attribute(name, 3);
    proto.text(4, value);
    proto
}

/// A node's parameter.
pub(super) fn integers(name: &str, values: &[u32]) -> Message {
    let mut proto = attribute(name, 7);
    for &v in values {
        proto.integer(8, u64::from(v));
    }
    proto
}

fn attribute(name: &str, kind: u64) -> Message {
    let mut proto = Message::default();
    proto.text(1, name);
    proto.integer(20, kind);
    proto
}
