//! The audit log: who did what to people, tokens, settings and data, and from where.
//!
//! [`record`] is called with the transaction that does the deed, so that neither exists without the other. Nothing of the
//! program changes or removes a row. Details hold ids and names, never secrets.

mod action;
mod read;

pub use action::Action;
pub use read::{Entry, Filter, count, list};

use crate::auth::Caller;
use crate::auth::client::Client;
use crate::db;
use crate::store::users::User;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value;
use url::Url;

/// Who is recorded.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// Without one the deed belongs to the installation.
    pub organization: Option<i64>,
    pub user: Option<i64>,
    /// Kept beside the id: it says who it was when the person is long gone.
    pub email: String,
    pub request_id: String,
    pub address: String,
}

impl Actor {
    /// A person who is known, though not by a session or a token: one who signs in, or tries to.
    pub fn person(user: &User, client: &Client) -> Self {
        Self {
            organization: user.active_organization,
            user: Some(user.id),
            email: user.email.clone(),
            ..Self::nobody(client)
        }
    }

    pub fn nobody(client: &Client) -> Self {
        Self { request_id: client.request_id.clone(), address: client.address_text(), ..Self::default() }
    }

    /// Whoever may run programs on the server's machine.
    pub fn command_line(organization: Option<i64>) -> Self {
        Self { organization, address: "command line".into(), ..Self::default() }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self::person(&caller.user, &caller.client)
    }
}

/// The host of an address, which is no secret.
pub fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// Writes a deed down, in the transaction that does it.
pub async fn record(
    tx: &impl ConnectionTrait,
    actor: impl Into<Actor>,
    action: Action,
    details: Value,
) -> Result<(), DbErr> {
    let actor = actor.into();
    db::run(
        tx,
        "INSERT INTO audit_log (created_at, organization, user_id, email, action, details, request_id, address) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            time::now().into(),
            actor.organization.into(),
            actor.user.into(),
            actor.email.into(),
            action.name().into(),
            details.to_string().into(),
            actor.request_id.into(),
            actor.address.into(),
        ],
    )
    .await?;
    Ok(())
}
