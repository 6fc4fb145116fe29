//! Boxes between keyframes of a video track (results.md 3.12).
//!
//! Odd cases: before the first keyframe there is no shape; after the last one it is held; a keyframe that is not enabled
//! ends the life of the shape, but is itself still visible; on a keyframe its own numbers are used untouched. Of two
//! keyframes on one frame the later given wins. Frames count from 1.

use serde::{Deserialize, Serialize};

/// A box in percent of the picture, rotated around its top left corner in degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    #[serde(default)]
    pub rotation: f64,
}

/// One entry of `sequence`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keyframe {
    /// From 1.
    pub frame: u64,
    /// Whether the shape goes on after this frame.
    #[serde(default = "enabled")]
    pub enabled: bool,
    #[serde(flatten)]
    pub shape: Shape,
}

fn enabled() -> bool {
    true
}

/// Keyframes in order of their frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track(Vec<Keyframe>);

impl FromIterator<Keyframe> for Track {
    fn from_iter<I: IntoIterator<Item = Keyframe>>(keyframes: I) -> Self {
        let mut track = Self::default();
        keyframes.into_iter().for_each(|k| track.put(k));
        track
    }
}

impl Track {
    pub fn keyframes(&self) -> &[Keyframe] {
        &self.0
    }

    /// Adds a keyframe, or replaces the one on its frame.
    pub fn put(&mut self, keyframe: Keyframe) {
        match self.0.binary_search_by_key(&keyframe.frame, |k| k.frame) {
            Ok(at) => self.0[at] = keyframe,
            Err(at) => self.0.insert(at, keyframe),
        }
    }

    pub fn remove(&mut self, frame: u64) -> Option<Keyframe> {
        let at = self.0.binary_search_by_key(&frame, |k| k.frame).ok()?;
        Some(self.0.remove(at))
    }

    /// The keyframe at or before a frame, and the one after it.
    fn around(&self, frame: u64) -> (Option<&Keyframe>, Option<&Keyframe>) {
        let after = self.0.partition_point(|k| k.frame <= frame);
        (after.checked_sub(1).and_then(|i| self.0.get(i)), self.0.get(after))
    }

    /// The shape on a frame, or `None` where it is not visible.
    pub fn shape_at(&self, frame: u64) -> Option<Shape> {
        let (previous, next) = self.around(frame);
        let previous = previous?;
        if previous.frame == frame {
            return Some(previous.shape);
        }
        if !previous.enabled {
            return None;
        }
        let Some(next) = next else { return Some(previous.shape) };
        let (p, n) = (previous.shape, next.shape);
        let share = |a: f64, b: f64| {
            a + (b - a) * (frame - previous.frame) as f64 / (next.frame - previous.frame) as f64
        };
        Some(Shape {
            x: share(p.x, n.x),
            y: share(p.y, n.y),
            width: share(p.width, n.width),
            height: share(p.height, n.height),
            rotation: half_turns(share(0.0, half_turns(n.rotation - p.rotation)) + p.rotation),
        })
    }

    /// The spans of frames, both ends included, in which the shape is visible; the last may go on to `frames_count`.
    pub fn lifespans(&self, frames_count: u64) -> Vec<(u64, u64)> {
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for (i, keyframe) in self.0.iter().enumerate() {
            let end = match self.0.get(i + 1) {
                _ if !keyframe.enabled => keyframe.frame,
                Some(next) => next.frame,
                None => frames_count.max(keyframe.frame),
            };
            match spans.last_mut() {
                // One that begins where the last ends, or on the very next frame, goes on with it.
                Some(last) if keyframe.frame <= last.1 + 1 => last.1 = last.1.max(end),
                _ => spans.push((keyframe.frame, end)),
            }
        }
        spans
    }
}

