//! Two ways to number the frames of one video (FI-5): by the container, and as Label Studio counts with a declared rate.
//!
//! They are the same where the declared rate is the true one. Where it is not, several frames share a number or numbers
//! are left out, so going there and back is exact only to the coarser of the two.

use crate::frame_rate::FrameRate;
use crate::frames::{Frame, FrameIndex, label_studio};
use crate::nanos::Nanos;

/// How frame numbers in annotations are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// As the container has them: number 1 is the first frame.
    #[default]
    Container,
    /// As Label Studio would number them at this rate, for projects that were begun there.
    Compat(FrameRate),
}

/// A declared rate that the container contradicts by more than half a percent.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("frameRate says {declared} frames per second, the file has {:.3}", .found)]
pub struct RateContradiction {
    pub declared: FrameRate,
    /// Frames per second of the file, on average.
    pub found: f64,
}

/// Compares what the config declares with what the file holds.
pub fn contradiction(index: &FrameIndex, declared: FrameRate) -> Option<RateContradiction> {
    let found = index.average_fps();
    ((found / declared.fps() - 1.0).abs() > 0.005).then_some(RateContradiction { declared, found })
}

impl Numbering {
    fn total(rate: FrameRate, index: &FrameIndex) -> u64 {
        label_studio::frames_count(duration(index).secs(), rate.fps())
    }

    /// `framesCount` of results.
    pub fn count(self, index: &FrameIndex) -> u64 {
        match self {
            Self::Container => index.count(),
            Self::Compat(rate) => Self::total(rate, index),
        }
    }

    /// The number of a frame, from 1.
    pub fn number(self, index: &FrameIndex, frame: Frame) -> u64 {
        match self {
            Self::Container => frame.number(),
            // Label Studio derives it from the time at which it looks.
            Self::Compat(rate) => {
                let at = index.seek_target(frame).secs();
                label_studio::frame_at(at, rate.fps(), Self::total(rate, index))
            }
        }
    }

    /// The frame that a number means: for compat numbers the one that Label Studio would seek to.
    pub fn frame(self, index: &FrameIndex, number: u64) -> Frame {
        let frame = match self {
            Self::Container => Frame::from_number(number),
            Self::Compat(rate) => {
                let at = Nanos::from_secs(label_studio::seek_time(number, rate.fps()));
                index.frame_at(at).unwrap_or_default()
            }
        };
        index.last().map_or(frame, |last| frame.min(last))
    }
}

/// From 0 to the end of the last frame.
fn duration(index: &FrameIndex) -> Nanos {
    index.last().map_or(Nanos::ZERO, |last| index.end(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nanos::Timescale;
    use proptest::prelude::*;

    fn video(fps: u32, frames: i64) -> FrameIndex {
        let step = i64::from(60_000 / fps);
        FrameIndex::from_presentation_times(
            Timescale(60_000),
            (0..frames).map(|n| n * step).collect(),
            frames * step,
        )
    }

    /// LS#7759: labeled at the default of 24, the file has 30.
    #[test]
    fn ls_7759_annotations_of_a_wrong_rate_are_found_again() {
        let index = video(30, 300);
        let wrong = FrameRate::new(24, 1).unwrap();
        assert_eq!(contradiction(&index, wrong).unwrap().found, 30.0);
        let compat = Numbering::Compat(wrong);
        assert_eq!(compat.count(&index), 240);
        // Ten seconds in, halfway: number 121 at 24 per second is the frame at 5 s, number 151 of the file.
        let frame = compat.frame(&index, 121);
        assert_eq!(Numbering::Container.number(&index, frame), 151);
        assert_eq!(compat.number(&index, frame), 121);
        assert!(contradiction(&index, FrameRate::new(30_000, 1001).unwrap()).is_none());
    }

    proptest! {
        #[test]
        fn the_true_rate_numbers_as_the_container_does(which in 0usize..4, n in 0u64..1000) {
            let fps = [10, 24, 25, 60][which];
            let index = video(fps, 1000);
            let compat = Numbering::Compat(FrameRate::new(fps, 1).unwrap());
            prop_assert_eq!(compat.number(&index, Frame(n)), Frame(n).number());
            prop_assert_eq!(compat.frame(&index, Frame(n).number()), Frame(n));
            prop_assert_eq!(compat.count(&index), index.count());
        }

        #[test]
        fn numbers_of_any_rate_lead_back_to_their_frame_within_one(num in 1u32..120, number in 1u64..600) {
            let index = video(30, 300);
            let compat = Numbering::Compat(FrameRate::new(num, 1).unwrap());
            let number = number.min(compat.count(&index).max(1));
            let frame = compat.frame(&index, number);
            let back = compat.number(&index, frame);
            let slack = u64::from(num).div_ceil(30) + 1;
            prop_assert!(back.abs_diff(number) <= slack, "{number} -> {frame:?} -> {back}");
        }
    }
}
