//! The device's face: one screen that shows what was read, how sure it is and how the device is.
//!
//! [`Status`] and an optional [`Thumbnail`] go in, a [`Screen`] comes out; a panel shows it. A
//! screen is made of coloured pixels ([`Screen::new`], of any size, laid out for 240×240 up to
//! 1280×800, wide or high), of black and white ones ([`Screen::mono`], laid out for 128×64), or of
//! terminal cells ([`Screen::cells`]), where every cell holds a character or two pixels above each
//! other. The same status is always the same picture. Drawing allocates nothing.
//!
//! ```text
//!  mien  source          25 fps · 8.2 ms      wide: picture and headline left, bars right
//! ┌───────────┐ neutral   ▬─────────  4       square: picture and headline on top, bars below
//! │  picture  │ anger     ──────────  0       high: picture, headline, bars below each other
//! └───────────┘ …
//!  happiness    sadness   ──────────  0
//!  93 %         surprise  ▬─────────  2
//!  What a face shows, not what a person feels.
//! ```
//!
//! In any state but [`State::Reading`] a scene takes the page's place: a sign, a title, a calm
//! sentence and what to do. A pause turns the whole screen light.

mod avatar;
mod canvas;
mod dial;
#[cfg(test)]
mod goldens;
mod header;
mod icon;
mod layout;
mod letters;
mod meter;
mod mono;
mod page;
mod paint;
mod picture;
pub mod samples;
mod scene;
mod screen;
mod text;
mod theme;
mod words;

use std::time::Duration;

use mien_shared::{
    frame::{Grey, Rgb},
    geometry::{FivePoints, Rect},
    telemetry::{Fault, Health, Reading, State},
};

pub use self::{canvas::Cell, screen::Screen};

/// What the screen tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Status {
    /// What the device does; anything but [`State::Reading`] has a picture of its own.
    pub state: State,
    /// The latest reading; its first face is the one shown.
    pub reading: Reading,
    /// The device's figures.
    pub health: Health,
    /// How long the device has been running.
    pub uptime: Duration,
    /// Where the frames come from, as the owner named it.
    pub source: String,
    /// Names of the loaded bundles.
    pub models: Vec<String>,
    /// A plain sentence that goes with the state: what a start waits for, how a pause ends. In
    /// [`State::Reading`] it is why there is no reading just now, and stands in its place.
    pub message: Option<String>,
    /// What is wrong, if anything; the reading goes on beside it.
    pub fault: Option<Fault>,
    /// Until the camera is tried again.
    pub retry: Option<Duration>,
    /// Which page is shown.
    pub page: Page,
    /// The faces in view are being taken as neutral: how much of that is done, 0..=1.
    pub calibrating: Option<f32>,
    /// Someone has just come into view: tell what is done here, and that no picture is kept. How
    /// much of the notice's time is left, 0..=1.
    pub notice: Option<f32>,
    /// What the owner adds to the notice: who answers for it, where to ask.
    pub notice_text: Option<String>,
    /// Show a drawn face that does as the face in view, never the camera's picture.
    pub avatar: bool,
}

/// The screen's pages; a button turns them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// Picture, expression and probabilities.
    #[default]
    Reading,
    /// Action units, or the face's points and pose where none are read.
    Actions,
    /// How the device is.
    Health,
}

impl Page {
    /// The page after this one; the first after the last.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Reading => Self::Actions,
            Self::Actions => Self::Health,
            Self::Health => Self::Reading,
        }
    }
}

/// A picture to show beside the reading, with what was found in it.
#[derive(Debug, Clone, Copy)]
pub struct Thumbnail<'a> {
    /// The picture; it is scaled to the screen.
    pub picture: Picture<'a>,
    /// The face's box, in the picture's pixels.
    pub rect: Option<Rect>,
    /// The face's five points, in the picture's pixels.
    pub points: Option<FivePoints>,
}

/// A borrowed grey or colour picture.
#[derive(Debug, Clone, Copy)]
pub enum Picture<'a> {
    /// Luma only.
    Grey(&'a Grey),
    /// Red, green and blue.
    Rgb(&'a Rgb),
}

/// Rounds a length in pixels; one far beyond any screen is cut so that no sum of them overflows.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a million first")]
fn whole(length: f32) -> i32 {
    length.round().clamp(-1e6, 1e6) as i32
}
