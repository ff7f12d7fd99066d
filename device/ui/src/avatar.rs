//! A drawn face that does as the face in view, in place of the camera's picture.
//!
//! Its muscles follow the action units or the probabilities, its colour blends the expressions',
//! and it turns with the head's pose: features lie on a ball seen from the front, a little
//! flattened. Nobody can be recognised by it. Without a face it looks about. It blinks by the device's
//! uptime, so the same status is always the same picture.

mod muscles;

use std::time::Duration;

use embedded_graphics::{pixelcolor::Rgb888, prelude::*, primitives::Rectangle};
use mien_shared::{
    label::Expression,
    telemetry::{FaceReading, HeadPose},
};

use self::muscles::Muscles;
use super::{
    canvas::Canvas,
    paint::{self, Spot, spot},
    theme,
};

/// The head turns no further than this, in degrees, so that its features stay in view.
const MOST: f32 = 32.0;
/// From blink to blink, and how long one lasts, in milliseconds.
const BLINK: (u128, u128) = (4700, 130);
/// How far the ball's middle stands out before its edge; flat enough to keep features in view.
const BULGE: f32 = 0.6;
/// Half the width and the height of the head.
const HEAD: Spot = spot(0.9, 1.0);
/// Half the thickness of a line.
const LINE: f32 = 0.045;

/// Draws the avatar of `face` as large as fits into the middle of `area`.
pub(super) fn draw(
    canvas: &mut Canvas,
    area: Rectangle,
    face: Option<&FaceReading>,
    uptime: Duration,
) {
    let radius = area.size.width.min(area.size.height) as f32 * 0.46;
    if radius < 3.0 {
        return;
    }
    let half = spot(area.size.width as f32, area.size.height as f32) * 0.5;
    let centre = Spot::of(area.top_left) + half;
    let pose = face.map_or_else(|| looking_about(uptime), |face| face.pose.unwrap_or_default());
    let muscles = face.map_or(Muscles::REST, Muscles::of);
    let mut head = Head { canvas, centre, radius, turn: Turn::of(pose), ink: Rgb888::BLACK };
    head.skull(face.map_or(theme::MUTED, colour));
    head.ink = if head.canvas.is_mono() { Rgb888::WHITE } else { theme::BACKGROUND };
    for side in [-1.0, 1.0] {
        head.brow(side, &muscles);
        head.eye(side, &muscles, blinks(uptime));
        head.wrinkle(side, muscles.pull(9));
    }
    head.mouth(&muscles);
}

/// Where the avatar looks while it looks for a face.
fn looking_about(uptime: Duration) -> HeadPose {
    let turns = uptime.as_secs_f32() % 8.0 / 8.0 * std::f32::consts::TAU;
    HeadPose { yaw: 20.0 * turns.sin(), pitch: -6.0 * (2.0 * turns).sin(), roll: 0.0 }
}

fn blinks(uptime: Duration) -> bool {
    uptime.as_millis() % BLINK.0 > BLINK.0 - BLINK.1
}

/// The expressions' colours, each as far as it is probable.
fn colour(face: &FaceReading) -> Rgb888 {
    let Some(shown) = face.expression else { return theme::MUTED };
    let mut sum = [0.0; 4];
    for expression in Expression::ALL {
        let weight = shown.probs[expression.index()].clamp(0.0, 1.0);
        let color = theme::color(expression);
        let parts = [color.r(), color.g(), color.b()].map(|part| weight * f32::from(part));
        if !weight.is_nan() {
            sum = [sum[0] + parts[0], sum[1] + parts[1], sum[2] + parts[2], sum[3] + weight];
        }
    }
    if sum[3] < 0.01 {
        return theme::MUTED;
    }
    let [r, g, b, _] = sum.map(|part| super::whole(part / sum[3]).clamp(0, 255).to_le_bytes()[0]);
    Rgb888::new(r, g, b)
}

/// Sines and cosines of a pose.
struct Turn {
    yaw: (f32, f32),
    pitch: (f32, f32),
    roll: (f32, f32),
}

impl Turn {
    fn of(pose: HeadPose) -> Self {
        let angle = |degrees: f32, most: f32| {
            let degrees = if degrees.is_nan() { 0.0 } else { degrees.clamp(-most, most) };
            degrees.to_radians().sin_cos()
        };
        let (yaw, pitch) = (angle(pose.yaw, MOST), angle(pose.pitch, MOST));
        Self { yaw, pitch, roll: angle(pose.roll, 60.0) }
    }

