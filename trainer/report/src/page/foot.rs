//! The page's foot: data and rights, the recipe, and who wrote the page.

use maud::{Markup, html};

use super::Section;
use crate::run::RunReport;

/// What was learned from, where that is said.
pub(super) fn data(report: &RunReport) -> Option<Section> {
    let data = &report.data;
    let said = !data.statement.is_empty() || !data.rights.is_empty();
    let body = html! {
        dl.statement {
            @for (name, words) in [("Data", &data.statement), ("Rights", &data.rights)] {
                @if !words.is_empty() { dt { (name) } dd { (words) } }
            }
        }
    };
    said.then_some(Section { id: "data", title: "Data and rights", body })
}

/// The recipe as run, folded.
pub(super) fn recipe(report: &RunReport) -> Option<Section> {
    let body = html! {
        details {
            summary { "recipe.toml" }
            pre tabindex="0" { code { (report.recipe) } }
        }
    };
    (!report.recipe.is_empty()).then_some(Section { id: "recipe", title: "Recipe", body })
}

/// The last line.
pub(super) fn footer() -> Markup {
    html! {
        footer {
            p { "Written by mien-trainer. This page loads nothing and runs no script." }
        }
    }
}
