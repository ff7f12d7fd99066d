//! Pools: maxima and means over windows, and sums over whole maps.

use mien_shared::graph::{Conv, Op, Shape, Tensor, TensorData, Window};
use tract_core::ops::cnn::{MaxPool, PaddingSpec, SumPool};
use tract_core::ops::nn::{Reduce, Reducer};

use super::conv::window;
use super::draft::{Draft, Found, layout, map_shape};
use super::segment::{Affine, Kind};
use super::view::Axis;

/// Recognises a max pool.
pub(super) fn max_pool(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<MaxPool>()?.clone();
    let found = draft.only()?;
    let [c, h, w] = draft.map(&found, op.pool_spec.data_format)?;
    if op.with_index_outputs.is_some() || draft.segment.is_vector(found.value) {
        return None;
    }
    let (window, [h, w]) = window(&op.pool_spec, [h, w])?;
    let shape = map_shape([c, h, w])?;
    let value = draft.push(Kind::Op(Op::MaxPool(window)), &[found.value], shape);
    Some(Found { value, view: layout(op.pool_spec.data_format, [c, h, w])? })
}

/// Recognises a mean over windows: over the whole map a global average, else a convolution of
/// each channel with equal weights. A mean that leaves padding out stays with tract.
pub(super) fn average_pool(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<SumPool>()?.clone();
    let found = draft.only()?;
    let format = op.pool_spec.data_format;
    let [c, h, w] = draft.map(&found, format)?;
    let (window, made) = window(&op.pool_spec, [h, w])?;
    let padded = window.pads != [0; 4];
    // Rounding up adds cells that no rule counts.
    let rounds_up = matches!(op.pool_spec.padding, PaddingSpec::ExplicitOnnxPool(_, _, true));
    let counts_all = !padded || (op.count_include_pad && !rounds_up);
    if !op.normalize || !counts_all || draft.segment.is_vector(found.value) {
        return None;
    }
    let whole = window.kernel.map(|k| k as usize) == [h, w] && !padded;
    let dims = [c, made[0], made[1]];
    let value = if whole {
        draft.push(Kind::Op(Op::GlobalAveragePool), &[found.value], vector(c)?)
    } else {
        let conv = Kind::Op(Op::Conv(mean_of(window, c)?));
        draft.push(conv, &[found.value], map_shape(dims)?)
    };
    Some(Found { value, view: layout(format, dims)? })
}

/// Recognises a sum or maximum over all rows and columns.
pub(super) fn reduce(draft: &mut Draft<'_>) -> Option<Found> {
    let op = draft.node.op_as::<Reduce>()?.clone();
    let found = draft.only()?;
    let [c, h, w] = draft.segment.dims(found.value);
    let mut reduced: Vec<Axis> = op.axes.iter().flat_map(|&a| found.view.at(a).to_vec()).collect();
    reduced.sort_by_key(|&axis| axis as usize);
    let wanted: Vec<_> =
        [Axis::H, Axis::W].into_iter().filter(|a| a.extent([c, h, w]) > 1).collect();
    if reduced != wanted || draft.segment.is_vector(found.value) {
        return None;
    }
    let view = op.axes.iter().fold(found.view, |view, &axis| view.with(axis, Vec::new()));
    let value = match op.reducer {
        Reducer::Sum => {
            let mean = draft.push(Kind::Op(Op::GlobalAveragePool), &[found.value], vector(c)?);
            let affine = Affine { scale: vec![(h * w) as f32; c], shift: vec![0.0; c] };
            draft.segment.affine(&format!("{}.times", draft.node.name), mean, affine)
        }
        Reducer::Max => {
            let kernel = [u32::try_from(h).ok()?, u32::try_from(w).ok()?];
            let window = Window { kernel, stride: [1; 2], pads: [0; 4] };
            let shape = map_shape([c, 1, 1])?;
            draft.push(Kind::Op(Op::MaxPool(window)), &[found.value], shape)
        }
        _ => return None,
    };
    Some(Found { value, view })
}