    /// Where a place on the ball is seen, before roll.
    fn seen(&self, at: Spot) -> Spot {
        let depth = BULGE * (1.0 - at.x * at.x - at.y * at.y).max(0.0).sqrt();
        let x = at.x * self.yaw.1 + depth * self.yaw.0;
        let depth = depth * self.yaw.1 - at.x * self.yaw.0;
        spot(x, at.y * self.pitch.1 - depth * self.pitch.0)
    }
}

/// The head on its canvas; `radius` pixels are one unit.
struct Head<'a> {
    canvas: &'a mut Canvas,
    centre: Spot,
    radius: f32,
    turn: Turn,
    ink: Rgb888,
}

impl Head<'_> {
    fn skull(&mut self, color: Rgb888) {
        if self.canvas.is_mono() {
            let width = (1.6 / self.radius).max(0.05);
            self.paint(Spot::default(), HEAD, Rgb888::WHITE, |at| {
                paint::edge(paint::ellipse(at, Spot::default(), HEAD), width)
            });
        } else {
            self.paint(Spot::default(), HEAD, color, |at| {
                paint::ellipse(at, Spot::default(), HEAD)
            });
        }
    }

    /// Inner and outer end rise by units 1 and 2; unit 4 lowers and draws the inner one in.
    fn brow(&mut self, side: f32, muscles: &Muscles) {
        let (inner, outer, lower) = (muscles.pull(1), muscles.pull(2), muscles.pull(4));
        let place = |x: f32, y: f32| self.turn.seen(spot(side * x, y));
        let ends = [
            place(0.17 - 0.04 * lower, -0.43 - 0.17 * inner + 0.17 * lower),
            place(0.37, -0.46 - 0.1 * inner - 0.13 * outer + 0.08 * lower),
            place(0.57, -0.43 + 0.06 * inner - 0.15 * outer - 0.02 * lower),
        ];
        let width = self.width(LINE);
        self.paint(ends[1], spot(0.3, 0.3), self.ink, |at| {
            paint::line(at, ends[0], ends[1], width).max(paint::line(at, ends[1], ends[2], width))
        });
    }

    /// Unit 5 opens the lids, 7 narrows them, 6 raises the lower one, 43 and 45 close them.
    fn eye(&mut self, side: f32, muscles: &Muscles, blinks: bool) {
        let closed = if blinks { 1.0 } else { muscles.strongest(&[43, 45]) };
        let open = (1.0 + 0.4 * muscles.pull(5) - 0.4 * muscles.pull(7)) * (1.0 - closed);
        let centre = self.turn.seen(spot(side * 0.36, -0.12));
        let radii = spot(0.1 + 0.015 * muscles.pull(5), (0.135 * open).max(self.width(0.03)));
        let cheek = centre + spot(0.0, 0.46 - 0.24 * muscles.pull(6));
        self.paint(centre, spot(0.16, 0.22), self.ink, |at| {
            paint::ellipse(at, centre, radii).min(-paint::disc(at, cheek, 0.22))
        });
    }

    /// Unit 9 wrinkles the nose.
    fn wrinkle(&mut self, side: f32, pull: f32) {
        if pull < 0.15 {
            return;
        }
        let from = self.turn.seen(spot(side * 0.06, 0.06));
        let to = self.turn.seen(spot(side * 0.16, 0.06 - 0.12 * pull));
        let width = self.width(0.03);
        self.paint(from, spot(0.25, 0.25), self.ink, |at| paint::line(at, from, to, width));
    }

    /// A line between the lips' corners, and half an ellipse on either side of it where the mouth is
    /// open.
    fn mouth(&mut self, muscles: &Muscles) {
        let (smile, frown) = (muscles.pull(12), muscles.pull(15));
        let (stretch, jaw) = (muscles.pull(20), muscles.strongest(&[26, 27]));
        let round = muscles.strongest(&[18, 22, 23, 24]).max(jaw);
        let half = 0.3 + 0.12 * smile + 0.08 * stretch - 0.11 * round;
        let bend = 0.24 * smile - 0.24 * frown - 0.06 * muscles.pull(17) - 0.1 * stretch;
        let open = 0.06 * muscles.pull(25) * (1.0 + 2.0 * smile) + 0.27 * jaw;
        let above = spot(half, 0.55 * open + 0.07 * muscles.pull(10) + 1e-3);
        let below = spot(half, open + 1e-3);
        let lift = 0.14 * muscles.smirk;
        let centre = self.turn.seen(spot(0.0, 0.46 - 0.04 * jaw));
        let squeeze = spot(self.turn.yaw.1, self.turn.pitch.1);
        let width = self.width(LINE);
        self.paint(centre, spot(half + 0.1, 0.6), self.ink, |at| {
            let at = spot((at.x - centre.x) / squeeze.x, (at.y - centre.y) / squeeze.y);
            let part = (at.x / half).clamp(-1.0, 1.0);
            let side = part * 0.5 + 0.5;
            let lips = at.y - bend * (0.5 - part * part) + lift * side * side;
            let slope = (2.0 * bend * part / half).hypot(1.0);
            let line = width - (at.x.abs() - half).max(0.0).hypot(lips / slope);
            let lens = if lips < 0.0 { above } else { below };
            let gape = paint::ellipse(spot(at.x, lips), Spot::default(), lens);
            // A shut mouth's ellipse is so flat that its depth means nothing beside it.
            line.max(gape.min(half - at.x.abs()))
        });
    }

    /// A line's half thickness, at least half a pixel.
    fn width(&self, width: f32) -> f32 {
        width.max(0.75 / self.radius)
    }

    /// Paints a shape of the head given in units, as it is seen before roll.
    fn paint(&mut self, middle: Spot, reach: Spot, color: Rgb888, depth: impl Fn(Spot) -> f32) {
        let back = (-self.turn.roll.0, self.turn.roll.1);
        let reach = reach.length().min(1.05) * self.radius;
        let middle = self.centre + middle.turned(self.turn.roll) * self.radius;
        let area = paint::around(middle, spot(reach, reach));
        let (centre, radius) = (self.centre, self.radius);
        paint::shape(self.canvas, area, color, |at| {
            depth(((at - centre) * (1.0 / radius)).turned(back)) * radius
        });
    }
}

