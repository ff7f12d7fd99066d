//! Hair of the scalp as one sheet over the skull, hanging free below the jaw's height.
//!
//! Buzzed and bald heads have none: their scalp is painted.

use mien_synth::{
    HairStyle, Hat, Identity,
    math::{mix, scale3, smoothstep, spline},
    noise,
    raster::Varying,
};

use crate::{
    sheet::{Knot, Sheet},
    shell::{Shell, azimuth},
    stage::{Finish, Stage},
};

/// Knots around and down.
const GRID: (usize, usize) = (65, 20);
/// Where hair leaves the skull and falls, cm.
const FALL: f32 = -2.5;
/// Thickness under a hat, cm.
const FLAT: f32 = 0.5;
/// The forehead's hairline above the eyes, for an identity's line of 6.4 cm.
const FOREHEAD: f32 = 6.6;

/// A cut: thickness, and the hem's height at five angles behind the temple.
struct Cut {
    thickness: f32,
    hem: [f32; 5],
    ragged: f32,
}

/// Draws the hair of `identity` under `hat`.
pub(crate) fn draw(
    sheet: &mut Sheet,
    identity: &Identity,
    hat: Hat,
    shell: &Shell,
    stage: &mut Stage<'_>,
) {
    let Some(cut) = cut(identity.hair.style) else { return };
    let flat = if hat == Hat::None { f32::INFINITY } else { FLAT };
    let look =
        Look { identity, shell, thickness: cut.thickness.min(flat), cut, seed: seed(identity) };
    sheet.fill(GRID, |u, v| look.knot(azimuth(u), v));
    let ragged = look.cut.ragged;
    let seed = look.seed;
    stage.sheet(sheet, Finish::SHEET, |v| strand(v, ragged, seed));
}

fn cut(style: HairStyle) -> Option<Cut> {
    let (thickness, hem, ragged) = match style {
        HairStyle::Bald | HairStyle::Buzz => return None,
        HairStyle::Short => (0.9, [4.4, 3.0, 2.6, -4.0, -6.5], 0.10),
        HairStyle::Tied => (0.55, [4.6, 3.4, 2.8, -3.5, -5.5], 0.03),
        HairStyle::Medium => (1.2, [2.2, -3.5, -5.5, -7.5, -8.5], 0.08),
        HairStyle::Long => (1.2, [1.5, -10.0, -15.0, -19.0, -19.0], 0.06),
        HairStyle::Curly => (2.6, [4.0, 0.5, -3.0, -5.5, -6.5], 0.07),
    };
    Some(Cut { thickness, hem, ragged })
}

/// One person's hair.
struct Look<'a> {
    identity: &'a Identity,
    shell: &'a Shell,
    cut: Cut,
    thickness: f32,
    seed: u32,
}

impl Look<'_> {
    fn knot(&self, azimuth: f32, v: f32) -> Knot {
        let hair = &self.identity.hair;
        let hem = self.hem(azimuth);
        let front = smoothstep(1.15, 0.6, azimuth.abs());
        let edge = smoothstep(0.7, 1.0, v) * front;
        let lift = mix(self.thickness * hair.volume, 0.18, edge) + self.curl(azimuth, v);
        let falls = hem < FALL;
        let on_skull = if falls { 0.62 } else { 1.0 };
        let low = self.shell.elevation(azimuth, hem.max(FALL));
        let elevation = mix(std::f32::consts::FRAC_PI_2, low, (v / on_skull).min(1.0));
        let mut point = self.shell.point(azimuth, elevation, lift);
        if v > on_skull {
            let down = (v - on_skull) / (1.0 - on_skull);
            point.y = mix(point.y, hem, down);
            point.z += 0.8 * down * front;
        }
        let parted = 1.0 - 0.3 * smoothstep(0.5, 0.0, (point.x - 2.5 * hair.parting).abs()) * front;
        let shade = parted * mix(0.75, 1.05, smoothstep(1.0, 0.3, v));
        Knot { point, tint: scale3(hair.colour, shade), uv: [azimuth, v] }
    }

    /// Height of the hem, cm above the eyes.
    fn hem(&self, azimuth: f32) -> f32 {
        let hair = &self.identity.hair;
        // A fringe falls from its parting.
        let slant = 0.9 * hair.parting * smoothstep(0.0, 1.5, hair.fringe);
        let front = FOREHEAD + hair.line - 6.4 - hair.fringe + slant * azimuth.clamp(-0.8, 0.8);
        let [temple, before, ear, behind, nape] = self.cut.hem;
        let knots = [
            (0.0, front),
            (0.55, front),
            (0.8, front - 0.7),
            (1.02, temple.min(front)),
            (1.25, before.min(front)),
            (1.57, ear),
            (2.2, behind),
            (3.15, nape),
        ];
        spline(&knots, azimuth.abs())
    }

    fn curl(&self, azimuth: f32, v: f32) -> f32 {
        let depth = if self.identity.hair.style == HairStyle::Curly { 1.1 } else { 0.22 };
        depth * (noise::value(azimuth * 5.0, v * 11.0, self.seed) - 0.5)
    }
}

fn seed(identity: &Identity) -> u32 {
    u32::try_from(identity.seed & 0xFFFF).unwrap_or(0) ^ 0x4A
}

/// Light and dark strands that end at a ragged hem.
fn strand(v: &Varying, ragged: f32, seed: u32) -> [f32; 4] {
    let (theta, down) = (v[0], v[1]);
    let lock = noise::value(theta * 9.0, down * 3.0, seed);
    let fine = noise::value(theta * 42.0, down * 4.0, seed ^ 9);
    let end = 1.0 - ragged * noise::value(theta * 24.0, 0.5, seed ^ 5);
    let light = 0.55 + 0.55 * lock + 0.5 * fine;
    [v[2] * light, v[3] * light, v[4] * light, f32::from(u8::from(down <= end))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Points;

    fn look(style: HairStyle, shell: &Shell, identity: &mut Identity) -> Vec<Knot> {
        identity.hair.style = style;
        let cut = cut(style).unwrap();
        let look = Look { identity, shell, thickness: cut.thickness, cut, seed: 1 };
        let mut sheet = Sheet::default();
        sheet.fill(GRID, |u, v| look.knot(azimuth(u), v));
        sheet.knots
    }

    #[test]
    fn long_hair_hangs_lower_than_short_hair_and_both_spare_the_eyes() {
        let shell = Shell::new(&Points::default(), &[]);
        let mut identity = Identity::from_seed(1);
        identity.hair.fringe = 0.0;
        let lowest = |knots: &[Knot]| knots.iter().map(|k| k.point.y).fold(f32::INFINITY, f32::min);
        let short = look(HairStyle::Short, &shell, &mut identity);
        let long = look(HairStyle::Long, &shell, &mut identity);
        assert!(lowest(&long) < -15.0 && lowest(&short) > -8.0);
        for knot in long.iter().chain(&short) {
            let p = knot.point;
            assert!(p.x.abs() > 5.0 || p.y > 3.0 || p.z < 5.0, "{p:?}");
        }
    }

    #[test]
    fn bald_and_buzzed_heads_have_no_sheet() {
        assert!(cut(HairStyle::Bald).is_none() && cut(HairStyle::Buzz).is_none());
    }
}
