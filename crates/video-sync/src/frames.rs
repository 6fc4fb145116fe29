//! Which frame is shown when: the frame index of a video (FI-2), and Label Studio's own arithmetic beside it.
//!
//! Odd cases: an index of no frames answers `None`; times outside the video answer its first or last frame; presentation
//! times that are not ascending are sorted. Reading containers is the job of whoever calls
//! [`FrameIndex::from_presentation_times`].

use serde::{Deserialize, Serialize};

use crate::frame_rate::FrameRate;
use crate::nanos::{Nanos, Timescale};

/// A frame, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frame(pub u64);

impl Frame {
    /// As Label Studio stores and shows it: counted from 1.
    pub fn number(self) -> u64 {
        self.0.saturating_add(1)
    }

    /// From Label Studio's count; 0 is taken for the first frame.
    pub fn from_number(number: u64) -> Self {
        Self(number.saturating_sub(1))
    }
}

/// How the frame times came to be known, from best to worst (FI-4). Shown beside the frame number and stored in
/// `meta.video.frame_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameSource {
    Container,
    Measured,
    Declared,
    Default,
}

impl FrameSource {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Measured => "measured",
            Self::Declared => "declared",
            Self::Default => "default",
        }
    }

    /// Whether the user has to be warned that frame numbers are guesses.
    pub fn is_guess(self) -> bool {
        self == Self::Default
    }
}

/// How many frames a second has (FI-2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// All frames last alike, as exactly as the container's ticks can say.
    Constant(FrameRate),
    /// Frames per second of the longest, the middle and the shortest frame.
    Variable { min: f64, median: f64, max: f64 },
}

#[derive(Clone, Debug, PartialEq)]
enum Times {
    Constant { rate: FrameRate, count: u64 },
    Listed { timescale: Timescale, pts: Vec<i64>, end: i64 },
}

/// The presentation times of a video's frames.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameIndex {
    times: Times,
    source: FrameSource,
}

impl FrameIndex {
    /// A constant rate over a duration, with Label Studio's frame count (tags.md 4.2). `declared` is the `frameRate`
    /// attribute; without it the rate is 24 and the source says `default`.
    pub fn constant(declared: Option<FrameRate>, duration: Nanos) -> Self {
        let (rate, source) = match declared {
            Some(rate) => (rate, FrameSource::Declared),
            None => (FrameRate::DEFAULT, FrameSource::Default),
        };
        Self {
            times: Times::Constant { rate, count: label_studio::frames_count(duration.secs(), rate.fps()) },
            source,
        }
    }

    /// From the media times that a video reported for frames of its first seconds. `None` when they are too few.
    pub fn measured(media_times: &[Nanos], duration: Nanos) -> Option<Self> {
        let mut steps: Vec<i64> =
            media_times.windows(2).map(|w| (w[1] - w[0]).0).filter(|d| *d > 0).collect();
        steps.sort_unstable();
        if steps.len() < 4 {
            return None;
        }
        // Skipped frames make some steps twice as long, never shorter; reported times jitter by a microsecond.
        let rate = FrameRate::from_frame_duration(Nanos(steps[steps.len() / 4]))?;
        let count = label_studio::frames_count(duration.secs(), rate.fps());
        Some(Self { times: Times::Constant { rate, count }, source: FrameSource::Measured })
    }

    /// Exact times in ticks, as read from a container: presented frames only, the first at the time that the browser
    /// calls 0 or later (FI-3). `end` is when the last frame goes away.
    pub fn from_presentation_times(timescale: Timescale, mut pts: Vec<i64>, end: i64) -> Self {
        if !pts.is_sorted() {
            pts.sort_unstable();
        }
        pts.dedup();
        let last = pts.last().copied().unwrap_or(0);
        Self { times: Times::Listed { timescale, pts, end: end.max(last) }, source: FrameSource::Container }
    }

    pub fn source(&self) -> FrameSource {
        self.source
    }

    /// `framesCount` of the result JSON.
    pub fn count(&self) -> u64 {
        match &self.times {
            Times::Constant { count, .. } => *count,
            Times::Listed { pts, .. } => pts.len() as u64,
        }
    }

    pub fn last(&self) -> Option<Frame> {
        self.count().checked_sub(1).map(Frame)
    }

    /// The rate, when it is constant: declared, or all steps of the container equal.
    pub fn constant_rate(&self) -> Option<FrameRate> {
        match &self.times {
            Times::Constant { rate, .. } => Some(*rate),
            Times::Listed { timescale, pts, .. } => {
                let step = pts.get(1)? - pts.first()?;
                let equal = pts.windows(2).all(|w| w[1] - w[0] == step);
                if equal { FrameRate::new(timescale.0, u32::try_from(step).ok()?) } else { None }
            }
        }
    }

