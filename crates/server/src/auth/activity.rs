//! Writes down that a session or a person is active, at most once a minute each and never in the way of an answer.

use crate::db;
use crate::state::AppState;
use crate::time;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub const EVERY: Duration = Duration::from_secs(60);

/// When this process last wrote of whom; others may have written in between, which is as good.
#[derive(Debug, Default)]
pub struct Activity(Mutex<HashMap<(i64, Option<i64>), Instant>>);

impl Activity {
    fn is_due(&self, who: (i64, Option<i64>)) -> bool {
        let Ok(mut map) = self.0.lock() else { return false };
        let now = Instant::now();
        if map.len() > 10_000 {
            map.retain(|_, at| now.duration_since(*at) < EVERY);
        }
        match map.get(&who) {
            Some(at) if now.duration_since(*at) < EVERY => false,
            _ => {
                map.insert(who, now);
                true
            }
        }
    }
}

/// Someone has just asked for something, by a session or by a token.
pub fn note(state: &AppState, user: i64, session: Option<i64>) {
    if !state.activity.is_due((user, session)) {
        return;
    }
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(e) = write(&state, user, session).await {
            tracing::warn!("the last activity of user {user} could not be stored: {e}");
        }
    });
}

/// Two transactions of one row each: nobody who has one of the rows waits for the other.
async fn write(state: &AppState, user: i64, session: Option<i64>) -> Result<(), sea_orm::DbErr> {
    let now = time::now();
    if let Some(session) = session {
        one(
            state,
            "UPDATE sessions SET last_activity = $1 WHERE id = $2 AND last_activity < $1",
            &now,
            session,
        )
        .await?;
    }
    one(state, "UPDATE users SET last_activity = $1 WHERE id = $2 AND last_activity < $1", &now, user).await
}

async fn one(state: &AppState, sql: &str, now: &str, id: i64) -> Result<(), sea_orm::DbErr> {
    let tx = state.db.write_rows().await?;
    db::run(&*tx, sql, vec![now.into(), id.into()]).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_minute_each() {
        let activity = Activity::default();
        assert!(activity.is_due((1, None)));
        assert!(!activity.is_due((1, None)));
        assert!(activity.is_due((1, Some(1))) && activity.is_due((2, None)));
        assert!(!activity.is_due((1, Some(1))));
    }
}
