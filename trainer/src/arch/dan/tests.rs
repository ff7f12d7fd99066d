use burn::{
    module::{ModuleVisitor, Param},
    optim::{AdamConfig, GradientsParams},
    tensor::Distribution,
};

use super::{head::Head, *};
use crate::arch::expression::Arch;

/// Counts parameters without making them; running statistics are none.
#[derive(Default)]
struct Count<'a> {
    without: &'a [&'a str],
    path: Vec<String>,
    parameters: usize,
}

impl ModuleVisitor for Count<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let left_out =
            |name: &String| name.starts_with("running_") || self.without.contains(&name.as_str());
        if !self.path.iter().any(left_out) {
            self.parameters += param.lazy_shape().num_elements();
        }
    }
}

/// The number of parameters of `net`, those of the parts called `without` left out.
pub(in crate::arch) fn parameters(net: &impl Module, without: &[&str]) -> usize {
    let mut count = Count { without, ..Count::default() };
    net.visit(&mut count);
    count.parameters
}

#[test]
fn heads_and_networks_have_the_published_number_of_parameters() {
    let device = Device::flex();
    assert_eq!(parameters(&Head::new(512, &device), &[]), 2_135_904);
    let config = DanConfig { trunk: TrunkName::Resnet18, ..DanConfig::default() };
    let net = config.init(8, &device);
    // The centres are the loss's.
    assert_eq!(parameters(&net, &["affinity"]), 19_724_248);
    assert_eq!(parameters(&net, &[]), 19_724_248 + 8 * 512);
}

#[test]
fn each_setting_is_read_and_checked() {
    let read = |text: &str| toml::from_str::<DanConfig>(text).unwrap();
    assert_eq!(read(""), DanConfig::default());
    let wide = read("trunk = 'resnet18'\nwide_end = true\nheads = 2\naffinity = 0.0");
    assert_eq!((wide.trunk, wide.heads, wide.fault(224)), (TrunkName::Resnet18, 2, None));
    assert_eq!(wide.fault(24).unwrap().0, "task.side");
    let none = DanConfig { heads: 0, ..wide };
    assert_eq!(none.fault(48).unwrap().0, "task.arch.dan.heads");
    let lost = DanConfig { partition: f32::NAN, ..wide };
    assert_eq!(lost.fault(48).unwrap().0, "task.arch.dan.partition");
    assert!(toml::from_str::<DanConfig>("head = 3").is_err());
}

#[test]
fn a_loss_has_the_parts_that_are_turned_on() {
    let device = Device::flex().autodiff();
    device.seed(3);
    let pixels = Tensor::<4>::random([4, 1, 16, 16], Distribution::Default, &device);
    let faces = Faces::new(pixels, Tensor::ones([4, 8], &device) / 8.0);
    let names = |config: DanConfig| {
        let loss = config.init(8, &device).learn(&faces);
        let names = loss.names();
        assert!(loss.total().into_scalar::<f32>().is_finite());
        names
    };
    let config = DanConfig { heads: 2, ..DanConfig::default() };
    assert_eq!(names(config), ["cross_entropy", "affinity", "partition"]);
    assert_eq!(names(DanConfig { affinity: 0.0, ..config }), ["cross_entropy", "partition"]);
    assert_eq!(names(DanConfig { heads: 1, ..config }), ["cross_entropy", "affinity"]);
}

#[test]
fn the_order_of_heads_does_not_matter() {
    let device = Device::flex();
    let heads = Tensor::<3>::random([2, 3, 5], Distribution::Default, &device);
    let turned = heads.clone().flip([1]);
    let sum = |heads| fused(heads).sum_dim(1);
    let gap = (sum(heads) - sum(turned)).abs().max().into_scalar::<f32>();
    assert!(gap < 1e-6, "{gap}");
}

#[test]
fn a_few_steps_lower_every_part_of_the_loss_it_can() {
    let device = Device::flex().autodiff();
    device.seed(5);
    let mut net = Arch::Dan(DanConfig { heads: 2, ..DanConfig::default() }).init(8, 16, &device);
    let pixels = Tensor::<4>::random([8, 1, 16, 16], Distribution::Default, &device);
    let faces = Faces::new(pixels, Tensor::eye(8, &device));
    let mut optimizer = AdamConfig::new().init();
    let mut seen = Vec::new();
    for _ in 0..12 {
        let loss = net.learn(&faces).total();
        seen.push(loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &net);
        net = optimizer.step(3e-3, net, gradients);
    }
    assert!(seen[11] < 0.8 * seen[0], "{seen:?}");
}
