//! What can be read from the beginning of a personal access token: when it was made.
//!
//! Lists show a token without its signature, which is enough to know it by. Nothing here trusts what it reads: it is only
//! shown.

use serde_json::Value;

/// The bytes of base64 in its URL form without padding; `None` for anything else.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0u8);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

/// The claims of a token, with or without its signature.
fn claims(token: &str) -> Option<Value> {
    serde_json::from_slice(&decode(token.split('.').nth(1)?)?).ok()
}

/// Seconds since the epoch at which it was made.
pub fn made_at(token: &str) -> Option<f64> {
    claims(token)?["iat"].as_f64()
}

/// A few characters to tell it from others.
pub fn short(token: &str) -> String {
    let name = claims(token).and_then(|c| c["jti"].as_str().map(str::to_owned));
    let name = name.unwrap_or_else(|| token.to_owned());
    let first: String = name.chars().take(8).collect();
    if first.len() < name.len() { format!("{first}…") } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    // {"alg":"HS256"} . {"token_type":"refresh","iat":1700000000,"jti":"0123456789abcdef","x":"ü>?"}
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImlhdCI6MTcwMDAwMDAwMCwianRpIjoiMDEyMzQ1Njc4OWFiY2RlZiIsIngiOiLDvD4_In0";

    #[test]
    fn the_beginning_of_a_token_tells_when_it_was_made() {
        assert_eq!(made_at(TOKEN), Some(1_700_000_000.0));
        assert_eq!(short(TOKEN), "01234567…");
        assert_eq!(claims(&format!("{TOKEN}.signature")).unwrap()["x"], "ü>?");
    }

    #[test]
    fn anything_else_is_shown_as_it_is() {
        assert_eq!((made_at("abc"), made_at("a.b.c"), made_at("a.%%.c")), (None, None, None));
        assert_eq!((short("abc").as_str(), short("0123456789").as_str()), ("abc", "01234567…"));
    }
}
