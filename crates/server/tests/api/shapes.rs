//! Answers have exactly the fields, types and order of spec/server.md.

use crate::support::*;
use serde_json::{Value, json};

const TASK: &[&str] = &[
    "id",
    "predictions",
    "annotations",
    "drafts",
    "annotators",
    "inner_id",
    "cancelled_annotations",
    "total_annotations",
    "total_predictions",
    "completed_at",
    "annotations_results",
    "predictions_results",
    "predictions_score",
    "file_upload",
    "storage_filename",
    "annotations_ids",
    "predictions_model_versions",
    "avg_lead_time",
    "draft_exists",
    "updated_by",
    "data",
    "meta",
    "created_at",
    "updated_at",
    "is_labeled",
    "overlap",
    "comment_count",
    "unresolved_comment_count",
    "last_comment_updated_at",
    "project",
    "comment_authors",
];
const ANNOTATION: &[&str] = &[
    "id",
    "result",
    "created_username",
    "created_ago",
    "completed_by",
    "was_cancelled",
    "ground_truth",
    "created_at",
    "updated_at",
    "draft_created_at",
    "lead_time",
    "import_id",
    "last_action",
    "bulk_created",
    "task",
    "project",
    "updated_by",
    "parent_prediction",
    "parent_annotation",
    "last_created_by",
];
const PREDICTION: &[&str] = &[
    "id",
    "result",
    "model_version",
    "created_ago",
    "score",
    "cluster",
    "neighbors",
    "mislabeling",
    "created_at",
    "updated_at",
    "model",
    "model_run",
    "task",
    "project",
];
const DRAFT: &[&str] = &[
    "id",
    "user",
    "created_username",
    "created_ago",
    "result",
    "lead_time",
    "was_postponed",
    "import_id",
    "created_at",
    "updated_at",
    "task",
    "annotation",
];

fn choice(label: &str) -> Value {
    json!([{"id": "r1", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [label]}}])
}

#[tokio::test]
async fn health_and_version() {
    let server = Server::start().await;
    let health = server.anonymous("GET", "/health").send().await;
    assert_eq!((health.status, health.json()), (200, json!({"status": "UP"})));
    let version = server.anonymous("GET", "/api/version/").ok().await;
    assert_eq!(version["release"], "1.23.2");
    assert_eq!(version["edition"], "Community");
    assert_eq!(
        keys(&version["label-studio-os-package"]),
        [
            "version",
            "short_version",
            "latest_version_from_pypi",
            "latest_version_upload_time",
            "current_version_is_outdated"
        ]
    );
    for key in [
        "label-studio-os-backend",
        "label-studio-frontend",
        "dm2",
        "label-studio-converter",
        "lsf",
        "backend",
    ] {
        assert!(version[key].is_object(), "{key}");
    }
    assert_eq!(version, server.anonymous("GET", "/version").ok().await);
}

#[tokio::test]
async fn a_project() {
    let server = Server::start().await;
    let config = r#"<View><Image name="img" value="$image"/><RectangleLabels name="lab" toName="img"><Label value="Car"/></RectangleLabels></View>"#;
    let made = server.post("/api/projects/", json!({"title": "Spec", "label_config": config})).await;
    let id = made["id"].as_i64().unwrap();
    assert_timestamp(&made["created_at"]);
    let mut expected = json!({
        "id": id, "title": "Spec", "description": "", "label_config": config, "expert_instruction": "",
        "show_instruction": false, "show_skip_button": true, "enable_empty_annotation": true,
        "show_annotation_history": false, "organization": 1, "color": "#FFFFFF", "maximum_annotations": 1,
        "is_published": false, "model_version": "", "is_draft": false,
        "created_by": {"id": 1, "first_name": "", "last_name": "", "email": "owner@example.com", "avatar": null},
        "created_at": made["created_at"], "min_annotations_to_start_training": 0,
        "start_training_on_annotation_update": false, "show_collab_predictions": true,
        "num_tasks_with_annotations": null, "task_number": null, "useful_annotation_number": null,
        "ground_truth_number": null, "skipped_annotations_number": null, "total_annotations_number": null,
        "total_predictions_number": null, "sampling": "Sequential sampling", "show_ground_truth_first": false,
        "annotator_evaluation_enabled": false, "show_overlap_first": false, "overlap_cohort_percentage": 100,
        "task_data_login": null, "task_data_password": null,
        "control_weights": {"lab": {"overall": 1.0, "type": "RectangleLabels", "labels": {"Car": 1.0}}},
        "parsed_label_config": {"lab": {
            "type": "RectangleLabels", "to_name": ["img"],
            "inputs": [{"type": "Image", "valueType": null, "value": "image"}],
            "labels": ["Car"], "labels_attrs": {"Car": {"value": "Car"}},
        }},
    });
    let rest = json!({
        "evaluate_predictions_automatically": false, "config_has_control_tags": true,
        "skip_queue": "REQUEUE_FOR_OTHERS", "reveal_preannotations_interactively": false, "pinned_at": null,
        "finished_task_number": null, "queue_total": 0, "queue_done": 0, "config_suitable_for_bulk_annotation": false,
        "state": null,
    });
    expected.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    // As text, so that the order counts.
    assert_eq!(made.to_string(), expected.to_string());

    for key in [
        "num_tasks_with_annotations",
        "task_number",
        "useful_annotation_number",
        "ground_truth_number",
        "skipped_annotations_number",
        "total_annotations_number",
        "total_predictions_number",
        "finished_task_number",
    ] {
        expected[key] = 0.into();
    }
    assert_eq!(server.get(&format!("/api/projects/{id}/")).await, expected);
    let page = server.get("/api/projects/").await;
    assert_eq!(
        page.to_string(),
        json!({"count": 1, "next": null, "previous": null, "results": [expected]}).to_string()
    );
}

