//! Aligning a source by hand (CL-5): moments that were marked in it and on the timeline, and what follows from them.
//!
//! One pair gives the offset, a second the rate, more a least-squares line with its residual. Nudging moves everything,
//! the marked moments included, so that a later pair goes on from there. Odd cases: a pair that would turn time back or
//! stop it is refused and nothing changes; without pairs the clock is that of the config.

use serde::{Deserialize, Serialize};

use crate::clock::{Anchor, ClockMap};
use crate::nanos::Nanos;

/// How one source was aligned; stored in `meta.sync` under the object's name, times in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    #[serde(flatten)]
    clock: ClockMap,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pairs: Vec<Anchor>,
}

/// Two moments that cannot be the same one, given the pairs before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("with this pair time would stand still or run backwards; remove a pair or mark again")]
pub struct BackwardsPair;

impl Alignment {
    /// Goes on from a clock that was not made by marking.
    pub fn of(clock: ClockMap) -> Self {
        Self { clock, pairs: Vec::new() }
    }

    pub fn clock(&self) -> &ClockMap {
        &self.clock
    }

    pub fn pairs(&self) -> &[Anchor] {
        &self.pairs
    }

    /// The same event at `local` in the source and at `master` on the timeline.
    pub fn mark(&self, pair: Anchor) -> Result<Self, BackwardsPair> {
        let mut pairs = self.pairs.clone();
        pairs.push(pair);
        self.through(pairs)
    }

    /// Without the pair at `index`; without any, the clock stays where it is.
    pub fn unmark(&self, index: usize) -> Self {
        let mut pairs = self.pairs.clone();
        if index < pairs.len() {
            pairs.remove(index);
        }
        self.through(pairs).unwrap_or_else(|_| self.clone())
    }

    fn through(&self, pairs: Vec<Anchor>) -> Result<Self, BackwardsPair> {
        let clock = match pairs[..] {
            [] => self.clock.clone(),
            // A single pair moves the source and keeps the rate that it had.
            [only] => {
                let rate = self.clock.rate_at(only.local);
                ClockMap::new(only.master, only.local, rate).ok_or(BackwardsPair)?
            }
            _ => ClockMap::fit(&pairs).ok_or(BackwardsPair)?.clock,
        };
        Ok(Self { clock, pairs })
    }

    /// Later by `by` on the timeline; earlier when negative.
    pub fn nudged(&self, by: Nanos) -> Self {
        let pairs = self.pairs.iter().map(|p| Anchor { local: p.local, master: p.master + by }).collect();
        Self { clock: self.clock.shifted(by), pairs }
    }

    /// Where the beginning of the source lies on the timeline.
    pub fn offset(&self) -> Nanos {
        self.clock.to_master(Nanos::ZERO)
    }

    /// The largest distance between a marked pair and the line through them; zero for fewer than three.
    pub fn residual(&self) -> Nanos {
        let far = |p: &Anchor| (self.clock.to_master(p.local) - p.master).abs();
        self.pairs.iter().map(far).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_rate::FrameRate;
    use proptest::prelude::*;

    fn pair(local: f64, master: f64) -> Anchor {
        Anchor { local: Nanos::from_secs(local), master: Nanos::from_secs(master) }
    }

    /// T4: 29.97 fps against 100 Hz, the series 5.3 s later and 50 ppm fast, two anchors.
    #[test]
    fn t4_two_marks_hold_within_a_sample_over_half_an_hour() {
        let truth = ClockMap::new(Nanos::from_secs(5.3), Nanos::ZERO, 1.0 / 1.00005).unwrap();
        let frames = FrameRate::new(30000, 1001).unwrap();
        let sample = Nanos::from_millis(10);
        // Events are seen on the nearest frame and on the nearest sample.
        let seen = |local: f64| {
            let exact = truth.to_master(Nanos::from_secs(local));
            let frame = frames.frame_at(exact + Nanos(16_683_333));
            Anchor { local: Nanos::from_secs((local * 100.0).round() / 100.0), master: frames.pts(frame) }
        };
        let aligned = Alignment::default().mark(seen(2.0)).unwrap().mark(seen(1795.0)).unwrap();
        let worst = (0..1800).map(|second| {
            let local = Nanos::from_secs(f64::from(second));
            (aligned.clock().to_master(local) - truth.to_master(local)).abs()
        });
        // Half a frame of each mark is what can be seen; the line adds nothing to it.
        assert!(worst.max().unwrap() <= Nanos(16_683_334).max(sample));
        assert!(aligned.residual() <= Nanos(1));

        let exact = |local: f64| Anchor {
            local: Nanos::from_secs(local),
            master: truth.to_master(Nanos::from_secs(local)),
        };
        let aligned = Alignment::default().mark(exact(2.0)).unwrap().mark(exact(1795.0)).unwrap();
        for second in 0..1800 {
            let local = Nanos::from_secs(f64::from(second));
            assert!((aligned.clock().to_master(local) - truth.to_master(local)).abs() <= sample);
        }
    }

    #[test]
    fn one_pair_moves_a_second_turns_and_a_third_leaves_a_residual() {
        let one = Alignment::default().mark(pair(1.0, 3.5)).unwrap();
        assert_eq!(one.offset(), Nanos::from_secs(2.5));
        let two = one.mark(pair(11.0, 14.5)).unwrap();
        assert!((two.clock().rate_at(Nanos::ZERO) - 1.1).abs() < 1e-9);
        let three = two.mark(pair(21.0, 25.4)).unwrap();
        assert!(three.residual() > Nanos::from_millis(10) && three.residual() < Nanos::from_millis(100));
        assert_eq!(three.unmark(2).pairs().len(), 2);
        assert_eq!(three.unmark(9).pairs().len(), 3);
    }

    #[test]
    fn time_never_runs_backwards() {
        let one = Alignment::default().mark(pair(1.0, 3.0)).unwrap();
        assert_eq!(one.mark(pair(2.0, 2.0)), Err(BackwardsPair));
        assert_eq!(one.mark(pair(2.0, 3.0)), Err(BackwardsPair));
    }

    #[test]
    fn it_is_stored_in_nanoseconds_and_read_back() {
        let aligned = Alignment::default().mark(pair(1.0, 3.5)).unwrap();
        let json = serde_json::to_value(&aligned).unwrap();
        assert_eq!(json["rate"], 1.0);
        assert_eq!(json["pairs"][0]["master"], 3_500_000_000_i64);
        assert_eq!(serde_json::from_value::<Alignment>(json).unwrap(), aligned);
        let plain = serde_json::to_string(&Alignment::of(ClockMap::with_offset(Nanos(5)))).unwrap();
        assert_eq!(plain, r#"{"origin":5,"start":0,"rate":1.0}"#);
    }

    proptest! {
        #[test]
        fn nudges_move_every_moment_alike(a in -1e4f64..1e4, b in 1e-3f64..1e4, by in -1e4f64..1e4, at in -1e4f64..1e4) {
            let marked = Alignment::default().mark(pair(a, b)).unwrap().mark(pair(a + b, 2.0 * b + 1.0)).unwrap();
            let by = Nanos::from_secs(by);
            let (nudged, at) = (marked.nudged(by), Nanos::from_secs(at));
            let moved = nudged.clock().to_master(at) - marked.clock().to_master(at);
            prop_assert!((moved - by).abs() <= Nanos(1));
            prop_assert_eq!(nudged.nudged(-by), marked);
        }
    }
}
