//! Numbers of a project that would take a look at every task: how many there are, their annotations and predictions, and
//! how many have which field of data.
//!
//! Kept as a ledger: every change adds a line in its own transaction, and a number is the sum of its lines. So nobody
//! waits for anybody's row, not even for an import that takes minutes; now and then a writer adds lines up.

use crate::db::{self, Db, Said};
use crate::dm::sql::Dialect;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;

const TASKS: &str = "tasks";
const ANNOTATIONS: &str = "annotations";
const PREDICTIONS: &str = "predictions";
const DATA: &str = "data.";

/// One in so many writers adds lines up, and so many lines at most.
const FOLD_EVERY: u32 = 200;
const FOLD_LINES: i64 = 5000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub tasks: i64,
    /// Not cancelled.
    pub annotations: i64,
    pub predictions: i64,
    /// Fields of the data and how many tasks have them.
    pub data: BTreeMap<String, i64>,
}

impl Tally {
    /// Counts a task by its data as they are stored.
    pub fn add_task(&mut self, data: &str, n: i64) {
        self.tasks += n;
        self.add_data(data, n);
    }

    pub fn add_data(&mut self, data: &str, n: i64) {
        for key in keys(data) {
            match self.data.get_mut(&key) {
                Some(count) => *count += n,
                None => {
                    self.data.insert(key, n);
                }
            }
        }
    }
}

/// The keys of a JSON object, without building it.
fn keys(json: &str) -> Vec<String> {
    struct Keys(Vec<String>);
    impl<'de> Deserialize<'de> for Keys {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct OfMap;
            impl<'de> Visitor<'de> for OfMap {
                type Value = Keys;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                    let mut keys = Vec::new();
                    while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
                        keys.push(key);
                    }
                    Ok(Keys(keys))
                }
            }
            deserializer.deserialize_map(OfMap)
        }
    }
    serde_json::from_str::<Keys>(json).map(|keys| keys.0).unwrap_or_default()
}

/// Adds to a project's numbers; a part may be negative.
pub async fn add(conn: &impl ConnectionTrait, project: i64, change: &Tally) -> Result<(), DbErr> {
    let lines = adding(conn, project, change);
    if lines.is_empty() {
        return Ok(());
    }
    for (sql, values) in lines {
        db::run(conn, &sql, values).await?;
    }
    fold_sometimes(conn, project).await
}

/// The statements that add, to be run together with others; none where nothing changes.
pub fn adding(conn: &impl ConnectionTrait, project: i64, change: &Tally) -> Vec<Said> {
    let fixed = [(TASKS, change.tasks), (ANNOTATIONS, change.annotations), (PREDICTIONS, change.predictions)];
    let mut lines: Vec<(String, i64)> = fixed.into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    lines.extend(change.data.iter().map(|(key, n)| (format!("{DATA}{key}"), *n)));
    lines.retain(|(_, n)| *n != 0);
    writing(conn, project, &lines)
}

/// The statement of PostgreSQL that adds new annotations, rows of `fresh`: `project, was_cancelled`.
pub fn of_fresh() -> String {
    format!(
        "INSERT INTO tallies (project, subject, n) SELECT project, '{ANNOTATIONS}', COUNT(*) FROM fresh \
         WHERE was_cancelled = FALSE GROUP BY project"
    )
}

/// After [`of_fresh`], which is committed by itself: lines are added up now and then, while nobody waits.
pub fn fold_later(db: &Db, project: i64) {
    if rand::random_range(0..FOLD_EVERY) != 0 {
        return;
    }
    let db = db.clone();
    tokio::spawn(async move {
        let folded = async {
            let tx = db.write_rows().await?;
            fold(&*tx, project).await?;
            tx.commit().await
        };
        if let Err(error) = folded.await {
            tracing::debug!("the numbers of project {project} are added up another time: {error}");
        }
    });
}

/// After [`adding`]: lines are added up now and then.
pub async fn fold_sometimes(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    if rand::random_range(0..FOLD_EVERY) == 0 { fold(conn, project).await } else { Ok(()) }
}

fn writing(conn: &impl ConnectionTrait, project: i64, lines: &[(String, i64)]) -> Vec<Said> {
    let some = |lines: &[(String, i64)]| {
        let values = lines
            .iter()
            .flat_map(|(subject, n)| -> [Sql; 3] { [project.into(), subject.clone().into(), (*n).into()] });
        let rows = db::rows(conn, lines.len(), 3);
        (format!("INSERT INTO tallies (project, subject, n) VALUES {rows}"), values.collect())
    };
    lines.chunks(1000).map(some).collect()
}

