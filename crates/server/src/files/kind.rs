//! What a served file is said to be. Whoever stored it chose its name and its content, so neither is believed alone.
//!
//! - Content types come from the extension, out of a list; everything else is bytes.
//! - Markup (HTML, SVG, XML) keeps its type for pages that load it, but opened by itself it is downloaded.
//! - What claims to be a picture, a sound or a document and begins like markup is bytes, and downloaded.

use axum::http::{HeaderMap, HeaderValue, header};

/// How a file is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) mime: &'static str,
    /// Opened by itself it is saved rather than shown.
    pub(super) download: bool,
}

impl Kind {
    /// Says so in an answer, whatever it said before.
    pub(super) fn put(self, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.mime));
        if self.download {
            headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    }
}

/// Bytes that decide.
pub(super) const HEAD: usize = 1024;

const BYTES: Kind = Kind { mime: "application/octet-stream", download: true };

/// Extension, type.
const SHOWN: &[(&str, &str)] = &[
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("gif", "image/gif"),
    ("ico", "image/x-icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("webp", "image/webp"),
    ("aac", "audio/aac"),
    ("flac", "audio/flac"),
    ("m4a", "audio/m4a"),
    ("mp3", "audio/mpeg"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("avi", "video/x-msvideo"),
    ("m4v", "video/mp4"),
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("ogv", "video/ogg"),
    ("webm", "video/webm"),
    ("pdf", "application/pdf"),
];

/// Never run by a browser that heeds `nosniff`, whatever they begin with.
const TEXT: &[(&str, &str)] = &[
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("jsonl", "text/plain; charset=utf-8"),
    ("log", "text/plain; charset=utf-8"),
    ("md", "text/plain; charset=utf-8"),
    ("srt", "text/plain; charset=utf-8"),
    ("tsv", "text/tab-separated-values"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt"),
];

const MARKUP: &[(&str, &str)] = &[
    ("htm", "text/html"),
    ("html", "text/html"),
    ("svg", "image/svg+xml"),
    ("xhtml", "application/xhtml+xml"),
    ("xml", "text/xml"),
];

pub(super) fn kind(path: &str, head: &[u8]) -> Kind {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    let of =
        |list: &'static [(&str, &str)]| list.iter().find(|(e, _)| *e == extension).map(|(_, mime)| *mime);
    if let Some(mime) = of(MARKUP) {
        return Kind { mime, download: true };
    }
    if let Some(mime) = of(TEXT) {
        return Kind { mime, download: false };
    }
    match of(SHOWN) {
        Some(mime) if !is_markup(head) => Kind { mime, download: false },
        _ => BYTES,
    }
}

/// Whether a browser that looks into files could take this for a page.
fn is_markup(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // UTF-16: every second byte of a page is 0.
    let plain: Vec<u8> = match head {
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => {
            rest.iter().copied().filter(|b| *b != 0).collect()
        }
        _ => head.to_vec(),
    };
    let text = plain.trim_ascii_start();
    match text {
        [b'<', next, ..] => next.is_ascii_alphabetic() || matches!(next, b'!' | b'?' | b'/'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_unless_the_content_objects() {
        let shown = |mime| Kind { mime, download: false };
        let saved = |mime| Kind { mime, download: true };
        for (path, head, expected) in [
            ("upload/1/a.png", &b"\x89PNG\r\n\x1a\n"[..], shown("image/png")),
            ("a.JPG", b"", shown("image/jpeg")),
            ("a.mp4", b"\0\0\0 ftypisom", shown("video/mp4")),
            ("a.csv", b"<script>alert(1)</script>", shown("text/csv")),
            ("a.svg", b"<svg/>", saved("image/svg+xml")),
            ("a.html", b"x", saved("text/html")),
            ("a.xml", b"<x/>", saved("text/xml")),
            ("a.png", b"<html>", BYTES),
            ("a.gif", b" \n\t<!doctype html>", BYTES),
            ("a.pdf", b"\xef\xbb\xbf<?xml version='1.0'?>", BYTES),
            ("a.png", b"\xff\xfe<\0s\0v\0g\0", BYTES),
            ("a.exe", b"MZ", BYTES),
            ("a.js", b"alert(1)", BYTES),
            ("a.html.", b"<p>", BYTES),
            ("html", b"<p>", BYTES),
            ("a.png/b", b"", BYTES),
        ] {
            assert_eq!(kind(path, head), expected, "{path}");
        }
    }
}
