//! The last net before a line reaches the log: values of parameters that grant something are cut out, whoever wrote the
//! line. Signed URLs, passwords in database URLs and authorization headers end up in error texts of libraries.

use std::borrow::Cow;
use std::io::{self, Write};

/// Parameters of URLs and forms whose value is a secret, in lower case. A prefix of `x-amz-` and `x-goog-` is all secret.
const PARAMETERS: &[&str] = &[
    "signature",
    "sig",
    "token",
    "password",
    "passwd",
    "secret",
    "secret_key",
    "access_token",
    "refresh",
    "refresh_token",
    "api_key",
    "apikey",
    "key",
    "awsaccesskeyid",
    "googleaccessid",
    "csrftoken",
    "sessionid",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "account_key",
    "basic_auth_pass",
];
const PREFIXES: &[&str] = &["x-amz-", "x-goog-"];
/// Words before a credential in a header.
const SCHEMES: &[&str] = &["bearer ", "token ", "basic "];
/// What an actual credential has at least; `token expired` is no secret.
const SHORTEST: usize = 16;
const CUT: &str = "[cut]";

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

fn is_value(b: u8) -> bool {
    !b.is_ascii_whitespace()
        && !matches!(b, b'&' | b'"' | b'\'' | b'<' | b'>' | b')' | b'(' | b',' | b';' | b'}' | b']' | b'\\')
}

/// The text without its secrets.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    let run = |from: usize| from + bytes[from..].iter().take_while(|b| is_value(**b)).count();
    while at < bytes.len() {
        let cut = match bytes[at] {
            b'=' if is_secret(name_before(text, at)) => Some((at + 1, run(at + 1))),
            b':' if text[at..].starts_with("://") => password(bytes, at + 3),
            b' ' => SCHEMES.iter().find_map(|scheme| {
                let from = at + 1;
                let start = from.checked_sub(scheme.len())?;
                let before = start.checked_sub(1).is_none_or(|b| !is_name(bytes[b]));
                let word = text.get(start..from)?;
                let end = run(from);
                (before && word.eq_ignore_ascii_case(scheme) && end - from >= SHORTEST).then_some((from, end))
            }),
            _ => None,
        };
        match cut {
            Some((from, end)) if end > from => {
                out.push_str(&text[kept..from]);
                out.push_str(CUT);
                (kept, at) = (end, end);
            }
            _ => at += 1,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

fn name_before(text: &str, at: usize) -> &str {
    let bytes = text.as_bytes();
    let length = bytes[..at].iter().rev().take_while(|b| is_name(**b)).count();
    &text[at - length..at]
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PARAMETERS.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Where the password of `scheme://user:password@host` is, if there is one after `from`.
fn password(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let authority =
        bytes[from..].iter().take_while(|b| is_value(**b) && !matches!(b, b'/' | b'?' | b'#')).count();
    let end = from + bytes[from..from + authority].iter().rposition(|b| *b == b'@')?;
    let colon = from + bytes[from..end].iter().position(|b| *b == b':')?;
    Some((colon + 1, end))
}

/// Writes whole lines, which is how the log writes, without their secrets.
#[derive(Debug)]
pub struct Redacting<W>(pub W);

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write_all(redacted(&String::from_utf8_lossy(buffer)).as_bytes())?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn secrets_are_cut_and_the_rest_stays() {
        for (line, expected) in [
            (
                "GET https://b.s3.amazonaws.com/a.png?X-Amz-Credential=AK%2F1&X-Amz-Signature=ab12&w=3 failed",
                "GET https://b.s3.amazonaws.com/a.png?X-Amz-Credential=[cut]&X-Amz-Signature=[cut]&w=3 failed",
            ),
            (
                "https://x.blob.core.windows.net/c/k?sv=2024&sig=aa%2Bbb%3D: 403",
                "https://x.blob.core.windows.net/c/k?sv=2024&sig=[cut] 403",
            ),
            (
                "cannot connect to postgres://tagloom:p%40ss@db:5432/x",
                "cannot connect to postgres://tagloom:[cut]@db:5432/x",
            ),
            ("{\"url\":\"http://h/?token=abc&a=1\"}", "{\"url\":\"http://h/?token=[cut]&a=1\"}"),
            ("authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "authorization: Bearer [cut]"),
            ("Authorization: Token 0000000000000000000000000000000000000001", "Authorization: Token [cut]"),
            ("the token expired; key=\"\"", "the token expired; key=\"\""),
            ("http://user@host/a:b and 12:30://", "http://user@host/a:b and 12:30://"),
            ("größe=1 naïve Bearer é", "größe=1 naïve Bearer é"),
        ] {
            assert_eq!(redacted(line), expected);
        }
    }
}