/// Degrees in [-180, 180).
fn half_turns(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(frame: u64, enabled: bool, x: f64, rotation: f64) -> Keyframe {
        Keyframe { frame, enabled, shape: Shape { x, y: 10.0, width: 20.0, height: 15.0, rotation } }
    }

    #[test]
    fn boxes_move_in_straight_lines_and_turn_the_short_way() {
        let track: Track = [key(11, true, 20.0, -170.0), key(1, true, 10.0, 170.0)].into_iter().collect();
        let middle = track.shape_at(6).unwrap();
        assert!((middle.x - 15.0).abs() < 1e-9);
        assert!((middle.rotation - -180.0).abs() < 1e-9);
        assert!((track.shape_at(3).unwrap().rotation - 174.0).abs() < 1e-9);
        assert_eq!(track.shape_at(0), None);
        assert_eq!(track.shape_at(11).unwrap().rotation, -170.0);
        assert_eq!(track.shape_at(500), Some(track.keyframes()[1].shape), "held after the last");
        let wide: Track = [key(1, true, 0.0, 400.0)].into_iter().collect();
        assert_eq!(wide.shape_at(1).unwrap().rotation, 400.0, "a keyframe keeps its own numbers");
    }

    #[test]
    fn a_disabled_keyframe_is_the_last_visible_one() {
        let track: Track =
            [key(1, true, 0.0, 0.0), key(5, false, 4.0, 0.0), key(9, true, 9.0, 0.0)].into_iter().collect();
        let visible: Vec<u64> = (0..=12).filter(|f| track.shape_at(*f).is_some()).collect();
        assert_eq!(visible, [1, 2, 3, 4, 5, 9, 10, 11, 12]);
        assert_eq!(track.lifespans(12), [(1, 5), (9, 12)]);
        assert!((track.shape_at(3).unwrap().x - 2.0).abs() < 1e-9);
    }

    #[test]
    fn keyframes_are_put_replaced_and_removed() {
        let mut track: Track = [key(5, true, 1.0, 0.0), key(5, true, 2.0, 0.0)].into_iter().collect();
        assert_eq!(track.keyframes().len(), 1);
        assert_eq!(track.shape_at(5).unwrap().x, 2.0);
        assert!(track.remove(5).is_some() && track.remove(5).is_none());
        assert_eq!(track.shape_at(5), None);
    }

    #[test]
    fn the_json_of_a_sequence_is_read() {
        let json = r#"[{"frame":1,"enabled":true,"x":10,"y":10,"width":20,"height":15,"rotation":0,"time":0.0416},{"frame":4,"x":1,"y":2,"width":3,"height":4}]"#;
        let track: Track = serde_json::from_str::<Vec<Keyframe>>(json).unwrap().into_iter().collect();
        assert_eq!(track.keyframes()[0], key(1, true, 10.0, 0.0));
        assert!(track.keyframes()[1].enabled);
    }

    proptest! {
        #[test]
        fn lifespans_are_where_shapes_are(keys in prop::collection::vec((1u64..40, any::<bool>(), -50.0f64..150.0, -720.0f64..720.0), 0..12)) {
            let track: Track = keys.into_iter().map(|(f, e, x, r)| key(f, e, x, r)).collect();
            let spans = track.lifespans(50);
            for frame in 0..=50 {
                let inside = spans.iter().any(|(a, b)| (*a..=*b).contains(&frame));
                prop_assert_eq!(inside, track.shape_at(frame).is_some(), "frame {}", frame);
            }
            for w in track.keyframes().windows(2) {
                for frame in w[0].frame + 1..w[1].frame {
                    if let Some(s) = track.shape_at(frame) {
                        let f = (frame - w[0].frame) as f64 / (w[1].frame - w[0].frame) as f64;
                        prop_assert!((s.x - (w[0].shape.x * (1.0 - f) + w[1].shape.x * f)).abs() < 1e-9);
                        prop_assert!((-180.0..180.0).contains(&s.rotation));
                    }
                }
            }
        }
    }
}
