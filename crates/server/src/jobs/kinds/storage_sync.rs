//! Imports what is new in a storage (spec/server.md 5.3).
//!
//! Keys are listed in order; what has tasks already is left alone, whatever became of the object since. Tasks, links and
//! the resume point of a batch are one transaction. An object that cannot be used is noted and the others go on; a
//! storage that fails ends the job with cause and key, and going on begins behind the last batch. A task file larger
//! than a batch is remembered in the storage while it is half in, so that a later sync completes it.

use crate::db;
use crate::events::{self, Event};
use crate::jobs::{Failure, Handle, Job, Kind, State};
use crate::routes::import::requirements;
use crate::state::AppState;
use crate::storages::read::{self, Row, Rules};
use crate::store::storages::{self, Storage};
use crate::store::tasks::{Inserter, NewTask};
use crate::store::{projects, users};
use crate::time;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tagloom_storages::{Bucket, Cause, Fields, Listing, Object, Problem, Purpose};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Keys looked at together, and tasks stored in one transaction.
const BATCH: usize = 1000;
/// Task files read ahead, and the megabytes they may have together.
const READ_AHEAD: usize = 8;
/// How often somebody who looks on sees that objects are read.
const SHOW_EVERY: Duration = Duration::from_secs(1);
const READ_AHEAD_MB: u32 = 64;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    storage: i64,
    /// When somebody asked for a sync while this one was at work, the last time: what has come to the storage by then may
    /// lie before the key where the work was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_again: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Point {
    /// Every key up to this one is dealt with.
    after: Option<String>,
    seen: i64,
    created: i64,
    existed: i64,
    /// Tasks whose annotations or predictions were left out.
    invalid: i64,
    failed: i64,
    began: String,
    /// Of [`Payload`], as it was when the listing began.
    asked_again: Option<String>,
}

/// Queues a sync of a storage; the one that is at work already, where one is: it begins once more then.
pub(crate) async fn enqueue(
    conn: &impl ConnectionTrait,
    storage: &Storage,
    user: Option<i64>,
) -> Result<i64, DbErr> {
    let payload = Payload { storage: storage.id, asked_again: None };
    let job = super::sync_status::enqueue(conn, storage, StorageSync.name(), user, json!(payload)).await?;
    let payload = Payload { storage: storage.id, asked_again: Some(time::now()) };
    let sql = "UPDATE jobs SET payload = $2 WHERE id = $1 AND started_at IS NOT NULL";
    db::run(conn, sql, vec![job.into(), json!(payload).to_string().into()]).await?;
    Ok(job)
}

/// Whether a sync that has ended was asked to begin once more at its very end, so that another one is due.
pub(crate) fn missed_a_call(job: &Job) -> bool {
    let asked: Option<Payload> = serde_json::from_value(job.payload.clone()).ok();
    let seen: Option<Point> = job.resume_point.clone().and_then(|point| serde_json::from_value(point).ok());
    job.state == State::Completed
        && asked.and_then(|payload| payload.asked_again) != seen.and_then(|point| point.asked_again)
}

#[derive(Debug)]
pub struct StorageSync;

#[async_trait::async_trait]
impl Kind for StorageSync {
    fn name(&self) -> &'static str {
        "storage_sync"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let payload: Payload = job.payload()?;
        let gone = || Failure::Failed("The storage has been deleted.".into());
        let storage = storages::by_id(state.db.read(), payload.storage).await?.ok_or_else(gone)?;
        let mut point: Point = job.resume_point().unwrap_or_default();
        if point.began.is_empty() {
            point.began = time::now();
        }
        let meta = super::sync_status::begin(state, job, &storage).await?;
        let ended = sync(state, job, &storage, &mut point).await;
        let mut meta = meta;
        meta["tasks_existed"] = point.existed.into();
        meta["tasks_failed_validation"] = point.invalid.into();
        // Nothing came of it and something went wrong: that is no success.
        let useless = point.failed > 0 && point.failed == point.seen - point.existed && point.created == 0;
        let errors = point.failed + point.invalid;
        let status = if useless {
            "failed"
        } else if errors > 0 {
            "completed_with_errors"
        } else {
            "completed"
        };
        let outcome =
            super::sync_status::Outcome { status, created: point.created, errors, began: &point.began };
        super::sync_status::end(state, job, &storage, meta, outcome, &ended).await?;
        state.db.has_grown(&[("tasks", point.created)]);
        ended?;
        Ok(json!({
            "storage": storage.id, "created": point.created, "existed": point.existed, "failed": point.failed,
            "tasks_failed_validation": point.invalid,
        }))
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        if problem.transient { Self::Transient(problem.line()) } else { Self::Failed(problem.line()) }
    }
}

