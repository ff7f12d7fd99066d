//! A study as two tables: its systems with their figures, and its claims.

use super::{Claim, Figure, Pair, Study, Value, Variant};

/// Cells of text, the first row naming the columns; of every column whether it holds numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) numeric: Vec<bool>,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// What a figure that is not there is printed as.
const NONE: &str = "-";

/// The systems, a column for each test's accuracy and for whatever else is claimed of the test.
pub(super) fn systems(study: &Study) -> Grid {
    let shown = shown(study);
    let mut head = vec!["system".to_owned(), "runs".to_owned()];
    head.extend(shown.iter().map(|(test, metric)| format!("{test}: {}", words(metric))));
    let row = |variant: &Variant| {
        let runs = variant.figures.iter().map(|figure| figure.values.len()).max();
        let mut cells = vec![variant.name.clone(), runs.unwrap_or(0).to_string()];
        cells.extend(shown.iter().map(|(test, metric)| {
            variant.figure(test, metric).map_or_else(|| NONE.to_owned(), percent)
        }));
        cells
    };
    let numeric = (0..head.len()).map(|at| at > 0).collect();
    Grid { numeric, head, rows: study.variants.iter().map(row).collect() }
}

/// The claims, a row for each pair of systems.
pub(super) fn claims(study: &Study) -> Grid {
    let row = |(claim, pair): (&Claim, &Pair)| {
        let drop = study.tests.iter().any(|test| test.name == claim.test && test.drop);
        let sign = if drop { "<" } else { ">" };
        vec![
            format!("{} {sign} {}", pair.better, pair.worse),
            format!("{}: {}", claim.test, words(&claim.metric)),
            pair.mean.map_or_else(|| NONE.to_owned(), |mean| spread(mean, pair.sd, true)),
            pair.differences.iter().map(signed).collect::<Vec<_>>().join(" "),
            verdict(pair),
        ]
    };
    let pairs = study.claims.iter().flat_map(|claim| claim.pairs.iter().map(move |p| (claim, p)));
    Grid {
        numeric: vec![false, false, true, false, false],
        head: ["claim", "figure", "better by", "by seed", "verdict"].map(str::to_owned).to_vec(),
        rows: pairs.map(row).collect(),
    }
}

/// Lines over the tables.
pub(super) fn preamble(study: &Study) -> Vec<String> {
    let sentence = |text: &str| format!("{}.", text.trim_end_matches('.'));
    let mut lines = Vec::new();
    lines
        .extend((!study.source.is_empty()).then(|| sentence(&format!("Source: {}", study.source))));
    lines.extend((!study.note.is_empty()).then(|| sentence(&study.note)));
    for test in &study.tests {
        let n = test.n.map_or_else(|| "not tested".to_owned(), |n| format!("n = {n}"));
        lines.push(format!("{}: {}; {n}.", test.name, test.about));
    }
    let seeds: Vec<String> = study.seeds.iter().map(u64::to_string).collect();
    lines.push(format!(
        "In percent, mean ± standard deviation over seeds {}; revision {}.",
        seeds.join(", "),
        study.revision
    ));
    lines
}

/// (test, metric) of the figures that people are shown.
pub(super) fn shown(study: &Study) -> Vec<(&str, &str)> {
    let mut shown = Vec::new();
    for test in &study.tests {
        let claimed = study.claims.iter().filter(|claim| claim.test == test.name);
        for metric in ["accuracy"].into_iter().chain(claimed.map(|claim| claim.metric.as_str())) {
            if !shown.contains(&(test.name.as_str(), metric)) {
                shown.push((&test.name, metric));
            }
        }
    }
    shown
}

impl Variant {
    /// Its figure on a test.
    pub(super) fn figure(&self, test: &str, metric: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.test == test && figure.metric == metric)
    }
}

/// A metric's name for people.
pub(super) fn words(metric: &str) -> String {
    match metric.split_once(':') {
        Some((figure, class)) => format!("{figure} of {class}"),
        None => metric.replace("macro_f1", "macro F1").replace('_', " "),
    }
}

fn verdict(pair: &Pair) -> String {
    let words = pair.verdict.words();
    if pair.missing.is_empty() {
        words.to_owned()
    } else {
        format!("{words}: {}", pair.missing.join(", "))
    }
}

fn percent(figure: &Figure) -> String {
    spread(figure.mean, figure.sd, false)
}

/// A mean and its deviation in percent.
fn spread(mean: f64, sd: Option<f64>, sign: bool) -> String {
    let mean = if sign { format!("{:+.2}", 100.0 * mean) } else { format!("{:.2}", 100.0 * mean) };
    sd.map_or_else(|| mean.clone(), |sd| format!("{mean} ± {:.2}", 100.0 * sd))
}

fn signed(value: &Value) -> String {
    format!("{:+.2}", 100.0 * value.value)
}
