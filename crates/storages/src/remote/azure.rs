//! Azure Blob Storage, with an account's key. URLs are signed as a service SAS for one blob.

use super::signing::hmac_sha256;
use super::{Dialect, Parts, now, plain_secret};
use crate::access::Access;
use crate::bucket::Listing;
use crate::fields::{self, Fields};
use crate::problem::{Cause, Problem};
use crate::uri::encode;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::HeaderName;
use jiff::SignedDuration;
use object_store::azure::{AzureAccessKey, AzureAuthorizer, AzureCredential};
use object_store::client::HttpRequest;
use std::time::Duration;
use url::Url;

/// The version of the service whose way of signing this is.
const VERSION: &str = "2023-11-03";

struct Azure {
    base: String,
    account: String,
    container: String,
    credential: AzureCredential,
    key: Vec<u8>,
}

impl std::fmt::Debug for Azure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Azure").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The dialect, and whether its endpoint is the operator's.
pub(super) fn connect(
    container: &str,
    fields: &Fields,
    access: &Access,
) -> Result<(Box<dyn Dialect>, bool), Problem> {
    let missing = |field: &str| {
        Problem::new(Cause::BadCredentials, format!("{field} is missing.")).mended_by(
            "Enter name and key of the account, or have the operator set AZURE_BLOB_ACCOUNT_NAME and \
             AZURE_BLOB_ACCOUNT_KEY.",
        )
    };
    let (account, key) = match fields.text("account_name") {
        Some(name) => (name.to_owned(), fields.text("account_key").map(str::to_owned)),
        None => (
            access.env.get("AZURE_BLOB_ACCOUNT_NAME").ok_or_else(|| missing("account_name"))?,
            access.env.get("AZURE_BLOB_ACCOUNT_KEY"),
        ),
    };
    let account = plain_secret("account_name", &account)?;
    // The name becomes a part of the host: nothing else may come in with it.
    if !account.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        || account.len() > 40
    {
        return Err(Problem::new(Cause::BadCredentials, "account_name: lower-case letters and digits only.")
            .mended_by("Enter the account's name alone, without the host."));
    }
    let key = plain_secret("account_key", &key.ok_or_else(|| missing("account_key"))?)?;
    let wrong = || {
        Problem::new(Cause::BadCredentials, "account_key is not the key of an account: it is not in base64.")
            .mended_by("Copy key1 or key2 from the account's Access keys.")
    };
    let credential = AzureCredential::AccessKey(AzureAccessKey::try_new(&key).map_err(|_| wrong())?);
    let key = BASE64.decode(&key).map_err(|_| wrong())?;
    let endpoint = access.env.get("AZURE_BLOB_ENDPOINT");
    let trusted = endpoint.is_some();
    let base = match endpoint {
        Some(endpoint) => {
            let url = fields::endpoint_url(&endpoint)
                .map_err(|why| Problem::invalid(format!("AZURE_BLOB_ENDPOINT: {why}")))?;
            format!("{}/{container}", url.as_str().trim_end_matches('/'))
        }
        None => format!("https://{account}.blob.core.windows.net/{container}"),
    };
    Ok((Box::new(Azure { base, account, container: container.to_owned(), credential, key }), trusted))
}

#[async_trait]
impl Dialect for Azure {
    fn base(&self) -> &str {
        &self.base
    }

    /// There is no beginning in the middle in this version: pages up to `after` are read and left out, as large as they
    /// may be.
    fn list_query(&self, listing: &Listing, token: Option<&str>, most: usize) -> Vec<(&'static str, String)> {
        let most = if listing.after.is_some() { 5000 } else { most };
        let mut query = vec![
            ("restype", "container".to_owned()),
            ("comp", "list".to_owned()),
            ("include", "metadata".to_owned()),
            ("maxresults", most.to_string()),
        ];
        if !listing.prefix.is_empty() {
            query.push(("prefix", listing.prefix.clone()));
        }
        if !listing.recursive {
            query.push(("delimiter", "/".to_owned()));
        }
        if let Some(token) = token {
            query.push(("marker", token.to_owned()));
        }
        query
    }

    async fn authorize(&self, request: &mut HttpRequest) -> Result<(), Problem> {
        AzureAuthorizer::new(&self.credential, &self.account)
            .try_authorize(request)
            .map_err(|_| Problem::new(Cause::Other, "The request could not be signed."))
    }

    async fn sign(
        &self,
        key: &str,
        url: &str,
        ttl: Duration,
        content_type: Option<&str>,
    ) -> Result<Url, Problem> {
        let ttl = SignedDuration::try_from(ttl).unwrap_or(SignedDuration::MAX);
        let end = now().checked_add(ttl).map_err(|_| Problem::invalid("The URL would live too long."))?;
        let end = end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let content_type = content_type.unwrap_or_default();
        // The name of the blob as it is, not as a URL writes it.
        let resource = format!("/blob/{}/{}/{key}", self.account, self.container);
        // permissions, start, end, resource, identifier, addresses, protocol, version, kind, snapshot, scope, and five
        // headers of the answer, of which only the type is set.
        let to_sign = format!("r\n\n{end}\n{resource}\n\n\n\n{VERSION}\nb\n\n\n\n\n\n\n{content_type}");
        let signature = BASE64.encode(hmac_sha256(&self.key, to_sign.as_bytes()));
        let mut query = format!("sp=r&se={}&sv={VERSION}&sr=b", encode(&end, b""));
        if !content_type.is_empty() {
            query.push_str(&format!("&rsct={}", encode(content_type, b"")));
        }
        Url::parse(&format!("{url}?{query}&sig={}", encode(&signature, b"")))
            .map_err(|_| Problem::invalid("The key has no URL."))
    }

    fn write_headers(&self) -> Vec<(HeaderName, String)> {
        vec![(HeaderName::from_static("x-ms-blob-type"), "BlockBlob".to_owned())]
    }

    fn parts(&self) -> Parts {
        Parts::Blocks
    }

    fn settings(&self) -> String {
        self.base.clone()
    }
}
