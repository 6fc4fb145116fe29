//! Slows down guessing: failed sign-ins per e-mail address are limited.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(300);
const FAILURES: usize = 10;
const MAX_KEYS: usize = 10_000;

#[derive(Debug, Default)]
pub struct LoginLimiter(Mutex<HashMap<String, Vec<Instant>>>);

impl LoginLimiter {
    /// Whether another try is allowed.
    pub fn allows(&self, key: &str) -> bool {
        let Ok(mut map) = self.0.lock() else { return true };
        let now = Instant::now();
        match map.get_mut(key) {
            Some(failures) => {
                failures.retain(|at| now.duration_since(*at) < WINDOW);
                failures.len() < FAILURES
            }
            None => true,
        }
    }

    pub fn failed(&self, key: &str) {
        let Ok(mut map) = self.0.lock() else { return };
        if map.len() >= MAX_KEYS {
            let now = Instant::now();
            map.retain(|_, f| f.last().is_some_and(|at| now.duration_since(*at) < WINDOW));
        }
        map.entry(key.to_owned()).or_default().push(Instant::now());
    }

    pub fn succeeded(&self, key: &str) {
        if let Ok(mut map) = self.0.lock() {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_close_the_door_for_that_address_only() {
        let limiter = LoginLimiter::default();
        for _ in 0..FAILURES {
            assert!(limiter.allows("a"));
            limiter.failed("a");
        }
        assert!(!limiter.allows("a"));
        assert!(limiter.allows("b"));
        limiter.succeeded("a");
        assert!(limiter.allows("a"));
    }
}
