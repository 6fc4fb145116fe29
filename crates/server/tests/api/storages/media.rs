//! Uploads that live in a bucket.

use super::*;
use bytes::Bytes;
use std::io::{Read, Seek, SeekFrom};
use tagloom_server::db;
use tagloom_server::files::{FileStore, MediaBucket};
use tagloom_storages::{Fields, Kind};

fn in_bucket(s3: &S3) -> MediaBucket {
    MediaBucket { kind: Kind::S3, fields: Fields::of(s3.fields(json!({"prefix": "media"}))) }
}

/// What is received waits in the spool, as the routes have it.
fn spooled(server: &Server, content: &[u8]) -> String {
    let name = format!("{}/waiting", FileStore::SPOOL);
    std::io::Write::write_all(&mut server.state.files.create(&name).unwrap(), content).unwrap();
    name
}

#[tokio::test]
async fn both_places_take_open_serve_and_forget() {
    let s3 = S3::start().await;
    // The bucket is the operator's: no filter stands before it.
    let place = in_bucket(&s3);
    let servers = [Server::start().await, Server::with(move |s| s.media = Some(place)).await];
    let content: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for server in servers {
        let (files, media) = (&server.state.files, &server.state.media);
        let from = spooled(&server, &content);
        media.take(files, &from, "upload/1/a b.png").await.unwrap();
        assert!(files.open_file(&from).is_err(), "the spool is empty again");
        let (mut file, size) = media.open("upload/1/a b.png").await.unwrap();
        let mut all = Vec::new();
        file.read_to_end(&mut all).unwrap();
        file.seek(SeekFrom::Start(7)).unwrap();
        assert_eq!((size, &all), (300_000, &content));

        let project = server.project(IMAGE_CONFIG).await;
        let tx = server.state.db.write().await.unwrap();
        let sql = "INSERT INTO file_uploads (project, file, size, created_at) VALUES ($1, $2, 300000, 'now')";
        db::run(&*tx, sql, vec![project.into(), "upload/1/a b.png".into()]).await.unwrap();
        tx.commit().await.unwrap();
        let path = "/data/upload/1/a%20b.png";
        let whole = server.ask("GET", path).send().await;
        assert_eq!((whole.status, whole.header("content-type"), &whole.bytes), (200, "image/png", &content));
        assert_eq!(whole.header("content-security-policy"), "sandbox");
        let part = server.ask("GET", path).header("range", "bytes=256-258").send().await;
        assert_eq!(
            (part.status, &part.bytes[..], part.header("content-range")),
            (206, &[0, 1, 2][..], "bytes 256-258/300000")
        );
        let etag = whole.header("etag").to_owned();
        assert_eq!(server.ask("GET", path).header("if-none-match", &etag).send().await.status, 304);
        assert_eq!(server.ask("GET", path).header("range", "bytes=300000-").send().await.status, 416);

        media.put("avatars/x.png", Bytes::from_static(b"small")).await.unwrap();
        media.put("avatars/x.png", Bytes::from_static(b"smaller")).await.unwrap();
        let mut text = String::new();
        media.open("avatars/x.png").await.unwrap().0.read_to_string(&mut text).unwrap();
        assert_eq!(text, "smaller");
        for bad in ["../x", "upload/../../x", "a\0b", "", "a\\b"] {
            assert!(media.open(bad).await.is_err() && media.put(bad, Bytes::new()).await.is_err(), "{bad:?}");
        }
        media
            .forget(["upload/1/a b.png".to_owned(), "avatars/x.png".to_owned(), "never/there".to_owned()])
            .await;
        assert!(media.open("avatars/x.png").await.is_err());
        server.ask("GET", path).send().await.error(404);
        let spool = server.dir.path().join("data/media/spool");
        assert_eq!(std::fs::read_dir(spool).map(Iterator::count).unwrap_or(0), 0, "no copy stays");
    }
}

#[tokio::test]
async fn two_servers_see_one_bucket_and_its_absence_is_told() {
    let s3 = S3::start().await;
    let place = in_bucket(&s3);
    let server = Server::with(move |s| s.media = Some(place)).await;
    let from = spooled(&server, b"shared");
    server.state.media.take(&server.state.files, &from, "upload/1/s.txt").await.unwrap();
    assert_eq!(std::fs::read(s3.folder.join("media/upload/1/s.txt")).unwrap(), b"shared");
    let other = server.beside().await;
    let project = server.project(IMAGE_CONFIG).await;
    let tx = server.state.db.write().await.unwrap();
    let sql =
        "INSERT INTO file_uploads (project, file, size, created_at) VALUES ($1, 'upload/1/s.txt', 6, 'now')";
    db::run(&*tx, sql, vec![project.into()]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(other.ask("GET", "/data/upload/1/s.txt").send().await.text(), "shared");
    let secret = s3.server.options().secret.clone();
    s3.server.fault(|faults| {
        faults.denied.insert("s3:GetObject");
    });
    let said = server.ask("GET", "/data/upload/1/s.txt").send().await.error(503);
    assert!(!said.contains(&secret) && said.contains("uploads"), "{said}");
    // By HTTP as well: what cannot be kept is refused with the reason, and nothing of it is left.
    s3.server.fault(|faults| faults.denied.clear());
    let (text, _) = server.tasks(1).await;
    assert_eq!(server.upload(text, "fine.csv", "text\none\n").await.status, 201);
    s3.server.fault(|faults| {
        faults.denied.insert("s3:PutObject");
    });
    let said = server.upload(text, "lost.csv", "text\ntwo\n").await.error(503);
    assert!(!said.contains(&secret) && said.contains("uploads"), "{said}");
    let listed = server.get(&format!("/api/projects/{text}/file-uploads?all=true")).await;
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
}
