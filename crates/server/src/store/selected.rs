//! Tasks that a [`Wanted`] means: their ids by pages, all of them, and their totals. Call [`Wanted::resolve`] before.

use crate::db;
use crate::dm::sql::{self, Binds, Dialect};
use crate::dm::{Order, Wanted};
use crate::store::tally;
use sea_orm::{ConnectionTrait, DbErr, Value as Sql};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub tasks: i64,
    /// Not cancelled.
    pub annotations: i64,
    pub predictions: i64,
}

/// What all wanted tasks come to; of a whole project without looking at them.
pub async fn totals(conn: &impl ConnectionTrait, wanted: &Wanted) -> Result<Totals, DbErr> {
    if wanted.is_everything() {
        let tally = tally::of(conn, wanted.project).await?;
        let (annotations, predictions) = (tally.annotations, tally.predictions);
        return Ok(Totals { tasks: tally.tasks, annotations, predictions });
    }
    let mut query = Query::new(conn, wanted);
    let sql = format!(
        "SELECT COUNT(*) AS tasks, CAST(COALESCE(SUM(t.total_annotations), 0) AS BIGINT) AS annotations, \
         CAST(COALESCE(SUM(t.total_predictions), 0) AS BIGINT) AS predictions FROM tasks t WHERE {}",
        query.condition(wanted)
    );
    let Some(row) = db::one(conn, &sql, query.values()).await? else { return Ok(Totals::default()) };
    Ok(Totals {
        tasks: row.try_get("", "tasks")?,
        annotations: row.try_get("", "annotations")?,
        predictions: row.try_get("", "predictions")?,
    })
}

/// Ids of one page. Only ids are sorted and passed over, rows are read afterwards.
pub async fn page(
    conn: &impl ConnectionTrait,
    wanted: &Wanted,
    limit: u64,
    offset: u64,
) -> Result<Vec<i64>, DbErr> {
    if let Some((order, column)) = wanted.order.as_ref().and_then(|o| Some((o, sql::order::split(o)?))) {
        return page_in_two(conn, wanted, order, column, limit, offset).await;
    }
    if wanted.is_everything() && wanted.order.is_none() {
        let ids = by_inner_ids(conn, wanted.project, limit, offset).await?;
        if !ids.is_empty() {
            return Ok(ids);
        }
    }
    let mut query = Query::new(conn, wanted);
    let condition = query.condition(wanted);
    let order = sql::order::whole(wanted.order.as_ref(), &mut query.binds);
    query.ids(conn, &condition, &order, limit, offset).await
}

/// A page without passing over what comes before it, whatever the planner knows of the table: a project that has as many tasks
/// as its largest inner id has every inner id once, so that they say how many tasks come before. Nothing where tasks are
/// missing in between.
async fn by_inner_ids(
    conn: &impl ConnectionTrait,
    project: i64,
    limit: u64,
    offset: u64,
) -> Result<Vec<i64>, DbErr> {
    let sql = "SELECT t.id FROM tasks t WHERE t.project = $1 AND t.inner_id > $2 AND t.inner_id <= $3 \
         AND (SELECT MAX(m.inner_id) FROM tasks m WHERE m.project = $1) = \
         (SELECT SUM(n) FROM tallies WHERE project = $1 AND subject = 'tasks') ORDER BY t.id";
    let range =
        vec![project.into(), db::bounded(offset).into(), db::bounded(offset.saturating_add(limit)).into()];
    db::all(conn, sql, range).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// First those with a value in the column, then those without: each part comes out of an index in its order.
async fn page_in_two(
    conn: &impl ConnectionTrait,
    wanted: &Wanted,
    order: &Order,
    column: &str,
    limit: u64,
    offset: u64,
) -> Result<Vec<i64>, DbErr> {
    let mut query = Query::new(conn, wanted);
    let with = format!("{} AND {column} IS NOT NULL", query.condition(wanted));
    let by = sql::order::with_values(order, &mut query.binds);
    let mut ids = query.ids(conn, &with, &by, limit, offset).await?;
    let missing = limit - ids.len() as u64;
    if missing == 0 {
        return Ok(ids);
    }
    let passed = if ids.is_empty() && offset > 0 {
        let mut query = Query::new(conn, wanted);
        let with = format!("{} AND {column} IS NOT NULL", query.condition(wanted));
        let sql = format!("SELECT COUNT(*) FROM tasks t WHERE {with}");
        offset.saturating_sub(db::count(conn, &sql, query.values()).await?.max(0) as u64)
    } else {
        0
    };
    let mut query = Query::new(conn, wanted);
    let without = format!("{} AND {column} IS NULL", query.condition(wanted));
    ids.extend(query.ids(conn, &without, &sql::order::without_values(order), missing, passed).await?);
    Ok(ids)
}

/// Ids of all wanted tasks, ascending.
pub async fn ids(conn: &impl ConnectionTrait, wanted: &Wanted) -> Result<Vec<i64>, DbErr> {
    let mut query = Query::new(conn, wanted);
    let condition = query.condition(wanted);
    query.ids(conn, &condition, "t.id", u64::MAX, 0).await
}

struct Query {
    project: i64,
    binds: Binds,
}

impl Query {
    fn new(conn: &impl ConnectionTrait, wanted: &Wanted) -> Self {
        Self { project: wanted.project, binds: Binds::new(Dialect::of(conn), 2) }
    }

    fn condition(&mut self, wanted: &Wanted) -> String {
        if wanted.is_everything() {
            return "t.project = $1".into();
        }
        let condition = sql::condition(wanted, &mut self.binds);
        if sql::reads_rows(wanted) {
            // Rows are read in their own order then. Any index of the project would do for the planner, and most of them
            // jump about in the table.
            return format!("t.project = $1 AND t.id > 0 AND {condition}");
        }
        format!("t.project = $1 AND {condition}")
    }

    fn values(self) -> Vec<Sql> {
        let mut values: Vec<Sql> = vec![self.project.into()];
        values.extend(self.binds.into_values());
        values
    }

    async fn ids(
        mut self,
        conn: &impl ConnectionTrait,
        condition: &str,
        order: &str,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<i64>, DbErr> {
        let (limit, offset) = (self.binds.add(db::bounded(limit)), self.binds.add(db::bounded(offset)));
        let sql = format!(
            "SELECT t.id FROM tasks t WHERE {condition} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        );
        db::all(conn, &sql, self.values()).await?.iter().map(|row| row.try_get_by_index(0)).collect()
    }
}
