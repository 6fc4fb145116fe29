//! What every request passes before its handler, and every answer after it: who the client is, whether the server goes by
//! that name, other origins, security headers.

use crate::auth::callers;
use crate::auth::client::{self, Client};
use crate::error::ApiError;
use crate::settings::{Cors, Csp};
use crate::state::AppState;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, State};
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Gives the request the address of its client, refuses foreign host names, sets headers.
pub async fn pass(State(state): State<AppState>, mut request: Request<Body>, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let client = Client {
        request_id: crate::request::id().unwrap_or_default(),
        address: client::address(peer, request.headers(), &state.settings.web.trusted_proxies),
    };
    let path = request.uri().path().to_owned();
    // Also where the client goes away before the answer.
    let _changed = changes(&request).then(|| Changed(state.clone()));
    let mut response = if serves(&state, &request) {
        request.extensions_mut().insert(client);
        next.run(request).await
    } else {
        ApiError::BadRequest(
            "This server does not go by that name; its operator names it in ALLOWED_HOSTS.".into(),
        )
        .into_response()
    };
    set_headers(&state.settings.web.csp, &path, &mut response);
    response
}

/// Whether a request may change who may do what.
fn changes(request: &Request<Body>) -> bool {
    let route = request.extensions().get::<MatchedPath>();
    !request.method().is_safe()
        && !route.is_some_and(|route| callers::is_work(request.method(), route.as_str()))
}

/// Nobody is known from before this any more.
struct Changed(AppState);

impl Drop for Changed {
    fn drop(&mut self) {
        self.0.callers.forget();
    }
}

fn serves(state: &AppState, request: &Request<Body>) -> bool {
    // Whoever watches over a server asks it by its number.
    if matches!(request.uri().path(), "/health" | "/health/") {
        return true;
    }
    let named = request.headers().get(header::HOST).and_then(|v| v.to_str().ok());
    let authority = request.uri().authority().map(|a| a.as_str());
    state.settings.web.serves_host(named.or(authority).unwrap_or_default())
}

fn set_headers(csp: &Csp, path: &str, response: &mut Response) {
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    if path.starts_with("/api/") {
        put(header::CACHE_CONTROL, "no-store");
        // Answers are data; nothing in them is a page.
        put(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    }
    // What the layer for other origins says of `Vary` is added to, not replaced.
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language, Cookie, origin"));
    if csp.enabled && !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let name = if csp.report_only {
            header::CONTENT_SECURITY_POLICY_REPORT_ONLY
        } else {
            header::CONTENT_SECURITY_POLICY
        };
        if let Ok(value) = HeaderValue::from_str(&page_policy(csp)) {
            headers.insert(name, value);
        }
    }
}

/// Pages load scripts and wasm from here only, and send forms here only. Media and data come from wherever tasks say,
/// unless the operator has named the places.
fn page_policy(csp: &Csp) -> String {
    let places =
        if csp.sources.is_empty() { "*".to_owned() } else { format!("'self' {}", csp.sources.join(" ")) };
    let report = csp.report_uri.as_ref().map_or(String::new(), |uri| format!("; report-uri {uri}"));
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src {places} data: blob:; media-src {places} data: blob:; connect-src {places}; frame-src 'self' blob:; \
         object-src 'none'; base-uri 'self'; frame-ancestors 'self'; form-action 'self'{report}"
    )
}

/// Other origins may read answers where the settings say so, and never with cookies.
pub fn cors(state: &AppState) -> Option<CorsLayer> {
    let origins = match &state.settings.web.cors {
        Cors::Nobody => return None,
        Cors::Anybody => AllowOrigin::any(),
        Cors::Origins(list) => AllowOrigin::list(list.iter().filter_map(|o| HeaderValue::from_str(o).ok())),
        Cors::Patterns(patterns) => {
            let patterns = patterns.clone();
            AllowOrigin::predicate(move |origin, _| {
                origin.to_str().is_ok_and(|o| patterns.iter().any(|p| p.is_match(o)))
            })
        }
    };
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([
            Method::DELETE,
            Method::GET,
            Method::OPTIONS,
            Method::PATCH,
            Method::POST,
            Method::PUT,
        ])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::USER_AGENT,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("x-csrftoken"),
            HeaderName::from_static("x-requested-with"),
        ])
        .max_age(Duration::from_secs(86_400));
    Some(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_lets_nothing_run_but_ours() {
        let open = page_policy(&Csp::default());
        assert!(
            open.contains("script-src 'self' 'wasm-unsafe-eval';") && open.contains("connect-src *;"),
            "{open}"
        );
        let closed = page_policy(&Csp {
            sources: vec!["https://bucket.example".into()],
            report_uri: Some("/report".into()),
            ..Csp::default()
        });
        assert!(closed.contains("connect-src 'self' https://bucket.example;"), "{closed}");
        assert!(closed.ends_with("; report-uri /report") && !closed.contains('*'), "{closed}");
    }
}
