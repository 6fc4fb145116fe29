//! Things that work and are probably not meant.

use super::Context;
use crate::hotkeys::{alternatives, free_key, global_keys, own_hotkey, reacts};
use crate::node::Node;
use std::collections::HashMap;
use tagloom_label_config::{Binding, Code, Diagnostic, Fix, Span};

pub(super) fn check(context: &mut Context<'_>, node: &Node) {
    let Some(spec) = node.spec else { return };
    if spec.enterprise {
        let message = format!("`{}` belongs to Label Studio Enterprise; it is kept, and not drawn", node.tag);
        context.push(Diagnostic::info(Code::NotAvailable, node.name_span, message).tag(&node.tag));
    }
    let is_list = node.is("Choices") || node.is("Taxonomy") || spec.is_labels();
    if is_list && !spec.enterprise {
        labels(context, node);
    }
}

fn labels(context: &mut Context<'_>, node: &Node) {
    let labels = context.tree.labels_of(node.id);
    let from_data = node.raw_value.as_deref().is_some_and(|value| Binding::parse(value).whole().is_some());
    let from_api = node.raw("apiUrl").is_some_and(|url| !url.is_empty());
    if labels.is_empty() && !from_data && !from_api {
        let part = if spec_is_choices(node) { "Choice" } else { "Label" };
        let message = format!("`{}` has no `{part}` inside and takes none from the task", node.tag);
        context.push(Diagnostic::warning(Code::NoLabels, node.name_span, message).tag(&node.tag));
    }
    let mut seen: HashMap<Vec<String>, ()> = HashMap::new();
    for label in labels {
        if seen.insert(label.path.clone(), ()).is_none() {
            continue;
        }
        let Some(repeated) = context.tree.get(label.node) else { continue };
        let attribute = repeated.attribute("alias").or_else(|| repeated.attribute("value"));
        let span = attribute.map_or(repeated.name_span, |attribute| attribute.value_span);
        let message = format!("`{}` has `{}` twice; results cannot tell them apart", node.tag, label.stored);
        let fix = Fix::replace("Remove the second one", repeated.span, "");
        let problem = Diagnostic::warning(Code::DuplicateLabel, span, message);
        context.push(problem.tag(&repeated.tag).value(label.stored).fix(Some(fix)));
    }
}

fn spec_is_choices(node: &Node) -> bool {
    node.is("Choices") || node.is("Taxonomy")
}

/// Keys that two tags, or a tag and the editor, ask for.
pub(super) fn check_hotkeys(context: &mut Context<'_>) {
    let tree = context.tree;
    let globals = global_keys(tree);
    let free = free_key(tree);
    let mut owners: HashMap<String, String> = HashMap::new();
    for node in tree.nodes.iter().filter(|node| reacts(tree, node) && !node.is("TimeSeries")) {
        let (Some(hotkey), Some(attribute)) = (own_hotkey(node), node.attribute("hotkey")) else { continue };
        if context.is_full() {
            return;
        }
        for key in alternatives(hotkey) {
            let caption = caption(node);
            let global = globals
                .iter()
                .find(|global| global.key == key)
                .map(|global| format!("the editor ({})", global.action));
            match owners.get(&key).cloned().or(global) {
                Some(owner) => conflict(context, node, attribute.value_span, &key, &owner, free.as_deref()),
                None => drop(owners.insert(key, caption)),
            }
        }
    }
}

fn conflict(context: &mut Context<'_>, node: &Node, span: Span, key: &str, owner: &str, free: Option<&str>) {
    let message = format!("the key `{key}` is used by {owner} already");
    let fix = free.map(|free| Fix::replace(format!("Use {free}"), span, free));
    let problem = Diagnostic::warning(Code::HotkeyConflict, span, message).tag(&node.tag).attribute("hotkey");
    context.push(problem.value(key).fix(fix));
}

fn caption(node: &Node) -> String {
    match (&node.raw_value, &node.name) {
        (Some(value), _) | (None, Some(value)) => format!("{} `{value}`", node.tag),
        (None, None) => node.tag.clone(),
    }
}
