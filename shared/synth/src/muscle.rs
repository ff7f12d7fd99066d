//! Action units as smooth displacements of the neutral face.
//!
//! [`Muscles`] is one performance on one identity; [`Muscles::pull`] says where a [`Site`] goes
//! and how strongly its skin creases there. Lids and lips part along the seam rows: a site just
//! above a seam moves with the upper edge, one just below with the lower.

mod brow;
pub(crate) mod eye;
mod mouth;

use crate::{
    action::{Au, AuVector, Side},
    anatomy::Site,
    identity::Identity,
    math::{Vec3, smoothstep},
};

/// How far the jaw drops at full AU 26, cm.
const JAW_DROP_CM: f32 = 2.3;

/// What a performance does to one site.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pull {
    /// Displacement, cm.
    pub(crate) shift: Vec3,
    /// Darkening of creased skin, 0..=1.
    pub(crate) crease: f32,
}

/// One performance on one identity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Muscles {
    sides: [Half; 2],
    identity: Identity,
    /// Drop of the jaw, cm.
    pub(crate) jaw: f32,
}

/// The units of one side by their short names.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Half {
    pub(crate) au1: f32,
    pub(crate) au2: f32,
    pub(crate) au4: f32,
    pub(crate) au5: f32,
    pub(crate) au6: f32,
    pub(crate) au7: f32,
    pub(crate) au9: f32,
    pub(crate) au10: f32,
    pub(crate) au12: f32,
    pub(crate) au14: f32,
    pub(crate) au15: f32,
    pub(crate) au17: f32,
    pub(crate) au20: f32,
    pub(crate) au23: f32,
    pub(crate) au24: f32,
    pub(crate) au25: f32,
    pub(crate) au43: f32,
}

impl Half {
    fn new(aus: &AuVector, side: Side) -> Self {
        let au = |unit| aus.side(unit, side);
        Self {
            au1: au(Au::InnerBrowRaiser),
            au2: au(Au::OuterBrowRaiser),
            au4: au(Au::BrowLowerer),
            au5: au(Au::UpperLidRaiser),
            au6: au(Au::CheekRaiser),
            au7: au(Au::LidTightener),
            au9: au(Au::NoseWrinkler),
            au10: au(Au::UpperLipRaiser),
            au12: au(Au::LipCornerPuller),
            au14: au(Au::Dimpler),
            au15: au(Au::LipCornerDepressor),
            au17: au(Au::ChinRaiser),
            au20: au(Au::LipStretcher),
            au23: au(Au::LipTightener),
            au24: au(Au::LipPressor),
            au25: au(Au::LipsPart),
            au43: au(Au::EyesClosed),
        }
    }

    /// The units where the two sides blend, `left` running 0 to 1 across the midline.
    fn blend(right: &Self, left: &Self, t: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * t;
        Self {
            au1: mix(right.au1, left.au1),
            au2: mix(right.au2, left.au2),
            au4: mix(right.au4, left.au4),
            au5: mix(right.au5, left.au5),
            au6: mix(right.au6, left.au6),
            au7: mix(right.au7, left.au7),
            au9: mix(right.au9, left.au9),
            au10: mix(right.au10, left.au10),
            au12: mix(right.au12, left.au12),
            au14: mix(right.au14, left.au14),
            au15: mix(right.au15, left.au15),
            au17: mix(right.au17, left.au17),
            au20: mix(right.au20, left.au20),
            au23: mix(right.au23, left.au23),
            au24: mix(right.au24, left.au24),
            au25: mix(right.au25, left.au25),
            au43: mix(right.au43, left.au43),
        }
    }
}

/// A site folded onto the person's left half, with the units acting there.
pub(crate) struct Place<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) units: Half,
    /// Distance from the midline, cm.
    pub(crate) side: f32,
    /// Row.
    pub(crate) r: f32,
}

impl Muscles {
    /// The performance of `aus` by `identity`.
    pub(crate) fn new(identity: &Identity, aus: &AuVector) -> Self {
        Self {
            sides: [Half::new(aus, Side::Right), Half::new(aus, Side::Left)],
            identity: *identity,
            jaw: JAW_DROP_CM * aus.get(Au::JawDrop),
        }
    }

    /// The opening between the lids of one eye.
    pub(crate) fn aperture(&self, side: Side) -> eye::Aperture {
        eye::Aperture::new(&self.identity, &self.sides[usize::from(side == Side::Left)])
    }

    /// Where a site of the neutral face goes.
    pub(crate) fn pull(&self, site: &Site) -> Pull {
        if site.theta.abs() > 1.75 || site.r > 9.0 {
            return Pull::default();
        }
        let left = smoothstep(-0.9, 0.9, site.x);
        let place = Place {
            identity: &self.identity,
            units: Half::blend(&self.sides[0], &self.sides[1], left),
            side: site.x.abs(),
            r: site.r,
        };
        let mut pull = brow::pull(&place);
        mouth::pull(&place, self.jaw, &mut pull);
        eye::surroundings(&place, &mut pull);
        pull.shift.x *= site.x.signum();
        eye::lid(&place, site, &mut pull);
        pull
    }
}
