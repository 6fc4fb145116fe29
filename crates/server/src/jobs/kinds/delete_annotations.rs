//! Deletes the annotations and drafts of tasks, of one person where one is named.

use super::over_tasks::{Payload, Work};
use crate::db::{self, WriteTx};
use crate::events::{self, Event};
use crate::jobs::Failure;
use crate::store::tasks::THESE;
use crate::store::{export_queue, recount};
use sea_orm::Value as Sql;

#[derive(Debug)]
pub struct DeleteAnnotations;

#[async_trait::async_trait]
impl Work for DeleteAnnotations {
    fn name(&self) -> &'static str {
        "delete_annotations"
    }

    async fn batch(&self, tx: &WriteTx, asked: &Payload, tasks: &[i64]) -> Result<i64, Failure> {
        let list = db::placeholders(2, tasks.len());
        let mut values: Vec<Sql> = vec![asked.project.into()];
        values.extend(tasks.iter().map(|id| Sql::from(*id)));
        let own = format!("task IN (SELECT id FROM tasks WHERE {THESE} ({list}))");
        let (mut of_drafts, mut of_annotations) = (String::new(), String::new());
        if let Some(annotator) = asked.extra["annotator"].as_i64() {
            values.push(annotator.into());
            of_annotations = format!(" AND completed_by = ${}", values.len());
            // Another person's draft on an annotation that goes has nothing to stand on.
            of_drafts = format!(
                " AND (user_id = ${0} OR annotation IN (SELECT a.id FROM annotations a WHERE a.task = drafts.task AND a.completed_by = ${0}))",
                values.len()
            );
        }
        export_queue::tasks_changed(&**tx, asked.project, tasks).await?;
        db::run(&**tx, &format!("DELETE FROM drafts WHERE {own}{of_drafts}"), values.clone()).await?;
        let sql = format!("DELETE FROM annotations WHERE {own}{of_annotations} RETURNING id");
        let rows = db::all(&**tx, &sql, values).await?;
        let mut deleted: Vec<i64> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
        deleted.sort_unstable();
        recount::some(&**tx, asked.project, tasks, Some(asked.user)).await?;
        events::emit(tx, asked.project, Event::AnnotationsDeleted(&deleted)).await?;
        Ok(deleted.len() as i64)
    }
}
