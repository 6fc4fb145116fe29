//! The CORS rules that let browsers at this server's pages read a bucket's objects.

use crate::kind::Kind;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderMap};
use serde_json::{Value, json};

/// What a page has to see of an answer: ranges of media, and etags.
const EXPOSED: [&str; 6] =
    ["Accept-Ranges", "Content-Length", "Content-Range", "Content-Type", "ETag", "Last-Modified"];
/// How long a browser may remember the answer of a preflight.
const MAX_AGE: u32 = 3600;

/// The rules to paste, in the form that the kind takes; empty for kinds that browsers do not fetch from.
///
/// S3: the bucket's *Permissions*, *Cross-origin resource sharing*, or `aws s3api put-bucket-cors` with
/// `{"CORSRules": …}`. GCS: `gcloud storage buckets update gs://… --cors-file=…`. Azure: *Resource sharing (CORS)* of the
/// account, *Blob service*.
pub fn cors_json(kind: Kind, origin: &str) -> String {
    let rules = match kind {
        Kind::S3 | Kind::Memory => json!([{
            "AllowedHeaders": ["*"],
            "AllowedMethods": ["GET", "HEAD"],
            "AllowedOrigins": [origin],
            "ExposeHeaders": EXPOSED,
            "MaxAgeSeconds": MAX_AGE,
        }]),
        Kind::Gcs => json!([{
            "origin": [origin],
            "method": ["GET", "HEAD"],
            // GCS has one list for the headers of the request and those that are exposed.
            "responseHeader": ([EXPOSED.as_slice(), ["Range", "Access-Control-Allow-Origin"].as_slice()].concat()),
            "maxAgeSeconds": MAX_AGE,
        }]),
        Kind::Azure => json!([{
            "allowedOrigins": [origin],
            "allowedMethods": ["GET", "HEAD", "OPTIONS"],
            "allowedHeaders": ["*"],
            "exposedHeaders": EXPOSED,
            "maxAgeInSeconds": MAX_AGE,
        }]),
        Kind::LocalFiles => Value::Null,
    };
    if rules.is_null() { String::new() } else { serde_json::to_string_pretty(&rules).unwrap_or_default() }
}

/// Whether an answer lets pages of the origin read it.
pub(super) fn allows(headers: &HeaderMap, origin: &str) -> bool {
    headers
        .get(ACCESS_CONTROL_ALLOW_ORIGIN)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_rules_of_its_own_form() {
        let rules = |kind| serde_json::from_str::<Value>(&cors_json(kind, "https://l.example")).unwrap();
        assert_eq!(rules(Kind::S3)[0]["AllowedOrigins"][0], "https://l.example");
        assert_eq!(rules(Kind::Gcs)[0]["origin"][0], "https://l.example");
        assert_eq!(rules(Kind::Azure)[0]["allowedOrigins"][0], "https://l.example");
        assert_eq!(cors_json(Kind::LocalFiles, "https://l.example"), "");
    }
}
