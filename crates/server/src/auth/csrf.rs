//! Writes by cookie must come from a page of ours. Two things show it: the CSRF cookie repeated in a header or a form
//! field, which other sites cannot read, and the `Origin` (or `Referer`) that the browser names, which they cannot forge.

use crate::error::ApiError;
use crate::settings::Settings;
use axum::http::{HeaderMap, header};
use axum_extra::extract::CookieJar;
use url::Url;

pub const COOKIE: &str = "csrftoken";
pub const HEADER: &str = "x-csrftoken";

/// A write by cookie.
pub fn check(jar: &CookieJar, headers: &HeaderMap, settings: &Settings) -> Result<(), ApiError> {
    check_origin(headers, settings)?;
    check_token(jar, headers.get(HEADER).and_then(|v| v.to_str().ok()).unwrap_or_default())
}

/// The cookie, repeated.
pub fn check_token(jar: &CookieJar, repeated: &str) -> Result<(), ApiError> {
    let cookie = jar.get(COOKIE).map(|c| c.value()).unwrap_or_default();
    if cookie.len() >= 32 && same(cookie.as_bytes(), repeated.as_bytes()) {
        return Ok(());
    }
    Err(ApiError::Forbidden("CSRF Failed: CSRF token missing or incorrect.".into()))
}

/// What the browser says about the page that asks. Programs say nothing, and are not what this is about.
pub fn check_origin(headers: &HeaderMap, settings: &Settings) -> Result<(), ApiError> {
    let text = |name| headers.get(name).map(|v| v.to_str().unwrap_or_default());
    let named = match (text(header::ORIGIN), text(header::REFERER)) {
        (Some(origin), _) => origin,
        (None, Some(referer)) => referer,
        (None, None) => return Ok(()),
    };
    let host = text(header::HOST).unwrap_or_default();
    if Url::parse(named).is_ok_and(|url| is_ours(&url, host, settings)) {
        return Ok(());
    }
    Err(ApiError::Forbidden(
        "CSRF Failed: the request comes from a page of another origin. Where that is meant, name the origin in \
         CSRF_TRUSTED_ORIGINS."
            .into(),
    ))
}

fn is_ours(page: &Url, host: &str, settings: &Settings) -> bool {
    let origin = page.origin();
    if !origin.is_tuple() {
        return false;
    }
    if let Ok(own) = Url::parse(&settings.host) {
        if own.origin() == origin {
            return true;
        }
        // The same name without TLS is not this server: anybody on the way could have written that page.
        if own.scheme() == "https" && page.scheme() == "http" && own.host() == page.host() {
            return false;
        }
    }
    // A proxy may have ended TLS, so the scheme of the request is not known here; its name is.
    let same_host =
        Url::parse(&format!("{}://{host}", page.scheme())).is_ok_and(|own| own.origin() == origin);
    same_host
        || settings
            .web
            .csrf_trusted_origins
            .iter()
            .any(|trusted| matches(trusted, &origin.ascii_serialization()))
}

/// `https://a.example`, or `https://*.a.example` for every name below it.
fn matches(trusted: &str, origin: &str) -> bool {
    match trusted.split_once("*.") {
        Some((scheme, domain)) => origin
            .strip_prefix(scheme)
            .and_then(|name| name.strip_suffix(domain))
            .is_some_and(|below| below.len() > 1 && below.ends_with('.')),
        None => trusted == origin,
    }
}

/// Equality that takes the same time wherever the difference is.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn pages_of_ours_and_of_others() {
        let mut settings = Settings::new("/nowhere".into());
        settings.web.csrf_trusted_origins = vec!["https://a.example".into(), "https://*.b.example".into()];
        let check = |settings: &Settings, named: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("label.example:8080"));
            for (name, value) in named {
                headers.insert(*name, HeaderValue::from_str(value).unwrap());
            }
            check_origin(&headers, settings).is_ok()
        };
        assert!(check(&settings, &[]));
        for origin in [
            "http://label.example:8080",
            "https://label.example:8080",
            "https://a.example",
            "https://x.y.b.example",
        ] {
            assert!(check(&settings, &[("origin", origin)]), "{origin}");
            assert!(check(&settings, &[("referer", &format!("{origin}/a/page?q"))]), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://label.example",
            "http://label.example:8081",
            "http://evil.example",
            "http://a.example",
            "https://a.example.evil",
            "https://b.example",
            "https://.b.example",
            "https://evilb.example",
            "http://label.example:8080@evil.example",
            "file:///x",
        ] {
            assert!(!check(&settings, &[("origin", origin)]), "{origin}");
            assert!(
                !check(&settings, &[("origin", origin), ("referer", "http://label.example:8080/")]),
                "{origin}"
            );
        }
        assert!(!check(&settings, &[("referer", "http://evil.example/label.example:8080")]));
        settings.host = "https://label.example:8080".into();
        assert!(check(&settings, &[("origin", "https://label.example:8080")]));
        assert!(!check(&settings, &[("origin", "http://label.example:8080")]), "TLS was taken off");
    }
}
