//! The main figures; shares have their 95 % interval drawn on a scale from 0 to 100 %.

use maud::{Markup, html};

use super::{
    Section,
    chart::{self, px},
    count, percent,
};
use crate::run::{Figure, RunReport, Scale};

/// Width of the scale.
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
            strong { (shown(figure, figure.value)) }
            @if figure.scale == Scale::Share { (scale(at, figure)) }
            span.detail {
                @if let Some([low, high]) = figure.interval {
                    (shown(figure, low)) " to " (shown(figure, high)) " · "
                }
                "n = " (count(figure.n))
                @if !figure.of.is_empty() { br; (figure.of) }
            }
        }
    }
}

fn shown(figure: &Figure, value: f64) -> String {
    match figure.scale {
        Scale::Share => percent(value),
        Scale::Number => format!("{value:.3}"),
    }
}

/// The figure and its interval between 0 and 100 %.
fn scale(at: usize, figure: &Figure) -> Markup {
    let [low, high] = figure.interval.unwrap_or([figure.value; 2]).map(|end| WIDTH * end);
    let content = html! {
        line.axis x1="0" x2=(px(WIDTH)) y1="8" y2="8" {}
        rect.interval x=(px(low)) y="1" width=(px((high - low).max(0.0))) height="14" rx="3" {}
        circle.value cx=(px(WIDTH * figure.value)) cy="8" r="3" {}
    };
    chart::svg(&format!("figure-{at}"), &words(figure), [WIDTH, 16.0], &content)
}

fn words(figure: &Figure) -> String {
    let value = percent(figure.value);
    let interval = figure.interval.map(|ends| ends.map(percent));
    match interval {
        Some([low, high]) => {
            format!("{} {value}, 95 % interval {low} to {high}", figure.name)
        }
        None => format!("{} {value}", figure.name),
    }
}
