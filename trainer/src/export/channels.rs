//! Weights of transposed convolutions: the graph holds output channels first, burn and ONNX input
//! channels first.

/// `[groups · a, b, rest]` as `[groups · b, a, rest]`; its own inverse with `a` and `b` swapped.
pub(super) fn swapped<T: Copy>(values: &[T], [groups, a, b]: [usize; 3]) -> Vec<T> {
    let rest = values.len() / (groups * a * b).max(1);
    let places = (0..groups).flat_map(|g| (0..b).flat_map(move |j| (0..a).map(move |i| (g, i, j))));
    places.flat_map(|(g, i, j)| &values[((g * a + i) * b + j) * rest..][..rest]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_swap_within_their_group() {
        // Two groups of one output and two inputs each, two kernel places.
        let weights = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(swapped(&weights, [2, 1, 2]), weights);
        assert_eq!(swapped(&weights, [1, 2, 2]), [1, 2, 5, 6, 3, 4, 7, 8]);
        assert_eq!(swapped(&swapped(&weights, [1, 4, 1]), [1, 1, 4]), weights);
    }
}
