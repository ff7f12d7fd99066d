//! Commands and pixels on an SPI bus with a data/command line.
//!
//! The line is low for a command's byte and high for its parameters and for pixels. Pixels leave
//! in pieces of [`PIECE`] bytes, the most that Linux' spidev takes at once unless its module was
//! told otherwise.

use std::fmt;

use embedded_hal::{digital::OutputPin, spi::SpiBus};
use mipidsi::interface::{Interface, InterfaceKind};

/// Most bytes sent at once.
const PIECE: usize = 4096;

/// An SPI bus and the data/command line beside it.
#[derive(Debug)]
pub(crate) struct Wire<B, P> {
    bus: B,
    dc: P,
    piece: Vec<u8>,
}

/// Why nothing could be sent.
#[derive(Debug)]
pub(crate) enum WireError<S, P> {
    /// The bus refused.
    Bus(S),
    /// The line refused.
    Line(P),
}

impl<S: fmt::Display, P: fmt::Display> fmt::Display for WireError<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "the bus refuses: {error}"),
            Self::Line(error) => write!(f, "the data/command line refuses: {error}"),
        }
    }
}

impl<B: SpiBus<u8>, P: OutputPin> Wire<B, P> {
    pub(crate) fn new(bus: B, dc: P) -> Self {
        Self { bus, dc, piece: Vec::with_capacity(PIECE) }
    }

    fn send_piece(&mut self) -> Result<(), WireError<B::Error, P::Error>> {
        if !self.piece.is_empty() {
            self.bus.write(&self.piece).map_err(WireError::Bus)?;
            self.piece.clear();
        }
        Ok(())
    }
}

impl<B: SpiBus<u8>, P: OutputPin> Interface for Wire<B, P> {
    type Word = u8;
    type Error = WireError<B::Error, P::Error>;

    const KIND: InterfaceKind = InterfaceKind::Serial4Line;

    fn send_command(&mut self, command: u8, args: &[u8]) -> Result<(), Self::Error> {
        self.dc.set_low().map_err(WireError::Line)?;
        self.bus.write(&[command]).map_err(WireError::Bus)?;
        self.dc.set_high().map_err(WireError::Line)?;
        if args.is_empty() { Ok(()) } else { self.bus.write(args).map_err(WireError::Bus) }
    }

    fn send_pixels<const N: usize>(
        &mut self,
        pixels: impl IntoIterator<Item = [u8; N]>,
    ) -> Result<(), Self::Error> {
        self.piece.clear();
        for pixel in pixels {
            if self.piece.len() + N > PIECE {
                self.send_piece()?;
            }
            self.piece.extend_from_slice(&pixel);
        }
        self.send_piece()
    }

    fn send_repeated_pixel<const N: usize>(
        &mut self,
        pixel: [u8; N],
        count: u32,
    ) -> Result<(), Self::Error> {
        self.send_pixels(std::iter::repeat_n(pixel, count as usize))
    }
}
