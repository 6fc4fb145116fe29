//! Character references in text and attribute values.

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::span::Span;

/// Where a piece of raw text comes from; decides about white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Text,
    Attribute,
}

/// Decode references in `raw`, which starts at byte `base` of the source.
///
/// The five XML entities and numeric references are decoded. A few HTML entities people write are decoded with a
/// warning, since strict XML readers refuse them. A lone `&` stays an `&`, with a diagnostic that knows the repair.
pub(crate) fn decode(raw: &str, base: usize, place: Place, out: &mut Vec<Diagnostic>) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut at = base;
    while let Some(found) = rest.find(['&', '\r', '\n', '\t']) {
        text.push_str(&rest[..found]);
        let tail = &rest[found..];
        let start = at + found;
        let used = if tail.starts_with('&') {
            reference(tail, start, &mut text, out)
        } else {
            white_space(tail, place, &mut text)
        };
        rest = &tail[used..];
        at = start + used;
    }
    text.push_str(rest);
    text
}

/// Line ends become `\n` in text and every literal blank a space in attributes (XML 1.0, 2.11 and 3.3.3).
fn white_space(tail: &str, place: Place, text: &mut String) -> usize {
    let used = if tail.starts_with("\r\n") { 2 } else { 1 };
    match (place, tail.starts_with('\t')) {
        (Place::Attribute, _) => text.push(' '),
        (Place::Text, true) => text.push('\t'),
        (Place::Text, false) => text.push('\n'),
    }
    used
}

/// Decode the reference at the start of `tail`; returns how many bytes were used.
fn reference(tail: &str, start: usize, text: &mut String, out: &mut Vec<Diagnostic>) -> usize {
    let name_len =
        tail[1..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '#')).unwrap_or(tail.len() - 1);
    let name = &tail[1..1 + name_len];
    let closed = tail[1 + name_len..].starts_with(';');
    let escape = Fix::replace("Write &amp;", Span::new(start, start + 1), "&amp;");
    if !closed || name.is_empty() {
        let span = Span::new(start, start + 1);
        let message = "`&` must be written `&amp;` in XML";
        out.push(Diagnostic::error(Code::UnescapedAmp, span, message).fix(Some(escape)));
        text.push('&');
        return 1;
    }
    let used = name_len + 2;
    let span = Span::new(start, start + used);
    if let Some(c) = predefined(name).or_else(|| numeric(name)) {
        text.push(c);
    } else if let Some(c) = html(name) {
        let fix = Fix::replace("Write the character number", span, format!("&#{};", u32::from(c)));
        let message = format!("`&{name};` is HTML; XML knows only &lt; &gt; &amp; &quot; &apos; and numbers");
        out.push(Diagnostic::warning(Code::UnknownEntity, span, message).value(name).fix(Some(fix)));
        text.push(c);
    } else {
        let message = format!("unknown entity `&{name};`");
        out.push(Diagnostic::error(Code::UnknownEntity, span, message).value(name).fix(Some(escape)));
        text.push_str(&tail[..used]);
    }
    used
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// `#10` and `#x0A`; characters XML forbids (NUL and other controls) are refused.
fn numeric(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

fn html(name: &str) -> Option<char> {
    Some(match name {
        "nbsp" => '\u{a0}',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "deg" => '°',
        "euro" => '€',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "laquo" => '«',
        "raquo" => '»',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "bull" => '•',
        "middot" => '·',
        "times" => '×',
        "larr" => '←',
        "rarr" => '→',
        "uarr" => '↑',
        "darr" => '↓',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(raw: &str, place: Place) -> (String, Vec<Code>) {
        let mut out = Vec::new();
        let text = decode(raw, 0, place, &mut out);
        (text, out.iter().map(|d| d.code).collect())
    }

    #[test]
    fn xml_references() {
        let (text, codes) = run("&lt;a&gt; &amp;&quot;&apos; &#65;&#x42;", Place::Text);
        assert_eq!(text, "<a> &\"' AB");
        assert!(codes.is_empty());
    }

    #[test]
    fn stray_ampersands_survive() {
        assert_eq!(
            run("R&D & &; &foo;", Place::Text),
            (
                "R&D & &; &foo;".into(),
                vec![Code::UnescapedAmp, Code::UnescapedAmp, Code::UnescapedAmp, Code::UnknownEntity]
            )
        );
        assert_eq!(run("a&nbsp;b", Place::Text), ("a\u{a0}b".into(), vec![Code::UnknownEntity]));
        assert_eq!(run("&#0;", Place::Text), ("&#0;".into(), vec![Code::UnknownEntity]));
    }

    #[test]
    fn white_space_depends_on_the_place() {
        assert_eq!(run("a\r\nb\tc\rd&#10;e", Place::Attribute).0, "a b c d\ne");
        assert_eq!(run("a\r\nb\tc\rd", Place::Text).0, "a\nb\tc\nd");
    }
}
