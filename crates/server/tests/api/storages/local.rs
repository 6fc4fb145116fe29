//! Local files: the rule of folders, and the layout people start with.

use super::*;

/// A server with a document root of which only folders of storages are served, and the root.
async fn by_storage() -> (Server, tempfile::TempDir) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().to_owned();
    let server = Server::with(move |s| {
        s.local_files = Some(path);
        s.local_files_by_storage = true;
    })
    .await;
    (server, root)
}

/// The layout people start with: pictures in folders, and a file of tasks.
fn seed(root: &Path) {
    for name in ["images/1.png", "images/cats/2.png", "images/cats/old/3 b.png", "images/dogs/ünï+4.png"] {
        write(root, name, name);
    }
    let data = |path: &str| json!({"data": {"image": format!("/data/local-files/?d={path}")}});
    write(root, "tasks/my_tasks.json", json!([data("images/1.png"), data("images/cats/2.png")]).to_string());
}

#[tokio::test]
async fn the_seed_layout_is_imported_in_both_modes() {
    let (server, root) = by_storage().await;
    seed(root.path());
    let path = |name: &str| root.path().canonicalize().unwrap().join(name).to_str().unwrap().to_owned();
    // LS#3221: a slash at the end is no other folder.
    let fields = json!({"path": format!("{}/", path("images")), "use_blob_urls": true, "recursive_scan": true, "regex_filter": ".*png"});
    let (project, id) = storage(&server, IMAGE_CONFIG, "localfiles", fields).await;
    assert_eq!(server.get(&format!("/api/storages/localfiles/{id}")).await["path"], path("images"));
    assert_eq!(sync(&server, "localfiles", id).await["last_sync_count"], 4);
    let list = tasks(&server, project).await;
    let images: Vec<&str> = list.iter().map(|t| t["data"]["image"].as_str().unwrap()).collect();
    assert_eq!(images[0], "/data/local-files/?d=images/1.png");
    for image in images {
        let answer = server.ask("GET", image).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/png"), "{image}: {answer:?}");
    }
    assert_eq!(sync(&server, "localfiles", id).await["last_sync_count"], 0);

    let (project, id) = storage(&server, IMAGE_CONFIG, "localfiles", json!({"path": path("tasks")})).await;
    assert_eq!(sync(&server, "localfiles", id).await["last_sync_count"], 2);
    let list = tasks(&server, project).await;
    assert_eq!(list[0]["storage_filename"], "tasks/my_tasks.json");
    assert_eq!(
        server.ask("GET", list[1]["data"]["image"].as_str().unwrap()).send().await.text(),
        "images/cats/2.png"
    );
}

#[tokio::test]
async fn with_one_flag_the_root_itself_can_be_a_storage() {
    let root = tempfile::tempdir().unwrap();
    seed(root.path());
    std::fs::rename(root.path().join("tasks/my_tasks.json"), root.path().join("my_tasks.json")).unwrap();
    let path = root.path().to_owned();
    let server = Server::with(move |s| s.local_files = Some(path)).await;
    let (project, id) = storage(&server, IMAGE_CONFIG, "localfiles", json!({"path": root.path()})).await;
    assert_eq!(sync(&server, "localfiles", id).await["last_sync_count"], 2);
    let list = tasks(&server, project).await;
    assert_eq!(
        server.ask("GET", list[0]["data"]["image"].as_str().unwrap()).send().await.text(),
        "images/1.png"
    );
    assert_eq!(server.ask("GET", "/data/local-files/?d=my_tasks.json").send().await.status, 200);
}

#[tokio::test]
async fn bad_folders_are_refused_with_a_reason() {
    let (server, root) = by_storage().await;
    seed(root.path());
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), root.path().join("out")).unwrap();
    let project = server.project(IMAGE_CONFIG).await;
    let refused = async |path: &str| {
        let body = json!({"project": project, "path": path});
        server.ask("POST", "/api/storages/localfiles").json(body).send().await.error(400)
    };
    let root_path = root.path().to_str().unwrap().to_owned();
    assert!(refused(&root_path).await.contains("not the root itself"));
    for path in [
        outside.path().to_str().unwrap(),
        "/etc",
        "/",
        "..",
        "images/../..",
        &format!("{root_path}/out"),
        &format!("{root_path}/../x"),
    ] {
        let said = refused(path).await;
        assert!(said.contains("root"), "{path}: {said}");
    }
    assert!(refused(&format!("{root_path}/nowhere")).await.contains("no such folder"));
    assert!(refused("").await.contains("path"));
    assert!(refused("a\0b").await.contains("NUL"));

    let off = Server::start().await;
    let project = off.project(IMAGE_CONFIG).await;
    let body = json!({"project": project, "path": "/tmp"});
    let said = off.ask("POST", "/api/storages/localfiles").json(body).send().await.error(400);
    assert!(said.contains("--root") && said.contains("LOCAL_FILES_SERVING_ENABLED"), "{said}");
}

