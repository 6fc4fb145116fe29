//! How a source's own time lies on the master timeline (CL-1 to CL-5).
//!
//! `T = origin + (local - start) · rate`, or piecewise-linear through anchors. Odd cases: two anchors at the same local or
//! the same master time are one (the later given wins); outside its anchors a map goes on with the slope of its first or
//! last piece; a single anchor moves the origin and keeps the rate.

use serde::{Deserialize, Serialize};

use crate::nanos::Nanos;

/// A moment that was recognised in a source and on the master timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    pub local: Nanos,
    pub master: Nanos,
}

/// One source's clock. The default is the identity, which is Label Studio's only one. Serialised into `meta.sync`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClockMap {
    origin: Nanos,
    start: Nanos,
    rate: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    anchors: Vec<Anchor>,
}

impl Default for ClockMap {
    fn default() -> Self {
        Self { origin: Nanos::ZERO, start: Nanos::ZERO, rate: 1.0, anchors: Vec::new() }
    }
}

/// A clock attribute that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClockError {
    #[error("{attribute}=\"{text}\" is not a number{}", .hint)]
    NotANumber { attribute: &'static str, text: String, hint: &'static str },
    #[error("syncOrigin=\"{0}\" is neither start nor clock")]
    Origin(String),
    #[error("syncOrigin=\"clock\" needs an absolute start: set startTime, or use a series with dates")]
    NoStartTime,
}

/// What a source is aligned by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncOrigin {
    /// Its own beginning.
    #[default]
    Start,
    /// The wall clock.
    Clock,
}

/// The clock attributes of a tag, read (CL-2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockAttributes {
    pub offset: Nanos,
    pub rate: f64,
    pub origin: SyncOrigin,
}

impl Default for ClockAttributes {
    fn default() -> Self {
        Self { offset: Nanos::ZERO, rate: 1.0, origin: SyncOrigin::Start }
    }
}

impl ClockAttributes {
    /// Reads `syncOffset` (seconds, positive starts later), `syncRate` and `syncOrigin`. Empty texts are defaults; wrong
    /// ones are defaults with an error each.
    pub fn parse(sync_offset: &str, sync_rate: &str, sync_origin: &str) -> (Self, Vec<ClockError>) {
        let mut out = Self::default();
        let mut errors = Vec::new();
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        let wrong =
            |attribute, text: &str, hint| ClockError::NotANumber { attribute, text: text.to_owned(), hint };
        if !sync_offset.trim().is_empty() {
            match number(sync_offset) {
                Some(secs) => out.offset = Nanos::from_secs(secs),
                None => errors.push(wrong("syncOffset", sync_offset, " of seconds")),
            }
        }
        if !sync_rate.trim().is_empty() {
            match number(sync_rate).filter(|rate| *rate > 0.0) {
                Some(rate) => out.rate = rate,
                None => errors.push(wrong("syncRate", sync_rate, " above 0")),
            }
        }
        match sync_origin.trim() {
            "" | "start" => {}
            "clock" => out.origin = SyncOrigin::Clock,
            other => errors.push(ClockError::Origin(other.to_owned())),
        }
        (out, errors)
    }

    /// The clock of a source. `epoch_start` is when it began by the wall clock, `group_epoch` when the group did; both
    /// matter only for `syncOrigin="clock"`, which without them falls back to `start`, with an error.
    pub fn clock(
        &self,
        epoch_start: Option<Nanos>,
        group_epoch: Option<Nanos>,
    ) -> (ClockMap, Option<ClockError>) {
        let (begin, error) = match (self.origin, epoch_start, group_epoch) {
            (SyncOrigin::Start, ..) => (Nanos::ZERO, None),
            (SyncOrigin::Clock, Some(start), Some(group)) => (start - group, None),
            (SyncOrigin::Clock, ..) => (Nanos::ZERO, Some(ClockError::NoStartTime)),
        };
        let map = ClockMap { origin: begin + self.offset, rate: self.rate, ..ClockMap::default() };
        (map, error)
    }
}

/// What aligning by marked pairs came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockFit {
    pub clock: ClockMap,
    /// The largest distance between a pair and the fitted line, on the master timeline.
    pub residual: Nanos,
}

impl ClockMap {
    /// `None` unless the rate is a positive number.
    pub fn new(origin: Nanos, start: Nanos, rate: f64) -> Option<Self> {
        (rate.is_finite() && rate > 0.0).then_some(Self { origin, start, rate, anchors: Vec::new() })
    }

    pub fn with_offset(offset: Nanos) -> Self {
        Self { origin: offset, ..Self::default() }
    }

    /// Lays a source of one length over a master of another. The identity when either has none.
    pub fn stretched(local_length: Nanos, master_length: Nanos) -> Self {
        if local_length.0 <= 0 || master_length.0 <= 0 {
            return Self::default();
        }
        Self { rate: master_length.0 as f64 / local_length.0 as f64, ..Self::default() }
    }

