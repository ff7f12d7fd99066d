//! A subject's skin as a texture: tone, blood, lips, brows, lash line, beard and scalp.
//!
//! [`Atlas`] knows once per head what every texel lies on ([`Place`]); [`Atlas::paint`] mixes a
//! person's colours over it. Where a head brings photographed skins, their texture modulates the
//! person's tone, which may then be any from very light to very dark.

use std::sync::LazyLock;

use mien_synth::{
    HairStyle, Identity, Vec3,
    identity::Hair,
    math::{index, mix, mix3, scale3, smoothstep, spline},
    noise,
    raster::{Canvas, Corner},
};

use crate::{
    guide::{Guide, Place},
    mesh::{Mesh, Triangle},
    texture::Texture,
};

/// The texel of what clothes cover: their colour is the picture's, not the subject's.
const CLOTHED: [f32; 3] = [-0.5; 3];
/// Side of the repeating noise, texels.
const TILE: usize = 256;
/// Texels by which a texture is continued beyond its seams.
const GUTTER: usize = 2;

/// Noise of four kinds: soft, fine, strands and spots.
static NOISE: LazyLock<Vec<[f32; 4]>> = LazyLock::new(|| {
    let at = |i: usize| {
        let (x, y) = ((i % TILE) as f32, (i / TILE) as f32);
        let spot = smoothstep(0.70, 0.82, noise::value(x * 0.4, y * 0.4, 23));
        [
            noise::cloud(x * 0.06, y * 0.06, 7),
            noise::value(x * 0.45, y * 0.45, 11),
            noise::value(x * 0.6, y * 0.35, 17),
            spot,
        ]
    };
    (0..TILE * TILE).map(at).collect()
});

/// The part of the texture plane that a head's skin is painted in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Lowest `u` and `v`.
    pub(crate) low: [f32; 2],
    /// Highest `u` and `v`.
    pub(crate) high: [f32; 2],
    /// Texels across and down.
    pub(crate) texels: [usize; 2],
}

impl Window {
    /// Texture coordinates (`v` up) as a place in the painted texture (`v` down), 0..=1.
    pub(crate) fn inside(&self, [u, v]: [f32; 2]) -> [f32; 2] {
        let x = (u - self.low[0]) / (self.high[0] - self.low[0]);
        let y = (self.high[1] - v) / (self.high[1] - self.low[1]);
        [x, y]
    }

    fn back(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let u = mix(self.low[0], self.high[0], x);
        let v = mix(self.high[1], self.low[1], y);
        [u, v]
    }
}

/// What the texels of a head's skin lie on.
#[derive(Debug)]
pub(crate) struct Atlas {
    width: usize,
    height: usize,
    texels: Vec<(u32, Place)>,
    photos: Vec<Vec<[f32; 3]>>,
}

impl Atlas {
    /// Finds what every texel lies on; the mesh's texture coordinates are those of `window`.
    pub(crate) fn new(mesh: &Mesh, skin: &[Triangle], guide: &Guide, window: &Window) -> Self {
        let [width, height] = window.texels;
        let positions = positions(mesh, skin, [width, height]);
        let texels = (0..).zip(&positions);
        let texels = texels.filter_map(|(i, p)| Some((i, guide.place((*p)?)))).collect();
        Self { width, height, texels, photos: Vec::new() }
    }

