//! Where values lie while a program runs.
//!
//! A value is `[H, W, C]` within a border; its border holds zeros (the code of zero, for codes) and
//! is written once. Buffers end in slack, so that vectors may read past the last pixel.

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
        self.at([0, 0, 0])
    }

    /// Position of channel `c` of the pixel in row `y` and column `x` inside the border.
    pub(crate) fn at(&self, [c, y, x]: [usize; 3]) -> usize {
        (self.border[0] + y) * self.row() + (self.border[1] + x) * self.shape[0] + c
    }

    /// Elements with the border.
    pub(crate) fn elements(&self) -> usize {
        (self.border[0] + self.shape[1] + self.border[2]) * self.row()
    }

    /// The rows inside the border, as ranges of the buffer.
    pub(crate) fn rows(&self) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let (origin, row) = (self.origin(), self.row());
        let width = self.shape[0] * self.shape[2];
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
    /// `len` elements or a few more, each `fill`.
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

    /// Makes the buffer of a value; its border and its slack hold `fill`.
    pub(crate) fn lay_out<T: Element>(&mut self, map: &Map, fill: T) {
        T::buffers_mut(self)[map.value] = Aligned::filled(map.elements() + SLACK, fill);
    }

    /// The buffer of a value: at least its elements and the slack.
    ///
    /// # Panics
    /// When the value has not been laid out in this form or is being written.
    pub(crate) fn read<T: Element>(&self, map: &Map) -> &[T] {
        let buffer = &T::buffers(self)[map.value];
        assert!(buffer.len() >= map.elements() + SLACK, "value {} is not there", map.value);
        buffer
    }

    /// Calls `write` with a value's buffer, taken out of the arena, beside the others to read.
    ///
    /// # Panics
    /// When the value has not been laid out in this form.
    pub(crate) fn write<T: Element, R>(
        &mut self,
        map: &Map,
        write: impl FnOnce(&mut [T], &Self) -> R,
    ) -> R {
        let mut buffer = std::mem::take(&mut T::buffers_mut(self)[map.value]);
        assert!(buffer.len() >= map.elements() + SLACK, "value {} is not there", map.value);
        let made = write(&mut buffer, self);
        T::buffers_mut(self)[map.value] = buffer;
        made
    }

    /// Bytes of all buffers.
    pub(crate) fn bytes(&self) -> usize {
        let floats: usize = self.floats.iter().map(|b| b.data.len() * size_of::<f32>()).sum();
        floats + self.codes.iter().map(|b| b.data.len()).sum::<usize>()
    }
}

/// An element of a buffer: f32 or a code.
pub(crate) trait Element:
    Copy + Default + PartialOrd + std::fmt::Debug + Send + Sync + 'static
{
    /// Name in reports.
    const NAME: &str;
    /// The buffers of this kind.
    fn buffers(arena: &Arena) -> &[Aligned<Self>];
    /// The buffers of this kind.
    fn buffers_mut(arena: &mut Arena) -> &mut [Aligned<Self>];
}

impl Element for f32 {
    const NAME: &str = "f32";

    fn buffers(arena: &Arena) -> &[Aligned<Self>] {
        &arena.floats
    }

    fn buffers_mut(arena: &mut Arena) -> &mut [Aligned<Self>] {
        &mut arena.floats
    }
}

impl Element for u8 {
    const NAME: &str = "int8";

    fn buffers(arena: &Arena) -> &[Aligned<Self>] {
        &arena.codes
    }

    fn buffers_mut(arena: &mut Arena) -> &mut [Aligned<Self>] {
        &mut arena.codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: Map = Map { value: 1, shape: [3, 4, 5], border: [1, 2, 0, 1] };

    #[test]
    fn a_border_surrounds_the_rows_of_a_map() {
        // Eight pixels of three channels a row.
        assert_eq!((MAP.row(), MAP.elements(), MAP.origin()), (24, 120, 30));
        let rows: Vec<_> = MAP.rows().collect();
        assert_eq!(rows, [30..45, 54..69, 78..93, 102..117]);
        assert_eq!(MAP.at([2, 3, 4]), 116);
    }

    #[test]
    fn buffers_are_aligned_and_end_in_slack() {
        let mut arena = Arena::new(2);
        arena.lay_out(&MAP, 7_u8);
        let buffer = arena.read::<u8>(&MAP);
        assert!(buffer.len() >= 120 + SLACK && buffer.as_ptr().addr().is_multiple_of(ALIGNMENT));
        assert!(buffer.iter().all(|&code| code == 7));
    }

    #[test]
    #[should_panic(expected = "value 1 is not there")]
    fn a_value_in_another_form_is_not_read() {
        let mut arena = Arena::new(2);
        arena.lay_out(&MAP, 7_u8);
        arena.read::<f32>(&MAP);
    }

    #[test]
    #[should_panic(expected = "value 1 is not there")]
    fn a_value_is_not_read_while_it_is_written() {
        let mut arena = Arena::new(2);
        arena.lay_out(&MAP, 7_u8);
        arena.write::<u8, _>(&MAP, |_, arena| arena.read::<u8>(&MAP).len());
    }
}
