//! What is wrong is said in one clear message: what, and where.

use crate::support::*;
use serde_json::{Value, json};
use std::io::{Read, Write};

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
}

#[tokio::test]
async fn broken_json_names_line_and_column() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    for (method, path) in [
        ("POST", "/api/projects/".to_owned()),
        ("PATCH", format!("/api/projects/{project}/")),
        ("POST", format!("/api/tasks/{}/annotations/", ids[0])),
        ("POST", format!("/api/tasks/{}/drafts", ids[0])),
        ("POST", "/api/predictions/".to_owned()),
        ("POST", "/api/users/".to_owned()),
        ("POST", "/api/projects/validate/".to_owned()),
    ] {
        let answer = server.ask(method, &path).body("{\n  \"a\": 1,\n  b}").send().await;
        assert_says(&answer.error(400), &["JSON parse error", "line 3 column 3"]);
        let answer = server.ask(method, &path).body("[]").send().await;
        assert!(matches!(answer.status, 400), "{path}: {answer:?}");
    }
    let path = format!("/api/projects/{project}/import");
    let answer = server.ask("POST", &path).body("[{\"text\": \"a\"},\n {\"text\" 5}]").send().await;
    assert_says(&answer.error(400), &["line 2", "column 10", "not JSON"]);
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["task_number"], 1);
}

#[tokio::test]
async fn wrong_bodies_name_their_fields() {
    let server = Server::start().await;
    let (_, ids) = server.tasks(1).await;
    let post = async |path: &str, body: Value| server.ask("POST", path).json(body).send().await.error(400);
    let text =
        post("/api/projects/", json!({"title": "ab", "color": "red", "sampling": "x", "skip_queue": 1}))
            .await;
    assert_says(&text, &["title", "at least 3 characters", "color", "sampling", "skip_queue"]);
    assert_says(&post("/api/projects/", json!({"title": "x".repeat(51)})).await, &["no more than 50"]);
    assert_says(&post("/api/projects/", json!({"title": 5})).await, &["title", "Not a valid string"]);
    assert_says(&post("/api/projects/", json!({"title": "a\u{0}bc"})).await, &["title", "Null characters"]);
    assert_says(
        &post("/api/projects/", json!({"show_instruction": "x"})).await,
        &["show_instruction", "boolean"],
    );
    assert_says(&post("/api/projects/", json!({"maximum_annotations": 0})).await, &["maximum_annotations"]);
    let path = format!("/api/tasks/{}/annotations/", ids[0]);
    assert_says(&post(&path, json!({"result": {"a": 1}})).await, &["result", "list"]);
    assert_says(&post(&path, json!({"result": "nonsense"})).await, &["result", "not JSON"]);
    assert_says(&post(&path, json!({"result": [], "unique_id": "x"})).await, &["unique_id", "UUID"]);
    assert_says(&post(&path, json!({"result": [], "completed_by": 99})).await, &["completed_by", "99"]);
    assert_says(&post(&format!("/api/tasks/{}/drafts", ids[0]), json!({"result": 1})).await, &["result"]);
    assert_says(&post("/api/tasks/", json!({"data": {}})).await, &["project", "required"]);
    assert_says(&post("/api/predictions/", json!({"result": []})).await, &["task", "required"]);
    assert_says(&post("/api/predictions/", json!({"task": ids[0]})).await, &["result", "required"]);
    let answer = server.ask("POST", "/api/users/").header("content-type", "text/plain").send().await;
    answer.error(415);
}

#[tokio::test]
async fn a_task_without_its_field_is_named() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let path = format!("/api/projects/{project}/import");
    let answer = server
        .ask("POST", &path)
        .json(json!([{"text": "a"}, {"other": "b"}, {"text": {"x": 1}}]))
        .send()
        .await;
    assert_says(&answer.error(400), &["non_field_errors", "task 1", "text", "task 2"]);
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["task_number"], 0);
    let body = json!({"project": project, "data": {"other": 1}});
    assert_says(&server.ask("POST", "/api/tasks/").json(body).send().await.error(400), &["text"]);
    let body = json!([{"data": {"text": "a"}, "annotations": [{"result": [], "completed_by": 77}]}]);
    assert_says(
        &server.ask("POST", &path).json(body).send().await.error(400),
        &["task 0", "completed_by 77"],
    );
    for nothing in ["", "7", "\"text\""] {
        server.ask("POST", &path).body(nothing).send().await.error(400);
    }
}

