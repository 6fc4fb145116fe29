//! Tasks into a project, many at a time.
//!
//! Whoever inserts holds the row of the project until the transaction ends: of two imports at the same moment, in two
//! processes, the second waits for the batch of the first, so that no inner id is given twice.

use crate::db;
use crate::store::tally::{self, Tally};
use crate::store::{annotations, export_queue, predictions, recount};
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};
use std::collections::BTreeSet;
use tagloom_formats::{AnnotationDraft, PredictionDraft};

/// A task on its way into a project.
#[derive(Clone, Debug)]
pub struct NewTask {
    pub data: String,
    pub meta: String,
    pub allow_skip: bool,
    pub file_upload: Option<i64>,
    /// With the user who completed each of them.
    pub annotations: Vec<(AnnotationDraft, Option<i64>)>,
    pub predictions: Vec<PredictionDraft>,
}

/// Bulk insert inside one transaction.
#[derive(Debug)]
pub struct Inserter {
    project: i64,
    overlap: i64,
    next_inner: i64,
    now: String,
    pub ids: Vec<i64>,
    pub keep_ids: bool,
    pub tasks: i64,
    pub annotations: i64,
    pub predictions: i64,
}

/// Rows per statement; bound values per statement stay far below SQLite's limit.
pub const BATCH: usize = 1000;

const COLUMNS: usize = 13;

impl Inserter {
    /// Inner ids go on from the largest one.
    pub async fn new(conn: &impl ConnectionTrait, project: i64, overlap: i64) -> Result<Self, DbErr> {
        let lock = format!("SELECT id FROM projects WHERE id = $1{}", db::for_update(conn));
        db::one(conn, &lock, vec![project.into()]).await?;
        let last = "SELECT COALESCE(MAX(inner_id), 0) FROM tasks WHERE project = $1";
        let next_inner = db::count(conn, last, vec![project.into()]).await? + 1;
        Ok(Self {
            project,
            overlap,
            next_inner,
            now: time::now(),
            ids: Vec::new(),
            keep_ids: false,
            tasks: 0,
            annotations: 0,
            predictions: 0,
        })
    }

    /// Inserts any number of tasks.
    pub async fn insert(
        &mut self,
        conn: &impl ConnectionTrait,
        mut tasks: Vec<NewTask>,
    ) -> Result<(), DbErr> {
        for chunk in tasks.chunks_mut(BATCH) {
            self.chunk(conn, chunk).await?;
        }
        Ok(())
    }

    async fn chunk(&mut self, conn: &impl ConnectionTrait, tasks: &mut [NewTask]) -> Result<(), DbErr> {
        let mut values: Vec<Sql> = Vec::with_capacity(tasks.len() * COLUMNS);
        let mut change = Tally::default();
        for task in tasks.iter_mut() {
            let counted = task.annotations.iter().filter(|(a, _)| !a.was_cancelled).count() as i64;
            change.add_task(&task.data, 1);
            change.annotations += counted;
            change.predictions += task.predictions.len() as i64;
            let people: BTreeSet<_> = task.annotations.iter().map(|(_, by)| *by).collect();
            let labeled = !task.annotations.is_empty() && people.len() as i64 >= self.overlap;
            values.extend([
                self.project.into(),
                self.next_inner.into(),
                std::mem::take(&mut task.data).into(),
                std::mem::take(&mut task.meta).into(),
                labeled.into(),
                self.overlap.into(),
                task.allow_skip.into(),
                task.file_upload.into(),
                counted.into(),
                (task.annotations.len() as i64 - counted).into(),
                (task.predictions.len() as i64).into(),
                self.now.clone().into(),
                self.now.clone().into(),
            ]);
            self.next_inner += 1;
        }
        let sql = format!(
            "INSERT INTO tasks (project, inner_id, data, meta, is_labeled, overlap, allow_skip, file_upload, \
             total_annotations, cancelled_annotations, total_predictions, created_at, updated_at) VALUES {} RETURNING id",
            db::rows(conn, tasks.len(), COLUMNS)
        );
        let mut ids: Vec<i64> = Vec::with_capacity(tasks.len());
        for row in db::all(conn, &sql, values).await? {
            ids.push(row.try_get_by_index(0)?);
        }
        // The order of RETURNING is not promised; ids are handed out in the order of the rows.
        ids.sort_unstable();
        self.tasks += ids.len() as i64;
        tally::add(conn, self.project, &change).await?;
        let tasks = || ids.iter().copied().zip(tasks.iter());
        let mut of_people = Vec::new();
        let mut of_models = Vec::new();
        let mut rich = Vec::new();
        for (id, task) in tasks() {
            of_people.extend(task.annotations.iter().map(|(draft, by)| (id, draft, *by)));
            of_models.extend(task.predictions.iter().map(|draft| (id, draft)));
            if !task.annotations.is_empty() || !task.predictions.is_empty() {
                rich.push(id);
            }
        }
        annotations::insert_imported(conn, self.project, &self.now, &of_people).await?;
        predictions::insert_many(conn, self.project, &self.now, &of_models).await?;
        self.annotations += of_people.len() as i64;
        self.predictions += of_models.len() as i64;
        recount::imported(conn, self.project, &rich).await?;
        let mut annotated: Vec<i64> = of_people.iter().map(|(id, ..)| *id).collect();
        annotated.dedup();
        if !annotated.is_empty() {
            export_queue::tasks_changed(conn, self.project, &annotated).await?;
        }
        if self.keep_ids {
            self.ids.extend(ids);
        }
        Ok(())
    }
}
