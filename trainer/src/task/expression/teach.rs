//! What other networks think of the pictures a network learns from.
//!
//! `t ← (1 - share) · t + share · mean of the teachers' probabilities` for the unchanged picture:
//! a student then learns which expressions a picture is nearly of, and less of a wrong label
//! (Hinton et al. 2015, arXiv 1503.02531, at temperature 1). Of a teacher that knows more classes
//! than are learned, the share of those counts.

use burn::tensor::Device;
use mien_data::Sample;
use mien_metric::protocol::Protocol;

use super::{CLASSES, predict};
use crate::arch::expression::ExpressionNet;

/// Mixes the mean opinion of `teachers`, networks in inference mode, into what is learned of each
/// sample.
pub fn teach(
    samples: &mut [Sample],
    teachers: &[ExpressionNet],
    (share, protocol): (f32, Protocol),
    device: &Device,
) {
    let opinions: Vec<_> = teachers.iter().map(|net| predict(net, samples, device)).collect();
    for (at, sample) in samples.iter_mut().enumerate() {
        let opinion: [f32; CLASSES] = std::array::from_fn(|class| {
            opinions.iter().map(|all| all[at][class]).sum::<f32>() / teachers.len().max(1) as f32
        });
        let opinion = protocol.among_labels(opinion);
        for (target, opinion) in sample.target.iter_mut().zip(opinion) {
            *target = (1.0 - share) * *target + share * opinion;
        }
    }
}

#[cfg(test)]
mod tests {
    use mien_data::{SIDE, synth};
    use mien_shared::label::Expression;

    use super::*;
    use crate::{arch::expression::Arch, export::model::TEMPLATE};

    #[test]
    fn targets_move_towards_the_mean_of_the_teachers() {
        let device = Device::flex();
        let nets: Vec<_> = (0..2).map(|_| Arch::ResNetS.init(CLASSES, SIDE, &device)).collect();
        let before = synth::dataset(1, 4, &TEMPLATE, SIDE).samples;
        let mut after = before.clone();
        teach(&mut after, &nets, (0.25, Protocol::Ferplus8), &device);
        let [first, second] = [0, 1].map(|at| predict(&nets[at], &before, &device));
        for (at, (old, new)) in before.iter().zip(&after).enumerate() {
            for class in 0..CLASSES {
                let opinion = f32::midpoint(first[at][class], second[at][class]);
                let wanted = 0.75 * old.target[class] + 0.25 * opinion;
                assert!((new.target[class] - wanted).abs() < 1e-6);
            }
            assert!((new.target.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }
    #[test]
    fn no_teacher_brings_in_a_class_that_is_not_learned() {
        let device = Device::flex();
        let nets = vec![Arch::ResNetS.init(CLASSES, SIDE, &device)];
        let mut samples = synth::dataset(1, 8, &TEMPLATE, SIDE).samples;
        samples.retain(|sample| Protocol::Six.truth(sample).is_some());
        teach(&mut samples, &nets, (0.5, Protocol::Six), &device);
        let neutral = Expression::Neutral.index();
        assert!(samples.iter().all(|sample| sample.target[neutral] <= 0.0));
        assert!(samples.iter().all(|s| (s.target.iter().sum::<f32>() - 1.0).abs() < 1e-5));
    }
}
