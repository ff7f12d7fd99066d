//! A display of a graphics card: its connector lit, two buffers, and what was there before.

use std::{
    fs::{self, File},
    io,
    os::fd::{AsFd, BorrowedFd},
    path::{Path, PathBuf},
};

use drm::{
    Device,
    buffer::{Buffer as _, DrmFourcc},
    control::{
        self, Device as _, ModeTypeFlags, PageFlipFlags, ResourceHandles, connector, crtc,
        dumbbuffer::DumbBuffer, framebuffer,
    },
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    time::Timespec,
};

use super::{
    Draw, Scanout, Wish,
    mode::{Candidate, Mode, Nothing, choose},
};
use crate::PanelError;

/// How long a flip may take; a display that is off never flips.
const PATIENCE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// Most cards looked at for `auto`.
const CARDS: u32 = 8;

/// An open graphics card.
#[derive(Debug)]
struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Device for Card {}
impl control::Device for Card {}

/// One of the two buffers.
#[derive(Debug)]
struct Buffer {
    memory: DumbBuffer,
    handle: framebuffer::Handle,
}

/// A lit display.
#[derive(Debug)]
pub struct Display {
    card: Card,
    path: PathBuf,
    name: String,
    connector: connector::Handle,
    crtc: crtc::Handle,
    before: Option<crtc::Info>,
    buffers: Vec<Buffer>,
    back: usize,
    size: (u32, u32),
}

impl Display {
    /// Lights the display that `target` (a device, or `auto` for the first card with a connected
    /// display) and `wish` name.
    pub(super) fn open(target: &str, wish: &Wish) -> Result<Self, PanelError> {
        if !matches!(target, "" | "auto") {
            return Self::on(Path::new(target), wish);
        }
        let paths = (0..CARDS).map(|number| PathBuf::from(format!("/dev/dri/card{number}")));
        let mut refusal = None;
        for path in paths.filter(|path| fs::exists(path).unwrap_or(false)) {
            match Self::on(&path, wish) {
                Ok(display) => return Ok(display),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(refusal.unwrap_or(PanelError::NoCard))
    }

    /// `HDMI-A-1 of /dev/dri/card1`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn on(path: &Path, wish: &Wish) -> Result<Self, PanelError> {
        let failed = |source| PanelError::device(path, "video", source);
        let file = File::options().read(true).write(true).open(path).map_err(failed)?;
        let card = Card(file);
        // A card that only renders has no resources to light a display with.
        let resources = card.resource_handles().map_err(failed)?;
        let connectors = connectors(&card, &resources);
        let found: Vec<_> = connectors.iter().map(candidate).collect();
        let (connector, mode) = choose(&found, wish).map_err(|nothing| refusal(path, nothing))?;
        let name = format!("{} of {}", found[connector].name, path.display());
        let (connector, size) = (&connectors[connector], found[connector].modes[mode].size);
        let crtc = crtc(&card, &resources, connector).ok_or_else(|| PanelError::Display {
            name: name.clone(),
            source: io::ErrorKind::ResourceBusy.into(),
        })?;
        let mut display = Self {
            before: card.get_crtc(crtc).ok(),
            card,
            path: path.to_owned(),
            name,
            connector: connector.handle(),
            crtc,
            buffers: Vec::with_capacity(2),
            back: 0,
            size,
        };
        let mode = connector.modes()[mode];
        display.light(mode).map_err(|source| display.refused(source))?;
        Ok(display)
    }

    fn light(&mut self, mode: control::Mode) -> io::Result<()> {
        for _ in 0..2 {
            let memory = self.card.create_dumb_buffer(self.size, DrmFourcc::Xrgb8888, 32)?;
            match self.card.add_framebuffer(&memory, 24, 32) {
                Ok(handle) => self.buffers.push(Buffer { memory, handle }),
                Err(error) => {
                    self.card.destroy_dumb_buffer(memory)?;
                    return Err(error);
                }
            }
        }
        let front = self.buffers.last().map(|buffer| buffer.handle);
        self.card.set_crtc(self.crtc, front, (0, 0), &[self.connector], Some(mode))
    }

    fn refused(&self, source: io::Error) -> PanelError {
        if source.kind() == io::ErrorKind::PermissionDenied {
            return PanelError::DisplayTaken { path: self.path.clone() };
        }
        PanelError::Display { name: self.name.clone(), source }
    }
}

impl Scanout for Display {
    fn size(&self) -> (u32, u32) {
        self.size
    }

