//! Whether made faces show what they were made to show, and whom they were made from.
//!
//! Recognition accuracy: a fixed classifier, trained on real pictures only, judges each made
//! picture against the class it was made for. Identity: the mean cosine of a face network's
//! features of the source and of the picture made of it. Both networks are the caller's: here are
//! only closures, so that any runtime fits.

use crate::{classify::Confusion, identity::mean_cosine, input::MetricError};

/// What the fixed classifier says of pictures made for `intended[i]` out of `classes` classes: the
/// recognition accuracy is the matrix's accuracy.
///
/// # Errors
/// The classifier's own error; [`MetricError::Lengths`]; [`MetricError::Class`] for a class that
/// is not one of `classes`, intended or said.
pub fn recognition<P, E: From<MetricError>>(
    pictures: &[P],
    intended: &[usize],
    classes: usize,
    mut classify: impl FnMut(&P) -> Result<usize, E>,
) -> Result<Confusion, E> {
    let figure = "recognition of made faces";
    crate::input::same_length(figure, pictures.len(), intended.len())?;
    let mut confusion = Confusion::new(classes);
    for (index, (picture, &wanted)) in pictures.iter().zip(intended).enumerate() {
        let said = classify(picture)?;
        if let Some(class) = [wanted, said].into_iter().find(|&class| class >= classes) {
            return Err(MetricError::Class { figure, index, class, classes }.into());
        }
        confusion.add(wanted, said);
    }
    Ok(confusion)
}

/// Mean cosine of the features of `sources[i]` and of `pictures[i]`, made of it; `None` of none.
///
/// # Errors
/// The network's own error; [`MetricError::Lengths`] and [`MetricError::NotFinite`].
pub fn identity_kept<P, E: From<MetricError>>(
    sources: &[P],
    pictures: &[P],
    features: impl FnMut(&P) -> Result<Vec<f32>, E> + Copy,
) -> Result<Option<f64>, E> {
    let of = |pictures: &[P]| pictures.iter().map(features).collect::<Result<Vec<_>, E>>();
    Ok(mean_cosine(&of(sources)?, &of(pictures)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognition_is_the_share_taken_for_what_it_was_made_for() {
        let said = |picture: &&str| Ok::<_, MetricError>(picture.len());
        let confusion = recognition(&["", "a", "bb", "c"], &[0, 1, 2, 2], 3, said).unwrap();
        assert!((confusion.accuracy() - 0.75).abs() < 1e-12);
        assert_eq!(confusion.rows()[2], [0, 1, 1]);
    }

    #[test]
    fn a_class_out_of_range_is_refused() {
        let said = |_: &&str| Ok::<_, MetricError>(7);
        assert_eq!(
            recognition(&["x"], &[0], 6, said).unwrap_err().to_string(),
            "recognition of made faces: class 7 of sample 0; there are 6, counted from 0"
        );
    }

    #[test]
    fn the_classifiers_own_error_comes_through() {
        let broken = |_: &&str| Err(MetricError::NoScale { figure: "mine", what: "fault" });
        assert!(matches!(recognition(&["x"], &[0], 1, broken), Err(MetricError::NoScale { .. })));
    }

    #[test]
    fn identity_is_the_mean_cosine_of_source_and_picture() {
        let features = |picture: &[f32; 2]| Ok::<_, MetricError>(picture.to_vec());
        let kept = identity_kept(&[[1.0, 0.0], [0.0, 1.0]], &[[2.0, 0.0], [1.0, 0.0]], features);
        assert_eq!(kept, Ok(Some(0.5)));
    }
}
