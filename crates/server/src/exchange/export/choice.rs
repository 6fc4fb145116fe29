//! Which tasks and annotations an export has.

use crate::db;
use crate::dm::{Filters, Selection, Wanted};
use crate::error::{ApiError, ApiResult};
use crate::store::selected;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// `"only"` or `"exclude"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Only {
    Only,
    Exclude,
}

/// Which tasks of a project are meant; all of them by default.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tasks {
    /// Only those with any annotation.
    pub(crate) annotated_only: bool,
    /// Only these, where given.
    pub(crate) ids: Option<BTreeSet<i64>>,
    /// With a skipped annotation.
    pub(crate) skipped: Option<Only>,
    /// That are labeled.
    pub(crate) finished: Option<Only>,
    /// With any annotation.
    pub(crate) annotated: Option<Only>,
    /// That this view of the data manager shows.
    pub(crate) view: Option<i64>,
}

impl Tasks {
    /// What `task_filter_options` say.
    pub(crate) fn of_options(options: &Value) -> ApiResult<Self> {
        let Some(given) = object("task_filter_options", options)? else { return Ok(Self::default()) };
        let only = |key: &str| match given.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => Only::deserialize(value).map(Some).map_err(|_| {
                let message = format!("{key} must be \"only\", \"exclude\" or null, it is {value}.");
                ApiError::field("task_filter_options", message)
            }),
        };
        let view = match given.get("view") {
            None | Some(Value::Null) => None,
            Some(view) => Some(view.as_i64().ok_or_else(|| {
                ApiError::field(
                    "task_filter_options",
                    format!("view must be the id of a view, it is {view}."),
                )
            })?),
        };
        Ok(Self {
            annotated_only: flag("task_filter_options", options, "only_with_annotations", false)?,
            ids: None,
            skipped: only("skipped")?,
            finished: only("finished")?,
            annotated: only("annotated")?,
            view,
        })
    }

    /// SQL over `tasks t`, to be appended to a condition.
    pub(super) fn sql(&self) -> String {
        let annotated = "(t.total_annotations > 0 OR t.cancelled_annotations > 0)";
        let skipped = "t.cancelled_annotations > 0";
        let mut sql = String::new();
        let conditions =
            [(self.skipped, skipped), (self.finished, "t.is_labeled"), (self.annotated, annotated)];
        for (which, condition) in conditions {
            match which {
                Some(Only::Only) => sql += &format!(" AND {condition}"),
                Some(Only::Exclude) => sql += &format!(" AND NOT {condition}"),
                None => {}
            }
        }
        if self.annotated_only {
            sql += &format!(" AND {annotated}");
        }
        sql
    }
}

/// The tasks that a view shows.
pub(crate) async fn of_view(
    conn: &impl ConnectionTrait,
    project: i64,
    view: i64,
) -> ApiResult<BTreeSet<i64>> {
    let sql = "SELECT data FROM views WHERE id = $1 AND project = $2";
    let row = db::one(conn, sql, vec![view.into(), project.into()]).await?;
    let row = row.ok_or_else(|| {
        ApiError::field("task_filter_options", format!("There is no view {view} in this project."))
    })?;
    let data: Value = crate::store::json(&row, "data")?;
    let mut wanted = Wanted {
        filters: Filters::parse(&data["filters"])?,
        selection: Selection::default(),
        ..Wanted::all(project)
    };
    wanted.resolve(conn).await?;
    Ok(selected::ids(conn, &wanted).await?.into_iter().collect())
}

/// Which annotations of these tasks are in; all of them by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Annotations {
    pub(crate) usual: bool,
    pub(crate) ground_truth: bool,
    pub(crate) skipped: bool,
}

impl Default for Annotations {
    fn default() -> Self {
        Self { usual: true, ground_truth: true, skipped: true }
    }
}

impl Annotations {
    /// What `annotation_filter_options` say.
    pub(crate) fn of_options(options: &Value) -> ApiResult<Self> {
        let field = "annotation_filter_options";
        if object(field, options)?.is_none() {
            return Ok(Self::default());
        }
        Ok(Self {
            usual: flag(field, options, "usual", true)?,
            ground_truth: flag(field, options, "ground_truth", false)?,
            skipped: flag(field, options, "skipped", false)?,
        })
    }

    /// SQL over `annotations a`, to be appended to a condition.
    pub(super) fn sql(self) -> &'static str {
        match (self.usual, self.ground_truth, self.skipped) {
            (true, true, true) => "",
            (true, true, false) => " AND (NOT a.was_cancelled OR a.ground_truth)",
            (true, false, true) => " AND (NOT a.ground_truth OR a.was_cancelled)",
            (true, false, false) => " AND NOT a.was_cancelled AND NOT a.ground_truth",
            (false, true, true) => " AND (a.ground_truth OR a.was_cancelled)",
            (false, true, false) => " AND a.ground_truth",
            (false, false, true) => " AND a.was_cancelled",
            (false, false, false) => " AND 1 = 0",
        }
    }
}

/// Options that are an object, or are not there.
pub(super) fn object<'v>(
    field: &str,
    options: &'v Value,
) -> ApiResult<Option<&'v serde_json::Map<String, Value>>> {
    match options {
        Value::Null => Ok(None),
        Value::Object(given) => Ok(Some(given)),
        _ => Err(ApiError::field(field, "Must be an object of options.")),
    }
}

pub(super) fn flag(field: &str, options: &Value, key: &str, default: bool) -> ApiResult<bool> {
    match &options[key] {
        Value::Null => Ok(default),
        Value::Bool(flag) => Ok(*flag),
        other => Err(ApiError::field(field, format!("{key} must be true or false, it is {other}."))),
    }
}
