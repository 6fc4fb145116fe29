//! Two processes of the real binary on one database and one media folder; one of them is killed half-way.

use crate::support::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PEOPLE: usize = 5;
const TASKS: usize = 40;

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

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_processes_dies_and_every_task_has_two_people() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let first = Process::start(&data, database.as_deref(), &[]).await;
    let second = Process::start(&data, database.as_deref(), &[]).await;
    let settings = json!({"label_config": TEXT_CONFIG, "maximum_annotations": 2});
    let project = first.request("POST", "/api/projects/").json(settings).ok().await["id"].as_i64().unwrap();
    let list: Vec<Value> = (0..TASKS).map(|n| json!({"text": format!("{n}")})).collect();
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let ids = second.request("POST", &path).json(list.into()).ok().await["task_ids"].clone();
    let ids: Vec<i64> = ids.as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
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
    for &id in &ids {
        let list = second.request("GET", &format!("/api/tasks/{id}/annotations/")).ok().await;
        for annotation in list.as_array().unwrap() {
            by_task.entry(id).or_default().push(annotation["completed_by"].as_i64().unwrap());
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
    let third = Process::start(&data, database.as_deref(), &[]).await;
    let answer = third.request("GET", &format!("/api/projects/{project}/next/")).send().await;
    assert_eq!(answer.status, 404, "nothing is left: {answer:?}");
}
