//! The settings in `deploy/compose.yaml` are those of a server that works: one is started with them, with this machine's
//! database and bucket in the place of the containers.

use crate::support::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use tagloom_storages::testing::{S3Options, S3Server};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// `environment` of the servers, with the defaults of what `.env` holds.
fn environment() -> BTreeMap<String, String> {
    let text = file("compose.yaml");
    let block = text.split_once("environment: &environment\n").expect("the servers' environment").1;
    let value = |text: &str| match text.strip_prefix("${").and_then(|t| t.strip_suffix('}')) {
        Some(named) => match named.split_once(":-") {
            Some((_, default)) => default.to_owned(),
            // As long as what example.env tells to put there.
            None => format!("{:x<64}", named.split(':').next().unwrap_or_default()),
        },
        None => text.to_owned(),
    };
    block
        .lines()
        .take_while(|line| line.starts_with("    "))
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(name, text)| (name.to_owned(), value(text)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_the_settings_of_the_compose_file_works() {
    let mut env = environment();
    assert!(env.len() > 12, "{env:?}");
    let (dir, database) = place().await;
    let buckets = tempfile::tempdir().unwrap();
    let bucket = env["STORAGE_AWS_BUCKET_NAME"].clone();
    let mut options = S3Options::new(buckets.path());
    options.key = env["STORAGE_AWS_ACCESS_KEY_ID"].clone();
    options.secret = env["STORAGE_AWS_SECRET_ACCESS_KEY"].clone();
    let s3 = S3Server::start(options).await.unwrap();
    let folder = s3.bucket(&bucket).unwrap();
    let endpoint = s3.fields(&bucket)["s3_endpoint"].as_str().unwrap().to_owned();
    env.insert("STORAGE_AWS_ENDPOINT_URL".into(), endpoint);
    match database.as_deref().map(|url| url::Url::parse(url).unwrap()) {
        Some(url) => {
            for (name, value) in [
                ("POSTGRE_HOST", url.host_str().unwrap().to_owned()),
                ("POSTGRE_PORT", url.port().unwrap().to_string()),
                ("POSTGRE_NAME", url.path().trim_start_matches('/').to_owned()),
                ("POSTGRE_USER", url.username().to_owned()),
            ] {
                env.insert(name.into(), value);
            }
        }
        None => env.retain(|name, _| name != "DJANGO_DB" && !name.starts_with("POSTGRE_")),
    }
    // The address that the server tells is the balancer's.
    let port = free_port();
    env.insert("HOST".into(), format!("http://localhost:{port}"));
    let mut command = binary();
    command.args(["start", "--no-browser", "--enable-legacy-api-token", "--port", &port.to_string()]);
    command.args(["--username", "owner@example.com", "--password", "correct horse", "--user-token", OWNER]);
    command.arg("--data-dir").arg(dir.path().join("data")).envs(&env);
    let server = Process::of(command);
    let ready = server.request("GET", "/health/ready").ok().await;
    assert_eq!(ready, json!({"status": "READY", "database": "up", "media": "up"}));
    let monitor = format!("Bearer {}", env["METRICS_TOKEN"]);
    let numbers = server.request("GET", "/metrics");
    assert_eq!(numbers.send().await.status, 401);
    let numbers = reqwest::Client::new().get(format!("{}/metrics", server.url));
    assert_eq!(Request(numbers).header("authorization", &monitor).send().await.status, 200);

    let body = json!({"title": "Composed", "label_config": TEXT_CONFIG});
    let project = server.request("POST", "/api/projects/").json(body).ok().await["id"].clone();
    let part = reqwest::multipart::Part::bytes(b"text\na\nb\n".to_vec()).file_name("two.csv");
    let request = server.request("POST", &format!("/api/projects/{project}/import"));
    let request = request.0.multipart(reqwest::multipart::Form::new().part("file", part));
    assert_eq!(Request(request).ok().await["task_count"], 2);
    let uploads = folder.join(format!("upload/{project}"));
    let kept: Vec<_> = std::fs::read_dir(&uploads)
        .unwrap_or_else(|e| panic!("{}: {e}", uploads.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(kept.len() == 1 && kept[0].ends_with("-two.csv"), "the upload is in the bucket: {kept:?}");
}

/// `tagloom db backup` refuses a database that is newer than its programs.
#[test]
fn the_container_has_the_programs_of_its_database() {
    let database = file("compose.yaml");
    let database = database.split_once("image: postgres:").expect("a database").1;
    let version = database.split(['-', '\n']).next().unwrap_or_default();
    // What Debian's releases have (packages.debian.org, postgresql-client).
    let releases = BTreeMap::from([("bookworm", "15"), ("trixie", "17")]);
    let container = file("Containerfile");
    let base = container.rsplit_once("FROM debian:").expect("the second stage").1;
    let release = base.split('-').next().unwrap_or_default();
    assert_eq!(releases.get(release), Some(&version), "{release}");
}

/// What the build asks for at its first step.
#[test]
fn the_container_is_built_with_a_node_that_is_new_enough() {
    let oldest = file("../crates/xtask/src/tools/node.rs");
    let oldest = oldest.split_once("const OLDEST: u32 = ").expect("the oldest Node").1;
    let oldest: u32 = oldest.split(';').next().unwrap_or_default().parse().unwrap();
    // What Debian's releases have (packages.debian.org, nodejs).
    let releases = BTreeMap::from([("bullseye", 12), ("bookworm", 18), ("trixie", 20)]);
    let container = file("Containerfile");
    let image = container.split_once("FROM rust:").expect("the first stage").1;
    let release = image.split(['-', ' ']).nth(1).unwrap_or_default();
    assert!(releases.get(release).is_some_and(|version| *version >= oldest), "{release}");
}

/// Everything else of the folder becomes a layer of the image that others may get to see.
#[test]
fn the_container_is_built_without_secrets() {
    let ignored = file("../.dockerignore");
    for line in [".git", "/target", "**/.env"] {
        assert!(ignored.lines().any(|ignored| ignored == line), "{line}");
    }
}