/// The mean under `window` as a convolution of each of `channels`.
fn mean_of(window: Window, channels: usize) -> Option<Conv> {
    let groups = u32::try_from(channels).ok()?;
    let [kh, kw] = window.kernel;
    let taps = kh.checked_mul(kw)? as usize;
    let data = TensorData::F32(vec![1.0 / taps as f32; channels.checked_mul(taps)?]);
    let weight = Tensor { shape: vec![groups, 1, kh, kw], data };
    Some(Conv { weight, bias: vec![0.0; channels], window, groups })
}

fn vector(channels: usize) -> Option<Shape> {
    Some(Shape::Vector([u32::try_from(channels).ok()?]))
}

#[cfg(test)]
mod tests {
    use tract_core::internal::{OutletId, tvec};
    use tract_core::ops::cnn::PoolSpec;
    use tract_core::ops::nn::DataFormat;

    use super::*;
    use crate::rewrite::bench::Bench;

    fn spec(kernel: usize, pad: usize) -> PoolSpec {
        PoolSpec {
            data_format: DataFormat::NCHW,
            kernel_shape: tvec!(kernel, kernel),
            padding: PaddingSpec::Explicit(tvec!(pad, pad), tvec!(pad, pad)),
            dilations: None,
            strides: Some(tvec!(2, 2)),
            input_channels: 3,
            output_channels: 3,
        }
    }

    fn conv() -> (Bench, OutletId) {
        let mut bench = Bench::new(&[1, 2, 6, 6]);
        let conv = bench.conv(bench.input, [3, 2, 1, 1], 1, (PaddingSpec::Valid, 1));
        (bench, conv)
    }

    fn average(kernel: usize, pad: usize, count_include_pad: bool) -> SumPool {
        SumPool { pool_spec: spec(kernel, pad), count_include_pad, normalize: true }
    }

    #[test]
    fn a_max_pool_is_taken() {
        let (mut bench, conv) = conv();
        let pool = MaxPool { pool_spec: spec(3, 1), with_index_outputs: None };
        let pool = bench.wire(pool, &[conv]);
        bench.takes(&[pool], 2);
    }

    #[test]
    fn a_mean_over_the_whole_map_is_global() {
        let (mut bench, conv) = conv();
        let pool = bench.wire(average(6, 0, false), &[conv]);
        let graphs = bench.takes(&[pool], 2);
        assert_eq!(graphs[0].nodes[1].op, Op::GlobalAveragePool);
    }

    #[test]
    fn a_mean_over_windows_convolves_each_channel() {
        for (pad, counted) in [(0, false), (1, true)] {
            let (mut bench, conv) = conv();
            let pool = bench.wire(average(3, pad, counted), &[conv]);
            bench.takes(&[pool], 2);
        }
    }

    #[test]
    fn a_mean_that_leaves_padding_out_is_left_to_tract() {
        let (mut bench, conv) = conv();
        let pool = bench.wire(average(3, 1, false), &[conv]);
        bench.takes(&[pool], 1);
    }

    #[test]
    fn a_sum_divided_by_its_count_is_one_global_average() {
        let (mut bench, conv) = conv();
        let mean = bench.mean(conv, &[2, 3]);
        let graphs = bench.takes(&[mean], 3);
        assert_eq!(graphs[0].nodes.len(), 2);
        assert_eq!(graphs[0].nodes[1].op, Op::GlobalAveragePool);
    }

    #[test]
    fn a_maximum_over_the_map_is_a_pool_and_a_sum_over_rows_is_left_to_tract() {
        for (reducer, axes, taken) in [(Reducer::Max, tvec!(2, 3), 2), (Reducer::Sum, tvec!(2), 1)]
        {
            let (mut bench, conv) = conv();
            let reduce = bench.wire(Reduce { axes, reducer }, &[conv]);
            bench.takes(&[reduce], taken);
        }
    }
}
