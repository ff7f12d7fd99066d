use burn::{
    module::{ModuleVisitor, Param},
    tensor::{Distribution, TensorData},
};

use super::*;

/// Counts a module's parameters without making them; running statistics are none.
#[derive(Default)]
struct Count {
    name: String,
    parameters: usize,
}

impl ModuleVisitor for Count {
    fn enter_module(&mut self, name: &str, _: &str) {
        name.clone_into(&mut self.name);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.name.starts_with("running_") {
            self.parameters += param.lazy_shape().num_elements();
        }
    }
}

fn count(module: &impl Module) -> usize {
    let mut count = Count::default();
    module.visit(&mut count);
    count.parameters
}

fn random<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Uniform(0.0, 1.0), device)
}

fn net(lambda: f64, inference: Option<Inference>, device: &Device) -> Oadn {
    let config = OadnConfig { lambda, inference, hidden: 8, ..OadnConfig::default() };
    assert_eq!(config.fault(48), None);
    config.init(8, device)
}

/// Two faces all of whose points are seen at random places.
fn faces(device: &Device) -> Faces {
    let places = random([2, LANDMARKS, 2], device);
    let points = Tensor::cat(vec![places, Tensor::ones([2, LANDMARKS, 1], device)], 2);
    Faces {
        pixels: random([2, 1, 48, 48], device),
        targets: Tensor::ones([2, 8], device) / 8.0,
        class_weights: None,
        row_weights: None,
        points: Some(points),
        upright: None,
    }
}

fn gap<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f32 {
    (a - b).abs().max().into_scalar::<f32>()
}

#[test]
fn a_full_network_has_the_papers_number_of_parameters() {
    let full = OadnConfig { trunk: TrunkName::Resnet50, ..OadnConfig::default() };
    let net = full.init(7, &Device::flex());
    assert_eq!(count(&net.trunk), 23_508_032);
    assert_eq!(count(&net.attention), 526_343);
    assert_eq!(count(&net), 23_508_032 + 5 * 526_343);
    assert_eq!(count(&full.init(8, &Device::flex()).attention), 526_600);
}

#[test]
fn one_matrix_product_is_twenty_four_masked_means() {
    let device = Device::flex();
    let map = random([2, 5, 3, 4], &device);
    let maps = random([2, 24, 12], &device);
    let masked = |point: usize| {
        let mask: Tensor<4> =
            maps.clone().slice([0..2, point..point + 1, 0..12]).reshape([2, 1, 3, 4]);
        pooled(map.clone() * mask)
    };
    let means = Tensor::stack::<3>((0..24).map(masked).collect(), 2);
    let wanted: Tensor<2> = means.max_dim(2).squeeze_dim(2);
    assert!(gap(attended(map, maps, 12.0), wanted) < 1e-6);
}

#[test]
fn the_order_of_the_points_is_of_no_account() {
    let device = Device::flex();
    let (map, maps) = (random([2, 5, 3, 4], &device), random([2, 24, 12], &device));
    let backwards = maps.clone().flip([1]);
    assert!(gap(attended(map.clone(), maps, 12.0), attended(map, backwards, 12.0)) < 1e-6);
}

#[test]
fn the_blocks_are_the_quarters_of_the_map() {
    let map: Tensor<4> = Tensor::from_data(
        TensorData::new((0..16_i16).map(f32::from).collect(), [1, 1, 4, 4]),
        &Device::flex(),
    );
    let first = |block: Tensor<4>| block.into_data().try_to_vec::<f32>().unwrap();
    let found: Vec<_> = blocks(&map).into_iter().map(first).collect();
    assert_eq!(found[0], [0.0, 1.0, 4.0, 5.0]);
    assert_eq!(found[1], [2.0, 3.0, 6.0, 7.0]);
    assert_eq!(found[3], [10.0, 11.0, 14.0, 15.0]);
}

