//! Settings of the web side: cookies, other origins, hosts, proxies, sessions, sign-up, page policy (spec/server.md 1.3).

use super::parse_bool;
use crate::egress::parse_list;
use axum_extra::extract::cookie::SameSite;
use ipnet::IpNet;
use regex::Regex;
use std::str::FromStr;

/// Who may read answers from pages of other origins. Cookies are never sent along.
#[derive(Clone, Debug)]
pub enum Cors {
    Nobody,
    Anybody,
    Origins(Vec<String>),
    Patterns(Vec<Regex>),
}

#[derive(Clone, Debug)]
pub struct Web {
    pub session_cookie_secure: bool,
    pub session_cookie_same_site: SameSite,
    pub csrf_cookie_secure: bool,
    /// The app reads this cookie; a page of one's own that gets the token otherwise may switch this on.
    pub csrf_cookie_http_only: bool,
    pub csrf_cookie_same_site: SameSite,
    pub csrf_cookie_seconds: i64,
    /// Origins like `https://a.example` or `https://*.example` whose pages may write by cookie.
    pub csrf_trusted_origins: Vec<String>,
    /// CSRF tokens on the sign-in and sign-up forms.
    pub csrf_on_forms: bool,
    pub cors: Cors,
    /// `*`, `name`, or `.name` for a domain with all below it.
    pub allowed_hosts: Vec<String>,
    pub trusted_proxies: Vec<IpNet>,
    /// Where the organization has set nothing.
    pub max_session_age_minutes: i64,
    pub max_idle_minutes: i64,
    pub idle_sessions_end: bool,
    /// Anybody who reaches the server may make an account.
    pub open_signup: bool,
    pub csp: Csp,
}

/// The policy of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csp {
    pub enabled: bool,
    pub report_only: bool,
    pub report_uri: Option<String>,
    /// Where media and data of tasks may come from besides this server; without any, from everywhere.
    pub sources: Vec<String>,
}

impl Default for Csp {
    fn default() -> Self {
        Self { enabled: true, report_only: false, report_uri: None, sources: Vec::new() }
    }
}

impl Default for Web {
    fn default() -> Self {
        Self {
            session_cookie_secure: false,
            session_cookie_same_site: SameSite::Lax,
            csrf_cookie_secure: false,
            csrf_cookie_http_only: false,
            csrf_cookie_same_site: SameSite::Lax,
            csrf_cookie_seconds: 31_449_600,
            csrf_trusted_origins: Vec::new(),
            csrf_on_forms: true,
            cors: Cors::Anybody,
            allowed_hosts: vec!["*".into()],
            trusted_proxies: Vec::new(),
            max_session_age_minutes: 11_520,
            max_idle_minutes: 4320,
            idle_sessions_end: true,
            open_signup: false,
            csp: Csp::default(),
        }
    }
}

impl Web {
    /// From the environment; `read` gives a variable's text. A value that cannot be used is an error that names it.
    pub fn from_env(read: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let vars = Vars(read);
        let usual = Self::default();
        let session_cookie_secure = vars.flag("SESSION_COOKIE_SECURE", false)?;
        let web = Self {
            session_cookie_secure,
            session_cookie_same_site: vars.same_site("SESSION_COOKIE_SAMESITE")?,
            csrf_cookie_secure: vars.flag("CSRF_COOKIE_SECURE", session_cookie_secure)?,
            csrf_cookie_http_only: vars.flag("CSRF_COOKIE_HTTPONLY", false)?,
            csrf_cookie_same_site: vars.same_site("CSRF_COOKIE_SAMESITE")?,
            csrf_cookie_seconds: vars.positive("CSRF_COOKIE_AGE", usual.csrf_cookie_seconds)?,
            csrf_trusted_origins: vars.origins("CSRF_TRUSTED_ORIGINS")?,
            csrf_on_forms: vars.flag("USE_ENFORCE_CSRF_CHECKS", true)?,
            cors: vars.cors()?,
            allowed_hosts: match vars.list("ALLOWED_HOSTS") {
                hosts if hosts.is_empty() => usual.allowed_hosts,
                hosts => hosts.iter().map(|h| h.to_ascii_lowercase()).collect(),
            },
            trusted_proxies: match (vars.0)("TRUSTED_PROXIES") {
                Some(text) => parse_list("TRUSTED_PROXIES", &text)?,
                None => Vec::new(),
            },
            max_session_age_minutes: vars.minutes("MAX_SESSION_AGE", usual.max_session_age_minutes)?,
            max_idle_minutes: vars.minutes("MAX_TIME_BETWEEN_ACTIVITY", usual.max_idle_minutes)?,
            idle_sessions_end: vars.flag("INACTIVITY_SESSION_TIMEOUT_ENABLED", true)?,
            // Closed unless somebody says so: the reference is open here, which is how strangers get in.
            open_signup: !vars.flag("DISABLE_SIGNUP_WITHOUT_LINK", true)?,
            csp: Csp {
                enabled: vars.flag("ENABLE_CSP", true)?,
                report_only: vars.flag("LS_CSP_REPORT_ONLY", false)?,
                report_uri: (vars.0)("LS_CSP_REPORT_URI")
                    .map(|uri| checked_source("LS_CSP_REPORT_URI", uri))
                    .transpose()?,
                sources: vars
                    .list("CSP_SOURCES")
                    .into_iter()
                    .map(|source| checked_source("CSP_SOURCES", source))
                    .collect::<Result<_, _>>()?,
            },
        };
        for (name, same_site, secure) in [
            ("SESSION_COOKIE", web.session_cookie_same_site, web.session_cookie_secure),
            ("CSRF_COOKIE", web.csrf_cookie_same_site, web.csrf_cookie_secure),
        ] {
            anyhow::ensure!(
                same_site != SameSite::None || secure,
                "{name}_SAMESITE is None, which browsers take only together with {name}_SECURE=true"
            );
        }
        Ok(web)
    }

