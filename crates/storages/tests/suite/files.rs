//! Local files: nothing outside the root is reached, by whatever path or link, and what lies inside simply works.

use crate::place::{all, everything, keys};
use bytes::Bytes;
use serde_json::json;
use std::os::unix::fs::symlink;
use tagloom_storages::testing::open_access;
use tagloom_storages::{Access, Bucket, Cause, Fields, Kind, Problem, Purpose, Root, connect};
use tempfile::TempDir;

const CANARY: &str = "nobody may read this";

/// `root/images/a.png` and `root/other/b.png`; beside the root a canary.
fn folders() -> (TempDir, Access) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("top");
    std::fs::create_dir_all(root.join("images/deep")).unwrap();
    std::fs::create_dir(root.join("other")).unwrap();
    std::fs::write(root.join("images/a.png"), "a").unwrap();
    std::fs::write(root.join("images/deep/c.png"), "c").unwrap();
    std::fs::write(root.join("other/b.png"), "b").unwrap();
    std::fs::write(folder.path().join("canary"), CANARY).unwrap();
    let access = Access { root: Some(Root::open(&root).unwrap()), ..open_access().unwrap() };
    (folder, access)
}

fn storage(access: &Access, path: &str) -> Result<Bucket, Problem> {
    connect(Kind::LocalFiles, &Fields::of(json!({"path": path})), access)
}

fn root(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("top").canonicalize().unwrap()
}

#[tokio::test]
async fn a_path_may_be_written_in_many_ways() {
    let (folder, access) = folders();
    let full = root(&folder).join("images");
    for path in [full.to_str().unwrap(), &format!("{}/", full.display()), "images", "images/", "./images//"] {
        let bucket = storage(&access, path).unwrap();
        bucket.check(Purpose::Import).await.unwrap();
        assert_eq!(keys(&all(&bucket, everything()).await), ["images/a.png", "images/deep/c.png"], "{path}");
        assert_eq!(bucket.uri("images/a b.png"), "/data/local-files/?d=images/a%20b.png");
        assert_eq!(bucket.key_for("7"), "images/7");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_root() {
    let (folder, access) = folders();
    let outside = folder.path().canonicalize().unwrap();
    for path in ["..", "../top/images", "images/../../", "/etc", "/", outside.to_str().unwrap(), "images/\0"]
    {
        match storage(&access, path) {
            Err(problem) => {
                assert!(matches!(problem.cause, Cause::Outside | Cause::Invalid), "{path}: {problem:?}")
            }
            Ok(bucket) => assert!(bucket.check(Purpose::Import).await.is_err(), "{path}"),
        }
    }
    // The root itself is too much.
    assert_eq!(
        storage(&access, ".").unwrap().check(Purpose::Import).await.unwrap_err().cause,
        Cause::Invalid
    );

    let bucket = storage(&access, "images").unwrap();
    let full = format!("{}/canary", outside.display());
    for key in [
        "../canary",
        "images/../../canary",
        "images/../other/b.png",
        "other/b.png",
        "/etc/passwd",
        "images/./../../canary",
        "images/\0",
        "images/a.png\0.txt",
        "",
        "images",
        "images/deep",
        ".",
        "..",
        "//canary",
        "images//../../canary",
        &full,
    ] {
        let problem = bucket.read(key, 1000).await.unwrap_err();
        assert!(!format!("{problem:?}").contains(CANARY));
        let problem = bucket.put(key, Bytes::from_static(b"overwritten"), None).await.unwrap_err();
        assert_ne!(problem.cause, Cause::Unsupported);
        assert!(bucket.delete(key).await.is_err(), "{key}");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("canary")).unwrap(), CANARY);
    assert_eq!(std::fs::read_to_string(root(&folder).join("other/b.png")).unwrap(), "b");
}

#[tokio::test]
async fn links_are_followed_inside_and_refused_outside() {
    let (folder, access) = folders();
    let images = root(&folder).join("images");
    symlink("../other/b.png", images.join("inside.png")).unwrap();
    symlink(root(&folder).join("other"), images.join("full")).unwrap();
    symlink("../../canary", images.join("outside.png")).unwrap();
    symlink(folder.path().join("canary"), images.join("full-outside.png")).unwrap();
    symlink(folder.path(), images.join("folder-outside")).unwrap();
    symlink("nowhere", images.join("broken.png")).unwrap();
    symlink(".", images.join("deep/round")).unwrap();
    symlink("..", images.join("deep/up")).unwrap();
    let bucket = storage(&access, "images").unwrap();
    let found = all(&bucket, everything()).await;
    assert_eq!(keys(&found), ["images/a.png", "images/full/b.png", "images/deep/c.png", "images/inside.png"]);
    assert_eq!(bucket.read("images/inside.png", 9).await.unwrap(), "b");
    assert_eq!(bucket.read("images/full/b.png", 9).await.unwrap(), "b");
    for key in ["images/outside.png", "images/full-outside.png", "images/folder-outside/canary"] {
        let problem = bucket.read(key, 1000).await.unwrap_err();
        assert_eq!(problem.cause, Cause::Outside, "{key}: {problem:?}");
    }
    assert_eq!(bucket.read("images/broken.png", 9).await.unwrap_err().cause, Cause::NoSuchKey);
    // Writing replaces the link, and does not write through it.
    bucket.put("images/outside.png", Bytes::from_static(b"new"), None).await.unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("canary")).unwrap(), CANARY);
    assert!(bucket.put("images/folder-outside/x", Bytes::from_static(b"new"), None).await.is_err());
    assert!(!folder.path().join("x").exists());
}

#[tokio::test]
async fn what_is_no_regular_file_is_not_read() {
    let (folder, access) = folders();
    let socket = root(&folder).join("images/socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let bucket = storage(&access, "images").unwrap();
    assert!(!keys(&all(&bucket, everything()).await).contains(&"images/socket"));
    assert!(bucket.read("images/socket", 9).await.is_err());
}

#[tokio::test]
async fn switched_off_says_how_to_switch_it_on() {
    let problem = storage(&open_access().unwrap(), "images").unwrap_err();
    assert_eq!(problem.cause, Cause::Invalid);
    assert!(problem.mend.contains("LOCAL_FILES_SERVING_ENABLED"), "{problem:?}");
}
