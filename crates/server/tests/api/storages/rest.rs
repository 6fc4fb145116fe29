//! Setting storages up.

use super::*;
use tagloom_server::db;
use tagloom_storages::Env;

#[tokio::test]
async fn types_and_forms() {
    let server = Server::start().await;
    for face in ["", "export/"] {
        let types = server.get(&format!("/api/storages/{face}types")).await;
        assert_eq!(types[0], json!({"name": "s3", "title": "AWS S3"}));
        let names: Vec<&str> =
            types.as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["s3", "gcs", "azure", "localfiles"]);
        for name in names {
            let form = server.get(&format!("/api/storages/{face}{name}/form")).await;
            let fields: Vec<&Value> =
                form.as_array().unwrap().iter().flat_map(|row| row["fields"].as_array().unwrap()).collect();
            assert!(fields.iter().any(|f| f["name"] == "title"), "{form}");
            assert!(fields.iter().all(|f| f["label"] != "" && f["type"].is_string()), "{form}");
            assert_eq!(
                fields.iter().any(|f| f["name"] == "presign"),
                face.is_empty() && name != "localfiles"
            );
            assert_eq!(fields.iter().any(|f| f["name"] == "can_delete_objects"), !face.is_empty());
        }
        let redis =
            server.ask("GET", &format!("/api/storages/{face}redis?project=1")).send().await.error(400);
        assert!(redis.contains("Redis") && redis.contains("localfiles"), "{redis}");
        server.ask("GET", &format!("/api/storages/{face}ftp?project=1")).send().await.error(404);
    }
    let without = Server::with(|s| s.storages.local_files = false).await;
    assert_eq!(without.get("/api/storages/types").await.as_array().unwrap().len(), 3);
    let said = without.ask("GET", "/api/storages/localfiles?project=1").send().await.error(400);
    assert!(said.contains("ENABLE_LOCAL_FILES_STORAGE"), "{said}");
}

