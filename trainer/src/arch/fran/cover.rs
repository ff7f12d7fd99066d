//! Grey blocks over what a region looks at, so that no region is relied on alone.
//!
//! Of each picture, with probability `p`, one region drawn at random loses the place its map is
//! highest at: a square about it becomes mid-grey, the value 0 of a prepared crop. Own choice, in
//! the manner of random erasing (Zhong et al. 2020, arXiv 1708.04896).

use burn::tensor::{Distribution, Int, Tensor, TensorData};

/// Pictures whose attended place is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct Covered {
    /// Indices of the pictures in the batch.
    pub pictures: Vec<usize>,
    /// For each of them, where in 0..1 its region is drawn.
    draws: Vec<f32>,
}

impl Covered {
    /// Draws each of the `count` pictures with probability `p`, from the generator of the device
    /// that `pixels` are on.
    pub fn draw(pixels: &Tensor<4>, p: f32) -> Self {
        let [count, _, _, _] = pixels.dims();
        let draws: Tensor<2> =
            Tensor::random([count, 2], Distribution::Uniform(0.0, 1.0), &pixels.device());
        let draws: Vec<f32> = draws.into_data().iter::<f32>().collect();
        let (pairs, _) = draws.as_chunks::<2>();
        let chosen = pairs.iter().enumerate().filter(|(_, pair)| pair[0] < p);
        let (pictures, draws) = chosen.map(|(picture, pair)| (picture, pair[1])).unzip();
        Self { pictures, draws }
    }

    /// The pictures that are to be covered.
    ///
    /// # Shapes
    /// `[N, 1, S, S] -> [pictures, 1, S, S]`
    pub fn of(&self, pixels: Tensor<4>) -> Tensor<4> {
        let indices: Vec<i64> =
            self.pictures.iter().filter_map(|&picture| i64::try_from(picture).ok()).collect();
        let count = indices.len();
        let indices =
            Tensor::<1, Int>::from_data(TensorData::new(indices, [count]), &pixels.device());
        pixels.select(0, indices)
    }

    /// `pixels` with a square of `block` of the side hidden in each picture that was drawn; `maps`
    /// are of [`Self::of`], with as many columns as rows.
    ///
    /// # Shapes
    /// pixels `[N, 1, S, S]`, maps `[pictures, R, P] -> [N, 1, S, S]`
    pub fn hide(&self, pixels: Tensor<4>, maps: Tensor<3>, block: f32) -> Tensor<4> {
        let [count, _, side, _] = pixels.dims();
        let [_, regions, places] = maps.dims();
        let peaks: Vec<usize> = maps
            .argmax(2)
            .into_data()
            .iter::<i64>()
            .map(|place| usize::try_from(place).unwrap_or_default())
            .collect();
        let columns = places.isqrt();
        let mut kept = vec![1.0_f32; count * side * side];
        for ((&picture, &draw), peaks) in
            self.pictures.iter().zip(&self.draws).zip(peaks.chunks(regions))
        {
            let place = peaks[region(draw, regions)];
            let centre = [place % columns, place / columns]
                .map(|cell| (cell as f32 + 0.5) * side as f32 / columns as f32);
            let rows = &mut kept[picture * side * side..][..side * side];
            square(rows, side, centre, block * side as f32);
        }
        let kept = TensorData::new(kept, [count, 1, side, side]);
        let kept = Tensor::from_data(kept, &pixels.device());
        pixels * kept
    }
}

/// The region that a draw of 0..1 falls on.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a small count"
)]
fn region(draw: f32, regions: usize) -> usize {
    ((draw * regions as f32) as usize).min(regions - 1)
}

/// Puts 0 where a pixel's centre is within half of `width` of `centre` (x, y) along both axes.
fn square(rows: &mut [f32], side: usize, centre: [f32; 2], width: f32) {
    let within = |at: usize, centre: f32| (at as f32 + 0.5 - centre).abs() < width / 2.0;
    let rows = rows.chunks_mut(side).enumerate().filter(|(y, _)| within(*y, centre[1]));
    for (x, pixel) in rows.flat_map(|(_, row)| row.iter_mut().enumerate()) {
        if within(x, centre[0]) {
            *pixel = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn the_square_is_where_the_drawn_region_peaks() {
        let device = Device::flex();
        let pixels = Tensor::<4>::ones([2, 1, 4, 4], &device);
        // 2 × 2 places; region 0 peaks upper right, region 1 lower left.
        let maps =
            Tensor::<3>::from_floats([[[0.1, 0.7, 0.1, 0.1], [0.0, 0.1, 0.8, 0.1]]], &device);
        let hidden = |draw: f32| {
            let covered = Covered { pictures: vec![1], draws: vec![draw] };
            let shown = covered.hide(pixels.clone(), maps.clone(), 0.5).into_data();
            shown.iter::<f32>().collect::<Vec<_>>()
        };
        let [left, right] = [[0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]];
        let whole = [1.0; 4];
        assert_eq!(hidden(0.2), [[whole; 4], [right, right, whole, whole]].concat().concat());
        assert_eq!(hidden(0.9), [[whole; 4], [whole, whole, left, left]].concat().concat());
    }

    #[test]
    fn as_many_pictures_are_covered_as_the_probability_says() {
        let device = Device::flex();
        device.seed(7);
        let pixels = Tensor::<4>::zeros([1000, 1, 1, 1], &device);
        assert_eq!(Covered::draw(&pixels, 0.0).pictures.len(), 0);
        assert_eq!(Covered::draw(&pixels, 1.0).pictures.len(), 1000);
        let some = Covered::draw(&pixels, 0.2);
        assert!((150..250).contains(&some.pictures.len()), "{}", some.pictures.len());
        assert_eq!(some.of(pixels).dims()[0], some.pictures.len());
    }
}
