//! Regular expressions are matched here and not in the database: SQLite has none, PostgreSQL's differ and can take for
//! ever. What comes out is the list of tasks that match.

use super::value::{as_text, results_table};
use super::{Binds, Dialect};
use crate::db;
use crate::dm::{Column, Kind};
use regex::{Regex, RegexBuilder};
use sea_orm::{ConnectionTrait, DbErr};

/// Rows of one look.
const ROWS: i64 = 2000;
/// Bytes a pattern may take when it is compiled; `(a{1000}){1000}` would take the machine.
const SIZE: usize = 1 << 20;

/// Ids of a project's tasks whose column matches somewhere, in order. A pattern that is none matches nothing.
pub async fn matching(
    conn: &impl ConnectionTrait,
    project: i64,
    column: &Column,
    pattern: &str,
) -> Result<Vec<i64>, DbErr> {
    let Ok(regex) = RegexBuilder::new(pattern).size_limit(SIZE).build() else { return Ok(Vec::new()) };
    let mut binds = Binds::new(Dialect::of(conn), 4);
    let sql = match column.kind() {
        Kind::Texts => of_parts("predictions", "model_version"),
        Kind::Results => of_parts(results_table(column), "result"),
        kind => {
            let value = as_text(column, kind, &mut binds);
            format!(
                "SELECT t.id AS row_id, t.id AS task, {value} AS value FROM tasks t \
                 WHERE t.project = $1 AND t.id > $2 ORDER BY t.id LIMIT $3"
            )
        }
    };
    let mut tasks = scan(conn, project, &sql, binds, &regex).await?;
    tasks.sort_unstable();
    tasks.dedup();
    Ok(tasks)
}

fn of_parts(table: &str, column: &str) -> String {
    format!(
        "SELECT x.id AS row_id, x.task AS task, x.{column} AS value FROM {table} x \
         WHERE x.project = $1 AND x.id > $2 ORDER BY x.id LIMIT $3"
    )
}

async fn scan(
    conn: &impl ConnectionTrait,
    project: i64,
    sql: &str,
    binds: Binds,
    regex: &Regex,
) -> Result<Vec<i64>, DbErr> {
    let more = binds.into_values();
    let mut tasks = Vec::new();
    let mut after = i64::MIN;
    loop {
        let mut values = vec![project.into(), after.into(), ROWS.into()];
        values.extend(more.iter().cloned());
        let rows = db::all(conn, sql, values).await?;
        for row in &rows {
            after = row.try_get("", "row_id")?;
            let value: Option<String> = row.try_get("", "value")?;
            if value.is_some_and(|value| regex.is_match(&value)) {
                tasks.push(row.try_get("", "task")?);
            }
        }
        if (rows.len() as i64) < ROWS {
            return Ok(tasks);
        }
    }
}
