//! Which muscles of the drawn face pull, and how much: the action units that were read, or those
//! that make up the expressions where none were.
//!
//! The units of each expression are the prototypes of EMFACS (Ekman and Friesen, 1983).

use mien_shared::{
    au::ActionUnit,
    label::Expression,
    telemetry::{ActionUnits, FaceReading},
};

const COUNT: usize = ActionUnit::ALL.len();

/// How much each action unit is pulled, 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Muscles {
    units: [f32; COUNT],
    /// One lip corner tightened, the mark of contempt.
    pub(super) smirk: f32,
}

impl Muscles {
    /// Nothing pulls.
    pub(super) const REST: Self = Self { units: [0.0; COUNT], smirk: 0.0 };

    /// What `face` does.
    pub(super) fn of(face: &FaceReading) -> Self {
        let probs = face.expression.map_or([0.0; 8], |shown| shown.probs).map(share);
        let smirk = probs[Expression::Contempt.index()];
        let units = match face.action_units {
            Some(ActionUnits(units)) => units.map(|intensity| share(intensity / 5.0)),
            None => blended(&probs),
        };
        Self { units, smirk }
    }

    /// How much unit `number` is pulled.
    pub(super) fn pull(&self, number: u8) -> f32 {
        let place = ActionUnit::ALL.iter().position(|unit| unit.number() == number);
        place.map_or(0.0, |at| self.units[at])
    }

    /// The strongest pull among `numbers`.
    pub(super) fn strongest(&self, numbers: &[u8]) -> f32 {
        numbers.iter().map(|number| self.pull(*number)).fold(0.0, f32::max)
    }
}

/// The prototypes of all expressions, each as far as it is probable.
fn blended(probs: &[f32; 8]) -> [f32; COUNT] {
    let mut units = [0.0; COUNT];
    for expression in Expression::ALL {
        for (number, pull) in prototype(expression) {
            let place = ActionUnit::ALL.iter().position(|unit| unit.number() == *number);
            if let Some(at) = place {
                units[at] = share(units[at] + pull * probs[expression.index()]);
            }
        }
    }
    units
}

fn prototype(expression: Expression) -> &'static [(u8, f32)] {
    match expression {
        Expression::Neutral => &[],
        Expression::Anger => &[(4, 1.0), (5, 0.4), (7, 0.7), (23, 1.0)],
        Expression::Contempt => &[(12, 0.2), (14, 1.0)],
        Expression::Disgust => &[(4, 0.4), (7, 0.6), (9, 1.0), (10, 0.9), (15, 0.7), (17, 0.6)],
        Expression::Fear => &[(1, 1.0), (2, 0.6), (4, 0.4), (5, 1.0), (20, 1.0), (25, 1.0)],
        Expression::Happiness => &[(6, 1.0), (12, 1.0), (25, 0.6)],
        Expression::Sadness => &[(1, 1.0), (4, 0.3), (15, 1.0), (17, 0.4)],
        Expression::Surprise => &[(1, 1.0), (2, 1.0), (5, 1.0), (25, 0.5), (26, 1.0)],
    }
}

/// `figure` within 0..=1; 0 where it is no number.
fn share(figure: f32) -> f32 {
    if figure.is_nan() { 0.0 } else { figure.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::ExpressionReading;

    use super::*;

    fn face(probs: [f32; 8]) -> FaceReading {
        let expression = Some(ExpressionReading { probs, ..ExpressionReading::default() });
        FaceReading { expression, ..FaceReading::default() }
    }

    fn close(a: f32, b: f32) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }

    #[test]
    fn a_half_smile_pulls_half() {
        let muscles = Muscles::of(&face([0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0]));
        close(muscles.pull(12), 0.5);
        close(muscles.pull(15), 0.0);
        close(muscles.strongest(&[4, 6, 15]), 0.5);
    }

    #[test]
    fn units_that_were_read_go_before_the_expression() {
        let mut units = [f32::NAN; COUNT];
        units[0] = 2.5;
        let face = FaceReading { action_units: Some(ActionUnits(units)), ..face([1.0; 8]) };
        let muscles = Muscles::of(&face);
        close(muscles.pull(1), 0.5);
        close(muscles.pull(12), 0.0);
    }

    #[test]
    fn every_unit_of_a_prototype_exists() {
        for expression in Expression::ALL {
            for (number, _) in prototype(expression) {
                assert!(ActionUnit::new(*number).is_some(), "{expression} {number}");
            }
        }
    }

    #[test]
    fn figures_that_are_no_numbers_pull_nothing() {
        assert_eq!(Muscles::of(&face([f32::NAN; 8])), Muscles::REST);
    }
}
