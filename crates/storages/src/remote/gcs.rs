//! Google Cloud Storage, by its XML interface, which speaks like S3. A service account's key signs tokens and URLs
//! here; nothing is asked of a token server.

use super::signing::{RsaKey, Signer, presign};
use super::{Dialect, machine, now, of_provider, s3};
use crate::access::Access;
use crate::bucket::Listing;
use crate::fields::{self, Fields};
use crate::problem::{Cause, Problem};
use async_trait::async_trait;
use http::HeaderValue;
use object_store::client::HttpRequest;
use object_store::gcp::GcpCredentialProvider;
use serde_json::{Map, Value};
use std::time::Duration;
use url::Url;

#[derive(Debug)]
struct Gcs {
    base: String,
    credentials: GcpCredentialProvider,
    /// The account's address and key, which sign URLs.
    signer: Option<(String, RsaKey)>,
}

/// The dialect, and whether its endpoint is the operator's.
pub(super) fn connect(
    bucket: &str,
    fields: &Fields,
    access: &Access,
) -> Result<(Box<dyn Dialect>, bool), Problem> {
    let endpoint = access.env.get("GCS_ENDPOINT");
    let trusted = endpoint.is_some();
    let base = match endpoint {
        Some(endpoint) => {
            let url = fields::endpoint_url(&endpoint)
                .map_err(|why| Problem::invalid(format!("GCS_ENDPOINT: {why}")))?;
            format!("{}/{bucket}", url.as_str().trim_end_matches('/'))
        }
        None => format!("https://storage.googleapis.com/{bucket}"),
    };
    let account = match fields.text("google_application_credentials") {
        Some(text) => Some(account(text, "google_application_credentials")?),
        None => match access.env.get("GOOGLE_APPLICATION_CREDENTIALS") {
            // The operator's own file; users cannot name it.
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|e| Problem::of_files("The file of GOOGLE_APPLICATION_CREDENTIALS", &e))?;
                Some(account(&text, "GOOGLE_APPLICATION_CREDENTIALS")?)
            }
            None => None,
        },
    };
    let dialect = match account {
        Some(account) => {
            let text = |name: &str| account.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = RsaKey::from_pem(&text("private_key"))?;
            let credentials =
                machine::google(bucket, Some(&Value::Object(account.clone()).to_string()), access)?;
            Gcs { base, credentials, signer: Some((text("client_email"), key)) }
        }
        None if machine::wanted(access, "GCS_CLOUD_STORAGE_FORCE_DEFAULT_CREDENTIALS") => {
            Gcs { base, credentials: machine::google(bucket, None, access)?, signer: None }
        }
        None => {
            return Err(Problem::new(Cause::BadCredentials, "google_application_credentials is missing.")
                .mended_by(
                    "Paste a service account's key, or have the operator set GOOGLE_APPLICATION_CREDENTIALS.",
                ));
        }
    };
    Ok((Box::new(dialect), trusted))
}

/// The parts of the key file that make credentials. Its URLs are left out, so that they lead nowhere.
fn account(text: &str, what: &str) -> Result<Map<String, Value>, Problem> {
    let whole = fields::service_account(text)
        .map_err(|why| Problem::new(Cause::BadCredentials, format!("{what}: {why}")))?;
    let mut account = Map::new();
    for name in ["client_email", "private_key", "private_key_id"] {
        account.insert(name.to_owned(), whole.get(name).cloned().unwrap_or_else(|| Value::from("")));
    }
    account.insert("type".to_owned(), Value::from("service_account"));
    Ok(account)
}

#[async_trait]
impl Dialect for Gcs {
    fn base(&self) -> &str {
        &self.base
    }

    fn list_query(&self, listing: &Listing, token: Option<&str>, most: usize) -> Vec<(&'static str, String)> {
        s3::list_query(listing, token, most)
    }

    async fn authorize(&self, request: &mut HttpRequest) -> Result<(), Problem> {
        let credential = self.credentials.get_credential().await;
        let credential = credential.map_err(|error| of_provider(&error, machine::NO_CREDENTIALS))?;
        let value = HeaderValue::from_str(&format!("Bearer {}", credential.bearer)).map_err(|_| {
            Problem::new(Cause::BadCredentials, "The token has a character that no token has.")
        })?;
        request.headers_mut().insert(http::header::AUTHORIZATION, value);
        Ok(())
    }

    async fn sign(
        &self,
        _: &str,
        url: &str,
        ttl: Duration,
        content_type: Option<&str>,
    ) -> Result<Url, Problem> {
        let Some((email, key)) = &self.signer else {
            return Err(Problem::new(Cause::Unsupported, "The machine's own credentials cannot sign URLs.")
                .mended_by("Enter a service account's key, or switch off pre-signed URLs."));
        };
        presign(&Signer::Google { email, key }, url, ttl, content_type, now())
    }

    fn settings(&self) -> String {
        match &self.signer {
            Some((email, _)) => format!("{} as {email}", self.base),
            None => format!("{} with the machine's own credentials", self.base),
        }
    }
}
