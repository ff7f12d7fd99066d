//! Connections and their limits. One thread serves them all.
//!
//! | what | limit |
//! |---|---|
//! | connections | 64; further ones are closed at once |
//! | streams among them | 16 |
//! | a request's head | 5 s to arrive, 64 lines, 16 KiB |
//! | a command | 5 s to arrive, 256 bytes |
//! | a connection that asks nothing | closed after 5 s |
//! | a client that takes nothing | closed after 5 s |

use std::{sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};

use super::{Site, patient::Patient, route};

const CONNECTIONS: usize = 64;
const STREAMS: usize = 16;
const MAX_HEAD: usize = 16 * 1024;
const MAX_LINES: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);
/// The wait after a connection could not be accepted, for example for want of file descriptors.
const RECOVERY: Duration = Duration::from_millis(100);
/// How long streams may take to carry the last messages away.
const FAREWELL: Duration = Duration::from_millis(100);

/// Places that are free.
#[derive(Debug)]
pub(super) struct Limits {
    connections: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Limits {
    /// All places are free.
    pub(super) fn new() -> Self {
        Self {
            connections: Arc::new(Semaphore::new(CONNECTIONS)),
            streams: Arc::new(Semaphore::new(STREAMS)),
        }
    }

    /// A place for a stream, if one is free.
    pub(super) fn stream(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }

    /// Streams that are open.
    pub(super) fn open_streams(&self) -> usize {
        STREAMS - self.streams.available_permits()
    }

    fn connection(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).try_acquire_owned().ok()
    }
}

/// Serves until it is told to stop.
pub(super) async fn run(listener: TcpListener, site: Arc<Site>, mut stop: watch::Receiver<()>) {
    tokio::spawn(accept(listener, Arc::clone(&site)));
    if stop.changed().await.is_ok() && site.limits.open_streams() > 0 {
        sleep(FAREWELL).await;
    }
}

async fn accept(listener: TcpListener, site: Arc<Site>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(RECOVERY).await;
            continue;
        };
        if let Some(place) = site.limits.connection() {
            tokio::spawn(serve(stream, Arc::clone(&site), place));
        }
    }
}

async fn serve(stream: TcpStream, site: Arc<Site>, _place: OwnedSemaphorePermit) {
    // Without it, a small event may wait for the acknowledgement of the one before.
    stream.set_nodelay(true).unwrap_or_default();
    let service = service_fn(move |request| route::answer(Arc::clone(&site), request));
    let ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_LINES)
        .serve_connection(TokioIo::new(Patient::new(stream)), service)
        .await;
    // A client that breaks the protocol, is too slow or goes away is its own affair.
    ended.unwrap_or_default();
}
