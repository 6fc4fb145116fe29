//! The task as it comes from the server and as the editor takes it.

use crate::api::{self, ApiError};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tagloom_api::Task;

/// A task as the editor takes it: own drafts become unsaved work on their annotation, or a new one. A second draft of the
/// same annotation, which another tab made, is a new one too.
pub fn editor_task(task: &Task) -> Value {
    let mut annotations = task.annotations.clone();
    let mut taken = BTreeSet::new();
    for draft in &task.drafts {
        let entry = json!({
            "draft": draft.result, "draftId": draft.id, "draft_created_at": draft.created_at,
        });
        let target = draft
            .annotation
            .filter(|id| taken.insert(*id))
            .and_then(|id| annotations.iter_mut().find(|a| a["id"] == json!(id)));
        match (target, entry) {
            (Some(Value::Object(annotation)), Value::Object(fields)) => annotation.extend(fields),
            (_, entry) => annotations.push(entry),
        }
    }
    json!({
        "id": task.id, "data": Value::Object(task.data.clone()), "annotations": annotations,
        "predictions": task.predictions,
    })
}

/// The task asked for, or the next of the stream; `None` when all are done. `narrow` is the query that narrows the stream,
/// empty for all tasks.
pub async fn fetch(project: i64, single: Option<i64>, narrow: &str) -> Result<Option<Task>, ApiError> {
    match single {
        Some(task) => api::get::<Task>(&format!("/api/tasks/{task}/")).await.map(Some),
        None => match api::get::<Task>(&format!("/api/projects/{project}/next/{narrow}")).await {
            Ok(task) => Ok(Some(task)),
            Err(e) if e.is_missing() => Ok(None),
            Err(e) => Err(e),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_api::Draft;

    #[test]
    fn drafts_go_to_their_annotation_or_become_one() {
        let draft = |id, annotation| Draft { id, annotation, result: json!([]), ..Draft::default() };
        let task = Task {
            id: 5,
            annotations: vec![json!({"id": 7, "result": []})],
            drafts: vec![draft(1, Some(7)), draft(2, None), draft(3, Some(7))],
            ..Task::default()
        };
        let out = editor_task(&task);
        assert_eq!(out["annotations"][0]["draftId"], 1);
        assert_eq!(out["annotations"][0]["id"], 7);
        assert_eq!(out["annotations"][1]["draftId"], 2);
        assert_eq!(out["annotations"][2]["draftId"], 3);
        assert_eq!(out["annotations"].as_array().unwrap().len(), 3);
    }
}
