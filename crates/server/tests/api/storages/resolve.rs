//! URIs in task data, and the objects behind them.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

fn fileuri(uri: &str) -> String {
    URL_SAFE.encode(uri).replace('=', "%3D")
}

/// A project with one imported picture of that name.
async fn with_object(s3: &S3, server: &Server, name: &str, content: &[u8], more: Value) -> (i64, i64) {
    write(&s3.folder, name, content);
    let fields = s3.fields(merged(json!({"use_blob_urls": true, "recursive_scan": true}), more));
    let (project, id) = storage(server, IMAGE_CONFIG, "s3", fields).await;
    assert_eq!(sync(server, "s3", id).await["status"], "completed");
    let list = tasks(server, project).await;
    let task = list.iter().find(|t| t["storage_filename"] == name).unwrap();
    (project, task["id"].as_i64().unwrap())
}

#[tokio::test]
async fn tasks_are_served_with_addresses_a_browser_can_load() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    let (project, task) = with_object(&s3, &server, "pre/a b.png", b"a", json!({})).await;
    let signed = "https://b.s3.amazonaws.com/a%2Fb%20c.png?X-Amz-Signature=ab%2Bcd";
    let data =
        json!({"image": "s3://data/pre/a b.png", "html": "<img src=\"s3://data/x.png\">", "signed": signed});
    server.patch(&format!("/api/tasks/{task}/"), json!({"data": data})).await;
    let address = format!("/tasks/{task}/resolve/?fileuri={}", URL_SAFE.encode("s3://data/pre/a b.png"));
    let check = |data: &Value| {
        assert_eq!(data["image"], address);
        assert!(
            data["html"]
                .as_str()
                .unwrap()
                .starts_with(&format!("<img src=\"/tasks/{task}/resolve/?fileuri="))
        );
        // LS#6472: byte for byte.
        assert_eq!(data["signed"], signed);
    };
    check(&server.get(&format!("/api/tasks/{task}/")).await["data"]);
    check(&server.get(&format!("/api/tasks/?project={project}")).await["tasks"][0]["data"]);
    check(&server.get(&format!("/api/tasks/?project={project}&fields=all")).await["tasks"][0]["data"]);
    check(&server.get(&format!("/api/projects/{project}/next/")).await["data"]);
    assert_eq!(server.get(&format!("/api/tasks/{task}/?resolve_uri=false")).await["data"], data);
    let list = server.get(&format!("/api/tasks/?project={project}&resolve_uri=false")).await;
    assert_eq!(list["tasks"][0]["data"], data);
    let exported = server.get(&format!("/api/projects/{project}/export?download_all_tasks=true")).await;
    assert_eq!(exported[0]["data"], data, "exports hold what is stored");

    let hosted = Server::with(|settings| {
        admit_loopback(settings);
        settings.host = "https://labels.example.org/base".into();
    })
    .await;
    let (_, task) = with_object(&s3, &hosted, "pre/b.png", b"b", json!({})).await;
    let image = hosted.get(&format!("/api/tasks/{task}/")).await["data"]["image"].clone();
    assert!(
        image
            .as_str()
            .unwrap()
            .starts_with(&format!("https://labels.example.org/base/tasks/{task}/resolve/")),
        "{image}"
    );
}

#[tokio::test]
async fn a_browser_is_sent_to_a_signed_url() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    for name in ["pre/plain.png", "pre/a b+c%20d#e?f&g='h'.png", "pre/ünï 日本.png"] {
        let more = json!({"presign_ttl": 15, "prefix": "pre"});
        let (project, task) = with_object(&s3, &server, name, name.as_bytes(), more).await;
        let image =
            server.get(&format!("/api/tasks/{task}/")).await["data"]["image"].as_str().unwrap().to_owned();
        let uri = format!("s3://data/{name}");
        let percent: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
        for path in [
            image,
            format!("/tasks/{task}/presign/?fileuri={}", fileuri(&uri)),
            format!("/projects/{project}/resolve?fileuri={percent}"),
            format!("/projects/{project}/presign/?fileuri={percent}"),
        ] {
            let answer = server.ask("GET", &path).send().await;
            assert_eq!(answer.status, 303, "{path}: {answer:?}");
            assert_eq!(answer.header("cache-control"), "no-store, max-age=900");
            let url = answer.header("location");
            assert!(url.starts_with(&s3.server.endpoint()) && url.contains("X-Amz-Expires=900"), "{url}");
            // As a browser would: no token of ours, nothing but the URL.
            let object = reqwest::get(url).await.unwrap();
            assert_eq!(
                (object.status().as_u16(), object.headers()["content-type"].to_str().unwrap()),
                (200, "image/png")
            );
            assert_eq!(object.text().await.unwrap(), name);
        }
    }
}

