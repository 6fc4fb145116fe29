//! Exports over HTTP (spec/server.md 3.8): the one that is downloaded at once, and the formats there are.

mod snapshots;

pub use snapshots::{
    convert_snapshot, create_snapshot, delete_snapshot, download_snapshot, export_files, snapshot, snapshots,
};

use crate::audit;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::exchange::config::config_info;
use crate::exchange::export::choice::Tasks;
use crate::exchange::export::deliver::deliver;
use crate::exchange::export::form::Form;
use crate::exchange::export::write::write;
use crate::routes::extract::{Path, Query};
use crate::routes::projects;
use crate::settings::parse_bool;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tagloom_formats::{FORMATS, FormatInfo, find_format};

/// Query parameters, some of which may come more than once.
type Pairs = Query<Vec<(String, String)>>;

/// The last value of a parameter of one of these names.
fn parameter<'q>(pairs: &'q [(String, String)], names: &[&str]) -> Option<&'q str> {
    pairs.iter().rev().find(|(key, _)| names.contains(&key.as_str())).map(|(_, value)| value.as_str())
}

fn flag(pairs: &[(String, String)], name: &str, default: bool) -> ApiResult<bool> {
    match parameter(pairs, &[name]) {
        None | Some("") => Ok(default),
        Some(text) => parse_bool(text)
            .ok_or_else(|| ApiError::BadRequest(format!("{name} must be true or false, it is {text:?}."))),
    }
}

fn format_named(name: &str) -> ApiResult<&'static FormatInfo> {
    find_format(name).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
        ApiError::BadRequest(format!("There is no export format {name:?}; there are {}.", known.join(", ")))
    })
}

fn format_of(pairs: &[(String, String)]) -> ApiResult<&'static FormatInfo> {
    format_named(parameter(pairs, &["exportType", "export_type"]).unwrap_or("JSON"))
}

fn ids_of(pairs: &[(String, String)]) -> ApiResult<Option<BTreeSet<i64>>> {
    let mut ids: Option<BTreeSet<i64>> = None;
    for (key, value) in pairs.iter().filter(|(key, _)| key == "ids" || key == "ids[]") {
        let ids = ids.get_or_insert_default();
        for text in value.split(',') {
            ids.insert(text.trim().parse().map_err(|_| {
                ApiError::BadRequest(format!("{key} must hold task ids, it holds {text:?}."))
            })?);
        }
    }
    Ok(ids)
}

/// Writes down who took the data out.
async fn downloaded(
    state: &AppState,
    caller: &Caller,
    project: i64,
    format: &FormatInfo,
    snapshot: Option<i64>,
) -> ApiResult<()> {
    let details = json!({"project": project, "format": format.name, "snapshot": snapshot});
    let tx = state.db.write_rows().await?;
    audit::record(&*tx, caller, audit::Action::ExportDownloaded, details).await?;
    Ok(tx.commit().await?)
}

pub async fn export(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(pairs): Pairs,
) -> ApiResult<Response> {
    let project = projects::find(&state, &caller, id).await?;
    let format = format_of(&pairs)?;
    let choice = Tasks {
        annotated_only: !flag(&pairs, "download_all_tasks", false)?,
        ids: ids_of(&pairs)?,
        ..Tasks::default()
    };
    // The formats there are hold no files; the parameter is read so that a wrong one is named.
    flag(&pairs, "download_resources", true)?;
    let interpolate = state.settings.interpolate_key_frames;
    let form = Form::sync(flag(&pairs, "interpolate_key_frames", interpolate)?);
    downloaded(&state, &caller, id, format, None).await?;
    let shared = state.clone();
    deliver(&state, id, format.extension, |sink| async move {
        Ok(write(&shared, &project, format, &choice, form, sink, None).await?)
    })
    .await
}

pub async fn formats(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> ApiResult<Json<Value>> {
    let project = projects::find(&state, &caller, id).await?;
    let info = config_info(&project);
    let mut list: Vec<(bool, Value)> = FORMATS
        .iter()
        .map(|f| {
            let supported = f.is_supported(&info);
            let mut o =
                json!({"title": f.title, "description": f.description, "link": f.link, "name": f.name});
            if !f.tags.is_empty() {
                o["tags"] = json!(f.tags);
            }
            if !supported {
                o["disabled"] = true.into();
            }
            (supported, o)
        })
        .collect();
    list.sort_by_key(|(supported, _)| !supported);
    Ok(Json(list.into_iter().map(|(_, o)| o).collect()))
}
