//! Unknown tags and tags in the wrong place.

use super::Context;
use crate::node::Node;
use crate::registry::TAGS;
use tagloom_label_config::{Code, Diagnostic, Edit, Fix, Span, closest};

pub(super) fn check(context: &mut Context<'_>, node: &Node) {
    let Some(spec) = node.spec else {
        unknown(context, node);
        return;
    };
    if node.tag != spec.name {
        let message = format!("the tag is spelled `{}`", spec.name);
        let fix = rename(context.source, node, spec.name);
        let hint = Diagnostic::info(Code::TagCase, node.name_span, message);
        context.push(hint.tag(&node.tag).valid([spec.name]).fix(Some(fix)));
    }
    let around = |name: &&'static str| context.tree.ancestors(node.id).any(|parent| parent.is(name));
    // Inside an unknown tag nobody knows; it may well be the misspelt parent.
    let in_unknown = || context.tree.ancestors(node.id).any(|parent| parent.spec.is_none());
    if !spec.parents.is_empty() && !spec.parents.iter().any(around) {
        if in_unknown() {
            return;
        }
        let message = format!("`{}` must be inside {}", node.tag, any_of(spec.parents));
        let problem = Diagnostic::error(Code::ParentTagUnexpected, node.name_span, message);
        context.push(problem.tag(&node.tag).value(&node.tag).valid(spec.parents.iter().copied()));
        return;
    }
    let Some(parent) = node.parent.and_then(|id| context.tree.get(id)) else { return };
    let Some(parent_spec) = parent.spec else { return };
    if parent_spec.children.iter().any(|name| name.eq_ignore_ascii_case(spec.name)) {
        return;
    }
    let message = if parent_spec.children.is_empty() {
        format!("`{}` does not take tags inside; `{}` cannot stand here", parent.tag, node.tag)
    } else {
        format!("`{}` cannot stand directly inside `{}`", node.tag, parent.tag)
    };
    let problem = Diagnostic::error(Code::General, node.name_span, message);
    context.push(problem.tag(&node.tag).value(&node.tag).valid(parent_spec.children.iter().copied()));
}

fn unknown(context: &mut Context<'_>, node: &Node) {
    let guess = closest(&node.tag, TAGS.iter().map(|tag| tag.name));
    let message = match guess {
        Some(name) => format!("there is no tag `{}`; did you mean `{name}`?", node.tag),
        None => format!("there is no tag `{}`", node.tag),
    };
    let fix = guess.map(|name| rename(context.source, node, name));
    let problem =
        Diagnostic::error(Code::UnknownTag, node.name_span, message).tag(&node.tag).value(&node.tag);
    context.push(problem.valid(guess).fix(fix));
}

/// Rename the start tag and, if there is one, the end tag.
fn rename(source: &str, node: &Node, name: &str) -> Fix {
    let mut edits = vec![Edit { span: node.name_span, text: name.to_owned() }];
    let whole = node.span.text(source);
    let close = whole.trim_end_matches('>').trim_end();
    if let Some(before) = close.strip_suffix(node.tag.as_str()).filter(|before| before.ends_with("</")) {
        let start = node.span.start + before.len();
        edits.push(Edit { span: Span::new(start, start + node.tag.len()), text: name.to_owned() });
    }
    Fix { title: format!("Write {name}"), edits }
}

/// `a`, `b` or `c`; long lists are cut.
fn any_of(names: &[&str]) -> String {
    match names {
        [one] => format!("`{one}`"),
        [first, second] => format!("`{first}` or `{second}`"),
        [first, ..] if first.ends_with("Labels") => "`Labels` or another labels tag".to_owned(),
        _ => names.join(", "),
    }
}
