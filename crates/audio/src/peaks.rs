//! Smallest and largest sample of stretches, on levels of four.
//!
//! A *peak* covers [`PeakPyramid::factor`] frames of one channel. Level 0 has them all, each level above one for four
//! below; only full ones are kept, so a pyramid that is still growing answers exactly. At 256 frames per peak an hour
//! of 44.1 kHz stereo takes 6.6 MB with all levels (4 bytes, times 4/3). NaN counts as silence; samples beyond full
//! scale are cut to it. The last peak of a file may cover fewer frames.

use std::ops::Range;

/// Smallest and largest sample; full scale is ±32767.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    pub min: i16,
    pub max: i16,
}

impl Peak {
    /// Of nothing: it disappears in [`Peak::with`].
    pub const NONE: Self = Self { min: i16::MAX, max: i16::MIN };

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// Both ends as shares of full scale, -1 to 1.
    pub fn shares(self) -> (f64, f64) {
        (f64::from(self.min) / 32767.0, f64::from(self.max) / 32767.0)
    }
}

/// How many frames a peak should cover for a file of so many frames: short ones can be looked at sample by sample.
pub fn frames_per_peak(frames: u64) -> u32 {
    [4, 16, 64, 256].into_iter().find(|factor| frames / u64::from(*factor) <= 2_000_000).unwrap_or(1024)
}

/// Makes peaks of samples as they come; where they are cut makes no difference.
#[derive(Clone, Debug)]
pub struct PeakBuilder {
    factor: u32,
    open: Vec<Peak>,
    filled: u32,
    channel: usize,
    frames: u64,
    ready: Vec<i16>,
}

impl PeakBuilder {
    pub fn new(channels: usize, factor: u32) -> Self {
        let channels = channels.max(1);
        Self {
            factor: factor.max(1),
            open: vec![Peak::NONE; channels],
            filled: 0,
            channel: 0,
            frames: 0,
            ready: Vec::new(),
        }
    }

    /// Takes interleaved samples of full scale ±1.
    pub fn push(&mut self, samples: &[f32]) {
        for sample in samples {
            // The cast takes NaN for 0.
            let value = (sample.clamp(-1.0, 1.0) * 32767.0).round() as i16;
            let peak = &mut self.open[self.channel];
            *peak = peak.with(Peak { min: value, max: value });
            self.channel += 1;
            if self.channel == self.open.len() {
                self.channel = 0;
                self.frames += 1;
                self.filled += 1;
                if self.filled == self.factor {
                    self.close();
                }
            }
        }
    }

    fn close(&mut self) {
        for peak in &mut self.open {
            self.ready.extend([peak.min, peak.max]);
            *peak = Peak::NONE;
        }
        self.filled = 0;
    }

    /// The sound is over: what has come of the last peak is a peak.
    pub fn finish(&mut self) {
        if self.filled > 0 {
            self.close();
        }
    }

    /// Frames taken so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Peaks made since the last call: min and max of each channel, one peak after the other.
    pub fn take(&mut self) -> Vec<i16> {
        std::mem::take(&mut self.ready)
    }
}

/// All peaks of a sound, quick to ask at every zoom.
#[derive(Clone, Debug, PartialEq)]
pub struct PeakPyramid {
    factor: f64,
    rate: f64,
    channels: usize,
    /// Per level the peaks of all channels, interleaved.
    levels: Vec<Vec<Peak>>,
}

const STEP: usize = 4;

