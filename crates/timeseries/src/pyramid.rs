//! Minima and maxima over ever larger blocks of samples, so that any range is answered in a handful of steps.
//!
//! NaN never enters a minimum or maximum; a block of NaN alone is [`Extent::EMPTY`]. Built as values arrive; the memory
//! is about 14 % of the column for the default fan-out of 16.

use std::ops::Range;

use crate::values::Values;

/// Minimum and maximum of the numbers in a range, and whether a NaN was among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// `+∞` when the range holds no number.
    pub min: f64,
    /// `-∞` when the range holds no number.
    pub max: f64,
    pub has_gap: bool,
}

impl Extent {
    pub const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, has_gap: false };

    /// Whether the range holds no number at all.
    pub fn is_empty(&self) -> bool {
        self.min > self.max
    }

    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            self.has_gap = true;
        } else {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.has_gap |= other.has_gap;
    }

    pub fn of(values: &[f64]) -> Self {
        let mut extent = Self::EMPTY;
        values.iter().for_each(|v| extent.add(*v));
        extent
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Level {
    min: Vec<f64>,
    max: Vec<f64>,
    has_gap: Vec<bool>,
}

impl Level {
    fn push(&mut self, extent: Extent) {
        self.min.push(extent.min);
        self.max.push(extent.max);
        self.has_gap.push(extent.has_gap);
    }

    fn merged(&self, range: Range<usize>) -> Extent {
        let mut extent = Extent::EMPTY;
        for i in range {
            extent.merge(Extent { min: self.min[i], max: self.max[i], has_gap: self.has_gap[i] });
        }
        extent
    }
}

/// Min/max levels over one column. The column itself stays outside and is passed to [`Pyramid::extent`].
#[derive(Clone, Debug, PartialEq)]
pub struct Pyramid {
    fan_out: usize,
    len: usize,
    /// The block of samples that is not full yet.
    open: Extent,
    /// Level `k` holds blocks of `fan_out^(k+1)` samples, full ones only.
    levels: Vec<Level>,
}

impl Default for Pyramid {
    fn default() -> Self {
        Self::new(16)
    }
}

impl Pyramid {
    /// `fan_out` is limited to 2..=16.
    pub fn new(fan_out: usize) -> Self {
        Self { fan_out: fan_out.clamp(2, 16), len: 0, open: Extent::EMPTY, levels: Vec::new() }
    }

    pub fn build(values: &Values) -> Self {
        let mut pyramid = Self::default();
        values.iter().for_each(|v| pyramid.push(v));
        pyramid
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn push(&mut self, value: f64) {
        self.open.add(value);
        self.len += 1;
        if !self.len.is_multiple_of(self.fan_out) {
            return;
        }
        let mut block = std::mem::replace(&mut self.open, Extent::EMPTY);
        for k in 0.. {
            if k == self.levels.len() {
                self.levels.push(Level::default());
            }
            let level = &mut self.levels[k];
            level.push(block);
            let full = level.min.len();
            if !full.is_multiple_of(self.fan_out) {
                return;
            }
            block = level.merged(full - self.fan_out..full);
        }
    }

    /// Extent of `values[range]`, where `values` is the column this pyramid was built from. Ranges are cut to the data.
    pub fn extent(&self, values: &Values, range: Range<usize>) -> Extent {
        let end = range.end.min(self.len).min(values.len());
        let mut start = range.start.min(end);
        let mut extent = Extent::EMPTY;
        // Up to the next block border, sample by sample; then up the levels; then down again towards the end.
        let mut step = 1;
        let mut level: Option<usize> = None;
        loop {
            let next = step * self.fan_out;
            let can_rise = level.map_or(0, |l| l + 1) < self.levels.len();
            let border = start.next_multiple_of(next);
            if can_rise && border + next <= end {
                extent.merge(self.part(values, level, start, border));
                start = border;
                level = Some(level.map_or(0, |l| l + 1));
                step = next;
            } else {
                break;
            }
        }
        loop {
            let stop = start + (end - start) / step * step;
            extent.merge(self.part(values, level, start, stop));
            start = stop;
            let Some(l) = level else { return extent };
            level = l.checked_sub(1);
            step /= self.fan_out;
        }
    }

    /// Extent of a range whose ends are borders of `level` (`None`: the samples themselves).
    fn part(&self, values: &Values, level: Option<usize>, start: usize, end: usize) -> Extent {
        match level {
            None => values.extent(start..end),
            Some(l) => {
                let block = self.fan_out.pow(l as u32 + 1);
                self.levels[l].merged(start / block..end / block)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_range_equals_a_scan(
            values in prop::collection::vec(prop_oneof![8 => -1e3f64..1e3, 1 => Just(f64::NAN)], 0..3000),
            ranges in prop::collection::vec((0usize..3100, 0usize..3100), 20),
            fan_out in 2usize..20,
        ) {
            let mut pyramid = Pyramid::new(fan_out);
            let column: Values = values.iter().copied().collect();
            values.iter().for_each(|v| pyramid.push(*v));
            for (a, b) in ranges {
                let end = b.min(values.len());
                let start = a.min(end);
                prop_assert_eq!(pyramid.extent(&column, a..b), Extent::of(&values[start..end]));
            }
        }
    }

    #[test]
    fn an_all_gap_range_is_empty_and_says_so() {
        let values: Values = [f64::NAN; 40].into_iter().collect();
        let extent = Pyramid::build(&values).extent(&values, 0..40);
        assert!(extent.is_empty() && extent.has_gap);
        assert!(Pyramid::default().extent(&Values::default(), 0..5).is_empty());
    }

    #[test]
    fn memory_is_a_small_part_of_the_column() {
        let pyramid = Pyramid::build(&std::iter::repeat_n(1.0, 100_000).collect());
        let blocks: usize = pyramid.levels.iter().map(|l| l.min.len()).sum();
        assert!(blocks * 17 < 100_000 * 8 / 7, "{blocks}");
    }
}
