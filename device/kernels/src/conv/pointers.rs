//! Where the inner loops of a convolution stand in its weights and its input. Pointers are only
//! computed here; whoever reads through them says why that is sound.

/// Where weights lie: of the first vector, and those of the next one `depth` elements on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights<T> {
    first: *const T,
    depth: usize,
}

impl<T> Weights<T> {
    /// Weights from `first` on, `depth` elements a vector.
    #[inline(always)]
    pub(super) fn new(first: *const T, depth: usize) -> Self {
        Self { first, depth }
    }

    /// Those of a vector.
    #[inline(always)]
    pub(super) fn of(self, vector: usize) -> *const T {
        self.first.wrapping_add(vector * self.depth)
    }

    /// Moves every vector by `n` elements.
    #[inline(always)]
    pub(super) fn advance(&mut self, n: usize) {
        self.first = self.first.wrapping_add(n);
    }
}

/// Where `P` pixels' inputs lie: every third one's pointer, the others at one or two steps from it,
/// which addresses can express without a register each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pixels<T, const P: usize> {
    thirds: [*const T; 5],
    step: usize,
}

impl<T, const P: usize> Pixels<T, P> {
    /// Pixels from `first` on, `step` elements apart.
    #[inline(always)]
    pub(super) fn new(first: *const T, step: usize) -> Self {
        let third = |i: usize| first.wrapping_add(3 * i.min(P.div_ceil(3) - 1) * step);
        Self { thirds: [third(0), third(1), third(2), third(3), third(4)], step }
    }

    /// Element `k` from pixel `p` on.
    #[inline(always)]
    pub(super) fn at(&self, p: usize, k: usize) -> *const T {
        self.thirds[p / 3].wrapping_add(p % 3 * self.step).wrapping_add(k)
    }

    /// Moves every pixel by `n` elements.
    #[inline(always)]
    pub(super) fn advance(&mut self, n: usize) {
        for third in &mut self.thirds {
            *third = third.wrapping_add(n);
        }
    }
}
