use burn::{
    module::{ModuleVisitor, Param},
    tensor::Distribution,
};
use mien_engine::Engine;

use super::*;
use crate::{
    export::{execute::execute, lower},
    ops::conv::tally,
};

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

fn parameters_of(trunk: &Trunk) -> usize {
    let mut count = Count::default();
    trunk.visit(&mut count);
    count.parameters
}

/// The trunk of that name; VGG-16 with few hidden units.
fn small(name: TrunkName, classes: usize, device: &Device) -> Trunk {
    let vgg16 =
        |config: Vgg16Config| Trunk::Vgg16(config.with_hidden(16).init(Some(classes), device));
    match name {
        TrunkName::Vgg16 => vgg16(Vgg16Config::PLAIN),
        TrunkName::Vgg16Bn => vgg16(Vgg16Config::NORMALISED),
        _ => Trunk::with_head(name, classes, device),
    }
}

#[test]
fn trunks_have_the_published_numbers_of_parameters() {
    let published = [
        ("resnet18", 11_689_512),
        ("resnet50", 25_557_032),
        ("resnet50_caffe", 25_557_032),
        ("vgg16", 138_357_544),
        ("vgg16_bn", 138_365_992),
        ("mobilenet_v2", 3_504_872),
        // timm's `mobilevitv2_050`, `_100` and `_200`.
        ("mobilevit_v2_050", 1_370_593),
        ("mobilevit_v2_100", 4_901_841),
        ("mobilevit_v2_200", 18_449_329),
        // The paper's table 3, which is Keras' count of trainable parameters.
        ("xception", 22_855_952),
    ];
    for (name, parameters) in published {
        let name = TrunkName::from_name(name).unwrap();
        let trunk = Trunk::with_head(name, 1000, &Device::flex());
        assert_eq!(parameters_of(&trunk), parameters, "{name:?}");
    }
    assert_eq!(TrunkName::from_name("resnet19"), None);
}

#[test]
fn a_trunk_without_a_head_has_its_maps_parameters_only() {
    let counts = [
        ("resnet18", 11_176_512),
        ("resnet50", 23_508_032),
        ("resnet50_caffe", 23_508_032),
        ("vgg16", 14_714_688),
        ("mobilenet_v2", 2_223_872),
        ("xception", 20_806_952),
        // The paper's table 1 counts weights only, in units of 1024: 1710.3; and 1440 biases.
        ("casia_net", 1_751_328 + 1440),
        ("resnet18_s", 307_248),
        ("vgg16_s", 540_528),
        ("mobilenet_v2_s", 444_320),
        ("mobilevit_v2_s", 187_796),
        ("xception_s", 467_272),
        ("casia_net_s", 110_232),
    ];
    for (name, parameters) in counts {
        let name = TrunkName::from_name(name).unwrap();
        let trunk = Trunk::headless(name, TrunkOptions::default(), &Device::flex());
        assert_eq!(parameters_of(&trunk), parameters, "{name:?}");
    }
}

#[test]
fn every_trunk_learns_through_maps_of_the_stated_widths_and_strides() {
    let device = Device::flex().autodiff();
    device.seed(5);
    let x = Tensor::<4>::random([1, 1, 64, 64], Distribution::Default, &device).require_grad();
    for name in TrunkName::ALL {
        let trunk = small(name, 7, &device);
        let maps = trunk.features(x.clone());
        // Xception's stem costs six pixels.
        let side: usize = if name == TrunkName::Xception { 58 } else { 64 };
        let stated = trunk.widths().into_iter().zip(trunk.strides());
        let stated: Vec<_> =
            stated.map(|(width, by)| [1, width, side.div_ceil(by), side.div_ceil(by)]).collect();
        assert_eq!(maps.iter().map(Tensor::dims).collect::<Vec<_>>(), stated, "{name:?}");
        let logits = trunk.forward(x.clone());
        assert_eq!(logits.dims(), [1, 7], "{name:?}");
        let gradients = logits.powi_scalar(2).sum().backward();
        let reached: f32 = x.grad(&gradients).unwrap().abs().sum().into_scalar();
        assert!(reached > 0.0 && reached.is_finite(), "{name:?}: {reached}");
    }
}

#[test]
fn a_wide_end_doubles_the_size_of_the_coarsest_map_and_leaves_the_parameters() {
    let device = Device::flex();
    for name in TrunkName::ALL {
        let [usual, wide] =
            [false, true].map(|wide_end| Trunk::headless(name, TrunkOptions { wide_end }, &device));
        let last = |trunk: &Trunk| trunk.strides().pop().unwrap();
        assert_eq!(last(&usual), 2 * last(&wide), "{name:?}");
        assert_eq!(parameters_of(&usual), parameters_of(&wide), "{name:?}");
        if name.is_slim() {
            let x = Tensor::<4>::zeros([1, 1, 48, 48], &device);
            let side = 48 / last(&wide);
            assert_eq!(wide.last_map(x).dims(), [1, wide.width(), side, side], "{name:?}");
        }
    }
}

