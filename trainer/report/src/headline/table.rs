//! Every published figure with what was measured beside it.

use serde::Serialize;

use super::{
    Headline, Nature,
    index::{Block, blocks},
    ledger::{Ledger, Measurement},
    licence::needs,
    nearest,
};

/// The whole comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// The published tables, then our own measurements where there are any.
    pub sections: Vec<Section>,
}

/// One published table, or our own measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// The block's name, [`OWN`] for our own measurements.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Who published it.
    pub source: &'static str,
    /// How to read it; may be empty.
    pub note: &'static str,
    /// A row for each figure, several where it was measured several times.
    pub rows: Vec<Row>,
}

/// Name of the section of measurements that stand beside no published figure.
pub const OWN: &str = "OWN";

/// How a measurement compares to the figure it stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// There is none.
    NoData,
    /// There is nothing to measure.
    Setting,
    /// Same protocol, same data.
    Same,
    /// Another protocol or other data: the two numbers are not comparable.
    Different,
    /// There is no figure.
    Own,
}

/// One row, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The row's key within its block.
    pub key: String,
    /// Whose figure.
    pub system: String,
    /// Data set.
    pub dataset: String,
    /// How it was measured.
    pub protocol: String,
    /// What was measured.
    pub metric: String,
    /// The published figure as text; `-` where it is unreadable.
    pub target: String,
    /// The published figure as a number.
    pub target_value: Option<f64>,
    /// What was measured, or why nothing was; never empty.
    pub measured: String,
    /// What was measured, as a number.
    pub measured_value: Option<f64>,
    /// How the two compare.
    pub standing: Standing,
    /// 95 % interval.
    pub interval: Option<[f64; 2]>,
    /// Test samples.
    pub n: Option<u64>,
    /// People among them.
    pub subjects: Option<u64>,
    /// Seed of the training.
    pub seed: Option<u64>,
    /// The command that gave the value.
    pub command: String,
    /// Revision of the source.
    pub revision: String,
    /// What else there is to say.
    pub remark: String,
}

/// Every figure, with what the ledger has for it.
pub fn table(ledger: &Ledger) -> Table {
    let mut sections: Vec<Section> = blocks().map(|block| section(block, ledger)).collect();
    let own: Vec<Row> =
        ledger.measurements().iter().filter(|m| m.beside.is_none()).map(own).collect();
    if !own.is_empty() {
        sections.push(Section {
            id: OWN,
            title: "Own measurements",
            source: "this project",
            note: "No published figure stands beside these.",
            rows: own,
        });
    }
    Table { sections }
}

impl Table {
    /// The one section of that name, in any letter case; else the name most like it.
    ///
    /// # Errors
    /// The nearest known name.
    pub fn only(mut self, id: &str) -> Result<Self, String> {
        let names: Vec<&'static str> = self.sections.iter().map(|section| section.id).collect();
        self.sections.retain(|section| section.id.eq_ignore_ascii_case(id));
        if self.sections.is_empty() { Err(nearest(id, names.into_iter())) } else { Ok(self) }
    }
}

fn section(block: &Block, ledger: &Ledger) -> Section {
    let rows = |headline: Headline| {
        let beside = |m: &&Measurement| {
            m.beside.as_ref().is_some_and(|(id, key)| *id == block.id && *key == headline.key)
        };
        let measured: Vec<Row> = ledger
            .measurements()
            .iter()
            .filter(beside)
            .map(|measurement| measured(&headline, measurement))
            .collect();
        if measured.is_empty() { vec![unmeasured(&headline)] } else { measured }
    };
    Section {
        id: block.id,
        title: block.title,
        source: block.source,
        note: block.note,
        rows: block.headlines().into_iter().flat_map(rows).collect(),
    }
}

