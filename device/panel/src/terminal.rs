//! `terminal://`: the screen in this terminal, in true colour.
//!
//! A cell shows a letter, or two pixels with the upper half block `▀`: its ink is the upper pixel,
//! its paper the lower. Only cells that changed are written, between the marks that let a
//! terminal show them all at once. After every screen the colours are reset and the cursor stands
//! visible on the last line, so that the terminal stays usable however the program ends.

use std::io::{self, IsTerminal as _, Stdout, Write};

use embedded_graphics::{pixelcolor::Rgb888, prelude::RgbColor as _};
use terminal_size::terminal_size;

use mien_core::spec::Spec;
use mien_ui::{Cell, Screen};

use super::{Panel, PanelError};

/// Begin a synchronised update, hide the cursor.
const BEGIN: &str = "\x1b[?2026h\x1b[?25l";
/// Reset the colours, show the cursor, end the update.
const END: &str = "\x1b[0m\x1b[?25h\x1b[?2026l";
/// Reset the colours, clear the terminal.
const CLEAR: &str = "\x1b[0m\x1b[2J";

/// Columns and rows of the largest screen; a larger terminal shows it in its corner.
const LARGEST: (u32, u32) = (160, 50);

/// Shows the screen in a terminal.
#[derive(Debug)]
pub struct TerminalPanel<W: Write = Stdout> {
    out: W,
    /// How many columns and rows the terminal has now.
    measure: fn() -> Option<(u32, u32)>,
    shown: Vec<Option<Cell>>,
    shown_size: (u32, u32),
    bytes: Vec<u8>,
}

impl TerminalPanel<Stdout> {
    /// The panel of `terminal://` on standard output.
    ///
    /// # Errors
    /// [`PanelError::NoTerminal`] when standard output is a file or a pipe.
    pub fn open(spec: &Spec) -> Result<Self, PanelError> {
        spec.allow(&[])?;
        let out = io::stdout();
        if !out.is_terminal() {
            return Err(PanelError::NoTerminal);
        }
        Ok(Self::over(out, || terminal_size().map(|(w, h)| (u32::from(w.0), u32::from(h.0)))))
    }
}

impl<W: Write> TerminalPanel<W> {
    fn over(out: W, measure: fn() -> Option<(u32, u32)>) -> Self {
        Self { out, measure, shown: Vec::new(), shown_size: (0, 0), bytes: Vec::new() }
    }

    /// Columns and rows of the screen; the last row is left to the cursor.
    fn grid(&self) -> (u32, u32) {
        let (columns, rows) = (self.measure)().unwrap_or((80, 24));
        (columns.clamp(1, LARGEST.0), rows.saturating_sub(1).clamp(1, LARGEST.1))
    }

    /// Forgets what is shown when the terminal's size has changed.
    fn fit(&mut self, size: (u32, u32)) {
        if self.shown_size != size {
            self.shown_size = size;
            self.shown.clear();
            self.shown.resize((size.0 * size.1) as usize, None);
            self.bytes.extend_from_slice(CLEAR.as_bytes());
        }
    }

    /// Writes the cells that differ from those shown.
    fn paint(&mut self, screen: &Screen) -> io::Result<()> {
        let columns = self.shown_size.0;
        let mut pen = Pen::default();
        for (at, shown) in (0_u32..).zip(&mut self.shown) {
            let (column, row) = (at % columns, at / columns);
            let cell = screen.cell(column, row);
            if shown.replace(cell) != Some(cell) {
                pen.write(&mut self.bytes, (column, row), cell)?;
            }
        }
        Ok(())
    }

    fn update(&mut self, screen: &Screen) -> io::Result<()> {
        self.bytes.clear();
        self.bytes.extend_from_slice(BEGIN.as_bytes());
        self.fit(self.grid());
        self.paint(screen)?;
        write!(self.bytes, "\x1b[{};1H{END}", self.shown_size.1 + 1)?;
        self.out.write_all(&self.bytes)?;
        self.out.flush()
    }
}

impl<W: Write> Panel for TerminalPanel<W> {
    fn show(&mut self, screen: &Screen) -> Result<(), PanelError> {
        self.update(screen).map_err(PanelError::Terminal)
    }

    fn size(&self) -> (u32, u32) {
        let (columns, rows) = self.grid();
        (columns, 2 * rows)
    }

