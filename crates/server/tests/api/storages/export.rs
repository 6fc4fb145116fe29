//! Writing to storages: by sync, and for every save.

use super::*;
use std::time::{Duration, Instant};

fn choice(value: &str) -> Value {
    json!([{"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": [value]}}])
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// A project with annotated tasks, and an export storage below `out`.
async fn exporting(s3: &S3, server: &Server, annotated: usize, more: Value) -> (Vec<i64>, Vec<i64>, i64) {
    let (project, ids) = server.tasks(annotated + 2).await;
    let mut made = Vec::new();
    for id in &ids[..annotated] {
        let body = json!({"result": choice("A"), "lead_time": 1.5});
        made.push(server.post(&format!("/api/tasks/{id}/annotations/"), body).await["id"].as_i64().unwrap());
    }
    let body = s3.fields(merged(json!({"project": project, "prefix": "out"}), more));
    let storage = server.post("/api/storages/export/s3", body).await;
    assert_eq!(
        (&storage["status"], &storage["last_sync_count"]),
        (&json!("completed"), &json!(annotated)),
        "{storage}"
    );
    assert_eq!(storage["meta"]["total_annotations"], annotated);
    (ids, made, storage["id"].as_i64().unwrap())
}

#[tokio::test]
async fn a_new_export_storage_gets_everything_and_then_every_save() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    let (ids, made, storage) = exporting(&s3, &server, 2, json!({})).await;
    let object = |id: i64| s3.folder.join(format!("out/{id}"));
    let body = read(&object(made[0])).expect("written by the first sync");
    assert_eq!(
        body["completed_by"],
        json!({"id": 1, "first_name": "", "last_name": "", "email": "owner@example.com"})
    );
    assert_eq!(
        (&body["id"], &body["result"], &body["lead_time"]),
        (&json!(made[0]), &choice("A"), &json!(1.5))
    );
    for absent in ["prediction", "result_count", "unique_id"] {
        assert!(body.get(absent).is_none(), "{absent}: {body}");
    }
    let task = &body["task"];
    assert_eq!((&task["id"], &task["data"]), (&json!(ids[0]), &json!({"text": "text 1"})));
    assert!(task.get("allow_skip").is_some() && task["precomputed_agreement"].is_null(), "{task}");

    let new =
        server.post(&format!("/api/tasks/{}/annotations/", ids[2]), json!({"result": choice("B")})).await;
    let new = new["id"].as_i64().unwrap();
    until("the new annotation", async || read(&object(new)).is_some()).await;
    server.patch(&format!("/api/annotations/{new}/"), json!({"result": choice("A")})).await;
    until("its change", async || read(&object(new)).is_some_and(|body| body["result"] == choice("A"))).await;
    // Not allowed to delete: the object stays.
    server.ask("DELETE", &format!("/api/annotations/{new}/")).send().await;
    let path = format!("/api/storages/export/s3/{storage}");
    until("the end of the queue", async || server.get(&path).await["meta"].get("pending_writes").is_none())
        .await;
    assert!(read(&object(new)).is_some());
    std::fs::remove_file(object(made[0])).unwrap();
    server.post(&format!("{path}/sync"), Value::Null).await;
    let synced = synced(&server, &path).await;
    assert_eq!((&synced["status"], &synced["last_sync_count"]), (&json!("completed"), &json!(2)), "{synced}");
    assert!(read(&object(made[0])).is_some(), "a sync writes everything again");
}

#[tokio::test]
async fn objects_go_with_their_annotations_where_that_is_allowed() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    let (ids, made, _) = exporting(&s3, &server, 3, json!({"can_delete_objects": true})).await;
    let object = |id: i64| s3.folder.join(format!("out/{id}"));
    assert!(made.iter().all(|id| object(*id).exists()));
    server.ask("DELETE", &format!("/api/annotations/{}/", made[0])).send().await;
    until("the annotation's object", async || !object(made[0]).exists()).await;
    server.ask("DELETE", &format!("/api/tasks/{}/", ids[1])).send().await;
    until("the task's object", async || !object(made[1]).exists()).await;
    assert!(object(made[2]).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_answer_neither_slows_nor_loses_a_save() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    let (ids, made, storage) = exporting(&s3, &server, 1, json!({})).await;
    let object = |id: i64| s3.folder.join(format!("out/{id}"));
    s3.server.fault(|faults| {
        faults.denied.insert("s3:PutObject");
    });
    let started = Instant::now();
    for n in 0..20 {
        let result = choice(if n == 19 { "B" } else { "A" });
        server.patch(&format!("/api/annotations/{}/", made[0]), json!({"result": result})).await;
    }
    let other =
        server.post(&format!("/api/tasks/{}/annotations/", ids[1]), json!({"result": choice("B")})).await;
    // A save that waited for the storage would wait its whole patience, twenty seconds each.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let path = format!("/api/storages/export/s3/{storage}");
    until("the trouble to be told", async || {
        let meta = server.get(&path).await["meta"].clone();
        meta["pending_writes"] == 2 && meta["last_write_error"].is_string()
    })
    .await;
    s3.server.fault(|faults| faults.denied.clear());
    let other = other["id"].as_i64().unwrap();
    until("both objects", async || {
        read(&object(made[0])).is_some_and(|body| body["result"] == choice("B")) && object(other).exists()
    })
    .await;
    until("the end of the queue", async || server.get(&path).await["meta"].get("pending_writes").is_none())
        .await;
}

#[tokio::test]
async fn whole_tasks_are_written_where_the_operator_wants_that() {
    let s3 = S3::start().await;
    let server = Server::with(|settings| {
        admit_loopback(settings);
        settings.storages.save_tasks = true;
    })
    .await;
    let (project, ids) = server.tasks(1).await;
    let first =
        server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": choice("A")})).await;
    let body = s3.fields(json!({"project": project, "can_delete_objects": true}));
    let storage = server.post("/api/storages/export/s3", body).await;
    synced(&server, &format!("/api/storages/export/s3/{}", storage["id"])).await;
    let object = s3.folder.join(format!("{}.json", ids[0]));
    let body = read(&object).expect("the task's object");
    assert_eq!((&body["id"], body["annotations"].as_array().unwrap().len()), (&json!(ids[0]), 1));
    let second =
        server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": choice("B")})).await;
    until("two annotations", async || {
        read(&object).is_some_and(|body| body["annotations"].as_array().unwrap().len() == 2)
    })
    .await;
    for annotation in [first, second] {
        server.ask("DELETE", &format!("/api/annotations/{}/", annotation["id"])).send().await;
    }
    until("an object without annotations to go", async || !object.exists()).await;
}

#[tokio::test]
async fn a_folder_gets_readable_files() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("out")).unwrap();
    let server = Server::with(|s| s.local_files = Some(root.path().to_owned())).await;
    let (project, ids) = server.tasks(1).await;
    let made =
        server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": choice("A")})).await;
    let body = json!({"project": project, "path": root.path().join("out")});
    let storage = server.post("/api/storages/export/localfiles", body).await;
    synced(&server, &format!("/api/storages/export/localfiles/{}", storage["id"])).await;
    let text = std::fs::read_to_string(root.path().join(format!("out/{}", made["id"]))).unwrap();
    assert!(text.contains("\n  \"result\": ["), "{text}");
}
