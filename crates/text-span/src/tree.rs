//! HTML content as elements and text, without a DOM.

use std::collections::HashMap;

use crate::{CodePoint, TextIndex};

/// Place of a node in the tree's list.
pub(crate) type NodeId = u32;

pub(crate) const ROOT: NodeId = 0;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) parent: NodeId,
    pub(crate) name: NameId,
    /// 1-based count among the siblings of the same name.
    pub(crate) ordinal: u32,
    /// Zero-based place among all children of the parent.
    pub(crate) child_index: u32,
    pub(crate) start: CodePoint,
    pub(crate) end: CodePoint,
    pub(crate) children: Vec<NodeId>,
}

/// Interned element name; [`TEXT`] for text nodes.
pub(crate) type NameId = u32;

pub(crate) const TEXT: NameId = 0;

/// The content of a HyperText object: its text, and which elements hold which part of it.
///
/// Global offsets count the code points of all text nodes in document order, and 1 for each `<br>` (results.md 3.9).
/// [`TextTree::index`] holds that text with a `\n` in place of each `<br>`, so words are cut with
/// [`span_text`](crate::span_text) as in plain text.
///
/// Build it with [`TextTreeBuilder`] from whatever parses the HTML. Elements that only exist for display (highlight
/// spans) are left out by not telling the builder about them; the text around and in them becomes one node.
#[derive(Clone, Debug)]
pub struct TextTree {
    pub(crate) index: TextIndex,
    pub(crate) nodes: Vec<Node>,
    pub(crate) names: Vec<String>,
    pub(crate) name_ids: HashMap<String, NameId>,
    /// (parent, name, ordinal) to node: one look-up per step of a path, however many siblings there are.
    pub(crate) by_step: HashMap<(NodeId, NameId, u32), NodeId>,
    /// Text nodes in document order. None is empty.
    pub(crate) texts: Vec<NodeId>,
    /// `<br>` nodes in document order.
    pub(crate) breaks: Vec<NodeId>,
}

impl TextTree {
    /// The whole text, in the unit of `globalOffsets`.
    #[must_use]
    pub fn index(&self) -> &TextIndex {
        &self.index
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }
}

/// Takes the content in document order and makes a [`TextTree`].
#[derive(Debug)]
pub struct TextTreeBuilder {
    text: String,
    code_points: usize,
    tree: TextTree,
    /// Open elements, the root first.
    open: Vec<OpenElement>,
    /// The text node that the next text continues.
    growing: Option<NodeId>,
}

#[derive(Debug, Default)]
struct OpenElement {
    node: NodeId,
    seen: HashMap<NameId, u32>,
}

impl Default for TextTreeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TextTreeBuilder {
    #[must_use]
    pub fn new() -> Self {
        let root = Node {
            parent: ROOT,
            name: TEXT,
            ordinal: 1,
            child_index: 0,
            start: CodePoint::ZERO,
            end: CodePoint::ZERO,
            children: Vec::new(),
        };
        let tree = TextTree {
            index: TextIndex::new(""),
            nodes: vec![root],
            // Never asked for by name: `text()` cannot be an element name.
            names: vec!["text()".to_owned()],
            name_ids: HashMap::new(),
            by_step: HashMap::new(),
            texts: Vec::new(),
            breaks: Vec::new(),
        };
        Self { text: String::new(), code_points: 0, tree, open: vec![OpenElement::default()], growing: None }
    }

    /// An element begins. `<br>` is given to [`Self::line_break`] instead.
    pub fn open(&mut self, name: &str) -> &mut Self {
        let name = self.name_id(name);
        let node = self.add(name);
        self.open.push(OpenElement { node, seen: HashMap::new() });
        self
    }

    /// The innermost open element ends. Too many calls are ignored: the root stays open.
    pub fn close(&mut self) -> &mut Self {
        self.growing = None;
        if self.open.len() > 1
            && let Some(closed) = self.open.pop()
        {
            self.tree.nodes[closed.node as usize].end = CodePoint(self.code_points);
        }
        self
    }

    /// Text. Text that directly follows text belongs to the same node, as if it had never been split.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        let node = match self.growing {
            Some(node) => node,
            None => {
                let node = self.add(TEXT);
                self.tree.texts.push(node);
                self.growing = Some(node);
                node
            }
        };
        self.text.push_str(text);
        self.code_points += text.chars().count();
        self.tree.nodes[node as usize].end = CodePoint(self.code_points);
        self
    }

    /// A `<br>`: one code point of the global offsets.
    pub fn line_break(&mut self) -> &mut Self {
        let name = self.name_id("br");
        let node = self.add(name);
        self.tree.breaks.push(node);
        self.text.push('\n');
        self.code_points += 1;
        self.tree.nodes[node as usize].end = CodePoint(self.code_points);
        self
    }

    /// Something that is neither element nor text but does part two text nodes: a comment.
    pub fn separator(&mut self) -> &mut Self {
        self.growing = None;
        self
    }

    /// Elements still open are closed.
    #[must_use]
    pub fn finish(mut self) -> TextTree {
        while self.open.len() > 1 {
            self.close();
        }
        self.tree.nodes[ROOT as usize].end = CodePoint(self.code_points);
        self.tree.index = TextIndex::new(self.text);
        self.tree
    }

    fn name_id(&mut self, name: &str) -> NameId {
        let name = name.to_lowercase();
        if let Some(id) = self.tree.name_ids.get(&name) {
            return *id;
        }
        let id = self.tree.names.len() as NameId;
        self.tree.names.push(name.clone());
        self.tree.name_ids.insert(name, id);
        id
    }

    fn add(&mut self, name: NameId) -> NodeId {
        self.growing = None;
        let id = self.tree.nodes.len() as NodeId;
        let here = CodePoint(self.code_points);
        let (parent, ordinal) = match self.open.last_mut() {
            Some(open) => {
                let seen = open.seen.entry(name).or_insert(0);
                *seen += 1;
                (open.node, *seen)
            }
            None => (ROOT, 1),
        };
        let siblings = &mut self.tree.nodes[parent as usize].children;
        let child_index = siblings.len() as u32;
        siblings.push(id);
        self.tree.by_step.insert((parent, name, ordinal), id);
        self.tree.nodes.push(Node {
            parent,
            name,
            ordinal,
            child_index,
            start: here,
            end: here,
            children: Vec::new(),
        });
        id
    }
}