    /// Adds a photographed skin, laid out by the texture coordinates that `window` is a part of.
    ///
    /// Kept is its ratio to the mean colour of the face.
    pub(crate) fn add_photo(&mut self, photo: &Texture, window: &Window) {
        let (across, down) = (self.width as f32, self.height as f32);
        let colour = |texel: u32| {
            let (column, row) = (texel as usize % self.width, texel as usize / self.width);
            let at = [(column as f32 + 0.5) / across, (row as f32 + 0.5) / down];
            let [u, v] = window.back(at);
            photo.sample(u, 1.0 - v)
        };
        let mut detail: Vec<[f32; 3]> = self.texels.iter().map(|(i, _)| colour(*i)).collect();
        let bare = |place: &Place| place.hair < -1.5 && (0.3..8.0).contains(&place.lip);
        let face = self.texels.iter().zip(&detail).filter(|((_, place), _)| bare(place));
        let (sum, count) = face.fold(([0.0; 3], 0.0_f32), |(sum, count), (_, c)| {
            ([sum[0] + c[0], sum[1] + c[1], sum[2] + c[2]], count + 1.0)
        });
        for texel in &mut detail {
            *texel = std::array::from_fn(|k| texel[k] * count.max(1.0) / sum[k].max(1e-3));
        }
        self.photos.push(detail);
    }

    /// Paints the skin of `identity`.
    pub(crate) fn paint(&self, identity: &Identity, out: &mut Texture) {
        if (out.width(), out.height()) != (self.width, self.height) {
            *out = Texture::new(self.width, self.height);
        }
        let brush = Brush::new(identity);
        let photo = usize::try_from(identity.seed % 97).unwrap_or(0);
        let photo = self.photos.get(photo % self.photos.len().max(1));
        let canvas = out.texels_mut();
        for (k, (i, place)) in self.texels.iter().enumerate() {
            let i = *i as usize;
            let detail = photo.map_or([1.0; 3], |photo| photo[k]);
            canvas[i] = brush.colour(place, brush.noise(i % self.width, i / self.width), detail);
        }
    }
}

/// The template's position at every texel, continued a little beyond the seams.
fn positions(mesh: &Mesh, skin: &[Triangle], [width, height]: [usize; 2]) -> Vec<Option<Vec3>> {
    let side = |n: usize| u32::try_from(n).unwrap_or(0);
    let mut canvas = Canvas::default();
    canvas.begin(side(width), side(height), 1);
    for triangle in skin {
        let corners: [Corner; 3] = std::array::from_fn(|k| {
            let p = mesh.points.get(triangle.vertex[k] as usize);
            let [x, y] = mesh.uvs[triangle.uv[k] as usize];
            let varying = [p.x, p.y, p.z, 0.0, 0.0, 0.0];
            Corner { x: x * width as f32, y: y * height as f32, depth: 0.0, varying }
        });
        let [a, b, c] = &corners;
        canvas.triangle([a, b, c], true, |v| [v[0], v[1], v[2], 1.0]);
    }
    let at = |i: usize| {
        let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        canvas.sample_at(x, y).map(|([x, y, z], _)| Vec3::new(x, y, z))
    };
    let mut found: Vec<Option<Vec3>> = (0..width * height).map(at).collect();
    for _ in 0..GUTTER {
        found = grown(&found, width);
    }
    found
}

/// Every empty texel takes what a neighbour has.
fn grown(texels: &[Option<Vec3>], width: usize) -> Vec<Option<Vec3>> {
    let neighbour = |i: usize| {
        let left = i.checked_sub(1).filter(|_| !i.is_multiple_of(width));
        let right = Some(i + 1).filter(|k| !k.is_multiple_of(width));
        let (above, below) = (i.checked_sub(width), Some(i + width));
        [left, right, above, below].into_iter().flatten().find_map(|k| *texels.get(k)?)
    };
    texels.iter().enumerate().map(|(i, texel)| texel.or_else(|| neighbour(i))).collect()
}

/// One person's colours.
struct Brush<'a> {
    identity: &'a Identity,
    shift: (usize, usize),
    brow: [f32; 3],
    scalp: f32,
}

impl<'a> Brush<'a> {
    fn new(identity: &'a Identity) -> Self {
        let hair = identity.hair.colour;
        // Brows are dark whatever the hair, but keep its hue.
        let most = (0.35 * identity.skin.colour[1]).min(0.09);
        let part = |shift: u32| usize::try_from((identity.seed >> shift) & 0xFF).unwrap_or(0);
        Self {
            identity,
            shift: (part(8), part(16)),
            brow: scale3(hair, 0.8 * (most / hair[1].max(1e-3)).min(1.0)),
            scalp: scalp_cover(&identity.hair),
        }
    }

