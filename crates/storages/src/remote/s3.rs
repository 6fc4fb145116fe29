//! S3, of Amazon and of everybody else.
//!
//! Amazon's buckets are addressed by their host (`bucket.s3.region.amazonaws.com`), others by path below the endpoint,
//! unless the endpoint's host begins with the bucket's name already. The operator's credentials (variables) are sent to
//! Amazon and to the operator's endpoint only: a user who names another endpoint needs keys of their own.

use super::{Dialect, machine, now, of_provider, plain_secret, signing};
use crate::access::Access;
use crate::bucket::Listing;
use crate::fields::{self, Fields};
use crate::problem::{Cause, Problem};
use async_trait::async_trait;
use http::header::HeaderName;
use object_store::aws::{AwsAuthorizer, AwsCredential, AwsCredentialProvider};
use object_store::client::{HttpRequest, StaticCredentialProvider};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

#[derive(Debug)]
struct S3 {
    base: String,
    region: String,
    credentials: AwsCredentialProvider,
    kms_key: Option<String>,
}

/// The dialect, and whether its endpoint is the operator's.
pub(super) fn connect(
    bucket: &str,
    fields: &Fields,
    access: &Access,
) -> Result<(Box<dyn Dialect>, bool), Problem> {
    let region = fields.text("region_name").map(str::to_owned);
    let region = region.or_else(|| access.env.get("S3_region")).unwrap_or_else(|| "us-east-1".to_owned());
    if !region.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
        return Err(Problem::invalid(
            "S3_region: a region has letters, digits and hyphens, like eu-central-1.",
        ));
    }
    let operators = access.env.get("S3_ENDPOINT");
    let own = fields.text("s3_endpoint").map(str::to_owned);
    let trusted = operators.is_some() && (own.is_none() || own == operators);
    let users = own.is_some() && !trusted;
    let base = match own.or(operators) {
        Some(endpoint) => {
            let url = fields::endpoint_url(&endpoint)
                .map_err(|why| Problem::invalid(format!("The endpoint of S3: {why}")))?;
            by_path(&url, bucket)
        }
        None => amazon(bucket, &region),
    };
    let credentials = match fields.text("aws_access_key_id") {
        Some(key_id) => {
            let secret =
                fields.text("aws_secret_access_key").ok_or_else(|| missing("aws_secret_access_key"))?;
            fixed(key_id, secret, fields.text("aws_session_token"))?
        }
        None if users => {
            return Err(missing("aws_access_key_id").mended_by(
                "Enter key and secret; the server's own are sent only to Amazon and to the endpoint in S3_ENDPOINT.",
            ));
        }
        None => match (access.env.get("AWS_ACCESS_KEY_ID"), access.env.get("AWS_SECRET_ACCESS_KEY")) {
            (Some(key_id), Some(secret)) => {
                fixed(&key_id, &secret, access.env.get("AWS_SESSION_TOKEN").as_deref())?
            }
            _ => machine::aws(bucket, &region, access)?.ok_or_else(|| missing("aws_access_key_id"))?,
        },
    };
    let kms_key = fields.text("aws_sse_kms_key_id").map(str::to_owned);
    Ok((Box::new(S3 { base, region, credentials, kms_key }), trusted))
}

fn missing(field: &str) -> Problem {
    Problem::new(Cause::BadCredentials, format!("{field} is missing.")).mended_by(
        "Enter key and secret, or have the operator set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    )
}

fn fixed(key_id: &str, secret: &str, token: Option<&str>) -> Result<AwsCredentialProvider, Problem> {
    Ok(Arc::new(StaticCredentialProvider::new(AwsCredential {
        key_id: plain_secret("aws_access_key_id", key_id)?,
        secret_key: plain_secret("aws_secret_access_key", secret)?,
        token: token.map(|token| plain_secret("aws_session_token", token)).transpose()?,
    })))
}

fn amazon(bucket: &str, region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    // The certificate covers one label before the domain, and hosts know no capitals.
    if bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        format!("https://{bucket}.s3.{region}.{domain}")
    } else {
        format!("https://s3.{region}.{domain}/{bucket}")
    }
}

