//! What to do with text a strict reader would refuse.

use super::{Next, Parser};
use crate::attributes::{self, is_name_start, name_len};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::span::Span;
use crate::tree::Attribute;
use quick_xml::errors::{Error, SyntaxError};

impl Parser<'_> {
    /// The token at `start` could not be read.
    pub(super) fn broken(&mut self, error: &Error, start: usize) -> Next {
        let source = self.source;
        let rest = &source[start..];
        let Error::Syntax(syntax) = error else {
            return self.bad_markup(start, "this cannot be read as XML", next_char(source, start));
        };
        match syntax {
            SyntaxError::UnclosedComment => {
                self.comment(Span::new((start + 4).min(source.len()), source.len()));
                self.bad_markup(start, "the comment is never closed; `-->` is missing", source.len())
            }
            SyntaxError::UnclosedCData => {
                self.push_text(rest.get("<![CDATA[".len()..).unwrap_or(""), Span::new(start, source.len()));
                self.bad_markup(start, "the CDATA section is never closed; `]]>` is missing", source.len())
            }
            SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => self.bad_markup(
                start,
                "the `<?` instruction is never closed; `?>` is missing",
                after_gt(source, start),
            ),
            SyntaxError::UnclosedDoctype => {
                let message = "document type and entity declarations are not allowed";
                self.diagnostics.push(Diagnostic::error(Code::Doctype, Span::new(start, start + 2), message));
                Next::Restart(after_gt(source, start))
            }
            SyntaxError::InvalidBangMarkup => self.bad_markup(
                start,
                "`<!` starts a comment (`<!-- -->`) or a CDATA section",
                after_gt(source, start),
            ),
            SyntaxError::UnclosedTag
            | SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue => {
                let after = &rest[rest.len().min(1)..];
                if !after.starts_with(is_name_start) && !after.starts_with('/') {
                    return self.literal_lt(start);
                }
                let at = runaway_quote(after).unwrap_or_else(|| first_quote_or_end(after));
                self.cut_tag(start, start + 1 + at)
            }
        }
    }

    pub(super) fn bad_markup(&mut self, start: usize, message: &str, resume: usize) -> Next {
        let span = Span::new(start, next_char(self.source, start));
        self.diagnostics.push(Diagnostic::error(Code::BadMarkup, span, message));
        Next::Restart(resume)
    }

    /// A tag that never ends. With an open quote at `at` it is taken to end with its line, else right at `at`.
    pub(super) fn cut_tag(&mut self, start: usize, at: usize) -> Next {
        let source = self.source;
        let from = at.min(source.len());
        let quote = source[from..].chars().next().filter(|c| matches!(c, '"' | '\''));
        let tail = &source[from..];
        // Only look past the quote for the end of the tag; `/><` on the same line ends it as well.
        let line_end = tail.find('\n').unwrap_or(tail.len());
        let line = &tail[..line_end];
        let cut = match line.find("/><").map(|at| at + 2).or_else(|| line.find("><").map(|at| at + 1)) {
            _ if quote.is_none() => from,
            Some(at) => from + at,
            None => from + line_end,
        };
        let body = source[start..cut].trim_end();
        let slash = body.ends_with("/>") || body.ends_with('/');
        let name = &body[1..1 + name_len(&body[1..])];
        // `<Label value="x" </View>`: what follows closes something else, so this tag was meant to be empty.
        let parent_ends = source[cut..].strip_prefix("</").is_some_and(|rest| !rest.starts_with(name));
        let empty = slash || (quote.is_none() && parent_ends);
        let content_end = start + body.trim_end_matches('>').trim_end_matches('/').trim_end().len();
        if let Some(quote) = quote {
            let fix = Fix::replace("Close the quote", Span::at(content_end), quote.to_string());
            let span = Span::new(from, from + 1);
            let message = "this quote is never closed";
            self.diagnostics.push(Diagnostic::error(Code::UnclosedQuote, span, message).fix(Some(fix)));
        } else {
            let end = match (slash, empty) {
                (true, _) => ">",
                (false, true) => "/>",
                (false, false) => ">",
            };
            let fix = Fix::replace("Close the tag", Span::at(start + body.len()), end);
            let span = Span::new(start, start + 1);
            self.diagnostics
                .push(Diagnostic::error(Code::UnclosedTag, span, "`>` is missing").fix(Some(fix)));
        }
        if source[start..].starts_with("</") {
            self.end_tag(start, cut);
        } else {
            self.open(start, content_end, start + body.len(), empty, quote);
        }
        Next::Restart(cut.max(start + 1))
    }

    /// A `<` that starts no tag.
    pub(super) fn literal_lt(&mut self, start: usize) -> Next {
        let span = Span::new(start, start + 1);
        let fix = Fix::replace("Write &lt;", span, "&lt;");
        let message = "`<` must be written `&lt;` in text";
        self.diagnostics.push(Diagnostic::error(Code::UnescapedLt, span, message).fix(Some(fix)));
        if let Some(open) = self.stack.last_mut() {
            open.text.push('<');
        }
        Next::Restart(start + 1)
    }

    /// Give the attribute reader what the author meant; whatever it says about the added quote is moved back inside.
    pub(super) fn repaired_attributes(
        &mut self,
        content: &str,
        base: usize,
        tag: &str,
        quote: char,
    ) -> Vec<Attribute> {
        let end = base + content.len();
        let known = self.diagnostics.len();
        let mut attributes = attributes::read(&format!("{content}{quote}"), base, tag, &mut self.diagnostics);
        let clamp = |span: &mut Span| *span = Span::new(span.start.min(end), span.end.min(end));
        for attribute in &mut attributes {
            clamp(&mut attribute.span);
            clamp(&mut attribute.value_span);
        }
        for problem in &mut self.diagnostics[known..] {
            clamp(&mut problem.span);
            problem.fix.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| clamp(&mut edit.span));
        }
        attributes
    }
}

