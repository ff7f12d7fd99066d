//! The page's head: what run this is, how it was made, and what must be known before any figure.

use maud::{Markup, html};

use super::Section;
use crate::run::{Origin, RunReport};

/// The header, with links to `sections`.
pub(super) fn header(report: &RunReport, sections: &[Section]) -> Markup {
    html! {
        header {
            p.brand { "Mien · training run" }
            h1 { (report.name) }
            (facts(report))
            @if let Some((title, words)) = notice(report.data.origin) {
                p.notice role="note" { strong { (title) } " " (words) }
            }
            p.caution {
                "Mien reads expressions: the classes name what a face shows, as annotators \
                 labelled it. They are not what a person feels, and a figure says no more than \
                 how often the network agrees with those labels."
            }
            nav aria-label="Parts of this page" {
                ul { @for section in sections { li { a href={ "#" (section.id) } { (section.title) } } } }
            }
        }
    }
}

fn facts(report: &RunReport) -> Markup {
    html! {
        dl.facts {
            @if !report.data.judged_on.is_empty() {
                div { dt { "judged on" } dd { (report.data.judged_on) } }
            }
            div { dt { "seed" } dd { (report.seed) } }
            @if let Some(revision) = &report.revision {
                div { dt { "revision" } dd { code { (revision) } } }
            }
            @for (name, value) in &report.environment {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// What a reader must know of the data first.
fn notice(origin: Origin) -> Option<(&'static str, &'static str)> {
    match origin {
        Origin::Synthetic => Some((
            "Synthetic data.",
            "No figure here was taken on recorded people: none says how well the network reads real \
             faces.",
        )),
        Origin::PartlyRendered => Some((
            "Partly rendered training data.",
            "The network also learned from rendered faces; it is judged on recorded ones.",
        )),
        Origin::Unstated => Some((
            "Origin of the data not stated.",
            "Whether it was recorded from people is unknown.",
        )),
        Origin::Recorded => None,
    }
}
