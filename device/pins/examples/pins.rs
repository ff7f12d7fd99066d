//! Shows what pins can say, one state after the other, and prints every press.
//!
//! ```text
//! cargo run -p mien-pins --example pins -- "gpio://auto?reading=17&fault=27&privacy=22" 20
//! ```

use std::{env, process::ExitCode, thread, time::Duration};

use mien_core::clock;
use mien_pins::{Lamps, PinError, open};
use mien_shared::{label::Expression, telemetry::State};

/// What is shown in turn.
const STATES: [State; 6] = [
    State::Starting,
    State::Reading,
    State::Paused,
    State::NoCamera,
    State::Cooling,
    State::Stopping,
];

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let spec = args.next().unwrap_or_else(|| "none://".to_owned());
    let seconds = args.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(20);
    match play(&spec, Duration::from_secs(seconds)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn play(spec: &str, length: Duration) -> Result<(), PinError> {
    let mut pins = open(spec)?;
    let start = clock::now().0;
    loop {
        let now = clock::now();
        let elapsed = now.0.saturating_sub(start);
        if elapsed >= length {
            return Ok(());
        }
        let turn = usize::try_from(elapsed.as_secs() / 3).unwrap_or(0);
        let lamps = Lamps {
            state: STATES[turn % STATES.len()],
            expression: Some(Expression::ALL[turn % Expression::ALL.len()]),
            fault: turn % 2 == 1,
            brightness: 1.0,
        };
        pins.show(&lamps, now)?;
        if let Some(button) = pins.pressed(now)? {
            eprintln!("{:.3} s: {} pressed", elapsed.as_secs_f64(), button.name());
        }
        thread::sleep(Duration::from_millis(20));
    }
}
