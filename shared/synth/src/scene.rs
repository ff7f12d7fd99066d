//! Everything that decides a picture: who, doing what, wearing what, under which light, where.

use mien_shared::{geometry::Point, label::Expression};

use crate::{action::AuVector, identity::Identity, math::Vec3};

mod random;

/// What is to be rendered; the same scene gives the same bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    /// Who.
    pub identity: Identity,
    /// Which expression `pose.aus` perform: passed on to the labels.
    pub expression: Expression,
    /// The face's muscles and the head's attitude.
    pub pose: Pose,
    /// What is worn.
    pub worn: Worn,
    /// The light.
    pub light: Light,
    /// What is behind.
    pub background: Background,
    /// Where the head is in the picture.
    pub placement: Placement,
    /// Picture width, pixels.
    pub width: u32,
    /// Picture height, pixels.
    pub height: u32,
    /// Samples per pixel and axis, 1..=4.
    pub supersample: u32,
}

/// Action units, head rotation and gaze.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pose {
    /// Action-unit intensities.
    pub aus: AuVector,
    /// Turn towards the picture's right, degrees.
    pub yaw_deg: f32,
    /// Turn upwards, degrees.
    pub pitch_deg: f32,
    /// Tilt clockwise in the picture, degrees.
    pub roll_deg: f32,
    /// Gaze towards the picture's right relative to the head, degrees.
    pub gaze_yaw_deg: f32,
    /// Gaze upwards relative to the head, degrees.
    pub gaze_pitch_deg: f32,
}

/// Spectacles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Glasses {
    /// None.
    #[default]
    None,
    /// Clear lenses.
    Clear,
    /// Dark lenses.
    Sun,
}

/// Headwear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Hat {
    /// None.
    #[default]
    None,
    /// A knitted cap.
    Beanie,
    /// A cap with a peak.
    Cap,
}

/// What covers parts of the head.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Worn {
    /// Spectacles.
    pub glasses: Glasses,
    /// Headwear.
    pub hat: Hat,
    /// A mask over nose and mouth.
    pub mask: bool,
    /// Linear RGB of hat and clothes.
    pub cloth: [f32; 3],
    /// Linear RGB of the glasses' frame.
    pub frame: [f32; 3],
    /// Linear RGB of the mask.
    pub mask_colour: [f32; 3],
}

/// A directional key light over soft ambient light (spherical harmonics of order 0 and 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// From the head towards the key light.
    pub direction: Vec3,
    /// Linear RGB of the key light.
    pub key: [f32; 3],
    /// Linear RGB of the mean ambient light.
    pub ambient: [f32; 3],
    /// Change of the ambient light along x, y and z as a fraction of its mean.
    pub gradient: Vec3,
    /// Multiplies everything lit.
    pub exposure: f32,
}

impl Default for Light {
    fn default() -> Self {
        Self {
            direction: Vec3::new(-0.45, 0.6, 0.8).unit(),
            key: [0.85, 0.83, 0.78],
            ambient: [0.36, 0.37, 0.40],
            gradient: Vec3::new(0.1, 0.35, 0.15),
            exposure: 1.0,
        }
    }
}

/// A soft-focus backdrop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Background {
    /// Decides its shapes.
    pub seed: u64,
    /// Linear RGB at the top.
    pub top: [f32; 3],
    /// Linear RGB at the bottom.
    pub bottom: [f32; 3],
    /// 0 plain to 1 cluttered.
    pub clutter: f32,
}

impl Default for Background {
    fn default() -> Self {
        Self { seed: 1, top: [0.30, 0.33, 0.36], bottom: [0.16, 0.17, 0.19], clutter: 0.4 }
    }
}

/// Where the head is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Where the middle of a frontal face comes to lie, pixels.
    pub center: Point,
    /// Pixels from hairline to chin of an average frontal face.
    pub face_height_px: f32,
    /// Distance of the camera, cm: 35 is a selfie, 150 a portrait.
    pub distance_cm: f32,
}

impl Scene {
    /// A frontal, evenly lit `identity` showing `pose`, filling most of a square picture.
    pub fn portrait(identity: Identity, expression: Expression, pose: Pose, side: u32) -> Self {
        let size = side as f32;
        Self {
            identity,
            expression,
            pose,
            worn: Worn { cloth: [0.05, 0.07, 0.12], frame: [0.02; 3], ..Worn::default() },
            light: Light::default(),
            background: Background::default(),
            placement: Placement {
                center: Point { x: size * 0.5, y: size * 0.54 },
                face_height_px: size * 0.68,
                distance_cm: 90.0,
            },
            width: side,
            height: side,
            supersample: 2,
        }
    }

    /// A scene with everything varied as faces in the wild vary: a square picture of `size`
    /// pixels whose face box lies inside it. `expression` is drawn when it is `None`.
    pub fn random(seed: u64, expression: Option<Expression>, size: u32) -> Self {
        random::scene(seed, expression, size)
    }
}
