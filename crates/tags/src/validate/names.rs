//! Names and what refers to them.

use super::Context;
use crate::node::Node;
use crate::spec::{Named, Targets};
use tagloom_label_config::{Code, Diagnostic, Fix, Severity, Span, closest};

/// Names that are looked at for suggestions; more help nobody and make large broken configs slow.
const MOST_NAMES: usize = 500;

pub(super) fn check(context: &mut Context<'_>, node: &Node) {
    let Some(spec) = node.spec else {
        // An unknown tag with `toName` is most likely a misspelt control.
        references(context, node);
        return;
    };
    if spec.named == Named::Required && node.name.is_none() {
        let message = format!("`{}` needs a `name`", node.tag);
        let name = free_name(context, &spec.name.to_lowercase());
        let fix = Fix::replace(
            format!("Add name=\"{name}\""),
            context.attribute_place(node),
            format!(" name=\"{name}\""),
        );
        let problem =
            Diagnostic::error(Code::Required, node.name_span, message).tag(&node.tag).attribute("name");
        context.push(problem.fix(Some(fix)));
    }
    references(context, node);
    condition(context, node);
    if node.is("Pairwise") {
        let distinct = node.to_names.first() != node.to_names.get(1);
        if node.to_names.len() != 2 || !distinct {
            let span = node.attribute("toName").map_or(node.name_span, |attribute| attribute.value_span);
            let message = "`Pairwise` compares exactly two different objects: toName=\"a,b\"";
            context.push(Diagnostic::error(Code::General, span, message).tag(&node.tag).attribute("toName"));
        }
    }
}

/// `toName` of controls, of Filter and of unknown tags.
fn references(context: &mut Context<'_>, node: &Node) {
    if !node.is_control() && !node.is("Filter") && node.spec.is_some() {
        return;
    }
    let Some(attribute) = node.attribute("toName").filter(|attribute| !attribute.value.trim().is_empty())
    else {
        missing_to_name(context, node);
        return;
    };
    let mut at = 0;
    for part in attribute.value.split(',') {
        // The value was decoded; the place is exact as long as nothing in it had to be.
        let exact = attribute.value_span.len() == attribute.value.len();
        let lead = part.len() - part.trim_start().len();
        let start = attribute.value_span.start + at + lead;
        let span = if exact { Span::new(start, start + part.trim().len()) } else { attribute.value_span };
        at += part.len() + 1;
        let name = part.trim();
        if name.is_empty() {
            continue;
        }
        match find(context, name) {
            Some(target) => target_fits(context, node, target, span),
            None => not_found(context, node, "toName", name, span, Severity::Error),
        }
    }
}

/// A control that is told nothing about its object, where it cannot be inferred.
fn missing_to_name(context: &mut Context<'_>, node: &Node) {
    let Some(spec) = node.spec else { return };
    let needs = node.is_control() && spec.targets != Targets::None && !node.is("Pairwise");
    if !needs || node.name.is_none() || !node.to_names.is_empty() {
        return;
    }
    let objects = object_names(context);
    let message = if objects.is_empty() {
        format!("`{}` needs `toName`, and the config has no object to name", node.tag)
    } else {
        format!("`{}` needs `toName`: there is more than one object it could label", node.tag)
    };
    let problem = Diagnostic::error(Code::Required, node.name_span, message);
    context.push(problem.tag(&node.tag).attribute("toName").valid(objects));
}

fn object_names(context: &Context<'_>) -> Vec<String> {
    context.tree.objects().filter_map(|object| object.name.clone()).take(MOST_NAMES).collect()
}

/// The tag of that name; a name inside a Repeater matches with any number in place of its index flag.
fn find<'t>(context: &Context<'t>, name: &str) -> Option<&'t Node> {
    context.tree.by_name(name).or_else(|| {
        let mut patterns = context.repeated.iter();
        let found = patterns.find(|(pattern, flag, _)| matches_flag(pattern, flag, name));
        found.and_then(|(_, _, id)| context.tree.get(*id))
    })
}

/// Whether `name` is `pattern` with digits in place of `flag`.
fn matches_flag(pattern: &str, flag: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once(flag) else { return false };
    let Some(rest) = name.strip_prefix(before) else { return false };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    digits > 0 && &rest[digits..] == after
}

fn not_found(
    context: &mut Context<'_>,
    node: &Node,
    attribute: &str,
    name: &str,
    span: Span,
    severity: Severity,
) {
    let names = context.tree.nodes.iter().filter_map(|other| other.name.as_deref());
    let mut known: Vec<&str> = names.take(MOST_NAMES).collect();
    known.retain(|other| Some(*other) != node.name.as_deref());
    let guess = closest(name, known.iter().copied()).or(match known.as_slice() {
        [only] if attribute == "toName" => Some(*only),
        _ => None,
    });
    let message = match guess {
        Some(guess) => format!("no tag is named `{name}`; did you mean `{guess}`?"),
        None => format!("no tag is named `{name}`"),
    };
    let fix = guess.map(|guess| Fix::replace(format!("Write {guess}"), span, guess));
    let problem =
        Diagnostic::new(Code::TagNotFound, severity, span, message).tag(&node.tag).attribute(attribute);
    context.push(problem.value(name).valid(known).fix(fix));
}

