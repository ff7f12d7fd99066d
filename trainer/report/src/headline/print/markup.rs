//! GitHub's tables and a fragment of HTML.

use super::{Column, columns, preamble};
use crate::headline::table::{Row, Section, Standing, Table};

pub(super) fn markdown(table: &Table) -> String {
    let section = |section: &Section| {
        let columns = columns(section);
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let rule = |column: &&Column| if column.numeric { "---:" } else { "---" }.to_owned();
        let cells = |row: &Row| columns.iter().map(|column| escaped(&(column.cell)(row))).collect();
        let mut printed =
            format!("## {}: {}\n\n{}\n\n", section.id, section.title, preamble(section).join(" "));
        printed += &line(columns.iter().map(|column| column.name.to_owned()).collect());
        printed += &line(columns.iter().map(rule).collect());
        section.rows.iter().for_each(|row| printed += &line(cells(row)));
        printed
    };
    let sections: Vec<String> = table.sections.iter().map(section).collect();
    sections.join("\n")
}

/// Text that Markdown leaves as it is within a cell.
pub(crate) fn escaped(text: &str) -> String {
    let mut printed = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => printed.push(' '),
            '|' | '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '>' => printed.extend(['\\', letter]),
            _ => printed.push(letter),
        }
    }
    printed
}

pub(super) fn html(table: &Table) -> String {
    table.sections.iter().map(html_section).collect()
}

fn html_section(section: &Section) -> String {
    let columns = columns(section);
    let head: Vec<String> =
        columns.iter().map(|column| format!("<th scope=\"col\">{}</th>", column.name)).collect();
    let mut printed = format!(
        "<section class=\"headline\">\n<h3>{}: {}</h3>\n<p>{}</p>\n\
         <table>\n<thead><tr>{}</tr></thead>\n<tbody>\n",
        section.id,
        quoted(section.title),
        quoted(&preamble(section).join(" ")),
        head.concat()
    );
    for row in &section.rows {
        let cells: String = columns.iter().map(|column| html_cell(column, row)).collect();
        printed.extend(["<tr class=\"", class(row.standing), "\">", &cells, "</tr>\n"]);
    }
    printed + "</tbody>\n</table>\n</section>\n"
}

fn html_cell(column: &Column, row: &Row) -> String {
    let class = if column.numeric { " class=\"number\"" } else { "" };
    format!("<td{class}>{}</td>", quoted(&(column.cell)(row)))
}

/// What a page's style tells rows apart by.
fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::NoData => "no-data",
        Standing::Setting => "setting",
        Standing::Same => "same",
        Standing::Different => "different",
        Standing::Own => "own",
    }
}

/// Text without meaning in HTML, within elements and attributes.
pub(crate) fn quoted(text: &str) -> String {
    let mut printed = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => printed.push_str("&amp;"),
            '<' => printed.push_str("&lt;"),
            '>' => printed.push_str("&gt;"),
            '"' => printed.push_str("&quot;"),
            '\'' => printed.push_str("&#39;"),
            _ => printed.push(letter),
        }
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headline::print::tests::sample;

    #[test]
    fn markdown_rows_have_as_many_cells_as_the_header() {
        let printed = markdown(&sample());
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let table: Vec<&str> = printed.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(table.len(), 2 + 8);
        assert!(table.iter().all(|line| cells(line) == cells(table[0])), "{printed}");
        assert!(printed.contains("other protocol: a\\|b, \"c\" \\<d\\>"));
    }

    #[test]
    fn html_text_cannot_become_markup() {
        let printed = html(&sample());
        assert!(printed.contains("other protocol: a|b, &quot;c&quot; &lt;d&gt;"));
        assert!(!printed.contains("<d>"));
    }

    #[test]
    fn html_rows_say_how_they_compare() {
        let printed = html(&sample());
        assert_eq!(printed.matches("<tr class=\"no-data\">").count(), 7);
        assert_eq!(printed.matches("<tr class=\"different\">").count(), 1);
        for tag in ["section", "table", "tr", "td", "thead", "tbody"] {
            let opened = printed.matches(&format!("<{tag}>")).count()
                + printed.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, printed.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }
}
