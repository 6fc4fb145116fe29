//! All routes: the one list, each with who may call it.

pub mod account;
pub mod annotations;
mod around;
pub mod audit_log;
pub mod auth;
pub mod avatars;
mod conditional;
pub mod dm;
pub mod docs;
pub mod drafts;
pub mod export;
mod extract;
pub mod files;
pub mod forms;
mod guard;
pub mod import;
pub mod jobs;
pub mod labels;
pub mod misc;
pub mod next;
pub mod ops;
pub mod organizations;
pub(crate) mod paging;
pub mod predictions;
pub mod projects;
pub mod storages;
pub mod tasks;
pub mod tokens;
pub mod users;
pub mod webhooks;

pub(crate) use extract::too_large;

use crate::app_files;
use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Request, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

/// Who may call a route at all; which objects they see is decided by organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anyone,
    SignedIn,
    /// The owner of the organization.
    Owner,
}

/// A path with its handlers. Paths are written without the trailing slash; both forms answer.
pub struct Route {
    pub path: &'static str,
    pub access: Access,
    handlers: fn() -> MethodRouter<AppState>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:?})", self.path, self.access)
    }
}

impl Route {
    /// The methods that are served, as the handlers themselves tell them to somebody who asks with a wrong one.
    pub async fn methods(&self, state: &AppState) -> Vec<String> {
        let request = Request::builder().method("OPTIONS").body(axum::body::Body::empty());
        let Ok(request) = request else { return vec![] };
        let handlers: MethodRouter<()> = (self.handlers)().with_state(state.clone());
        let Ok(answer) = handlers.oneshot(request).await;
        let allowed = answer.headers().get(header::ALLOW).and_then(|v| v.to_str().ok()).unwrap_or_default();
        allowed
            .split(',')
            .map(str::trim)
            .filter(|m| !m.is_empty() && *m != "HEAD")
            .map(str::to_owned)
            .collect()
    }
}

const fn open(path: &'static str, handlers: fn() -> MethodRouter<AppState>) -> Route {
    Route { path, access: Access::Anyone, handlers }
}

const fn signed_in(path: &'static str, handlers: fn() -> MethodRouter<AppState>) -> Route {
    Route { path, access: Access::SignedIn, handlers }
}

const fn owner(path: &'static str, handlers: fn() -> MethodRouter<AppState>) -> Route {
    Route { path, access: Access::Owner, handlers }
}