fn by_path(endpoint: &Url, bucket: &str) -> String {
    let root = endpoint.as_str().trim_end_matches('/');
    let named = endpoint.host_str().is_some_and(|host| {
        host.strip_prefix(&bucket.to_ascii_lowercase()).is_some_and(|rest| rest.starts_with('.'))
    });
    if named { root.to_owned() } else { format!("{root}/{bucket}") }
}

#[async_trait]
impl Dialect for S3 {
    fn base(&self) -> &str {
        &self.base
    }

    fn list_query(&self, listing: &Listing, token: Option<&str>, most: usize) -> Vec<(&'static str, String)> {
        list_query(listing, token, most)
    }

    async fn authorize(&self, request: &mut HttpRequest) -> Result<(), Problem> {
        let credential = self.credentials.get_credential().await;
        let credential = credential.map_err(|error| of_provider(&error, machine::NO_CREDENTIALS))?;
        AwsAuthorizer::new(&credential, "s3", &self.region)
            .try_authorize(request, None)
            .map_err(|_| Problem::new(Cause::Other, "The request could not be signed."))
    }

    async fn sign(
        &self,
        _: &str,
        url: &str,
        ttl: Duration,
        content_type: Option<&str>,
    ) -> Result<Url, Problem> {
        let credential = self.credentials.get_credential().await;
        let credential = credential.map_err(|error| of_provider(&error, machine::NO_CREDENTIALS))?;
        let signer = signing::Signer::Aws {
            key_id: &credential.key_id,
            secret: &credential.secret_key,
            token: credential.token.as_deref(),
            region: &self.region,
        };
        signing::presign(&signer, url, ttl, content_type, now())
    }

    fn write_headers(&self) -> Vec<(HeaderName, String)> {
        let Some(key) = &self.kms_key else { return Vec::new() };
        vec![
            (HeaderName::from_static("x-amz-server-side-encryption"), "aws:kms".to_owned()),
            (HeaderName::from_static("x-amz-server-side-encryption-aws-kms-key-id"), key.clone()),
        ]
    }

    fn settings(&self) -> String {
        format!("{} in region {}", self.base, self.region)
    }
}

/// The query of a page, as S3 and GCS read it.
pub(super) fn list_query(listing: &Listing, token: Option<&str>, most: usize) -> Vec<(&'static str, String)> {
    let mut query = vec![("list-type", "2".to_owned()), ("max-keys", most.to_string())];
    if !listing.prefix.is_empty() {
        query.push(("prefix", listing.prefix.clone()));
    }
    if !listing.recursive {
        query.push(("delimiter", "/".to_owned()));
    }
    match (token, &listing.after) {
        (Some(token), _) => query.push(("continuation-token", token.to_owned())),
        (None, Some(after)) => query.push(("start-after", after.clone())),
        (None, None) => {}
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_their_addresses() {
        assert_eq!(amazon("bkt", "eu-west-1"), "https://bkt.s3.eu-west-1.amazonaws.com");
        assert_eq!(amazon("b.k.t", "us-east-1"), "https://s3.us-east-1.amazonaws.com/b.k.t");
        assert_eq!(amazon("bkt", "cn-north-1"), "https://bkt.s3.cn-north-1.amazonaws.com.cn");
        let by_path = |endpoint: &str| by_path(&Url::parse(endpoint).unwrap(), "Bkt");
        assert_eq!(by_path("http://minio:9000"), "http://minio:9000/Bkt");
        assert_eq!(by_path("https://host/s3/"), "https://host/s3/Bkt");
        assert_eq!(
            by_path("https://bkt.oss-cn-beijing.aliyuncs.com"),
            "https://bkt.oss-cn-beijing.aliyuncs.com"
        );
    }
}