    fn noise(&self, x: usize, y: usize) -> [f32; 4] {
        let (x, y) = ((x + self.shift.0) % TILE, (y + self.shift.1) % TILE);
        NOISE[y * TILE + x]
    }

    fn colour(&self, place: &Place, noise: [f32; 4], detail: [f32; 3]) -> [f32; 3] {
        if place.collar < 0.0 {
            return CLOTHED;
        }
        let mut c = self.base(place, noise);
        c = std::array::from_fn(|k| c[k] * detail[k].clamp(0.1, 1.6));
        if place.lip < 0.4 {
            c = self.lips(place, noise, c);
        }
        c = self.marked(place, c);
        if place.brow.abs() < 1.2 {
            c = mix3(c, self.brow, self.brow_cover(place, noise[2]));
        }
        c = self.beard(place, noise[2], c);
        self.scalp(place, noise[2], c)
    }

    fn base(&self, place: &Place, [soft, fine, _, spot]: [f32; 4]) -> [f32; 3] {
        let skin = &self.identity.skin;
        let c = scale3(skin.colour, 1.0 + 0.16 * (soft - 0.5) + 0.10 * (fine - 0.5));
        let freckle = [c[0] * 0.62, c[1] * 0.48, c[2] * 0.4];
        let c = mix3(c, freckle, 0.7 * skin.freckles * spot * place.freckled);
        let red = [c[0] * 1.02, c[1] * 0.74, c[2] * 0.74];
        mix3(c, red, (skin.blush * place.blood).min(1.0) * (1.0 - 0.6 * skin.tone))
    }

    fn lips(&self, place: &Place, noise: [f32; 4], c: [f32; 3]) -> [f32; 3] {
        let colour = self.identity.mouth.colour;
        let cover = smoothstep(0.06, -0.16, place.lip);
        let lip = scale3(colour, 0.95 + 0.25 * (noise[1] - 0.5));
        mix3(mix3(c, lip, 0.85 * cover), scale3(colour, 0.25), 0.7 * cover * place.seam)
    }

    /// Folds, nostrils and the lash line.
    fn marked(&self, place: &Place, c: [f32; 3]) -> [f32; 3] {
        let fold = (0.06 + 0.3 * self.identity.age) * place.fold;
        let dark = 1.0 - (fold + 0.85 * place.shade).min(0.93);
        let c = if dark < 1.0 { [c[0] * dark.powf(0.8), c[1] * dark, c[2] * dark] } else { c };
        let lash = scale3(self.identity.skin.colour, 0.05);
        mix3(c, lash, (0.25 + 0.5 * self.identity.eyes.lashes) * place.lash)
    }

    fn brow_cover(&self, place: &Place, strands: f32) -> f32 {
        let brows = &self.identity.brows;
        if !(-0.1..1.1).contains(&place.along) {
            return 0.0;
        }
        let taper = spline(&[(-0.1, 0.5), (0.12, 1.0), (0.6, 0.8), (1.1, 0.15)], place.along);
        let d = place.brow.abs() / (0.55 * brows.thickness * taper) + 0.5 * (strands - 0.5);
        let ends = smoothstep(-0.1, 0.06, place.along) * smoothstep(1.1, 0.9, place.along);
        smoothstep(1.25, 0.5, d) * ends * brows.density * (0.7 + 0.5 * strands).min(1.0)
    }