    /// The rate, or what it varies between. Times that are only rounded to ticks are constant: milliseconds are too
    /// coarse for 30000/1001.
    pub fn rate(&self) -> Rate {
        let (timescale, pts, end) = match &self.times {
            Times::Constant { rate, .. } => return Rate::Constant(*rate),
            Times::Listed { timescale, pts, end } => (timescale, pts, *end),
        };
        if let Some(rate) = self.constant_rate() {
            return Rate::Constant(rate);
        }
        let ticks = f64::from(timescale.0.max(1));
        let mut steps: Vec<i64> = pts.windows(2).map(|w| w[1] - w[0]).filter(|step| *step > 0).collect();
        let (Some(first), false) = (pts.first(), steps.is_empty()) else {
            let lasts = pts.first().map_or(0, |first| end - first);
            let alone = FrameRate::from_f64(ticks / lasts as f64);
            return Rate::Constant(alone.unwrap_or(FrameRate::DEFAULT));
        };
        let mean = steps.iter().sum::<i64>() as f64 / steps.len() as f64;
        let off = |(n, at): (usize, &i64)| ((at - first) as f64 - n as f64 * mean).abs();
        if pts.iter().enumerate().all(|sample| off(sample) <= 1.5)
            && let Some(rate) = FrameRate::from_frame_duration(Nanos((mean * 1e9 / ticks).round() as i64))
        {
            return Rate::Constant(rate);
        }
        steps.sort_unstable();
        let fps = |step: i64| ticks / step as f64;
        Rate::Variable {
            min: fps(steps[steps.len() - 1]),
            median: fps(steps[steps.len() / 2]),
            max: fps(steps[0]),
        }
    }

    /// Frames per second on average, for JSON that wants one number.
    pub fn average_fps(&self) -> f64 {
        match &self.times {
            Times::Constant { rate, .. } => rate.fps(),
            Times::Listed { timescale, pts, end } => {
                let span = pts.first().map_or(0, |first| end - first);
                if span > 0 {
                    pts.len() as f64 * f64::from(timescale.0) / span as f64
                } else {
                    FrameRate::DEFAULT.fps()
                }
            }
        }
    }

    /// When a frame appears. Frames past the end answer the end of the video.
    pub fn pts(&self, frame: Frame) -> Nanos {
        match &self.times {
            Times::Constant { rate, count } => rate.pts(frame.0.min(*count)),
            Times::Listed { timescale, pts, end } => {
                let at = usize::try_from(frame.0).ok().and_then(|i| pts.get(i)).unwrap_or(end);
                timescale.nanos(*at)
            }
        }
    }

    /// The frame on screen at a media time.
    pub fn frame_at(&self, time: Nanos) -> Option<Frame> {
        let last = self.last()?;
        let frame = match &self.times {
            Times::Constant { rate, .. } => rate.frame_at(time),
            Times::Listed { timescale, pts, .. } => {
                let ticks = timescale.ticks(time);
                pts.partition_point(|p| *p <= ticks).saturating_sub(1) as u64
            }
        };
        Some(Frame(frame).min(last))
    }

    /// The frame whose own time was reported (`mediaTime` of rVFC): the nearest one, because browsers cut the time to
    /// microseconds and may so report a moment just before it.
    pub fn frame_with_pts(&self, reported: Nanos) -> Option<Frame> {
        let at = self.frame_at(reported)?;
        let next = Frame(at.0 + 1).min(self.last()?);
        let distance = |frame| (self.pts(frame) - reported).abs();
        Some(if distance(next) < distance(at) { next } else { at })
    }

    /// When a frame's display interval ends.
    pub fn end(&self, frame: Frame) -> Nanos {
        self.pts(Frame(frame.0.saturating_add(1)))
    }

    /// Where to seek to show a frame: the middle of its display interval (SK-1).
    pub fn seek_target(&self, frame: Frame) -> Nanos {
        let (start, end) = (self.pts(frame), self.end(frame));
        start + Nanos((end - start).0 / 2)
    }

    /// The start of the frame on screen at `time` (PB-3).
    pub fn snap(&self, time: Nanos) -> Nanos {
        self.frame_at(time).map_or(time, |frame| self.pts(frame))
    }

    /// The frame border nearest to `time`, the end of the video included: where a brushed edge snaps to.
    pub fn nearest_border(&self, time: Nanos) -> Nanos {
        let Some(frame) = self.frame_at(time) else { return time };
        let (start, end) = (self.pts(frame), self.end(frame));
        if (time - start).abs() <= (end - time).abs() { start } else { end }
    }

    /// The frame `by` steps away, within the video.
    pub fn step(&self, frame: Frame, by: i64) -> Option<Frame> {
        Some(Frame(frame.0.saturating_add_signed(by)).min(self.last()?))
    }
}

/// Label Studio's arithmetic, to number frames as its users' data do (tags.md 4.2). All frames count from 1.
pub mod label_studio {
    /// `round(duration · fps)`, never negative.
    pub fn frames_count(duration_secs: f64, fps: f64) -> u64 {
        (duration_secs * fps).round() as u64
    }

    /// `clamp(ceil(t · fps), 1, total)`.
    pub fn frame_at(time_secs: f64, fps: f64, total: u64) -> u64 {
        ((time_secs * fps).ceil() as u64).clamp(1, total.max(1))
    }

