//! Batch normalisation in training, with or without a ReLU behind it, and its gradients.
//!
//! ```text
//! y[n, c, i] = f(γ[c] · (x[n, c, i] - μ[c]) / √(σ²[c] + ε) + β[c]),   f = identity or max(0, ·)
//! ```
//!
//! `μ` and `σ²` are the mean and the (biased) variance of channel `c` over the batch; Ioffe and
//! Szegedy 2015, arXiv 1502.03167, with the gradients of its section 3. Running statistics are the
//! caller's. Two passes forward and two back, where the definition written with tensor operations
//! takes a dozen.

use pulp::Simd;
use rayon::{
    iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _},
    slice::{ParallelSlice as _, ParallelSliceMut as _},
};

use crate::product::{self, Kernel};

/// What is normalised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norm {
    /// Channels.
    pub channels: usize,
    /// Values of a map.
    pub area: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// Whether negative results become zero.
    pub relu: bool,
}

/// Mean and variance of every channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Means, `[C]`.
    pub mean: Vec<f32>,
    /// Biased variances, `[C]`.
    pub variance: Vec<f32>,
}

/// Gradients of the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients {
    /// Of the scale γ, `[C]`.
    pub gamma: Vec<f32>,
    /// Of the shift β, `[C]`.
    pub beta: Vec<f32>,
}

impl Norm {
    /// Normalises `x` into `y`.
    ///
    /// # Shapes
    /// x, y `[N, C, area]`, gamma, beta `[C]`
    ///
    /// # Panics
    /// When a slice has not the length that its shape says.
    pub fn forward(&self, x: &[f32], gamma: &[f32], beta: &[f32], y: &mut [f32]) -> Statistics {
        assert_eq!((x.len() % (self.channels * self.area), x.len()), (0, y.len()), "lengths");
        assert_eq!((gamma.len(), beta.len()), (self.channels, self.channels), "parameters");
        let sums = |c: usize| {
            let mut sums = [0.0; 2];
            product::dispatch(Moments { maps: self.maps(x, c), sums: &mut sums });
            let count = (x.len() / self.channels) as f64;
            let mean = sums[0] / count;
            [mean, (sums[1] / count - mean * mean).max(0.0)]
        };
        let moments: Vec<[f64; 2]> = (0..self.channels).into_par_iter().map(sums).collect();
        let lines: Vec<Line> =
            moments.iter().enumerate().map(|(c, m)| self.line(*m, gamma[c], beta[c])).collect();
        let size = self.channels * self.area;
        y.par_chunks_mut(size).zip(x.par_chunks(size)).for_each(|(y, x)| {
            product::dispatch(Apply { norm: self, lines: &lines, x, y });
        });
        Statistics {
            mean: moments.iter().map(|m| single(m[0])).collect(),
            variance: moments.iter().map(|m| single(m[1])).collect(),
        }
    }

    /// The gradients, given that of the output.
    ///
    /// # Shapes
    /// x, dy, dx `[N, C, area]`, gamma, beta `[C]`
    ///
    /// # Panics
    /// When a slice has not the length that its shape says.
    pub fn backward(
        &self,
        (x, statistics): (&[f32], &Statistics),
        (gamma, beta): (&[f32], &[f32]),
        dy: &[f32],
        dx: &mut [f32],
    ) -> Gradients {
        assert_eq!((x.len(), x.len()), (dy.len(), dx.len()), "lengths");
        assert_eq!((gamma.len(), beta.len()), (self.channels, self.channels), "parameters");
        let line = |c: usize| {
            let moments = [statistics.mean[c], statistics.variance[c]].map(f64::from);
            self.line(moments, gamma[c], beta[c])
        };
        let lines: Vec<Line> = (0..self.channels).map(line).collect();
        let sums = |c: usize| {
            let mut sums = [0.0; 2];
            let maps = self.maps(x, c).zip(self.maps(dy, c));
            product::dispatch(Products { line: lines[c], relu: self.relu, maps, sums: &mut sums });
            sums
        };
        let sums: Vec<[f64; 2]> = (0..self.channels).into_par_iter().map(sums).collect();
        let count = (x.len() / self.channels) as f64;
        let means: Vec<[f32; 2]> = sums.iter().map(|s| s.map(|s| single(s / count))).collect();
        let size = self.channels * self.area;
        dx.par_chunks_mut(size).zip(x.par_chunks(size).zip(dy.par_chunks(size))).for_each(
            |(dx, (x, dy))| {
                product::dispatch(Retreat { norm: self, lines: &lines, means: &means, x, dy, dx });
            },
        );
        Gradients {
            gamma: sums.iter().map(|s| single(s[1])).collect(),
            beta: sums.iter().map(|s| single(s[0])).collect(),
        }
    }

