//! The page as a document: every part there, all text escaped, nothing loaded, charts well formed.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use mien_report::{
    curve::{Epoch, Validation},
    page,
    picture::{HeatMap, Picture},
    run::{
        Bin, ClassFigures, Data, Embedding, Figure, Layer, Mistake, Origin, RunReport, Saliency,
        Scale,
    },
};
use roxmltree::Document;

const PARTS: [&str; 11] = [
    "figures",
    "curves",
    "confusion",
    "classes",
    "reliability",
    "mistakes",
    "saliency",
    "embedding",
    "layers",
    "data",
    "recipe",
];

const HOSTILE: &str = "</title></style><script>alert(1)</script>\"' onload=\"x & <svg";

#[test]
fn a_full_report_has_every_part_and_links_to_it() {
    let page = page::html(&report("anger")).unwrap();
    for part in PARTS {
        assert!(page.contains(&format!("<section id=\"{part}\"")), "no section {part}");
        assert!(page.contains(&format!("<a href=\"#{part}\">")), "no link to {part}");
    }
}

#[test]
fn parts_without_content_are_left_out() {
    let page = page::html(&RunReport { name: "bare".to_owned(), ..RunReport::default() }).unwrap();
    assert!(!page.contains("<section"), "{page}");
    assert!(page.contains("<h1>bare</h1>"));
}

#[test]
fn hostile_names_stay_text() {
    let page = page::html(&report(HOSTILE)).unwrap();
    assert!(!page.contains("<script"), "a name became a script");
    assert!(!page.contains("onload=\"x"), "a name became an attribute");
    assert_eq!(page.matches("</style>").count(), 1);
    assert_eq!(page.matches("</title>").count(), page.matches("<title").count());
    let escaped = "&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;";
    for place in ["<h1>", "<caption>", "<pre tabindex=\"0\"><code>", "labelled <b>"] {
        let at = page.find(place).unwrap_or_else(|| panic!("no {place}"));
        let rest = &page[at + place.len()..];
        assert!(place == "<caption>" || rest.starts_with(escaped), "{place}: {}", &rest[..80]);
    }
}

#[test]
fn charts_are_well_formed_and_have_words() {
    for name in ["anger", HOSTILE] {
        let page = page::html(&report(name)).unwrap();
        let charts: Vec<&str> = elements(&page, "svg").collect();
        // One per figure, three curves, classes, reliability, embedding, and two legend keys.
        assert_eq!(charts.len(), 2 + 3 + 3 + 2);
        for chart in charts {
            let chart = Document::parse(chart).unwrap_or_else(|error| panic!("{error}: {chart}"));
            let root = chart.root_element();
            let hidden = root.attribute("aria-hidden") == Some("true");
            let title = root.children().find(|child| child.has_tag_name("title"));
            let words = title.and_then(|title| title.text()).unwrap_or_default();
            assert!(hidden || words.len() > 10, "a chart without words: {words}");
            assert!(hidden || root.attribute("aria-labelledby") == title.unwrap().attribute("id"));
            assert!(coordinates(&chart).all(f64::is_finite), "a coordinate is no number");
        }
    }
}

#[test]
fn tables_are_well_formed_and_have_captions() {
    let page = page::html(&report(HOSTILE)).unwrap();
    let tables: Vec<&str> = elements(&page, "table").collect();
    assert_eq!(tables.len(), 2);
    for table in tables {
        let table = Document::parse(table).unwrap_or_else(|error| panic!("{error}: {table}"));
        let first = table.root_element().first_element_child().unwrap();
        assert!(first.has_tag_name("caption"));
    }
}

#[test]
fn the_confusion_matrix_shows_counts_and_shares_of_rows() {
    let page = page::html(&report("anger")).unwrap();
    let table = elements(&page, "table").next().unwrap();
    let table = Document::parse(table).unwrap();
    let cells: Vec<(&str, &str)> = table
        .descendants()
        .filter(|node| node.has_tag_name("td") && node.attribute("style").is_some())
        .map(|cell| (cell.text().unwrap(), cell.attribute("style").unwrap()))
        .collect();
    assert_eq!(
        cells,
        [
            ("3", "--share:0.750"),
            ("1", "--share:0.250"),
            ("0", "--share:0.000"),
            ("0", "--share:0.000")
        ]
    );
}

#[test]
fn figures_that_are_no_shares_are_shown_as_they_are() {
    let mut report = RunReport { figures: vec![figure("error".to_owned(), None)], ..report("x") };
    report.figures[0].scale = Scale::Number;
    report.figures[0].value = 1.25;
    let page = page::html(&report).unwrap();
    assert!(page.contains("<strong>1.250</strong>") && !page.contains("id=\"figure-0-words\""));
}

