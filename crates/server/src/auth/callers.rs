//! Who has just been recognised, so that people at work are not looked up at every request.
//!
//! Only the routes of the work itself ([`WORK`]) ask here, and nothing is believed for longer than [`FRESH`]: that is how long
//! another process may still let somebody work whom this one has removed. Within a process nobody is believed at all after a
//! change: every request that may change something and is not work itself empties this when it ends.

use super::User;
use axum::http::Method;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long somebody who was looked up is believed to be who they were.
pub const FRESH: Duration = Duration::from_secs(1);
/// People whose names are kept; where there are more, those go that would be looked up again anyway.
const MOST: usize = 1000;

/// Methods and routes of those who label. They are asked all the time, and none of them changes users, organizations, tokens
/// or sessions.
const WORK: &[(Method, &str)] = &[
    (Method::GET, "/api/projects/{id}/next"),
    (Method::GET, "/api/tasks"),
    (Method::GET, "/api/tasks/{id}"),
    (Method::GET, "/api/tasks/{id}/annotations"),
    (Method::POST, "/api/tasks/{id}/annotations"),
    (Method::PATCH, "/api/annotations/{id}"),
    (Method::POST, "/api/tasks/{id}/drafts"),
    (Method::POST, "/api/tasks/{id}/annotations/{annotation}/drafts"),
    (Method::PATCH, "/api/drafts/{id}"),
];

/// Whether a request is one of those who label; the route is that of the list of routes, with or without the slash at its end.
pub fn is_work(method: &Method, route: &str) -> bool {
    let route = route.strip_suffix('/').unwrap_or(route);
    WORK.iter().any(|(of, path)| of == method && *path == route)
}

/// What somebody shows, as a digest: the secret itself is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shown([u8; 32]);

impl Shown {
    /// `kind` tells a cookie from a token of the same letters.
    pub fn new(kind: &str, secret: &str) -> Self {
        Self(Sha256::new().chain_update(kind).chain_update([0]).chain_update(secret).finalize().into())
    }
}

/// The person, and the session where it is one.
pub type Known = (User, Option<i64>);

#[derive(Debug, Default)]
pub struct Callers(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Changes so far: who was looked up before the last one is not written down after it.
    changes: u64,
    known: HashMap<Shown, (Instant, Known)>,
}

impl Callers {
    /// To be asked for before a look into the database, and given to [`Callers::remember`] after it.
    pub fn changes(&self) -> u64 {
        self.0.lock().map_or(0, |inner| inner.changes)
    }

    pub fn find(&self, shown: &Shown) -> Option<Known> {
        let inner = self.0.lock().ok()?;
        let (at, known) = inner.known.get(shown)?;
        (at.elapsed() < FRESH).then(|| known.clone())
    }

    /// Somebody has been looked up, `asked` being the moment before that.
    pub fn remember(&self, shown: Shown, known: Known, asked: Instant, changes: u64) {
        let Ok(mut inner) = self.0.lock() else { return };
        if inner.changes != changes {
            return;
        }
        if inner.known.len() >= MOST {
            inner.known.retain(|_, (at, _)| at.elapsed() < FRESH);
        }
        if inner.known.len() < MOST {
            inner.known.insert(shown, (asked, known));
        }
    }

    /// Something has changed, or may have.
    pub fn forget(&self) {
        let Ok(mut inner) = self.0.lock() else { return };
        inner.changes += 1;
        inner.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    fn somebody() -> Known {
        (User::nobody(7), None)
    }

    #[test]
    fn who_was_looked_up_is_known_until_something_changes() {
        let (callers, shown) = (Callers::default(), Shown::new("token", "abc"));
        assert!(callers.find(&shown).is_none());
        callers.remember(shown, somebody(), Instant::now(), callers.changes());
        assert_eq!(callers.find(&shown).map(|(user, _)| user.id), Some(7));
        assert!(callers.find(&Shown::new("session", "abc")).is_none());
        callers.forget();
        assert!(callers.find(&shown).is_none());
    }

    #[test]
    fn a_look_from_before_a_change_counts_for_nothing() {
        let (callers, shown) = (Callers::default(), Shown::new("token", "abc"));
        let before = callers.changes();
        callers.forget();
        callers.remember(shown, somebody(), Instant::now(), before);
        assert!(callers.find(&shown).is_none());
    }

    #[test]
    fn nobody_is_believed_for_long_and_not_too_many_are() {
        let (callers, shown) = (Callers::default(), Shown::new("token", "abc"));
        let Some(long_ago) = Instant::now().checked_sub(FRESH) else { return };
        callers.remember(shown, somebody(), long_ago, 0);
        assert!(callers.find(&shown).is_none());
        for n in 0..MOST + 10 {
            callers.remember(Shown::new("token", &n.to_string()), somebody(), Instant::now(), 0);
        }
        assert_eq!(callers.0.lock().unwrap().known.len(), MOST);
    }

    #[test]
    fn work_is_a_part_of_the_routes() {
        for (_, path) in WORK {
            assert!(ROUTES.iter().any(|route| route.path == *path), "{path}");
        }
        assert!(is_work(&Method::GET, "/api/projects/{id}/next/"));
        assert!(!is_work(&Method::DELETE, "/api/annotations/{id}"));
        assert!(!is_work(&Method::PATCH, "/api/users/{id}"));
    }
}
