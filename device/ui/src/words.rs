//! What the screen says: a plain sentence for every state, and nothing of what a program would say.

use mien_shared::{
    label::Expression,
    telemetry::{FaceReading, Fault, FaultKind, State, Unknown},
};

use super::letters;

/// What the device does, in a word.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Starting => "starting",
        State::Reading => "reading",
        State::Paused => "paused",
        State::NoCamera => "no camera",
        State::Cooling => "cooling",
        State::Stopping => "stopping",
        _ => "",
    }
}

/// The word for what `face` shows.
pub(super) fn word(face: Option<&FaceReading>) -> &'static str {
    match face.map(|face| face.expression) {
        None => letters::NO_FACE,
        Some(None) => letters::A_FACE,
        Some(Some(shown)) => shown.label.map_or(letters::UNKNOWN, Expression::name),
    }
}

/// How sure the named expression is; `None` where none is named.
pub(super) fn confidence(face: Option<&FaceReading>) -> Option<f32> {
    let shown = face?.expression?;
    shown.label.map(|_| shown.confidence)
}

/// Why no expression is named.
pub(super) fn reason(face: Option<&FaceReading>) -> &'static str {
    let Some(face) = face else { return "looking for one" };
    let Some(shown) = face.expression else { return "its expression is not read" };
    match shown.unknown {
        Some(Unknown::Small) => "too far away",
        Some(Unknown::Dark) => "too dark",
        Some(Unknown::Blurred) => "blurred",
        Some(Unknown::Turned) => "turned away",
        Some(Unknown::Covered) => "partly covered",
        _ => "not sure enough",
    }
}

/// What is wrong, in a few words.
pub(super) fn title(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::CameraLost => "No camera",
        FaultKind::CameraStalled => "No picture",
        FaultKind::CameraDamaged => "Damaged pictures",
        FaultKind::SinkLost => "Readings are not delivered",
        FaultKind::PanelLost => "A display does not answer",
        FaultKind::Hot => "Too hot",
        FaultKind::Power => "The power is too weak",
        FaultKind::StageHung => "A part is started again",
        FaultKind::Model => "A network failed",
        FaultKind::Config => "New settings not taken",
        _ => "Something is wrong",
    }
}

/// What a person can do about it; empty where there is nothing to be done.
pub(super) fn advice(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::CameraLost => "Please check that its cable is plugged in.",
        FaultKind::CameraStalled => "Please unplug its cable and plug it in again.",
        FaultKind::CameraDamaged => "Please check its cable; a shorter one may help.",
        FaultKind::SinkLost => "Please check the network.",
        FaultKind::PanelLost => "Please check its wires.",
        FaultKind::Hot => "Please give it air and shade.",
        FaultKind::Power => "Please use the supply made for this board.",
        FaultKind::Config => "The ones before stay in use.",
        _ => "",
    }
}

/// The short name under which a fault is reported, small on the screen.
pub(super) fn code(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::CameraLost => "camera-lost",
        FaultKind::CameraStalled => "camera-stalled",
        FaultKind::CameraDamaged => "camera-damaged",
        FaultKind::SinkLost => "sink-lost",
        FaultKind::PanelLost => "panel-lost",
        FaultKind::Hot => "hot",
        FaultKind::Power => "power",
        FaultKind::StageHung => "stage-hung",
        FaultKind::Model => "model",
        FaultKind::Config => "config",
        _ => "",
    }
}

/// A text as a person may read it, and what of it is for a technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Plain<'a> {
    /// Its first line without codes and structures; may be empty.
    pub(super) sentence: &'a str,
    /// What was in a last pair of brackets, or looked like a structure.
    pub(super) code: &'a str,
}

/// Parts `text` into what is said aloud and what is said small.
pub(super) fn plain(text: &str) -> Plain<'_> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    let bracket = line.trim_end_matches('.').ends_with(')').then(|| line.rfind(" (")).flatten();
    let structure = line.find('{').map(|brace| {
        let name = line[..brace].trim_end();
        name.rfind(' ').unwrap_or(name.len())
    });
    let cut = bracket.or(structure).unwrap_or(line.len());
    let (sentence, code) = line.split_at(cut);
    let sentence = sentence.trim_end_matches([' ', ':', ',', ';', '-']);
    Plain { sentence, code: code.trim_matches([' ', '(', ')', '.']) }
}

/// What a fault says of itself, or what kind it is where it says nothing.
pub(super) fn said(fault: &Fault) -> Plain<'_> {
    let said = plain(&fault.text);
    if said.sentence.is_empty() { Plain { sentence: title(fault.kind), ..said } } else { said }
}

/// `text` in two parts, the first to be written as a capital: messages begin in lower case.
pub(super) fn capital(text: &str) -> (char, &str) {
    let mut rest = text.chars();
    let first = rest.next().unwrap_or(' ');
    (first.to_uppercase().next().unwrap_or(first), rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_parted_from_what_is_said() {
        let text = "cannot open /dev/video0: no such file (os error 2)";
        let sentence = "cannot open /dev/video0: no such file";
        assert_eq!(plain(text), Plain { sentence, code: "os error 2" });
        let text =
            "the broker is gone: Os { code: 111, kind: ConnectionRefused }\nstack backtrace:";
        let shown = plain(text);
        assert_eq!(shown.sentence, "the broker is gone");
        assert_eq!(shown.code, "Os { code: 111, kind: ConnectionRefused }");
    }

    #[test]
    fn plain_sentences_stay_as_they_are() {
        let text = "The camera has gone away. Check its cable.";
        assert_eq!(plain(text), Plain { sentence: text, code: "" });
        assert_eq!(plain(" \n "), Plain::default());
    }

    #[test]
    fn a_fault_without_words_says_its_kind() {
        let fault = Fault { kind: FaultKind::Hot, text: "(82 C)".into() };
        assert_eq!(said(&fault).sentence, "(82 C)");
        let fault = Fault { kind: FaultKind::Hot, text: String::new() };
        assert_eq!(said(&fault).sentence, "Too hot");
    }

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(capital("écran lost"), ('É', "cran lost"));
        assert_eq!(capital(""), (' ', ""));
    }
}
