//! Passwords: argon2id, off the async threads.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::pbkdf2;

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
    tokio::task::spawn_blocking(move || {
        if is_foreign(&hash) {
            return foreign(&password, &hash);
        }
        match PasswordHash::new(&hash) {
            Ok(hash) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
            Err(_) => {
                // The same work for unknown users, so that time does not tell who exists.
                let _ = Argon2::default().hash_password(password.as_bytes());
                false
            }
        }
    })
    .await
    .unwrap_or(false)
}

/// How Django writes a hash: `pbkdf2_sha256$iterations$salt$base64`.
const FOREIGN: &str = "pbkdf2_sha256$";
/// More than Django has ever asked for; a damaged row must not keep a thread busy for hours.
const MOST_ITERATIONS: u32 = 20_000_000;

/// Whether a hash came from Label Studio; it is renewed at the next sign-in.
pub fn is_foreign(hash: &str) -> bool {
    hash.starts_with(FOREIGN)
}

fn foreign(password: &str, hash: &str) -> bool {
    let mut parts = hash.trim_start_matches(FOREIGN).splitn(3, '$');
    let (Some(iterations), Some(salt), Some(digest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let iterations =
        iterations.parse().ok().filter(|n| *n <= MOST_ITERATIONS).and_then(std::num::NonZeroU32::new);
    let (Some(iterations), Ok(digest)) = (iterations, STANDARD.decode(digest)) else { return false };
    pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt.as_bytes(), password.as_bytes(), &digest)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_of_django_are_verified() {
        // Of `hunter2`, 1000 rounds.
        let hash = "pbkdf2_sha256$1000$saltsalt$SGostCYuh4jIkZF3T30ZOll3DSwORihSR6ozq+eFeiA=";
        let verify = async |password: &str, hash: &str| verify(password.into(), hash.into()).await;
        assert!(verify("hunter2", hash).await);
        assert!(!verify("hunter3", hash).await);
        for broken in [
            "pbkdf2_sha256$",
            "pbkdf2_sha256$0$s$AAAA",
            "pbkdf2_sha256$999999999$s$AAAA",
            "pbkdf2_sha256$1$s$?",
        ] {
            assert!(!verify("hunter2", broken).await, "{broken}");
        }
        let ours = super::hash("hunter2 and more".into()).await.unwrap();
        assert!(!is_foreign(&ours));
        assert!(verify("hunter2 and more", &ours).await);
    }
}
