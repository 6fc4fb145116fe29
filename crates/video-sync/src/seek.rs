//! Seeking to a frame and being sure of it (SK-1), and scrubbing without flooding the element (SK-4).

use crate::frames::{Frame, FrameIndex};
use crate::nanos::Nanos;

/// What came of a seek after the element showed a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekOutcome {
    /// The wanted frame is on screen.
    Exact,
    /// Set `currentTime` to this and wait again.
    Retry(Nanos),
    /// Another frame is on screen and stays; tell the user which.
    Inexact(Frame),
}

/// A seek to one frame under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeekPlan {
    frame: Frame,
    retried: bool,
}

impl SeekPlan {
    /// Begins a seek: the plan, and what to set `currentTime` to (the middle of the frame's display interval).
    pub fn begin(index: &FrameIndex, frame: Frame) -> (Self, Nanos) {
        let frame = index.last().map_or(frame, |last| frame.min(last));
        (Self { frame, retried: false }, index.seek_target(frame))
    }

    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// The element has sought and reported the `mediaTime` of the frame it shows.
    pub fn shown(&mut self, index: &FrameIndex, media_time: Nanos) -> SeekOutcome {
        let Some(shown) = index.frame_with_pts(media_time) else { return SeekOutcome::Inexact(Frame(0)) };
        if shown == self.frame {
            return SeekOutcome::Exact;
        }
        if std::mem::replace(&mut self.retried, true) {
            return SeekOutcome::Inexact(shown);
        }
        // Shown too early: aim later in the interval, and the other way round.
        let (start, end) = (index.pts(self.frame), index.end(self.frame));
        let quarter = Nanos((end - start).0 / 4);
        SeekOutcome::Retry(if shown < self.frame { end - quarter } else { start + quarter })
    }
}

/// Keeps at most one seek in flight; of those wanted meanwhile only the newest is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrubber {
    in_flight: bool,
    waiting: Option<Nanos>,
}

impl Scrubber {
    /// A seek is wanted: `Some` is to be carried out now.
    pub fn request(&mut self, target: Nanos) -> Option<Nanos> {
        if self.in_flight {
            self.waiting = Some(target);
            return None;
        }
        self.in_flight = true;
        Some(target)
    }

    /// The element reported `seeked` (or an error): `Some` is the next to be carried out.
    pub fn finished(&mut self) -> Option<Nanos> {
        let next = self.waiting.take();
        self.in_flight = next.is_some();
        next
    }

    pub fn is_busy(&self) -> bool {
        self.in_flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_rate::FrameRate;

    fn index() -> FrameIndex {
        FrameIndex::constant(FrameRate::new(25, 1), Nanos::from_secs(10.0))
    }

    #[test]
    fn a_seek_aims_at_the_middle_and_is_verified() {
        let index = index();
        let (mut plan, target) = SeekPlan::begin(&index, Frame(10));
        assert_eq!(target, Nanos::from_millis(420));
        assert_eq!(plan.shown(&index, Nanos::from_millis(400)), SeekOutcome::Exact);
    }

    #[test]
    fn a_wrong_frame_is_retried_once_and_then_reported() {
        let index = index();
        let (mut plan, _) = SeekPlan::begin(&index, Frame(10));
        assert_eq!(plan.shown(&index, Nanos::from_millis(360)), SeekOutcome::Retry(Nanos::from_millis(430)));
        assert_eq!(plan.shown(&index, Nanos::from_millis(360)), SeekOutcome::Inexact(Frame(9)));
        let (mut plan, _) = SeekPlan::begin(&index, Frame(10));
        assert_eq!(plan.shown(&index, Nanos::from_millis(440)), SeekOutcome::Retry(Nanos::from_millis(410)));
        assert_eq!(plan.shown(&index, Nanos::from_millis(400)), SeekOutcome::Exact);
        assert_eq!(SeekPlan::begin(&index, Frame(9999)).0.frame(), Frame(249));
    }

    #[test]
    fn scrubbing_has_one_seek_in_flight_and_the_newest_wins() {
        let mut scrubber = Scrubber::default();
        assert_eq!(scrubber.request(Nanos(1)), Some(Nanos(1)));
        assert_eq!(scrubber.request(Nanos(2)), None);
        assert_eq!(scrubber.request(Nanos(3)), None);
        assert_eq!(scrubber.finished(), Some(Nanos(3)));
        assert!(scrubber.is_busy());
        assert_eq!(scrubber.finished(), None);
        assert_eq!(scrubber.request(Nanos(4)), Some(Nanos(4)));
    }
}