    /// Through anchors; fewer than two differ from a plain map only by its origin.
    pub fn through(anchors: &[Anchor]) -> Self {
        let mut sorted: Vec<Anchor> = Vec::with_capacity(anchors.len());
        for anchor in anchors {
            sorted.retain(|a| a.local != anchor.local && a.master != anchor.master);
            sorted.push(*anchor);
        }
        sorted.sort_by_key(|a| a.local);
        // Time runs forward in every source: an anchor that would turn it back is left out.
        let mut rising: Vec<Anchor> = Vec::with_capacity(sorted.len());
        for anchor in sorted {
            if rising.last().is_none_or(|last| last.master < anchor.master) {
                rising.push(anchor);
            }
        }
        match rising[..] {
            [] => Self::default(),
            [only] => Self { origin: only.master, start: only.local, ..Self::default() },
            _ => Self { anchors: rising, ..Self::default() },
        }
    }

    /// The line that fits pairs best: one pair gives the offset, two the rate as well, more are least squares. `None`
    /// without a pair, or when the fitted rate is not positive.
    pub fn fit(pairs: &[Anchor]) -> Option<ClockFit> {
        let first = pairs.first()?;
        let n = pairs.len() as f64;
        // Differences from the first pair keep the squares of nanoseconds within a double.
        let points: Vec<(f64, f64)> = pairs
            .iter()
            .map(|p| ((p.local - first.local).0 as f64, (p.master - first.master).0 as f64))
            .collect();
        let mean = |get: fn(&(f64, f64)) -> f64| points.iter().map(get).sum::<f64>() / n;
        let (mean_x, mean_y) = (mean(|p| p.0), mean(|p| p.1));
        let spread: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
        let rate = if spread > 0.0 {
            points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>() / spread
        } else {
            1.0
        };
        let origin = first.master + Nanos((mean_y - mean_x * rate).round() as i64);
        let clock = Self::new(origin, first.local, rate)?;
        let residual = pairs.iter().map(|p| (clock.to_master(p.local) - p.master).abs()).max()?;
        Some(ClockFit { clock, residual })
    }

    /// The same clock, later by `by` on the timeline.
    pub fn shifted(&self, by: Nanos) -> Self {
        let anchors = self.anchors.iter().map(|a| Anchor { local: a.local, master: a.master + by }).collect();
        Self { origin: self.origin + by, anchors, ..self.clone() }
    }

    pub fn is_identity(&self) -> bool {
        self.anchors.is_empty() && self.rate == 1.0 && self.origin == self.start
    }

    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The piece of the map around a moment, found by one of its two sides.
    fn piece(&self, at: Nanos, side: fn(&Anchor) -> Nanos) -> Option<(Anchor, Anchor)> {
        if self.anchors.len() < 2 {
            return None;
        }
        let after = self.anchors.partition_point(|a| side(a) <= at).clamp(1, self.anchors.len() - 1);
        Some((self.anchors[after - 1], self.anchors[after]))
    }

    /// Where a moment of the source lies on the master timeline.
    pub fn to_master(&self, local: Nanos) -> Nanos {
        match self.piece(local, |a| a.local) {
            None if self.rate == 1.0 => self.origin + (local - self.start),
            None => self.origin + (local - self.start).scale(self.rate),
            Some((a, b)) => a.master + (local - a.local).scale(ratio(b.master - a.master, b.local - a.local)),
        }
    }

    /// The inverse of [`ClockMap::to_master`].
    pub fn to_local(&self, master: Nanos) -> Nanos {
        match self.piece(master, |a| a.master) {
            None if self.rate == 1.0 => self.start + (master - self.origin),
            None => self.start + (master - self.origin).scale(1.0 / self.rate),
            Some((a, b)) => {
                a.local + (master - a.master).scale(ratio(b.local - a.local, b.master - a.master))
            }
        }
    }

    /// How fast the source runs at a moment: master nanoseconds per local one.
    pub fn rate_at(&self, local: Nanos) -> f64 {
        self.piece(local, |a| a.local)
            .map_or(self.rate, |(a, b)| ratio(b.master - a.master, b.local - a.local))
    }

    /// Moves the whole source on the master timeline.
    pub fn nudged(&self, by: Nanos) -> Self {
        let mut moved = self.clone();
        moved.origin += by;
        moved.anchors.iter_mut().for_each(|a| a.master += by);
        moved
    }
}

