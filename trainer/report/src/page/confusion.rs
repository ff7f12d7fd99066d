//! The confusion matrix: counts, shaded by each true class's shares.

use maud::{Markup, html};

use super::{Section, count, percent};
use crate::run::RunReport;

/// Share from which a cell's shade needs light letters.
const DARK: f64 = 0.75;

/// The section, where there is a matrix.
pub(super) fn section(report: &RunReport) -> Option<Section> {
    let body = html! {
        div.scroll tabindex="0" role="region" aria-label="Confusion matrix" {
            table.confusion {
                caption {
                    "Rows are the labelled classes, columns what they were read as. Numbers are \
                    pictures; the shade, and the small number, is the share of the row."
                }
                thead {
                    tr {
                        th scope="col" { "labelled" }
                        @for name in &report.classes { th.read scope="col" { span { (name) } } }
                        th.total scope="col" { "n" }
                    }
                }
                tbody {
                    @for (truth, row) in report.confusion.iter().enumerate() {
                        (line(&report.classes[truth], truth, row))
                    }
                }
            }
        }
    };
    (!report.confusion.is_empty()).then_some(Section {
        id: "confusion",
        title: "Confusion matrix",
        body,
    })
}

fn line(name: &str, truth: usize, row: &[u64]) -> Markup {
    let total = row.iter().fold(0, |sum: u64, n| sum.saturating_add(*n));
    html! {
        tr {
            th scope="row" { (name) }
            @for (predicted, &n) in row.iter().enumerate() {
                @let share = n as f64 / total.max(1) as f64;
                td.right[predicted == truth] .dark[share >= DARK]
                    style={ "--share:" (format!("{share:.3}")) } {
                    (count(n)) @if n > 0 { small { (percent(share)) } }
                }
            }
            td.total { (count(total)) }
        }
    }
}
