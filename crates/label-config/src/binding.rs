//! Variables: `$image`, `$a.b[0].c`, `Text of $name` (tags.md 2.1).
//!
//! A variable is `$` and then word characters, brackets, dots and braces. Two things go beyond the original: a name may
//! start with a letter of any script, and a dot that ends a sentence (`Hello $name.`) is text when the data has no such
//! path.

use serde_json::Value;

/// A piece of an attribute value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself.
    Literal(String),
    /// The path of a variable, without the `$`.
    Variable(String),
}

/// An attribute value split into text and variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// The pieces in order; neighbouring literals are joined.
    pub parts: Vec<Part>,
}

impl Binding {
    /// Split an attribute value. A `$` without a name is text.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            literal.push_str(&rest[..dollar]);
            let tail = &rest[dollar + 1..];
            let len = path_len(tail);
            if len == 0 {
                literal.push('$');
            } else {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::Variable(tail[..len].to_owned()));
            }
            rest = &tail[len..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Self { parts }
    }

    /// The path when the whole value is one variable.
    pub fn whole(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Variable(path)] => Some(path),
            _ => None,
        }
    }

    /// The paths of all variables, in order, repeats included.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(path) => Some(path.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The bound value. One variable alone keeps the type of the data and is an empty string when the data lacks it;
    /// inside text a missing one is the word `undefined`.
    pub fn resolve(&self, data: &Value) -> Value {
        if let Some(path) = self.whole() {
            return lookup(data, path).cloned().unwrap_or_else(|| Value::String(String::new()));
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Variable(path) => substitute(data, path, &mut text),
            }
        }
        Value::String(text)
    }
}

/// The bound value of an attribute; see [`Binding::resolve`].
pub fn resolve(text: &str, data: &Value) -> Value {
    if !text.contains('$') {
        return Value::String(text.to_owned());
    }
    Binding::parse(text).resolve(data)
}

/// The paths of the variables in an attribute value, without `$`, in order.
pub fn variables(text: &str) -> Vec<String> {
    Binding::parse(text).variables().map(str::to_owned).collect()
}

/// Find `path` in task data: first as one exact top-level key, then step by step through dots and brackets.
pub fn lookup<'a>(data: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(value) = data.as_object().and_then(|map| map.get(path)) {
        return Some(value);
    }
    let mut steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty()).peekable();
    steps.peek()?;
    steps.try_fold(data, |value, step| match value {
        Value::Object(map) => map.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn substitute(data: &Value, path: &str, text: &mut String) {
    let trimmed = path.trim_end_matches('.');
    let (value, punctuation) = match lookup_exact_or_deep(data, path, trimmed) {
        Some(found) => found,
        None => {
            text.push_str("undefined");
            text.push_str(&path[trimmed.len()..]);
            return;
        }
    };
    match value {
        Value::String(string) => text.push_str(string),
        other => text.push_str(&other.to_string()),
    }
    text.push_str(punctuation);
}

fn lookup_exact_or_deep<'a, 'p>(
    data: &'a Value,
    path: &'p str,
    trimmed: &str,
) -> Option<(&'a Value, &'p str)> {
    if let Some(value) = data.as_object().and_then(|map| map.get(path)) {
        return Some((value, ""));
    }
    lookup(data, trimmed).map(|value| (value, &path[trimmed.len()..]))
}

/// Bytes of the variable path at the start of `tail`.
fn path_len(tail: &str) -> usize {
    let foreign = tail.starts_with(|c: char| !c.is_ascii() && c.is_alphabetic());
    let is_path = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '_' | '[' | ']' | '.' | '{' | '}')
            || (foreign && c.is_alphanumeric())
    };
    tail.find(|c| !is_path(c)).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_variable_keeps_its_type() {
        let data = json!({"n": 3, "list": [1, 2], "none": null, "a": {"b": [{"c": "deep"}]}, "m": [[1, 2]]});
        assert_eq!(resolve("$n", &data), json!(3));
        assert_eq!(resolve("$list", &data), json!([1, 2]));
        assert_eq!(resolve("$none", &data), json!(null));
        assert_eq!(resolve("$a.b[0].c", &data), json!("deep"));
        assert_eq!(resolve("$m[0][1]", &data), json!(2));
        assert_eq!(resolve("$missing", &data), json!(""));
        assert_eq!(resolve("$list[7]", &data), json!(""));
    }

    #[test]
    fn exact_keys_win_over_paths() {
        let data = json!({"a.b": "exact", "a": {"b": "deep"}, "x[0]": "key"});
        assert_eq!(resolve("$a.b", &data), json!("exact"));
        assert_eq!(resolve("$x[0]", &data), json!("key"));
    }

    #[test]
    fn variables_inside_text() {
        let data = json!({"who": "Ann", "n": 2, "flag": true});
        assert_eq!(resolve("Hi $who, $n of $missing", &data), json!("Hi Ann, 2 of undefined"));
        assert_eq!(resolve("See $who.", &data), json!("See Ann."));
        assert_eq!(resolve("$flag!", &data), json!("true!"));
        assert_eq!(resolve("5 $ and $-x", &data), json!("5 $ and $-x"));
        assert_eq!(resolve("$who-x", &data), json!("Ann-x"));
    }

    #[test]
    fn names_of_any_script() {
        let data = json!({"текст": "да", "name": "n"});
        assert_eq!(resolve("$текст", &data), json!("да"));
        assert_eq!(resolve("$nameさん", &data), json!("nさん"));
        assert_eq!(variables("$a.b and $c[0]$d"), ["a.b", "c[0]", "d"]);
    }
}
