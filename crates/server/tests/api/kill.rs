//! Two hundred kills: every write path is at work, the process dies at a random moment, the next one starts on what is
//! left. What was acknowledged is there, what was not is there once or not at all, jobs go on.

use crate::support::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tagloom_server::db;

const ROUNDS: u64 = 200;
/// A round in which nothing is answered for so long ends anyway; a busy machine must not make it endless.
const LONGEST: Duration = Duration::from_secs(20);
/// Tasks of one import; a number that is no multiple of it would be half an import.
const IMPORTED: usize = 40;

/// Moments and choices that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// One life of the server, as its clients see it.
#[derive(Clone)]
struct Life {
    client: reqwest::Client,
    url: String,
    number: u64,
    /// Answers that have come to anybody.
    heard: Arc<AtomicUsize>,
    /// Answers that have come on this path.
    own: Arc<AtomicUsize>,
}

impl Life {
    /// The same life on another write path.
    fn path(&self) -> Self {
        Self { own: Arc::default(), ..self.clone() }
    }

    /// The answer; nothing where the server has died.
    async fn call(&self, method: &str, path: &str, key: &str, body: Value) -> Option<Answer> {
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.url));
        let mut request = request.header("authorization", format!("Token {OWNER}")).json(&body);
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.ok()?.to_vec();
        let answer = Answer { status, headers, bytes };
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        self.heard.fetch_add(1, Ordering::Relaxed);
        self.own.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }
}

/// What clients believe.
#[derive(Default)]
struct Beliefs {
    /// Annotations by id, with the last mark that was acknowledged and one that may have arrived.
    annotations: BTreeMap<i64, (String, Option<String>)>,
    /// A submit without an answer: its task and key.
    unsure: Option<(i64, String)>,
    drafts: BTreeMap<i64, (String, Option<String>)>,
    imported: BTreeSet<i64>,
    /// Projects whose tasks were deleted for certain.
    emptied: Vec<i64>,
    /// Projects that somebody wanted to empty.
    half_emptied: Vec<i64>,
    snapshots: Vec<i64>,
    title: (String, Option<String>),
}

struct Plan {
    project: i64,
    imports: i64,
    tasks: Vec<i64>,
    /// A project whose tasks are the files of a folder.
    synced: i64,
    storage: i64,
}

async fn annotate(life: Life, tasks: Vec<i64>, mut seen: Beliefs) -> Beliefs {
    for n in 0.. {
        let task = tasks[(life.number as usize * 7 + n) % tasks.len()];
        let key = format!("{}-{n}", life.number);
        let path = format!("/api/tasks/{task}/annotations/");
        let Some(answer) = life.call("POST", &path, &key, json!({"result": [{"id": key}]})).await else {
            seen.unsure = Some((task, key));
            break;
        };
        let id = answer.json()["id"].as_i64().unwrap();
        seen.annotations.insert(id, (key.clone(), None));
        let mark = format!("{key}-changed");
        let path = format!("/api/annotations/{id}/");
        if life.call("PATCH", &path, "", json!({"result": [{"id": mark}]})).await.is_none() {
            seen.annotations.insert(id, (key, Some(mark)));
            break;
        }
        seen.annotations.insert(id, (mark, None));
    }
    seen
}

async fn draft(life: Life, tasks: Vec<i64>, mut seen: Beliefs) -> Beliefs {
    let task = tasks[life.number as usize % tasks.len()];
    let first = format!("d-{}", life.number);
    let path = format!("/api/tasks/{task}/drafts");
    let Some(made) = life.call("POST", &path, "", json!({"result": [{"id": first}]})).await else {
        return seen;
    };
    let id = made.json()["id"].as_i64().unwrap();
    let mut last = first;
    for n in 0.. {
        seen.drafts.insert(id, (last.clone(), None));
        let mark = format!("d-{}-{n}", life.number);
        let path = format!("/api/drafts/{id}/");
        if life.call("PATCH", &path, "", json!({"result": [{"id": mark}]})).await.is_none() {
            seen.drafts.insert(id, (last, Some(mark)));
            break;
        }
        last = mark;
    }
    seen
}

