//! From a parsed config and task data to a [`Tree`].

use crate::node::{Node, NodeId};
use crate::registry::find;
use crate::spec::{Content, TagSpec};
use crate::tree::Tree;
use serde_json::{Map, Value};
use tagloom_label_config::{Attribute, Binding, Document, Element, Span, lookup, resolve};

/// Most nodes a tree may have, dynamic ones included.
const MAX_NODES: usize = 300_000;
/// Deepest nesting of dynamic children.
const MAX_DYNAMIC_DEPTH: usize = 100;

/// Build the tree of an expanded document. Without data nothing is bound: values are the attribute texts, and no
/// dynamic children are made.
pub(crate) fn build(document: &Document, data: Option<&Value>) -> Tree {
    let mut builder =
        Builder { document, data, tree: Tree { truncated: document.truncated, ..Tree::default() } };
    if let Some(root) = &document.root {
        builder.element(root, None);
    }
    let mut tree = builder.tree;
    for node in &tree.nodes {
        if let Some(name) = &node.name {
            tree.by_name.entry(name.clone()).or_insert(node.id);
        }
    }
    infer_to_names(&mut tree);
    tree
}

struct Builder<'a> {
    document: &'a Document,
    data: Option<&'a Value>,
    tree: Tree,
}

impl Builder<'_> {
    fn element(&mut self, element: &Element, parent: Option<NodeId>) {
        let spec = find(&element.name);
        let markup = spec.is_some_and(|spec| spec.content == Content::Markup);
        let raw_value = self.raw_value(element, spec);
        let id = self.push(Node {
            id: NodeId(0),
            spec,
            kind: kind_of(spec, &element.name),
            tag: element.name.clone(),
            name: element.attr("name").filter(|name| !name.is_empty()).map(str::to_owned),
            to_names: split_names(element.attr("toname").unwrap_or("")),
            parent,
            children: Vec::new(),
            value: self.bind_value(spec, raw_value.as_deref()),
            bound: self.bind_others(spec, element),
            raw_value,
            attributes: element.attributes.clone(),
            dynamic: false,
            span: element.span,
            name_span: element.name_span,
        });
        let Some(id) = id else { return };
        if !markup {
            for child in &element.children {
                self.element(child, Some(id));
            }
        }
        self.dynamic_children(id, spec);
    }

    /// `None` when the tree is full.
    fn push(&mut self, mut node: Node) -> Option<NodeId> {
        if self.tree.nodes.len() >= MAX_NODES {
            self.tree.truncated = true;
            return None;
        }
        let id = NodeId(u32::try_from(self.tree.nodes.len()).ok()?);
        node.id = id;
        if let Some(parent) = node.parent.and_then(|parent| self.tree.nodes.get_mut(parent.index())) {
            parent.children.push(id);
        }
        self.tree.nodes.push(node);
        Some(id)
    }

    /// Content wins over the attribute unless it is empty (tags.md 2). A lone comment counts as content only when there
    /// is no attribute, so that commenting something out changes nothing.
    fn raw_value(&self, element: &Element, spec: Option<&TagSpec>) -> Option<String> {
        let markup = spec.is_some_and(|spec| spec.content == Content::Markup);
        let takes_text = markup || spec.is_none_or(|spec| spec.attribute("value").is_some());
        let content = if markup && (!element.children.is_empty() || is_rich(spec)) {
            self.document.inner_markup(element)
        } else if element.children.is_empty() && takes_text {
            element.text.as_str()
        } else {
            ""
        };
        let attribute = element.attr("value");
        match (content.is_empty(), attribute) {
            (false, _) => Some(content.to_owned()),
            (true, Some(value)) => Some(value.to_owned()),
            (true, None) if takes_text => element.comment.clone(),
            (true, None) => None,
        }
    }

    fn bind_value(&self, spec: Option<&TagSpec>, raw: Option<&str>) -> Value {
        let Some(raw) = raw else { return Value::Null };
        let bound = spec.is_none_or(|spec| spec.attribute("value").is_none_or(|value| value.is_bound()));
        match self.data {
            Some(data) if bound => resolve(raw, data),
            _ => Value::String(raw.to_owned()),
        }
    }

    fn bind_others(&self, spec: Option<&'static TagSpec>, element: &Element) -> Vec<(&'static str, Value)> {
        let Some(spec) = spec else { return Vec::new() };
        let others = spec
            .all_attributes()
            .into_iter()
            .filter(|attribute| attribute.is_bound() && attribute.name != "value");
        let bind = |name: &str| {
            let raw = element.attr(&name.to_lowercase())?;
            let Some(data) = self.data else { return Some(Value::String(raw.to_owned())) };
            if name == "audioUrl" {
                // Only a top-level key, and no text around it (tags.md 2.1).
                let direct = raw.strip_prefix('$').and_then(|key| data.get(key)).cloned();
                return Some(direct.unwrap_or_else(|| resolve(raw, data)));
            }
            Some(resolve(raw, data))
        };
        others.filter_map(|attribute| Some((attribute.name, bind(attribute.name)?))).collect()
    }

    /// Labels and choices from task data (tags.md 2.2).
    fn dynamic_children(&mut self, id: NodeId, spec: Option<&TagSpec>) {
        let Some(child_spec) = spec.and_then(|spec| spec.dynamic_child).and_then(find) else { return };
        let Some(node) = self.tree.nodes.get(id.index()) else { return };
        let nested = node.is("Taxonomy") || node.bool("allowNested");
        let path = node.raw_value.as_deref().map(Binding::parse);
        let path = path.as_ref().and_then(Binding::whole);
        let (Some(data), Some(path)) = (self.data, path) else { return };
        if let Some(Value::Array(items)) = lookup(data, path) {
            let span = (node.span, node.name_span);
            self.dynamic_items(id, child_spec, items, nested, span, 0);
        }
    }

    fn dynamic_items(
        &mut self,
        parent: NodeId,
        spec: &'static TagSpec,
        items: &[Value],
        nested: bool,
        span: (Span, Span),
        depth: usize,
    ) {
        for item in items {
            let object = match item {
                Value::Object(map) => map.clone(),
                // A bare word is what people write first; the original ignores it.
                Value::String(text) => Map::from_iter([("value".to_owned(), Value::String(text.clone()))]),
                _ => continue,
            };
            let attributes: Vec<Attribute> =
                object.iter().filter_map(|(key, value)| dynamic_attribute(key, value, span.0)).collect();
            let raw_value = attributes.iter().find(|a| a.key == "value").map(|a| a.value.clone());
            let node = Node {
                id: NodeId(0),
                spec: Some(spec),
                kind: kind_of(Some(spec), spec.name),
                tag: spec.name.to_owned(),
                name: None,
                to_names: Vec::new(),
                parent: Some(parent),
                children: Vec::new(),
                value: raw_value.clone().map_or(Value::Null, Value::String),
                raw_value,
                attributes,
                bound: Vec::new(),
                dynamic: true,
                span: span.0,
                name_span: span.1,
            };
            let Some(id) = self.push(node) else { return };
            let children = object.iter().find(|(key, _)| key.eq_ignore_ascii_case("children"));
            if let (true, Some((_, Value::Array(children)))) = (nested && depth < MAX_DYNAMIC_DEPTH, children)
            {
                self.dynamic_items(id, spec, children, nested, span, depth + 1);
            }
        }
    }
}