#[tokio::test]
async fn only_folders_of_import_storages_are_served() {
    let (server, root) = by_storage().await;
    seed(root.path());
    write(root.path(), "private/p.txt", "private");
    std::os::unix::fs::symlink("../private/p.txt", root.path().join("images/to-private.txt")).unwrap();
    std::os::unix::fs::symlink("../images/1.png", root.path().join("images/to-1.png")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", root.path().join("images/to-etc.txt")).unwrap();
    std::os::unix::fs::symlink("images", root.path().join("pictures")).unwrap();
    let get = async |path: &str| server.ask("GET", &format!("/data/local-files/?d={path}")).send().await;
    let rule = async |path: &str, status: u16, rule: &str| {
        let said = get(path).await.error(status);
        assert!(said.contains(&format!("(rule: {rule})")), "{path}: {said}");
    };
    // An export storage opens nothing.
    let project = server.project(IMAGE_CONFIG).await;
    let body = json!({"project": project, "path": root.path().join("private")});
    server.post("/api/storages/export/localfiles", body).await;
    rule("private/p.txt", 404, "no-storage").await;
    rule("images/1.png", 404, "no-storage").await;
    rule("nowhere/at/all.png", 404, "no-storage").await;

    let body = json!({"project": project, "path": root.path().join("images/cats"), "use_blob_urls": true});
    let cats = server.post("/api/storages/localfiles", body).await;
    assert_eq!(get("images/cats/2.png").await.status, 200);
    assert_eq!(
        get("/images/cats/old/3%20b.png").await.status,
        200,
        "deeper, though the storage does not recurse"
    );
    rule("images/1.png", 404, "no-storage").await;
    rule("images/cats", 404, "no-storage").await;
    rule("images/cats/old", 404, "is-a-folder").await;
    rule("images/cats/9.png", 404, "no-such-file").await;
    server.ask("DELETE", &format!("/api/storages/localfiles/{}", cats["id"])).send().await;
    rule("images/cats/2.png", 404, "no-storage").await;

    let body = json!({"project": project, "path": root.path().join("images")});
    server.post("/api/storages/localfiles", body).await;
    assert_eq!(get("images/to-1.png").await.status, 200, "a link inside of what is served");
    rule("images/to-private.txt", 404, "link-to-unserved").await;
    rule("images/to-etc.txt", 403, "link-leads-out").await;
    rule("pictures/1.png", 404, "no-storage").await;
    rule("images%00/1.png", 403, "characters").await;
    rule("images%5C1.png", 403, "characters").await;
    rule("images/../private/p.txt", 403, "outside-root").await;
    rule("", 403, "no-path").await;

    // Somebody of another organization has no project with that folder.
    server.stranger().await;
    let theirs = server.anonymous("GET", "/data/local-files/?d=images/1.png").token(STRANGER).send().await;
    assert!(theirs.error(404).contains("no-storage"));
}

#[tokio::test]
async fn a_local_file_is_served_in_ranges_and_once() {
    let (server, root) = by_storage().await;
    write(root.path(), "sound/a b+c.wav", "0123456789");
    storage(
        &server,
        IMAGE_CONFIG,
        "localfiles",
        json!({"path": root.path().join("sound"), "use_blob_urls": true}),
    )
    .await;
    let path = "/data/local-files/?d=sound/a%20b%2Bc.wav";
    let whole = server.ask("GET", path).send().await;
    assert_eq!(
        (whole.status, whole.header("content-type"), whole.header("content-length")),
        (200, "audio/wav", "10")
    );
    let etag = whole.header("etag").to_owned();
    assert!(etag.starts_with("W/\"") && etag.ends_with("-a\""), "{etag}");
    for known in [etag.as_str(), "*"] {
        assert_eq!(server.ask("GET", path).header("if-none-match", known).send().await.status, 304);
    }
    let part = server.ask("GET", path).header("range", "bytes=2-4").send().await;
    assert_eq!(
        (part.status, part.text().as_str(), part.header("content-range")),
        (206, "234", "bytes 2-4/10")
    );
    assert_eq!(server.ask("GET", path).header("range", "bytes=10-").send().await.status, 416);
}
