//! From a task to one record per annotation: the rule that all formats but JSON share (formats.md 3).

use std::cmp::Reverse;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::ConfigInfo;

/// One annotation of a task, or a task without any.
#[derive(Clone, Debug)]
pub struct Record<'t> {
    pub task: &'t Value,
    pub annotation: Option<&'t Value>,
    /// Region values by control name, in order of appearance. Each has the region's `original_width` and
    /// `original_height` when the region has them.
    pub groups: IndexMap<&'t str, Vec<Map<String, Value>>>,
}

impl Record<'_> {
    /// Who made the annotation: the id, or the e-mail where the export has user objects; null without an annotation.
    #[must_use]
    pub fn annotator(&self) -> Value {
        match self.annotation.map(|annotation| &annotation["completed_by"]) {
            Some(Value::Object(user)) => {
                user.get("email").or_else(|| user.get("id")).cloned().unwrap_or_default()
            }
            Some(other) => other.clone(),
            None => Value::Null,
        }
    }

    /// A field of the annotation; null without one.
    #[must_use]
    pub fn annotation_field(&self, key: &str) -> Value {
        self.annotation.map(|annotation| annotation[key].clone()).unwrap_or_default()
    }
}

/// The records of a task, newest annotation first.
///
/// A task without annotations gives one record without groups. Cancelled annotations give none, so a task with
/// nothing else gives nothing. Relations and regions of controls that the config does not have are left out; chat
/// messages are kept whatever their control.
#[must_use]
pub fn records_of_task<'t>(task: &'t Value, config: &ConfigInfo) -> Vec<Record<'t>> {
    let annotations = task["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
    if annotations.is_empty() {
        return vec![Record { task, annotation: None, groups: IndexMap::new() }];
    }
    let mut kept: Vec<&Value> =
        annotations.iter().filter(|annotation| annotation["was_cancelled"].as_bool() != Some(true)).collect();
    // Stable, so that annotations of the same moment stay in their order.
    kept.sort_by_cached_key(|annotation| {
        let created_at = annotation["created_at"].as_str().unwrap_or_default();
        Reverse((created_at.parse::<Timestamp>().ok(), created_at))
    });
    kept.into_iter()
        .map(|annotation| Record {
            task,
            annotation: Some(annotation),
            groups: groups_of(annotation, config),
        })
        .collect()
}

fn groups_of<'t>(annotation: &'t Value, config: &ConfigInfo) -> IndexMap<&'t str, Vec<Map<String, Value>>> {
    let mut groups: IndexMap<&str, Vec<Map<String, Value>>> = IndexMap::new();
    for region in annotation["result"].as_array().into_iter().flatten() {
        let (Some(from_name), Some(value)) = (region["from_name"].as_str(), region["value"].as_object())
        else {
            continue;
        };
        if !config.controls.contains_key(from_name) && region["type"] != "chatmessage" {
            continue;
        }
        let mut entry = value.clone();
        for key in ["original_width", "original_height"] {
            if let Some(size) = region.get(key) {
                entry.insert(key.to_owned(), size.clone());
            }
        }
        groups.entry(from_name).or_default().push(entry);
    }
    groups
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> ConfigInfo {
        let mut config = ConfigInfo::default();
        config.add_control("ch", "Choices", "text");
        config
    }

    #[test]
    fn the_newest_comes_first_and_cancelled_ones_are_left_out() {
        let task = json!({"annotations": [
            {"id": 1, "created_at": "2026-01-02T00:00:00Z"},
            {"id": 2, "created_at": "2026-01-02T00:00:00.5Z"},
            {"id": 3, "created_at": "2026-01-09T00:00:00Z", "was_cancelled": true},
            {"id": 4, "created_at": "2026-01-02T02:00:00+02:00"},
            {"id": 5},
        ]});
        let ids: Vec<_> =
            records_of_task(&task, &config()).iter().map(|r| r.annotation_field("id")).collect();
        assert_eq!(ids[0], 2);
        assert_eq!(ids[3], 5);
        assert_eq!(ids.len(), 4);
    }

    #[test]
    fn tasks_without_annotations_give_one_empty_record() {
        assert_eq!(records_of_task(&json!({"id": 1}), &config()).len(), 1);
        let task = json!({"annotations": [{"was_cancelled": true}]});
        assert!(records_of_task(&task, &config()).is_empty());
    }

    #[test]
    fn unknown_controls_and_relations_are_left_out() {
        let task = json!({"annotations": [{"result": [
            {"from_name": "gone", "value": {"choices": ["x"]}},
            {"type": "relation", "from_id": "a", "to_id": "b"},
            {"from_name": "ch", "value": {"choices": ["x"]}, "original_width": 5},
            {"from_name": "chat", "type": "chatmessage", "value": {"chatmessage": {}}},
            null, 3,
        ]}]});
        let records = records_of_task(&task, &config());
        assert_eq!(records[0].groups.keys().collect::<Vec<_>>(), [&"ch", &"chat"]);
        assert_eq!(
            Value::Object(records[0].groups["ch"][0].clone()),
            json!({"choices": ["x"], "original_width": 5})
        );
    }

    #[test]
    fn annotators_are_ids_or_addresses() {
        let task = json!({"annotations": [{"completed_by": {"id": 1, "email": "u@x.io"}}]});
        assert_eq!(records_of_task(&task, &config())[0].annotator(), "u@x.io");
        let task = json!({"annotations": [{"completed_by": 3}]});
        assert_eq!(records_of_task(&task, &config())[0].annotator(), 3);
    }
}
