//! Frames per second as a fraction.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::nanos::Nanos;

/// A positive fraction of frames per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRate {
    num: u32,
    den: u32,
}

const COMMON: [(u32, u32); 9] =
    [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1)];

impl FrameRate {
    /// What is assumed when nobody knows (FI-4).
    pub const DEFAULT: Self = Self { num: 24, den: 1 };

    /// `None` when either part is zero.
    pub fn new(num: u32, den: u32) -> Option<Self> {
        let divisor = gcd(num, den);
        (num > 0 && den > 0).then(|| Self { num: num / divisor, den: den / divisor })
    }

    /// The `frameRate` attribute: a number, or a fraction such as `30000/1001`. A value below 1 is seconds per frame.
    /// `None` when it is not a positive number (the caller falls back to [`FrameRate::DEFAULT`]).
    pub fn from_attribute(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((num, den)) = text.split_once('/') {
            return Self::new(num.trim().parse().ok()?, den.trim().parse().ok()?);
        }
        let value: f64 = text.parse().ok()?;
        if !(value.is_finite() && value > 0.0) {
            return None;
        }
        Self::from_f64(if value < 1.0 { 1.0 / value } else { value })
    }

    /// The fraction that is meant by a decimal number: 29.97 is 30000/1001.
    pub fn from_f64(fps: f64) -> Option<Self> {
        if !(fps.is_finite() && fps > 1e-3 && fps < 1e5) {
            return None;
        }
        // 23.976, 29.97 and 59.94 are written with two or three digits.
        for (num, den) in COMMON {
            let exact = f64::from(num) / f64::from(den);
            if (exact - fps).abs() < if den == 1 { 1e-9 } else { 6e-4 } {
                return Self::new(num, den);
            }
        }
        Self::new((fps * 10_000.0).round() as u32, 10_000)
    }

    /// The rate whose frames last about `frame`, snapped to a common one within a thousandth.
    pub fn from_frame_duration(frame: Nanos) -> Option<Self> {
        let fps = 1e9 / frame.0 as f64;
        let near = |(num, den): &(u32, u32)| (f64::from(*num) / f64::from(*den) / fps - 1.0).abs();
        let best = COMMON.iter().min_by(|a, b| near(a).total_cmp(&near(b)))?;
        if near(best) < 4e-4 { Self::new(best.0, best.1) } else { Self::from_f64(fps) }
    }

    pub fn fps(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    pub fn parts(self) -> (u32, u32) {
        (self.num, self.den)
    }

    /// The first nanosecond of frame `index` (from 0).
    pub fn pts(self, index: u64) -> Nanos {
        let (num, per_frame) = (i128::from(self.num), i128::from(self.den) * 1_000_000_000);
        let ns = (i128::from(index) * per_frame + num - 1) / num;
        Nanos(i64::try_from(ns).unwrap_or(i64::MAX))
    }

    /// The frame that is shown at `time`; 0 before the start.
    pub fn frame_at(self, time: Nanos) -> u64 {
        let frames =
            i128::from(time.0.max(0)) * i128::from(self.num) / (i128::from(self.den) * 1_000_000_000);
        u64::try_from(frames).unwrap_or(0)
    }

    pub fn frame_duration(self) -> Nanos {
        self.pts(1)
    }

    /// Whether two rates differ by more than half a percent (FI-5).
    pub fn contradicts(self, other: Self) -> bool {
        (self.fps() / other.fps() - 1.0).abs() > 0.005
    }

    /// Whole frames that a timecode counts per second.
    pub(crate) fn nominal(self) -> u64 {
        (self.fps().round() as u64).max(1)
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn attributes_are_read_as_label_studio_means_them() {
        for (text, expected) in [
            ("24", "24"),
            ("29.97", "30000/1001"),
            ("23.976", "24000/1001"),
            ("59.94", "60000/1001"),
            ("0.04", "25"),
            ("12.5", "25/2"),
            ("30000/1001", "30000/1001"),
            ("10", "10"),
        ] {
            assert_eq!(FrameRate::from_attribute(text).unwrap().to_string(), expected, "{text}");
        }
        for text in ["", "fast", "-5", "0", "NaN", "1/0"] {
            assert_eq!(FrameRate::from_attribute(text), None, "{text}");
        }
        assert!(FrameRate::DEFAULT.contradicts(FrameRate::new(25, 1).unwrap()));
        assert!(!FrameRate::new(30, 1).unwrap().contradicts(FrameRate::new(30000, 1001).unwrap()));
        assert_eq!(FrameRate::from_frame_duration(Nanos(33_366_667)).unwrap().to_string(), "30000/1001");
        assert_eq!(FrameRate::from_frame_duration(Nanos(33_333_000)).unwrap().to_string(), "30");
        assert_eq!(FrameRate::from_frame_duration(Nanos(0)), None);
    }

    proptest! {
        #[test]
        fn the_frame_at_its_first_nanosecond_is_that_frame(num in 1u32..100_000, den in 1u32..2000, index in 0u64..10_000_000) {
            let rate = FrameRate::new(num, den).unwrap();
            prop_assume!(index as f64 / rate.fps() < 9e9);
            prop_assert_eq!(rate.frame_at(rate.pts(index)), index);
            if index > 0 {
                prop_assert_eq!(rate.frame_at(rate.pts(index) - Nanos(1)), index - 1);
            }
        }
    }
}
