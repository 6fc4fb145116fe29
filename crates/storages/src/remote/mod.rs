//! Storages behind HTTP.

use crate::access::{Access, Body};
use crate::bucket::{Backend, Listing, Opened, Page, Want};
use crate::fields::{Fields, Purpose};
use crate::kind::Kind;
use crate::problem::{Cause, Problem};
use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;
use url::Url;

#[derive(Debug)]
pub(crate) struct Remote {
    kind: Kind,
}

pub(crate) fn connect(kind: Kind, _: &Fields, _: &Access) -> Result<Remote, Problem> {
    Ok(Remote { kind })
}

impl Remote {
    fn not_yet<T>(&self) -> Result<T, Problem> {
        Err(Problem::new(Cause::Unsupported, format!("{} cannot be reached yet.", self.kind)))
    }
}

#[async_trait]
impl Backend for Remote {
    async fn page(&self, _: &Listing, _: Option<&str>, _: usize) -> Result<Page, Problem> {
        self.not_yet()
    }
    async fn check(&self, _: Purpose) -> Result<(), Problem> {
        self.not_yet()
    }
    async fn open(&self, _: &str, _: &Want) -> Result<Opened, Problem> {
        self.not_yet()
    }
    async fn put(&self, _: &str, _: Bytes, _: Option<&str>) -> Result<(), Problem> {
        self.not_yet()
    }
    async fn put_stream(&self, _: &str, _: Body, _: Option<&str>) -> Result<(), Problem> {
        self.not_yet()
    }
    async fn delete(&self, _: &str) -> Result<(), Problem> {
        self.not_yet()
    }
    async fn sign(&self, _: &str, _: Duration, _: Option<&str>) -> Result<Option<Url>, Problem> {
        self.not_yet()
    }
    fn remote(&self) -> Option<&Remote> {
        Some(self)
    }
}
