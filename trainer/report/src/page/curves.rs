//! Learning curves: training loss and its parts, validation figures, learning rate, by epoch.

use maud::{Markup, html};

use super::{
    Section,
    chart::{self, Axis, HEIGHT, Plot, Series, WIDTH, px},
    colour,
};
use crate::{
    curve::{self, Epoch},
    run::RunReport,
};

/// The section, where there are epochs.
pub(super) fn section(report: &RunReport) -> Option<Section> {
    let epochs = &report.epochs;
    let best = curve::best(epochs)?;
    let body = html! {
        p {
            (epochs.len()) " epochs. The dashed line is epoch " (best.epoch) ", which scored best on \
            the validation split (" (format!("{:.4}", best.validation.score)) ") and whose weights \
            the run keeps."
        }
        div.charts {
            @for chart in charts(epochs) { (chart.markup(best)) }
        }
    };
    Some(Section { id: "curves", title: "Learning curves", body })
}

fn charts(epochs: &[Epoch]) -> [Chart; 3] {
    let shares = validated_in_shares(epochs);
    let chart = |id, title, series| Chart { id, title, shares: false, from_zero: false, series };
    [
        chart("loss", "Training loss", losses(epochs)),
        Chart { shares, ..chart("validation", "Validation", validation(epochs)) },
        Chart { from_zero: true, ..chart("rate", "Learning rate", rate(epochs)) },
    ]
}

/// Lines over the same epochs.
struct Chart {
    id: &'static str,
    title: &'static str,
    /// Whether values are shares, shown in percent.
    shares: bool,
    /// Whether the upright axis begins at 0 whatever the values.
    from_zero: bool,
    series: Vec<Series>,
}

impl Chart {
    fn markup(&self, best: &Epoch) -> Markup {
        let plot = self.plot();
        let [_, _, top, bottom] = plot.edges();
        let kept = px(plot.at(f64::from(best.epoch), 0.0)[0]);
        let content = html! {
            (plot.axes("epoch"))
            line.kept x1=(kept) x2=(kept) y1=(px(top)) y2=(px(bottom)) {}
            @for series in &self.series { (plot.series(series)) }
        };
        html! {
            figure {
                figcaption {
                    strong { (self.title) }
                    @if self.series.len() > 1 {
                        @for line in &self.series { span.key { i class=(line.class) {} (line.name) } }
                    }
                }
                (chart::svg(self.id, &words(self.title, &self.series), [WIDTH, HEIGHT], &content))
            }
        }
    }

    fn plot(&self) -> Plot {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let values = points().map(|point| point.1);
        let base = self.from_zero.then_some(0.0);
        let y = if self.shares {
            Axis::over_shares(values)
        } else {
            Axis::over(values.chain(base), 0.0)
        };
        Plot { x: Axis::over(points().map(|point| point.0), 1.0), y, height: HEIGHT }
    }
}

/// What a chart shows, for those who do not see it.
fn words(title: &str, series: &[Series]) -> String {
    let said = series.iter().filter_map(|series| {
        let ((first, from), (last, to)) = (series.points.first()?, series.points.last()?);
        Some(format!("{} from {from:.4} at epoch {first} to {to:.4} at epoch {last}", series.name))
    });
    format!("{title}: {}", said.collect::<Vec<_>>().join("; "))
}

fn losses(epochs: &[Epoch]) -> Vec<Series> {
    let whole = series("loss", 0, epochs, |epoch| Some(epoch.loss));
    let parts = names(epochs, |epoch| &epoch.parts);
    let part = |(at, name): (usize, &&str)| {
        series(name, at + 1, epochs, |epoch| value(&epoch.parts, name))
    };
    std::iter::once(whole).chain(parts.iter().enumerate().map(part)).collect()
}

/// The score, and the figures beside it; one that is the score itself takes its place by name.
fn validation(epochs: &[Epoch]) -> Vec<Series> {
    let score = series("score", 0, epochs, |epoch| Some(epoch.validation.score));
    let names = names(epochs, |epoch| &epoch.validation.values);
    let figure = |(at, name): (usize, &&str)| {
        series(name, at + 1, epochs, |epoch| value(&epoch.validation.values, name))
    };
    let figures: Vec<Series> = names.iter().enumerate().map(figure).collect();
    match figures.iter().find(|figure| figure.points == score.points) {
        Some(same) => {
            let named = Series { name: format!("{} (score)", same.name), ..score };
            let others = figures.iter().filter(|figure| figure.name != same.name).cloned();
            std::iter::once(named).chain(others).collect()
        }
        None => std::iter::once(score).chain(figures).collect(),
    }
}

fn rate(epochs: &[Epoch]) -> Vec<Series> {
    vec![series("learning rate", 0, epochs, |epoch| Some(epoch.rate))]
}

/// Whether every validation figure is a share, as they are unless a task has another kind.
fn validated_in_shares(epochs: &[Epoch]) -> bool {
    let share = |value: f64| (0.0..=1.0).contains(&value);
    epochs.iter().all(|Epoch { validation, .. }| {
        share(validation.score) && validation.values.iter().all(|(_, value)| share(*value))
    })
}

fn series(
    name: &str,
    at: usize,
    epochs: &[Epoch],
    value: impl Fn(&Epoch) -> Option<f64>,
) -> Series {
    let point = |epoch: &Epoch| Some((f64::from(epoch.epoch), value(epoch)?));
    let points = epochs.iter().filter_map(point).collect();
    Series { name: name.to_owned(), class: colour(at), points }
}

/// The names that any epoch gives values to, in the order in which they first appear.
fn names(epochs: &[Epoch], of: fn(&Epoch) -> &Vec<(String, f64)>) -> Vec<&str> {
    let mut names = Vec::new();
    for (name, _) in epochs.iter().flat_map(of) {
        if !names.contains(&name.as_str()) {
            names.push(name.as_str());
        }
    }
    names
}

fn value(values: &[(String, f64)], name: &str) -> Option<f64> {
    values.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Validation;

    #[test]
    fn a_figure_that_is_the_score_is_drawn_once() {
        let names: Vec<String> = validation(&epochs()).into_iter().map(|s| s.name).collect();
        assert_eq!(names, ["accuracy (score)", "macro_f1"]);
    }

    #[test]
    fn parts_of_the_loss_become_lines_where_they_are() {
        let losses = losses(&epochs());
        assert_eq!(losses[1].name, "wing");
        assert_eq!(losses[1].points, [(2.0, 0.25)]);
    }

    #[test]
    fn words_say_where_a_line_begins_and_ends() {
        assert_eq!(
            words("Learning rate", &rate(&epochs())),
            "Learning rate: learning rate from 0.0020 at epoch 1 to 0.0010 at epoch 2"
        );
    }

    fn epochs() -> Vec<Epoch> {
        let epoch = |epoch: u32, score: f64, parts| Epoch {
            epoch,
            loss: 2.0 - score,
            rate: 0.002 / f64::from(epoch),
            samples_per_s: 100.0,
            validation: Validation {
                score,
                values: vec![("accuracy".to_owned(), score), ("macro_f1".to_owned(), 0.5 * score)],
            },
            parts,
        };
        vec![epoch(1, 0.5, vec![]), epoch(2, 0.75, vec![("wing".to_owned(), 0.25)])]
    }
}
