//! The element tree of a config.

use crate::span::Span;
use serde::Serialize;
use std::sync::Arc;

/// Position of an element in document order; the root is 0. Unique within one [`Document`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ElementId(pub u32);

/// One attribute of an element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Name as written.
    pub name: String,
    /// Name in lower case; what look-ups use.
    pub key: String,
    /// Decoded value. Line breaks and tabs written literally are spaces, as XML wants.
    pub value: String,
    /// The whole `name="value"`.
    pub span: Span,
    /// The value without its quotes; empty and after the name when there is none.
    pub value_span: Span,
}

impl Attribute {
    /// The span of the name.
    pub fn name_span(&self) -> Span {
        Span::new(self.span.start, self.span.start + self.name.len())
    }

    /// `true` and `false`, written exactly so, are booleans; anything else is not.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The value as a finite number, blanks around it ignored.
    pub fn as_number(&self) -> Option<f64> {
        self.value.trim().parse::<f64>().ok().filter(|n| n.is_finite())
    }
}

/// One element.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Element {
    /// Place in document order.
    pub id: ElementId,
    /// Tag name as written.
    pub name: String,
    /// Tag name in lower case.
    pub tag: String,
    /// Attributes in source order; keys are unique, the first one wins.
    pub attributes: Vec<Attribute>,
    /// Child elements in source order.
    pub children: Vec<Element>,
    /// Direct text and CDATA, decoded, joined and trimmed. Comments are not text.
    pub text: String,
    /// Body of the only comment in an element that has neither text nor children.
    pub comment: Option<String>,
    /// From `<` of the start tag to the end of the end tag.
    pub span: Span,
    /// The tag name in the start tag.
    pub name_span: Span,
    /// Everything between the start and the end tag; empty for `<a/>`.
    pub inner: Span,
}

impl Element {
    /// The attribute with that lower-case key.
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.key == key)
    }

    /// The value of the attribute with that lower-case key.
    pub fn attr(&self, key: &str) -> Option<&str> {
        self.attribute(key).map(|attribute| attribute.value.as_str())
    }

    /// The attribute as a boolean; only `true` and `false` count.
    pub fn bool_attr(&self, key: &str) -> Option<bool> {
        self.attribute(key).and_then(Attribute::as_bool)
    }

    /// The attribute as a finite number.
    pub fn number_attr(&self, key: &str) -> Option<f64> {
        self.attribute(key).and_then(Attribute::as_number)
    }

    /// The element and all below it, depth first, parents before children.
    pub fn walk(&self) -> Walk<'_> {
        Walk { stack: vec![self] }
    }

    /// How many elements this is, itself included.
    pub fn count(&self) -> usize {
        self.walk().count()
    }

    /// Whether both are the same apart from ids and spans.
    pub fn same_content(&self, other: &Element) -> bool {
        self.name == other.name
            && self.text == other.text
            && self.attributes.len() == other.attributes.len()
            && self
                .attributes
                .iter()
                .zip(&other.attributes)
                .all(|(a, b)| a.name == b.name && a.value == b.value)
            && self.children.len() == other.children.len()
            && self.children.iter().zip(&other.children).all(|(a, b)| a.same_content(b))
    }
}

/// Depth-first iterator over elements.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    stack: Vec<&'a Element>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a Element;

    fn next(&mut self) -> Option<&'a Element> {
        let element = self.stack.pop()?;
        self.stack.extend(element.children.iter().rev());
        Some(element)
    }
}

/// A parsed config: its source and its root element.
#[derive(Clone, Debug)]
pub struct Document {
    /// The text the spans point into.
    pub source: Arc<str>,
    /// The root element; `None` when the source has no element at all.
    pub root: Option<Element>,
    /// Whether [`crate::expand`] stopped early because the task data would have made too many elements.
    pub truncated: bool,
}

impl Document {
    /// Every element, depth first, parents before children.
    pub fn walk(&self) -> Walk<'_> {
        Walk { stack: self.root.iter().collect() }
    }

    /// The element with that id.
    pub fn element(&self, id: ElementId) -> Option<&Element> {
        // Ids grow in document order, so the right child is the last one that does not start after `id`.
        let mut current = self.root.as_ref()?;
        while current.id != id {
            current = current.children.iter().rev().find(|child| child.id <= id)?;
        }
        Some(current)
    }

    /// The elements around `id`, innermost first; empty for the root and for unknown ids.
    pub fn parents(&self, id: ElementId) -> Vec<&Element> {
        let mut path = Vec::new();
        let Some(mut current) = self.root.as_ref() else { return path };
        while current.id != id {
            path.push(current);
            match current.children.iter().rev().find(|child| child.id <= id) {
                Some(child) => current = child,
                None => return Vec::new(),
            }
        }
        path.reverse();
        path
    }

    /// The markup between the tags of `element` exactly as written, trimmed. A lone CDATA section gives its content.
    pub fn inner_markup(&self, element: &Element) -> &str {
        let inner = element.inner.text(&self.source).trim();
        match inner.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>")) {
            Some(body) if !body.contains("]]>") => body,
            _ => inner,
        }
    }

    /// Give every element its id in document order.
    pub(crate) fn number(&mut self) {
        fn visit(element: &mut Element, next: &mut u32) {
            element.id = ElementId(*next);
            *next = next.saturating_add(1);
            for child in &mut element.children {
                visit(child, next);
            }
        }
        if let Some(root) = &mut self.root {
            visit(root, &mut 0);
        }
    }
}
