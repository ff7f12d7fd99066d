//! What a client asks of the device, as JSON: one object with one key.

use mien_core::command::Command;
use serde::Deserialize;

/// Most bytes of a command.
pub(super) const MAX_LENGTH: usize = 256;

/// The forms a command has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    Read(bool),
    Calibrate(bool),
    NextPage(bool),
    Report(bool),
}

/// The command that `json` says.
///
/// # Errors
/// A sentence for whoever sent it, when it says none.
pub(super) fn parse(json: &[u8]) -> Result<Command, String> {
    let wish = serde_json::from_slice(json).map_err(|error| format!("no command: {error}"))?;
    match wish {
        Wish::Read(read) => Ok(Command::Read(read)),
        Wish::Calibrate(true) => Ok(Command::Calibrate),
        Wish::NextPage(true) => Ok(Command::NextPage),
        Wish::Report(true) => Ok(Command::Report),
        Wish::Calibrate(false) | Wish::NextPage(false) | Wish::Report(false) => {
            Err("no command: only read can be false".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_its_form() {
        for (json, command) in [
            (r#"{"read":true}"#, Command::Read(true)),
            (r#" { "read" : false } "#, Command::Read(false)),
            (r#"{"calibrate":true}"#, Command::Calibrate),
            (r#"{"next_page":true}"#, Command::NextPage),
            (r#"{"report":true}"#, Command::Report),
        ] {
            assert_eq!(parse(json.as_bytes()), Ok(command));
        }
    }

    #[test]
    fn anything_else_is_refused_in_words() {
        for json in [
            "",
            "{}",
            "true",
            r#""read""#,
            r#"{"read":1}"#,
            r#"{"read":true,"calibrate":true}"#,
            r#"{"calibrate":false}"#,
            r#"{"shutdown":true}"#,
            "{\"read\":true} x",
            "\u{fffd}",
        ] {
            assert!(parse(json.as_bytes()).unwrap_err().starts_with("no command: "), "{json}");
        }
        let unknown = parse(br#"{"shutdown":true}"#).unwrap_err();
        assert!(unknown.contains("`read`, `calibrate`, `next_page`, `report`"), "{unknown}");
    }
}
