//! Moving in from Label Studio, out of databases that the real program has made (tests/fixtures/label-studio).

use crate::support::*;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/label-studio");

struct Home {
    dir: tempfile::TempDir,
    database: Option<String>,
    source: String,
}

impl Home {
    /// With the other program's database beside it; a PostgreSQL one where ours is one.
    async fn new() -> Self {
        let (dir, database) = place().await;
        let source = match &database {
            None => {
                let file = dir.path().join("label_studio.sqlite3");
                fill(&format!("sqlite://{}?mode=rwc", file.display()), "sqlite.sql").await;
                file.to_str().unwrap().to_owned()
            }
            Some(_) => {
                let (_, other) = place().await;
                fill(other.as_ref().unwrap(), "postgresql.sql").await;
                other.unwrap()
            }
        };
        Self { dir, database, source }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = binary();
        command.args(args).arg("--data-dir").arg(self.data());
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        command.output().unwrap()
    }

    #[track_caller]
    fn import(&self, more: &[&str]) -> String {
        let mut args = vec!["db", "import-label-studio", &self.source];
        args.extend(more);
        let output = self.run(&args);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn serve(&self) -> Process {
        let mut command = binary();
        command.args(["start", "--no-browser", "--port", "0", "--data-dir"]).arg(self.data());
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        Process::of(command)
    }
}

async fn fill(url: &str, script: &str) {
    let text = std::fs::read_to_string(Path::new(FIXTURES).join(script)).unwrap();
    let conn = sea_orm::Database::connect(url).await.unwrap();
    conn.execute_unprepared(&text).await.unwrap();
    conn.close().await.unwrap();
}

/// A signed-in person, by the password that they had in the other program.
struct Person<'a> {
    server: &'a Process,
    cookies: String,
    csrf: String,
}

impl<'a> Person<'a> {
    async fn sign_in(server: &'a Process, email: &str, password: &str) -> Result<Self, Answer> {
        let body = json!({"email": email, "password": password});
        let request = reqwest::Client::new().post(format!("{}/api/auth/login", server.url)).json(&body);
        let answer = Request(request).send().await;
        if answer.status != 200 {
            return Err(answer);
        }
        let pairs: Vec<String> = answer
            .headers
            .get_all("set-cookie")
            .iter()
            .map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        let csrf = pairs.iter().find_map(|p| p.strip_prefix("csrftoken=")).unwrap().to_owned();
        Ok(Self { server, cookies: pairs.join("; "), csrf })
    }

    async fn get(&self, path: &str) -> Value {
        let request = reqwest::Client::new().get(format!("{}{path}", self.server.url));
        Request(request).header("cookie", &self.cookies).header("x-csrftoken", &self.csrf).ok().await
    }
}

/// Whether this version keeps such things.
async fn has_table(home: &Home, table: &str) -> bool {
    let url = home
        .database
        .clone()
        .unwrap_or_else(|| format!("sqlite://{}", home.data().join("tagloom.sqlite3").display()));
    let conn = sea_orm::Database::connect(url).await.unwrap();
    let found = conn.execute_unprepared(&format!("SELECT 1 FROM {table} LIMIT 1")).await.is_ok();
    conn.close().await.unwrap();
    found
}

