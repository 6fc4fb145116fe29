//! The versions of what is on the screen: which ones the server was last seen to have.
//!
//! A version is the object's `updated_at`. It is sent with every change, so that a change of something that somebody else
//! changed in between is refused and not overwritten. What has no version here is sent without one.

use serde_json::Value;
use std::collections::BTreeMap;
use tagloom_api::Task;
use tagloom_editor::AnnotationKey;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Versions {
    annotations: BTreeMap<String, String>,
    drafts: BTreeMap<u64, String>,
}

/// An id as the editor has it: as text.
fn id(object: &Value) -> Option<String> {
    match &object["id"] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Versions {
    pub fn of_task(task: &Task) -> Self {
        let mut versions = Self::default();
        for annotation in &task.annotations {
            versions.note_annotation(annotation);
        }
        for draft in task.drafts.iter().filter(|d| !d.updated_at.is_empty()) {
            versions.drafts.insert(draft.id, draft.updated_at.clone());
        }
        versions
    }

    /// An annotation as the server answered it.
    pub fn note_annotation(&mut self, stored: &Value) {
        if let (Some(id), Some(at)) = (id(stored), stored["updated_at"].as_str()) {
            self.annotations.insert(id, at.to_owned());
        }
    }

    pub fn note_draft(&mut self, stored: &Value) {
        if let (Some(id), Some(at)) = (stored["id"].as_u64(), stored["updated_at"].as_str()) {
            self.drafts.insert(id, at.to_owned());
        }
    }

    pub fn annotation(&self, pk: &str) -> Option<String> {
        self.annotations.get(pk).cloned()
    }

    pub fn draft(&self, id: u64) -> Option<String> {
        self.drafts.get(&id).cloned()
    }

    pub fn forget_annotation(&mut self, pk: &str) {
        self.annotations.remove(pk);
    }
}

/// One key for each thing that is sent: the same one for every try at the same content.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    last: Option<(AnnotationKey, u64, String)>,
}

impl Keys {
    /// The key, and whether this content was tried with it before.
    pub fn take(
        &mut self,
        of: AnnotationKey,
        revision: u64,
        make: impl FnOnce() -> String,
    ) -> (String, bool) {
        if let Some((key, seen, text)) = &self.last
            && (*key, *seen) == (of, revision)
        {
            return (text.clone(), true);
        }
        let text = make();
        self.last = Some((of, revision, text.clone()));
        (text, false)
    }

    /// It arrived: what comes next is something else, even where it looks the same.
    pub fn arrived(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tagloom_api::Draft;

    #[test]
    fn versions_are_those_last_seen() {
        let task = Task {
            annotations: vec![json!({"id": 7, "updated_at": "a"}), json!({"id": 8})],
            drafts: vec![
                Draft { id: 3, updated_at: "d".into(), ..Draft::default() },
                Draft { id: 4, ..Draft::default() },
            ],
            ..Task::default()
        };
        let mut versions = Versions::of_task(&task);
        assert_eq!(versions.annotation("7").as_deref(), Some("a"));
        assert_eq!(
            (versions.annotation("8"), versions.draft(3).as_deref(), versions.draft(4)),
            (None, Some("d"), None)
        );
        versions.note_annotation(&json!({"id": 7, "updated_at": "b"}));
        versions.note_annotation(&json!({"updated_at": "c"}));
        assert_eq!(versions.annotation("7").as_deref(), Some("b"));
        versions.note_draft(&json!({"id": 3, "updated_at": "e"}));
        assert_eq!(versions.draft(3).as_deref(), Some("e"));
        versions.forget_annotation("7");
        assert_eq!(versions.annotation("7"), None);
    }

    #[test]
    fn a_try_at_the_same_content_has_the_same_key() {
        let mut keys = Keys::default();
        let mut count = 0;
        let mut take = |keys: &mut Keys, annotation: u32, revision: u64| {
            keys.take(AnnotationKey(annotation), revision, || {
                count += 1;
                count.to_string()
            })
        };
        assert_eq!(take(&mut keys, 1, 5), ("1".into(), false));
        assert_eq!(take(&mut keys, 1, 5), ("1".into(), true));
        assert_eq!(take(&mut keys, 1, 6), ("2".into(), false));
        assert_eq!(take(&mut keys, 2, 6), ("3".into(), false));
        keys.arrived();
        assert_eq!(take(&mut keys, 2, 6), ("4".into(), false));
    }
}