#[tokio::test]
async fn a_storage_is_made_changed_and_deleted_and_its_secrets_stay_secret() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    write(&s3.folder, "pre/a.png", "a");
    let project = server.project(IMAGE_CONFIG).await;
    let secret = s3.server.options().secret.clone();
    let body = s3.fields(json!({
        "project": project, "title": "S", "prefix": "pre", "use_blob_urls": true, "presign_ttl": 15,
    }));
    let made = server.ask("POST", "/api/storages/s3/").json(body).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    let storage = made.json();
    // spec/server.md 5.2
    assert_eq!(
        keys(&storage),
        [
            "id",
            "type",
            "synchronizable",
            "presign",
            "last_sync",
            "last_sync_count",
            "last_sync_job",
            "status",
            "traceback",
            "meta",
            "title",
            "description",
            "created_at",
            "bucket",
            "prefix",
            "regex_filter",
            "use_blob_urls",
            "aws_sse_kms_key_id",
            "region_name",
            "s3_endpoint",
            "presign_ttl",
            "recursive_scan",
            "project",
        ]
    );
    let mut expected = json!({
        "id": storage["id"], "type": "s3", "synchronizable": true, "presign": true, "last_sync": null,
        "last_sync_count": null, "last_sync_job": null, "status": "initialized", "traceback": null, "meta": {}, "title": "S",
        "description": null, "created_at": storage["created_at"], "bucket": "data", "prefix": "pre", "regex_filter": null,
        "use_blob_urls": true, "aws_sse_kms_key_id": null, "region_name": "us-east-1",
        "s3_endpoint": s3.server.endpoint(), "presign_ttl": 15, "recursive_scan": false, "project": project,
    });
    assert_eq!(storage, expected);
    assert_timestamp(&storage["created_at"]);

    let path = format!("/api/storages/s3/{}", storage["id"]);
    expected["title"] = "New".into();
    expected["presign"] = false.into();
    // A form that comes back without the secrets that it never had.
    let change = json!({"title": "New", "presign": false, "aws_secret_access_key": ""});
    assert_eq!(server.patch(&path, change).await, expected);
    assert_eq!(server.get(&path).await, expected);
    assert_eq!(server.get(&format!("/api/storages/?project={project}")).await, json!([expected]));
    assert_eq!(server.get(&format!("/api/storages/s3?project={project}")).await, json!([expected]));
    assert_eq!(server.get(&format!("/api/storages/gcs?project={project}")).await, json!([]));
    assert_eq!(server.get(&format!("/api/storages/export?project={project}")).await, json!([]));
    server.ask("GET", &path.replace("s3", "azure")).send().await.error(404);
    server.ask("GET", &path.replace("storages/s3", "storages/export/s3")).send().await.error(404);
    let put = server.ask("PUT", &path).json(json!({"bucket": "data", "title": "Put"})).ok().await;
    assert_eq!((&put["title"], &put["prefix"]), (&json!("Put"), &json!("pre")));
    // The stored secret is used still.
    assert_eq!(sync(&server, "s3", storage["id"].as_i64().unwrap()).await["last_sync_count"], 1);

    let row = db::one(server.state.db.read(), "SELECT fields, secrets FROM storages", vec![])
        .await
        .unwrap()
        .unwrap();
    let (fields, sealed): (String, String) =
        (row.try_get("", "fields").unwrap(), row.try_get("", "secrets").unwrap());
    for hidden in [secret.as_str(), s3.server.options().key.as_str(), "aws_secret"] {
        assert!(
            !fields.contains(hidden) && !sealed.contains(hidden),
            "{hidden} lies open: {fields} {sealed}"
        );
    }
    let shown =
        [made.text(), server.get(&path).await.to_string(), server.get("/api/jobs/").await.to_string()];
    assert!(shown.iter().all(|text| !text.contains(&secret)), "{shown:?}");

    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    server.ask("GET", &path).send().await.error(404);
    assert_eq!(count(&server, project).await, 1, "the tasks stay");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field() {
    let s3 = S3::start().await;
    let server = Server::with(admit_loopback).await;
    let project = server.project(IMAGE_CONFIG).await;
    let refused = async |more: Value, status: u16| {
        let body = s3.fields(merged(json!({"project": project}), more));
        let answer = server.ask("POST", "/api/storages/s3/").json(body).send().await;
        let said = answer.error(status);
        assert!(!said.contains(&s3.server.options().secret), "{said}");
        (answer.json()["validation_errors"].clone(), said)
    };
    for (more, field) in [
        (json!({"bucket": "s3://data/x"}), "bucket"),
        (json!({"bucket": "nowhere"}), "bucket"),
        (json!({"regex_filter": "("}), "regex_filter"),
        (json!({"presign_ttl": 0}), "presign_ttl"),
        (json!({"presign": "often"}), "presign"),
        (json!({"s3_endpoint": "not a url"}), "s3_endpoint"),
        (json!({"s3_endpoint": "http://127.0.0.1:1"}), "s3_endpoint"),
        (json!({"region_name": "mars-1"}), "region_name"),
        (json!({"title": 7}), "title"),
        (json!({"aws_secret_access_key": "wrong"}), "aws_secret_access_key"),
        (json!({"aws_access_key_id": "wrong"}), "aws_access_key_id"),
        (json!({"prefix": "no/such/prefix"}), "non_field_errors"),
    ] {
        let (fields, said) = refused(more.clone(), 400).await;
        assert!(fields[field].is_array(), "{more}: {said}");
    }
    let (_, said) = refused(json!({"region_name": "mars-1"}), 400).await;
    assert!(said.contains("us-east-1"), "names the right region: {said}");
    let body = s3.fields(json!({}));
    let said = server.ask("POST", "/api/storages/s3/").json(body).send().await.error(400);
    assert!(said.contains("project"), "{said}");
    let said = server.ask("GET", "/api/storages/s3/").send().await.error(400);
    assert!(said.contains("project"), "{said}");
    assert_eq!(
        server.get(&format!("/api/storages/?project={project}")).await,
        json!([]),
        "nothing was stored"
    );
}

