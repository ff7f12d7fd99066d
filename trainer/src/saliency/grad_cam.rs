//! Grad-CAM: the last maps, each weighted by how much the logit rises with its mean.
//!
//! A map is usually stretched over the picture as if its cells tiled it. They do not: layers padded
//! by half their kernel see, at cell `i`, a field centred on pixel `i · stride`, which for a stride
//! of 16 is half of that up and to the left. [`on_picture`] puts each cell where its field is.

use burn::tensor::{Tensor, TensorData, activation::relu};

use crate::arch::expression::ExpressionNet;

/// The map of `class`; `None` where the network reads more than its last maps.
///
/// # Shapes
/// `[1, 1, S, S] -> [1, 1, H, W]`, without autodiff
pub(super) fn map(net: &ExpressionNet, x: Tensor<4>, class: usize) -> Option<Tensor<4>> {
    let maps = net.features(x).inner();
    let followed = Tensor::from_inner(maps.clone()).require_grad();
    let score = net.classify(followed.clone())?.narrow(1, class, 1).sum();
    let gradient = followed.grad(&score.backward())?;
    let weights = gradient.mean_dim(3).mean_dim(2);
    Some(relu((maps * weights).sum_dim(1)))
}

/// `map` at each pixel of a picture of `side` pixels, bilinear between the centres of the cells'
/// fields, the first of which is on pixel `first`.
///
/// # Shapes
/// `[1, 1, H, W] -> [1, 1, side, side]`
pub(crate) fn on_picture(map: Tensor<4>, side: usize, first: usize) -> Tensor<4> {
    let [_, _, rows, columns] = map.dims();
    let down = weights(rows, side, first, &map);
    let across = weights(columns, side, first, &map);
    down.matmul(map).matmul(across.swap_dims(2, 3))
}

/// How much each cell of an axis counts at each pixel.
///
/// # Shapes
/// `-> [1, 1, side, cells]`, rows sum to 1
fn weights(cells: usize, side: usize, first: usize, like: &Tensor<4>) -> Tensor<4> {
    // Strides of networks are powers of two.
    let stride = side.div_ceil(cells).next_power_of_two() as f32;
    let weight = |pixel: usize, cell: usize| {
        let place = (pixel as f32 - first as f32) / stride;
        let place = place.clamp(0.0, (cells - 1) as f32);
        (1.0 - (place - cell as f32).abs()).max(0.0)
    };
    let values: Vec<f32> =
        (0..side).flat_map(|pixel| (0..cells).map(move |cell| weight(pixel, cell))).collect();
    Tensor::from_data(TensorData::new(values, [1, 1, side, cells]), &like.device())
}

#[cfg(test)]
mod tests {
    use burn::{
        module::Module as _,
        tensor::{Device, Distribution},
    };

    use super::*;
    use crate::arch::expression::Arch;

    #[test]
    fn a_cell_lies_where_its_field_is() {
        let device = Device::flex();
        let cells = Tensor::<4>::from_floats([[[[0.0, 0.0], [0.0, 8.0]]]], &device);
        let placed = on_picture(cells, 8, 1).into_data().iter::<f32>().collect::<Vec<_>>();
        // Cells of stride 4 on pixels 1 and 5: the last is at its height from pixel 5 on.
        let row = |row: usize| &placed[8 * row..][..8];
        assert_eq!(row(7), [0.0, 0.0, 2.0, 4.0, 6.0, 8.0, 8.0, 8.0]);
        assert_eq!(row(3), [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 4.0, 4.0]);
        assert_eq!(row(1), [0.0; 8]);
    }

    #[test]
    fn the_field_of_a_cell_is_about_the_pixel_it_is_put_on() {
        let device = Device::flex().autodiff();
        device.seed(6);
        for arch in Arch::DEPLOYED {
            let net = arch.init(8, 48, &device).freeze();
            let noise = Distribution::Uniform(-1.0, 1.0);
            let x = Tensor::<4>::random([32, 1, 48, 48], noise, &device).require_grad();
            let maps = net.features(x.clone());
            let [_, _, rows, _] = maps.dims();
            let middle = rows / 2;
            let cell = maps.narrow(2, middle, 1).narrow(3, middle, 1).square().sum();
            let gradient = x.grad(&cell.backward()).unwrap().square().sum_dim(2).sum_dim(0);
            let values: Vec<f32> = gradient.into_data().iter::<f32>().collect();
            let sum: f32 = values.iter().sum();
            let centre =
                values.iter().zip(0_u8..).map(|(v, x)| v * f32::from(x)).sum::<f32>() / sum;
            let wanted = (net.first_field() + middle * 48 / rows) as f32;
            assert!((centre - wanted).abs() < 2.0, "{}: {centre}, {wanted}", arch.name());
        }
    }

    #[test]
    fn of_a_linear_head_over_the_mean_it_is_the_class_map_without_its_bias() {
        let device = Device::flex().autodiff();
        device.seed(4);
        let net = Arch::ResNetS.init(8, 48, &device).freeze();
        let x = Tensor::<4>::random([1, 1, 48, 48], Distribution::Uniform(-1.0, 1.0), &device);
        let features = net.features(x.clone());
        let class = |features| net.class_maps(features).unwrap().narrow(1, 2, 1).inner();
        let bias = class(features.zeros_like());
        let expected = relu(class(features) - bias) / 36.0;
        let gap = (map(&net, x, 2).unwrap() - expected).abs().max().into_scalar::<f32>();
        assert!(gap < 1e-6, "{gap}");
    }
}
