//! What an expression recipe learns, and from what.

mod rules;
mod score;

use burn::tensor::Device;
use mien_data::{
    augment::Augment,
    manifest::{Crop, Cut},
    sampler::ClassWeights,
};
use mien_metric::protocol::Protocol;
use serde::{Deserialize, Serialize};

pub use self::score::Score;
use super::sampling::{Mixup, Sampling};
use crate::{
    arch::expression::{Arch, ExpressionNet},
    export::model::TEMPLATE,
    task::expression::CLASSES,
};

/// Expression classification of face crops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpressionRecipe {
    /// Architecture.
    pub arch: Arch,
    /// Data set, one of [`mien_data::ADAPTERS`] or [`mien_data::LISTS`].
    pub data: String,
    /// What of each picture is shown; whole pictures where not given, aligned ones in `kfold`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<CropName>,
    /// How many pictures of the data set are learned from, drawn from the seed in the classes'
    /// proportions; all where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures: Option<usize>,
    /// Share of the training pictures that are learned from, drawn from the seed in the classes'
    /// proportions: runs that differ in their seed are the members of a bagged ensemble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bag: Option<f64>,
    /// Which expressions are learned and judged; the eight, or those of `fer7`, where not given.
    /// Pictures that show another are left out; votes for others are taken out of the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// Side of the square pictures in pixels; that of the architecture where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<u32>,
    /// Share of FER2013's own label in what is learned, the votes having the rest; above 0 the
    /// run is judged by that label too.
    #[serde(default)]
    pub fer7: f32,
    /// Rendered faces learned from beside those of the data set.
    #[serde(default)]
    pub rendered: u64,
    /// Pictures of the training part, drawn by the run's seed in the classes' proportions, that
    /// choose the epoch instead of the validation part: where a set has no third part, that one
    /// then stays unseen until it is tested on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout: Option<usize>,
    /// What makes one epoch better than another.
    #[serde(default, skip_serializing_if = "Score::is_usual")]
    pub score: Score,
    /// Name of the run, in the same folder of runs, whose best weights are the start; or a
    /// safetensors file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The parts of the network to take from there, as the paths of their tensors begin, for
    /// example `trunk`; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start_parts: Vec<String>,
    /// The run whose feature maps are followed instead of labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<GuideRecipe>,
    /// Names of runs, in the same folder of runs, whose mean opinion of each picture is learned
    /// too (Hinton et al. 2015, arXiv 1503.02531).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teachers: Vec<String>,
    /// Share of that opinion in what is learned, the labels having the rest.
    #[serde(default)]
    pub taught: f32,
    /// Name of a run of a landmark recipe, in the same folder of runs, that finds every picture's
    /// landmarks, in the place of those the data set has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
    /// Whether pictures are decoded anew when their turn comes instead of kept in memory; for
    /// sets that are read from a list.
    #[serde(default)]
    pub stream: bool,
    /// Which pictures an epoch shows.
    #[serde(default)]
    pub sampling: Sampling,
    /// How much each class counts; all alike where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// Blends of the pictures of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixup: Option<Mixup>,
    /// Random changes of the training pictures.
    #[serde(default)]
    pub augment: Augment,
}

/// Whose feature maps are followed, and how the distance to them is counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideRecipe {
    /// Name of the run, in the same folder of runs.
    pub run: String,
    /// How the squares of a picture's differences become its loss.
    pub reduction: Reduction,
}

/// How the squares of a picture's differences become its loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reduction {
    /// Their sum, as in the paper, whose learning rate of 1e-7 belongs to it.
    Sum,
    /// Their mean, so that the learning rate does not depend on the map's size.
    Mean,
}

/// What a recipe calls `crop` (see [`Crop`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum CropName {
    /// The whole picture, or the region of it that the set names.
    Whole,
    /// Turned and scaled so that eyes, nose and mouth lie where devices put them.
    Aligned,
    /// The square about the landmarks with a margin, as a detector gives it.
    Loose,
}

