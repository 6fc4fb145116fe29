//! Moving in from Label Studio: `tagloom db import-label-studio FILE|URL`.
//!
//! Reads a Label Studio 1.x database (SQLite file or PostgreSQL) in one transaction, so that what is read belongs
//! together, and writes all of it in one transaction, so that an error or a kill leaves nothing. Numbers of both sides are
//! compared before the commit.
//!
//! - Into an empty database ids stay as they are. Where a table has rows, ids are moved behind them, and all that points
//!   at a row follows. Users who are there already, by e-mail, are taken for the same people.
//! - Passwords go on working: their hashes are taken over and renewed at the next sign-in.
//! - Columns that an older version does not have take their default; tables that are missing are empty.
//! - JSON is stored as it is written there, numbers and unknown keys included.

mod convert;
mod files;
mod people;
mod projects;
mod report;
pub(crate) mod source;
mod storages;
mod surroundings;
pub(crate) mod target;
mod work;

pub use report::{Line, Report};

use crate::db::{self, WriteTx};
use crate::state::AppState;
use people::People;
use source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use target::Shift;

#[derive(Clone, Debug)]
pub struct Options {
    /// A file, or `postgres://…`.
    pub source: String,
    /// Label Studio's media folder, for uploaded files.
    pub media: Option<PathBuf>,
    /// Do everything but keep nothing.
    pub dry_run: bool,
}

/// What the steps share.
struct Move<'a> {
    state: &'a AppState,
    source: Source,
    tx: &'a WriteTx,
    report: Report,
    say: &'a (dyn Fn(&str) + Sync),
    people: People,
    /// Projects that are taken, by the source's ids.
    projects: BTreeSet<i64>,
    /// Where ids of a table go.
    shifts: BTreeMap<&'static str, Shift>,
}

impl Move<'_> {
    fn shift(&self, table: &'static str) -> Shift {
        self.shifts.get(table).copied().unwrap_or_default()
    }

    /// SQL for the projects that are taken: `t.project_id IN (1, 2)`.
    fn in_projects(&self, column: &str) -> String {
        let ids: Vec<String> = self.projects.iter().map(i64::to_string).collect();
        if ids.is_empty() { "1 = 0".into() } else { format!("{column} IN ({})", ids.join(", ")) }
    }

    fn say(&self, text: &str) {
        (self.say)(text);
    }
}

/// Tables that rows with given ids are put into.
const TABLES: &[&str] =
    &["projects", "file_uploads", "tasks", "annotations", "predictions", "drafts", "views"];

pub async fn run(state: &AppState, options: &Options, say: &(dyn Fn(&str) + Sync)) -> anyhow::Result<Report> {
    let source = Source::open(&options.source).await?;
    let tx = state.db.write().await?;
    target::hold(&tx, TABLES).await?;
    let mut shifts = BTreeMap::new();
    for &table in TABLES {
        shifts.insert(table, Shift::behind(&tx, table).await?);
    }
    let mut moving = Move {
        state,
        source,
        tx: &tx,
        report: Report::default(),
        say,
        people: People::default(),
        projects: BTreeSet::new(),
        shifts,
    };
    people::take(&mut moving).await?;
    projects::take(&mut moving).await?;
    let mut copied = files::take(&mut moving, options).await?;
    work::take(&mut moving).await?;
    surroundings::take(&mut moving).await?;
    projects::recount(&moving).await?;
    let report = moving.report;
    moving.source.close().await;
    report.check(&tx).await?;
    if options.dry_run {
        drop(tx);
        return Ok(report);
    }
    target::release(&tx, TABLES).await?;
    tx.commit().await?;
    copied.keep();
    // For a server that asks right afterwards: the planner of PostgreSQL knows nothing of the new rows yet.
    if db::is_postgres(state.db.read()) {
        db::run(state.db.read(), "ANALYZE", vec![]).await?;
    }
    Ok(report)
}
