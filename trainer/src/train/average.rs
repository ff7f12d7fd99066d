//! The exponential moving average of a network's weights.
//!
//! `a ← d·a + (1 - d)·w` after every step, with `d = min(decay, (1 + step) / (10 + step))` so that
//! the first steps are forgotten soon (Polyak and Juditsky 1992; the warm-up is TensorFlow's
//! `ExponentialMovingAverage`). Running statistics are not averaged: the network's own are used.

use std::collections::HashMap;

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId},
    tensor::Tensor,
};

/// Averaged weights.
#[derive(Debug, Clone)]
pub struct Average {
    decay: f64,
    weights: HashMap<ParamId, Tensor<1>>,
}

impl Average {
    /// An average that starts from the weights of `net`, a network without autodiff.
    pub fn of(net: &impl Module, decay: f64) -> Self {
        let mut average = Self { decay, weights: HashMap::new() };
        net.visit(&mut Fold { average: &mut average, keep: 0.0 });
        average
    }

    /// Takes in the weights of `net`, a network without autodiff, after step `step`.
    pub fn update(&mut self, net: &impl Module, step: u64) {
        let keep = self.decay.min((1.0 + step as f64) / (10.0 + step as f64));
        net.visit(&mut Fold { average: self, keep });
    }

    /// `net` with the averaged weights.
    pub fn apply<M: Module>(&self, net: M) -> M {
        net.map(&mut Put(self))
    }
}

struct Fold<'a> {
    average: &'a mut Average,
    keep: f64,
}

impl ModuleVisitor for Fold<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let new: Tensor<1> = param.val().reshape([-1]);
        let weights = &mut self.average.weights;
        let folded = match weights.remove(&param.id) {
            Some(old) => old.mul_scalar(self.keep) + new.mul_scalar(1.0 - self.keep),
            None => new,
        };
        weights.insert(param.id, folded);
    }
}

struct Put<'a>(&'a Average);

impl ModuleMapper for Put<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.0.weights.get(&param.id) {
            Some(average) => {
                let average = average.clone();
                param.map(|weights| average.reshape(weights.shape()))
            }
            None => param,
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::{nn::LinearConfig, tensor::Device};

    use super::*;

    struct Fill(f32);

    impl ModuleMapper for Fill {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|weights| weights.zeros_like() + self.0)
        }
    }

    fn all(average: &Average, value: f32) {
        let near = |weights: &Tensor<1>| {
            weights.to_data().iter::<f32>().all(|weight| (weight - value).abs() < 1e-6)
        };
        assert!(average.weights.values().all(near), "wanted {value}");
    }

    #[test]
    fn the_average_follows_its_formula() {
        let net = LinearConfig::new(2, 2).init(&Device::flex()).map(&mut Fill(1.0));
        let later = net.clone().map(&mut Fill(2.0));
        let mut average = Average::of(&net, 0.9);
        average.update(&later, 1_000_000);
        all(&average, 1.1);
        all(&Average::of(&average.apply(later.clone()), 0.9), 1.1);
        // After step 0 the new weights count nine tenths.
        let mut average = Average::of(&net, 0.99);
        average.update(&later, 0);
        all(&average, 1.9);
    }
}
