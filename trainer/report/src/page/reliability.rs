//! The reliability diagram: how often readings of a confidence are right.
//!
//! A point per bin at (mean confidence, accuracy), its gap to the diagonal drawn, and under it how
//! many samples the bin holds. Guo et al. 2017, arXiv 1706.04599.

use maud::{Markup, html};

use super::{
    Section,
    chart::{self, Axis, Plot, WIDTH, px},
    count, percent,
};
use crate::run::{Bin, RunReport, calibration_error};

/// Height of the diagram, and of the histogram under it.
const HEIGHT: f64 = 400.0;
const HISTOGRAM: f64 = 64.0;

/// Half the width of a histogram's bar.
const HALF: f64 = 8.0;

/// The section, where there are bins.
pub(super) fn section(report: &RunReport) -> Option<Section> {
    let bins = &report.reliability;
    let error = percent(calibration_error(bins));
    let total: u64 = bins.iter().fold(0, |sum: u64, bin| sum.saturating_add(bin.n));
    let words: Vec<String> = bins.iter().map(sentence).collect();
    let words =
        format!("Reliability diagram, expected calibration error {error}. {}", words.join(" "));
    let body = html! {
        p {
            "On the dashed diagonal confidence means what it says; below it the network is too \
            sure. Gaps, weighted by the pictures of their bin, add up to the expected calibration \
            error (ECE): " strong { (error) } ", n = " (count(total)) "."
        }
        figure.square {
            (chart::svg("reliability-diagram", &words, [WIDTH, HEIGHT + HISTOGRAM], &diagram(bins)))
        }
    };
    (!bins.is_empty()).then_some(Section { id: "reliability", title: "Reliability", body })
}

fn diagram(bins: &[Bin]) -> Markup {
    let plot = Plot { x: Axis::SHARES, y: Axis::SHARES, height: HEIGHT };
    html! {
        (plot.axes("mean confidence of the bin"))
        (plot.upright_title("accuracy"))
        path.ideal d=(plot.path(&[(0.0, 0.0), (1.0, 1.0)])) {}
        @for bin in bins {
            path.gap d=(plot.path(&[(bin.confidence, bin.confidence), (bin.confidence, bin.accuracy)])) {}
        }
        path.line.k0 d=(plot.path(&bins.iter().map(|b| (b.confidence, b.accuracy)).collect::<Vec<_>>())) {}
        @for bin in bins {
            @let [x, y] = plot.at(bin.confidence, bin.accuracy);
            circle.dot.k0 cx=(px(x)) cy=(px(y)) r="4.5" { title { (sentence(bin)) } }
        }
        (histogram(&plot, bins))
    }
}

/// How many samples each bin holds, on the diagram's confidence axis.
fn histogram(plot: &Plot, bins: &[Bin]) -> Markup {
    let most = bins.iter().map(|bin| bin.n).max().unwrap_or_default().max(1);
    let bottom = HEIGHT + HISTOGRAM - 4.0;
    html! {
        @for bin in bins {
            @let x = plot.at(bin.confidence, 0.0)[0];
            @let height = (HISTOGRAM - 22.0) * bin.n as f64 / most as f64;
            rect.histogram x=(px(x - HALF)) y=(px(bottom - height)) width=(px(2.0 * HALF))
                height=(px(height)) { title { "n = " (count(bin.n)) } }
        }
        text.tick x=(px(plot.edges()[0] - 6.0)) y=(px(bottom)) text-anchor="end" { "n" }
        line.base x1=(px(plot.edges()[0])) x2=(px(plot.edges()[1])) y1=(px(bottom)) y2=(px(bottom)) {}
    }
}

fn sentence(bin: &Bin) -> String {
    let (confidence, accuracy) = (percent(bin.confidence), percent(bin.accuracy));
    format!("Confidence {confidence}: {accuracy} right, n = {}.", bin.n)
}