    fn beard(&self, place: &Place, strands: f32, c: [f32; 3]) -> [f32; 3] {
        let beard = &self.identity.beard;
        let whiskers = place.beard.max(place.moustache);
        if whiskers <= 0.0 || beard.beard + beard.moustache + beard.stubble <= 0.0 {
            return c;
        }
        let strands = 0.74 + 0.55 * (strands - 0.2).clamp(0.0, 0.5);
        let lips = smoothstep(-0.05, 0.2, place.lip);
        let cover = (beard.beard * place.beard).max(beard.moustache * place.moustache) * strands;
        let hair = scale3(self.identity.hair.colour, 0.75 + 0.4 * strands);
        let shadow = 0.32 * beard.stubble * whiskers * strands * lips;
        mix3(mix3(c, scale3(hair, 1.2), shadow), hair, cover.min(0.97) * lips)
    }

    fn scalp(&self, place: &Place, strands: f32, c: [f32; 3]) -> [f32; 3] {
        let hair = &self.identity.hair;
        let above = place.hair - (hair.line - 6.4) + 0.7 * (strands - 0.5);
        let cover = self.scalp * smoothstep(-0.2, 0.7, above);
        mix3(c, scale3(hair.colour, 0.55 + 0.3 * strands), cover)
    }
}

/// How much of the scalp's skin the hair's roots hide.
fn scalp_cover(hair: &Hair) -> f32 {
    match hair.style {
        HairStyle::Bald => 0.06,
        HairStyle::Buzz => 0.82,
        _ => 0.92,
    }
}

/// The reflectance of a texel under clothes of colour `cloth`.
pub(crate) fn dressed(texel: [f32; 3], cloth: [f32; 3]) -> [f32; 3] {
    if texel[0] < 0.0 { cloth } else { texel }
}

/// A whole number of texels that hold `length` cm at the fineness all skins are painted in.
pub(crate) fn texels(length: f32) -> usize {
    index(length / 0.115).clamp(16, 1024)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_window_maps_its_corners_to_the_texture() {
        let window = Window { low: [0.5, 0.25], high: [1.0, 0.75], texels: [8, 8] };
        assert_eq!(window.inside([0.5, 0.75]), [0.0, 0.0]);
        assert_eq!(window.inside([1.0, 0.25]), [1.0, 1.0]);
        assert_eq!(window.back([0.5, 0.5]), [0.75, 0.5]);
    }

    #[test]
    fn below_the_collar_is_cloth() {
        let identity = Identity::from_seed(1);
        let place = Place { collar: -1.0, ..Place::default() };
        let texel = Brush::new(&identity).colour(&place, [0.5; 4], [1.0; 3]);
        assert_eq!(dressed(texel, [0.1, 0.2, 0.3]), [0.1, 0.2, 0.3]);
        assert_eq!(dressed([0.4; 3], [0.1, 0.2, 0.3]), [0.4; 3]);
    }

    #[test]
    fn empty_texels_take_a_neighbours_place() {
        let p = Some(Vec3::new(1.0, 2.0, 3.0));
        assert_eq!(grown(&[None, p, None, None], 2), [p, p, None, p]);
    }

    #[test]
    fn tones_run_from_light_to_dark_and_lips_are_redder_than_skin() {
        let cheek = Place { lip: 9.0, brow: 9.0, hair: -9.0, collar: 9.0, ..Place::default() };
        let lip = Place { lip: -0.5, ..cheek };
        let mut seen = Vec::new();
        for seed in 0..200 {
            let identity = Identity::from_seed(seed);
            let brush = Brush::new(&identity);
            let skin = brush.colour(&cheek, [0.5, 0.5, 0.5, 0.0], [1.0; 3]);
            let mouth = brush.colour(&lip, [0.5, 0.5, 0.5, 0.0], [1.0; 3]);
            assert!(mouth[0] / mouth[1] > skin[0] / skin[1], "{seed} {mouth:?} {skin:?}");
            seen.push(skin[1]);
        }
        assert!(seen.iter().any(|g| *g > 0.42) && seen.iter().any(|g| *g < 0.08), "{seen:?}");
    }
}
