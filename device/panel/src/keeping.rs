//! A panel that comes back: when it fails it is closed, and opened anew after a while.
//!
//! The first try comes half a second after a failure, every further one after twice the time, up
//! to half a minute; a screen that was shown begins the count anew. Meanwhile screens go nowhere,
//! and [`PanelError::Lost`] says why.

use std::{fmt, sync::Arc, time::Duration};

use mien_shared::frame::Timestamp;
use mien_ui::Screen;

use crate::{Panel, PanelError};

/// Shortest and longest time between two tries.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Opens the panel.
type Open = Box<dyn FnMut() -> Result<Box<dyn Panel>, PanelError>>;

/// A panel that is opened again and again.
pub struct Keeping {
    open: Open,
    now: fn() -> Timestamp,
    panel: Option<Box<dyn Panel>>,
    size: (u32, u32),
    brightness: Option<f32>,
    trouble: Option<Arc<str>>,
    pause: Duration,
    retry_at: Timestamp,
}

impl Keeping {
    /// Opens a panel by `open`, now and whenever it was lost; `now` tells the time.
    ///
    /// # Errors
    /// When the panel cannot be opened and never will, see [`PanelError::is_final`].
    pub fn new(
        open: impl FnMut() -> Result<Box<dyn Panel>, PanelError> + 'static,
        now: fn() -> Timestamp,
    ) -> Result<Self, PanelError> {
        let mut keeping = Self {
            open: Box::new(open),
            now,
            panel: None,
            size: (320, 240),
            brightness: None,
            trouble: None,
            pause: PAUSES.0,
            retry_at: Timestamp::default(),
        };
        match (keeping.open)() {
            Ok(panel) => keeping.hold(panel),
            Err(error) if error.is_final() => return Err(error),
            Err(error) => keeping.lose(&error),
        }
        Ok(keeping)
    }

    fn hold(&mut self, panel: Box<dyn Panel>) {
        self.size = panel.size();
        self.panel = Some(panel);
    }

    fn lose(&mut self, error: &PanelError) {
        self.panel = None;
        self.trouble = Some(error.to_string().into());
        self.retry_at = Timestamp((self.now)().0.saturating_add(self.pause));
        self.pause = (2 * self.pause).min(PAUSES.1);
    }

    /// Opens the panel where it is time to, and lights it as it was.
    fn try_again(&mut self) {
        if self.panel.is_some() || (self.now)() < self.retry_at {
            return;
        }
        let opened = (self.open)().and_then(|mut panel| {
            self.brightness.map_or(Ok(()), |level| panel.brightness(level))?;
            Ok(panel)
        });
        match opened {
            Ok(panel) => self.hold(panel),
            Err(error) => self.lose(&error),
        }
    }

    /// Does `task` on the panel, where there is one.
    fn with(
        &mut self,
        task: impl FnOnce(&mut dyn Panel) -> Result<(), PanelError>,
    ) -> Result<(), PanelError> {
        self.try_again();
        if let Some(panel) = &mut self.panel {
            match task(panel.as_mut()) {
                Ok(()) => {
                    self.size = panel.size();
                    self.trouble = None;
                    self.pause = PAUSES.0;
                }
                Err(error) => self.lose(&error),
            }
        }
        self.trouble.clone().map_or(Ok(()), |trouble| Err(PanelError::Lost(trouble)))
    }
}

impl Panel for Keeping {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        self.with(|panel| panel.show(screen))
    }

    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn screen(&self) -> Screen {
        let blank = || Screen::new(self.size.0, self.size.1);
        self.panel.as_ref().map_or_else(blank, |panel| panel.screen())
    }

    fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
        self.brightness = Some(level);
        self.with(|panel| panel.brightness(level))
    }

    fn flush(&mut self) -> Result<(), PanelError> {
        self.with(|panel| panel.flush())
    }
}

impl fmt::Debug for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeping").field("trouble", &self.trouble).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use super::*;

    thread_local! {
        static NOW: Cell<u64> = const { Cell::new(0) };
    }

    fn now() -> Timestamp {
        Timestamp(Duration::from_millis(NOW.get()))
    }

    /// What the fake panel does and what was done to it.
    #[derive(Debug, Default)]
    struct Plug {
        out: Cell<bool>,
        opened: Cell<u32>,
        shown: Cell<u32>,
        level: Cell<f32>,
    }

    struct FakePanel(Rc<Plug>);

    impl FakePanel {
        fn answer(&self) -> Result<(), PanelError> {
            if self.0.out.get() {
                return Err(PanelError::NoAnswer { name: "fake".to_owned() });
            }
            Ok(())
        }
    }

    impl Panel for FakePanel {
        fn show(&mut self, _screen: &Screen) -> Result<(), PanelError> {
            self.answer()?;
            self.0.shown.set(self.0.shown.get() + 1);
            Ok(())
        }

        fn size(&self) -> (u32, u32) {
            (128, 64)
        }

        fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
            self.0.level.set(level);
            Ok(())
        }
    }

    fn keeping(plug: &Rc<Plug>) -> Keeping {
        let plug = Rc::clone(plug);
        let open = move || {
            plug.opened.set(plug.opened.get() + 1);
            let panel = FakePanel(Rc::clone(&plug));
            panel.answer()?;
            Ok(Box::new(panel) as Box<dyn Panel>)
        };
        Keeping::new(open, now).unwrap()
    }

    /// What is wrong when a screen is shown at that time; empty when nothing is.
    fn show_at(panel: &mut Keeping, ms: u64) -> String {
        NOW.set(ms);
        let shown = panel.show(&Screen::new(128, 64));
        shown.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_panel_that_was_unplugged_comes_back_as_bright_as_it_was() {
        let plug = Rc::new(Plug::default());
        let mut panel = keeping(&plug);
        panel.brightness(0.5).unwrap();
        assert_eq!((show_at(&mut panel, 0).as_str(), plug.shown.get()), ("", 1));
        plug.out.set(true);
        assert!(show_at(&mut panel, 1000).contains("no answer"));
        plug.out.set(false);
        plug.level.set(0.0);
        assert!(show_at(&mut panel, 1499).contains("no answer"), "not yet");
        assert_eq!((show_at(&mut panel, 1500).as_str(), plug.shown.get()), ("", 2));
        assert!((plug.level.get() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn tries_become_seldom_and_never_stop() {
        let plug = Rc::new(Plug::default());
        plug.out.set(true);
        NOW.set(0);
        let mut panel = keeping(&plug);
        assert_eq!(panel.size(), (320, 240), "unknown as yet");
        let mut tries = Vec::new();
        for ms in (0..200_000).step_by(500) {
            let before = plug.opened.get();
            show_at(&mut panel, ms);
            if plug.opened.get() > before {
                tries.push(ms);
            }
        }
        assert_eq!(tries[..7], [500, 1500, 3500, 7500, 15_500, 31_500, 61_500]);
        assert!(tries[6..].windows(2).all(|pair| pair[1] - pair[0] == 30_000));
        plug.out.set(false);
        assert_eq!((show_at(&mut panel, 300_000).as_str(), panel.size()), ("", (128, 64)));
    }

    #[test]
    fn what_only_the_owner_can_mend_is_refused_at_once() {
        let open = || Err(PanelError::BadRate { spec: "png://a?rate=0".to_owned() });
        assert!(Keeping::new(open, now).is_err());
    }
}
