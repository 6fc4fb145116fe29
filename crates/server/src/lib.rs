//! The companion server: task persistence, files and the REST API that Label Studio's clients speak.
//!
//! Contract, odd cases first:
//! - Secure by default: loopback bind, sign-up closed, generated secrets, passwords as argon2, tokens, sessions and
//!   setup links hashed or sealed at rest, CSRF for writes by cookie, uploads sandboxed, local files only below a capability directory.
//! - Every path answers with and without a trailing slash; every error is the JSON body of spec/server.md 2.1.
//! - An acknowledged write survives a kill: SQLite runs in WAL mode and answers only after the commit.
//! - One code path for SQLite and PostgreSQL: portable columns, timestamps as UTC text cut to microseconds.

// The project object is one large literal.
#![recursion_limit = "256"]

pub mod app_files;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod cli;
pub mod db;
pub mod dm;
pub mod egress;
pub mod error;
pub mod events;
pub mod exchange;
pub mod files;
pub mod jobs;
mod lenient;
pub mod log;
pub mod metrics;
pub mod moving_in;
pub mod moving_over;
pub mod openapi;
pub mod process;
pub mod request;
pub mod routes;
pub mod saving;
pub mod settings;
pub mod state;
pub mod storages;
pub mod store;
pub mod time;

pub use error::ApiError;
pub use settings::Settings;
pub use state::AppState;
