//! The left matrix of a product, packed in blocks of rows.

/// `[rows / block][depth][block]`, rows past the last are zero.
pub(super) struct Rows {
    data: Vec<f32>,
    stride: usize,
}

impl Rows {
    /// Packs `rows` × `depth` values in blocks of `block` rows.
    pub(super) fn new(
        rows: usize,
        depth: usize,
        block: usize,
        value: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let mut data = vec![0.0; rows.div_ceil(block) * depth * block];
        for row in 0..rows {
            let start = row / block * depth * block + row % block;
            for k in 0..depth {
                data[start + k * block] = value(row, k);
            }
        }
        Self { data, stride: depth * block }
    }

    /// The blocks in order, each `[depth][block]`.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &[f32]> {
        self.data.chunks_exact(self.stride)
    }
}
