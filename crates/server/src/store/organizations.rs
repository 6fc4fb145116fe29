//! Organizations, who belongs to them, and how long their sessions last.

use crate::auth::csrf::same;
use crate::auth::keys::Keys;
use crate::auth::random_hex;
use crate::db;
use crate::settings::Web;
use crate::store::users;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Organization {
    pub id: i64,
    pub title: String,
    pub contact_info: Option<String>,
    pub invite_token: String,
    pub created_by: Option<i64>,
    pub created_at: String,
    pub updated_at: String,
}

impl Organization {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            title: row.try_get("", "title")?,
            contact_info: row.try_get("", "contact_info")?,
            invite_token: row.try_get("", "invite_token")?,
            created_by: row.try_get("", "created_by")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    /// As in the list.
    pub fn brief(&self) -> Value {
        json!({
            "id": self.id, "title": self.title, "contact_info": self.contact_info, "created_at": self.created_at,
        })
    }
}

/// Makes the organization of a user, who owns it.
pub async fn found(conn: &impl ConnectionTrait, owner: i64, legacy_tokens: bool) -> Result<i64, DbErr> {
    db::insert(
        conn,
        "INSERT INTO organizations (title, invite_token, created_by, legacy_api_tokens_enabled, \
         api_tokens_enabled, created_at, updated_at) VALUES ('Tagloom', $1, $2, $3, $4, $5, $5)",
        vec![random_hex().into(), owner.into(), legacy_tokens.into(), true.into(), time::now().into()],
    )
    .await
}

pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<Organization>, DbErr> {
    let sql = "SELECT id, title, contact_info, invite_token, created_by, created_at, updated_at FROM organizations \
               WHERE id = $1";
    db::one(conn, sql, vec![id.into()]).await?.as_ref().map(Organization::from_row).transpose()
}

/// The one that a token invites to. All are compared in full, so that time tells nothing.
pub async fn by_invite(conn: &impl ConnectionTrait, token: &str) -> Result<Option<i64>, DbErr> {
    let mut found = None;
    for row in db::all(conn, "SELECT id, invite_token FROM organizations", vec![]).await? {
        let known: String = row.try_get("", "invite_token")?;
        if !token.is_empty() && same(known.as_bytes(), token.as_bytes()) {
            found = Some(row.try_get("", "id")?);
        }
    }
    Ok(found)
}

pub async fn update(
    conn: &impl ConnectionTrait,
    id: i64,
    title: Option<String>,
    contact_info: Option<Option<String>>,
) -> Result<(), DbErr> {
    if let Some(title) = title {
        let sql = "UPDATE organizations SET title = $1, updated_at = $2 WHERE id = $3";
        db::run(conn, sql, vec![title.into(), time::now().into(), id.into()]).await?;
    }
    if let Some(contact) = contact_info {
        let sql = "UPDATE organizations SET contact_info = $1, updated_at = $2 WHERE id = $3";
        db::run(conn, sql, vec![contact.into(), time::now().into(), id.into()]).await?;
    }
    Ok(())
}

/// A new invitation; links with the old one stop working.
pub async fn reset_invite(conn: &impl ConnectionTrait, id: i64) -> Result<String, DbErr> {
    let token = random_hex();
    let sql = "UPDATE organizations SET invite_token = $1, updated_at = $2 WHERE id = $3";
    db::run(conn, sql, vec![token.clone().into(), time::now().into(), id.into()]).await?;
    Ok(token)
}

/// A user's place in an organization, also one that has been taken away.
#[derive(Clone, Debug)]
pub struct Membership {
    pub id: i64,
    pub created_at: String,
    pub deleted_at: Option<String>,
}

pub async fn membership(
    conn: &impl ConnectionTrait,
    organization: i64,
    user: i64,
) -> Result<Option<Membership>, DbErr> {
    let sql = "SELECT id, created_at, deleted_at FROM memberships WHERE organization = $1 AND user_id = $2";
    let row = db::one(conn, sql, vec![organization.into(), user.into()]).await?;
    row.map(|row| {
        Ok(Membership {
            id: row.try_get("", "id")?,
            created_at: row.try_get("", "created_at")?,
            deleted_at: row.try_get("", "deleted_at")?,
        })
    })
    .transpose()
}