/// Every route of the API. A test asks each of them as anonymous, as a stranger and as a member.
pub const ROUTES: &[Route] = &[
    open("/health", || get(ops::health)),
    open("/health/ready", || get(ops::ready)),
    open("/metrics", || get(ops::metrics)),
    open("/swagger.json", || get(docs::to_json)),
    open("/docs/api", || get(docs::index)),
    open("/docs/api/schema/json", || get(docs::json)),
    open("/docs/api/schema/yaml", || get(docs::yaml)),
    open("/docs/api/swagger-ui", || get(docs::page)),
    open("/docs/api/redoc", || get(docs::to_page)),
    open("/docs/api/files/{file}", || get(docs::file)),
    open("/version", || get(misc::version)),
    open("/api/version", || get(misc::version)),
    signed_in("/feature-flags", || get(misc::feature_flags)),
    open("/samples/time-series.csv", || get(misc::sample_series)),
    open("/samples/paragraphs.json", || get(misc::sample_paragraphs)),
    open("/api/auth/state", || get(auth::state)),
    open("/api/auth/login", || post(auth::login)),
    open("/api/auth/logout", || post(auth::logout)),
    open("/api/auth/setup", || post(auth::setup)),
    open("/api/auth/signup", || post(auth::signup)),
    open("/user/login", || get(forms::login_page).post(forms::login)),
    open("/user/signup", || get(forms::signup_page).post(forms::signup)),
    open("/logout", || get(forms::logout)),
    open("/data/avatars/{avatar}", || get(avatars::serve)),
    open("/api/token/refresh", || post(tokens::refresh)),
    open("/api/token/rotate", || post(tokens::rotate)),
    open("/api/projects/validate", || post(projects::validate_config)),
    signed_in("/api/token", || get(tokens::list).post(tokens::create)),
    signed_in("/api/token/blacklist", || post(tokens::blacklist)),
    signed_in("/api/jwt/settings", || get(tokens::settings).post(tokens::set_settings)),
    signed_in("/api/current-user/whoami", || get(account::whoami)),
    signed_in("/api/current-user", || get(account::whoami)),
    signed_in("/api/current-user/token", || get(tokens::legacy)),
    signed_in("/api/current-user/reset-token", || post(tokens::reset_legacy)),
    signed_in("/api/current-user/hotkeys", || get(account::hotkeys).patch(account::set_hotkeys)),
    signed_in("/api/current-user/product-tour", || get(account::tour).patch(account::set_tour)),
    signed_in("/api/users", || get(users::list).post(users::create)),
    signed_in("/api/users/{id}", || get(users::get).patch(users::update).delete(users::delete)),
    signed_in("/api/users/{id}/avatar", || post(avatars::set).delete(avatars::remove)),
    signed_in("/api/organizations", || get(organizations::list).post(organizations::create)),
    signed_in("/api/organizations/{id}", || get(organizations::get).patch(organizations::update)),
    signed_in("/api/organizations/{id}/memberships", || get(organizations::memberships)),
    signed_in("/api/organizations/{id}/memberships/{user}", || {
        get(organizations::membership).delete(organizations::remove_member)
    }),
    signed_in("/api/invite", || get(organizations::invite)),
    signed_in("/api/invite/reset-token", || post(organizations::reset_invite)),
    signed_in("/api/session-policy", || {
        get(organizations::session_policy).patch(organizations::set_session_policy)
    }),
    owner("/api/audit-log", || get(audit_log::list)),
    signed_in("/api/projects", || get(projects::list).post(projects::create)),
    signed_in("/api/projects/counts", || get(projects::counts)),
    signed_in("/api/projects/{id}", || {
        get(projects::get).patch(projects::update).put(projects::update).delete(projects::delete)
    }),
    signed_in("/api/projects/{id}/validate", || post(projects::validate)),
    signed_in("/api/projects/{id}/summary", || get(projects::summary)),
    signed_in("/api/projects/{id}/summary/reset", || post(projects::reset_summary)),
    signed_in("/api/projects/{id}/sample-task", || post(projects::sample_task)),
    signed_in("/api/projects/{id}/model-versions", || {
        get(projects::model_versions).delete(projects::delete_model_version)
    }),
    signed_in("/api/projects/{id}/annotators", || get(projects::annotators)),
    signed_in("/api/projects/{id}/label-stream-history", || get(next::history)),
    signed_in("/api/projects/{id}/next", || get(next::next)),
    signed_in("/api/projects/{id}/tasks", || {
        get(tasks::of_project).post(tasks::create_in).delete(tasks::delete_all)
    }),
    signed_in("/api/projects/{id}/import", || post(import::import)),
    signed_in("/api/projects/{id}/tasks/bulk", || post(import::import)),
    signed_in("/api/projects/{id}/import/predictions", || post(import::predictions)),
    signed_in("/api/projects/{id}/reimport", || post(import::reimport)),
    signed_in("/api/projects/{id}/imports/{import}", || get(import::imported)),
    signed_in("/api/projects/{id}/reimports/{import}", || get(import::reimported)),
    signed_in("/api/import/file-upload/{id}", || {
        get(import::upload)
            .patch(import::replace_upload)
            .put(import::replace_upload)
            .delete(import::delete_upload)
    }),
    signed_in("/api/projects/{id}/file-uploads", || get(import::uploads).delete(import::delete_uploads)),
    signed_in("/api/projects/{id}/export", || get(export::export)),
    signed_in("/api/projects/{id}/export/formats", || get(export::formats)),
    signed_in("/api/projects/{id}/export/files", || get(export::export_files)),
    signed_in("/api/projects/{id}/exports", || get(export::snapshots).post(export::create_snapshot)),
    signed_in("/api/projects/{id}/exports/{export}", || {
        get(export::snapshot).delete(export::delete_snapshot)
    }),
    signed_in("/api/projects/{id}/exports/{export}/convert", || post(export::convert_snapshot)),
    signed_in("/api/projects/{id}/exports/{export}/download", || get(export::download_snapshot)),
    signed_in("/api/templates", || get(projects::templates)),
    signed_in("/api/tasks", || get(dm::tasks::list).post(tasks::create)),
    signed_in("/api/tasks/{id}", || {
        get(tasks::get).patch(tasks::update).put(tasks::replace).delete(tasks::delete)
    }),
    signed_in("/api/tasks/{id}/agreement", || get(tasks::agreement)),
    signed_in("/api/tasks/{id}/annotations", || get(annotations::of_task).post(annotations::create)),
    signed_in("/api/annotations/{id}", || {
        get(annotations::get).patch(annotations::update).put(annotations::update).delete(annotations::delete)
    }),
    signed_in("/api/annotations/{id}/convert-to-draft", || post(annotations::convert_to_draft)),
    signed_in("/api/tasks/{id}/drafts", || get(drafts::of_task).post(drafts::create)),
    signed_in("/api/tasks/{id}/annotations/{annotation}/drafts", || {
        get(drafts::of_annotation).post(drafts::create_for_annotation)
    }),
    signed_in("/api/drafts/{id}", || {
        get(drafts::get).patch(drafts::update).put(drafts::update).delete(drafts::delete)
    }),
    signed_in("/api/predictions", || get(predictions::list).post(predictions::create)),
    signed_in("/api/predictions/{id}", || {
        get(predictions::get).patch(predictions::update).put(predictions::update).delete(predictions::delete)
    }),
    signed_in("/api/dm/views", || get(dm::views::list).post(dm::views::create)),
    signed_in("/api/dm/views/reset", || delete(dm::views::reset)),
    signed_in("/api/dm/views/order", || post(dm::views::order)),
    signed_in("/api/dm/views/{id}", || {
        get(dm::views::get).patch(dm::views::update).put(dm::views::update).delete(dm::views::delete)
    }),
    signed_in("/api/dm/columns", || get(dm::columns::list)),
    signed_in("/api/dm/project", || get(dm::project::get)),
    signed_in("/api/dm/actions", || get(dm::actions::list).post(dm::actions::run)),
    signed_in("/api/dm/actions/{action}/form", || get(dm::actions::form)),
    signed_in("/api/jobs", || get(jobs::list)),
    signed_in("/api/jobs/{id}", || get(jobs::get)),
    signed_in("/api/jobs/{id}/errors", || get(jobs::errors)),
    signed_in("/api/jobs/{id}/events", || get(jobs::events)),
    signed_in("/api/jobs/{id}/cancel", || post(jobs::cancel)),
    signed_in("/api/jobs/{id}/resume", || post(jobs::resume)),
    signed_in("/storage-data/uploaded", || get(files::uploaded)),
    signed_in("/api/storages", || get(storages::list_all)),
    signed_in("/api/storages/types", || get(storages::types)),
    signed_in("/api/storages/export", || get(storages::list_all)),
    signed_in("/api/storages/export/types", || get(storages::types)),
    signed_in("/api/storages/{kind}", || get(storages::list).post(storages::create)),
    signed_in("/api/storages/{kind}/validate", || post(storages::validate)),
    signed_in("/api/storages/{kind}/diagnose", || post(storages::diagnose_settings)),
    signed_in("/api/storages/{kind}/files", || post(storages::files)),
    signed_in("/api/storages/{kind}/form", || get(storages::form)),
    signed_in("/api/storages/{kind}/{storage}", || {
        get(storages::get).patch(storages::update).put(storages::update).delete(storages::delete)
    }),
    signed_in("/api/storages/{kind}/{storage}/sync", || post(storages::sync)),
    signed_in("/api/storages/{kind}/{storage}/diagnose", || get(storages::diagnose)),
    signed_in("/api/storages/export/{kind}", || get(storages::list).post(storages::create)),
    signed_in("/api/storages/export/{kind}/validate", || post(storages::validate)),
    signed_in("/api/storages/export/{kind}/diagnose", || post(storages::diagnose_settings)),
    signed_in("/api/storages/export/{kind}/form", || get(storages::form)),
    signed_in("/api/storages/export/{kind}/{target}", || {
        get(storages::get).patch(storages::update).put(storages::update).delete(storages::delete)
    }),
    signed_in("/api/storages/export/{kind}/{target}/sync", || post(storages::sync)),
    signed_in("/api/storages/export/{kind}/{target}/diagnose", || get(storages::diagnose)),
    signed_in("/tasks/{task}/resolve", || get(storages::of_task)),
    signed_in("/tasks/{task}/presign", || get(storages::of_task)),
    signed_in("/projects/{project}/resolve", || get(storages::of_project)),
    signed_in("/projects/{project}/presign", || get(storages::of_project)),
    open("/api/webhooks/info", || get(webhooks::info)),
    signed_in("/api/webhooks", || get(webhooks::list).post(webhooks::create)),
    signed_in("/api/webhooks/{id}", || {
        get(webhooks::get).patch(webhooks::update).put(webhooks::replace).delete(webhooks::delete)
    }),
    signed_in("/api/webhooks/{id}/deliveries", || get(webhooks::deliveries)),
    signed_in("/api/labels", || get(labels::list).post(labels::create)),
    signed_in("/api/labels/bulk", || post(labels::rename)),
    signed_in("/api/labels/{id}", || {
        get(labels::get).patch(labels::update).put(labels::update).delete(labels::delete)
    }),
    signed_in("/api/label_links", || get(labels::links).post(labels::create_link)),
    signed_in("/api/label_links/{id}", || {
        get(labels::get_link).patch(labels::update_link).put(labels::update_link).delete(labels::delete_link)
    }),
    signed_in("/data/upload/{*path}", || get(files::upload)),
    signed_in("/data/local-files", || get(files::local)),
];

