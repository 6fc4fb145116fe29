//! The visible window of each series, kept in the browser per task (spec/tags.md 4.6).
//!
//! All windows lie under one key, as an object from "task/tag" to `[start, end]` in positions. The oldest go when there
//! are many; what cannot be read counts as nothing.

use crate::components::storage;
use crate::context::EditorContext;
use serde_json::{Map, Value};

const KEY: &str = "labelStudio:storedValues";
const MOST: usize = 200;

/// The entry of a series; empty where the task has no id, so that nothing is kept for it.
pub(super) fn key(context: &EditorContext, name: &str) -> String {
    let task = context.try_with(|e| e.task().id.clone()).unwrap_or_default();
    if task.is_empty() { String::new() } else { format!("{task}/{name}") }
}

fn parse(text: Option<&str>) -> Map<String, Value> {
    match text.and_then(|t| serde_json::from_str(t).ok()) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn window(map: &Map<String, Value>, key: &str) -> Option<(f64, f64)> {
    let pair = map.get(key)?.as_array()?;
    let number = |at: usize| pair.get(at).and_then(Value::as_f64).filter(|v| v.is_finite());
    Some((number(0)?, number(1)?))
}

/// The text with the window in it. What others keep under the same key stays.
fn with_window(text: Option<&str>, key: &str, (start, end): (f64, f64)) -> String {
    let mut map = parse(text);
    if !map.contains_key(key) && map.len() >= MOST {
        let oldest = map.keys().next().cloned();
        oldest.and_then(|oldest| map.remove(&oldest));
    }
    map.insert(key.to_owned(), Value::from(vec![start, end]));
    Value::Object(map).to_string()
}

pub(super) fn read(key: &str) -> Option<(f64, f64)> {
    if key.is_empty() { None } else { window(&parse(storage::load(KEY).as_deref()), key) }
}

pub(super) fn write(key: &str, range: (f64, f64)) {
    if !key.is_empty() {
        storage::store(KEY, &with_window(storage::load(KEY).as_deref(), key, range));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_kept_beside_what_is_there() {
        let text = with_window(Some(r#"{"other":true}"#), "7/ts", (1.5, 9.0));
        let text = with_window(Some(&text), "8/ts", (0.0, 1.0));
        let map = parse(Some(&text));
        assert_eq!(window(&map, "7/ts"), Some((1.5, 9.0)));
        assert_eq!(window(&map, "8/ts"), Some((0.0, 1.0)));
        assert_eq!(map.get("other"), Some(&Value::Bool(true)));
    }

    #[test]
    fn nonsense_is_nothing_and_many_windows_do_not_pile_up() {
        assert_eq!(window(&parse(Some("no json")), "7/ts"), None);
        assert_eq!(window(&parse(Some(r#"{"7/ts":[1]}"#)), "7/ts"), None);
        assert_eq!(window(&parse(None), "7/ts"), None);
        let mut text = None;
        for n in 0..MOST + 50 {
            text = Some(with_window(text.as_deref(), &format!("{n}/ts"), (0.0, 1.0)));
        }
        assert_eq!(parse(text.as_deref()).len(), MOST);
    }
}
