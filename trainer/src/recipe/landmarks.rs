//! What a landmark recipe learns, and from what.

use burn::tensor::Device;
use mien_data::augment::Augment;
use serde::{Deserialize, Serialize};

use crate::arch::{landmarks::LandmarkNet, trunk::TrunkName};

/// A detector of 68 landmarks in face crops.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LandmarkRecipe {
    /// Data sets that know their faces' landmarks, of [`mien_data::LISTS`]; one that is there in
    /// several copies has a name of its own behind an `@`, as `--root` gives it.
    pub data: Vec<String>,
    /// The trunk.
    #[serde(default = "trunk")]
    pub trunk: TrunkName,
    /// Side of the square pictures in pixels; that of the trunk where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<u32>,
    /// Hidden units of the head.
    #[serde(default = "hidden")]
    pub hidden: usize,
    /// Random changes of the training pictures.
    #[serde(default)]
    pub augment: Augment,
}

fn trunk() -> TrunkName {
    TrunkName::Resnet18S
}

fn hidden() -> usize {
    256
}

impl LandmarkRecipe {
    /// Side of the square pictures in pixels.
    pub fn side(&self) -> u32 {
        self.side.unwrap_or_else(|| self.trunk.side())
    }

    /// The network with fresh weights.
    pub fn init(&self, device: &Device) -> LandmarkNet {
        LandmarkNet::new(self.trunk, self.side(), self.hidden, device)
    }

    /// The first field out of range and its rule.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let rules = [
            (!(32..=1024).contains(&self.side()), "task.side", "32 to 1024 pixels"),
            (!(1..=4096).contains(&self.hidden), "task.hidden", "1 to 4096"),
            (self.data.is_empty(), "task.data", "one or more names"),
            (self.augment.crop_px != 0, "task.augment.crop_px", "0: faces keep their size"),
        ];
        rules.into_iter().find(|rule| rule.0).map(|(_, field, rule)| (field, rule))
    }
}
