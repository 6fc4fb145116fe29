//! Import and reimport of tasks: looks at everything, inserts in batches, removes what is replaced.

use crate::auth::Caller;
use crate::events::{self, Event};
use crate::exchange::config::{config_info, requirements};
use crate::exchange::import::read::{self, Outcome, People, Purpose, Rules, Source, Upload, Watch};
use crate::exchange::import::undo;
use crate::exchange::media;
use crate::jobs::{self, Failure, Handle, Job, Kind, New};
use crate::state::AppState;
use crate::store::imports::{self, Brings, Found, Import, Problem};
use crate::store::projects::{self, Project};
use crate::store::recount;
use crate::store::tasks::{self, Inserter, NewTask};
use crate::store::users;
use crate::{db, time};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tagloom_formats::DataRequirements;

/// Tasks removed in one transaction.
const BATCH: u64 = 500;
/// How often a reader that writes nothing shows how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(250);

#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    pub import: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    #[default]
    Looking,
    Inserting,
    Replacing,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Point {
    phase: Phase,
    /// So many are in.
    tasks: i64,
    annotations: i64,
    predictions: i64,
    /// Tasks of the same uploads up to this id are replaced.
    replaced_up_to: i64,
}

/// Queues the work of an import, in the transaction that notes it. Of one project there is one reimport at a time:
/// false where another one is at work.
pub async fn enqueue(
    conn: &impl ConnectionTrait,
    caller: &Caller,
    project: i64,
    import: i64,
    brings: Brings,
) -> Result<Option<i64>, DbErr> {
    let again = brings == Brings::TasksAgain;
    let new = New {
        kind: if brings == Brings::Predictions { "import_predictions" } else { ImportTasks.name() },
        organization: caller.organization(),
        project: Some(project),
        user: Some(caller.id()),
        unique_key: again.then(|| format!("reimport:{project}")),
        payload: json!(Payload { import }),
        ..New::default()
    };
    let job = jobs::enqueue(conn, new).await?;
    if again {
        let found = jobs::by_id(conn, job).await?;
        if found.is_none_or(|job| job.payload["import"] != import) {
            return Ok(None);
        }
    }
    imports::set_job(conn, import, job).await?;
    Ok(Some(job))
}

/// The import of a job.
pub(super) async fn import_of(state: &AppState, job: &Job) -> Result<Import, Failure> {
    let id = job.payload["import"].as_i64().unwrap_or(0);
    let found = imports::get(state.db.read(), id).await?;
    found.ok_or_else(|| Failure::Failed("The project of this import is gone.".into()))
}

/// Mistakes go to the import, for whoever has sent it, and to the job, for whoever looks there.
pub(super) async fn refuse(
    state: &AppState,
    job: &mut Handle,
    mut import: Import,
    messages: Vec<String>,
    total: usize,
) -> Failure {
    let text = match total {
        1 => messages.first().cloned().unwrap_or_default(),
        _ => format!("there are {total} mistakes; the first one: {}", messages.first().map_or("", |m| m)),
    };
    let noted = async {
        let tx = state.db.write().await?;
        for message in &messages {
            let (subject, rest) = message.split_once(": ").unwrap_or(("", message));
            job.note_error(&*tx, subject, rest).await?;
        }
        import.problem = Some(Problem::items(messages));
        imports::end(&*tx, &import).await?;
        tx.commit().await?;
        Ok::<_, Failure>(())
    };
    match noted.await {
        Ok(()) => Failure::Failed(text),
        Err(failure) => failure,
    }
}

#[derive(Debug)]
pub struct ImportTasks;

