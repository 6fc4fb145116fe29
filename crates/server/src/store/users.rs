//! Users: rows, their JSON forms, making, changing and deleting them. What they are members of is in `organizations`.

use crate::auth::keys::Keys;
use crate::auth::{password, random_hex};
use crate::db;
use crate::store::{legacy_tokens, organizations};
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde_json::{Value, json};

#[derive(Clone)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub username: String,
    pub password_hash: String,
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
    /// The address of the picture.
    pub avatar: Option<String>,
    pub allow_newsletters: Option<bool>,
    pub custom_hotkeys: String,
    pub active_organization: Option<i64>,
    pub last_activity: String,
    pub date_joined: String,
    /// Of the active organization.
    pub organization: Option<OrganizationOfUser>,
    /// A member of the active organization, now.
    pub is_member: bool,
    /// A member of no organization any more.
    pub is_removed: bool,
}

/// What is needed of a user's organization at every request.
#[derive(Clone, Debug)]
pub struct OrganizationOfUser {
    pub title: String,
    pub owner: Option<i64>,
    pub owner_email: Option<String>,
    pub legacy_tokens: bool,
    pub api_tokens: bool,
}

/// The digest of the password is among the fields: it is not to be printed by accident.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

impl User {
    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        let organization = match row.try_get::<Option<String>>("", "organization_title")? {
            Some(title) => Some(OrganizationOfUser {
                title,
                owner: row.try_get("", "organization_created_by")?,
                owner_email: row.try_get("", "organization_owner")?,
                legacy_tokens: row.try_get("", "legacy_api_tokens_enabled")?,
                api_tokens: row.try_get("", "api_tokens_enabled")?,
            }),
            None => None,
        };
        Ok(Self {
            id: row.try_get("", "id")?,
            email: row.try_get("", "email")?,
            username: row.try_get("", "username")?,
            password_hash: row.try_get("", "password_hash")?,
            first_name: row.try_get("", "first_name")?,
            last_name: row.try_get("", "last_name")?,
            phone: row.try_get("", "phone")?,
            avatar: row.try_get("", "avatar")?,
            allow_newsletters: row.try_get("", "allow_newsletters")?,
            custom_hotkeys: row.try_get("", "custom_hotkeys")?,
            active_organization: row.try_get("", "active_organization")?,
            last_activity: row.try_get("", "last_activity")?,
            date_joined: row.try_get("", "date_joined")?,
            organization,
            is_member: row.try_get("", "is_member")?,
            is_removed: !row.try_get::<bool>("", "is_anywhere")?,
        })
    }

    /// Somebody of whom nothing but the id is known.
    #[cfg(test)]
    pub(crate) fn nobody(id: i64) -> Self {
        Self {
            id,
            email: String::new(),
            username: String::new(),
            password_hash: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            phone: String::new(),
            avatar: None,
            allow_newsletters: None,
            custom_hotkeys: String::new(),
            active_organization: None,
            last_activity: String::new(),
            date_joined: String::new(),
            organization: None,
            is_member: false,
            is_removed: false,
        }
    }

    /// Whether the active organization is theirs.
    pub fn is_owner(&self) -> bool {
        self.organization.as_ref().is_some_and(|o| o.owner == Some(self.id))
    }

    /// First and last name as others see them.
    pub fn names(&self) -> (&str, &str) {
        if self.is_removed { ("Deleted", "User") } else { (&self.first_name, &self.last_name) }
    }

    /// First letters of the names, else the first two of the e-mail.
    pub fn initials(&self) -> String {
        let (first, last) = self.names();
        let letters: String = [first, last].iter().filter_map(|n| n.chars().next()).collect();
        if letters.is_empty() { self.email.chars().take(2).collect() } else { letters }
    }

    /// The full user object (spec/server.md 3.1).
    pub fn to_json(&self) -> Value {
        let (first_name, last_name) = self.names();
        let (title, owner) = match &self.organization {
            Some(o) => (o.title.as_str(), o.owner_email.as_deref().unwrap_or_default()),
            None => ("", ""),
        };
        json!({
            "id": self.id, "first_name": first_name, "last_name": last_name, "username": self.username,
            "email": self.email, "last_activity": self.last_activity,
            "custom_hotkeys": serde_json::from_str::<Value>(&self.custom_hotkeys).unwrap_or_else(|_| json!({})),
            "avatar": self.avatar, "initials": self.initials(), "phone": self.phone,
            "active_organization": self.active_organization,
            "active_organization_meta": {"title": title, "email": owner},
            "allow_newsletters": self.allow_newsletters, "date_joined": self.date_joined,
        })
    }

    /// The short form in `created_by`.
    pub fn brief(&self) -> Value {
        let (first_name, last_name) = self.names();
        json!({
            "id": self.id, "first_name": first_name, "last_name": last_name, "email": self.email,
            "avatar": self.avatar,
        })
    }

    /// `First Last email, id`, with a leading space when there is no name.
    pub fn created_username(&self) -> String {
        format!("{} {}, {}", format!("{} {}", self.first_name, self.last_name).trim(), self.email, self.id)
    }
}

