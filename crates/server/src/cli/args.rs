//! Flags and commands.

use crate::egress::Subnets;
use crate::files::MediaBucket;
use crate::settings::{self, Settings, env, env_bool};
use crate::storages;
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// The Tagloom server.
#[derive(Debug, Parser)]
#[command(name = "tagloom", disable_version_flag = true)]
pub struct Cli {
    #[command(flatten)]
    pub flags: Flags,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the database up to date and serve.
    Start {
        project_name: Option<String>,
        /// First do what `init` does.
        #[arg(long)]
        init: bool,
    },
    /// Create the user, the organization and, with a name, a project.
    Init {
        project_name: Option<String>,
        #[arg(short, long)]
        quiet: bool,
    },
    /// Print a user with the legacy token.
    User,
    /// Set a new password for --username.
    #[command(name = "reset_password")]
    ResetPassword,
    /// Export all tasks of a project.
    Export {
        project_id: i64,
        format: String,
        /// A file or a folder; default is `export` in the data folder.
        #[arg(long)]
        export_path: Option<PathBuf>,
    },
    /// Print who did what: sign-ins, tokens, people, settings, deletions, exports.
    Audit(super::audit::AuditArgs),
    /// Count anew what is kept beside tasks.
    #[command(name = "calculate_stats_all_orgs")]
    CalculateStats {
        /// Also which tasks are labeled.
        #[arg(long)]
        from_scratch: bool,
    },
    /// Accepted for scripts; there is nothing to fill.
    #[command(name = "annotations_fill_updated_by")]
    FillUpdatedBy,
    /// Print the version.
    Version,
    /// Back up, restore, copy, and move in from Label Studio.
    Db {
        #[command(subcommand)]
        action: DbAction,
    },
    /// Find out why a local file or a storage does not work; exits 1 when it does not.
    Doctor {
        #[command(subcommand)]
        action: DoctorAction,
    },
    /// Work with label configs.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
}

#[derive(Debug, Subcommand)]
pub enum DbAction {
    /// Copy the database into a file, also while servers run.
    Backup {
        /// A new file; with --with-media a new folder.
        target: PathBuf,
        /// Uploaded files and the key of this installation as well.
        #[arg(long)]
        with_media: bool,
    },
    /// Bring a backup back. No server may run on the database.
    Restore {
        source: PathBuf,
        /// Also where there is something already.
        #[arg(long)]
        force: bool,
    },
    /// Copy a whole database of Tagloom into an empty one, from SQLite to PostgreSQL or back. No server may run on it.
    Copy {
        /// tagloom.sqlite3, or postgres://user:password@host:port/name; --database or DATABASE_URL names the new one.
        source: String,
    },
    /// Take over users, projects, tasks, annotations, predictions, drafts, views and webhooks of a Label Studio database.
    #[command(name = "import-label-studio")]
    ImportLabelStudio {
        /// label_studio.sqlite3, or postgres://user:password@host:port/name.
        source: String,
        /// Label Studio's media folder, for uploaded files.
        #[arg(long)]
        media: Option<PathBuf>,
        /// Say what would come, and keep nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum DoctorAction {
    /// Print what a path of local files resolves to, and the rule that allows or refuses it.
    Local {
        /// Below the document root, in full, or as it stands in a task: /data/local-files/?d=…
        path: String,
    },
    /// Try everything a storage needs, and print the CORS rules for its bucket.
    Storage { id: i64 },
}

#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Check a label config and print what is wrong, like a compiler; exits 1 on errors.
    Check { file: PathBuf },
    /// Print the types of the results that a config can produce.
    Types {
        file: PathBuf,
        /// JSON Schema instead of TypeScript.
        #[arg(long)]
        json_schema: bool,
    },
}

#[derive(Clone, Debug, Default, Args)]
pub struct Flags {
    #[arg(long, global = true)]
    pub version: bool,
    /// Do not open a browser.
    #[arg(short = 'b', long, global = true)]
    pub no_browser: bool,
    /// SQLite file, or the address of a PostgreSQL database: postgres://user:password@host:port/name.
    #[arg(long, visible_alias = "db", value_name = "FILE_OR_URL", global = true)]
    pub database: Option<PathBuf>,
    /// Folder of all data.
    #[arg(long, global = true)]
    pub data_dir: Option<PathBuf>,
    #[arg(short, long, global = true)]
    pub debug: bool,
    /// JSON file with defaults: host, port, internal_host, username, password, user_token, sampling, description.
    #[arg(short, long, global = true)]
    pub config: Option<PathBuf>,
    /// Label config of the project that `init` makes.
    #[arg(short, long, global = true)]
    pub label_config: Option<PathBuf>,
    #[arg(long, global = true)]
    pub sampling: Option<String>,
    /// DEBUG, INFO, WARNING or ERROR.
    #[arg(long, global = true)]
    pub log_level: Option<String>,
    /// Address to bind; the default is this machine only.
    #[arg(long, global = true)]
    pub internal_host: Option<String>,
    #[arg(short, long, global = true)]
    pub port: Option<u16>,
    /// External base URL, starting with http:// or https://.
    #[arg(long, global = true)]
    pub host: Option<String>,
    #[arg(long, global = true)]
    pub initial_project_description: Option<String>,
    #[arg(long, global = true)]
    pub username: Option<String>,
    #[arg(long, global = true)]
    pub password: Option<String>,
    /// Legacy token of the user that is created; longer than five characters.
    #[arg(long, global = true)]
    pub user_token: Option<String>,
    /// Legacy tokens work in the organization that is created.
    #[arg(long, global = true)]
    pub enable_legacy_api_token: bool,
    /// TLS is a proxy's work: refused.
    #[arg(long, global = true, hide = true)]
    pub cert: Option<PathBuf>,
    #[arg(long, global = true, hide = true)]
    pub key: Option<PathBuf>,
    /// Accepted for scripts; mean nothing here.
    #[arg(long, global = true, hide = true)]
    pub skip_long_migrations: bool,
    #[arg(long, global = true, hide = true)]
    pub agree_fix_sqlite: bool,
    /// Folder of the built app.
    #[arg(long, global = true)]
    pub app_dir: Option<PathBuf>,
    /// Folder of local files: everything below it may be imported, and seen by whoever is signed in.
    #[arg(long, global = true)]
    pub root: Option<PathBuf>,
}

