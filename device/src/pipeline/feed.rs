//! The camera's thread, and what it tells the app beside its frames.
//!
//! A source that is lost is opened again by its [`Supply`]. While the [`Gate`] is closed the source
//! is let go. Should a driver never answer, another thread with a supply of its own takes over; ids
//! of frames go on where the last one stopped.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use mien_shared::{
    frame::{Frame, Timestamp},
    telemetry::Fault,
};
use mien_supervisor::heartbeat::Heartbeat;

use super::{Gate, PATIENCE, Slot, slot::Delivery, stages::Outcome};
use crate::{
    camera::{Supply, supply::Event},
    clock,
};

/// What the camera's thread works with.
pub(super) struct Feed {
    pub(super) frames: Arc<Slot<Frame>>,
    pub(super) gate: Arc<Gate>,
    pub(super) news: Arc<News>,
    pub(super) heart: Heartbeat,
    /// The id that the next thread's frames begin with.
    pub(super) next_id: Arc<AtomicU64>,
    /// The device stops, or another thread took over.
    pub(super) stop: Arc<AtomicBool>,
}

impl Feed {
    /// Delivers frames from `supply` until it ends or nobody takes them.
    pub(super) fn run(self, mut supply: Supply) -> Outcome {
        let (mut frame, mut turn, mut open) = (Frame::empty(), 0, true);
        let first_id = self.next_id.load(Ordering::Relaxed);
        let delivery = if supply.is_live() { Delivery::Newest } else { Delivery::Every };
        while open && !self.stop.load(Ordering::Relaxed) {
            self.heart.beat(clock::now());
            if !self.gate.is_open() {
                supply.release();
                self.gate.wait_open(PATIENCE);
                continue;
            }
            match supply.step(&mut frame)? {
                None => {}
                Some(Event::Ended | Event::Stopped) => break,
                Some(Event::Skipped { reason }) => self.news.damaged(reason),
                Some(Event::Lost { fault, retry_in, .. }) => {
                    self.news.lost(fault, Timestamp(clock::now().0 + retry_in));
                }
                Some(Event::Frame | Event::Back { .. }) => {
                    self.news.delivered(supply.is_live());
                    self.number(&mut frame, first_id);
                    turn += 1;
                    let passes = self.gate.passes(turn);
                    open = !passes || self.put(&mut frame, delivery);
                }
            }
        }
        Ok(())
    }

    /// Numbers a frame so that the thread which may follow this one can go on.
    fn number(&self, frame: &mut Frame, first_id: u64) {
        frame.id.0 += first_id;
        self.next_id.store(frame.id.0 + 1, Ordering::Relaxed);
    }

    /// Hands a frame on; a consumer that is waited for is not this thread's silence.
    fn put(&self, frame: &mut Frame, delivery: Delivery) -> bool {
        self.heart.rest();
        self.frames.put(frame, delivery)
    }
}

/// What the stages tell the app beside their results.
#[derive(Debug, Default)]
pub struct News(Mutex<Told>);

/// The latest news.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The clock drives the source.
    pub live: bool,
    /// A frame has come since the start.
    pub delivered: bool,
    /// The camera is lost: why, and when it is tried again.
    pub lost: Option<(Fault, Timestamp)>,
    /// Frames too damaged to be read.
    pub damaged: u64,
    /// What was wrong with the first of them.
    pub damage: Option<String>,
    /// Times the camera came back.
    pub reopened: u64,
    /// Why a network fails, while it does.
    pub model: Option<String>,
}

impl News {
    /// The latest news.
    pub fn read<T>(&self, look: impl FnOnce(&Told) -> T) -> T {
        look(&self.lock())
    }

    /// Counts a frame that cannot be read; the first one's fault is kept.
    pub(super) fn damaged(&self, reason: String) {
        let mut told = self.lock();
        told.damaged += 1;
        told.damage.get_or_insert(reason);
    }

    fn lost(&self, fault: Fault, retry_at: Timestamp) {
        self.lock().lost = Some((fault, retry_at));
    }

    fn delivered(&self, live: bool) {
        let mut told = self.lock();
        (told.live, told.delivered) = (live, true);
        told.reopened += u64::from(told.lost.take().is_some());
    }

    /// Says that a network fails, or works again.
    pub(super) fn model(&self, trouble: Option<String>) {
        self.lock().model = trouble;
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        // Sound between any two statements above, so a panic elsewhere is no harm.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
