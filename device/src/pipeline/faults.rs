//! What is wrong just now: at most one sentence for each kind of fault, and which one to tell.

use mien_shared::telemetry::{Fault, FaultKind};

/// Every kind of fault, the most urgent first: the first one present is the one told.
const ORDER: [FaultKind; 10] = [
    FaultKind::StageHung,
    FaultKind::Model,
    FaultKind::CameraLost,
    FaultKind::CameraStalled,
    FaultKind::Hot,
    FaultKind::Power,
    FaultKind::CameraDamaged,
    FaultKind::SinkLost,
    FaultKind::PanelLost,
    FaultKind::Config,
];

/// The faults that are present.
#[derive(Debug, Default)]
pub(super) struct Faults {
    present: [Option<String>; ORDER.len()],
}

impl Faults {
    /// Says that a fault is present, in one sentence, or is not any more.
    pub(super) fn set(&mut self, kind: FaultKind, text: Option<String>) {
        if let Some(index) = ORDER.iter().position(|&known| known == kind) {
            self.present[index] = text;
        }
    }

    /// What kind the most urgent one is.
    pub(super) fn worst_kind(&self) -> Option<FaultKind> {
        let mut present = ORDER.iter().zip(&self.present);
        present.find_map(|(&kind, text)| text.is_some().then_some(kind))
    }

    /// The most urgent one.
    pub(super) fn worst(&self) -> Option<Fault> {
        let mut present = ORDER.iter().zip(&self.present);
        present.find_map(|(&kind, text)| text.clone().map(|text| Fault { kind, text }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_fault_is_told_until_it_is_gone() {
        let mut faults = Faults::default();
        assert_eq!(faults.worst(), None);
        faults.set(FaultKind::SinkLost, Some("the broker does not answer".into()));
        faults.set(FaultKind::CameraLost, Some("the camera is gone".into()));
        assert_eq!(faults.worst().map(|fault| fault.kind), Some(FaultKind::CameraLost));
        faults.set(FaultKind::CameraLost, None);
        let text = faults.worst().map(|fault| fault.text);
        assert_eq!(text.as_deref(), Some("the broker does not answer"));
        assert_eq!(faults.worst_kind(), Some(FaultKind::SinkLost));
    }
}
