//! Imports as jobs: asked for without waiting, cancelled, taken up again, by address, again from their files; and what is
//! left of those that fail.

use crate::support::*;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tagloom_server::db;
use tagloom_server::egress::Subnets;
use tagloom_server::jobs::{self, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn count(server: &Server, table: &str) -> i64 {
    db::count(server.state.db.read(), &format!("SELECT COUNT(*) FROM {table}"), vec![]).await.unwrap()
}

fn media(server: &Server, path: &str) -> PathBuf {
    server.dir.path().join("data/media").join(path)
}

/// Files that are still on their way, or were left there.
fn waiting(server: &Server) -> usize {
    let files = |dir: PathBuf| {
        std::fs::read_dir(dir).map_or(0, |d| d.flatten().filter(|e| e.path().is_file()).count())
    };
    let spool = std::fs::read_dir(media(server, "spool"));
    let spooled: usize = spool.map_or(0, |d| d.flatten().map(|e| files(e.path())).sum());
    spooled + files(media(server, "import"))
}

async fn numbers(server: &Server, project: i64) -> Vec<i64> {
    let list = server.get(&format!("/api/tasks/?project={project}&page_size=-1")).await;
    list["tasks"].as_array().unwrap().iter().map(|t| t["inner_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn an_import_can_be_asked_for_without_waiting() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let list: Vec<Value> = (0..3000).map(|n| json!({"text": n.to_string()})).collect();
    let request = server.ask("POST", &format!("/api/projects/{project}/import?return_task_ids=1"));
    let answer = request.header("prefer", "respond-async").json(list.into()).send().await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "respond-async"));
    let (import, job) = (answer.json()["import"].clone(), answer.json()["job"]["id"].as_i64().unwrap());
    assert_eq!(answer.header("location"), format!("/api/jobs/{job}"));
    let ended = jobs::wait(&server.state, job, Duration::from_secs(60)).await.unwrap();
    assert_eq!((ended.state, ended.done, ended.total), (State::Completed, 3000, Some(3000)));
    let status = server.get(&format!("/api/projects/{project}/imports/{import}/")).await;
    assert_eq!((&status["status"], &status["task_count"]), (&json!("completed"), &json!(3000)));
    assert_eq!(status["task_ids"].as_array().unwrap().len(), 3000);
    assert_eq!(numbers(&server, project).await, (1..=3000).collect::<Vec<_>>());
    assert_eq!(waiting(&server), 0);
    let (other, _) = server.tasks(0).await;
    server.ask("GET", &format!("/api/projects/{other}/imports/{import}/")).send().await.error(404);
    server.ask("GET", &format!("/api/projects/{project}/reimports/{import}/")).send().await.error(404);
}

/// A job is queued and nobody runs it; then it is cancelled.
#[tokio::test]
async fn an_import_that_is_cancelled_before_it_begins_leaves_nothing() {
    let server = Server::working(|_| {}, &[]).await;
    server.user("owner@example.com", OWNER, None).await;
    let project = server.project(TEXT_CONFIG).await;
    let form = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::bytes(b"text\na\n".to_vec()).file_name("a.csv"));
    server.state.jobs.stop().await;
    let request =
        server.ask("POST", &format!("/api/projects/{project}/import")).header("prefer", "respond-async");
    let job = Request(request.0.multipart(form)).ok().await["job"]["id"].as_i64().unwrap();
    assert_eq!(
        server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await.as_array().unwrap().len(),
        1
    );
    let cancelled = server.post(&format!("/api/jobs/{job}/cancel"), Value::Null).await;
    assert_eq!(cancelled["cancel_requested"], true);
    // Another process sees the word.
    let next = tagloom_server::AppState::open(server.state.settings.clone()).await.unwrap();
    jobs::start(&next, jobs::KINDS);
    let ended = jobs::wait(&next, job, Duration::from_secs(60)).await.unwrap();
    assert_eq!(ended.state, State::Cancelled);
    assert_eq!(server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await, json!([]));
    assert_eq!(std::fs::read_dir(media(&server, &format!("upload/{project}"))).unwrap().count(), 0);
    next.jobs.stop().await;
}

