//! XPath-style addresses of HyperText results, and their way to global offsets and back (results.md 3.9).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::tree::{Node, NodeId, ROOT, TEXT};
use crate::{CodePoint, Span, TextTree};

/// A parsed address: steps from the content root, and whether a text node is the last one.
///
/// Written `/div[1]/p[2]/text()[1]`; a missing `[n]` means `[1]`, names are lower-cased, and the root itself is the
/// empty string or `/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    elements: Vec<(String, u32)>,
    text: Option<u32>,
}

/// A place: an address and an offset in it.
///
/// In a text node the offset counts UTF-16 units. In an element it counts child nodes, as DOM ranges do, with
/// neighbouring text nodes as one; such places come up between two `<br>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathPoint {
    pub path: String,
    pub offset: usize,
}

/// The four path keys of a HyperText result value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathRange {
    pub start: String,
    pub end: String,
    pub start_offset: usize,
    pub end_offset: usize,
}

/// All that a stored result says about its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredRange {
    pub path: Option<PathRange>,
    pub global: Option<Span>,
}

/// Which part of a [`StoredRange`] led to the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolvedBy {
    Path,
    /// The paths do not resolve in this content (any more).
    GlobalOffsets,
    /// The paths resolve, but an offset lies behind the end of its node and was moved there.
    ShortenedPath,
}

/// Which neighbour a place between two text nodes belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// The node that begins there: right for the start of a span.
    Start,
    /// The node that ends there: right for the end of a span.
    End,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("`{step}` is not a step of a path such as /div[1]/p[2]/text()[1], in {path}")]
    Malformed { step: String, path: String },
    #[error("the content has no node {path}")]
    NotFound { path: String },
    #[error("offset {offset} lies behind the end ({length}) of {path}")]
    OffsetOutside { offset: usize, length: usize, path: String },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(path: &str) -> Result<Self, AddressError> {
        let mut address = Self { elements: Vec::new(), text: None };
        for step in path.trim().split('/').filter(|step| !step.is_empty() && *step != ".") {
            let malformed = || AddressError::Malformed { step: step.to_owned(), path: path.to_owned() };
            let (name, ordinal) = match step.split_once('[') {
                None => (step, 1),
                Some((name, rest)) => {
                    let digits = rest.strip_suffix(']').ok_or_else(malformed)?;
                    (name, digits.parse().map_err(|_| malformed())?)
                }
            };
            if address.text.is_some() || name.is_empty() || ordinal == 0 {
                return Err(malformed());
            }
            if name.eq_ignore_ascii_case("text()") {
                address.text = Some(ordinal);
            } else if name.contains(['(', ')', ']', '@', '"', '\'']) {
                return Err(malformed());
            } else {
                address.elements.push((name.to_lowercase(), ordinal));
            }
        }
        Ok(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, ordinal) in &self.elements {
            write!(f, "/{name}[{ordinal}]")?;
        }
        match self.text {
            Some(ordinal) => write!(f, "/text()[{ordinal}]"),
            None => Ok(()),
        }
    }
}

impl TextTree {
    /// Address of a global offset. Offsets behind the end mean the end.
    ///
    /// The answer always leads back to the same offset with [`Self::code_point_at`].
    #[must_use]
    pub fn point_at(&self, offset: CodePoint, bias: Bias) -> PathPoint {
        let offset = offset.min(self.index.len());
        if let Some(id) = self.text_node_at(offset, bias) {
            let from = self.index.utf16_from_code_point(self.node(id).start);
            let utf16 = self.index.utf16_from_code_point(offset) - from;
            return PathPoint { path: self.address(id).to_string(), offset: utf16 };
        }
        let next = self.breaks.partition_point(|id| self.node(*id).start < offset);
        let beside = |at: usize, after: bool| {
            let node = self.node(*self.breaks.get(at)?);
            let touches = if after { node.end == offset } else { node.start == offset };
            touches.then(|| PathPoint {
                path: self.address(node.parent).to_string(),
                offset: node.child_index as usize + usize::from(after),
            })
        };
        beside(next, false)
            .or_else(|| beside(next.checked_sub(1)?, true))
            .unwrap_or(PathPoint { path: String::new(), offset: 0 })
    }

