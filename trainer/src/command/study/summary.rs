//! What the runs of a study come to: means, deviations, claims.

use mien_metric::spread::Spread;
use mien_report::study::{self, Figure, Study};

use super::{
    StudyError, claim,
    entrant::{Entrant, Hall},
    exam,
    figures::Metric,
    file::Test,
};
use crate::train::journal::Environment;

/// Sums up the runs that are finished, from `seeds`; `command` is what makes them anew.
///
/// # Errors
/// When what is kept of a run is damaged.
pub(super) fn summary(
    hall: &Hall<'_>,
    seeds: &[u64],
    command: String,
) -> Result<Study, StudyError> {
    let entrants = hall.entrants()?;
    let study = hall.study;
    let environment = Environment::here(std::time::Duration::ZERO);
    Ok(Study {
        name: study.name.clone(),
        question: study.question.clone(),
        source: study.source.clone(),
        note: study.note.clone(),
        seeds: seeds.to_vec(),
        tests: study.tests.iter().map(|test| tested(test, hall.data, &entrants)).collect(),
        variants: entrants.iter().map(|entrant| variant(entrant, &study.tests)).collect(),
        claims: study.claims.iter().map(|c| claim::judged(c, &study.tests, &entrants)).collect(),
        machine: machine(&environment),
        revision: environment.revision,
        command,
    })
}

fn machine(environment: &Environment) -> String {
    let processor = environment.processor.as_deref().unwrap_or("unknown processor");
    format!("{}, {processor}, {} threads", environment.machine, environment.threads)
}

fn tested(test: &Test, data: &str, entrants: &[Entrant]) -> study::Test {
    let mut units = entrants.iter().flat_map(|entrant| &entrant.units);
    study::Test {
        name: test.name.clone(),
        about: exam::about(test, data),
        n: units.find_map(|unit| unit.pictures(test)),
        drop: test.of.is_some(),
    }
}

fn variant(entrant: &Entrant, tests: &[Test]) -> study::Variant {
    let of = |test| Metric::all().filter_map(move |metric| figure(entrant, test, metric));
    study::Variant {
        name: entrant.name.clone(),
        about: entrant.about.clone(),
        figures: tests.iter().flat_map(of).collect(),
    }
}

fn figure(entrant: &Entrant, test: &Test, metric: Metric) -> Option<Figure> {
    let values = entrant.values(test, metric);
    let spread = Spread::of(&values.iter().map(|value| value.value).collect::<Vec<_>>())?;
    Some(Figure {
        test: test.name.clone(),
        metric: metric.name(),
        mean: spread.mean,
        sd: spread.deviation,
        values,
    })
}
