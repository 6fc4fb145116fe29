//! From text to tree, never failing.
//!
//! quick-xml does the tokenising; this module keeps the stack of open elements and repairs what a strict reader would
//! refuse. Odd cases: an unclosed element that holds elements of its own name is taken for a forgotten `/` and its
//! children become its siblings; several top elements are put into one `View`; an attribute value that runs over a
//! line end into the next tag is taken for a forgotten quote.

mod repair;
mod stack;

use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::sample;
use crate::span::{LineIndex, Span, floor_boundary};
use crate::tree::{Document, Element};
use quick_xml::Reader;
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

    fn finish(mut self) -> Parsed {
        let root = self.take_root();
        let lines = LineIndex::new(self.source);
        let (sample_tasks, problems) = sample::tasks(self.source, &self.comments);
        self.diagnostics.extend(problems);
        for problem in &mut self.diagnostics {
            problem.locate(self.source, &lines);
        }
        self.diagnostics.sort_by(Diagnostic::reading_order);
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
