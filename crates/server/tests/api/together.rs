//! Two processes of the real binary on one database, and on one bucket or one media folder; one of them is killed half-way.

use crate::support::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tagloom_server::auth::callers::FRESH;
use tagloom_storages::testing::{S3Options, S3Server};

const PEOPLE: usize = 5;
const TASKS: usize = 40;
const IMAGES: &str = r#"<View><Image name="i" value="$image"/><Choices name="c" toName="i"><Choice value="A"/></Choices></View>"#;

/// Somebody behind a balancer that knows two servers: what one does not answer is sent to the other.
struct Person {
    client: reqwest::Client,
    urls: [String; 2],
    token: String,
    turn: usize,
    done: Arc<AtomicUsize>,
}

impl Person {
    async fn ask(&mut self, method: &str, path: &str, key: &str) -> Answer {
        for _ in 0..40 {
            self.turn += 1;
            let url = format!("{}{path}", self.urls[self.turn % 2]);
            let mut request = self.client.request(method.parse().unwrap(), url);
            request = request.header("authorization", format!("Token {}", self.token));
            if !key.is_empty() {
                request = request.header("idempotency-key", key).json(&json!({"result": [{"id": key}]}));
            }
            let Ok(response) = request.send().await else { continue };
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let Ok(bytes) = response.bytes().await else { continue };
            return Answer { status, headers, bytes: bytes.to_vec() };
        }
        panic!("nobody answers");
    }