    fn text_node_at(&self, offset: CodePoint, bias: Bias) -> Option<NodeId> {
        // Text nodes are never empty, so at most one ends and one begins at a place.
        let after = self.texts.partition_point(|id| self.node(*id).start <= offset);
        let begun = after.checked_sub(1).map(|at| self.texts[at]);
        let holds = |id: NodeId| offset <= self.node(id).end;
        let begun = begun.filter(|id| holds(*id))?;
        let starts_here = self.node(begun).start == offset;
        let before = after.checked_sub(2).map(|at| self.texts[at]).filter(|id| holds(*id));
        match (bias, before) {
            (Bias::End, Some(before)) if starts_here => Some(before),
            _ => Some(begun),
        }
    }

    fn address(&self, id: NodeId) -> Address {
        let mut elements = Vec::new();
        let node = self.node(id);
        let (text, mut at) =
            if id != ROOT && node.name == TEXT { (Some(node.ordinal), node.parent) } else { (None, id) };
        while at != ROOT {
            let Node { parent, name, ordinal, .. } = self.node(at);
            elements.push((self.names[*name as usize].clone(), *ordinal));
            at = *parent;
        }
        elements.reverse();
        Address { elements, text }
    }

    /// Global offset of a place given by path.
    pub fn code_point_at(&self, point: &PathPoint) -> Result<CodePoint, AddressError> {
        let id = self.find(&point.path)?;
        let length = self.offset_limit(id);
        if point.offset > length {
            let path = point.path.clone();
            return Err(AddressError::OffsetOutside { offset: point.offset, length, path });
        }
        Ok(self.code_point_in(id, point.offset))
    }

    fn find(&self, path: &str) -> Result<NodeId, AddressError> {
        let address: Address = path.parse()?;
        let mut at = ROOT;
        for (name, ordinal) in &address.elements {
            let step = self.name_ids.get(name).and_then(|name| self.by_step.get(&(at, *name, *ordinal)));
            at = *step.ok_or_else(|| AddressError::NotFound { path: path.to_owned() })?;
        }
        match address.text {
            None => Ok(at),
            Some(ordinal) => self
                .by_step
                .get(&(at, TEXT, ordinal))
                .copied()
                .ok_or_else(|| AddressError::NotFound { path: path.to_owned() }),
        }
    }

    fn is_text(&self, id: NodeId) -> bool {
        id != ROOT && self.node(id).name == TEXT
    }

    fn offset_limit(&self, id: NodeId) -> usize {
        let node = self.node(id);
        if self.is_text(id) {
            self.index.utf16_from_code_point(node.end) - self.index.utf16_from_code_point(node.start)
        } else {
            node.children.len()
        }
    }

    fn code_point_in(&self, id: NodeId, offset: usize) -> CodePoint {
        let node = self.node(id);
        if self.is_text(id) {
            let from = self.index.utf16_from_code_point(node.start);
            return self.index.code_point_from_utf16(from.saturating_add(offset)).min(node.end);
        }
        node.children.get(offset).map_or(node.end, |child| self.node(*child).start)
    }

    /// The path keys of a span, as they are stored beside `globalOffsets`.
    #[must_use]
    pub fn path_range(&self, span: Span) -> PathRange {
        let span = self.index.clamp(span);
        let start = self.point_at(span.start, Bias::Start);
        // An empty span keeps both ends in one node.
        let end = self.point_at(span.end, if span.is_empty() { Bias::Start } else { Bias::End });
        PathRange { start: start.path, end: end.path, start_offset: start.offset, end_offset: end.offset }
    }