/// The whole application.
pub fn app(state: AppState) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, (route.handlers)());
        if !route.path.ends_with('}') || !route.path.contains("{*") {
            router = router.route(&format!("{}/", route.path), (route.handlers)());
        }
    }
    let limit = state.settings.upload_limit;
    let mut router = router
        .fallback(app_files::serve)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(limit))
        .layer(CatchPanicLayer::custom(panicked));
    if let Some(cors) = guard::cors(&state) {
        router = router.layer(cors);
    }
    router
        .layer(middleware::from_fn_with_state(state.clone(), guard::pass))
        .layer(middleware::from_fn(around::observe))
        .with_state(state)
}

async fn wrong_method(method: axum::http::Method) -> ApiError {
    ApiError::Status(StatusCode::METHOD_NOT_ALLOWED, format!("Method \"{method}\" not allowed."))
}

/// A bug of ours ends this request only.
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no message");
    ApiError::Internal(anyhow::anyhow!("a handler panicked: {text}")).into_response()
}

/// A page number and a size, checked; pages are counted from 1.
pub(crate) fn page(page: Option<u64>, size: Option<i64>, default: u64, max: u64) -> ApiResult<(u64, u64)> {
    if page == Some(0) {
        return Err(ApiError::NotFound("Invalid page.".into()));
    }
    let size = match size {
        Some(-1) => u64::from(u32::MAX),
        Some(n) if n > 0 => n as u64,
        _ => default,
    };
    Ok((page.unwrap_or(1), if max > 0 { size.min(max) } else { size }))
}
