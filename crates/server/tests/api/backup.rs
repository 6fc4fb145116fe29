//! Backup and restore with the real binary, while a server works and while none does.

use crate::support::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;

struct Place {
    dir: tempfile::TempDir,
    database: Option<String>,
}

impl Place {
    async fn new() -> Self {
        let (dir, database) = place().await;
        Self { dir, database }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn serve(&self) -> Process {
        Process::start(&self.path("data"), self.database.as_deref(), &[]).await
    }

    fn db(&self, args: &[&str]) -> Output {
        let mut command = binary();
        command.arg("db").args(args).arg("--data-dir").arg(self.path("data"));
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        command.output().unwrap()
    }

    #[track_caller]
    fn ok(&self, args: &[&str]) -> String {
        let output = self.db(args);
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn refused(&self, args: &[&str], why: &str) {
        let output = self.db(args);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && text.contains(why), "{args:?}: {output:?}");
    }
}

/// A project with an uploaded file, and an annotation; the address of the file.
async fn work(server: &Process) -> (i64, String) {
    let made =
        server.request("POST", "/api/projects/").json(json!({"title": "Kept", "label_config": TEXT_CONFIG}));
    let project = made.ok().await["id"].as_i64().unwrap();
    let part = reqwest::multipart::Part::bytes(b"text\nuploaded\n".to_vec()).file_name("u.csv");
    let upload = server.request("POST", &format!("/api/projects/{project}/import?return_task_ids=true"));
    let upload = Request(upload.0.multipart(reqwest::multipart::Form::new().part("file", part))).ok().await;
    let path = format!("/api/tasks/{}/annotations/", upload["task_ids"][0]);
    server.request("POST", &path).json(json!({"result": [{"id": "r"}]})).ok().await;
    let uploads = server.request("GET", &format!("/api/projects/{project}/file-uploads?all=true")).ok().await;
    (project, format!("/data/{}", uploads[0]["file"].as_str().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_an_installation_comes_back() {
    let home = Place::new().await;
    let server = home.serve().await;
    let (project, file) = work(&server).await;
    let personal = server.request("POST", "/api/token/").ok().await["token"].clone();
    let target = home.path("all");
    let all = target.to_str().unwrap();
    // While it works.
    let told = home.ok(&["backup", all, "--with-media"]);
    assert!(told.contains("1 files"), "{told}");
    assert!(!home.path("all.unfinished").exists());
    server.request("DELETE", &format!("/api/projects/{project}/")).send().await;
    home.refused(&["restore", all, "--force"], "stop it first");
    server.kill();
    home.refused(&["restore", all], "--force");
    home.ok(&["restore", all, "--force"]);
    check(&home, project, &file, &personal).await;
    if home.database.is_none() {
        let kept = std::fs::read_dir(home.path("data")).unwrap();
        let kept =
            kept.filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().contains("before-restore"));
        assert!(kept.count() >= 2, "the database and the media of before are kept");
    }
    // Onto another machine, where there is nothing.
    let mut other = Place::new().await;
    other.ok(&["restore", all]);
    check(&other, project, &file, &personal).await;
    // A folder that did not get to its end is no backup.
    std::fs::remove_file(target.join("backup.json")).unwrap();
    other.dir = tempfile::tempdir().unwrap();
    other.refused(&["restore", all], "no finished backup");
}

async fn check(home: &Place, project: i64, file: &str, personal: &Value) {
    let server = home.serve().await;
    let found = server.request("GET", &format!("/api/projects/{project}/")).ok().await;
    assert_eq!((&found["title"], &found["total_annotations_number"]), (&json!("Kept"), &json!(1)));
    assert_eq!(server.request("GET", file).send().await.text(), "text\nuploaded\n");
    // The key came along: what it has signed still counts.
    let access =
        server.request("POST", "/api/token/refresh/").json(json!({"refresh": personal})).send().await;
    assert_eq!(access.status, 200, "{access:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_alone_is_one_file() {
    let home = Place::new().await;
    let server = home.serve().await;
    let (project, _) = work(&server).await;
    let target = home.path("database.backup");
    let file = target.to_str().unwrap();
    assert!(home.ok(&["backup", file]).contains("--with-media"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&target).unwrap().permissions().mode() & 0o077,
            0,
            "others cannot read it"
        );
    }
    home.refused(&["backup", file], "something already");
    server
        .request("PATCH", &format!("/api/projects/{project}/"))
        .json(json!({"title": "Changed"}))
        .ok()
        .await;
    server.kill();
    home.ok(&["restore", file, "--force"]);
    let server = home.serve().await;
    assert_eq!(server.request("GET", &format!("/api/projects/{project}/")).ok().await["title"], "Kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_changes_nothing() {
    let home = Place::new().await;
    let server = home.serve().await;
    let (project, _) = work(&server).await;
    let target = home.path("good");
    home.ok(&["backup", target.to_str().unwrap()]);
    server.kill();
    let bad = home.path("bad");
    let bytes = std::fs::read(&target).unwrap();
    let path = bad.to_str().unwrap();
    home.refused(&["restore", path, "--force"], "no such backup");
    for content in [&b"no database at all"[..], &bytes[..bytes.len() / 2], &[]] {
        std::fs::write(&bad, content).unwrap();
        home.refused(&["restore", path, "--force"], "cannot be restored");
    }
    if home.database.is_none() {
        newer(&target, &bad).await;
        home.refused(&["restore", path, "--force"], "newer version");
    }
    let server = home.serve().await;
    assert_eq!(server.request("GET", &format!("/api/projects/{project}/")).ok().await["title"], "Kept");
}

/// A backup by a version that is still to come.
async fn newer(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
    let conn = sea_orm::Database::connect(format!("sqlite://{}", to.display())).await.unwrap();
    let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 1)";
    tagloom_server::db::run(&conn, sql, vec![]).await.unwrap();
    conn.close().await.unwrap();
}