#[tokio::test]
async fn without_signing_the_server_passes_the_object_on() {
    let s3 = S3::start().await;
    let server = Server::with(|settings| {
        admit_loopback(settings);
        settings.storages.proxy_range = 100;
    })
    .await;
    let content: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let (_, task) = with_object(&s3, &server, "a b.png", &content, json!({"presign": false})).await;
    let path = server.get(&format!("/api/tasks/{task}/")).await["data"]["image"].as_str().unwrap().to_owned();
    let get = async |headers: &[(&str, &str)]| {
        headers
            .iter()
            .fold(server.ask("GET", &path), |request, (name, value)| request.header(name, value))
            .send()
            .await
    };
    let whole = get(&[]).await;
    assert_eq!((whole.status, &whole.bytes), (200, &content));
    for (name, value) in [
        ("content-type", "image/png"),
        ("accept-ranges", "bytes"),
        ("content-length", "1000"),
        ("cache-control", "private, max-age=3600, must-revalidate"),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
    assert!(whole.header("last-modified").ends_with("GMT"), "{}", whole.header("last-modified"));
    for (range, from, to) in [
        ("bytes=0-9", 0, 9),
        ("bytes=0-", 0, 999),
        ("bytes=990-", 990, 999),
        ("bytes=-6", 994, 999),
        // Longer than a request may ask for.
        ("bytes=100-", 100, 199),
        ("bytes=5-900", 5, 104),
    ] {
        let part = get(&[("range", range)]).await;
        assert_eq!((part.status, &part.bytes[..]), (206, &content[from..=to]), "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{to}/1000"));
    }
    let beyond = get(&[("range", "bytes=1000-")]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */1000"));
    let etag = whole.header("etag").to_owned();
    assert!(etag.starts_with("\"11"), "the user and the right to see: {etag}");
    let again = get(&[("if-none-match", &etag)]).await;
    assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, etag.as_str()));
    assert_eq!(get(&[("if-none-match", &etag), ("range", "bytes=0-1")]).await.status, 206);
    let colleague = server.colleague().await;
    assert_ne!(colleague, 1);
    let theirs = server.anonymous("GET", &path).token(COLLEAGUE).header("if-none-match", &etag).send().await;
    assert_eq!(theirs.status, 200, "what one person has seen is not another's");
}

#[tokio::test]
async fn failures_name_their_cause_and_no_foreign_bucket_is_reached() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    let (project, task) = with_object(&s3, &server, "a.png", b"a", json!({"presign": false})).await;
    s3.server.bucket("secret").unwrap();
    let get = async |uri: &str| {
        server.ask("GET", &format!("/tasks/{task}/resolve/?fileuri={}", fileuri(uri))).send().await
    };
    for foreign in [
        "s3://secret/a.png",
        "s3://data.other/a.png",
        "s3://dat/a.png",
        "gs://data/a.png",
        "s3://data/",
        "https://data/a.png",
        "file:///etc/passwd",
    ] {
        let said = get(foreign).await.error(404);
        assert!(said.contains("No import storage"), "{foreign}: {said}");
    }
    for path in [
        format!("/tasks/{task}/resolve/"),
        format!("/projects/{project}/presign?fileuri="),
        format!("/tasks/{task}/presign?fileuri=!!"),
    ] {
        assert!(server.ask("GET", &path).send().await.error(400).contains("fileuri"));
    }
    let said = get("s3://data/missing.png").await.error(424);
    assert!(said.contains("missing.png"), "{said}");
    server.ask("GET", "/tasks/4711/resolve/?fileuri=s3://data/a.png").send().await.error(404);
    s3.server.fault(|faults| {
        faults.denied.insert("s3:GetObject");
    });
    let said = get("s3://data/a.png").await.error(424);
    assert!(said.contains("permi") || said.contains("allow"), "{said}");
    let said = get("s3://data/../secret/a.png").await;
    assert!(said.status == 424 || said.status == 404, "{said:?}");
}
