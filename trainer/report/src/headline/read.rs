//! A block's CSV file becomes its figures.
//!
//! The files are built in and held against the index by its tests, so a line that cannot be read
//! is passed over here instead of being an error nobody could act on.

use csv::StringRecord;

use super::{
    Headline,
    index::{Block, Cell},
};

/// A cell that the source leaves unreadable.
const UNREADABLE: &str = "-";

/// The figures of a block, line by line, within a line column by column. Cells without content
/// give none.
pub(super) fn headlines(block: &Block) -> Vec<Headline> {
    let mut reader = csv::Reader::from_reader(block.csv.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut figures = Vec::new();
    for record in reader.records().filter_map(Result::ok) {
        let line = Line { block, header: &header, record: &record };
        figures.extend(block.values.iter().filter_map(|value| line.headline(*value)));
    }
    figures
}

/// One line of a file.
struct Line<'a> {
    block: &'a Block,
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl Line<'_> {
    /// The figure in column `value.0`, which [`Cell::Header`] calls `value.1`.
    fn headline(&self, value: (&str, &str)) -> Option<Headline> {
        let block = self.block;
        let target = self.filled(value.0)?;
        let [system, dataset, metric] =
            [block.system, block.dataset, block.metric].map(|cell| self.cell(cell, value.1));
        let qualifiers: Vec<String> = block
            .qualifiers
            .iter()
            .filter_map(|&(column, pattern)| Some(pattern.replace("{}", self.filled(column)?)))
            .collect();
        let fixed = |cell| matches!(cell, Cell::Fixed(_));
        let named = [(block.system, &system), (block.dataset, &dataset), (block.metric, &metric)];
        let mut key: Vec<&str> =
            named.iter().filter(|part| !fixed(part.0)).map(|part| part.1.as_str()).collect();
        key.extend(qualifiers.iter().map(String::as_str));
        Some(Headline {
            key: key.join(" / "),
            protocol: std::iter::once(block.protocol)
                .chain(qualifiers.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("; "),
            target: (target != UNREADABLE).then(|| target.to_owned()),
            remark: self.remark(value.0),
            nature: block.nature(self.record.get(0).unwrap_or_default()),
            system,
            dataset,
            metric,
        })
    }

    /// What other columns say of the figure in column `value`.
    fn remark(&self, value: &str) -> String {
        let remarks = self.block.remarks.iter().filter(|of| of.0.is_empty() || of.0 == value);
        let words: Vec<String> = remarks
            .filter_map(|&(_, column, pattern)| Some(pattern.replace("{}", self.filled(column)?)))
            .collect();
        words.join("; ")
    }

    fn cell(&self, cell: Cell, label: &str) -> String {
        match cell {
            Cell::Fixed(name) => name.to_owned(),
            Cell::Column(column, pattern) => pattern.replace("{}", self.text(column)),
            Cell::Header(pattern) => pattern.replace("{}", label),
            Cell::Prefix { column, prefix, otherwise } => {
                let found = self.text(column).starts_with(prefix);
                if found { prefix.trim_end_matches([' ', '_']) } else { otherwise }.to_owned()
            }
            Cell::WithoutPrefix { column, prefix } => {
                let text = self.text(column);
                text.strip_prefix(prefix).unwrap_or(text).to_owned()
            }
        }
    }

    fn filled(&self, column: &str) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    fn text(&self, column: &str) -> &str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headline::Nature;

    #[test]
    fn a_line_of_methods_and_accuracies_is_one_figure() {
        let figure = find("FERS-CK", "FERSNet / pretraining: no / input: single");
        assert_eq!(figure.system, "FERSNet");
        assert_eq!(figure.dataset, "CK+");
        assert_eq!(figure.metric, "accuracy, %");
        assert_eq!((figure.target.as_deref(), figure.value()), (Some("97.35"), Some(97.35)));
        assert!(figure.protocol.ends_with("; pretraining: no; input: single"));
        assert!(figure.is_percent());
    }

    #[test]
    fn a_line_of_several_figures_is_as_many() {
        assert_eq!(find("FERS-ABL", "FERSNet w/ FES-DA / MMI").target.as_deref(), Some("73.87"));
        assert_eq!(find("FERS-SYN", "StarGAN / Oulu-CASIA").target.as_deref(), Some("79.51"));
    }

    #[test]
    fn digits_stay_as_published() {
        assert_eq!(find("FN2EN-OULU", "LOMo [55]").target.as_deref(), Some("82.10"));
    }

    #[test]
    fn unreadable_figures_keep_their_row_and_say_what_is_known() {
        let figure = find("UAC-ATTR", "PaW / Male: accuracy, %");
        assert_eq!((figure.target, figure.remark.as_str()), (None, "from memory: 98.39"));
        let figure = find("UAC-ATTR", "LNets+ANet / Sideburns: accuracy, %");
        assert_eq!(figure.remark, "derived from the average: 96.00");
    }

    #[test]
    fn cells_that_do_not_apply_are_no_figures() {
        let block = Block::named("OADN-DATA").unwrap();
        assert!(!block.headlines().iter().any(|h| h.key == "FED-RO / training pictures"));
        assert_eq!(find("OADN-DATA", "FED-RO / test pictures").remark, "chosen for occlusion");
    }

    #[test]
    fn a_system_before_the_data_set_is_taken_apart_from_it() {
        let figure = find("OADN-REF", "RAN / Occlusion-AffectNet");
        assert_eq!(
            (figure.system.as_str(), figure.dataset.as_str()),
            ("RAN", "Occlusion-AffectNet")
        );
        assert_eq!(find("LSD", "baseline / mean_f1").target.as_deref(), Some("0.50"));
        assert_eq!(find("OADN-REF", "OADN / RAF").target.as_deref(), Some("89.83"));
    }

    #[test]
    fn settings_are_told_from_figures_and_may_be_lists() {
        let rotations = find("DEGAN-HYP", "rotations");
        assert_eq!((rotations.nature, rotations.value()), (Nature::Setting, None));
        assert_eq!(rotations.target.as_deref(), Some("-15;-12;-9;-6;-3;3;6;9;12;15"));
        assert_eq!(find("LSD", "multi-task ensemble / landmarks").nature, Nature::Setting);
        assert_eq!(find("LSD", "multi-task ensemble / validation_mean_f1").nature, Nature::Figure);
    }

    fn find(block: &str, key: &str) -> Headline {
        let figures = Block::named(block).unwrap().headlines();
        figures.into_iter().find(|figure| figure.key == key).unwrap()
    }
}
