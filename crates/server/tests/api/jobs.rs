//! Long work: progress, cancel, resume, failures, a server that stops, a worker that dies.

use crate::support::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;
use tagloom_server::AppState;
use tagloom_server::db;
use tagloom_server::jobs::{self, Failure, Handle, Job, Kind, New, State};

/// Counts to a number. Each step is noted as an object's error in the transaction of its checkpoint, so that a step done
/// twice or never shows.
struct Count;

#[derive(Clone, Serialize, Deserialize, Default)]
struct Plan {
    to: i64,
    /// At this step, once: `transient`, `fail`, `panic`, `wait` (until somebody ends it), `forget` (the database loses the step
    /// before), `lose`.
    at: i64,
    what: String,
}

/// Jobs that have had their accident.
static HAD: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

fn name(state: &AppState, job: i64) -> String {
    format!("{:?} {job}", state.settings.data_dir)
}

#[async_trait::async_trait]
impl Kind for Count {
    fn name(&self) -> &'static str {
        "count"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let plan: Plan = job.payload()?;
        let first = job.resume_point::<i64>().unwrap_or(0) + 1;
        for step in first..=plan.to {
            let tx = state.db.write().await?;
            job.still_there(&*tx).await?;
            job.note_error(&*tx, &step.to_string(), "done").await?;
            if step == plan.at && HAD.lock().unwrap().insert(name(state, job.id())) {
                match plan.what.as_str() {
                    "transient" => return Err(Failure::Transient("the disk sneezed".into())),
                    "fail" => return Err(Failure::Failed("row 7 is no row".into())),
                    "panic" => panic!("a bug"),
                    "wait" => {
                        drop(tx);
                        loop {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                            let tx = state.db.write().await?;
                            job.checkpoint(&*tx, &(step - 1), step - 1, Some(plan.to)).await?;
                            tx.commit().await?;
                        }
                    }
                    "forget" => {
                        drop(tx);
                        forget(state, job.id(), step - 1).await?;
                        continue;
                    }
                    _ => {
                        let steal = "UPDATE jobs SET worker = 'elsewhere 1 x 0' WHERE id = $1";
                        db::run(&*tx, steal, vec![job.id().into()]).await?;
                    }
                }
            }
            job.checkpoint(&*tx, &step, step, Some(plan.to)).await?;
            tx.commit().await?;
        }
        Ok(json!({"counted": plan.to}))
    }
}

/// A step as it is after a database came back without it.
async fn forget(state: &AppState, job: i64, step: i64) -> Result<(), Failure> {
    let tx = state.db.write().await?;
    let sql = "UPDATE jobs SET resume_point = $1, done = $2, error_count = error_count - 1 WHERE id = $3";
    db::run(&*tx, sql, vec![(step - 1).to_string().into(), (step - 1).into(), job.into()]).await?;
    let sql = "DELETE FROM job_errors WHERE job = $1 AND subject = $2";
    db::run(&*tx, sql, vec![job.into(), step.to_string().into()]).await?;
    Ok(tx.commit().await?)
}

static COUNTING: &[&dyn Kind] = &[&Count];

async fn server() -> Server {
    let server = Server::working(|_| {}, COUNTING).await;
    server.user("owner@example.com", OWNER, None).await;
    server
}

async fn queue(server: &Server, to: i64, at: i64, what: &str) -> i64 {
    let payload = json!(Plan { to, at, what: what.into() });
    let new = New { kind: "count", organization: 1, payload, total: Some(to), ..New::default() };
    let tx = server.state.db.write().await.unwrap();
    let id = jobs::enqueue(&*tx, new).await.unwrap();
    tx.commit().await.unwrap();
    server.state.jobs.wake();
    id
}

async fn ended(server: &Server, id: i64) -> Job {
    let job = jobs::wait(&server.state, id, Duration::from_secs(60)).await.unwrap();
    assert!(job.state.is_final(), "{job:?}");
    job
}