    /// Where it seeks to for a frame: its start, rounded to 2 ms, and 2 ms on.
    pub fn seek_time(frame: u64, fps: f64) -> f64 {
        const STEP: f64 = 0.002;
        ((frame.max(1) - 1) as f64 / fps / STEP).round() * STEP + STEP
    }

    /// `time` of a keyframe: `frame / fps`.
    pub fn keyframe_time(frame: u64, fps: f64) -> f64 {
        frame as f64 / fps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_declared_rate_numbers_frames_like_label_studio() {
        let index = FrameIndex::constant(FrameRate::new(24, 1), Nanos::from_secs(12.5));
        assert_eq!((index.count(), index.source()), (300, FrameSource::Declared));
        assert_eq!(index.frame_at(Nanos::from_secs(99.0)), Some(Frame(299)));
        assert_eq!(index.frame_at(Nanos::from_secs(-1.0)), Some(Frame(0)));
        let guess = FrameIndex::constant(None, Nanos::from_secs(1.0));
        assert!(guess.source().is_guess() && guess.source().as_str() == "default");
        assert_eq!(FrameIndex::constant(None, Nanos::ZERO).frame_at(Nanos::ZERO), None);
        assert_eq!(FrameIndex::constant(None, Nanos::from_secs(f64::NAN)).count(), 0);
    }

    /// T10: audio longer than video, LS#6593.
    #[test]
    fn t10_frames_come_from_the_video_track() {
        let pts: Vec<i64> = (0..43).collect();
        let index = FrameIndex::from_presentation_times(Timescale(10), pts, 43);
        assert_eq!(index.count(), 43);
        assert_eq!(index.end(Frame(42)), Nanos::from_secs(4.3));
        assert_eq!(index.constant_rate(), FrameRate::new(10, 1));
    }

    /// T9: 20-10-30-20 frames per second.
    #[test]
    fn t9_variable_rates_step_through_every_frame_once() {
        let mut at = 0;
        let mut pts = Vec::new();
        for (fps, frames) in [(20, 20), (10, 10), (30, 30), (20, 20)] {
            for _ in 0..frames {
                pts.push(at);
                at += 600 / fps;
            }
        }
        let index = FrameIndex::from_presentation_times(Timescale(600), pts, at);
        assert_eq!((index.count(), index.constant_rate()), (80, None));
        for n in 0..80 {
            let frame = Frame(n);
            assert_eq!(index.frame_at(index.seek_target(frame)), Some(frame));
            assert_eq!(index.frame_at(index.pts(frame)), Some(frame));
            assert_eq!(index.step(frame, 1), Some(Frame((n + 1).min(79))));
            assert_eq!(index.step(frame, -1), Some(Frame(n.saturating_sub(1))));
        }
        assert_eq!(index.average_fps(), 20.0);
    }

    #[test]
    fn a_reported_time_that_was_cut_to_microseconds_still_names_its_frame() {
        let index = FrameIndex::constant(FrameRate::new(30000, 1001), Nanos::from_secs(60.0));
        for n in 0..1700 {
            let cut = Nanos(index.pts(Frame(n)).0 / 1000 * 1000);
            assert_eq!(index.frame_with_pts(cut), Some(Frame(n)));
        }
    }

    #[test]
    fn measuring_survives_skipped_frames() {
        let rate = FrameRate::new(30000, 1001).unwrap();
        let times: Vec<Nanos> =
            (0..40).filter(|n| n % 7 != 3).map(|n| Nanos(rate.pts(n).0 / 1000 * 1000)).collect();
        let index = FrameIndex::measured(&times, Nanos::from_secs(10.0)).unwrap();
        assert_eq!(index.constant_rate(), Some(rate));
        assert_eq!(index.source(), FrameSource::Measured);
        assert_eq!(FrameIndex::measured(&times[..3], Nanos::from_secs(10.0)), None);
    }

    #[test]
    fn label_studio_arithmetic() {
        assert_eq!(label_studio::frames_count(12.5, 24.0), 300);
        assert_eq!(label_studio::frame_at(0.0, 24.0, 300), 1);
        assert_eq!(label_studio::frame_at(1.01, 24.0, 300), 25);
        assert_eq!(label_studio::frame_at(1e9, 24.0, 300), 300);
        assert!((label_studio::seek_time(25, 24.0) - 1.002).abs() < 1e-12);
        assert!((label_studio::keyframe_time(1, 24.0) - 0.041_666_666_666_666_664).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn seeking_to_a_frame_shows_it_in_both_numberings(number in 1u64..300_000, which in 0usize..5) {
            let rate = FrameRate::from_f64([24.0, 25.0, 29.97, 59.94, 10.0][which]).unwrap();
            let index = FrameIndex::constant(Some(rate), Nanos::from_secs(40_000.0));
            let frame = Frame::from_number(number);
            let target = index.seek_target(frame);
            prop_assert_eq!(index.frame_at(target), Some(frame));
            prop_assert_eq!(label_studio::frame_at(target.secs(), rate.fps(), index.count()), number);
            prop_assert_eq!(index.nearest_border(index.pts(frame) + Nanos(5)), index.pts(frame));
            prop_assert_eq!(index.snap(target), index.pts(frame));
        }
    }
}
