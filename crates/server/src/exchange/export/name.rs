//! Names of exported files.

use crate::time;

/// `2026-11-23-07-50`
pub(crate) fn stamp() -> String {
    time::now().chars().take(16).map(|c| if c == 'T' || c == ':' { '-' } else { c }).collect()
}

/// `project-7-at-2026-11-23-07-50-379e6b38.json`; the digest is the MD5 of the content.
pub(crate) fn file(project: i64, digest: &str, extension: &str) -> String {
    let digest: String = digest.chars().take(8).collect();
    format!("project-{project}-at-{}-{digest}.{extension}", stamp())
}

/// MD5 in hexadecimal digits.
pub(crate) fn hex(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
