//! What a network makes of a picture inside: its penultimate features, and where it finds a class.
//!
//! Every expression network here ends in feature maps, a linear reading of each place and a mean
//! over the places, so that a logit is the mean of what each place speaks for. Those places are
//! the class activation map (Zhou et al. 2016, arXiv 1512.04150), which for such networks is what
//! Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391) gives but for the bias, without a backward
//! pass.

use burn::tensor::{Device, Tensor, TensorData};
use mien_data::Sample;
use mien_report::picture::HeatMap;
use mien_shared::{frame::Grey, label::Expression};

use super::WriteError;
use crate::{
    arch::expression::ExpressionNet,
    recipe::TaskRecipe,
    saliency::grad_cam::on_picture,
    task::expression::{CLASSES, input_spec, predict},
    train::{
        checkpoint::{CheckpointError, load_weights},
        run::Run,
    },
};

/// Pictures run at once.
const CHUNK: usize = 256;

/// A run's network with its best weights, in inference mode.
pub(super) struct Inside {
    net: ExpressionNet,
    side: u32,
    device: Device,
}

impl Inside {
    /// The network of an expression run.
    ///
    /// # Errors
    /// When the run has no best weights, or they are of another network.
    pub(super) fn of(run: &Run) -> Result<Self, WriteError> {
        let device = Device::flex();
        let TaskRecipe::Expression(recipe) = &run.recipe.task else {
            return Err(CheckpointError::Mismatch { reason: "no expression run".to_owned() }.into());
        };
        Ok(Self {
            net: load_weights(recipe.init(&device), &run.best()?)?,
            side: recipe.side(),
            device,
        })
    }

    /// Class probabilities of each sample.
    pub(super) fn probabilities(&self, samples: &[Sample]) -> Vec<[f32; CLASSES]> {
        predict(&self.net, samples, &self.device)
    }

    /// Feature vectors: the means of the last maps.
    pub(super) fn features<'a>(&self, pictures: impl Iterator<Item = &'a Grey>) -> Vec<Vec<f32>> {
        let pictures: Vec<&Grey> = pictures.collect();
        let chunk = |pictures: &[&Grey]| {
            let maps = self.net.features(self.input(pictures));
            let pooled: Tensor<2> = maps.mean_dim(3).mean_dim(2).flatten(1, 3);
            let [_, channels] = pooled.dims();
            let flat: Vec<f32> = pooled.into_data().iter::<f32>().collect();
            flat.chunks(channels).map(<[f32]>::to_vec).collect::<Vec<_>>()
        };
        pictures.chunks(CHUNK).flat_map(chunk).collect()
    }

    /// How much each place of a picture speaks for `class`.
    pub(super) fn heat(&self, picture: &Grey, class: Expression) -> Option<HeatMap> {
        let maps = self.net.class_maps(self.net.features(self.input(&[picture])))?;
        let map = maps.narrow(1, class.index(), 1);
        let placed = on_picture(map, self.side as usize, self.net.first_field());
        let values = placed.into_data().iter::<f32>().collect();
        Some(HeatMap { width: self.side, height: self.side, values })
    }

    /// # Shapes
    /// `-> [N, 1, side, side]`, f32 as [`input_spec`] scales it
    fn input(&self, pictures: &[&Grey]) -> Tensor<4> {
        let side = self.side;
        let area = (side * side) as usize;
        let mut pixels = vec![0.0; pictures.len() * area];
        for (picture, place) in pictures.iter().zip(pixels.chunks_mut(area)) {
            input_spec(side).normalize(picture, place);
        }
        let side = side as usize;
        Tensor::from_data(TensorData::new(pixels, [pictures.len(), 1, side, side]), &self.device)
    }
}
