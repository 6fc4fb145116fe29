//! Slows down guessing. Attempts are counted in the database, so that any number of processes count together.
//!
//! An attempt is counted *before* it is tried, so that many at the same moment are no way round; success takes it back.
//! Whoever is over a limit waits until the window ends; trying meanwhile does not make it longer.

use super::client::Client;
use super::digest;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::time;

/// What somebody tries to get through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    SignIn,
    SetUp,
    SignUp,
    /// Personal access tokens that are not valid.
    Token,
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SetUp => "set-up",
            Self::SignUp => "sign-up",
            Self::Token => "token",
        }
    }

    /// Attempts in a window: for one e-mail address from one client, for one e-mail address from anywhere, and for one
    /// client. A whole office may sit behind one address, so that one is wide.
    fn limits(self) -> (i64, i64, i64) {
        match self {
            Self::SignIn => (10, 30, 100),
            Self::SetUp => (20, 20, 20),
            Self::SignUp => (20, 20, 100),
            Self::Token => (0, 0, 200),
        }
    }
}

const WINDOW_SECONDS: i64 = 300;

/// An attempt that was let through.
#[derive(Debug)]
pub struct Attempt {
    counted: Vec<(String, bool)>,
}

fn counters(door: Door, client: &Client, email: Option<&str>) -> Vec<(String, i64, bool)> {
    let (both, mail, network) = door.limits();
    let name = door.name();
    let mut out = Vec::new();
    if let Some(email) = email {
        // A digest: the table is no list of people.
        let email = digest(email);
        out.push((format!("{name} {email} {}", client.network().unwrap_or_default()), both, true));
        out.push((format!("{name} {email}"), mail, true));
    }
    if let Some(address) = client.network() {
        out.push((format!("{name} from {address}"), network, false));
    }
    out
}

fn refusal(until: &str) -> ApiError {
    let seconds = time::seconds_until(until).max(1);
    let wait =
        if seconds > 90 { format!("{} minutes", (seconds + 59) / 60) } else { format!("{seconds} seconds") };
    ApiError::TryAgainIn(seconds.unsigned_abs(), format!("Too many attempts; wait {wait} and try again."))
}

/// Counts an attempt, or refuses it.
pub async fn enter(state: &AppState, door: Door, client: &Client, email: Option<&str>) -> ApiResult<Attempt> {
    let mut counted = Vec::new();
    for (key, most, of_email) in counters(door, client, email) {
        let now = time::now();
        // One row a transaction: nobody waits for two of them, so nobody waits for ever.
        let tx = state.db.write_rows().await?;
        let row = db::one(
            &*tx,
            "INSERT INTO attempts (door, attempts, until_at) VALUES ($1, 1, $2) ON CONFLICT (door) DO UPDATE SET \
             attempts = CASE WHEN attempts.until_at <= $3 THEN 1 ELSE attempts.attempts + 1 END, \
             until_at = CASE WHEN attempts.until_at <= $3 THEN excluded.until_at ELSE attempts.until_at END \
             RETURNING attempts, until_at",
            vec![key.clone().into(), time::in_seconds(WINDOW_SECONDS).into(), now.clone().into()],
        )
        .await?
        .ok_or_else(|| anyhow::anyhow!("an attempt was not counted"))?;
        tx.commit().await?;
        let (attempts, until): (i64, String) = (row.try_get("", "attempts")?, row.try_get("", "until_at")?);
        if attempts == 1 {
            let tx = state.db.write_rows().await?;
            db::run(&*tx, "DELETE FROM attempts WHERE until_at < $1", vec![now.into()]).await?;
            tx.commit().await?;
        }
        if attempts > most {
            return Err(refusal(&until));
        }
        counted.push((key, of_email));
    }
    Ok(Attempt { counted })
}

impl Attempt {
    /// It was no guess: the address is trusted again with this e-mail, and the attempt does not count for others.
    pub async fn succeeded(self, state: &AppState) -> ApiResult<()> {
        for (key, of_email) in self.counted {
            let sql = if of_email {
                "DELETE FROM attempts WHERE door = $1"
            } else {
                "UPDATE attempts SET attempts = attempts - 1 WHERE door = $1 AND attempts > 0"
            };
            let tx = state.db.write_rows().await?;
            db::run(&*tx, sql, vec![key.into()]).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Refuses a client that has failed too often, without counting: for what succeeds often and is nothing to guess.
pub async fn look(state: &AppState, door: Door, client: &Client) -> ApiResult<()> {
    for (key, most, _) in counters(door, client, None) {
        let sql = "SELECT until_at FROM attempts WHERE door = $1 AND attempts >= $2 AND until_at > $3";
        let row = db::one(state.db.read(), sql, vec![key.into(), most.into(), time::now().into()]).await?;
        if let Some(row) = row {
            return Err(refusal(&row.try_get::<String>("", "until_at")?));
        }
    }
    Ok(())
}
