//! What int8 weights did to each layer.

use maud::{Markup, html};

use super::{Section, count};
use crate::run::{Layer, RunReport};

/// Ratio at which a bar is full, in decibels: more than 8-bit rounding leaves.
const FULL_DB: f64 = 60.0;

/// The section, where the run was quantised.
pub(super) fn section(report: &RunReport) -> Option<Section> {
    let body = html! {
        div.scroll tabindex="0" role="region" aria-label="Quantisation by layer" {
            table.layers {
                caption {
                    "Signal to quantisation noise ratio (SQNR) of each layer's weights stored in \
                    int8: the higher, the closer to f32. Bars end at " (FULL_DB) " dB."
                }
                thead {
                    tr {
                        th scope="col" { "layer" }
                        th.number scope="col" { "weights" }
                        th.number scope="col" { "SQNR" }
                        th scope="col" aria-hidden="true" {}
                    }
                }
                tbody { @for layer in &report.layers { (line(layer)) } }
            }
        }
    };
    (!report.layers.is_empty()).then_some(Section { id: "layers", title: "Quantisation", body })
}

fn line(layer: &Layer) -> Markup {
    let share = (layer.sqnr_db / FULL_DB).clamp(0.0, 1.0);
    html! {
        tr {
            th scope="row" { code { (layer.name) } }
            td.number { (count(layer.weights)) }
            td.number { (format!("{:.1} dB", layer.sqnr_db)) }
            td.meter aria-hidden="true" { span style={ "--share:" (format!("{share:.3}")) } {} }
        }
    }
}
