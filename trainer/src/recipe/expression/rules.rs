//! What the fields of an expression recipe allow of each other.

use super::{CropName, ExpressionRecipe, Mixup};

/// Whether a rule is broken, its field, and what that must be.
type Rule = (bool, &'static str, &'static str);

impl ExpressionRecipe {
    /// The first field out of range and its rule.
    pub(in crate::recipe) fn fault(&self) -> Option<(&'static str, &'static str)> {
        let rules = self.rules_of_pictures().into_iter().chain(self.rules_of_labels());
        let broken = rules.chain(self.rules_of_streams()).find(|rule| rule.0);
        broken.map(|(_, field, rule)| (field, rule)).or_else(|| self.arch.fault(self.side()))
    }

    /// What is learned from, and what from.
    fn rules_of_pictures(&self) -> [Rule; 6] {
        [
            (!(16..=1024).contains(&self.side()), "task.side", "16 to 1024 pixels"),
            (self.pictures == Some(0), "task.pictures", "1 or more"),
            (
                self.rendered > 0 && self.crop == Some(CropName::Loose),
                "task.rendered",
                "0 where crop is loose: rendered faces are aligned",
            ),
            (
                self.bag.is_some_and(|share| !(share > 0.0 && share <= 1.0)),
                "task.bag",
                "above 0, up to 1",
            ),
            (
                self.arch.reads_upright() && self.augment.crop_px > 0,
                "task.augment.crop_px",
                "0 for a network that learns from upright copies",
            ),
            (
                !self.start_parts.is_empty() && self.start.is_none(),
                "task.start_parts",
                "absent where nothing is started from",
            ),
        ]
    }

    /// What is learned of it.
    fn rules_of_labels(&self) -> [Rule; 7] {
        let positive = |mixup: &Mixup| mixup.alpha > 0.0 && mixup.alpha <= 100.0;
        [
            (
                self.protocol.is_some() && self.fer7 > 0.0,
                "task.protocol",
                "left out where fer7 is set: that decides it",
            ),
            (!(0.0..=1.0).contains(&self.fer7), "task.fer7", "0 to 1"),
            (!(0.0..=1.0).contains(&self.taught), "task.taught", "0 to 1"),
            (
                self.teachers.is_empty() != (self.taught == 0.0),
                "task.taught",
                "above 0 where teachers are named, and only there",
            ),
            (
                self.guide.is_some() && (self.taught > 0.0 || self.class_weights.is_some()),
                "task.guide",
                "absent where teachers or class_weights are set: a guide is followed without labels",
            ),
            (!self.mixup.as_ref().is_none_or(positive), "task.mixup.alpha", "above 0, up to 100"),
            (
                self.mixup.is_some() && self.arch.reads_points(),
                "task.mixup",
                "left out where the architecture learns from landmarks: a blend has two faces'",
            ),
        ]
    }

    /// What pictures that are not kept in memory allow.
    fn rules_of_streams(&self) -> [Rule; 4] {
        [
            (
                self.stream && self.holdout.is_some(),
                "task.holdout",
                "left out where pictures are streamed",
            ),
            (
                self.stream && self.taught > 0.0,
                "task.stream",
                "false where teachers are named: they judge pictures in memory",
            ),
            (
                self.stream && self.points.is_some(),
                "task.stream",
                "false where points is set: landmarks are found in pictures in memory",
            ),
            (
                self.stream && (self.rendered > 0 || self.fer7 > 0.0),
                "task.stream",
                "false where fer7 or rendered is set: those change pictures in memory",
            ),
        ]
    }
}
