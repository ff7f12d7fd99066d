//! `[min x, max x]`: nothing is clipped, so one outlier sets the step.

use crate::observe::Histogram;

pub(super) fn range(histogram: &Histogram) -> [f32; 2] {
    [histogram.low, histogram.high]
}

#[cfg(test)]
mod tests {
    use super::super::tests::of;
    use super::range;

    #[test]
    fn the_ends_are_the_extreme_elements() {
        let histogram = of(&vec![(-0.5, 1), (1.0, 9), (7.0, 1)], 16);
        assert_eq!(range(&histogram).to_vec(), [-0.5, 7.0]);
    }
}