#[tokio::test]
async fn a_task_in_all_its_forms() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let id = ids[0];
    let list = server.get(&format!("/api/tasks/?project={project}")).await;
    assert_eq!(keys(&list), ["total_annotations", "total_predictions", "total", "tasks"]);
    let computed =
        ["annotations", "predictions", "completed_at", "predictions_score", "avg_lead_time", "draft_exists"];
    let short: Vec<&str> = TASK.iter().copied().filter(|k| !computed.contains(k)).collect();
    assert_eq!(keys(&list["tasks"][0]), short);

    let body = json!({"task": id, "result": choice("A"), "score": 0.5, "model_version": "m1"});
    let prediction = server.post("/api/predictions/", body).await;
    let body = json!({"result": choice("B"), "lead_time": 3.5, "ground_truth": true});
    let annotation = server.post(&format!("/api/tasks/{id}/annotations/"), body).await;
    let all = server.get(&format!("/api/tasks/?project={project}&fields=all")).await;
    assert_eq!(
        (&all["total_annotations"], &all["total_predictions"], &all["total"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let task = &all["tasks"][0];
    assert_eq!(keys(task), TASK);
    assert_eq!(task["annotations"], json!([annotation]));
    assert_eq!(task["predictions"], json!([prediction]));
    let expected = json!({
        "drafts": [], "annotators": [1], "inner_id": 1, "cancelled_annotations": 0, "total_annotations": 1,
        "total_predictions": 1, "completed_at": annotation["created_at"], "predictions_score": 0.5,
        "file_upload": null, "storage_filename": null, "annotations_ids": annotation["id"].to_string(),
        "predictions_model_versions": "m1", "avg_lead_time": 3.5, "draft_exists": false,
        "updated_by": [{"user_id": 1}], "data": {"text": "text 1"}, "meta": {}, "is_labeled": true, "overlap": 1,
        "comment_count": 0, "unresolved_comment_count": 0, "last_comment_updated_at": null, "project": project,
        "comment_authors": [],
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&task[key], value, "{key}");
    }
    let text = task["annotations_results"].as_str().unwrap();
    assert!(text.contains("from_name") && text.contains('B') && !text.contains('"'), "{text}");

    let one = server.get(&format!("/api/tasks/{id}/")).await;
    assert_eq!(keys(&one), TASK);
    assert_eq!((&one["annotations_results"], &one["predictions_results"]), (&json!(""), &json!("")));
    assert_eq!(
        one["annotations"][0]["completed_by"],
        json!({"id": 1, "first_name": "", "last_name": "", "avatar": null, "email": "owner@example.com", "initials": "ow"})
    );
    assert_timestamp(&one["created_at"]);
    assert_timestamp(&one["updated_at"]);
}

#[tokio::test]
async fn an_annotation_a_draft_a_prediction() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let task = ids[0];
    let body = json!({"result": choice("A"), "lead_time": 2.0});
    let draft = server.post(&format!("/api/tasks/{task}/drafts"), body).await;
    assert_eq!(keys(&draft), DRAFT);
    let expected = json!({
        "id": draft["id"], "user": "owner@example.com", "created_username": "owner@example.com, 1",
        "created_ago": "0\u{a0}minutes", "result": choice("A"), "lead_time": 2.0, "was_postponed": false,
        "import_id": null, "created_at": draft["created_at"], "updated_at": draft["created_at"], "task": task,
        "annotation": null,
    });
    assert_eq!(draft, expected);

    let body = json!({"result": choice("B"), "lead_time": 4.25, "draft_id": draft["id"]});
    let annotation = server.post(&format!("/api/tasks/{task}/annotations/"), body).await;
    assert_eq!(keys(&annotation), ANNOTATION);
    let expected = json!({
        "id": annotation["id"], "result": choice("B"), "created_username": " owner@example.com, 1",
        "created_ago": "0\u{a0}minutes", "completed_by": 1, "was_cancelled": false, "ground_truth": false,
        "created_at": annotation["created_at"], "updated_at": annotation["created_at"],
        "draft_created_at": draft["created_at"], "lead_time": 4.25, "import_id": null, "last_action": null,
        "bulk_created": false, "task": task, "project": project, "updated_by": 1, "parent_prediction": null,
        "parent_annotation": null, "last_created_by": null,
    });
    assert_eq!(annotation, expected);
    assert_eq!(server.get(&format!("/api/annotations/{}/", annotation["id"])).await, annotation);

    let body = json!({"task": task, "result": choice("A"), "score": 0.25, "model_version": "m"});
    let prediction = server.post("/api/predictions/", body).await;
    assert_eq!(keys(&prediction), PREDICTION);
    let expected = json!({
        "id": prediction["id"], "result": choice("A"), "model_version": "m", "created_ago": "0\u{a0}minutes",
        "score": 0.25, "cluster": null, "neighbors": null, "mislabeling": 0.0, "created_at": prediction["created_at"],
        "updated_at": prediction["updated_at"], "model": null, "model_run": null, "task": task, "project": project,
    });
    assert_eq!(prediction, expected);
    assert_eq!(server.get(&format!("/api/predictions/?task={task}")).await, json!([prediction]));
    assert_eq!(server.get(&format!("/api/predictions/?project={project}")).await, json!([prediction]));
}

#[tokio::test]
async fn the_next_task() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let next = server.get(&format!("/api/projects/{project}/next/")).await;
    assert_eq!(
        keys(&next),
        [
            "id",
            "predictions",
            "annotations",
            "drafts",
            "updated_by",
            "unique_lock_id",
            "data",
            "meta",
            "created_at",
            "updated_at",
            "is_labeled",
            "overlap",
            "inner_id",
            "total_annotations",
            "cancelled_annotations",
            "total_predictions",
            "comment_count",
            "unresolved_comment_count",
            "last_comment_updated_at",
            "project",
            "file_upload",
            "comment_authors",
            "queue",
        ]
    );
    assert_eq!(
        (&next["id"], &next["annotations"], &next["queue"]),
        (&json!(ids[0]), &json!([]), &json!("Sequence queue"))
    );
    assert_eq!(next["unique_lock_id"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn an_import_answer() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let body = json!([{"data": {"text": "a"}, "annotations": [{"result": choice("A")}], "predictions": [{"result": []}]}]);
    let answer = server.post(&format!("/api/projects/{project}/import"), body).await;
    let expected = json!({
        "task_count": 1, "annotation_count": 1, "prediction_count": 1, "duration": answer["duration"],
        "file_upload_ids": [], "could_be_tasks_list": false, "found_formats": [], "data_columns": [],
    });
    assert_eq!(answer.to_string(), expected.to_string());
    assert!(answer["duration"].as_f64().unwrap() > 0.0);

    let answer = server.upload(project, "t.csv", "text,extra\na,1\nb,2\n").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = answer.json();
    let upload = answer["file_upload_ids"][0].as_i64().unwrap();
    let expected = json!({
        "task_count": 2, "annotation_count": 0, "prediction_count": 0, "duration": answer["duration"],
        "file_upload_ids": [upload], "could_be_tasks_list": true, "found_formats": {".csv": 1},
        "data_columns": ["text", "extra"], "task_ids": answer["task_ids"],
    });
    assert_eq!(answer.to_string(), expected.to_string());
    let uploads = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    let name = uploads[0]["file"].as_str().unwrap();
    assert!(name.starts_with(&format!("upload/{project}/")) && name.ends_with("-t.csv"), "{name}");
    assert_eq!(uploads, json!([{"id": upload, "file": name, "size": 19}]));
}

#[tokio::test]
async fn users_and_errors_and_headers() {
    let server = Server::start().await;
    let me = server.get("/api/current-user/whoami").await;
    assert_eq!(
        keys(&me),
        [
            "id",
            "first_name",
            "last_name",
            "username",
            "email",
            "last_activity",
            "custom_hotkeys",
            "avatar",
            "initials",
            "phone",
            "active_organization",
            "active_organization_meta",
            "allow_newsletters",
            "date_joined",
            "permissions",
        ]
    );
    let missing = server.ask("GET", "/api/projects/4711/").send().await;
    missing.error(404);
    assert_eq!(keys(&missing.json()), ["id", "status_code", "version", "detail", "exc_info"]);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(missing.header(name), value, "{name}");
    }
    // With and without the slash, whichever way the reference registered it.
    for path in ["/api/projects", "/api/projects/", "/api/users", "/api/users/", "/api/templates/"] {
        assert_eq!(server.ask("GET", path).send().await.status, 200, "{path}");
    }
}