/// Every step once and in order.
async fn assert_counted(server: &Server, id: i64, to: i64) {
    let errors = server.get(&format!("/api/jobs/{id}/errors?page_size=1000")).await;
    let steps: Vec<i64> = errors["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["subject"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(steps, (1..=to).collect::<Vec<_>>());
    assert_eq!(errors["count"], to);
}

/// Until the job has met its accident; waiting for the step before would be a race.
async fn waiting(server: &Server, id: i64) {
    while !HAD.lock().unwrap().contains(&name(&server.state, id)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn progress_is_streamed_to_the_end() {
    let server = server().await;
    let id = queue(&server, 40, 0, "").await;
    let answer = server.ask("GET", &format!("/api/jobs/{id}/events")).send().await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let text = answer.text();
    let events: Vec<(&str, Value)> = text
        .split("\n\n")
        .filter_map(|e| e.strip_prefix("event: ")?.split_once("\ndata: "))
        .map(|(name, data)| (name, serde_json::from_str(data).unwrap()))
        .collect();
    let (name, last) = events.last().unwrap();
    assert_eq!(
        (*name, &last["state"], &last["done"], &last["total"]),
        ("end", &json!("completed"), &json!(40), &json!(40))
    );
    assert_eq!(last["result"], json!({"counted": 40}));
    assert!(events[..events.len() - 1].iter().all(|(name, _)| *name == "progress"), "{events:?}");
    assert_counted(&server, id, 40).await;
    let list = server.get("/api/jobs/").await;
    assert_eq!((&list[0]["id"], &list[0]["resumable"]), (&json!(id), &json!(false)));
    assert!(list[0].get("payload").is_none());
    assert_timestamp(&list[0]["started_at"]);
}

#[tokio::test]
async fn a_cancelled_job_goes_on_where_it_was() {
    let server = server().await;
    let id = queue(&server, 20, 11, "wait").await;
    waiting(&server, id).await;
    server.post(&format!("/api/jobs/{id}/cancel"), Value::Null).await;
    let job = ended(&server, id).await;
    assert_eq!((job.state, job.done), (State::Cancelled, 10));
    server.ask("POST", &format!("/api/jobs/{id}/cancel")).send().await.error(409);
    let again = server.post(&format!("/api/jobs/{id}/resume"), Value::Null).await;
    assert_eq!(again["resumable"], false);
    assert_eq!(ended(&server, id).await.state, State::Completed);
    assert_counted(&server, id, 20).await;
    server.ask("POST", &format!("/api/jobs/{id}/resume")).send().await.error(409);
}

#[tokio::test]
async fn failures_that_may_pass_are_tried_again_and_others_wait_for_a_word() {
    let server = server().await;
    let passing = queue(&server, 9, 5, "transient").await;
    let failing = queue(&server, 9, 5, "fail").await;
    let buggy = queue(&server, 9, 5, "panic").await;
    let failed = ended(&server, failing).await;
    assert_eq!(
        (failed.state, failed.done, failed.error.as_deref()),
        (State::Failed, 4, Some("row 7 is no row"))
    );
    let broken = ended(&server, buggy).await;
    assert_eq!((broken.state, broken.done), (State::Failed, 4));
    assert!(broken.error.unwrap().contains("its log says more"));
    assert_eq!(ended(&server, passing).await.state, State::Completed);
    for id in [failing, buggy] {
        server.post(&format!("/api/jobs/{id}/resume"), Value::Null).await;
        let job = ended(&server, id).await;
        assert_eq!((job.state, job.error), (State::Completed, None));
    }
    for id in [passing, failing, buggy] {
        assert_counted(&server, id, 9).await;
    }
}

#[tokio::test]
async fn a_step_that_the_database_has_lost_is_done_again() {
    let server = server().await;
    let id = queue(&server, 9, 5, "forget").await;
    assert_eq!(ended(&server, id).await.state, State::Completed);
    assert_counted(&server, id, 9).await;
}

#[tokio::test]
async fn a_server_that_stops_leaves_its_jobs_to_the_next() {
    let server = server().await;
    let id = queue(&server, 8, 4, "wait").await;
    waiting(&server, id).await;
    server.state.jobs.stop().await;
    let job = jobs::by_id(server.state.db.read(), id).await.unwrap().unwrap();
    assert_eq!((job.state, job.done), (State::Queued, 3));
    let next = AppState::open(server.state.settings.clone()).await.unwrap();
    jobs::start(&next, COUNTING);
    // Asked of the next one: a server that stops waits for nobody.
    let job = jobs::wait(&next, id, Duration::from_secs(30)).await.unwrap();
    assert_eq!(job.state, State::Completed);
    assert_counted(&server, id, 8).await;
    next.jobs.stop().await;
}

#[tokio::test]
async fn a_worker_that_lost_its_job_writes_nothing_more() {
    let server = server().await;
    let id = queue(&server, 8, 4, "lose").await;
    // The stolen row went back with the transaction that met the theft; the lease is what brings it on.
    loop {
        let tx = server.state.db.write().await.unwrap();
        let stop = "UPDATE jobs SET lease_until = '' WHERE id = $1 AND done = 3";
        db::run(&*tx, stop, vec![id.into()]).await.unwrap();
        tx.commit().await.unwrap();
        let job = jobs::wait(&server.state, id, Duration::from_millis(100)).await.unwrap();
        if job.state == State::Completed {
            break;
        }
    }
    assert_counted(&server, id, 8).await;
}

#[tokio::test]
async fn the_job_of_a_dead_worker_is_taken_over() {
    let server = Server::working(|_| {}, &[]).await;
    server.user("owner@example.com", OWNER, None).await;
    server.state.jobs.stop().await;
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // A machine that went away a minute ago; a process of this machine that is gone, whose lease has not run out.
    let dead = [("elsewhere 77 x 0".to_owned(), -60), (format!("{} 999999999 x 0", host.trim()), 3600)];
    let mut ids = Vec::new();
    for (worker, lease) in dead {
        let id = queue(&server, 6, 0, "").await;
        let until = tagloom_server::time::in_seconds(lease);
        let tx = server.state.db.write().await.unwrap();
        let sql = "UPDATE jobs SET state = 'running', worker = $2, lease_until = $3, resume_point = '2', done = 2 WHERE id = $1";
        db::run(&*tx, sql, vec![id.into(), worker.into(), until.into()]).await.unwrap();
        tx.commit().await.unwrap();
        ids.push(id);
    }
    let next = AppState::open(server.state.settings.clone()).await.unwrap();
    jobs::start(&next, COUNTING);
    for id in ids {
        assert_eq!(ended(&server, id).await.done, 6);
        let errors = server.get(&format!("/api/jobs/{id}/errors")).await;
        assert_eq!(errors["results"][0]["subject"], "3");
        assert_eq!(errors["count"], 4);
    }
    next.jobs.stop().await;
}

#[tokio::test]
async fn one_job_of_a_key_at_a_time() {
    let server = server().await;
    let ask = async || {
        let payload = json!(Plan { to: 3, at: 2, what: "wait".into() });
        let new =
            New { kind: "count", organization: 1, payload, unique_key: Some("k".into()), ..New::default() };
        let tx = server.state.db.write().await.unwrap();
        let id = jobs::enqueue(&*tx, new).await.unwrap();
        tx.commit().await.unwrap();
        server.state.jobs.wake();
        id
    };
    let first = ask().await;
    assert_eq!(ask().await, first);
    waiting(&server, first).await;
    assert_eq!(ask().await, first);
    server.post(&format!("/api/jobs/{first}/cancel"), Value::Null).await;
    ended(&server, first).await;
    let second = ask().await;
    assert_ne!(second, first);
    server.ask("POST", &format!("/api/jobs/{first}/resume")).send().await.error(409);
    server.post(&format!("/api/jobs/{second}/cancel"), Value::Null).await;
}

#[tokio::test]
async fn tasks_made_after_the_word_survive_a_delete_of_all() {
    let server = Server::start().await;
    let (project, _) = server.tasks(1200).await;
    let path = format!("/api/projects/{project}/tasks/");
    assert_eq!(server.ask("DELETE", &path).send().await.status, 204);
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["task_number"], 0);
    let job = &server.get(&format!("/api/jobs/?project={project}")).await[0];
    assert_eq!((&job["kind"], &job["result"]["deleted"]), (&json!("delete_tasks"), &json!(1200)));
    server.post("/api/tasks/", json!({"project": project, "data": {"text": "later"}})).await;
    assert_eq!(server.get(&format!("/api/projects/{project}/")).await["task_number"], 1);
    assert_eq!(server.ask("DELETE", &format!("/api/projects/{project}/")).send().await.status, 204);
    server.ask("GET", &format!("/api/projects/{project}/")).send().await.error(404);
    assert_eq!(db::count(server.state.db.read(), "SELECT COUNT(*) FROM tasks", vec![]).await.unwrap(), 0);
}
