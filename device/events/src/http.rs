//! `http://127.0.0.1:8080`: a live page for people, and the same readings for programs.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` | the live page: one HTML file that needs nothing else |
//! | `GET /events?rate=HZ` | [server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html), each one line of [`json`]; with `rate`, at most that many readings a second |
//! | `GET /reading`, `GET /status` | the latest of each; 503 while there is none |
//! | `POST /command` | `{"read":true}`, `{"read":false}`, `{"calibrate":true}`, `{"next_page":true}` or `{"report":true}`, sent as `application/json`; 202 when it was handed on |
//! | `GET /metrics` | figures in [Prometheus' text format](https://prometheus.io/docs/instrumenting/exposition_formats/) |
//! | `GET /healthz` | 200 while readings come or the owner paused them; 503 with the reason else |
//! | `GET /preview.jpg` | the latest picture, 320 pixels at most; 404 unless the owner enabled it |
//!
//! | option | meaning |
//! |---|---|
//! | `commands=0` | nobody may command the device here; the page shows no buttons |
//! | `expose=1` | the address may be one that other machines reach |
//! | `grace=SECONDS` | how long `/healthz` bears with a device that reads nothing; 10 |
//! | `name=HOST` | a further name under which the device may be asked for |
//! | `preview=1` | the page shows what the camera sees |
//! | `token=SECRET`, `token_file=PATH` | only those who know it are answered |
//!
//! The address is one of this machine unless `expose=1`: what a face shows is personal, and whoever
//! reaches the address can see it and command the device. There is no encryption; across a network
//! that others use, put a proxy with TLS or an SSH tunnel in front. With a token, programs send
//! `Authorization: Bearer SECRET`, and a browser that once opens `/?token=SECRET` keeps it.
//!
//! A page of another site can make a browser ask this address. It learns and changes nothing: foreign
//! host names (DNS rebinding), foreign origins, and commands that are not `application/json`, which
//! browsers send across origins only after asking, are refused. Every client gets bounded time,
//! memory and connections; one that reads its stream too slowly is cut off, and the pipeline waits
//! for nobody.

mod command;
mod feed;
mod guard;
mod health;
mod metrics;
mod options;
mod page;
mod patient;
mod preview;
mod reply;
mod route;
mod server;
mod stream;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
};

use mien_core::{clock, command::Asker, spec::Spec};
use mien_shared::{frame::Grey, telemetry::Message};
use rustix::net::sockopt::set_socket_send_buffer_size;
use tokio::sync::watch;

pub use self::options::HttpError;
use self::{feed::Feed, options::Options, page::Page, preview::Preview, server::Limits};
use super::{EventError, Link, Sink, json};

/// What the system may keep for a client that reads slowly, so that a stream is never far behind.
const SEND_BUFFER: usize = 64 * 1024;

/// Serves the live page and its data.
#[derive(Debug)]
pub struct HttpSink {
    site: Arc<Site>,
    address: SocketAddr,
    json: Vec<u8>,
    stop: watch::Sender<()>,
    thread: Option<JoinHandle<()>>,
}

/// What the sink and its server share.
#[derive(Debug)]
struct Site {
    options: Options,
    feed: Feed,
    preview: Option<Preview>,
    page: Page,
    asker: Asker,
    limits: Limits,
}

impl HttpSink {
    /// The sink of `http://ADDRESS:PORT`; see the head of this module.
    ///
    /// # Errors
    /// When an option is malformed, the address may not or cannot be used, or the thread cannot be
    /// started.
    pub fn open(spec: &Spec, link: &Link) -> Result<Self, EventError> {
        Self::serve(Options::parse(spec, &link.device)?, link.asker.clone())
    }

    fn serve(mut options: Options, asker: Asker) -> Result<Self, EventError> {
        let spec = format!("http://{}", options.address);
        let failed = |source| EventError::Open { spec: spec.clone(), source };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(failed)?;
        let listener = {
            let _inside = runtime.enter();
            listen(options.address).map_err(failed)?
        };
        options.address = listener.local_addr().map_err(failed)?;
        let address = options.address;
        let site = Arc::new(Site::new(options, asker));
        let (stop, stopped) = watch::channel(());
        let served = server::run(listener, Arc::clone(&site), stopped);
        let thread = thread::Builder::new()
            .name("events-http".to_owned())
            .spawn(move || runtime.block_on(served))
            .map_err(failed)?;
        Ok(Self { site, address, json: Vec::new(), stop, thread: Some(thread) })
    }

    /// Where it is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Sink for HttpSink {
    fn send(&mut self, message: &Message) -> Result<(), EventError> {
        self.json.clear();
        json::write(message, &mut self.json)
            .map_err(|_unknown| EventError::NoForm { spec: format!("http://{}", self.address) })?;
        self.site.feed.publish(message, &mut self.json, clock::now());
        Ok(())
    }

    fn wants_pictures(&self) -> bool {
        self.site.preview.as_ref().is_some_and(|preview| preview.is_wanted(clock::now()))
    }

    fn picture(&mut self, picture: &Grey) {
        if let Some(preview) = &self.site.preview {
            preview.take(picture, clock::now());
        }
    }

    fn dropped(&self) -> u64 {
        self.site.feed.missed()
    }

    fn trouble(&self) -> Option<String> {
        let ended = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        ended.then(|| {
            format!("http://{}: the server has ended; start the device anew", self.address)
        })
    }
}

impl Drop for HttpSink {
    /// Lets the last messages go out, then ends every connection.
    fn drop(&mut self) {
        self.stop.send_replace(());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has nothing left to end.
            drop(thread.join());
        }
    }
}

impl Site {
    fn new(options: Options, asker: Asker) -> Self {
        Self {
            feed: Feed::new(clock::now()),
            preview: options.preview.then(Preview::new),
            page: Page::new(&options),
            limits: Limits::new(),
            options,
            asker,
        }
    }
}

/// A listener; to be called inside a runtime.
fn listen(address: SocketAddr) -> io::Result<tokio::net::TcpListener> {
    let listener = TcpListener::bind(address)?;
    set_socket_send_buffer_size(&listener, SEND_BUFFER)?;
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}
