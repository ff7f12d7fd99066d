//! A study as dots: a row for each system, a dot for each run, a line at their mean.
//!
//! One picture for each figure that people are shown, in SVG whose colours are those of the text
//! around it.

use super::{
    Figure, Study, Value,
    grid::{shown, words},
};
use crate::headline::print::quoted;

/// Width of the picture, of the names left of the dots and of what is right of them, in pixels.
const WIDTH: f64 = 640.0;
const NAMES: f64 = 220.0;
const RIGHT: f64 = 20.0;
/// Height of a row, and of what is above and below the rows.
const ROW: f64 = 22.0;
const ABOVE: f64 = 26.0;
const BELOW: f64 = 24.0;

/// Every plot of a study; nothing where it has no figure.
pub(super) fn plot(study: &Study) -> String {
    shown(study).into_iter().filter_map(|of| one(study, of)).collect()
}

fn one(study: &Study, (test, metric): (&str, &str)) -> Option<String> {
    let row = |variant: &'_ super::Variant| variant.figure(test, metric).cloned();
    let figures: Vec<(&str, Option<Figure>)> =
        study.variants.iter().map(|variant| (variant.name.as_str(), row(variant))).collect();
    let scale = Scale::of(figures.iter().filter_map(|(_, figure)| figure.as_ref()))?;
    let height = ABOVE + ROW * figures.len() as f64 + BELOW;
    let title = format!("{test}: {}, %", words(metric));
    let rows: String =
        figures.iter().enumerate().map(|(at, row)| drawn(row, at as f64, &scale)).collect();
    Some(format!(
        "<svg class=\"study\" role=\"img\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\" \
         fill=\"currentColor\"><title>{title}</title>\
         <text x=\"{NAMES}\" y=\"14\" font-weight=\"bold\">{title}</text>{rows}{}</svg>\n",
        scale.axis(height - BELOW),
        title = quoted(&title),
    ))
}

fn drawn((name, figure): &(&str, Option<Figure>), at: f64, scale: &Scale) -> String {
    let y = ABOVE + ROW * (at + 0.5);
    let (left, text) = (NAMES - 10.0, y + 4.0);
    let name =
        format!("<text x=\"{left}\" y=\"{text}\" text-anchor=\"end\">{}</text>", quoted(name));
    let Some(figure) = figure else { return name };
    let (mean, top, bottom) = (scale.x(figure.mean), y - 8.0, y + 8.0);
    let line = format!(
        "<line x1=\"{mean:.1}\" x2=\"{mean:.1}\" y1=\"{top}\" y2=\"{bottom}\" \
         stroke=\"currentColor\" stroke-width=\"2\"/>"
    );
    let dot = |value: &Value| {
        let x = scale.x(value.value);
        format!("<circle cx=\"{x:.1}\" cy=\"{y}\" r=\"4\" fill-opacity=\"0.5\"/>")
    };
    let dots: Vec<String> = figure.values.iter().map(dot).collect();
    [name, line, dots.concat()].concat()
}

/// From shares to pixels.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// The range of all values, with a margin; `None` of none.
    fn of<'a>(figures: impl Iterator<Item = &'a Figure>) -> Option<Self> {
        let values = figures.flat_map(|figure| figure.values.iter().map(|value| value.value));
        let ends = values.filter(|value| value.is_finite()).fold(None, |ends, value| {
            let (low, high) = ends.unwrap_or((value, value));
            Some((value.min(low), value.max(high)))
        });
        let (low, high) = ends?;
        let margin = (0.05 * (high - low)).max(0.002);
        Some(Self { low: low - margin, high: high + margin })
    }

    fn x(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        NAMES + (WIDTH - NAMES - RIGHT) * share.clamp(0.0, 1.0)
    }

    /// The axis at that height, with its ends and its middle named in percent.
    fn axis(&self, y: f64) -> String {
        let (end, below) = (WIDTH - RIGHT, y + 16.0);
        let line = format!(
            "<line x1=\"{NAMES}\" x2=\"{end}\" y1=\"{y}\" y2=\"{y}\" stroke=\"currentColor\" \
             stroke-opacity=\"0.4\"/>"
        );
        let tick = |value: f64| {
            let (x, percent) = (self.x(value), 100.0 * value);
            format!("<text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{percent:.1}</text>")
        };
        let ticks = [self.low, f64::midpoint(self.low, self.high), self.high].map(tick);
        line + &ticks.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::sample, *};

    #[test]
    fn every_run_has_its_dot_and_every_system_its_line() {
        let svg = plot(&sample());
        assert_eq!(svg.matches("<svg").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 8);
        assert_eq!(svg.matches("stroke-width=\"2\"").count(), 4);
        for picture in svg.lines() {
            roxmltree::Document::parse(picture).unwrap();
        }
    }

    #[test]
    fn a_better_run_is_further_right() {
        let scale = Scale { low: 0.5, high: 1.0 };
        assert!((scale.x(0.5) - 220.0).abs() < 1e-9 && (scale.x(0.75) - 420.0).abs() < 1e-9);
        assert!((scale.x(7.0) - 620.0).abs() < 1e-9);
    }
}
