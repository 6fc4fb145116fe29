//! `tagloom doctor`, and the same for the app.

use super::*;
use std::process::Output;

fn run(data: &Path, database: Option<&str>, env: &[(&str, &str)], args: &[&str]) -> (bool, String) {
    let mut command = binary();
    command.args(args).arg("--data-dir").arg(data).envs(env.iter().copied());
    if let Some(url) = database {
        command.env("DATABASE_URL", url);
    }
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// The words of a line that begins so.
#[track_caller]
fn line<'a>(text: &'a str, start: &str) -> &'a str {
    let found = text.lines().find(|line| line.starts_with(start));
    found.unwrap_or_else(|| panic!("no line {start:?}: {text}")).trim_start_matches(start).trim()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_of_local_files_names_path_and_rule() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let root = dir.path().join("files");
    write(&root, "images/a b.png", "a");
    write(&root, "other/b.png", "b");
    std::os::unix::fs::symlink("/etc/hostname", root.join("images/out")).unwrap();
    let root_text = root.to_str().unwrap().to_owned();
    let doctor = |more: &[&str], env: &[(&str, &str)], path: &str| {
        let args: Vec<&str> = ["doctor", "local", path].into_iter().chain(more.iter().copied()).collect();
        run(&data, database.as_deref(), env, &args)
    };
    let flag = ["--root", root_text.as_str()];
    for path in [
        "images/a b.png",
        root.join("images/a b.png").to_str().unwrap(),
        "http://h/data/local-files/?d=images%2Fa+b.png",
    ] {
        let (good, text) = doctor(&flag, &[], path);
        assert!(good, "{path}: {text}");
        assert_eq!(line(&text, "path"), "images/a b.png");
        assert!(line(&text, "resolves to").ends_with("files/images/a b.png"), "{text}");
        assert!(line(&text, "allowed").contains("--root"), "{text}");
        assert!(line(&text, "address").ends_with("/data/local-files/?d=images%2Fa+b.png"), "{text}");
    }
    for (path, rule) in [
        ("images/out", "link-leads-out"),
        ("../etc/passwd", "outside-root"),
        ("images/missing.png", "no-such-file"),
        ("images", "is-a-folder"),
    ] {
        let (good, text) = doctor(&flag, &[], path);
        assert!(!good && line(&text, "refused").contains(rule), "{path}: {text}");
    }
    let (good, text) = doctor(&[], &[], "images/a b.png");
    assert!(!good && line(&text, "refused").contains("serving-is-off"), "{text}");
    let env = [("LOCAL_FILES_SERVING_ENABLED", "true"), ("LOCAL_FILES_DOCUMENT_ROOT", root_text.as_str())];
    let (good, text) = doctor(&[], &env, "images/a b.png");
    assert!(!good && line(&text, "refused").contains("no-storage"), "{text}");

    let server = Process::start(&data, database.as_deref(), &["--root", &root_text]).await;
    let project = server.request("POST", "/api/projects/").json(json!({"title": "Local"})).ok().await;
    let body = json!({"project": project["id"], "path": root.join("images")});
    let storage = server.request("POST", "/api/storages/localfiles").json(body).ok().await;
    server.kill();
    let (good, text) = doctor(&[], &env, "images/a b.png");
    assert!(good && line(&text, "allowed").contains(&format!("import storage {}", storage["id"])), "{text}");
    let (good, text) = doctor(&[], &env, "other/b.png");
    assert!(!good && line(&text, "refused").contains("no-storage"), "{text}");
    let (good, text) =
        run(&data, database.as_deref(), &env, &["doctor", "storage", &storage["id"].to_string()]);
    assert!(good && text.contains("Local files"), "{text}");
    let (good, text) = run(&data, database.as_deref(), &env, &["doctor", "storage", "4711"]);
    assert!(!good && text.contains("4711"), "{text}");
}

