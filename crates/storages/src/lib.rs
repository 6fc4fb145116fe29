//! Buckets and folders behind one face: connect, list, read, sign, write, and say why it fails (spec/server.md 5).
//!
//! [`connect`] makes a [`Bucket`] of a storage's [`Fields`] and asks nothing of the network. All requests go through the
//! [`Http`] that the caller lends, so that its filter decides which addresses are reached. Every failure is a
//! [`Problem`] with a cause, words and a way to mend it; it never holds a secret or the body of an answer.
//!
//! Keys are kept byte for byte. `object_store` makes credentials and signs requests; its paths, which know no `a//b`
//! and no `.`, and its errors, which carry bodies, are not used: one such key would fail a whole listing.

mod access;
mod bucket;
mod doctor;
mod fields;
mod kind;
mod local;
mod memory;
mod problem;
mod remote;
#[cfg(feature = "testing")]
pub mod testing;
mod uri;

pub use access::{Access, Body, Direct, Env, Http, Root, from_reqwest, of_reqwest, to_reqwest};
pub use bucket::{Bucket, LONGEST_TTL, Listing, Object, Opened, Piece, Span, Want};
pub use doctor::{Diagnosis, Outcome, Step, cors_json};
pub use fields::{Field, FieldError, Fields, Holds, Purpose};
pub use kind::Kind;
pub use problem::{Cause, Problem};
pub use uri::{LOCAL_FILES, is_signed_url};

use local::Local;
use memory::Memory;
use std::sync::Arc;

/// Makes a bucket of a storage's fields. Only what can be seen without the network is wrong here.
pub fn connect(kind: Kind, fields: &Fields, access: &Access) -> Result<Bucket, Problem> {
    if let Some(error) = fields.validate(kind, Purpose::Import).into_iter().next() {
        return Err(Problem::invalid(format!("{}: {}", error.field, error.message)));
    }
    let place = fields.place(kind).unwrap_or_default();
    match kind {
        Kind::LocalFiles => {
            let local = Local::connect(access.root.as_ref(), place)?;
            let prefix = local.prefix();
            Ok(Bucket::new(kind, fields, prefix, Arc::new(local)))
        }
        Kind::Memory => {
            let memory = Memory::connect(place, fields.prefix());
            Ok(Bucket::new(kind, fields, fields.prefix(), Arc::new(memory)))
        }
        Kind::S3 | Kind::Gcs | Kind::Azure => {
            let remote = remote::connect(kind, fields, access)?;
            Ok(Bucket::new(kind, fields, fields.prefix(), Arc::new(remote)))
        }
    }
}
