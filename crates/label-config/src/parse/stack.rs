//! The stack of open elements: starting, ending and attaching them.

use super::repair::{runaway_quote, stray_lt};
use super::{Next, Open, Parser};
use crate::attributes::{self, is_name_start, name_len};
use crate::decode::{Place, decode};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::span::Span;
use crate::suggest::closest;
use crate::tree::Element;

impl Parser<'_> {
    pub(super) fn start_tag(&mut self, start: usize, end: usize, empty: bool) -> Next {
        let content_end = end.saturating_sub(if empty { 2 } else { 1 }).max(start + 1);
        let content = &self.source[start + 1..content_end];
        if !content.starts_with(is_name_start) {
            return self.literal_lt(start);
        }
        if let Some(at) = runaway_quote(content).or_else(|| stray_lt(content)) {
            return self.cut_tag(start, start + 1 + at);
        }
        self.open(start, content_end, end, empty, None)
    }

    /// Begin the element whose tag spans `start..end` and whose name and attributes end at `content_end`.
    /// `open_quote`: the last attribute value lacks this quote.
    pub(super) fn open(
        &mut self,
        start: usize,
        content_end: usize,
        end: usize,
        empty: bool,
        open_quote: Option<char>,
    ) -> Next {
        let content = &self.source[start + 1..content_end.max(start + 1)];
        let len = name_len(content);
        let name = &content[..len];
        let name_span = Span::new(start + 1, start + 1 + len);
        if let Some(bad) = content[len..].chars().next().filter(|c| !c.is_whitespace()) {
            let message = format!("`{bad}` cannot be part of a tag name");
            let span = Span::new(name_span.end, name_span.end + bad.len_utf8());
            self.diagnostics.push(Diagnostic::error(Code::BadName, span, message).tag(name));
        }
        if self.elements >= self.limits.elements {
            let message = format!("a config may have at most {} elements", self.limits.elements);
            self.diagnostics.push(Diagnostic::error(Code::TooManyElements, name_span, message));
            return Next::Stop;
        }
        if self.stack.len() >= self.limits.depth || self.dropped > 0 {
            if !self.too_deep {
                self.too_deep = true;
                let message = format!(
                    "elements may be nested at most {} deep; deeper ones are left out",
                    self.limits.depth
                );
                self.diagnostics.push(Diagnostic::error(Code::TooDeep, name_span, message));
            }
            self.dropped += usize::from(!empty);
            return Next::Continue;
        }
        self.elements += 1;
        let attributes = match open_quote {
            None => attributes::read(content, start + 1, name, &mut self.diagnostics),
            Some(quote) => self.repaired_attributes(content, start + 1, name, quote),
        };
        let element = Element {
            name: name.to_owned(),
            tag: name.to_lowercase(),
            attributes,
            span: Span::new(start, end),
            name_span,
            inner: Span::at(end),
            ..Element::default()
        };
        let open = Open { element, text: String::new(), comments: Vec::new() };
        if empty {
            self.attach(open)
        } else {
            self.stack.push(open)
        }
        Next::Continue
    }

    pub(super) fn end_tag(&mut self, start: usize, end: usize) -> Next {
        if self.dropped > 0 {
            self.dropped -= 1;
            return Next::Continue;
        }
        let body = self.source[start..end].trim_start_matches("</");
        let name_start = end - body.len();
        let name = body.trim_end().trim_end_matches('>').trim();
        let name_span = Span::new(name_start, name_start + name.len());
        let Some(top) = self.stack.last() else {
            self.unmatched_end(name, start, end);
            return Next::Continue;
        };
        if top.element.name == name {
            self.close(start, end);
            return Next::Continue;
        }
        if let Some(depth) = self.stack.iter().rposition(|open| open.element.name == name) {
            while self.stack.len() > depth + 1 {
                self.close_unclosed(start);
            }
            self.close(start, end);
            return Next::Continue;
        }
        let expected = top.element.name.clone();
        if closest(name, [expected.as_str()]).is_some() {
            let fix = Fix::replace(format!("Write </{expected}>"), name_span, expected.clone());
            let message = format!("`</{name}>` should be `</{expected}>`");
            let problem = Diagnostic::error(Code::MismatchedTag, name_span, message);
            self.diagnostics.push(problem.tag(expected).value(name).fix(Some(fix)));
            self.close(start, end);
        } else {
            self.unmatched_end(name, start, end);
        }
        Next::Continue
    }

    pub(super) fn unmatched_end(&mut self, name: &str, start: usize, end: usize) {
        let span = Span::new(start, end);
        let message = match self.stack.last() {
            Some(top) => format!("`</{name}>` closes nothing; `{}` is open", top.element.name),
            None => format!("`</{name}>` closes nothing"),
        };
        let fix = Fix::replace("Remove it", span, "");
        self.diagnostics
            .push(Diagnostic::error(Code::UnmatchedEndTag, span, message).tag(name).fix(Some(fix)));
    }

    /// The innermost open element ends with the end tag at `start..end`.
    pub(super) fn close(&mut self, start: usize, end: usize) {
        let Some(mut open) = self.stack.pop() else { return };
        open.element.inner.end = start.max(open.element.inner.start);
        open.element.span.end = end;
        self.attach(open);
    }

    /// The innermost open element has no end tag; `at` is where its parent ends.
    pub(super) fn close_unclosed(&mut self, at: usize) {
        let Some(mut open) = self.stack.pop() else { return };
        let element = &mut open.element;
        let name = element.name.clone();
        let message = format!("`<{name}>` is never closed");
        let forgot_slash = element.children.first().is_some_and(|child| child.tag == element.tag)
            || (element.children.is_empty() && open.text.trim().is_empty());
        let fix = if forgot_slash {
            // A tag that was cut off has no `>` to replace.
            let gt = element.inner.start.saturating_sub(1);
            let has_gt = self.source.as_bytes().get(gt) == Some(&b'>');
            let span = if has_gt { Span::new(gt, gt + 1) } else { Span::at(element.inner.start) };
            Fix::replace("End the tag with />", span, "/>")
        } else {
            Fix {
                title: format!("Add </{name}>"),
                edits: vec![Edit { span: Span::at(at), text: format!("</{name}>") }],
            }
        };
        let problem = Diagnostic::error(Code::UnclosedTag, element.name_span, message);
        self.diagnostics.push(problem.tag(name).fix(Some(fix)));
        element.inner.end = at.max(element.inner.start);
        element.span.end = at.max(element.span.end);
        if !forgot_slash || self.stack.is_empty() {
            self.attach(open);
            return;
        }
        let siblings = std::mem::take(&mut open.element.children);
        open.element.span.end = open.element.inner.start;
        open.element.inner.end = open.element.inner.start;
        let text = std::mem::take(&mut open.text);
        self.attach(open);
        if let Some(parent) = self.stack.last_mut() {
            parent.element.children.extend(siblings);
            parent.text.push_str(&text);
        }
    }

    pub(super) fn close_all(&mut self) {
        while !self.stack.is_empty() {
            self.close_unclosed(self.source.len());
        }
    }

    /// Put a finished element into its parent.
    pub(super) fn attach(&mut self, mut open: Open) {
        open.element.text = open.text.trim().to_owned();
        if let ([comment], true, true) =
            (open.comments.as_slice(), open.element.text.is_empty(), open.element.children.is_empty())
        {
            open.element.comment = Some(comment.text(self.source).trim().to_owned());
        }
        match self.stack.last_mut() {
            Some(parent) => parent.element.children.push(open.element),
            None => self.roots.push(open.element),
        }
    }

    pub(super) fn comment(&mut self, body: Span) {
        self.comments.push(body);
        if let Some(open) = self.stack.last_mut() {
            open.comments.push(body);
        }
    }

    pub(super) fn flush_text(&mut self) {
        let Some(span) = self.text.take() else { return };
        let raw = span.text(self.source);
        if self.dropped > 0 {
            return;
        }
        let text = decode(raw, span.start, Place::Text, &mut self.diagnostics);
        self.push_text(&text, span);
    }

    pub(super) fn push_text(&mut self, text: &str, span: Span) {
        match self.stack.last_mut() {
            Some(open) => open.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                let message = "there is text outside the root element";
                self.diagnostics.push(Diagnostic::error(Code::TextOutsideRoot, span, message));
            }
        }
    }
}