#[tokio::test]
async fn the_doctor_of_a_storage_names_the_cause_and_prints_cors_rules() {
    let s3 = S3::start().await;
    write(&s3.folder, "a.png", "a");
    let server = Server::with(admit_loopback).await;
    let (project, id) = storage(&server, IMAGE_CONFIG, "s3", s3.fields(json!({"use_blob_urls": true}))).await;
    // What two reports can have in common: each has looked at the clocks at its own moment.
    let steady = |mut report: Value| {
        let mut steps = report["steps"].as_array_mut().unwrap().iter_mut();
        let clock = steps.find(|step| step["name"] == "clock").unwrap();
        assert!(clock["note"].take().as_str().unwrap().contains("apart"));
        report
    };
    let diagnose = async || steady(server.get(&format!("/api/storages/s3/{id}/diagnose")).await);
    let ill = diagnose().await;
    assert!(ill["steps"].as_array().is_some_and(|steps| !steps.is_empty()), "{ill}");
    let cors: Value = serde_json::from_str(ill["cors_json"].as_str().unwrap()).unwrap();
    assert!(
        cors.to_string().contains(&server.url),
        "rules for the origin that the app is loaded from: {cors}"
    );
    // Settings that are not stored yet are tried in the same way, and what a field is to blame for is said there.
    let unsaved = async |body: Value| server.ask("POST", "/api/storages/s3/diagnose").json(body).send().await;
    let mut fields = s3.fields(json!({"project": project, "use_blob_urls": true}));
    assert_eq!(steady(unsaved(fields.clone()).await.json()), ill);
    let other = merged(fields.clone(), json!({"bucket": "other"}));
    assert!(unsaved(other).await.error(400).contains("bucket"));
    let other = merged(fields.clone(), json!({"aws_secret_access_key": "another+secret"}));
    assert!(unsaved(other).await.error(400).contains("aws_secret_access_key"));
    fields["id"] = id.into();
    fields.as_object_mut().unwrap().retain(|name, _| !name.contains("access_key"));
    assert_eq!(steady(unsaved(fields.clone()).await.json()), ill, "with the stored secrets");
    let all = server.get(&format!("/api/storages/s3?project={project}")).await;
    assert_eq!(all.as_array().unwrap().len(), 1, "nothing was stored: {all}");
    s3.server.fault(|faults| {
        faults.denied.insert("s3:ListBucket");
    });
    let ill = diagnose().await;
    assert_eq!(
        steady(unsaved(fields).await.json()),
        ill,
        "no field is to blame for what the provider denies"
    );
    assert_eq!(ill["ok"], false, "{ill}");
    let failed: Vec<&Value> =
        ill["steps"].as_array().unwrap().iter().filter(|step| step["status"] == "failed").collect();
    assert!(
        failed[0]["problem"]["cause"]["name"].is_string() && failed[0]["problem"]["mend"].is_string(),
        "{ill}"
    );
    assert!(!ill.to_string().contains(&s3.server.options().secret), "{ill}");
    let body = s3.fields(json!({"project": project}));
    s3.server.fault(|faults| faults.denied.clear());
    let target = server.post("/api/storages/export/s3", body).await;
    let well = server.get(&format!("/api/storages/export/s3/{}/diagnose", target["id"])).await;
    assert!(well["steps"].is_array(), "{well}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_of_a_bucket_on_the_command_line() {
    let s3 = S3::start().await;
    write(&s3.folder, "a.png", "a");
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    const ALLOWED: (&str, &str) = ("SSRF_ALLOWED_SUBNETS", "127.0.0.0/8");
    let mut command = Process::command(&data, database.as_deref());
    command.envs([ALLOWED]);
    let server = Process::of(command);
    let project = server.request("POST", "/api/projects/").json(json!({"title": "Bucket"})).ok().await;
    let body = s3.fields(json!({"project": project["id"], "use_blob_urls": true}));
    let storage = server.request("POST", "/api/storages/s3").json(body).ok().await;
    server.kill();
    let doctor = |env: &[(&str, &str)]| {
        run(&data, database.as_deref(), env, &["doctor", "storage", &storage["id"].to_string()])
    };
    // The bucket has no CORS rules, so browsers could not load from it.
    let host = [ALLOWED, ("LABEL_STUDIO_HOST", "https://label.example.com")];
    let (good, text) = doctor(&host);
    assert!(!good && text.contains("CORS rules for the bucket"), "{text}");
    let rules = text.rsplit_once(":\n").unwrap().1;
    let rules: Value = serde_json::from_str(rules).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert!(rules.to_string().contains("https://label.example.com"), "{rules}");
    let (_, text) = doctor(&[ALLOWED]);
    assert!(text.contains("LABEL_STUDIO_HOST"), "{text}");
    s3.server.fault(|faults| {
        faults.denied.insert("s3:ListBucket");
    });
    let (good, text) = doctor(&host);
    assert!(!good && text.contains("s3:ListBucket"), "{text}");
    assert!(!text.contains(&s3.server.options().secret), "{text}");
    // Addresses of this machine are refused unless the operator allows them.
    let (good, text) = doctor(&host[1..]);
    assert!(!good && text.contains("SSRF_ALLOWED_SUBNETS"), "{text}");
}
