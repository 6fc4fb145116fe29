//! A video laid over a whole series that has no time unit in common with it, as the seed example's script did.
//!
//! With `f` the fraction of the video that has been played, the window of a given span starts at
//! `t0 + f · (tN - t0 - span)` and the cursor stands at `t0 + f · (tN - t0)`, which is always inside that window.
//!
//! Odd cases: a video whose duration is zero, infinite or unknown is always at its start; a series of one moment, or a
//! window as long as the series, says nothing about the video, which then stays at 0. Everything is clamped to both ends.

/// A series range in positions and the duration of the video that is stretched over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    t0: f64,
    tn: f64,
    duration_secs: f64,
}

impl Stretch {
    /// Seconds of video that the first window shows.
    const WINDOW_SECS: f64 = 5.0;

    pub fn new(first: f64, last: f64, duration_secs: f64) -> Self {
        let (t0, tn) = if first <= last { (first, last) } else { (last, first) };
        let duration_secs = if duration_secs.is_finite() { duration_secs.max(0.0) } else { 0.0 };
        Self { t0, tn, duration_secs }
    }

    pub fn duration_secs(&self) -> f64 {
        self.duration_secs
    }

    fn length(&self) -> f64 {
        self.tn - self.t0
    }

    /// How many samples five seconds of the video's share of the series are: the first window spans samples `0..=w`.
    /// At least 1 and at most the last index.
    pub fn initial_window_samples(&self, samples: usize) -> usize {
        let last = samples.saturating_sub(1);
        if self.duration_secs <= 0.0 {
            return last;
        }
        let share = samples as f64 * (Self::WINDOW_SECS / self.duration_secs);
        (share as usize).clamp(1.min(last), last)
    }

    fn fraction(&self, current_time_secs: f64) -> f64 {
        if self.duration_secs > 0.0 { (current_time_secs / self.duration_secs).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn time(&self, fraction: f64) -> f64 {
        if fraction.is_finite() { fraction.clamp(0.0, 1.0) * self.duration_secs } else { 0.0 }
    }

    /// `currentTime` for a window: `duration · (start - t0) / (tN - t0 - (end - start))`.
    pub fn time_of_window(&self, start: f64, end: f64) -> f64 {
        let room = self.length() - (end - start);
        if room > 0.0 { self.time((start - self.t0) / room) } else { 0.0 }
    }

    /// Start of the window of a given span at a `currentTime`: the inverse of [`Stretch::time_of_window`].
    pub fn window_at(&self, current_time_secs: f64, span: f64) -> (f64, f64) {
        let span = span.clamp(0.0, self.length());
        let start = self.t0 + self.fraction(current_time_secs) * (self.length() - span);
        (start, (start + span).min(self.tn))
    }

    /// Where the cursor stands at a `currentTime`.
    pub fn cursor_at(&self, current_time_secs: f64) -> f64 {
        self.t0 + self.fraction(current_time_secs) * self.length()
    }

    /// `currentTime` when the cursor is put somewhere: the inverse of [`Stretch::cursor_at`].
    pub fn time_of_cursor(&self, position: f64) -> f64 {
        if self.length() > 0.0 { self.time((position - self.t0) / self.length()) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_seed_example() {
        // 100 rows 0..=99 over a video of 10 s: the first window is 50 samples long.
        let s = Stretch::new(0.0, 99.0, 10.0);
        assert_eq!(s.initial_window_samples(100), 50);
        assert_eq!(s.time_of_window(0.0, 50.0), 0.0);
        assert_eq!(s.time_of_window(49.0, 99.0), 10.0);
        assert!((s.time_of_window(24.5, 74.5) - 5.0).abs() < 1e-12);
        assert_eq!(s.window_at(5.0, 50.0), (24.5, 74.5));
        assert_eq!(s.cursor_at(5.0), 49.5);
    }

    #[test]
    fn zero_lengths_and_unknown_durations_are_the_start() {
        let unknown = Stretch::new(0.0, 10.0, f64::NAN);
        assert_eq!((unknown.cursor_at(5.0), unknown.time_of_window(3.0, 4.0)), (0.0, 0.0));
        assert_eq!(unknown.initial_window_samples(100), 99);
        let moment = Stretch::new(5.0, 5.0, 10.0);
        assert_eq!(
            (moment.cursor_at(5.0), moment.time_of_cursor(5.0), moment.window_at(3.0, 9.0)),
            (5.0, 0.0, (5.0, 5.0))
        );
        let whole = Stretch::new(0.0, 10.0, 10.0);
        assert_eq!(whole.time_of_window(0.0, 10.0), 0.0);
        assert_eq!(Stretch::new(0.0, 10.0, 2.0).initial_window_samples(100), 99, "shorter than five seconds");
        assert_eq!(Stretch::new(0.0, 10.0, 1e9).initial_window_samples(100), 1);
        assert_eq!(Stretch::new(0.0, 0.0, 10.0).initial_window_samples(0), 0);
        assert_eq!(Stretch::new(0.0, 0.0, 10.0).initial_window_samples(1), 0);
    }

    proptest! {
        #[test]
        fn both_ways_are_inverse_and_the_cursor_is_in_the_window(t0 in -1e6f64..1e6, length in 0.1f64..1e6, duration in 0.1f64..1e5, f in 0.0f64..1.0, share in 0.0f64..0.99) {
            let s = Stretch::new(t0, t0 + length, duration);
            let time = f * duration;
            let (start, end) = s.window_at(time, share * length);
            prop_assert!((s.time_of_window(start, end) - time).abs() < 1e-4 * duration.max(1.0));
            prop_assert!((s.time_of_cursor(s.cursor_at(time)) - time).abs() < 1e-6 * duration.max(1.0));
            let slack = 1e-9 * length + 1e-9;
            prop_assert!(s.cursor_at(time) >= start - slack && s.cursor_at(time) <= end + slack);
            prop_assert!(start >= t0 && end <= t0 + length);
        }

        #[test]
        fn nothing_leaves_the_video_or_the_series(t0 in any::<f64>(), tn in any::<f64>(), d in any::<f64>(), a in any::<f64>(), b in any::<f64>()) {
            prop_assume!([t0, tn, a, b].iter().all(|v| v.abs() < 1e100));
            let s = Stretch::new(t0, tn, d);
            for time in [s.time_of_window(a, b), s.time_of_cursor(a)] {
                prop_assert!(time >= 0.0 && time <= s.duration_secs());
            }
            let cursor = s.cursor_at(a);
            let slack = (t0.abs() + tn.abs()) * 1e-12;
            prop_assert!(cursor >= t0.min(tn) - slack && cursor <= t0.max(tn) + slack);
        }
    }
}
