//! In which line of the text each field stands.

use toml::de::DeTable;

/// The line in which each `section` and `section.field` stands, from 1.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<(String, usize)>);

impl Lines {
    pub(super) fn of(text: &str, table: &DeTable<'_>) -> Self {
        let mut lines = Vec::new();
        for (section, fields) in table {
            lines.push((section.get_ref().to_string(), line_of(text, section.span().start)));
            for name in fields.get_ref().as_table().into_iter().flat_map(|fields| fields.keys()) {
                let whole = format!("{}.{}", section.get_ref(), name.get_ref());
                lines.push((whole, line_of(text, name.span().start)));
            }
        }
        Self(lines)
    }

    pub(super) fn of_field(&self, field: &str) -> Option<usize> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, line)| *line)
    }
}

/// The line of the byte `at`, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|&&byte| byte == b'\n').count() + 1
}
