//! Reading what is exported, a page of tasks at a time, all from one moment of the database.

use super::choice::Tasks;
use super::form::{AnnotationRow, Form, TaskRow, Whole};
use crate::db;
use crate::store::{drafts, predictions, users};
use sea_orm::{DatabaseTransaction, DbErr, QueryResult, Value as Sql};
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Bound;
use std::pin::Pin;
use tokio::sync::mpsc::Sender;
use tokio_stream::{Stream, StreamExt};

/// Most tasks of a page, and how many the first one has.
const MOST: u64 = 1000;
const FIRST: u64 = 100;
/// Bytes of data in a page, more or less.
const ENOUGH: usize = 2_000_000;
/// Bytes of results handed on together.
const PIECE: usize = 4_000_000;

/// Some whole tasks.
pub(super) type Page = Vec<Whole>;

/// What a page is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be looked at only.
    Survey,
    Write,
}

pub(super) struct Pages<'a> {
    tx: &'a DatabaseTransaction,
    project: i64,
    choice: &'a Tasks,
    form: Form,
    after: i64,
    limit: u64,
}

impl<'a> Pages<'a> {
    pub(super) fn new(tx: &'a DatabaseTransaction, project: i64, choice: &'a Tasks, form: Form) -> Self {
        Self { tx, project, choice, form, after: i64::MIN, limit: FIRST }
    }

    /// Sends the next tasks in pieces of a bearable size; their number, 0 at the end. A receiver that has gone away says
    /// why itself.
    pub(super) async fn next(
        &mut self,
        send: &Sender<(Purpose, Page)>,
        purpose: Purpose,
    ) -> Result<i64, DbErr> {
        let tasks = self.tasks().await?;
        let Some(last) = tasks.last() else { return Ok(0) };
        let count = tasks.len() as i64;
        self.after = last.id;
        let bytes: usize = tasks.iter().map(|task| task.data.len() + task.meta.len()).sum();
        if bytes > ENOUGH {
            self.limit = (self.limit / 2).max(1);
        } else if bytes < ENOUGH / 4 {
            self.limit = (self.limit * 2).min(MOST);
        }
        let ids: Vec<i64> = tasks.iter().map(|task| task.id).collect();
        let mut drafts = self.drafts(&ids).await?;
        let mut predictions = self.predictions(&tasks).await?;
        let annotated: Vec<i64> = tasks
            .iter()
            .filter(|task| task.total_annotations > 0 || task.cancelled_annotations > 0)
            .map(|task| task.id)
            .collect();
        let mut rows = self.annotations(&annotated).await?;
        let mut ahead: Option<(i64, AnnotationRow)> = None;
        let (mut page, mut size) = (Page::new(), 0);
        for task in tasks {
            let mut annotations = Vec::new();
            loop {
                if ahead.is_none() {
                    ahead = match rows.next().await {
                        Some(row) => Some(annotation(&row?)?),
                        None => None,
                    };
                }
                match ahead.take() {
                    Some((of, row)) if of == task.id => {
                        size += row.result.len();
                        annotations.push(row);
                    }
                    other => {
                        ahead = other;
                        break;
                    }
                }
            }
            size += task.data.len();
            let drafts = drafts.remove(&task.id).unwrap_or_default();
            let predictions = predictions.remove(&task.id).unwrap_or_default();
            page.push(Whole { task, annotations, drafts, predictions });
            if size > PIECE {
                let _ = send.send((purpose, std::mem::take(&mut page))).await;
                size = 0;
            }
        }
        drop(rows);
        if !page.is_empty() {
            let _ = send.send((purpose, page)).await;
        }
        Ok(count)
    }

    async fn tasks(&self) -> Result<Vec<TaskRow>, DbErr> {
        let condition = self.choice.sql();
        let sql = |only: &str| {
            format!(
                "SELECT t.id, t.project, t.inner_id, t.data, t.meta, t.allow_skip, f.file, t.total_annotations, \
                 t.cancelled_annotations, t.total_predictions, t.updated_by, t.created_at, t.updated_at FROM tasks t \
                 LEFT JOIN file_uploads f ON f.id = t.file_upload WHERE t.project = $1 AND t.id > $2{condition}{only} \
                 ORDER BY t.id"
            )
        };
        let values = || -> Vec<Sql> { vec![self.project.into(), self.after.into()] };
        let Some(ids) = &self.choice.ids else {
            let mut values = values();
            values.push(db::bounded(self.limit).into());
            let rows = db::all(self.tx, &format!("{} LIMIT $3", sql("")), values).await?;
            return rows.iter().map(task).collect();
        };
        // A statement holds only so many values, and a whole chunk may belong to other projects.
        let rest: Vec<i64> = ids.range((Bound::Excluded(self.after), Bound::Unbounded)).copied().collect();
        for chunk in rest.chunks(self.limit.min(500) as usize) {
            let mut values = values();
            values.extend(chunk.iter().map(|id| Sql::from(*id)));
            let only = format!(" AND t.id IN ({})", db::placeholders(3, chunk.len()));
            let rows = db::all(self.tx, &sql(&only), values).await?;
            if !rows.is_empty() {
                return rows.iter().map(task).collect();
            }
        }
        Ok(Vec::new())
    }

