//! Writing an export: one side reads the database, the other makes text of it and writes the file.

use super::choice::{self, Tasks};
use super::form::Form;
use super::pages::{self, Page, Pages, Purpose};
use super::sink::{Sink, Written};
use crate::error::ApiError;
use crate::exchange::config::config_info;
use crate::exchange::disk;
use crate::jobs::{Failure, Handle};
use crate::state::AppState;
use crate::store::projects::Project;
use sea_orm::DbErr;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use tagloom_formats::{Exporter, FormatInfo, interpolate_key_frames};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Bytes that are written at once.
const BUFFER: usize = 1 << 18;

/// Why an export broke off.
#[derive(Debug)]
pub(crate) enum Broken {
    Export(ApiError),
    /// The job it belongs to has to end.
    Job(Failure),
}

impl From<ApiError> for Broken {
    fn from(error: ApiError) -> Self {
        Self::Export(error)
    }
}

impl From<DbErr> for Broken {
    fn from(error: DbErr) -> Self {
        Self::Export(error.into())
    }
}

impl From<Broken> for ApiError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Export(error) => error,
            Broken::Job(failure) => Self::Internal(failure.into()),
        }
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Export(error) => error.into(),
            Broken::Job(failure) => failure,
        }
    }
}

/// Writes a whole export; a job shows how far it is.
pub(crate) async fn write(
    state: &AppState,
    project: &Project,
    format: &'static FormatInfo,
    choice: &Tasks,
    form: Form,
    sink: Sink,
    mut job: Option<&mut Handle>,
) -> Result<Written, Broken> {
    let tx = state.db.snapshot().await?;
    let mut choice = choice.clone();
    if let Some(view) = choice.view {
        choice.ids = Some(choice::of_view(&tx, project.id, view).await?);
    }
    let users = if form.full_users { pages::users(&tx, project.id).await? } else { HashMap::new() };
    let exporter = format.exporter(&config_info(project));
    let passes: &[Purpose] =
        if exporter.needs_survey() { &[Purpose::Survey, Purpose::Write] } else { &[Purpose::Write] };
    let (send, receive) = channel(2);
    let writer = Writer { exporter, users, interpolate: form.interpolate, text: String::new(), tasks: 0 };
    let writing = tokio::task::spawn_blocking(move || writer.run(receive, sink));
    let mut read = Ok(());
    for &purpose in passes {
        read =
            pass(&mut Pages::new(&tx, project.id, &choice, form), &send, purpose, job.as_deref_mut()).await;
        if read.is_err() {
            break;
        }
    }
    // Nothing more is read: the moment that was looked at may pass.
    let _ = tx.rollback().await;
    drop(send);
    let written = writing.await.map_err(|bug| ApiError::Internal(bug.into()))?;
    read?;
    Ok(written.map_err(disk::failed)?)
}

/// All tasks once.
async fn pass(
    pages: &mut Pages<'_>,
    send: &Sender<(Purpose, Page)>,
    purpose: Purpose,
    mut job: Option<&mut Handle>,
) -> Result<(), Broken> {
    let mut count = 0;
    loop {
        let more = pages.next(send, purpose).await?;
        count += more;
        if more == 0 || send.is_closed() {
            return Ok(());
        }
        if let Some(job) = &mut job {
            let message = if purpose == Purpose::Survey { "looking" } else { "writing" };
            job.progress(count, None, message).await.map_err(Broken::Job)?;
        }
    }
}

struct Writer {
    exporter: Box<dyn Exporter + Send>,
    users: HashMap<i64, String>,
    interpolate: bool,
    text: String,
    tasks: i64,
}

impl Writer {
    fn run(mut self, mut receive: Receiver<(Purpose, Page)>, sink: Sink) -> io::Result<Written> {
        let mut out = BufWriter::with_capacity(BUFFER, sink);
        let mut begun = false;
        while let Some((purpose, page)) = receive.blocking_recv() {
            match purpose {
                Purpose::Survey => {
                    for whole in &page {
                        self.text.clear();
                        whole.write(&mut self.text, &self.users);
                        let task = self.value()?;
                        self.exporter.survey(&task);
                    }
                }
                Purpose::Write => {
                    if !begun {
                        self.exporter.begin(&mut out)?;
                        begun = true;
                    }
                    for whole in &page {
                        self.text.clear();
                        whole.write(&mut self.text, &self.users);
                        self.task(&mut out)?;
                    }
                }
            }
        }
        if !begun {
            self.exporter.begin(&mut out)?;
        }
        self.exporter.end(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.end(self.tasks)
    }

    fn value(&self) -> io::Result<Value> {
        let mut task = serde_json::from_str(&self.text).map_err(io::Error::other)?;
        if self.interpolate {
            interpolate_key_frames(&mut task);
        }
        Ok(task)
    }

    fn task(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.tasks += 1;
        let asis = !self.interpolate && self.exporter.text(out, &self.text)?;
        if !asis {
            let task = self.value()?;
            self.exporter.task(out, &task)?;
        }
        Ok(())
    }
}
