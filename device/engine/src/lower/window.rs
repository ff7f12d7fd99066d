//! Convolutions, their transpose and average pools.

use mien_shared::graph::{self, Shape, Window};
use tract_core::internal::{OutletId, TractResult, tvec};
use tract_core::ops::cnn::{Conv, Deconv, KernelFormat, PaddingSpec, PoolSpec, SumPool};
use tract_core::ops::nn::DataFormat;

use super::{Lowering, sizes};

impl Lowering<'_> {
    pub(super) fn conv(
        &mut self,
        name: &str,
        conv: &graph::Conv,
        dilation: [u32; 2],
        input: OutletId,
    ) -> TractResult<OutletId> {
        let (inputs, mut pool_spec) = self.kernel(name, conv, input)?;
        if dilation != [1, 1] {
            pool_spec.dilations = Some(sizes(&dilation).collect());
        }
        let group = conv.groups as usize;
        let op = Conv { pool_spec, kernel_fmt: KernelFormat::OIHW, group, q_params: None };
        self.wire(name, op, &inputs)
    }

    pub(super) fn conv_transpose(
        &mut self,
        name: &str,
        conv: &graph::Conv,
        input: OutletId,
    ) -> TractResult<OutletId> {
        let (inputs, pool_spec) = self.kernel(name, conv, input)?;
        let adjustments = tvec!(0, 0);
        let group = conv.groups as usize;
        let op = Deconv { pool_spec, kernel_format: KernelFormat::OIHW, adjustments, group };
        self.wire(name, op, &inputs)
    }

    pub(super) fn average_pool(
        &mut self,
        name: &str,
        window: &Window,
        shape: Shape,
        input: OutletId,
    ) -> TractResult<OutletId> {
        let channels = shape.channels() as usize;
        let pool_spec = pool_spec(window, [channels, channels]);
        let op = SumPool { pool_spec, count_include_pad: false, normalize: true };
        self.wire(name, op, &[input])
    }

    /// A convolution's input, weight and bias, and its window.
    fn kernel(
        &mut self,
        name: &str,
        conv: &graph::Conv,
        input: OutletId,
    ) -> TractResult<([OutletId; 3], PoolSpec)> {
        let shape: Vec<_> = sizes(&conv.weight.shape).collect();
        let kernel = self.constant(&format!("{name}.weight"), &shape, &conv.weight.to_f32())?;
        let bias = self.constant(&format!("{name}.bias"), &shape[..1], &conv.bias)?;
        let channels = [shape[1] * conv.groups as usize, shape[0]];
        Ok(([input, kernel, bias], pool_spec(&conv.window, channels)))
    }
}

/// A window over maps with channels in and out.
pub(super) fn pool_spec(
    window: &Window,
    [input_channels, output_channels]: [usize; 2],
) -> PoolSpec {
    let [top, left, bottom, right] = window.pads.map(|p| p as usize);
    PoolSpec {
        data_format: DataFormat::NCHW,
        kernel_shape: sizes(&window.kernel).collect(),
        padding: PaddingSpec::Explicit(tvec!(top, left), tvec!(bottom, right)),
        dilations: None,
        strides: Some(sizes(&window.stride).collect()),
        input_channels,
        output_channels,
    }
}