    fn screen(&self) -> Screen {
        let (columns, rows) = self.grid();
        Screen::cells(columns, rows)
    }
}

/// Where the terminal's cursor stands and which colours it writes in, as far as they are known.
#[derive(Debug, Default)]
struct Pen {
    at: Option<(u32, u32)>,
    colors: Option<(Rgb888, Rgb888)>,
}

impl Pen {
    /// Writes `cell` at column and row `at`.
    fn write(&mut self, out: &mut Vec<u8>, at: (u32, u32), cell: Cell) -> io::Result<()> {
        let (ink, paper) = (cell.ink, cell.paper);
        if self.at != Some(at) {
            write!(out, "\x1b[{};{}H", at.1 + 1, at.0 + 1)?;
        }
        if self.colors != Some((ink, paper)) {
            write!(out, "\x1b[38;2;{};{};{}", ink.r(), ink.g(), ink.b())?;
            write!(out, ";48;2;{};{};{}m", paper.r(), paper.g(), paper.b())?;
        }
        (self.at, self.colors) = (Some((at.0 + 1, at.1)), Some((ink, paper)));
        write!(out, "{}", cell.glyph)
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::Reading;

    use super::*;
    use mien_ui::Status;

    fn drawn(mut screen: Screen, message: &str) -> Screen {
        let reading = Reading::default();
        let message = Some(message.to_owned());
        screen.draw(&Status { reading, message, ..Status::default() }, None);
        screen
    }

    /// What a real terminal makes of everything the panel wrote.
    fn emulated(panel: &TerminalPanel<Vec<u8>>) -> vt100::Parser {
        let mut terminal = vt100::Parser::default();
        terminal.process(&panel.out);
        terminal
    }

    #[test]
    fn a_terminal_shows_the_screens_letters_and_colours() {
        let mut panel = TerminalPanel::over(Vec::new(), || Some((80, 24)));
        let screen = drawn(panel.screen(), "The camera has gone away.");
        panel.show(&screen).unwrap();
        let terminal = emulated(&panel);
        assert!(terminal.screen().contents().contains("The camera has gone away."));
        let corner = screen.cell(0, 0);
        let shown = terminal.screen().cell(0, 0).unwrap();
        let rgb = |c: Rgb888| vt100::Color::Rgb(c.r(), c.g(), c.b());
        assert_eq!((shown.fgcolor(), shown.bgcolor()), (rgb(corner.ink), rgb(corner.paper)));
    }

    #[test]
    fn only_what_changed_is_written_again() {
        let mut panel = TerminalPanel::over(Vec::new(), || Some((80, 24)));
        panel.show(&drawn(panel.screen(), "One.")).unwrap();
        let whole = panel.out.len();
        panel.show(&drawn(panel.screen(), "One.")).unwrap();
        let nothing = panel.out.len() - whole;
        assert!(nothing < 60, "{nothing} bytes for no change");
        panel.show(&drawn(panel.screen(), "Two.")).unwrap();
        assert!(panel.out.len() - whole < 300);
        let terminal = emulated(&panel);
        assert!(terminal.screen().contents().contains("Two."));
        assert!(!terminal.screen().contents().contains("One."));
    }

    #[test]
    fn the_terminal_is_usable_after_every_screen() {
        let mut panel = TerminalPanel::over(Vec::new(), || Some((80, 24)));
        panel.show(&drawn(panel.screen(), "One.")).unwrap();
        let terminal = emulated(&panel);
        assert!(!terminal.screen().hide_cursor());
        assert_eq!(terminal.screen().cursor_position(), (23, 0));
        assert_eq!(terminal.screen().fgcolor(), vt100::Color::Default);
    }

    #[test]
    fn a_screen_of_another_size_and_a_terminal_of_no_size_are_survived() {
        let mut panel = TerminalPanel::over(Vec::new(), || Some((0, 0)));
        panel.show(&drawn(Screen::new(320, 240), "One.")).unwrap();
        assert_eq!(panel.size(), (1, 2));
        let mut panel = TerminalPanel::over(Vec::new(), || None);
        panel.show(&drawn(Screen::cells(3, 2), "One.")).unwrap();
        assert_eq!(panel.size(), (80, 46));
    }
}
