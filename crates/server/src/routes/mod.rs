//! All routes: the one list, each with who may call it.

pub mod annotations;
mod around;
pub mod auth;
mod conditional;
pub mod docs;
pub mod drafts;
pub mod export;
mod extract;
pub mod files;
pub mod import;
pub mod jobs;
pub mod misc;
pub mod next;
pub mod ops;
pub mod predictions;
pub mod projects;
pub mod tasks;
pub mod users;

use crate::app_files;
use crate::error::ApiError;
use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

/// Who may call a route at all; which objects they see is decided by organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anyone,
    SignedIn,
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
    open("/samples/time-series.csv", || get(misc::sample_series)),
    open("/samples/paragraphs.json", || get(misc::sample_paragraphs)),
    open("/api/auth/state", || get(auth::state)),
    open("/api/auth/login", || post(auth::login)),
    open("/api/auth/logout", || post(auth::logout)),
    open("/api/auth/setup", || post(auth::setup)),
    open("/api/token/refresh", || post(auth::refresh_token)),
    open("/api/token/rotate", || post(auth::rotate_token)),
    open("/api/projects/validate", || post(projects::validate_config)),
    signed_in("/api/token", || get(auth::list_tokens).post(auth::create_token)),
    signed_in("/api/token/blacklist", || post(auth::blacklist_token)),
    signed_in("/api/jwt/settings", || get(auth::jwt_settings).post(auth::set_jwt_settings)),
    signed_in("/api/current-user/whoami", || get(users::whoami)),
    signed_in("/api/current-user", || get(users::whoami)),
    signed_in("/api/current-user/token", || get(users::legacy_token)),
    signed_in("/api/current-user/reset-token", || post(users::reset_legacy_token)),
    signed_in("/api/users", || get(users::list).post(users::create)),
    signed_in("/api/users/{id}", || get(users::get).patch(users::update)),
    signed_in("/api/organizations", || get(users::organizations)),
    signed_in("/api/projects", || get(projects::list).post(projects::create)),
    signed_in("/api/projects/counts", || get(projects::counts)),
    signed_in("/api/projects/{id}", || {
        get(projects::get).patch(projects::update).put(projects::update).delete(projects::delete)
    }),
    signed_in("/api/projects/{id}/validate", || post(projects::validate)),
    signed_in("/api/projects/{id}/summary", || get(projects::summary)),
    signed_in("/api/projects/{id}/sample-task", || post(projects::sample_task)),
    signed_in("/api/projects/{id}/model-versions", || get(projects::model_versions)),
    signed_in("/api/projects/{id}/annotators", || get(projects::annotators)),
    signed_in("/api/projects/{id}/label-stream-history", || get(next::history)),
    signed_in("/api/projects/{id}/next", || get(next::next)),
    signed_in("/api/projects/{id}/tasks", || {
        get(tasks::of_project).post(tasks::create_in).delete(tasks::delete_all)
    }),
    signed_in("/api/projects/{id}/import", || post(import::import)),
    signed_in("/api/projects/{id}/tasks/bulk", || post(import::import)),
    signed_in("/api/projects/{id}/import/predictions", || post(import::predictions)),
    signed_in("/api/projects/{id}/file-uploads", || get(import::uploads).delete(import::delete_uploads)),
    signed_in("/api/projects/{id}/export", || get(export::export)),
    signed_in("/api/projects/{id}/export/formats", || get(export::formats)),
    signed_in("/api/projects/{id}/exports", || get(export::snapshots).post(export::create_snapshot)),
    signed_in("/api/projects/{id}/exports/{export}", || {
        get(export::snapshot).delete(export::delete_snapshot)
    }),
    signed_in("/api/projects/{id}/exports/{export}/download", || get(export::download_snapshot)),
    signed_in("/api/templates", || get(projects::templates)),
    signed_in("/api/tasks", || get(tasks::list).post(tasks::create)),
    signed_in("/api/tasks/{id}", || {
        get(tasks::get).patch(tasks::update).put(tasks::update).delete(tasks::delete)
    }),
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
    signed_in("/api/jobs", || get(jobs::list)),
    signed_in("/api/jobs/{id}", || get(jobs::get)),
    signed_in("/api/jobs/{id}/errors", || get(jobs::errors)),
    signed_in("/api/jobs/{id}/events", || get(jobs::events)),
    signed_in("/api/jobs/{id}/cancel", || post(jobs::cancel)),
    signed_in("/api/jobs/{id}/resume", || post(jobs::resume)),
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
    router
        .fallback(app_files::serve)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(headers))
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

/// Pages may load scripts and wasm from here only; media and data come from wherever tasks say.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src * data: blob:; media-src * data: blob:; connect-src *; frame-src 'self' blob:; object-src 'none'; \
     base-uri 'self'; frame-ancestors 'self'; form-action 'self'";

/// Security headers.
async fn headers(request: Request<axum::body::Body>, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name: header::HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    put(header::VARY, "Accept-Language, Cookie, origin");
    if path.starts_with("/api/") {
        put(header::CACHE_CONTROL, "no-store");
    }
    response
}

/// A page number and a size, checked.
pub(crate) fn page(page: Option<u64>, size: Option<i64>, default: u64, max: u64) -> (u64, u64) {
    let size = match size {
        Some(-1) => u64::from(u32::MAX),
        Some(n) if n > 0 => n as u64,
        _ => default,
    };
    (page.unwrap_or(1).max(1), if max > 0 { size.min(max) } else { size })
}
