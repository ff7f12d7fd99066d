use burn::{
    module::{ModuleVisitor, Param},
    tensor::Distribution,
};
use mien_engine::Engine;

use super::*;
use crate::export::{execute::execute, lower};

/// Counts a module's parameters without making them; running statistics are none.
#[derive(Default)]
struct Count {
    path: Vec<String>,
    parameters: usize,
}

impl ModuleVisitor for Count {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.path.last().is_some_and(|name| name.starts_with("running_")) {
            self.parameters += param.lazy_shape().num_elements();
        }
    }
}

/// A trunk of every name; VGG-16 with few hidden units.
fn small(name: &str, classes: usize, device: &Device) -> Trunk {
    match name {
        "vgg16" => Trunk::Vgg16(Vgg16::with_hidden(false, [16, classes], device)),
        "vgg16_bn" => Trunk::Vgg16(Vgg16::with_hidden(true, [16, classes], device)),
        _ => Trunk::new(name, classes, device).unwrap(),
    }
}

#[test]
fn trunks_have_the_published_numbers_of_parameters() {
    let published = [
        ("resnet18", 11_689_512),
        ("resnet50", 25_557_032),
        ("vgg16", 138_357_544),
        ("vgg16_bn", 138_365_992),
        ("mobilenet_v2", 3_504_872),
    ];
    assert_eq!(NAMES, published.map(|(name, _)| name));
    for (name, parameters) in published {
        let mut count = Count::default();
        Trunk::new(name, 1000, &Device::flex()).unwrap().visit(&mut count);
        assert_eq!(count.parameters, parameters, "{name}");
    }
    assert!(Trunk::new("resnet19", 1000, &Device::flex()).is_none());
}

#[test]
fn every_trunk_learns_through_maps_of_the_stated_widths_and_strides() {
    let device = Device::flex().autodiff();
    device.seed(5);
    let x = Tensor::<4>::random([2, 3, 64, 32], Distribution::Default, &device).require_grad();
    for name in NAMES {
        let trunk = small(name, 7, &device);
        let maps = trunk.features(x.clone());
        let stated = trunk.widths().into_iter().zip(trunk.strides());
        let stated: Vec<_> = stated.map(|(width, by)| [2, width, 64 / by, 32 / by]).collect();
        assert_eq!(maps.iter().map(Tensor::dims).collect::<Vec<_>>(), stated, "{name}");
        let logits = trunk.forward(x.clone());
        assert_eq!(logits.dims(), [2, 7], "{name}");
        let gradients = logits.powi_scalar(2).sum().backward();
        let reached: f32 = x.grad(&gradients).unwrap().abs().sum().into_scalar();
        assert!(reached > 0.0 && reached.is_finite(), "{name}: {reached}");
    }
}

#[test]
fn a_picture_of_an_odd_size_is_read_too() {
    let device = Device::flex();
    let x = Tensor::<4>::random([1, 3, 45, 33], Distribution::Default, &device);
    let coarsest = |name| small(name, 3, &device).features(x.clone()).pop().unwrap().dims();
    assert_eq!(coarsest("resnet18"), [1, 512, 2, 2]);
    assert_eq!(coarsest("vgg16"), [1, 512, 1, 1]);
    assert_eq!(coarsest("mobilenet_v2"), [1, 1280, 2, 2]);
}

#[test]
fn lowered_residual_networks_compute_the_same_in_burn_and_in_the_engine() {
    let device = Device::flex().autodiff();
    device.seed(6);
    let noise = |n: usize, device: &Device| {
        Tensor::<4>::random([n, 3, 48, 40], Distribution::Default, device)
    };
    for new in [ResNet::resnet18, ResNet::resnet50] {
        let net = new(8, &device);
        // A training pass gives the normalisations statistics worth folding.
        let _ = net.forward(noise(4, &device) * 2.0 + 0.5);
        let (net, x) = (net.valid(), noise(1, &Device::flex()));
        let wanted: Vec<f32> = net.forward(x.clone()).into_data().iter().collect();
        let input: Vec<f32> = x.into_data().iter().collect();
        let graph = lower(&net, [3, 48, 40]);
        let burn = execute(&graph, &input, &Device::flex()).unwrap();
        let mut engine = Engine::new(&graph).unwrap();
        let outputs = engine.run(|x| x.copy_from_slice(&input)).unwrap();
        for seen in [&burn[0][..], outputs.get("logits").unwrap()] {
            let worst = seen.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(seen.len() == 8 && worst < 1e-4, "differs by {worst}");
        }
    }
}

#[test]
fn tensors_have_torchvisions_names() {
    type Name = fn(&str) -> String;
    let pairs: [(Name, &str, &str); 12] = [
        (resnet::torchvision_name, "stem.conv.weight", "conv1.weight"),
        (resnet::torchvision_name, "stem.bn.running_mean", "bn1.running_mean"),
        (resnet::torchvision_name, "stages.0.1.convs.1.bn.bias", "layer1.1.bn2.bias"),
        (
            resnet::torchvision_name,
            "stages.3.0.shortcut.conv.weight",
            "layer4.0.downsample.0.weight",
        ),
        (resnet::torchvision_name, "head.bias", "fc.bias"),
        (vgg16::torchvision_name, "blocks.4.2.conv.weight", "features.28.weight"),
        (vgg16::torchvision_name, "hidden.1.bias", "classifier.3.bias"),
        (vgg16::torchvision_name_normalised, "blocks.4.2.bn.weight", "features.41.weight"),
        (vgg16::torchvision_name_normalised, "head.weight", "classifier.6.weight"),
        (mobilenet_v2::torchvision_name, "blocks.0.narrow.bn.bias", "features.1.conv.2.bias"),
        (
            mobilenet_v2::torchvision_name,
            "blocks.16.wide.1.conv.weight",
            "features.17.conv.1.0.weight",
        ),
        (mobilenet_v2::torchvision_name, "last.bn.weight", "features.18.1.weight"),
    ];
    for (name, ours, theirs) in pairs {
        assert_eq!(name(ours), theirs);
    }
}
