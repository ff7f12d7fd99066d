//! How a map is cut into tiles that fill the registers.

/// Pixels of a tile that kernels exist for.
pub(crate) const PIXELS: [usize; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14];
/// Vectors of a tile that kernels exist for, at most.
pub(crate) const VECTORS: usize = 4;

/// Vectors of output channels: where the block starts and how many it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) first: usize,
    pub(crate) vectors: usize,
    /// Tiles along a row, left to right.
    pub(crate) segments: [Segment; 4],
}

/// `tiles` tiles of `pixels` pixels from column `first`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Segment {
    pub(crate) first: usize,
    pub(crate) pixels: usize,
    pub(crate) tiles: usize,
}

/// Blocks of output channels, each with its own cut of the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tiling {
    pub(crate) blocks: Vec<Block>,
}

/// The registers that a kernel's tiles may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// All of them.
    pub(crate) registers: usize,
    /// Those that hold one vector's sums.
    pub(crate) per_sum: usize,
    /// Those that hold one pixel's inputs.
    pub(crate) per_pixel: usize,
    /// Those that hold one vector's weights.
    pub(crate) per_weight: usize,
    /// Those that inputs and products pass through.
    pub(crate) spare: usize,
}

impl Budget {
    /// Whether a tile's sums, inputs and weights and what passes through fit.
    pub(crate) const fn fits(self, pixels: usize, vectors: usize) -> bool {
        let per_pixel = vectors * self.per_sum + self.per_pixel;
        pixels * per_pixel + vectors * self.per_weight + self.spare <= self.registers
    }
}

impl Tiling {
    /// The cheapest cut of `columns` pixels and `vectors` vectors by an estimate of cycles.
    pub(crate) fn new(columns: usize, vectors: usize, budget: Budget) -> Self {
        let cuts: Vec<_> = (0..=VECTORS).map(|v| cut(columns, v, budget)).collect();
        // Cheapest way to cover the first `n` vectors, and its last block.
        let mut best = vec![(0, 0)];
        for n in 1..=vectors {
            let with = |v: usize| (best[n - v].0 + cuts[v].1, v);
            let options = (1..=VECTORS.min(n)).map(with);
            best.push(options.min().unwrap_or((0, 1)));
        }
        let mut blocks = Vec::new();
        let mut end = vectors;
        while end > 0 {
            let vectors = best[end].1;
            end -= vectors;
            blocks.push(Block { first: end, vectors, segments: cuts[vectors].0 });
        }
        blocks.reverse();
        Self { blocks }
    }
}

/// A sixteenth of the cycles that one step of a tile takes: two products or two reads a cycle, and
/// four cycles until an accumulator can be added to again; among equals, fewer reads.
fn cost(pixels: usize, vectors: usize) -> usize {
    let reads = pixels + vectors;
    8 * (pixels * vectors).max(reads).max(8) + reads
}

/// The cheapest cut of a row into a main and a few smaller segments, with its cost.
fn cut(columns: usize, vectors: usize, budget: Budget) -> ([Segment; 4], usize) {
    let sizes = || PIXELS.into_iter().filter(|&p| budget.fits(p, vectors));
    let options = sizes().filter_map(|main| {
        let mut segments = [Segment::default(); 4];
        let (mut first, mut total) = (0, 0);
        let mut pixels = main;
        for segment in &mut segments {
            let tiles = (columns - first) / pixels;
            *segment = Segment { first, pixels, tiles };
            first += tiles * pixels;
            total += tiles * cost(pixels, vectors);
            let left = columns - first;
            if left == 0 {
                break;
            }
            pixels = sizes().rfind(|&p| p <= left)?;
        }
        (first == columns).then_some((total, segments))
    });
    options.min_by_key(|&(total, _)| total).map_or_else(
        || {
            (
                [
                    Segment { first: 0, pixels: 1, tiles: columns },
                    Segment::default(),
                    Segment::default(),
                    Segment::default(),
                ],
                usize::MAX / 2,
            )
        },
        |(total, segments)| (segments, total),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Budget =
        Budget { registers: 32, per_sum: 1, per_pixel: 0, per_weight: 1, spare: 3 };
    const NARROW: Budget =
        Budget { registers: 16, per_sum: 1, per_pixel: 0, per_weight: 2, spare: 5 };

    fn covers(columns: usize, vectors: usize, budget: Budget) {
        let tiling = Tiling::new(columns, vectors, budget);
        let mut next = 0;
        for block in &tiling.blocks {
            assert_eq!(block.first, next);
            next += block.vectors;
            let mut column = 0;
            for segment in block.segments.iter().filter(|s| s.tiles > 0) {
                assert_eq!(segment.first, column);
                assert!(budget.fits(segment.pixels, block.vectors));
                column += segment.tiles * segment.pixels;
            }
            assert_eq!(column, columns);
        }
        assert_eq!(next, vectors);
    }

    #[test]
    fn every_map_is_covered_once() {
        for budget in [NARROW, WIDE] {
            for columns in (1..60).chain([80, 97, 160, 8192]) {
                (1..20).for_each(|vectors| covers(columns, vectors, budget));
            }
        }
    }

    #[test]
    fn registers_are_filled_where_a_row_divides() {
        let blocks = Tiling::new(24, 2, WIDE).blocks;
        let segment = Segment { first: 0, pixels: 12, tiles: 2 };
        assert_eq!((blocks.len(), blocks[0].vectors, blocks[0].segments[0]), (1, 2, segment));
    }
}
