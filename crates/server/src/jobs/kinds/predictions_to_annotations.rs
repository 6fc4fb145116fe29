//! Makes annotations out of predictions, of some model versions where they are named; a prediction that has become one
//! before is passed over.

use super::over_tasks::{Payload, Work};
use crate::db::{self, WriteTx};
use crate::events::{self, Event};
use crate::jobs::Failure;
use crate::store::{annotations, predictions, recount, tasks};
use std::collections::HashSet;

#[derive(Debug)]
pub struct PredictionsToAnnotations;

#[async_trait::async_trait]
impl Work for PredictionsToAnnotations {
    fn name(&self) -> &'static str {
        "predictions_to_annotations"
    }

    async fn batch(&self, tx: &WriteTx, asked: &Payload, ids: &[i64]) -> Result<i64, Failure> {
        tasks::lock(&**tx, ids).await?;
        let versions: Option<Vec<String>> = serde_json::from_value(asked.extra["model_versions"].clone())?;
        let used: HashSet<i64> = used(tx, ids).await?;
        let mut changed = Vec::new();
        let mut made = Vec::new();
        for prediction in predictions::of_tasks(&**tx, ids).await? {
            let wanted = versions.as_ref().is_none_or(|list| list.contains(&prediction.model_version));
            if prediction.project != asked.project || !wanted || used.contains(&prediction.id) {
                continue;
            }
            made.push(annotations::insert_predicted(&**tx, &prediction, asked.user).await?);
            if changed.last() != Some(&prediction.task) {
                changed.push(prediction.task);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        recount::some(&**tx, asked.project, &changed, Some(asked.user)).await?;
        events::emit(tx, asked.project, Event::AnnotationsCreated(&made)).await?;
        Ok(made.len() as i64)
    }
}

/// Predictions of these tasks that are annotations already.
async fn used(tx: &WriteTx, tasks: &[i64]) -> Result<HashSet<i64>, Failure> {
    let sql = format!(
        "SELECT parent_prediction FROM annotations WHERE task IN ({}) AND parent_prediction IS NOT NULL",
        db::placeholders(1, tasks.len())
    );
    let rows = db::all(&**tx, &sql, tasks.iter().map(|id| (*id).into()).collect()).await?;
    rows.iter().map(|row| row.try_get("", "parent_prediction").map_err(Failure::from)).collect()
}
