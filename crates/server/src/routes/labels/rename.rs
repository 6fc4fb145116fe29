//! Renaming a label in all annotations that hold it.

use super::path_of;
use crate::auth::Caller;
use crate::db;
use crate::error::{ApiError, ApiResult};
use crate::events::{self, Event};
use crate::routes::extract::JsonObject;
use crate::routes::projects;
use crate::state::AppState;
use crate::store::{annotations, recount};
use axum::Json;
use axum::extract::State;
use sea_orm::Value as Sql;
use serde_json::{Value, json};

/// A label of a region under its new name, if it is the one or stands below it.
fn renamed(item: &Value, old: &[String], new: &[String]) -> Option<Value> {
    match item {
        Value::Array(path) => {
            let below = path.len() >= old.len() && path.iter().zip(old).all(|(a, b)| a == b);
            below.then(|| new.iter().map(|n| json!(n)).chain(path[old.len()..].iter().cloned()).collect())
        }
        Value::String(name) => match (old, new) {
            ([old], [new]) if name == old => Some(json!(new)),
            _ => None,
        },
        _ => None,
    }
}

/// Renames in the labels of all regions; how many were renamed.
fn rename_in(result: &mut Value, old: &[String], new: &[String]) -> usize {
    let mut count = 0;
    for region in result.as_array_mut().into_iter().flatten() {
        let kind = region["type"].as_str().unwrap_or_default().to_owned();
        let Some(items) = region.get_mut("value").and_then(|v| v.get_mut(kind.as_str())?.as_array_mut())
        else {
            continue;
        };
        for item in items {
            if let Some(name) = renamed(item, old, new) {
                *item = name;
                count += 1;
            }
        }
    }
    count
}

/// Renames a label in all annotations of a project, or of the organization; labels below it follow. What has been done
/// stays done where it breaks off, so that it can be sent again.
pub async fn rename(
    State(state): State<AppState>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<Json<Value>> {
    let path = |field: &'static str| path_of(&body[field]).map_err(|e| ApiError::field(field, e));
    let (old, new) = (path("old_label")?, path("new_label")?);
    let project = match &body["project"] {
        Value::Null => None,
        id => {
            let id = id.as_i64().ok_or_else(|| ApiError::field("project", "Must be the id of a project."))?;
            Some(projects::find(&state, &caller, id).await?.id)
        }
    };
    if old == new {
        return Ok(Json(json!({"annotations_updated": 0})));
    }
    let pattern = db::containing(&json!(old.last()).to_string());
    let of_project = if project.is_some() { "AND a.project = $4" } else { "" };
    let look = format!(
        "SELECT a.id, a.task FROM annotations a JOIN projects p ON p.id = a.project WHERE p.organization = $1 AND a.id > $2 \
         AND a.result LIKE $3 ESCAPE '\\' {of_project} ORDER BY a.id LIMIT 200"
    );
    let (mut after, mut updated) = (0i64, 0);
    loop {
        let mut values: Vec<Sql> = vec![caller.organization().into(), after.into(), pattern.clone().into()];
        values.extend(project.map(Sql::from));
        let rows = db::all(state.db.read(), &look, values).await?;
        let Some(last) = rows.last() else { return Ok(Json(json!({"annotations_updated": updated}))) };
        after = last.try_get("", "id")?;
        let tx = state.db.write().await?;
        let column = |name| rows.iter().map(|row| row.try_get("", name)).collect::<Result<Vec<i64>, _>>();
        let (ids, mut tasks) = (column("id")?, column("task")?);
        tasks.sort_unstable();
        tasks.dedup();
        for task in tasks {
            // What everybody locks who changes annotations.
            recount::lock(&*tx, task).await?;
        }
        for mut annotation in annotations::with_ids(&*tx, &ids).await? {
            if rename_in(&mut annotation.result, &old, &new) > 0 {
                annotation.updated_by = Some(caller.id());
                annotations::update(&*tx, &mut annotation).await?;
                events::emit(&tx, annotation.project, Event::AnnotationUpdated(annotation.id)).await?;
                updated += 1;
            }
        }
        tx.commit().await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_below_follow_and_others_stay() {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let mut result = json!([
            {"type": "taxonomy", "value": {"taxonomy": [["Animal"], ["Animal", "Cat"], ["Plant", "Animal"]]}},
            {"type": "choices", "value": {"choices": ["Animal", "Animals"]}},
            {"type": "textarea", "value": {"text": ["Animal"]}},
            {"value": 1}, null,
        ]);
        assert_eq!(rename_in(&mut result, &names(&["Animal"]), &names(&["Beast"])), 3);
        assert_eq!(result[0]["value"]["taxonomy"], json!([["Beast"], ["Beast", "Cat"], ["Plant", "Animal"]]));
        assert_eq!(result[1]["value"]["choices"], json!(["Beast", "Animals"]));
        assert_eq!(result[2]["value"]["text"], json!(["Animal"]));
    }
}
