//! The real binary, killed without warning: what was acknowledged is there afterwards.

use crate::support::*;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn sigkill_loses_nothing_that_was_acknowledged() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let server = Process::start(&data, database.as_deref(), &[]).await;
    let project =
        server.request("POST", "/api/projects/").json(json!({"title": "Kept", "label_config": TEXT_CONFIG}));
    let project = project.ok().await["id"].as_i64().unwrap();
    let tasks: Vec<_> = (0..1000).map(|n| json!({"text": n.to_string()})).collect();
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let ids = server.request("POST", &path).json(tasks.into()).ok().await["task_ids"].clone();
    let form = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::bytes(b"text\nuploaded\n".to_vec()).file_name("u.csv"));
    let upload = server.request("POST", &format!("/api/projects/{project}/import"));
    Request(upload.0.multipart(form)).ok().await;
    let draft = server
        .request("POST", &format!("/api/tasks/{}/drafts", ids[500]))
        .json(json!({"result": [{"id": "d"}]}));
    let draft = draft.ok().await;
    let token = server.request("POST", "/api/token/").ok().await["token"].clone();
    let mut made = Vec::new();
    for id in ids.as_array().unwrap().iter().take(20) {
        let request = server.request("POST", &format!("/api/tasks/{id}/annotations/"));
        let request = request.header("idempotency-key", &format!("key-{id}"));
        made.push(request.json(json!({"result": [{"id": id}]})).ok().await);
    }
    // The moment after the last answer.
    server.kill();

    let server = Process::start(&data, database.as_deref(), &[]).await;
    let project = server.request("GET", &format!("/api/projects/{project}/")).ok().await;
    assert_eq!((&project["title"], &project["task_number"]), (&json!("Kept"), &json!(1001)));
    assert_eq!(project["total_annotations_number"], 20);
    for annotation in &made {
        let mut kept = server.request("GET", &format!("/api/annotations/{}/", annotation["id"])).ok().await;
        kept["created_ago"] = annotation["created_ago"].clone();
        assert_eq!(&kept, annotation);
    }
    let mut kept = server.request("GET", &format!("/api/drafts/{}/", draft["id"])).ok().await;
    kept["created_ago"] = draft["created_ago"].clone();
    assert_eq!(kept, draft);
    // Secrets and the first answers outlive the process: nothing is stored twice, nobody is signed out.
    let again = server.request("POST", &format!("/api/tasks/{}/annotations/", ids[0]));
    let again =
        again.header("idempotency-key", &format!("key-{}", ids[0])).json(json!({"result": [{"id": ids[0]}]}));
    assert_eq!(again.ok().await["id"], made[0]["id"]);
    let access = server.request("POST", "/api/token/refresh/").json(json!({"refresh": token})).ok().await;
    assert!(access["access"].is_string());
    let uploads =
        server.request("GET", &format!("/api/projects/{}/file-uploads?all=true", project["id"])).ok().await;
    let file = server.request("GET", &format!("/data/{}", uploads[0]["file"].as_str().unwrap())).send().await;
    assert_eq!(file.text(), "text\nuploaded\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_killed_has_left_nothing() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let server = Process::start(&data, database.as_deref(), &[]).await;
    let project =
        server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    let path = format!("/api/projects/{}/import", project["id"]);
    let half: String = (0..20_000).map(|n| format!("{{\"text\":\"{n}\"}},")).collect();
    // The list never ends: thousands of tasks are on their way when the server dies.
    let (send, receive) = tokio::sync::mpsc::channel::<Result<String, std::io::Error>>(1);
    let body = reqwest::Body::wrap_stream(tokio_stream::wrappers::ReceiverStream::new(receive));
    let request = server.request("POST", &path).body(body);
    let call = tokio::spawn(async move { request.0.send().await.is_ok() });
    send.send(Ok("[".into())).await.unwrap();
    for _ in 0..3 {
        send.send(Ok(half.clone())).await.unwrap();
    }
    let spooled =
        || std::fs::read_dir(data.join("media/spool")).is_ok_and(|mut files| files.next().is_some());
    while !spooled() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    server.kill();
    assert!(!call.await.unwrap(), "the import was not acknowledged");
    let server = Process::start(&data, database.as_deref(), &[]).await;
    let project = server.request("GET", &format!("/api/projects/{}/", project["id"])).ok().await;
    assert_eq!(project["task_number"], 0);
    assert!(!data.join("media/spool").exists(), "what was received so far is gone");
}

