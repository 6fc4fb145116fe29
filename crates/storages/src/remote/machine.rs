//! Credentials that `object_store` gets: those of the machine (a container's role, a pod's identity, an instance), and
//! Google's tokens. What it asks the network goes through the operator's way, as these addresses are the machine's own.

use super::of_provider;
use crate::access::{Access, Http};
use crate::problem::{Cause, Problem};
use async_trait::async_trait;
use futures::stream::StreamExt;
use http_body_util::{BodyExt, StreamBody};
use object_store::ClientOptions;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredentialProvider};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};
use object_store::gcp::{GcpCredentialProvider, GoogleCloudStorageBuilder};
use std::sync::{Arc, Mutex};

pub(super) const NO_CREDENTIALS: &str = "The machine's own credentials could not be had.";

/// Variables that say that a container or pod has a role.
const ROLES: [&str; 3] = [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// What goes with them.
const DETAILS: [&str; 3] =
    ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"];

/// Whether a variable is on.
pub(super) fn wanted(access: &Access, name: &str) -> bool {
    access
        .env
        .get(name)
        .is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "yes" | "on" | "1"))
}

/// The role of this container or pod; an instance's role only where the operator says so by
/// `AWS_USE_INSTANCE_ROLE`, because asking for it takes seconds where there is none.
pub(super) fn aws(
    bucket: &str,
    region: &str,
    access: &Access,
) -> Result<Option<AwsCredentialProvider>, Problem> {
    if !ROLES.iter().any(|name| access.env.get(name).is_some()) && !wanted(access, "AWS_USE_INSTANCE_ROLE") {
        return Ok(None);
    }
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(region)
        .with_http_connector(Connector(Arc::clone(&access.trusted)));
    for name in ROLES.iter().chain(&DETAILS) {
        if let Some(value) = access.env.get(name)
            && let Ok(key) = name.to_lowercase().parse::<AmazonS3ConfigKey>()
        {
            builder = builder.with_config(key, value);
        }
    }
    let store = builder.build().map_err(|error| of_provider(&error, NO_CREDENTIALS))?;
    Ok(Some(Arc::clone(store.credentials())))
}

/// Tokens made with a service account's key, or the machine's.
pub(super) fn google(
    bucket: &str,
    account: Option<&str>,
    access: &Access,
) -> Result<GcpCredentialProvider, Problem> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_http_connector(Connector(Arc::clone(&access.trusted)));
    if let Some(account) = account {
        builder = builder.with_service_account_key(account);
    }
    let store = builder
        .build()
        .map_err(|error| of_provider(&error, "The key of the service account cannot be used."))?;
    Ok(Arc::clone(store.credentials()))
}

/// Lends our way out to `object_store`.
#[derive(Debug)]
struct Connector(Arc<dyn Http>);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(Arc::clone(&self.0))))
    }
}

#[derive(Debug)]
struct Service(Arc<dyn Http>);

fn failed(problem: Problem) -> HttpError {
    let kind = match problem.cause {
        Cause::TimedOut => HttpErrorKind::Timeout,
        Cause::Unreachable => HttpErrorKind::Connect,
        Cause::Interrupted => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, problem)
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let answer = self.0.send(http::Request::from_parts(parts, body)).await.map_err(failed)?;
        Ok(answer.map(|body| {
            // The stream may be sent between threads but not shared, which the body must be able to be.
            let body = Mutex::new(body);
            let frames = futures::stream::poll_fn(move |cx| {
                body.lock().unwrap_or_else(std::sync::PoisonError::into_inner).poll_next_unpin(cx)
            });
            let frames = frames.map(|part| part.map(hyper_frame).map_err(failed));
            HttpResponseBody::new(StreamBody::new(frames))
        }))
    }
}

fn hyper_frame(bytes: bytes::Bytes) -> http_body::Frame<bytes::Bytes> {
    http_body::Frame::data(bytes)
}
