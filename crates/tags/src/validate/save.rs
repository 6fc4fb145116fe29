//! What a config must fulfil to be saved in a project (tags.md 8.2).
//!
//! The original checks names with a regular expression over the text and so refuses a lower-case `toname`; here real
//! attributes are checked. Unknown tags do not keep a config from being saved.

use crate::config::Config;
use crate::node::{Node, NodeId};
use crate::tree::Tree;
use tagloom_label_config::{Code, Diagnostic};

/// Whether a project may have this config; every reason why not, each with its line.
///
/// # Errors
/// One sentence per broken rule, in the order of the rules.
pub fn validate_for_save(config: &Config) -> Result<(), Vec<String>> {
    let mut problems: Vec<String> =
        config.diagnostics().iter().filter(|d| d.is_error() && is_syntax(d.code)).map(sentence).collect();
    let tree = config.template();
    let Some(root) = tree.root() else {
        return Err(if problems.is_empty() {
            vec!["The label config is empty; the smallest one is <View></View>.".into()]
        } else {
            problems
        });
    };
    if !root.is("View") {
        problems.push(format!("The root tag must be View, not {}.", root.tag));
    }
    schema(tree, root.id, &mut problems);
    let semantic = |d: &&Diagnostic| {
        d.is_error()
            && (d.code == Code::TagNotFound
                || (d.code == Code::General && d.attribute.as_deref() == Some("name")))
    };
    problems.extend(config.diagnostics().iter().filter(semantic).map(sentence));
    for video in tree.nodes.iter().filter(|node| node.is("Video")) {
        video_speeds(video, &mut problems);
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn is_syntax(code: Code) -> bool {
    code.as_str().starts_with("xml-")
}

fn sentence(diagnostic: &Diagnostic) -> String {
    format!("Line {}, column {}: {}.", diagnostic.line, diagnostic.column, diagnostic.message)
}

/// Rules for tags reached through nested Views.
fn schema(tree: &Tree, id: NodeId, problems: &mut Vec<String>) {
    for node in tree.children(id) {
        if node.is("View") {
            schema(tree, node.id, problems);
            continue;
        }
        let mut need = |ok: bool, what: &str| {
            if !ok {
                problems.push(format!("{} needs {what}.", describe(node)));
            }
        };
        let has = |name: &str| node.raw(name).is_some_and(|value| !value.is_empty());
        let has_value = node.raw_value.as_deref().is_some_and(|value| !value.is_empty());
        let has_child = |tag: &str| tree.children(node.id).any(|child| child.is(tag) || child.is("View"));
        match node.kind_name() {
            "Choices" | "Labels" => {
                let part = if node.is("Choices") { "Choice" } else { "Label" };
                need(has("name"), "a name");
                need(has("toName"), "toName");
                need(has_value || has_child(part), &format!("at least one {part}, or a value"));
                for child in tree.children(node.id).filter(|child| child.is(part)) {
                    let given = child.raw_value.as_deref().is_some_and(|value| !value.is_empty());
                    if !given {
                        problems.push(format!("{} needs a value.", describe(child)));
                    }
                }
            }
            "Label" | "Choice" => need(has_value, "a value"),
            "Image" | "Text" | "HyperText" => {
                need(has("name"), "a name");
                need(has_value != has("valueList"), "exactly one of value and valueList");
            }
            "TextArea" | "Number" => {
                need(has("name"), "a name");
                need(has("toName"), "toName");
            }
            _ => {}
        }
    }
}

fn describe(node: &Node) -> String {
    match &node.name {
        Some(name) => format!("{} \"{name}\"", node.tag),
        None => node.tag.clone(),
    }
}

fn video_speeds(video: &Node, problems: &mut Vec<String>) {
    let mut speed = |name: &str| {
        let text = video.raw(name)?;
        let number = text.trim().parse::<f64>().ok().filter(|number| (0.05..=10.0).contains(number));
        if number.is_none() {
            problems.push(format!("{}: {name} must be a number from 0.05 to 10.", describe(video)));
        }
        number
    };
    if let (Some(default), Some(min)) = (speed("defaultPlaybackSpeed"), speed("minPlaybackSpeed"))
        && min > default
    {
        problems.push(format!("{}: minPlaybackSpeed is larger than defaultPlaybackSpeed.", describe(video)));
    }
}
