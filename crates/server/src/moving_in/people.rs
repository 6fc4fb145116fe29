//! Organizations, users, memberships.

use super::Move;
use super::report::Line;
use crate::auth::random_hex;
use crate::db;
use crate::store::users::{self, NewUser};
use crate::time;
use sea_orm::Value as Sql;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Ids of the source, and who they are here.
#[derive(Debug, Default)]
pub(super) struct People {
    organizations: HashMap<i64, i64>,
    users: HashMap<i64, i64>,
}

impl People {
    pub fn user(&self, id: Option<i64>) -> Option<i64> {
        self.users.get(&id?).copied()
    }

    pub fn organization(&self, id: Option<i64>) -> Option<i64> {
        self.organizations.get(&id?).copied()
    }
}

const USER: &[&str] = &[
    "id",
    "password",
    "username",
    "email",
    "first_name",
    "last_name",
    "is_active",
    "is_superuser",
    "date_joined",
    "last_activity",
    "phone",
    "avatar",
    "active_organization_id",
    "allow_newsletters",
    "custom_hotkeys",
];

pub(super) async fn take(moving: &mut Move<'_>) -> anyhow::Result<()> {
    organizations(moving).await?;
    let members = members(moving).await?;
    users(moving, &members).await?;
    founders(moving).await
}

/// The only one there joins the only one here; otherwise they stay apart.
async fn organizations(moving: &mut Move<'_>) -> anyhow::Result<()> {
    let tx = moving.tx;
    let columns = &["id", "title", "token", "created_at", "updated_at"];
    let rows = moving.source.all("organization", columns, "1 = 1").await?;
    let settings = ["organization_id", "api_tokens_enabled", "legacy_api_tokens_enabled"];
    let mut tokens = HashMap::new();
    for row in moving.source.all("jwt_auth_jwtsettings", &settings, "1 = 1").await? {
        tokens.insert(
            row.int("organization_id"),
            (row.bool("api_tokens_enabled"), row.bool("legacy_api_tokens_enabled")),
        );
    }
    let mut line = Line::new("organizations", rows.len() as i64);
    let here = db::all(&**tx, "SELECT id, title FROM organizations ORDER BY id LIMIT 2", vec![]).await?;
    for row in &rows {
        let id = row.id()?;
        let joined = match (&here[..], rows.len()) {
            ([only], 1) => {
                let title: String = only.try_get("", "title")?;
                moving.report.notes.push(format!(
                    "The organization {:?} has joined {title:?}, which was here.",
                    row.string("title")
                ));
                only.try_get("", "id")?
            }
            _ => {
                // Without settings of its own a version has only tokens of the old kind.
                let (api, legacy) = tokens.get(&Some(id)).copied().unwrap_or((None, None));
                let now = time::now();
                let values: Vec<Sql> = vec![
                    row.string("title").into(),
                    row.text("token").map_or_else(random_hex, str::to_owned).into(),
                    legacy.unwrap_or(true).into(),
                    api.unwrap_or(true).into(),
                    row.time("created_at").unwrap_or_else(|| now.clone()).into(),
                    row.time("updated_at").unwrap_or(now).into(),
                ];
                let sql = "INSERT INTO organizations (title, invite_token, legacy_api_tokens_enabled, api_tokens_enabled, \
                           created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)";
                db::insert(&**tx, sql, values).await?
            }
        };
        moving.people.organizations.insert(id, joined);
        line.taken += 1;
    }
    moving.report.lines.push(line);
    Ok(())
}

/// Organizations of every user, former memberships left out.
async fn members(moving: &mut Move<'_>) -> anyhow::Result<BTreeMap<i64, Vec<i64>>> {
    let columns = &["id", "organization_id", "user_id", "deleted_at"];
    let mut members: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in moving.source.all("organizations_organizationmember", columns, "1 = 1").await? {
        if row.text("deleted_at").is_none()
            && let (Some(user), Some(organization)) = (row.int("user_id"), row.int("organization_id"))
        {
            members.entry(user).or_default().push(organization);
        }
    }
    Ok(members)
}

