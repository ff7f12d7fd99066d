//! Who the head is: shape, colours and hair, all from one seed.
//!
//! Shape parameters are offsets around an average adult, about ±1 at two standard deviations,
//! unless a field says otherwise. Colours are linear RGB.

mod draw;

/// One person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity {
    /// The seed everything below was drawn from.
    pub seed: u64,
    /// 0 masculine to 1 feminine features.
    pub femininity: f32,
    /// 0 young adult to 1 old.
    pub age: f32,
    /// 0 lean to 1 full cheeks.
    pub fullness: f32,
    /// Bones and cartilage.
    pub skull: Skull,
    /// Eyes and their lids.
    pub eyes: Eyes,
    /// Eyebrows.
    pub brows: Brows,
    /// The nose.
    pub nose: Nose,
    /// The lips.
    pub mouth: Mouth,
    /// Skin and its colours.
    pub skin: Skin,
    /// Hair of the scalp.
    pub hair: Hair,
    /// Hair of the face.
    pub beard: Beard,
}

/// Shape of the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skull {
    /// Width.
    pub width: f32,
    /// Length of the part below the eyes.
    pub lower: f32,
    /// Width at the jaw's angle.
    pub jaw: f32,
    /// Width of the chin.
    pub chin_width: f32,
    /// How far the chin comes forward.
    pub chin: f32,
    /// Prominence of the cheek bones.
    pub cheek: f32,
    /// Prominence of the brow ridge.
    pub ridge: f32,
    /// Size of the ears.
    pub ears: f32,
}

/// Shape and colour of the eyes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eyes {
    /// Centre's distance from the midline, cm.
    pub x: f32,
    /// Half the distance between the corners, cm.
    pub half_width: f32,
    /// Opening of the neutral lids relative to the average, about 1.
    pub open: f32,
    /// Height of the outer above the inner corner, cm.
    pub tilt: f32,
    /// 0 deep crease to 1 hooded.
    pub hood: f32,
    /// Iris colour.
    pub iris: [f32; 3],
    /// Strength of lashes and liner, 0..=1.
    pub lashes: f32,
}

/// Shape of the eyebrows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brows {
    /// Height of the inner end above the eye line, cm.
    pub height: f32,
    /// Thickness at the inner end, cm.
    pub thickness: f32,
    /// Rise of the arch over the straight line, cm.
    pub arch: f32,
    /// Opacity 0..=1.
    pub density: f32,
}

/// Shape of the nose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nose {
    /// Width of the wings.
    pub width: f32,
    /// How far the tip stands out.
    pub length: f32,
    /// Height of the bridge.
    pub bridge: f32,
    /// Upturn of the tip.
    pub upturn: f32,
    /// Sideways bend, cm.
    pub bend: f32,
}

/// Shape and colour of the mouth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mouth {
    /// Half the distance between the corners, cm.
    pub half_width: f32,
    /// Height of the upper lip's red, cm.
    pub upper: f32,
    /// Height of the lower lip's red, cm.
    pub lower: f32,
    /// Colour of the lips.
    pub colour: [f32; 3],
}

/// Colours of the skin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skin {
    /// 0 lightest to 1 darkest.
    pub tone: f32,
    /// The colour of the forehead.
    pub colour: [f32; 3],
    /// Redness of cheeks and nose, 0..=1.
    pub blush: f32,
    /// Freckles and blemishes, 0..=1.
    pub freckles: f32,
    /// Shine, 0..=1.
    pub gloss: f32,
}

/// Cut of the hair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HairStyle {
    /// None.
    Bald,
    /// A few millimetres.
    Buzz,
    /// Above the ears.
    Short,
    /// Over the ears.
    Medium,
    /// To the shoulders.
    Long,
    /// Tied behind the head.
    Tied,
    /// A round, curly volume.
    Curly,
}

impl HairStyle {
    /// Every style.
    pub const ALL: [Self; 7] =
        [Self::Bald, Self::Buzz, Self::Short, Self::Medium, Self::Long, Self::Tied, Self::Curly];
}

/// Hair of the scalp.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hair {
    /// The cut.
    pub style: HairStyle,
    /// Colour of a lit strand.
    pub colour: [f32; 3],
    /// Height of the hairline at the midline, cm above the eyes.
    pub line: f32,
    /// How far a fringe hangs below the hairline, cm; 0 for none.
    pub fringe: f32,
    /// Side of the parting, -1..=1.
    pub parting: f32,
    /// Thickness relative to the style's usual, about 1.
    pub volume: f32,
}

/// Hair of the face, opacities 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beard {
    /// Chin and cheeks.
    pub beard: f32,
    /// Above the upper lip.
    pub moustache: f32,
    /// Shaved shadow.
    pub stubble: f32,
}

impl Identity {
    /// The person of that seed.
    pub fn from_seed(seed: u64) -> Self {
        draw::identity(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_person() {
        assert_eq!(Identity::from_seed(5), Identity::from_seed(5));
        assert_ne!(Identity::from_seed(5).eyes, Identity::from_seed(6).eyes);
    }
}
