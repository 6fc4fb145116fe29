//! Of tasks with the same data one stays: the first that is annotated, else the first. Annotations and drafts of the others
//! move to it, the others are deleted. Data are the same whatever the order of their keys.
//!
//! Runs again from the beginning after a break: what has been removed is not found any more.

use super::over_tasks::Payload;
use crate::db;
use crate::events::{self, Event};
use crate::jobs::{Failure, Handle, Kind};
use crate::state::AppState;
use crate::store::tasks::THESE;
use crate::store::{recount, tasks};
use sea_orm::Value as Sql;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Tasks of one look.
const LOOK: usize = 500;
/// Tasks removed in one transaction.
const BATCH: usize = 200;

#[derive(Debug)]
pub struct RemoveDuplicates;

/// A task that stays, and its copies.
#[derive(Debug)]
struct Group {
    kept: i64,
    annotated: bool,
    copies: Vec<i64>,
}

#[async_trait::async_trait]
impl Kind for RemoveDuplicates {
    fn name(&self) -> &'static str {
        "remove_duplicates"
    }

    async fn run(&self, state: &AppState, job: &mut Handle) -> Result<Value, Failure> {
        let asked: Payload = job.payload()?;
        let mut removed: i64 = job.resume_point().unwrap_or_default();
        let groups = groups(state, job, &asked).await?;
        let total = removed + groups.iter().map(|group| group.copies.len() as i64).sum::<i64>();
        for batch in batches(&groups) {
            let tx = state.db.write().await?;
            removed += merge(&tx, &asked, &batch).await?;
            job.checkpoint(&*tx, &removed, removed, Some(total)).await?;
            tx.commit().await?;
        }
        Ok(json!({"processed": removed}))
    }
}

/// All groups with copies, by the smallest id.
async fn groups(state: &AppState, job: &mut Handle, asked: &Payload) -> Result<Vec<Group>, Failure> {
    let mut groups: BTreeMap<[u8; 32], Group> = BTreeMap::new();
    for chunk in asked.tasks.chunks(LOOK) {
        job.alive()?;
        let sql = format!(
            "SELECT id, data, total_annotations + cancelled_annotations AS annotations FROM tasks \
             WHERE {THESE} ({}) ORDER BY id",
            db::placeholders(2, chunk.len())
        );
        let mut values: Vec<Sql> = vec![asked.project.into()];
        values.extend(chunk.iter().map(|id| Sql::from(*id)));
        for row in db::all(state.db.read(), &sql, values).await? {
            let id: i64 = row.try_get("", "id")?;
            let annotated = row.try_get::<i64>("", "annotations")? > 0;
            let fresh = Group { kept: id, annotated, copies: Vec::new() };
            let group = groups.entry(digest(&row.try_get::<String>("", "data")?)).or_insert(fresh);
            if group.kept == id {
                continue;
            }
            if annotated && !group.annotated {
                group.copies.push(std::mem::replace(&mut group.kept, id));
                group.annotated = true;
            } else {
                group.copies.push(id);
            }
        }
    }
    let mut groups: Vec<Group> = groups.into_values().filter(|group| !group.copies.is_empty()).collect();
    groups.sort_unstable_by_key(|group| group.kept);
    Ok(groups)
}

fn digest(data: &str) -> [u8; 32] {
    let text = match serde_json::from_str::<Value>(data) {
        Ok(mut value) => {
            value.sort_all_objects();
            value.to_string()
        }
        Err(_) => data.to_owned(),
    };
    Sha256::digest(text.as_bytes()).into()
}

/// Tasks that stay with copies of them, so many that one transaction takes them.
fn batches(groups: &[Group]) -> Vec<Vec<(i64, &[i64])>> {
    let mut batches = Vec::new();
    let (mut batch, mut size) = (Vec::new(), 0);
    for group in groups {
        for copies in group.copies.chunks(BATCH) {
            batch.push((group.kept, copies));
            size += copies.len();
            if size >= BATCH {
                batches.push(std::mem::take(&mut batch));
                size = 0;
            }
        }
    }
    batches.push(batch);
    batches.retain(|batch| !batch.is_empty());
    batches
}

async fn merge(tx: &db::WriteTx, asked: &Payload, batch: &[(i64, &[i64])]) -> Result<i64, Failure> {
    let mut all: Vec<i64> = batch.iter().map(|(kept, _)| *kept).collect();
    all.extend(batch.iter().flat_map(|(_, copies)| copies.iter().copied()));
    all.sort_unstable();
    tasks::lock(&**tx, &all).await?;
    let mut removed = 0;
    for (kept, copies) in batch {
        let list = db::placeholders(2, copies.len());
        // A link that went with its task would let the next sync bring the object back.
        for table in ["annotations", "drafts", "storage_links"] {
            let sql = format!("UPDATE {table} SET task = $1 WHERE task IN ({list})");
            let mut values: Vec<Sql> = vec![(*kept).into()];
            values.extend(copies.iter().map(|id| Sql::from(*id)));
            db::run(&**tx, &sql, values).await?;
        }
        removed += tasks::delete_many(&**tx, asked.project, copies).await?;
        events::emit(tx, asked.project, Event::TasksDeleted(copies)).await?;
    }
    let mut kept: Vec<i64> = batch.iter().map(|(kept, _)| *kept).collect();
    kept.dedup();
    recount::some(&**tx, asked.project, &kept, None).await?;
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_order_of_keys_makes_no_other_data() {
        let digest = |text: &str| digest(text);
        assert_eq!(digest(r#"{"a":1,"b":{"c":2,"d":[3]}}"#), digest(r#"{"b":{"d":[3],"c":2},"a":1}"#));
        assert_ne!(digest(r#"{"a":[1,2]}"#), digest(r#"{"a":[2,1]}"#));
        assert_ne!(digest(r#"{"a":1}"#), digest(r#"{"a":"1"}"#));
    }
}
