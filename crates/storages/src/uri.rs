//! URIs of objects and URLs of storages. Keys are kept byte for byte; nothing is encoded twice.

use std::fmt::Write;

/// Percent-encodes all but letters, digits, `-._~` and the bytes in `keep`.
pub(crate) fn encode(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(byte as char);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The path of a key in a URL.
pub(crate) fn encode_key(key: &str) -> String {
    encode(key, b"/")
}

/// Reads `%XX`; `None` when what comes out is not UTF-8. A `%` without two digits stands for itself.
pub(crate) fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes
            .get(at + 1..at + 3)
            .and_then(|two| std::str::from_utf8(two).ok())
            .filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match (bytes[at], digits) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

/// The path of local files in task data, before the percent-encoded path.
pub const LOCAL_FILES: &str = "/data/local-files/?d=";

/// Whether a URL carries a signature already. Such a URL is passed on byte for byte: encoding it once more would
/// break what was signed.
pub fn is_signed_url(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !lower.starts_with("https://") && !lower.starts_with("http://") {
        return false;
    }
    let before_fragment = text.split('#').next().unwrap_or_default();
    let Some((_, query)) = before_fragment.split_once('?') else { return false };
    let has = |name: &str| {
        query.split('&').any(|pair| {
            pair.split_once('=').is_some_and(|(n, value)| n.eq_ignore_ascii_case(name) && !value.is_empty())
        })
    };
    has("X-Amz-Signature")
        || has("X-Goog-Signature")
        || has("X-Oss-Signature")
        // The older way of S3 and GCS, and CloudFront.
        || (has("Signature") && (has("Expires") || has("Policy") || has("Key-Pair-Id") || has("GoogleAccessId")))
        // A shared access signature of Azure.
        || (has("sig") && has("sv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_encoding() {
        for key in ["a b.png", "a+b%20c", "50%", "ä/ü#?&=", "\"q\"'", "e\u{301}", "/a//b/"] {
            assert_eq!(decode(&encode_key(key)).as_deref(), Some(key));
        }
        assert_eq!(encode_key("a b/c+d%"), "a%20b/c%2Bd%25");
    }

    #[test]
    fn signed_urls_are_known_by_their_query() {
        for signed in [
            "https://b.s3.amazonaws.com/a%2Fb?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=ab",
            "https://storage.googleapis.com/b/k?X-Goog-Signature=ab",
            "https://a.blob.core.windows.net/c/k?sv=2023-11-03&sr=b&sig=a%3D",
            "HTTPS://d.cloudfront.net/k?Expires=1&Signature=x&Key-Pair-Id=K",
            "https://b.s3.amazonaws.com/k?AWSAccessKeyId=A&Expires=1&Signature=x",
        ] {
            assert!(is_signed_url(signed), "{signed}");
        }
        for plain in [
            "https://host/a.png",
            "s3://bucket/key?X-Amz-Signature=1",
            "https://host/?sig=1",
            "https://host/?X-Amz-Signature=",
            "https://host/#?X-Amz-Signature=1&",
            "",
            "日本語日本語",
        ] {
            assert!(!is_signed_url(plain), "{plain}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_key_survives_encoding(key in ".{0,40}") {
            proptest::prop_assert_eq!(decode(&encode_key(&key)), Some(key));
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,60}") {
            let _ = (decode(&text), is_signed_url(&text), crate::Span::parse(&text));
        }
    }
}
