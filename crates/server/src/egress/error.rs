//! Why an outgoing request was refused or failed, in words that tell nothing of the answer's body.

use crate::error::ApiError;
use reqwest::StatusCode;

/// The filter's own refusals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this is not a URL: {0}")]
    NotAUrl(String),
    #[error("only http and https URLs are fetched, this one begins with {0}:")]
    Scheme(String),
    #[error("the URL names no host")]
    NoHost,
    #[error(
        "{0} is or resolves to a private or reserved address; the operator can admit it with SSRF_ALLOWED_SUBNETS"
    )]
    Address(String),
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("URL refused: {0}")]
    Refused(#[from] Refused),
    #[error("the host {0} is not known; check its name, or the DNS of the server")]
    UnknownHost(String),
    #[error("more than {0} redirects")]
    TooManyRedirects(usize),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the server answered {0}")]
    Status(StatusCode),
    #[error("no answer in time")]
    Timeout,
    #[error("no connection: {0}")]
    Connect(String),
    #[error("the answer broke off or made no sense")]
    Broken(#[source] reqwest::Error),
}

impl Error {
    /// The cause of a failed request: the filter's own words where it was the filter.
    pub fn of(error: reqwest::Error) -> Self {
        if let Some(own) = Self::own(&error) {
            return own;
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        let mut deepest = String::new();
        while let Some(inner) = cause {
            deepest = inner.to_string();
            cause = inner.source();
        }
        if error.is_timeout() {
            Self::Timeout
        } else if error.is_connect() {
            Self::Connect(deepest)
        } else {
            // Its URL may be a signed one, which the log must not hold.
            Self::Broken(error.without_url())
        }
    }

    /// One word for counting.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::UnknownHost(_) => "unknown_host",
            Self::Timeout => "timeout",
            Self::Connect(_) => "no_connection",
            Self::TooManyRedirects(_) | Self::TooLarge(_) | Self::Status(_) | Self::Broken(_) => "broken",
        }
    }

    /// The filter's own words inside a request's failure.
    pub(super) fn own(error: &reqwest::Error) -> Option<Self> {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(inner) = cause {
            if let Some(refused) = inner.downcast_ref::<Refused>() {
                return Some(Self::Refused(refused.clone()));
            }
            match inner.downcast_ref::<Self>() {
                Some(Self::Refused(refused)) => return Some(Self::Refused(refused.clone())),
                Some(Self::UnknownHost(name)) => return Some(Self::UnknownHost(name.clone())),
                Some(Self::TooManyRedirects(n)) => return Some(Self::TooManyRedirects(*n)),
                _ => {}
            }
            cause = inner.source();
        }
        None
    }

    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// How a single request failed, for a client that knows more about its failures than the filter does.
#[derive(Debug)]
pub enum Failed {
    Filter(Error),
    Request(reqwest::Error),
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        if error.is_refusal() {
            Self::Forbidden(error.to_string())
        } else {
            Self::BadRequest(error.to_string())
        }
    }
}
