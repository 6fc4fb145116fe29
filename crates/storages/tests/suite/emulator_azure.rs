//! An emulator of Azure's blob service, as far as it is used: listing a container with markers, GET with ranges, Put
//! Blob, Put Block, Put Block List, Delete, Shared Key and service SAS.
//!
//! It does check: the Shared Key signature over all headers and the resource, the SAS signature over its fifteen lines
//! with the blob's plain name, and the expiry of a SAS. It has no leases, tiers, versions, snapshots or permissions, and
//! takes any version of the service.

use crate::emulator::{Answer, Asked, Shared, Stored, answer, decode, escape, serve};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use jiff::Timestamp;

pub const ACCOUNT: &str = "labelsaccount";
const KEY: &[u8] = b"a key of an account, for tests only";

pub fn key() -> String {
    STANDARD.encode(KEY)
}

fn sign(text: &str) -> String {
    STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY), text.as_bytes()))
}

fn error(status: u16, code: &str, detail: &str) -> Answer {
    let text = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message>\
         <AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail></Error>"
    );
    answer(status, &[("x-ms-error-code", code), ("content-type", "application/xml")], text)
}

/// Starts it; the endpoint to set as `AZURE_BLOB_ENDPOINT`.
pub async fn start(container: &str, shared: Shared) -> String {
    let container = container.to_owned();
    let address = serve(move |asked| handle(&container, &shared, &asked)).await;
    // As other emulators have it, the account is the first part of the path.
    format!("http://{address}/{ACCOUNT}")
}

/// By the page "Authorize with Shared Key", for versions from 2015 on.
fn shared_key(asked: &Asked) -> String {
    let length = if asked.header("content-length") == "0" { "" } else { asked.header("content-length") };
    let mut own: Vec<(String, String)> = asked
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-ms-"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    own.sort();
    let own: String = own.into_iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let mut params: Vec<(String, String)> =
        asked.query.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    params.sort();
    let params: String = params.into_iter().map(|(name, value)| format!("\n{name}:{value}")).collect();
    let header = |name: &str| asked.header(name).to_owned();
    let lines = [
        asked.method.to_string(),
        header("content-encoding"),
        header("content-language"),
        length.to_owned(),
        header("content-md5"),
        header("content-type"),
        header("date"),
        header("if-modified-since"),
        header("if-match"),
        header("if-none-match"),
        header("if-unmodified-since"),
        header("range"),
    ];
    let resource = format!("/{ACCOUNT}{}{params}", asked.path);
    format!("SharedKey {ACCOUNT}:{}", sign(&format!("{}\n{own}{resource}", lines.join("\n"))))
}

/// By the page "Create a service SAS", for versions from 2020-12-06 on.
fn service_sas(asked: &Asked) -> String {
    let param = |name: &str| asked.param(name).unwrap_or_default().to_owned();
    let lines = [
        param("sp"),
        param("st"),
        param("se"),
        format!("/blob{}", decode(&asked.path)),
        param("si"),
        param("sip"),
        param("spr"),
        param("sv"),
        param("sr"),
        String::new(),
        param("ses"),
        param("rscc"),
        param("rscd"),
        param("rsce"),
        param("rscl"),
        param("rsct"),
    ];
    sign(&lines.join("\n"))
}

fn handle(container: &str, shared: &Shared, asked: &Asked) -> Answer {
    if let Some(signature) = asked.param("sig") {
        if signature != service_sas(asked) || asked.method != Method::GET || asked.param("sp") != Some("r") {
            return error(403, "AuthenticationFailed", "Signature did not match.");
        }
        let end: Option<Timestamp> = asked.param("se").and_then(|text| text.parse().ok());
        if end.is_none_or(|end| end < Timestamp::now()) {
            return error(
                403,
                "AuthenticationFailed",
                "Signature not valid in the specified time frame: Start - Expiry",
            );
        }
    } else if asked.header("authorization") != shared_key(asked) {
        return error(
            403,
            "AuthenticationFailed",
            "The MAC signature found in the HTTP request is not the same",
        );
    }
    let mut inside = shared.lock().unwrap();
    let key = match asked.key(&format!("/{ACCOUNT}/{container}")) {
        Ok(key) if !inside.gone => key,
        _ => return error(404, "ContainerNotFound", ""),
    };
    let Some(key) = key else {
        assert_eq!((asked.param("restype"), asked.param("comp")), (Some("container"), Some("list")));
        let marker = asked.param("marker").unwrap_or_default();
        let most = asked.param("maxresults").unwrap().parse().unwrap();
        let page = inside.page(
            asked.param("prefix").unwrap_or_default(),
            asked.param("delimiter").is_some(),
            marker,
            most,
        );
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>");
        for (key, size) in page.objects {
            text.push_str(&format!(
                "<Blob><Name>{}</Name><Properties><Last-Modified>Mon, 06 May 2024 07:08:09 GMT</Last-Modified>\
                 <Content-Length>{size}</Content-Length></Properties><Metadata /></Blob>",
                escape(&key)
            ));
        }
        for folder in page.folders {
            text.push_str(&format!("<BlobPrefix><Name>{}</Name></BlobPrefix>", escape(&folder)));
        }
        let next = page.next.map(|next| escape(&next)).unwrap_or_default();
        return answer(
            200,
            &[],
            format!("{text}</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"),
        );
    };
    match (&asked.method, asked.param("comp")) {
        (&Method::GET, _) => {
            let mut found = inside.get(&key, asked, error(404, "BlobNotFound", ""));
            if let Some(wanted) = asked.param("rsct") {
                found.headers_mut().insert("content-type", wanted.parse().unwrap());
            }
            found
        }
        (&Method::PUT, Some("block")) => {
            inside.parts.insert((key, asked.param("blockid").unwrap().to_owned()), asked.body.clone());
            answer(201, &[], "")
        }
        (&Method::PUT, Some("blocklist")) => {
            let list = String::from_utf8_lossy(&asked.body).into_owned();
            let mut whole = Vec::new();
            for block in list.split("<Latest>").skip(1) {
                let id = block.split("</Latest>").next().unwrap().to_owned();
                match inside.parts.remove(&(key.clone(), id)) {
                    Some(bytes) => whole.extend_from_slice(&bytes),
                    None => return error(400, "InvalidRequest", ""),
                }
            }
            let content_type = asked.header("x-ms-blob-content-type").to_owned();
            inside.objects.insert(key, Stored { bytes: whole.into(), content_type });
            answer(201, &[], "")
        }
        (&Method::PUT, _) if asked.header("x-ms-blob-type") == "BlockBlob" => {
            let content_type = asked.header("content-type").to_owned();
            inside.objects.insert(key, Stored { bytes: asked.body.clone(), content_type });
            answer(201, &[], "")
        }
        (&Method::DELETE, _) => match inside.objects.remove(&key) {
            Some(_) => answer(202, &[], ""),
            None => error(404, "BlobNotFound", ""),
        },
        _ => error(400, "InvalidRequest", ""),
    }
}
