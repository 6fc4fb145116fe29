//! Webhooks and their deliveries.

use crate::db::{self, Db};
use crate::store::json;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Map, Value, json};

#[derive(Clone, Debug)]
pub struct Webhook {
    pub id: i64,
    pub organization: i64,
    /// None listens to every project of the organization.
    pub project: Option<i64>,
    pub url: String,
    pub send_payload: bool,
    pub send_for_all_actions: bool,
    pub headers: Map<String, Value>,
    pub is_active: bool,
    pub actions: Vec<String>,
    pub created_at: String,
    pub updated_at: String,
}

impl Webhook {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            organization: row.try_get("", "organization")?,
            project: row.try_get("", "project")?,
            url: row.try_get("", "url")?,
            send_payload: row.try_get("", "send_payload")?,
            send_for_all_actions: row.try_get("", "send_for_all_actions")?,
            headers: json(row, "headers")?.as_object().cloned().unwrap_or_default(),
            is_active: row.try_get("", "is_active")?,
            actions: serde_json::from_value(json(row, "actions")?).unwrap_or_default(),
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    /// The object of spec/server.md 3.11.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "organization": self.organization, "project": self.project, "url": self.url,
            "send_payload": self.send_payload, "send_for_all_actions": self.send_for_all_actions,
            "headers": self.headers, "is_active": self.is_active, "actions": self.actions,
            "created_at": self.created_at, "updated_at": self.updated_at,
        })
    }
}

const COLUMNS: &str = "SELECT id, organization, project, url, send_payload, send_for_all_actions, headers, is_active, \
     actions, created_at, updated_at FROM webhooks";

/// A webhook of that organization.
pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<Webhook>, DbErr> {
    let sql = format!("{COLUMNS} WHERE id = $1 AND organization = $2");
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Webhook::of).transpose()
}

/// Webhooks of an organization, of one project where given, by id.
pub async fn list(
    conn: &impl ConnectionTrait,
    organization: i64,
    project: Option<i64>,
) -> Result<Vec<Webhook>, DbErr> {
    let mut values: Vec<Sql> = vec![organization.into()];
    let mut of_project = "";
    if let Some(project) = project {
        of_project = "AND project = $2";
        values.push(project.into());
    }
    let sql = format!("{COLUMNS} WHERE organization = $1 {of_project} ORDER BY id");
    db::all(conn, &sql, values).await?.iter().map(Webhook::of).collect()
}

/// Stores a new webhook and gives its id.
pub async fn insert(conn: &impl ConnectionTrait, w: &Webhook) -> Result<i64, DbErr> {
    let now = time::now();
    db::insert(
        conn,
        "INSERT INTO webhooks (organization, project, url, send_payload, send_for_all_actions, headers, actions, \
         is_active, failures, run_after, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9, $9)",
        vec![
            w.organization.into(),
            w.project.into(),
            w.url.clone().into(),
            w.send_payload.into(),
            w.send_for_all_actions.into(),
            Value::Object(w.headers.clone()).to_string().into(),
            json!(w.actions).to_string().into(),
            w.is_active.into(),
            now.into(),
        ],
    )
    .await
}

/// Changes a webhook. A change may have mended it, so the next try is now; what waits for one that is switched off is
/// never sent.
pub async fn update(conn: &impl ConnectionTrait, w: &Webhook) -> Result<(), DbErr> {
    let now = time::now();
    db::run(
        conn,
        "UPDATE webhooks SET url = $1, send_payload = $2, send_for_all_actions = $3, headers = $4, actions = $5, \
         is_active = $6, failures = 0, run_after = $7, updated_at = $7 WHERE id = $8",
        vec![
            w.url.clone().into(),
            w.send_payload.into(),
            w.send_for_all_actions.into(),
            Value::Object(w.headers.clone()).to_string().into(),
            json!(w.actions).to_string().into(),
            w.is_active.into(),
            now.clone().into(),
            w.id.into(),
        ],
    )
    .await?;
    if !w.is_active {
        let sql = "UPDATE webhook_deliveries SET state = 'failed', error = 'the webhook was switched off', body = NULL, \
                   updated_at = $2 WHERE webhook = $1 AND state = 'waiting'";
        db::run(conn, sql, vec![w.id.into(), now.into()]).await?;
    }
    Ok(())
}

pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM webhook_deliveries WHERE webhook = $1", vec![id.into()]).await?;
    db::run(conn, "DELETE FROM webhooks WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}

/// Webhooks of a project that goes.
pub async fn delete_of_project(conn: &impl ConnectionTrait, project: i64) -> Result<(), DbErr> {
    let sql = "DELETE FROM webhook_deliveries WHERE webhook IN (SELECT id FROM webhooks WHERE project = $1)";
    db::run(conn, sql, vec![project.into()]).await?;
    db::run(conn, "DELETE FROM webhooks WHERE project = $1", vec![project.into()]).await?;
    Ok(())
}

/// What was or will be sent.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: i64,
    /// What receivers see.
    pub uid: String,
    pub action: String,
    pub project: i64,
    /// What the payload holds beside action and project; none where only the action is sent, or after the end.
    pub body: Option<String>,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    pub attempts: i64,
    pub status_code: Option<i64>,
    pub error: Option<String>,
    pub created_at: String,
    pub updated_at: String,
}

impl Delivery {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            uid: row.try_get("", "uid")?,
            action: row.try_get("", "action")?,
            project: row.try_get("", "project")?,
            body: row.try_get("", "body")?,
            state: row.try_get("", "state")?,
            attempts: row.try_get("", "attempts")?,
            status_code: row.try_get("", "status_code")?,
            error: row.try_get("", "error")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    /// What people see: how it went, never what was sent or answered.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.uid, "action": self.action, "project": self.project, "state": self.state,
            "attempts": self.attempts, "status_code": self.status_code, "error": self.error,
            "created_at": self.created_at, "updated_at": self.updated_at,
        })
    }
}

const DELIVERY: &str = "SELECT id, uid, action, project, body, state, attempts, status_code, error, created_at, \
     updated_at FROM webhook_deliveries";

/// The newest deliveries of a webhook first; what they hold is left out.
pub async fn deliveries(conn: &impl ConnectionTrait, hook: i64, limit: u64) -> Result<Vec<Delivery>, DbErr> {
    let sql = format!(
        "{} WHERE webhook = $1 ORDER BY id DESC LIMIT $2",
        DELIVERY.replace(" body,", " NULL AS body,")
    );
    db::all(conn, &sql, vec![hook.into(), db::bounded(limit).into()])
        .await?
        .iter()
        .map(Delivery::of)
        .collect()
}

/// What waits to be sent to a webhook, in order.
pub async fn waiting(conn: &impl ConnectionTrait, hook: i64, limit: u64) -> Result<Vec<Delivery>, DbErr> {
    let sql = format!("{DELIVERY} WHERE webhook = $1 AND state = 'waiting' ORDER BY id LIMIT $2");
    db::all(conn, &sql, vec![hook.into(), db::bounded(limit).into()])
        .await?
        .iter()
        .map(Delivery::of)
        .collect()
}

/// A webhook that a worker serves.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: i64,
    pub url: String,
    pub headers: Map<String, Value>,
    /// Tries in a row that have failed.
    pub failures: i64,
}