async fn import(life: Life, project: i64, mut seen: Beliefs) -> Beliefs {
    let list: Vec<Value> = (0..IMPORTED).map(|n| json!({"text": format!("{n}")})).collect();
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    while let Some(answer) = life.call("POST", &path, "", list.clone().into()).await {
        // Whoever is told of a job (202) looks later.
        for id in answer.json()["task_ids"].as_array().into_iter().flatten() {
            seen.imported.insert(id.as_i64().unwrap());
        }
    }
    seen
}

async fn delete(life: Life, mut seen: Beliefs) -> Beliefs {
    let list: Vec<Value> = (0..IMPORTED).map(|n| json!({"text": format!("{n}")})).collect();
    loop {
        let config = json!({"label_config": TEXT_CONFIG});
        let Some(made) = life.call("POST", "/api/projects/", "", config).await else { return seen };
        let project = made.json()["id"].as_i64().unwrap();
        let path = format!("/api/projects/{project}/import");
        if life.call("POST", &path, "", list.clone().into()).await.is_none() {
            return seen;
        }
        match life.call("DELETE", &format!("/api/projects/{project}/tasks/"), "", Value::Null).await {
            Some(_) => seen.emptied.push(project),
            None => {
                seen.half_emptied.push(project);
                return seen;
            }
        }
    }
}

async fn snapshot(life: Life, project: i64, mut seen: Beliefs) -> Beliefs {
    let path = format!("/api/projects/{project}/exports/");
    while let Some(answer) = life.call("POST", &path, "", json!({})).await {
        seen.snapshots.push(answer.json()["id"].as_i64().unwrap());
    }
    seen
}

/// New files and a sync, again and again.
async fn sync(life: Life, storage: i64, folder: PathBuf, seen: Beliefs) -> Beliefs {
    for n in 0.. {
        for k in 0..5 {
            std::fs::write(folder.join(format!("{}-{n}-{k}.txt", life.number)), "x").unwrap();
        }
        let path = format!("/api/storages/localfiles/{storage}/sync");
        if life.call("POST", &path, "", json!({})).await.is_none() {
            break;
        }
    }
    seen
}

