//! From text to tree, never failing.
//!
//! quick-xml does the tokenising; this module keeps the stack of open elements and repairs what a strict reader would
//! refuse. Odd cases: an unclosed element that holds elements of its own name is taken for a forgotten `/` and its
//! children become its siblings; several top elements are put into one `View`; an attribute value that runs over a
//! line end into the next tag is taken for a forgotten quote.

use crate::attributes::{self, is_name_start, name_len};
use crate::decode::{Place, decode};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::sample;
use crate::span::{LineIndex, Span, floor_boundary};
use crate::suggest::closest;
use crate::tree::{Attribute, Document, Element};
use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::Event;
use serde_json::Value;
use std::sync::Arc;

/// What a config may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest source in bytes; a larger one is not read at all.
    pub bytes: usize,
    /// Deepest nesting; what lies deeper is left out.
    pub depth: usize,
    /// Most elements; reading stops there.
    pub elements: usize,
    /// Most diagnostics; reading stops there.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 4 << 20, depth: 200, elements: 100_000, problems: 300 }
    }
}

/// What came out of a config source.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The best-effort tree.
    pub document: Document,
    /// Every problem found, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// Sample tasks found in comments, each an object with a `data` object.
    pub sample_tasks: Vec<Value>,
}

/// Parse with the default [`Limits`].
pub fn parse(xml: &str) -> Parsed {
    parse_with(xml, Limits::default())
}

/// Parse; never fails and never panics.
pub fn parse_with(xml: &str, limits: Limits) -> Parsed {
    let mut parser = Parser {
        source: xml,
        limits,
        diagnostics: Vec::new(),
        stack: Vec::new(),
        roots: Vec::new(),
        comments: Vec::new(),
        text: None,
        elements: 0,
        dropped: 0,
        too_deep: false,
    };
    if xml.len() > limits.bytes {
        let message = format!("the config has {} bytes; at most {} are read", xml.len(), limits.bytes);
        parser.diagnostics.push(Diagnostic::error(Code::TooLarge, Span::at(0), message));
    } else {
        parser.run();
        parser.close_all();
    }
    parser.finish()
}

/// An element whose end tag has not been seen.
struct Open {
    element: Element,
    text: String,
    comments: Vec<Span>,
}

struct Parser<'s> {
    source: &'s str,
    limits: Limits,
    diagnostics: Vec<Diagnostic>,
    stack: Vec<Open>,
    roots: Vec<Element>,
    comments: Vec<Span>,
    /// Raw text read and not yet decoded; references may span several events.
    text: Option<Span>,
    elements: usize,
    /// How many open elements were left out because of the depth limit.
    dropped: usize,
    too_deep: bool,
}

/// What to do after a token.
enum Next {
    Continue,
    /// Start tokenising anew at this byte.
    Restart(usize),
    Stop,
}

