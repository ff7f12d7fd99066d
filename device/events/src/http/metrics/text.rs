//! Lines of Prometheus' text format.

use std::fmt::{Display, Write as _};

/// A text under construction.
#[derive(Debug)]
pub(super) struct Text {
    device: String,
    text: String,
}

impl Text {
    /// An empty one, whose samples carry the label `device`.
    pub(super) fn new(device: &str) -> Self {
        Self { device: escaped(device), text: String::new() }
    }

    /// Begins a family of samples.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.push(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// Adds a sample to the family begun last.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let device = std::mem::take(&mut self.device);
        self.push(format_args!("{name}{{device=\"{device}\""));
        self.device = device;
        for (label, text) in labels {
            self.push(format_args!(",{label}=\"{}\"", escaped(text)));
        }
        self.push(format_args!("}} {value}\n"));
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // A string takes whatever is written to it.
        self.text.write_fmt(text).unwrap_or_default();
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_labels_stay_inside_their_quotes() {
        let mut text = Text::new("a\"b");
        text.sample("x", &[("board", "1\\2\n3")], 4);
        assert_eq!(text.finish(), "x{device=\"a\\\"b\",board=\"1\\\\2\\n3\"} 4\n");
    }
}
