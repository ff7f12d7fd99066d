//! Values that are text: names, lines, specifications, paths.

use std::path::PathBuf;

use mien_core::spec::Spec;
use toml::Value as Toml;

use super::Value;
use crate::redact::redact;

/// Most letters of an identifier.
const LONGEST_NAME: usize = 64;

/// A name for topics and labels: letters, digits, `-` and `_`.
pub(crate) struct Identifier<'a>(pub(crate) &'a mut String);

impl Value for Identifier<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let text = given.as_str().filter(|text| !text.is_empty() && identifier(text) == *text);
        text.ok_or("use 1 to 64 letters, digits, - and _")?.clone_into(self.0);
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(self.0.clone().into())
    }
}

/// `name` as an identifier: what cannot stand in one becomes `-`.
pub(crate) fn identifier(name: &str) -> String {
    let right = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.chars().take(LONGEST_NAME).map(|c| if right(c) { c } else { '-' }).collect()
}

/// A line of text that may be missing.
pub(crate) struct Line<'a>(pub(crate) &'a mut Option<String>);

impl Value for Line<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let fix = "write one line of text, 1 to 500 letters";
        let text = given.as_str().map(str::trim).ok_or(fix)?;
        if text.is_empty() || text.chars().count() > 500 || text.contains(char::is_control) {
            return Err(fix.to_owned());
        }
        *self.0 = Some(text.to_owned());
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        self.0.clone().map(Toml::from)
    }
}

/// The name of a built-in board, or a board file.
pub(crate) struct BoardName<'a>(pub(crate) &'a mut String);

impl Value for BoardName<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let text = given.as_str().filter(|text| !text.is_empty());
        text.ok_or("write a board's name, or the path of a board file")?.clone_into(self.0);
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(self.0.clone().into())
    }
}

/// A specification, `scheme://target?option=value`.
pub(crate) struct OneSpec<'a>(pub(crate) &'a mut String);

fn spec(given: &Toml) -> Result<String, String> {
    let text = given.as_str().ok_or("write it as \"scheme://target\"")?;
    Spec::parse(text).map_err(|_no_scheme| "write it as \"scheme://target\"")?;
    Ok(text.to_owned())
}

fn show_spec(given: &Toml) -> String {
    given.as_str().map_or_else(|| given.to_string(), |text| format!("{:?}", redact(text)))
}

impl Value for OneSpec<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        *self.0 = spec(given)?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(self.0.clone().into())
    }

    fn show(&self) -> Option<Toml> {
        Some(redact(self.0).into())
    }

    fn show_given(&self, given: &Toml) -> String {
        show_spec(given)
    }
}

/// A list of specifications.
pub(crate) struct Specs<'a>(pub(crate) &'a mut Vec<String>);

impl Value for Specs<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let fix = "write a list: [\"scheme://target\", …]; [] is none";
        let given = given.as_array().ok_or(fix)?;
        *self.0 = given.iter().map(spec).collect::<Result<_, _>>().map_err(|_one| fix)?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        Some(self.0.iter().cloned().map(Toml::from).collect::<Vec<_>>().into())
    }

    fn show(&self) -> Option<Toml> {
        Some(self.0.iter().map(|text| Toml::from(redact(text))).collect::<Vec<_>>().into())
    }

    fn show_given(&self, given: &Toml) -> String {
        let Some(given) = given.as_array() else { return show_spec(given) };
        format!("[{}]", given.iter().map(show_spec).collect::<Vec<_>>().join(", "))
    }
}

/// Paths of files or folders.
pub(crate) struct Paths<'a>(pub(crate) &'a mut Vec<PathBuf>);

impl Value for Paths<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let fix = "write a list of paths: [\"/var/lib/mien/models\"]; [] is what is built in";
        let given = given.as_array().ok_or(fix)?;
        let path = |path: &Toml| path.as_str().filter(|p| !p.is_empty()).map(PathBuf::from);
        *self.0 = given.iter().map(path).collect::<Option<_>>().ok_or(fix)?;
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        let text = |path: &PathBuf| Toml::from(path.display().to_string());
        Some(self.0.iter().map(text).collect::<Vec<_>>().into())
    }
}

/// The path of a file that may be missing.
pub(crate) struct OnePath<'a>(pub(crate) &'a mut Option<PathBuf>);

impl Value for OnePath<'_> {
    fn set(&mut self, given: &Toml) -> Result<(), String> {
        let text = given.as_str().filter(|text| !text.is_empty());
        *self.0 = Some(PathBuf::from(text.ok_or("write the path of a file")?));
        Ok(())
    }

    fn get(&self) -> Option<Toml> {
        self.0.as_ref().map(|path| Toml::from(path.display().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_specification_shows_no_secret() {
        let mut sinks = Vec::new();
        let given = Toml::from(vec![Toml::from("mqtt//h?password=hunter2"), Toml::from(1)]);
        let mut value = Specs(&mut sinks);
        assert!(value.set(&given).is_err());
        assert_eq!(value.show_given(&given), "[\"mqtt//h?password=•••\", 1]");
    }

    #[test]
    fn a_name_holds_nothing_that_a_topic_cannot() {
        let mut name = String::new();
        for wrong in ["", "a/b", "a b", "ä", "#", &"a".repeat(65)] {
            assert!(Identifier(&mut name).set(&Toml::from(wrong)).is_err(), "{wrong:?}");
        }
        assert_eq!(Identifier(&mut name).set(&Toml::from("lobby-2_b")), Ok(()));
    }

    #[test]
    fn a_line_is_one_line() {
        let mut line = None;
        for wrong in ["", "  ", "a\nb", "a\u{1b}[2J"] {
            assert!(Line(&mut line).set(&Toml::from(wrong)).is_err(), "{wrong:?}");
        }
        assert_eq!(Line(&mut line).set(&Toml::from(" who to ask ")), Ok(()));
        assert_eq!(line.as_deref(), Some("who to ask"));
    }
}
