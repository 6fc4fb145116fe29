//! The way from a storage's client to the network: through the egress filter, without following redirects.

use crate::egress::{self, Egress};
use bytes::Bytes;
use tagloom_storages::{Body, Cause, Http, Problem, from_reqwest, of_reqwest, to_reqwest};

#[derive(Debug)]
pub(super) struct Filtered(pub Egress);

#[async_trait::async_trait]
impl Http for Filtered {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Body>, Problem> {
        let request = to_reqwest(request)?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        match self.0.send_once(request).await {
            Ok(answer) => Ok(from_reqwest(answer)),
            Err(egress::Failed::Filter(error)) => Err(filtered(&error)),
            Err(egress::Failed::Request(error)) => Err(of_reqwest(&error, &host)),
        }
    }
}

fn filtered(error: &egress::Error) -> Problem {
    match error {
        egress::Error::UnknownHost(name) => {
            Problem::new(Cause::UnknownHost, format!("The host {name} is not known."))
        }
        other => Problem::new(Cause::Refused, format!("{other}.")),
    }
}
