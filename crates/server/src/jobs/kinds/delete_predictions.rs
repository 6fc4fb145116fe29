//! Deletes the predictions of tasks.

use super::over_tasks::{Payload, Work};
use crate::db::{self, WriteTx};
use crate::jobs::Failure;
use crate::store::recount;
use crate::store::tasks::THESE;
use sea_orm::Value as Sql;

#[derive(Debug)]
pub struct DeletePredictions;

#[async_trait::async_trait]
impl Work for DeletePredictions {
    fn name(&self) -> &'static str {
        "delete_predictions"
    }

    async fn batch(&self, tx: &WriteTx, asked: &Payload, tasks: &[i64]) -> Result<i64, Failure> {
        let list = db::placeholders(2, tasks.len());
        let sql =
            format!("DELETE FROM predictions WHERE task IN (SELECT id FROM tasks WHERE {THESE} ({list}))");
        let mut values: Vec<Sql> = vec![asked.project.into()];
        values.extend(tasks.iter().map(|id| Sql::from(*id)));
        let deleted = db::run(&**tx, &sql, values).await?.rows_affected();
        recount::some(&**tx, asked.project, tasks, None).await?;
        Ok(deleted as i64)
    }
}
