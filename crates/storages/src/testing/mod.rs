//! For tests, here and in other crates: a real S3 server on loopback, with the faults that storages have.

mod files;
mod s3;

pub use s3::{Faults, S3Options, S3Server};

use crate::access::{Access, Body, Direct, Env, Http};
use crate::problem::Problem;
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;

/// A way out that reaches everything, also loopback, and has neither variables nor a document root.
pub fn open_access() -> Result<Access, Problem> {
    let http: Arc<dyn Http> = Arc::new(Direct::new()?);
    Ok(Access { http: Arc::clone(&http), trusted: http, root: None, env: Env::none() })
}

/// A way out that refuses everything, to show that something is not asked for.
#[derive(Clone, Copy, Debug)]
pub struct Closed;

#[async_trait]
impl Http for Closed {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, Problem> {
        let host = request.uri().host().unwrap_or_default();
        Err(Problem::new(crate::Cause::Refused, format!("{host} is not an address that may be reached.")))
    }
}