fn ratio(a: Nanos, b: Nanos) -> f64 {
    if b.0 == 0 { 1.0 } else { a.0 as f64 / b.0 as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secs(s: f64) -> Nanos {
        Nanos::from_secs(s)
    }

    fn anchor(local: f64, master: f64) -> Anchor {
        Anchor { local: secs(local), master: secs(master) }
    }

    #[test]
    fn the_default_is_label_studios_clock() {
        let clock = ClockMap::default();
        assert!(clock.is_identity());
        assert_eq!(clock.to_master(secs(3.0)), secs(3.0));
    }

    #[test]
    fn attributes_and_what_is_wrong_with_them() {
        let (read, errors) = ClockAttributes::parse("1.250", "1.00002", "");
        assert_eq!(errors, []);
        let (clock, _) = read.clock(None, None);
        assert_eq!(clock.to_master(Nanos::ZERO), secs(1.25));
        assert_eq!(clock.to_master(secs(100.0)), secs(101.252));
        let (read, errors) = ClockAttributes::parse("soon", "0", "noon");
        assert_eq!(read, ClockAttributes::default());
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        syncOffset="soon" is not a number of seconds
        syncRate="0" is not a number above 0
        syncOrigin="noon" is neither start nor clock
        "#);
    }

    #[test]
    fn alignment_by_the_wall_clock() {
        let (read, _) = ClockAttributes::parse("0.5", "", "clock");
        let (clock, error) = read.clock(Some(secs(1_600_000_005.0)), Some(secs(1_600_000_000.0)));
        assert_eq!((clock.to_master(Nanos::ZERO), error), (secs(5.5), None));
        assert_eq!(read.clock(None, None).1, Some(ClockError::NoStartTime));
    }

    #[test]
    fn anchors_bend_the_clock_and_go_on_outside() {
        let clock = ClockMap::through(&[anchor(10.0, 20.0), anchor(0.0, 5.0), anchor(20.0, 25.0)]);
        assert_eq!(clock.to_master(secs(5.0)), secs(12.5));
        assert_eq!(clock.to_master(secs(-2.0)), secs(2.0));
        assert_eq!(clock.to_master(secs(30.0)), secs(30.0));
        assert_eq!(clock.rate_at(secs(15.0)), 0.5);
        let one = ClockMap::through(&[anchor(3.0, 10.0)]);
        assert_eq!(one.to_master(secs(4.0)), secs(11.0));
        let backwards = ClockMap::through(&[anchor(0.0, 0.0), anchor(1.0, -5.0), anchor(2.0, 2.0)]);
        assert_eq!(backwards.to_master(secs(1.0)), secs(1.0));
        assert_eq!(
            ClockMap::through(&[anchor(0.0, 0.0), anchor(2.0, 2.0)]).nudged(secs(1.0)).to_master(secs(1.0)),
            secs(2.0)
        );
    }

    /// T4: a 100 Hz series that starts 5.3 s later and runs 50 ppm fast.
    #[test]
    fn t4_two_anchors_undo_offset_and_drift() {
        let truth = |local: f64| 5.3 + local / 1.000_05;
        let pairs = [10.0, 1700.0].map(|l| anchor(l, truth(l)));
        let fit = ClockMap::fit(&pairs).unwrap();
        assert!(fit.residual <= Nanos(10));
        for minute in 0..30 {
            let local = f64::from(minute) * 60.0;
            assert!((fit.clock.to_master(secs(local)).secs() - truth(local)).abs() < 0.01);
        }
    }

    #[test]
    fn more_pairs_are_least_squares() {
        let fit = ClockMap::fit(&[anchor(0.0, 1.0), anchor(1.0, 2.1), anchor(2.0, 3.0)]).unwrap();
        assert!((fit.clock.rate_at(Nanos::ZERO) - 1.0).abs() < 1e-9);
        assert!((fit.residual.secs() - 0.0667).abs() < 1e-3);
        assert_eq!(ClockMap::fit(&[anchor(2.0, 9.0)]).unwrap().clock.to_master(secs(3.0)), secs(10.0));
        assert_eq!(ClockMap::fit(&[]), None);
        assert_eq!(ClockMap::fit(&[anchor(0.0, 5.0), anchor(5.0, 0.0)]), None);
    }

    #[test]
    fn a_clock_survives_json() {
        let clock = ClockMap::through(&[anchor(0.0, 5.0), anchor(20.0, 25.5)]);
        let json = serde_json::to_string(&clock).unwrap();
        assert_eq!(serde_json::from_str::<ClockMap>(&json).unwrap(), clock);
    }

    proptest! {
        #[test]
        fn both_ways_are_inverse_within_a_few_nanoseconds(origin in -1e4f64..1e4, rate in 0.5f64..2.0, t in -1e5f64..1e5, steps in prop::collection::vec((0.1f64..50.0, 0.1f64..50.0), 0..6)) {
            let mut at = (origin, origin / 2.0);
            let anchors: Vec<Anchor> = steps.iter().map(|(l, m)| { at = (at.0 + l, at.1 + m); anchor(at.0, at.1) }).collect();
            for clock in [ClockMap::new(secs(origin), secs(1.0), rate).unwrap(), ClockMap::through(&anchors)] {
                let back = clock.to_local(clock.to_master(secs(t)));
                let slack = (2.0 / clock.rate_at(secs(t))).max(2.0) + t.abs() * 1e9 * 1e-12;
                prop_assert!((back - secs(t)).0.abs() as f64 <= slack, "{:?} {:?}", clock, back - secs(t));
            }
        }
    }
}