/// A figure nothing was measured for.
fn unmeasured(headline: &Headline) -> Row {
    let (standing, measured) = match headline.nature {
        Nature::Setting => (Standing::Setting, "a setting: nothing to measure".to_owned()),
        Nature::Figure => {
            let needs = needs(&headline.system, &headline.dataset);
            let needs = needs.unwrap_or_else(|| format!("{}'s licence", headline.dataset));
            (Standing::NoData, format!("no data: needs {needs}"))
        }
    };
    Row {
        key: headline.key.clone(),
        system: headline.system.clone(),
        dataset: headline.dataset.clone(),
        protocol: headline.protocol.clone(),
        metric: headline.metric.clone(),
        target: headline.target.clone().unwrap_or_else(|| "-".to_owned()),
        target_value: headline.value(),
        measured,
        measured_value: None,
        standing,
        interval: None,
        n: None,
        subjects: None,
        seed: None,
        command: String::new(),
        revision: String::new(),
        remark: headline.remark.clone(),
    }
}

/// A figure and one measurement beside it.
fn measured(headline: &Headline, measurement: &Measurement) -> Row {
    let mut different = Vec::new();
    if !same(&headline.protocol, &measurement.protocol) {
        different.push(format!("other protocol: {}", measurement.protocol));
    }
    if !same(&headline.dataset, &measurement.data) {
        different.push(format!("other data: {}", measurement.data));
    }
    let standing = if different.is_empty() { Standing::Same } else { Standing::Different };
    let caveat = if different.is_empty() { "" } else { " (not comparable)" };
    let mut remarks = vec![headline.remark.clone()];
    remarks.extend(different);
    remarks.extend([format!("split: {}", measurement.split), measurement.note.clone()]);
    Row {
        measured: format!("{}{caveat}", number(measurement.measured)),
        standing,
        remark: join(&remarks),
        ..filled(unmeasured(headline), measurement)
    }
}

/// A measurement that stands beside no figure.
fn own(measurement: &Measurement) -> Row {
    let row = Row {
        key: measurement.system.clone(),
        system: measurement.system.clone(),
        dataset: measurement.data.clone(),
        protocol: measurement.protocol.clone(),
        metric: measurement.metric.clone(),
        target: "-".to_owned(),
        target_value: None,
        measured: number(measurement.measured),
        measured_value: None,
        standing: Standing::Own,
        interval: None,
        n: None,
        subjects: None,
        seed: None,
        command: String::new(),
        revision: String::new(),
        remark: join(&[format!("split: {}", measurement.split), measurement.note.clone()]),
    };
    filled(row, measurement)
}

/// `row` with a measurement's numbers and evidence.
fn filled(row: Row, measurement: &Measurement) -> Row {
    Row {
        measured_value: Some(measurement.measured),
        interval: measurement.interval,
        n: Some(measurement.n),
        subjects: measurement.subjects,
        seed: Some(measurement.seed),
        command: measurement.command.clone(),
        revision: measurement.revision.clone(),
        ..row
    }
}

/// Whether two texts say the same, letter case and spaces apart.
fn same(a: &str, b: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    words(a) == words(b)
}

/// A value with at least the two decimals of percentages and no more than four.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let short = text.trim_end_matches('0');
    let decimals = short.len().saturating_sub(short.find('.').unwrap_or(0) + 1);
    if decimals < 2 { format!("{value:.2}") } else { short.to_owned() }
}

