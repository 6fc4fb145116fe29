//! For those who run the server: readiness, numbers, request ids, the log, and a stop that finishes what is under way.

use crate::support::*;
use serde_json::{Value, json};
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The value of a line of the metrics; 0 where there is none yet.
fn number(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|l| l.strip_prefix(line)?.trim().parse().ok());
    found.unwrap_or(0.0)
}

#[tokio::test]
async fn what_happens_is_counted_by_route_and_never_by_what_users_write() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let line = "tagloom_http_requests_total{method=\"GET\",route=\"/api/tasks/{id}\",status=\"404\"}";
    let metrics = async || {
        let answer = server.anonymous("GET", "/metrics").send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.header("content-type").starts_with("text/plain"), "{answer:?}");
        answer.text()
    };
    let before = number(&metrics().await, line);
    for path in ["/api/tasks/987654321", "/api/tasks/987654322/"] {
        server.ask("GET", path).send().await.error(404);
    }
    server.ask("GET", "/secret-page-name?token=secretquery").send().await;
    server.ask("SECRETVERB", &format!("/api/tasks/{}/", ids[0])).send().await;
    server.get(&format!("/api/projects/{project}/")).await;
    let text = metrics().await;
    assert_eq!(number(&text, line) - before, 2.0, "{text}");
    let route = "tagloom_http_request_duration_seconds_bucket{method=\"GET\",route=\"/api/projects/{id}\",le=\"+Inf\"}";
    assert!(number(&text, route) >= 1.0, "{text}");
    for name in ["tagloom_database_writer_wait_seconds_count", "tagloom_http_requests_in_flight"] {
        assert!(number(&text, name) >= 1.0, "{name}: {text}");
    }
    assert_eq!(number(&text, "tagloom_database_up"), 1.0);
    assert!(number(&text, "tagloom_database_connections{state=\"idle\"}") >= 1.0, "{text}");
    assert!(number(&text, "process_resident_memory_bytes") > 1e6, "{text}");
    for written in ["987654321", "secret-page-name", "secretquery", "SECRETVERB", "example.com"] {
        assert!(!text.contains(written), "{written}: {text}");
    }
}

#[tokio::test]
async fn jobs_are_counted_by_kind_and_state() {
    let server = Server::start().await;
    let (project, _) = server.tasks(3).await;
    server.ask("DELETE", &format!("/api/projects/{project}/tasks/")).send().await;
    let text = server.anonymous("GET", "/metrics").send().await.text();
    assert_eq!(number(&text, "tagloom_jobs{kind=\"delete_tasks\",state=\"completed\"}"), 1.0, "{text}");
    assert!(
        number(&text, "tagloom_jobs_ended_total{kind=\"delete_tasks\",state=\"completed\"}") >= 1.0,
        "{text}"
    );
    assert!(number(&text, "tagloom_job_duration_seconds_count{kind=\"delete_tasks\"}") >= 1.0, "{text}");
}

#[tokio::test]
async fn the_numbers_are_for_this_machine_or_for_the_holders_of_the_token() {
    let server = Server::start().await;
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let request = server.anonymous("GET", "/metrics/").header(header, "127.0.0.1");
        assert!(request.send().await.error(403).contains("METRICS_TOKEN"));
    }
    let server = Server::with(|s| s.metrics_token = Some("the token of the monitor".into())).await;
    let with = |value: &str| server.anonymous("GET", "/metrics").header("authorization", value).send();
    server.anonymous("GET", "/metrics").send().await.error(401);
    for wrong in ["Bearer", "Bearer the token of the monito", "Token the token of the monitor"] {
        assert_eq!(with(wrong).await.status, 401, "{wrong}");
    }
    let right =
        server.anonymous("GET", "/metrics").header("authorization", "Bearer the token of the monitor");
    let answer = right.header("x-forwarded-for", "10.1.1.1").send().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn ready_is_more_than_up() {
    let server = Server::start().await;
    let body = server.anonymous("GET", "/health/ready/").ok().await;
    assert_eq!(body, json!({"status": "READY", "database": "up", "media": "up"}));
    // The folder of the media goes away, as a network mount does.
    std::fs::remove_dir_all(server.state.files.root()).unwrap();
    let answer = server.anonymous("GET", "/health/ready").send().await;
    assert_eq!((answer.status, answer.json()["media"].as_str()), (503, Some("down")), "{answer:?}");
    assert_eq!(server.anonymous("GET", "/health").ok().await, json!({"status": "UP"}));
    server.state.jobs.begin_to_stop();
    let answer = server.anonymous("GET", "/health/ready").send().await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (503, Some("STOPPING")));
}

