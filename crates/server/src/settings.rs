//! Settings from flags, environment and the config file (spec/server.md 1.2, 1.3).

mod web;

pub use web::{Cors, Csp, Web};

use crate::egress::Subnets;
use crate::files::MediaBucket;
use crate::storages;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that decides how the server runs.
#[derive(Clone)]
pub struct Settings {
    pub bind: String,
    pub port: u16,
    /// External base URL without a trailing slash; empty where none is set.
    pub host: String,
    pub data_dir: PathBuf,
    pub database: PathBuf,
    /// `postgres://…` where PostgreSQL is asked for.
    pub database_url: Option<String>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub user_token: Option<String>,
    pub legacy_tokens: bool,
    pub label_config: Option<PathBuf>,
    pub description: Option<String>,
    pub sampling: String,
    pub log_level: String,
    pub json_log: bool,
    pub debug: bool,
    /// The document root of local files.
    pub local_files: Option<PathBuf>,
    /// Only folders of import storages are served; without it (`--root`) everything below the root is.
    pub local_files_by_storage: bool,
    /// Bytes of a request body.
    pub upload_limit: usize,
    pub upload_files_limit: usize,
    pub task_lock_seconds: i64,
    /// Tasks that a label stream's history shows.
    pub stream_history_limit: u64,
    pub max_page_size: u64,
    pub allow_unknown_emails: bool,
    pub app_dir: Option<PathBuf>,
    /// Uploaded SVG pictures are reduced to plain shapes.
    pub svg_cleanup: bool,
    /// Whether exports fill in the frames between key frames unless told otherwise.
    pub interpolate_key_frames: bool,
    /// Whoever has it may read `/metrics`; without one only this machine may.
    pub metrics_token: Option<String>,
    /// How long requests and jobs may take to finish when the server is told to stop.
    pub shutdown_seconds: u64,
    /// Where outgoing requests may go.
    pub subnets: Subnets,
    pub storages: storages::Options,
    /// Where uploads live, when it is not the data folder.
    pub media: Option<MediaBucket>,
    /// Of one delivery.
    pub webhook_timeout: Duration,
    /// Objects in one delivery.
    pub webhook_batch_size: usize,
    /// Whether a webhook may listen to all projects of its organization.
    pub organization_webhooks: bool,
    /// Cookies, origins, hosts, sessions.
    pub web: Web,
}

/// Passwords and database addresses are among the settings: they are not to be printed by accident.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("bind", &self.bind).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Settings {
    /// The defaults, with data in a folder.
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            bind: "127.0.0.1".into(),
            port: 8080,
            host: String::new(),
            database: data_dir.join("tagloom.sqlite3"),
            database_url: None,
            data_dir,
            username: None,
            password: None,
            user_token: None,
            legacy_tokens: false,
            label_config: None,
            description: None,
            sampling: "sequential".into(),
            log_level: "WARNING".into(),
            json_log: false,
            debug: false,
            local_files: None,
            local_files_by_storage: false,
            upload_limit: 262_144_000,
            upload_files_limit: 100,
            task_lock_seconds: 86_400,
            stream_history_limit: 100,
            max_page_size: 0,
            allow_unknown_emails: false,
            app_dir: None,
            svg_cleanup: false,
            interpolate_key_frames: false,
            metrics_token: None,
            shutdown_seconds: 30,
            subnets: Subnets::default(),
            storages: storages::Options::default(),
            media: None,
            webhook_timeout: Duration::from_secs(1),
            webhook_batch_size: 5000,
            organization_webhooks: false,
            web: Web::default(),
        }
    }
}

/// `LABEL_STUDIO_X`, then `HEARTEX_X`, then `X`; empty values count as unset.
pub fn env(name: &str) -> Option<String> {
    lookup(name, |key| std::env::var(key).ok())
}

fn lookup(name: &str, read: impl Fn(&str) -> Option<String>) -> Option<String> {
    [format!("LABEL_STUDIO_{name}"), format!("HEARTEX_{name}"), name.to_owned()]
        .iter()
        .find_map(|key| read(key))
        .filter(|value| !value.is_empty())
}

/// `true/yes/on/1` and `false/no/not/off/0`; anything else is an error that names the variable.
pub fn env_bool(name: &str, default: bool) -> anyhow::Result<bool> {
    match env(name) {
        None => Ok(default),
        Some(text) => parse_bool(&text).ok_or_else(|| {
            anyhow::anyhow!("the environment variable {name} must be true or false, it is {text:?}")
        }),
    }
}

pub fn parse_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "not" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Whether a database is named by an address of PostgreSQL; else it is a file of SQLite.
pub fn is_postgres_url(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}

/// The folder where data are kept unless told otherwise.
pub fn default_data_dir() -> PathBuf {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    match std::env::var_os("XDG_DATA_HOME").map(PathBuf::from) {
        Some(dir) => dir.join("tagloom"),
        None => home.unwrap_or_else(|| PathBuf::from(".")).join(".local").join("share").join("tagloom"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_order() {
        let vars = |key: &str| match key {
            "LABEL_STUDIO_PORT" => Some("1".to_owned()),
            "HEARTEX_PORT" => Some("2".to_owned()),
            "HEARTEX_HOST" => Some("h".to_owned()),
            "HOST" => Some("x".to_owned()),
            "USERNAME" => Some(String::new()),
            _ => None,
        };
        assert_eq!(lookup("PORT", vars).as_deref(), Some("1"));
        assert_eq!(lookup("HOST", vars).as_deref(), Some("h"));
        assert_eq!(lookup("USERNAME", vars), None);
    }

    #[test]
    fn booleans_are_words() {
        assert_eq!(parse_bool("Yes"), Some(true));
        assert_eq!(parse_bool("not"), Some(false));
        assert_eq!(parse_bool("maybe"), None);
    }
}
