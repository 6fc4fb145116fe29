//! Organizations, members, invitations, tokens (spec/server.md 2.3 and 3.1).

use crate::User;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    pub id: i64,
    pub title: String,
    /// Its owner.
    pub created_by: Option<i64>,
}

/// Somebody of an organization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Of the membership.
    pub id: i64,
    pub user: User,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MemberPage {
    pub count: u64,
    pub results: Vec<Member>,
}

/// `invite_url` is a path on this server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invitation {
    pub token: String,
    pub invite_url: String,
}

/// A token in full, which is shown once, or the beginning of a personal access token, enough to know it by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Token {
    pub token: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenSettings {
    pub api_tokens_enabled: bool,
    pub legacy_api_tokens_enabled: bool,
}
