//! Pictures: the most confident wrong readings, and where the network looks.

use maud::{Markup, html};

use super::{Section, percent};
use crate::{
    picture::heat_colour,
    run::{Mistake, Origin, ReportError, RunReport, Saliency},
};

/// Colours the scale of heat is drawn with.
const SCALE: u32 = 16;

/// The worst mistakes, where there are any.
pub(super) fn mistakes(report: &RunReport) -> Result<Option<Section>, ReportError> {
    if report.mistakes.is_empty() {
        return Ok(None);
    }
    let faces = report.mistakes.iter().enumerate().map(|(at, mistake)| wrong(report, at, mistake));
    let faces: Vec<Markup> = faces.collect::<Result<_, _>>()?;
    let body = html! {
        p {
            "The " (faces.len()) " wrong readings the network was surest of. Some are the \
            network's faults, some the labels'."
        }
        (rights(report))
        div.faces { @for face in faces { (face) } }
    };
    Ok(Some(Section { id: "mistakes", title: "Worst mistakes", body }))
}

/// What the network looks at, where heat maps were made.
pub(super) fn saliency(report: &RunReport) -> Result<Option<Section>, ReportError> {
    if report.saliency.is_empty() {
        return Ok(None);
    }
    let pairs = report.saliency.iter().enumerate().map(|(at, pair)| heat(report, at, pair));
    let pairs: Vec<Markup> = pairs.collect::<Result<_, _>>()?;
    let stops: Vec<String> =
        (0..=SCALE).map(|at| heat_colour(f64::from(at) / f64::from(SCALE))).collect();
    let body = html! {
        p {
            "Bright places speak most for the class a picture is read as. A map shows what this \
            network uses, not what makes an expression, and each has a scale of its own."
        }
        p.scale {
            span { "weak" }
            span.ramp style={ "background:linear-gradient(90deg," (stops.join(",")) ")" } {}
            span { "strong" }
        }
        (rights(report))
        div.pairs { @for pair in pairs { (pair) } }
    };
    Ok(Some(Section { id: "saliency", title: "Where the network looks", body }))
}

fn wrong(report: &RunReport, at: usize, mistake: &Mistake) -> Result<Markup, ReportError> {
    let source = mistake.picture.data_uri(&format!("mistakes[{at}].picture"))?;
    let [truth, predicted] = [mistake.truth, mistake.predicted].map(|c| &report.classes[c]);
    Ok(html! {
        figure {
            img src=(source) width=(mistake.picture.width) height=(mistake.picture.height)
                alt={ "Face labelled " (truth) ", read as " (predicted) };
            figcaption {
                span { "labelled " b { (truth) } }
                span { "read as " b.wrong { (predicted) } }
                span.quiet { (percent(mistake.confidence)) " sure" }
            }
        }
    })
}

fn heat(report: &RunReport, at: usize, pair: &Saliency) -> Result<Markup, ReportError> {
    let field = format!("saliency[{at}]");
    let plain = pair.picture.data_uri(&format!("{field}.picture"))?;
    let heated = pair.heat.over(&pair.picture, &field)?.data_uri(&field)?;
    let [truth, predicted] = [pair.truth, pair.predicted].map(|class| &report.classes[class]);
    let (width, height) = (pair.picture.width, pair.picture.height);
    Ok(html! {
        figure {
            div {
                img src=(plain) width=(width) height=(height) alt={ "Face labelled " (truth) };
                img src=(heated) width=(width) height=(height)
                    alt={ "The same face under a heat map of what speaks for " (predicted) };
            }
            figcaption {
                span { "labelled " b { (truth) } }
                span { "read as " b.wrong[pair.truth != pair.predicted] { (predicted) } }
            }
        }
    })
}

/// A reminder that pictures of people have rights of their own.
fn rights(report: &RunReport) -> Markup {
    html! {
        @if report.data.origin != Origin::Synthetic {
            p.quiet {
                "The pictures are the data set's: its rights hold for this page too. Pass it on \
                only as far as they allow."
            }
        }
    }
}
