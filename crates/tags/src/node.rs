//! One tag of an instantiated config, with typed access to its attributes.

use crate::spec::{AttrType, TagSpec};
use serde::Serialize;
use serde_json::Value;
use tagloom_label_config::{Attribute, Span};

/// Index of a node in its [`crate::Tree`]; parents come before children, the root is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NodeId(pub u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One tag.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its place in [`crate::Tree::nodes`].
    pub id: NodeId,
    /// What is known about the tag; `None` for an unknown one.
    pub spec: Option<&'static TagSpec>,
    /// Tag name as written.
    pub tag: String,
    /// Tag name in lower case, aliases resolved (`AudioPlus` is `audio`): the result type of a control.
    pub kind: String,
    /// The `name`, when it is not empty.
    pub name: Option<String>,
    /// The objects it labels: `toName` split at commas and trimmed, or inferred (tags.md 2.4).
    pub to_names: Vec<String>,
    /// The tag around it.
    pub parent: Option<NodeId>,
    /// The tags inside, dynamic ones last.
    pub children: Vec<NodeId>,
    /// Attributes as written; keys are lower case.
    pub attributes: Vec<Attribute>,
    /// The `value` (or content) with variables replaced by task data; one variable alone keeps the type of the data.
    /// Null when there is no value at all.
    pub value: Value,
    /// The `value` (or content) as written, before binding.
    pub raw_value: Option<String>,
    /// Other bound attributes (`valueList`, `frameRate`, `audioUrl`, `apiUrl`, `on`, `data`): lower-case key and value.
    pub bound: Vec<(&'static str, Value)>,
    /// Whether the tag was made from task data.
    pub dynamic: bool,
    /// The whole tag in the source; for dynamic tags that of the tag that made them.
    pub span: Span,
    /// The tag name in the source.
    pub name_span: Span,
}

impl Node {
    /// Whether this is the tag of that registered name, aliases counted (`AudioPlus` is `Audio`).
    pub fn is(&self, tag: &str) -> bool {
        self.kind_name().eq_ignore_ascii_case(tag)
    }

    /// The registered name with aliases resolved, or the name as written for unknown tags.
    pub fn kind_name(&self) -> &str {
        self.spec.map_or(self.tag.as_str(), |spec| spec.model())
    }

    /// The attribute exactly as written, whatever the case of `name`; no default.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.attribute(name).map(|attribute| attribute.value.as_str())
    }

    /// The attribute as written.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.key.eq_ignore_ascii_case(name))
    }

    /// The attribute, else its default, else an empty string.
    pub fn str(&self, name: &str) -> &str {
        self.opt_str(name).unwrap_or("")
    }

    /// The attribute, else its default. An empty attribute counts as missing.
    pub fn opt_str(&self, name: &str) -> Option<&str> {
        self.raw(name).filter(|value| !value.is_empty()).or_else(|| self.default(name))
    }

    /// The attribute if it is exactly `true` or `false`, else its default, else `false`.
    pub fn bool(&self, name: &str) -> bool {
        self.opt_bool(name).unwrap_or(false)
    }

    /// As [`Node::bool`], with `None` when there is no default either.
    pub fn opt_bool(&self, name: &str) -> Option<bool> {
        let read = |text: &str| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.raw(name).and_then(read).or_else(|| self.default(name).and_then(read))
    }

    /// The attribute if it starts with a finite number (`12`, `1.5`, `200px`), else its default.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.raw(name).and_then(leading_number).or_else(|| self.default(name).and_then(leading_number))
    }

    /// The attribute if it is one of the words of its type (case does not matter), else its default, else `""`.
    pub fn one_of(&self, name: &str) -> &'static str {
        let Some(attribute) = self.spec.and_then(|spec| spec.attribute(name)) else { return "" };
        let AttrType::Enum(words) = attribute.ty else { return "" };
        let written = self.raw(name).map(str::trim);
        let found =
            words.iter().copied().find(|word| written.is_some_and(|text| word.eq_ignore_ascii_case(text)));
        found.or(attribute.default).unwrap_or("")
    }

    /// The attribute split at commas, each part trimmed, empty ones left out.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let parts = self.opt_str(name).unwrap_or("").split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).collect()
    }

    /// A bound attribute with variables replaced: `value`, `valueList`, `frameRate`, `audioUrl`, `apiUrl`, `on`, `data`.
    /// Null when it is not given.
    pub fn bound(&self, name: &str) -> &Value {
        if name.eq_ignore_ascii_case("value") {
            return &self.value;
        }
        self.bound
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or(&Value::Null, |(_, value)| value)
    }

    /// The value as text: strings as they are, numbers and booleans written out, everything else empty.
    pub fn value_text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => String::new(),
        }
    }

    /// Whether it shows task data.
    pub fn is_object(&self) -> bool {
        self.spec.is_some_and(TagSpec::is_object)
    }

    /// Whether it makes results.
    pub fn is_control(&self) -> bool {
        self.spec.is_some_and(TagSpec::is_control)
    }

    fn default(&self, name: &str) -> Option<&'static str> {
        self.spec?.attribute(name)?.default
    }
}

/// The number at the start of `text`, as browsers read it; a unit may follow.
pub(crate) fn leading_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && matches!(c, '-' | '+'))))
        .map_or(text.len(), |(at, _)| at);
    if let Ok(number) = text.parse::<f64>() {
        return Some(number).filter(|n| n.is_finite());
    }
    text[..end].parse::<f64>().ok().filter(|n| n.is_finite())
}
