//! The shapes that sliding windows make.

use super::ShapeFault;
use crate::graph::{Conv, Window};

impl Conv {
    /// `[O, H', W']` from `[I, H, W]`; the weight has four axes.
    pub(super) fn infer(
        &self,
        dims @ [_, h, w]: [u32; 3],
        dilation: [u32; 2],
    ) -> Result<[u32; 3], ShapeFault> {
        let out = self.channels(dims)?;
        let [h, w] = self.window.infer([h, w], dilation)?;
        Ok([out, h, w])
    }

    /// As [`Conv::infer`], for the transposed convolution.
    pub(super) fn infer_transposed(
        &self,
        dims @ [_, h, w]: [u32; 3],
    ) -> Result<[u32; 3], ShapeFault> {
        let out = self.channels(dims)?;
        let [h, w] = self.window.infer_transposed([h, w])?;
        Ok([out, h, w])
    }

    /// O, when weight, groups and channels agree.
    fn channels(&self, [channels, ..]: [u32; 3]) -> Result<u32, ShapeFault> {
        let &[out, per_group, kh, kw] = self.weight.shape.as_slice() else {
            return Err(ShapeFault::Rank { dims: self.weight.shape.clone() });
        };
        let divides = |n: u32| n.checked_rem(self.groups) == Some(0);
        if !divides(channels) || !divides(out) {
            return Err(ShapeFault::Groups { groups: self.groups, channels, out });
        }
        let wanted = channels / self.groups;
        if per_group != wanted {
            return Err(ShapeFault::Channels { wanted, given: per_group });
        }
        if self.window.kernel != [kh, kw] {
            return Err(ShapeFault::Kernel { window: self.window.kernel, weight: [kh, kw] });
        }
        Ok(out)
    }
}

impl Window {
    /// `[H', W']` from `[H, W]`: `(extent + pads - reach) / stride + 1`, rounded down, where the
    /// kernel reaches over `dilation · (kernel - 1) + 1`.
    pub(super) fn infer(
        &self,
        sides: [u32; 2],
        dilation: [u32; 2],
    ) -> Result<[u32; 2], ShapeFault> {
        self.each_axis(sides, |axis, pads| {
            let reach = reach(self.kernel[axis], dilation[axis])?;
            steps(sides[axis], reach, self.stride[axis], pads)
        })
    }

    /// `[H', W']` from `[H, W]`: `(extent - 1) · stride + kernel - pads`.
    fn infer_transposed(&self, sides: [u32; 2]) -> Result<[u32; 2], ShapeFault> {
        self.each_axis(sides, |axis, (before, after)| {
            let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
            if before >= kernel || after >= kernel || stride == 0 {
                return None;
            }
            let spread = sides[axis].checked_sub(1)?.checked_mul(stride)?;
            spread.checked_add(kernel)?.checked_sub(before)?.checked_sub(after)
        })
    }

    /// Both sides by one rule for an axis and its pads.
    fn each_axis(
        &self,
        sides: [u32; 2],
        made: impl Fn(usize, (u32, u32)) -> Option<u32>,
    ) -> Result<[u32; 2], ShapeFault> {
        let [top, left, bottom, right] = self.pads;
        let fault = || ShapeFault::Window { window: *self, sides };
        let h = made(0, (top, bottom)).ok_or_else(fault)?;
        let w = made(1, (left, right)).ok_or_else(fault)?;
        Ok([h, w])
    }
}

/// Pixels from a kernel's first place to its last.
fn reach(kernel: u32, dilation: u32) -> Option<u32> {
    if dilation == 0 {
        return None;
    }
    kernel.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)
}

/// Number of windows along one axis, or `None` when the window does not fit.
fn steps(extent: u32, kernel: u32, stride: u32, (before, after): (u32, u32)) -> Option<u32> {
    if before >= kernel || after >= kernel {
        return None;
    }
    let padded = extent.checked_add(before)?.checked_add(after)?;
    padded.checked_sub(kernel)?.checked_div(stride)?.checked_add(1)
}
