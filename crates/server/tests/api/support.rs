//! A server of its own for every test, and requests to it.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tagloom_server::jobs::{KINDS, Kind};
use tagloom_server::routes::app;
use tagloom_server::store::users::{self, NewUser};
use tagloom_server::{AppState, Settings};
use tempfile::TempDir;

pub const OWNER: &str = "0000000000000000000000000000000000000owner";
pub const COLLEAGUE: &str = "000000000000000000000000000000000colleague";
pub const STRANGER: &str = "0000000000000000000000000000000000stranger";

/// Where a test's database may be made instead of in SQLite; see `postgres.rs`.
pub const POSTGRES: &str = "TAGLOOM_TEST_POSTGRES";

pub const TEXT_CONFIG: &str = r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="A"/><Choice value="B"/></Choices></View>"#;

/// A folder, and a database that nobody else uses.
pub async fn place() -> (TempDir, Option<String>) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let dir = tempfile::tempdir().unwrap();
    let Ok(admin) = std::env::var(POSTGRES) else { return (dir, None) };
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let conn = sea_orm::Database::connect(format!("{admin}/postgres")).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&conn, &format!("CREATE DATABASE {name}")).await.unwrap();
    (dir, Some(format!("{admin}/{name}")))
}

fn settings(data_dir: PathBuf, database_url: Option<String>) -> Settings {
    Settings {
        port: 0,
        database_url,
        legacy_tokens: true,
        log_level: "ERROR".into(),
        upload_limit: 10_000_000,
        upload_files_limit: 5,
        task_lock_seconds: 3600,
        ..Settings::new(data_dir)
    }
}

fn serve(listener: tokio::net::TcpListener, state: &AppState) {
    let service = app(state.clone()).into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
}

/// A running server.
pub struct Server {
    pub url: String,
    pub state: AppState,
    pub client: Client,
    pub dir: TempDir,
}

impl Server {
    /// With a user, [`OWNER`].
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let server = Self::empty(change).await;
        server.user("owner@example.com", OWNER, None).await;
        server
    }

    /// Without any user.
    pub async fn empty(change: impl FnOnce(&mut Settings)) -> Self {
        Self::working(change, KINDS).await
    }

    /// With workers for other jobs than the real ones.
    pub async fn working(change: impl FnOnce(&mut Settings), kinds: &'static [&'static dyn Kind]) -> Self {
        let (dir, database) = place().await;
        let mut settings = settings(dir.path().join("data"), database);
        change(&mut settings);
        let state = AppState::open(settings).await.unwrap();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tagloom_server::jobs::start(&state, kinds);
        tagloom_server::events::start(&state);
        serve(listener, &state);
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url, state, client, dir }
    }

    /// A second server on the same database, as another process would be: they share nothing else.
    pub async fn beside(&self) -> Self {
        let state = AppState::open(self.state.settings.clone()).await.unwrap();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        serve(listener, &state);
        Self { url, state, client: self.client.clone(), dir: tempfile::tempdir().unwrap() }
    }

    /// Makes a user of an organization, of the first one without a word.
    pub async fn user(&self, email: &str, token: &str, organization: Option<i64>) -> i64 {
        let tx = self.state.db.write().await.unwrap();
        let new = NewUser {
            email: email.into(),
            legacy_token: Some(token.into()),
            organization,
            ..NewUser::default()
        };
        let user = users::create(&*tx, &self.state.keys, new, true).await.unwrap();
        tx.commit().await.unwrap();
        user.id
    }

    pub async fn colleague(&self) -> i64 {
        self.user("colleague@example.com", COLLEAGUE, None).await
    }

    /// Somebody of another organization.
    pub async fn stranger(&self) -> i64 {
        let tx = self.state.db.write().await.unwrap();
        let organization = tagloom_server::db::insert(
            &*tx,
            "INSERT INTO organizations (title, invite_token, legacy_api_tokens_enabled, api_tokens_enabled, \
             created_at, updated_at) VALUES ('Other', 'i', $1, $1, 'now', 'now')",
            vec![true.into()],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        self.user("stranger@example.com", STRANGER, Some(organization)).await
    }

    /// A request as the owner.
    pub fn ask(&self, method: &str, path: &str) -> Request {
        self.anonymous(method, path).token(OWNER)
    }

    pub fn anonymous(&self, method: &str, path: &str) -> Request {
        let method: Method = method.parse().unwrap();
        Request(self.client.request(method, format!("{}{path}", self.url)))
    }

    pub async fn get(&self, path: &str) -> Value {
        self.ask("GET", path).ok().await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.ask("POST", path).json(body).ok().await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Value {
        self.ask("PATCH", path).json(body).ok().await
    }

    /// A project, and its id.
    pub async fn project(&self, config: &str) -> i64 {
        let project =
            self.post("/api/projects/", json!({"title": "A project", "label_config": config})).await;
        project["id"].as_i64().unwrap()
    }

    /// A text project with so many tasks, and their ids.
    pub async fn tasks(&self, count: usize) -> (i64, Vec<i64>) {
        let project = self.project(TEXT_CONFIG).await;
        let list: Vec<Value> = (1..=count).map(|n| json!({"text": format!("text {n}")})).collect();
        let path = format!("/api/projects/{project}/import?return_task_ids=true");
        let answer = self.post(&path, list.into()).await;
        (project, answer["task_ids"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect())
    }

    /// Uploads one file.
    pub async fn upload(&self, project: i64, name: &str, content: impl Into<Vec<u8>>) -> Answer {
        self.uploads(project, vec![(name, content.into())]).await
    }

    pub async fn uploads(&self, project: i64, files: Vec<(&str, Vec<u8>)>) -> Answer {
        let mut form = reqwest::multipart::Form::new();
        for (name, content) in files {
            let part = reqwest::multipart::Part::bytes(content).file_name(name.to_owned());
            form = form.part("file", part);
        }
        let request = self.ask("POST", &format!("/api/projects/{project}/import?return_task_ids=true"));
        Request(request.0.multipart(form)).send().await
    }
}

pub struct Request(pub reqwest::RequestBuilder);

impl Request {
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Token {token}"))
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub fn json(self, body: Value) -> Self {
        Self(self.0.json(&body))
    }

    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.header("content-type", "application/json").body(body))
    }

    pub async fn send(self) -> Answer {
        let response = self.0.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status: status.as_u16(), headers, bytes: response.bytes().await.unwrap().to_vec() }
    }

    /// The JSON of a success; anything else fails the test with the answer.
    pub async fn ok(self) -> Value {
        let answer = self.send().await;
        assert!(StatusCode::from_u16(answer.status).unwrap().is_success(), "{answer:?}");
        if answer.bytes.is_empty() { Value::Null } else { answer.json() }
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The error body of that status, complete; its messages in one string.
    #[track_caller]
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        let body = self.json();
        assert_eq!(body["status_code"], status, "{self:?}");
        assert_eq!(body["version"], "1.23.2");
        assert!(body["exc_info"].is_null() && body["id"].as_str().unwrap().len() == 36, "{self:?}");
        let detail = body["detail"].as_str().unwrap();
        assert!(!detail.is_empty(), "{self:?}");
        format!("{detail} {}", body.get("validation_errors").map(Value::to_string).unwrap_or_default())
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = self.text().chars().take(2000).collect();
        write!(f, "{} {text}", self.status)
    }
}

