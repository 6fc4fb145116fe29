//! An emulator of Google Cloud Storage's XML interface, as far as it is used: list-type 2, GET with ranges, PUT, DELETE,
//! uploads in parts, tokens that are JWTs signed by the service account, and V4 signed URLs with their expiry.
//!
//! It does check: issuer, expiry and RSA signature of tokens, and the RSA signature of URLs over the canonical request.
//! It has no permissions, no projects, no generations and no resumable uploads, and takes any audience and scope.

use crate::emulator::{Answer, Asked, Shared, Stored, answer, escape, serve, strict};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

const EMAIL: &str = "labels@project.iam.gserviceaccount.com";

/// A service account's key file, and the public key that the emulator knows it by.
pub struct Account {
    pub json: String,
    public: Vec<u8>,
}

impl Account {
    pub fn new() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'static>>::as_der(&pair).unwrap();
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
        let json = json!({
            "type": "service_account", "client_email": EMAIL, "private_key": pem, "private_key_id": "1",
            // Must lead nowhere: nothing listens there.
            "token_uri": "http://127.0.0.1:1/token", "gcs_base_url": "http://127.0.0.1:1",
        });
        Self { json: json.to_string(), public: pair.public_key().as_ref().to_vec() }
    }

    fn signed(&self, message: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public)
            .verify(message.as_bytes(), signature)
            .is_ok()
    }

    fn knows_token(&self, token: &str) -> bool {
        let Some((message, signature)) = token.rsplit_once('.') else { return false };
        let claims: Value = message
            .split('.')
            .nth(1)
            .and_then(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok())
            .unwrap_or_default();
        claims["iss"] == EMAIL
            && claims["exp"].as_i64().is_some_and(|end| end > Timestamp::now().as_second())
            && self.signed(message, &URL_SAFE_NO_PAD.decode(signature).unwrap_or_default())
    }

    /// A V4 signed URL: the canonical request is put together from what came over the wire.
    fn knows_url(&self, asked: &Asked) -> bool {
        let mut pairs: Vec<(String, String)> = asked
            .query
            .iter()
            .filter(|(name, _)| name != "X-Goog-Signature")
            .map(|(name, value)| (strict(name), strict(value)))
            .collect();
        pairs.sort();
        let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let canonical = format!(
            "{}\n{}\n{}\nhost:{}\n\nhost\nUNSIGNED-PAYLOAD",
            asked.method,
            asked.path,
            query.join("&"),
            asked.header("host")
        );
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let date = asked.param("X-Goog-Date").unwrap_or_default();
        let scope =
            asked.param("X-Goog-Credential").and_then(|who| who.split_once('/')).unwrap_or_default().1;
        let message = format!("GOOG4-RSA-SHA256\n{date}\n{scope}\n{hash}");
        let hex = asked.param("X-Goog-Signature").unwrap_or_default();
        let signature: Option<Vec<u8>> = hex
            .as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok())
            .collect();
        scope.ends_with("/auto/storage/goog4_request")
            && self.signed(&message, &signature.unwrap_or_default())
    }
}

fn error(status: u16, code: &str) -> Answer {
    let text = format!("<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>");
    answer(status, &[("content-type", "application/xml")], text)
}

/// Starts it; the endpoint to set as `GCS_ENDPOINT`.
pub async fn start(account: Arc<Account>, bucket: &str, shared: Shared) -> String {
    let bucket = format!("/{bucket}");
    let address = serve(move |asked| handle(&account, &bucket, &shared, &asked)).await;
    format!("http://{address}")
}

