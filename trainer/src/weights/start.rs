//! The weights of another run or of a file as a start for training.
//!
//! Tensors are taken by their path. A trunk is the same within any network that holds one:
//!
//! ```text
//! a network over a trunk   trunk.stem.conv.weight   head.weight
//! the trunk by itself            stem.conv.weight   head.weight
//! ```
//!
//! so that either starts the other. What is asked for has to be there: only a head may stay fresh.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use burn::module::Module;
use safetensors::tensor::TensorView;

use super::{Layout, Report, WeightsError, file, fit, named, places, take};

/// The field that holds a network's trunk.
const TRUNK: &str = "trunk.";

/// Where weights come from, and which are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The file, or the folder of the run.
    pub from: &'a Path,
    /// The parts to take, as the paths of their tensors begin; none for all.
    pub parts: &'a [String],
}

/// `net` with the weights of `donor`, the network of another run.
///
/// # Errors
/// When nothing of a part can be taken, a tensor is of another shape, or one outside the head is
/// missing.
pub fn start_from_net<M: Module, D: Module>(
    net: M,
    donor: &D,
    start: Start<'_>,
) -> Result<(M, Report), WeightsError> {
    let bytes = file::bytes(&named(donor, Layout::Own)?)?;
    started(net, file::tensors(&bytes, start.from)?, start)
}

/// `net` with the weights in the safetensors file that `start` names.
///
/// # Errors
/// As [`start_from_net`]; and when the file cannot be used.
pub fn start_from_safetensors<M: Module>(
    net: M,
    start: Start<'_>,
) -> Result<(M, Report), WeightsError> {
    let bytes = file::read(start.from)?;
    started(net, file::tensors(&bytes, start.from)?, start)
}

fn started<M: Module>(
    mut net: M,
    stored: BTreeMap<String, TensorView<'_>>,
    start: Start<'_>,
) -> Result<(M, Report), WeightsError> {
    let own = Names::new(places(&net).into_iter().map(|place| place.name));
    let theirs = Names::new(stored.keys().cloned());
    let pair = |path: &str| (path.to_owned(), own.counterpart(path, &theirs));
    let holds = |part: &String, (path, name): &(String, String)| {
        [path, name].into_iter().any(|path| begins(path, part))
    };
    let there = |part: &&String| {
        own.all.iter().map(|path| pair(path)).any(|p| holds(part, &p) && theirs.all.contains(&p.1))
    };
    if let Some(part) = start.parts.iter().find(|part| !there(part)) {
        return Err(WeightsError::NoPart {
            path: start.from.into(),
            part: part.clone(),
            own: own.summary(),
            theirs: theirs.summary(),
        });
    }
    let wanted = |path: &str| {
        let pair = pair(path);
        let asked = start.parts.is_empty() || start.parts.iter().any(|part| holds(part, &pair));
        asked.then_some(pair.1)
    };
    let report = take(&mut net, stored, start.from, wanted)?;
    match report.missing.iter().find(|name| !fit::in_head(name)) {
        Some(name) => Err(WeightsError::Incomplete {
            path: start.from.into(),
            tensor: name.clone(),
            missing: report.missing.len(),
        }),
        None => Ok((net, report)),
    }
}

