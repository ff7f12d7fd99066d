//! How a tensor's axes hold a value's channels, rows and columns.
//!
//! A value of a graph is `[C, H, W]`. The same numbers appear in a tract model as `[1, C, H, W]`,
//! `[1, H, W, C]`, `[1, H·W, C]` or flat, because networks transpose, squeeze and reshape. A view
//! says for each tensor axis which of the value's axes it runs over, slowest first, so that such
//! operations change the view and cost nothing. Axes of extent one are in no list.

/// An axis of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Channels.
    C,
    /// Rows.
    H,
    /// Columns.
    W,
}

impl Axis {
    /// All axes in the order of a value's elements.
    pub(crate) const ALL: [Self; 3] = [Self::C, Self::H, Self::W];

    /// This axis' extent in a value of `[C, H, W]` `dims`.
    pub(crate) fn extent(self, dims: [usize; 3]) -> usize {
        dims[self as usize]
    }
}

/// Which of a value's axes each tensor axis runs over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View(Vec<Vec<Axis>>);

impl View {
    /// The view of a tensor whose axes are those of `layout`; `None` is an axis of extent one.
    pub(crate) fn new(layout: &[Option<Axis>], dims: [usize; 3]) -> Self {
        let wide = |axis: &Option<Axis>| axis.filter(|a| a.extent(dims) > 1).into_iter().collect();
        Self(layout.iter().map(wide).collect())
    }

    /// `[1, C, H, W]`.
    pub(crate) fn nchw(dims: [usize; 3]) -> Self {
        Self::new(&[None, Some(Axis::C), Some(Axis::H), Some(Axis::W)], dims)
    }

    /// `[1, H, W, C]`.
    pub(crate) fn nhwc(dims: [usize; 3]) -> Self {
        Self::new(&[None, Some(Axis::H), Some(Axis::W), Some(Axis::C)], dims)
    }

    /// A view with these lists.
    pub(crate) fn from_lists(lists: Vec<Vec<Axis>>) -> Self {
        Self(lists)
    }

    /// Number of tensor axes.
    pub(crate) fn rank(&self) -> usize {
        self.0.len()
    }

    /// What the tensor axis at `position` runs over; nothing beyond the last.
    pub(crate) fn at(&self, position: usize) -> &[Axis] {
        self.0.get(position).map_or(&[], Vec::as_slice)
    }

    /// The value's axes in the order of the tensor's elements, slowest first.
    pub(crate) fn order(&self) -> Vec<Axis> {
        self.0.concat()
    }

    /// This view with another list at `position`.
    pub(crate) fn with(&self, position: usize, list: Vec<Axis>) -> Self {
        let mut lists = self.0.clone();
        if let Some(old) = lists.get_mut(position) {
            *old = list;
        }
        Self(lists)
    }

    /// The view after the tensor axis `from` has moved to `to`.
    pub(crate) fn moved(&self, from: usize, to: usize) -> Option<Self> {
        let mut lists = self.0.clone();
        if from >= lists.len() || to >= lists.len() {
            return None;
        }
        let list = lists.remove(from);
        lists.insert(to, list);
        Some(Self(lists))
    }

    /// The view after a reshape to `shape`, when every new axis runs over whole axes of the value.
    pub(crate) fn reshaped(&self, dims: [usize; 3], shape: &[usize]) -> Option<Self> {
        let mut rest = self.order().into_iter();
        let mut lists = Vec::with_capacity(shape.len());
        for &extent in shape {
            let mut list = Vec::new();
            let mut product = 1;
            while product < extent {
                let axis = rest.next()?;
                product *= axis.extent(dims);
                list.push(axis);
            }
            if product != extent {
                return None;
            }
            lists.push(list);
        }
        rest.next().is_none().then_some(Self(lists))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMS: [usize; 3] = [3, 4, 5];

    #[test]
    fn a_transpose_only_renames_axes() {
        let nhwc = View::nchw(DIMS).moved(1, 3).unwrap();
        assert_eq!(nhwc, View::nhwc(DIMS));
        assert_eq!(nhwc.order(), [Axis::H, Axis::W, Axis::C]);
        assert_eq!(nhwc.moved(3, 4), None);
    }

    #[test]
    fn a_reshape_that_keeps_axes_whole_is_a_view() {
        let rows = View::nhwc(DIMS).reshaped(DIMS, &[1, 20, 3]).unwrap();
        assert_eq!(rows.at(1), [Axis::H, Axis::W]);
        assert_eq!(rows.reshaped(DIMS, &[1, 4, 5, 1, 3]).unwrap().at(4), [Axis::C]);
        let flat = View::nchw(DIMS).reshaped(DIMS, &[1, 60]).unwrap();
        assert_eq!(flat.at(1), Axis::ALL);
    }

    #[test]
    fn a_reshape_that_splits_an_axis_is_not() {
        assert_eq!(View::nchw(DIMS).reshaped(DIMS, &[1, 3, 2, 10]), None);
        assert_eq!(View::nchw(DIMS).reshaped(DIMS, &[1, 3]), None);
    }

    #[test]
    fn axes_of_extent_one_are_everywhere_and_nowhere() {
        let dims = [1, 4, 5];
        assert_eq!(View::nhwc(dims).reshaped(dims, &[1, 1, 4, 5]), Some(View::nchw(dims)));
    }
}