async fn sync(
    state: &AppState,
    job: &mut Handle,
    storage: &Storage,
    point: &mut Point,
) -> Result<(), Failure> {
    let bucket = state.buckets.of(storage)?;
    let fields = Fields::from(storage.fields.clone());
    let project = projects::get(state.db.read(), storage.organization, storage.project)
        .await?
        .ok_or_else(|| Failure::Failed("The project has been deleted.".into()))?;
    let members = users::members(state.db.read(), storage.organization).await?;
    let rules = Arc::new(Rules {
        members: members.iter().map(|user| user.id).collect(),
        by_email: members.into_iter().map(|user| (user.email, user.id)).collect(),
        first_key: requirements(&project).first_key().map(str::to_owned),
    });
    let mut sync = Sync {
        state,
        job,
        storage,
        bucket: bucket.clone(),
        rules,
        overlap: project.maximum_annotations,
        host: state.settings.host.clone(),
        partial: Partial::of(&storage.partial),
        listed: VecDeque::new(),
        rows: Vec::new(),
        errors: Vec::new(),
        point,
    };
    loop {
        let listing = Listing::of(&fields)?.after(sync.point.after.clone());
        let mut pages = bucket.list(listing).try_chunks(BATCH).boxed();
        while let Some(page) = pages.next().await {
            let (objects, broken) = match page {
                Ok(objects) => (objects, None),
                Err(error) => (error.0, Some(error.1)),
            };
            if fields.files_mode() {
                sync.files(objects).await?;
            } else {
                sync.task_files(objects).await?;
            }
            if let Some(problem) = broken {
                return Err(problem.into());
            }
        }
        if !sync.begins_again().await? {
            return Ok(());
        }
    }
}

/// A task file that is half in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Partial {
    key: String,
    rows: i64,
}

impl Partial {
    fn of(value: &Value) -> Option<Self> {
        serde_json::from_value(value.clone()).ok()
    }
}

struct Sync<'a> {
    state: &'a AppState,
    job: &'a mut Handle,
    storage: &'a Storage,
    bucket: Bucket,
    rules: Arc<Rules>,
    overlap: i64,
    host: String,
    partial: Option<Partial>,
    /// Keys that are not counted yet, each with whether it has tasks already.
    listed: VecDeque<(String, bool)>,
    /// What waits for the next transaction.
    rows: Vec<(String, Row)>,
    errors: Vec<(String, String)>,
    point: &'a mut Point,
}

