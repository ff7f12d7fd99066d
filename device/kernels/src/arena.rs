//! Where values lie while a program runs.
//!
//! A value is `[H, W, C]` within a border; its border holds zeros (the code of zero, for codes) and
//! is written once. Buffers end in slack, so that vectors may read past the last pixel.

use mien_shared::graph::Affine;

/// Elements that may be read past the last one.
pub(crate) const SLACK: usize = 64;

/// Bytes that vectors like their buffers aligned to.
const ALIGNMENT: usize = 64;

/// Where one value lies in its buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Map {
    /// Number of the value.
    pub(crate) value: usize,
    /// Channels, rows and columns without the border.
    pub(crate) shape: [usize; 3],
    /// Border: top, left, bottom, right.
    pub(crate) border: [usize; 4],
}

impl Map {
    /// Elements from one row to the next.
    pub(crate) fn row(&self) -> usize {
        let [channels, _, width] = self.shape;
        (self.border[1] + width + self.border[3]) * channels
    }

    /// Position of the first pixel inside the border.
    pub(crate) fn origin(&self) -> usize {
        self.border[0] * self.row() + self.border[1] * self.shape[0]
    }

    /// Elements of a row inside the border.
    pub(crate) fn width(&self) -> usize {
        self.shape[0] * self.shape[2]
    }

    /// Elements with the border.
    pub(crate) fn elements(&self) -> usize {
        (self.border[0] + self.shape[1] + self.border[2]) * self.row()
    }

    /// The rows inside the border, as ranges of the buffer.
    pub(crate) fn rows(&self) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let (origin, row, width) = (self.origin(), self.row(), self.width());
        (0..self.shape[1]).map(move |y| origin + y * row..origin + y * row + width)
    }
}

/// A vector whose first element is aligned for vectors.
#[derive(Debug, Default)]
pub(crate) struct Aligned<T> {
    data: Vec<T>,
    start: usize,
}

impl<T: Copy> Aligned<T> {
    /// `len` elements, each `fill`.
    pub(crate) fn filled(len: usize, fill: T) -> Self {
        let spare = ALIGNMENT / size_of::<T>().max(1);
        let data = vec![fill; len + spare];
        let start = data.as_ptr().align_offset(ALIGNMENT).min(spare);
        Self { data, start }
    }

    /// A copy of `from`.
    pub(crate) fn of(from: &[T]) -> Self
    where
        T: Default,
    {
        let mut made = Self::filled(from.len(), T::default());
        made[..from.len()].copy_from_slice(from);
        made
    }
}

impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        Self::of(self)
    }
}

impl<T> std::ops::Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.data[self.start..]
    }
}

impl<T> std::ops::DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[self.start..]
    }
}

/// Every value's buffers. A value that integer and float steps both use has two.
#[derive(Debug, Default, Clone)]
pub(crate) struct Arena {
    floats: Vec<Aligned<f32>>,
    codes: Vec<Aligned<u8>>,
}

impl Arena {
    /// Room for `values` values.
    pub(crate) fn new(values: usize) -> Self {
        let mut arena = Self::default();
        arena.floats.resize_with(values, Aligned::default);
        arena.codes.resize_with(values, Aligned::default);
        arena
    }

    /// Bytes of all buffers.
    pub(crate) fn bytes(&self) -> usize {
        let floats: usize = self.floats.iter().map(|b| b.data.len() * size_of::<f32>()).sum();
        floats + self.codes.iter().map(|b| b.data.len()).sum::<usize>()
    }
}

/// An element of a buffer: f32 or a code.
pub(crate) trait Element: Copy + Default + PartialOrd + Send + Sync + 'static {
    /// Makes the buffer of a value.
    fn lay_out(arena: &mut Arena, map: &Map, coding: Option<Affine>);
    /// The buffers of this kind.
    fn buffers(arena: &mut Arena) -> &mut [Aligned<Self>];
}

impl Element for f32 {
    fn lay_out(arena: &mut Arena, map: &Map, _: Option<Affine>) {
        arena.floats[map.value] = Aligned::filled(map.elements() + SLACK, 0.0);
    }

    fn buffers(arena: &mut Arena) -> &mut [Aligned<Self>] {
        &mut arena.floats
    }
}

impl Element for u8 {
    fn lay_out(arena: &mut Arena, map: &Map, coding: Option<Affine>) {
        let zero = coding.map_or(0, |affine| affine.zero);
        arena.codes[map.value] = Aligned::filled(map.elements() + SLACK, zero);
    }

    fn buffers(arena: &mut Arena) -> &mut [Aligned<Self>] {
        &mut arena.codes
    }
}

/// The buffer to write, taken out of the arena, beside the others to read.
pub(crate) fn written<T: Element, R>(
    arena: &mut Arena,
    value: usize,
    write: impl FnOnce(&mut [T], &mut Arena) -> R,
) -> R {
    let mut buffer = std::mem::take(&mut T::buffers(arena)[value]);
    let made = write(&mut buffer, arena);
    T::buffers(arena)[value] = buffer;
    made
}

/// The buffer of `value`.
pub(crate) fn read<T: Element>(arena: &mut Arena, value: usize) -> &[T] {
    &T::buffers(arena)[value]
}
