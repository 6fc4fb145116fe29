//! Databases that go away and come back, files that others hold, disks that are full.

use crate::postgres::{Cluster, programs};
use crate::support::*;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tagloom_server::db::{self, Trouble};

/// Whoever goes away in the middle of an answer leaves a connection that has more to say.
#[tokio::test]
async fn connections_that_were_left_or_broke_are_of_use_again() {
    let server = Server::start().await;
    let conn = server.state.db.read();
    if !db::is_postgres(conn) {
        return;
    }
    let before = server.state.db.connections().0;
    let slow = "SELECT 7::bigint, pg_sleep(0.3)";
    let left = (0..30).map(|_| tokio::time::timeout(Duration::from_millis(60), db::one(conn, slow, vec![])));
    assert!(futures::future::join_all(left).await.iter().all(Result::is_err));
    for n in 0..30_i64 {
        assert_eq!(db::count(conn, "SELECT $1::bigint", vec![n.into()]).await.unwrap(), n);
    }
    assert!(server.state.db.connections().0 <= before.max(20), "{:?}", server.state.db.connections());

    // All at once, so that there are several; then one ends itself.
    let many = (0..8).map(|_| db::one(conn, "SELECT pg_sleep(0.1)", vec![]));
    assert!(futures::future::join_all(many).await.iter().all(Result::is_ok));
    let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                  AND datname = current_database() AND query = 'SELECT pg_sleep(0.1)'";
    assert!(db::count(conn, others, vec![]).await.unwrap() > 0);
    let broken = db::one(conn, "SELECT pg_terminate_backend(pg_backend_pid())", vec![]).await;
    assert_eq!(Trouble::of(&broken.unwrap_err()), Trouble::Away);
    for n in 0..8_i64 {
        assert_eq!(db::count(conn, "SELECT $1::bigint", vec![n.into()]).await.unwrap(), n);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_restarts_is_found_again_and_jobs_go_on() {
    if std::env::var_os(POSTGRES).is_some() {
        // A server of its own is stopped here, and once is enough.
        return;
    }
    let Some(bin) = programs() else {
        missing("PostgreSQL is not installed: its restart was not tested");
        return;
    };
    let cluster = tokio::task::spawn_blocking(move || Cluster::start(bin)).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port);
    let server = Process::start(&dir.path().join("data"), Some(&url), &[]).await;
    let made = server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    let path = format!("/api/projects/{}/import?return_task_ids=true", made["id"]);
    let tasks: Vec<Value> = (0..30_000).map(|n| json!({"text": n.to_string()})).collect();
    server.request("POST", &path).json(tasks.into()).ok().await;
    let kept = server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    let one = server
        .request("POST", "/api/tasks/")
        .json(json!({"project": kept["id"], "data": {"text": "x"}}))
        .ok()
        .await;
    let annotate = format!("/api/tasks/{}/annotations/", one["id"]);

    // Sixty transactions of 500 tasks: it is under way when the database goes.
    let delete =
        tokio::spawn(server.request("DELETE", &format!("/api/projects/{}/tasks/", made["id"])).send());
    tokio::time::sleep(Duration::from_millis(400)).await;
    cluster.stop("immediate");
    let read = server.request("GET", &format!("/api/tasks/{}/", one["id"])).send();
    let write = server.request("POST", &annotate).json(json!({"result": []})).send();
    let ready = server.request("GET", "/health/ready").send();
    let up = server.request("GET", "/health").send();
    let (read, write, ready, up) = tokio::join!(read, write, ready, up);
    for answer in [read, write] {
        assert_eq!(answer.header("retry-after"), "2", "{answer:?}");
        let text = answer.error(503);
        assert!(text.contains("cannot be reached"), "{text}");
    }
    assert_eq!((ready.status, ready.json()["database"].as_str()), (503, Some("down")));
    assert_eq!(up.status, 200);
    let _ = delete.await.unwrap();

    cluster.launch();
    // No restart of ours is needed.
    let until = Instant::now() + Duration::from_secs(60);
    while server.request("GET", "/health/ready").send().await.status != 200 {
        assert!(Instant::now() < until, "the server does not find its database again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.request("POST", &annotate).json(json!({"result": []})).ok().await;
    loop {
        let jobs = server.request("GET", &format!("/api/jobs/?project={}", made["id"])).ok().await;
        let job =
            jobs.as_array().unwrap().iter().find(|j| j["kind"] == "delete_tasks").expect("the job is there");
        if job["state"] == "completed" {
            assert_eq!(job["result"]["deleted"], 30_000, "{job}");
            break;
        }
        assert!(["queued", "running"].contains(&job["state"].as_str().unwrap()), "{job}");
        assert!(Instant::now() < until + Duration::from_secs(60), "{job}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let left = server.request("GET", &format!("/api/projects/{}/", made["id"])).ok().await;
    assert_eq!(left["task_number"], 0);
}

/// Whoever got an answer finds their annotation, though the transactions of batches do not wait for the disk themselves.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_crashes_has_every_answered_annotation() {
    if std::env::var_os(POSTGRES).is_some() {
        // A server of its own is stopped here, and once is enough.
        return;
    }
    let Some(bin) = programs() else {
        missing("PostgreSQL is not installed: its crash was not tested");
        return;
    };
    let cluster = Arc::new(tokio::task::spawn_blocking(move || Cluster::start(bin)).await.unwrap());
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port);
    let admin = sea_orm::Database::connect(&url).await.unwrap();
    // Nobody else writes to the disk what was committed without waiting.
    for sql in [
        "ALTER SYSTEM SET wal_writer_delay = '10s'",
        "ALTER SYSTEM SET wal_writer_flush_after = '1GB'",
        "SELECT pg_reload_conf()",
    ] {
        admin.execute_unprepared(sql).await.unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(&dir.path().join("data"), Some(&url), &[]).await;
    let made = server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    let path = format!("/api/projects/{}/import?return_task_ids=true", made["id"]);
    let tasks: Vec<Value> = (0..4800).map(|n| json!({"text": n.to_string()})).collect();
    let tasks = server.request("POST", &path).json(tasks.into()).ok().await["task_ids"].clone();
    let tasks: Vec<i64> = tasks.as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();

    let (mut answered, mut repeated) = (0, 0);
    for (round, tasks) in tasks.chunks(1600).enumerate() {
        let (server, crashed, saves) = (&server, &AtomicBool::new(false), &AtomicUsize::new(0));
        let working = tasks.chunks(200).map(|own| async move {
            let mut saved = Vec::new();
            for task in own {
                let send = || {
                    let key = format!("task {task}");
                    let submit = server.request("POST", &format!("/api/tasks/{task}/annotations/"));
                    submit.header("idempotency-key", &key).json(json!({"result": []})).send()
                };
                // The second may be answered out of what the first has stored and not heard of yet.
                for answer in <[_; 2]>::from(tokio::join!(send(), send())) {
                    if [200, 201].contains(&answer.status) {
                        saved.push((*task, answer.json()["id"].as_i64().unwrap()));
                        saves.fetch_add(1, Ordering::Relaxed);
                    }
                }
                if crashed.load(Ordering::Relaxed) {
                    break;
                }
            }
            saved
        });
        let crash = async {
            until("some are saved", async || saves.load(Ordering::Relaxed) > 60 + 37 * round).await;
            let cluster = Arc::clone(&cluster);
            let again = move || {
                cluster.stop("immediate");
                cluster.launch();
            };
            let again = tokio::task::spawn_blocking(again);
            crashed.store(true, Ordering::Relaxed);
            again.await.unwrap();
        };
        let (saved, ()) = tokio::join!(futures::future::join_all(working), crash);
        until("the database is back", async || {
            server.request("GET", "/health/ready").send().await.status == 200
        })
        .await;
        let saved: Vec<(i64, i64)> = saved.into_iter().flatten().collect();
        answered += saved.len();
        repeated += saved.windows(2).filter(|pair| pair[0] == pair[1]).count();
        for (task, id) in saved {
            let found = server.request("GET", &format!("/api/annotations/{id}/")).send().await;
            assert_eq!(
                found.status, 200,
                "round {round}: annotation {id} of task {task} was answered and is lost"
            );
            assert_eq!(found.json()["task"], task);
        }
    }
    assert!(answered > 200 && repeated > 50, "{answered} answers, {repeated} repeated");
}

/// A database that is back before anybody asks whether a batch is on its disk would answer that it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_a_crash_has_taken_is_not_answered() {
    if std::env::var_os(POSTGRES).is_some() {
        // A server of its own is stopped here, and once is enough.
        return;
    }
    let Some(bin) = programs() else {
        missing("PostgreSQL is not installed: its crash was not tested");
        return;
    };
    let cluster = tokio::task::spawn_blocking(move || Cluster::start(bin)).await.unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port);
    let admin = sea_orm::Database::connect(&url).await.unwrap();
    // Nobody writes to the disk what was committed without waiting.
    for sql in
        ["ALTER SYSTEM SET wal_writer_delay = '10s'", "ALTER SYSTEM SET wal_writer_flush_after = '1GB'"]
    {
        admin.execute_unprepared(sql).await.unwrap();
    }
    admin.close().await.unwrap();
    cluster.stop("fast");
    cluster.launch();
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(&dir.path().join("data"), Some(&url), &[]).await;
    let made = server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    let path = format!("/api/projects/{}/import?return_task_ids=true", made["id"]);
    let tasks: Vec<Value> = (0..11).map(|n| json!({"text": n.to_string()})).collect();
    let tasks = server.request("POST", &path).json(tasks.into()).ok().await["task_ids"].clone();
    let submit = |n: usize| {
        let request = server.request("POST", &format!("/api/tasks/{}/annotations/", tasks[n]));
        tokio::spawn(request.json(json!({"result": []})).send())
    };
    let connect = async || sea_orm::Database::connect(&url).await.unwrap();
    let waits = async |admin: &sea_orm::DatabaseConnection, name: &str| {
        let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE $1";
        tagloom_server::db::count(admin, sql, vec![format!("%'{name}'%").into()]).await.unwrap() == 1
    };
    // From now on, whoever waits for the disk does so until the crash. Returns when that has come into force.
    let hold = async |admin: &sea_orm::DatabaseConnection| {
        for sql in ["ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"] {
            admin.execute_unprepared(sql).await.unwrap();
        }
        let other = connect().await;
        let flush = "SELECT pg_logical_emit_message(TRUE, 'probe', '')";
        tokio::spawn(async move { while other.execute_unprepared(flush).await.is_ok() {} });
        until("those who commit wait", async || waits(admin, "probe").await).await;
    };
    let crash = |again: bool| {
        cluster.stop("immediate");
        cluster.forget("synchronous_standby_names");
        if again {
            cluster.launch();
        }
    };
    let (mut kept, mut lost) = (0, 0);
    // Something else may make the database write to its disk, just before a crash: then it takes no batch.
    for first in [1, 3, 5, 7, 9] {
        // After a crash, a connection that has just been used is not known to be dead.
        until("submits are stored", async || submit(0).await.unwrap().status == 201).await;
        kept += 1;
        let admin = connect().await;
        hold(&admin).await;
        let one = submit(first);
        until("one waits for the disk", async || waits(&admin, "tagloom").await).await;
        let answers = [one, submit(first + 1)];
        let sql = "SELECT COUNT(*) FROM annotations";
        until("both are stored", async || {
            tagloom_server::db::count(&admin, sql, vec![]).await.unwrap() == kept + 2
        })
        .await;
        assert!(answers.iter().all(|answer| !answer.is_finished()), "nobody is answered yet");
        crash(true);
        until("the database is back", async || {
            server.request("GET", "/health/ready").send().await.status == 200
        })
        .await;
        for answer in answers {
            let answer = answer.await.unwrap();
            if answer.status == 201 {
                let path = format!("/api/annotations/{}/", answer.json()["id"]);
                server.request("GET", &path).ok().await;
                kept += 1;
            } else {
                assert_eq!(answer.header("retry-after"), "2", "{answer:?}");
                assert!(answer.error(503).contains("nothing was stored"));
                lost += 1;
            }
        }
        let left = server.request("GET", &format!("/api/projects/{}/", made["id"])).ok().await;
        assert_eq!(left["total_annotations_number"], kept, "{left}");
        if lost > 0 {
            break;
        }
    }
    assert_eq!(lost, 1, "no crash took a batch");

    // Where the database stays away, nobody knows.
    until("submits are stored", async || submit(0).await.unwrap().status == 201).await;
    let admin = connect().await;
    hold(&admin).await;
    let one = submit(0);
    until("it waits for the disk", async || waits(&admin, "tagloom").await).await;
    crash(false);
    let answer = one.await.unwrap();
    assert_eq!(answer.header("retry-after"), "2", "{answer:?}");
    assert!(answer.error(503).contains("before it said whether this was stored"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_process_holds_is_busy_not_broken() {
    let server = Server::start().await;
    if server.state.settings.database_url.is_some() {
        return;
    }
    let (_, ids) = server.tasks(1).await;
    let holder = format!("sqlite://{}", server.state.settings.database.display());
    let mut options = sea_orm::ConnectOptions::new(holder);
    options.max_connections(1);
    let holder = sea_orm::Database::connect(options).await.unwrap();
    holder.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    let write =
        server.ask("POST", &format!("/api/tasks/{}/drafts", ids[0])).json(json!({"result": []})).send();
    let read = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let began = Instant::now();
        server.get(&format!("/api/tasks/{}/", ids[0])).await;
        began.elapsed()
    };
    let (write, read) = tokio::join!(write, read);
    assert!(read < Duration::from_secs(5), "readers wait for nobody: {read:?}");
    assert_eq!(write.header("retry-after"), "2");
    assert!(write.error(503).contains("busy"));
    holder.execute_unprepared("ROLLBACK").await.unwrap();
    let again = server.ask("POST", &format!("/api/tasks/{}/drafts", ids[0])).json(json!({"result": []}));
    again.ok().await;
}

/// A small disk of its own; only root can have one.
struct Disk(PathBuf);

impl Disk {
    fn new(folder: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(folder);
        let mounted = command.stderr(std::process::Stdio::null()).status().is_ok_and(|s| s.success());
        mounted.then(|| Self(folder.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_says_so_and_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let Some(disk) = Disk::new(&data, "20m").filter(|_| std::env::var_os(POSTGRES).is_none()) else {
        println!("no disk can be mounted here: nothing was tested");
        return;
    };
    let server = Process::start(&data, None, &[]).await;
    let made = server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
    let task = server
        .request("POST", "/api/tasks/")
        .json(json!({"project": made["id"], "data": {"text": "x"}}))
        .ok()
        .await;
    let ballast = data.join("ballast");
    std::fs::write(&ballast, vec![0u8; 12 << 20]).unwrap();
    let path = format!("/api/tasks/{}/drafts", task["id"]);
    let body = json!({"result": [{"id": "r", "value": {"text": "x".repeat(700_000)}}]});
    let mut kept = Vec::new();
    let refused = loop {
        let answer = server.request("POST", &path).json(body.clone()).send().await;
        if answer.status != 201 {
            break answer;
        }
        kept.push(answer.json()["id"].as_i64().unwrap());
        assert!(kept.len() < 200, "the disk does not fill up");
    };
    assert!(refused.error(507).contains("no room"));
    // Uploads meet the same.
    let upload = reqwest::multipart::Part::bytes(vec![b'x'; 8 << 20]).file_name("big.txt");
    let upload = reqwest::multipart::Form::new().part("file", upload);
    let request = server.request("POST", &format!("/api/projects/{}/import", made["id"]));
    assert!(Request(request.0.multipart(upload)).send().await.error(507).contains("no room"));
    // Reading goes on, and with room so does writing.
    server.request("GET", &format!("/api/drafts/{}/", kept[0])).ok().await;
    std::fs::remove_file(&ballast).unwrap();
    kept.push(server.request("POST", &path).json(body).ok().await["id"].as_i64().unwrap());
    server.kill();
    let server = Process::start(&data, None, &[]).await;
    for id in kept {
        let draft = server.request("GET", &format!("/api/drafts/{id}/")).ok().await;
        assert_eq!(draft["result"][0]["value"]["text"].as_str().unwrap().len(), 700_000);
    }
    server.kill();
    drop(disk);
}