#[test]
fn a_face_without_visible_points_is_answered_by_the_biases() {
    let device = Device::flex();
    let net = net(1.0, None, &device);
    let x = random([3, 1, 48, 48], &device);
    let answer = net.forward(x.clone(), None);
    let hidden = net.forward(x.clone(), Some(Tensor::zeros([3, LANDMARKS, 3], &device)));
    assert!(gap(answer.clone(), hidden) < 1e-6);
    let biases = net.attention.forward(Tensor::zeros([3, 128], &device));
    assert!(gap(softmax(answer, 1), softmax(biases, 1)) < 1e-6);
    let seen = faces(&device);
    let two = x.slice([0..2, 0..1, 0..48, 0..48]);
    assert!(gap(net.forward(two.clone(), seen.points), net.forward(two, None)) > 1e-6);
}

#[test]
fn both_branches_answer_by_their_shares() {
    let device = Device::flex();
    let faces = faces(&device);
    let net = net(0.25, None, &device);
    let answer = |net: &Oadn| softmax(net.forward(faces.pixels.clone(), faces.points.clone()), 1);
    let regions = answer(&net);
    let attention = answer(&Oadn { attention_share: 1.0, ..net.clone() });
    assert!(!net.reads_points());
    let both = net.answering_with_both().unwrap();
    assert!(both.reads_points() && both.answering_with_both().is_none());
    assert!(gap(answer(&both), attention * 0.25 + regions * 0.75) < 1e-6);
}

#[test]
fn a_branch_of_no_weight_has_no_gradient() {
    let device = Device::flex().autodiff();
    let learned = |lambda| {
        let net = net(lambda, None, &device);
        let gradients = net.learn(&faces(&device)).total().backward();
        let has = |head: &Head| head.hidden.weight.grad(&gradients).is_some();
        [has(&net.attention), net.regions.iter().all(has), net.regions.iter().any(has)]
    };
    assert_eq!(learned(1.0), [true, false, false]);
    assert_eq!(learned(0.0), [false, true, true]);
    assert_eq!(learned(0.2), [true, true, true]);
}

#[test]
fn the_loss_is_the_weighted_sum_over_branches_and_blocks() {
    let device = Device::flex();
    let faces = faces(&device);
    let net = net(0.2, None, &device);
    let map = net.trunk.last_map(faces.pixels.clone());
    let regions = net.region_logits(&map).into_iter();
    let regions: f32 = regions.map(|z| faces.cross_entropy(z).into_scalar::<f32>()).sum();
    let logits = net.attention_logits(map, faces.points.clone());
    let attention = faces.cross_entropy(logits).into_scalar::<f32>();
    let total = net.learn(&faces).total().into_scalar::<f32>();
    assert!((total - (0.2 * attention + 0.8 * regions)).abs() < 1e-4, "{total}");
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    let config = OadnConfig::default;
    let refused = |config: OadnConfig, side| config.fault(side).map(|(field, _)| field);
    assert_eq!(refused(OadnConfig { lambda: 1.1, ..config() }, 48), Some("task.arch.oadn.lambda"));
    let blind = OadnConfig { lambda: 1.0, inference: Some(Inference::Regions), ..config() };
    assert_eq!(refused(blind, 48), Some("task.arch.oadn.inference"));
    assert_eq!(refused(config(), 16), Some("task.side"));
    let full = OadnConfig { trunk: TrunkName::Resnet50, ..config() };
    assert_eq!(refused(full, 48), Some("task.side"));
}

#[test]
fn every_recipe_of_this_network_is_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/oadn");
    let paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    for path in &paths {
        let recipe = crate::recipe::Recipe::read(path).unwrap();
        if let crate::recipe::TaskRecipe::Expression(task) = recipe.task
            && let crate::arch::expression::Arch::Oadn(config) = task.arch
        {
            assert!((config.lambda - 0.2).abs() < 1e-9, "{}", path.display());
        }
    }
    assert!(paths.len() >= 8, "{paths:?}");
}
