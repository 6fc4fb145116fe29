//! Attributes of a text, and getting at its value: address, encoding, resolver.

use crate::fetch::{Cancel, Progress, bytes};
use serde_json::Value;
use tagloom_tags::Node;
use tagloom_text_span::{Encoding, Granularity, Resolver, decode};

#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub name: String,
    pub is_html: bool,
    pub inline: bool,
    pub is_url: bool,
    pub save_text: bool,
    pub encoding: Encoding,
    pub selection_enabled: bool,
    pub clickable_links: bool,
    pub highlight_color: Option<String>,
    /// Names beside the spans; the setting decides where the config does not.
    pub show_labels: Option<bool>,
    pub granularity: Granularity,
    pub resolver: Option<String>,
    value: Value,
    field: String,
}

pub(super) fn granularity(text: &str) -> Option<Granularity> {
    match text {
        "symbol" => Some(Granularity::Symbol),
        "word" => Some(Granularity::Word),
        "sentence" => Some(Granularity::Sentence),
        "paragraph" => Some(Granularity::Paragraph),
        _ => None,
    }
}

impl Spec {
    pub fn read(node: &Node) -> Self {
        let is_html = node.kind == "hypertext";
        let is_url = node.raw("valueType") == Some("url");
        Self {
            name: node.name.clone().unwrap_or_default(),
            is_html,
            inline: !is_html || node.bool("inline"),
            is_url,
            // Unset means yes for text in the task, no for text behind an address.
            save_text: match node.raw("saveTextResult") {
                Some("yes") => true,
                Some("no") => false,
                _ => !is_url,
            },
            encoding: match node.raw("encoding") {
                Some("base64") => Encoding::Base64,
                Some("base64unicode") => Encoding::Base64Unicode,
                _ => Encoding::None,
            },
            selection_enabled: node.opt_bool("selectionEnabled").unwrap_or(true),
            clickable_links: node.bool("clickableLinks"),
            highlight_color: node.raw("highlightColor").filter(|c| !c.is_empty()).map(str::to_owned),
            show_labels: node.opt_bool("showLabels"),
            granularity: node.raw("granularity").and_then(granularity).unwrap_or(Granularity::Symbol),
            resolver: node.raw("resolver").filter(|r| !r.is_empty()).map(str::to_owned),
            value: node.value.clone(),
            field: node.raw_value.clone().unwrap_or_default(),
        }
    }

    /// The decoded text, or what is wrong in words for a person.
    pub async fn load(&self, cancel: &Cancel, progress: impl FnMut(Progress)) -> Result<String, String> {
        let value = match &self.value {
            Value::Null => None,
            Value::String(s) if s.is_empty() && self.field.starts_with('$') => None,
            Value::String(s) => Some(s.clone()),
            other => Some(other.to_string()),
        };
        let Some(value) = value else {
            return Err(format!("{}: cannot find {} in the fields of this task.", self.name, self.field));
        };
        let text = if self.is_url || self.resolver.is_some() {
            if !["http://", "https://", "/"].iter().any(|p| value.starts_with(p)) {
                return Err(format!(
                    "{}: valueType is url, but the value is no address: {:?}. Addresses begin with http://, https:// or /.",
                    self.name,
                    value.chars().take(80).collect::<String>()
                ));
            }
            let body = bytes(&value, cancel, progress).await.map_err(|e| format!("{}: {e}", self.name))?;
            String::from_utf8_lossy(&body).into_owned()
        } else {
            value
        };
        let text = match &self.resolver {
            Some(resolver) => Resolver::parse(resolver)
                .and_then(|r| r.extract(&text))
                .map_err(|e| format!("{}: {e}", self.name))?,
            None => text,
        };
        decode(&text, self.encoding).map_err(|e| format!("{}: {e}", self.name))
    }
}
