//! Sample tasks in comments of a config.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use serde_json::{Map, Value};

/// Read JSON the way people paste it into a config: line breaks and tabs inside strings and commas before a closing
/// bracket are accepted.
///
/// # Errors
/// What serde_json says about the text; line and column belong to the *cleaned* text.
pub fn read_tolerant_json(text: &str) -> Result<Value, serde_json::Error> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::from_str(&clean(text)),
    }
}

/// Escape control characters inside strings and drop trailing commas. Never changes how many lines lie before a
/// mistake outside strings.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut in_string = false;
    let mut escaped = false;
    let mut chars = text.chars().peekable();
    let mut rest = text;
    while let Some(c) = chars.next() {
        rest = &rest[c.len_utf8()..];
        if !in_string {
            let trailing = c == ',' && rest.trim_start().starts_with(['}', ']']);
            if !trailing {
                out.push(c);
            }
            in_string = c == '"';
            continue;
        }
        match c {
            _ if escaped => {
                escaped = false;
                match c {
                    '\n' | '\r' => out.push('n'),
                    '\t' => out.push('t'),
                    _ => out.push(c),
                }
            }
            '\\' => {
                escaped = true;
                out.push(c);
            }
            '"' => {
                in_string = false;
                out.push(c);
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// The sample tasks in the comments whose bodies are given, and what is wrong with those that only look like one.
pub(crate) fn tasks(source: &str, comments: &[Span]) -> (Vec<Value>, Vec<Diagnostic>) {
    let mut tasks = Vec::new();
    let mut problems = Vec::new();
    for span in comments {
        let raw = span.text(source);
        let body = raw.trim();
        if !body.starts_with(['{', '[']) {
            continue;
        }
        match read_tolerant_json(body) {
            Ok(Value::Array(items)) => tasks.extend(items.into_iter().filter_map(as_task)),
            Ok(value) => tasks.extend(as_task(value)),
            Err(error) if looks_like_json(body) => {
                let start = span.start + raw.len() - raw.trim_start().len();
                let at = place(&clean(body), body, start, &error);
                let message = format!("the sample task in this comment is not JSON: {}", reason(&error));
                problems.push(Diagnostic::warning(Code::SampleTask, Span::at(at), message));
            }
            Err(_) => {}
        }
    }
    (tasks, problems)
}

/// A task with `data`; a bare data object is wrapped.
fn as_task(value: Value) -> Option<Value> {
    let Value::Object(map) = value else { return None };
    if map.get("data").is_some_and(Value::is_object) {
        return Some(Value::Object(map));
    }
    let mut task = Map::new();
    task.insert("data".into(), Value::Object(map));
    Some(Value::Object(task))
}

/// `{` or `[` and then a string: prose in braces is left alone.
fn looks_like_json(body: &str) -> bool {
    let inner = body.trim_start_matches(['[', '{', ' ', '\n', '\r', '\t']);
    inner.starts_with('"') && inner.contains(':')
}

/// serde_json's message without its position.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// Byte offset in the source of a mistake found in the cleaned body. Cleaning moves text only inside strings, so the
/// distance from the end of the text is not kept but the count of structural characters before it is.
fn place(cleaned: &str, body: &str, start: usize, error: &serde_json::Error) -> usize {
    let line_start: usize =
        cleaned.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = crate::span::floor_boundary(cleaned, line_start + error.column().saturating_sub(1));
    let is_mark = |c: &char| matches!(c, '{' | '}' | '[' | ']' | ':' | '"');
    let marks = cleaned[..at].chars().filter(is_mark).count();
    let mut seen = 0;
    for (offset, c) in body.char_indices() {
        if seen == marks && !c.is_whitespace() {
            return start + offset;
        }
        seen += usize::from(is_mark(&c));
    }
    start + body.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn raw_line_breaks_and_trailing_commas() {
        let text = "{\"a\": \"x\r\ny\tz\", \"b\": [1, 2,],\n}";
        assert_eq!(read_tolerant_json(text).unwrap(), json!({"a": "x\ny\tz", "b": [1, 2]}));
        assert_eq!(read_tolerant_json("{\"a\": \"q\\\" , ]\"}").unwrap(), json!({"a": "q\" , ]"}));
        assert!(read_tolerant_json("{\"a\": }").is_err());
    }

    #[test]
    fn bare_data_is_wrapped() {
        assert_eq!(as_task(json!({"image": "x"})).unwrap(), json!({"data": {"image": "x"}}));
        let task = json!({"data": {"image": "x"}, "predictions": []});
        assert_eq!(as_task(task.clone()).unwrap(), task);
        assert_eq!(as_task(json!({"data": "text"})).unwrap(), json!({"data": {"data": "text"}}));
        assert_eq!(as_task(json!(3)), None);
    }
}