    /// Whether the server answers under this name, which may carry a port.
    pub fn serves_host(&self, host: &str) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => &host,
        };
        let name = name.trim_end_matches('.');
        self.allowed_hosts.iter().any(|allowed| match allowed.strip_prefix('.') {
            Some(domain) => name == domain || name.strip_suffix(domain).is_some_and(|n| n.ends_with('.')),
            None => allowed == "*" || allowed == name || *allowed == host,
        })
    }
}

/// A part of a policy: nothing in it may end the part or the header.
fn checked_source(name: &str, source: String) -> anyhow::Result<String> {
    let fine =
        source.is_ascii() && !source.contains([';', ',', ' ', '\'', '"']) && source.contains(['.', ':', '/']);
    anyhow::ensure!(fine, "{name} must hold addresses like https://bucket.example, it holds {source:?}");
    Ok(source)
}

struct Vars<F>(F);

impl<F: Fn(&str) -> Option<String>> Vars<F> {
    fn flag(&self, name: &str, usual: bool) -> anyhow::Result<bool> {
        let Some(text) = (self.0)(name) else { return Ok(usual) };
        parse_bool(&text).ok_or_else(|| {
            anyhow::anyhow!("the environment variable {name} must be true or false, it is {text:?}")
        })
    }

    fn list(&self, name: &str) -> Vec<String> {
        let text = (self.0)(name).unwrap_or_default();
        text.split([',', ' ']).map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    }

    fn positive(&self, name: &str, usual: i64) -> anyhow::Result<i64> {
        let Some(text) = (self.0)(name) else { return Ok(usual) };
        let seconds = f64::from_str(&text).ok().filter(|n| n.is_finite() && *n >= 1.0 && *n < 1e10);
        seconds.map(|n| n as i64).ok_or_else(|| {
            anyhow::anyhow!("the environment variable {name} must be a number of seconds, it is {text:?}")
        })
    }

    /// Seconds in the environment, minutes in the policy; a begun minute counts.
    fn minutes(&self, name: &str, usual: i64) -> anyhow::Result<i64> {
        Ok(self.positive(name, usual * 60)?.saturating_add(59) / 60)
    }

    fn same_site(&self, name: &str) -> anyhow::Result<SameSite> {
        match (self.0)(name).map(|t| t.trim().to_ascii_lowercase()).as_deref() {
            None | Some("lax") => Ok(SameSite::Lax),
            Some("strict") => Ok(SameSite::Strict),
            Some("none") => Ok(SameSite::None),
            Some(other) => {
                anyhow::bail!("the environment variable {name} must be Lax, Strict or None, it is {other:?}")
            }
        }
    }

    fn origins(&self, name: &str) -> anyhow::Result<Vec<String>> {
        let list = self.list(name).into_iter().map(|origin| {
            let plain = origin.trim_end_matches('/').to_ascii_lowercase();
            let rest = plain.strip_prefix("https://").or_else(|| plain.strip_prefix("http://"));
            let fine = rest.is_some_and(|r| !r.is_empty() && !r.contains('/'));
            anyhow::ensure!(fine, "{name} must hold origins like https://a.example, it holds {origin:?}");
            Ok(plain)
        });
        list.collect()
    }

