//! Hundreds of ways to name a file outside, none of which reaches it: with folders of storages, with the whole root, and
//! for uploads. The file outside is a canary: its content must never be seen.

use super::*;
use std::io::{Read, Write};

const CANARY: &str = "tweet tweet, I was reached";

/// A request whose path is sent as it is, which HTTP clients do not do.
fn raw(server: &Server, path: &str) -> Option<(u16, String)> {
    let address = server.url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Token {OWNER}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    Some((answer.split(' ').nth(1)?.parse().ok()?, answer))
}

/// Ways to write `..`.
const UP: &[&str] = &[
    "..",
    "%2e%2e",
    "%2E%2E",
    ".%2e",
    "%2e.",
    "%252e%252e",
    "%25252e%25252e",
    "..%00",
    "%00..",
    "..%20",
    "%20..",
    "...",
    "....",
    "..;",
    "..%3b",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "%f0%80%80%ae%f0%80%80%ae",
    "%uff0e%uff0e",
    "\u{ff0e}\u{ff0e}",
    "%ef%bc%8e%ef%bc%8e",
    "..%09",
    "..%0a",
    "..%0d",
    "..%ff",
    ".%00.",
    "..%c0%af..",
    "..%23",
    "..%3f",
];
/// Ways to write `/`.
const SLASH: &[&str] =
    &["/", "%2f", "%2F", "%252f", "\\", "%5c", "%255c", "//", "/./", "%c0%af", "%e2%88%95", "/%2f"];

/// Whole paths; `{root}` and `{base}` are the folders on the disk.
const WHOLE: &[&str] = &[
    "/etc/passwd",
    "//etc/passwd",
    "///etc/passwd",
    "%2Fetc%2Fpasswd",
    "/%2e/etc/passwd",
    "etc/passwd",
    "~/secret.txt",
    "~root/.ssh/id_rsa",
    "file:///etc/passwd",
    "file:{base}/secret.txt",
    "{base}/secret.txt",
    "/{base}/secret.txt",
    "{root}/../secret.txt",
    "{root}//../secret.txt",
    "{root}/inside/../../secret.txt",
    "C:\\secret.txt",
    "C:/secret.txt",
    "c:secret.txt",
    "%43%3a%5csecret.txt",
    "\\\\server\\share\\secret.txt",
    "//server/share/secret.txt",
    "%5c%5cserver%5cshare",
    "\\\\?\\C:\\secret.txt",
    "\\\\.\\C:\\secret.txt",
    "/proc/self/environ",
    "/proc/self/root{base}/secret.txt",
    "/dev/fd/0",
    "inside/out.txt",
    "inside/up/secret.txt",
    "inside/absolute/secret.txt",
    "inside/chain/secret.txt",
    "inside/loop/secret.txt",
    "inside/dangling",
    "inside/pipe",
    "inside/up/../secret.txt",
    "up/secret.txt",
    "out.txt",
    "inside/up/top/../secret.txt",
    "inside/a.txt/../../../secret.txt",
    "inside/a.txt/../../secret.txt",
    "inside/a.txt%00/../../secret.txt",
    "inside/a.txt/x",
    "inside/.",
    "inside/..",
    "inside",
    "inside/",
    ".",
    "..",
    "",
    "/",
    "./",
    "../",
    "%00",
    "%0a",
    "..%00/",
    ".%00./secret.txt",
    "secret.txt%00.png",
    "../secret.txt%00",
    "../secret.txt%00.png",
    "../secret.txt%20",
    "../secret.txt.",
    "../secret.txt...",
    "../secret.txt::$DATA",
    "inside/../../secret.txt",
    "inside/../../top/../secret.txt",
    "./../secret.txt",
    "././../secret.txt",
    ".//../secret.txt",
    "inside/./../../secret.txt",
    "inside//..//..//secret.txt",
    "inside%2f..%2f..%2fsecret.txt",
    "....//secret.txt",
    "....//....//secret.txt",
    "..././secret.txt",
    "...//secret.txt",
    "..//secret.txt",
    "../top/../secret.txt",
    "../top/inside/../../secret.txt",
    "inside/..%2f../secret.txt",
    "inside/%2e%2e/%2e%2e/secret.txt",
    "a/../../secret.txt",
    "nowhere/../../secret.txt",
    "../../../../../../../../etc/passwd",
    "inside/../../../../../../etc/passwd",
    "%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "..%252f..%252fetc%252fpasswd",
    "inside/a.txt?../../secret.txt",
    "inside/a.txt%3f/../../../secret.txt",
    "inside/a.txt;/../../../secret.txt",
];

fn corpus(root: &Path, base: &Path) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for up in UP {
        for slash in SLASH {
            all.push(format!("{up}{slash}secret.txt"));
            all.push(format!("inside{slash}{up}{slash}{up}{slash}secret.txt"));
        }
    }
    let filled = |text: &&str| {
        text.replace("{root}", root.to_str().unwrap()).replace("{base}", base.to_str().unwrap())
    };
    all.extend(WHOLE.iter().map(filled));
    all.push(format!("{}secret.txt", "../".repeat(500)));
    all.push(format!("{}secret.txt", "a/../".repeat(500)));
    all.push("a".repeat(5000));
    all
}

