//! A driver's 32-bit frame counter as an id that only grows.

/// The ids of one camera.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    id: u64,
    last: Option<u32>,
}

impl Sequence {
    /// The id of the frame that the driver numbers `counter`.
    ///
    /// A jump forward is kept, since it counts lost frames; a counter that stands or jumps back
    /// is a driver's fault and counts as one frame.
    pub(super) fn id(&mut self, counter: u32) -> u64 {
        if let Some(last) = self.last {
            let step = counter.wrapping_sub(last);
            self.id += if step <= u32::MAX / 2 { u64::from(step.max(1)) } else { 1 };
        }
        self.last = Some(counter);
        self.id
    }

    /// Says that the driver counts anew; ids go on.
    pub(super) fn restart(&mut self) {
        if self.last.take().is_some() {
            self.id += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(counters: &[u32]) -> Vec<u64> {
        let mut sequence = Sequence::default();
        counters.iter().map(|&counter| sequence.id(counter)).collect()
    }

    #[test]
    fn a_gap_in_the_counter_is_a_gap_in_the_ids() {
        assert_eq!(ids(&[5, 6, 9, 10]), [0, 1, 4, 5]);
    }

    #[test]
    fn the_counter_may_wrap() {
        assert_eq!(ids(&[u32::MAX - 1, u32::MAX, 0, 2]), [0, 1, 2, 4]);
    }

    #[test]
    fn a_counter_that_stands_or_falls_counts_one() {
        assert_eq!(ids(&[0, 0, 0]), [0, 1, 2]);
        assert_eq!(ids(&[7, 3, 4]), [0, 1, 2]);
    }

    #[test]
    fn ids_go_on_when_the_stream_restarts() {
        let mut sequence = Sequence::default();
        assert_eq!((sequence.id(0), sequence.id(1)), (0, 1));
        sequence.restart();
        assert_eq!((sequence.id(0), sequence.id(1)), (2, 3));
    }
}