    /// The first that is set wins: origins, patterns, all.
    fn cors(&self) -> anyhow::Result<Cors> {
        let origins = self.origins("CORS_ALLOWED_ORIGINS")?;
        if !origins.is_empty() {
            return Ok(Cors::Origins(origins));
        }
        let patterns = self.list("CORS_ALLOWED_ORIGIN_REGEXES");
        if !patterns.is_empty() {
            // The whole origin must match: `https://a\.example` is not `https://a.example.evil`.
            let compiled = patterns.iter().map(|p| {
                Regex::new(&format!("^(?:{p})$")).map_err(|e| {
                    anyhow::anyhow!("CORS_ALLOWED_ORIGIN_REGEXES holds {p:?}, which cannot be read: {e}")
                })
            });
            return Ok(Cors::Patterns(compiled.collect::<Result<_, _>>()?));
        }
        Ok(if self.flag("CORS_ALLOW_ALL_ORIGINS", true)? { Cors::Anybody } else { Cors::Nobody })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(vars: &[(&str, &str)]) -> anyhow::Result<Web> {
        Web::from_env(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn without_variables_the_defaults_hold() {
        let web = from(&[]).unwrap();
        assert!(!web.open_signup && web.csrf_on_forms && web.idle_sessions_end);
        assert_eq!((web.max_session_age_minutes, web.max_idle_minutes), (11_520, 4320));
        assert!(matches!(web.cors, Cors::Anybody));
        assert_eq!(web.csp, Csp::default());
        assert!(web.serves_host("anything:80"));
    }

    #[test]
    fn what_is_set_counts_and_what_is_wrong_is_named() {
        let web = from(&[
            ("SESSION_COOKIE_SECURE", "1"),
            ("SESSION_COOKIE_SAMESITE", "None"),
            ("MAX_SESSION_AGE", "3601"),
            ("MAX_TIME_BETWEEN_ACTIVITY", "60.0"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("DISABLE_SIGNUP_WITHOUT_LINK", "false"),
            ("CSRF_TRUSTED_ORIGINS", "https://A.example/,https://*.b.example"),
            ("CORS_ALLOWED_ORIGIN_REGEXES", r"https://\w+\.c\.example"),
            ("CSP_SOURCES", "https://bucket.example"),
        ])
        .unwrap();
        assert!(web.session_cookie_secure && web.csrf_cookie_secure && web.open_signup);
        assert_eq!((web.max_session_age_minutes, web.max_idle_minutes), (61, 1));
        assert_eq!(web.trusted_proxies.len(), 2);
        assert_eq!(web.csrf_trusted_origins, ["https://a.example", "https://*.b.example"]);
        let Cors::Patterns(patterns) = &web.cors else { panic!("{:?}", web.cors) };
        assert!(
            patterns[0].is_match("https://x.c.example") && !patterns[0].is_match("https://x.c.example.evil")
        );
        for (name, value) in [
            ("SESSION_COOKIE_SECURE", "maybe"),
            ("SESSION_COOKIE_SAMESITE", "Loose"),
            ("SESSION_COOKIE_SAMESITE", "None"),
            ("MAX_SESSION_AGE", "-1"),
            ("CSRF_COOKIE_AGE", "a week"),
            ("TRUSTED_PROXIES", "10.0.0.0/99"),
            ("CSRF_TRUSTED_ORIGINS", "a.example"),
            ("CORS_ALLOWED_ORIGIN_REGEXES", "("),
            ("CSP_SOURCES", "'unsafe-eval'"),
            ("CSP_SOURCES", "https://a.example;script-src"),
        ] {
            let error = from(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name), "{name}={value}: {error}");
        }
    }

    #[test]
    fn hosts() {
        let web = from(&[("ALLOWED_HOSTS", "Label.example,.wide.example,[::1]")]).unwrap();
        for host in [
            "label.example",
            "LABEL.example:8080",
            "wide.example",
            "a.b.wide.example:1",
            "[::1]:80",
            "label.example.",
        ] {
            assert!(web.serves_host(host), "{host}");
        }
        for host in
            ["", "example", "label.example.evil", "xlabel.example", "evilwide.example", "a.label.example"]
        {
            assert!(!web.serves_host(host), "{host}");
        }
    }
}
