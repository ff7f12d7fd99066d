//! A run as one page of HTML that needs nothing else: no network, no script, no second file.
//!
//! Style is inline, charts are inline SVG, pictures are inline PNG; a content security policy
//! holds the page to that. It follows the reader's light or dark theme, fits a phone, and says in
//! words what its charts draw. Parts a report does not have are left out. All text is escaped by
//! the markup macro (`maud`). The charts are written with it too, and not with a plotting crate:
//! those put fonts, sizes and colours into the picture, where neither theme nor screen reader can
//! reach them.
//!
//! Classes name what a face shows, as annotators labelled it; the page claims nothing about what
//! anyone feels, and marks data that was not recorded from people.

mod chart;
mod classes;
mod confusion;
mod curves;
mod embedding;
mod faces;
mod figures;
mod foot;
mod head;
mod layers;
mod reliability;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::run::{ReportError, RunReport};

const STYLE: &str = include_str!("page/style.css");

/// What a browser may load for the page: its own style and its own pictures.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The page of `report`, UTF-8.
///
/// # Errors
/// When the report's parts do not fit each other.
pub fn html(report: &RunReport) -> Result<String, ReportError> {
    report.check()?;
    let sections = sections(report)?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (report.name) " · Mien" }
                style { (PreEscaped(STYLE)) (PreEscaped(embedding::highlights())) }
            }
            body {
                (head::header(report, &sections))
                main { @for section in &sections { (section.markup()) } }
                (foot::footer())
            }
        }
    };
    Ok(page.into_string())
}

/// A part of the page.
struct Section {
    /// Its anchor.
    id: &'static str,
    title: &'static str,
    body: Markup,
}

impl Section {
    fn markup(&self) -> Markup {
        let title = format!("{}-title", self.id);
        html! {
            section id=(self.id) aria-labelledby=(title) {
                h2 id=(title) { (self.title) }
                (self.body)
            }
        }
    }
}

/// The parts that `report` has something for.
fn sections(report: &RunReport) -> Result<Vec<Section>, ReportError> {
    let sections = [
        figures::section(report),
        curves::section(report),
        confusion::section(report),
        classes::section(report),
        reliability::section(report),
        faces::mistakes(report)?,
        faces::saliency(report)?,
        embedding::section(report),
        layers::section(report),
        foot::data(report),
        foot::recipe(report),
    ];
    Ok(sections.into_iter().flatten().collect())
}

/// The CSS class that gives a thing the colour of a class.
fn colour(class: usize) -> String {
    format!("k{}", class % COLOURS)
}

/// Colours that classes take in turn.
const COLOURS: usize = 8;

/// A share in percent with one decimal, its sign not to be parted from it.
fn percent(share: f64) -> String {
    format!("{:.1}\u{a0}%", 100.0 * share)
}

/// A count with its thousands set apart by narrow spaces.
fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}