async fn users(moving: &mut Move<'_>, members: &BTreeMap<i64, Vec<i64>>) -> anyhow::Result<()> {
    let tx = moving.tx;
    let mut keys = HashMap::new();
    for row in moving.source.all("authtoken_token", &["key", "user_id"], "1 = 1").await? {
        keys.insert(row.int("user_id"), row.string("key"));
    }
    let rows = moving.source.all("htx_user", USER, "1 = 1").await?;
    let mut line = Line::new("users", rows.len() as i64);
    let (mut known, mut avatars) = (0, 0);
    let mut former = HashSet::new();
    for row in rows {
        let id = row.id()?;
        let email = row.string("email").trim().to_lowercase();
        let email = if email.is_empty() { format!("user-{id}@localhost") } else { email };
        let active = row.bool("is_active").unwrap_or(true);
        let home = members.get(&id).cloned().unwrap_or_default();
        avatars += i64::from(row.text("avatar").is_some_and(|a| !a.is_empty()));
        let here = match users::by_email(&**tx, &email).await? {
            Some(user) => {
                known += 1;
                user.id
            }
            None => {
                let wanted =
                    row.int("active_organization_id").filter(|o| home.contains(o)).or(home.first().copied());
                // Whoever has left still belongs to what they have made.
                let any = wanted.or(row.int("active_organization_id"));
                let organization = any.and_then(|o| moving.people.organization(Some(o)));
                let organization =
                    organization.or_else(|| moving.people.organizations.values().min().copied());
                let new = NewUser {
                    email,
                    username: row.text("username").map(str::to_owned),
                    first_name: row.string("first_name"),
                    last_name: row.string("last_name"),
                    legacy_token: keys.get(&Some(id)).cloned().filter(|_| active),
                    organization,
                    ..NewUser::default()
                };
                let user = users::create(&**tx, &moving.state.keys, new, true).await?;
                let now = time::now();
                let hash = row.string("password");
                let values: Vec<Sql> = vec![
                    user.id.into(),
                    if active && !hash.is_empty() { hash } else { "!".into() }.into(),
                    row.string("phone").into(),
                    row.bool("is_superuser").unwrap_or(false).into(),
                    row.bool("allow_newsletters").into(),
                    row.json("custom_hotkeys", "{}")?.into(),
                    row.time("last_activity").unwrap_or_else(|| now.clone()).into(),
                    row.time("date_joined").unwrap_or(now).into(),
                ];
                let sql = "UPDATE users SET password_hash = $2, phone = $3, is_superuser = $4, allow_newsletters = $5, \
                           custom_hotkeys = $6, last_activity = $7, date_joined = $8 WHERE id = $1";
                db::run(&**tx, sql, values).await?;
                if home.is_empty() {
                    former.insert(user.id);
                }
                user.id
            }
        };
        moving.people.users.insert(id, here);
        line.taken += 1;
        for organization in home {
            let Some(organization) = moving.people.organization(Some(organization)) else { continue };
            if !users::is_member(&**tx, organization, here).await? {
                let sql = "INSERT INTO memberships (organization, user_id, created_at) VALUES ($1, $2, $3)";
                db::run(&**tx, sql, vec![organization.into(), here.into(), time::now().into()]).await?;
            }
        }
    }
    for user in former {
        let sql = "UPDATE memberships SET deleted_at = $2 WHERE user_id = $1";
        db::run(&**tx, sql, vec![user.into(), time::now().into()]).await?;
        let sql = "UPDATE users SET active_organization = NULL WHERE id = $1";
        db::run(&**tx, sql, vec![user.into()]).await?;
    }
    if known > 0 {
        moving.report.notes.push(format!(
            "{known} users were here already, by e-mail; their passwords and tokens are those of here."
        ));
    }
    if avatars > 0 {
        moving
            .report
            .notes
            .push(format!("{avatars} pictures of users are not taken over; they can be uploaded again."));
    }
    moving
        .report
        .notes
        .push("Personal access tokens are signed with the other server's key: make new ones.".into());
    moving.report.lines.push(line);
    Ok(())
}

/// Who has founded the organizations that came.
async fn founders(moving: &mut Move<'_>) -> anyhow::Result<()> {
    for row in moving.source.all("organization", &["id", "created_by_id"], "1 = 1").await? {
        let organization = moving.people.organization(row.int("id"));
        let founder = moving.people.user(row.int("created_by_id"));
        let sql = "UPDATE organizations SET created_by = $2 WHERE id = $1 AND created_by IS NULL";
        db::run(&**moving.tx, sql, vec![organization.into(), founder.into()]).await?;
    }
    Ok(())
}
