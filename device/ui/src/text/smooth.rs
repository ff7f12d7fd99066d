//! Smooth letters: B612, drawn for cockpit displays, as masks of coverage at one size.
//!
//! All masks are made when the font is made; writing only mixes them into the canvas. Characters
//! are Latin-1 and a few quotes and dashes; any other is a question mark, a control character
//! nothing.

use ab_glyph::{Font as _, FontRef, Glyph as Shape, InvalidFont, OutlinedGlyph, ScaleFont as _};
use embedded_graphics::{pixelcolor::Rgb888, prelude::*};

use super::super::{canvas::Canvas, whole};

/// Characters beyond Latin-1.
const EXTRAS: &str = "–—‘’“”…•−";

/// A weight of the typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Face {
    Regular,
    Bold,
}

impl Face {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../../fonts/B612-Regular.otf"),
            Self::Bold => include_bytes!("../../fonts/B612-Bold.otf"),
        }
    }

    /// Width of `text` in em.
    pub(in super::super) fn width(self, text: &str) -> Result<f32, InvalidFont> {
        let font = FontRef::try_from_slice(self.bytes())?;
        let em = font.units_per_em().unwrap_or(1000.0);
        Ok(text.chars().map(|c| font.h_advance_unscaled(font.glyph_id(c))).sum::<f32>() / em)
    }
}

/// One size of smooth letters.
#[derive(Debug, Clone)]
pub(in super::super) struct Smooth {
    line: u32,
    /// From the middle of a capital down to the baseline, in pixels.
    drop: i32,
    glyphs: Vec<Glyph>,
    masks: Vec<u8>,
}

/// Where a character's mask lies, and how it stands to the pen on the baseline.
#[derive(Debug, Clone, Copy, Default)]
struct Glyph {
    advance: f32,
    corner: Point,
    size: Size,
    start: usize,
}

impl Smooth {
    /// Letters of `em` pixels.
    ///
    /// # Errors
    /// [`InvalidFont`] when the typeface does not parse.
    pub(in super::super) fn new(face: Face, em: f32) -> Result<Self, InvalidFont> {
        let font = FontRef::try_from_slice(face.bytes())?;
        let units = font.units_per_em().unwrap_or(1000.0);
        let scaled = font.as_scaled(em * font.height_unscaled() / units);
        let mut made = Self {
            line: whole(em * 1.3).cast_unsigned(),
            // Capitals of this typeface are three quarters of an em high.
            drop: whole(em * 0.375),
            glyphs: Vec::new(),
            masks: Vec::new(),
        };
        for c in characters() {
            let shape = scaled.scaled_glyph(c);
            made.add(scaled.h_advance(shape.id), shape, &font);
        }
        Ok(made)
    }

    fn add(&mut self, advance: f32, shape: Shape, font: &FontRef<'_>) {
        let mut glyph = Glyph { advance, start: self.masks.len(), ..Glyph::default() };
        if let Some(outline) = font.outline_glyph(shape) {
            let bounds = outline.px_bounds();
            let side = |length: f32| whole(length).max(0).cast_unsigned();
            glyph.corner = Point::new(whole(bounds.min.x), whole(bounds.min.y));
            glyph.size = Size::new(side(bounds.width()), side(bounds.height()));
            let count = (glyph.size.width * glyph.size.height) as usize;
            self.masks.resize(glyph.start + count, 0);
            cover(&mut self.masks[glyph.start..], glyph.size.width, &outline);
        }
        self.glyphs.push(glyph);
    }

    /// Height of one line in pixels.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// Width of one character in pixels.
    pub(super) fn advance(&self, c: char) -> f32 {
        self.glyph(c).map_or(0.0, |glyph| glyph.advance)
    }

    /// Puts one character; `at` is its left end at half a capital's height.
    pub(super) fn put(&self, canvas: &mut Canvas, at: Point, c: char, ink: Rgb888) {
        let Some(glyph) = self.glyph(c) else { return };
        if glyph.size.width == 0 {
            return;
        }
        let origin = at + Point::new(0, self.drop) + glyph.corner;
        let count = (glyph.size.width * glyph.size.height) as usize;
        let mask = &self.masks[glyph.start..glyph.start + count];
        for (y, row) in (0_i32..).zip(mask.chunks_exact(glyph.size.width as usize)) {
            for (x, level) in (0_i32..).zip(row) {
                canvas.blend(origin + Point::new(x, y), ink, *level);
            }
        }
    }

    fn glyph(&self, c: char) -> Option<Glyph> {
        if c.is_control() {
            return None;
        }
        index(c).or_else(|| index('?')).and_then(|at| self.glyphs.get(at)).copied()
    }
}

/// Fills a mask whose rows are `width` long with an outline's coverage.
fn cover(mask: &mut [u8], width: u32, outline: &OutlinedGlyph) {
    outline.draw(|x, y, coverage| {
        if let Some(level) = mask.get_mut((y * width + x) as usize) {
            *level = whole(coverage * 255.0).clamp(0, 255).to_le_bytes()[0];
        }
    });
}

fn characters() -> impl Iterator<Item = char> {
    (' '..='~').chain('\u{a0}'..='\u{ff}').chain(EXTRAS.chars())
}

/// The place of `c` among [`characters`].
fn index(c: char) -> Option<usize> {
    let code = c as usize;
    match code {
        0x20..=0x7e => Some(code - 0x20),
        0xa0..=0xff => Some(code - 0xa0 + 95),
        _ => EXTRAS.chars().position(|extra| extra == c).map(|at| at + 95 + 96),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_faces_parse_and_have_every_character() {
        for face in [Face::Regular, Face::Bold] {
            let font = FontRef::try_from_slice(face.bytes()).unwrap();
            for c in characters() {
                assert_ne!(font.glyph_id(c).0, 0, "{face:?} lacks {c:?}");
            }
            assert!(Smooth::new(face, 20.0).is_ok());
        }
    }

    #[test]
    fn every_character_is_found_at_its_own_place() {
        for (place, c) in characters().enumerate() {
            assert_eq!(index(c), Some(place), "{c:?}");
        }
        assert_eq!(index('β'), None);
    }

    #[test]
    fn a_strange_character_is_a_question_mark_and_a_control_nothing() {
        let font = Smooth::new(Face::Regular, 20.0).unwrap();
        assert!((font.advance('語') - font.advance('?')).abs() < 1e-6);
        assert!(font.advance('\u{1b}').abs() < 1e-6);
    }

    #[test]
    fn widths_grow_with_the_size() {
        let font = Smooth::new(Face::Bold, 40.0).unwrap();
        let wide = "happiness".chars().map(|c| font.advance(c)).sum::<f32>();
        let em = Face::Bold.width("happiness").unwrap();
        assert!((wide - 40.0 * em).abs() < 0.01, "{wide} {em}");
    }
}