fn target_fits(context: &mut Context<'_>, node: &Node, target: &Node, span: Span) {
    let Some(spec) = node.spec else { return };
    let kind = target.kind_name().to_owned();
    let (severity, allowed) = match spec.targets {
        _ if node.is("Filter") => {
            let fits = target.is("Choices") || target.spec.is_some_and(|t| t.is_labels());
            if fits {
                return;
            }
            (Severity::Warning, &["Labels", "Choices"][..])
        }
        _ if target.spec.is_none() => return,
        Targets::Only(list) if !spec.accepts(&kind) => (Severity::Error, list),
        Targets::Usual(list) if !spec.accepts(&kind) => (Severity::Warning, list),
        Targets::Any if !target.is_object() && !node.is("Pairwise") => (Severity::Warning, &[][..]),
        _ => return,
    };
    let message = if allowed.is_empty() {
        format!("`{}` labels objects, and `{kind}` is not one", node.tag)
    } else {
        format!("`{}` cannot label `{kind}`, only {}", node.tag, allowed.join(", "))
    };
    let problem =
        Diagnostic::new(Code::TagUnsupported, severity, span, message).tag(&node.tag).attribute("toName");
    let other = fitting_control(node, &kind);
    let fix = other.map(|name| Fix::replace(format!("Use {name}"), node.name_span, name));
    // A fix that renames only the start tag would break the config.
    let fix = fix.filter(|_| context.source[..node.span.end].ends_with("/>"));
    context.push(problem.value(kind).valid(allowed.iter().copied()).fix(fix));
}

/// The labels tag that fits an object, for labels tags that do not.
fn fitting_control(node: &Node, object: &str) -> Option<&'static str> {
    if !node.spec?.is_labels() {
        return None;
    }
    Some(match object {
        "Paragraphs" => "ParagraphLabels",
        "TimeSeries" => "TimeSeriesLabels",
        "Text" | "Audio" => "Labels",
        "HyperText" => "HyperTextLabels",
        "Video" => "TimelineLabels",
        "Image" => "RectangleLabels",
        _ => return None,
    })
}

/// `whenTagName` must name a tag; Label Studio says nothing and hides the tag for ever.
fn condition(context: &mut Context<'_>, node: &Node) {
    let Some(attribute) = node.attribute("whenTagName").filter(|attribute| !attribute.value.is_empty())
    else {
        return;
    };
    if find(context, attribute.value.trim()).is_none() {
        let (name, span) = (attribute.value.trim().to_owned(), attribute.value_span);
        not_found(context, node, "whenTagName", &name, span, Severity::Warning);
    }
}

/// Every name once, also across the copies a Repeater makes.
pub(super) fn check_unique(context: &mut Context<'_>) {
    let tree = context.tree;
    for node in &tree.nodes {
        if context.is_full() {
            return;
        }
        let (Some(name), Some(attribute)) = (&node.name, node.attribute("name")) else { continue };
        let first = tree.by_name(name).map(|first| first.id);
        if first != Some(node.id) {
            let message = format!("the name `{name}` is used twice");
            let other = free_name(context, name);
            let fix = Fix::replace(format!("Rename to {other}"), attribute.value_span, other);
            let problem = Diagnostic::error(Code::General, attribute.value_span, message);
            context.push(problem.tag(&node.tag).attribute("name").value(name).fix(Some(fix)));
            continue;
        }
        let flags = context.flags_around(node);
        let missing = flags
            .iter()
            .find(|flag| !flag.is_empty() && !name.contains(**flag))
            .map(|flag| (*flag).to_owned());
        if let Some(flag) = missing {
            let message = format!(
                "every copy made by the Repeater would be named `{name}`; put `{flag}` into the name"
            );
            let fix =
                Fix::replace(format!("Add {flag}"), Span::at(attribute.value_span.end), format!("_{flag}"));
            let problem = Diagnostic::error(Code::General, attribute.value_span, message);
            context.push(problem.tag(&node.tag).attribute("name").value(name).fix(Some(fix)));
        }
    }
}

/// `wanted`, or `wanted_2`, `wanted_3` … when it is taken.
fn free_name(context: &Context<'_>, wanted: &str) -> String {
    let taken = |name: &str| context.tree.by_name(name).is_some();
    if !taken(wanted) {
        return wanted.to_owned();
    }
    (2..).map(|n| format!("{wanted}_{n}")).find(|name| !taken(name)).unwrap_or_default()
}
