//! The command line, as scripts use it.

use crate::support::*;
use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};

struct Cli {
    dir: tempfile::TempDir,
    database: Option<String>,
}

impl Cli {
    async fn new() -> Self {
        let (dir, database) = place().await;
        Self { dir, database }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = binary();
        command.args(args).arg("--data-dir").arg(self.dir.path().join("data")).stdin(Stdio::null());
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    #[track_caller]
    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

/// A name that is no project's: said, and nothing is served (spec/server.md 1.1).
#[tokio::test]
async fn a_start_with_the_name_of_no_project_says_so() {
    let cli = Cli::new().await;
    let said = cli.ok(&["start", "nowhere", "--no-browser", "--port", "0"]);
    assert!(said.contains("Project \"nowhere\" not found"), "{said}");
    assert!(!said.contains(" serves "), "{said}");
}

#[tokio::test]
async fn versions_and_usage() {
    let cli = Cli::new().await;
    for args in [["version"], ["--version"]] {
        let text = cli.ok(&args);
        assert!(text.contains(env!("CARGO_PKG_VERSION")) && text.contains("1.23.2"), "{text}");
    }
    assert_eq!(cli.run(&["nonsense"]).status.code(), Some(2));
    assert!(cli.fails(&["user", "--log-level", "loud"]).contains("loud"));
}

#[tokio::test]
async fn a_project_from_the_command_line() {
    let cli = Cli::new().await;
    let config = cli.dir.path().join("config.xml");
    std::fs::write(&config, TEXT_CONFIG).unwrap();
    let text = cli.ok(&[
        "init",
        "My project",
        "--quiet",
        "--username",
        "a@ex.com",
        "--password",
        "long enough",
        "--user-token",
        "abcdef123",
        "--label-config",
        config.to_str().unwrap(),
        "--sampling",
        "uniform",
        "--initial-project-description",
        "About it",
    ]);
    assert!(text.contains("My project"), "{text}");
    assert!(cli.ok(&["init", "My project", "-q", "--username", "a@ex.com"]).contains("already"));

    let user: Value = serde_json::from_str(&cli.ok(&["user", "--username", "A@ex.com"])).unwrap();
    assert_eq!(
        (&user["status"], &user["token"], &user["email"]),
        (&json!("ok"), &json!("abcdef123"), &json!("a@ex.com"))
    );
    let user: Value = serde_json::from_str(&cli.ok(&["user"])).unwrap();
    assert_eq!(user["status"], "error");

    let reset =
        |password: &str| cli.run(&["reset_password", "--username", "a@ex.com", "--password", password]);
    assert!(!reset("long enough").status.success(), "the current password");
    assert!(!reset("short").status.success());
    assert!(!reset("").status.success());
    assert!(reset("another one").status.success());
    assert!(
        cli.fails(&["reset_password", "--username", "b@ex.com", "--password", "long enough"])
            .contains("b@ex.com")
    );

    let out = cli.dir.path().join("out.json");
    let text = cli.ok(&["export", "1", "json", "--export-path", out.to_str().unwrap()]);
    assert!(text.starts_with("0 tasks"), "{text}");
    assert_eq!(std::fs::read_to_string(&out).unwrap().trim(), "[]");
    assert!(cli.fails(&["export", "1", "NOPE"]).contains("NOPE"));
    assert!(cli.fails(&["export", "7", "JSON"]).contains("7"));
}

#[tokio::test]
async fn bad_configs_are_refused_with_their_place() {
    let cli = Cli::new().await;
    let config = cli.dir.path().join("broken.xml");
    std::fs::write(
        &config,
        "<View>\n  <Choices name=\"c\" toName=\"t\"><Choice value=\"A\"/></Choices>\n</View>",
    )
    .unwrap();
    let path = config.to_str().unwrap();
    let output = cli.run(&["config", "check", path]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("broken.xml:2:"), "{output:?}");
    let text = cli.fails(&["init", "Project", "-q", "--label-config", path]);
    assert!(text.contains("Line 2, column"), "{text}");
    let none = cli.fails(&["init", "Project", "-q", "--label-config", "/nowhere.xml"]);
    assert!(none.contains("/nowhere.xml"), "{none}");
    std::fs::write(&config, TEXT_CONFIG).unwrap();
    assert!(cli.ok(&["config", "check", path]).contains("0 errors"));
    assert!(cli.ok(&["config", "types", path]).contains("choices"));
    let schema: Value = serde_json::from_str(&cli.ok(&["config", "types", path, "--json-schema"])).unwrap();
    assert!(schema.is_object());
}

#[tokio::test]
async fn settings_from_file_and_environment() {
    let cli = Cli::new().await;
    let file = cli.dir.path().join("config.json");
    std::fs::write(
        &file,
        r#"{"username":"file@ex.com","password":"from the file","user_token":"token-of-file"}"#,
    )
    .unwrap();
    cli.ok(&["init", "-q", "--config", file.to_str().unwrap()]);
    let show = |name: &str| -> Value {
        let output = cli.command(&["user"]).env("LABEL_STUDIO_USERNAME", name).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(show("file@ex.com")["token"], "token-of-file");
    assert_eq!(show("other@ex.com")["status"], "error");
    std::fs::write(&file, "{broken").unwrap();
    let text = cli.fails(&["user", "--config", file.to_str().unwrap()]);
    assert!(text.contains("config.json") && text.contains("not JSON"), "{text}");
    let output = cli.command(&["user"]).env("JSON_LOG", "maybe").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("JSON_LOG"), "{output:?}");
    let output = cli.command(&["user"]).env("DATABASE_URL", "mysql://x").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("postgres://"), "{output:?}");
}

#[tokio::test]
async fn what_old_scripts_say_is_understood_or_refused_with_a_reason() {
    let cli = Cli::new().await;
    cli.ok(&["init", "-q", "--skip-long-migrations", "--agree-fix-sqlite"]);
    assert!(cli.ok(&["calculate_stats_all_orgs", "--from-scratch"]).starts_with("0 tasks"));
    assert!(cli.ok(&["annotations_fill_updated_by"]).contains("nothing"));
    assert!(cli.fails(&["start", "--cert", "c.pem", "--key", "k.pem"]).contains("proxy"));
}

#[tokio::test]
async fn wrong_counters_are_counted_anew() {
    let server = Server::start().await;
    let (project, ids) = server.tasks(2).await;
    server.post(&format!("/api/tasks/{}/annotations/", ids[0]), json!({"result": []})).await;
    let tx = server.state.db.write().await.unwrap();
    let sql = "UPDATE tasks SET total_annotations = 9, people = 7, is_labeled = $1";
    tagloom_server::db::run(&*tx, sql, vec![true.into()]).await.unwrap();
    tx.commit().await.unwrap();
    let mut command = binary();
    command
        .args(["calculate_stats_all_orgs", "--from-scratch", "--data-dir"])
        .arg(&server.state.settings.data_dir);
    if let Some(url) = &server.state.settings.database_url {
        command.env("DATABASE_URL", url);
    }
    let output = command.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("2 tasks"), "{output:?}");
    let found = server.get(&format!("/api/projects/{project}/")).await;
    assert_eq!(found["finished_task_number"], 1);
    let task = server.get(&format!("/api/tasks/{}/", ids[1])).await;
    assert_eq!((&task["total_annotations"], &task["is_labeled"]), (&json!(0), &json!(false)));
}

