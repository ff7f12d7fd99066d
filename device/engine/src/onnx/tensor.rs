//! Constants of an ONNX file: checked before anything is made of them, and read.

use tract_onnx::pb::TensorProto;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};

use super::OnnxError;

/// Checks a constant: its data lie in the file, fill its shape, and hold no NaN.
///
/// Returns the number of elements.
///
/// # Errors
/// [`OnnxError::Tensor`] naming `name`.
pub(super) fn check(tensor: &TensorProto, name: &str, limit: u64) -> Result<u64, OnnxError> {
    let fault = |reason: String| OnnxError::Tensor { tensor: name.to_owned(), reason };
    if tensor.data_location == Some(DataLocation::External as i32) {
        return Err(fault("its data lie in another file; save the model as one file".to_owned()));
    }
    let kind = DataType::try_from(tensor.data_type).ok().and_then(storage);
    let Some((size, typed)) = kind else {
        return Err(fault(format!("data type {} is not supported", tensor.data_type)));
    };
    let elements = elements(&tensor.dims)
        .ok_or_else(|| fault(format!("its shape {:?} is no shape", tensor.dims)))?;
    if elements > limit {
        let what = format!("elements of tensor {name:?}");
        return Err(OnnxError::TooLarge { what, count: elements, limit });
    }
    let stored = if tensor.raw_data.is_empty() {
        typed(tensor) as u64
    } else if tensor.raw_data.len().is_multiple_of(size) {
        (tensor.raw_data.len() / size) as u64
    } else {
        return Err(fault(format!("{} bytes hold no whole elements", tensor.raw_data.len())));
    };
    if stored != elements {
        return Err(fault(format!("{stored} elements do not fill the shape {:?}", tensor.dims)));
    }
    match floats_of(tensor).position(f32::is_nan) {
        Some(index) => Err(fault(format!("element {index} is NaN"))),
        None => Ok(elements),
    }
}

/// The number of elements of a shape; `None` when an extent is negative or the product overflows.
pub(super) fn elements(dims: &[i64]) -> Option<u64> {
    dims.iter().try_fold(1_u64, |n, &d| n.checked_mul(u64::try_from(d).ok()?))
}

/// The f32 elements of a checked constant; none for another type.
pub(super) fn floats_of(tensor: &TensorProto) -> impl Iterator<Item = f32> + '_ {
    let own = tensor.data_type == DataType::Float as i32;
    let raw = tensor.raw_data.chunks_exact(4).filter(move |_| own);
    let raw = raw.map(|b| f32::from_le_bytes(b.try_into().unwrap_or_default()));
    raw.chain(tensor.float_data.iter().copied().filter(move |_| own))
}

/// The elements of a checked constant of 8 or 32 bits as integers; none for another type.
pub(super) fn integers_of(tensor: &TensorProto) -> Vec<i64> {
    let raw = &tensor.raw_data;
    match DataType::try_from(tensor.data_type) {
        Ok(DataType::Uint8) if !raw.is_empty() => raw.iter().map(|&b| i64::from(b)).collect(),
        Ok(DataType::Int8) if !raw.is_empty() => {
            raw.iter().map(|&b| i64::from(b.cast_signed())).collect()
        }
        Ok(DataType::Int32) if !raw.is_empty() => raw
            .chunks_exact(4)
            .map(|b| i64::from(i32::from_le_bytes(b.try_into().unwrap_or_default())))
            .collect(),
        Ok(DataType::Int64) if !raw.is_empty() => raw
            .chunks_exact(8)
            .map(|b| i64::from_le_bytes(b.try_into().unwrap_or_default()))
            .collect(),
        Ok(DataType::Uint8 | DataType::Int8 | DataType::Int32) => {
            tensor.int32_data.iter().map(|&v| i64::from(v)).collect()
        }
        Ok(DataType::Int64) => tensor.int64_data.clone(),
        _ => Vec::new(),
    }
}

/// The number of elements in one of a tensor's typed lists.
type Length = fn(&TensorProto) -> usize;

/// A type's bytes per element and the length of its own list in a tensor.
fn storage(kind: DataType) -> Option<(usize, Length)> {
    let ints = |tensor: &TensorProto| tensor.int32_data.len();
    Some(match kind {
        DataType::Float => (4, |tensor| tensor.float_data.len()),
        DataType::Double => (8, |tensor| tensor.double_data.len()),
        DataType::Int64 => (8, |tensor| tensor.int64_data.len()),
        DataType::Int32 => (4, ints),
        DataType::Uint8 | DataType::Int8 | DataType::Bool => (1, ints),
        DataType::Float16 | DataType::Uint16 | DataType::Int16 => (2, ints),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dims: &[i64], values: &[f32]) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: DataType::Float as i32,
            float_data: values.to_vec(),
            ..TensorProto::default()
        }
    }

    fn fault(tensor: &TensorProto) -> String {
        check(tensor, "w", 100).unwrap_err().to_string()
    }

    #[test]
    fn a_constant_that_fills_its_shape_is_counted() {
        assert_eq!(check(&tensor(&[2, 1], &[1.0, 2.0]), "w", 2).unwrap(), 2);
        assert_eq!(check(&tensor(&[0], &[]), "w", 2).unwrap(), 0);
    }

    #[test]
    fn every_fault_names_the_tensor() {
        let mut short = tensor(&[2], &[]);
        short.raw_data = vec![0; 7];
        assert_eq!(fault(&short), "tensor \"w\": 7 bytes hold no whole elements");
        let few = fault(&tensor(&[2, 2], &[1.0]));
        assert_eq!(few, "tensor \"w\": 1 elements do not fill the shape [2, 2]");
        assert_eq!(fault(&tensor(&[-1], &[])), "tensor \"w\": its shape [-1] is no shape");
        let nan = fault(&tensor(&[2], &[0.0, f32::NAN]));
        assert_eq!(nan, "tensor \"w\": element 1 is NaN");
        let huge = fault(&tensor(&[i64::MAX, i64::MAX], &[]));
        assert!(huge.contains("is no shape"), "{huge}");
        let large = fault(&tensor(&[101], &[]));
        assert!(large.starts_with("elements of tensor \"w\": 101, but the limit is 100"));
        let text = TensorProto { data_type: DataType::String as i32, ..tensor(&[1], &[]) };
        assert_eq!(fault(&text), "tensor \"w\": data type 8 is not supported");
        let mut away = tensor(&[1], &[1.0]);
        away.data_location = Some(DataLocation::External as i32);
        assert!(fault(&away).contains("another file"));
    }
}