impl Flags {
    /// Flags over environment over config file over defaults.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let tls = self.cert.is_some()
            || self.key.is_some()
            || env("CERT_FILE").is_some()
            || env("KEY_FILE").is_some();
        anyhow::ensure!(
            !tls,
            "TLS is not served here: put a proxy with the certificate in front (docs/operating.md)"
        );
        let file = self.config.clone().or_else(|| env("CONFIG_PATH").map(PathBuf::from));
        let config: Value = match &file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read the config file: {}", path.display()))?;
                serde_json::from_str(&text)
                    .with_context(|| format!("the config file is not JSON: {}", path.display()))?
            }
            None => Value::Null,
        };
        let from_file = |key: &str| match &config[key] {
            Value::String(s) if !s.is_empty() => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        };
        let data_dir = self
            .data_dir
            .clone()
            .or_else(|| env("BASE_DATA_DIR").map(PathBuf::from))
            .unwrap_or_else(settings::default_data_dir);
        let asked = self
            .database
            .clone()
            .or_else(|| env("DATABASE").or_else(|| env("DATABASE_NAME")).map(PathBuf::from));
        let (database, database_url) = match asked {
            Some(given) => match given.to_str().filter(|text| settings::is_postgres_url(text)) {
                Some(url) => (PathBuf::new(), Some(url.to_owned())),
                None => (given, None),
            },
            None => (data_dir.join("tagloom.sqlite3"), database_url()?),
        };
        let port_text = env("PORT").or_else(|| from_file("port"));
        let port = self.port.or_else(|| port_text.and_then(|p| p.parse().ok())).unwrap_or(8080);
        let host =
            self.host.clone().or_else(|| env("HOST")).or_else(|| from_file("host")).unwrap_or_default();
        let is_url = host.starts_with("http://") || host.starts_with("https://");
        let number = |name: &str, default: i64| -> anyhow::Result<i64> {
            match env(name) {
                None => Ok(default),
                Some(text) => text.parse().map_err(|_| {
                    anyhow::anyhow!("the environment variable {name} must be a number, it is {text:?}")
                }),
            }
        };
        let serving = env_bool("LOCAL_FILES_SERVING_ENABLED", false)?;
        let root = env("LOCAL_FILES_DOCUMENT_ROOT").map(PathBuf::from).filter(|_| serving);
        let local_files = self.root.clone().or(root).or_else(conventional_root);
        Ok(Settings {
            bind: self
                .internal_host
                .clone()
                .or_else(|| from_file("internal_host"))
                .unwrap_or_else(|| "127.0.0.1".into()),
            port,
            host: if is_url { host.trim_end_matches('/').to_owned() } else { String::new() },
            data_dir,
            database,
            database_url,
            username: self.username.clone().or_else(|| from_file("username")).or_else(|| env("USERNAME")),
            password: self.password.clone().or_else(|| from_file("password")).or_else(|| env("PASSWORD")),
            user_token: self
                .user_token
                .clone()
                .or_else(|| from_file("user_token"))
                .or_else(|| env("USER_TOKEN")),
            legacy_tokens: self.enable_legacy_api_token || env_bool("ENABLE_LEGACY_API_TOKEN", false)?,
            label_config: self.label_config.clone().or_else(|| env("LABEL_CONFIG").map(PathBuf::from)),
            description: self
                .initial_project_description
                .clone()
                .or_else(|| env("PROJECT_DESC"))
                .or_else(|| from_file("description")),
            sampling: self
                .sampling
                .clone()
                .or_else(|| from_file("sampling"))
                .unwrap_or_else(|| "sequential".into()),
            log_level: self
                .log_level
                .clone()
                .or_else(|| env("LOG_LEVEL"))
                .unwrap_or_else(|| "WARNING".into()),
            json_log: env_bool("JSON_LOG", false)?,
            debug: self.debug || env_bool("DEBUG", false)?,
            local_files,
            local_files_by_storage: self.root.is_none(),
            upload_limit: number("DATA_UPLOAD_MAX_MEMORY_SIZE", 262_144_000)?.max(1024) as usize,
            upload_files_limit: number("DATA_UPLOAD_MAX_NUMBER_FILES", 100)?.max(1) as usize,
            task_lock_seconds: number("TASK_LOCK_TTL", 86_400)?.max(1),
            stream_history_limit: number("LABEL_STREAM_HISTORY_LIMIT", 100)?.clamp(1, 100_000) as u64,
            max_page_size: number("TASK_API_PAGE_SIZE_MAX", 0)?.max(0) as u64,
            allow_unknown_emails: env_bool("ALLOW_IMPORT_TASKS_WITH_UNKNOWN_EMAILS", false)?,
            svg_cleanup: env_bool("SVG_SECURITY_CLEANUP", false)?,
            interpolate_key_frames: env_bool("INTERPOLATE_KEY_FRAMES", false)?,
            app_dir: self.app_dir.clone().or_else(|| std::env::var_os("TAGLOOM_APP_DIR").map(PathBuf::from)),
            metrics_token: env("METRICS_TOKEN"),
            shutdown_seconds: number("SHUTDOWN_TIMEOUT", 30)?.max(0) as u64,
            subnets: Subnets::from_env(env, env_bool)?,
            web: settings::Web::from_env(env)?,
            storages: storages::Options::from_env()?,
            media: MediaBucket::from_env(env)?,
            webhook_timeout: webhook_timeout()?,
            webhook_batch_size: number("WEBHOOK_BATCH_SIZE", 5000)?.clamp(1, 100_000) as usize,
            organization_webhooks: env_bool("ALLOW_ORGANIZATION_WEBHOOKS", false)?,
        })
    }
}

