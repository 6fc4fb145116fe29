//! Users, organizations, memberships.

use crate::auth::{password, random_hex};
use crate::db;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub username: String,
    pub password_hash: String,
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
    pub avatar: Option<String>,
    pub legacy_token: String,
    pub allow_newsletters: Option<bool>,
    pub custom_hotkeys: String,
    pub active_organization: Option<i64>,
    pub last_activity: String,
    pub date_joined: String,
}

impl User {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            email: row.try_get("", "email")?,
            username: row.try_get("", "username")?,
            password_hash: row.try_get("", "password_hash")?,
            first_name: row.try_get("", "first_name")?,
            last_name: row.try_get("", "last_name")?,
            phone: row.try_get("", "phone")?,
            avatar: row.try_get("", "avatar")?,
            legacy_token: row.try_get("", "legacy_token")?,
            allow_newsletters: row.try_get("", "allow_newsletters")?,
            custom_hotkeys: row.try_get("", "custom_hotkeys")?,
            active_organization: row.try_get("", "active_organization")?,
            last_activity: row.try_get("", "last_activity")?,
            date_joined: row.try_get("", "date_joined")?,
        })
    }

    /// First letters of the names, else the first two of the e-mail.
    pub fn initials(&self) -> String {
        let letters: String =
            [&self.first_name, &self.last_name].iter().filter_map(|n| n.chars().next()).collect();
        if letters.is_empty() { self.email.chars().take(2).collect() } else { letters }
    }

    /// The full user object (spec/server.md 3.1).
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "first_name": self.first_name, "last_name": self.last_name, "username": self.username,
            "email": self.email, "last_activity": self.last_activity,
            "custom_hotkeys": serde_json::from_str::<Value>(&self.custom_hotkeys).unwrap_or_else(|_| json!({})),
            "avatar": self.avatar, "initials": self.initials(), "phone": self.phone,
            "active_organization": self.active_organization,
            "active_organization_meta": {"title": "Tagloom", "email": self.email},
            "allow_newsletters": self.allow_newsletters, "date_joined": self.date_joined,
        })
    }

    /// The short form in `created_by`.
    pub fn brief(&self) -> Value {
        json!({
            "id": self.id, "first_name": self.first_name, "last_name": self.last_name, "email": self.email,
            "avatar": self.avatar,
        })
    }

    /// `First Last email, id`, with a leading space when there is no name.
    pub fn created_username(&self) -> String {
        format!("{} {}, {}", format!("{} {}", self.first_name, self.last_name).trim(), self.email, self.id)
    }
}

const COLUMNS: &str = "SELECT id, email, username, password_hash, first_name, last_name, phone, avatar, legacy_token, \
     allow_newsletters, custom_hotkeys, active_organization, last_activity, date_joined FROM users";

async fn find(
    conn: &impl ConnectionTrait,
    condition: &str,
    value: sea_orm::Value,
) -> Result<Option<User>, DbErr> {
    let row = db::one(conn, &format!("{COLUMNS} WHERE {condition}"), vec![value]).await?;
    row.as_ref().map(User::from_row).transpose()
}

pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<User>, DbErr> {
    find(conn, "id = $1", id.into()).await
}

pub async fn by_email(conn: &impl ConnectionTrait, email: &str) -> Result<Option<User>, DbErr> {
    find(conn, "email = $1", email.trim().to_lowercase().into()).await
}

pub async fn by_legacy_token(conn: &impl ConnectionTrait, token: &str) -> Result<Option<User>, DbErr> {
    find(conn, "legacy_token = $1", token.into()).await
}

/// Users by their ids.
pub async fn with_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<User>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let sql = format!("{COLUMNS} WHERE id IN ({}) ORDER BY id", db::placeholders(1, chunk.len()));
        for row in db::all(conn, &sql, chunk.iter().map(|&id| id.into()).collect()).await? {
            out.push(User::from_row(&row)?);
        }
    }
    Ok(out)
}

/// Members of an organization, by id.
pub async fn members(conn: &impl ConnectionTrait, organization: i64) -> Result<Vec<User>, DbErr> {
    let sql = format!(
        "{COLUMNS} WHERE id IN (SELECT user_id FROM memberships WHERE organization = $1) ORDER BY id"
    );
    db::all(conn, &sql, vec![organization.into()]).await?.iter().map(User::from_row).collect()
}

pub async fn is_member(conn: &impl ConnectionTrait, organization: i64, user: i64) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) FROM memberships WHERE organization = $1 AND user_id = $2";
    Ok(db::count(conn, sql, vec![organization.into(), user.into()]).await? > 0)
}

pub async fn exist(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(db::count(conn, "SELECT COUNT(*) FROM users", vec![]).await? > 0)
}

/// A user to be made.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    pub email: String,
    pub username: Option<String>,
    /// Without one nobody can sign in with a password.
    pub password: Option<String>,
    pub first_name: String,
    pub last_name: String,
    /// Applied only when it is longer than five characters.
    pub legacy_token: Option<String>,
    pub organization: Option<i64>,
}

/// Makes a user; the first one founds the organization, later ones join it.
pub async fn create(conn: &impl ConnectionTrait, new: NewUser, legacy_tokens: bool) -> anyhow::Result<User> {
    let email = new.email.trim().to_lowercase();
    let hash = match new.password {
        Some(password) => password::hash(password).await?,
        None => "!".into(),
    };
    let token = new.legacy_token.filter(|t| t.chars().count() > 5).unwrap_or_else(random_hex);
    let now = time::now();
    let username = new.username.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let id = db::insert(
        conn,
        "INSERT INTO users (email, username, password_hash, first_name, last_name, phone, legacy_token, is_superuser, \
         custom_hotkeys, last_activity, date_joined) VALUES ($1, $2, $3, $4, $5, '', $6, $7, '{}', $8, $8)",
        vec![
            email.into(),
            username.into(),
            hash.into(),
            new.first_name.into(),
            new.last_name.into(),
            token.into(),
            true.into(),
            now.clone().into(),
        ],
    )
    .await?;
    let first = db::count(conn, "SELECT COALESCE(MIN(id), 0) FROM organizations", vec![]).await?;
    let organization = match new.organization.or(Some(first).filter(|id| *id > 0)) {
        Some(id) => id,
        None => {
            db::insert(
                conn,
                "INSERT INTO organizations (title, invite_token, created_by, legacy_api_tokens_enabled, \
                 api_tokens_enabled, created_at, updated_at) VALUES ('Tagloom', $1, $2, $3, $4, $5, $5)",
                vec![random_hex().into(), id.into(), legacy_tokens.into(), true.into(), now.clone().into()],
            )
            .await?
        }
    };
    db::run(
        conn,
        "INSERT INTO memberships (organization, user_id, created_at) VALUES ($1, $2, $3)",
        vec![organization.into(), id.into(), now.into()],
    )
    .await?;
    db::run(
        conn,
        "UPDATE users SET active_organization = $1 WHERE id = $2",
        vec![organization.into(), id.into()],
    )
    .await?;
    by_id(conn, id).await?.ok_or_else(|| anyhow::anyhow!("the new user is gone"))
}

pub async fn set_password(conn: &impl ConnectionTrait, id: i64, password: String) -> anyhow::Result<()> {
    let hash = password::hash(password).await?;
    db::run(conn, "UPDATE users SET password_hash = $1 WHERE id = $2", vec![hash.into(), id.into()]).await?;
    db::run(conn, "DELETE FROM sessions WHERE user_id = $1", vec![id.into()]).await?;
    Ok(())
}
