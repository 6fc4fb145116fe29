//! Exports: JSON, JSON_MIN and the other formats, whole and in part; snapshots.

use crate::support::*;
use serde_json::{Value, json};

/// Three tasks: one annotated, one skipped, one untouched.
async fn labeled(server: &Server) -> (i64, Vec<i64>) {
    let (project, ids) = server.tasks(3).await;
    let result = json!([{"id": "r1", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}}]);
    let body = json!({"result": result, "lead_time": 3.5});
    server.post(&format!("/api/tasks/{}/annotations/", ids[0]), body).await;
    server.post(&format!("/api/tasks/{}/annotations/?was_cancelled=1", ids[1]), json!({"result": []})).await;
    server.post("/api/predictions/", json!({"task": ids[0], "result": [], "model_version": "m"})).await;
    server.post(&format!("/api/tasks/{}/drafts", ids[0]), json!({"result": []})).await;
    (project, ids)
}

#[tokio::test]
async fn json_has_everything() {
    let server = Server::start().await;
    let (project, ids) = labeled(&server).await;
    let answer = server.ask("GET", &format!("/api/projects/{project}/export?exportType=JSON")).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let name = answer.header("filename");
    assert!(name.starts_with(&format!("project-{project}-at-2")) && name.ends_with(".json"), "{name}");
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    assert_eq!(answer.header("content-type"), "application/json");
    let list = answer.json();
    let listed: Vec<i64> = list.as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
    assert_eq!(listed, ids[..2], "only tasks with annotations");
    let task = &list[0];
    assert_eq!(
        keys(task),
        [
            "id",
            "annotations",
            "drafts",
            "predictions",
            "data",
            "meta",
            "created_at",
            "updated_at",
            "allow_skip",
            "inner_id",
            "total_annotations",
            "cancelled_annotations",
            "total_predictions",
            "comment_count",
            "unresolved_comment_count",
            "last_comment_updated_at",
            "project",
            "updated_by",
            "comment_authors",
        ]
    );
    assert_eq!(
        keys(&task["annotations"][0]),
        [
            "id",
            "completed_by",
            "result",
            "was_cancelled",
            "ground_truth",
            "created_at",
            "updated_at",
            "draft_created_at",
            "lead_time",
            "prediction",
            "result_count",
            "unique_id",
            "import_id",
            "last_action",
            "bulk_created",
            "task",
            "project",
            "updated_by",
            "parent_prediction",
            "parent_annotation",
            "last_created_by",
        ]
    );
    assert!(task["predictions"][0].is_i64(), "predictions are ids");
    assert_eq!(task["drafts"][0]["user"], "owner@example.com");
    assert_eq!(
        (&task["annotations"][0]["result_count"], &task["data"]),
        (&json!(1), &json!({"text": "text 1"}))
    );
    assert_eq!(list[1]["annotations"][0]["was_cancelled"], true);
}