const COLUMNS: &str = "SELECT u.id, u.email, u.username, u.password_hash, u.first_name, u.last_name, u.phone, u.avatar, \
     u.allow_newsletters, u.custom_hotkeys, u.active_organization, u.last_activity, u.date_joined, \
     o.title AS organization_title, o.created_by AS organization_created_by, o.legacy_api_tokens_enabled, \
     o.api_tokens_enabled, c.email AS organization_owner, \
     EXISTS (SELECT 1 FROM memberships m WHERE m.organization = u.active_organization AND m.user_id = u.id \
     AND m.deleted_at IS NULL) AS is_member, \
     EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.deleted_at IS NULL) AS is_anywhere \
     FROM users u LEFT JOIN organizations o ON o.id = u.active_organization LEFT JOIN users c ON c.id = o.created_by";

async fn find(
    conn: &impl ConnectionTrait,
    condition: &str,
    value: sea_orm::Value,
) -> Result<Option<User>, DbErr> {
    let row = db::one(conn, &format!("{COLUMNS} WHERE {condition}"), vec![value]).await?;
    row.as_ref().map(User::from_row).transpose()
}

pub async fn by_id(conn: &impl ConnectionTrait, id: i64) -> Result<Option<User>, DbErr> {
    find(conn, "u.id = $1", id.into()).await
}

pub async fn by_email(conn: &impl ConnectionTrait, email: &str) -> Result<Option<User>, DbErr> {
    find(conn, "u.email = $1", email.trim().to_lowercase().into()).await
}

pub async fn by_legacy_token(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    token: &str,
) -> Result<Option<User>, DbErr> {
    find(conn, "u.legacy_token = $1", keys.digest(token).into()).await
}

/// Users by their ids.
pub async fn with_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<User>, DbErr> {
    let mut out = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let sql = format!("{COLUMNS} WHERE u.id IN ({}) ORDER BY u.id", db::placeholders(1, chunk.len()));
        for row in db::all(conn, &sql, chunk.iter().map(|&id| id.into()).collect()).await? {
            out.push(User::from_row(&row)?);
        }
    }
    Ok(out)
}

/// Members of an organization, by id; without those who have left.
pub async fn members(conn: &impl ConnectionTrait, organization: i64) -> Result<Vec<User>, DbErr> {
    let sql = format!(
        "{COLUMNS} WHERE u.id IN (SELECT user_id FROM memberships WHERE organization = $1 AND deleted_at IS NULL) \
         ORDER BY u.id"
    );
    db::all(conn, &sql, vec![organization.into()]).await?.iter().map(User::from_row).collect()
}

/// Of one organization, whether still a member or not; nothing for strangers.
pub async fn of_organization(
    conn: &impl ConnectionTrait,
    organization: i64,
    id: i64,
) -> Result<Option<User>, DbErr> {
    let sql = format!(
        "{COLUMNS} WHERE u.id = $1 AND EXISTS (SELECT 1 FROM memberships m WHERE m.organization = $2 AND m.user_id = u.id)"
    );
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(User::from_row).transpose()
}

pub async fn is_member(conn: &impl ConnectionTrait, organization: i64, user: i64) -> Result<bool, DbErr> {
    let sql =
        "SELECT COUNT(*) FROM memberships WHERE organization = $1 AND user_id = $2 AND deleted_at IS NULL";
    Ok(db::count(conn, sql, vec![organization.into(), user.into()]).await? > 0)
}

pub async fn exist(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(db::one(conn, "SELECT id FROM users LIMIT 1", vec![]).await?.is_some())
}

/// A user to be made.
#[derive(Clone, Default)]
pub struct NewUser {
    pub email: String,
    pub username: Option<String>,
    /// Without one nobody can sign in with a password.
    pub password: Option<String>,
    pub first_name: String,
    pub last_name: String,
    pub allow_newsletters: Option<bool>,
    /// Applied only when it is longer than five characters.
    pub legacy_token: Option<String>,
    pub organization: Option<i64>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("email", &self.email).finish_non_exhaustive()
    }
}

