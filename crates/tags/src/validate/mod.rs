//! Checks of meaning (tags.md 8.1): every rule Label Studio has, and some it lacks, each with a place and, where it is
//! known, a repair.

mod attributes;
mod css_color;
mod names;
mod nesting;
mod save;
mod soft;

use crate::node::Node;
use crate::tree::Tree;
use tagloom_label_config::{Diagnostic, Document, LineIndex, Span};

pub use save::validate_for_save;

/// What every check works on.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    /// The tree as written; Repeaters are tags in it.
    pub(crate) tree: &'a Tree,
    pub(crate) out: Vec<Diagnostic>,
}

impl Context<'_> {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// The index flags of the Repeaters around a node.
    pub(crate) fn flags_around(&self, node: &Node) -> Vec<&str> {
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
}

/// Every problem of the tree, with line and column.
pub(crate) fn all(document: &Document, template: &Tree) -> Vec<Diagnostic> {
    let mut context = Context { source: &document.source, tree: template, out: Vec::new() };
    for node in &template.nodes {
        nesting::check(&mut context, node);
        attributes::check(&mut context, node);
        names::check(&mut context, node);
        soft::check(&mut context, node);
    }
    names::check_unique(&mut context);
    soft::check_hotkeys(&mut context);
    let lines = LineIndex::new(&document.source);
    for diagnostic in &mut context.out {
        diagnostic.locate(&document.source, &lines);
    }
    context.out
}