/// Gives a worker a webhook for which something waits and that nobody else serves.
pub async fn claim(db: &Db, worker: &str, lease_seconds: i64) -> Result<Option<Claimed>, DbErr> {
    let now = time::now();
    let look = "SELECT w.id FROM webhooks w WHERE w.is_active AND w.run_after <= $1 AND \
                (w.lease_until IS NULL OR w.lease_until < $2) AND EXISTS (SELECT 1 FROM webhook_deliveries d \
                WHERE d.webhook = w.id AND d.state = 'waiting') ORDER BY w.run_after LIMIT 1";
    // Reading first: an idle process never takes the writer's place.
    if db::one(db.read(), look, vec![now.clone().into(), now.clone().into()]).await?.is_none() {
        return Ok(None);
    }
    let tx = db.write().await?;
    let skip = if db::is_postgres(&*tx) { "FOR UPDATE OF w SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE webhooks SET worker = $3, lease_until = $4 WHERE id = ({look} {skip}) RETURNING id, url, headers, failures"
    );
    let values: Vec<Sql> =
        vec![now.clone().into(), now.into(), worker.into(), time::in_seconds(lease_seconds).into()];
    let row = db::one(&*tx, &sql, values).await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Claimed {
        id: row.try_get("", "id")?,
        url: row.try_get("", "url")?,
        headers: json(&row, "headers")?.as_object().cloned().unwrap_or_default(),
        failures: row.try_get("", "failures")?,
    }))
}

/// How a try went.
#[derive(Clone, Debug)]
pub struct Try {
    pub delivery: i64,
    /// `waiting` where it will be tried again.
    pub state: &'static str,
    pub attempts: i64,
    pub status_code: Option<i64>,
    pub error: Option<String>,
}

/// Writes down how a try went; false where the webhook is not this worker's any more.
pub async fn mark(db: &Db, hook: i64, worker: &str, tried: Try) -> Result<bool, DbErr> {
    let tx = db.write().await?;
    let sql = "UPDATE webhook_deliveries SET state = $3, attempts = $4, status_code = $5, error = $6, updated_at = $7, \
               body = CASE WHEN $8 THEN body END WHERE id = $1 AND state = 'waiting' AND webhook = \
               (SELECT id FROM webhooks WHERE id = $9 AND worker = $2 AND is_active)";
    let values: Vec<Sql> = vec![
        tried.delivery.into(),
        worker.into(),
        tried.state.into(),
        tried.attempts.into(),
        tried.status_code.into(),
        tried.error.into(),
        time::now().into(),
        (tried.state == "waiting").into(),
        hook.into(),
    ];
    let done = db::run(&*tx, sql, values).await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Ends what has waited since before a time.
pub async fn give_up(db: &Db, hook: i64, before: &str) -> Result<(), DbErr> {
    let tx = db.write().await?;
    let sql = "UPDATE webhook_deliveries SET state = 'failed', body = NULL, updated_at = $3, \
               error = COALESCE(error, 'given up: the receiver has not answered well for minutes') \
               WHERE webhook = $1 AND state = 'waiting' AND created_at < $2";
    db::run(&*tx, sql, vec![hook.into(), before.into(), time::now().into()]).await?;
    tx.commit().await
}

/// Ends a worker's turn: when the next one may be, and how many tries in a row have failed. Old ends are forgotten.
pub async fn release(
    db: &Db,
    hook: &Claimed,
    worker: &str,
    (run_after, failures): (String, i64),
    kept: u64,
) -> Result<(), DbErr> {
    let tx = db.write().await?;
    let old = "SELECT id FROM webhook_deliveries WHERE webhook = $1 AND state <> 'waiting' ORDER BY id DESC LIMIT 1 OFFSET $3";
    let sql =
        format!("DELETE FROM webhook_deliveries WHERE webhook = $2 AND state <> 'waiting' AND id <= ({old})");
    db::run(&*tx, &sql, vec![hook.id.into(), hook.id.into(), db::bounded(kept).into()]).await?;
    let sql = "UPDATE webhooks SET worker = NULL, lease_until = NULL, run_after = $3, failures = $4 WHERE id = $1 AND worker = $2";
    db::run(&*tx, sql, vec![hook.id.into(), worker.into(), run_after.into(), failures.into()]).await?;
    tx.commit().await
}