    async fn annotations(&self, tasks: &[i64]) -> Result<Rows<'a>, DbErr> {
        if tasks.is_empty() {
            return Ok(Box::pin(tokio_stream::empty()));
        }
        let sql = format!(
            "SELECT a.task, a.id, a.completed_by, a.result, a.was_cancelled, a.ground_truth, a.created_at, a.updated_at, \
             a.draft_created_at, a.lead_time, a.result_count, a.unique_id, a.import_id, a.last_action, a.updated_by, \
             a.parent_prediction, a.parent_annotation FROM annotations a WHERE a.task IN ({}){} ORDER BY a.task, a.id",
            db::many(self.tx, 1, tasks.len()),
            self.form.annotations.sql()
        );
        let tx = self.tx;
        Ok(Box::pin(db::stream(tx, &sql, tasks.iter().map(|&id| id.into()).collect()).await?))
    }

    async fn drafts(&self, tasks: &[i64]) -> Result<HashMap<i64, Vec<String>>, DbErr> {
        let mut found: HashMap<i64, Vec<String>> = HashMap::new();
        if self.form.full_drafts {
            for draft in drafts::of_tasks(self.tx, tasks).await? {
                found.entry(draft.task).or_default().push(draft.to_json().to_string());
            }
        } else {
            self.ids("drafts", tasks, &mut found).await?;
        }
        Ok(found)
    }

    async fn predictions(&self, tasks: &[TaskRow]) -> Result<HashMap<i64, Vec<String>>, DbErr> {
        let tasks: Vec<i64> =
            tasks.iter().filter(|task| task.total_predictions > 0).map(|task| task.id).collect();
        let mut found: HashMap<i64, Vec<String>> = HashMap::new();
        if self.form.full_predictions {
            for prediction in predictions::of_tasks(self.tx, &tasks).await? {
                found.entry(prediction.task).or_default().push(prediction.to_json().to_string());
            }
        } else {
            self.ids("predictions", &tasks, &mut found).await?;
        }
        Ok(found)
    }

    async fn ids(
        &self,
        table: &str,
        tasks: &[i64],
        found: &mut HashMap<i64, Vec<String>>,
    ) -> Result<(), DbErr> {
        if tasks.is_empty() {
            return Ok(());
        }
        let list = db::many(self.tx, 1, tasks.len());
        let sql = format!("SELECT id, task FROM {table} WHERE task IN ({list}) ORDER BY id");
        for row in db::all(self.tx, &sql, tasks.iter().map(|&id| id.into()).collect()).await? {
            let id: i64 = row.try_get_by_index(0)?;
            found.entry(row.try_get_by_index(1)?).or_default().push(id.to_string());
        }
        Ok(())
    }
}

/// Those who completed annotations of a project, in full.
pub(super) async fn users(tx: &DatabaseTransaction, project: i64) -> Result<HashMap<i64, String>, DbErr> {
    let sql = "SELECT DISTINCT completed_by FROM annotations WHERE project = $1 AND completed_by IS NOT NULL";
    let mut found = HashMap::new();
    for row in db::all(tx, sql, vec![project.into()]).await? {
        let id: i64 = row.try_get_by_index(0)?;
        let user = users::by_id(tx, id).await?;
        found.insert(id, user.map_or(Value::Null, |user| user.brief()).to_string());
    }
    Ok(found)
}

type Rows<'a> = Pin<Box<dyn Stream<Item = Result<QueryResult, DbErr>> + Send + 'a>>;

fn task(row: &QueryResult) -> Result<TaskRow, DbErr> {
    Ok(TaskRow {
        id: row.try_get_by_index(0)?,
        project: row.try_get_by_index(1)?,
        inner_id: row.try_get_by_index(2)?,
        data: row.try_get_by_index(3)?,
        meta: row.try_get_by_index(4)?,
        allow_skip: row.try_get_by_index(5)?,
        file: row.try_get_by_index(6)?,
        total_annotations: row.try_get_by_index(7)?,
        cancelled_annotations: row.try_get_by_index(8)?,
        total_predictions: row.try_get_by_index(9)?,
        updated_by: row.try_get_by_index(10)?,
        created_at: row.try_get_by_index(11)?,
        updated_at: row.try_get_by_index(12)?,
    })
}

/// With its task.
fn annotation(row: &QueryResult) -> Result<(i64, AnnotationRow), DbErr> {
    let annotation = AnnotationRow {
        id: row.try_get_by_index(1)?,
        completed_by: row.try_get_by_index(2)?,
        result: row.try_get_by_index(3)?,
        was_cancelled: row.try_get_by_index(4)?,
        ground_truth: row.try_get_by_index(5)?,
        created_at: row.try_get_by_index(6)?,
        updated_at: row.try_get_by_index(7)?,
        draft_created_at: row.try_get_by_index(8)?,
        lead_time: row.try_get_by_index(9)?,
        result_count: row.try_get_by_index(10)?,
        unique_id: row.try_get_by_index(11)?,
        import_id: row.try_get_by_index(12)?,
        last_action: row.try_get_by_index(13)?,
        updated_by: row.try_get_by_index(14)?,
        parent_prediction: row.try_get_by_index(15)?,
        parent_annotation: row.try_get_by_index(16)?,
    };
    Ok((row.try_get_by_index(0)?, annotation))
}
