//! Edit lists: which part of a track is shown, and when (FI-3).

use super::super::{MAX_FRAMES, Sample};

/// One entry of `elst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// In the movie's timescale; 0 goes to the end of the track.
    pub duration: u64,
    /// Where it begins in the track; below 0 nothing is shown.
    pub media_time: i64,
}

/// `value` ticks of one scale in another, to the nearest.
fn rescale(value: u64, from: u32, to: u32) -> i64 {
    let (from, to) = (u128::from(from.max(1)), u128::from(to));
    i64::try_from((u128::from(value) * to + from / 2) / from).unwrap_or(i64::MAX)
}

/// The samples that the edits show, at the times at which they show them.
pub(super) fn apply(samples: &[Sample], edits: &[Edit], timescale: u32, movie_timescale: u32) -> Vec<Sample> {
    if edits.iter().all(|e| e.media_time < 0) {
        return shift(samples.to_vec(), edits, timescale, movie_timescale);
    }
    let mut samples = samples.to_vec();
    samples.sort_by_key(|s| s.pts);
    let mut shown = Vec::with_capacity(samples.len());
    let mut start = 0_i64;
    for edit in edits {
        let length = rescale(edit.duration, movie_timescale, timescale);
        if edit.media_time < 0 {
            start = start.saturating_add(length);
            continue;
        }
        let end = if edit.duration == 0 { i64::MAX } else { edit.media_time.saturating_add(length) };
        let first = samples.partition_point(|s| s.pts < edit.media_time);
        let inside = samples[first..].iter().take_while(|s| s.pts < end);
        shown.extend(inside.map(|s| Sample { pts: (s.pts - edit.media_time).saturating_add(start), ..*s }));
        start = start.saturating_add(length);
        // A list that repeats the track over and over is small, what it stands for is not.
        if shown.len() > MAX_FRAMES {
            break;
        }
    }
    shown
}

/// For fragments, whose edits say only how far to move everything.
pub(super) fn shift(
    samples: Vec<Sample>,
    edits: &[Edit],
    timescale: u32,
    movie_timescale: u32,
) -> Vec<Sample> {
    let mut by = 0_i64;
    for edit in edits {
        if edit.media_time < 0 {
            by = by.saturating_add(rescale(edit.duration, movie_timescale, timescale));
        } else {
            by = by.saturating_sub(edit.media_time);
            break;
        }
    }
    samples.into_iter().map(|s| Sample { pts: s.pts.saturating_add(by), ..s }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(times: impl IntoIterator<Item = i64>) -> Vec<Sample> {
        times.into_iter().map(|pts| Sample { pts, duration: 10, key: true }).collect()
    }
    fn times(samples: &[Sample]) -> Vec<i64> {
        samples.iter().map(|s| s.pts).collect()
    }

    #[test]
    fn frames_outside_the_edit_are_not_counted() {
        let all = frames((0..10).map(|n| n * 10));
        let edit = Edit { duration: 300, media_time: 20 };
        assert_eq!(times(&apply(&all, &[edit], 100, 1000)), [0, 10, 20]);
        let to_the_end = Edit { duration: 0, media_time: 85 };
        assert_eq!(times(&apply(&all, &[to_the_end], 100, 1000)), [5]);
    }

    #[test]
    fn an_empty_edit_is_a_late_start() {
        let all = frames([0, 10]);
        let late = Edit { duration: 66, media_time: -1 };
        let rest = Edit { duration: 200, media_time: 0 };
        assert_eq!(times(&apply(&all, &[late, rest], 12_800, 1000)), [845, 855]);
        assert_eq!(times(&apply(&all, &[late], 12_800, 1000)), [845, 855]);
        assert_eq!(times(&apply(&all, &[], 100, 1000)), [0, 10]);
    }

    #[test]
    fn several_edits_follow_each_other() {
        let all = frames((0..10).map(|n| n * 10));
        let edits = [Edit { duration: 200, media_time: 50 }, Edit { duration: 200, media_time: 0 }];
        assert_eq!(times(&apply(&all, &edits, 100, 1000)), [0, 10, 20, 30]);
    }

    #[test]
    fn huge_numbers_do_not_overflow() {
        let all = frames([i64::MAX, i64::MIN + 1, 0]);
        let edit = Edit { duration: u64::MAX, media_time: i64::MAX };
        let late = Edit { duration: u64::MAX, media_time: -1 };
        for edits in [&[edit][..], &[late, edit], &[late], &[late, late, edit, edit]] {
            let _ = apply(&all, edits, u32::MAX, 1);
        }
    }
}