    /// Works until there is nothing left; gives the tasks in their order.
    async fn work(mut self, project: i64) -> Vec<i64> {
        let mut got = Vec::new();
        loop {
            let answer = self.ask("GET", &format!("/api/projects/{project}/next/"), "").await;
            if answer.status == 404 {
                return got;
            }
            assert_eq!(answer.status, 200, "{answer:?}");
            let task = answer.json()["id"].as_i64().unwrap();
            let key = format!("{}-{task}", self.token);
            let answer = self.ask("POST", &format!("/api/tasks/{task}/annotations/"), &key).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            got.push(task);
            self.done.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// A user with a token, as an operator makes one.
fn user(data: &Path, database: Option<&str>, email: &str, token: &str) {
    let mut command = binary();
    command.args([
        "init",
        "--quiet",
        "--username",
        email,
        "--password",
        "long enough",
        "--user-token",
        token,
    ]);
    command.arg("--data-dir").arg(data);
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A server on the shared database; its uploads live in the bucket where there is one.
fn process(data: &Path, database: Option<&str>, bucket: Option<&S3Server>) -> Process {
    let mut command = Process::command(data, database);
    if let Some(s3) = bucket {
        let fields = s3.fields("data");
        let field = |name: &str| fields[name].as_str().unwrap().to_owned();
        command.envs([
            ("SSRF_ALLOWED_SUBNETS", "127.0.0.0/8".to_owned()),
            ("STORAGE_TYPE", "s3".to_owned()),
            ("STORAGE_AWS_BUCKET_NAME", field("bucket")),
            ("STORAGE_AWS_FOLDER", "media".to_owned()),
            ("STORAGE_AWS_REGION_NAME", field("region_name")),
            ("STORAGE_AWS_ENDPOINT_URL", field("s3_endpoint")),
            ("STORAGE_AWS_ACCESS_KEY_ID", field("aws_access_key_id")),
            ("STORAGE_AWS_SECRET_ACCESS_KEY", field("aws_secret_access_key")),
        ]);
    }
    Process::of(command)
}

/// Tasks for a project: the objects of a bucket, synced, or an import. What is saved is written to the bucket, too.
async fn fill(server: &Process, project: i64, bucket: Option<&S3Server>) {
    let Some(s3) = bucket else {
        let list: Vec<Value> = (0..TASKS).map(|n| json!({"text": format!("{n}")})).collect();
        server.request("POST", &format!("/api/projects/{project}/import")).json(list.into()).ok().await;
        return;
    };
    let make = async |path: &str, more: Value| {
        let mut fields = s3.fields("data");
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields["project"] = project.into();
        server.request("POST", path).json(fields).ok().await["id"].as_i64().unwrap()
    };
    let from =
        make("/api/storages/s3", json!({"prefix": "in", "use_blob_urls": true, "regex_filter": ".*png"}))
            .await;
    make("/api/storages/export/s3", json!({"prefix": "out"})).await;
    let path = format!("/api/storages/s3/{from}");
    server.request("POST", &format!("{path}/sync")).json(Value::Null).ok().await;
    until("the sync", async || server.request("GET", &path).ok().await["status"] == "completed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_processes_on_a_bucket_dies_and_every_task_has_two_people() {
    let dir = tempfile::tempdir().unwrap();
    let s3 = S3Server::start(S3Options::new(dir.path())).await.unwrap();
    let folder = s3.bucket("data").unwrap();
    std::fs::create_dir_all(folder.join("in")).unwrap();
    for n in 0..TASKS {
        std::fs::write(folder.join(format!("in/{n:02} +%.png")), format!("picture {n}")).unwrap();
    }
    let (annotations, _alive) = one_of_two_dies(Some(&s3)).await;
    // Every annotation is in the bucket, as it is in the database, and nothing else is.
    let object = |id: &i64| std::fs::read(folder.join(format!("out/{id}"))).ok();
    until("every annotation's object", async || annotations.keys().all(|id| object(id).is_some())).await;
    for (id, (task, person)) in &annotations {
        let written: Value = serde_json::from_slice(&object(id).unwrap()).unwrap();
        assert_eq!((&written["task"]["id"], &written["completed_by"]["id"]), (&json!(task), &json!(person)));
    }
    assert_eq!(std::fs::read_dir(folder.join("out")).unwrap().count(), annotations.len());
    assert_eq!(
        std::fs::read_dir(folder.join("media/upload")).unwrap().count(),
        1,
        "the upload is there, too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_processes_on_a_folder_dies_and_every_task_has_two_people() {
    one_of_two_dies(None).await;
}

/// What is left: the folder and the two servers.
type Alive = (tempfile::TempDir, Process, Process);

/// Five people at two servers, of which one dies. The annotations with their tasks and people.
async fn one_of_two_dies(bucket: Option<&S3Server>) -> (BTreeMap<i64, (i64, i64)>, Alive) {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let first = process(&data, database.as_deref(), bucket);
    let second = process(&data, database.as_deref(), bucket);
    let config = if bucket.is_some() { IMAGES } else { TEXT_CONFIG };
    let settings = json!({"label_config": config, "maximum_annotations": 2});
    let project = first.request("POST", "/api/projects/").json(settings).ok().await["id"].as_i64().unwrap();
    fill(&second, project, bucket).await;
    let path = format!("/api/tasks/?project={project}&page_size=-1&resolve_uri=false");
    let tasks = first.request("GET", &path).ok().await["tasks"].clone();
    let ids: Vec<i64> = tasks.as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), TASKS);
    // A file that comes in at one is served by the other.
    let other = first.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    let part = reqwest::multipart::Part::bytes(b"text\nuploaded\n".to_vec()).file_name("u.csv");
    let upload = first.request("POST", &format!("/api/projects/{}/import", other["id"]));
    Request(upload.0.multipart(reqwest::multipart::Form::new().part("file", part))).ok().await;

    let done = Arc::new(AtomicUsize::new(0));
    let mut at_work = Vec::new();
    for n in 0..PEOPLE {
        let token = format!("token-of-person-{n}");
        user(&data, database.as_deref(), &format!("p{n}@example.com"), &token);
        let person = Person {
            client: reqwest::Client::new(),
            urls: [first.url.clone(), second.url.clone()],
            token,
            turn: n,
            done: Arc::clone(&done),
        };
        at_work.push(person);
    }
    let at_work: Vec<_> = at_work.into_iter().map(|person| tokio::spawn(person.work(project))).collect();
    while done.load(Ordering::SeqCst) < TASKS {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    first.kill();
    for person in at_work {
        let got = person.await.unwrap();
        let distinct: BTreeSet<i64> = got.iter().copied().collect();
        assert_eq!(distinct.len(), got.len(), "nobody gets a task twice: {got:?}");
    }
    let mut by_task: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut annotations = BTreeMap::new();
    for &id in &ids {
        let list = second.request("GET", &format!("/api/tasks/{id}/annotations/")).ok().await;
        for annotation in list.as_array().unwrap() {
            let person = annotation["completed_by"].as_i64().unwrap();
            by_task.entry(id).or_default().push(person);
            annotations.insert(annotation["id"].as_i64().unwrap(), (id, person));
        }
    }
    for id in ids {
        let who = by_task.remove(&id).unwrap_or_default();
        let distinct: BTreeSet<i64> = who.iter().copied().collect();
        assert_eq!((who.len(), distinct.len()), (2, 2), "task {id}: {who:?}");
    }
    let found = second.request("GET", &format!("/api/projects/{project}/")).ok().await;
    assert_eq!(
        (&found["finished_task_number"], &found["total_annotations_number"]),
        (&json!(TASKS), &json!(2 * TASKS))
    );
    let uploads =
        second.request("GET", &format!("/api/projects/{}/file-uploads?all=true", other["id"])).ok().await;
    let file = second.request("GET", &format!("/data/{}", uploads[0]["file"].as_str().unwrap())).send().await;
    assert_eq!(file.text(), "text\nuploaded\n");
    // The one that died comes back.
    let third = process(&data, database.as_deref(), bucket);
    let answer = third.request("GET", &format!("/api/projects/{project}/next/")).send().await;
    assert_eq!(answer.status, 404, "nothing is left: {answer:?}");
    (annotations, (dir, second, third))
}

/// Somebody removed at one server is out at the others after a moment, at work as well.
#[tokio::test]
async fn a_removed_member_is_out_everywhere_within_a_second() {
    let server = Server::start().await;
    let other = server.beside().await;
    let member = server.colleague().await;
    let (_, tasks) = server.tasks(1).await;
    let path = format!("/api/tasks/{}/", tasks[0]);
    let ask = async |server: &Server| server.anonymous("GET", &path).token(COLLEAGUE).send().await.status;
    assert_eq!((ask(&server).await, ask(&other).await), (200, 200));
    let place = format!("/api/organizations/1/memberships/{member}/");
    assert_eq!(server.ask("DELETE", &place).send().await.status, 204);
    assert_eq!(ask(&server).await, 401, "at once where it was done");
    tokio::time::sleep(FRESH).await;
    assert_eq!(ask(&other).await, 401);
}