#[tokio::test]
async fn the_choice_of_tasks() {
    let server = Server::start().await;
    let (project, ids) = labeled(&server).await;
    let (_, foreign) = server.tasks(1).await;
    let path = format!("/api/projects/{project}/export");
    let exported = async |query: String| {
        let list = server.get(&format!("{path}?{query}")).await;
        list.as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(exported("download_all_tasks=true".into()).await, ids);
    assert_eq!(exported("export_type=JSON".into()).await, ids[..2]);
    let some = format!("download_all_tasks=true&ids[]={}&ids[]={}", ids[2], ids[0]);
    assert_eq!(exported(some).await, [ids[0], ids[2]]);
    assert_eq!(exported(format!("ids[]={}", ids[2])).await, Vec::<i64>::new());
    assert_eq!(exported(format!("download_all_tasks=true&ids={},{}", ids[1], foreign[0])).await, [ids[1]]);
    // Ids of no task of this project, more of them than a page holds, before one that counts.
    let many: String = (100_000..100_700).map(|n| format!("&ids[]=-{n}")).collect();
    assert_eq!(exported(format!("ids[]={}{many}", ids[0])).await, [ids[0]]);
}

#[tokio::test]
async fn json_min_and_tables() {
    let server = Server::start().await;
    let (project, ids) = labeled(&server).await;
    let get = async |format: &str| {
        let path = format!("/api/projects/{project}/export?exportType={format}");
        let answer = server.ask("GET", &path).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    };
    let answer = get("JSON_MIN").await;
    let list = answer.json();
    assert_eq!(list.as_array().unwrap().len(), 1, "cancelled annotations are left out");
    let annotation = &server.get(&format!("/api/tasks/{}/annotations/", ids[0])).await[0];
    let expected = json!({
        "text": "text 1", "id": ids[0], "c": "A", "annotator": 1, "annotation_id": annotation["id"],
        "created_at": annotation["created_at"], "updated_at": annotation["updated_at"], "lead_time": 3.5,
    });
    assert_eq!(list[0], expected);
    assert!(answer.text().starts_with("[\n  {\n    \"text\": "), "{}", answer.text());

    let csv = get("csv").await;
    assert!(csv.header("filename").ends_with(".csv"));
    let text = csv.text();
    let mut lines = text.split("\r\n");
    let header = r#""annotation_id","annotator","c","created_at","id","lead_time","text","updated_at""#;
    assert_eq!(lines.next(), Some(header));
    assert!(lines.next().unwrap().contains(r#","1","A","#), "{text}");
    assert!(get("TSV").await.text().contains('\t'));

    let formats = server.get(&format!("/api/projects/{project}/export/formats")).await;
    let formats = formats.as_array().unwrap();
    let names: Vec<&str> = formats.iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(names[..4], ["JSON", "JSON_MIN", "CSV", "TSV"]);
    assert!(formats[0].get("disabled").is_none() && formats[0]["title"] == "JSON");
}

#[tokio::test]
async fn an_upload_is_named_in_the_export() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    server.upload(project, "t.csv", "text\na\n").await;
    let list = server.get(&format!("/api/projects/{project}/export?download_all_tasks=true")).await;
    assert!(list[0]["file_upload"].as_str().unwrap().ends_with("-t.csv"));
    assert!(!list[0]["file_upload"].as_str().unwrap().contains('/'));
}

#[tokio::test]
async fn more_tasks_than_a_page_are_exported_once_each() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1203).await;
    let list = server.get(&format!("/api/projects/{project}/export?download_all_tasks=true")).await;
    let listed: Vec<i64> = list.as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
    assert_eq!(listed, ids);
    let empty = server.ask("GET", &format!("/api/projects/{project}/export")).send().await;
    assert_eq!(empty.json(), json!([]));
}

#[tokio::test]
async fn snapshots_stay_as_they_were() {
    let server = Server::start().await;
    let (project, ids) = labeled(&server).await;
    let path = format!("/api/projects/{project}/exports");
    let made = server.post(&path, json!({})).await;
    assert_eq!(
        keys(&made),
        [
            "title",
            "id",
            "created_by",
            "created_at",
            "finished_at",
            "status",
            "md5",
            "counters",
            "converted_formats"
        ]
    );
    assert_eq!((&made["status"], &made["counters"]), (&json!("completed"), &json!({"task_number": 3})));
    assert!(made["title"].as_str().unwrap().starts_with("A-project-at-2"), "{made}");
    let titled = json!({"title": "T", "task_filter_options": {"only_with_annotations": true}});
    let second = server.post(&path, titled).await;
    assert_eq!((&second["title"], &second["counters"]["task_number"]), (&json!("T"), &json!(2)));
    let list = server.get(&path).await;
    assert_eq!(list, json!([second, made]));

    let one = format!("{path}/{}", made["id"]);
    let before = server.get(&format!("{one}/download?exportType=JSON")).await;
    server.ask("DELETE", &format!("/api/tasks/{}/", ids[0])).send().await;
    assert_eq!(server.get(&format!("{one}/download")).await, before);
    assert_eq!(before.as_array().unwrap().len(), 3);
    let csv = server.ask("GET", &format!("{one}/download?exportType=CSV")).send().await;
    assert!(csv.status == 200 && csv.text().starts_with("\"annotation_id\""), "{csv:?}");
    let answer = server.ask("DELETE", &one).send().await;
    assert_eq!(answer.status, 204);
    server.ask("GET", &one).send().await.error(404);
    server.ask("GET", &format!("{one}/download")).send().await.error(404);
    let left: Vec<Value> = server.get(&path).await.as_array().unwrap().clone();
    assert_eq!(left, [second]);
}
