//! A configuration as text: what a device goes by, and an example that explains every field.

use std::fmt::Write as _;

use crate::{Config, ConfigError, Overrides, field::Section};

/// Most letters of a line of the example.
const WIDTH: usize = 96;

/// The whole configuration, without secrets and without comments.
pub(crate) fn resolved(config: &Config) -> String {
    let mut text = String::new();
    for section in &config.clone().sections() {
        let between = if text.is_empty() { "" } else { "\n" };
        let _always = writeln!(text, "{between}[{}]", section.name);
        for (name, value) in section.fields.iter().filter_map(|f| Some((f.name, f.value.show()?))) {
            let _always = writeln!(text, "{name} = {value}");
        }
    }
    text
}

/// A file for a `pi5` with every field: what it means, and what it is without being set. It lies
/// beside this crate as `example.toml`.
#[must_use]
pub fn example() -> &'static str {
    include_str!("../example.toml")
}

/// The same for any built-in board or board file.
///
/// # Errors
/// [`ConfigError`] where there is no such board.
pub fn example_for(board: &str) -> Result<String, ConfigError> {
    let mut overrides = Overrides::default();
    for (field, value) in [
        ("deployment.board", board),
        ("deployment.name", "lobby"),
        ("deployment.context", "kiosk"),
        ("deployment.contact", "front desk, +31 20 555 0100"),
        ("deployment.notice", "A camera reads facial expressions here. No picture is kept."),
    ] {
        overrides.set(field, value);
    }
    let mut config = Config::without_file(&overrides)?;
    Ok(commented(&config.sections()))
}

fn commented(sections: &[Section<'_>]) -> String {
    let mut text = String::from(
        "# A Mien device. What is left out is as its board says, which is what stands here.\n\
         # `mien-device config check FILE` tells what is wrong with a file.\n",
    );
    for section in sections {
        let _always = write!(text, "\n# {}\n[{}]\n", section.about, section.name);
        for field in &section.fields {
            explain(&mut text, field.about);
            let (front, value) = match field.value.get() {
                Some(value) => ("", value.to_string()),
                None => ("# ", field.value.hint().to_owned()),
            };
            let _always = writeln!(text, "{front}{} = {value}", field.name);
        }
    }
    text
}

/// `about` as comments, wrapped.
fn explain(text: &mut String, about: &str) {
    let mut line = String::from("#");
    for word in about.split_ascii_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            text.push_str(&line);
            line.replace_range(.., "\n#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}
