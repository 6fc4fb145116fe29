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

fn md5(bytes: &[u8]) -> String {
    use md5::Digest;
    md5::Md5::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
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
    assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
    let digest = md5(&answer.bytes);
    assert!(name.ends_with(&format!("-{}.json", &digest[..8])), "{name} has no part of {digest}");
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

/// Filters and forms: whose annotations, which tasks, ids or objects.
#[tokio::test]
async fn a_snapshot_has_what_its_options_say() {
    let server = Server::start().await;
    let (project, ids) = labeled(&server).await;
    let truth = json!({"result": [], "ground_truth": true});
    server.post(&format!("/api/tasks/{}/annotations/", ids[0]), truth).await;
    let path = format!("/api/projects/{project}/exports/");
    let export = async |body: Value| {
        let made = server.post(&path, body).await;
        assert_eq!(made["status"], "completed", "{made}");
        let answer = server.ask("GET", &format!("{path}{}/download", made["id"])).send().await;
        assert_eq!(made["md5"], md5(&answer.bytes));
        assert!(answer.header("filename").contains(&made["md5"].as_str().unwrap()[..8]));
        answer.json().as_array().unwrap().clone()
    };
    let tasks = async |filter: Value| {
        let list = export(json!({"task_filter_options": filter})).await;
        list.iter().map(|t| t["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(tasks(json!({})).await, ids);
    assert_eq!(tasks(json!({"annotated": "only"})).await, ids[..2]);
    assert_eq!(tasks(json!({"annotated": "exclude"})).await, ids[2..]);
    assert_eq!(tasks(json!({"skipped": "only"})).await, ids[1..2]);
    assert_eq!(tasks(json!({"skipped": "exclude"})).await, [ids[0], ids[2]]);
    assert_eq!(tasks(json!({"finished": "only"})).await, ids[..1]);
    assert_eq!(tasks(json!({"finished": "exclude", "only_with_annotations": true})).await, ids[1..2]);

    let annotations = async |filter: Value| {
        let list = export(json!({"annotation_filter_options": filter})).await;
        list.iter().map(|t| t["annotations"].as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(annotations(Value::Null).await, [2, 1, 0]);
    assert_eq!(annotations(json!({})).await, [1, 0, 0]);
    assert_eq!(annotations(json!({"skipped": true})).await, [1, 1, 0]);
    assert_eq!(annotations(json!({"ground_truth": true})).await, [2, 0, 0]);
    assert_eq!(annotations(json!({"usual": false, "ground_truth": true})).await, [1, 0, 0]);
    assert_eq!(annotations(json!({"usual": false})).await, [0, 0, 0]);

    let plain = export(json!({})).await;
    assert!(plain[0]["drafts"][0].is_i64() && plain[0]["predictions"][0].is_i64());
    assert_eq!(plain[0]["annotations"][0]["completed_by"], 1);
    let full = json!({"drafts": {"only_id": false}, "predictions": {"only_id": false}, "annotations__completed_by": {"only_id": false}});
    let full = export(json!({"serialization_options": full})).await;
    assert_eq!(full[0]["drafts"][0]["user"], "owner@example.com");
    assert_eq!(full[0]["predictions"][0]["model_version"], "m");
    assert_eq!(full[0]["annotations"][0]["completed_by"]["email"], "owner@example.com");

    for (body, part) in [
        (json!({"task_filter_options": {"skipped": "some"}}), "skipped"),
        (json!({"task_filter_options": {"view": "x"}}), "view"),
        (json!({"task_filter_options": {"view": 4711}}), "4711"),
        (json!({"task_filter_options": []}), "task_filter_options"),
        (json!({"annotation_filter_options": {"usual": 1}}), "usual"),
        (json!({"serialization_options": {"drafts": 1}}), "serialization_options"),
        (json!({"title": 5}), "title"),
    ] {
        let says = server.ask("POST", &path).json(body).send().await.error(400);
        assert!(says.contains(part), "{part} is missing in {says}");
    }
}

#[tokio::test]
async fn a_snapshot_is_converted_once_and_downloaded_in_every_format() {
    let server = Server::start().await;
    let (project, _) = labeled(&server).await;
    let path = format!("/api/projects/{project}/exports");
    let made = server.post(&path, json!({})).await;
    let one = format!("{path}/{}", made["id"]);
    let answer = server.post(&format!("{one}/convert"), json!({"export_type": "CSV"})).await;
    assert_eq!(answer["export_type"], "CSV");
    let shown = server.get(&one).await;
    assert_eq!(
        shown["converted_formats"],
        json!([{"id": answer["converted_format"], "status": "completed", "export_type": "CSV", "traceback": null}])
    );
    for (body, part) in [
        (json!({"export_type": "CSV"}), "converted"),
        (json!({"export_type": "NOPE"}), "JSON_MIN"),
        (json!({"export_type": "JSON"}), "already"),
        (json!({}), "required"),
    ] {
        let says = server.ask("POST", &format!("{one}/convert")).json(body).send().await.error(400);
        assert!(says.contains(part), "{part} is missing in {says}");
    }
    let download = async |format: &str| {
        let answer = server.ask("GET", &format!("{one}/download?exportType={format}")).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let digest = md5(&answer.bytes);
        assert!(answer.header("filename").contains(&format!("-{}.", &digest[..8])), "{format}");
        answer.text()
    };
    let sync = async |format: &str| {
        let path = format!("/api/projects/{project}/export?download_all_tasks=1&exportType={format}");
        server.ask("GET", &path).send().await.text()
    };
    for format in ["CSV", "TSV", "JSON_MIN"] {
        assert_eq!(download(format).await, sync(format).await, "{format}");
    }
    server.ask("GET", &format!("{one}/download?exportType=NOPE")).send().await.error(400);
    let files = server.get(&format!("/api/projects/{project}/export/files")).await;
    assert_eq!(files["export_files"].as_array().unwrap().len(), 1);
    let url = files["export_files"][0]["url"].as_str().unwrap();
    assert_eq!(server.get(url).await.as_array().unwrap().len(), 3);
    // Everything of it goes with it.
    let folder = server.dir.path().join(format!("data/media/export/{}", made["id"]));
    assert!(folder.join("CSV").exists());
    assert_eq!(server.ask("DELETE", &one).send().await.status, 204);
    assert_eq!(std::fs::read_dir(folder.join("CSV")).unwrap().count(), 0);
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().filter(|e| e.as_ref().unwrap().path().is_file()).count(),
        0
    );
}

#[tokio::test]
async fn a_snapshot_that_nobody_has_made_yet_is_said_to_be_so() {
    let server = Server::working(|_| {}, &[]).await;
    server.user("owner@example.com", OWNER, None).await;
    let project = server.project(TEXT_CONFIG).await;
    let tx = server.state.db.write().await.unwrap();
    let id = tagloom_server::store::exports::insert(&*tx, project, 1, "T", &json!({})).await.unwrap();
    tx.commit().await.unwrap();
    let one = format!("/api/projects/{project}/exports/{id}");
    let shown = server.get(&one).await;
    assert_eq!((&shown["status"], &shown["finished_at"]), (&json!("created"), &Value::Null));
    assert!(server.ask("GET", &format!("{one}/download")).send().await.error(404).contains("created"));
    server.ask("POST", &format!("{one}/convert")).json(json!({"export_type": "CSV"})).send().await.error(400);
    // Its job is gone: the next start says that it has failed.
    let next = tagloom_server::AppState::open(server.state.settings.clone()).await.unwrap();
    tagloom_server::jobs::start(&next, tagloom_server::jobs::KINDS);
    for _ in 0..500 {
        if server.get(&one).await["status"] == "failed" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(server.get(&one).await["status"], "failed");
    next.jobs.stop().await;
}

/// What is read belongs to one moment, although others write all the time.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_shows_one_moment() {
    let server = std::sync::Arc::new(Server::start().await);
    let (project, ids) = server.tasks(4000).await;
    let other = server.clone();
    // Whoever is first has annotated everybody before: at no moment is a later one annotated without all earlier ones.
    let (from, stop) = (ids.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let stopped = stop.clone();
    let writing = tokio::spawn(async move {
        for id in from {
            if stopped.load(std::sync::atomic::Ordering::Relaxed) {
                break;
            }
            other.post(&format!("/api/tasks/{id}/annotations/"), json!({"result": []})).await;
        }
    });
    let path = format!("/api/projects/{project}/export?download_all_tasks=true");
    for _ in 0..5 {
        let list = server.get(&path).await;
        let list = list.as_array().unwrap();
        let annotated: Vec<bool> = list.iter().map(|t| t["annotations"][0].is_object()).collect();
        let first_without = annotated.iter().position(|a| !a).unwrap_or(annotated.len());
        assert!(annotated[first_without..].iter().all(|a| !a));
        for task in list {
            assert_eq!(task["total_annotations"], task["annotations"].as_array().unwrap().len());
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    writing.await.unwrap();
}

/// CVE-2025-25295: an export only has what the database holds; addresses in task data are never opened.
#[tokio::test]
async fn an_export_reads_no_file_that_a_task_names() {
    let server = Server::start().await;
    let project = server.project(r#"<View><Image name="i" value="$image"/></View>"#).await;
    let secret = server.dir.path().join("secret.png");
    std::fs::write(&secret, "canary").unwrap();
    let inside = server.dir.path().join("data/media/upload/secret.png");
    std::fs::write(&inside, "canary").unwrap();
    let traps = [
        secret.display().to_string(),
        format!("file://{}", secret.display()),
        "/data/upload/../../../secret.png".into(),
        "/data/upload/secret.png".into(),
        "/data/local-files/?d=../secret.png".into(),
        "..\\..\\secret.png".into(),
    ];
    let list: Vec<Value> = traps.iter().map(|trap| json!({"image": trap})).collect();
    server.post(&format!("/api/projects/{project}/import"), list.into()).await;
    for format in ["JSON", "JSON_MIN", "CSV", "TSV", "CONLL2003"] {
        let path = format!(
            "/api/projects/{project}/export?download_all_tasks=1&download_resources=1&exportType={format}"
        );
        let answer = server.ask("GET", &path).send().await;
        assert_eq!(answer.status, 200, "{format}: {answer:?}");
        assert!(!answer.text().contains("canary"), "{format}");
    }
}

#[tokio::test]
async fn video_tracks_are_filled_in_on_request() {
    let server = Server::start().await;
    let config = r#"<View><Video name="v" value="$video"/><VideoRectangle name="b" toName="v"/></View>"#;
    let project = server.project(config).await;
    let sequence = json!([
        {"frame": 1, "enabled": true, "x": 0, "time": 0.04},
        {"frame": 4, "enabled": true, "x": 30, "time": 0.16},
    ]);
    let value = json!({"framesCount": 6, "duration": 0.6, "sequence": sequence});
    let region =
        json!({"id": "r", "from_name": "b", "to_name": "v", "type": "videorectangle", "value": value});
    let list = json!([{"data": {"video": "v.mp4"}, "annotations": [{"result": [region]}]}]);
    server.post(&format!("/api/projects/{project}/import"), list).await;
    let frames = async |query: &str| {
        let list = server.get(&format!("/api/projects/{project}/export?{query}")).await;
        list[0]["annotations"][0]["result"][0]["value"]["sequence"].as_array().unwrap().len()
    };
    assert_eq!(frames("").await, 2);
    assert_eq!(frames("interpolate_key_frames=true").await, 6);
    let answer =
        server.ask("GET", &format!("/api/projects/{project}/export?interpolate_key_frames=x")).send().await;
    assert!(answer.error(400).contains("interpolate_key_frames"));
    let path = format!("/api/projects/{project}/exports/");
    let made = server.post(&path, json!({"serialization_options": {"interpolate_key_frames": true}})).await;
    let list = server.get(&format!("{path}{}/download", made["id"])).await;
    assert_eq!(list[0]["annotations"][0]["result"][0]["value"]["sequence"].as_array().unwrap().len(), 6);
}

/// One task is larger than what is read at once: it is whole, and so are its neighbours.
#[tokio::test]
async fn large_results_are_exported_whole() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let big = |n: usize| json!([{"id": n.to_string(), "value": {"text": ["é/\"x".repeat(250_000)]}}]);
    let list: Vec<Value> = (0..4)
        .map(
            |n| json!({"data": {"text": n.to_string()}, "annotations": [{"result": big(n)}, {"result": []}]}),
        )
        .collect();
    for task in &list {
        server.post(&format!("/api/projects/{project}/import"), json!([task])).await;
    }
    let exported = server.get(&format!("/api/projects/{project}/export")).await;
    assert_eq!(exported.as_array().unwrap().len(), 4);
    for (task, sent) in exported.as_array().unwrap().iter().zip(&list) {
        assert_eq!(task["annotations"][0]["result"], sent["annotations"][0]["result"]);
        assert_eq!(task["annotations"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn the_snapshots_of_a_deleted_project_leave_no_file() {
    let server = Server::start().await;
    let (project, _) = labeled(&server).await;
    let made = server.post(&format!("/api/projects/{project}/exports/"), json!({})).await;
    let folder = server.dir.path().join(format!("data/media/export/{}", made["id"]));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    assert_eq!(server.ask("DELETE", &format!("/api/projects/{project}/")).send().await.status, 204);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}
