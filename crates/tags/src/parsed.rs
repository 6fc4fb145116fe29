//! The config as the REST API describes it (server.md 3.2).

use crate::config::Config;
use crate::node::Node;
use crate::tree::Tree;
use serde_json::{Map, Value, json};
use tagloom_label_config::variables;

/// `parsed_label_config` of a project: one entry per control.
pub fn parsed_label_config(config: &Config) -> Value {
    let tree = config.template();
    let mut parsed = Map::new();
    for control in controls(tree) {
        let Some(name) = &control.name else { continue };
        let inputs: Vec<Value> = tree.objects_of(control).filter_map(input).collect();
        let mut labels = Vec::new();
        let mut attributes = Map::new();
        for (key, node) in label_tags(tree, control) {
            labels.push(Value::String(key.clone()));
            let as_written = node.attributes.iter().map(|a| (a.name.clone(), Value::String(a.value.clone())));
            let mut map: Map<String, Value> = as_written.collect();
            if let (None, Some(value)) = (node.raw("value"), &node.raw_value) {
                map.insert("value".into(), Value::String(value.clone()));
            }
            attributes.insert(key, Value::Object(map));
        }
        let mut entry = Map::new();
        entry.insert("type".into(), control.kind_name().into());
        entry.insert("to_name".into(), json!(control.to_names));
        entry.insert("inputs".into(), Value::Array(inputs));
        entry.insert("labels".into(), Value::Array(labels));
        entry.insert("labels_attrs".into(), Value::Object(attributes));
        if let Some(conditionals) = conditionals(control) {
            entry.insert("conditionals".into(), conditionals);
        }
        if has_dynamic_labels(control) {
            entry.insert("dynamic_labels".into(), Value::Bool(true));
        }
        let flags: Map<String, Value> = config
            .index_flags()
            .into_iter()
            .filter(|flag| name.contains(flag) || control.to_names.iter().any(|object| object.contains(flag)))
            .map(|flag| (flag.to_owned(), Value::String(".*".into())))
            .collect();
        if !flags.is_empty() {
            entry.insert("regex".into(), Value::Object(flags));
        }
        parsed.insert(name.clone(), Value::Object(entry));
    }
    Value::Object(parsed)
}

/// `control_weights` of a project: every control and label counts 1.
pub fn control_weights(config: &Config) -> Value {
    let tree = config.template();
    let weights = controls(tree).filter_map(|control| {
        let labels: Map<String, Value> =
            label_tags(tree, control).map(|(key, _)| (key, json!(1.0))).collect();
        let entry = json!({"overall": 1.0, "type": control.kind_name(), "labels": labels});
        Some((control.name.clone()?, entry))
    });
    Value::Object(weights.collect())
}

/// `data_types` of a project: the task field of every object and the tag that shows it.
pub fn data_types(config: &Config) -> Value {
    let mut types = Map::new();
    for object in config.template().nodes.iter().filter(|node| is_object(node)) {
        for path in input_text(object).map(variables).unwrap_or_default() {
            types.insert(path, object.kind_name().into());
        }
    }
    Value::Object(types)
}

/// The top-level task fields the config refers to, in order of first use.
pub fn required_data_keys(config: &Config) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for node in &config.template().nodes {
        let value = node.raw_value.as_deref().filter(|_| node.spec.is_none_or(|spec| spec.name != "Style"));
        let others = node.bound.iter().filter_map(|(_, value)| value.as_str());
        for path in value.into_iter().chain(others).flat_map(variables) {
            let key = path.split(['.', '[', '{']).next().unwrap_or(&path).to_owned();
            if !key.is_empty() && !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// Whether anything can be labeled.
pub fn config_has_control_tags(config: &Config) -> bool {
    controls(config.template()).next().is_some()
}

/// Tags with a name and a target, without Filter; unknown tags count when they have both.
fn controls(tree: &Tree) -> impl Iterator<Item = &Node> {
    tree.nodes.iter().filter(|node| {
        let control = node.is_control() || (node.spec.is_none() && node.raw("toName").is_some());
        control && node.name.is_some() && !node.to_names.is_empty()
    })
}

fn is_object(node: &Node) -> bool {
    node.name.is_some() && !node.is_control() && node.raw("toName").is_none() && input_text(node).is_some()
}

fn input_text(node: &Node) -> Option<&str> {
    node.raw_value.as_deref().or_else(|| node.raw("valueList")).filter(|text| !text.is_empty())
}

fn input(object: &Node) -> Option<Value> {
    let value = input_text(object)?.trim_start_matches('$');
    Some(json!({"type": object.kind_name(), "valueType": object.raw("valueType"), "value": value}))
}

/// Label, Choice and Relation tags below a control with the key that results hold.
fn label_tags<'a>(tree: &'a Tree, control: &'a Node) -> impl Iterator<Item = (String, &'a Node)> + 'a {
    let is_label = |node: &&Node| node.is("Label") || node.is("Choice") || node.is("Relation");
    tree.descendants(control.id).filter(is_label).filter_map(|node| {
        let alias = node.raw("alias").filter(|alias| !alias.is_empty());
        Some((alias.or(node.raw_value.as_deref()).filter(|key| !key.is_empty())?.to_owned(), node))
    })
}

fn conditionals(control: &Node) -> Option<Value> {
    if !control.bool("perRegion") {
        return None;
    }
    let kinds = [("tag", "whenTagName"), ("label", "whenLabelValue"), ("choice", "whenChoiceValue")];
    kinds.into_iter().find_map(|(kind, attribute)| {
        let name = control.raw(attribute).filter(|value| !value.is_empty())?;
        Some(json!({"type": kind, "name": name}))
    })
}

fn has_dynamic_labels(control: &Node) -> bool {
    let from_data =
        control.raw_value.as_deref().and_then(|value| value.strip_prefix('$')).is_some_and(|path| {
            !path.is_empty()
                && path.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']'))
        });
    let has_labels = control.spec.is_some_and(|spec| spec.dynamic_child.is_some());
    (has_labels && from_data) || control.raw("apiUrl").is_some_and(|url| !url.is_empty())
}
