//! What a thread behind a queue is to the pipeline: messages go in encoded, and never wait.
//!
//! The hello is kept beside the queue, so that each new connection can begin with it.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mien_shared::telemetry::{self, Message};

use crate::{EventError, Sink, queue::Queue};

/// The pipeline's end of a queue of telemetry frames.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Arc<Queue>,
    hello: Arc<Mutex<Vec<u8>>>,
    frame: Vec<u8>,
    /// How long the end waits for what is still to go out.
    patience: Duration,
}

impl Outbox {
    /// An outbox with room for `capacity` frames.
    ///
    /// # Errors
    /// When the system gives no bell to ring.
    pub(crate) fn new(capacity: usize, patience: Duration) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(capacity)?);
        Ok(Self { queue, hello: Arc::default(), frame: Vec::new(), patience })
    }

    /// The other end: the queue, and the last hello as a frame.
    pub(crate) fn other_end(&self) -> (Arc<Queue>, Arc<Mutex<Vec<u8>>>) {
        (Arc::clone(&self.queue), Arc::clone(&self.hello))
    }
}

impl Sink for Outbox {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.frame.clear();
        telemetry::encode(message, &mut self.frame)?;
        if matches!(message, Message::Hello(_)) {
            self.hello.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&self.frame);
            self.queue.ring();
        } else {
            self.queue.push(&self.frame);
        }
        Ok(())
    }

    fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    fn trouble(&self) -> Option<String> {
        self.queue.trouble()
    }
}

impl Drop for Outbox {
    /// Lets what waits go out, for as long as one attempt may take.
    fn drop(&mut self) {
        self.queue.close();
        self.queue.wait_finished(self.patience);
    }
}