#[async_trait::async_trait]
impl Kind for ImportTasks {
    fn name(&self) -> &'static str {
        "import_tasks"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let import = import_of(state, job.job()).await?;
        if !import.is_open() {
            undo::forget_bodies(state, &import).await;
            return if import.status == "completed" {
                Ok(result(&import))
            } else {
                Err(Failure::Failed("The files of this import are gone; send it again.".into()))
            };
        }
        let mut work = Work { state, started: Instant::now(), point: job.resume_point().unwrap_or_default() };
        work.run(job, import).await
    }

    /// What was read is taken back, and the bodies go.
    fn goes_on(&self) -> bool {
        false
    }

    async fn given_up(&self, state: &AppState, job: &Job, why: &Failure) -> Result<(), Failure> {
        let Ok(import) = import_of(state, job).await else { return Ok(()) };
        if !import.is_open() {
            undo::forget_bodies(state, &import).await;
            return Ok(());
        }
        // The row knows more than the job as it was claimed.
        let point = jobs::by_id(state.db.read(), job.id).await?.and_then(|job| job.resume_point);
        let point: Point = point.and_then(|point| serde_json::from_value(point).ok()).unwrap_or_default();
        if point.phase == Phase::Replacing {
            // Former tasks are gone already: the way back is closed, the new ones stay.
            let mut work = Work { state, started: Instant::now(), point };
            while work.replace(None, &import).await? {}
            return work.end(None, import).await.map(|_| ());
        }
        undo::undo(state, import, why).await
    }

    async fn tidy(&self, state: &AppState) -> Result<(), Failure> {
        undo::tidy(state).await
    }
}

fn result(import: &Import) -> Value {
    json!({
        "import": import.id, "tasks": import.task_count, "annotations": import.annotation_count,
        "predictions": import.prediction_count,
    })
}

struct Work<'a> {
    state: &'a AppState,
    started: Instant,
    point: Point,
}

