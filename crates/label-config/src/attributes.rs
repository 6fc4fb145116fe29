//! Attributes of one start tag.

use crate::decode::{Place, decode};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::span::Span;
use crate::tree::Attribute;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::AttrError;

/// Whether `c` may start the name of an element or attribute.
pub(crate) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == ':'
}

/// Length in bytes of the name at the start of `text`; 0 when there is none.
pub(crate) fn name_len(text: &str) -> usize {
    if !text.starts_with(is_name_start) {
        return 0;
    }
    text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.'))).unwrap_or(text.len())
}

/// Read the attributes of the tag whose content (without the angle brackets) is `content`, starting at byte `base` of
/// the source. Bad attributes are reported and skipped; the first of two with the same key wins.
pub(crate) fn read(content: &str, base: usize, tag: &str, out: &mut Vec<Diagnostic>) -> Vec<Attribute> {
    let skip = content.find(char::is_whitespace).unwrap_or(content.len());
    let start = BytesStart::from_content(content, skip);
    let mut attributes: Vec<Attribute> = Vec::new();
    for item in start.html_attributes().with_checks(false) {
        let attribute = match item {
            Ok(attribute) => attribute,
            Err(error) => {
                out.push(syntax(&error, content, base, tag));
                continue;
            }
        };
        let name = attribute.key.0;
        let Some(name_at) = offset_in(content, name) else { continue };
        let name_span = Span::new(base + name_at, base + name_at + name.len());
        if name_len(name) != name.len() {
            let message = format!("`{name}` cannot be the name of an attribute");
            out.push(Diagnostic::error(Code::BadName, name_span, message).tag(tag).attribute(name));
            continue;
        }
        let raw: &str = &attribute.value;
        let value = offset_in(content, raw).filter(|at| *at > name_at);
        let Some(value_at) = value else {
            let fix = Fix::replace(format!("Write {name}=\"true\""), Span::at(name_span.end), "=\"true\"");
            let message = format!("attribute `{name}` has no value");
            let problem = Diagnostic::error(Code::MissingValue, name_span, message).fix(Some(fix));
            out.push(problem.tag(tag).attribute(name));
            push(&mut attributes, out, tag, name, String::new(), name_span, Span::at(name_span.end));
            continue;
        };
        let value_span = Span::new(base + value_at, base + value_at + raw.len());
        let quote = content[..value_at].chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let mut span = Span::new(name_span.start, value_span.end);
        match quote {
            Some(_) => span.end = (span.end + 1).min(base + content.len()),
            None => out.push(unquoted(tag, name, raw, value_span)),
        }
        if let Some(lt) = raw.find('<') {
            let at = Span::new(value_span.start + lt, value_span.start + lt + 1);
            let message = "`<` must be written `&lt;` inside an attribute value";
            let fix = Fix::replace("Write &lt;", at, "&lt;");
            out.push(
                Diagnostic::error(Code::UnescapedLt, at, message).tag(tag).attribute(name).fix(Some(fix)),
            );
        }
        let text = decode(raw, value_span.start, Place::Attribute, out);
        push(&mut attributes, out, tag, name, text, span, value_span);
    }
    attributes
}

fn push(
    attributes: &mut Vec<Attribute>,
    out: &mut Vec<Diagnostic>,
    tag: &str,
    name: &str,
    value: String,
    span: Span,
    value_span: Span,
) {
    let key = name.to_lowercase();
    if attributes.iter().any(|attribute| attribute.key == key) {
        let fix = Fix::replace("Remove the second one", span, "");
        let message = format!("attribute `{name}` is given twice; the first one counts");
        let problem = Diagnostic::error(Code::DuplicateAttribute, span, message).fix(Some(fix));
        out.push(problem.tag(tag).attribute(name).value(value));
        return;
    }
    attributes.push(Attribute { name: name.to_owned(), key, value, span, value_span });
}

fn unquoted(tag: &str, name: &str, raw: &str, span: Span) -> Diagnostic {
    let edits = vec![
        Edit { span: Span::at(span.start), text: "\"".into() },
        Edit { span: Span::at(span.end), text: "\"".into() },
    ];
    Diagnostic::error(Code::UnquotedValue, span, format!("the value of `{name}` needs quotes"))
        .tag(tag)
        .attribute(name)
        .value(raw)
        .fix(Some(Fix { title: "Add quotes".into(), edits }))
}

fn syntax(error: &AttrError, content: &str, base: usize, tag: &str) -> Diagnostic {
    let (code, at, message) = match error {
        AttrError::ExpectedEq(at) => (Code::MissingValue, *at, "`=` and a quoted value are missing"),
        AttrError::ExpectedValue(at) => (Code::MissingValue, *at, "a quoted value must follow `=`"),
        AttrError::UnquotedValue(at) => (Code::UnquotedValue, *at, "attribute values need quotes"),
        AttrError::ExpectedQuote(at, _) => (Code::UnclosedQuote, *at, "the closing quote is missing"),
        AttrError::Duplicated(at, _) => (Code::DuplicateAttribute, *at, "the attribute is given twice"),
    };
    let at = base + crate::span::floor_boundary(content, at);
    Diagnostic::error(code, Span::at(at), message).tag(tag)
}

/// Byte offset of `part` inside `whole` when it is a slice of it.
fn offset_in(whole: &str, part: &str) -> Option<usize> {
    let at = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    (at + part.len() <= whole.len()).then_some(at)
}
