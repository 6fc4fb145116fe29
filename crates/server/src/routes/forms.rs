//! The HTML forms of signing in and up, for browsers without the app and for scripts that post forms (spec/server.md 2.3).
//!
//! A form that is refused comes back with status 200 and the reason; a wrong CSRF token or invitation is 403. Pages carry
//! no script, and whatever they show of a request is escaped.

use super::auth::{sign_in, sign_out, sign_up};
use crate::app_files;
use crate::auth::client::Client;
use crate::auth::{csrf, session};
use crate::error::{ApiError, ApiResult};
use crate::routes::extract::{Fields, Query};
use crate::settings::{Settings, parse_bool};
use crate::state::AppState;
use crate::store::organizations;
use crate::store::users::NewUser;
use ammonia::clean_text;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

crate::auth::not_shown!(PageQuery, LoginForm, SignUpForm);

#[derive(Deserialize)]
pub struct PageQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    token: String,
}

/// The app's page where there is the app, else a plain form; both with a CSRF cookie.
pub async fn login_page(
    State(state): State<AppState>,
    jar: CookieJar,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Response {
    let (jar, csrf) = session::with_csrf(&state.settings, jar);
    if state.settings.app_dir.is_some() {
        return (jar, app_files::serve(State(state), method, uri, headers).await).into_response();
    }
    (jar, login_form(&csrf, &query.next, "", None)).into_response()
}

#[derive(Deserialize)]
pub struct LoginForm {
    #[serde(default)]
    csrfmiddlewaretoken: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    /// `on` from a form, true from JSON.
    #[serde(default)]
    persist_session: Value,
    #[serde(default)]
    next: String,
}

fn is_on(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::String(text) => parse_bool(text).unwrap_or(false),
        _ => false,
    }
}

pub async fn login(
    State(state): State<AppState>,
    client: Client,
    jar: CookieJar,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
    Fields(form): Fields<LoginForm>,
) -> ApiResult<Response> {
    let csrf = checked(&jar, &headers, &state.settings, &form.csrfmiddlewaretoken)?;
    let next = if form.next.is_empty() { query.next } else { form.next };
    let persist = is_on(&form.persist_session);
    match sign_in(&state, &client, jar, &form.email, form.password, persist).await {
        Ok((_, jar)) => Ok((jar, to(&destination(&next, &headers))).into_response()),
        Err(e @ (ApiError::UnauthorizedBecause(_) | ApiError::Forbidden(_))) => {
            Ok(login_form(&csrf, &next, &form.email, Some(&e.to_string())).into_response())
        }
        Err(e) => Err(e),
    }
}

/// The app's page where there is the app, which says itself what is wrong with an invitation.
pub async fn signup_page(
    State(state): State<AppState>,
    jar: CookieJar,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> ApiResult<Response> {
    let (jar, csrf) = session::with_csrf(&state.settings, jar);
    if state.settings.app_dir.is_some() {
        return Ok((jar, app_files::serve(State(state), method, uri, headers).await).into_response());
    }
    let invited = organizations::by_invite(state.db.read(), query.token.trim()).await?.is_some();
    if !invited && (!query.token.is_empty() || !state.settings.web.open_signup) {
        let text = "<p>Signing up takes an invitation that is valid. Ask the owner of the organization for a link.</p>\
                    <p><a href=\"/user/login/\">Sign in</a></p>";
        return Ok((StatusCode::FORBIDDEN, page("Sign up", text)).into_response());
    }
    Ok((jar, signup_form(&csrf, "", None)).into_response())
}

#[derive(Deserialize)]
pub struct SignUpForm {
    #[serde(default)]
    csrfmiddlewaretoken: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    allow_newsletters: Value,
}

pub async fn signup(
    State(state): State<AppState>,
    client: Client,
    jar: CookieJar,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
    Fields(form): Fields<SignUpForm>,
) -> ApiResult<Response> {
    let csrf = checked(&jar, &headers, &state.settings, &form.csrfmiddlewaretoken)?;
    let new = NewUser {
        email: form.email.clone(),
        password: Some(form.password),
        allow_newsletters: Some(is_on(&form.allow_newsletters)),
        ..NewUser::default()
    };
    match sign_up(&state, &client, jar, &query.token, new).await {
        Ok((_, jar)) => Ok((jar, to(&destination(&query.next, &headers))).into_response()),
        Err(ApiError::Validation(fields)) => {
            let texts: Vec<&str> =
                fields.values().flat_map(|v| v.as_array()).flatten().filter_map(Value::as_str).collect();
            Ok(signup_form(&csrf, &form.email, Some(&texts.join(" "))).into_response())
        }
        Err(e) => Err(e),
    }
}

/// Signs out. A link of another site does nothing but bring people here.
pub async fn logout(
    State(state): State<AppState>,
    client: Client,
    jar: CookieJar,
    headers: HeaderMap,
) -> ApiResult<(CookieJar, Response)> {
    let foreign = headers.get("sec-fetch-site").is_some_and(|v| v == "cross-site");
    let jar = if foreign { jar } else { sign_out(&state, &client, jar).await? };
    Ok((jar, to("/user/login/")))
}

/// The CSRF token of a form, checked: it is repeated in a field or in the header.
fn checked(jar: &CookieJar, headers: &HeaderMap, settings: &Settings, field: &str) -> ApiResult<String> {
    csrf::check_origin(headers, settings)?;
    if settings.web.csrf_on_forms {
        let header = headers.get(csrf::HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default();
        csrf::check_token(jar, if field.is_empty() { header } else { field })?;
    }
    Ok(jar.get(csrf::COOKIE).map(|c| c.value().to_owned()).unwrap_or_default())
}

fn to(address: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, address.to_owned())]).into_response()
}

