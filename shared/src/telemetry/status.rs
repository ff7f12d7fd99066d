//! How a device is: what it does, what is wrong, and its figures.

use serde::{Deserialize, Serialize};

/// How a device is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Status {
    /// The device's message counter, shared with [`Reading`](super::Reading); see the head of the
    /// module.
    pub sequence: u64,
    /// When this was so, in microseconds since the process started.
    pub at_us: u64,
    /// What it does.
    pub state: State,
    /// What is wrong, if anything.
    pub fault: Option<Fault>,
    /// Figures.
    pub health: Health,
}

/// What a device does. The numbers are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
#[non_exhaustive]
pub enum State {
    /// No frame has come yet.
    #[default]
    Starting = 0,
    /// Frames are read.
    Reading = 1,
    /// Its owner paused it: nothing is looked at.
    Paused = 2,
    /// The camera is gone or silent; it is tried again and again.
    NoCamera = 3,
    /// Too hot: nothing is looked at until it has cooled.
    Cooling = 4,
    /// It is shutting down.
    Stopping = 5,
    /// A state that this release does not know; never sent.
    Other = 254,
}

impl State {
    /// Every state that a device is in.
    pub const ALL: [Self; 6] = [
        Self::Starting,
        Self::Reading,
        Self::Paused,
        Self::NoCamera,
        Self::Cooling,
        Self::Stopping,
    ];

    /// The state of that number.
    pub(super) fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|state| *state as u8 == code).unwrap_or(Self::Other)
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of thing.
    pub kind: FaultKind,
    /// A plain sentence for a person.
    pub text: String,
}

/// What can be wrong with a running device. The numbers are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
#[non_exhaustive]
pub enum FaultKind {
    /// The camera cannot be opened or has gone.
    CameraLost = 0,
    /// The camera is there and delivers nothing.
    CameraStalled = 1,
    /// Pictures are damaged.
    CameraDamaged = 2,
    /// A sink does not deliver.
    SinkLost = 3,
    /// A panel or the pins do not answer.
    PanelLost = 4,
    /// The processor is too hot.
    Hot = 5,
    /// The power supply is too weak.
    Power = 6,
    /// A stage of the pipeline does not answer.
    StageHung = 7,
    /// A network failed.
    Model = 8,
    /// The changed configuration is not valid and was not taken.
    Config = 9,
    /// A kind that this release does not know; never sent.
    Other = 254,
}

impl FaultKind {
    /// Every kind that a device names.
    pub const ALL: [Self; 10] = [
        Self::CameraLost,
        Self::CameraStalled,
        Self::CameraDamaged,
        Self::SinkLost,
        Self::PanelLost,
        Self::Hot,
        Self::Power,
        Self::StageHung,
        Self::Model,
        Self::Config,
    ];

    /// The kind of that number.
    pub(super) fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code).unwrap_or(Self::Other)
    }
}

/// A device's figures since it started.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Health {
    /// Frames read.
    pub frames: u64,
    /// Frames that gave way to newer ones.
    pub dropped: u64,
    /// Frames too damaged to be read.
    pub damaged: u64,
    /// Times the camera was opened anew.
    pub reopened: u64,
    /// Messages that sinks lost.
    pub lost: u64,
    /// Frames read per second, lately.
    pub fps: f32,
    /// From capture to event, 99 of 100 frames within, in microseconds.
    pub latency_p99_us: u64,
    /// The processor's temperature in degrees Celsius.
    pub temperature_c: Option<f32>,
    /// Power and heat as a Raspberry Pi's firmware reports them (`vcgencmd get_throttled`): bit 0
    /// too little voltage, 1 clock capped, 2 throttled, 3 soft temperature limit; 16 to 19 the same
    /// at some time since power on. `None` on boards that do not say.
    pub throttled: Option<u32>,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Open file descriptors.
    pub files: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_faults_keep_their_numbers() {
        for (code, state) in (0..).zip(State::ALL) {
            assert_eq!((State::from_code(code), state as u8), (state, code));
        }
        for (code, kind) in (0..).zip(FaultKind::ALL) {
            assert_eq!((FaultKind::from_code(code), kind as u8), (kind, code));
        }
    }

    #[test]
    fn numbers_of_a_later_release_are_other() {
        assert_eq!(State::from_code(6), State::Other);
        assert_eq!(FaultKind::from_code(10), FaultKind::Other);
    }
}