/// Whether `path` is that of `part` or of something in it: `trunk.stem.conv` is in `trunk`,
/// `branch.trunk.stem` is not.
fn begins(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The paths of a network's tensors.
struct Names {
    all: BTreeSet<String>,
    has_trunk: bool,
}

impl Names {
    fn new(all: impl Iterator<Item = String>) -> Self {
        let all: BTreeSet<String> = all.filter(|name| !file::is_counter(name)).collect();
        Self { has_trunk: all.iter().any(|name| name.starts_with(TRUNK)), all }
    }

    /// What a network of paths `theirs` calls this one's tensor at `path`.
    fn counterpart(&self, path: &str, theirs: &Self) -> String {
        match path.strip_prefix(TRUNK) {
            Some(bare) if !theirs.has_trunk => bare.to_owned(),
            None if theirs.has_trunk && !self.has_trunk && !fit::in_head(path) => {
                format!("{TRUNK}{path}")
            }
            _ => path.to_owned(),
        }
    }

    /// The first members of the paths, each once.
    fn summary(&self) -> String {
        let first = |name: &String| name.split('.').next().unwrap_or_default().to_owned();
        self.all
            .iter()
            .map(first)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use burn::{
        nn::{Linear, LinearConfig},
        tensor::Device,
    };

    use super::*;
    use crate::arch::{
        expression::Arch,
        fn2en::Fn2EnConfig,
        lsd::LsdConfig,
        trunk::{Trunk, TrunkName, TrunkOptions},
    };

    /// A system over a trunk.
    #[derive(Module, Debug)]
    struct System {
        trunk: Trunk,
        head: Linear,
    }

    impl System {
        fn new(classes: usize) -> Self {
            let device = Device::flex();
            Self {
                trunk: Trunk::headless(TrunkName::Vgg16S, TrunkOptions::default(), &device),
                head: LinearConfig::new(128, classes).init(&device),
            }
        }
    }

    fn parts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn start(parts: &[String]) -> Start<'_> {
        Start { from: Path::new("runs/other"), parts }
    }

    fn values<M: Module>(net: &M) -> BTreeMap<String, Vec<f32>> {
        let named = named(net, Layout::Own).unwrap();
        named.into_iter().map(|(name, data)| (name, data.iter::<f32>().collect())).collect()
    }

    #[test]
    fn a_trunk_by_itself_and_one_within_a_network_start_each_other() {
        let (system, plain) = (System::new(20), Arch::Trunk(TrunkName::Vgg16S));
        let plain = plain.init(8, 48, &Device::flex());
        let (into_plain, report) = start_from_net(plain.clone(), &system, start(&[])).unwrap();
        assert_eq!(report.skipped, ["head.weight", "head.bias"]);
        let (found, given) = (values(&into_plain), values(&system));
        assert_eq!(found["blocks.0.0.conv.weight"], given["trunk.blocks.0.0.conv.weight"]);
        let trunk = parts(&["trunk"]);
        let (into_system, report) = start_from_net(System::new(8), &plain, start(&trunk)).unwrap();
        assert_eq!(report.kept, ["head.weight", "head.bias"]);
        let (found, given) = (values(&into_system), values(&plain));
        assert_eq!(found["trunk.blocks.4.1.conv.weight"], given["blocks.4.1.conv.weight"]);
        assert_ne!(found["head.weight"], given["head.weight"]);
        let (_, report) = start_from_net(plain, &System::new(8), start(&trunk)).unwrap();
        assert_eq!(report.kept, ["head.weight", "head.bias"]);
    }

    #[test]
    fn the_same_network_is_taken_whole_or_in_part() {
        let fresh = || Arch::Fn2En(Fn2EnConfig::SLIM).init(8, 48, &Device::flex());
        let (net, donor) = (fresh(), fresh());
        let (whole, report) = start_from_net(net.clone(), &donor, start(&[])).unwrap();
        assert!(report.is_exact(), "{report}");
        assert_eq!(values(&whole), values(&donor));
        let asked = parts(&["convs", "adapter"]);
        let (part, report) = start_from_net(net.clone(), &donor, start(&asked)).unwrap();
        assert_eq!((report.loaded, report.kept.len()), (12, 4));
        let (found, before, given) = (values(&part), values(&net), values(&donor));
        assert_eq!(found["adapter.conv.weight"], given["adapter.conv.weight"]);
        assert_eq!(found["hidden.weight"], before["hidden.weight"]);
    }

    #[test]
    fn a_part_that_only_one_network_has_is_refused_with_what_both_have() {
        let device = Device::flex();
        let net = Arch::Fn2En(Fn2EnConfig::SLIM).init(8, 48, &device);
        let trunk = parts(&["trunk"]);
        let error = start_from_net(net.clone(), &System::new(8), start(&trunk)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "weights runs/other: nothing of `trunk` can be taken: this network has adapter, \
             convs, head, hidden, that one head, trunk; name parts that both have"
        );
        let error = start_from_net(net, &System::new(8), start(&[])).unwrap_err().to_string();
        assert!(error.contains("are missing, 'convs.0.conv.weight' among them"), "{error}");
    }

    #[test]
    fn a_part_within_another_is_not_meant() {
        let (device, task) = (Device::flex(), LsdConfig::default());
        let net = Arch::Lsd(task).init(8, 48, &device);
        let donor = Arch::Lsd(LsdConfig { landmarks: 0.0, ..task }).init(8, 48, &device);
        let (into, report) =
            start_from_net(net.clone(), &donor, start(&parts(&["trunk"]))).unwrap();
        let (found, before, given) = (values(&into), values(&net), values(&donor));
        let stem = |of: &BTreeMap<String, Vec<f32>>, branch| {
            of[&format!("{branch}trunk.stem.conv.weight")].clone()
        };
        assert_eq!(stem(&found, ""), stem(&given, ""));
        assert_eq!(stem(&found, "appearance."), stem(&before, "appearance."));
        assert!(report.loaded > 50 && report.missing.is_empty(), "{report}");
    }

    #[test]
    fn another_shape_within_a_part_is_refused_by_name() {
        let donor = Arch::Fn2En(Fn2EnConfig::SLIM).init(8, 48, &Device::flex());
        let wider = Fn2EnConfig { adapter: 64, ..Fn2EnConfig::SLIM };
        let net = Arch::Fn2En(wider).init(8, 48, &Device::flex());
        let error = start_from_net(net, &donor, start(&parts(&["adapter"]))).unwrap_err();
        assert!(error.to_string().contains("'adapter.conv.weight' is [128, 128, 1, 1]"), "{error}");
    }
}
