//! Aligned columns for a terminal. Columns are as wide as their widest cell.

use super::{Column, columns, preamble};
use crate::headline::table::{Section, Table};

/// Blanks between columns.
const GAP: usize = 2;

pub(super) fn text(table: &Table) -> String {
    let sections: Vec<String> = table.sections.iter().map(section).collect();
    sections.join("\n")
}

fn section(section: &Section) -> String {
    let columns = columns(section);
    let mut lines: Vec<Vec<String>> =
        vec![columns.iter().map(|column| column.name.to_owned()).collect()];
    lines.extend(section.rows.iter().map(|row| columns.iter().map(|c| (c.cell)(row)).collect()));
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut printed = format!("{}  {}\n", section.id, section.title);
    for line in preamble(section) {
        printed.extend(["  ", &line, "\n"]);
    }
    for line in &lines {
        printed.push_str(&aligned(&columns, line, &widths));
        printed.push('\n');
    }
    printed
}

/// A line's cells, numbers to the right, the rest to the left.
fn aligned(columns: &[&Column], cells: &[String], widths: &[usize]) -> String {
    let cell = |((column, cell), width): ((&&Column, &String), &usize)| {
        if column.numeric { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    };
    let cells: Vec<String> = columns.iter().zip(cells).zip(widths).map(cell).collect();
    cells.join(&" ".repeat(GAP)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::headline::{Ledger, table};

    #[test]
    fn a_section_reads_like_this() {
        let table = table(&Ledger::default()).only("FERS-SYN").unwrap().to_string();
        let lines: Vec<&str> = table.lines().take(5).collect();
        assert_eq!(
            lines,
            [
                "FERS-SYN  Made faces, recognised by a fixed classifier",
                "  Source: FERSNet, joint recognition and synthesis (ICPR 2020), arXiv 2007.04514.",
                "  In all rows, protocol: faces made from test subjects, judged by a classifier \
                 trained on real pictures; metric: recognition accuracy, %.",
                "system    data set    target  measured",
                "CAAE      CK+          79.41  \
                 no data: needs the CK+ agreement (University of Pittsburgh)",
            ]
        );
    }
}
