//! Values as we hold them.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

/// `2026-11-23 07:39:29.193037` (UTC), `… +00`, `…+05:30`: the moment as we write it.
pub(super) fn time(text: &str) -> Option<String> {
    let text = text.trim().replacen(' ', "T", 1);
    let (_, clock) = text.split_once('T')?;
    let has_zone = clock.contains(['Z', '+', '-']);
    let text = if has_zone { text } else { format!("{text}Z") };
    let moment: Timestamp = text.parse().ok()?;
    Some(format!("{moment:.6}"))
}

/// JSON text, unchanged if it is JSON. Python also writes `NaN` and `Infinity`, which are none: they become null. Text
/// that holds JSON, as old versions wrote it, is unwrapped.
pub(super) fn json(text: &str) -> anyhow::Result<String> {
    let fixed;
    let checked = match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => text,
        Err(error) => {
            fixed = without_python(text);
            if serde_json::from_str::<&RawValue>(&fixed).is_err() {
                return Err(error.into());
            }
            &fixed
        }
    };
    if checked.trim_start().starts_with('"')
        && let Ok(Value::String(inner)) = serde_json::from_str(checked)
        && inner.trim_start().starts_with(['[', '{'])
        && serde_json::from_str::<&RawValue>(&inner).is_ok()
    {
        return Ok(inner);
    }
    Ok(checked.to_owned())
}

fn without_python(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if !in_string
            && let Some(word) = ["NaN", "Infinity", "-Infinity"].iter().find(|w| rest.starts_with(**w))
        {
            out.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        match c {
            '"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = in_string && c == '\\' && !escaped;
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// A UUID with its dashes; SQLite has it without.
pub(super) fn uuid(text: &str) -> Option<String> {
    uuid::Uuid::parse_str(text).ok().map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_databases() {
        for (text, expected) in [
            ("2026-11-23 07:39:29.193037", "2026-11-23T07:39:29.193037Z"),
            ("2026-11-23 07:39:29", "2026-11-23T07:39:29.000000Z"),
            ("2026-11-23 07:39:29.193037+00", "2026-11-23T07:39:29.193037Z"),
            ("2026-11-23 09:39:29.5+02", "2026-11-23T07:39:29.500000Z"),
            ("2026-11-23 13:09:29+05:30", "2026-11-23T07:39:29.000000Z"),
        ] {
            assert_eq!(time(text).as_deref(), Some(expected));
        }
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn json_stays_as_it_is_written() {
        assert_eq!(json(r#"{"b": 1.10, "a":"NaN"}"#).unwrap(), r#"{"b": 1.10, "a":"NaN"}"#);
        assert_eq!(json(r#"[NaN, -Infinity, "a \" NaN"]"#).unwrap(), r#"[null, null, "a \" NaN"]"#);
        assert_eq!(json(r#""[{\"a\": 1}]""#).unwrap(), r#"[{"a": 1}]"#);
        assert!(json("{broken").is_err());
    }
}
