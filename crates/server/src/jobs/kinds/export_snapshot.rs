//! Snapshots: an export that stays as it was. A kill throws away what was written; whoever takes the job over writes the
//! file anew and puts it in place at once.

use crate::exchange::export::choice::{Annotations, Tasks};
use crate::exchange::export::form::Form;
use crate::exchange::export::name;
use crate::exchange::export::sink::Sink;
use crate::exchange::export::write::write;
use crate::exchange::spool::Spool;
use crate::jobs::{Failure, Handle, Job, Kind};
use crate::state::AppState;
use crate::store::{exports, projects};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tagloom_formats::find_format;

#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    pub export: i64,
}

#[derive(Debug)]
pub struct ExportSnapshot;

#[async_trait::async_trait]
impl Kind for ExportSnapshot {
    fn name(&self) -> &'static str {
        "export_snapshot"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let payload: Payload = job.payload()?;
        let gone = || Failure::Failed("The snapshot was deleted meanwhile.".into());
        let snapshot = exports::by_id(state.db.read(), payload.export).await?.ok_or_else(gone)?;
        if snapshot.is_completed() {
            return Ok(json!({"export": snapshot.id, "tasks": snapshot.task_number}));
        }
        let organization = job.job().organization;
        let project = projects::get(state.db.read(), organization, snapshot.project).await?;
        let project = project.ok_or_else(gone)?;
        let options = &snapshot.options;
        let choice = Tasks::of_options(&options["task_filter_options"])?;
        let annotations = Annotations::of_options(&options["annotation_filter_options"])?;
        let interpolate = state.settings.interpolate_key_frames;
        let form = Form::of_options(&options["serialization_options"], annotations, interpolate)?;
        let tx = state.db.write_rows().await?;
        exports::set_status(&*tx, snapshot.id, "in_progress", None).await?;
        tx.commit().await?;

        let format = find_format("JSON").ok_or_else(|| Failure::Failed("There is no format JSON.".into()))?;
        let (mut spool, file) = Spool::create_plain(&state.files).await?;
        let sink = Sink::new(file);
        let written = write(state, &project, format, &choice, form, sink, Some(&mut *job)).await?;
        let file = name::file(project.id, &written.md5, format.extension);
        let path = format!("export/{}/{file}", snapshot.id);
        spool.move_to(&state.media, &path).await?;
        let tx = state.db.write_rows().await?;
        if !exports::complete(&*tx, snapshot.id, &path, &written.md5, written.tasks).await? {
            return Err(gone());
        }
        job.checkpoint(&*tx, &Value::Null, written.tasks, Some(written.tasks)).await?;
        tx.commit().await?;
        spool.keep();
        Ok(json!({"export": snapshot.id, "tasks": written.tasks}))
    }

    async fn given_up(&self, state: &AppState, job: &Job, why: &Failure) -> Result<(), Failure> {
        let id = job.payload["export"].as_i64().unwrap_or(0);
        let tx = state.db.write_rows().await?;
        exports::set_status(&*tx, id, "failed", Some(&why.to_string())).await?;
        Ok(tx.commit().await?)
    }

    async fn tidy(&self, state: &AppState) -> Result<(), Failure> {
        let tx = state.db.write_rows().await?;
        exports::fail_abandoned(&*tx).await?;
        Ok(tx.commit().await?)
    }
}