fn number(text: &str, what: &str) -> (i64, i64) {
    let line =
        text.lines().find(|l| l.starts_with(what)).unwrap_or_else(|| panic!("no line of {what}: {text}"));
    let mut numbers = line.split_whitespace().filter_map(|w| w.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_and_people_go_on_with_their_passwords() {
    let home = Home::new().await;
    let media = home.dir.path().join("media");
    std::fs::create_dir_all(media.join("upload")).unwrap();
    let dry = home.import(&["--dry-run"]);
    assert!(dry.contains("Nothing was kept"), "{dry}");
    // The uploaded file, as the other program keeps it.
    let script = if home.database.is_some() { "postgresql.sql" } else { "sqlite.sql" };
    let script = std::fs::read_to_string(Path::new(FIXTURES).join(script)).unwrap();
    let file = script.split('\'').find(|part| part.ends_with("-lines.csv")).unwrap().to_owned();
    std::fs::create_dir_all(media.join(&file).parent().unwrap()).unwrap();
    std::fs::write(media.join(&file), "text\nfrom a file\nand another\n").unwrap();

    let report = home.import(&["--media", media.to_str().unwrap()]);
    for (what, found, taken) in [
        ("organizations", 1, 1),
        ("users", 4, 4),
        ("projects", 2, 2),
        ("uploads", 1, 1),
        ("tasks", 7, 7),
        ("annotations", 4, 4),
        ("predictions", 2, 2),
        ("drafts", 2, 2),
        ("views", 2, 2),
    ] {
        assert_eq!(number(&report, what), (found, taken), "{what}: {report}");
    }
    assert!(report.contains("All of it was taken over"), "{report}");
    let taken = if has_table(&home, "storages").await { 3 } else { 0 };
    assert_eq!(number(&report, "storages"), (3, taken), "{report}");
    let taken = i64::from(has_table(&home, "webhooks").await);
    assert_eq!(number(&report, "webhooks"), (1, taken), "{report}");
    for secret in ["AKIAEXAMPLE", "the secret key", "pbkdf2"] {
        assert!(!report.contains(secret), "{report}");
    }

    let server = home.serve().await;
    let ada = Person::sign_in(&server, "owner@example.com", "correct horse battery")
        .await
        .map_err(|a| a.text())
        .unwrap();
    let me = ada.get("/api/current-user/whoami").await;
    assert_eq!(
        (&me["first_name"], &me["custom_hotkeys"]["regions:delete"]["key"]),
        (&json!("Ada"), &json!("ctrl+d"))
    );
    let projects = ada.get("/api/projects/").await;
    assert_eq!(projects["count"], 2);
    let project =
        projects["results"].as_array().unwrap().iter().find(|p| p["title"] == "Überschriften").unwrap();
    let id = project["id"].as_i64().unwrap();
    for (field, value) in [
        ("description", json!("Two people each")),
        ("maximum_annotations", json!(2)),
        ("expert_instruction", json!("<b>Read first</b>")),
        ("show_instruction", json!(true)),
        ("color", json!("#AA3311")),
        ("sampling", json!("Uncertainty sampling")),
        ("skip_queue", json!("IGNORE_SKIPPED")),
        ("task_number", json!(7)),
        ("total_annotations_number", json!(3)),
        ("skipped_annotations_number", json!(1)),
        ("ground_truth_number", json!(1)),
        ("total_predictions_number", json!(2)),
        ("finished_task_number", json!(1)),
    ] {
        assert_eq!(project[field], value, "{field}");
    }
    let tasks = ada.get(&format!("/api/projects/{id}/tasks/?page_size=-1")).await;
    let first = tasks.as_array().unwrap().iter().find(|t| t["data"]["n"] == 1).unwrap();
    assert_eq!(first["data"]["text"], "text 1 äöü 😀");
    assert_eq!((&first["data"]["nested"], &first["meta"]), (&json!({"a": [1, null]}), &json!({"row": 1})));
    assert_eq!(
        (&first["inner_id"], &first["overlap"], &first["is_labeled"]),
        (&json!(1), &json!(2), &json!(true))
    );
    let annotations = ada.get(&format!("/api/tasks/{}/annotations/", first["id"])).await;
    let (one, two) = (&annotations[0], &annotations[1]);
    assert_eq!(
        (&one["lead_time"], &one["ground_truth"], &one["result"][0]["id"]),
        (&json!(12.5), &json!(true), &json!("a1"))
    );
    assert_eq!(one["result"][0]["custom"], json!({"kept": 1.1}), "what nobody knows is kept");
    assert!(one["parent_prediction"].is_i64() && one["created_at"].as_str().unwrap().ends_with('Z'), "{one}");
    assert_eq!(two["lead_time"], 3.25);
    assert!(one["created_username"].as_str().unwrap().contains("Ada Owner owner@example.com"), "{one}");
    let drafts = ada.get(&format!("/api/tasks/{}/drafts", first["id"])).await;
    assert_eq!((&drafts[0]["annotation"], &drafts[0]["result"][0]["id"]), (&one["id"], &json!("d2")));
    let predictions = ada.get(&format!("/api/predictions/?task={}", first["id"])).await;
    assert_eq!((&predictions[0]["score"], &predictions[0]["model_version"]), (&json!(0.75), &json!("v1")));

    // Ben had his token and goes on; who has left, or was switched off, cannot get in.
    let ben =
        Person::sign_in(&server, "BEN@example.com", "password of ben").await.map_err(|a| a.text()).unwrap();
    assert_eq!(ben.get("/api/projects/").await["count"], 2);
    assert!(Person::sign_in(&server, "ben@example.com", "password of gone").await.is_err());
    assert!(Person::sign_in(&server, "idle@example.com", "password of idle").await.is_err());
    if let Ok(gone) = Person::sign_in(&server, "gone@example.com", "password of gone").await {
        assert_eq!(gone.get("/api/projects/").await["count"], 0, "who has left sees nothing");
    }
    // Uploaded files are served under the address that their tasks name.
    let file = ada.server.url.clone() + "/data/" + &file;
    let answer = Request(reqwest::Client::new().get(file)).header("cookie", &ada.cookies).send().await;
    assert_eq!(answer.text(), "text\nfrom a file\nand another\n");
    // New rows come after the old ones.
    let more =
        reqwest::Client::new().post(format!("{}/api/projects/{id}/import?return_task_ids=true", server.url));
    let more = Request(more).header("cookie", &ada.cookies).header("x-csrftoken", &ada.csrf);
    let more = more.json(json!([{"text": "new"}])).ok().await;
    let largest = tasks.as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).max().unwrap();
    assert!(more["task_ids"][0].as_i64().unwrap() > largest, "{more}");
    drop(server);

    // The hash of the other program is gone after the first sign-in, and the password still works.
    let user = home.run(&["user", "--username", "owner@example.com"]);
    assert!(user.status.success());
    let url = home
        .database
        .clone()
        .unwrap_or_else(|| format!("sqlite://{}", home.data().join("tagloom.sqlite3").display()));
    let conn = sea_orm::Database::connect(url).await.unwrap();
    let rows =
        tagloom_server::db::all(&conn, "SELECT email, password_hash FROM users ORDER BY email", vec![])
            .await
            .unwrap();
    let hash = |email: &str| -> String {
        let row = rows.iter().find(|r| r.try_get::<String>("", "email").unwrap() == email).unwrap();
        row.try_get("", "password_hash").unwrap()
    };
    assert!(hash("owner@example.com").starts_with("$argon2"), "renewed");
    assert!(
        hash("gone@example.com").starts_with("pbkdf2_sha256$")
            || hash("gone@example.com").starts_with("$argon2")
    );
    assert_eq!(hash("idle@example.com"), "!");
    let views = tagloom_server::db::all(&conn, "SELECT data FROM views ORDER BY id", vec![]).await.unwrap();
    let view: Value = serde_json::from_str(&views[0].try_get::<String>("", "data").unwrap()).unwrap();
    assert_eq!(
        (&view["title"], &view["ordering"], &view["gridWidth"]),
        (&json!("Labeled ones"), &json!(["-tasks:id"]), &json!(4))
    );
    let items = view["filters"]["items"].as_array().unwrap();
    assert_eq!((&view["filters"]["conjunction"], items.len()), (&json!("or"), 2));
    assert_eq!(items[0]["filter"], "filter:tasks:data.text");
    assert_eq!(items[0]["child_filter"]["value"], 1);
    assert_eq!(items[1]["value"], json!({"min": 1, "max": 3}));
    let again = home.serve().await;
    assert!(Person::sign_in(&again, "owner@example.com", "correct horse battery").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_here_already_stays_and_ids_move_behind_it() {
    let home = Home::new().await;
    let server = Process::start(&home.data(), home.database.as_deref(), &[]).await;
    let made = server
        .request("POST", "/api/projects/")
        .json(json!({"title": "Mine", "label_config": TEXT_CONFIG}))
        .ok()
        .await;
    let path = format!("/api/projects/{}/import", made["id"]);
    server.request("POST", &path).json(json!([{"text": "mine"}, {"text": "mine too"}])).ok().await;
    drop(server);
    let report = home.import(&[]);
    assert!(report.contains("has joined") && report.contains("1 users were here already"), "{report}");
    assert!(report.contains("1 uploaded files were not copied"), "{report}");
    let server = Process::start(&home.data(), home.database.as_deref(), &[]).await;
    let projects = server.request("GET", "/api/projects/").ok().await;
    assert_eq!(projects["count"], 3, "{projects}");
    for project in projects["results"].as_array().unwrap() {
        let tasks =
            server.request("GET", &format!("/api/projects/{}/tasks/?page_size=-1", project["id"])).ok().await;
        let tasks = tasks.as_array().unwrap();
        match project["title"].as_str().unwrap() {
            "Mine" => assert_eq!((tasks.len(), project["id"] == made["id"]), (2, true)),
            "Überschriften" => {
                assert_eq!(tasks.len(), 7);
                let first = tasks.iter().find(|t| t["data"]["n"] == 1).unwrap();
                let path = format!("/api/tasks/{}/annotations/", first["id"]);
                let annotations = server.request("GET", &path).ok().await;
                let parent = annotations[0]["parent_prediction"].as_i64().unwrap();
                let prediction = server.request("GET", &format!("/api/predictions/{parent}/")).ok().await;
                assert_eq!(prediction["task"], first["id"], "references follow");
                assert_eq!(annotations[0]["completed_by"], 1, "the same person, by e-mail");
            }
            _ => assert!(tasks.is_empty()),
        }
    }
    // The password of here stays.
    assert!(Person::sign_in(&server, "owner@example.com", "correct horse").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_such_database_is_refused_and_nothing_changes() {
    let home = Home::new().await;
    let refused = |source: &str| {
        let output = home.run(&["db", "import-label-studio", source]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("/nowhere/label_studio.sqlite3").contains("no such file"));
    let file = home.dir.path().join("text.sqlite3");
    std::fs::write(&file, "this is no database, and it is long enough to be taken for one".repeat(100))
        .unwrap();
    refused(file.to_str().unwrap());
    let other = home.dir.path().join("other.sqlite3");
    let conn = sea_orm::Database::connect(format!("sqlite://{}?mode=rwc", other.display())).await.unwrap();
    conn.execute_unprepared("CREATE TABLE task (id INTEGER)").await.unwrap();
    conn.close().await.unwrap();
    assert!(refused(other.to_str().unwrap()).contains("no table htx_user"));
    // A row that cannot be read stops everything, and is named.
    let conn = match home.database {
        None => sea_orm::Database::connect(format!("sqlite://{}", home.source)).await.unwrap(),
        Some(_) => return,
    };
    // The file guards itself against this; a disk error does not ask.
    conn.execute_unprepared("PRAGMA ignore_check_constraints = ON").await.unwrap();
    conn.execute_unprepared("UPDATE task_completion SET result = '[{broken' WHERE id = 2").await.unwrap();
    conn.close().await.unwrap();
    let text = refused(&home.source.clone());
    assert!(text.contains("row 2 of task_completion"), "{text}");
    let user = home.run(&["user", "--username", "owner@example.com"]);
    assert!(String::from_utf8_lossy(&user.stdout).contains("\"error\""), "nobody was taken over: {user:?}");
}
