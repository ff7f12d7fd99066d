//! Where the screen is shown.
//!
//! | specification | panel |
//! |---|---|
//! | `terminal://` | this terminal, in true colour, two pixels per cell and letters as letters |
//! | `png://PATH?rate=N` | the latest screen as a PNG file, replaced at most `N` times per second (default 2) |
//! | `none://` | nowhere |

mod none;
mod png;
mod terminal;

use std::{io, path::PathBuf};

use mien_shared::store::StoreError;

use crate::{
    spec::{Spec, SpecError},
    ui::Screen,
};

pub use none::NonePanel;
pub use png::PngPanel;
pub use terminal::TerminalPanel;

/// Something that shows a screen.
pub trait Panel {
    /// Shows `screen`, or keeps it for its next turn where the panel is slower than the screen.
    ///
    /// # Errors
    /// When the panel is gone or refuses the picture.
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError>;

    /// Width and height of the screen it shows best, in pixels.
    fn size(&self) -> (u32, u32);

    /// A blank screen of the kind and size it shows best; make a new one when
    /// [`size`](Self::size) changes.
    fn screen(&self) -> Screen {
        let (width, height) = self.size();
        Screen::new(width, height)
    }

    /// Shows what was kept back; call it once at the end.
    ///
    /// # Errors
    /// As for [`show`](Self::show).
    fn flush(&mut self) -> Result<(), PanelError> {
        Ok(())
    }
}

/// Opens the panel that `spec` names; see the head of this module.
///
/// # Errors
/// When the specification is malformed, names no panel there is, or the panel cannot be opened.
pub fn open(spec: &str) -> Result<Box<dyn Panel>, PanelError> {
    let spec = Spec::parse(spec)?;
    match spec.scheme() {
        "terminal" => Ok(Box::new(TerminalPanel::open(&spec)?)),
        "png" => Ok(Box::new(PngPanel::open(&spec)?)),
        "none" => Ok(Box::new(NonePanel::open(&spec)?)),
        _ => Err(PanelError::UnknownScheme { spec: spec.text().to_owned() }),
    }
}

/// Why a panel cannot be opened or shows nothing.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// The specification is malformed.
    #[error("panel {0}")]
    Spec(#[from] SpecError),
    /// No panel has that scheme.
    #[error("panel {spec}: no such panel; there are terminal://, png://PATH and none://")]
    UnknownScheme {
        /// The whole specification.
        spec: String,
    },
    /// `png://` without a file.
    #[error("panel {spec}: which file? write png://panel.png or png:///var/lib/mien/panel.png")]
    NoPath {
        /// The whole specification.
        spec: String,
    },
    /// An option's value makes no sense.
    #[error("panel {spec}: rate must be more than 0 and at most 60 pictures per second")]
    BadRate {
        /// The whole specification.
        spec: String,
    },
    /// Standard output is a file or a pipe.
    #[error(
        "panel terminal://: standard output is no terminal; run it in one, or use png://PATH or none://"
    )]
    NoTerminal,
    /// The terminal took nothing.
    #[error("panel terminal://: cannot write to the terminal: {0}")]
    Terminal(#[source] io::Error),
    /// The screen could not be made into a PNG.
    #[error("panel png://{}: cannot encode the screen: {source}", path.display())]
    Encode {
        /// The picture's file.
        path: PathBuf,
        /// What the encoder said.
        #[source]
        source: image::ImageError,
    },
    /// The picture's file could not be replaced.
    #[error("panel png: {0}")]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(spec: &str) -> String {
        open(spec).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn panels_that_do_not_exist_are_refused_with_those_that_do() {
        assert_eq!(
            refusal("hologram://1"),
            "panel hologram://1: no such panel; there are terminal://, png://PATH and none://"
        );
        assert!(refusal("panel.png").contains("has no scheme"));
    }

    #[test]
    fn options_a_panel_does_not_have_are_refused() {
        for spec in ["none://?rate=1", "png://a.png?speed=1", "png://a.png?rate=fast"] {
            assert!(!refusal(spec).is_empty(), "{spec}");
        }
    }
}
