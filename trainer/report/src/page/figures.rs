//! The main figures, each with its 95 % interval drawn on a scale from 0 to 100 %.

use maud::{Markup, html};

use super::{
    Section,
    chart::{self, px},
    count, percent,
};
use crate::run::{Figure, RunReport};

/// Width of an interval's drawing.
const WIDTH: f64 = 200.0;

/// The section, where there are figures.
pub(super) fn section(report: &RunReport) -> Option<Section> {
    let body = html! {
        @if report.figures.iter().any(|figure| figure.interval.is_some()) {
            p { "Bars are 95 % intervals on a scale from 0 to 100 %." }
        }
        ul.cards { @for (at, figure) in report.figures.iter().enumerate() { (card(at, figure)) } }
    };
    (!report.figures.is_empty()).then_some(Section { id: "figures", title: "Figures", body })
}

fn card(at: usize, figure: &Figure) -> Markup {
    html! {
        li {
            span.name { (figure.name) }
            strong { (percent(figure.value)) }
            (interval(at, figure))
            span.detail {
                @if let Some([low, high]) = figure.interval {
                    (percent(low)) " to " (percent(high)) " · "
                }
                "n = " (count(figure.n))
                @if !figure.of.is_empty() { br; (figure.of) }
            }
        }
    }
}

fn interval(at: usize, figure: &Figure) -> Markup {
    let [low, high] = figure.interval.unwrap_or([figure.value; 2]).map(|end| WIDTH * end);
    let words = match figure.interval {
        Some([low, high]) => format!(
            "{} {}, 95 % interval {} to {}",
            figure.name,
            percent(figure.value),
            percent(low),
            percent(high)
        ),
        None => format!("{} {}", figure.name, percent(figure.value)),
    };
    let content = html! {
        line.axis x1="0" x2=(px(WIDTH)) y1="8" y2="8" {}
        rect.interval x=(px(low)) y="1" width=(px((high - low).max(0.0))) height="14" rx="3" {}
        circle.value cx=(px(WIDTH * figure.value)) cy="8" r="3" {}
    };
    chart::svg(&format!("figure-{at}"), &words, [WIDTH, 16.0], &content)
}