/// Makes a user; the first one founds the organization, later ones join it.
pub async fn create(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    new: NewUser,
    legacy_tokens_enabled: bool,
) -> anyhow::Result<User> {
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
         custom_hotkeys, allow_newsletters, last_activity, date_joined) \
         VALUES ($1, $2, $3, $4, $5, '', $6, $7, '{}', $8, $9, $9)",
        vec![
            email.into(),
            username.into(),
            hash.into(),
            new.first_name.into(),
            new.last_name.into(),
            keys.digest(&token).into(),
            true.into(),
            new.allow_newsletters.into(),
            now.clone().into(),
        ],
    )
    .await?;
    legacy_tokens::set(conn, keys, id, &token).await?;
    let first = db::count(conn, "SELECT COALESCE(MIN(id), 0) FROM organizations", vec![]).await?;
    let organization = match new.organization.or(Some(first).filter(|id| *id > 0)) {
        Some(id) => id,
        None => organizations::found(conn, id, legacy_tokens_enabled).await?,
    };
    db::run(
        conn,
        "INSERT INTO memberships (organization, user_id, created_at) VALUES ($1, $2, $3)",
        vec![organization.into(), id.into(), now.into()],
    )
    .await?;
    set_active_organization(conn, id, Some(organization)).await?;
    by_id(conn, id).await?.ok_or_else(|| anyhow::anyhow!("the new user is gone"))
}

pub async fn set_active_organization(
    conn: &impl ConnectionTrait,
    id: i64,
    organization: Option<i64>,
) -> Result<(), DbErr> {
    let sql = "UPDATE users SET active_organization = $1 WHERE id = $2";
    db::run(conn, sql, vec![organization.into(), id.into()]).await?;
    Ok(())
}

/// Fields that people change of themselves; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub username: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub allow_newsletters: Option<bool>,
}

pub async fn update(conn: &impl ConnectionTrait, id: i64, changes: Changes) -> Result<(), DbErr> {
    db::run(
        conn,
        "UPDATE users SET first_name = COALESCE($1, first_name), last_name = COALESCE($2, last_name), \
         phone = COALESCE($3, phone), username = COALESCE($4, username), \
         allow_newsletters = COALESCE($5, allow_newsletters) WHERE id = $6",
        vec![
            changes.first_name.into(),
            changes.last_name.into(),
            changes.phone.into(),
            changes.username.into(),
            changes.allow_newsletters.into(),
            id.into(),
        ],
    )
    .await?;
    Ok(())
}

pub async fn set_hotkeys(conn: &impl ConnectionTrait, id: i64, hotkeys: &Value) -> Result<(), DbErr> {
    let sql = "UPDATE users SET custom_hotkeys = $1 WHERE id = $2";
    db::run(conn, sql, vec![hotkeys.to_string().into(), id.into()]).await?;
    Ok(())
}

pub async fn set_password_hash(conn: &impl ConnectionTrait, id: i64, hash: String) -> Result<(), DbErr> {
    db::run(conn, "UPDATE users SET password_hash = $1 WHERE id = $2", vec![hash.into(), id.into()]).await?;
    Ok(())
}

pub async fn set_password(conn: &impl ConnectionTrait, id: i64, password: String) -> anyhow::Result<()> {
    set_password_hash(conn, id, password::hash(password).await?).await?;
    db::run(conn, "DELETE FROM sessions WHERE user_id = $1", vec![id.into()]).await?;
    Ok(())
}

/// Ends every way in: sessions, personal access tokens and the legacy token; and gives the tasks back that are held.
pub async fn shut_out(conn: &impl ConnectionTrait, keys: &Keys, id: i64) -> anyhow::Result<()> {
    db::run(conn, "DELETE FROM sessions WHERE user_id = $1", vec![id.into()]).await?;
    db::run(
        conn,
        "UPDATE api_tokens SET blacklisted = $1 WHERE user_id = $2 AND NOT blacklisted",
        vec![true.into(), id.into()],
    )
    .await?;
    db::run(conn, "DELETE FROM locks WHERE user_id = $1", vec![id.into()]).await?;
    legacy_tokens::set(conn, keys, id, &random_hex()).await
}

/// Deletes a person. The row stays without anything personal, because annotations name it; the e-mail is free again.
pub async fn delete(conn: &impl ConnectionTrait, keys: &Keys, id: i64) -> anyhow::Result<()> {
    shut_out(conn, keys, id).await?;
    for sql in [
        "DELETE FROM memberships WHERE user_id = $1",
        "DELETE FROM avatars WHERE user_id = $1",
        "DELETE FROM product_tours WHERE user_id = $1",
    ] {
        db::run(conn, sql, vec![id.into()]).await?;
    }
    db::run(
        conn,
        "UPDATE users SET email = $1, username = '', password_hash = '!', first_name = '', last_name = '', phone = '', \
         avatar = NULL, allow_newsletters = NULL, custom_hotkeys = '{}', active_organization = NULL WHERE id = $2",
        vec![format!("deleted-user-{id}@invalid").into(), id.into()],
    )
    .await?;
    Ok(())
}