#[test]
fn a_picture_of_an_odd_size_is_read_too() {
    let device = Device::flex();
    let x = Tensor::<4>::random([1, 1, 45, 33], Distribution::Default, &device);
    let coarsest = |name| small(name, 3, &device).last_map(x.clone()).dims();
    assert_eq!(coarsest(TrunkName::Resnet18), [1, 512, 2, 2]);
    assert_eq!(coarsest(TrunkName::Resnet50Caffe), [1, 2048, 2, 1]);
    assert_eq!(coarsest(TrunkName::Vgg16), [1, 512, 1, 1]);
    assert_eq!(coarsest(TrunkName::MobilenetV2), [1, 1280, 2, 2]);
    assert_eq!(coarsest(TrunkName::MobilevitV2_050), [1, 256, 2, 2]);
    assert_eq!(coarsest(TrunkName::MobilevitV2S), [1, 128, 6, 6]);
    assert_eq!(coarsest(TrunkName::Xception), [1, 2048, 2, 1]);
    assert_eq!(coarsest(TrunkName::CasiaNet), [1, 320, 3, 3]);
}

/// Multiply-adds of the convolutions in the trunk of that name over a picture of `side` pixels.
fn multiply_adds(name: TrunkName, options: TrunkOptions, side: usize) -> usize {
    let device = Device::flex();
    let trunk = Trunk::headless(name, options, &device);
    let x = Tensor::zeros([1, trunk.reads(), side, side], &device);
    tally::multiply_adds(|| drop(trunk.features(x)))
}

#[test]
fn slim_trunks_do_at_most_20_million_multiply_adds() {
    let counts = [
        ("resnet18_s", 8_930_304),
        ("vgg16_s", 16_257_024),
        ("mobilenet_v2_s", 7_832_160),
        ("mobilevit_v2_s", 11_139_840),
        ("xception_s", 14_807_232),
        ("casia_net_s", 10_917_504),
    ];
    let slim = TrunkName::ALL.into_iter().filter(|name| name.is_slim());
    assert!(slim.map(TrunkName::name).eq(counts.map(|(name, _)| name)));
    for (name, count) in counts {
        let name = TrunkName::from_name(name).unwrap();
        assert_eq!(multiply_adds(name, TrunkOptions::default(), 48), count, "{name:?}");
        assert!(count <= 20_000_000);
    }
}

#[test]
fn trunks_do_the_published_numbers_of_multiply_adds() {
    // Every map of a picture of 32 pixels is a 49th of that of one of 224.
    let at_224 = |name, wide_end| 49 * multiply_adds(name, TrunkOptions { wide_end }, 32);
    assert_eq!(at_224(TrunkName::Resnet18, false), 1_813_561_344);
    assert_eq!(at_224(TrunkName::Resnet50, false), 4_087_136_256);
    assert_eq!(at_224(TrunkName::Resnet50, true), 6_206_570_496);
    assert_eq!(at_224(TrunkName::Resnet50Caffe, false), 3_855_925_248);
    assert_eq!(at_224(TrunkName::Vgg16, false), 15_346_630_656);
    assert_eq!(at_224(TrunkName::MobilenetV2, false), 299_494_272);
    let narrow = TrunkName::MobilevitV2_050;
    assert_eq!(16 * multiply_adds(narrow, TrunkOptions::default(), 64), 464_338_944);
}

#[test]
fn slim_trunks_end_in_maps_of_three_pixels_or_more() {
    let device = Device::flex();
    for name in TrunkName::ALL.into_iter().filter(|name| name.is_slim()) {
        let trunk = Trunk::headless(name, TrunkOptions::default(), &device);
        assert!(48 / trunk.strides().pop().unwrap() >= 3, "{name:?}");
        assert_eq!(trunk.reads(), 1, "{name:?}");
    }
}

#[test]
fn lowered_residual_networks_compute_the_same_in_burn_and_in_the_engine() {
    let device = Device::flex().autodiff();
    device.seed(6);
    let noise = |n: usize, device: &Device| {
        Tensor::<4>::random([n, 3, 48, 40], Distribution::Default, device)
    };
    for config in [ResNetConfig::RESNET18, ResNetConfig::RESNET50, ResNetConfig::CAFFE50] {
        let net = config.init(Some(8), &device);
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
fn tensors_have_torchvisions_and_timms_names() {
    type Name = fn(&str) -> String;
    let pairs: [(Name, &str, &str); 21] = [
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
        (
            mobilevit_v2::timm_name,
            "stages.1.residuals.1.depthwise.conv.weight",
            "stages.1.1.conv2_kxk.conv.weight",
        ),
        (
            mobilevit_v2::timm_name,
            "stages.4.attention.units.2.attention.project.bias",
            "stages.4.1.transformer.2.attn.qkv_proj.bias",
        ),
        (
            mobilevit_v2::timm_name,
            "stages.2.attention.units.0.narrow.weight",
            "stages.2.1.transformer.0.mlp.fc2.weight",
        ),
        (mobilevit_v2::timm_name, "stages.2.attention.norm.bias", "stages.2.1.norm.bias"),
        (mobilevit_v2::timm_name, "head.weight", "head.fc.weight"),
        (xception::timm_name, "stem.1.bn.weight", "bn2.weight"),
        (
            xception::timm_name,
            "entry.0.layers.1.pointwise.conv.weight",
            "block1.rep.3.pointwise.weight",
        ),
        (xception::timm_name, "middle.7.layers.2.pointwise.bn.bias", "block11.rep.8.bias"),
        (xception::timm_name, "exit.shortcut.bn.weight", "block12.skipbn.weight"),
    ];
    for (name, ours, theirs) in pairs {
        assert_eq!(name(ours), theirs);
    }
}
