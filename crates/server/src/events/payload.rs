//! Projects, tasks, annotations and labels as webhooks see them (spec/server.md 3.11).
//!
//! A project's webhook object has no token: ours has none that would open anything. Its password for task data is left
//! out as well.

use crate::auth::digest;
use crate::store::annotations::{self, Annotation};
use crate::store::labels;
use crate::store::projects::{self, Project};
use crate::store::tasks::{self, Task};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A project with its counters; none where it is gone.
pub async fn project(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Value>, DbErr> {
    let Some(project) = projects::of_any_organization(conn, id).await? else { return Ok(None) };
    let counters = projects::counters(conn, id, 0).await?;
    Ok(Some(project_object(&project, &counters)))
}

fn project_object(project: &Project, c: &projects::Counters) -> Value {
    let config = project.config();
    let parsed = tagloom_tags::parsed_label_config(&config);
    // Any number that changes with the config does.
    let hash = i64::from_str_radix(&digest(&parsed.to_string())[..13], 16).unwrap_or_default();
    let s = |key: &str| project.setting(key);
    json!({
        "id": project.id, "task_number": c.task_number, "finished_task_number": c.finished_task_number,
        "total_predictions_number": c.total_predictions_number,
        "total_annotations_number": c.total_annotations_number,
        "num_tasks_with_annotations": c.num_tasks_with_annotations,
        "useful_annotation_number": c.useful_annotation_number, "ground_truth_number": c.ground_truth_number,
        "skipped_annotations_number": c.skipped_annotations_number,
        "title": project.title, "description": project.description, "label_config": project.label_config,
        "parsed_label_config": parsed, "label_config_hash": hash,
        "expert_instruction": s("expert_instruction"), "show_instruction": s("show_instruction"),
        "show_skip_button": s("show_skip_button"), "enable_empty_annotation": s("enable_empty_annotation"),
        "reveal_preannotations_interactively": s("reveal_preannotations_interactively"),
        "show_annotation_history": s("show_annotation_history"),
        "show_collab_predictions": s("show_collab_predictions"),
        "evaluate_predictions_automatically": s("evaluate_predictions_automatically"), "color": s("color"),
        "maximum_annotations": project.maximum_annotations,
        "min_annotations_to_start_training": s("min_annotations_to_start_training"),
        "start_training_on_annotation_update": project.trains_on_updates(),
        "control_weights": project.control_weights(&config), "model_version": s("model_version"),
        "data_types": tagloom_tags::data_types(&config), "is_draft": s("is_draft"), "is_published": s("is_published"),
        "created_at": project.created_at, "updated_at": project.updated_at, "sampling": s("sampling"),
        "skip_queue": s("skip_queue"), "show_ground_truth_first": s("show_ground_truth_first"),
        "show_overlap_first": s("show_overlap_first"),
        "overlap_cohort_percentage": s("overlap_cohort_percentage"), "task_data_login": s("task_data_login"),
        "annotator_evaluation_enabled": s("annotator_evaluation_enabled"), "pinned_at": project.pinned_at,
        "organization": project.organization, "created_by": project.created_by,
    })
}

/// Tasks in the order of their ids.
pub async fn tasks(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Value>, DbErr> {
    Ok(tasks::with_ids(conn, ids).await?.iter().map(task_object).collect())
}

fn task_object(t: &Task) -> Value {
    json!({
        "id": t.id, "data": t.data, "meta": t.meta, "created_at": t.created_at, "updated_at": t.updated_at,
        "is_labeled": t.is_labeled, "allow_skip": t.allow_skip, "overlap": t.overlap, "inner_id": t.inner_id,
        "total_annotations": t.total_annotations, "cancelled_annotations": t.cancelled_annotations,
        "total_predictions": t.total_predictions, "precomputed_agreement": null, "comment_count": 0,
        "unresolved_comment_count": 0, "last_comment_updated_at": null, "project": t.project,
        "updated_by": t.updated_by, "file_upload": t.file_upload, "comment_authors": [],
    })
}

/// Annotations in the order of their ids, each with its task.
pub async fn annotations(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<(Value, Value)>, DbErr> {
    let found = annotations::with_ids(conn, ids).await?;
    let mut of: Vec<i64> = found.iter().map(|a| a.task).collect();
    of.sort_unstable();
    of.dedup();
    let tasks: HashMap<i64, Value> =
        tasks::with_ids(conn, &of).await?.iter().map(|t| (t.id, task_object(t))).collect();
    let with_task = |a: &Annotation| (annotation_object(a), tasks.get(&a.task).cloned().unwrap_or_default());
    Ok(found.iter().map(with_task).collect())
}

fn annotation_object(a: &Annotation) -> Value {
    json!({
        "id": a.id, "result": a.result, "was_cancelled": a.was_cancelled, "ground_truth": a.ground_truth,
        "created_at": a.created_at, "updated_at": a.updated_at, "draft_created_at": a.draft_created_at,
        "lead_time": a.lead_time, "prediction": {}, "result_count": a.result_count, "unique_id": a.unique_id,
        "import_id": a.import_id, "last_action": a.last_action, "bulk_created": false, "task": a.task,
        "project": a.project, "completed_by": a.completed_by, "updated_by": a.updated_by,
        "parent_prediction": a.parent_prediction, "parent_annotation": a.parent_annotation, "last_created_by": null,
    })
}

/// A link of a label, and the label.
pub async fn label_link(conn: &impl ConnectionTrait, id: i64) -> Result<Option<(Value, Value)>, DbErr> {
    Ok(labels::link_of_any_organization(conn, id)
        .await?
        .map(|(link, label)| (link.to_json(), label.to_json())))
}