#[tokio::test]
async fn a_broken_csv_names_row_and_column() {
    let server = Server::start().await;
    let project = server.project(TEXT_CONFIG).await;
    let answer = server.upload(project, "long.csv", "text,n\na,1\nb,2,3\n").await;
    assert_says(&answer.error(400), &["line 3", "3", "2"]);
    let answer = server.upload(project, "wrong.csv", "txt,n\na,1\nb,2\n").await;
    assert_says(&answer.error(400), &["line 2", "text", "txt"]);
    let answer = server
        .uploads(project, vec![("good.csv", b"text\na\n".to_vec()), ("bad.csv", b"text\na,b\n".to_vec())])
        .await;
    assert_says(&answer.error(400), &["bad.csv", "line 2"]);
    let answer = server.upload(project, "latin.txt", b"caf\xe9\n".to_vec()).await;
    assert_says(&answer.error(400), &["UTF-8"]);
    let answer = server.upload(project, "program.exe", "x").await;
    assert_says(&answer.error(400), &["program.exe", ".exe", ".csv"]);
    // All or nothing: neither tasks nor files of these have stayed.
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["task_number"], 0);
    assert_eq!(server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await, json!([]));
    let folder = server.dir.path().join(format!("data/media/upload/{project}"));
    let left = std::fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(left, 0, "files were left behind");
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_both_numbers() {
    let server = Server::with(|s| s.upload_limit = 200_000).await;
    let project = server.project(TEXT_CONFIG).await;
    let big = format!("[{{\"text\":\"{}\"}}]", "x".repeat(250_000));
    let says = |answer: &Answer| {
        assert_says(&answer.error(413), &["0.3 MB", "0.2 MB", "DATA_UPLOAD_MAX_MEMORY_SIZE"])
    };
    says(&server.ask("POST", &format!("/api/projects/{project}/import")).body(big.clone()).send().await);
    says(&server.ask("POST", "/api/projects/").body(big.clone()).send().await);
    says(&server.upload(project, "big.json", big.clone()).await);
    // Without a length in the head it is noticed on the way.
    let streamed = |text: &str| {
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            text.as_bytes().chunks(8192).map(|c| Ok(c.to_vec())).collect();
        reqwest::Body::wrap_stream(tokio_stream::iter(pieces))
    };
    let ask = server.ask("POST", &format!("/api/projects/{project}/import"));
    assert_says(&ask.body(streamed(&big)).send().await.error(413), &["0.2 MB"]);
    let form = format!("--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n{big}\r\n--b--\r\n");
    let ask = server.ask("POST", "/api/projects/").header("content-type", "multipart/form-data; boundary=b");
    assert_says(&ask.body(streamed(&form)).send().await.error(413), &["0.2 MB"]);
    let files = (0..6).map(|_| ("a.txt", b"a".to_vec())).collect();
    assert_says(&server.uploads(project, files).await.error(400), &["At most 5 files"]);
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["task_number"], 0);
    assert_eq!(server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_reaches_who_is_still_sending() {
    let server = Server::with(|s| s.upload_limit = 100_000).await;
    let project = server.project(TEXT_CONFIG).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    for path in [format!("/api/projects/{project}/import"), "/api/projects/".to_owned()] {
        // As a browser does: everything is written before anything is read.
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Token {OWNER}\r\nContent-Type: application/json\r\n\
             Content-Length: 30000000\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        for _ in 0..30 {
            stream.write_all(&[b' '; 1_000_000]).unwrap();
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert_says(&answer, &["30.0 MB", "the limit is 0.1 MB"]);
    }
}

#[tokio::test]
async fn a_nul_character_breaks_nothing() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    assert_eq!(server.get("/api/projects/?title=A%00").await["count"], 1);
    let made = server
        .post("/api/predictions/", json!({"task": ids[0], "result": [], "model_version": "m\u{0}1"}))
        .await;
    assert_eq!(made["model_version"], "m1");
    let made = server.post("/api/tasks/", json!({"project": project, "data": {"text": "a\u{0}b"}})).await;
    assert_eq!(made["data"]["text"], "a\u{0}b", "data are kept as they are");
    for (field, email, username) in [("email", "x\u{0}@ex.com", "u"), ("username", "x@ex.com", "u\u{0}")] {
        let user = json!({"email": email, "username": username});
        let refused = server.ask("POST", "/api/users/").json(user).send().await.error(400);
        assert!(refused.contains(field), "{refused}");
    }
    let login = json!({"email": "owner@example.com\u{0}", "password": "wrong\u{0}wrong"});
    server.anonymous("POST", "/api/auth/login").json(login).send().await.error(401);
    server.ask("POST", "/api/token/blacklist/").json(json!({"refresh": "a\u{0}.b"})).send().await.error(404);
}

#[tokio::test]
async fn unknown_things_are_404() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    for path in [
        "/api/projects/4711/",
        "/api/projects/abc/",
        "/api/projects/-1/",
        "/api/tasks/4711/",
        "/api/tasks/x/",
        "/api/annotations/4711/",
        "/api/drafts/4711/",
        "/api/predictions/4711/",
        "/api/users/4711/",
        "/api/projects/4711/next/",
        "/api/projects/4711/export",
        "/api/tasks/4711/annotations/",
        "/api/tasks/4711/drafts",
        "/api/nothing/",
        "/api/projects/99999999999999999999/",
        "/data/upload/1/none.png",
        "/api/tasks/",
        "/api/tasks/?project=4711",
        "/api/projects/?page=2",
        "/api/projects/?page=18446744073709551615",
    ] {
        let answer = server.ask("GET", path).send().await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        answer.error(404);
    }
    for path in [
        format!("/api/tasks/?project={project}&page=2"),
        format!("/api/tasks/?project={project}&page=18446744073709551615"),
        format!("/api/projects/{project}/tasks/?page=2"),
        format!("/api/projects/{project}/exports/4711"),
        format!("/api/tasks/{}/annotations/4711/drafts", ids[0]),
    ] {
        let method = if path.ends_with("drafts") { "POST" } else { "GET" };
        assert_eq!(server.ask(method, &path).json(json!({"result": []})).send().await.status, 404, "{path}");
    }
    server.ask("POST", "/api/tasks/").json(json!({"project": 4711, "data": {}})).send().await.error(404);
    server.ask("POST", "/api/predictions/").json(json!({"task": 4711, "result": []})).send().await.error(404);
}

