//! A loss and the parts it is the weighted sum of.

use burn::tensor::Tensor;

/// The loss of a batch: `Σ weight · part`.
#[derive(Debug, Clone)]
pub struct Loss {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    name: &'static str,
    weight: f32,
    value: Tensor<1>,
}

impl Loss {
    /// A loss of one part, a scalar `[1]`.
    pub fn new(name: &'static str, value: Tensor<1>) -> Self {
        Self::weighted(name, 1.0, value)
    }

    /// A loss whose first part, a scalar `[1]`, has a weight.
    pub fn weighted(name: &'static str, weight: f32, value: Tensor<1>) -> Self {
        Self { parts: vec![Part { name, weight, value }] }
    }

    /// The loss with another part, a scalar `[1]`.
    #[must_use]
    pub fn and(mut self, name: &'static str, weight: f32, value: Tensor<1>) -> Self {
        self.parts.push(Part { name, weight, value });
        self
    }

    /// The names of its parts.
    #[cfg(test)]
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.parts.iter().map(|part| part.name).collect()
    }

    /// The weighted sum.
    ///
    /// # Shapes
    /// `-> [1]`
    pub fn total(self) -> Tensor<1> {
        let weighted = self.parts.into_iter().map(|part| part.value.mul_scalar(part.weight));
        weighted.reduce(|a, b| a + b).unwrap_or_else(|| unreachable!("a loss has a first part"))
    }
}

/// Sums of the losses of an epoch.
#[derive(Debug, Default)]
pub(super) struct Sums {
    batches: f64,
    total: f64,
    parts: Vec<(String, f64)>,
}

impl Sums {
    /// Adds a batch's loss and returns its total.
    pub(super) fn add(&mut self, loss: &Loss) -> f64 {
        let mut total = 0.0;
        for (at, part) in loss.parts.iter().enumerate() {
            let value = f64::from(part.value.clone().into_scalar::<f32>());
            total += f64::from(part.weight) * value;
            match self.parts.get_mut(at) {
                Some((_, sum)) => *sum += value,
                None => self.parts.push((part.name.to_owned(), value)),
            }
        }
        self.batches += 1.0;
        self.total += total;
        total
    }

    /// Means over the batches: the total, and the parts where there are several.
    pub(super) fn means(self) -> (f64, Vec<(String, f64)>) {
        let batches = self.batches.max(1.0);
        let parts = if self.parts.len() > 1 { self.parts } else { Vec::new() };
        let parts = parts.into_iter().map(|(name, sum)| (name, sum / batches)).collect();
        (self.total / batches, parts)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn parts_are_weighted_summed_and_named() {
        let device = Device::flex();
        let value = |v: f32| Tensor::<1>::from_floats([v], &device);
        let loss = Loss::new("score", value(2.0)).and("box", 0.5, value(3.0));
        let mut sums = Sums::default();
        assert!((sums.add(&loss) - 3.5).abs() < 1e-9);
        assert!((loss.total().into_scalar::<f32>() - 3.5).abs() < 1e-6);
        sums.add(&Loss::new("score", value(4.0)).and("box", 0.5, value(1.0)));
        let wanted = vec![("score".to_owned(), 3.0), ("box".to_owned(), 2.0)];
        assert_eq!(sums.means(), (4.0, wanted));
    }
}