impl Parser<'_> {
    fn run(&mut self) {
        let mut base = 0;
        loop {
            if self.source[base..].starts_with('\u{feff}') {
                base += '\u{feff}'.len_utf8();
                continue;
            }
            match self.tokens(base) {
                // Every restart is behind where the last one began, and each costs a diagnostic, so this ends.
                Some(at) if at > base && at <= self.source.len() => base = at,
                _ => break,
            }
            if self.diagnostics.len() >= self.limits.problems {
                let message = "too many mistakes; the rest was not read";
                self.diagnostics.push(Diagnostic::error(Code::TooManyProblems, Span::at(base), message));
                break;
            }
        }
        self.flush_text();
    }

    /// Read tokens from byte `base` on; returns where to start anew, `None` at the end.
    fn tokens(&mut self, base: usize) -> Option<usize> {
        let source = self.source;
        let mut reader = Reader::from_str(&source[base..]);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        config.check_end_names = false;
        let position = |reader: &Reader<&[u8]>| base + usize::try_from(reader.buffer_position()).unwrap_or(0);
        loop {
            let start = floor_boundary(source, position(&reader));
            let event = reader.read_event();
            let end = floor_boundary(source, position(&reader)).max(start);
            if !matches!(event, Ok(Event::Text(_) | Event::GeneralRef(_))) {
                self.flush_text();
            }
            let next = match event {
                Ok(Event::Text(_) | Event::GeneralRef(_)) => {
                    self.text = Some(Span::new(self.text.map_or(start, |text| text.start), end));
                    Next::Continue
                }
                Ok(Event::Start(_)) => self.start_tag(start, end, false),
                Ok(Event::Empty(_)) => self.start_tag(start, end, true),
                Ok(Event::End(_)) => self.end_tag(start, end),
                Ok(Event::CData(_)) => {
                    let inner = Span::new(start + "<![CDATA[".len(), end.saturating_sub("]]>".len()));
                    self.push_text(
                        &inner.text(source).replace("\r\n", "\n").replace('\r', "\n"),
                        Span::new(start, end),
                    );
                    Next::Continue
                }
                Ok(Event::Comment(_)) => {
                    self.comment(Span::new(start + "<!--".len(), end.saturating_sub("-->".len())));
                    Next::Continue
                }
                Ok(Event::DocType(_)) => {
                    let span = Span::new(start, end);
                    let fix = Fix::replace("Remove the declaration", span, "");
                    let message = "document type and entity declarations are not allowed";
                    self.diagnostics.push(Diagnostic::error(Code::Doctype, span, message).fix(Some(fix)));
                    Next::Continue
                }
                Ok(Event::Decl(_) | Event::PI(_)) => Next::Continue,
                Ok(Event::Eof) => return None,
                Err(error) => self.broken(&error, start),
            };
            match next {
                Next::Continue if self.diagnostics.len() >= self.limits.problems => return Some(end),
                Next::Continue => {}
                Next::Restart(at) => return Some(at),
                Next::Stop => return None,
            }
        }
    }

    /// The token at `start` could not be read.
    fn broken(&mut self, error: &Error, start: usize) -> Next {
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

    fn bad_markup(&mut self, start: usize, message: &str, resume: usize) -> Next {
        let span = Span::new(start, next_char(self.source, start));
        self.diagnostics.push(Diagnostic::error(Code::BadMarkup, span, message));
        Next::Restart(resume)
    }

    /// A tag that never ends. With an open quote at `at` it is taken to end with its line, else right at `at`.
    fn cut_tag(&mut self, start: usize, at: usize) -> Next {
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
    fn literal_lt(&mut self, start: usize) -> Next {
        let span = Span::new(start, start + 1);
        let fix = Fix::replace("Write &lt;", span, "&lt;");
        let message = "`<` must be written `&lt;` in text";
        self.diagnostics.push(Diagnostic::error(Code::UnescapedLt, span, message).fix(Some(fix)));
        if let Some(open) = self.stack.last_mut() {
            open.text.push('<');
        }
        Next::Restart(start + 1)
    }

    fn start_tag(&mut self, start: usize, end: usize, empty: bool) -> Next {
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
    fn open(
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

    /// Give the attribute reader what the author meant; whatever it says about the added quote is moved back inside.
    fn repaired_attributes(&mut self, content: &str, base: usize, tag: &str, quote: char) -> Vec<Attribute> {
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

    fn end_tag(&mut self, start: usize, end: usize) -> Next {
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

    fn unmatched_end(&mut self, name: &str, start: usize, end: usize) {
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
    fn close(&mut self, start: usize, end: usize) {
        let Some(mut open) = self.stack.pop() else { return };
        open.element.inner.end = start.max(open.element.inner.start);
        open.element.span.end = end;
        self.attach(open);
    }

    /// The innermost open element has no end tag; `at` is where its parent ends.
    fn close_unclosed(&mut self, at: usize) {
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

    fn close_all(&mut self) {
        while !self.stack.is_empty() {
            self.close_unclosed(self.source.len());
        }
    }

    /// Put a finished element into its parent.
    fn attach(&mut self, mut open: Open) {
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

    fn comment(&mut self, body: Span) {
        self.comments.push(body);
        if let Some(open) = self.stack.last_mut() {
            open.comments.push(body);
        }
    }

    fn flush_text(&mut self) {
        let Some(span) = self.text.take() else { return };
        let raw = span.text(self.source);
        if self.dropped > 0 {
            return;
        }
        let text = decode(raw, span.start, Place::Text, &mut self.diagnostics);
        self.push_text(&text, span);
    }

    fn push_text(&mut self, text: &str, span: Span) {
        match self.stack.last_mut() {
            Some(open) => open.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                let message = "there is text outside the root element";
                self.diagnostics.push(Diagnostic::error(Code::TextOutsideRoot, span, message));
            }
        }
    }

    fn finish(mut self) -> Parsed {
        let root = self.take_root();
        let lines = LineIndex::new(self.source);
        let (sample_tasks, problems) = sample::tasks(self.source, &self.comments);
        self.diagnostics.extend(problems);
        for problem in &mut self.diagnostics {
            problem.locate(self.source, &lines);
        }
        self.diagnostics.sort_by_key(|problem| problem.span.start);
        let mut document = Document { source: Arc::from(self.source), root, truncated: false };
        document.number();
        Parsed { document, diagnostics: self.diagnostics, sample_tasks }
    }

    /// The one root; several are wrapped into a `View`.
    fn take_root(&mut self) -> Option<Element> {
        if self.roots.len() <= 1 {
            let root = self.roots.pop();
            if root.is_none() && self.diagnostics.is_empty() {
                let message = "the config has no tags; the smallest one is `<View></View>`";
                let fix = Fix::replace("Insert an empty View", Span::at(0), "<View></View>");
                self.diagnostics.push(Diagnostic::error(Code::Empty, Span::at(0), message).fix(Some(fix)));
            }
            return root;
        }
        let children = std::mem::take(&mut self.roots);
        let first = children.first().map_or(Span::at(0), |element| element.span);
        let second = children.get(1).map_or(first, |element| element.name_span);
        let end = children.last().map_or(first.end, |element| element.span.end);
        let edits = vec![
            Edit { span: Span::at(first.start), text: "<View>".into() },
            Edit { span: Span::at(end), text: "</View>".into() },
        ];
        let fix = Fix { title: "Put everything into one View".into(), edits };
        let message = "a config has exactly one root element";
        self.diagnostics.push(Diagnostic::error(Code::MultipleRoots, second, message).fix(Some(fix)));
        let span = Span::new(first.start, end);
        let view = Element {
            name: "View".into(),
            tag: "view".into(),
            children,
            span,
            inner: span,
            ..Element::default()
        };
        Some(Element { name_span: Span::at(first.start), ..view })
    }
}

/// Offset of the quote in the tag `content` whose value runs into the next tag, if there is one.
fn runaway_quote(content: &str) -> Option<usize> {
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
fn stray_lt(content: &str) -> Option<usize> {
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
