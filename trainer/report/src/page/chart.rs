//! What the charts share: an accessible SVG frame, axes with round ticks, lines over epochs.
//!
//! Sizes are in units of the SVG's view box; a chart scales to the width it is given. The view box
//! is narrow, so that letters stay readable on a phone.

use maud::{Markup, html};

/// Width of a chart.
pub(super) const WIDTH: f64 = 440.0;

/// Height of a chart unless it needs another.
pub(super) const HEIGHT: f64 = 250.0;

/// Room left of, right of, above and below the plotted area.
const MARGINS: [f64; 4] = [56.0, 24.0, 10.0, 42.0];

/// Intervals between ticks aimed at.
const TICKS: f64 = 5.0;

/// Most ticks drawn.
const MAX_TICKS: u32 = 12;

/// Most points of a line that are marked one by one.
const MARKED: usize = 60;

/// An SVG picture of that size with its words for those who do not see it.
pub(super) fn svg(id: &str, words: &str, [width, height]: [f64; 2], content: &Markup) -> Markup {
    html! {
        svg role="img" aria-labelledby={ (id) "-words" }
            viewBox={ "0 0 " (px(width)) " " (px(height)) } {
            title id={ (id) "-words" } { (words) }
            (content)
        }
    }
}

/// A coordinate with one decimal.
pub(super) fn px(value: f64) -> String {
    format!("{value:.1}")
}

/// A range of values with round ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    step: f64,
    /// Whether values are shares, labelled in percent.
    percent: bool,
}

impl Axis {
    /// Shares, 0 to 1, labelled in percent.
    pub(super) const SHARES: Self = Self { low: 0.0, high: 1.0, step: 0.2, percent: true };

    /// An axis that holds all of `values`, its ends on ticks at least `least` apart.
    pub(super) fn over(values: impl Iterator<Item = f64>, least: f64) -> Self {
        let (low, high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let range = high - low;
        if !range.is_finite() {
            return Self { low: 0.0, high: 1.0, step: 0.2, percent: false };
        }
        let range = if range > 0.0 { range } else { low.abs().max(1.0) };
        let step = round_step(range / TICKS).max(least);
        let [low, high] = [(low / step).floor() * step, (high / step).ceil() * step];
        Self { low, high: high.max(low + step), step, percent: false }
    }

    /// The same for shares, labelled in percent.
    pub(super) fn over_shares(values: impl Iterator<Item = f64>) -> Self {
        Self { percent: true, ..Self::over(values, 0.0) }
    }

    /// Where `value` lies, 0 at the low end, 1 at the high one.
    fn place(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn ticks(self) -> impl Iterator<Item = f64> {
        let past = self.high + 0.01 * self.step;
        (0..MAX_TICKS)
            .map(move |at| self.low + f64::from(at) * self.step)
            .take_while(move |tick| *tick <= past)
    }

    fn label(self, tick: f64) -> String {
        let unit = if self.percent { 100.0 } else { 1.0 };
        let sign = if self.percent { "\u{202f}%" } else { "" };
        let (value, step) = (unit * tick, unit * self.step);
        // What is left of 0 after adding up steps.
        if value.abs() < 1e-6 * step {
            return format!("0{sign}");
        }
        let largest = self.low.abs().max(self.high.abs());
        if !self.percent && !(0.01..1e5).contains(&largest) {
            return format!("{value:.*e}", digits(value, step)).replace(".0e", "e");
        }
        format!("{value:.*}{sign}", decimals(step))
    }
}

/// Digits behind the first of `value` that tell it from `value + step`.
fn digits(value: f64, step: f64) -> usize {
    let power = |of: f64| (of.abs().log10() + 1e-9).floor();
    let apart = power(value) - power(step);
    (0..6).take_while(|&digit| f64::from(digit) < apart).count()
}

/// Decimals that tell multiples of `step` apart.
fn decimals(step: f64) -> usize {
    let whole = |scaled: f64| (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0);
    let mut scaled = step;
    let mut decimals = 0;
    while decimals < 6 && !whole(scaled) {
        scaled *= 10.0;
        decimals += 1;
    }
    decimals
}

/// The smallest of 1, 2, 5, 10 … times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|digit| digit * power);
    steps.into_iter().find(|step| *step >= least * 0.999).unwrap_or(10.0 * power)
}

/// Two axes and the area between them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plot {
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) height: f64,
}

impl Plot {
    /// Where a value pair is drawn.
    pub(super) fn at(&self, x: f64, y: f64) -> [f64; 2] {
        let [left, right, top, bottom] = self.edges();
        [left + self.x.place(x) * (right - left), bottom + self.y.place(y) * (top - bottom)]
    }

    /// Left, right, top and bottom of the plotted area.
    pub(super) fn edges(&self) -> [f64; 4] {
        let [left, right, top, bottom] = MARGINS;
        [left, WIDTH - right, top, self.height - bottom]
    }

