//! Copying a database of ours with the real binary: from SQLite into what the tests run on, and back.

use crate::support::*;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use tagloom_server::db;

struct Home {
    dir: tempfile::TempDir,
    database: Option<String>,
}

impl Home {
    async fn new() -> Self {
        let (dir, database) = place().await;
        Self { dir, database }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The database that everything begins with.
    fn first(&self) -> String {
        self.data().join("tagloom.sqlite3").to_str().unwrap().to_owned()
    }

    /// The one that it is copied into.
    fn second(&self) -> String {
        let file = || self.dir.path().join("second.sqlite3").to_str().unwrap().to_owned();
        self.database.clone().unwrap_or_else(file)
    }

    fn copy(&self, from: &str, to: &str) -> Output {
        let mut command = binary();
        command.args(["db", "copy", from, "--database", to, "--data-dir"]).arg(self.data());
        command.output().unwrap()
    }

    #[track_caller]
    fn refused(&self, from: &str, to: &str, why: &str) {
        let output = self.copy(from, to);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && text.contains(why), "{why} in {output:?}");
    }
}

/// Something of everything: what requests show of it, by path.
async fn work(server: &Process) -> Vec<String> {
    let post = async |path: &str, body: Value| server.request("POST", path).json(body).ok().await;
    let id = |answer: &Value| answer["id"].as_i64().unwrap();
    let project = post("/api/projects/", json!({"title": "Moved «ü» 👋", "label_config": TEXT_CONFIG})).await;
    let project = id(&project);
    let long = "x".repeat(9000);
    let tasks: Vec<Value> = (0..1200)
        .map(|n| json!({"data": {"text": format!("text {n} {long}")}, "predictions": [{"result": [], "score": 0.1 + f64::from(n)}]}))
        .collect();
    let import = format!("/api/projects/{project}/import?return_task_ids=true");
    let task = post(&import, tasks.into()).await["task_ids"][0].as_i64().unwrap();
    let part = reqwest::multipart::Part::bytes(b"text\nuploaded\n".to_vec()).file_name("u.csv");
    let upload = server.request("POST", &format!("/api/projects/{project}/import")).0;
    Request(upload.multipart(reqwest::multipart::Form::new().part("file", part))).ok().await;
    let result = json!([{"id": "r", "from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}}]);
    let body = json!({"result": result, "lead_time": 1.5});
    let annotation = id(&post(&format!("/api/tasks/{task}/annotations/"), body).await);
    post(&format!("/api/tasks/{}/annotations/", task + 1), json!({"result": [], "was_cancelled": true}))
        .await;
    post(&format!("/api/tasks/{}/drafts", task + 2), json!({"result": []})).await;
    post("/api/dm/views/", json!({"project": project, "data": {"title": "Mine"}})).await;
    post(
        "/api/webhooks/",
        json!({"url": "https://93.184.216.34/hook", "project": project, "is_active": false}),
    )
    .await;
    post("/api/users/", json!({"email": "other@example.com", "username": "other"})).await;
    let picture = {
        const PICTURE: &[u8] = include_bytes!("../../../../tests/fixtures/media/shapes.png");
        reqwest::multipart::Part::bytes(PICTURE.to_vec()).file_name("me.png")
    };
    let me = server.request("GET", "/api/current-user/whoami").ok().await["id"].as_i64().unwrap();
    let avatar = server.request("POST", &format!("/api/users/{me}/avatar/")).0;
    Request(avatar.multipart(reqwest::multipart::Form::new().part("avatar", picture))).ok().await;
    vec![
        format!("/api/projects/{project}/"),
        format!("/api/projects/{project}/export?download_all_tasks=true"),
        format!("/api/projects/{project}/file-uploads?all=true"),
        format!("/api/tasks/?project={project}&fields=all&page_size=1300"),
        format!("/api/annotations/{annotation}/"),
        format!("/api/tasks/{}/drafts", task + 2),
        format!("/api/predictions/?project={project}"),
        format!("/api/dm/views/?project={project}"),
        format!("/api/webhooks/?project={project}"),
        format!("/api/projects/{project}/label-stream-history"),
        "/api/users/".into(),
        "/api/organizations/1".into(),
        "/api/audit-log/?action=user.create".into(),
    ]
}

/// What is asked for now, without what tells the time.
async fn shown(server: &Process, paths: &[String]) -> Vec<Value> {
    let mut shown = Vec::new();
    for path in paths {
        let mut answer = server.request("GET", path).ok().await;
        without_activity(&mut answer);
        shown.push(answer);
    }
    shown
}

fn without_activity(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("last_activity");
            map.values_mut().for_each(without_activity);
        }
        Value::Array(list) => list.iter_mut().for_each(without_activity),
        _ => {}
    }
}

async fn serve(home: &Home, database: &str) -> Process {
    Process::start(&home.data(), Some(database), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_carried_over_and_back() {
    let home = Home::new().await;
    let (first, second) = (home.first(), home.second());
    let server = serve(&home, &first).await;
    let paths = work(&server).await;
    let personal = server.request("POST", "/api/token/").ok().await["token"].clone();
    home.refused(&first, &second, "a server runs on this database");
    home.refused(&first, &first, "this is the database itself");
    let before = shown(&server, &paths).await;
    // Its last writes are in the log beside the file.
    server.kill();

    // A server that has been started there once has left nothing that counts.
    drop(Process::of({
        let mut command = binary();
        command.args(["start", "--no-browser", "--port", "0", "--database", &second, "--data-dir"]);
        command.arg(home.dir.path().join("elsewhere"));
        command
    }));
    let output = home.copy(&first, &second);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let counted = told.lines().find(|line| line.starts_with("tasks ")).unwrap_or_default();
    assert_eq!(counted.split_whitespace().last(), Some("1201"), "{told}");

    let server = serve(&home, &second).await;
    let after = shown(&server, &paths).await;
    for (path, (before, after)) in paths.iter().zip(before.iter().zip(&after)) {
        assert_eq!(before, after, "{path}");
    }
    let file = format!("/data/{}", after[2][0]["file"].as_str().unwrap());
    assert_eq!(server.request("GET", &file).send().await.text(), "text\nuploaded\n");
    let avatar = after[10][0]["avatar"].as_str().unwrap();
    assert_eq!(server.request("GET", avatar).send().await.status, 200);
    let refreshed = server.request("POST", "/api/token/refresh/").json(json!({"refresh": personal}));
    assert_eq!(refreshed.send().await.status, 200, "tokens go on working");
    // New rows come behind the old ones.
    let project = server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG}));
    assert!(project.ok().await["id"].as_i64() > before[0]["id"].as_i64());
    let task = after[3]["tasks"][5]["id"].as_i64().unwrap();
    let submit = server.request("POST", &format!("/api/tasks/{task}/annotations/"));
    assert!(submit.json(json!({"result": []})).ok().await["id"].as_i64() > before[4]["id"].as_i64());
    let before = shown(&server, &paths).await;
    server.kill();

    home.refused(&first, &second, "there is something already");
    let third = home.dir.path().join("third.sqlite3").to_str().unwrap().to_owned();
    let output = home.copy(&second, &third);
    assert!(output.status.success(), "{output:?}");
    let server = serve(&home, &third).await;
    assert_eq!(shown(&server, &paths).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_copied_is_named_and_nothing_is_kept() {
    let home = Home::new().await;
    let (first, second) = (home.first(), home.second());
    home.refused("nowhere.sqlite3", &second, "there is no such file: nowhere.sqlite3");
    let other = home.dir.path().join("other.sqlite3");
    std::fs::write(&other, "").unwrap();
    home.refused(other.to_str().unwrap(), &second, "this is no database of this program");
    serve(&home, &first).await.kill();
    let change = async |sql: &str| {
        let conn = sea_orm::Database::connect(format!("sqlite://{first}")).await.unwrap();
        conn.execute_unprepared(sql).await.unwrap();
        conn.close().await.unwrap();
    };
    change("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 1)").await;
    home.refused(&first, &second, "it was made by a newer version, which has m9999_later");
    change("DELETE FROM seaql_migrations WHERE version = 'm9999_later'").await;
    // A value that no version writes.
    change(
        "INSERT INTO locks (task, user_id, unique_id, expire_at, created_at) VALUES (1, 'me', 'x', 'x', 'x')",
    )
    .await;
    home.refused(&first, &second, "cannot copy locks; nothing was kept");
    assert_eq!(users(&home, &second).await, 0);
    change("DELETE FROM locks").await;
    change("DELETE FROM seaql_migrations WHERE version = 'm0104_annotations_of_people'").await;
    home.refused(&first, &second, "lacks m0104_annotations_of_people");
    // As it says.
    let mut command = binary();
    command.args(["user", "--data-dir"]).arg(home.data());
    assert!(command.output().unwrap().status.success());
    assert!(home.copy(&first, &second).status.success());
    assert_eq!(users(&home, &second).await, 1);
}

async fn users(home: &Home, database: &str) -> i64 {
    let url = if home.database.is_some() { database.to_owned() } else { format!("sqlite://{database}") };
    assert!(home.database.is_some() || Path::new(database).is_file());
    let conn = sea_orm::Database::connect(url).await.unwrap();
    db::count(&conn, "SELECT COUNT(*) FROM users", vec![]).await.unwrap()
}
