//! The result items a config can produce.

use super::geometry;
use super::ty::{Field, Ty, field, list, object, optional, words};
use crate::config::Config;
use crate::node::Node;
use crate::tree::Tree;
use std::collections::BTreeSet;

/// One kind of result item.
pub(super) struct Item {
    /// Name of the TypeScript interface, unique.
    pub(super) type_name: String,
    /// What the item is, for the doc comment.
    pub(super) doc: String,
    pub(super) fields: Vec<Field>,
}

/// Every kind of result item of the config, in document order; relations last.
pub(super) fn of(config: &Config) -> Vec<Item> {
    let model = Model { tree: config.template(), flags: config.index_flags() };
    let mut items: Vec<Item> = Vec::new();
    let mut taken = BTreeSet::new();
    for node in &model.tree.nodes {
        for (object, fields) in model.items(node) {
            let name = node.name.as_deref().unwrap_or(&node.tag);
            let doc =
                format!("`{}` \"{name}\" on `{}`", node.kind_name(), object.map_or("task", Node::kind_name));
            items.push(Item { type_name: unique(&format!("{name}_result"), &mut taken), doc, fields });
        }
    }
    items.push(Item {
        type_name: unique("relation_result", &mut taken),
        doc: "A relation between two regions".to_owned(),
        fields: model.relation(),
    });
    items
}

struct Model<'a> {
    tree: &'a Tree,
    flags: Vec<&'a str>,
}

impl<'a> Model<'a> {
    /// The items of one tag, one per object it labels and shape it can have.
    fn items(&self, node: &'a Node) -> Vec<(Option<&'a Node>, Vec<Field>)> {
        let Some(result) = node.spec.and_then(|spec| spec.result) else { return Vec::new() };
        let Some(name) = &node.name else { return Vec::new() };
        if node.is("Relations") {
            return Vec::new();
        }
        let own = |value: Ty, object: Option<&Node>, shape: bool| {
            let to_name = object.and_then(|object| object.name.as_deref()).unwrap_or(name);
            let mut fields = vec![
                field("id", Ty::Str),
                field("from_name", self.name(name)),
                field("to_name", self.name(to_name)),
                field("type", words(&[result.type_name])),
                optional("origin", words(&["manual", "prediction", "prediction-changed"])),
            ];
            if shape {
                fields
                    .extend(object.map(|object| geometry::envelope(object.kind_name())).unwrap_or_default());
                fields.push(optional("parentID", Ty::Str));
            } else if node.bool("perItem") {
                fields.push(field("item_index", Ty::Int));
            }
            fields.extend([
                optional("score", Ty::Num),
                optional("readonly", Ty::Bool),
                optional("meta", Ty::Object { fields: Vec::new(), open: true }),
                field("value", value),
            ]);
            fields
        };
        if node.is("Pairwise") || self.tree.objects_of(node).next().is_none() {
            let value = object(vec![field(result.value_key.unwrap_or("value"), self.own_value(node))]);
            return vec![(None, own(value, None, false))];
        }
        let mut items = Vec::new();
        for target in self.tree.objects_of(node) {
            let key = result.value_key.map(|key| field(key, self.own_value(node)));
            if !result.region {
                let open = node.bool("perRegion");
                let value = Ty::Object { fields: key.into_iter().collect(), open };
                items.push((Some(target), own(value, Some(target), false)));
                continue;
            }
            let shapes = self.shapes(node, target);
            let values: Vec<Ty> = shapes
                .into_iter()
                .map(|mut fields| {
                    fields.extend(key.clone());
                    object(fields)
                })
                .collect();
            let value = match values.as_slice() {
                [] => continue,
                [one] => one.clone(),
                _ => Ty::OneOf(values),
            };
            items.push((Some(target), own(value, Some(target), true)));
        }
        items
    }