#[tokio::test]
async fn the_database_may_be_named_the_old_way() {
    let cli = Cli::new().await;
    let file = cli.dir.path().join("elsewhere/my.db");
    let mut command = binary();
    command.args(["init", "-q", "-db"]).arg(&file).arg("--data-dir").arg(cli.dir.path().join("data"));
    let output = command.output().unwrap();
    assert!(output.status.success() && file.exists(), "{output:?}");
    assert!(!cli.dir.path().join("data/tagloom.sqlite3").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_prints_a_link_that_works_once() {
    let cli = Cli::new().await;
    let mut child =
        cli.command(&["start", "--no-browser", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut link = String::new();
    for line in std::io::BufRead::lines(out).map_while(Result::ok) {
        if line.contains("?token=") {
            link = line.trim().to_owned();
        }
        if line.contains(" serves ") {
            break;
        }
    }
    let (page, token) = link.split_once("/user/login/?token=").expect("a link");
    let url = page.replace("localhost", "127.0.0.1");
    let body = json!({"token": token, "email": "a@ex.com", "password": "long enough"});
    let setup = async || {
        let request = reqwest::Client::new().post(format!("{url}/api/auth/setup"));
        request.json(&body).send().await.unwrap().status().as_u16()
    };
    let (first, second) = (setup().await, setup().await);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((first, second), (201, 403));
}
