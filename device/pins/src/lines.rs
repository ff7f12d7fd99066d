//! Lamps and buttons over any lines: patterns in, levels out; edges in, presses out.

use std::fmt;

use mien_shared::frame::Timestamp;

use crate::{Blinker, Button, Debounce, Dimmer, Lamps, Light, PinError, Pins, Wiring};

/// Most edges taken at once: a line that nothing holds must not keep the caller for ever.
const MOST_EDGES: usize = 256;

/// A button's line has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Index of the button in its [`Wiring`].
    pub button: usize,
    /// Whether it is pressed now.
    pub down: bool,
    /// When it changed.
    pub at: Timestamp,
}

/// The lines of a board, by the lamps and buttons of a [`Wiring`].
pub trait Lines: Send {
    /// Lights lamp number `lamp`, or darkens it.
    ///
    /// # Errors
    /// When the line does not answer.
    fn set(&mut self, lamp: usize, lit: bool) -> Result<(), PinError>;

    /// The oldest change of a button up to `now` that was not told yet; never waits.
    ///
    /// # Errors
    /// When the lines do not answer.
    fn edge(&mut self, now: Timestamp) -> Result<Option<Edge>, PinError>;
}

/// The pins of a board with lines; all lamps go dark when it is dropped.
pub struct LinePins<L: Lines> {
    lines: L,
    lamps: Vec<Lamp>,
    buttons: Vec<(Button, Debounce)>,
    dimmer: Option<Box<dyn Dimmer>>,
    brightness: Option<f32>,
}

/// A lamp, how it looks, and whether its line is lit where that is known.
#[derive(Debug)]
struct Lamp {
    light: Light,
    blinker: Blinker,
    lit: Option<bool>,
}

impl<L: Lines> LinePins<L> {
    /// Pins over `lines` that are wired as `wiring` says, dimmed by `dimmer` where there is one.
    pub fn new(wiring: &Wiring, lines: L, dimmer: Option<Box<dyn Dimmer>>) -> Self {
        let lamp = |(light, _): &(Light, _)| Lamp {
            light: *light,
            blinker: Blinker::default(),
            lit: None,
        };
        let lamps = wiring.lamps.iter().map(lamp).collect();
        let contact = |(button, _): &(Button, _)| (*button, Debounce::default());
        let buttons = wiring.buttons.iter().map(contact).collect();
        Self { lines, lamps, buttons, dimmer, brightness: None }
    }

    fn dim(&mut self, brightness: f32) -> Result<(), PinError> {
        let Some(dimmer) = &mut self.dimmer else { return Ok(()) };
        if self.brightness != Some(brightness) {
            dimmer.dim(brightness)?;
            self.brightness = Some(brightness);
        }
        Ok(())
    }
}

impl<L: Lines> Pins for LinePins<L> {
    fn show(&mut self, lamps: &Lamps, now: Timestamp) -> Result<(), PinError> {
        for (index, lamp) in self.lamps.iter_mut().enumerate() {
            lamp.blinker.show(lamp.light.pattern(lamps), now);
            let lit = lamp.blinker.at(now);
            if lamp.lit != Some(lit) {
                self.lines.set(index, lit)?;
                lamp.lit = Some(lit);
            }
        }
        self.dim(lamps.brightness)
    }

    fn pressed(&mut self, now: Timestamp) -> Result<Option<Button>, PinError> {
        for _ in 0..MOST_EDGES {
            let Some(edge) = self.lines.edge(now)? else { break };
            let contact = self.buttons.get_mut(edge.button);
            if let Some((button, debounce)) = contact
                && debounce.edge(edge.down, edge.at)
            {
                return Ok(Some(*button));
            }
        }
        let settled = self.buttons.iter_mut().find_map(|(b, d)| d.settle(now).then_some(*b));
        Ok(settled)
    }
}

impl<L: Lines> Drop for LinePins<L> {
    fn drop(&mut self) {
        // Nobody is left to hear of a line that does not answer.
        (0..self.lamps.len()).for_each(|lamp| drop(self.lines.set(lamp, false)));
    }
}