/// A root with links of every kind, and the canary beside it.
fn place() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::symlink;
    let base = tempfile::tempdir().unwrap();
    let root = base.path().join("top");
    write(&root, "inside/a.txt", "fine");
    write(base.path(), "secret.txt", CANARY);
    let inside = root.join("inside");
    symlink(base.path().join("secret.txt"), inside.join("out.txt")).unwrap();
    symlink("../..", inside.join("up")).unwrap();
    symlink(base.path(), inside.join("absolute")).unwrap();
    symlink("up", inside.join("chain")).unwrap();
    symlink("loop", inside.join("loop")).unwrap();
    symlink("../../nowhere", inside.join("dangling")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink("../secret.txt", root.join("out.txt")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(inside.join("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()));
    (base, root)
}

fn refused(server: &Server, address: &str, paths: &[String]) {
    for path in paths {
        let Some((status, answer)) = raw(server, &format!("{address}{path}")) else {
            // Not even HTTP.
            continue;
        };
        assert!((400..=414).contains(&status), "{status} for {path:?}: {answer}");
        assert!(!answer.contains(CANARY) && !answer.contains("root:x:"), "{path:?}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_of_the_corpus_leaves_the_folders_of_storages() {
    let (base, root) = place();
    let paths = corpus(&root, base.path());
    assert!(paths.len() >= 200, "{}", paths.len());
    let local = root.clone();
    let server = Server::with(move |s| {
        s.local_files = Some(local);
        s.local_files_by_storage = true;
    })
    .await;
    let (project, id) = storage(
        &server,
        IMAGE_CONFIG,
        "localfiles",
        json!({"path": root.join("inside"), "use_blob_urls": true, "recursive_scan": true}),
    )
    .await;
    assert_eq!(server.ask("GET", "/data/local-files/?d=inside/a.txt").send().await.text(), "fine");
    refused(&server, "/data/local-files/?d=", &paths);
    refused(&server, "/data/local-files?x=1&d=", &paths);
    // A sync finds what is inside only, and no object is resolved by a path.
    assert_eq!(sync(&server, "localfiles", id).await["last_sync_count"], 1);
    assert_eq!(tasks(&server, project).await[0]["storage_filename"], "inside/a.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_of_the_corpus_leaves_the_root() {
    let (base, root) = place();
    let paths = corpus(&root, base.path());
    let local = root.clone();
    let server = Server::with(move |s| s.local_files = Some(local)).await;
    assert_eq!(server.ask("GET", "/data/local-files/?d=inside/a.txt").send().await.text(), "fine");
    refused(&server, "/data/local-files/?d=", &paths);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_of_the_corpus_leaves_uploads_or_is_a_folder_of_a_storage() {
    let (base, root) = place();
    let paths = corpus(&root, base.path());
    let local = root.clone();
    let server = Server::with(move |s| {
        s.local_files = Some(local);
        s.local_files_by_storage = true;
    })
    .await;
    std::fs::write(server.dir.path().join("secret.txt"), CANARY).unwrap();
    for path in &paths {
        if let Some((_, answer)) = raw(&server, &format!("/data/upload/{path}")) {
            assert!(!answer.contains(CANARY) && !answer.contains("root:x:"), "{path:?}: {answer}");
        }
    }
    let project = server.project(IMAGE_CONFIG).await;
    for path in WHOLE.iter().filter(|path| !path.starts_with("inside")) {
        let path =
            path.replace("{root}", root.to_str().unwrap()).replace("{base}", base.path().to_str().unwrap());
        let folder = path.replace("secret.txt", "");
        let body = json!({"project": project, "path": folder, "use_blob_urls": true});
        let answer = server.ask("POST", "/api/storages/localfiles/files").json(body).send().await;
        assert_eq!(answer.status, 400, "{folder:?}: {answer:?}");
        assert!(!answer.text().contains(CANARY), "{answer:?}");
    }
}

/// GHSA-cpmr-mw4j-99r7 of a peer: `/static../` led out of the folder of the page's own files.
#[tokio::test(flavor = "multi_thread")]
async fn no_path_of_the_corpus_leaves_the_apps_own_files() {
    let (base, root) = place();
    let paths = corpus(&root, base.path());
    write(&root, "index.html", "<title>The app</title>");
    write(&root, "static/app.js", "let it;");
    let app = root.clone();
    let server = Server::with(move |s| s.app_dir = Some(app)).await;
    assert_eq!(server.ask("GET", "/static/app.js").send().await.text(), "let it;");
    for mount in ["/", "/static", "/assets/", "/docs/api/files/"] {
        for path in &paths {
            if let Some((status, answer)) = raw(&server, &format!("{mount}{path}")) {
                assert!(status < 500, "{status} for {mount}{path}: {answer}");
                assert!(!answer.contains(CANARY) && !answer.contains("root:x:"), "{mount}{path}: {answer}");
            }
        }
    }
}
