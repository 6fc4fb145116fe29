//! Which storage a path means.

use crate::error::ApiError;
use crate::state::AppState;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use tagloom_storages::{Kind, Purpose};

/// Import storages, or export storages below `/api/storages/export`.
#[derive(Clone, Copy, Debug)]
pub struct Face(pub Purpose);

impl FromRequestParts<AppState> for Face {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let export = parts.uri.path().split('/').nth(3) == Some("export");
        Ok(Self(if export { Purpose::Export } else { Purpose::Import }))
    }
}

/// The face, the kind, and the id where the path has one.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub purpose: Purpose,
    pub kind: Kind,
    pub id: Option<i64>,
}

impl FromRequestParts<AppState> for Target {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Face(purpose) = Face::from_request_parts(parts, state).await?;
        let unreadable = || ApiError::NotFound("Not found: the address cannot be read.".into());
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| unreadable())?;
        let value = |name: &str| params.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let kind = kind(state, value("kind").unwrap_or_default())?;
        let id = match value("storage").or_else(|| value("target")) {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| ApiError::not_found("Storage"))?),
        };
        Ok(Self { purpose, kind, id })
    }
}

fn kind(state: &AppState, name: &str) -> Result<Kind, ApiError> {
    let offered = || {
        let names: Vec<&str> = Kind::OFFERED.iter().map(|kind| kind.name()).collect();
        names.join(", ")
    };
    match Kind::named(name) {
        Some(Kind::LocalFiles) if !state.settings.storages.local_files => Err(ApiError::BadRequest(
            "Storages of local files are switched off on this server (ENABLE_LOCAL_FILES_STORAGE).".into(),
        )),
        Some(kind) => Ok(kind),
        None if name == "redis" => Err(ApiError::BadRequest(format!(
            "Redis is not supported as a storage; there are {}. Export the tasks as JSON and put them into one of these.",
            offered()
        ))),
        None => Err(ApiError::NotFound(format!(
            "There is no storage type of this name; there are {}.",
            offered()
        ))),
    }
}
