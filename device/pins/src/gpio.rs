//! `gpio://CHIP?…`: lines of the GPIO character device (uAPI v2), on every Linux board.
//!
//! `CHIP` is the chip's label, its device (`/dev/gpiochip0`), or `auto` for the chip of the
//! header on the boards we know. Labels stay, numbers move: the Raspberry Pi 5's header was
//! `gpiochip4` and became `gpiochip0` with a kernel update. The kernel stamps edges with the
//! monotonic clock, so presses are timed exactly however seldom they are asked for. Edges can get
//! lost where a contact chatters faster than the chip tells, so once all are told the levels
//! themselves are looked at.

pub(crate) mod chip;

use std::{path::PathBuf, time::Duration};

use gpiocdev::{
    Request,
    line::{Bias, EdgeDetection, EdgeKind, Value},
};
use mien_core::{clock, spec::Spec};
use mien_shared::frame::Timestamp;

use crate::{Dimmer, Edge, Level, LinePins, Lines, PinError, Pull, SysfsPwm, Wiring};
use chip::Chip;

/// Room for edges in the kernel, all buttons together; a long chatter must not push a press out.
const EDGES: u32 = 256;

/// Lines of one GPIO chip.
#[derive(Debug)]
pub struct GpioLines {
    chip: PathBuf,
    lamps: Option<Request>,
    lamp_lines: Vec<u32>,
    buttons: Option<Request>,
    contacts: Vec<Contact>,
}

/// A button's line and whether it was pressed when last told.
#[derive(Debug)]
struct Contact {
    line: u32,
    down: bool,
}

/// The pins of `gpio://CHIP?…`.
pub(crate) fn open(spec: &Spec) -> Result<LinePins<GpioLines>, PinError> {
    let wiring = Wiring::parse(spec)?;
    let dimmer = match &wiring.pwm {
        Some(channel) => Some(Box::new(SysfsPwm::parse(spec, channel)?) as Box<dyn Dimmer>),
        None => None,
    };
    let lines = GpioLines::open(spec.target(), &wiring)?;
    Ok(LinePins::new(&wiring, lines, dimmer))
}

impl GpioLines {
    /// Takes the lines of `wiring` on the chip that `target` names.
    ///
    /// # Errors
    /// When there is no such chip or line, or it is not ours to take.
    pub fn open(target: &str, wiring: &Wiring) -> Result<Self, PinError> {
        let chip = Chip::find(target)?;
        let lamp_lines = chip.take(wiring.lamps.iter().map(|(_, line)| line))?;
        let button_lines = chip.take(wiring.buttons.iter().map(|(_, line)| line))?;
        let lamps = lamps(&chip, &lamp_lines, wiring.lit)?;
        let buttons = buttons(&chip, &button_lines, wiring.pull)?;
        let contacts = button_lines.iter().map(|line| Contact { line: *line, down: false });
        let contacts = contacts.collect();
        let chip = chip.path().to_owned();
        let mut lines = Self { chip, lamps, lamp_lines, buttons, contacts };
        // What is held down while the device starts is no press.
        for _ in 0..lines.contacts.len() {
            lines.level(Timestamp::default())?;
        }
        Ok(lines)
    }

    /// A button whose level is not the one last told.
    fn level(&mut self, now: Timestamp) -> Result<Option<Edge>, PinError> {
        let Self { chip, buttons: Some(buttons), contacts, .. } = self else { return Ok(None) };
        for (button, contact) in contacts.iter_mut().enumerate() {
            let value = buttons
                .value(contact.line)
                .map_err(|source| PinError::Gpio { chip: chip.clone(), source })?;
            let down = value == Value::Active;
            if contact.down != down {
                contact.down = down;
                return Ok(Some(Edge { button, down, at: now }));
            }
        }
        Ok(None)
    }

    fn failed(&self, source: gpiocdev::Error) -> PinError {
        PinError::Gpio { chip: self.chip.clone(), source }
    }
}

impl Lines for GpioLines {
    fn set(&mut self, lamp: usize, lit: bool) -> Result<(), PinError> {
        let (Some(lamps), Some(line)) = (&self.lamps, self.lamp_lines.get(lamp)) else {
            return Ok(());
        };
        lamps.set_value(*line, Value::from(lit)).map_err(|source| self.failed(source))
    }

    fn edge(&mut self, now: Timestamp) -> Result<Option<Edge>, PinError> {
        let Some(buttons) = &self.buttons else { return Ok(None) };
        if !buttons.has_edge_event().map_err(|source| self.failed(source))? {
            return self.level(now);
        }
        let event = buttons.read_edge_event().map_err(|source| self.failed(source))?;
        let mut contacts = self.contacts.iter_mut().enumerate();
        let told = contacts.find(|(_, contact)| contact.line == event.offset);
        let at = clock::from_monotonic(Duration::from_nanos(event.timestamp_ns));
        Ok(told.map(|(button, contact)| {
            contact.down = event.kind == EdgeKind::Rising;
            Edge { button, down: contact.down, at }
        }))
    }
}

/// Takes lines as outputs, dark.
fn lamps(chip: &Chip, lines: &[u32], lit: Level) -> Result<Option<Request>, PinError> {
    if lines.is_empty() {
        return Ok(None);
    }
    let mut request = chip.request();
    request.with_lines(lines).as_output(Value::Inactive);
    if lit == Level::Low {
        request.as_active_low();
    }
    chip.granted(&mut request).map(Some)
}

/// Takes lines as inputs that tell every edge; pressed is active.
fn buttons(chip: &Chip, lines: &[u32], pull: Pull) -> Result<Option<Request>, PinError> {
    if lines.is_empty() {
        return Ok(None);
    }
    let bias = match pull {
        Pull::Up => Bias::PullUp,
        Pull::Down => Bias::PullDown,
        Pull::None => Bias::Disabled,
    };
    let mut request = chip.request();
    request.with_lines(lines).as_input().with_bias(bias);
    request.with_edge_detection(EdgeDetection::BothEdges).with_kernel_event_buffer_size(EDGES);
    if pull.pressed() == Level::Low {
        request.as_active_low();
    }
    chip.granted(&mut request).map(Some)
}
