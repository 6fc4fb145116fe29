//! One valid personal access token per person, also where two processes make one at the same moment.

pub const STATEMENTS: &[&str] = &[
    "UPDATE api_tokens SET blacklisted = TRUE WHERE NOT blacklisted AND id NOT IN (SELECT MAX(id) FROM api_tokens WHERE NOT blacklisted GROUP BY user_id)",
    "CREATE UNIQUE INDEX api_tokens_valid ON api_tokens (user_id) WHERE NOT blacklisted",
];
