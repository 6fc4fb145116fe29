//! Labels that people add to controls while they work, and the links that say which controls.

use crate::auth::digest;
use crate::db;
use crate::store::json;
use crate::time;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value as Sql};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Label {
    pub id: i64,
    pub organization: i64,
    pub title: String,
    /// Where it stands: the names from the top of the taxonomy down to it.
    pub value: Value,
    pub description: Option<String>,
    pub created_by: Option<i64>,
    pub approved: bool,
    pub approved_by: Option<i64>,
    pub created_at: String,
    pub updated_at: String,
}

impl Label {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            organization: row.try_get("", "organization")?,
            title: row.try_get("", "title")?,
            value: json(row, "value")?,
            description: row.try_get("", "description")?,
            created_by: row.try_get("", "created_by")?,
            approved: row.try_get("", "approved")?,
            approved_by: row.try_get("", "approved_by")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "created_at": self.created_at, "updated_at": self.updated_at, "value": self.value,
            "title": self.title, "description": self.description, "approved": self.approved,
            "created_by": self.created_by, "approved_by": self.approved_by, "organization": self.organization,
        })
    }
}

/// That a label belongs to a control of a project.
#[derive(Clone, Debug)]
pub struct Link {
    pub id: i64,
    pub label: i64,
    pub project: i64,
    pub from_name: String,
    pub created_at: String,
    pub updated_at: String,
}

impl Link {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get("", "id")?,
            label: row.try_get("", "label")?,
            project: row.try_get("", "project")?,
            from_name: row.try_get("", "from_name")?,
            created_at: row.try_get("", "created_at")?,
            updated_at: row.try_get("", "updated_at")?,
        })
    }

    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "created_at": self.created_at, "updated_at": self.updated_at, "from_name": self.from_name,
            "project": self.project, "label": self.label,
        })
    }
}

const LABEL: &str = "SELECT id, organization, title, value, description, created_by, approved, approved_by, created_at, \
     updated_at FROM labels";

/// A label of that organization.
pub async fn get(conn: &impl ConnectionTrait, organization: i64, id: i64) -> Result<Option<Label>, DbErr> {
    let sql = format!("{LABEL} WHERE id = $1 AND organization = $2");
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Label::of).transpose()
}

/// A page of an organization's labels by id, and how many there are.
pub async fn list(
    conn: &impl ConnectionTrait,
    organization: i64,
    limit: u64,
    offset: u64,
) -> Result<(Vec<Label>, i64), DbErr> {
    let total = "SELECT COUNT(*) FROM labels WHERE organization = $1";
    let total = db::count(conn, total, vec![organization.into()]).await?;
    let sql = format!("{LABEL} WHERE organization = $1 ORDER BY id LIMIT $2 OFFSET $3");
    let values = vec![organization.into(), db::bounded(limit).into(), db::bounded(offset).into()];
    let rows = db::all(conn, &sql, values).await?;
    Ok((rows.iter().map(Label::of).collect::<Result<_, _>>()?, total))
}

