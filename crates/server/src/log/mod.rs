//! The log: lines on stderr, as text or as JSON (`JSON_LOG`), never with a secret in them.
//!
//! Each request leaves one line at INFO with `method`, `route`, `path` (without the query), `status`, `ms`, `user` and
//! `request_id`; every other line that is written on its behalf carries the same `request_id`.

mod redact;

pub use redact::redacted;

use crate::settings::Settings;
use redact::Redacting;
use tracing_subscriber::EnvFilter;

pub fn start(settings: &Settings) -> anyhow::Result<()> {
    let level = match settings.log_level.to_ascii_uppercase().as_str() {
        "DEBUG" => "debug",
        "INFO" => "info",
        "WARNING" | "WARN" => "warn",
        "ERROR" | "CRITICAL" => "error",
        _ => {
            anyhow::bail!("unknown log level {:?}; there are DEBUG, INFO, WARNING, ERROR", settings.log_level)
        }
    };
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(format!("{level},sqlx=warn")));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(|| Redacting(std::io::stderr()));
    // A second call, which only tests make, keeps the first subscriber.
    let _ = if settings.json_log {
        builder.json().flatten_event(true).with_span_list(false).try_init()
    } else {
        builder.try_init()
    };
    Ok(())
}