#[test]
fn every_picture_has_words_and_comes_with_the_page() {
    let page = page::html(&report("anger")).unwrap();
    let pictures: Vec<&str> = page.match_indices("<img ").map(|(at, _)| &page[at..]).collect();
    assert_eq!(pictures.len(), 3);
    for picture in pictures {
        let tag = &picture[..picture.find('>').unwrap()];
        assert!(tag.contains("src=\"data:image/png;base64,iVBOR"), "{tag}");
        assert!(
            tag.contains("alt=\"Face labelled ") || tag.contains("alt=\"The same face "),
            "{tag}"
        );
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let page = page::html(&report("anger")).unwrap();
    assert!(
        page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"")
    );
    for forbidden in ["http:", "https:", "<script", "<link", "@import", "url(", "srcset"] {
        assert!(!page.contains(forbidden), "the page holds {forbidden}");
    }
}

#[test]
fn synthetic_data_is_flagged_before_any_figure() {
    let mut report = report("anger");
    report.data.origin = Origin::Synthetic;
    let page = page::html(&report).unwrap();
    let flag = page.find("Synthetic data.").unwrap();
    assert!(flag < page.find("id=\"figures\"").unwrap());
    report.data.origin = Origin::Recorded;
    assert!(!page::html(&report).unwrap().contains("Synthetic data."));
}

#[test]
fn the_page_says_that_expressions_are_not_feelings() {
    let page = page::html(&RunReport::default()).unwrap();
    assert!(page.contains("They are not what a person feels"));
}

#[test]
fn the_same_report_gives_the_same_page() {
    assert_eq!(page::html(&report("anger")).unwrap(), page::html(&report("anger")).unwrap());
}

#[test]
fn a_report_that_does_not_fit_has_no_page() {
    let mut report = report("anger");
    report.by_class[0].class = 9;
    let error = page::html(&report).unwrap_err().to_string();
    assert_eq!(error, "report: by_class[0] names class 9, but there are 2");
}

/// Every coordinate that a chart places something at.
fn coordinates<'a>(chart: &'a Document<'a>) -> impl Iterator<Item = f64> + 'a {
    const PLACES: [&str; 9] = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width"];
    let attributes = chart.descendants().flat_map(|node| node.attributes());
    attributes.filter(|a| PLACES.contains(&a.name())).map(|a| a.value().parse().unwrap_or(f64::NAN))
}

/// Every element of that name, as text; they do not nest.
fn elements<'a>(page: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let end = format!("</{name}>");
    let starts: Vec<usize> =
        page.match_indices(&format!("<{name} ")).map(|(start, _)| start).collect();
    starts.into_iter().map(move |start| {
        let length = page[start..].find(&end).unwrap() + end.len();
        &page[start..start + length]
    })
}

/// A small report with something in every part, and `name` wherever a name goes.
fn report(name: &str) -> RunReport {
    let named = || name.to_owned();
    let picture = Picture::grey(2, 2, vec![0, 80, 160, 255]);
    let heat = HeatMap { width: 1, height: 2, values: vec![0.0, 1.0] };
    RunReport {
        name: named(),
        recipe: named(),
        seed: 7,
        revision: Some(named()),
        environment: vec![(named(), named())],
        data: Data {
            statement: named(),
            rights: named(),
            judged_on: named(),
            origin: Origin::Unstated,
        },
        figures: vec![figure(named(), Some([0.5, 0.9])), figure(named(), None)],
        epochs: vec![epoch(1, name), epoch(2, name)],
        classes: vec![named(), named()],
        confusion: vec![vec![3, 1], vec![0, 0]],
        by_class: vec![
            ClassFigures { class: 0, n: 4, precision: Some(1.0), recall: Some(0.75), f1: None },
            ClassFigures { class: 1, n: 0, precision: None, recall: None, f1: None },
        ],
        reliability: vec![Bin { n: 3, confidence: 0.9, accuracy: 0.75 }],
        mistakes: vec![Mistake {
            picture: picture.clone(),
            truth: 0,
            predicted: 1,
            confidence: 0.9,
        }],
        saliency: vec![Saliency { picture, heat, truth: 0, predicted: 0 }],
        embedding: Some(Embedding {
            method: named(),
            points: vec![[0.0, 1.0], [2.0, -1.0]],
            classes: vec![0, 1],
        }),
        layers: vec![Layer { name: named(), weights: 1_234_567, sqnr_db: 41.5 }],
    }
}

fn figure(name: String, interval: Option<[f64; 2]>) -> Figure {
    Figure { of: name.clone(), name, value: 0.75, scale: Scale::Share, interval, n: 4 }
}

fn epoch(epoch: u32, name: &str) -> Epoch {
    Epoch {
        epoch,
        loss: 1.0 / f64::from(epoch),
        rate: 0.001,
        samples_per_s: 100.0,
        validation: Validation { score: 0.5, values: vec![(name.to_owned(), 0.25)] },
        parts: vec![(name.to_owned(), 0.5)],
    }
}
