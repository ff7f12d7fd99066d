//! Where in a picture a network finds a class: maps made of the gradient of that class's logit.
//!
//! ```text
//! gradient        |∂z_c/∂x|                                          Simonyan et al. 2014, arXiv 1312.6034
//! gradient-input  x · ∂z_c/∂x, what speaks for the class             Shrikumar et al. 2017, arXiv 1605.01713
//! smooth-grad     |mean of ∂z_c/∂x over 50 noisy copies|             Smilkov et al. 2017, arXiv 1706.03825
//! grad-cam        ReLU(Σ_k mean(∂z_c/∂A_k) · A_k), A the last maps   Selvaraju et al. 2017, arXiv 1610.02391
//! ```
//!
//! `z_c` is the logit, as the network is judged by it: batch norms use their running statistics and
//! nothing is dropped. The first three are as fine as the picture and serve every network; Grad-CAM
//! is as fine as the last maps and serves those that read nothing else. Guided
//! backpropagation changes the gradient of every ReLU, which here is part of the layer before it,
//! and is not among them.

pub(crate) mod grad_cam;
mod gradient;

use burn::{
    module::Module as _,
    tensor::{Device, Tensor, TensorData},
};
use clap::ValueEnum;
use mien_report::picture::HeatMap;
use mien_shared::{frame::Grey, label::Expression};
use thiserror::Error;

use crate::{
    arch::expression::ExpressionNet,
    recipe::{ExpressionRecipe, TaskRecipe},
    task::expression::input_spec,
    train::{
        checkpoint::{CheckpointError, load_weights},
        run::{Run, RunError},
    },
};

/// How a map is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// The size of the gradient at each pixel.
    Gradient,
    /// The gradient times the pixel.
    GradientInput,
    /// The gradient, averaged over noisy copies of the picture.
    SmoothGrad,
    /// The last maps, weighted by their mean gradients.
    GradCam,
}

impl Method {
    /// The name its paper gives it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::GradientInput => "gradient x input",
            Self::SmoothGrad => "SmoothGrad",
            Self::GradCam => "Grad-CAM",
        }
    }
}

/// A run's best network, fixed, on a device that follows gradients to its input.
#[derive(Debug)]
pub struct Explainer {
    net: ExpressionNet,
    arch: &'static str,
    device: Device,
}

impl Explainer {
    /// The network of an expression run; noise is drawn from its seed.
    ///
    /// # Errors
    /// When the run is of another task, has no best weights, or they are of another network.
    pub fn of(run: &Run) -> Result<Self, SaliencyError> {
        let TaskRecipe::Expression(recipe) = &run.recipe.task else {
            return Err(SaliencyError::Task { name: run.name() });
        };
        let device = Device::flex().autodiff();
        device.seed(run.recipe.seed);
        let net = load_weights(recipe.init(&device), &run.best()?)?;
        Ok(Self::new(net, recipe, device))
    }

    fn new(net: ExpressionNet, recipe: &ExpressionRecipe, device: Device) -> Self {
        Self { net: net.freeze(), arch: recipe.arch.name(), device }
    }

    /// How much each place of `picture` matters to the logit of `class`, by `method`.
    ///
    /// # Errors
    /// [`SaliencyError::Whole`] where the network has no maps that `method` could read.
    pub fn heat(
        &self,
        picture: &Grey,
        class: Expression,
        method: Method,
    ) -> Result<HeatMap, SaliencyError> {
        let (net, x, class) = (&self.net, self.input(picture), class.index());
        let values = match method {
            Method::Gradient => gradient::at(net, x, class).abs(),
            Method::GradientInput => gradient::at(net, x.clone(), class) * x.inner(),
            Method::SmoothGrad => gradient::smooth(net, x, class).abs(),
            Method::GradCam => {
                let map = grad_cam::map(net, x, class)
                    .ok_or(SaliencyError::Whole { method: method.title(), arch: self.arch })?;
                grad_cam::on_picture(map, picture.width as usize, net.first_field())
            }
        };
        Ok(heat_map(values))
    }

    /// # Shapes
    /// `-> [1, 1, side, side]`, f32 as [`input_spec`] scales it
    fn input(&self, picture: &Grey) -> Tensor<4> {
        let mut pixels = vec![0.0; picture.data.len()];
        input_spec(picture.width).normalize(picture, &mut pixels);
        let sides = [1, 1, picture.height as usize, picture.width as usize];
        Tensor::from_data(TensorData::new(pixels, sides), &self.device)
    }
}

/// Share of the values that a map shows in full; above, all are shown as the largest of those. A few
/// pixels have gradients that would leave the rest black (Smilkov et al. 2017, section 3.1).
const SHOWN: f64 = 0.99;

/// # Shapes
/// `[1, 1, H, W] ->`
fn heat_map(values: Tensor<4>) -> HeatMap {
    let [_, _, rows, columns] = values.dims();
    let mut values: Vec<f32> = values.into_data().iter::<f32>().collect();
    let most = quantile(&values, SHOWN);
    // A map of a single strong place has nothing but that above the quantile.
    if most > 0.0 {
        for value in &mut values {
            *value = value.min(most);
        }
    }
    let side = |cells: usize| u32::try_from(cells).unwrap_or(u32::MAX);
    HeatMap { width: side(columns), height: side(rows), values }
}

/// The smallest value that `share` of all values do not exceed; 0 of none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count, rounded up"
)]
fn quantile(values: &[f32], share: f64) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// Why there is no map.
#[derive(Debug, Error)]
pub enum SaliencyError {
    /// The run reads no expressions.
    #[error("{name} is no run of an expression recipe: name one that is")]
    Task {
        /// The run.
        name: String,
    },
    /// The network reads more than its last maps.
    #[error(
        "{method} needs a network that reads its last maps alone, {arch} reads more: use --method smooth-grad"
    )]
    Whole {
        /// The method.
        method: &'static str,
        /// The network.
        arch: &'static str,
    },
    /// The run folder cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The weights are of another network.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::expression::Arch;

    fn explainer(arch: Arch) -> Explainer {
        let device = Device::flex().autodiff();
        device.seed(5);
        let recipe = ExpressionRecipe::new(arch, "synth");
        Explainer::new(recipe.init(&device), &recipe, device)
    }

    fn picture() -> Grey {
        let data = (0..48 * 48).map(|at: u32| u8::try_from(at * 7 % 251).unwrap()).collect();
        Grey { width: 48, height: 48, data }
    }

    #[test]
    fn every_method_has_a_value_for_each_pixel() {
        let explainer = explainer(Arch::ResNetS);
        for method in Method::value_variants() {
            let heat = explainer.heat(&picture(), Expression::Fear, *method).unwrap();
            assert_eq!([heat.width, heat.height], [48, 48], "{method:?}");
            assert!(heat.values.iter().any(|&value| value > 0.0), "{method:?}");
            assert!(heat.check("heat").is_ok(), "{method:?}");
        }
    }

    #[test]
    fn another_class_has_another_map() {
        let explainer = explainer(Arch::MiniXception);
        let of = |class| explainer.heat(&picture(), class, Method::Gradient).unwrap();
        assert_ne!(of(Expression::Fear), of(Expression::Anger));
    }

    #[test]
    fn the_largest_hundredth_is_capped() {
        let ramp: Vec<f32> = (1..=100_u8).map(f32::from).collect();
        assert!((quantile(&ramp, 0.99) - 99.0).abs() < f32::EPSILON);
        assert!((quantile(&[3.0], 0.99) - 3.0).abs() < f32::EPSILON);
        assert!(quantile(&[], 0.99).abs() < f32::EPSILON);
    }
}
