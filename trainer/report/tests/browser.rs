//! The page as a browser shows it, on a desk and on a phone: nothing sticks out, something is seen.
//!
//! The page is laid out in a frame of the wanted width by headless Chromium; a script around it,
//! not in it, reads what the layout came to. Without `chromium` on the path the tests say so and
//! check nothing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../examples/page/demonstration.rs"]
mod demonstration;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufReader, ErrorKind},
    path::Path,
    process::{Command, Output},
};

use mien_report::{page, run::RunReport};
use tempfile::TempDir;

/// Widths looked at, in pixels: a desk's and a phone's.
const WIDTHS: [u32; 2] = [1280, 390];

/// Fewest colours of a page with its charts, pictures and heat maps.
const COLOURS: usize = 500;

/// Keeps Chromium to itself: no sandbox (it refuses one to root), no GPU, no network of its own.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

#[test]
fn the_page_is_seen_and_fits_a_desk_and_a_phone() {
    let page = page::html(&demonstration::report().unwrap()).unwrap();
    for width in WIDTHS {
        let Some(browser) = Browser::find() else { return };
        let [wide, high] = browser.layout(&page, width);
        assert_eq!(wide, width, "the page is wider than its window");
        assert!(high > 2 * width, "{high} pixels are too few for a whole page");
        let seen = browser.colours(&page, [width, high]);
        assert!(seen > COLOURS, "{seen} colours at {width} pixels: the page is blank or broken");
    }
}

#[test]
fn names_without_an_end_do_not_widen_the_page() {
    let endless = || "endless".repeat(60);
    let mut report: RunReport = demonstration::report().unwrap();
    (report.name, report.recipe, report.revision) = (endless(), endless(), Some(endless()));
    report.environment.push((endless(), endless()));
    report.classes[3] = endless();
    report.layers[0].name = endless();
    (report.figures[0].name, report.figures[0].of) = (endless(), endless());
    report.epochs[0].parts.push((endless(), 0.5));
    (report.data.statement, report.data.rights) = (endless(), endless());
    let page = page::html(&report).unwrap();
    for width in WIDTHS {
        let Some(browser) = Browser::find() else { return };
        assert_eq!(browser.layout(&page, width)[0], width, "the page is wider than its window");
    }
}

/// Headless Chromium with a profile and a workplace of its own.
struct Browser {
    folder: TempDir,
}

impl Browser {
    /// `None`, loudly, where there is no Chromium.
    fn find() -> Option<Self> {
        match Command::new("chromium").arg("--version").output() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                eprintln!("SKIPPED: no `chromium` on the path, so nobody has looked at the page");
                None
            }
            found => {
                assert!(found.unwrap().status.success(), "chromium --version fails");
                Some(Self { folder: tempfile::tempdir().unwrap() })
            }
        }
    }

    /// Width and height of the page's content in a frame `width` pixels wide.
    fn layout(&self, page: &str, width: u32) -> [u32; 2] {
        let output = self.run(page, [width, 200], &["--dump-dom"]);
        let dom = String::from_utf8_lossy(&output.stdout);
        let (_, rest) = dom.split_once("data-size=\"").expect("the frame was not laid out");
        let (size, _) = rest.split_once('"').unwrap();
        let (wide, high) = size.split_once('x').unwrap();
        [wide, high].map(|side| side.parse().unwrap())
    }

    /// Distinct colours of a picture of the whole page.
    fn colours(&self, page: &str, size: [u32; 2]) -> usize {
        let picture = self.folder.path().join("page.png");
        let screenshot = format!("--screenshot={}", picture.display());
        let output = self.run(page, size, &[&screenshot]);
        assert!(picture.is_file(), "{}", String::from_utf8_lossy(&output.stderr));
        distinct(&picture)
    }

    fn run(&self, page: &str, [width, height]: [u32; 2], more: &[&str]) -> Output {
        let file = self.folder.path().join("frame.html");
        fs::write(&file, frame(page, width, height)).unwrap();
        let profile = self.folder.path().join("profile");
        let output = Command::new("chromium")
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--window-size={width},{height}"))
            .args(more)
            .arg(format!("file://{}", file.display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

/// A document that shows `page` in a frame of that size and notes how large its content is.
fn frame(page: &str, width: u32, height: u32) -> String {
    let source = page.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<!doctype html><body style='margin:0'><iframe style='border:0;display:block' \
         width={width} height={height} srcdoc=\"{source}\"></iframe><script>onload = () => {{ \
         const root = document.querySelector('iframe').contentDocument.documentElement; \
         document.body.dataset.size = root.scrollWidth + 'x' + root.scrollHeight; }}</script>"
    )
}

fn distinct(picture: &Path) -> usize {
    let file = BufReader::new(File::open(picture).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let channels = info.color_type.samples();
    pixels.chunks_exact(channels).map(|pixel| &pixel[..3]).collect::<BTreeSet<_>>().len()
}
