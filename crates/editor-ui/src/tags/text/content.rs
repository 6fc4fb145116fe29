//! The shown text: its DOM text nodes in document order, and code points to and from DOM positions.

use std::collections::HashMap;
use tagloom_text_span::{CodePoint, Span, TextIndex, TextTree, TextTreeBuilder};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Node, Text};

/// Lines per block of plain text; a block that is off the screen costs no layout.
const LINES_PER_BLOCK: usize = 120;

struct Piece {
    node: Text,
    /// Where the node begins, in code points of the whole text.
    start: usize,
    index: TextIndex,
}

/// Everything that is needed to map offsets of one mounted text.
pub(super) struct Content {
    pub tree: TextTree,
    pieces: Vec<Piece>,
    /// Text nodes by a number that each carries as a property.
    by_key: HashMap<u32, usize>,
}

const KEY: &str = "__tlPiece";

impl Content {
    /// Plain text in blocks of lines, appended to `holder`; with `numbered` each line is an element with its number.
    pub fn plain(document: &Document, holder: &Element, text: &str, numbered: bool) -> Self {
        let mut builder = TextTreeBuilder::new();
        builder.text(text);
        let tree = builder.finish();
        let mut content = Self { tree, pieces: Vec::new(), by_key: HashMap::new() };
        let (mut start, mut line) = (0, 0);
        for block in blocks(text) {
            let Ok(element) = document.create_element("div") else { continue };
            element.set_class_name("tl-text-block");
            // Appending to nodes we have just made cannot fail.
            let _ = holder.append_child(&element);
            if !numbered {
                let node = document.create_text_node(&shown(block));
                let _ = element.append_child(&node);
                start += content.add(node, start, block);
                continue;
            }
            for text in lines(block) {
                let node = document.create_text_node(&shown(text));
                if let Ok(holder) = document.create_element("span") {
                    holder.set_class_name("tl-text-line");
                    let _ = holder.set_attribute("data-line", &(line + 1).to_string());
                    let _ = holder.append_child(&node);
                    let _ = element.append_child(&holder);
                }
                start += content.add(node, start, text);
                line += 1;
            }
        }
        content
    }

    /// The text nodes below `holder`, as they were built; a `br` counts one.
    pub fn of_markup(holder: &Element) -> Self {
        let mut builder = TextTreeBuilder::new();
        let mut content =
            Self { tree: TextTreeBuilder::new().finish(), pieces: Vec::new(), by_key: HashMap::new() };
        let mut at = 0;
        content.walk(holder, &mut builder, &mut at);
        content.tree = builder.finish();
        content
    }

    fn walk(&mut self, parent: &Node, builder: &mut TextTreeBuilder, at: &mut usize) {
        let mut child = parent.first_child();
        while let Some(node) = child {
            if let Some(text) = node.dyn_ref::<Text>() {
                let value = text.data();
                builder.text(&value);
                *at += self.add(text.clone(), *at, &value);
            } else if let Some(element) = node.dyn_ref::<Element>() {
                if element.local_name() == "br" {
                    builder.line_break();
                    *at += 1;
                } else {
                    builder.open(&element.local_name());
                    self.walk(element, builder, at);
                    builder.close();
                }
            }
            child = node.next_sibling();
        }
    }

    /// Adds a node and gives its length in code points.
    fn add(&mut self, node: Text, start: usize, text: &str) -> usize {
        let key = self.pieces.len() as u32;
        // A node that takes no property is found by comparing positions instead.
        let _ = js_sys::Reflect::set(&node, &KEY.into(), &key.into());
        self.by_key.insert(key, self.pieces.len());
        let index = TextIndex::new(text);
        let length = index.len().0;
        self.pieces.push(Piece { node, start, index });
        length
    }

    pub fn index(&self) -> &TextIndex {
        self.tree.index()
    }