    /// The geometries of the regions a control labels on an object.
    fn shapes(&self, node: &Node, target: &Node) -> Vec<Vec<Field>> {
        let on = target.kind_name();
        let others = || target.name.as_deref().into_iter().flat_map(|name| self.tree.controls_of(name));
        if node.is("Labels") && on == "Image" {
            let tools = others().filter(|control| !control.spec.is_some_and(|spec| spec.is_labels()));
            let tools = tools.filter(|control| control.spec.is_some_and(|spec| spec.makes_regions()));
            return tools.filter_map(|control| geometry::of(control.kind_name(), on)).collect();
        }
        if node.is("Labels") && on == "Video" {
            // Merged into the item of the track (results.md 3.12).
            return Vec::new();
        }
        let Some(mut fields) = geometry::of(node.kind_name(), on) else { return Vec::new() };
        if node.is("VideoRectangle") {
            let labels: Vec<&Node> = others().filter(|control| control.is("Labels")).collect();
            if let Some(control) = labels.first() {
                fields.push(optional("labels", self.own_value(control)));
            }
        }
        vec![fields]
    }

    /// The type of the control's own key in `value`.
    fn own_value(&self, node: &Node) -> Ty {
        match node.kind_name() {
            "Choices" if node.bool("allowNested") => list(list(self.labels(node))),
            "Taxonomy" => list(list(self.labels(node))),
            "TextArea" => list(Ty::Str),
            "Number" => Ty::Num,
            "Rating" => match node.number("maxRating") {
                // The upper limit keeps the union readable.
                Some(max) if (1.0..=20.0).contains(&max) => Ty::Numbers((1..=max as u32).collect()),
                _ => Ty::Int,
            },
            "DateTime" => Ty::Str,
            "Pairwise" => words(&["left", "right"]),
            "Ranker" => self.ranker(node),
            "Chat" => object(vec![
                field("role", Ty::Str),
                field("content", Ty::Str),
                optional("createdAt", Ty::Num),
            ]),
            "ReactCode" => Ty::Any,
            _ => list(self.labels(node)),
        }
    }

    /// The stored labels of a control; any text when some come from the task or from a service.
    fn labels(&self, node: &Node) -> Ty {
        let dynamic = node.raw_value.as_deref().is_some_and(|value| value.contains('$'))
            || node.raw("apiUrl").is_some_and(|url| !url.is_empty())
            || node.bool("legacy");
        let labels = self.tree.labels_of(node.id);
        // Choices store the bound text, so a choice with a variable can be anything.
        let bound = node.is("Choices")
            && labels.iter().any(|label| label.alias.is_none() && label.stored.contains('$'));
        if dynamic || bound || labels.is_empty() {
            return Ty::Str;
        }
        let mut stored: Vec<String> = Vec::new();
        for label in labels {
            if !stored.contains(&label.stored) {
                stored.push(label.stored);
            }
        }
        Ty::Words(stored)
    }

    fn ranker(&self, node: &Node) -> Ty {
        let buckets: Vec<&Node> = self.tree.children(node.id).filter(|child| child.is("Bucket")).collect();
        let mut keys: Vec<&str> = buckets.iter().filter_map(|bucket| bucket.name.as_deref()).collect();
        if keys.is_empty() {
            keys.extend(node.name.as_deref());
        } else if !buckets.iter().any(|bucket| bucket.bool("default")) {
            keys.push("_");
        }
        object(keys.into_iter().map(|key| field(key, list(Ty::Str))).collect())
    }

    fn relation(&self) -> Vec<Field> {
        let labels = self
            .tree
            .nodes
            .iter()
            .find(|node| node.is("Relations"))
            .map_or(Ty::Str, |node| self.labels(node));
        vec![
            field("type", words(&["relation"])),
            field("from_id", Ty::Str),
            field("to_id", Ty::Str),
            optional("direction", words(&["left", "right", "bi"])),
            optional("labels", list(labels)),
        ]
    }

    /// A name; one with an index flag stands for all its numbered copies.
    fn name(&self, name: &str) -> Ty {
        match self.flags.iter().find_map(|flag| name.split_once(flag)) {
            Some((before, after)) => Ty::Numbered { before: before.to_owned(), after: after.to_owned() },
            None => words(&[name]),
        }
    }
}

/// PascalCase of `name`, numbered when taken.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut text = String::new();
    for part in name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let mut chars = part.chars();
        text.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        text.push_str(chars.as_str());
    }
    if text.starts_with(|c: char| c.is_numeric()) || text.is_empty() {
        text.insert(0, '_');
    }
    let mut candidate = text.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{text}{number}");
        number += 1;
    }
    candidate
}
