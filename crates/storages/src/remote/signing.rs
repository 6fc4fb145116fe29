//! Signed URLs and their cryptography. S3 and GCS sign alike (SigV4), with other names and another last step.

use crate::problem::{Cause, Problem};
use crate::uri::encode;
use aws_lc_rs::{digest, hmac, rand, signature};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use std::fmt::Write;
use std::time::Duration;
use url::Url;

/// The HMAC-SHA256 of a message.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// An RSA key from a PEM file: `PRIVATE KEY` (PKCS#8) or `RSA PRIVATE KEY`.
pub(crate) struct RsaKey(signature::RsaKeyPair);

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RsaKey")
    }
}

impl RsaKey {
    pub(crate) fn from_pem(pem: &str) -> Result<Self, Problem> {
        let wrong = || {
            Problem::new(
                Cause::BadCredentials,
                "\"private_key\" of the service account is not an RSA key in PEM form.",
            )
            .mended_by("Paste the key file's text as it was downloaded, with its \\n.")
        };
        let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let der = BASE64.decode(inner).map_err(|_| wrong())?;
        signature::RsaKeyPair::from_pkcs8(&der)
            .or_else(|_| signature::RsaKeyPair::from_der(&der))
            .map(Self)
            .map_err(|_| wrong())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Problem> {
        let mut out = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&signature::RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut out)
            .map_err(|_| Problem::new(Cause::Other, "The URL could not be signed."))?;
        Ok(out)
    }
}

/// Who signs, and how.
pub(crate) enum Signer<'a> {
    Aws { key_id: &'a str, secret: &'a str, token: Option<&'a str>, region: &'a str },
    Google { email: &'a str, key: &'a RsaKey },
}

/// Signs a GET of `url`, which has no query yet, for `ttl` from `now` on.
pub(crate) fn presign(
    signer: &Signer<'_>,
    url: &str,
    ttl: Duration,
    content_type: Option<&str>,
    now: Timestamp,
) -> Result<Url, Problem> {
    let unsigned = Url::parse(url).map_err(|_| Problem::invalid("The key has no URL."))?;
    let host = &unsigned[url::Position::BeforeHost..url::Position::AfterPort];
    let (date, time) = (now.strftime("%Y%m%d").to_string(), now.strftime("%Y%m%dT%H%M%SZ").to_string());
    let (names, algorithm, scope, who, token) = match signer {
        Signer::Aws { key_id, token, region, .. } => {
            ("X-Amz-", "AWS4-HMAC-SHA256", format!("{date}/{region}/s3/aws4_request"), *key_id, *token)
        }
        Signer::Google { email, .. } => {
            ("X-Goog-", "GOOG4-RSA-SHA256", format!("{date}/auto/storage/goog4_request"), *email, None)
        }
    };
    let mut query = vec![
        (format!("{names}Algorithm"), algorithm.to_owned()),
        (format!("{names}Credential"), format!("{who}/{scope}")),
        (format!("{names}Date"), time.clone()),
        (format!("{names}Expires"), ttl.as_secs().to_string()),
        (format!("{names}SignedHeaders"), "host".to_owned()),
    ];
    if let Some(token) = token {
        query.push((format!("{names}Security-Token"), token.to_owned()));
    }
    if let Some(content_type) = content_type {
        query.push(("response-content-type".to_owned(), content_type.to_owned()));
    }
    let mut query: Vec<(String, String)> =
        query.iter().map(|(name, value)| (encode(name, b""), encode(value, b""))).collect();
    query.sort_unstable();
    let query = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");

    let request = format!("GET\n{}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD", unsigned.path());
    let hashed = hex(digest::digest(&digest::SHA256, request.as_bytes()).as_ref());
    let to_sign = format!("{algorithm}\n{time}\n{scope}\n{hashed}");
    let signature = match signer {
        Signer::Aws { secret, region, .. } => {
            let key = [region.as_bytes(), b"s3", b"aws4_request"]
                .iter()
                .fold(hmac_sha256(format!("AWS4{secret}").as_bytes(), date.as_bytes()), |key, part| {
                    hmac_sha256(&key, part)
                });
            hmac_sha256(&key, to_sign.as_bytes())
        }
        Signer::Google { key, .. } => key.sign(to_sign.as_bytes())?,
    };
    Url::parse(&format!("{url}?{query}&{names}Signature={}", hex(&signature)))
        .map_err(|_| Problem::invalid("The key has no URL."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Amazon's own page on query signing.
    #[test]
    fn the_example_of_the_manual_comes_out() {
        let signer = Signer::Aws {
            key_id: "AKIAIOSFODNN7EXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            token: None,
            region: "us-east-1",
        };
        let now = "2013-05-24T00:00:00Z".parse().unwrap();
        let url = "https://examplebucket.s3.amazonaws.com/test.txt";
        let signed = presign(&signer, url, Duration::from_secs(86_400), None, now).unwrap();
        assert!(
            signed.as_str().ends_with("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
            "{signed}"
        );
        assert!(crate::is_signed_url(signed.as_str()));
    }

    #[test]
    fn a_text_that_is_no_key_is_told_so() {
        for pem in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "€"] {
            assert_eq!(RsaKey::from_pem(pem).unwrap_err().cause, Cause::BadCredentials);
        }
    }
}