/// The keys of an object in their order.
#[track_caller]
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

/// `2026-11-23T07:42:05.334878Z`
#[track_caller]
pub fn assert_timestamp(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("no timestamp: {value}"));
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000000Z");
}

/// The real binary, serving. Killed when dropped.
/// Waits until something is so; a minute is for ever.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never came: {what}");
}

/// A job that no process takes, in the database of one with that data folder.
pub async fn waiting_job(data: &Path, database: Option<String>) -> i64 {
    let file = || format!("sqlite://{}", data.join("tagloom.sqlite3").display());
    let conn = sea_orm::Database::connect(database.unwrap_or_else(file)).await.unwrap();
    let later = tagloom_server::time::in_seconds(3600);
    let row = tagloom_server::db::insert(
        &conn,
        "INSERT INTO jobs (kind, organization, payload, state, done, message, error_count, attempts, cancel_requested, \
         run_after, created_at, updated_at) VALUES ('x', 1, '{}', 'queued', 0, '', 0, 0, $1, $2, $2, $2)",
        vec![false.into(), later.into()],
    );
    row.await.unwrap()
}

/// A port to listen at later. It is below those that the system gives to connections, any of which could have it by then.
pub fn free_port() -> u16 {
    loop {
        let port = rand::random_range(20_000..32_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Something that a test needs is not there: a line on one's own machine, a failure where everything has to be tested.
pub fn missing(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what}");
    println!("{what}");
}

pub struct Process {
    child: std::process::Child,
    pub url: String,
}

pub fn binary() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tagloom"));
    for (name, _) in std::env::vars() {
        let ours = ["LABEL_STUDIO_", "HEARTEX_", "POSTGRE_", "DATABASE"].iter().any(|p| name.starts_with(p));
        if ours || ["PORT", "HOST", "USERNAME", "PASSWORD", "DJANGO_DB"].contains(&name.as_str()) {
            command.env_remove(name);
        }
    }
    command
}

impl Process {
    pub async fn start(data_dir: &Path, database: Option<&str>, more: &[&str]) -> Self {
        let mut command = Self::command(data_dir, database);
        command.args(more);
        Self::of(command)
    }

    /// How [`Process::start`] calls the binary, to be added to.
    pub fn command(data_dir: &Path, database: Option<&str>) -> std::process::Command {
        let mut command = binary();
        // A port of the system's choice is printed; asking for a free one first would be a race.
        command.args(["start", "--no-browser", "--port", "0", "--data-dir"]).arg(data_dir);
        command.args([
            "--username",
            "owner@example.com",
            "--password",
            "correct horse",
            "--user-token",
            OWNER,
        ]);
        command.arg("--enable-legacy-api-token");
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command
    }

    /// Runs it until it says where it serves.
    pub fn of(mut command: std::process::Command) -> Self {
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let out = std::io::BufReader::new(child.stdout.take().unwrap());
        let line = std::io::BufRead::lines(out).map_while(Result::ok).find(|l| l.contains(" serves "));
        let line = line.expect("the server says where it serves");
        let port = line.rsplit(':').next().unwrap();
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }

    /// `TERM`, `INT`, `STOP` …
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for the end, and gives the exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub fn request(&self, method: &str, path: &str) -> Request {
        let method: Method = method.parse().unwrap();
        Request(Client::new().request(method, format!("{}{path}", self.url))).token(OWNER)
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The session of an answer: the `Cookie` header, and what the CSRF header must repeat.
#[track_caller]
pub fn cookies(answer: &Answer) -> (String, String) {
    let csrf = set_cookie(answer, "csrftoken").0;
    (format!("sessionid={}; csrftoken={csrf}", set_cookie(answer, "sessionid").0), csrf)
}

/// A `Set-Cookie` line by name: the value, and the line.
#[track_caller]
pub fn set_cookie(answer: &Answer, name: &str) -> (String, String) {
    let mut lines = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let line =
        lines.find(|l| l.starts_with(&format!("{name}="))).unwrap_or_else(|| panic!("no {name}: {answer:?}"));
    let value = line.split(['=', ';']).nth(1).unwrap();
    (value.to_owned(), line.to_owned())
}