/// Offset of the quote in the tag `content` whose value runs into the next tag, if there is one.
pub(super) fn runaway_quote(content: &str) -> Option<usize> {
    let mut open: Option<(char, usize)> = None;
    for (at, c) in content.char_indices() {
        match open {
            None if matches!(c, '"' | '\'') => open = Some((c, at)),
            Some((quote, _)) if c == quote => open = None,
            Some((_, from)) if c == '<' => {
                let value = &content[from + 1..at];
                if value.contains('\n') || value.ends_with("/>") {
                    return Some(from);
                }
            }
            _ => {}
        }
    }
    None
}

/// Offset of a `<` outside quotes: the next tag began before this one ended.
pub(super) fn stray_lt(content: &str) -> Option<usize> {
    let mut open: Option<char> = None;
    for (at, c) in content.char_indices() {
        match open {
            None if matches!(c, '"' | '\'') => open = Some(c),
            Some(quote) if c == quote => open = None,
            None if c == '<' => return Some(at),
            _ => {}
        }
    }
    None
}

/// In the text of a tag that never ends: offset of the quote that stays open, else of the end.
fn first_quote_or_end(tag: &str) -> usize {
    let line = tag.find('\n').unwrap_or(tag.len());
    let mut open: Option<(char, usize)> = None;
    for (at, c) in tag[..line].char_indices() {
        match open {
            None if matches!(c, '"' | '\'') => open = Some((c, at)),
            Some((quote, _)) if c == quote => open = None,
            None if matches!(c, '<') => return at,
            _ => {}
        }
    }
    open.map_or(line, |(_, at)| at)
}

fn next_char(source: &str, at: usize) -> usize {
    source.get(at..).and_then(|rest| rest.chars().next()).map_or(source.len(), |c| at + c.len_utf8())
}

/// Just behind the next `>`, or the end.
fn after_gt(source: &str, start: usize) -> usize {
    source[start..].find('>').map_or(source.len(), |at| start + at + 1)
}
