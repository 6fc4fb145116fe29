//! Integer time.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Serialize};

/// Nanoseconds, as a moment or a length. Arithmetic saturates: 292 years are further than any recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub i64);

impl Nanos {
    pub const ZERO: Self = Self(0);

    /// Rounded to the nearest nanosecond; NaN is zero.
    pub fn from_secs(secs: f64) -> Self {
        Self((secs * 1e9).round() as i64)
    }

    pub const fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000_000))
    }

    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e9
    }

    pub fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Times a factor, rounded.
    pub fn scale(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as i64)
    }
}

impl Add for Nanos {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Nanos {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Nanos {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Nanos {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.secs())
    }
}

/// Ticks per second of a media track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timescale(pub u32);

impl Timescale {
    /// The first nanosecond at or after a tick, so that converting back gives the tick. A scale of 0 counts seconds.
    pub fn nanos(self, ticks: i64) -> Nanos {
        let scale = i128::from(self.0.max(1));
        let ns = (i128::from(ticks) * 1_000_000_000 + scale - 1).div_euclid(scale);
        Nanos(i64::try_from(ns).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX }))
    }

    /// The tick that has begun at `time`.
    pub fn ticks(self, time: Nanos) -> i64 {
        let ticks = (i128::from(time.0) * i128::from(self.0.max(1))).div_euclid(1_000_000_000);
        i64::try_from(ticks).unwrap_or(if time.0 < 0 { i64::MIN } else { i64::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ticks_survive_the_way_to_nanoseconds(ticks in -4_000_000_000_000i64..4_000_000_000_000, scale in 1u32..1_000_000) {
            let scale = Timescale(scale);
            prop_assume!(i128::from(ticks).abs() * 1_000_000_000 / i128::from(scale.0) < i128::from(i64::MAX));
            prop_assert_eq!(scale.ticks(scale.nanos(ticks)), ticks);
        }
    }

    #[test]
    fn odd_numbers_do_not_panic() {
        assert_eq!(Nanos::from_secs(f64::NAN), Nanos::ZERO);
        assert_eq!(Nanos::from_secs(f64::INFINITY) + Nanos(1), Nanos(i64::MAX));
        assert_eq!(Timescale(0).nanos(2), Nanos(2_000_000_000));
        assert_eq!(Nanos(i64::MIN).abs(), Nanos(i64::MAX));
    }
}
