//! One-dimensional overlap: time segments, text spans, frame ranges.

use serde::{Deserialize, Serialize};

/// A half-open stretch `start..end` in any unit. An end before the start makes it empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub start: f64,
    pub end: f64,
}

impl Interval {
    #[must_use]
    pub fn new(start: f64, end: f64) -> Self {
        Self { start, end }
    }

    /// Length, 0 when empty or not finite.
    #[must_use]
    pub fn len(self) -> f64 {
        let len = self.end - self.start;
        if len.is_finite() { len.max(0.0) } else { 0.0 }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0.0
    }

    /// Length of the shared part.
    #[must_use]
    pub fn overlap(self, other: Self) -> f64 {
        if self.is_empty() || other.is_empty() {
            return 0.0;
        }
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }.len()
    }
}

/// Intersection over union. Two equal instants (empty intervals at the same place) agree fully.
#[must_use]
pub fn interval_iou(a: Interval, b: Interval) -> f64 {
    if a.is_empty() && b.is_empty() {
        return if a.start == b.start { 1.0 } else { 0.0 };
    }
    let shared = a.overlap(b);
    shared / (a.len() + b.len() - shared)
}

/// Intersection over union of two sets of intervals, each taken as the stretch it covers (overlaps count once).
/// Two sets that cover nothing agree fully.
#[must_use]
pub fn interval_set_iou(a: &[Interval], b: &[Interval]) -> f64 {
    let (a, b) = (merged(a), merged(b));
    let total = |set: &[Interval]| set.iter().map(|i| i.len()).sum::<f64>();
    let (mut at_a, mut at_b, mut shared) = (0, 0, 0.0);
    while let (Some(x), Some(y)) = (a.get(at_a), b.get(at_b)) {
        shared += x.overlap(*y);
        if x.end < y.end {
            at_a += 1;
        } else {
            at_b += 1;
        }
    }
    let union = total(&a) + total(&b) - shared;
    if union == 0.0 { 1.0 } else { shared / union }
}

fn merged(set: &[Interval]) -> Vec<Interval> {
    let mut sorted: Vec<Interval> = set.iter().copied().filter(|i| !i.is_empty()).collect();
    sorted.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut out: Vec<Interval> = Vec::with_capacity(sorted.len());
    for interval in sorted {
        match out.last_mut() {
            Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
            _ => out.push(interval),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn overlap_over_union() {
        assert_eq!(interval_iou(Interval::new(0.0, 10.0), Interval::new(5.0, 15.0)), 5.0 / 15.0);
        assert_eq!(interval_iou(Interval::new(0.0, 1.0), Interval::new(1.0, 2.0)), 0.0);
        assert_eq!(interval_iou(Interval::new(3.0, 3.0), Interval::new(3.0, 3.0)), 1.0);
        assert_eq!(interval_iou(Interval::new(3.0, 3.0), Interval::new(0.0, 9.0)), 0.0);
        assert_eq!(interval_iou(Interval::new(0.0, f64::NAN), Interval::new(0.0, 9.0)), 0.0);
    }

    #[test]
    fn sets_count_what_they_cover_once() {
        let twice = [Interval::new(0.0, 4.0), Interval::new(2.0, 6.0)];
        assert_eq!(interval_set_iou(&twice, &[Interval::new(0.0, 6.0)]), 1.0);
        assert_eq!(interval_set_iou(&twice, &[Interval::new(5.0, 7.0), Interval::new(1.0, 2.0)]), 2.0 / 7.0);
        assert_eq!(interval_set_iou(&[], &[]), 1.0);
        assert_eq!(interval_set_iou(&twice, &[]), 0.0);
    }

    proptest! {
        #[test]
        fn sets_agree_with_counting_units(
            a in prop::collection::vec((0i32..40, 0i32..10), 0..8),
            b in prop::collection::vec((0i32..40, 0i32..10), 0..8),
        ) {
            let set = |spans: &[(i32, i32)]| -> Vec<Interval> {
                spans.iter().map(|(s, len)| Interval::new(f64::from(*s), f64::from(s + len))).collect()
            };
            let covers = |spans: &[(i32, i32)], n: i32| spans.iter().any(|(s, len)| *s <= n && n < s + len);
            let both = (0..60).filter(|n| covers(&a, *n) && covers(&b, *n)).count();
            let any = (0..60).filter(|n| covers(&a, *n) || covers(&b, *n)).count();
            let expected = if any == 0 { 1.0 } else { both as f64 / any as f64 };
            prop_assert!((interval_set_iou(&set(&a), &set(&b)) - expected).abs() < 1e-9);
        }
    }
}