impl PeakPyramid {
    /// Without peaks yet: `factor` frames per peak at `rate` frames per second.
    pub fn new(channels: usize, factor: f64, rate: f64) -> Self {
        let sane = |v: f64, or: f64| if v.is_finite() && v > 0.0 { v } else { or };
        Self {
            factor: sane(factor, 1.0),
            rate: sane(rate, 44_100.0),
            channels: channels.max(1),
            levels: vec![Vec::new()],
        }
    }

    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Frames per peak.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// Peaks per channel.
    pub fn len(&self) -> usize {
        self.levels[0].len() / self.channels
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Seconds covered so far.
    pub fn seconds(&self) -> f64 {
        self.len() as f64 * self.factor / self.rate
    }

    /// Peaks per second.
    pub fn density(&self) -> f64 {
        self.rate / self.factor
    }

    /// Bytes that the peaks take.
    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|l| l.capacity() * size_of::<Peak>()).sum()
    }

    /// Appends peaks as [`PeakBuilder::take`] gives them; an incomplete one at the end is left out.
    pub fn push(&mut self, peaks: &[i16]) {
        let whole = peaks.len() / (2 * self.channels) * 2 * self.channels;
        self.levels[0].extend(peaks[..whole].chunks_exact(2).map(|p| Peak { min: p[0], max: p[1] }));
        let channels = self.channels;
        let mut level = 0;
        loop {
            let full = self.levels[level].len() / channels / STEP;
            if full == 0 {
                return;
            }
            if self.levels.len() == level + 1 {
                self.levels.push(Vec::new());
            }
            let (below, above) = self.levels.split_at_mut(level + 1);
            let (below, above) = (&below[level], &mut above[0]);
            for at in above.len() / channels..full {
                for channel in 0..channels {
                    let four = (0..STEP).map(|i| below[(at * STEP + i) * channels + channel]);
                    above.push(four.fold(Peak::NONE, Peak::with));
                }
            }
            level += 1;
        }
    }

    /// The peak of a channel over a range of base peaks; `None` where there are none (yet).
    pub fn range(&self, channel: usize, range: Range<usize>) -> Option<Peak> {
        let end = range.end.min(self.len());
        let mut at = range.start;
        if at >= end || channel >= self.channels {
            return None;
        }
        let mut peak = Peak::NONE;
        while at < end {
            let (mut level, mut size) = (0, 1);
            while at.is_multiple_of(size * STEP)
                && at + size * STEP <= end
                && self.levels.get(level + 1).is_some_and(|l| at / (size * STEP) < l.len() / self.channels)
            {
                level += 1;
                size *= STEP;
            }
            peak = peak.with(self.levels[level][at / size * self.channels + channel]);
            at += size;
        }
        Some(peak)
    }

    /// The peak of a channel between two times in seconds; at least the one peak there.
    pub fn between(&self, channel: usize, start: f64, end: f64) -> Option<Peak> {
        let at = |t: f64| (t * self.density()).max(0.0);
        let first = at(start).floor() as usize;
        self.range(channel, first..(at(end).ceil() as usize).max(first + 1))
    }

    /// The peak of all channels together.
    pub fn mixed(&self, start: f64, end: f64) -> Option<Peak> {
        (0..self.channels).filter_map(|c| self.between(c, start, end)).reduce(Peak::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn built(samples: &[f32], channels: usize, factor: u32, cuts: &[usize]) -> PeakPyramid {
        let mut builder = PeakBuilder::new(channels, factor);
        let mut pyramid = PeakPyramid::new(channels, f64::from(factor), 1000.0);
        let mut rest = samples;
        for cut in cuts {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            builder.push(now);
            pyramid.push(&builder.take());
            rest = later;
        }
        builder.push(rest);
        builder.finish();
        pyramid.push(&builder.take());
        pyramid
    }

    fn level(sample: f32) -> i16 {
        (sample * 32767.0).round() as i16
    }

    proptest! {
        #[test]
        fn peaks_are_those_of_the_samples(
            samples in proptest::collection::vec(-1.0f32..=1.0, 2..3000),
            channels in 1usize..4, factor in 1u32..9,
            a in 0usize..1500, long in 1usize..1500, cuts in proptest::collection::vec(0usize..400, 0..6),
        ) {
            let samples = &samples[..samples.len() / channels * channels];
            let pyramid = built(samples, channels, factor, &cuts);
            for channel in 0..channels {
                let own: Vec<i16> = samples.iter().skip(channel).step_by(channels).map(|s| level(*s)).collect();
                let (from, to) = (a * factor as usize, ((a + long) * factor as usize).min(own.len()));
                let expected = (from < to).then(|| Peak {
                    min: *own[from..to].iter().min().unwrap(), max: *own[from..to].iter().max().unwrap() });
                prop_assert_eq!(pyramid.range(channel, a..a + long), expected);
            }
        }

        #[test]
        fn where_samples_are_cut_makes_no_difference(
            samples in proptest::collection::vec(-2.0f32..=2.0, 0..2000), cuts in proptest::collection::vec(0usize..300, 0..9),
        ) {
            prop_assert_eq!(built(&samples, 2, 7, &cuts), built(&samples, 2, 7, &[]));
        }
    }

    #[test]
    fn what_is_no_number_is_silent_and_what_is_too_loud_is_cut() {
        let p = built(&[f32::NAN, 7.0, -9.0], 1, 1, &[]);
        assert_eq!(p.range(0, 0..1), Some(Peak { min: 0, max: 0 }));
        assert_eq!(p.range(0, 0..3), Some(Peak { min: -32767, max: 32767 }));
        assert_eq!(p.range(0, 3..9), None);
        assert_eq!(p.range(1, 0..1), None);
    }

    #[test]
    fn three_hours_of_stereo_fit_into_forty_megabytes() {
        let frames = 3 * 3600 * 44_100_u64;
        let factor = frames_per_peak(frames);
        assert_eq!(factor, 256);
        let mut p = PeakPyramid::new(2, f64::from(factor), 44_100.0);
        let chunk = vec![0; 4 * 10_000];
        for _ in 0..frames / 256 / 10_000 {
            p.push(&chunk);
        }
        // Vectors grow by doubling: at most twice what is needed.
        assert!(p.bytes() < 40_000_000, "{}", p.bytes());
        assert!((p.seconds() - 10_800.0).abs() < 60.0);
    }

    #[test]
    fn short_sounds_are_finer() {
        assert_eq!(frames_per_peak(44_100 * 10), 4);
        assert_eq!(frames_per_peak(44_100 * 600), 16);
        assert_eq!(frames_per_peak(44_100 * 3600 * 24), 1024);
    }
}
