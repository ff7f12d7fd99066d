//! The machine a run computes on, chosen at run time among the backends compiled in.

use burn::tensor::Device;
use thiserror::Error;

/// Names `--device` accepts in this build.
pub const NAMES: &[&str] = &[
    "cpu",
    #[cfg(feature = "ndarray")]
    "ndarray",
    #[cfg(feature = "vulkan")]
    "vulkan",
    #[cfg(feature = "wgpu")]
    "wgpu",
    #[cfg(feature = "cuda")]
    "cuda",
];

/// The device of that name, without autodiff.
///
/// # Errors
/// When this build has no such backend.
pub fn device(name: &str) -> Result<Device, BackendError> {
    match name {
        "cpu" => Ok(Device::flex()),
        #[cfg(feature = "ndarray")]
        #[expect(deprecated, reason = "stays selectable for as long as burn has it")]
        "ndarray" => Ok(Device::ndarray()),
        #[cfg(feature = "vulkan")]
        "vulkan" => Ok(Device::vulkan(burn::tensor::DeviceKind::default())),
        #[cfg(feature = "wgpu")]
        "wgpu" => Ok(Device::wgpu(burn::tensor::DeviceKind::default())),
        #[cfg(feature = "cuda")]
        "cuda" => Ok(Device::cuda(0)),
        _ => Err(BackendError { name: name.to_owned() }),
    }
}

/// This build has no backend of that name.
#[derive(Debug, Error)]
#[error(
    "no device '{name}' in this build, which has: {}; add others with cargo's --features \
     (ndarray, vulkan, wgpu, cuda)",
    NAMES.join(", ")
)]
pub struct BackendError {
    /// The name asked for.
    pub name: String,
}
