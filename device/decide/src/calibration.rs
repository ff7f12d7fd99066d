//! A face's own neutral: what its probabilities lean to at rest is taken back from them.
//!
//! Some people look sad or angry to a network when they do nothing. A calibration watches a face
//! at rest for about a second and keeps the mean of its log-probabilities `b`. From then on each
//! expression `k` but neutral loses the lead it has at rest, in nats of its odds against neutral:
//!
//! ```text
//! o_k  = clamp(b_k - b_neutral + REST_LEAD, 0, max_offset)
//! q    = softmax(ln p - o),  o_neutral = 0
//! p'_k = min(p_k, q_k) for k but neutral,  p'_neutral = 1 - Σ p'_k
//! ```
//!
//! so that at rest neutral leads by [`REST_LEAD`]. No expression but neutral ever gains: a
//! calibration can silence, never invent. `max_offset` bounds what it takes: the more, the surer a
//! resting face is neutral, and the more of the person's faint expressions are missed.
//!
//! The idea of one neutral frame per subject is that of Feng & de Sa, "One-frame calibration with
//! Siamese network in facial action unit recognition", arXiv 2409.00240; subtracting from logits
//! is the adjustment of Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, with a
//! face's own bias in place of a prior.

use mien_shared::label::Expression;

/// By how much neutral leads every other expression of a face at rest, in nats: 7.4 to 1.
const REST_LEAD: f32 = 2.0;

/// Probabilities below this count as this: a certain zero says nothing of how certain.
const LEAST: f32 = 1e-4;

/// Fewest readings that make a mean.
const MIN_READINGS: u32 = 3;

/// A face at rest as far as it was watched: sums of log-probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Rest {
    sums: [f32; 8],
    readings: u32,
}

impl Rest {
    /// Takes in what one frame shows.
    pub(super) fn add(&mut self, probs: &[f32; 8]) {
        for (sum, p) in self.sums.iter_mut().zip(probs) {
            *sum += p.max(LEAST).ln();
        }
        self.readings += 1;
    }

    /// What to take from each expression, at most `max_offset`; `None` after too few readings.
    pub(super) fn offset(&self, max_offset: f32) -> Option<Offset> {
        if self.readings < MIN_READINGS {
            return None;
        }
        let mean = self.sums.map(|sum| sum / self.readings as f32);
        let neutral = mean[Expression::Neutral.index()];
        // Neutral's own would be REST_LEAD: it is what the others are measured against.
        let mut offset = mean.map(|b| (b - neutral + REST_LEAD).clamp(0.0, max_offset.max(0.0)));
        offset[Expression::Neutral.index()] = 0.0;
        Some(Offset(offset))
    }
}

/// What is taken from each expression, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Offset([f32; 8]);

impl Offset {
    /// The probabilities without the face's own lean.
    pub(super) fn correct(&self, probs: &[f32; 8]) -> [f32; 8] {
        let weights: [f32; 8] = std::array::from_fn(|k| probs[k] * (-self.0[k]).exp());
        let sum: f32 = weights.iter().sum();
        if sum <= 0.0 {
            return *probs;
        }
        let mut out: [f32; 8] = std::array::from_fn(|k| probs[k].min(weights[k] / sum));
        let neutral = Expression::Neutral.index();
        out[neutral] = 0.0;
        // What the others lose is neutral's.
        out[neutral] = (probs.iter().sum::<f32>() - out.iter().sum::<f32>()).max(0.0);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEUTRAL: usize = 0;
    const HAPPINESS: usize = 5;
    const SADNESS: usize = 6;

    /// `neutral`, `sadness` and the rest spread evenly.
    fn probs(neutral: f32, sadness: f32) -> [f32; 8] {
        std::array::from_fn(|k| match k {
            NEUTRAL => neutral,
            SADNESS => sadness,
            _ => (1.0 - neutral - sadness) / 6.0,
        })
    }

    fn offset(rest: [f32; 8], max: f32) -> Offset {
        let mut watched = Rest::default();
        (0..10).for_each(|_| watched.add(&rest));
        watched.offset(max).unwrap()
    }

    #[test]
    fn a_face_that_looks_sad_at_rest_becomes_neutral() {
        let rest = probs(0.3, 0.64);
        let corrected = offset(rest, 3.0).correct(&rest);
        // ln(0.64 / 0.3) + 2 nats are taken: neutral leads by at least two.
        assert!(corrected[NEUTRAL] / corrected[SADNESS] > 2.0_f32.exp() - 0.1);
        assert!(corrected[NEUTRAL] > 0.8, "{corrected:?}");
    }

    #[test]
    fn a_strong_expression_remains() {
        let offset = offset(probs(0.3, 0.64), 3.0);
        let mut happy = [0.005; 8];
        happy[HAPPINESS] = 0.965;
        assert!(offset.correct(&happy)[HAPPINESS] > 0.95);
        let sad = offset.correct(&probs(0.01, 0.985));
        assert!(sad[SADNESS] > 0.75, "{sad:?}");
    }

    #[test]
    fn a_neutral_face_is_hardly_corrected() {
        let offset = offset(probs(0.94, 0.02), 3.0);
        assert_eq!(offset, Offset([0.0; 8]));
        assert!((offset.correct(&probs(0.5, 0.3))[SADNESS] - 0.3).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_taken_beyond_the_bound() {
        let Offset(taken) = offset(probs(0.0, 1.0), 1.5);
        assert_eq!((taken[NEUTRAL], taken[SADNESS]), (0.0, 1.5));
        assert_eq!(offset(probs(0.0, 1.0), 0.0), Offset([0.0; 8]), "turned off");
    }

    #[test]
    fn two_frames_are_no_rest() {
        let mut rest = Rest::default();
        rest.add(&probs(0.2, 0.7));
        rest.add(&probs(0.2, 0.7));
        assert_eq!(rest.offset(3.0), None);
    }

    fn distribution() -> impl Strategy<Value = [f32; 8]> {
        prop::array::uniform8(0.0_f32..1.0).prop_map(|weights| {
            let sum: f32 = weights.iter().map(|w| w.powi(6)).sum::<f32>() + 1e-9;
            let mut probs = weights.map(|w| w.powi(6) / sum);
            probs[NEUTRAL] += 1.0 - probs.iter().sum::<f32>();
            probs
        })
    }

    proptest! {
        #[test]
        fn no_expression_but_neutral_ever_gains(
            rest in distribution(), probs in distribution(), max in 0.0_f32..6.0,
        ) {
            let corrected = offset(rest, max).correct(&probs);
            for k in 1..8 {
                prop_assert!(corrected[k] <= probs[k] + 1e-6, "{} {:?} {:?}", k, probs, corrected);
            }
            prop_assert!(corrected.iter().all(|p| (0.0..=1.0001).contains(p)));
            prop_assert!((corrected.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }
}
