//! A file's report, for `config check FILE`: what is wrong, or what is worth knowing.

use std::{fmt, path::Path};

use serde::Serialize;

use crate::{Config, ConfigError, Flaw, Overrides};

/// What there is to say about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// Whether a device would take it.
    pub valid: bool,
    /// Why it could not be read at all.
    pub unreadable: Option<String>,
    /// What is wrong with it.
    pub flaws: Vec<Flaw>,
    /// Why expressions are withheld, where they are.
    pub withheld: Option<String>,
    /// What an owner should know.
    pub advice: Vec<String>,
}

/// Checks the file at `path`.
#[must_use]
pub fn check(path: &Path) -> Report {
    let mut report = Report {
        file: path.display().to_string(),
        valid: false,
        unreadable: None,
        flaws: Vec::new(),
        withheld: None,
        advice: Vec::new(),
    };
    match Config::load(path, &Overrides::default()) {
        Ok(config) => {
            report.valid = true;
            report.withheld = config.withholds().map(|reason| reason.to_string());
            report.advice = advice(&config);
        }
        Err(ConfigError::Flaws { flaws, .. }) => report.flaws = flaws,
        Err(other) => report.unreadable = Some(other.to_string()),
    }
    report
}

/// What an owner should know about a configuration that is valid.
fn advice(config: &Config) -> Vec<String> {
    let deployment = config.deployment();
    let mut advice = Vec::new();
    if deployment.context.is_public() && deployment.notice.is_none() {
        advice.push(
            "deployment.notice is not set: Regulation (EU) 2024/1689, Article 50(3), asks to inform \
             people whose expressions are read"
                .to_owned(),
        );
    }
    if deployment.context.is_protected() && config.withholds().is_none() {
        advice.push(format!(
            "expressions are read in a {} by an exception: {}",
            deployment.context,
            deployment.exception_reason.as_deref().unwrap_or_default()
        ));
    }
    if config.privacy().preview {
        advice.push("privacy.preview is on: sinks may show what the camera sees".to_owned());
    }
    if config.to_toml().contains(crate::redact::HIDDEN) {
        advice.push(
            "a secret stands in this file: let password_file or token_file name it".to_owned(),
        );
    }
    advice
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = &self.unreadable {
            return writeln!(f, "{error}");
        }
        for flaw in &self.flaws {
            let place = flaw.line.map(|line| format!(":{line}")).unwrap_or_default();
            writeln!(f, "{}{place}: {}", self.file, flaw.problem)?;
        }
        if self.valid {
            writeln!(f, "{}: valid", self.file)?;
        }
        let said = self.withheld.iter().chain(&self.advice);
        said.into_iter().try_for_each(|line| writeln!(f, "{}: {line}", self.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mien.toml");
        std::fs::write(&path, text).unwrap();
        Report { file: "mien.toml".to_owned(), ..check(&path) }
    }

    #[test]
    fn a_flaw_is_a_line_that_an_editor_can_jump_to() {
        let text = "[deployment]\ncontext = \"kiosk\"\ncontact = \"a\"\n[camera]\nrotate = 45\n";
        assert_eq!(
            report(text).to_string(),
            "mien.toml:5: camera.rotate cannot be 45; choose 0, 90, 180 or 270\n"
        );
    }

    #[test]
    fn a_valid_file_is_told_what_is_worth_knowing() {
        let text = "[deployment]\ncontext = \"workplace\"\ncontact = \"a\"\n";
        let report = report(text);
        assert!(report.valid && report.flaws.is_empty());
        let text = report.to_string();
        assert!(
            text.starts_with("mien.toml: valid\nmien.toml: expressions are withheld: "),
            "{text}"
        );
        assert!(text.contains("Article 50(3)"), "{text}");
    }

    #[test]
    fn a_secret_in_a_file_is_advised_against_and_not_shown() {
        let text = "[deployment]\ncontext = \"home\"\ncontact = \"a\"\n\
                    [events]\nsinks = [\"mqtt://h/p?password=hunter2\"]\n";
        let text = report(text).to_string();
        assert!(text.contains("password_file") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_report_is_json_for_programs() {
        let json = serde_json::to_value(report("[deployment]\nname = 3\n")).unwrap();
        assert_eq!(
            (json["valid"].as_bool(), json["flaws"][0]["line"].as_u64()),
            (Some(false), Some(2))
        );
        assert_eq!(json["flaws"][0]["problem"], "wrong");
        assert_eq!(json["flaws"][1]["field"], "deployment.context");
    }

    #[test]
    fn a_file_that_is_not_there_is_said() {
        let report = check(Path::new("/nonexistent/mien.toml"));
        assert!(
            !report.valid && report.to_string().contains("/nonexistent/mien.toml: cannot read")
        );
    }
}