/// Half-way through, some tasks are in and one of them has been begun.
#[tokio::test]
async fn an_import_that_is_given_up_half_way_takes_its_tasks_away_but_no_work() {
    let server = Server::working(|_| {}, &[]).await;
    server.user("owner@example.com", OWNER, None).await;
    server.state.jobs.stop().await;
    let project = server.project(TEXT_CONFIG).await;
    let one = server.post("/api/tasks/", json!({"project": project, "data": {"text": "mine"}})).await;
    let list: Vec<Value> = (0..2500)
        .map(|n| json!({"data": {"text": n.to_string()}, "annotations": [{"result": []}]}))
        .collect();
    let request =
        server.ask("POST", &format!("/api/projects/{project}/import")).header("prefer", "respond-async");
    let answer = request.json(list.into()).ok().await;
    let (import, job) = (answer["import"].as_i64().unwrap(), answer["job"]["id"].as_i64().unwrap());
    // As if a worker had died behind its first batch: it is there, noted, and the job is still running.
    let tx = server.state.db.write().await.unwrap();
    let mut inserter = tagloom_server::store::tasks::Inserter::new(&*tx, project, 1).await.unwrap();
    inserter.keep_ids = true;
    let task = tagloom_server::store::tasks::NewTask {
        data: r#"{"text":"half"}"#.into(),
        meta: "{}".into(),
        allow_skip: true,
        file_upload: None,
        annotations: vec![],
        predictions: vec![],
    };
    inserter.insert(&*tx, vec![task; 1000]).await.unwrap();
    tagloom_server::store::imports::add_batch(&*tx, import, &inserter.ids).await.unwrap();
    let sql = "UPDATE jobs SET state = 'running', worker = 'gone 1 x 0', lease_until = '', resume_point = $2 WHERE id = $1";
    let point = r#"{"phase":"Inserting","tasks":1000,"annotations":0,"predictions":0,"replaced_up_to":0}"#;
    db::run(&*tx, sql, vec![job.into(), point.into()]).await.unwrap();
    let sql = "UPDATE imports SET status = 'in_progress', found = '{\"tasks\":2500}' WHERE id = $1";
    db::run(&*tx, sql, vec![import.into()]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&server, "tasks").await, 1001);
    let begun = inserter.ids[500];
    server.post(&format!("/api/tasks/{begun}/annotations/"), json!({"result": []})).await;

    server.post(&format!("/api/jobs/{job}/cancel"), Value::Null).await;
    let next = tagloom_server::AppState::open(server.state.settings.clone()).await.unwrap();
    jobs::start(&next, jobs::KINDS);
    let ended = jobs::wait(&next, job, Duration::from_secs(60)).await.unwrap();
    assert_eq!(ended.state, State::Cancelled);
    let left = server.get(&format!("/api/tasks/?project={project}")).await;
    let left: Vec<&Value> = left["tasks"].as_array().unwrap().iter().map(|t| &t["id"]).collect();
    assert_eq!(left, [&one["id"], &json!(begun)]);
    let status = server.get(&format!("/api/projects/{project}/imports/{import}/")).await;
    assert_eq!(status["status"], "failed");
    assert!(status["error"].as_str().unwrap().contains("1 tasks have stayed"), "{status}");
    assert_eq!(waiting(&server), 0);
    // There is nothing to go on with.
    assert_eq!(server.get(&format!("/api/jobs/{job}")).await["resumable"], false);
    let refused = server.ask("POST", &format!("/api/jobs/{job}/resume")).send().await.error(409);
    assert!(refused.contains("send the import again"), "{refused}");
    next.jobs.stop().await;
}