async fn rename(life: Life, project: i64, mut seen: Beliefs) -> Beliefs {
    for n in 0.. {
        let title = format!("Title {} {n}", life.number);
        let path = format!("/api/projects/{project}/");
        if life.call("PATCH", &path, "", json!({"title": title})).await.is_none() {
            seen.title.1 = Some(title);
            break;
        }
        seen.title = (title, None);
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_kills_lose_nothing_that_was_acknowledged() {
    let (dir, database) = place().await;
    let data = dir.path().join("data");
    let began = Instant::now();
    let mut dice = Dice(20_261_128);
    let root = dir.path().join("files");
    let (from, to) = (root.join("in"), root.join("out"));
    for folder in [&from, &to] {
        std::fs::create_dir_all(folder).unwrap();
    }
    let flags = ["--root", root.to_str().unwrap()];
    let mut server = Process::start(&data, database.as_deref(), &flags).await;
    let make = async |server: &Process| {
        let made =
            server.request("POST", "/api/projects/").json(json!({"label_config": TEXT_CONFIG})).ok().await;
        made["id"].as_i64().unwrap()
    };
    let (project, imports, synced) = (make(&server).await, make(&server).await, make(&server).await);
    let target = json!({"project": project, "path": to});
    server.request("POST", "/api/storages/export/localfiles").json(target).ok().await;
    let source = json!({"project": synced, "path": from, "use_blob_urls": true});
    let source = server.request("POST", "/api/storages/localfiles").json(source).ok().await;
    let list: Vec<Value> = (0..25).map(|n| json!({"text": format!("{n}")})).collect();
    let path = format!("/api/projects/{project}/import?return_task_ids=true");
    let ids = server.request("POST", &path).json(list.into()).ok().await["task_ids"].clone();
    let plan = Plan {
        project,
        imports,
        tasks: ids.as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect(),
        synced,
        storage: source["id"].as_i64().unwrap(),
    };
    let conn = connection(&data, database.as_deref()).await;
    let mut starting = Duration::ZERO;
    let (mut snapshots, mut emptied, mut half_emptied) = (Vec::new(), Vec::new(), Vec::new());
    let mut imported = 0usize;
    let mut title = (String::new(), None);
    let mut unsure: Option<(i64, String)> = None;
    for number in 0..ROUNDS {
        let life = Life {
            client: reqwest::Client::new(),
            url: server.url.clone(),
            number,
            heard: Arc::default(),
            own: Arc::default(),
        };
        if let Some((task, key)) = unsure.take() {
            // Sent again, as a client does that has heard nothing: it is there once.
            let path = format!("/api/tasks/{task}/annotations/");
            let answer = life.call("POST", &path, &key, json!({"result": [{"id": key}]})).await.unwrap();
            let id = answer.json()["id"].as_i64().unwrap();
            let like = format!("%\"{key}\"%");
            let sql = "SELECT COUNT(*) FROM annotations WHERE task = $1 AND result LIKE $2";
            assert_eq!(db::count(&conn, sql, vec![task.into(), like.into()]).await.unwrap(), 1, "{key}");
            assert_mark(&conn, "annotations", id, &(key, None)).await;
        }
        let heard = Arc::clone(&life.heard);
        let lives = std::array::from_fn::<_, 7, _>(|_| life.path());
        // A path that must have been answered, another one in every round: a slow machine leaves none out.
        let due = Arc::clone(&lives[number as usize % lives.len()].own);
        let [one, two, three, four, five, six, seven] = lives;
        let at_work = [
            tokio::spawn(annotate(one, plan.tasks.clone(), Beliefs::default())),
            tokio::spawn(draft(two, plan.tasks.clone(), Beliefs::default())),
            tokio::spawn(import(three, plan.imports, Beliefs::default())),
            tokio::spawn(delete(four, Beliefs::default())),
            tokio::spawn(snapshot(five, plan.project, Beliefs::default())),
            tokio::spawn(rename(six, plan.project, Beliefs { title: title.clone(), ..Beliefs::default() })),
            tokio::spawn(sync(seven, plan.storage, from.clone(), Beliefs::default())),
        ];
        // So many answers, and a moment: what dies is always in the middle of something, on any machine.
        let (enough, begun) = (1 + dice.below(20) as usize, Instant::now());
        let waits = || heard.load(Ordering::Relaxed) < enough || due.load(Ordering::Relaxed) == 0;
        while waits() && begun.elapsed() < LONGEST {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_micros(dice.below(8000))).await;
        server.kill();
        let mut seen = Vec::new();
        for one in at_work {
            seen.push(one.await.unwrap());
        }
        let start = Instant::now();
        server = Process::start(&data, database.as_deref(), &flags).await;
        starting += start.elapsed();
        if database.is_none() {
            let row = db::one(&conn, "PRAGMA quick_check", vec![]).await.unwrap().unwrap();
            assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "ok", "after round {number}");
        }
        for mut beliefs in seen {
            for (id, marks) in &beliefs.annotations {
                assert_mark(&conn, "annotations", *id, marks).await;
            }
            for (id, marks) in &beliefs.drafts {
                assert_mark(&conn, "drafts", *id, marks).await;
            }
            if !beliefs.imported.is_empty() {
                let list: Vec<String> = beliefs.imported.iter().map(i64::to_string).collect();
                let sql = format!("SELECT COUNT(*) FROM tasks WHERE id IN ({})", list.join(", "));
                let there = db::count(&conn, &sql, vec![]).await.unwrap();
                assert_eq!(there as usize, list.len(), "tasks of an import that was acknowledged");
                imported += list.len();
            }
            snapshots.append(&mut beliefs.snapshots);
            emptied.append(&mut beliefs.emptied);
            half_emptied.append(&mut beliefs.half_emptied);
            unsure = beliefs.unsure.or(unsure);
            if !beliefs.title.0.is_empty() || beliefs.title.1.is_some() {
                title = beliefs.title;
            }
        }
        let sql = "SELECT title FROM projects WHERE id = $1";
        let row = db::one(&conn, sql, vec![plan.project.into()]).await.unwrap().unwrap();
        let found: String = row.try_get("", "title").unwrap();
        assert!(
            found == title.0 || Some(&found) == title.1.as_ref() || title.0.is_empty(),
            "{found:?}, not {title:?}"
        );
        title = (found, None);
    }
    let mean = starting / ROUNDS as u32;
    println!("{ROUNDS} kills in {:?}, a start took {mean:?}; {imported} tasks acknowledged", began.elapsed());

    let path = format!("/api/storages/localfiles/{}/sync", plan.storage);
    server.request("POST", &path).json(json!({})).ok().await;
    // Jobs that were under way come to their end.
    let until = Instant::now() + Duration::from_secs(60);
    let open = "SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')";
    while db::count(&conn, open, vec![]).await.unwrap() > 0 {
        assert!(Instant::now() < until, "jobs do not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let bad = "SELECT COUNT(*) FROM jobs WHERE state <> 'completed'";
    assert_eq!(db::count(&conn, bad, vec![]).await.unwrap(), 0);
    let tasks_of = async |project: i64| {
        let sql = "SELECT COUNT(*) FROM tasks WHERE project = $1";
        db::count(&conn, sql, vec![project.into()]).await.unwrap() as usize
    };
    let all = tasks_of(plan.imports).await;
    assert!(
        all >= imported && all.is_multiple_of(IMPORTED),
        "{all} tasks of {imported} are no whole imports"
    );
    for project in emptied {
        assert_eq!(tasks_of(project).await, 0, "project {project} was emptied");
    }
    for project in half_emptied {
        assert!([0, IMPORTED].contains(&tasks_of(project).await), "project {project} is half empty");
    }
    assert!(snapshots.len() >= 10 && imported > IMPORTED, "{} snapshots, {imported} tasks", snapshots.len());
    for id in snapshots.iter().step_by(10).chain(snapshots.last()) {
        let path = format!("/api/projects/{}/exports/{id}/download?exportType=JSON", plan.project);
        let answer = server.request("GET", &path).send().await;
        assert_eq!(answer.status, 200, "snapshot {id}: {answer:?}");
        assert!(answer.json().is_array());
    }
    // Every file is one task, however often its sync was killed.
    let files = std::fs::read_dir(&from).unwrap().count();
    let sql = "SELECT COUNT(DISTINCT key) FROM storage_links WHERE storage = $1";
    let keys = db::count(&conn, sql, vec![plan.storage.into()]).await.unwrap() as usize;
    assert_eq!((tasks_of(plan.synced).await, keys), (files, files), "tasks and keys of the files");
    // Every annotation is in the folder it is written to, as it is in the database.
    let sql = "SELECT id, result FROM annotations WHERE project = $1 ORDER BY id";
    let rows = db::all(&conn, sql, vec![plan.project.into()]).await.unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let id: i64 = row.try_get("", "id").unwrap();
        let stored: Value = serde_json::from_str(&row.try_get::<String>("", "result").unwrap()).unwrap();
        let file = to.join(id.to_string());
        let written = || {
            let text = std::fs::read(&file).ok()?;
            Some(serde_json::from_slice::<Value>(&text).ok()?["result"].clone())
        };
        // What a dead process had taken is free after its lease.
        let until = Instant::now() + Duration::from_secs(60);
        while written().as_ref() != Some(&stored) {
            assert!(Instant::now() < until, "annotation {id}: {:?} was written, not {stored}", written());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let wrong = "SELECT COUNT(*) FROM tasks t WHERE total_annotations <> \
                 (SELECT COUNT(*) FROM annotations a WHERE a.task = t.id AND NOT a.was_cancelled)";
    assert_eq!(db::count(&conn, wrong, vec![]).await.unwrap(), 0, "counters are right");
    if database.is_none() {
        let row = db::one(&conn, "PRAGMA integrity_check", vec![]).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "ok");
    }
}

/// The database from outside, as somebody would look who does not trust the server.
async fn connection(data: &Path, database: Option<&str>) -> sea_orm::DatabaseConnection {
    let url = database.map_or_else(
        || format!("sqlite://{}?mode=rw", data.join("tagloom.sqlite3").display()),
        str::to_owned,
    );
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.unwrap()
}

/// The row holds the mark that was acknowledged last, or the one that was on its way.
async fn assert_mark(
    conn: &sea_orm::DatabaseConnection,
    table: &str,
    id: i64,
    marks: &(String, Option<String>),
) {
    let row =
        db::one(conn, &format!("SELECT result FROM {table} WHERE id = $1"), vec![id.into()]).await.unwrap();
    let row = row.unwrap_or_else(|| panic!("{id} of {table} is gone: {marks:?}"));
    let result: Value = serde_json::from_str(&row.try_get::<String>("", "result").unwrap()).unwrap();
    let mark = result[0]["id"].as_str().unwrap();
    assert!(
        mark == marks.0 || Some(mark) == marks.1.as_deref(),
        "{id} of {table} holds {mark}, not {marks:?}"
    );
}
