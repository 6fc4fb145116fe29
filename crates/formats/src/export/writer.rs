//! JSON as the reference writes it: `/` escaped, other characters as they are, doubles in full.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// Writes one value on one line without spaces.
pub(super) fn write_compact(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    write(out, value, None)
}

/// [`write_compact`] into a string.
pub(super) fn compact(value: &Value) -> io::Result<String> {
    let mut bytes = Vec::new();
    write_compact(&mut bytes, value)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// The elements of a list, one by one, each at one indentation level when `pretty`.
#[derive(Debug)]
pub(super) struct ListWriter {
    pretty: bool,
    empty: bool,
}

impl ListWriter {
    pub(super) fn new(pretty: bool) -> Self {
        Self { pretty, empty: true }
    }

    pub(super) fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.empty = true;
        out.write_all(b"[")
    }

    pub(super) fn element(&mut self, out: &mut dyn Write, value: &Value) -> io::Result<()> {
        if !self.empty {
            out.write_all(b",")?;
        }
        self.empty = false;
        if self.pretty {
            out.write_all(b"\n  ")?;
        }
        write(out, value, self.pretty.then_some(1))
    }

    /// An element that is compact JSON already; it is not indented.
    pub(super) fn text(&mut self, out: &mut dyn Write, json: &str) -> io::Result<()> {
        if !self.empty {
            out.write_all(b",")?;
        }
        self.empty = false;
        write_text(out, json)
    }

    pub(super) fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.pretty && !self.empty {
            out.write_all(b"\n")?;
        }
        out.write_all(b"]")
    }
}

/// JSON as it is but for slashes, which occur in strings only; one that is escaped already stays.
fn write_text(out: &mut dyn Write, json: &str) -> io::Result<()> {
    let bytes = json.as_bytes();
    let mut from = 0;
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        let escapes = bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if escapes % 2 == 0 {
            out.write_all(&bytes[from..at])?;
            out.write_all(b"\\/")?;
            from = at + 1;
        }
    }
    out.write_all(&bytes[from..])
}

fn write(out: &mut dyn Write, value: &Value, level: Option<usize>) -> io::Result<()> {
    let formatter = SlashFormatter { level, has_value: false };
    value.serialize(&mut Serializer::with_formatter(out, formatter)).map_err(io::Error::from)
}

/// `level` is the indentation in steps of two spaces; `None` writes everything on one line.
struct SlashFormatter {
    level: Option<usize>,
    has_value: bool,
}

impl SlashFormatter {
    fn open<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.level = self.level.map(|level| level + 1);
        self.has_value = false;
        out.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.level = self.level.map(|level| level.saturating_sub(1));
        if self.has_value {
            self.new_line(out)?;
        }
        out.write_all(bracket)
    }

    fn separate<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.new_line(out)
    }

    fn new_line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        let Some(level) = self.level else { return Ok(()) };
        out.write_all(b"\n")?;
        (0..level).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for SlashFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut parts = fragment.split('/');
        out.write_all(parts.next().unwrap_or_default().as_bytes())?;
        for part in parts {
            out.write_all(b"\\/")?;
            out.write_all(part.as_bytes())?;
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.level.is_some() { b": " } else { b":" })
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _out: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn slashes_are_escaped_and_doubles_are_whole() {
        let value = json!({"u": "http://a/b\\\"é💩\n", "n": [10.0, 0.1, 5, null, {}, []]});
        let text = compact(&value).unwrap();
        assert_eq!(text, r#"{"u":"http:\/\/a\/b\\\"é💩\n","n":[10.0,0.1,5,null,{},[]]}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn lists_are_indented_from_the_first_level() {
        let mut out = Vec::new();
        let mut list = ListWriter::new(true);
        list.begin(&mut out).unwrap();
        list.element(&mut out, &json!({"a": [1], "b": {}})).unwrap();
        list.element(&mut out, &json!(2)).unwrap();
        list.end(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "[\n  {\n    \"a\": [\n      1\n    ],\n    \"b\": {}\n  },\n  2\n]");
    }

    proptest! {
        #[test]
        fn text_is_written_as_its_value_would_be(text in r#"[a-z/\\\\"é\n]{0,20}"#) {
            let value = json!({"k/": [text, 1.5, null]});
            let mut out = Vec::new();
            write_text(&mut out, &value.to_string()).unwrap();
            prop_assert_eq!(String::from_utf8(out.clone()).unwrap(), compact(&value).unwrap());
            // Escaped once it is never escaped again.
            let mut again = Vec::new();
            write_text(&mut again, std::str::from_utf8(&out).unwrap()).unwrap();
            prop_assert_eq!(again, out);
        }

        #[test]
        fn strings_survive(text in any::<String>(), pretty in any::<bool>()) {
            let value = json!([text, {"k/": text}]);
            let mut out = Vec::new();
            write(&mut out, &value, pretty.then_some(0)).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), value);
        }
    }
}