fn is_rich(spec: Option<&TagSpec>) -> bool {
    spec.is_some_and(|spec| spec.name == "HyperText" || spec.name == "Markdown")
}

fn dynamic_attribute(key: &str, value: &Value, span: Span) -> Option<Attribute> {
    let value = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        _ if key.eq_ignore_ascii_case("children") => return None,
        other => other.to_string(),
    };
    Some(Attribute { name: key.to_owned(), key: key.to_lowercase(), value, span, value_span: span })
}

/// Names of a comma list, trimmed, empty ones left out.
pub(crate) fn split_names(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Fill in missing `toName`s (tags.md 2.4). All objects count here; when there are several, the original's way of
/// counting (without Text, HyperText and AudioPlus) decides as well, so that its configs keep their meaning.
fn infer_to_names(tree: &mut Tree) {
    let names = |counts: &dyn Fn(&Node) -> bool| -> Vec<String> {
        tree.objects().filter(|node| counts(node)).filter_map(|node| node.name.clone()).collect()
    };
    let all = names(&|_| true);
    let counted = names(&|node| {
        !(node.is("Text") || node.is("HyperText") || node.tag.eq_ignore_ascii_case("AudioPlus"))
    });
    let single = match (all.as_slice(), counted.as_slice()) {
        ([only], _) | (_, [only]) => Some(only.clone()),
        _ => None,
    };
    let first = all.first().cloned();
    for node in &mut tree.nodes {
        if !node.to_names.is_empty() {
            continue;
        }
        let own = node.name.clone();
        let target = match node.kind_name() {
            "Chat" | "ReactCode" => own,
            "Relations" | "Pairwise" => None,
            "TextArea" if own.is_some() => single.clone().or_else(|| first.clone()),
            _ if node.is_control() && own.is_some() => single.clone(),
            _ => None,
        };
        node.to_names.extend(target);
    }
}

/// [`Node::kind`] of a tag.
fn kind_of(spec: Option<&'static TagSpec>, name: &str) -> String {
    spec.map_or_else(|| name.to_ascii_lowercase(), |spec| spec.model().to_ascii_lowercase())
}