impl Work<'_> {
    async fn run(&mut self, job: &mut Handle, mut import: Import) -> Result<Value, Failure> {
        let organization = job.job().organization;
        let project = projects::get(self.state.db.read(), organization, import.project).await?;
        let project = project.ok_or_else(|| Failure::Failed("The project is gone.".into()))?;
        let rules = Arc::new(self.rules(&import, &project).await?);
        if self.point.phase == Phase::Looking {
            let outcome = self.look(job, &import, rules.clone()).await?;
            if !outcome.errors.is_empty() {
                let (messages, total) = (outcome.errors.messages(), outcome.errors.total);
                return Err(refuse(self.state, job, import, messages, total).await);
            }
            import.found = Found {
                tasks: outcome.tasks,
                annotations: outcome.annotations,
                predictions: outcome.predictions,
                columns: outcome.columns.keys().map(str::to_owned).collect(),
                could_be_list: outcome.could_be_list,
                model_version: outcome.model_version,
                duration: 0.0,
            };
            if !import.options.commit {
                self.point.tasks = import.found.tasks;
                return self.end(Some(job), import).await;
            }
            self.begin_to_insert(job, &import).await?;
        }
        if self.point.phase == Phase::Inserting {
            if let Some((messages, total)) = self.insert(job, &import, rules).await? {
                return Err(refuse(self.state, job, import, messages, total).await);
            }
            if import.brings == Brings::TasksAgain {
                let tx = self.state.db.write_rows().await?;
                self.point.phase = Phase::Replacing;
                job.checkpoint(&*tx, &self.point, self.point.tasks, Some(import.found.tasks)).await?;
                tx.commit().await?;
            }
        }
        if self.point.phase == Phase::Replacing {
            while self.replace(Some(job), &import).await? {}
        }
        self.end(Some(job), import).await
    }

    async fn rules(&self, import: &Import, project: &Project) -> Result<Rules, Failure> {
        let members = users::members(self.state.db.read(), project.organization).await?;
        let take_unknown = self.state.settings.allow_unknown_emails;
        Ok(Rules {
            // Files that are only stored may come before the config they are for.
            needs: if import.options.commit { requirements(project) } else { DataRequirements::default() },
            info: config_info(project),
            fields: import.options.fields.clone(),
            people: People::new(import.user, members.into_iter().map(|u| (u.email, u.id)), take_unknown),
        })
    }

    async fn sources(&self, import: &Import) -> Result<Vec<Source>, Failure> {
        let mut sources = Vec::with_capacity(import.sources.len());
        for source in &import.sources {
            let file = media::open(self.state, &source.path).await.map_err(|_| {
                Failure::Failed(format!("A file of this import is gone: {}. Send it again.", source.name))
            })?;
            let upload = source.upload.map(|id| Upload {
                id,
                name: source.name.clone(),
                url: format!("/data/{}", source.path),
                as_list: import.options.files_as_tasks_list,
            });
            sources.push(Source { file, upload });
        }
        Ok(sources)
    }

    /// Reads everything once.
    async fn look(&self, job: &mut Handle, import: &Import, rules: Arc<Rules>) -> Result<Outcome, Failure> {
        let sources = self.sources(import).await?;
        let watch = Arc::new(Watch::default());
        let seen = watch.clone();
        let mut reader =
            tokio::task::spawn_blocking(move || read::read(sources, &rules, Purpose::Look, &seen));
        loop {
            tokio::select! {
                outcome = &mut reader => return Ok(outcome.map_err(anyhow::Error::from)?),
                () = tokio::time::sleep(LOOK_EVERY) => {
                    let shown = job.progress(watch.tasks.load(Ordering::Relaxed), None, "reading").await;
                    if let Err(failure) = shown {
                        watch.stop.store(true, Ordering::Relaxed);
                        let _ = reader.await;
                        return Err(failure);
                    }
                }
            }
        }
    }

    async fn begin_to_insert(&mut self, job: &mut Handle, import: &Import) -> Result<(), Failure> {
        let tx = self.state.db.write_rows().await?;
        if import.brings == Brings::TasksAgain {
            let ids = import.upload_ids();
            for chunk in ids.chunks(500) {
                let sql = format!(
                    "SELECT MAX(id) FROM tasks WHERE project = $1 AND file_upload IN ({})",
                    db::placeholders(2, chunk.len())
                );
                let values = std::iter::once(import.project.into()).chain(chunk.iter().map(|&id| id.into()));
                let last = db::count(&*tx, &sql, values.collect()).await?;
                self.point.replaced_up_to = self.point.replaced_up_to.max(last);
            }
        }
        imports::set_found(&*tx, import.id, &import.found).await?;
        self.point.phase = Phase::Inserting;
        job.checkpoint(&*tx, &self.point, 0, Some(import.found.tasks)).await?;
        Ok(tx.commit().await?)
    }

    /// Reads everything again and stores it. Mistakes come back: what was asked of the data may have changed meanwhile.
    async fn insert(
        &mut self,
        job: &mut Handle,
        import: &Import,
        rules: Arc<Rules>,
    ) -> Result<Option<(Vec<String>, usize)>, Failure> {
        let sources = self.sources(import).await?;
        let (send, mut receive) = tokio::sync::mpsc::channel::<Vec<NewTask>>(2);
        let purpose = Purpose::Store { skip: self.point.tasks, send };
        let reader =
            tokio::task::spawn_blocking(move || read::read(sources, &rules, purpose, &Watch::default()));
        while let Some(batch) = receive.recv().await {
            self.store(job, import, batch).await?;
        }
        let outcome = reader.await.map_err(anyhow::Error::from)?;
        let errors = outcome.errors;
        Ok((!errors.is_empty()).then(|| (errors.messages(), errors.total)))
    }

    async fn store(&mut self, job: &mut Handle, import: &Import, batch: Vec<NewTask>) -> Result<(), Failure> {
        let tx = self.state.db.write_part().await?;
        job.still_there(&*tx).await?;
        let project = projects::get_to_change(&*tx, job.job().organization, import.project).await?;
        let project = project.ok_or_else(|| Failure::Failed("The project was deleted meanwhile.".into()))?;
        let mut inserter = Inserter::new(&*tx, project.id, project.maximum_annotations).await?;
        inserter.keep_ids = true;
        inserter.insert(&*tx, batch).await?;
        imports::add_batch(&*tx, import.id, &inserter.ids).await?;
        events::emit(&tx, project.id, Event::TasksCreated(&inserter.ids)).await?;
        self.point.tasks += inserter.tasks;
        self.point.annotations += inserter.annotations;
        self.point.predictions += inserter.predictions;
        job.checkpoint(&*tx, &self.point, self.point.tasks, Some(import.found.tasks)).await?;
        Ok(tx.commit().await?)
    }

    /// Removes some of the tasks that are replaced; false when there are none left.
    async fn replace(&mut self, job: Option<&mut Handle>, import: &Import) -> Result<bool, Failure> {
        let tx = self.state.db.write_rows().await?;
        let mut some = Vec::new();
        for chunk in import.upload_ids().chunks(500) {
            let sql = format!(
                "SELECT id FROM tasks WHERE project = $1 AND id <= $2 AND file_upload IN ({}) ORDER BY id LIMIT {BATCH}",
                db::placeholders(3, chunk.len())
            );
            let mut values: Vec<sea_orm::Value> =
                vec![import.project.into(), self.point.replaced_up_to.into()];
            values.extend(chunk.iter().map(|&id| sea_orm::Value::from(id)));
            for row in db::all(&*tx, &sql, values).await? {
                some.push(row.try_get::<i64>("", "id")?);
            }
        }
        tasks::delete_many(&*tx, import.project, &some).await?;
        events::emit(&tx, import.project, Event::TasksDeleted(&some)).await?;
        if let Some(job) = job {
            job.checkpoint(&*tx, &self.point, self.point.tasks, Some(import.found.tasks)).await?;
        }
        tx.commit().await?;
        Ok(!some.is_empty())
    }

    async fn end(&self, job: Option<&mut Handle>, mut import: Import) -> Result<Value, Failure> {
        let tx = self.state.db.write_rows().await?;
        import.task_count = self.point.tasks;
        import.annotation_count = self.point.annotations;
        import.prediction_count = self.point.predictions;
        import.found.duration = self.started.elapsed().as_secs_f64();
        "completed".clone_into(&mut import.status);
        if import.options.commit
            && let Some(version) = import.found.model_version.clone()
        {
            show_predictions_of(&*tx, import.project, version).await?;
        }
        imports::end(&*tx, &import).await?;
        if let Some(job) = job {
            job.checkpoint(&*tx, &self.point, self.point.tasks, Some(import.found.tasks)).await?;
        }
        tx.commit().await?;
        if import.options.commit {
            self.state.db.has_grown(&[
                ("tasks", self.point.tasks),
                ("annotations", self.point.annotations),
                ("predictions", self.point.predictions),
            ]);
        }
        undo::forget_bodies(self.state, &import).await;
        Ok(result(&import))
    }
}

/// A project that shows no version's predictions yet shows these.
async fn show_predictions_of(
    conn: &impl ConnectionTrait,
    project: i64,
    version: String,
) -> Result<(), DbErr> {
    let sql = format!("SELECT settings FROM projects WHERE id = $1{}", db::for_update(conn));
    let Some(row) = db::one(conn, &sql, vec![project.into()]).await? else { return Ok(()) };
    let text: String = row.try_get("", "settings")?;
    let mut settings: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    if settings.get("model_version").is_some_and(|shown| shown.as_str().is_some_and(|s| !s.is_empty())) {
        return Ok(());
    }
    settings.insert("model_version".into(), version.into());
    let sql = "UPDATE projects SET settings = $2, updated_at = $3 WHERE id = $1";
    let values = vec![project.into(), Value::Object(settings).to_string().into(), time::now().into()];
    db::run(conn, sql, values).await?;
    recount::scores(conn, project).await
}