pub async fn count_members(conn: &impl ConnectionTrait, organization: i64) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM memberships WHERE organization = $1 AND deleted_at IS NULL";
    db::count(conn, sql, vec![organization.into()]).await
}

/// Membership and user ids of a page of members, by user.
pub async fn page_of_members(
    conn: &impl ConnectionTrait,
    organization: i64,
    limit: u64,
    offset: u64,
) -> Result<Vec<(i64, i64)>, DbErr> {
    let sql = "SELECT id, user_id FROM memberships WHERE organization = $1 AND deleted_at IS NULL ORDER BY user_id \
               LIMIT $2 OFFSET $3";
    let values = vec![organization.into(), db::bounded(limit).into(), db::bounded(offset).into()];
    let rows = db::all(conn, sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "user_id")?))).collect()
}

/// Takes a member's place away; what they have done stays theirs, and they may come back.
pub async fn remove_member(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    organization: i64,
    user: i64,
) -> anyhow::Result<()> {
    db::run(
        conn,
        "UPDATE memberships SET deleted_at = $1 WHERE organization = $2 AND user_id = $3 AND deleted_at IS NULL",
        vec![time::now().into(), organization.into(), user.into()],
    )
    .await?;
    let other = first_of_user(conn, user).await?;
    users::set_active_organization(conn, user, other).await?;
    users::shut_out(conn, keys, user).await
}

/// Gives a former member the place back.
pub async fn restore_member(conn: &impl ConnectionTrait, organization: i64, user: i64) -> Result<(), DbErr> {
    let sql = "UPDATE memberships SET deleted_at = NULL WHERE organization = $1 AND user_id = $2";
    db::run(conn, sql, vec![organization.into(), user.into()]).await?;
    Ok(())
}

/// The oldest organization that a user belongs to now.
pub async fn first_of_user(conn: &impl ConnectionTrait, user: i64) -> Result<Option<i64>, DbErr> {
    let sql =
        "SELECT organization FROM memberships WHERE user_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT 1";
    db::one(conn, sql, vec![user.into()]).await?.map(|row| row.try_get("", "organization")).transpose()
}

/// How long sessions of an organization last, in minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    pub max_session_age: i64,
    pub max_time_between_activity: i64,
    /// Nothing while the server's own limits hold.
    pub stored: Option<(String, String)>,
}

pub async fn session_policy(
    conn: &impl ConnectionTrait,
    web: &Web,
    organization: Option<i64>,
) -> Result<SessionPolicy, DbErr> {
    let sql = "SELECT max_session_age, max_time_between_activity, created_at, updated_at FROM session_policies \
               WHERE organization = $1";
    Ok(match db::one(conn, sql, vec![organization.into()]).await? {
        Some(row) => SessionPolicy {
            max_session_age: row.try_get("", "max_session_age")?,
            max_time_between_activity: row.try_get("", "max_time_between_activity")?,
            stored: Some((row.try_get("", "created_at")?, row.try_get("", "updated_at")?)),
        },
        None => SessionPolicy {
            max_session_age: web.max_session_age_minutes,
            max_time_between_activity: web.max_idle_minutes,
            stored: None,
        },
    })
}

pub async fn set_session_policy(
    conn: &impl ConnectionTrait,
    organization: i64,
    max_session_age: i64,
    max_time_between_activity: i64,
) -> Result<(), DbErr> {
    db::run(
        conn,
        "INSERT INTO session_policies (organization, max_session_age, max_time_between_activity, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $4) ON CONFLICT (organization) DO UPDATE SET max_session_age = excluded.max_session_age, \
         max_time_between_activity = excluded.max_time_between_activity, updated_at = excluded.updated_at",
        vec![organization.into(), max_session_age.into(), max_time_between_activity.into(), time::now().into()],
    )
    .await?;
    Ok(())
}
