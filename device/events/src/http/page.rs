//! The live page as one document that needs nothing else, and the policy that holds it to that.
//!
//! Style and script are written into the page, and the `Content-Security-Policy` names their
//! hashes: a browser runs these and nothing else, and asks nobody but this device.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::{body::Bytes, header::HeaderValue};
use sha2::{Digest as _, Sha256};

use super::options::Options;

const HTML: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// In the order in which each part needs what came before.
const SCRIPT: &str = concat!(
    include_str!("page/words.js"),
    include_str!("page/live.js"),
    include_str!("page/hero.js"),
    include_str!("page/timeline.js"),
    include_str!("page/faces.js"),
    include_str!("page/units.js"),
    include_str!("page/health.js"),
    include_str!("page/controls.js"),
);

/// The page and its policy.
#[derive(Debug)]
pub(super) struct Page {
    html: Bytes,
    policy: HeaderValue,
}

impl Page {
    /// The page for a device with these options.
    pub(super) fn new(options: &Options) -> Self {
        let yes_no = |yes: bool| if yes { "yes" } else { "no" };
        let html = HTML
            .replace("{device}", &escaped(&options.device))
            .replace("{commands}", yes_no(options.commands))
            .replace("{preview}", yes_no(options.preview))
            .replace("{open}", yes_no(options.is_open()))
            .replace("{style}", STYLE)
            .replace("{script}", SCRIPT);
        let policy = format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; img-src 'self' data:; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(SCRIPT),
            hash(STYLE)
        );
        let policy = policy.try_into().unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { html: html.into(), policy }
    }

    /// The document.
    pub(super) fn html(&self) -> Bytes {
        self.html.clone()
    }

    /// The value of `Content-Security-Policy`.
    pub(super) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }
}

fn hash(source: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(source)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use mien_core::spec::Spec;

    use super::*;

    fn page(query: &str) -> String {
        let spec = Spec::parse(&format!("http://127.0.0.1:80{query}")).unwrap();
        let page = Page::new(&Options::parse(&spec, "a<b").unwrap());
        String::from_utf8(page.html().to_vec()).unwrap()
    }

    #[test]
    fn the_page_asks_nobody_else() {
        let html = page("");
        for foreign in ["http://", "https://", "@import", "url(", "src=\"//", "<link rel=\"style"] {
            // The name of SVG's namespace is no address.
            let html = html.replace("http://www.w3.org/2000/svg", "");
            assert!(!html.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn the_page_breaks_no_rule_of_its_policy() {
        let html = page("");
        for inline in [" style=", " onclick=", " onload=", "javascript:", "innerHTML", "eval("] {
            assert!(!html.contains(inline), "{inline}");
        }
        assert_eq!(html.matches("<script>").count(), 1);
        assert_eq!(html.matches("<style>").count(), 1);
        assert!(html.contains(&format!("<script>{SCRIPT}</script>")), "hashed byte for byte");
        assert!(html.contains(&format!("<style>{STYLE}</style>")), "hashed byte for byte");
    }

    #[test]
    fn options_reach_the_page_and_a_name_cannot_break_out() {
        let html = page("?preview=1&commands=0");
        for part in ["data-preview=\"yes\"", "data-commands=\"no\"", "data-open=\"no\"", "a&lt;b"] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("{device}") && !html.contains("a<b"));
    }
}