    /// The maps of channel `c` in every picture.
    fn maps<'a>(&self, x: &'a [f32], c: usize) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        x.chunks_exact(self.area).skip(c).step_by(self.channels)
    }

    fn line(&self, [mean, variance]: [f64; 2], gamma: f32, beta: f32) -> Line {
        let inverse = 1.0 / (variance + f64::from(self.epsilon)).sqrt();
        let slope = f64::from(gamma) * inverse;
        Line {
            mean: single(mean),
            inverse: single(inverse),
            slope: single(slope),
            shift: single(f64::from(beta) - mean * slope),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "results are single precision")]
fn single(value: f64) -> f32 {
    value as f32
}

/// How a channel is normalised: `slope · x + shift`.
#[derive(Debug, Clone, Copy)]
struct Line {
    mean: f32,
    inverse: f32,
    slope: f32,
    shift: f32,
}

impl Line {
    #[inline(always)]
    fn at(self, x: f32) -> f32 {
        self.slope.mul_add(x, self.shift)
    }
}

/// Sums of a channel's values and of their squares.
struct Moments<'a, I> {
    maps: I,
    sums: &'a mut [f64; 2],
}

impl<'a, I: Iterator<Item = &'a [f32]>> Kernel for Moments<'_, I> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, _: S) {
        for map in self.maps {
            let found = pairs(map, map, |x, _| [x, x * x]);
            self.sums[0] += found[0];
            self.sums[1] += found[1];
        }
    }
}

/// Sums of the gradient of the line's value, and of its product with the normalised input.
struct Products<'a, I> {
    line: Line,
    relu: bool,
    maps: I,
    sums: &'a mut [f64; 2],
}

impl<'a, I: Iterator<Item = (&'a [f32], &'a [f32])>> Kernel for Products<'_, I> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, _: S) {
        let (line, relu) = (self.line, self.relu);
        for (x, dy) in self.maps {
            let found = pairs(x, dy, |x, dy| {
                let dy = gated(line, relu, x, dy);
                [dy, dy * (x - line.mean) * line.inverse]
            });
            self.sums[0] += found[0];
            self.sums[1] += found[1];
        }
    }
}

/// The output's gradient as it arrives before the ReLU.
#[inline(always)]
fn gated(line: Line, relu: bool, x: f32, dy: f32) -> f32 {
    if relu && line.at(x) <= 0.0 { 0.0 } else { dy }
}

/// Normalises one picture.
struct Apply<'a> {
    norm: &'a Norm,
    lines: &'a [Line],
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, _: S) {
        let floor = if self.norm.relu { 0.0 } else { f32::NEG_INFINITY };
        let maps = self.y.chunks_exact_mut(self.norm.area).zip(self.x.chunks_exact(self.norm.area));
        for ((y, x), line) in maps.zip(self.lines) {
            for (y, x) in y.iter_mut().zip(x) {
                let value = line.at(*x);
                // Not `max`, which would turn NaN into zero.
                *y = if value < floor { floor } else { value };
            }
        }
    }
}

/// The input's gradient of one picture.
struct Retreat<'a> {
    norm: &'a Norm,
    lines: &'a [Line],
    means: &'a [[f32; 2]],
    x: &'a [f32],
    dy: &'a [f32],
    dx: &'a mut [f32],
}

impl Kernel for Retreat<'_> {
    #[inline(always)]
    fn run<S: Simd, const M: usize, const V: usize>(self, _: S) {
        let area = self.norm.area;
        let maps = self
            .dx
            .chunks_exact_mut(area)
            .zip(self.x.chunks_exact(area).zip(self.dy.chunks_exact(area)));
        for ((dx, (x, dy)), (line, means)) in maps.zip(self.lines.iter().zip(self.means)) {
            for (dx, (x, dy)) in dx.iter_mut().zip(x.iter().zip(dy)) {
                let dy = gated(*line, self.norm.relu, *x, *dy);
                let normalised = (x - line.mean) * line.inverse;
                *dx = line.slope * (dy - means[0] - normalised * means[1]);
            }
        }
    }
}

