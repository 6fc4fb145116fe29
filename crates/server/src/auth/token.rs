//! Personal access tokens: JWT refresh tokens, and the access tokens made from them (spec/server.md 2.3).

use crate::time::unix_now;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

const ACCESS_SECONDS: i64 = 300;
/// 200 years: revoking is by the blacklist.
const REFRESH_SECONDS: i64 = 200 * 365 * 86_400;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub token_type: String,
    pub exp: i64,
    pub iat: i64,
    pub jti: String,
    pub user_id: String,
}

impl Claims {
    pub fn user(&self) -> Option<i64> {
        self.user_id.parse().ok()
    }
}

fn make(secret: &[u8], user: i64, kind: &str, seconds: i64) -> anyhow::Result<(String, Claims)> {
    let iat = unix_now();
    let claims = Claims {
        token_type: kind.to_owned(),
        exp: iat + seconds,
        iat,
        jti: uuid::Uuid::new_v4().simple().to_string(),
        user_id: user.to_string(),
    };
    let text = encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret))?;
    Ok((text, claims))
}

pub fn refresh(secret: &[u8], user: i64) -> anyhow::Result<(String, Claims)> {
    make(secret, user, "refresh", REFRESH_SECONDS)
}

pub fn access(secret: &[u8], user: i64) -> anyhow::Result<String> {
    Ok(make(secret, user, "access", ACCESS_SECONDS)?.0)
}

/// The claims of a valid token of that kind.
pub fn read(secret: &[u8], token: &str, kind: &str) -> Option<Claims> {
    let validation = Validation::new(Algorithm::HS256);
    let data = decode::<Claims>(token, &DecodingKey::from_secret(secret), &validation).ok()?;
    (data.claims.token_type == kind).then_some(data.claims)
}

pub fn user_of_access(secret: &[u8], token: &str) -> Option<i64> {
    read(secret, token, "access")?.user()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_keys_are_told_apart() {
        let (refresh_token, claims) = refresh(b"one secret of a server, long enough", 7).unwrap();
        assert_eq!(claims.user(), Some(7));
        let access_token = access(b"one secret of a server, long enough", 7).unwrap();
        assert_eq!(user_of_access(b"one secret of a server, long enough", &access_token), Some(7));
        assert_eq!(user_of_access(b"one secret of a server, long enough", &refresh_token), None);
        assert_eq!(user_of_access(b"another secret of another server...", &access_token), None);
    }
}