#[tokio::test]
async fn an_import_whose_worker_died_goes_on_behind_its_last_batch() {
    let server = Server::working(|_| {}, &[]).await;
    server.user("owner@example.com", OWNER, None).await;
    server.state.jobs.stop().await;
    let project = server.project(TEXT_CONFIG).await;
    let list: Vec<Value> = (0..2500).map(|n| json!({"text": n.to_string()})).collect();
    let request =
        server.ask("POST", &format!("/api/projects/{project}/import")).header("prefer", "respond-async");
    let job = request.json(list.clone().into()).ok().await["job"]["id"].as_i64().unwrap();
    // Each process stops as soon as something is in; the next one goes on.
    for _ in 0..50 {
        let next = tagloom_server::AppState::open(server.state.settings.clone()).await.unwrap();
        jobs::start(&next, jobs::KINDS);
        let before = count(&server, "tasks").await;
        for _ in 0..2000 {
            let found = jobs::wait(&next, job, Duration::from_millis(1)).await.unwrap();
            if found.state.is_final() || count(&server, "tasks").await > before {
                break;
            }
        }
        next.jobs.stop().await;
        if jobs::by_id(server.state.db.read(), job).await.unwrap().unwrap().state.is_final() {
            break;
        }
    }
    let ended = jobs::by_id(server.state.db.read(), job).await.unwrap().unwrap();
    assert_eq!(ended.state, State::Completed, "{ended:?}");
    let found = server.get(&format!("/api/tasks/?project={project}&page_size=-1")).await;
    let data: Vec<Value> = found["tasks"].as_array().unwrap().iter().map(|t| t["data"].clone()).collect();
    assert_eq!(data, list, "every task once and in order");
    assert_eq!(numbers(&server, project).await, (1..=2500).collect::<Vec<_>>());
    assert_eq!(waiting(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once_number_their_tasks_apart() {
    let server = Server::start().await;
    let beside = server.beside().await;
    jobs::start(&beside.state, jobs::KINDS);
    let project = server.project(TEXT_CONFIG).await;
    let list: Vec<Value> = (0..1500).map(|n| json!({"text": n.to_string()})).collect();
    let path = format!("/api/projects/{project}/import?return_task_ids=1");
    let (a, b, c) = tokio::join!(
        server.post(&path, list.clone().into()),
        beside.post(&path, list.clone().into()),
        server.upload(project, "same.json", Value::from(list.clone()).to_string()),
    );
    let mut ids: Vec<i64> = [a, b, c.json()]
        .iter()
        .flat_map(|answer| answer["task_ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4500);
    let mut numbers = numbers(&server, project).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=4500).collect::<Vec<_>>());
    beside.state.jobs.stop().await;
}

/// Twice the same file at the same moment: two uploads, each with its own address and tasks.
#[tokio::test(flavor = "multi_thread")]
async fn two_uploads_of_one_file_are_two_uploads() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let (a, b) = tokio::join!(
        server.upload(project, "a.csv", "text\nx\n"),
        server.upload(project, "a.csv", "text\nx\n")
    );
    assert_ne!(a.json()["file_upload_ids"], b.json()["file_upload_ids"]);
    let uploads = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    assert_eq!(uploads.as_array().unwrap().len(), 2);
    assert_ne!(uploads[0]["file"], uploads[1]["file"]);
    assert_eq!(count(&server, "tasks").await, 2);
}

#[tokio::test]
async fn mistakes_of_a_failed_import_are_also_with_its_job() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let list: Vec<Value> = (0..150).map(|n| json!({"txt": n})).collect();
    let answer =
        server.ask("POST", &format!("/api/projects/{project}/import")).json(list.into()).send().await;
    answer.error(400);
    let messages = answer.json()["validation_errors"]["non_field_errors"].as_array().unwrap().len();
    assert_eq!(messages, 100, "a hundred are named");
    let job = &server.get(&format!("/api/jobs/?project={project}")).await[0];
    assert_eq!((&job["state"], &job["error_count"]), (&json!("failed"), &json!(100)));
    let errors = server.get(&format!("/api/jobs/{}/errors", job["id"])).await;
    assert!(errors["results"][0]["subject"].as_str().unwrap().contains("task 0"), "{errors}");
    assert_eq!(waiting(&server), 0);
    assert_eq!(count(&server, "tasks").await, 0);
}

/// Truncated far into a file: the message has row and byte, and nothing stays. The load bench does it at byte 200 million.
#[tokio::test(flavor = "multi_thread")]
async fn json_that_ends_too_early_names_row_and_byte() {
    const LENGTH: usize = 3_000_000;
    const LINES: usize = 100;
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let line = format!("{{\"text\":\"{}\"}},\n", "x".repeat(9_987));
    assert_eq!(line.len(), 10_000);
    let piece = line.repeat(LINES);
    let pieces = LENGTH / piece.len();
    let half = |left: usize| format!("{{\"text\":\"{}", "x".repeat(left - 9));
    for as_file in [false, true] {
        // "[\n" and whole lines, of which the last is cut.
        let last = half(line.len() - 2);
        let mut body: Vec<Result<String, std::io::Error>> = vec![Ok("[\n".into())];
        body.extend((1..pieces).map(|_| Ok(piece.clone())));
        body.extend([Ok(line.repeat(LINES - 1)), Ok(last)]);
        assert_eq!(body.iter().flatten().map(String::len).sum::<usize>(), LENGTH);
        let body = reqwest::Body::wrap_stream(tokio_stream::iter(body));
        let request = server.ask("POST", &format!("/api/projects/{project}/import"));
        let answer = if as_file {
            let part = reqwest::multipart::Part::stream(body).file_name("big.json");
            Request(request.0.multipart(reqwest::multipart::Form::new().part("file", part))).send().await
        } else {
            request.body(body).send().await
        };
        let says = answer.error(400);
        let line = format!("line {}", pieces * LINES + 1);
        for part in [&line, "byte 2999999", "ends too early"] {
            assert!(says.contains(part), "{part} is missing in {says}");
        }
        assert_eq!((count(&server, "tasks").await, count(&server, "file_uploads").await), (0, 0));
        let left = std::fs::read_dir(media(&server, &format!("upload/{project}"))).map_or(0, Iterator::count);
        assert_eq!(left, 0);
    }
}

#[tokio::test]
async fn uploads_are_read_again_in_place_of_their_tasks() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let first = server.upload(project, "a.csv", "text\na\nb\n").await.json();
    let other = server.upload(project, "b.csv", "text\nc\n").await.json();
    let task = &first["task_ids"][0];
    server.post(&format!("/api/tasks/{task}/annotations/"), json!({"result": []})).await;
    let path = format!("/api/projects/{project}/reimport");
    let texts = async || {
        let list = server.get(&format!("/api/tasks/?project={project}&page_size=-1")).await;
        let list = list["tasks"].as_array().unwrap().clone();
        list.iter().map(|t| t["data"]["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let answer =
        server.ask("POST", &path).json(json!({"file_upload_ids": first["file_upload_ids"]})).send().await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = answer.json();
    assert_eq!((&answer["task_count"], &answer["found_formats"]), (&json!(2), &json!({".csv": 1})));
    assert_eq!(answer["data_columns"], json!(["text"]));
    assert_eq!(texts().await, ["c", "a", "b"]);
    server.ask("GET", &format!("/api/tasks/{task}/")).send().await.error(404);
    let body = json!({"file_upload_ids": other["file_upload_ids"], "files_as_tasks_list": false});
    assert_eq!(server.post(&path, body).await["task_count"], 1);
    let all = texts().await;
    assert!(all[2].starts_with("/data/upload/") && all[2].ends_with("-b.csv"), "{all:?}");
    // Nothing to do, and what is wrong.
    let empty = server.ask("POST", &path).json(json!({"file_upload_ids": []})).send().await;
    assert_eq!((empty.status, &empty.json()["task_count"]), (200, &json!(0)));
    assert!(
        server
            .ask("POST", &path)
            .json(json!({"file_upload_ids": [4711]}))
            .send()
            .await
            .error(400)
            .contains("4711")
    );
    server.ask("POST", &path).json(json!({"file_upload_ids": "x"})).send().await.error(400);
    // A config that the files do not fit: the former tasks stay.
    let renamed = TEXT_CONFIG.replace("$text", "$other");
    server.patch(&format!("/api/projects/{project}/"), json!({"label_config": renamed})).await;
    let wrong =
        server.ask("POST", &path).json(json!({"file_upload_ids": first["file_upload_ids"]})).send().await;
    assert!(wrong.error(400).contains("data.other"));
    assert_eq!(texts().await, all);
    assert_eq!(count(&server, "file_uploads").await, 2);
}

#[tokio::test]
async fn one_upload_is_shown_replaced_and_deleted() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let answer = server.upload(project, "a.txt", "one\n").await.json();
    let path = format!("/api/import/file-upload/{}", answer["file_upload_ids"][0]);
    let shown = server.get(&path).await;
    assert_eq!(keys(&shown), ["id", "file", "size"]);
    assert_eq!(shown["size"], 4);
    let file = shown["file"].clone();
    assert_eq!(server.patch(&path, json!({"file": file})).await, shown);
    server.ask("PATCH", &path).json(json!({"file": "../../secret"})).send().await.error(400);
    let put = async |name: &str, content: &str| {
        let part = reqwest::multipart::Part::bytes(content.as_bytes().to_vec()).file_name(name.to_owned());
        let request =
            server.ask("PUT", &path).0.multipart(reqwest::multipart::Form::new().part("file", part));
        Request(request).send().await
    };
    assert_eq!(put("b.txt", "two\nthree\n").await.json()["size"], 10);
    assert_eq!(
        server.ask("GET", &format!("/data/{}", file.as_str().unwrap())).send().await.text(),
        "two\nthree\n"
    );
    put("b.html", "x").await.error(400);
    // The list is for drafts, and for those who ask for all.
    let list = format!("/api/projects/{project}/file-uploads");
    assert_eq!(server.get(&list).await, json!([]));
    server.patch(&format!("/api/projects/{project}/"), json!({"is_draft": true})).await;
    assert_eq!(server.get(&list).await.as_array().unwrap().len(), 1);
    server.ask("GET", &format!("{list}?ids=x")).send().await.error(400);
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    server.ask("GET", &path).send().await.error(404);
    let task = server.get(&format!("/api/tasks/{}/", answer["task_ids"][0])).await;
    assert_eq!((&task["file_upload"], &task["data"]["text"]), (&Value::Null, &json!("one")));
    assert!(!media(&server, file.as_str().unwrap()).exists());
}

/// Answers every request with the same bytes.
async fn elsewhere(head: &str, body: &str) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer =
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let answer = answer.replace("{port}", &port.to_string());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let moved = asked.starts_with("GET /moved ");
            let moved = moved.then(|| {
                format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/final%20name.csv?sig=1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            });
            let _ = stream.write_all(moved.as_ref().unwrap_or(&answer).as_bytes()).await;
        }
    });
    format!("http://127.0.0.1:{port}")
}

