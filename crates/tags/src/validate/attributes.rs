//! Attribute values and names.

use super::Context;
use super::css_color::is_color;
use crate::node::{Node, leading_number};
use crate::spec::attr::{AttrType, AttributeSpec};
use crate::spec::{Named, TagSpec};
use tagloom_label_config::{Attribute, Code, Diagnostic, Fix, Severity, closest};

pub(super) fn check(context: &mut Context<'_>, node: &Node) {
    let Some(spec) = node.spec else { return };
    required(context, node, spec);
    for attribute in &node.attributes {
        match spec.attribute(&attribute.key) {
            Some(known) => value(context, node, attribute, known),
            None => unknown(context, node, spec, attribute),
        }
    }
    if node.bool("perRegion") && node.bool("perItem") {
        let span = node.attribute("perItem").map_or(node.name_span, |attribute| attribute.span);
        let message = "`perItem` and `perRegion` cannot both be on";
        let fix = Fix::replace("Remove perItem", span, "");
        context.push(
            Diagnostic::error(Code::General, span, message)
                .tag(&node.tag)
                .attribute("perItem")
                .fix(Some(fix)),
        );
    }
}

fn required(context: &mut Context<'_>, node: &Node, spec: &TagSpec) {
    for attribute in spec.all_attributes().into_iter().filter(|attribute| attribute.required) {
        let given = if attribute.name == "value" {
            node.raw_value.as_deref().is_some_and(|value| !value.is_empty())
        } else {
            node.raw(attribute.name).is_some_and(|value| !value.is_empty())
        };
        if !given {
            missing(context, node, attribute.name);
        }
    }
    let no_value = node.raw_value.as_deref().unwrap_or("").is_empty();
    match node.kind_name() {
        "Image" if no_value && node.raw("valueList").is_none_or(str::is_empty) => {
            missing(context, node, "value")
        }
        "Label" | "Choice" | "Relation" | "Shortcut" if no_value && node.raw("html").is_none() => {
            missing(context, node, "value");
        }
        _ => {}
    }
}

fn missing(context: &mut Context<'_>, node: &Node, name: &str) {
    let message = format!("`{}` needs the attribute `{name}`", node.tag);
    let problem = Diagnostic::error(Code::Required, node.name_span, message).tag(&node.tag).attribute(name);
    let sample = match (node.is_object(), name) {
        (true, "value") => Some(format!(" value=\"${}\"", node.kind_name().to_lowercase())),
        _ => None,
    };
    let fix = sample.map(|text| Fix::replace(format!("Add{text}"), context.attribute_place(node), text));
    context.push(problem.fix(fix));
}

fn value(context: &mut Context<'_>, node: &Node, attribute: &Attribute, spec: &AttributeSpec) {
    let text = attribute.value.trim();
    let has_flag = context.flags_around(node).iter().any(|flag| !flag.is_empty() && text.contains(flag));
    if text.is_empty() || has_flag {
        return;
    }
    let severity = match spec.ty {
        AttrType::Bool if !matches!(text, "true" | "false") => Severity::Error,
        AttrType::Enum(words) if !words.contains(&text) => Severity::Error,
        AttrType::Color if !is_color(text) => Severity::Error,
        AttrType::Unit if !text.parse::<f64>().is_ok_and(|number| (0.0..=1.0).contains(&number)) => {
            Severity::Error
        }
        // Label Studio reads what it can from numbers and dates and reports nothing.
        AttrType::Number if leading_number(text).is_none() => Severity::Warning,
        AttrType::Date if !is_date(text) => Severity::Warning,
        _ => return,
    };
    let valid: Vec<String> = match spec.ty {
        AttrType::Enum(words) => words.iter().map(|word| (*word).to_owned()).collect(),
        AttrType::Bool => vec!["true".into(), "false".into()],
        other => vec![other.describe()],
    };
    let message = format!("`{text}` is not valid for `{}`: expected {}", attribute.name, spec.ty.describe());
    let fix = repair(text, spec.ty)
        .map(|word| Fix::replace(format!("Write \"{word}\""), attribute.value_span, word));
    let problem = Diagnostic::new(Code::BadType, severity, attribute.value_span, message);
    context.push(
        problem.tag(&node.tag).attribute(&attribute.name).value(&attribute.value).valid(valid).fix(fix),
    );
}

fn repair(text: &str, ty: AttrType) -> Option<String> {
    let lower = text.to_lowercase();
    match ty {
        AttrType::Bool => Some(match lower.as_str() {
            "true" | "yes" | "on" | "1" => "true".to_owned(),
            "false" | "no" | "off" | "0" => "false".to_owned(),
            other => closest(other, ["true", "false"])?.to_owned(),
        }),
        AttrType::Enum(words) => closest(text, words.iter().copied()).map(str::to_owned),
        AttrType::Unit => {
            let number = leading_number(text)?;
            let share = if text.ends_with('%') || number > 1.0 { number / 100.0 } else { number };
            (0.0..=1.0).contains(&share).then(|| share.to_string())
        }
        AttrType::Color => {
            let hex = text.trim_start_matches('#');
            let is_hex = matches!(hex.len(), 3 | 6) && hex.chars().all(|c| c.is_ascii_hexdigit());
            is_hex.then(|| format!("#{hex}"))
        }
        _ => None,
    }
}

/// A year, a date, or a date and a time.
fn is_date(text: &str) -> bool {
    let mut parts = text.split(['-', 'T', ':', ' ', '.', 'Z', '+', '/']).filter(|part| !part.is_empty());
    text == "current" || parts.all(|part| part.chars().all(|c| c.is_ascii_digit()))
}

fn unknown(context: &mut Context<'_>, node: &Node, spec: &TagSpec, attribute: &Attribute) {
    let key = attribute.key.as_str();
    let harmless = key == "name" && spec.named != Named::Required
        || spec.enterprise
        || ["xmlns", "data-", "aria-", "xml:"].iter().any(|prefix| key.starts_with(prefix));
    if harmless {
        return;
    }
    let known = spec.all_attributes();
    let guess =
        closest(&attribute.name, known.iter().map(|a| a.name)).filter(|name| node.attribute(name).is_none());
    let span = attribute.name_span();
    let diagnostic = match guess {
        Some(name) => {
            let message =
                format!("`{}` has no attribute `{}`; did you mean `{name}`?", node.tag, attribute.name);
            let fix = Fix::replace(format!("Write {name}"), span, name);
            Diagnostic::warning(Code::UnknownAttribute, span, message).fix(Some(fix)).valid([name])
        }
        None => {
            let message = format!("`{}` has no attribute `{}`; it is ignored", node.tag, attribute.name);
            Diagnostic::info(Code::UnknownAttribute, span, message)
        }
    };
    context.push(diagnostic.tag(&node.tag).attribute(&attribute.name).value(&attribute.value));
}