impl<L: Lines> fmt::Debug for LinePins<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinePins").field("lamps", &self.lamps).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use mien_core::spec::Spec;
    use mien_shared::{label::Expression, telemetry::State};

    use super::*;

    /// What happened to the fake lines: lamps as they were set, levels as they were dimmed.
    #[derive(Debug, Default)]
    struct Record {
        set: Vec<(usize, bool)>,
        dimmed: Vec<f32>,
    }

    #[derive(Debug, Default)]
    struct FakeLines {
        record: Arc<Mutex<Record>>,
        edges: VecDeque<Edge>,
    }

    impl Lines for FakeLines {
        fn set(&mut self, lamp: usize, lit: bool) -> Result<(), PinError> {
            self.record.lock().unwrap().set.push((lamp, lit));
            Ok(())
        }

        fn edge(&mut self, now: Timestamp) -> Result<Option<Edge>, PinError> {
            Ok(if self.edges.front().is_some_and(|edge| edge.at <= now) {
                self.edges.pop_front()
            } else {
                None
            })
        }
    }

    #[derive(Debug)]
    struct FakeDimmer(Arc<Mutex<Record>>);

    impl Dimmer for FakeDimmer {
        fn dim(&mut self, level: f32) -> Result<(), PinError> {
            self.0.lock().unwrap().dimmed.push(level);
            Ok(())
        }
    }

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    fn pins(edges: &[(usize, bool, u64)]) -> (LinePins<FakeLines>, Arc<Mutex<Record>>) {
        let text = "gpio://auto?reading=17&happiness=5&privacy=22&page=24";
        let wiring = Wiring::parse(&Spec::parse(text).unwrap()).unwrap();
        let edges =
            edges.iter().map(|&(button, down, ms)| Edge { button, down, at: at(ms) }).collect();
        let record = Arc::default();
        let lines = FakeLines { record: Arc::clone(&record), edges };
        let dimmer: Box<dyn Dimmer> = Box::new(FakeDimmer(Arc::clone(&record)));
        (LinePins::new(&wiring, lines, Some(dimmer)), record)
    }

    #[test]
    fn only_what_changes_is_sent_to_the_lines() {
        let (mut pins, record) = pins(&[]);
        let mut lamps = Lamps { state: State::Reading, ..Lamps::default() };
        for ms in 0..100 {
            pins.show(&lamps, at(ms)).unwrap();
        }
        lamps.expression = Some(Expression::Happiness);
        lamps.brightness = 0.25;
        pins.show(&lamps, at(100)).unwrap();
        let record = record.lock().unwrap();
        assert_eq!(record.set, [(0, true), (1, false), (1, true)]);
        assert_eq!(record.dimmed, [1.0, 0.25]);
    }

    #[test]
    fn a_starting_device_blinks() {
        let (mut pins, record) = pins(&[]);
        for ms in (0..2000).step_by(10) {
            pins.show(&Lamps::default(), at(ms)).unwrap();
        }
        let blinks: Vec<_> =
            record.lock().unwrap().set.iter().filter(|(lamp, _)| *lamp == 0).map(|s| s.1).collect();
        assert_eq!(blinks, [true, false, true, false]);
    }

    #[test]
    fn presses_are_told_once_in_order_and_chatter_is_not() {
        let (mut pins, _) = pins(&[
            (0, true, 100),
            (0, false, 102),
            (0, true, 103),
            (0, false, 400),
            (1, true, 500),
            (1, false, 505),
        ]);
        assert_eq!(pins.pressed(at(110)).unwrap(), None, "not settled");
        assert_eq!(pins.pressed(at(130)).unwrap(), Some(Button::Privacy));
        assert_eq!(pins.pressed(at(131)).unwrap(), None);
        assert_eq!(pins.pressed(at(2000)).unwrap(), None, "five milliseconds are no press");
    }

    #[test]
    fn presses_between_two_looks_are_not_lost() {
        let (mut pins, _) = pins(&[
            (0, true, 100),
            (0, false, 200),
            (1, true, 300),
            (1, false, 400),
            (0, true, 500),
            (0, false, 600),
        ]);
        let told: Vec<_> = std::iter::from_fn(|| pins.pressed(at(5000)).unwrap()).collect();
        assert_eq!(told, [Button::Privacy, Button::Page, Button::Privacy]);
    }

    #[test]
    fn lamps_go_dark_at_the_end() {
        let (mut pins, record) = pins(&[]);
        pins.show(&Lamps { state: State::Reading, ..Lamps::default() }, at(0)).unwrap();
        drop(pins);
        assert_eq!(record.lock().unwrap().set[2..], [(0, false), (1, false)]);
    }
}
