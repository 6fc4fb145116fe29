//! Frames between the key frames of video tracks (`interpolate_key_frames`, formats.md 3).

use serde_json::{Map, Number, Value};

/// Adds the frames between key frames to every video track of the task's annotations.
///
/// After an enabled key frame the frames up to the next one are filled in linearly and marked `auto`; after the last
/// key frame, if enabled, its box is repeated up to `framesCount`. Tracks without frames stay as they are.
pub fn interpolate_key_frames(task: &mut Value) {
    let regions = task["annotations"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .filter_map(|annotation| annotation.get_mut("result")?.as_array_mut())
        .flatten()
        .filter(|region| region["type"] == "videorectangle");
    for region in regions {
        if let Some(value) = region.get_mut("value").and_then(Value::as_object_mut) {
            interpolate_track(value);
        }
    }
}

/// More frames than any video has; a wrong `framesCount` must not fill the memory.
const MOST_FRAMES: i64 = 10_000_000;

fn interpolate_track(value: &mut Map<String, Value>) {
    let frames_count = value.get("framesCount").and_then(Value::as_i64).unwrap_or(0).min(MOST_FRAMES);
    let duration = value.get("duration").and_then(Value::as_f64).unwrap_or(0.0);
    let Some(sequence) = value.get_mut("sequence").and_then(Value::as_array_mut) else { return };
    let mut keys: Vec<Map<String, Value>> = std::mem::take(sequence)
        .into_iter()
        .filter_map(|key| match key {
            Value::Object(key) => Some(key),
            _ => None,
        })
        .collect();
    keys.sort_by_key(frame_of);
    for (n, key) in keys.iter().enumerate() {
        let mut written = key.clone();
        written.shift_remove("auto");
        sequence.push(Value::Object(written));
        if key.get("enabled").and_then(Value::as_bool) != Some(true) {
            continue;
        }
        match keys.get(n + 1) {
            Some(next) => {
                for frame in between(key, frame_of(next).min(MOST_FRAMES)) {
                    sequence.push(in_between(key, next, frame));
                }
            }
            None => {
                for frame in between(key, frames_count + 1) {
                    sequence.push(held(key, frame, frames_count, duration));
                }
            }
        }
    }
}

fn frame_of(key: &Map<String, Value>) -> i64 {
    key.get("frame").and_then(Value::as_i64).unwrap_or(0)
}

/// The frames behind a key frame and before `end`.
fn between(key: &Map<String, Value>, end: i64) -> std::ops::Range<i64> {
    frame_of(key).max(-MOST_FRAMES) + 1..end
}

fn number(key: &Map<String, Value>, name: &str) -> Option<f64> {
    key.get(name).and_then(Value::as_f64)
}

fn in_between(from: &Map<String, Value>, to: &Map<String, Value>, frame: i64) -> Value {
    let share = (frame - frame_of(from)) as f64 / (frame_of(to) - frame_of(from)) as f64;
    let mut written = from.clone();
    for name in ["x", "y", "width", "height", "rotation", "time"] {
        if let (Some(a), Some(b)) = (number(from, name), number(to, name)) {
            set_rounded(&mut written, name, a + (b - a) * share);
        }
    }
    finish(written, frame)
}

fn held(key: &Map<String, Value>, frame: i64, frames_count: i64, duration: f64) -> Value {
    let mut written = key.clone();
    let time = number(key, "time").unwrap_or(0.0);
    let share = (frame - frame_of(key)) as f64 / (frames_count - frame_of(key)).max(1) as f64;
    set_rounded(&mut written, "time", time + (duration - time) * share);
    finish(written, frame)
}

fn finish(mut written: Map<String, Value>, frame: i64) -> Value {
    written.insert("frame".to_owned(), Value::from(frame));
    written.insert("auto".to_owned(), Value::Bool(true));
    Value::Object(written)
}

fn set_rounded(written: &mut Map<String, Value>, name: &str, number: f64) {
    if let Some(rounded) = Number::from_f64((number * 100.0).round() / 100.0) {
        written.insert(name.to_owned(), Value::Number(rounded));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn track(sequence: Value, frames_count: i64) -> Vec<Value> {
        let value = json!({"framesCount": frames_count, "duration": 0.6, "sequence": sequence});
        let mut task = json!({"annotations": [{"result": [{"type": "videorectangle", "value": value}]}]});
        interpolate_key_frames(&mut task);
        task["annotations"][0]["result"][0]["value"]["sequence"].as_array().unwrap().clone()
    }

    #[test]
    fn the_documented_example() {
        let frames = track(
            json!([
                {"frame": 1, "enabled": true, "x": 0, "time": 0.04},
                {"frame": 4, "enabled": true, "x": 30, "time": 0.16},
            ]),
            6,
        );
        let facts: Vec<_> =
            frames.iter().map(|f| (f["frame"].clone(), f["x"].clone(), f["time"].clone())).collect();
        assert_eq!(
            facts,
            [
                (json!(1), json!(0), json!(0.04)),
                (json!(2), json!(10.0), json!(0.08)),
                (json!(3), json!(20.0), json!(0.12)),
                (json!(4), json!(30), json!(0.16)),
                (json!(5), json!(30), json!(0.38)),
                (json!(6), json!(30), json!(0.6)),
            ]
        );
        let auto: Vec<_> = frames.iter().map(|f| f["auto"] == true).collect();
        assert_eq!(auto, [false, true, true, false, true, true]);
    }

    #[test]
    fn disabled_key_frames_leave_a_gap() {
        let frames = track(json!([{"frame": 3, "enabled": false}, {"frame": 1, "enabled": false}]), 9);
        assert_eq!(frames, [json!({"frame": 1, "enabled": false}), json!({"frame": 3, "enabled": false})]);
        assert_eq!(track(json!([]), 5), Vec::<Value>::new());
    }
}