/// `WEBHOOK_TIMEOUT`: seconds, also parts of them.
fn webhook_timeout() -> anyhow::Result<Duration> {
    let Some(text) = env("WEBHOOK_TIMEOUT") else { return Ok(Duration::from_secs(1)) };
    let seconds = text.parse::<f64>().ok().filter(|n| (0.001..=600.0).contains(n)).ok_or_else(|| {
        anyhow::anyhow!(
            "the environment variable WEBHOOK_TIMEOUT must be seconds from 0.001 to 600, it is {text:?}"
        )
    })?;
    Ok(Duration::from_secs_f64(seconds))
}

/// `mydata` or `label-studio-data` in the working folder, where neither local-files variable is set.
fn conventional_root() -> Option<PathBuf> {
    if env("LOCAL_FILES_SERVING_ENABLED").is_some() || env("LOCAL_FILES_DOCUMENT_ROOT").is_some() {
        return None;
    }
    ["mydata", "label-studio-data"].iter().map(PathBuf::from).find(|p| p.is_dir())
}

/// PostgreSQL by `DATABASE_URL`, or by `DJANGO_DB` with the `POSTGRE_*` variables.
fn database_url() -> anyhow::Result<Option<String>> {
    if let Some(url) = std::env::var("DATABASE_URL").ok().filter(|u| !u.is_empty()) {
        anyhow::ensure!(
            settings::is_postgres_url(&url),
            "DATABASE_URL must begin with postgres://; for SQLite name the file with --database"
        );
        return Ok(Some(url));
    }
    let asked = match env("DJANGO_DB").as_deref() {
        None | Some("sqlite") => false,
        Some("postgresql" | "default") => true,
        Some(other) => anyhow::bail!("DJANGO_DB must be sqlite or postgresql, it is {other:?}"),
    };
    Ok(asked.then(|| postgres_url(|name, default| env(&format!("POSTGRE_{name}")).unwrap_or(default.into()))))
}

fn postgres_url(part: impl Fn(&str, &str) -> String) -> String {
    let user = percent_encoded(&part("USER", "postgres"));
    let password = percent_encoded(&part("PASSWORD", "postgres"));
    let name = percent_encoded(&part("NAME", "postgres"));
    format!("postgres://{user}:{password}@{}:{}/{name}", part("HOST", "localhost"), part("PORT", "5432"))
}

/// A part of a URL: a password may hold anything.
fn percent_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_hold_anything() {
        let part = |name: &str, default: &str| match name {
            "PASSWORD" => "p@ss:/ w".to_owned(),
            _ => default.to_owned(),
        };
        assert_eq!(postgres_url(part), "postgres://postgres:p%40ss%3A%2F%20w@localhost:5432/postgres");
    }

    #[test]
    fn the_database_may_be_a_file_or_an_address() {
        let settings =
            |text: &str| Flags { database: Some(text.into()), ..Flags::default() }.settings().unwrap();
        assert_eq!(settings("postgresql://h/n").database_url.as_deref(), Some("postgresql://h/n"));
        let file = settings("dir/postgres.sqlite3");
        assert_eq!((file.database, file.database_url), (PathBuf::from("dir/postgres.sqlite3"), None));
    }
}