async fn import_url(server: &Server, project: i64, address: &str) -> Answer {
    let request = server.ask("POST", &format!("/api/projects/{project}/import?return_task_ids=1"));
    let body: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("url", address).finish();
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    Request(request.0.body(body)).send().await
}

#[tokio::test]
async fn an_address_is_imported_like_a_file() {
    let server = Server::with(|s| {
        s.subnets = Subnets::default().allowing(["127.0.0.1/32".parse().unwrap()]);
        s.upload_limit = 100_000;
    })
    .await;
    let project = server.project(TEXT_CONFIG).await;
    let base = elsewhere("200 OK", "text\na\nb\n").await;
    let answer = import_url(&server, project, &format!("{base}/moved")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = answer.json();
    assert_eq!((&answer["task_count"], &answer["found_formats"]), (&json!(2), &json!({".csv": 1})));
    let uploads = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    assert!(uploads[0]["file"].as_str().unwrap().ends_with("-final_name.csv"), "the name of where it led to");
    // JSON in place of an address.
    let answer = import_url(&server, project, r#"[{"text":"c"}]"#).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let uploads = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    assert!(uploads[1]["file"].as_str().unwrap().ends_with("-inplace.json"));
    // What is wrong is said, and leaves nothing.
    let before = count(&server, "tasks").await;
    for (url, part) in [
        (format!("{base}/program.exe"), ".exe"),
        (format!("{base}/"), "not accepted"),
        (elsewhere("404 Not Found", "").await + "/a.csv", "404"),
        (elsewhere("200 OK", &"x".repeat(200_000)).await + "/a.csv", "larger than 100000"),
        ("not an address".into(), "not a URL"),
        (String::new(), "No data"),
    ] {
        let says = import_url(&server, project, &url).await.error(400);
        assert!(says.contains(part), "{url}: {part} is missing in {says}");
    }
    assert_eq!((count(&server, "tasks").await, waiting(&server)), (before, 0));
}

/// CVE-2022-36551, CVE-2023-47116: an import by address reads no file of the server and reaches nothing inside.
#[tokio::test]
async fn an_address_inside_is_not_imported() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let inside = elsewhere("200 OK", "text\nsecret\n").await;
    for url in [
        "file:///etc/passwd",
        "file:///etc/hosts.txt",
        "gopher://127.0.0.1/a.csv",
        "ftp://127.0.0.1/a.csv",
        "//127.0.0.1/a.csv",
        "\\\\127.0.0.1\\share\\a.csv",
        "http://169.254.169.254/latest/a.json",
        "http://localhost/a.csv",
        "http://0/a.csv",
        "http://2130706433/a.csv",
        "http://0x7f.1/a.csv",
        "http://[::1]/a.csv",
        "http://[::ffff:127.0.0.1]/a.csv",
        &format!("{inside}/a.csv"),
    ] {
        let says = import_url(&server, project, url).await.error(400);
        assert!(!says.contains("secret"), "{url}: {says}");
    }
    assert_eq!((count(&server, "tasks").await, count(&server, "file_uploads").await), (0, 0));
}

#[tokio::test]
async fn wrong_predictions_are_all_named() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1200).await;
    let (_, foreign) = server.tasks(1).await;
    let path = format!("/api/projects/{project}/import/predictions");
    let mut list: Vec<Value> = ids.iter().map(|id| json!({"task": id, "result": [{"id": "r"}]})).collect();
    list[3] = json!({"task": "3", "result": []});
    list[700] = json!({"task": ids[0], "result": {"a": 1}, "score": "many"});
    list[900] = json!({"task": foreign[0], "result": []});
    list[1100] = json!(5);
    list[1101] = json!({"task": ids[0], "result": [7], "model_version": []});
    let answer = server.ask("POST", &path).json(list.clone().into()).send().await;
    let says = answer.error(400);
    for part in [
        "prediction 3 (line 1), task:",
        "prediction 700 (line 1), result:",
        "prediction 700 (line 1), score:",
        "prediction 900 (line 1), task:",
        "prediction 1100 (line 1):",
        "prediction 1101 (line 1), result[0]:",
        "prediction 1101 (line 1), model_version:",
    ] {
        assert!(says.contains(part), "{part} is missing in {says}");
    }
    assert_eq!(count(&server, "predictions").await, 0);
    for broken in ["{\"task\": 1}", "[{\"task\": 1", "", "7"] {
        server.ask("POST", &path).body(broken).send().await.error(400);
    }
    // Without mistakes, more than a batch, the same task twice.
    for wrong in [3, 700, 900, 1100, 1101] {
        list[wrong] = json!({"task": ids[0], "result": [], "score": "0.25", "model_version": "m2"});
    }
    assert_eq!(server.post(&path, list.into()).await, json!({"created": 1200}));
    assert_eq!(count(&server, "predictions").await, 1200);
    let task = server.get(&format!("/api/tasks/{}/", ids[0])).await;
    assert_eq!((&task["total_predictions"], &task["predictions_score"]), (&json!(6), &json!(0.25)));
    assert_eq!(waiting(&server), 0);
}

