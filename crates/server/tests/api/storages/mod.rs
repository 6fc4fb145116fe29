//! Storages: set up, synced, resolved, written to; local files and what is refused of them. The S3 server is a real one,
//! on loopback.

mod corpus;
mod doctor;
mod export;
mod local;
mod media;
mod resolve;
mod rest;
mod sync;

use crate::support::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tagloom_server::Settings;
use tagloom_server::egress::Subnets;
use tagloom_storages::testing::{S3Options, S3Server};

const IMAGE_CONFIG: &str = r#"<View><Image name="i" value="$image"/><Choices name="c" toName="i"><Choice value="A"/><Choice value="B"/></Choices></View>"#;

/// Lets requests reach this machine, as an operator with a bucket in the own network would.
fn admit_loopback(settings: &mut Settings) {
    settings.subnets = Subnets::default().allowing(["127.0.0.0/8".parse().unwrap()]);
}

/// An S3 server with one bucket, `data`, and the bucket's folder.
struct S3 {
    server: S3Server,
    folder: PathBuf,
    _dir: tempfile::TempDir,
}

impl S3 {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = S3Server::start(S3Options::new(dir.path())).await.unwrap();
        let folder = server.bucket("data").unwrap();
        Self { server, folder, _dir: dir }
    }

    /// Its fields, with others added.
    fn fields(&self, more: Value) -> Value {
        merged(self.server.fields("data"), more)
    }
}

fn merged(mut fields: Value, more: Value) -> Value {
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A project with a storage, and their ids.
async fn storage(server: &Server, config: &str, kind: &str, fields: Value) -> (i64, i64) {
    let project = server.project(config).await;
    let body = merged(fields, json!({"project": project}));
    let made = server.post(&format!("/api/storages/{kind}/"), body).await;
    (project, made["id"].as_i64().unwrap())
}

/// Syncs and waits for the end, however long it takes.
async fn sync(server: &Server, kind: &str, id: i64) -> Value {
    let path = format!("/api/storages/{kind}/{id}");
    server.post(&format!("{path}/sync"), Value::Null).await;
    synced(server, &path).await
}

/// The storage when its sync has ended.
async fn synced(server: &Server, path: &str) -> Value {
    let mut storage = Value::Null;
    until("the end of the sync", async || {
        storage = server.get(path).await;
        storage["status"] != "in_progress" && storage["status"] != "queued"
    })
    .await;
    storage
}

/// All tasks of a project, data as they are stored.
async fn tasks(server: &Server, project: i64) -> Vec<Value> {
    let path = format!("/api/tasks/?project={project}&page_size=-1&resolve_uri=false");
    server.get(&path).await["tasks"].as_array().unwrap().clone()
}

async fn count(server: &Server, project: i64) -> i64 {
    server.get(&format!("/api/projects/{project}/")).await["task_number"].as_i64().unwrap()
}
