//! JSON values as YAML: blocks, two spaces, every text in JSON's quotes, which are YAML's as well.

use serde_json::Value;
use std::fmt::Write;

pub fn write(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => true,
    }
}

/// Names that need no quotes. What could be read as a number, a date or a word like `on` gets them.
fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'))
        && !matches!(
            name.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain { name.to_owned() } else { Value::from(name).to_string() }
}

fn block(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (name, value) in map {
                let _ = write!(out, "{pad}{}:", key(name));
                below(value, depth, out);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for value in list {
                let _ = write!(out, "{pad}-");
                below(value, depth, out);
            }
        }
        leaf => {
            let _ = writeln!(out, "{pad}{leaf}");
        }
    }
}

fn below(value: &Value, depth: usize, out: &mut String) {
    if is_leaf(value) {
        let _ = writeln!(out, " {value}");
    } else {
        out.push('\n');
        block(value, depth + 1, out);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn blocks() {
        let value = json!({"a": {"on": [1, {"x": "line\n\"q\""}], "e": {}}, "/p/{id}": [], "n": null});
        assert_eq!(
            super::write(&value),
            "a:\n  \"on\":\n    - 1\n    -\n      x: \"line\\n\\\"q\\\"\"\n  e: {}\n\"/p/{id}\": []\n\"n\": null\n"
        );
    }
}
