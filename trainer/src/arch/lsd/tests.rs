use burn::tensor::Distribution;

use super::*;
use crate::arch::{dan::tests::parameters, faces::Upright};

/// The parts that do not run on a device.
const TRAINING: [&str; 2] = ["affinity", "appearance"];

#[test]
fn the_emotion_path_has_the_released_number_of_parameters() {
    let config = LsdConfig {
        trunk: TrunkName::Resnet50Caffe,
        appearance: TrunkName::Resnet50,
        ..LsdConfig::default()
    };
    let net = config.init(6, &Device::flex());
    assert_eq!(parameters(&net, &TRAINING), 34_843_474);
    let trunk_and_reduction = 23_508_032 + 2048 * 512 + 3 * 512;
    let norms_and_outputs = 2 * (256 + 128) + 2 * (128 * 68 + 68);
    assert_eq!(
        parameters(&net, &["affinity"]),
        34_843_474 + trunk_and_reduction + norms_and_outputs
    );
}

#[test]
fn a_weight_of_nothing_leaves_the_appearance_branch_out() {
    let device = Device::flex();
    let alone = LsdConfig { landmarks: 0.0, ..LsdConfig::default() }.init(8, &device);
    assert_eq!(parameters(&alone, &[]), parameters(&alone, &["appearance"]));
    let both = LsdConfig::default().init(8, &device);
    assert_eq!(parameters(&both, &["appearance"]), parameters(&alone, &[]));
}

#[test]
fn each_setting_is_read_and_checked() {
    let config: LsdConfig = toml::from_str("landmarks = 20.0\nrelu = true").unwrap();
    assert_eq!((config.landmarks, config.relu, config.fault(48)), (20.0, true, None));
    let large = LsdConfig { appearance: TrunkName::Resnet50, ..config };
    assert_eq!(large.fault(24).unwrap().0, "task.side");
    let wrong = LsdConfig { landmarks: -1.0, ..config };
    assert_eq!(wrong.fault(48).unwrap().0, "task.arch.lsd.landmarks");
}

#[test]
fn the_landmarks_of_fewer_upright_copies_move_the_shared_layers() {
    let device = Device::flex().autodiff();
    device.seed(2);
    let noise = |n: usize| Tensor::<4>::random([n, 1, 16, 16], Distribution::Default, &device);
    let net = LsdConfig { heads: 2, ..LsdConfig::default() }.init(8, &device);
    let faces = Faces::new(noise(4), Tensor::ones([4, 8], &device) / 8.0);
    assert_eq!(net.learn(&faces).names(), ["cross_entropy", "affinity", "partition"]);
    let upright = Upright { pixels: noise(2), points: Tensor::ones([2, 68, 3], &device) };
    let faces = Faces { upright: Some(upright.clone()), ..faces };
    let loss = net.learn(&faces);
    assert_eq!(loss.names(), ["cross_entropy", "affinity", "partition", "landmarks"]);
    assert!(loss.total().into_scalar::<f32>().is_finite());
    let appearance = net.appearance.as_ref().unwrap();
    let gradients = appearance.loss(&net.shared, &upright).backward();
    let moved = net.shared.gradient(&gradients);
    assert!(moved > 0.0 && moved.is_finite(), "{moved}");
}
