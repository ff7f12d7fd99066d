//! The sections of a configuration, one file each: what is in them, what each field means, what
//! it may hold and what a change of it needs.

mod audit;
mod camera;
mod deployment;
mod display;
mod events;
mod faces;
mod models;
mod pins;
mod privacy;
mod thermal;

pub use self::{
    audit::Audit,
    camera::{Camera, Rotation},
    deployment::Deployment,
    display::{Display, Language, Page, Portrait},
    events::Events,
    faces::Faces,
    models::{Models, Precision},
    pins::Pins,
    privacy::Privacy,
};
pub(crate) use thermal::{fields as thermal_fields, limits as thermal_limits};
