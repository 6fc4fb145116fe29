//! Importing from storages.

use super::*;
use std::collections::BTreeSet;
use std::time::Instant;
use tagloom_server::db;

fn keys_of(list: &[Value]) -> Vec<&str> {
    list.iter().map(|task| task["storage_filename"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn objects_become_tasks_once() {
    let s3 = S3::start().await;
    let names = ["a.png", "b c.png", "plus+and%20percent.png", "deep/d.png", "ünï 日本.png", "notes.txt"];
    for name in names {
        write(&s3.folder, &format!("pre/{name}"), name);
    }
    write(&s3.folder, "other/x.png", "x");
    let server = Server::with(admit_loopback).await;
    let fields = s3.fields(json!({"prefix": "pre/", "use_blob_urls": true, "regex_filter": "pre/.*png"}));
    let (project, id) = storage(&server, IMAGE_CONFIG, "s3", fields).await;
    let first = sync(&server, "s3", id).await;
    assert_eq!(
        (&first["status"], &first["last_sync_count"], &first["traceback"]),
        (&json!("completed"), &json!(4), &Value::Null)
    );
    assert_timestamp(&first["last_sync"]);
    assert!(first["last_sync_job"].as_str().unwrap().parse::<i64>().is_ok());
    let meta = &first["meta"];
    assert_eq!(
        (&meta["attempts"], &meta["tasks_existed"], &meta["tasks_failed_validation"]),
        (&json!(1), &json!(0), &json!(0))
    );
    assert!(meta["duration"].is_f64() && meta["time_completed"].is_string(), "{meta}");
    let list = tasks(&server, project).await;
    let keys: BTreeSet<&str> = keys_of(&list).into_iter().collect();
    let expected = ["pre/a.png", "pre/b c.png", "pre/plus+and%20percent.png", "pre/ünï 日本.png"];
    assert_eq!(keys, expected.into_iter().collect());
    for task in &list {
        assert_eq!(
            task["data"]["image"],
            format!("s3://data/{}", task["storage_filename"].as_str().unwrap())
        );
    }
    let one = server.get(&format!("/api/tasks/{}/", list[0]["id"])).await;
    assert_eq!(one["storage_filename"], list[0]["storage_filename"]);

    // Nothing new; then one new object, and one whose task was deleted.
    let again = sync(&server, "s3", id).await;
    assert_eq!(
        (&again["last_sync_count"], &again["meta"]["tasks_existed"], &again["meta"]["attempts"]),
        (&json!(0), &json!(4), &json!(2))
    );
    write(&s3.folder, "pre/new.png", "new");
    server.ask("DELETE", &format!("/api/tasks/{}/", list[0]["id"])).send().await;
    assert_eq!(sync(&server, "s3", id).await["last_sync_count"], 2);
    server.patch(&format!("/api/storages/s3/{id}"), json!({"recursive_scan": true})).await;
    assert_eq!(sync(&server, "s3", id).await["last_sync_count"], 1);
    assert_eq!(count(&server, project).await, 6);

    // Another storage on the same bucket has links of its own.
    let body = s3.fields(json!({"project": project, "prefix": "pre", "use_blob_urls": true}));
    let second = server.post("/api/storages/s3", body).await["id"].as_i64().unwrap();
    assert_eq!(sync(&server, "s3", second).await["last_sync_count"], 6);
    server.patch(&format!("/api/storages/s3/{id}"), json!({"synchronizable": false})).await;
    let said = server.ask("POST", &format!("/api/storages/s3/{id}/sync")).send().await.error(400);
    assert!(said.contains("not synchronizable"), "{said}");
}

#[tokio::test]
async fn task_files_become_tasks_and_broken_ones_are_named() {
    let s3 = S3::start().await;
    let result = json!([{"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}}]);
    write(
        &s3.folder,
        "1-list.json",
        json!([{"text": "a"}, {"data": {"text": "b"}, "meta": {"m": 1}}]).to_string(),
    );
    write(&s3.folder, "2-one.json", json!({
        "data": {"text": "c"}, "annotations": [{"result": result}], "predictions": [{"result": result, "score": 0.5}],
    }).to_string());
    write(&s3.folder, "3-lines.jsonl", "{\"text\":\"d\"}\n{\"text\":\"e\"}\n");
    write(&s3.folder, "4-broken.json", "[{\"text\":\"x\"},{\"text\":");
    write(
        &s3.folder,
        "5-stranger.json",
        json!([
            {"data": {"text": "f"}, "annotations": [{"result": result, "completed_by": 4711}]}, {"text": "g"},
        ])
        .to_string(),
    );
    write(&s3.folder, "6-picture.png", "png");
    write(&s3.folder, "7-no-extension", "[{\"text\":\"h\"}]");
    let server = Server::with(admit_loopback).await;
    let (project, id) = storage(&server, TEXT_CONFIG, "s3", s3.fields(json!({}))).await;
    let synced = sync(&server, "s3", id).await;
    assert_eq!(
        (&synced["status"], &synced["last_sync_count"]),
        (&json!("completed_with_errors"), &json!(8)),
        "{synced}"
    );
    assert_eq!(synced["meta"]["tasks_failed_validation"], 1);
    let list = tasks(&server, project).await;
    let texts: Vec<&str> = list.iter().map(|t| t["data"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["a", "b", "c", "d", "e", "f", "g", "h"]);
    assert_eq!(keys_of(&list)[..3], ["1-list.json", "1-list.json", "2-one.json"]);
    let annotated = &list[2];
    assert_eq!((&annotated["total_annotations"], &annotated["total_predictions"]), (&json!(1), &json!(1)));
    let annotation = &server.get(&format!("/api/tasks/{}/annotations/", annotated["id"])).await[0];
    assert_eq!((&annotation["ground_truth"], &annotation["completed_by"]), (&json!(false), &Value::Null));
    assert_eq!(list[5]["total_annotations"], 0, "an annotation of nobody is left out, the task is not");

    let errors =
        server.get(&format!("/api/jobs/{}/errors/", synced["last_sync_job"].as_str().unwrap())).await;
    let said = |key: &str| {
        let found = errors["results"].as_array().unwrap().iter().find(|e| e["subject"] == key);
        found.unwrap_or_else(|| panic!("{key}: {errors}"))["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(errors["count"], 3, "{errors}");
    assert!(
        said("4-broken.json").contains("line") || said("4-broken.json").contains("byte"),
        "{}",
        said("4-broken.json")
    );
    assert!(said("5-stranger.json").contains("completed_by 4711"), "{}", said("5-stranger.json"));
    assert!(said("6-picture.png").contains("use_blob_urls"), "{}", said("6-picture.png"));
    assert!(synced["traceback"].as_str().unwrap().contains("4-broken.json"), "{synced}");

    // Mended: only what was broken comes in.
    write(&s3.folder, "4-broken.json", "[{\"text\":\"x\"}]");
    let mended = sync(&server, "s3", id).await;
    assert_eq!(
        (&mended["last_sync_count"], &mended["meta"]["tasks_existed"]),
        (&json!(1), &json!(5)),
        "{mended}"
    );
}

#[tokio::test]
async fn a_sync_of_which_nothing_comes_has_failed() {
    let s3 = S3::start().await;
    write(&s3.folder, "a.png", "png");
    let server = Server::with(admit_loopback).await;
    let (_, id) = storage(&server, IMAGE_CONFIG, "s3", s3.fields(json!({}))).await;
    let synced = sync(&server, "s3", id).await;
    assert_eq!(synced["status"], "failed");
    assert!(synced["traceback"].as_str().unwrap().contains("use_blob_urls"), "{synced}");
}

#[tokio::test]
async fn a_task_file_that_was_half_in_is_completed() {
    let s3 = S3::start().await;
    let lines: String = (0..2500).map(|n| format!("{{\"text\":\"{n}\"}}\n")).collect();
    write(&s3.folder, "large.jsonl", &lines);
    let server = Server::with(admit_loopback).await;
    let (project, id) = storage(&server, TEXT_CONFIG, "s3", s3.fields(json!({}))).await;
    assert_eq!(sync(&server, "s3", id).await["last_sync_count"], 2500);
    // As a kill after the first batch would have left it.
    let tx = server.state.db.write().await.unwrap();
    for sql in [
        "DELETE FROM tasks WHERE id IN (SELECT task FROM storage_links WHERE row_index >= 1000)",
        "DELETE FROM storage_links WHERE row_index >= 1000",
        "UPDATE storages SET partial = '{\"key\":\"large.jsonl\",\"rows\":1000}'",
    ] {
        db::run(&*tx, sql, vec![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let synced = sync(&server, "s3", id).await;
    assert_eq!((&synced["status"], &synced["last_sync_count"]), (&json!("completed"), &json!(1500)));
    let texts: BTreeSet<i64> = tasks(&server, project)
        .await
        .iter()
        .map(|t| t["data"]["text"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(texts, (0..2500).collect());
    assert_eq!(sync(&server, "s3", id).await["last_sync_count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_objects_take_seconds() {
    let s3 = S3::start().await;
    for n in 0..10_000 {
        std::fs::write(s3.folder.join(format!("{n:05}.png")), "").unwrap();
    }
    let server = Server::with(admit_loopback).await;
    let (project, id) = storage(&server, IMAGE_CONFIG, "s3", s3.fields(json!({"use_blob_urls": true}))).await;
    let started = Instant::now();
    let synced = sync(&server, "s3", id).await;
    println!("10,000 objects in {:?}", started.elapsed());
    assert_eq!(
        (&synced["status"], &synced["last_sync_count"]),
        (&json!("completed"), &json!(10_000)),
        "{synced}"
    );
    assert_eq!(count(&server, project).await, 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_vanishes_mid_sync_is_named_and_the_sync_goes_on_from_there() {
    let s3 = S3::start().await;
    for n in 0..4000 {
        std::fs::write(s3.folder.join(format!("{n:05}.json")), format!("{{\"text\":\"{n}\"}}")).unwrap();
    }
    let server = Server::with(admit_loopback).await;
    let (project, id) = storage(&server, TEXT_CONFIG, "s3", s3.fields(json!({}))).await;
    let path = format!("/api/storages/s3/{id}");
    let (url, client) = (format!("{}{path}/sync", server.url), server.client.clone());
    let asked = tokio::spawn(async move {
        client
            .post(url)
            .header("authorization", format!("Token {OWNER}"))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    });
    until("the first thousand", async || count(&server, project).await >= 1000).await;
    let away = s3.folder.with_file_name("away");
    std::fs::rename(&s3.folder, &away).unwrap();
    let mut storage = Value::Null;
    until("the failure", async || {
        storage = server.get(&path).await;
        storage["status"] == "failed"
    })
    .await;
    assert_eq!(asked.await.unwrap(), 200);
    let traceback = storage["traceback"].as_str().unwrap();
    assert!(traceback.contains(".json") && traceback.to_lowercase().contains("bucket"), "{traceback}");
    let before = count(&server, project).await;
    assert!((1000..4000).contains(&before), "{before}");
    assert_eq!(storage["last_sync_count"], before);

    std::fs::rename(&away, &s3.folder).unwrap();
    let job = storage["last_sync_job"].as_str().unwrap().to_owned();
    server.post(&format!("/api/jobs/{job}/resume"), Value::Null).await;
    until("the end", async || server.get(&path).await["status"] == "completed").await;
    let storage = server.get(&path).await;
    assert_eq!(storage["last_sync_count"], 4000, "{storage}");
    let texts: BTreeSet<i64> = tasks(&server, project)
        .await
        .iter()
        .map(|t| t["data"]["text"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!((texts, count(&server, project).await), ((0..4000).collect(), 4000), "each once");
}

#[tokio::test]
async fn a_sync_that_was_cancelled_says_so() {
    let s3 = S3::start().await;
    // Without workers the job waits.
    let server = Server::working(admit_loopback, &[]).await;
    server.state.jobs.stop().await;
    server.user("owner@example.com", OWNER, None).await;
    let (_, id) = storage(&server, IMAGE_CONFIG, "s3", s3.fields(json!({"use_blob_urls": true}))).await;
    let path = format!("/api/storages/s3/{id}");
    let (url, client) = (format!("{}{path}/sync", server.url), server.client.clone());
    tokio::spawn(
        async move { client.post(url).header("authorization", format!("Token {OWNER}")).send().await },
    );
    until("the job", async || server.get(&path).await["status"] == "queued").await;
    let job = server.get(&path).await["last_sync_job"].as_str().unwrap().to_owned();
    server.post(&format!("/api/jobs/{job}/cancel"), Value::Null).await;
    // A worker ends it, of whatever server.
    let second = server.beside().await;
    tagloom_server::jobs::start(&second.state, tagloom_server::jobs::KINDS);
    until("the end", async || server.get(&path).await["status"] == "failed").await;
    let storage = server.get(&path).await;
    assert!(storage["traceback"].as_str().unwrap().contains("cancelled"), "{storage}");
}

#[tokio::test]
async fn an_object_whose_task_was_a_duplicate_does_not_come_back() {
    let s3 = S3::start().await;
    write(&s3.folder, "one.png", "x");
    let server = Server::with(admit_loopback).await;
    let (project, id) = storage(&server, IMAGE_CONFIG, "s3", s3.fields(json!({"use_blob_urls": true}))).await;
    // The task that stays is the older one, which no storage knows.
    let body = json!([{"image": "s3://data/one.png"}]);
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let older = server.post(&path, body).await["task_ids"][0].clone();
    assert_eq!(sync(&server, "s3", id).await["last_sync_count"], 1);
    let run = format!("/api/dm/actions/?project={project}&id=remove_duplicates");
    assert_eq!(server.post(&run, json!({"selectedItems": {"all": true}})).await["processed_items"], 1);
    let left = tasks(&server, project).await;
    assert_eq!((left.len(), &left[0]["id"], keys_of(&left)), (1, &older, vec!["one.png"]));
    assert_eq!(sync(&server, "s3", id).await["last_sync_count"], 0);
    assert_eq!(count(&server, project).await, 1);
}

#[tokio::test]
async fn a_sync_that_is_cancelled_half_way_goes_on_when_asked() {
    let s3 = S3::start().await;
    for n in 0..3000 {
        write(&s3.folder, &format!("{n:05}.json"), format!("{{\"text\":\"{n}\"}}"));
    }
    let server = Server::with(admit_loopback).await;
    let (project, id) = storage(&server, TEXT_CONFIG, "s3", s3.fields(json!({}))).await;
    let path = format!("/api/storages/s3/{id}");
    let asked = server.ask("POST", &format!("{path}/sync"));
    let asked = tokio::spawn(async move { asked.send().await });
    until("the first tasks", async || count(&server, project).await > 0).await;
    let job = server.get(&path).await["last_sync_job"].as_str().unwrap().to_owned();
    server.post(&format!("/api/jobs/{job}/cancel"), Value::Null).await;
    until("the end", async || server.get(&path).await["status"] == "failed").await;
    asked.await.unwrap();
    let some = count(&server, project).await;
    assert!((1..3000).contains(&some), "{some} tasks");
    let ended = server.get(&format!("/api/jobs/{job}")).await;
    assert_eq!((&ended["state"], &ended["resumable"]), (&json!("cancelled"), &json!(true)));
    server.post(&format!("/api/jobs/{job}/resume"), Value::Null).await;
    until("the rest", async || server.get(&path).await["status"] == "completed").await;
    let texts: BTreeSet<i64> = tasks(&server, project)
        .await
        .iter()
        .map(|t| t["data"]["text"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!((texts, count(&server, project).await), ((0..3000).collect(), 3000), "each once");
    let storage = server.get(&path).await;
    assert_eq!(
        (&storage["last_sync_count"], &storage["traceback"]),
        (&json!(3000), &Value::Null),
        "{storage}"
    );
}

/// Who asks for a sync while one is at work has a file that is not in its way any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_asked_for_again_finds_what_came_before_its_place() {
    let (dir, database) = place().await;
    let (data, root) = (dir.path().join("data"), dir.path().join("files"));
    for n in 0..3000 {
        write(&root, &format!("in/{n:05}.json"), format!("{{\"text\":\"{n}\"}}"));
    }
    let server = Process::start(&data, database.as_deref(), &["--root", root.to_str().unwrap()]).await;
    let body = json!({"title": "Asked twice", "label_config": TEXT_CONFIG});
    let project = server.request("POST", "/api/projects/").json(body).ok().await["id"].clone();
    let body = json!({"project": project, "path": root.join("in")});
    let storage = server.request("POST", "/api/storages/localfiles").json(body).ok().await;
    let path = format!("/api/storages/localfiles/{}", storage["id"]);
    let asked = server.request("POST", &format!("{path}/sync"));
    let first = tokio::spawn(async move { asked.0.send().await });
    let number = async || {
        server.request("GET", &format!("/api/projects/{project}/")).ok().await["task_number"]
            .as_i64()
            .unwrap()
    };
    until("the first tasks", async || number().await > 0).await;
    write(&root, "in/0.json", r#"{"text":"late"}"#);
    let late = server.request("POST", &format!("{path}/sync")).ok().await;
    first.await.unwrap().unwrap();
    until("the end", async || server.request("GET", &path).ok().await["status"] == "completed").await;
    assert_eq!(number().await, 3001, "{late}");
    let jobs = server.request("GET", &format!("/api/jobs/?project={project}")).ok().await;
    let syncs = jobs.as_array().unwrap().iter().filter(|job| job["kind"] == "storage_sync");
    assert!(syncs.count() <= 2, "{jobs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_killed_goes_on_with_the_next_process() {
    let (dir, database) = place().await;
    let (data, root) = (dir.path().join("data"), dir.path().join("files"));
    for n in 0..3000 {
        write(&root, &format!("in/{n:05}.json"), format!("{{\"text\":\"{n}\"}}"));
    }
    let flags = ["--root", root.to_str().unwrap()];
    let server = Process::start(&data, database.as_deref(), &flags).await;
    let body = json!({"title": "Killed", "label_config": TEXT_CONFIG});
    let project = server.request("POST", "/api/projects/").json(body).ok().await["id"].clone();
    let body = json!({"project": project, "path": root.join("in")});
    let storage = server.request("POST", "/api/storages/localfiles").json(body).ok().await;
    let path = format!("/api/storages/localfiles/{}", storage["id"]);
    let asked = server.request("POST", &format!("{path}/sync"));
    tokio::spawn(async move { asked.0.send().await });
    let number = async |server: &Process| {
        server.request("GET", &format!("/api/projects/{project}/")).ok().await["task_number"]
            .as_i64()
            .unwrap()
    };
    until("the first tasks", async || number(&server).await > 0).await;
    server.kill();
    let server = Process::start(&data, database.as_deref(), &flags).await;
    until("the end", async || server.request("GET", &path).ok().await["status"] == "completed").await;
    assert_eq!(number(&server).await, 3000);
    let storage = server.request("GET", &path).ok().await;
    assert_eq!(storage["last_sync_count"], 3000, "{storage}");
    let list = format!("/api/tasks/?project={project}&page_size=-1");
    let list = server.request("GET", &list).ok().await;
    let texts: BTreeSet<i64> = list["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["data"]["text"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(texts, (0..3000).collect(), "each once");
}