/// Where a form leads: to `next` where that is a page of this host, else to the front page.
fn destination(next: &str, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or("localhost");
    let local = || {
        let base = Url::parse(&format!("http://{host}/")).ok()?;
        let url = base.join(next.trim()).ok()?;
        let same = url.host() == base.host() && url.port() == base.port();
        if next.trim().is_empty() || !same || !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let rest = &url[url::Position::BeforePath..];
        // `http://host//evil` has a path that a browser would read as another host.
        (!rest.starts_with("//")).then(|| rest.to_owned())
    };
    local().unwrap_or_else(|| "/".into())
}

fn page(title: &str, content: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Tagloom</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>\
         body{{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:10vh auto;padding:0 1rem;color-scheme:light dark}}\
         label,input,button{{display:block;width:100%;box-sizing:border-box}}input,button{{font:inherit;padding:.4rem;\
         margin-bottom:1rem}}label.line{{display:flex;gap:.5rem;margin-bottom:1rem}}label.line input{{width:auto;margin:0}}\
         </style></head><body><main><h1>{title}</h1>{content}</main></body></html>"
    ))
}

fn form(csrf: &str, email: &str, problem: Option<&str>, more: &str, button: &str, new: bool) -> String {
    let problem = problem.map_or(String::new(), |p| format!("<p role=\"alert\">{}</p>", clean_text(p)));
    let (complete, least) =
        if new { ("new-password", " minlength=\"8\" maxlength=\"128\"") } else { ("current-password", "") };
    format!(
        "{problem}<form method=\"post\"><input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{}\">\
         <label>E-mail<input type=\"email\" name=\"email\" autocomplete=\"username\" required value=\"{}\"></label>\
         <label>Password<input type=\"password\" name=\"password\" autocomplete=\"{complete}\" required{least}></label>\
         {more}<button type=\"submit\">{button}</button></form>",
        clean_text(csrf),
        clean_text(email)
    )
}

fn login_form(csrf: &str, next: &str, email: &str, problem: Option<&str>) -> Html<String> {
    let more = format!(
        "<label class=\"line\"><input type=\"checkbox\" name=\"persist_session\" checked> Keep me signed in</label>\
         <input type=\"hidden\" name=\"next\" value=\"{}\">",
        clean_text(next)
    );
    page("Sign in", &form(csrf, email, problem, &more, "Sign in", false))
}

/// The form is sent to the address it came from, so that the invitation stays in it.
fn signup_form(csrf: &str, email: &str, problem: Option<&str>) -> Html<String> {
    page("Sign up", &form(csrf, email, problem, "<p>8 to 128 characters.</p>", "Make an account", true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn forms_lead_to_pages_of_this_host_only() {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("label.example:8080"));
        let to = |next: &str| destination(next, &headers);
        assert_eq!(to("/projects/1/data?tab=2#x"), "/projects/1/data?tab=2#x");
        assert_eq!(to("projects"), "/projects");
        assert_eq!(to("http://label.example:8080/projects/"), "/projects/");
        assert_eq!(to("https://label.example:8080/projects/"), "/projects/");
        for evil in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "https://evil.example/projects",
            "http://label.example/projects",
            "http://label.example:8080@evil.example/",
            "http://label.example:8080//evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://label.example:8080/",
            "http:///evil.example",
        ] {
            assert_eq!(to(evil), "/", "{evil}");
        }
        assert!(!to("/a\r\nSet-Cookie: x=1").contains(['\r', '\n']));
    }

    #[test]
    fn what_is_shown_is_escaped() {
        let evil = "\"><script>alert(1)</script>";
        let Html(text) = login_form(evil, evil, evil, Some(evil));
        assert!(!text.contains("<script"), "{text}");
        assert!(!text.contains("\"><script") && !text.contains("alert(1)<"), "{text}");
    }
}
