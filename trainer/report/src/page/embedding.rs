//! The embedding: a point per sample, a colour and a shape per class.
//!
//! Each class is one path, so that two thousand points stay a small page. Pointing at a class in
//! the legend fades the others, in CSS alone.

use maud::{Markup, html};

use super::{
    COLOURS, Section,
    chart::{self, WIDTH, px},
    colour,
};
use crate::run::{Embedding, MAX_CLASSES, RunReport};

/// Height of the plot.
const HEIGHT: f64 = 400.0;
/// Room around the points.
const MARGIN: f64 = 12.0;
/// Half the size of a marker.
const RADIUS: f64 = 3.0;

/// The section, where there is an embedding.
pub(super) fn section(report: &RunReport) -> Option<Section> {
    let embedding = report.embedding.as_ref().filter(|embedding| !embedding.points.is_empty())?;
    let shown: Vec<usize> =
        (0..report.classes.len()).filter(|class| embedding.classes.contains(class)).collect();
    let words = format!(
        "{} of {} samples in the plane, coloured by class",
        embedding.method,
        embedding.points.len()
    );
    let body = html! {
        p {
            (embedding.method) ", " (embedding.points.len()) " samples, coloured by label. Near \
            points are alike to the network; distances between clusters, and their sizes, mean \
            nothing. Point at a class to single it out."
        }
        figure.embedding {
            ul.legend {
                @for &class in &shown { (key(&report.classes[class], class)) }
            }
            (chart::svg("embedding-plot", &words, [WIDTH, HEIGHT], &marks(embedding, &shown)))
        }
    };
    Some(Section { id: "embedding", title: "Feature space", body })
}

/// Rules that fade the other classes while one is pointed at.
pub(super) fn highlights() -> String {
    let rule = |class: usize| {
        format!(".embedding:has(.c{class}:is(:hover,:focus)) .mark:not(.c{class}){{opacity:.08}}")
    };
    (0..MAX_CLASSES).map(rule).collect()
}

fn key(name: &str, class: usize) -> Markup {
    html! {
        li tabindex="0" class={ "c" (class) } {
            svg aria-hidden="true" viewBox="0 0 12 12" width="12" height="12" {
                path class={ "shape " (colour(class)) } d=(shape(class, [6.0, 6.0], 5.0)) {}
            }
            (name)
        }
    }
}

fn marks(embedding: &Embedding, shown: &[usize]) -> Markup {
    let place = Place::of(&embedding.points);
    let path = |class: usize| -> String {
        let own = embedding.points.iter().zip(&embedding.classes).filter(|(_, c)| **c == class);
        own.map(|(point, _)| shape(class, place.at(*point), RADIUS)).collect()
    };
    html! {
        rect.area x="0.5" y="0.5" width=(px(WIDTH - 1.0)) height=(px(HEIGHT - 1.0)) rx="6" {}
        @for &class in shown {
            path class={ "mark shape c" (class) " " (colour(class)) } d=(path(class)) {}
        }
    }
}

/// From an embedding's plane into the plot, both axes at one scale.
struct Place {
    centre: [f64; 2],
    scale: f64,
}

impl Place {
    fn of(points: &[[f32; 2]]) -> Self {
        let ends = [0, 1].map(|axis| {
            let along = points.iter().map(|point| f64::from(point[axis]));
            along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            })
        });
        let room = [WIDTH, HEIGHT].map(|side| side - 2.0 * MARGIN);
        let fit = |axis: usize| room[axis] / (ends[axis].1 - ends[axis].0).max(1e-9);
        Self { centre: ends.map(|(low, high)| low.midpoint(high)), scale: fit(0).min(fit(1)) }
    }

    fn at(&self, [x, y]: [f32; 2]) -> [f64; 2] {
        let [cx, cy] = self.centre;
        let (x, y) = (f64::from(x) - cx, f64::from(y) - cy);
        [WIDTH / 2.0 + self.scale * x, HEIGHT / 2.0 - self.scale * y]
    }
}

/// The outline of a class's marker around a place: eight shapes, then again from the first.
fn shape(class: usize, [x, y]: [f64; 2], r: f64) -> String {
    let polygon = |corners: &[[f64; 2]]| {
        let corner = |[dx, dy]: &[f64; 2]| format!("{:.1} {:.1}", x + r * dx, y + r * dy);
        let corners: Vec<String> = corners.iter().map(corner).collect();
        format!("M{}Z", corners.join("L"))
    };
    match class % COLOURS {
        0 => format!("M{:.1} {y:.1}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z", x - r, d = 2.0 * r),
        1 => polygon(&[[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]),
        2 => polygon(&[[0.0, -1.2], [1.1, 0.8], [-1.1, 0.8]]),
        3 => polygon(&[[0.0, -1.25], [1.25, 0.0], [0.0, 1.25], [-1.25, 0.0]]),
        4 => polygon(&[[0.0, 1.2], [1.1, -0.8], [-1.1, -0.8]]),
        5 => polygon(&PLUS),
        6 => polygon(&PLUS.map(|[a, b]| [0.7 * (a - b), 0.7 * (a + b)])),
        _ => {
            polygon(&[[-0.6, -1.1], [0.6, -1.1], [1.2, 0.0], [0.6, 1.1], [-0.6, 1.1], [-1.2, 0.0]])
        }
    }
}

/// Corners of an upright plus.
const PLUS: [[f64; 2]; 12] = [
    [-0.4, -1.2],
    [0.4, -1.2],
    [0.4, -0.4],
    [1.2, -0.4],
    [1.2, 0.4],
    [0.4, 0.4],
    [0.4, 1.2],
    [-0.4, 1.2],
    [-0.4, 0.4],
    [-1.2, 0.4],
    [-1.2, -0.4],
    [-0.4, -0.4],
];

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_farthest_points_touch_the_margins() {
        let place = Place::of(&[[-1.0, 0.0], [1.0, 0.5]]);
        assert_eq!(place.at([-1.0, 0.25]), [12.0, 200.0]);
        assert_eq!(place.at([1.0, 0.25]), [428.0, 200.0]);
        assert!(place.at([0.0, 0.5])[1] < 200.0);
    }

    #[test]
    fn a_single_point_lies_in_the_middle() {
        assert_eq!(Place::of(&[[7.0, -3.0]]).at([7.0, -3.0]), [220.0, 200.0]);
    }

    #[test]
    fn eight_classes_have_eight_shapes() {
        let shapes: std::collections::BTreeSet<String> =
            (0..9).map(|class| shape(class, [0.0, 0.0], 1.0)).collect();
        assert_eq!(shapes.len(), 8);
    }
}
