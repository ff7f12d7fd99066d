//! What the camera sees, for an owner who enabled it: small, seldom, and only while somebody looks.
//!
//! The pipeline is asked for pictures while one was requested within the last [`INTEREST`], at most
//! every [`PERIOD`]. A picture becomes a JPEG when it is sent, and its pixels are wiped when nobody
//! looks any more.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jpeg_encoder::{ColorType, Encoder};
use mien_core::clock;
use mien_shared::frame::{Grey, Timestamp};
use tokio::{sync::watch, time::timeout};

/// Longest side in pixels.
const MAX_SIDE: u32 = 320;
/// JPEG quality, 1 to 100.
const QUALITY: u8 = 70;
/// Least time between two pictures.
const PERIOD: Duration = Duration::from_millis(200);
/// A picture older than this is not sent.
const MAX_AGE: Duration = Duration::from_millis(400);
/// How long after a request pictures are wanted.
const INTEREST: Duration = Duration::from_secs(2);
/// How long a request waits for a picture.
const PATIENCE: Duration = Duration::from_secs(1);

/// The latest picture, while somebody looks.
#[derive(Debug)]
pub(super) struct Preview {
    held: Mutex<Held>,
    taken: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Held {
    small: Grey,
    taken_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

impl Preview {
    /// A preview that nobody looks at.
    pub(super) fn new() -> Self {
        Self { held: Mutex::default(), taken: watch::channel(0).0 }
    }

    /// Whether it is time for a picture.
    pub(super) fn is_wanted(&self, now: Timestamp) -> bool {
        let mut held = self.held();
        if !is_within(held.asked_at, INTEREST, now) {
            held.wipe();
            return false;
        }
        !is_within(held.taken_at, PERIOD, now)
    }

    /// Keeps a small copy of `picture` in place of the one before.
    pub(super) fn take(&self, picture: &Grey, now: Timestamp) {
        let mut held = self.held();
        shrink(picture, &mut held.small);
        held.taken_at = Some(now);
        drop(held);
        self.taken.send_modify(|number| *number += 1);
    }

    /// The present picture as a JPEG; `None` when none comes, as while the device is paused.
    pub(super) async fn jpeg(&self) -> Option<Vec<u8>> {
        let mut taken = self.taken.subscribe();
        if let Some(jpeg) = self.fresh(clock::now()) {
            return Some(jpeg);
        }
        timeout(PATIENCE, taken.changed()).await.ok()?.ok()?;
        self.fresh(clock::now())
    }

    /// Takes note that somebody looks; the picture, if it is fresh.
    fn fresh(&self, now: Timestamp) -> Option<Vec<u8>> {
        let mut held = self.held();
        held.asked_at = Some(now);
        is_within(held.taken_at, MAX_AGE, now).then(|| encode(&held.small)).flatten()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn wipe(&mut self) {
        if self.taken_at.take().is_some() {
            self.small.data.fill(0);
        }
    }
}

fn is_within(moment: Option<Timestamp>, time: Duration, now: Timestamp) -> bool {
    moment.is_some_and(|moment| now.0.saturating_sub(moment.0) < time)
}

/// Scales `from` by a whole factor, each pixel the mean of those it stands for.
fn shrink(from: &Grey, to: &mut Grey) {
    let factor = from.width.max(from.height).div_ceil(MAX_SIDE).max(1);
    to.resize(from.width / factor, from.height / factor);
    let (width, factor) = (from.width as usize, factor as usize);
    for (row, out) in to.data.chunks_exact_mut((to.width as usize).max(1)).enumerate() {
        let rows = from.data.chunks_exact(width).skip(row * factor).take(factor);
        for (column, pixel) in out.iter_mut().enumerate() {
            let sum: u32 = rows
                .clone()
                .flat_map(|row| &row[column * factor..(column + 1) * factor])
                .map(|luma| u32::from(*luma))
                .sum();
            *pixel = mean(sum, factor * factor);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte")]
fn mean(sum: u32, count: usize) -> u8 {
    (sum as usize / count) as u8
}

fn encode(picture: &Grey) -> Option<Vec<u8>> {
    let (width, height) = (picture.width.try_into().ok()?, picture.height.try_into().ok()?);
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY).encode(&picture.data, width, height, ColorType::Luma).ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp(Duration::from_millis(ms))
    }

    fn grey(width: u32, height: u32) -> Grey {
        let mut grey = Grey::new(width, height);
        grey.data.fill(200);
        grey
    }

    #[test]
    fn pictures_are_small_and_keep_their_light() {
        for (width, height, expected) in [
            (640, 480, (320, 240)),
            (320, 240, (320, 240)),
            (1920, 1080, (320, 180)),
            (330, 17, (165, 8)),
            (8192, 1, (315, 0)),
            (0, 0, (0, 0)),
        ] {
            let mut small = Grey::default();
            shrink(&grey(width, height), &mut small);
            assert_eq!((small.width, small.height), expected);
            assert!(small.data.iter().all(|luma| *luma == 200));
        }
    }

    #[test]
    fn a_pixel_is_the_mean_of_those_it_stands_for() {
        let mut picture = Grey::new(640, 2);
        picture.data[..2].copy_from_slice(&[10, 20]);
        picture.data[640..642].copy_from_slice(&[30, 40]);
        let mut small = Grey::default();
        shrink(&picture, &mut small);
        assert_eq!(small.data[..2], [25, 0]);
    }

    #[test]
    fn a_picture_is_wanted_only_while_somebody_looks_and_not_too_often() {
        let preview = Preview::new();
        assert!(!preview.is_wanted(at(0)));
        assert_eq!(preview.fresh(at(1000)), None);
        assert!(preview.is_wanted(at(1000)));
        preview.take(&grey(64, 64), at(1010));
        assert!(!preview.is_wanted(at(1209)));
        assert!(preview.is_wanted(at(1210)));
        assert!(!preview.is_wanted(at(3000)), "nobody looks any more");
    }

    #[test]
    fn pixels_are_wiped_when_nobody_looks() {
        let preview = Preview::new();
        preview.fresh(at(0));
        preview.take(&grey(64, 64), at(0));
        assert!(preview.held().small.data.contains(&200));
        preview.is_wanted(at(2000));
        assert!(!preview.held().small.data.contains(&200));
        assert_eq!(preview.fresh(at(2001)), None);
    }

    #[test]
    fn what_is_sent_is_a_jpeg_and_never_old() {
        let preview = Preview::new();
        preview.take(&grey(640, 480), at(100));
        let jpeg = preview.fresh(at(499)).unwrap();
        assert_eq!(
            (&jpeg[..3], &jpeg[jpeg.len() - 2..]),
            (&[0xff, 0xd8, 0xff][..], &[0xff, 0xd9][..])
        );
        assert_eq!(preview.fresh(at(500)), None);
    }
}