/// Tasks show at once what their predictions come to, and the project shows the version it has none of yet.
#[tokio::test]
async fn the_first_predictions_are_the_ones_that_are_shown() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let predicted =
        |version: &str, score: f64| json!({"result": [], "model_version": version, "score": score});
    let list = json!([{"data": {"text": "a"}, "predictions": [predicted("m1", 0.2), predicted("m2", 0.8)]}]);
    let answer = server.post(&format!("/api/projects/{project}/import?return_task_ids=1"), list).await;
    assert_eq!(answer["prediction_count"], 2);
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["model_version"], "m2");
    let row = "SELECT CAST(predictions_score * 100 AS BIGINT) FROM tasks";
    assert_eq!(db::count(server.state.db.read(), row, vec![]).await.unwrap(), 80);
}

/// A disk without room for what is sent: 507, and nothing left behind. Only root can make such a disk.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_said_and_nothing_stays() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let spool = media(&server, "spool");
    std::fs::create_dir_all(&spool).unwrap();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(&spool)
        .output();
    if !mount.is_ok_and(|done| done.status.success()) {
        println!("no right to mount: the unit tests of exchange::spool stand for this one");
        return;
    }
    struct Unmount(PathBuf);
    impl Drop for Unmount {
        fn drop(&mut self) {
            let _ = std::process::Command::new("umount").arg(&self.0).output();
        }
    }
    let _mounted = Unmount(spool);
    let big = format!("text\n{}", "x\n".repeat(1_500_000));
    let answer = server.upload(project, "big.csv", big.clone()).await;
    assert!(answer.error(507).contains("no room left on the server's disk"));
    let body = format!("[{{\"text\":\"{}\"}}]", "x".repeat(3_000_000));
    server.ask("POST", &format!("/api/projects/{project}/import")).body(body).send().await.error(507);
    assert_eq!((count(&server, "tasks").await, count(&server, "file_uploads").await), (0, 0));
    assert_eq!(waiting(&server), 0);
}