impl CropName {
    /// How pictures become crops of `side` × `side` pixels.
    pub fn cut(self, side: u32) -> Cut {
        let crop = match self {
            Self::Whole => Crop::Whole,
            Self::Aligned => Crop::Aligned(TEMPLATE),
            Self::Loose => Crop::Loose,
        };
        Cut { crop, side }
    }
}

impl ExpressionRecipe {
    /// An architecture on a data set, everything else as it is when a recipe does not say.
    pub fn new(arch: Arch, data: &str) -> Self {
        Self {
            arch,
            crop: None,
            pictures: None,
            bag: None,
            protocol: None,
            side: None,
            data: data.to_owned(),
            fer7: 0.0,
            rendered: 0,
            holdout: None,
            score: Score::default(),
            start: None,
            start_parts: Vec::new(),
            guide: None,
            teachers: Vec::new(),
            taught: 0.0,
            points: None,
            stream: false,
            sampling: Sampling::default(),
            class_weights: None,
            mixup: None,
            augment: Augment::default(),
        }
    }

    /// Side of the square pictures in pixels.
    pub fn side(&self) -> u32 {
        self.side.unwrap_or_else(|| self.arch.side())
    }

    /// How pictures become crops, by `otherwise` where the recipe does not say.
    pub fn cut(&self, otherwise: CropName) -> Cut {
        self.crop.unwrap_or(otherwise).cut(self.side())
    }

    /// The network with fresh weights.
    pub fn init(&self, device: &Device) -> ExpressionNet {
        self.arch.init(CLASSES, self.side(), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::lsd::LsdConfig;

    fn recipe() -> ExpressionRecipe {
        ExpressionRecipe::new(Arch::ResNetS, "ferplus")
    }

    #[test]
    fn a_crop_is_named_or_left_to_the_command() {
        let named = ExpressionRecipe { crop: Some(CropName::Loose), side: Some(64), ..recipe() };
        assert_eq!(named.cut(CropName::Whole), Cut { crop: Crop::Loose, side: 64 });
        assert_eq!(recipe().cut(CropName::Whole), Cut::WHOLE);
        assert_eq!(recipe().cut(CropName::Aligned).crop, Crop::Aligned(TEMPLATE));
    }

    #[test]
    fn a_bag_is_a_share_and_a_protocol_stands_alone() {
        for share in [0.0, 1.5, f64::NAN] {
            let bag = ExpressionRecipe { bag: Some(share), ..recipe() };
            assert_eq!(bag.fault(), Some(("task.bag", "above 0, up to 1")));
        }
        let six = ExpressionRecipe { protocol: Some(Protocol::Six), bag: Some(0.2), ..recipe() };
        assert_eq!(six.fault(), None);
        let both = ExpressionRecipe { fer7: 0.5, ..six };
        assert_eq!(both.fault().map(|fault| fault.0), Some("task.protocol"));
    }

    #[test]
    fn upright_copies_have_the_size_of_the_crops() {
        let arch = Arch::Lsd(LsdConfig::default());
        let mut recipe = ExpressionRecipe { arch, ..recipe() };
        recipe.augment.crop_px = 40;
        assert_eq!(recipe.fault().map(|fault| fault.0), Some("task.augment.crop_px"));
        recipe.arch = Arch::Lsd(LsdConfig { landmarks: 0.0, ..LsdConfig::default() });
        assert_eq!(recipe.fault(), None);
    }

    #[test]
    fn no_pictures_and_loose_rendered_ones_are_refused() {
        let none = ExpressionRecipe { pictures: Some(0), ..recipe() };
        assert_eq!(none.fault(), Some(("task.pictures", "1 or more")));
        let loose = ExpressionRecipe { crop: Some(CropName::Loose), rendered: 8, ..recipe() };
        assert_eq!(loose.fault().map(|fault| fault.0), Some("task.rendered"));
        assert_eq!(ExpressionRecipe { rendered: 0, ..loose }.fault(), None);
    }
}
