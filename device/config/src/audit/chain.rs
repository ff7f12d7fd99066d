//! How a line is bound to the one before: made, and checked.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Actor, Event, Moment};

/// What stands between a record and its hash.
const BEFORE_HASH: &str = ",\"hash\":\"";

/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// A place in the chain: the number and hash of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    hash: String,
}

/// Before the first record.
impl Default for Link {
    fn default() -> Self {
        Self { seq: 0, hash: "0".repeat(DIGITS) }
    }
}

impl Link {
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }
}

#[derive(Serialize)]
struct Record<'a> {
    seq: u64,
    time: String,
    up_ms: u64,
    by: Actor,
    #[serde(flatten)]
    event: &'a Event,
    prev: &'a str,
}

/// The line that follows `last`, with its line break, and its place in the chain.
pub(super) fn line(
    last: &Link,
    by: Actor,
    event: &Event,
    at: Moment,
) -> Result<(String, Link), serde_json::Error> {
    let record = Record {
        seq: last.seq.saturating_add(1),
        time: humantime::format_rfc3339_seconds(at.wall).to_string(),
        up_ms: u64::try_from(at.up.0.as_millis()).unwrap_or(u64::MAX),
        by,
        event,
        prev: &last.hash,
    };
    let mut text = serde_json::to_string(&record)?;
    let link = Link { seq: record.seq, hash: hash(&text) };
    text.pop();
    text.push_str(BEFORE_HASH);
    text.push_str(&link.hash);
    text.push_str("\"}\n");
    Ok((text, link))
}

/// What a line says of its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) link: Link,
    pub(super) prev: String,
}

#[derive(Deserialize)]
struct Place {
    seq: u64,
    prev: String,
    hash: String,
}

/// Reads a line without its line break; says what is wrong with it.
pub(super) fn read(line: &str) -> Result<Read, &'static str> {
    let place: Place = serde_json::from_str(line).map_err(|_any| "this is no record")?;
    let end = format!("{BEFORE_HASH}{}\"}}", place.hash);
    let start = line.strip_suffix(&end).ok_or("the hash is not where it belongs")?;
    if hash(&format!("{start}}}")) != place.hash {
        return Err("the record was changed: it does not have its hash");
    }
    Ok(Read { link: Link { seq: place.seq, hash: place.hash }, prev: place.prev })
}

/// Whether `next` follows `last`; says what is wrong if not.
pub(super) fn follows(last: &Link, next: &Read) -> Result<(), &'static str> {
    if next.link.seq != last.seq.saturating_add(1) {
        return Err("records are missing or out of order before this one");
    }
    if next.prev != last.hash {
        return Err("the record before this one is not the one it was written after");
    }
    Ok(())
}

fn hash(text: &str) -> String {
    let mut digits = String::with_capacity(DIGITS);
    for byte in Sha256::digest(text) {
        let _always = write!(digits, "{byte:02x}");
    }
    digits
}