/// Starts a server on the same data and waits until its jobs have ended.
async fn recovered(data: &std::path::Path, database: Option<&str>) -> Process {
    let server = Process::start(data, database, &[]).await;
    for _ in 0..1200 {
        let jobs = server.request("GET", "/api/jobs/?page_size=1000").ok().await;
        let open = |job: &serde_json::Value| job["state"] == "queued" || job["state"] == "running";
        if !jobs.as_array().unwrap().iter().any(open) {
            return server;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("jobs do not end");
}

/// More than one batch.
const TASKS: i64 = 1200;
/// Milliseconds after which the server is killed.
const MOMENTS: [u64; 4] = [3, 30, 100, 300];

/// Import, predictions and a snapshot are killed at many moments and go on: nothing is doubled, nothing is half.
#[tokio::test(flavor = "multi_thread")]
async fn bulk_work_that_is_killed_goes_on_and_doubles_nothing() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let mut server = Process::start(&data, database.as_deref(), &[]).await;
    let project =
        server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await["id"]
            .clone();
    let annotation = json!({"result": [{"id": "r", "value": {"choices": ["A"]}}]});
    let list: Vec<_> = (0..TASKS)
        .map(|n| json!({"data": {"text": n.to_string()}, "annotations": [annotation], "predictions": [{"result": []}]}))
        .collect();
    let list = serde_json::Value::from(list);
    let export = format!("/api/projects/{project}/export?download_all_tasks=true");
    let mut expected = 0;
    for (round, moment) in MOMENTS.into_iter().enumerate() {
        // An import, acknowledged as a job; then the end comes.
        let request = server.request("POST", &format!("/api/projects/{project}/import?return_task_ids=1"));
        let answer = request.header("prefer", "respond-async").json(list.clone()).ok().await;
        tokio::time::sleep(std::time::Duration::from_millis(moment)).await;
        server.kill();
        server = recovered(&data, database.as_deref()).await;
        expected += TASKS;
        let status = format!("/api/projects/{project}/imports/{}", answer["import"]);
        let status = server.request("GET", &status).ok().await;
        assert_eq!(status["status"], "completed", "round {round}: {status}");
        let shown = server.request("GET", &format!("/api/projects/{project}/")).ok().await;
        assert_eq!(shown["task_number"], expected, "round {round}");
        assert_eq!(shown["total_annotations_number"], expected, "round {round}");

        let tasks = status["task_ids"].as_array().unwrap();
        let predictions: Vec<_> =
            tasks.iter().map(|id| json!({"task": id, "result": [], "model_version": "later"})).collect();
        let request = server.request("POST", &format!("/api/projects/{project}/import/predictions"));
        request.header("prefer", "respond-async").json(predictions.into()).ok().await;
        let body = json!({"title": format!("round {round}")});
        let snapshot = server.request("POST", &format!("/api/projects/{project}/exports/")).json(body);
        let snapshot = tokio::spawn(async move { snapshot.0.send().await.is_ok() });
        tokio::time::sleep(std::time::Duration::from_millis(moment)).await;
        server.kill();
        let _ = snapshot.await;
        server = recovered(&data, database.as_deref()).await;
        let shown = server.request("GET", &format!("/api/projects/{project}/")).ok().await;
        assert_eq!(shown["total_predictions_number"], expected * 2, "round {round}");
        let snapshots = server.request("GET", &format!("/api/projects/{project}/exports/")).ok().await;
        for made in snapshots.as_array().unwrap() {
            assert_eq!(made["status"], "completed", "round {round}: {made}");
            let path = format!("/api/projects/{project}/exports/{}/download", made["id"]);
            let tasks = server.request("GET", &path).ok().await;
            assert_eq!(made["counters"]["task_number"], tasks.as_array().unwrap().len());
        }
    }
    let all = server.request("GET", &export).ok().await;
    let all = all.as_array().unwrap();
    let mut numbers: Vec<i64> = all.iter().map(|t| t["inner_id"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=expected).collect::<Vec<_>>(), "every number once");
    for task in all {
        assert_eq!(task["annotations"].as_array().unwrap().len(), 1);
        assert_eq!(task["predictions"].as_array().unwrap().len(), 2);
    }
    let left = |folder: &str| std::fs::read_dir(data.join("media").join(folder)).map_or(0, Iterator::count);
    assert_eq!(left("import"), 0, "bodies are gone when their tasks are there");
}
