//! Writing down what is to be delivered.

use super::actions::{Action, Event};
use super::listeners::Listener;
use super::payload;
use crate::db::{self, Db, WriteTx};
use crate::time;
use sea_orm::{DbErr, Value as Sql};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A delivery of many objects is closed where it has so many bytes.
const BYTES: usize = 8_000_000;
/// Objects that are read at a time.
const READ: usize = 500;

/// Whether anybody wants to know of an action in a project; for work that would have to gather ids for [`emit`] first.
pub async fn wanted(tx: &WriteTx, project: i64, action: Action) -> Result<bool, DbErr> {
    Ok(!interested(tx, project, action).await?.is_empty())
}

/// Organizations in which somebody wants to know of an action; for what knows no project yet.
pub async fn organizations_that_want(db: &Db, action: Action) -> Result<HashSet<i64>, DbErr> {
    let all = db.listeners().current(db.read()).await?;
    Ok(all.iter().filter(|hook| hook.wants(action)).map(|hook| hook.organization).collect())
}

/// Leaves word of an event in a project for every webhook that listens to it.
pub async fn emit(tx: &WriteTx, project: i64, event: Event<'_>) -> Result<(), DbErr> {
    if event.is_empty() {
        return Ok(());
    }
    let hooks = interested(tx, project, event.action()).await?;
    if hooks.is_empty() {
        return Ok(());
    }
    tx.has_told();
    let (talkative, terse): (Vec<_>, Vec<_>) = hooks.into_iter().partition(|hook| hook.send_payload);
    let out = Outbox { tx, project, action: event.action() };
    out.put(&terse, None).await?;
    if talkative.is_empty() { Ok(()) } else { out.payloads(&talkative, event).await }
}

async fn interested(tx: &WriteTx, project: i64, action: Action) -> Result<Vec<Listener>, DbErr> {
    let all = tx.listeners().current(&**tx).await?;
    let here = |hook: &&Listener| hook.project.is_none_or(|p| p == project) && hook.wants(action);
    let mut found: Vec<Listener> = all.iter().filter(here).cloned().collect();
    if found.iter().any(|hook| hook.project.is_none()) {
        let sql = "SELECT organization FROM projects WHERE id = $1";
        let organization = db::count(&**tx, sql, vec![project.into()]).await?;
        found.retain(|hook| hook.organization == organization);
    }
    Ok(found)
}

struct Outbox<'a> {
    tx: &'a WriteTx,
    project: i64,
    action: Action,
}

impl Outbox<'_> {
    /// One delivery for each of some webhooks; without a body it will hold the action only.
    async fn put(&self, hooks: &[Listener], body: Option<Value>) -> Result<(), DbErr> {
        let (body, now) = (body.map(|b| b.to_string()), time::now());
        for hook in hooks {
            let values: Vec<Sql> = vec![
                hook.id.into(),
                uuid::Uuid::new_v4().to_string().into(),
                self.action.name().into(),
                self.project.into(),
                body.clone().into(),
                now.clone().into(),
            ];
            db::run(
                &**self.tx,
                "INSERT INTO webhook_deliveries (webhook, uid, action, project, body, state, attempts, created_at, \
                 updated_at) VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6)",
                values,
            )
            .await?;
        }
        Ok(())
    }

    async fn payloads(&self, hooks: &[Listener], event: Event<'_>) -> Result<(), DbErr> {
        let conn = &**self.tx;
        match event {
            Event::ProjectCreated | Event::ProjectUpdated => {
                let project = payload::project(conn, self.project).await?.unwrap_or_default();
                self.put(hooks, Some(json!({ "project": project }))).await
            }
            Event::ProjectDeleted => self.put(hooks, Some(json!({"project": {"id": self.project}}))).await,
            Event::TasksCreated(ids) => self.tasks(hooks, ids).await,
            Event::TasksDeleted(ids) | Event::AnnotationsDeleted(ids) => {
                for chunk in ids.chunks(self.tx.listeners().batch) {
                    let list: Vec<Value> = chunk.iter().map(|id| json!({ "id": id })).collect();
                    self.put(hooks, Some(json!({self.action.info().key: list}))).await?;
                }
                Ok(())
            }
            Event::AnnotationCreated(id) | Event::AnnotationUpdated(id) => {
                // Gone again, by a trigger of the database or a bug: there is nothing to tell.
                let Some((annotation, task)) = payload::annotations(conn, &[id]).await?.pop() else {
                    return Ok(());
                };
                self.put(hooks, Some(json!({"annotation": annotation, "task": task}))).await
            }
            Event::AnnotationsCreated(ids) => self.annotations(hooks, ids).await,
            Event::LabelLinkCreated(id) | Event::LabelLinkUpdated(id) => {
                let Some((link, label)) = payload::label_link(conn, id).await? else { return Ok(()) };
                self.put(hooks, Some(json!({"label_link": link, "label": label}))).await
            }
            Event::LabelLinkDeleted(id) => self.put(hooks, Some(json!({"label_link": {"id": id}}))).await,
        }
    }

    async fn tasks(&self, hooks: &[Listener], ids: &[i64]) -> Result<(), DbErr> {
        let batch = self.tx.listeners().batch;
        let (mut list, mut bytes) = (Vec::new(), 0);
        for chunk in ids.chunks(READ) {
            for task in payload::tasks(&**self.tx, chunk).await? {
                bytes += task.to_string().len();
                list.push(task);
                if list.len() >= batch || bytes >= BYTES {
                    self.put(hooks, Some(json!({"tasks": std::mem::take(&mut list)}))).await?;
                    bytes = 0;
                }
            }
        }
        if list.is_empty() { Ok(()) } else { self.put(hooks, Some(json!({ "tasks": list }))).await }
    }

    async fn annotations(&self, hooks: &[Listener], ids: &[i64]) -> Result<(), DbErr> {
        let batch = self.tx.listeners().batch;
        let (mut list, mut of, mut bytes) = (Vec::new(), Vec::new(), 0);
        let both = |list: &mut Vec<Value>, of: &mut Vec<Value>| {
            let mut body = Map::new();
            body.insert("annotation".into(), std::mem::take(list).into());
            body.insert("task".into(), std::mem::take(of).into());
            Some(Value::Object(body))
        };
        for chunk in ids.chunks(READ) {
            for (annotation, task) in payload::annotations(&**self.tx, chunk).await? {
                bytes += annotation.to_string().len() + task.to_string().len();
                list.push(annotation);
                of.push(task);
                if list.len() >= batch || bytes >= BYTES {
                    self.put(hooks, both(&mut list, &mut of)).await?;
                    bytes = 0;
                }
            }
        }
        if list.is_empty() { Ok(()) } else { self.put(hooks, both(&mut list, &mut of)).await }
    }
}
