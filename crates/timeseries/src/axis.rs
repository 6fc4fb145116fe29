//! The time column: exact values, their positions on the plot, and binary search over them.
//!
//! Odd cases: an empty axis has no first, last or nearest sample; a position of NaN finds sample 0; positions outside the
//! data find the first or last sample. Equal neighbours are one point in time: ranges contain all of them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Nanoseconds in a millisecond, the native unit of dates in Label Studio.
const NS_PER_MS: f64 = 1e6;

/// One exact time of a series, as a region stores it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub enum Native {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    Date(i64),
    /// A number in the file's own unit, or a sample index.
    Number(f64),
}

/// What one unit of a numeric time column is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds: what Label Studio assumes.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "us")]
    Microseconds,
    #[serde(rename = "ns")]
    Nanoseconds,
}

impl TimeUnit {
    /// Nanoseconds in one unit.
    pub fn nanos(self) -> f64 {
        match self {
            Self::Seconds => 1e9,
            Self::Milliseconds => 1e6,
            Self::Microseconds => 1e3,
            Self::Nanoseconds => 1.0,
        }
    }

    /// Reads `s`, `ms`, `us` (or `µs`), `ns`; anything else is `None`.
    pub fn from_attribute(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "s" | "sec" | "seconds" => Some(Self::Seconds),
            "ms" => Some(Self::Milliseconds),
            "us" | "µs" => Some(Self::Microseconds),
            "ns" => Some(Self::Nanoseconds),
            _ => None,
        }
    }

    /// The unit in which `value` is a plausible epoch time (1973 to 5138), else seconds.
    pub fn guess(value: f64) -> Self {
        match value.abs() {
            v if v >= 1e17 => Self::Nanoseconds,
            v if v >= 1e14 => Self::Microseconds,
            v if v >= 1e11 => Self::Milliseconds,
            _ => Self::Seconds,
        }
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Times {
    Dates(Vec<i64>),
    Numbers {
        values: Vec<f64>,
        unit: TimeUnit,
        declared: bool,
    },
    /// No time column: sample `i` is at `i / rate` (rate 1 when none was declared).
    Index {
        len: usize,
        rate: f64,
        declared: bool,
    },
}

/// The time column of a series, in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeAxis(Times);

impl Default for TimeAxis {
    fn default() -> Self {
        Self::index(0, None)
    }
}

impl TimeAxis {
    /// Dates in ascending nanoseconds since the epoch.
    pub fn dates(nanos: Vec<i64>) -> Self {
        debug_assert!(nanos.is_sorted());
        Self(Times::Dates(nanos))
    }

    /// Ascending numbers; `unit` only matters for synchronisation and for showing dates.
    pub fn numbers(values: Vec<f64>, unit: TimeUnit) -> Self {
        debug_assert!(values.is_sorted());
        Self(Times::Numbers { values, unit, declared: false })
    }

    /// As [`TimeAxis::numbers`], for a unit that the configuration names.
    pub fn numbers_in(values: Vec<f64>, unit: TimeUnit) -> Self {
        debug_assert!(values.is_sorted());
        Self(Times::Numbers { values, unit, declared: true })
    }

    /// A series without a time column. `sample_rate` in Hz makes positions seconds; without it they are the index.
    pub fn index(len: usize, sample_rate: Option<f64>) -> Self {
        let rate = sample_rate.filter(|r| r.is_finite() && *r > 0.0);
        Self(Times::Index { len, rate: rate.unwrap_or(1.0), declared: rate.is_some() })
    }

    pub fn len(&self) -> usize {
        match &self.0 {
            Times::Dates(v) => v.len(),
            Times::Numbers { values, .. } => values.len(),
            Times::Index { len, .. } => *len,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn is_dates(&self) -> bool {
        matches!(self.0, Times::Dates(_))
    }

    /// Whether the series has no time column, so that its times are made up from the sample index.
    pub fn is_index(&self) -> bool {
        matches!(self.0, Times::Index { .. })
    }

    /// Whether a length on this axis is known to be so many seconds: dates, a declared unit, a declared sample rate.
    /// Otherwise Label Studio's reading (seconds) is a guess, and a video embedded beside the series is stretched over
    /// it instead.
    pub fn has_time_unit(&self) -> bool {
        match &self.0 {
            Times::Dates(_) => true,
            Times::Numbers { declared, .. } | Times::Index { declared, .. } => *declared,
        }
    }

    /// The unit of a numeric axis; dates answer nanoseconds.
    pub fn unit(&self) -> TimeUnit {
        match &self.0 {
            Times::Dates(_) => TimeUnit::Nanoseconds,
            Times::Numbers { unit, .. } => *unit,
            Times::Index { .. } => TimeUnit::Seconds,
        }
    }

    fn base_ns(&self) -> i64 {
        match &self.0 {
            Times::Dates(v) => v.first().copied().unwrap_or(0),
            _ => 0,
        }
    }

    /// Position of sample `index`; an index past the end gives the last position, an empty axis 0.
    pub fn position(&self, index: usize) -> f64 {
        match &self.0 {
            Times::Dates(v) => {
                v.get(index).or(v.last()).map_or(0.0, |ns| ns.saturating_sub(self.base_ns()) as f64)
            }
            Times::Numbers { values, .. } => values.get(index).or(values.last()).copied().unwrap_or(0.0),
            Times::Index { len, rate, .. } => index.min(len.saturating_sub(1)) as f64 / rate,
        }
    }

    /// Exact time of sample `index`.
    pub fn native(&self, index: usize) -> Option<Native> {
        match &self.0 {
            Times::Dates(v) => v.get(index).copied().map(Native::Date),
            Times::Numbers { values, .. } => values.get(index).copied().map(Native::Number),
            Times::Index { len, rate, .. } => (index < *len).then(|| Native::Number(index as f64 / rate)),
        }
    }

    pub fn first(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.position(0))
    }

    pub fn last(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.position(self.len() - 1))
    }

    /// Where an exact time lies on the plot. A number on a date axis is read as epoch milliseconds, as Label Studio
    /// does; a date on a numeric axis is expressed in the axis' unit.
    pub fn position_of(&self, time: Native) -> f64 {
        match (&self.0, time) {
            (Times::Dates(_), Native::Date(ns)) => (i128::from(ns) - i128::from(self.base_ns())) as f64,
            (Times::Dates(_), Native::Number(ms)) => ms * NS_PER_MS - self.base_ns() as f64,
            (_, Native::Number(v)) => v,
            (_, Native::Date(ns)) => ns as f64 / self.unit().nanos(),
        }
    }

    /// The exact time at a position. Where a sample lies at that very position its own time is returned, so nothing
    /// is lost to rounding however long the series is.
    pub fn native_at(&self, position: f64) -> Native {
        if let Some(index) = self.nearest(position)
            && self.position(index) == position
            && let Some(exact) = self.native(index)
        {
            return exact;
        }
        match &self.0 {
            Times::Dates(_) => Native::Date(self.base_ns().saturating_add(position.round() as i64)),
            _ => Native::Number(position),
        }
    }

    /// How much of a position one native unit is: 1, or a millisecond for dates.
    pub fn native_unit(&self) -> f64 {
        if self.is_dates() { NS_PER_MS } else { 1.0 }
    }

    /// Number of samples before the first one for which `before` is false.
    fn partition(&self, before: impl Fn(f64) -> bool) -> usize {
        match &self.0 {
            Times::Dates(v) => {
                let base = self.base_ns();
                v.partition_point(|ns| before(ns.saturating_sub(base) as f64))
            }
            Times::Numbers { values, .. } => values.partition_point(|v| before(*v)),
            Times::Index { len, rate, .. } => {
                let (mut low, mut high) = (0, *len);
                while low < high {
                    let mid = low + (high - low) / 2;
                    if before(mid as f64 / rate) { low = mid + 1 } else { high = mid }
                }
                low
            }
        }
    }

    /// Index of the first sample at or after `position` (the length if there is none).
    pub fn lower_bound(&self, position: f64) -> usize {
        self.partition(|p| p < position)
    }

    /// Index just past the last sample at or before `position`.
    pub fn upper_bound(&self, position: f64) -> usize {
        self.partition(|p| p <= position)
    }

    /// Samples with `start <= position <= end`; empty when the ends are swapped.
    pub fn indexes(&self, start: f64, end: f64) -> Range<usize> {
        let from = self.lower_bound(start);
        from..self.upper_bound(end).max(from)
    }

    /// The sample closest to `position`; of two equally close ones, the earlier.
    pub fn nearest(&self, position: f64) -> Option<usize> {
        let after = self.lower_bound(position);
        if after == 0 {
            return (!self.is_empty()).then_some(0);
        }
        if after >= self.len() {
            return Some(self.len() - 1);
        }
        let (left, right) = (self.position(after - 1), self.position(after));
        Some(if position - left <= right - position { after - 1 } else { after })
    }

    /// Position of the closest sample, or `position` itself on an empty axis.
    pub fn snap(&self, position: f64) -> f64 {
        self.nearest(position).map_or(position, |i| self.position(i))
    }

    /// `position` limited to the data.
    pub fn clamp(&self, position: f64) -> f64 {
        match (self.first(), self.last()) {
            (Some(first), Some(last)) => position.clamp(first, last.max(first)),
            _ => position,
        }
    }

    /// Nanoseconds from the first sample: the local time of this series in a sync group.
    pub fn local_ns(&self, position: f64) -> i64 {
        let first = self.first().unwrap_or(0.0);
        match &self.0 {
            Times::Dates(_) => position.round() as i64,
            _ => ((position - first) * self.unit().nanos()).round() as i64,
        }
    }

    /// The inverse of [`TimeAxis::local_ns`].
    pub fn position_at_local(&self, local_ns: i64) -> f64 {
        match &self.0 {
            Times::Dates(_) => local_ns as f64,
            _ => self.first().unwrap_or(0.0) + local_ns as f64 / self.unit().nanos(),
        }
    }

    /// Nanoseconds since the epoch at a position, for calendars and absolute alignment.
    pub fn epoch_ns(&self, position: f64) -> i64 {
        match &self.0 {
            Times::Dates(_) => self.base_ns().saturating_add(position.round() as i64),
            _ => (position * self.unit().nanos()).round() as i64,
        }
    }

    /// The inverse of [`TimeAxis::epoch_ns`].
    pub fn position_at_epoch(&self, ns: i64) -> f64 {
        match &self.0 {
            Times::Dates(_) => (i128::from(ns) - i128::from(self.base_ns())) as f64,
            _ => ns as f64 / self.unit().nanos(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_of_a_date_survive_the_way_to_a_position_and_back() {
        let start = 1_600_000_000_123_456_789;
        let axis = TimeAxis::dates(vec![start, start + 1, start + 400 * 86_400_000_000_000 + 7]);
        for i in 0..3 {
            assert_eq!(axis.native_at(axis.position(i)), axis.native(i).unwrap());
        }
    }

    #[test]
    fn nearest_prefers_the_earlier_of_two_and_stays_inside() {
        let axis = TimeAxis::numbers(vec![0.0, 1.0, 1.0, 3.0], TimeUnit::Seconds);
        assert_eq!(axis.nearest(0.5), Some(0));
        assert_eq!(axis.nearest(2.1), Some(3));
        assert_eq!(axis.nearest(-9.0), Some(0));
        assert_eq!(axis.nearest(99.0), Some(3));
        assert_eq!(axis.indexes(1.0, 1.0), 1..3);
        assert_eq!(axis.indexes(3.0, 1.0), 3..3);
        assert_eq!(TimeAxis::default().nearest(1.0), None);
    }

    #[test]
    fn an_index_axis_with_a_rate_counts_seconds() {
        let axis = TimeAxis::index(1000, Some(100.0));
        assert_eq!(axis.position(250), 2.5);
        assert_eq!(axis.lower_bound(2.5), 250);
        assert_eq!(axis.local_ns(2.5), 2_500_000_000);
        assert_eq!(TimeAxis::index(3, Some(f64::NAN)).position(2), 2.0);
        assert!(axis.has_time_unit() && !TimeAxis::index(3, None).has_time_unit());
    }

    #[test]
    fn local_time_counts_from_the_first_sample_in_the_unit_of_the_axis() {
        let ms = TimeAxis::numbers(vec![1e12, 1e12 + 1500.0], TimeUnit::Milliseconds);
        assert_eq!(ms.local_ns(1e12 + 1500.0), 1_500_000_000);
        assert_eq!(ms.position_at_local(1_500_000_000), 1e12 + 1500.0);
        assert_eq!(TimeUnit::guess(1.6e12), TimeUnit::Milliseconds);
        assert_eq!(TimeUnit::guess(12.0), TimeUnit::Seconds);
    }
}
