//! Brows and forehead: AU 1, 2, 4 and the brow's part in 9.

use super::{Place, Pull};
use crate::math::{blob, bump, smoothstep};

pub(super) fn pull(place: &Place<'_>) -> Pull {
    let mut pull = Pull::default();
    let (side, r) = (place.side, place.r);
    if !(-1.0..8.0).contains(&r) || side > 7.0 {
        return pull;
    }
    let units = &place.units;
    let height = place.identity.brows.height + 0.2;
    let inner = blob(side - 1.2, r - height, 2.6, 2.6);
    let outer = blob(side - 4.3, r - height - 0.2, 2.6, 2.6);
    let drawn = units.au4.max(0.6 * units.au9);
    // The socket's skin must not be dragged over the eye.
    let free = smoothstep(0.35, 1.2, r);
    pull.shift.y += free * inner * (0.9 * units.au1 - 0.75 * drawn);
    pull.shift.y += free * outer * (0.8 * units.au2 - 0.25 * drawn);
    pull.shift.x -= free * inner * 0.5 * drawn * smoothstep(0.0, 0.9, side);
    pull.shift.z += inner * 0.18 * drawn;
    pull.crease = creases(place, drawn);
    pull
}

/// Furrows between the brows and lines across the forehead.
fn creases(place: &Place<'_>, drawn: f32) -> f32 {
    let (side, r) = (place.side, place.r);
    let furrow = bump(((side - 0.62) / 0.42).powi(2)) * bump(((r - 2.0) / 1.6).powi(2));
    let lines: f32 = [3.9, 4.8, 5.7].iter().map(|at| bump(((r - at) / 0.32).powi(2))).sum();
    let inner = smoothstep(3.2, 1.0, side);
    let outer = smoothstep(1.6, 3.2, side) * smoothstep(6.5, 5.0, side);
    let raised = place.units.au1 * inner + place.units.au2 * outer;
    (0.55 * drawn * furrow + 0.3 * raised * lines).min(0.8)
}
