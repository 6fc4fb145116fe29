//! Who wants to know: the active webhooks, looked up once a second at most.

use super::actions::Action;
use crate::db;
use crate::store::json;
use sea_orm::{ConnectionTrait, DbErr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long another process may not know of a new webhook.
const KNOWN_FOR: Duration = Duration::from_secs(1);

/// A webhook as far as emitting needs it.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) id: i64,
    pub(super) organization: i64,
    /// None listens to all projects of the organization.
    pub(super) project: Option<i64>,
    pub(super) send_payload: bool,
    /// None is all.
    actions: Option<Vec<Action>>,
}

impl Listener {
    pub(super) fn wants(&self, action: Action) -> bool {
        let allowed = self.project.is_none() || !action.info().organization_only;
        allowed && self.actions.as_ref().is_none_or(|list| list.contains(&action))
    }
}

/// The process's knowledge of webhooks of one database.
#[derive(Debug)]
pub struct Listeners {
    known: Mutex<Option<(Instant, Arc<[Listener]>)>>,
    pub(super) news: Notify,
    /// Objects in one delivery.
    pub(super) batch: usize,
}

impl Listeners {
    pub fn new(batch: usize) -> Self {
        Self { known: Mutex::default(), news: Notify::new(), batch: batch.max(1) }
    }

    /// Says that something waits to be delivered.
    pub fn wake(&self) {
        self.news.notify_one();
    }

    /// After the commit of a change to webhooks.
    pub fn forget(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) async fn current(&self, conn: &impl ConnectionTrait) -> Result<Arc<[Listener]>, DbErr> {
        let fresh = |known: &Option<(Instant, Arc<[Listener]>)>| {
            known.as_ref().filter(|(at, _)| at.elapsed() < KNOWN_FOR).map(|(_, list)| Arc::clone(list))
        };
        if let Some(list) = fresh(&self.known.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(list);
        }
        let asked = Instant::now();
        let sql = "SELECT id, organization, project, send_payload, send_for_all_actions, actions FROM webhooks WHERE is_active";
        let mut list = Vec::new();
        for row in db::all(conn, sql, vec![]).await? {
            let names = json(&row, "actions")?;
            let all: bool = row.try_get("", "send_for_all_actions")?;
            list.push(Listener {
                id: row.try_get("", "id")?,
                organization: row.try_get("", "organization")?,
                project: row.try_get("", "project")?,
                send_payload: row.try_get("", "send_payload")?,
                actions: (!all).then(|| {
                    names.as_array().into_iter().flatten().filter_map(|n| Action::of(n.as_str()?)).collect()
                }),
            });
        }
        let list: Arc<[Listener]> = list.into();
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((asked, Arc::clone(&list)));
        Ok(list)
    }
}