fn handle(account: &Account, bucket: &str, shared: &Shared, asked: &Asked) -> Answer {
    if asked.param("X-Goog-Signature").is_some() {
        if !account.knows_url(asked) {
            return error(403, "SignatureDoesNotMatch");
        }
        let signed = asked.param("X-Goog-Date").and_then(|text| {
            let date = jiff::fmt::strtime::parse("%Y%m%dT%H%M%SZ", text).ok()?.to_datetime().ok()?;
            Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
        });
        let ttl: i64 = asked.param("X-Goog-Expires").unwrap_or_default().parse().unwrap_or(0);
        if signed.is_none_or(|signed| Timestamp::now().as_second() > signed + ttl) {
            return error(400, "ExpiredToken");
        }
    } else if !asked
        .header("authorization")
        .strip_prefix("Bearer ")
        .is_some_and(|token| account.knows_token(token))
    {
        return error(401, "AuthenticationRequired");
    }
    let mut inside = shared.lock().unwrap();
    let key = match asked.key(bucket) {
        Ok(key) if !inside.gone => key,
        _ => return error(404, "NoSuchBucket"),
    };
    let Some(key) = key else {
        let after = asked.param("continuation-token").or(asked.param("start-after")).unwrap_or_default();
        let most = asked.param("max-keys").unwrap_or("1000").parse().unwrap();
        let page = inside.page(
            asked.param("prefix").unwrap_or_default(),
            asked.param("delimiter").is_some(),
            after,
            most,
        );
        let mut text =
            String::from("<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://doc.s3'>");
        for (key, size) in page.objects {
            text.push_str(&format!(
                "<Contents><Key>{}</Key><LastModified>2024-05-06T07:08:09.123Z</LastModified><Size>{size}</Size></Contents>",
                escape(&key)
            ));
        }
        for folder in page.folders {
            text.push_str(&format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", escape(&folder)));
        }
        if let Some(next) = page.next {
            text.push_str(&format!("<NextContinuationToken>{}</NextContinuationToken>", escape(&next)));
        }
        return answer(200, &[], text + "</ListBucketResult>");
    };
    let content_type = asked.header("content-type").to_owned();
    match (&asked.method, asked.param("uploadId"), asked.param("partNumber")) {
        (&Method::GET, ..) => {
            let mut found = inside.get(&key, asked, error(404, "NoSuchKey"));
            if let Some(wanted) = asked.param("response-content-type") {
                found.headers_mut().insert("content-type", wanted.parse().unwrap());
            }
            found
        }
        (&Method::PUT, Some(upload), Some(part)) => {
            let number = format!("{:08}", part.parse::<u32>().unwrap());
            inside.parts.insert((upload.to_owned(), number.clone()), asked.body.clone());
            answer(200, &[("etag", &format!("\"{number}\""))], "")
        }
        (&Method::PUT, None, _) => {
            inside.objects.insert(key, Stored { bytes: asked.body.clone(), content_type });
            answer(200, &[], "")
        }
        (&Method::POST, None, _) if asked.raw_query.starts_with("uploads") => {
            let id = format!("u{}", inside.content_types.len());
            inside.content_types.insert(id.clone(), content_type);
            let body = format!(
                "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            );
            answer(200, &[], body)
        }
        (&Method::POST, Some(upload), _) => {
            let mut whole = Vec::new();
            let upload = upload.to_owned();
            let order: Vec<_> = inside.parts.keys().filter(|(id, _)| *id == upload).cloned().collect();
            let named = String::from_utf8_lossy(&asked.body).matches("<Part>").count();
            if named != order.len() {
                return error(400, "InvalidArgument");
            }
            for part in order {
                whole.extend_from_slice(&inside.parts.remove(&part).unwrap());
            }
            let content_type = inside.content_types.get(&upload).cloned().unwrap_or_default();
            inside.objects.insert(key, Stored { bytes: whole.into(), content_type });
            answer(200, &[], "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
        }
        (&Method::DELETE, Some(upload), _) => {
            let upload = upload.to_owned();
            inside.parts.retain(|(id, _), _| *id != upload);
            answer(204, &[], "")
        }
        (&Method::DELETE, ..) => match inside.objects.remove(&key) {
            Some(_) => answer(204, &[], ""),
            None => error(404, "NoSuchKey"),
        },
        _ => error(405, "MethodNotAllowed"),
    }
}
