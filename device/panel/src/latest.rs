//! A panel on a thread of its own, which shows only the newest screen.
//!
//! ```text
//! pipeline            place for one screen            thread
//!  show(&screen) ──copies──▶  waiting  ──swaps──▶  panel.show(&mine)
//! ```
//!
//! Whoever shows a screen never waits for the panel: a screen that was not taken yet gives way to
//! the next one. The two screens on either side of the swap are used again and again, so nothing
//! is allocated once their size is settled. While no screen comes the thread shows the last one
//! again every [`TICK`], which costs nothing when all is well and brings back a panel that was
//! lost. What went wrong there is told to whoever shows the next screen.

use std::{
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use mien_ui::Screen;

use crate::{Panel, PanelError};

/// How long the thread waits for a screen before it shows the last one again.
const TICK: Duration = Duration::from_millis(500);

/// How long [`Panel::flush`] waits for the panel.
const PATIENCE: Duration = Duration::from_secs(10);

/// A panel that never makes its caller wait.
#[derive(Debug)]
pub struct Latest {
    place: Arc<Place>,
    thread: Option<JoinHandle<()>>,
}

impl Latest {
    /// Opens a panel by `open` on a new thread and shows screens there.
    ///
    /// # Errors
    /// As `open` fails, or when the system refuses a thread.
    pub fn spawn(
        open: impl FnOnce() -> Result<Box<dyn Panel>, PanelError> + Send + 'static,
    ) -> Result<Self, PanelError> {
        let (opened, told) = mpsc::sync_channel(1);
        let work = move || {
            let panel = match open() {
                Ok(panel) => panel,
                // The one who opens waits for just this.
                Err(error) => return drop(opened.send(Err(error))),
            };
            let place = Arc::new(Place::new(panel.as_ref()));
            if opened.send(Ok(Arc::clone(&place))).is_ok() {
                place.serve(panel);
            }
        };
        let thread = thread::Builder::new()
            .name("panel".to_owned())
            .spawn(work)
            .map_err(PanelError::Thread)?;
        let gone = |_| Err(PanelError::Thread(std::io::ErrorKind::BrokenPipe.into()));
        let place = told.recv().unwrap_or_else(gone)?;
        Ok(Self { place, thread: Some(thread) })
    }
}

impl Panel for Latest {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        let mut state = self.place.lock();
        state.waiting.copy_from(screen);
        state.full = true;
        self.place.changed.notify_all();
        state.trouble.clone().map_or(Ok(()), |trouble| Err(PanelError::Lost(trouble)))
    }

    fn size(&self) -> (u32, u32) {
        self.place.lock().blank.size()
    }

    fn screen(&self) -> Screen {
        self.place.lock().blank.clone()
    }

    fn brightness(&mut self, level: f32) -> Result<(), PanelError> {
        let mut state = self.place.lock();
        if state.brightness.replace(level) != Some(level) {
            state.dim = true;
            self.place.changed.notify_all();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), PanelError> {
        let mut state = self.place.lock();
        state.flush = Flush::Wanted;
        self.place.changed.notify_all();
        let pending = |state: &mut State| matches!(state.flush, Flush::Wanted);
        let waited = self.place.changed.wait_timeout_while(state, PATIENCE, pending);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut state.flush, Flush::None) {
            Flush::Done(result) => result,
            Flush::None | Flush::Wanted => {
                Err(PanelError::Thread(std::io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl Drop for Latest {
    fn drop(&mut self) {
        self.place.lock().closed = true;
        self.place.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in there has been told already.
            drop(thread.join());
        }
    }
}

/// Where the two sides meet.
#[derive(Debug)]
struct Place {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    waiting: Screen,
    full: bool,
    closed: bool,
    flush: Flush,
    /// A screen of the kind that the panel shows best.
    blank: Screen,
    brightness: Option<f32>,
    /// The brightness was not set yet.
    dim: bool,
    trouble: Option<Arc<str>>,
}

/// Whether someone waits for all to be shown.
#[derive(Debug)]
enum Flush {
    None,
    Wanted,
    Done(Result<(), PanelError>),
}

/// What the thread has to do.
#[derive(Debug, Clone, Copy)]
struct Task {
    dim: Option<f32>,
    flush: bool,
    closed: bool,
}

impl Place {
    fn new(panel: &dyn Panel) -> Self {
        let state = State {
            waiting: panel.screen(),
            full: false,
            closed: false,
            flush: Flush::None,
            blank: panel.screen(),
            brightness: None,
            dim: false,
            trouble: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Shows what comes until the place is closed.
    fn serve(&self, mut panel: Box<dyn Panel>) {
        let mut mine = panel.screen();
        let mut any = false;
        loop {
            let task = self.next(&mut mine, &mut any);
            let shown = if any { panel.show(&mine) } else { Ok(()) };
            let dimmed = task.dim.map_or(Ok(()), |level| panel.brightness(level));
            let flushed = task.flush.then(|| panel.flush());
            self.report(panel.as_ref(), shown.and(dimmed).err());
            if let Some(result) = flushed {
                self.lock().flush = Flush::Done(result);
                self.changed.notify_all();
            }
            if task.closed {
                return;
            }
        }
    }

    /// Waits for something to do; a new screen is swapped for the one shown before.
    fn next(&self, mine: &mut Screen, any: &mut bool) -> Task {
        let idle =
            |s: &mut State| !s.full && !s.closed && !s.dim && !matches!(s.flush, Flush::Wanted);
        let waited = self.changed.wait_timeout_while(self.lock(), TICK, idle);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if mem::replace(&mut state.full, false) {
            mem::swap(&mut state.waiting, mine);
            *any = true;
        }
        let dim = mem::replace(&mut state.dim, false);
        Task {
            dim: state.brightness.filter(|_| dim),
            flush: matches!(state.flush, Flush::Wanted),
            closed: state.closed,
        }
    }

    fn report(&self, panel: &dyn Panel, error: Option<PanelError>) {
        let trouble = error.map(|error| match error {
            PanelError::Lost(trouble) => trouble,
            error => error.to_string().into(),
        });
        let mut state = self.lock();
        state.trouble = trouble;
        if state.blank.size() != panel.size() {
            state.blank = panel.screen();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is sound between any two statements above, so a panic elsewhere is no harm.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, SyncSender};

    use mien_ui::Status;

    use super::*;

    /// A panel that waits for leave before it shows, and tells what it showed.
    struct SlowPanel {
        leave: Receiver<()>,
        shown: SyncSender<Vec<u8>>,
        broken: bool,
    }

    impl Panel for SlowPanel {
        fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
            if self.leave.recv().is_err() {
                return Ok(());
            }
            self.shown.send(screen.pixels().to_vec()).ok();
            if self.broken {
                return Err(PanelError::NoAnswer { name: "slow".to_owned() });
            }
            Ok(())
        }

        fn size(&self) -> (u32, u32) {
            (160, 120)
        }
    }

    fn slow(broken: bool) -> (Latest, Sender<()>, Receiver<Vec<u8>>) {
        #[expect(clippy::disallowed_methods, reason = "a test's leave is never refused")]
        let (leave, granted) = mpsc::channel();
        let (shown, seen) = mpsc::sync_channel(100);
        let open =
            move || Ok(Box::new(SlowPanel { leave: granted, shown, broken }) as Box<dyn Panel>);
        (Latest::spawn(open).unwrap(), leave, seen)
    }

    fn drawn(message: &str) -> Screen {
        let mut screen = Screen::new(160, 120);
        let message = Some(message.to_owned());
        screen.draw(&Status { message, ..Status::default() }, None);
        screen
    }

    #[test]
    fn a_slow_panel_shows_the_first_and_the_newest_screen_and_delays_nobody() {
        let (mut panel, leave, seen) = slow(false);
        panel.show(&drawn("first")).unwrap();
        // The thread has taken the first one, or will take the newest only.
        for number in 0..50 {
            panel.show(&drawn(&format!("number {number}"))).unwrap();
        }
        panel.show(&drawn("newest")).unwrap();
        (0..2).for_each(|_| leave.send(()).unwrap());
        let newest = drawn("newest");
        let count = (0..2).position(|_| seen.recv().unwrap() == newest.pixels());
        assert!(count.is_some(), "the newest is the second at the latest");
    }

    #[test]
    fn flush_waits_until_all_is_shown() {
        let (mut panel, leave, seen) = slow(false);
        (0..9).for_each(|_| leave.send(()).unwrap());
        let last = drawn("last");
        panel.show(&last).unwrap();
        panel.flush().unwrap();
        assert!(seen.try_iter().any(|pixels| pixels == last.pixels()));
    }

    #[test]
    fn what_went_wrong_is_told_with_the_next_screen() {
        let (mut panel, leave, _seen) = slow(true);
        (0..9).for_each(|_| leave.send(()).unwrap());
        panel.show(&drawn("one")).unwrap();
        panel.flush().unwrap();
        assert!(panel.show(&drawn("two")).unwrap_err().to_string().contains("no answer"));
    }

    #[test]
    fn a_panel_that_cannot_be_opened_is_an_error() {
        let open = || Err(PanelError::NoCard);
        assert!(matches!(Latest::spawn(open), Err(PanelError::NoCard)));
    }

    #[test]
    fn a_screen_is_of_the_panels_kind() {
        let (panel, _leave, _seen) = slow(false);
        assert_eq!((panel.size(), panel.screen().size()), ((160, 120), (160, 120)));
    }
}