#[cfg(test)]
mod tests {
    use mien_shared::telemetry::ExpressionReading;

    use super::*;

    const AREA: Rectangle = Rectangle::new(Point::zero(), Size::new(100, 100));

    fn face(expression: Expression, pose: HeadPose) -> FaceReading {
        let mut probs = [0.0; 8];
        probs[expression.index()] = 1.0;
        let shown = ExpressionReading { probs, ..ExpressionReading::default() };
        FaceReading { expression: Some(shown), pose: Some(pose), ..FaceReading::default() }
    }

    fn drawn(face: &FaceReading) -> Canvas {
        let mut canvas = Canvas::pixels(100, 100);
        draw(&mut canvas, AREA, Some(face), Duration::ZERO);
        canvas
    }

    /// Mean place of the dark pixels inside the head.
    fn features(canvas: &Canvas) -> (f32, f32) {
        let inside = AREA.points().filter(|at| (Spot::of(*at) - spot(50.0, 50.0)).length() < 40.0);
        let color = |at: &Point| canvas.color(at.x.cast_unsigned(), at.y.cast_unsigned());
        let dark = inside.filter(|at| color(at) == theme::BACKGROUND).collect::<Vec<_>>();
        let mean = |part: fn(&Point) -> i32| {
            dark.iter().map(|at| part(at) as f32).sum::<f32>() / dark.len() as f32
        };
        (mean(|at| at.x), mean(|at| at.y))
    }

    #[test]
    fn expressions_look_different() {
        let all = Expression::ALL.map(|shown| drawn(&face(shown, HeadPose::default())));
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a.bytes() != b.bytes()), "{i}");
        }
    }

    #[test]
    fn the_head_turns_as_the_pose_says() {
        let at = |yaw, pitch| {
            features(&drawn(&face(Expression::Neutral, HeadPose { yaw, pitch, roll: 0.0 })))
        };
        let ahead = at(0.0, 0.0);
        assert!(at(25.0, 0.0).0 > ahead.0 + 5.0, "to the image's right");
        assert!(at(0.0, 20.0).1 < ahead.1 - 5.0, "up");
    }

    #[test]
    fn wild_figures_are_survived() {
        let mut wild = face(Expression::Fear, HeadPose { yaw: f32::NAN, pitch: 1e30, roll: -1e30 });
        wild.expression = Some(ExpressionReading { probs: [f32::NAN; 8], ..Default::default() });
        drawn(&wild);
    }
}
