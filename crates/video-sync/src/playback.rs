//! The moving cursor and the followers' drift (PB-1).

use crate::nanos::Nanos;

/// Below this nothing is done about a follower.
const TOLERATED: Nanos = Nanos::from_millis(10);
/// Up to this a follower is hurried or held back; beyond, it is sought.
const SEEK_BEYOND: Nanos = Nanos::from_millis(80);
/// The strongest change of speed, which still sounds right.
const MAX_RATE_CHANGE: f64 = 0.08;

/// Media time of the cursor while playing: the shown frame's own time and what has passed since it appeared, which is
/// never more than one frame, so that a stall stops the cursor too.
pub fn cursor_time(
    media_time: Nanos,
    since_displayed: Nanos,
    playback_rate: f64,
    frame_duration: Nanos,
) -> Nanos {
    let passed = since_displayed.max(Nanos::ZERO).scale(playback_rate.max(0.0));
    media_time + passed.min(frame_duration)
}

/// What to do about a follower with a media element of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Correction {
    /// It runs with the leader: play at this speed.
    Steady(f64),
    /// A little off: play at this speed for a while.
    Nudge(f64),
    /// Too far off: jump there.
    Seek(Nanos),
}

/// Compares where a follower is with where it should be (both in its own time).
pub fn correction(expected: Nanos, actual: Nanos, playback_rate: f64) -> Correction {
    let behind = expected - actual;
    if behind.abs() > SEEK_BEYOND {
        return Correction::Seek(expected);
    }
    if behind.abs() <= TOLERATED {
        return Correction::Steady(playback_rate);
    }
    // The whole difference within one second, as far as the ear allows.
    let change = behind.secs().clamp(-MAX_RATE_CHANGE, MAX_RATE_CHANGE);
    Correction::Nudge(playback_rate * (1.0 + change))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_holds_the_cursor_within_one_frame() {
        let frame = Nanos::from_millis(40);
        let at = |ms, rate| cursor_time(Nanos::from_secs(1.0), Nanos::from_millis(ms), rate, frame);
        assert_eq!(at(10, 1.0), Nanos::from_millis(1010));
        assert_eq!(at(10, 2.0), Nanos::from_millis(1020));
        assert_eq!(at(5000, 1.0), Nanos::from_millis(1040));
        assert_eq!(at(-5, 1.0), Nanos::from_millis(1000));
    }

    #[test]
    fn followers_are_nudged_under_80_ms_and_sought_beyond() {
        let ms = Nanos::from_millis;
        assert_eq!(correction(ms(1000), ms(1005), 1.0), Correction::Steady(1.0));
        assert_eq!(correction(ms(1050), ms(1000), 2.0), Correction::Nudge(2.1));
        assert!(matches!(correction(ms(1000), ms(1050), 1.0), Correction::Nudge(rate) if rate < 1.0));
        assert_eq!(correction(ms(1000), ms(900), 1.0), Correction::Seek(ms(1000)));
    }
}
