//! Carrying deliveries out: claim a webhook, send what waits in its order, write down how it went.
//!
//! - One worker of one process serves a webhook at a time, by a lease; a worker that dies is succeeded when it runs out.
//! - A receiver that is away is tried again after 1, 2, 4 … seconds, a minute at most, until the delivery is
//!   [`GIVEN_UP_AFTER`] old; then it and all that is as old are given up, so that a dead receiver never gathers more than
//!   that. Later deliveries wait meanwhile: the order is kept.
//! - A refusal of the filter, a redirect and any answer of 4xx that does not mean "later" are final at once.
//! - Answers are not read, apart from their status.

use super::payload;
use crate::egress;
use crate::state::AppState;
use crate::store::webhooks::{self, Claimed, Delivery, Try};
use crate::time;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use sea_orm::DbErr;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Webhooks that a process serves side by side.
const WORKERS: usize = 3;
/// How soon what another process has left is seen.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Seconds after which a delivery is given up.
const GIVEN_UP_AFTER: i64 = 300;
/// A worker turns to other webhooks after so long, and may take this long for its last delivery.
const TURN: Duration = Duration::from_secs(10);
const LEASE_SECONDS: i64 = 30;
/// Seconds between two tries at most.
const LONGEST_PAUSE: i64 = 60;
/// Deliveries that are read at a time.
const READ: u64 = 20;
/// Ended deliveries that are kept to be looked at.
const KEPT: u64 = 100;
/// The project that goes with a delivery is at most so old.
const PROJECT_KNOWN_FOR: Duration = Duration::from_secs(1);