fn join(parts: &[String]) -> String {
    let filled: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
    filled.join("; ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// One on the published protocol, one on another, one on other data, one of our own.
    const LEDGER: &str = r#"
        [[result]]
        block = "FN2EN-TFD"
        row = "FN2EN"
        protocol = "7 classes; the 5 official folds, mean of fold accuracies"
        measured = 88.5
        interval = [87.0, 90.0]
        n = 4178
        subjects = 900
        seed = 3
        data = "TFD"
        split = "official folds"
        command = "train"
        revision = "abc"

        [[result]]
        block = "FN2EN-TFD"
        row = "disRBM [18]"
        protocol = "one random split"
        measured = 99.0
        n = 100
        seed = 1
        data = "rendered faces"
        split = "test"
        command = "train"
        revision = "abc"

        [[result]]
        system = "net"
        metric = "accuracy, %"
        protocol = "FER+, majority"
        measured = 83.69
        n = 2722
        seed = 1
        data = "FER+"
        split = "valid"
        command = "eval"
        revision = "abc"
        note = "chosen on this split"
    "#;

    #[test]
    fn every_figure_has_a_row_and_every_row_a_word() {
        let empty = table(&Ledger::default());
        let figures: usize = blocks().map(|block| block.headlines().len()).sum();
        let rows: Vec<&Row> = empty.sections.iter().flat_map(|section| &section.rows).collect();
        assert_eq!((rows.len(), figures), (409, 409));
        for row in rows {
            let expected = match row.standing {
                Standing::NoData => row.measured.starts_with("no data: needs "),
                Standing::Setting => row.measured == "a setting: nothing to measure",
                _ => false,
            };
            assert!(expected, "{row:?}");
        }
    }

    #[test]
    fn a_measurement_on_the_same_protocol_and_data_stands_as_equal() {
        let row = find("FN2EN-TFD", "FN2EN");
        assert_eq!(row.standing, Standing::Same);
        assert_eq!((row.target.as_str(), row.measured.as_str()), ("88.9", "88.50"));
        assert_eq!((row.n, row.subjects, row.seed), (Some(4178), Some(900), Some(3)));
        assert_eq!(row.interval, Some([87.0, 90.0]));
    }

    #[test]
    fn a_measurement_on_another_protocol_never_does() {
        let row = find("FN2EN-TFD", "disRBM [18]");
        assert_eq!(row.standing, Standing::Different);
        assert_eq!(row.measured, "99.00 (not comparable)");
        assert_eq!(
            row.remark,
            "other protocol: one random split; other data: rendered faces; split: test"
        );
    }

    #[test]
    fn a_row_without_data_says_what_it_needs() {
        assert_eq!(
            find("FN2EN-CK", "FN2EN / 8 classes").measured,
            "no data: needs the CK+ agreement (University of Pittsburgh)"
        );
    }

    #[test]
    fn own_measurements_have_a_section() {
        let row = find(OWN, "net");
        assert_eq!((row.standing, row.measured.as_str()), (Standing::Own, "83.69"));
        assert_eq!(row.remark, "split: valid; chosen on this split");
        assert!(!table(&Ledger::default()).sections.iter().any(|section| section.id == OWN));
    }

    #[test]
    fn one_block_can_be_asked_for_and_a_misspelt_one_is_guessed() {
        let table = table(&Ledger::default());
        assert_eq!(table.clone().only("lsd").unwrap().sections.len(), 1);
        assert_eq!(table.only("FN2EN-CX").unwrap_err(), "FN2EN-CK");
    }

    #[test]
    fn two_measurements_of_a_figure_are_two_rows() {
        let twice = format!("{LEDGER}\n{}", LEDGER.replace("88.5", "88.1"));
        let found = table(&Ledger::parse(&twice, Path::new("results.toml")).unwrap());
        let section = found.only("FN2EN-TFD").unwrap().sections.remove(0);
        let values: Vec<_> =
            section.rows.iter().filter(|r| r.key == "FN2EN").map(|r| r.measured_value).collect();
        assert_eq!(values, [Some(88.5), Some(88.1)]);
    }

    #[test]
    fn numbers_have_two_to_four_decimals() {
        assert_eq!(
            [88.5, 0.7124, 0.123_456, 3.0].map(number),
            ["88.50", "0.7124", "0.1235", "3.00"]
        );
    }

    fn find(section: &str, key: &str) -> Row {
        let ledger = Ledger::parse(LEDGER, Path::new("results.toml")).unwrap();
        let section = table(&ledger).only(section).unwrap().sections.remove(0);
        section.rows.into_iter().find(|row| row.key == key).unwrap()
    }
}