    /// Grid, tick labels and the title of the level axis.
    pub(super) fn axes(&self, x_title: &str) -> Markup {
        let [left, right, top, bottom] = self.edges();
        html! {
            @for tick in self.y.ticks() {
                @let y = self.at(self.x.low, tick)[1];
                line.grid x1=(px(left)) x2=(px(right)) y1=(px(y)) y2=(px(y)) {}
                text.tick x=(px(left - 6.0)) y=(px(y + 4.0)) text-anchor="end" { (self.y.label(tick)) }
            }
            @for tick in self.x.ticks() {
                @let x = self.at(tick, self.y.low)[0];
                line.grid x1=(px(x)) x2=(px(x)) y1=(px(top)) y2=(px(bottom)) {}
                text.tick x=(px(x)) y=(px(bottom + 17.0)) text-anchor="middle" { (self.x.label(tick)) }
            }
            text.axis-title x=(px(left.midpoint(right))) y=(px(self.height - 5.0))
                text-anchor="middle" { (x_title) }
        }
    }

    /// The title of the upright axis, where the chart's own does not say it.
    pub(super) fn upright_title(&self, title: &str) -> Markup {
        let [_, _, top, bottom] = self.edges();
        let middle = px(top.midpoint(bottom));
        html! {
            text.axis-title x="11" y=(middle) text-anchor="middle"
                transform={ "rotate(-90 11 " (middle) ")" } { (title) }
        }
    }

    /// The path through value pairs.
    pub(super) fn path(&self, points: &[(f64, f64)]) -> String {
        let place = |&(x, y): &(f64, f64)| {
            let [x, y] = self.at(x, y);
            format!("{x:.1} {y:.1}")
        };
        let places: Vec<String> = points.iter().map(place).collect();
        format!("M{}", places.join("L"))
    }

    /// A line and, where they are few, its points with their values.
    pub(super) fn series(&self, series: &Series) -> Markup {
        html! {
            path class={ "line " (series.class) } d=(self.path(&series.points)) {}
            @if series.points.len() <= MARKED {
                @for &(x, y) in &series.points {
                    @let [left, top] = self.at(x, y);
                    circle class={ "dot " (series.class) } cx=(px(left)) cy=(px(top)) r="2.5" {
                        title { "epoch " (x) ": " (series.name) " " (format!("{y:.4}")) }
                    }
                }
            }
        }
    }
}

/// A named line over epochs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    /// CSS class of its colour.
    pub(super) class: String,
    /// (epoch, value), rising in the first.
    pub(super) points: Vec<(f64, f64)>,
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        assert_eq!(
            labels(Axis::over([0.31, 1.74].into_iter(), 0.0)),
            ["0", "0.5", "1.0", "1.5", "2.0"]
        );
        assert_eq!(
            labels(Axis::over([1.0, 9.0].into_iter(), 1.0)),
            ["0", "2", "4", "6", "8", "10"]
        );
        assert_eq!(labels(Axis::over([1.0, 2.0].into_iter(), 1.0)), ["1", "2"]);
        assert_eq!(
            labels(Axis::over([-0.2, 0.2].into_iter(), 0.0)),
            ["-0.2", "-0.1", "0", "0.1", "0.2"]
        );
        assert_eq!(
            labels(Axis::over([0.0, 0.002].into_iter(), 0.0)),
            ["0", "5e-4", "1e-3", "1.5e-3", "2e-3"]
        );
    }

    #[test]
    fn small_values_close_together_have_labels_of_their_own() {
        let axis = Axis::over([0.001_978, 0.002].into_iter(), 0.0);
        let all = labels(axis);
        assert_eq!(all[..3], ["1.975e-3", "1.980e-3", "1.985e-3"]);
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn shares_are_labelled_in_percent() {
        assert_eq!(
            labels(Axis::SHARES),
            ["0", "20", "40", "60", "80", "100"].map(|n| format!("{n}\u{202f}%"))
        );
        assert_eq!(
            labels(Axis::over_shares([0.61, 0.83].into_iter())),
            ["60", "65", "70", "75", "80", "85"].map(|n| format!("{n}\u{202f}%"))
        );
    }

    #[test]
    fn values_without_range_still_have_an_axis() {
        for values in [vec![], vec![3.0], vec![0.0, 0.0], vec![f64::MAX, f64::MIN], vec![1e-300]] {
            let axis = Axis::over(values.iter().copied(), 0.0);
            assert!(axis.high > axis.low, "{values:?}: {axis:?}");
            assert!(axis.ticks().count() >= 2, "{values:?}: {axis:?}");
        }
    }

    #[test]
    fn larger_values_are_drawn_higher_and_further_right() {
        let plot = Plot { x: Axis::SHARES, y: Axis::SHARES, height: HEIGHT };
        assert_eq!(plot.at(0.0, 0.0), [56.0, 208.0]);
        assert_eq!(plot.at(1.0, 1.0), [416.0, 10.0]);
        assert_eq!(plot.path(&[(0.0, 0.0), (1.0, 1.0)]), "M56.0 208.0L416.0 10.0");
    }

    fn labels(axis: Axis) -> Vec<String> {
        axis.ticks().map(|tick| axis.label(tick)).collect()
    }
}