/// The process's part in delivering.
#[derive(Clone, Debug, Default)]
pub struct Deliverers(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Deliverers {
    /// Lets deliveries under way come to their end, and waits for that.
    pub async fn stop(&self) {
        self.0.stopping.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

/// Starts the workers of this process. Without them deliveries wait.
pub fn start(state: &AppState) {
    for _ in 0..WORKERS {
        let worker = Worker { name: uuid::Uuid::new_v4().to_string(), state: state.clone() };
        state.deliverers.0.tasks.spawn(worker.work());
    }
}

struct Worker {
    name: String,
    state: AppState,
}

/// How one try went.
enum Outcome {
    Delivered(StatusCode),
    Later(Option<StatusCode>, String),
    Never(Option<StatusCode>, String),
}

impl Worker {
    async fn work(self) {
        let stopping = self.state.deliverers.0.stopping.clone();
        while !stopping.is_cancelled() {
            match self.turn().await {
                Ok(true) => {}
                Ok(false) => self.idle(LOOK_EVERY).await,
                Err(error) => {
                    tracing::warn!("webhooks could not be served: {error}");
                    self.idle(LOOK_EVERY * 2).await;
                }
            }
        }
    }

    async fn idle(&self, longest: Duration) {
        tokio::select! {
            () = self.state.db.listeners().news.notified() => {}
            () = self.state.deliverers.0.stopping.cancelled() => {}
            () = tokio::time::sleep(longest) => {}
        }
    }

    /// Serves one webhook; false where none waits.
    async fn turn(&self) -> Result<bool, DbErr> {
        let timeout = self.state.settings.webhook_timeout;
        let lease = LEASE_SECONDS + timeout.as_secs() as i64 + 1;
        let Some(hook) = webhooks::claim(&self.state.db, &self.name, lease).await? else { return Ok(false) };
        // Another webhook may wait as well: another worker looks at once.
        self.state.db.listeners().wake();
        let next = self.serve(&hook).await?;
        webhooks::release(&self.state.db, &hook, &self.name, next, KEPT).await?;
        Ok(true)
    }

    /// Sends what waits; gives when to go on, and how many tries in a row have failed.
    async fn serve(&self, hook: &Claimed) -> Result<(String, i64), DbErr> {
        let until = Instant::now() + TURN;
        let mut projects = Projects::default();
        let mut failures = hook.failures;
        loop {
            let waiting = webhooks::waiting(self.state.db.read(), hook.id, READ).await?;
            if waiting.is_empty() {
                return Ok((time::now(), failures));
            }
            for delivery in waiting {
                if Instant::now() > until || self.state.deliverers.0.stopping.is_cancelled() {
                    return Ok((time::now(), failures));
                }
                let outcome = self.send(hook, &delivery, &mut projects).await?;
                let attempts = delivery.attempts + 1;
                let mark = |state, status: Option<StatusCode>, error: Option<String>| {
                    let status_code = status.map(|s| i64::from(s.as_u16()));
                    let tried = Try { delivery: delivery.id, state, attempts, status_code, error };
                    webhooks::mark(&self.state.db, hook.id, &self.name, tried)
                };
                let ours = match outcome {
                    Outcome::Delivered(status) => {
                        failures = 0;
                        mark("delivered", Some(status), None).await?
                    }
                    Outcome::Never(status, why) => {
                        failures = 0;
                        tracing::warn!(webhook = hook.id, delivery = delivery.uid, "not delivered: {why}");
                        mark("failed", status, Some(why)).await?
                    }
                    Outcome::Later(status, why) => {
                        failures += 1;
                        let old = time::in_seconds(-GIVEN_UP_AFTER);
                        let given_up = delivery.created_at < old;
                        let state = if given_up { "failed" } else { "waiting" };
                        tracing::warn!(
                            webhook = hook.id,
                            delivery = delivery.uid,
                            attempts,
                            given_up,
                            "not delivered: {why}"
                        );
                        if mark(state, status, Some(why)).await? && given_up {
                            webhooks::give_up(&self.state.db, hook.id, &old).await?;
                        }
                        let pause = (1i64 << (failures - 1).clamp(0, 6)).min(LONGEST_PAUSE);
                        return Ok((time::in_seconds(pause), failures));
                    }
                };
                if !ours {
                    // Deleted, or taken over: somebody else knows what to do.
                    return Ok((time::now(), failures));
                }
            }
        }
    }

    async fn send(
        &self,
        hook: &Claimed,
        delivery: &Delivery,
        projects: &mut Projects,
    ) -> Result<Outcome, DbErr> {
        let body = body(delivery, projects, &self.state).await?;
        let builder = match self.state.egress.request(Method::POST, &hook.url) {
            Ok(builder) => builder,
            Err(error) => return Ok(Outcome::Never(None, error.to_string())),
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &hook.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.as_str().unwrap_or_default())) {
                headers.insert(name, value);
            }
        }
        if let Ok(uid) = HeaderValue::from_str(&delivery.uid) {
            headers.insert("x-tagloom-delivery", uid);
        }
        let request =
            builder.timeout(self.state.settings.webhook_timeout).headers(headers).body(body).build();
        let answer = match request {
            Ok(request) => self.state.egress.execute_directly(request).await,
            Err(error) => Err(egress::Error::of(error)),
        };
        Ok(match answer {
            Ok(answer) => judge(answer.status()),
            Err(error @ (egress::Error::Refused(_) | egress::Error::TooManyRedirects(_))) => {
                Outcome::Never(None, error.to_string())
            }
            Err(error) => Outcome::Later(None, error.to_string()),
        })
    }
}

/// What an answer's status means for the delivery.
fn judge(status: StatusCode) -> Outcome {
    const LATER: [StatusCode; 3] =
        [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    if status.is_success() {
        Outcome::Delivered(status)
    } else if status.is_redirection() {
        let why =
            format!("the receiver redirected ({}); give the webhook the final address", status.as_u16());
        Outcome::Never(Some(status), why)
    } else {
        let why = format!("the receiver answered {}", status.as_u16());
        if status.is_server_error() || LATER.contains(&status) {
            Outcome::Later(Some(status), why)
        } else {
            Outcome::Never(Some(status), why)
        }
    }
}

/// The project objects of a turn.
#[derive(Default)]
struct Projects(Option<(i64, Instant, Value)>);

impl Projects {
    async fn get(&mut self, state: &AppState, id: i64) -> Result<Value, DbErr> {
        if let Some((known, at, value)) = &self.0
            && *known == id
            && at.elapsed() < PROJECT_KNOWN_FOR
        {
            return Ok(value.clone());
        }
        // A project that has gone since is told by its id.
        let value = payload::project(state.db.read(), id).await?.unwrap_or_else(|| json!({ "id": id }));
        self.0 = Some((id, Instant::now(), value.clone()));
        Ok(value)
    }
}

async fn body(delivery: &Delivery, projects: &mut Projects, state: &AppState) -> Result<String, DbErr> {
    let mut out = Map::new();
    out.insert("action".into(), delivery.action.clone().into());
    if let Some(text) = &delivery.body {
        let mut stored: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        if !stored.contains_key("project") {
            out.insert("project".into(), projects.get(state, delivery.project).await?);
        }
        out.append(&mut stored);
    }
    Ok(Value::Object(out).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_better_is_tried_again() {
        let kind = |code: u16| match judge(StatusCode::from_u16(code).unwrap()) {
            Outcome::Delivered(_) => "delivered",
            Outcome::Later(..) => "later",
            Outcome::Never(..) => "never",
        };
        for (code, expected) in [
            (200, "delivered"),
            (204, "delivered"),
            (301, "never"),
            (400, "never"),
            (404, "never"),
            (408, "later"),
            (425, "later"),
            (429, "later"),
            (500, "later"),
            (503, "later"),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }
}
