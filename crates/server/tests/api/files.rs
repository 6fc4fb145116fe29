//! Uploaded and local files: ranges, caching, and that no path leads out of the folder.

use crate::support::*;
use serde_json::json;
use std::io::{Read, Write};

/// A server with an uploaded picture, and its address.
async fn with_upload(content: &[u8], name: &str) -> (Server, String) {
    let server = Server::start().await;
    let project = server.project(r#"<View><Image name="i" value="$image"/></View>"#).await;
    let answer = server.upload(project, name, content).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let task = server.get(&format!("/api/tasks/{}/", answer.json()["task_ids"][0])).await;
    (server, task["data"]["image"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_upload_is_served_whole_and_in_ranges() {
    let content: Vec<u8> = (0..=255).collect();
    let (server, path) = with_upload(&content, "a b.png").await;
    assert!(path.starts_with("/data/upload/") && path.ends_with("-a_b.png"), "{path}");
    let get = async |range: Option<&str>| {
        let request = server.ask("GET", &path);
        let request = if let Some(range) = range { request.header("range", range) } else { request };
        request.send().await
    };
    let whole = get(None).await;
    assert_eq!((whole.status, &whole.bytes), (200, &content));
    for (name, value) in [
        ("content-type", "image/png"),
        ("accept-ranges", "bytes"),
        ("content-length", "256"),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
    for (range, from, to) in [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, 255),
        ("bytes=-6", 250, 255),
        ("bytes=250-9999", 250, 255),
        ("bytes=255-255", 255, 255),
    ] {
        let part = get(Some(range)).await;
        assert_eq!((part.status, &part.bytes[..]), (206, &content[from..=to]), "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{to}/256"));
        assert_eq!(part.header("content-length"), (to - from + 1).to_string());
    }
    let beyond = get(Some("bytes=256-")).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */256"));
    for ignored in ["bytes=0-1,5-6", "lines=1-2", "bytes=9-3"] {
        assert_eq!(get(Some(ignored)).await.bytes.len(), 256, "{ignored}");
    }
    let etag = whole.header("etag");
    assert!(etag.starts_with("W/\"") && etag.ends_with("-100\""), "{etag}");
    for known in [etag, "*", &format!("\"x\", {etag}")] {
        let again = server.ask("GET", &path).header("if-none-match", known).send().await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{known}");
    }
    let head = server.ask("HEAD", &path).send().await;
    assert_eq!((head.status, head.header("content-length"), head.bytes.len()), (200, "256", 0));
}

#[tokio::test]
async fn uploaded_markup_is_sandboxed() {
    let (server, path) =
        with_upload(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "x.svg").await;
    let answer = server.ask("GET", &path).send().await;
    assert_eq!(
        (answer.header("content-type"), answer.header("content-security-policy")),
        ("image/svg+xml", "sandbox")
    );
    assert_eq!(
        (answer.header("content-disposition"), answer.header("x-content-type-options")),
        ("attachment", "nosniff")
    );
}

/// CVE-2023-47115, CVE-2024-23633: a page that somebody uploads never runs here, whatever it is called.
#[tokio::test]
async fn an_uploaded_page_is_saved_and_never_shown() {
    let page = b"<html><script>fetch('/api/current-user/token')</script></html>";
    for (name, kind, disposition) in [
        ("x.html", "text/html", "attachment"),
        ("x.HTM", "text/html", "attachment"),
        ("x.xml", "text/xml", "attachment"),
        ("x.png", "application/octet-stream", "attachment"),
        ("x.mp3", "application/octet-stream", "attachment"),
        ("x.pdf", "application/octet-stream", "attachment"),
        ("x.txt", "text/plain; charset=utf-8", ""),
    ] {
        let server = Server::start().await;
        let project = server.project(r#"<View><HyperText name="i" value="$image"/></View>"#).await;
        let answer = server.upload(project, name, page.to_vec()).await;
        assert_eq!(answer.status, 201, "{name}: {answer:?}");
        let files = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
        let file = files[0]["file"].as_str().unwrap();
        for path in [format!("/data/{file}"), format!("/storage-data/uploaded/?filepath={file}")] {
            let answer = server.ask("GET", &path).send().await;
            assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path}");
            assert!(answer.header("content-disposition").starts_with(disposition), "{path}");
            assert_eq!(answer.header("content-security-policy"), "sandbox", "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.bytes, page, "{path}");
        }
    }
}

#[tokio::test]
async fn downloaders_find_uploads_by_their_path() {
    let (server, path) = with_upload(b"GIF89a", "a b.gif").await;
    let stored = path.trim_start_matches("/data/");
    let get =
        async |query: String| server.ask("GET", &format!("/storage-data/uploaded/{query}")).send().await;
    let answer = get(format!("?filepath={stored}")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/gif"));
    assert_eq!(answer.header("filename"), stored);
    assert_eq!(answer.header("content-disposition"), format!("inline; filename=\"{stored}\""));
    let part =
        server.ask("GET", &format!("/storage-data/uploaded/?filepath={stored}")).header("range", "bytes=0-2");
    assert_eq!(part.send().await.bytes, b"GIF");
    get(String::new()).await.error(404);
    get("?filepath=".into()).await.error(404);
    for wrong in [
        "upload/1/none.gif",
        "spool/x",
        "export/x",
        "upload/../upload/1/x",
        "avatars/../tagloom.sqlite3",
        "avatars/none.png",
        "..",
        "%00",
        "upload%2F..%2F..%2Ftagloom.sqlite3",
    ] {
        get(format!("?filepath={wrong}")).await.error(403);
    }
    server.stranger().await;
    let foreign = server.anonymous("GET", &format!("/storage-data/uploaded/?filepath={stored}"));
    foreign.token(STRANGER).send().await.error(403);
}

#[tokio::test]
async fn pictures_are_cleaned_where_the_operator_wants_it() {
    let server = Server::with(|s| s.svg_cleanup = true).await;
    let project = server.project(r#"<View><Image name="i" value="$image"/></View>"#).await;
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'><script>1</script><rect width='3' height='4'/></svg>";
    let answer = server.upload(project, "x.svg", svg).await;
    let task = server.get(&format!("/api/tasks/{}/", answer.json()["task_ids"][0])).await;
    let clean = server.ask("GET", task["data"]["image"].as_str().unwrap()).send().await.text();
    assert!(clean.contains("<rect width=\"3\" height=\"4\""), "{clean}");
    assert!(!clean.contains("script") && !clean.contains("onload"), "{clean}");
    let uploads = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    assert_eq!(uploads[0]["size"], clean.len());
}

#[tokio::test]
async fn a_deleted_upload_and_a_deleted_project_leave_no_file() {
    let (server, path) = with_upload(b"png", "a.png").await;
    let project = path.split('/').nth(3).unwrap();
    let file = server.dir.path().join("data/media").join(path.trim_start_matches("/data/"));
    assert!(file.exists());
    let answer = server.ask("DELETE", &format!("/api/projects/{project}/")).send().await;
    assert_eq!(answer.status, 204);
    assert!(!file.exists());
    server.ask("GET", &path).send().await.error(404);
}

/// A request whose path is sent as it is, which HTTP clients do not do.
fn raw(server: &Server, path: &str) -> (u16, String) {
    let address = server.url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Token {OWNER}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

const OUT: &[&str] = &[
    "../secret.txt",
    "..%2fsecret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "sub/../../secret.txt",
    "%2Fetc%2Fpasswd",
    "/etc/passwd",
    "//etc/passwd",
    "link.txt",
    "up/secret.txt",
    "..%5csecret.txt",
    "sub/%2e%2e/%2e%2e/secret.txt",
    "secret.txt%00",
    "../top/../secret.txt",
    "....//secret.txt",
    "%252e%252e/secret.txt",
    "./../secret.txt",
    "sub",
    "",
    ".",
    "..",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_local_files() {
    let base = tempfile::tempdir().unwrap();
    let root = base.path().join("top");
    std::fs::create_dir_all(root.join("sub")).unwrap();
    std::fs::write(base.path().join("secret.txt"), "the secret").unwrap();
    std::fs::write(root.join("sub/a b+c.wav"), "0123456789").unwrap();
    std::os::unix::fs::symlink(base.path().join("secret.txt"), root.join("link.txt")).unwrap();
    std::os::unix::fs::symlink(base.path(), root.join("up")).unwrap();
    let server = Server::with(|s| s.local_files = Some(root.clone())).await;

    let good =
        server.ask("GET", "/data/local-files/?d=sub/a%20b%2Bc.wav").header("range", "bytes=2-4").send().await;
    assert_eq!((good.status, good.text().as_str(), good.header("content-type")), (206, "234", "audio/wav"));
    assert_eq!(server.ask("GET", "/data/local-files/?d=/sub/a%20b%2Bc.wav").send().await.status, 200);
    for path in OUT {
        let (status, answer) = raw(&server, &format!("/data/local-files/?d={path}"));
        assert!((400..=404).contains(&status), "{path}: {answer}");
        assert!(!answer.contains("the secret") && !answer.contains("root:"), "{path}: {answer}");
    }
    let (status, _) = raw(&server, "/data/local-files/");
    assert_eq!(status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_uploads() {
    let (server, path) = with_upload(b"png", "a.png").await;
    // Beside the uploads: the key that signs everything.
    assert!(server.dir.path().join("data/.env").exists());
    let folder = path.rsplit_once('/').unwrap().0;
    for tail in OUT.iter().copied().chain([
        "../../../.env",
        "%2e%2e/%2e%2e/%2e%2e/.env",
        "..%2f..%2f..%2f.env",
        "../../../tagloom.sqlite3",
    ]) {
        let (status, answer) = raw(&server, &format!("{folder}/{tail}"));
        assert!((400..=404).contains(&status), "{tail}: {answer}");
        assert!(!answer.contains("SECRET_KEY") && !answer.contains("SQLite format"), "{tail}: {answer}");
    }
}

#[tokio::test]
async fn local_files_are_off_unless_a_folder_is_named() {
    let server = Server::start().await;
    let answer = server.ask("GET", "/data/local-files/?d=etc/passwd").send().await;
    assert!(answer.error(403).contains("LOCAL_FILES_SERVING_ENABLED"));
}

#[tokio::test]
async fn a_name_cannot_choose_where_it_is_stored() {
    let (server, path) = with_upload(b"png", "../../../../evil name.png").await;
    assert!(path.ends_with("-evil_name.png"), "{path}");
    assert_eq!(server.ask("GET", &path).send().await.text(), "png");
    assert!(!server.dir.path().join("evil name.png").exists());
    let project = path.split('/').nth(3).unwrap();
    let list = server.get(&format!("/api/projects/{project}/file-uploads?all=true")).await;
    let body = json!({"file_upload_ids": [list[0]["id"]]});
    let answer = server.ask("DELETE", &format!("/api/projects/{project}/file-uploads")).json(body).ok().await;
    assert_eq!(answer, json!({"deleted": 1}));
    server.ask("GET", &path).send().await.error(404);
}
