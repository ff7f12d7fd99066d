//! Server-sent events: every message as one `data:` line, for as long as a client stays.
//!
//! ```text
//! retry: 2000                     a lost connection is tried again after 2 s
//!
//! data: {"type":"hello",…}        first the latest of each kind, then what comes
//!
//! :                               a heartbeat where nothing comes for 10 s
//! ```
//!
//! A stream has no silent gaps: a client that is too slow for [the feed](super::feed) is cut off,
//! and its browser comes back to the present. `Last-Event-ID` is therefore of no meaning here.

use std::{sync::Arc, time::Duration};

use hyper::body::Bytes;
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{sleep, timeout},
};

use super::{
    Site,
    feed::{Behind, Detail},
};

/// Media type of server-sent events.
pub(super) const MEDIA_TYPE: &str = "text/event-stream";

/// A line is sent at least this often, so that both ends notice a dead connection.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The least and the most readings a second that can be asked for.
const RATES: std::ops::RangeInclusive<f64> = 0.1..=60.0;

/// The time between two readings at `rate` a second; none at all where no rate is asked for.
///
/// # Errors
/// A sentence for whoever asked.
pub(super) fn period(rate: Option<&str>) -> Result<Option<Duration>, &'static str> {
    let Some(rate) = rate else { return Ok(None) };
    match rate.parse() {
        Ok(rate) if RATES.contains(&rate) => Ok(Some(Duration::from_secs_f64(1.0 / rate))),
        _ => Err("rate is a number of readings a second from 0.1 to 60"),
    }
}

/// Begins to follow the feed.
pub(super) fn open(site: Arc<Site>, period: Option<Duration>) -> Receiver<Bytes> {
    // One piece waits at most: what is newer waits in the feed.
    let (pieces, body) = mpsc::channel(1);
    tokio::spawn(async move {
        // It ends when the client has gone or is too slow; either way it is not there to be told.
        follow(&site, period, &pieces).await.unwrap_or_default();
    });
    body
}

/// Why a stream ends.
struct Ended;

impl From<Behind> for Ended {
    fn from(_: Behind) -> Self {
        Self
    }
}

async fn follow(
    site: &Site,
    period: Option<Duration>,
    pieces: &Sender<Bytes>,
) -> Result<(), Ended> {
    let detail = if period.is_some() { Detail::Latest } else { Detail::All };
    let mut changes = site.feed.changes();
    let mut from = None;
    say(pieces, b"retry: 2000\n\n".to_vec()).await?;
    loop {
        changes.borrow_and_update();
        let mut text = Vec::new();
        site.feed.hear(&mut from, detail, |json| write_event(json, &mut text))?;
        if !text.is_empty() {
            say(pieces, text).await?;
            sleep(period.unwrap_or_default()).await;
        }
        match timeout(HEARTBEAT, changes.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(Ended),
            Err(_) => say(pieces, b":\n\n".to_vec()).await?,
        }
    }
}

async fn say(pieces: &Sender<Bytes>, text: Vec<u8>) -> Result<(), Ended> {
    pieces.send(text.into()).await.map_err(|_gone| Ended)
}

fn write_event(json: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(b"data: ");
    text.extend_from_slice(json);
    text.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_sensible_number() {
        assert_eq!(period(None), Ok(None));
        assert_eq!(period(Some("10")), Ok(Some(Duration::from_millis(100))));
        assert_eq!(period(Some("0.5")), Ok(Some(Duration::from_secs(2))));
        for bad in ["", "0", "-1", "NaN", "inf", "61", "1e-300", "ten"] {
            assert!(period(Some(bad)).is_err(), "{bad}");
        }
    }
}
