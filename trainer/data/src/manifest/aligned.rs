//! A face cut out of its picture as a network wants it.

use mien_shared::{
    crop,
    frame::Grey,
    geometry::{FivePoints, LANDMARKS, Point},
};

use super::Entry;
use crate::{DataError, Sample};

impl Entry {
    /// The face at `side` × `side` pixels with its labels: turned and scaled so that its five
    /// points lie where `template` has them, where the set gives 68 landmarks that allow it, and
    /// as [`Entry::sample`] elsewhere.
    ///
    /// # Errors
    /// Those of [`Entry::grey`].
    pub fn aligned(&self, template: &FivePoints, side: u32) -> Result<Sample, DataError> {
        let Ok(points) = <&[Point; LANDMARKS]>::try_from(self.annotation.landmarks.as_slice())
        else {
            return self.sample(side);
        };
        let picture = self.picture()?;
        let mut image = Grey::new(side, side);
        if !crop::face(&picture, &FivePoints::from_landmarks(points), template, &mut image) {
            return self.sample(side);
        }
        Ok(self.labelled(image))
    }
}
