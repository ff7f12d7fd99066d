//! Quantiles as ends (Wu et al. 2020, arXiv 2004.09602, section 5.2).
//!
//! The upper end is the upper edge of the first bin up to which `share` of all elements lie, the
//! lower end the lower edge of the bin found likewise from above.

use crate::observe::Histogram;

pub(super) fn range(histogram: &Histogram, share: f64) -> [f32; 2] {
    let wanted = share.clamp(0.5, 1.0) * histogram.count() as f64;
    let bins = &histogram.bins;
    let up = reached(bins.iter(), wanted);
    let down = reached(bins.iter().rev(), wanted);
    let width = (histogram.high - histogram.low) / bins.len() as f32;
    [histogram.low + (bins.len() - down) as f32 * width, histogram.low + up as f32 * width]
}

/// Bins from the start until `wanted` elements are counted.
fn reached<'a>(bins: impl Iterator<Item = &'a u64>, wanted: f64) -> usize {
    let mut sum = 0;
    let fill = bins.take_while(|&&count| {
        let more = (sum as f64) < wanted;
        sum += count;
        more
    });
    fill.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten bins of width 1 from -2 to 8.
    fn ten(bins: [u64; 10]) -> Histogram {
        Histogram { low: -2.0, high: 8.0, bins: bins.to_vec() }
    }

    #[test]
    fn lone_outliers_are_cut_off() {
        let histogram = ten([1, 0, 40, 40, 18, 0, 0, 0, 0, 1]);
        assert_eq!(range(&histogram, 0.99).to_vec(), [0.0, 3.0]);
        assert_eq!(range(&histogram, 0.5).to_vec(), [1.0, 2.0]);
    }

    #[test]
    fn the_whole_share_is_the_whole_range() {
        let histogram = ten([1, 0, 40, 40, 18, 0, 0, 0, 0, 1]);
        assert_eq!(range(&histogram, 1.0).to_vec(), [-2.0, 8.0]);
    }
}