impl Sync<'_> {
    /// Those without tasks, each key once.
    async fn unknown(&mut self, objects: Vec<Object>) -> Result<Vec<Object>, Failure> {
        let keys: Vec<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let known = storages::known_keys(self.state.db.read(), self.storage.id, &keys).await?;
        let half = self.partial.as_ref().map(|partial| partial.key.clone());
        let mut seen = HashSet::new();
        let mut fresh = Vec::with_capacity(objects.len());
        for object in objects {
            let exists = known.contains(&object.key) && half.as_deref() != Some(object.key.as_str());
            self.listed.push_back((object.key.clone(), exists));
            if !exists && seen.insert(object.key.clone()) {
                fresh.push(object);
            }
        }
        Ok(fresh)
    }

    async fn files(&mut self, objects: Vec<Object>) -> Result<(), Failure> {
        let Some(last) = objects.last().map(|object| object.key.clone()) else { return Ok(()) };
        for object in self.unknown(objects).await? {
            let uri = self.bucket.uri(&object.key);
            // Addresses of this server; those of a bucket begin with its scheme.
            let uri = if uri.starts_with('/') { format!("{}{uri}", self.host) } else { uri };
            let task = read::file_task(uri, &self.rules);
            self.rows.push((object.key, Row { index: 0, task, problems: Vec::new() }));
        }
        self.flush(Some(last), None).await
    }

    async fn task_files(&mut self, objects: Vec<Object>) -> Result<(), Failure> {
        let Some(last) = objects.last().map(|object| object.key.clone()) else { return Ok(()) };
        let fresh = self.unknown(objects).await?;
        let limit = self.state.settings.storages.task_file_limit;
        let room = Arc::new(Semaphore::new(READ_AHEAD_MB as usize));
        let bucket = self.bucket.clone();
        // Room is given in the order of keys, so that the file that is waited for is never the one without.
        let files = futures::stream::iter(fresh)
            .then(move |object| {
                let room = Arc::clone(&room);
                async move {
                    let mb = u32::try_from(object.size >> 20).unwrap_or(u32::MAX).saturating_add(1);
                    (room.acquire_many_owned(mb.min(READ_AHEAD_MB)).await.ok(), object)
                }
            })
            .map(move |(room, object)| fetch(bucket.clone(), object, limit, room))
            .buffered(READ_AHEAD);
        let mut files = files.boxed();
        let mut before = self.point.after.clone();
        let (mut read, mut shown) = (0, Instant::now());
        while let Some((key, content, _room)) = files.next().await {
            match content {
                Ok(content) => self.task_file(&key, content, before.as_deref()).await?,
                Err(problem) => {
                    if let Some(problem) = self.of_storage(&problem).await {
                        self.flush(before, None).await?;
                        return Err(problem.at(&key).into());
                    }
                    self.wrong(&key, format!("{} {}", problem.message, problem.mend).trim_end().to_owned());
                }
            }
            read += 1;
            if self.rows.len() + self.errors.len() >= BATCH {
                self.flush(Some(key.clone()), None).await?;
                read = 0;
            }
            if shown.elapsed() >= SHOW_EVERY {
                let done = self.point.created + self.rows.len() as i64;
                let words = format!("{} objects read", self.point.seen + read);
                self.job.progress(done, None, &words).await?;
                shown = Instant::now();
            }
            before = Some(key);
        }
        self.flush(Some(last), None).await
    }

    /// The storage's own problem behind that of one object: one that was listed a moment ago and is not there may have gone
    /// with its bucket.
    async fn of_storage(&self, problem: &Problem) -> Option<Problem> {
        match problem.cause {
            Cause::NoSuchKey => self.bucket.check(Purpose::Export).await.err(),
            _ => problem.concerns_storage().then(|| problem.clone()),
        }
    }

    /// Takes the rows of one file. Full batches of a large one are stored at once, and the file is noted as half in.
    async fn task_file(&mut self, key: &str, content: Bytes, before: Option<&str>) -> Result<(), Failure> {
        let skip =
            self.partial.as_ref().filter(|partial| partial.key == key).map_or(0, |partial| partial.rows);
        let (send, mut receive) = tokio::sync::mpsc::channel::<Vec<Row>>(1);
        let rules = Arc::clone(&self.rules);
        let reader = tokio::task::spawn_blocking(move || {
            read::tasks(&content, skip, &rules, |rows| match send.blocking_send(rows) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        let mut batch = receive.recv().await;
        while let Some(rows) = batch {
            // The next batch tells whether this one is the last.
            let next = receive.recv().await;
            let end = rows.last().map_or(0, |row| row.index + 1);
            self.rows.extend(rows.into_iter().map(|row| (key.to_owned(), row)));
            if next.is_some() {
                let partial = Partial { key: key.to_owned(), rows: end };
                self.flush(before.map(str::to_owned), Some(partial)).await?;
            }
            batch = next;
        }
        match reader.await.map_err(anyhow::Error::from)? {
            Ok(0) => self.wrong(key, "There is no task in this object.".into()),
            Ok(_) => {}
            Err(message) => self.wrong(key, format!("This object cannot be read as tasks: {message}")),
        }
        Ok(())
    }

    /// Goes back to the first key where somebody has asked for a sync since the listing began; what failed is tried again.
    async fn begins_again(&mut self) -> Result<bool, Failure> {
        let tx = self.state.db.write().await?;
        let sql = format!("SELECT payload FROM jobs WHERE id = $1{}", db::for_update(&*tx));
        let Some(row) = db::one(&*tx, &sql, vec![self.job.id().into()]).await? else { return Ok(false) };
        let payload: Payload = serde_json::from_str(&row.try_get::<String>("", "payload")?)?;
        if payload.asked_again == self.point.asked_again {
            return Ok(false);
        }
        let point = Point {
            created: self.point.created,
            began: self.point.began.clone(),
            asked_again: payload.asked_again,
            ..Point::default()
        };
        for sql in ["DELETE FROM job_errors WHERE job = $1", "UPDATE jobs SET error_count = 0 WHERE id = $1"]
        {
            db::run(&*tx, sql, vec![self.job.id().into()]).await?;
        }
        self.job.checkpoint(&*tx, &point, point.created, None).await?;
        tx.commit().await?;
        *self.point = point;
        Ok(true)
    }

    fn wrong(&mut self, key: &str, message: String) {
        self.point.failed += 1;
        self.errors.push((key.to_owned(), message));
    }

    /// One transaction: tasks, links, errors, and how far we are.
    async fn flush(&mut self, after: Option<String>, partial: Option<Partial>) -> Result<(), Failure> {
        let rows = std::mem::take(&mut self.rows);
        let errors = std::mem::take(&mut self.errors);
        let mut point = self.point.clone();
        if let Some(after) = after {
            if let Some(place) = self.listed.iter().position(|(key, _)| *key == after) {
                for (_, exists) in self.listed.drain(..=place) {
                    point.seen += 1;
                    point.existed += i64::from(exists);
                }
            }
            point.after = Some(after);
        }
        let mut places = Vec::with_capacity(rows.len());
        let mut tasks: Vec<NewTask> = Vec::with_capacity(rows.len());
        let mut problems = Vec::new();
        for (key, row) in rows {
            if !row.problems.is_empty() {
                point.invalid += 1;
                problems.extend(row.problems.into_iter().map(|problem| (key.clone(), problem)));
            }
            places.push((key, row.index));
            tasks.push(row.task);
        }
        point.created += tasks.len() as i64;
        let tx = self.state.db.write().await?;
        // Deleted meanwhile, with its project perhaps: then nothing is written any more.
        let sql = format!("SELECT s.id FROM storages s WHERE s.id = $1{}", db::for_update(&*tx));
        if db::one(&*tx, &sql, vec![self.storage.id.into()]).await?.is_none() {
            return Err(Failure::Failed("The storage has been deleted.".into()));
        }
        if !tasks.is_empty() {
            let sql = format!("SELECT id FROM projects WHERE id = $1{}", db::for_update(&*tx));
            db::one(&*tx, &sql, vec![self.storage.project.into()]).await?;
            let mut inserter = Inserter::new(&*tx, self.storage.project, self.overlap).await?;
            inserter.keep_ids = true;
            inserter.insert(&*tx, tasks).await?;
            let links: Vec<(&str, i64, i64)> = places
                .iter()
                .zip(&inserter.ids)
                .map(|((key, row), task)| (key.as_str(), *row, *task))
                .collect();
            storages::link(&*tx, self.storage.id, &links).await?;
            events::emit(&tx, self.storage.project, Event::TasksCreated(&inserter.ids)).await?;
        }
        if partial != self.partial {
            storages::set_partial(&*tx, self.storage.id, &json!(partial)).await?;
        }
        for (subject, message) in errors.iter().chain(&problems) {
            self.job.note_error(&*tx, subject, message).await?;
        }
        self.job.checkpoint(&*tx, &point, point.created, None).await?;
        tx.commit().await?;
        self.partial = partial;
        *self.point = point;
        let words = format!("{} objects read", self.point.seen);
        self.job.progress(self.point.created, None, &words).await
    }
}

type Fetched = (String, Result<Bytes, Problem>, Option<OwnedSemaphorePermit>);

async fn fetch(bucket: Bucket, object: Object, limit: u64, room: Option<OwnedSemaphorePermit>) -> Fetched {
    let content = match read::may_hold_tasks(&object.key) {
        Ok(()) => bucket.read(&object.key, limit).await,
        Err(message) => Err(Problem::new(Cause::Unsupported, message).mended_by("")),
    };
    (object.key, content, room)
}