#[tokio::test]
async fn wrong_query_parameters_are_named() {
    let server = Server::start().await;
    let (project, _) = server.tasks(1).await;
    for (path, word) in [
        (format!("/api/tasks/?project={project}&page=x"), "page"),
        ("/api/tasks/?project=x".to_owned(), "project"),
        (format!("/api/tasks/?project={project}&page_size=many"), "page_size"),
        ("/api/projects/?page=x".to_owned(), "page"),
        ("/api/predictions/?task=x".to_owned(), "task"),
        (format!("/api/projects/{project}/export?exportType=NOPE"), "NOPE"),
        (format!("/api/projects/{project}/export?ids[]=x"), "ids"),
    ] {
        assert_says(&server.ask("GET", &path).send().await.error(400), &[word]);
    }
    server.ask("DELETE", "/api/templates/").send().await.error(405);
}

#[tokio::test]
async fn a_bad_label_config_names_line_and_column() {
    let server = Server::start().await;
    let config = "<View>\n  <Text name=\"t\" value=\"$text\"/>\n  <Choices name=\"c\" toName=\"nothing\">\n    <Choice value=\"A\"/>\n  </Choices>\n</View>";
    let answer = server.ask("POST", "/api/projects/").json(json!({"label_config": config})).send().await;
    assert_says(&answer.error(400), &["label_config", "nothing", "Line 3, column"]);
    let broken = "<View>\n  <Text name=\"t\" value=\"$text\">\n</View>";
    let answer =
        server.ask("POST", "/api/projects/validate/").json(json!({"label_config": broken})).send().await;
    assert_eq!(answer.status, 400);
    // The one place with the bare field map.
    let body = answer.json();
    assert_eq!(keys(&body), ["label_config"]);
    assert_says(&body["label_config"].to_string(), &["Line 2, column"]);
    assert_eq!(server.get("/api/projects/").await["count"], 0);
}

#[tokio::test]
async fn a_config_may_not_orphan_results() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(1).await;
    let result = json!([{"id": "1", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}}]);
    server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": result})).await;
    let renamed = TEXT_CONFIG.replace("name=\"c\"", "name=\"d\"");
    let path = format!("/api/projects/{project}/");
    let answer = server.ask("PATCH", &path).json(json!({"label_config": renamed})).send().await;
    assert_says(&answer.error(400), &["1 results", "\"c"]);
    let fewer = TEXT_CONFIG.replace("<Choice value=\"A\"/>", "");
    let strict = format!("/api/projects/{project}/validate/");
    let answer = server.ask("POST", &strict).json(json!({"label_config": fewer})).send().await;
    assert_says(&answer.error(400), &["A"]);
    assert_eq!(server.patch(&path, json!({"label_config": fewer})).await["label_config"], fewer);
}
