//! Box tracks as results hold them: the box at a frame, and what an edit at a frame makes of the track
//! (spec/results.md 3.12).

use serde_json::Map;
use tagloom_annotation_store::{Keyframe, VideoTrack};
use tagloom_region_geometry::Rectangle;
use tagloom_video_sync::{Keyframe as Key, Shape, Track};

fn as_track(track: &VideoTrack) -> Track {
    let key = |k: &Keyframe| {
        let frame = u64::try_from(k.frame).ok().filter(|f| *f > 0)?;
        let shape = Shape { x: k.x, y: k.y, width: k.width, height: k.height, rotation: k.rotation };
        Some(Key { frame, enabled: k.enabled, shape })
    };
    track.sequence.iter().filter_map(key).collect()
}

/// The box on a frame (from 1); `None` where it is not visible.
pub(super) fn box_at(track: &VideoTrack, frame: u64) -> Option<Rectangle> {
    let shape = as_track(track).shape_at(frame)?;
    Some(Rectangle {
        x: shape.x,
        y: shape.y,
        width: shape.width,
        height: shape.height,
        rotation: shape.rotation,
    })
}

/// Frames with a keyframe, and the spans in which the box is visible.
pub(super) fn life(track: &VideoTrack, frames_count: u64) -> (Vec<u64>, Vec<(u64, u64)>) {
    let read = as_track(track);
    (read.keyframes().iter().map(|k| k.frame).collect(), read.lifespans(frames_count))
}

pub(super) fn keyframe_at(track: &VideoTrack, frame: u64) -> Option<&Keyframe> {
    track.sequence.iter().find(|k| u64::try_from(k.frame) == Ok(frame))
}

/// A keyframe of a new or changed box. `time` is in seconds.
pub(super) fn keyframe(frame: u64, time: f64, rect: Rectangle) -> Keyframe {
    Keyframe {
        frame: i64::try_from(frame).unwrap_or(i64::MAX),
        enabled: true,
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
        rotation: rect.rotation,
        time: Some(time),
        rest: Map::new(),
    }
}

/// The track with the box at a frame; what else the keyframe there says is kept, numbers that did not change are too.
pub(super) fn with_box(track: &VideoTrack, frame: u64, time: f64, rect: Rectangle) -> VideoTrack {
    let mut changed = track.clone();
    let number = i64::try_from(frame).unwrap_or(i64::MAX);
    let close = |new: f64, old: f64| if (new - old).abs() < 1e-9 { old } else { new };
    match changed.sequence.iter_mut().find(|k| k.frame == number) {
        Some(old) => {
            (old.x, old.y) = (close(rect.x, old.x), close(rect.y, old.y));
            (old.width, old.height) = (close(rect.width, old.width), close(rect.height, old.height));
            old.rotation = close(rect.rotation, old.rotation);
            old.time = Some(time);
        }
        None => {
            // A box that was gone comes back for good, one that is there stays.
            let at = changed.sequence.iter().position(|k| k.frame > number).unwrap_or(changed.sequence.len());
            changed.sequence.insert(at, keyframe(frame, time, rect));
        }
    }
    changed
}

/// Adds a keyframe where the box is now, or takes the one there away; the last keyframe stays.
pub(super) fn toggle_keyframe(track: &VideoTrack, frame: u64, time: f64) -> Option<VideoTrack> {
    if keyframe_at(track, frame).is_some() {
        let mut without = track.clone();
        without.sequence.retain(|k| u64::try_from(k.frame) != Ok(frame));
        return (!without.sequence.is_empty()).then_some(without);
    }
    // Where the box is hidden it comes back as it was last.
    let shape = box_at(track, frame).or_else(|| {
        let before =
            track.sequence.iter().rev().find(|k| k.frame < frame as i64).or(track.sequence.first())?;
        Some(Rectangle {
            x: before.x,
            y: before.y,
            width: before.width,
            height: before.height,
            rotation: before.rotation,
        })
    })?;
    Some(with_box(track, frame, time, shape))
}

/// Ends the life of the box after this frame, or lets it go on.
pub(super) fn toggle_life(track: &VideoTrack, frame: u64, time: f64) -> Option<VideoTrack> {
    let mut changed = match keyframe_at(track, frame) {
        Some(_) => track.clone(),
        None => toggle_keyframe(track, frame, time)?,
    };
    let existed = keyframe_at(track, frame).is_some();
    let was_visible = box_at(track, frame).is_some();
    let key = changed.sequence.iter_mut().find(|k| u64::try_from(k.frame) == Ok(frame))?;
    key.enabled = if existed { !key.enabled } else { !was_visible };
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f64) -> Rectangle {
        Rectangle { x, y: 20.0, width: 30.0, height: 40.0, rotation: 0.0 }
    }

    fn track(keys: &[(u64, f64, bool)]) -> VideoTrack {
        let sequence =
            keys.iter().map(|(f, x, on)| Keyframe { enabled: *on, ..keyframe(*f, 0.0, rect(*x)) }).collect();
        VideoTrack { frames_count: Some(100.0), duration: Some(4.0), sequence }
    }

    #[test]
    fn an_edit_between_keyframes_makes_one() {
        let t = track(&[(10, 0.0, true), (50, 40.0, true)]);
        assert_eq!(box_at(&t, 30), Some(rect(20.0)));
        assert_eq!(box_at(&t, 9), None);
        let moved = with_box(&t, 30, 1.2, rect(5.0));
        assert_eq!(life(&moved, 100).0, [10, 30, 50]);
        assert_eq!(box_at(&moved, 20), Some(rect(2.5)));
        assert_eq!(moved.sequence[1].time, Some(1.2));
        let again = with_box(&moved, 30, 1.2, rect(6.0));
        assert_eq!(life(&again, 100).0, [10, 30, 50]);
    }

    #[test]
    fn numbers_that_did_not_change_stay_as_they_were_stored() {
        let mut t = track(&[(10, 0.1 + 0.2, true)]);
        t.sequence[0].rest.insert("note".into(), "kept".into());
        let moved = with_box(&t, 10, 0.4, Rectangle { y: 21.0, ..rect(0.3) });
        assert_eq!(moved.sequence[0].x, 0.1 + 0.2);
        assert_eq!(moved.sequence[0].rest, t.sequence[0].rest);
    }

    #[test]
    fn keyframes_come_and_go_and_the_last_one_stays() {
        let t = track(&[(10, 0.0, true), (50, 40.0, true)]);
        let more = toggle_keyframe(&t, 30, 1.2).unwrap();
        assert_eq!(more.sequence[1].x, 20.0);
        let fewer = toggle_keyframe(&more, 30, 1.2).unwrap();
        assert_eq!(fewer, t);
        assert_eq!(toggle_keyframe(&track(&[(10, 0.0, true)]), 10, 0.4), None);
        let before = toggle_keyframe(&t, 5, 0.2).unwrap();
        assert_eq!(box_at(&before, 5), Some(rect(0.0)));
    }

    #[test]
    fn a_life_ends_after_its_frame_and_begins_again() {
        let t = track(&[(10, 0.0, true)]);
        let ended = toggle_life(&t, 40, 1.6).unwrap();
        assert_eq!(life(&ended, 100).1, [(10, 40)]);
        assert_eq!((box_at(&ended, 40).is_some(), box_at(&ended, 41)), (true, None));
        assert_eq!(life(&toggle_life(&ended, 40, 1.6).unwrap(), 100).1, [(10, 100)]);
        let again = toggle_life(&ended, 60, 2.4).unwrap();
        assert_eq!(life(&again, 100).1, [(10, 40), (60, 100)]);
    }
}