/// Two sums over pairs of values, in sixteen lanes.
#[inline(always)]
fn pairs(a: &[f32], b: &[f32], each: impl Fn(f32, f32) -> [f32; 2]) -> [f64; 2] {
    let (mut first, mut second) = ([0.0_f32; 16], [0.0_f32; 16]);
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..16 {
            let [one, two] = each(a[i], b[i]);
            first[i] += one;
            second[i] += two;
        }
    }
    for (i, (a, b)) in rest_a.iter().zip(rest_b).enumerate() {
        let [one, two] = each(*a, *b);
        first[i] += one;
        second[i] += two;
    }
    [first, second].map(|lanes| lanes.iter().map(|&lane| f64::from(lane)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORM: Norm = Norm { channels: 3, area: 21, epsilon: 1e-5, relu: false };

    fn values(seed: usize, len: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 504.5 - 0.8).collect()
    }

    #[test]
    fn the_output_has_the_mean_and_the_deviation_asked_for() {
        let x = values(1, 5 * 63);
        let mut y = vec![0.0; x.len()];
        let found = NORM.forward(&x, &[2.0, 0.5, 1.0], &[0.0, 3.0, -1.0], &mut y);
        for (c, (gamma, beta)) in [(2.0, 0.0), (0.5, 3.0), (1.0, -1.0)].into_iter().enumerate() {
            let maps: Vec<f32> = NORM.maps(&y, c).flatten().copied().collect();
            let mean = maps.iter().sum::<f32>() / maps.len() as f32;
            let variance = maps.iter().map(|y| (y - mean).powi(2)).sum::<f32>() / maps.len() as f32;
            assert!((mean - beta).abs() < 1e-4, "{mean}");
            assert!((variance.sqrt() - gamma).abs() < 1e-3, "{variance}");
            assert!(found.variance[c] > 0.1);
        }
    }

    #[test]
    fn gradients_are_the_slopes_of_the_loss() {
        for relu in [false, true] {
            let norm = Norm { relu, ..NORM };
            let (x, weights) = (values(1, 4 * 63), values(2, 4 * 63));
            let (gamma, beta) = ([1.2, 0.7, -0.9], [0.1, -0.2, 0.3]);
            let loss = |x: &[f32], gamma: &[f32], beta: &[f32]| {
                let mut y = vec![0.0; x.len()];
                norm.forward(x, gamma, beta, &mut y);
                y.iter().zip(&weights).map(|(y, w)| f64::from(y * w)).sum::<f64>()
            };
            let mut y = vec![0.0; x.len()];
            let statistics = norm.forward(&x, &gamma, &beta, &mut y);
            let mut dx = vec![0.0; x.len()];
            let found = norm.backward((&x, &statistics), (&gamma, &beta), &weights, &mut dx);
            let slope = |change: &dyn Fn(f32) -> f64| (change(1e-2) - change(-1e-2)) / 2e-2;
            for at in [0, 17, 100, 251] {
                let wanted = slope(&|d| {
                    let mut x = x.clone();
                    x[at] += d;
                    loss(&x, &gamma, &beta)
                });
                assert!((f64::from(dx[at]) - wanted).abs() < 2e-2, "{} {wanted}", dx[at]);
            }
            for c in 0..3 {
                let moved = |values: [f32; 3], d: f32| {
                    let mut values = values;
                    values[c] += d;
                    values
                };
                let wanted = slope(&|d| loss(&x, &moved(gamma, d), &beta));
                assert!((f64::from(found.gamma[c]) - wanted).abs() < 0.2, "{wanted}");
                let wanted = slope(&|d| loss(&x, &gamma, &moved(beta, d)));
                assert!((f64::from(found.beta[c]) - wanted).abs() < 0.2, "{wanted}");
            }
        }
    }

    #[test]
    fn a_value_that_is_no_number_stays_none() {
        let mut x = values(1, 63);
        x[5] = f32::NAN;
        let mut y = vec![0.0; 63];
        Norm { relu: true, ..NORM }.forward(&x, &[1.0; 3], &[0.0; 3], &mut y);
        assert!(y[5].is_nan() && y[62].is_finite());
    }
}
