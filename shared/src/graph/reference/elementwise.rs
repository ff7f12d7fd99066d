//! Functions of single elements, of pairs, and of rows with columns.

use super::window::places;
use crate::graph::{Activation, Binary};

/// An activation of one number.
pub(super) fn activate(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::LeakyRelu { slope } => x.max(0.0) + slope * x.min(0.0),
        Activation::Elu { alpha } => x.max(0.0) + alpha * x.min(0.0).exp_m1(),
        Activation::Tanh => x.tanh(),
        Activation::Clip { low, high } => x.clamp(low, high),
        Activation::HardSigmoid => hard_sigmoid(x),
        Activation::HardSwish => x * hard_sigmoid(x),
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Gelu => 0.5 * x * (1.0 + libm::erff(x / std::f32::consts::SQRT_2)),
        Activation::Log => x.max(f32::MIN_POSITIVE).ln(),
    }
}

fn hard_sigmoid(x: f32) -> f32 {
    (x / 6.0 + 0.5).clamp(0.0, 1.0)
}

/// A plane with its negative elements times `slope`.
pub(super) fn sloped(plane: &[f32], slope: f32) -> Vec<f32> {
    plane.iter().map(|&v| if v < 0.0 { slope * v } else { v }).collect()
}

/// A value's elements and its extents.
type Extended<'a> = (&'a [f32], [usize; 3]);

/// A function of two maps; an axis of one index repeats.
pub(super) fn pairs(binary: Binary, (a, m): Extended<'_>, (b, n): Extended<'_>) -> Vec<f32> {
    let made = [0, 1, 2].map(|axis| m[axis].max(n[axis]));
    let at = |[c, h, w]: [usize; 3], (i, j, k): (usize, usize, usize)| {
        ((i.min(c - 1)) * h + j.min(h - 1)) * w + k.min(w - 1)
    };
    let pair = |place| apply(binary, a[at(m, place)], b[at(n, place)]);
    places(made).map(pair).collect()
}

fn apply(binary: Binary, a: f32, b: f32) -> f32 {
    match binary {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Max => a.max(b),
    }
}

/// `batch` products of `[rows, inner]` with `[inner, columns]`.
pub(super) fn products(
    (a, [rows, inner]): (&[f32], [usize; 2]),
    (b, columns): (&[f32], usize),
    batch: usize,
) -> Vec<f32> {
    let dot = |(i, row, column): (usize, usize, usize)| {
        let terms = 0..inner;
        terms.map(|k| a[(i * rows + row) * inner + k] * b[(i * inner + k) * columns + column]).sum()
    };
    places([batch, rows, columns]).map(dot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(seen: f32, wanted: f32) {
        let tolerance = 1e-6 * wanted.abs().max(1.0);
        assert!((seen - wanted).abs() <= tolerance, "{seen} is not {wanted}");
    }

    #[test]
    fn activations_have_their_textbook_values() {
        use Activation::{Clip, Elu, Gelu, HardSigmoid, HardSwish, LeakyRelu, Log, Silu, Tanh};
        for (activation, at_minus_one, at_two) in [
            (LeakyRelu { slope: 0.2 }, -0.2, 2.0),
            (Elu { alpha: 0.5 }, -0.316_060_3, 2.0),
            (Tanh, -0.761_594_2, 0.964_027_6),
            (Clip { low: -0.5, high: 1.5 }, -0.5, 1.5),
            (HardSigmoid, 1.0 / 3.0, 5.0 / 6.0),
            (HardSwish, -1.0 / 3.0, 5.0 / 3.0),
            (Silu, -0.268_941_4, 1.761_594_2),
            (Gelu, -0.158_655_26, 1.954_499_7),
            (Log, -87.336_54, std::f32::consts::LN_2),
        ] {
            close(activate(activation, -1.0), at_minus_one);
            close(activate(activation, 2.0), at_two);
        }
    }

    #[test]
    fn an_extent_of_one_repeats_on_either_side() {
        let (column, row) = ([1.0, 2.0], [10.0, 20.0, 30.0]);
        let made = pairs(Binary::Sub, (&column, [1, 2, 1]), (&row, [1, 1, 3]));
        assert_eq!(made, [-9.0, -19.0, -29.0, -8.0, -18.0, -28.0]);
        let gate = pairs(Binary::Mul, (&[1.0, 2.0, 3.0, 4.0], [2, 1, 2]), (&column, [2, 1, 1]));
        assert_eq!(gate, [1.0, 2.0, 6.0, 8.0]);
    }

    #[test]
    fn each_batch_has_its_own_product() {
        let a = [1.0, 2.0, 3.0, 4.0];
        let b = [1.0, 0.0, 0.0, 1.0, 2.0, 1.0, 1.0, 2.0];
        assert_eq!(products((&a, [1, 2]), (&b, 2), 2), [1.0, 2.0, 10.0, 11.0]);
    }
}