    fn draw(&mut self, draw: &mut Draw<'_>) -> io::Result<()> {
        let Some(buffer) = self.buffers.get_mut(self.back) else { return Ok(()) };
        let pitch = buffer.memory.pitch() as usize;
        let mut bytes = self.card.map_dumb_buffer(&mut buffer.memory)?;
        draw(self.back, &mut bytes, pitch)
    }

    fn flip(&mut self) -> io::Result<()> {
        let Some(buffer) = self.buffers.get(self.back) else { return Ok(()) };
        self.card.page_flip(self.crtc, buffer.handle, PageFlipFlags::EVENT, None)?;
        let ready = poll(&mut [PollFd::new(&self.card, PollFlags::IN)], Some(&PATIENCE))?;
        if ready == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // Only our flip is waited for, so whatever comes is its event.
        self.card.receive_events()?.for_each(drop);
        self.back = 1 - self.back;
        Ok(())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure, and closing the card frees all of it anyway.
        if let Some(before) = &self.before {
            let connectors = [self.connector];
            let connectors: &[_] = if before.mode().is_some() { &connectors } else { &[] };
            drop(self.card.set_crtc(
                self.crtc,
                before.framebuffer(),
                before.position(),
                connectors,
                before.mode(),
            ));
        }
        for buffer in self.buffers.drain(..) {
            drop(self.card.destroy_framebuffer(buffer.handle));
            drop(self.card.destroy_dumb_buffer(buffer.memory));
        }
    }
}

fn connectors(card: &Card, resources: &ResourceHandles) -> Vec<connector::Info> {
    resources.connectors().iter().filter_map(|c| card.get_connector(*c, true).ok()).collect()
}

fn candidate(info: &connector::Info) -> Candidate {
    let mode = |mode: &control::Mode| Mode {
        size: (mode.size().0.into(), mode.size().1.into()),
        rate: mode.vrefresh(),
        preferred: mode.mode_type().contains(ModeTypeFlags::PREFERRED),
    };
    Candidate {
        name: format!("{}-{}", info.interface().as_str(), info.interface_id()),
        connected: info.state() == connector::State::Connected,
        modes: info.modes().iter().map(mode).collect(),
    }
}

/// The CRTC that drives the connector, or the first that can.
fn crtc(card: &Card, resources: &ResourceHandles, info: &connector::Info) -> Option<crtc::Handle> {
    let encoder = |handle| card.get_encoder(handle).ok();
    let current = info.current_encoder().and_then(encoder).and_then(|encoder| encoder.crtc());
    current.or_else(|| {
        let possible = info.encoders().iter().filter_map(|handle| encoder(*handle));
        possible.flat_map(|e| resources.filter_crtcs(e.possible_crtcs())).next()
    })
}

fn refusal(path: &Path, nothing: Nothing) -> PanelError {
    let path = path.to_owned();
    match nothing {
        Nothing::Connected(found) => PanelError::NoDisplay { path, found },
        Nothing::Mode(found) => PanelError::NoMode { path, found },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_graphics_card_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let error = Display::open(path, &Wish::default()).unwrap_err().to_string();
        assert!(error.contains(path), "{error}");
        let error = Display::open("/dev/dri/none", &Wish::default()).unwrap_err().to_string();
        assert!(error.contains("/dev/dri/none"), "{error}");
    }
}
