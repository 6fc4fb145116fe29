//! The one way out: every URL that a user can name is requested through here.
//!
//! A host is looked up once; all its addresses must be admitted, and the connection goes to those very addresses, so
//! that a name which changes its answer between check and use gains nothing. Redirects are checked anew. Errors carry
//! causes, never the text of an answer.

mod error;
mod lookup;
mod subnets;

pub use error::{Error, Failed, Refused};
pub use lookup::{Lookup, SystemLookup};
pub use subnets::Subnets;
pub(crate) use subnets::parse_list;

use bytes::{Bytes, BytesMut};
use lookup::Guarded;
use reqwest::{Client, Method, Request, RequestBuilder, Response, redirect};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// Redirects followed before giving up.
const REDIRECTS: usize = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two pieces of an answer; whole requests set their own limit.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A client that reaches admitted addresses only.
#[derive(Clone, Debug)]
pub struct Egress {
    client: Client,
    /// Follows no redirects.
    direct: Client,
    lookup: Arc<Guarded>,
}

impl Egress {
    pub fn new(subnets: Subnets) -> anyhow::Result<Self> {
        Self::with_lookup(subnets, Arc::new(SystemLookup))
    }

    /// With names answered by something else than the system; tests use it.
    pub fn with_lookup(subnets: Subnets, names: Arc<dyn Lookup>) -> anyhow::Result<Self> {
        let lookup = Arc::new(Guarded { subnets: Arc::new(subnets), names });
        let subnets = Arc::clone(&lookup.subnets);
        let redirects = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > REDIRECTS {
                return attempt.error(Error::TooManyRedirects(REDIRECTS));
            }
            match check(&subnets, attempt.url()) {
                Ok(()) => attempt.follow(),
                Err(refused) => attempt.error(refused),
            }
        });
        let client = |redirects| {
            Client::builder()
                .dns_resolver(Arc::clone(&lookup))
                .redirect(redirects)
                // A proxy would do the look-up itself, after our check.
                .no_proxy()
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(READ_TIMEOUT)
                .user_agent(concat!("tagloom/", env!("CARGO_PKG_VERSION")))
                .build()
        };
        let (client, direct) = (client(redirects)?, client(redirect::Policy::none())?);
        Ok(Self { client, direct, lookup })
    }

    /// Whether a URL may be saved for later: its form, and every address its host has now.
    pub async fn admit(&self, text: &str) -> Result<Url, Error> {
        let url = self.parse(text)?;
        if let Some(Host::Domain(name)) = url.host() {
            self.lookup.addresses(name).await?;
        }
        Ok(url)
    }

    /// A request to a URL of a user; send it with [`Egress::execute`].
    pub fn request(&self, method: Method, text: &str) -> Result<RequestBuilder, Error> {
        Ok(self.client.request(method, self.parse(text)?))
    }

    /// Sends a request. The URL is checked here, whoever built the request.
    pub async fn execute(&self, request: Request) -> Result<Response, Error> {
        let answer = match check(&self.lookup.subnets, request.url()) {
            Ok(()) => self.client.execute(request).await.map_err(Error::of),
            Err(refused) => Err(refused.into()),
        };
        let outcome = match &answer {
            Ok(answer) => match answer.status().as_u16() {
                400..500 => "status_4xx",
                500.. => "status_5xx",
                _ => "ok",
            },
            Err(error) => error.outcome(),
        };
        metrics::counter!(crate::metrics::EGRESS, "outcome" => outcome).increment(1);
        answer
    }

    /// The same, without following redirects: headers that hold secrets go to the host they are meant for only.
    pub async fn execute_directly(&self, request: Request) -> Result<Response, Error> {
        check(&self.lookup.subnets, request.url())?;
        self.direct.execute(request).await.map_err(Error::of)
    }

    /// The same for a client that tells its failures itself.
    pub async fn send_once(&self, request: Request) -> Result<Response, Failed> {
        check(&self.lookup.subnets, request.url()).map_err(|refused| Failed::Filter(refused.into()))?;
        self.direct.execute(request).await.map_err(|error| match Error::own(&error) {
            Some(own) => Failed::Filter(own),
            None => Failed::Request(error),
        })
    }

    /// Fetches a whole body of at most `limit` bytes; any status but 2xx is an error.
    pub async fn fetch(&self, text: &str, limit: usize) -> Result<(Url, Bytes), Error> {
        let mut answer = self.execute(self.request(Method::GET, text)?.build().map_err(Error::of)?).await?;
        if !answer.status().is_success() {
            return Err(Error::Status(answer.status()));
        }
        let mut body = BytesMut::new();
        while let Some(piece) = answer.chunk().await.map_err(Error::of)? {
            if body.len() + piece.len() > limit {
                return Err(Error::TooLarge(limit));
            }
            body.extend_from_slice(&piece);
        }
        Ok((answer.url().clone(), body.freeze()))
    }

    fn parse(&self, text: &str) -> Result<Url, Error> {
        let url = Url::parse(text.trim()).map_err(|why| Refused::NotAUrl(why.to_string()))?;
        check(&self.lookup.subnets, &url)?;
        Ok(url)
    }
}

/// The form of a URL, and its address where the host is one. (A host written as an address is never looked up.)
fn check(subnets: &Subnets, url: &Url) -> Result<(), Refused> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::Scheme(url.scheme().to_owned()));
    }
    let address = match url.host() {
        None => return Err(Refused::NoHost),
        Some(Host::Domain(_)) => return Ok(()),
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
    };
    if subnets.admits(address) {
        Ok(())
    } else {
        Err(Refused::Address(url.host_str().unwrap_or_default().to_owned()))
    }
}
