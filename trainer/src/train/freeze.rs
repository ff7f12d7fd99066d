//! Which parameters learn, and how fast, by parts of their paths.

use std::collections::BTreeMap;

use burn::{
    lr_scheduler::module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler},
    module::{Module, ModuleVisitor, Param, ParamGroup},
    tensor::Tensor,
};

use super::TrainError;

/// `net` with the parameters whose path has one of `parts` frozen, their batch norms too, and all
/// others learning.
pub(super) fn only<M: Module>(net: M, parts: &[String]) -> M {
    let net = net.unfreeze();
    if parts.is_empty() {
        return net;
    }
    net.freeze_group(ParamGroup::from_any_predicates(parts.to_vec()))
}

/// The learning rate of every parameter: `base` times the factor of the last of `factors` whose
/// name is in its path.
pub(super) fn rates(base: f64, factors: Option<&BTreeMap<String, f64>>) -> ModuleLearningRate {
    let scheduler = factors.into_iter().flatten().fold(
        ModuleLrScheduler::new(base),
        |scheduler, (name, factor)| {
            scheduler.with_group(ParamGroup::from_predicate(name.as_str()), base * factor)
        },
    );
    let mut scheduler = scheduler;
    scheduler.step()
}

/// Checks that every name is part of some parameter's path.
///
/// # Errors
/// Names the first that is not, and the paths there are.
pub(super) fn check<'a>(
    net: &impl Module,
    names: impl IntoIterator<Item = &'a String>,
) -> Result<(), TrainError> {
    let mut paths = Paths::default();
    net.visit(&mut paths);
    for name in names {
        if !paths.all.iter().any(|path| path.contains(name.as_str())) {
            return Err(TrainError::NoParameter {
                name: name.clone(),
                known: paths.all.join(", "),
            });
        }
    }
    Ok(())
}

/// The path of every float parameter.
#[derive(Default)]
struct Paths {
    here: Vec<String>,
    all: Vec<String>,
}

impl ModuleVisitor for Paths {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.here.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.here.pop();
    }

    fn visit_float<const D: usize>(&mut self, _: &Param<Tensor<D>>) {
        self.all.push(self.here.join("."));
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::arch::expression::{Arch, ExpressionNet};

    #[test]
    fn frozen_parts_do_not_learn_and_the_others_do() {
        let net = Arch::ResNetS.init(8, 48, &Device::flex().autodiff());
        let ExpressionNet::ResNetS(net) = only(net, &["stem".to_owned()]) else { panic!() };
        let [stem, head] = net.ends();
        assert!(!stem && head);
    }

    #[test]
    fn a_name_without_a_parameter_is_refused_with_the_paths_there_are() {
        let net = Arch::ResNetS.init(8, 48, &Device::flex());
        assert!(check(&net, [&"stem".to_owned(), &"head".to_owned()]).is_ok());
        let error = check(&net, [&"stam".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("`stam`") && error.contains("stem.conv.weight"), "{error}");
    }
}
