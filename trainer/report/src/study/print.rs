//! Studies as text, Markdown, CSV, JSON or a fragment of HTML with a plot of every run.

use std::fmt;

use super::{
    Figure, Study, Variant,
    grid::{Grid, claims, preamble, systems},
    plot::plot,
};
use crate::headline::{
    Format, PrintError,
    print::{escaped, quoted},
};

/// Blanks between columns.
const GAP: usize = 2;

impl fmt::Display for Study {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "STUDY:{}  {}", self.name, self.question)?;
        preamble(self).iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        let grids = [systems(self), claims(self)];
        grids.iter().filter(|grid| !grid.rows.is_empty()).try_for_each(|grid| aligned(f, grid))
    }
}

/// Columns as wide as their widest cell, numbers to the right.
fn aligned(f: &mut fmt::Formatter<'_>, grid: &Grid) -> fmt::Result {
    let lines = || std::iter::once(&grid.head).chain(&grid.rows);
    let width = |at: usize| lines().map(|line| line[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..grid.head.len()).map(width).collect();
    for line in lines() {
        let cell = |((cell, &width), &numeric): ((&String, &usize), &bool)| {
            if numeric { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        };
        let cells: Vec<String> = line.iter().zip(&widths).zip(&grid.numeric).map(cell).collect();
        writeln!(f, "{}", cells.join(&" ".repeat(GAP)).trim_end())?;
    }
    Ok(())
}

/// Studies in a format, one after the other.
///
/// # Errors
/// [`PrintError`] where CSV or JSON cannot be written.
pub fn print(studies: &[Study], format: Format) -> Result<String, PrintError> {
    let each = |one: fn(&Study) -> String| studies.iter().map(one).collect::<Vec<_>>().join("\n");
    Ok(match format {
        Format::Text => each(Study::to_string),
        Format::Markdown => each(markdown),
        Format::Csv => csv(studies)?,
        Format::Json => {
            serde_json::to_string_pretty(&serde_json::json!({ "studies": studies }))? + "\n"
        }
        Format::Html => studies.iter().map(html).collect(),
    })
}

fn markdown(study: &Study) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let lines = preamble(study).iter().map(|line| escaped(line)).collect::<Vec<_>>().join(" ");
    let mut printed = format!("## STUDY:{}: {}\n\n{lines}\n", study.name, escaped(&study.question));
    for grid in [systems(study), claims(study)] {
        let rule = |numeric: &bool| if *numeric { "---:" } else { "---" }.to_owned();
        let cells = |row: &Vec<String>| line(&row.iter().map(|c| escaped(c)).collect::<Vec<_>>());
        printed.push('\n');
        printed += &cells(&grid.head);
        printed += &line(&grid.numeric.iter().map(rule).collect::<Vec<_>>());
        printed.extend(grid.rows.iter().map(cells));
    }
    printed
}

fn html(study: &Study) -> String {
    let head = format!(
        "<section class=\"study\">\n<h3>STUDY:{}: {}</h3>\n<p>{}</p>\n",
        quoted(&study.name),
        quoted(&study.question),
        quoted(&preamble(study).join(" "))
    );
    let tables = [systems(study), claims(study)].map(|grid| html_table(&grid)).concat();
    [&head, plot(study).as_str(), &tables, "</section>\n"].concat()
}

fn html_table(grid: &Grid) -> String {
    let mut printed = "<table>\n<thead><tr>".to_owned();
    for name in &grid.head {
        printed.extend(["<th scope=\"col\">", &quoted(name), "</th>"]);
    }
    printed.push_str("</tr></thead>\n<tbody>\n");
    for row in &grid.rows {
        printed.extend(["<tr>", &html_cells(row, &grid.numeric), "</tr>\n"]);
    }
    printed + "</tbody>\n</table>\n"
}

fn html_cells(row: &[String], numeric: &[bool]) -> String {
    let mut printed = String::new();
    for (cell, &numeric) in row.iter().zip(numeric) {
        let open = if numeric { "<td class=\"number\">" } else { "<td>" };
        printed.extend([open, &quoted(cell), "</td>"]);
    }
    printed
}

/// Columns of the CSV form.
const HEADER: [&str; 9] =
    ["study", "kind", "system", "against", "test", "metric", "seeds", "value", "verdict"];

/// A line for each value of each figure and each difference of each claim, and for their means and
/// deviations.
fn csv(studies: &[Study]) -> Result<String, PrintError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for study in studies {
        for line in figures(study).chain(pairs(study)) {
            writer.write_record(line)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn figures(study: &Study) -> impl Iterator<Item = [String; 9]> {
    let of = |variant: &Variant, figure: &Figure| {
        let head = ["figure", &variant.name, "", &figure.test, &figure.metric];
        let spread = (Some(figure.mean), figure.sd);
        lines(&study.name, head, &figure.values, spread, "")
    };
    let all = study.variants.iter();
    all.flat_map(move |variant| variant.figures.iter().flat_map(move |f| of(variant, f)))
}

fn pairs(study: &Study) -> impl Iterator<Item = [String; 9]> {
    study.claims.iter().flat_map(|claim| {
        claim.pairs.iter().flat_map(|pair| {
            let head = ["claim", &pair.better, &pair.worse, &claim.test, &claim.metric];
            let spread = (pair.mean, pair.sd);
            lines(&study.name, head, &pair.differences, spread, pair.verdict.words())
        })
    })
}

fn lines(
    study: &str,
    head: [&str; 5],
    values: &[super::Value],
    (mean, sd): (Option<f64>, Option<f64>),
    verdict: &str,
) -> Vec<[String; 9]> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let line = |seeds: &str, value| {
        let [kind, system, against, test, metric] = head;
        let rest = [seeds, &number(value), verdict];
        let [seeds, value, verdict] = rest;
        [study, kind, system, against, test, metric, seeds, value, verdict].map(str::to_owned)
    };
    let seeds = |seeds: &[u64]| seeds.iter().map(u64::to_string).collect::<Vec<_>>().join("+");
    let each = values.iter().map(|value| line(&seeds(&value.seeds), Some(value.value)));
    each.chain([line("mean", mean), line("sd", sd)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::tests::sample, *};

    #[test]
    fn a_study_reads_like_this() {
        let expected = "STUDY:pair  Is new <better>?
  Source: Someone 2020.
  clean: a|b <c>; n = 400.
  drop: a|b <c>; n = 400.
  In percent, mean ± standard deviation over seeds 1, 2; revision abc.
system      runs  clean: accuracy  drop: accuracy
new & bold     2     81.25 ± 8.84    12.50 ± 0.00
old            2     62.50 ± 0.00    25.00 ± 0.00
claim             figure               better by  by seed        verdict
new & bold > old  clean: accuracy  +18.75 ± 6.25  +12.50 +25.00  as claimed
";
        assert_eq!(sample().to_string(), expected);
    }

    #[test]
    fn every_format_holds_the_verdict_and_ends_its_last_line() {
        for format in Format::ALL {
            let printed = print(&[sample(), sample()], format).unwrap();
            assert_eq!(printed.matches("as claimed").count() % 2, 0, "{printed}");
            assert!(printed.contains("as claimed") && printed.ends_with('\n'), "{printed}");
        }
    }

    #[test]
    fn text_cannot_become_markup() {
        let printed = print(&[sample()], Format::Html).unwrap();
        assert!(printed.contains("Is new &lt;better&gt;?") && printed.contains("new &amp; bold"));
        assert!(!printed.contains("<better>") && !printed.contains("<c>"), "{printed}");
        let printed = print(&[sample()], Format::Markdown).unwrap();
        assert!(printed.contains("a\\|b \\<c\\>"), "{printed}");
    }

    #[test]
    fn csv_has_a_line_a_seed_and_one_each_for_mean_and_deviation() {
        let printed = print(&[sample()], Format::Csv).unwrap();
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.len(), 1 + 4 * 4 + 4);
        assert_eq!(lines[1], "pair,figure,new & bold,,clean,accuracy,1,0.75,");
        assert_eq!(lines[17], "pair,claim,new & bold,old,clean,accuracy,1,0.125,as claimed");
    }
}