    /// A DOM position as a code point of the whole text; `None` for a position outside of it.
    pub fn code_point(&self, node: &Node, offset: u32) -> Option<usize> {
        let key = js_sys::Reflect::get(node, &KEY.into()).ok().and_then(|k| k.as_f64());
        if let Some(piece) = key.and_then(|k| self.by_key.get(&(k as u32))).map(|i| &self.pieces[*i])
            && piece.node.is_same_node(Some(node))
        {
            return Some(piece.start + piece.index.code_point_from_utf16(offset as usize).0);
        }
        // Between children: everything before the child at that place is before the position.
        let after = node.child_nodes().item(offset);
        let before = |piece: &Piece| {
            let other = after.as_ref().unwrap_or(node);
            let order = other.compare_document_position(&piece.node);
            let inside = order & Node::DOCUMENT_POSITION_CONTAINED_BY != 0;
            let precedes = order & Node::DOCUMENT_POSITION_PRECEDING != 0;
            precedes || (after.is_none() && inside)
        };
        let count = self.pieces.partition_point(before);
        match count {
            0 => self.pieces.first().map(|p| p.start),
            n => self.pieces.get(n - 1).map(|p| p.start + p.index.len().0),
        }
    }

    /// The DOM range of a span.
    pub fn range(&self, document: &Document, span: Span) -> Option<web_sys::Range> {
        let (start, end) = (span.start.0, span.end.0);
        let first = self.pieces.partition_point(|p| p.start + p.index.len().0 <= start);
        let last = self.pieces.partition_point(|p| p.start < end).checked_sub(1)?;
        let (first, last) = (self.pieces.get(first)?, self.pieces.get(last)?);
        let range = document.create_range().ok()?;
        let from = first.index.utf16_from_code_point(CodePoint(start.saturating_sub(first.start)));
        let to = last.index.utf16_from_code_point(CodePoint(end.saturating_sub(last.start)));
        range.set_start(&first.node, from as u32).ok()?;
        range.set_end(&last.node, to as u32).ok()?;
        Some(range)
    }
}

/// The lines of a block, each with its line break.
fn lines(block: &str) -> impl Iterator<Item = &str> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let end = (0..bytes.len())
            .find(|i| bytes[*i] == b'\n' || (bytes[*i] == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
        let (line, after) = rest.split_at(end.map_or(rest.len(), |i| i + 1));
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

/// Blocks of whole lines; a line ends after `\n`, or after a `\r` that no `\n` follows.
fn blocks(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let (mut start, mut lines) = (0, 0);
    for (i, byte) in bytes.iter().enumerate() {
        let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
        if ends {
            lines += 1;
            if lines == LINES_PER_BLOCK {
                out.push(&text[start..=i]);
                start = i + 1;
                lines = 0;
            }
        }
    }
    if start < text.len() || out.is_empty() {
        out.push(&text[start..]);
    }
    out
}

/// What is put on the screen for a text, code point for code point: browsers break lines at `\n` only, and show nothing
/// sensible for NUL.
fn shown(text: &str) -> String {
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        out.push(match c {
            '\r' if chars.peek() == Some(&'\n') => '\u{200b}',
            '\r' => '\n',
            '\0' => '\u{2400}',
            c => c,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_the_same_code_points_and_units() {
        for text in ["a\r\nb", "a\rb\n", "\0x", "💩\r\n👩‍👩‍👧", ""] {
            assert_eq!(shown(text).chars().count(), text.chars().count());
            assert_eq!(shown(text).encode_utf16().count(), text.encode_utf16().count());
        }
        assert_eq!(shown("a\r\nb\rc"), "a\u{200b}\nb\nc");
    }

    #[test]
    fn lines_keep_their_breaks() {
        assert_eq!(lines("a\r\nb\rc\n\nd").collect::<Vec<_>>(), ["a\r\n", "b\r", "c\n", "\n", "d"]);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn blocks_end_with_whole_lines_and_lose_nothing() {
        let text = "line\r\n".repeat(300) + "end";
        let parts = blocks(&text);
        assert_eq!(parts.concat(), text);
        assert_eq!(parts.len(), 3);
        assert!(parts[0].ends_with("\r\n"));
        assert_eq!(blocks(""), [""]);
        assert_eq!(blocks("a"), ["a"]);
    }
}
