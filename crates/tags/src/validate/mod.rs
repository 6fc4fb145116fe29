//! Checks of meaning (tags.md 8.1): every rule Label Studio has, and some it lacks, each with a place and, where it is
//! known, a repair.

mod attributes;
mod css_color;
mod names;
mod nesting;
mod save;
mod soft;

use crate::node::{Node, NodeId};
use crate::tree::Tree;
use tagloom_label_config::{Code, Diagnostic, Document, LineIndex, Span};

pub use save::validate_for_save;

/// Checking stops after this many problems; nobody reads more, and each one costs time.
const MOST_PROBLEMS: usize = 300;
/// Names inside Repeaters that numbered references are compared with.
const MOST_PATTERNS: usize = 500;

/// What every check works on.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    /// The tree as written; Repeaters are tags in it.
    pub(crate) tree: &'a Tree,
    /// Names with an index flag in them: the name, the flag and the tag.
    pub(crate) repeated: Vec<(&'a str, &'a str, NodeId)>,
    pub(crate) out: Vec<Diagnostic>,
}

impl<'a> Context<'a> {
    fn new(source: &'a str, tree: &'a Tree) -> Self {
        let mut repeated = Vec::new();
        for repeater in tree.nodes.iter().filter(|node| node.is("Repeater")) {
            let flag = repeater.str("indexFlag");
            let inside =
                tree.descendants(repeater.id).filter_map(|node| Some((node.name.as_deref()?, node.id)));
            let named = inside.filter(|(name, _)| !flag.is_empty() && name.contains(flag));
            repeated.extend(named.map(|(name, id)| (name, flag, id)));
            if repeated.len() > MOST_PATTERNS {
                break;
            }
        }
        repeated.truncate(MOST_PATTERNS);
        Self { source, tree, repeated, out: Vec::new() }
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// The index flags of the Repeaters around a node.
    pub(crate) fn flags_around(&self, node: &Node) -> Vec<&'a str> {
        self.tree
            .ancestors(node.id)
            .filter(|around| around.is("Repeater"))
            .map(|around| around.str("indexFlag"))
            .collect()
    }

    /// Where a new attribute goes: right behind the tag name.
    pub(crate) fn attribute_place(&self, node: &Node) -> Span {
        Span::at(node.name_span.end)
    }

    fn is_full(&self) -> bool {
        self.out.len() >= MOST_PROBLEMS
    }
}

/// Every problem of the tree, with line and column.
pub(crate) fn all(document: &Document, template: &Tree) -> Vec<Diagnostic> {
    let mut context = Context::new(&document.source, template);
    for node in &template.nodes {
        nesting::check(&mut context, node);
        attributes::check(&mut context, node);
        names::check(&mut context, node);
        soft::check(&mut context, node);
        if context.is_full() {
            let message = "too many mistakes; the rest was not checked";
            context.push(Diagnostic::error(Code::TooManyProblems, node.name_span, message));
            break;
        }
    }
    if !context.is_full() {
        names::check_unique(&mut context);
        soft::check_hotkeys(&mut context);
    }
    let lines = LineIndex::new(&document.source);
    for diagnostic in &mut context.out {
        diagnostic.locate(&document.source, &lines);
    }
    context.out
}
