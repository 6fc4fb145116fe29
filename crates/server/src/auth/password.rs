//! Passwords: argon2id, off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

/// Hashing takes 19 MiB and a core each: more at once would let anybody use up the machine by signing in.
static AT_ONCE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(4);

pub const MIN_LENGTH: usize = 8;
pub const MAX_LENGTH: usize = 128;

/// Why a password is not taken, in words for a person.
pub fn problem(password: &str) -> Option<String> {
    let length = password.chars().count();
    (!(MIN_LENGTH..=MAX_LENGTH).contains(&length)).then(|| {
        format!("The password must have {MIN_LENGTH} to {MAX_LENGTH} characters, this one has {length}.")
    })
}

pub async fn hash(password: String) -> anyhow::Result<String> {
    let _place = AT_ONCE.acquire().await?;
    tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|h| h.to_string())
            .map_err(|e| anyhow::anyhow!("cannot hash the password: {e}"))
    })
    .await?
}

/// Wrong for an unreadable hash, which is what users without a password have.
pub async fn verify(password: String, hash: String) -> bool {
    let _place = AT_ONCE.acquire().await;
    tokio::task::spawn_blocking(move || match PasswordHash::new(&hash) {
        Ok(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        Err(_) => {
            // The same work for unknown users, so that time does not tell who exists.
            let _ = Argon2::default().hash_password(password.as_bytes());
            false
        }
    })
    .await
    .unwrap_or(false)
}