    /// Place of a stored result: its paths; if they do not resolve, its global offsets; if it has none, the paths with
    /// offsets moved into their nodes. `None` means the result keeps its words but has no place in this content.
    #[must_use]
    pub fn resolve(&self, stored: &StoredRange) -> Option<(Span, ResolvedBy)> {
        if let Some(span) = stored.path.as_ref().and_then(|path| self.span_of(path).ok()) {
            return Some((span, ResolvedBy::Path));
        }
        if let Some(global) = stored.global {
            return Some((self.index.clamp(global), ResolvedBy::GlobalOffsets));
        }
        let path = stored.path.as_ref()?;
        let end_of = |path: &str, offset: usize| {
            let id = self.find(path).ok()?;
            Some(self.code_point_in(id, offset.min(self.offset_limit(id))))
        };
        let span = Span::new(end_of(&path.start, path.start_offset)?, end_of(&path.end, path.end_offset)?);
        Some((span, ResolvedBy::ShortenedPath))
    }

    /// Span of the path keys alone; both ends must resolve exactly.
    pub fn span_of(&self, path: &PathRange) -> Result<Span, AddressError> {
        let start = PathPoint { path: path.start.clone(), offset: path.start_offset };
        let end = PathPoint { path: path.end.clone(), offset: path.end_offset };
        Ok(Span::new(self.code_point_at(&start)?, self.code_point_at(&end)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TextTreeBuilder;

    /// `<div><p>One 💩 two</p><p>x<br><br>y<b>z</b>w</p></div>tail`
    fn sample() -> TextTree {
        let mut b = TextTreeBuilder::new();
        b.open("DIV").open("p").text("One ").text("💩 two").close();
        b.open("p")
            .text("x")
            .line_break()
            .line_break()
            .text("y")
            .open("b")
            .text("z")
            .close()
            .text("w")
            .close();
        b.close().text("tail");
        b.finish()
    }

    #[test]
    fn offsets_are_utf16_in_the_node_and_code_points_globally() {
        let tree = sample();
        assert_eq!(tree.index().text(), "One 💩 twox\n\nyzwtail");
        let range = tree.path_range(Span::from(6..9));
        assert_eq!(range.start, "/div[1]/p[1]/text()[1]");
        assert_eq!((range.start_offset, range.end_offset), (7, 10));
        assert_eq!(tree.span_of(&range), Ok(Span::from(6..9)));
    }

    #[test]
    fn ends_prefer_the_node_they_close() {
        let tree = sample();
        let range = tree.path_range(Span::from(13..14));
        assert_eq!((range.start.as_str(), range.start_offset), ("/div[1]/p[2]/b[1]/text()[1]", 0));
        assert_eq!((range.end.as_str(), range.end_offset), ("/div[1]/p[2]/b[1]/text()[1]", 1));
        let range = tree.path_range(Span::from(16..19));
        assert_eq!((range.end.as_str(), range.end_offset), ("/text()[1]", 4));
    }

    #[test]
    fn places_between_line_breaks_have_an_element_address() {
        let tree = sample();
        let point = tree.point_at(CodePoint(11), Bias::Start);
        assert_eq!(point, PathPoint { path: "/div[1]/p[2]".into(), offset: 2 });
        assert_eq!(tree.code_point_at(&point), Ok(CodePoint(11)));
    }

    #[test]
    fn split_text_counts_as_one_node_and_a_comment_parts_it() {
        let mut b = TextTreeBuilder::new();
        b.open("p").text("ab").text("").text("cd").separator().text("ef").close();
        let tree = b.finish();
        let at = |path: &str, offset| tree.code_point_at(&PathPoint { path: path.into(), offset });
        assert_eq!(at("/p[1]/text()[1]", 4), Ok(CodePoint(4)));
        assert_eq!(at("/p/text()[2]", 1), Ok(CodePoint(5)));
        assert_eq!(
            at("/P[1]/text()[1]", 5),
            Err(AddressError::OffsetOutside { offset: 5, length: 4, path: "/P[1]/text()[1]".into() })
        );
        assert_eq!(at("/p[2]", 0), Err(AddressError::NotFound { path: "/p[2]".into() }));
        assert!(matches!(at("/p[x]/text()[1]", 0), Err(AddressError::Malformed { .. })));
        assert!(matches!(at("/text()[1]/p[1]", 0), Err(AddressError::Malformed { .. })));
    }

    #[test]
    fn loading_falls_back_in_the_documented_order() {
        let tree = sample();
        let path = |start: &str, offset| PathRange {
            start: start.into(),
            end: start.into(),
            start_offset: 0,
            end_offset: offset,
        };
        let good = path("/div[1]/p[2]/b[1]/text()[1]", 1);
        let gone = path("/div[9]/text()[1]", 1);
        let long = path("/text()[1]", 400);
        let global = Some(Span::from(0..3));
        let resolve =
            |path: &PathRange, global| tree.resolve(&StoredRange { path: Some(path.clone()), global });
        assert_eq!(resolve(&good, global), Some((Span::from(13..14), ResolvedBy::Path)));
        assert_eq!(resolve(&gone, global), Some((Span::from(0..3), ResolvedBy::GlobalOffsets)));
        assert_eq!(resolve(&long, global), Some((Span::from(0..3), ResolvedBy::GlobalOffsets)));
        assert_eq!(resolve(&long, None), Some((Span::from(15..19), ResolvedBy::ShortenedPath)));
        assert_eq!(resolve(&gone, None), None);
        assert_eq!(tree.resolve(&StoredRange::default()), None);
    }

    #[test]
    fn an_empty_document_has_one_place() {
        let tree = TextTreeBuilder::new().finish();
        let point = tree.point_at(CodePoint(7), Bias::End);
        assert_eq!(tree.code_point_at(&point), Ok(CodePoint::ZERO));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Open(&'static str),
        Close,
        Text(String),
        Break,
        Comment,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            prop::sample::select(vec!["div", "p", "b", "svg:g"]).prop_map(Step::Open),
            Just(Step::Close),
            "[a💩é\n]{0,4}".prop_map(Step::Text),
            Just(Step::Break),
            Just(Step::Comment),
        ];
        prop::collection::vec(step, 0..40)
    }

    fn build(steps: &[Step]) -> TextTree {
        let mut b = TextTreeBuilder::new();
        for step in steps {
            match step {
                Step::Open(name) => b.open(name),
                Step::Close => b.close(),
                Step::Text(text) => b.text(text),
                Step::Break => b.line_break(),
                Step::Comment => b.separator(),
            };
        }
        b.finish()
    }

    proptest! {
        #[test]
        fn every_offset_survives_the_way_there_and_back(steps in steps()) {
            let tree = build(&steps);
            for n in 0..=tree.index().len().0 {
                for bias in [Bias::Start, Bias::End] {
                    let point = tree.point_at(CodePoint(n), bias);
                    prop_assert_eq!(tree.code_point_at(&point), Ok(CodePoint(n)), "{:?}", point);
                    let parsed: Address = point.path.parse().unwrap();
                    prop_assert_eq!(parsed.to_string(), point.path);
                }
            }
        }

        #[test]
        fn every_span_survives_storing_and_loading(steps in steps(), a in 0usize..80, b in 0usize..80) {
            let tree = build(&steps);
            let span = tree.index().clamp(Span::from(a..b));
            let stored = StoredRange { path: Some(tree.path_range(span)), global: Some(span) };
            prop_assert_eq!(tree.resolve(&stored), Some((span, ResolvedBy::Path)));
        }

        #[test]
        fn no_path_panics(path in "[/a-z()\\[\\]0-9.]{0,24}", offset in any::<usize>()) {
            let _ = sample().code_point_at(&PathPoint { path, offset });
        }
    }
}
