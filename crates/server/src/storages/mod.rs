//! Storages of projects: what is imported from them, written to them, and fetched for a browser (spec/server.md 5).
//!
//! The crate `tagloom-storages` talks to buckets and folders; this is what the server adds: secrets sealed at rest, the
//! egress filter for every address a user can name, tasks out of objects, objects out of annotations.
//!
//! - [`Buckets`] connects a stored storage.
//! - [`read`] makes tasks of a task file; the job `storage_sync` imports.
//! - [`outbox`] writes annotations to export storages, for every save and for the job `export_sync`.
//! - [`resolve`] rewrites URIs in task data and serves them, [`local`] says which local files may be served.

mod buckets;
mod http;
pub mod local;
mod object;
mod options;
pub(crate) mod outbox;
pub mod proxy;
pub mod read;
pub mod resolve;
mod view;

pub use buckets::{Buckets, fields_of, sealed};
pub use options::Options;
pub(crate) use view::{api_error, error_of_settings, form, serving_error, to_json};