#[tokio::test]
async fn a_request_can_be_followed_by_its_id() {
    let server = Server::start().await;
    let id = "0af76519-16cd-43dd-8448-eb211c80319c";
    let answer = server.ask("GET", "/api/tasks/999999").header("x-request-id", id).send().await;
    assert_eq!((answer.header("x-request-id"), answer.json()["id"].as_str()), (id, Some(id)));
    // A proxy's id without dashes is the same number.
    let answer =
        server.ask("GET", "/api/tasks/999999").header("x-request-id", &id.replace('-', "")).send().await;
    assert_eq!(answer.json()["id"], id);
    for odd in ["x", "with spaces in it", "{\"json\": true}"] {
        let answer = server.ask("GET", "/api/tasks/999999").header("x-request-id", odd).send().await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{odd}");
        assert_eq!(answer.json()["id"], answer.header("x-request-id"));
    }
    let (project, _) = server.tasks(1).await;
    let path = format!("/api/projects/{project}/tasks/");
    server.ask("DELETE", &path).header("x-request-id", "from-the-balancer-77").send().await;
    let job = &server.get(&format!("/api/jobs/?project={project}")).await[0];
    assert_eq!((&job["kind"], &job["request_id"]), (&json!("delete_tasks"), &json!("from-the-balancer-77")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_who_did_what_and_no_secret() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let log = dir.path().join("log");
    let mut command = Process::command(&data, database.as_deref());
    command.env("JSON_LOG", "true").env("LOG_LEVEL", "DEBUG").stderr(std::fs::File::create(&log).unwrap());
    let server = Process::of(command);
    let id = "proxy-says-4711";
    let request = server.request("GET", "/api/tasks/5/?token=querysecret1&X-Amz-Signature=querysecret2");
    assert_eq!(request.header("x-request-id", id).send().await.status, 404);
    let login = json!({"email": "owner@example.com", "password": "correct horse"});
    let answer = server.request("POST", "/api/auth/login").json(login).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let personal = server.request("POST", "/api/token/").ok().await["token"].as_str().unwrap().to_owned();
    server.request("POST", "/api/token/refresh/").json(json!({"refresh": personal})).ok().await;
    let session = answer.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
    server.kill();
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    let line = lines.iter().find(|l| l["request_id"] == id && l["message"] == "request").expect("a line");
    assert_eq!(
        (&line["method"], &line["route"], &line["path"], &line["status"], &line["user"]),
        (&json!("GET"), &json!("/api/tasks/{id}"), &json!("/api/tasks/5/"), &json!(404), &json!(1)),
        "{line}"
    );
    assert!(line["ms"].is_u64() && line["timestamp"].is_string() && line["level"] == "INFO", "{line}");
    for secret in ["querysecret", "correct horse", OWNER, &personal, &session] {
        assert!(!text.contains(secret), "the log holds {secret}: {text}");
    }
}

/// A request whose body comes bit by bit; it is under way until told.
struct Slow {
    send: tokio::sync::mpsc::Sender<Result<String, std::io::Error>>,
    answer: tokio::task::JoinHandle<Answer>,
}

impl Slow {
    async fn begin(server: &Process, project: i64) -> Self {
        let (send, receive) = tokio::sync::mpsc::channel(1);
        let body = reqwest::Body::wrap_stream(tokio_stream::wrappers::ReceiverStream::new(receive));
        let request = server.request("POST", &format!("/api/projects/{project}/import")).body(body);
        send.send(Ok("[".to_owned())).await.unwrap();
        let answer = tokio::spawn(request.send());
        send.send(Ok("{\"text\":\"one\"}".to_owned())).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        Self { send, answer }
    }
}

async fn project(server: &Process) -> i64 {
    let made = server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    made["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_is_under_way() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let mut server = Process::start(&data, database.as_deref(), &[]).await;
    let project = project(&server).await;
    let slow = Slow::begin(&server, project).await;
    let url = server.url.clone();
    let began = Instant::now();
    server.signal("TERM");
    // Nobody new gets in.
    loop {
        let refused = reqwest::Client::new().get(format!("{url}/health")).send().await.is_err();
        if refused {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "the server still takes connections");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    slow.send.send(Ok("]".into())).await.unwrap();
    drop(slow.send);
    // An import that has become a job may be told to be looked at later, but it is never lost.
    let answer = slow.answer.await.unwrap();
    assert!([201, 202].contains(&answer.status), "{answer:?}");
    assert_eq!(server.ended(), Some(0));
    let server = Process::start(&data, database.as_deref(), &[]).await;
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let found = server.request("GET", &format!("/api/projects/{project}/")).ok().await;
        if found["task_number"] == 1 {
            break;
        }
        assert!(Instant::now() < until, "{found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_ever() {
    let (dir, database) = place().await;
    let mut command = Process::command(&dir.path().join("data"), database.as_deref());
    command.env("SHUTDOWN_TIMEOUT", "1");
    let mut server = Process::of(command);
    let project = project(&server).await;
    let slow = Slow::begin(&server, project).await;
    let began = Instant::now();
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    slow.answer.abort();
}

/// The terminal or the log collector it was started from has gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_needs_nobody_who_reads_its_log() {
    let (dir, database) = place().await;
    let (read, write) = std::io::pipe().unwrap();
    let mut command = Process::command(&dir.path().join("data"), database.as_deref());
    command.stderr(write);
    let mut server = Process::of(command);
    drop(read);
    assert_eq!(server.request("GET", "/api/tasks/999999/").send().await.status, 404);
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let (dir, database) = place().await;
    let mut server = Process::start(&dir.path().join("data"), database.as_deref(), &[]).await;
    let project = project(&server).await;
    let slow = Slow::begin(&server, project).await;
    server.signal("INT");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    server.signal("TERM");
    assert_eq!(server.ended(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(5));
    slow.answer.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn live_progress_ends_with_the_server() {
    let (dir, database) = place().await;
    let mut server = Process::start(&dir.path().join("data"), database.as_deref(), &[]).await;
    // Its stream would go on for ever.
    let job = waiting_job(&dir.path().join("data"), database).await;
    let stream = tokio::spawn(server.request("GET", &format!("/api/jobs/{job}/events")).send());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    server.signal("TERM");
    assert!(stream.await.unwrap().text().contains("event: progress"));
    assert_eq!(server.ended(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn what_cannot_be_read_in_the_environment_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = binary();
    command
        .args(["user", "--data-dir"])
        .arg(dir.path())
        .env("SHUTDOWN_TIMEOUT", "soon")
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(text.contains("SHUTDOWN_TIMEOUT") && text.contains("soon"), "{text}");
}