#[tokio::test]
async fn cve_2025_25297_an_endpoint_inside_is_refused_unless_the_operator_set_it() {
    let s3 = S3::start().await;
    write(&s3.folder, "a.png", "a");
    let server = Server::start().await;
    let project = server.project(IMAGE_CONFIG).await;
    for endpoint in [
        s3.server.endpoint().as_str(),
        "http://169.254.169.254/latest",
        "http://[::1]:9000",
        "http://10.0.0.1",
    ] {
        for path in [
            "/api/storages/s3/",
            "/api/storages/s3/validate",
            "/api/storages/s3/files",
            "/api/storages/export/s3",
        ] {
            let body = s3.fields(json!({"project": project, "s3_endpoint": endpoint}));
            let said = server.ask("POST", path).json(body).send().await.error(403);
            assert!(said.contains("private or reserved"), "{path} {endpoint}: {said}");
        }
    }
    assert!(s3.server.requests().is_empty(), "nothing was asked: {:?}", s3.server.requests());

    let variables = s3.server.fields("data");
    let server = Server::with(move |settings| {
        settings.storages.env = Env::new(move |name| {
            let field = match name {
                "S3_ENDPOINT" => "s3_endpoint",
                "AWS_ACCESS_KEY_ID" => "aws_access_key_id",
                "AWS_SECRET_ACCESS_KEY" => "aws_secret_access_key",
                _ => return None,
            };
            variables[field].as_str().map(str::to_owned)
        });
    })
    .await;
    let (_, id) =
        super::storage(&server, IMAGE_CONFIG, "s3", json!({"bucket": "data", "use_blob_urls": true})).await;
    assert_eq!(
        sync(&server, "s3", id).await["last_sync_count"],
        1,
        "with the operator's credentials and endpoint"
    );
}

#[tokio::test]
async fn validate_takes_the_stored_secrets_and_changes_nothing() {
    let s3 = S3::start().await;
    write(&s3.folder, "pre/a.png", "a");
    let server = Server::with(admit_loopback).await;
    let (project, id) =
        super::storage(&server, IMAGE_CONFIG, "s3", s3.fields(json!({"title": "Mine"}))).await;
    let before = server.get(&format!("/api/storages/s3/{id}")).await;
    let try_out = async |body: Value| server.ask("POST", "/api/storages/s3/validate").json(body).send().await;
    let mut body = json!({
        "id": id, "project": project, "title": "Other", "bucket": "data", "prefix": "pre", "region_name": "us-east-1",
        "s3_endpoint": s3.server.endpoint(),
    });
    let good = try_out(body.clone()).await;
    assert_eq!((good.status, good.text().as_str()), (200, ""));
    body["aws_secret_access_key"] = "wrong".into();
    try_out(body.clone()).await.error(400);
    body["id"] = 4711.into();
    try_out(body.clone()).await.error(404);
    body.as_object_mut().unwrap().remove("id");
    body.as_object_mut().unwrap().remove("aws_secret_access_key");
    try_out(body).await.error(400);
    assert_eq!(server.get(&format!("/api/storages/s3/{id}")).await, before);
}

#[tokio::test]
async fn a_preview_shows_what_a_sync_would_see() {
    let s3 = S3::start().await;
    for n in 0..5 {
        write(&s3.folder, &format!("pre/{n}.png"), vec![0; n]);
    }
    write(&s3.folder, "pre/deep/6.png", "6");
    write(&s3.folder, "pre/notes.txt", "no");
    let server = Server::with(admit_loopback).await;
    let project = server.project(IMAGE_CONFIG).await;
    let preview = async |more: Value| {
        let body =
            s3.fields(merged(json!({"project": project, "prefix": "pre/", "regex_filter": ".*png"}), more));
        server.post("/api/storages/s3/files", body).await["files"].as_array().unwrap().clone()
    };
    let all = preview(json!({})).await;
    let names: Vec<&str> = all.iter().map(|f| f["key"].as_str().unwrap()).collect();
    assert_eq!(names, ["pre/0.png", "pre/1.png", "pre/2.png", "pre/3.png", "pre/4.png"]);
    assert_eq!(all[3]["size"], 3);
    assert_timestamp(&all[0]["last_modified"]);
    assert_eq!(preview(json!({"recursive_scan": true})).await.len(), 6);
    let first = preview(json!({"limit": 2})).await;
    assert_eq!((first.len(), &first[2]["key"]), (3, &Value::Null), "there is more");
    let said = server
        .ask("POST", "/api/storages/s3/files")
        .json(s3.fields(json!({"limit": -1})))
        .send()
        .await
        .error(400);
    assert!(said.contains("limit"), "{said}");
}
