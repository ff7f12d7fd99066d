//! A look at a file's wire format before it is decoded.
//!
//! Two bytes of protobuf can become a structure of hundreds. Counting the fields first bounds what
//! decoding may allocate. Only the messages that an ONNX model nests are entered; the numbers are
//! those of `onnx.proto`. Fields of other messages count once, as bytes.

use super::OnnxError;

/// Deepest nesting of messages that a model without subgraphs needs, and some to spare.
const DEPTH: usize = 12;

/// A message of `onnx.proto` that holds others.
#[derive(Debug, Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Sparse,
    Value,
    Type,
    TensorType,
    Shape,
    Training,
    Function,
    Annotation,
    /// One without messages in it.
    Leaf,
}

impl Message {
    /// The message in `field`, if that holds one.
    fn child(self, field: u64) -> Option<Self> {
        match (self, field) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) | (Self::Training, 1 | 2) => {
                Some(Self::Graph)
            }
            (Self::Model, 20) => Some(Self::Training),
            (Self::Model, 25) => Some(Self::Function),
            (Self::Graph, 1) | (Self::Function, 7) => Some(Self::Node),
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::Sparse, 1 | 2) => {
                Some(Self::Tensor)
            }
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Some(Self::Sparse),
            (Self::Graph, 11..=13) => Some(Self::Value),
            (Self::Graph, 14) => Some(Self::Annotation),
            (Self::Node, 5) | (Self::Function, 11) => Some(Self::Attribute),
            (Self::Value, 2) | (Self::Attribute, 14 | 15) => Some(Self::Type),
            (Self::Type, 1) => Some(Self::TensorType),
            (Self::TensorType, 2) => Some(Self::Shape),
            (Self::Shape, 1)
            | (Self::Model, 8 | 14)
            | (Self::Function, 9)
            | (Self::Tensor, 3 | 13)
            | (Self::Annotation, 2)
            | (Self::Training, 3 | 4) => Some(Self::Leaf),
            _ => None,
        }
    }
}

/// Counts the fields of a model.
///
/// # Errors
/// [`OnnxError::Malformed`] for bytes that are no protobuf, [`OnnxError::TooLarge`] beyond `limit`.
pub(super) fn scan(bytes: &[u8], limit: u64) -> Result<u64, OnnxError> {
    let mut scan = Scan { fields: 0, limit };
    scan.message(bytes, Message::Model, 0)?;
    Ok(scan.fields)
}

struct Scan {
    fields: u64,
    limit: u64,
}

impl Scan {
    fn message(
        &mut self,
        mut bytes: &[u8],
        message: Message,
        depth: usize,
    ) -> Result<(), OnnxError> {
        if depth > DEPTH {
            return Err(malformed("messages are nested too deeply"));
        }
        while !bytes.is_empty() {
            self.count()?;
            let key = varint(&mut bytes)?;
            let content = content(&mut bytes, key & 7)?;
            if let Some(child) = message.child(key >> 3).filter(|_| key & 7 == 2) {
                self.message(content, child, depth + 1)?;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), OnnxError> {
        self.fields += 1;
        if self.fields > self.limit {
            let what = "protobuf fields".to_owned();
            return Err(OnnxError::TooLarge { what, count: self.fields, limit: self.limit });
        }
        Ok(())
    }
}

/// Takes a field of wire type `kind` off the front.
fn content<'a>(bytes: &mut &'a [u8], kind: u64) -> Result<&'a [u8], OnnxError> {
    let length = match kind {
        0 => {
            varint(bytes)?;
            0
        }
        1 => 8,
        2 => usize::try_from(varint(bytes)?).unwrap_or(usize::MAX),
        5 => 4,
        _ => return Err(malformed("a field has an unknown wire type")),
    };
    let (content, rest) =
        bytes.split_at_checked(length).ok_or_else(|| malformed("the file is cut off"))?;
    *bytes = rest;
    Ok(content)
}

/// Takes a base-128 number off the front.
fn varint(bytes: &mut &[u8]) -> Result<u64, OnnxError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or_else(|| malformed("the file is cut off"))?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(malformed("a number is longer than 64 bits"))
}

fn malformed(reason: &str) -> OnnxError {
    OnnxError::Malformed { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_nested_messages_count() {
        // Model { ir_version: 8, graph: { node: {}, node: { op_type: "A" } } }
        let bytes = [0x08, 8, 0x3a, 7, 0x0a, 0, 0x0a, 3, 0x22, 1, b'A'];
        assert_eq!(scan(&bytes, 5).unwrap(), 5);
        assert!(matches!(scan(&bytes, 4), Err(OnnxError::TooLarge { count: 5, limit: 4, .. })));
    }

    #[test]
    fn a_cut_file_is_malformed() {
        let bytes = [0x3a, 7, 0x0a, 0];
        let error = scan(&bytes, 9).unwrap_err().to_string();
        assert_eq!(error, "not an ONNX model: the file is cut off");
        assert!(scan(&[0x80; 12], 9).is_err());
        assert!(scan(&[0x0f], 9).is_err());
    }

    #[test]
    fn subgraphs_without_end_are_refused() {
        // A graph in an attribute of a node of a graph, and so on.
        let mut bytes = vec![];
        for tag in [0x32, 0x2a, 0x0a].into_iter().cycle().take(30) {
            let length = u8::try_from(bytes.len()).unwrap();
            bytes.splice(0..0, [tag, length]);
        }
        bytes.splice(0..0, [0x3a, u8::try_from(bytes.len()).unwrap()]);
        let error = scan(&bytes, 99).unwrap_err().to_string();
        assert_eq!(error, "not an ONNX model: messages are nested too deeply");
    }
}
