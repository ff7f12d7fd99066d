//! Precision, recall and F1 of each class as bars.

use maud::{Markup, html};

use super::{
    Section,
    chart::{self, WIDTH, px},
    count, percent,
};
use crate::run::{ClassFigures, RunReport};

/// Height of a class: its name and three bars.
const ROW: f64 = 74.0;
const BAR: f64 = 13.0;
/// Where bars begin and how long 100 % is.
const LEFT: f64 = 76.0;
const LENGTH: f64 = WIDTH - LEFT - 62.0;

/// The section, where there are figures of classes.
pub(super) fn section(report: &RunReport) -> Option<Section> {
    let rows = &report.by_class;
    let content = html! {
        @for (at, row) in rows.iter().enumerate() {
            (class(&report.classes[row.class], row, ROW * at as f64))
        }
    };
    let words: Vec<String> =
        rows.iter().map(|row| sentence(&report.classes[row.class], row)).collect();
    let height = ROW * rows.len() as f64;
    let body = html! {
        p {
            "Precision is the share of pictures read as a class that are labelled with it; recall \
            the share of the class's pictures that are read as it; F1 their harmonic mean. A class \
            with few pictures (n) has wide, undrawn intervals."
        }
        figure.bars { (chart::svg("by-class", &words.join(" "), [WIDTH, height], &content)) }
    };
    (!rows.is_empty()).then_some(Section { id: "classes", title: "Figures by class", body })
}

fn class(name: &str, row: &ClassFigures, top: f64) -> Markup {
    html! {
        text.class-name x="0" y=(px(top + 14.0)) {
            (name) tspan.quiet dx="6" { "n = " (count(row.n)) }
        }
        @for (at, (name, share)) in figures(row).into_iter().enumerate() {
            (bar(name, share, top + 20.0 + (BAR + 2.0) * at as f64))
        }
    }
}

fn bar(name: &'static str, share: Option<f64>, y: f64) -> Markup {
    let base = px(y + BAR - 2.5);
    html! {
        text.tick x=(px(LEFT - 6.0)) y=(base) text-anchor="end" { (name) }
        rect.track x=(px(LEFT)) y=(px(y)) width=(px(LENGTH)) height=(px(BAR)) rx="2" {}
        @if let Some(share) = share {
            rect class={ "bar " (name) } x=(px(LEFT)) y=(px(y)) width=(px(LENGTH * share))
                height=(px(BAR)) rx="2" {}
        }
        text.tick x=(px(LEFT + LENGTH + 6.0)) y=(base) { (shown(share)) }
    }
}

fn figures(row: &ClassFigures) -> [(&'static str, Option<f64>); 3] {
    [("precision", row.precision), ("recall", row.recall), ("F1", row.f1)]
}

fn shown(share: Option<f64>) -> String {
    share.map_or_else(|| "none".to_owned(), percent)
}

fn sentence(name: &str, row: &ClassFigures) -> String {
    let [precision, recall, f1] =
        figures(row).map(|(name, share)| format!("{name} {}", shown(share)));
    format!("{name}, n = {}: {precision}, {recall}, {f1}.", row.n)
}
