//! A snapshot in one more format.

use crate::exchange::config::config_info;
use crate::exchange::disk;
use crate::exchange::export::convert::convert;
use crate::exchange::export::name;
use crate::exchange::export::sink::Sink;
use crate::exchange::media;
use crate::exchange::spool::Spool;
use crate::jobs::{Failure, Handle, Job, Kind};
use crate::state::AppState;
use crate::store::{exports, projects};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tagloom_formats::find_format;

#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    pub conversion: i64,
}

#[derive(Debug)]
pub struct ExportConvert;

#[async_trait::async_trait]
impl Kind for ExportConvert {
    fn name(&self) -> &'static str {
        "export_convert"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let payload: Payload = job.payload()?;
        let gone = || Failure::Failed("The snapshot was deleted meanwhile.".into());
        let conn = state.db.read();
        let conversion = exports::conversion(conn, payload.conversion).await?.ok_or_else(gone)?;
        let snapshot = exports::by_id(conn, conversion.export).await?.ok_or_else(gone)?;
        let project = projects::get(conn, job.job().organization, snapshot.project).await?;
        let project = project.ok_or_else(gone)?;
        let name = &conversion.export_type;
        let format = find_format(name).ok_or_else(|| Failure::Failed(format!("unknown format {name}")))?;
        let source = media::open(state, &snapshot.file).await?;
        let (mut spool, file) = Spool::create_plain(&state.files).await?;
        let config = config_info(&project);
        let work = tokio::task::spawn_blocking(move || convert(source, format, &config, Sink::new(file)));
        let written = work.await.map_err(anyhow::Error::from)?.map_err(disk::failed)?;
        let file = name::file(project.id, &written.md5, format.extension);
        let path = format!("export/{}/{}/{file}", snapshot.id, format.name);
        spool.move_to(&state.media, &path).await?;
        let tx = state.db.write_rows().await?;
        if !exports::set_conversion(&*tx, conversion.id, "completed", &path, None).await? {
            return Err(gone());
        }
        job.checkpoint(&*tx, &Value::Null, written.tasks, Some(written.tasks)).await?;
        tx.commit().await?;
        spool.keep();
        Ok(json!({"export": snapshot.id, "converted_format": conversion.id}))
    }

    async fn given_up(&self, state: &AppState, job: &Job, why: &Failure) -> Result<(), Failure> {
        let id = job.payload["conversion"].as_i64().unwrap_or(0);
        let tx = state.db.write_rows().await?;
        exports::set_conversion(&*tx, id, "failed", "", Some(&why.to_string())).await?;
        Ok(tx.commit().await?)
    }
}
