//! Whether the device does its work: the judgement behind `/healthz`.
//!
//! | state | healthy |
//! |---|---|
//! | reading | while readings come |
//! | paused | yes: its owner wants it so |
//! | starting, no camera, cooling | for the grace after it last read |
//! | stopping | no |

use std::time::Duration;

use mien_shared::{
    frame::Timestamp,
    telemetry::{Message, State},
};

/// What is known of the device's work.
#[derive(Debug)]
pub(super) struct Pulse {
    state: State,
    fault: Option<String>,
    /// When it last read a frame or was paused; at first, when it started.
    well_at: Timestamp,
}

impl Pulse {
    /// That of a device that starts `now`.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { state: State::Starting, fault: None, well_at: now }
    }

    /// Takes note of a message.
    pub(super) fn hear(&mut self, message: &Message, now: Timestamp) {
        match message {
            Message::Reading(_) => self.well_at = now,
            Message::Status(status) => {
                // The status that ends a pause counts as well: the first reading takes a moment.
                if [self.state, status.state].contains(&State::Paused) {
                    self.well_at = now;
                }
                self.state = status.state;
                self.fault = status.fault.as_ref().map(|fault| fault.text.clone());
            }
            _ => {}
        }
    }

    /// Whether the device does its work, given that it may pause for breath as long as `grace`.
    ///
    /// # Errors
    /// The reason, when it does not.
    pub(super) fn judge(&self, now: Timestamp, grace: Duration) -> Result<&'static str, String> {
        let silent = now.0.saturating_sub(self.well_at.0);
        let name = phrase(self.state);
        match self.state {
            State::Paused => Ok(name),
            State::Stopping => Err(name.to_owned()),
            _ if silent <= grace => Ok(name),
            _ => Err(self.reason(name, silent)),
        }
    }

    fn reason(&self, name: &str, silent: Duration) -> String {
        let reason = format!("{name}; nothing read for {} s", silent.as_secs());
        match &self.fault {
            None => reason,
            Some(fault) => format!("{reason}: {fault}"),
        }
    }
}

/// A state in words.
fn phrase(state: State) -> &'static str {
    match state {
        State::Starting => "starting",
        State::Reading => "reading",
        State::Paused => "paused by its owner",
        State::NoCamera => "no camera",
        State::Cooling => "too hot, cooling down",
        State::Stopping => "shutting down",
        _ => "in an unknown state",
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::{Fault, FaultKind, Status};

    use super::*;
    use crate::samples;

    const GRACE: Duration = Duration::from_secs(10);

    fn at(seconds: u64) -> Timestamp {
        Timestamp(Duration::from_secs(seconds))
    }

    fn status(state: State, fault: Option<&str>) -> Message {
        let fault = fault.map(|text| Fault { kind: FaultKind::CameraLost, text: text.into() });
        Message::Status(Status { state, fault, ..Status::default() })
    }

    #[test]
    fn a_device_that_reads_is_well() {
        let mut pulse = Pulse::new(at(0));
        pulse.hear(&status(State::Reading, None), at(1));
        pulse.hear(&samples::reading(1), at(5));
        assert_eq!(pulse.judge(at(15), GRACE), Ok("reading"));
    }

    #[test]
    fn a_device_that_says_it_reads_and_does_not_is_unwell() {
        let mut pulse = Pulse::new(at(0));
        pulse.hear(&status(State::Reading, None), at(1));
        let verdict = pulse.judge(at(12), GRACE);
        assert_eq!(verdict, Err("reading; nothing read for 12 s".into()));
    }

    #[test]
    fn a_lost_camera_is_borne_for_a_while_and_then_named() {
        let mut pulse = Pulse::new(at(0));
        pulse.hear(&samples::reading(1), at(5));
        pulse.hear(&status(State::NoCamera, Some("the camera is unplugged")), at(6));
        assert_eq!(pulse.judge(at(15), GRACE), Ok("no camera"));
        assert_eq!(
            pulse.judge(at(20), GRACE),
            Err("no camera; nothing read for 15 s: the camera is unplugged".into())
        );
        pulse.hear(&status(State::Reading, None), at(21));
        pulse.hear(&samples::reading(2), at(21));
        assert_eq!(pulse.judge(at(22), GRACE), Ok("reading"));
    }

    #[test]
    fn a_paused_device_is_well_and_has_time_to_begin_again() {
        let mut pulse = Pulse::new(at(0));
        pulse.hear(&status(State::Paused, None), at(5));
        assert_eq!(pulse.judge(at(500), GRACE), Ok("paused by its owner"));
        pulse.hear(&status(State::Reading, None), at(505));
        assert_eq!(pulse.judge(at(509), GRACE), Ok("reading"));
    }

    #[test]
    fn a_device_that_stops_is_unwell_at_once() {
        let mut pulse = Pulse::new(at(0));
        pulse.hear(&status(State::Stopping, None), at(0));
        assert_eq!(pulse.judge(at(0), GRACE), Err("shutting down".into()));
    }
}
