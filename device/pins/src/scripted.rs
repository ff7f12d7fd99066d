//! `scripted://FILE?lamps=FILE` or `scripted://?presses=privacy@2,page@3.5`: buttons that a
//! script presses, and lamps that are written down.
//!
//! ```text
//! script = items between commas or line ends; `#` begins a comment
//! item   = BUTTON@SECONDS            privacy, calibrate or page; seconds after the first look
//! lamps  = SECONDS reading=PATTERN paused=PATTERN fault=PATTERN expression=NAME brightness=N
//! ```
//!
//! A line of the recording is written whenever a lamp comes to look different.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use mien_core::spec::Spec;
use mien_shared::frame::Timestamp;

use crate::{Button, Lamps, Light, PinError, Pins};

/// Presses from a script.
#[derive(Debug)]
pub struct ScriptedPins {
    /// In the order of time.
    presses: Vec<Press>,
    next: usize,
    started: Option<Timestamp>,
    recording: Option<Recording>,
    shown: Option<Lamps>,
}

/// A button is pressed at a time after the start.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Press {
    button: Button,
    after: Duration,
}

impl ScriptedPins {
    /// The pins of `scripted://`.
    ///
    /// # Errors
    /// When an option is unknown, the script cannot be read, or says something else than presses.
    pub fn open(spec: &Spec) -> Result<Self, PinError> {
        spec.allow(&["presses", "lamps"])?;
        let mut script = spec.option::<String>("presses")?.unwrap_or_default();
        if !spec.target().is_empty() {
            let path = Path::new(spec.target());
            let text = fs::read_to_string(path)
                .map_err(|source| PinError::NoScript { path: path.to_owned(), source })?;
            script.push('\n');
            script.push_str(&text);
        }
        let recording = match spec.option::<PathBuf>("lamps")? {
            Some(path) => Some(Recording::open(path)?),
            None => None,
        };
        let presses = parse(&script)?;
        Ok(Self { presses, next: 0, started: None, recording, shown: None })
    }

    /// Time since the first look.
    fn elapsed(&mut self, now: Timestamp) -> Duration {
        now.0.saturating_sub(self.started.get_or_insert(now).0)
    }
}

impl Pins for ScriptedPins {
    fn show(&mut self, lamps: &Lamps, now: Timestamp) -> Result<(), PinError> {
        let elapsed = self.elapsed(now);
        if self.shown.replace(*lamps) != Some(*lamps)
            && let Some(recording) = &mut self.recording
        {
            recording.write(*lamps, elapsed)?;
        }
        Ok(())
    }

    fn pressed(&mut self, now: Timestamp) -> Result<Option<Button>, PinError> {
        let elapsed = self.elapsed(now);
        let due = self.presses.get(self.next).filter(|press| press.after <= elapsed);
        let button = due.map(|press| press.button);
        self.next += usize::from(button.is_some());
        Ok(button)
    }
}

impl FromStr for Press {
    type Err = PinError;

    fn from_str(item: &str) -> Result<Self, PinError> {
        let press = item.split_once('@').and_then(|(name, seconds)| {
            let button = Button::ALL.into_iter().find(|button| button.name() == name.trim())?;
            let seconds = seconds.trim().parse::<f32>().ok()?;
            Some(Self { button, after: Duration::try_from_secs_f32(seconds).ok()? })
        });
        press.ok_or_else(|| PinError::BadPress { item: item.to_owned() })
    }
}

/// The presses of a script in the order of time.
fn parse(script: &str) -> Result<Vec<Press>, PinError> {
    let code = script.lines().map(|line| line.split('#').next().unwrap_or_default());
    let items = code.flat_map(|line| line.split(',')).map(str::trim);
    let mut presses: Vec<Press> =
        items.filter(|item| !item.is_empty()).map(str::parse).collect::<Result<_, _>>()?;
    presses.sort_by_key(|press| press.after);
    Ok(presses)
}

/// Lamps written down.
#[derive(Debug)]
struct Recording {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Recording {
    fn open(path: PathBuf) -> Result<Self, PinError> {
        match File::create(&path) {
            Ok(file) => Ok(Self { path, out: BufWriter::new(file) }),
            Err(source) => Err(PinError::Record { path, source }),
        }
    }

    fn write(&mut self, lamps: Lamps, elapsed: Duration) -> Result<(), PinError> {
        line(&mut self.out, lamps, elapsed)
            .and_then(|()| self.out.flush())
            .map_err(|source| PinError::Record { path: self.path.clone(), source })
    }
}

fn line(out: &mut impl Write, lamps: Lamps, elapsed: Duration) -> io::Result<()> {
    write!(out, "{:.3}", elapsed.as_secs_f64())?;
    for (name, light) in
        [("reading", Light::Reading), ("paused", Light::Paused), ("fault", Light::Fault)]
    {
        write!(out, " {name}={:?}", light.pattern(&lamps))?;
    }
    let expression = lamps.expression.map_or("none", |expression| expression.name());
    writeln!(out, " expression={expression} brightness={:.2}", lamps.brightness)
}

#[cfg(test)]
mod tests {
    use mien_shared::{label::Expression, telemetry::State};

    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    fn pins(spec: &str) -> Result<ScriptedPins, PinError> {
        ScriptedPins::open(&Spec::parse(spec).unwrap())
    }

    #[test]
    fn presses_come_when_the_script_says() {
        let mut pins = pins("scripted://?presses=page@0.5,privacy@0.2").unwrap();
        assert_eq!(pins.pressed(at(1000)).unwrap(), None, "time runs from the first look");
        assert_eq!(pins.pressed(at(1199)).unwrap(), None);
        assert_eq!(pins.pressed(at(1600)).unwrap(), Some(Button::Privacy));
        assert_eq!(pins.pressed(at(1600)).unwrap(), Some(Button::Page));
        assert_eq!(pins.pressed(at(9999)).unwrap(), None);
    }

    #[test]
    fn a_script_is_a_file_with_comments_and_lamps_are_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let (script, lamps) = (folder.path().join("script"), folder.path().join("lamps"));
        fs::write(&script, "# look away\nprivacy@1  # at once\n\ncalibrate@2\n").unwrap();
        let spec = format!("scripted://{}?lamps={}", script.display(), lamps.display());
        let mut pins = pins(&spec).unwrap();
        let happy = Lamps {
            state: State::Reading,
            expression: Some(Expression::Happiness),
            ..Lamps::default()
        };
        pins.show(&Lamps::default(), at(0)).unwrap();
        pins.show(&happy, at(1500)).unwrap();
        pins.show(&happy, at(1600)).unwrap();
        assert_eq!(pins.pressed(at(1600)).unwrap(), Some(Button::Privacy));
        assert_eq!(
            fs::read_to_string(&lamps).unwrap(),
            "0.000 reading=SlowBlink paused=Off fault=Off expression=none brightness=1.00\n\
             1.500 reading=Steady paused=Off fault=Off expression=happiness brightness=1.00\n"
        );
    }

    #[test]
    fn what_is_no_press_is_refused() {
        for item in ["privacy", "joy@1", "page@soon", "page@-1", "page@nan", "page@1e39"] {
            let error = pins(&format!("scripted://?presses={item}")).unwrap_err().to_string();
            assert!(error.contains("write BUTTON@SECONDS"), "{item}: {error}");
        }
        assert!(pins("scripted://no/such/file").unwrap_err().to_string().contains("no/such/file"));
    }
}
