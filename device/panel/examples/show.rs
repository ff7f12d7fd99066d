//! Shows a counting screen on a panel, ten times per second, and says what is wrong with it.
//!
//! ```text
//! cargo run -p mien-panel --example show -- drm://auto 10
//! cargo run -p mien-panel --example show -- "spi://?driver=st7789&dc=25&reset=27" 10
//! ```

use std::{env, process::ExitCode, thread, time::Duration};

use mien_panel::{PanelError, open};
use mien_ui::Status;

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let spec = args.next().unwrap_or_else(|| "terminal://".to_owned());
    let seconds = args.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(10);
    match show(&spec, seconds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn show(spec: &str, seconds: u32) -> Result<(), PanelError> {
    let mut panel = open(spec)?;
    panel.brightness(1.0)?;
    let mut screen = panel.screen();
    let mut told = String::new();
    for count in 0..seconds.saturating_mul(10) {
        if screen.size() != panel.size() {
            screen = panel.screen();
        }
        screen.draw(&status(spec, count), None);
        let trouble = panel.show(&screen).err().map_or_else(String::new, |e| e.to_string());
        if told != trouble {
            eprintln!("{}", if trouble.is_empty() { "all is well" } else { &trouble });
            told = trouble;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panel.flush()
}

fn status(spec: &str, count: u32) -> Status {
    let message = Some(format!("This panel shows screen number {count}."));
    Status { source: spec.to_owned(), message, ..Status::default() }
}