async fn write(conn: &impl ConnectionTrait, project: i64, lines: Vec<(String, i64)>) -> Result<(), DbErr> {
    for (sql, values) in writing(conn, project, &lines) {
        db::run(conn, &sql, values).await?;
    }
    Ok(())
}

/// Adds lines up. Lines that somebody else is adding up are left to them.
async fn fold(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    let skip = if db::is_postgres(conn) { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "DELETE FROM tallies WHERE id IN (SELECT id FROM tallies WHERE project = $1 LIMIT $2 {skip}) RETURNING subject, n"
    );
    let rows = db::all(conn, &sql, vec![project.into(), FOLD_LINES.into()]).await?;
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        let (subject, n) = line(row)?;
        *sums.entry(subject).or_default() += n;
    }
    write(conn, project, sums.into_iter().filter(|(_, n)| *n != 0).collect()).await
}

fn line(row: &QueryResult) -> Result<(String, i64), DbErr> {
    Ok((row.try_get("", "subject")?, row.try_get("", "n")?))
}

/// The numbers of a project.
pub async fn of(conn: &impl ConnectionTrait, project: i64) -> Result<Tally, DbErr> {
    let sql = "SELECT subject, CAST(SUM(n) AS BIGINT) AS n FROM tallies WHERE project = $1 GROUP BY subject";
    let mut tally = Tally::default();
    for row in db::all(conn, sql, vec![project.into()]).await? {
        let (subject, n) = line(&row)?;
        match subject.as_str() {
            TASKS => tally.tasks = n,
            ANNOTATIONS => tally.annotations = n,
            PREDICTIONS => tally.predictions = n,
            other => {
                if let Some(key) = other.strip_prefix(DATA).filter(|_| n > 0) {
                    tally.data.insert(key.to_owned(), n);
                }
            }
        }
    }
    Ok(tally)
}

/// Takes some tasks, chosen by a condition over `tasks`, off the numbers; before they are deleted.
pub async fn forget_tasks(
    conn: &impl ConnectionTrait,
    project: i64,
    which: &str,
    values: Vec<Sql>,
) -> Result<(), DbErr> {
    let lock = db::for_update(conn);
    let sql = format!("SELECT data, total_annotations, total_predictions FROM tasks WHERE {which}{lock}");
    let mut change = Tally::default();
    for row in db::all(conn, &sql, values).await? {
        change.add_task(&row.try_get::<String>("", "data")?, -1);
        change.annotations -= row.try_get::<i64>("", "total_annotations")?;
        change.predictions -= row.try_get::<i64>("", "total_predictions")?;
    }
    add(conn, project, &change).await
}

pub async fn delete(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM tallies WHERE project = $1", vec![project.into()]).await?;
    Ok(())
}

/// Counts anew. Inside a transaction of its own: nobody may change numbers meanwhile.
pub async fn rebuild(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    let keys = match Dialect::of(conn) {
        Dialect::Sqlite => {
            "json_each(t.data) k WHERE json_valid(t.data) AND t.project = $1 GROUP BY k.key".to_owned()
        }
        Dialect::Postgres => {
            db::run(conn, "LOCK TABLE tallies IN SHARE ROW EXCLUSIVE MODE", vec![]).await?;
            let json = crate::dm::sql::postgres_json("t.data");
            format!("json_object_keys({json}) AS k(key) WHERE t.project = $1 GROUP BY k.key")
        }
    };
    delete(conn, project).await?;
    for (subject, sum) in [
        (TASKS, "COUNT(*)"),
        (ANNOTATIONS, "SUM(total_annotations)"),
        (PREDICTIONS, "SUM(total_predictions)"),
    ] {
        let sql = format!(
            "INSERT INTO tallies (project, subject, n) SELECT $1, '{subject}', COALESCE({sum}, 0) FROM tasks WHERE project = $1"
        );
        db::run(conn, &sql, vec![project.into()]).await?;
    }
    let sql = format!(
        "INSERT INTO tallies (project, subject, n) SELECT $1, '{DATA}' || k.key, COUNT(*) FROM tasks t, {keys}"
    );
    db::run(conn, &sql, vec![project.into()]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn keys_of_whatever_is_stored() {
        assert_eq!(keys(r#"{"a": {"b": [1, {"c": 2}]}, "\u00e9\"": null}"#), ["a", "é\""]);
        assert!(keys("[]").is_empty() && keys("").is_empty() && keys("{}").is_empty());
    }
}
