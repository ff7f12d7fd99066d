//! What the device does just now, from what is known of its parts; pure.

use mien_shared::telemetry::State;

/// Why nothing is looked at although pictures may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Halt {
    /// The owner paused it.
    Paused,
    /// It is too hot.
    Hot,
    /// It shuts down.
    Stopping,
}

/// What the camera does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    /// None has come yet, and nothing is known to be wrong.
    Awaited,
    /// They come.
    Coming,
    /// The camera is lost or silent.
    Missing,
}

/// What the device does: a halt is told before the camera, which may be off because of it.
pub(super) fn state(halt: Option<Halt>, pictures: Pictures) -> State {
    match (halt, pictures) {
        (Some(Halt::Stopping), _) => State::Stopping,
        (Some(Halt::Paused), _) => State::Paused,
        (Some(Halt::Hot), _) => State::Cooling,
        (None, Pictures::Awaited) => State::Starting,
        (None, Pictures::Coming) => State::Reading,
        (None, Pictures::Missing) => State::NoCamera,
    }
}

/// The sentence that goes with a state on the screen, where its own words need one.
pub(super) fn sentence(state: State) -> Option<&'static str> {
    match state {
        State::Starting => Some("Waiting for the first picture."),
        State::Paused => Some("Press the privacy button to go on."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halt_is_told_before_the_camera() {
        assert_eq!(state(Some(Halt::Paused), Pictures::Missing), State::Paused);
        assert_eq!(state(Some(Halt::Hot), Pictures::Coming), State::Cooling);
        assert_eq!(state(Some(Halt::Stopping), Pictures::Coming), State::Stopping);
    }

    #[test]
    fn without_a_halt_the_camera_decides() {
        let told = [Pictures::Awaited, Pictures::Coming, Pictures::Missing]
            .map(|pictures| state(None, pictures));
        assert_eq!(told, [State::Starting, State::Reading, State::NoCamera]);
    }
}