/// Labels by their ids.
pub async fn with_ids(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Label>, DbErr> {
    let mut out = Vec::new();
    for chunk in ids.chunks(500) {
        let sql = format!("{LABEL} WHERE id IN ({}) ORDER BY id", db::placeholders(1, chunk.len()));
        let rows = db::all(conn, &sql, chunk.iter().map(|id| Sql::from(*id)).collect()).await?;
        for row in &rows {
            out.push(Label::of(row)?);
        }
    }
    Ok(out)
}

fn key(title: &str, value: &Value) -> String {
    digest(&json!([title, value]).to_string())
}

/// The organization's label of that title and value, made where there is none; gives its id.
pub async fn ensure(
    conn: &impl ConnectionTrait,
    organization: i64,
    user: i64,
    title: &str,
    value: &Value,
    description: Option<&str>,
) -> Result<i64, DbErr> {
    let key = key(title, value);
    let row = db::one(
        conn,
        "INSERT INTO labels (organization, title, value, label_key, description, created_by, approved, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING RETURNING id",
        vec![
            organization.into(),
            title.into(),
            value.to_string().into(),
            key.clone().into(),
            description.into(),
            user.into(),
            false.into(),
            time::now().into(),
        ],
    )
    .await?;
    if let Some(row) = row {
        return row.try_get("", "id");
    }
    let there = "SELECT id FROM labels WHERE organization = $1 AND label_key = $2";
    db::count(conn, there, vec![organization.into(), key.into()]).await
}

/// Changes a label; false where another one has that title and value.
pub async fn update(conn: &impl ConnectionTrait, l: &Label) -> Result<bool, DbErr> {
    let done = db::run(
        conn,
        "UPDATE labels SET title = $1, value = $2, label_key = $3, description = $4, approved = $5, approved_by = $6, \
         updated_at = $7 WHERE id = $8 AND NOT EXISTS (SELECT 1 FROM labels o WHERE o.organization = $9 AND \
         o.label_key = $3 AND o.id <> $8)",
        vec![
            l.title.clone().into(),
            l.value.to_string().into(),
            key(&l.title, &l.value).into(),
            l.description.clone().into(),
            l.approved.into(),
            l.approved_by.into(),
            time::now().into(),
            l.id.into(),
            l.organization.into(),
        ],
    )
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn delete(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM label_links WHERE label = $1", vec![id.into()]).await?;
    db::run(conn, "DELETE FROM labels WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}

/// Links a label to a control; gives the link's id, and whether it is new.
pub async fn link(
    conn: &impl ConnectionTrait,
    label: i64,
    project: i64,
    from_name: &str,
) -> Result<(i64, bool), DbErr> {
    let row = db::one(
        conn,
        "INSERT INTO label_links (label, project, from_name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) \
         ON CONFLICT DO NOTHING RETURNING id",
        vec![label.into(), project.into(), from_name.into(), time::now().into()],
    )
    .await?;
    if let Some(row) = row {
        return Ok((row.try_get("", "id")?, true));
    }
    let there = "SELECT id FROM label_links WHERE label = $1 AND project = $2 AND from_name = $3";
    Ok((db::count(conn, there, vec![label.into(), project.into(), from_name.into()]).await?, false))
}

const LINK: &str =
    "SELECT k.id, k.label, k.project, k.from_name, k.created_at, k.updated_at FROM label_links k";

/// A link of one of the organization's projects.
pub async fn get_link(
    conn: &impl ConnectionTrait,
    organization: i64,
    id: i64,
) -> Result<Option<Link>, DbErr> {
    let sql = format!("{LINK} JOIN projects p ON p.id = k.project WHERE k.id = $1 AND p.organization = $2");
    let row = db::one(conn, &sql, vec![id.into(), organization.into()]).await?;
    row.as_ref().map(Link::of).transpose()
}

/// For events, which have been allowed already.
pub async fn link_of_any_organization(
    conn: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<(Link, Label)>, DbErr> {
    let row = db::one(conn, &format!("{LINK} WHERE k.id = $1"), vec![id.into()]).await?;
    let Some(link) = row.as_ref().map(Link::of).transpose()? else { return Ok(None) };
    let label = with_ids(conn, &[link.label]).await?.pop();
    Ok(label.map(|label| (link, label)))
}

/// Which links a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkFilter<'a> {
    pub project: Option<i64>,
    pub label: Option<i64>,
    pub from_name: Option<&'a str>,
}

/// A page of links by id, and how many there are.
pub async fn links(
    conn: &impl ConnectionTrait,
    organization: i64,
    filter: LinkFilter<'_>,
    limit: u64,
    offset: u64,
) -> Result<(Vec<Link>, i64), DbErr> {
    let mut which = "JOIN projects p ON p.id = k.project WHERE p.organization = $1".to_owned();
    let mut values: Vec<Sql> = vec![organization.into()];
    for (column, value) in [
        ("k.project", filter.project.map(Sql::from)),
        ("k.label", filter.label.map(Sql::from)),
        ("k.from_name", filter.from_name.map(Sql::from)),
    ] {
        let Some(value) = value else { continue };
        values.push(value);
        which += &format!(" AND {column} = ${}", values.len());
    }
    let total =
        db::count(conn, &format!("SELECT COUNT(*) FROM label_links k {which}"), values.clone()).await?;
    let n = values.len();
    let sql = format!("{LINK} {which} ORDER BY k.id LIMIT ${} OFFSET ${}", n + 1, n + 2);
    values.extend([db::bounded(limit).into(), db::bounded(offset).into()]);
    let rows = db::all(conn, &sql, values).await?;
    Ok((rows.iter().map(Link::of).collect::<Result<_, _>>()?, total))
}

/// Links of a label with their projects.
pub async fn links_of(conn: &impl ConnectionTrait, label: i64) -> Result<Vec<Link>, DbErr> {
    let rows = db::all(conn, &format!("{LINK} WHERE k.label = $1 ORDER BY k.id"), vec![label.into()]).await?;
    rows.iter().map(Link::of).collect()
}

/// Moves a link to another control; false where the label is linked there already.
pub async fn move_link(conn: &impl ConnectionTrait, id: i64, from_name: &str) -> Result<bool, DbErr> {
    let sql = "UPDATE label_links SET from_name = $2, updated_at = $3 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM \
               label_links o WHERE o.project = label_links.project AND o.label = label_links.label AND o.from_name = $2 \
               AND o.id <> $1)";
    let done = db::run(conn, sql, vec![id.into(), from_name.into(), time::now().into()]).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn delete_link(conn: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    db::run(conn, "DELETE FROM label_links WHERE id = $1", vec![id.into()]).await?;
    Ok(())
}
