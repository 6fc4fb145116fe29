//! Which required control is still empty (tags.md 3.3).

use crate::node::{Node, NodeId};
use crate::tree::Tree;
use crate::visibility::{RegionFacts, VisibilityContext, fits_label_list, visible};

/// The state of an annotation as far as required controls need it.
pub trait RequiredContext: VisibilityContext {
    /// The regions of an object, in the order in which they should be complained about.
    fn regions_of(&self, object: &str) -> Vec<RegionFacts>;

    /// How many items an object has; 1 for all but multi-item images.
    fn item_count(&self, object: &str) -> usize;

    /// Whether a control has a value: of the task, of that region, or of that item. A rating of 0 is none.
    fn has_value(&self, control: &str, region: Option<&str>, item: Option<usize>) -> bool;
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The empty control.
    pub control: NodeId,
    /// What to tell the user.
    pub message: String,
    /// The region that lacks the value; to be selected.
    pub region: Option<String>,
    /// The item that lacks the value; to be shown.
    pub item: Option<usize>,
}

/// The first required control, in document order, that has no value where it needs one.
pub fn first_missing(tree: &Tree, context: &dyn RequiredContext) -> Option<Missing> {
    tree.controls().filter(|node| node.bool("required")).find_map(|node| check(tree, node, context))
}

fn check(tree: &Tree, node: &Node, context: &dyn RequiredContext) -> Option<Missing> {
    let name = node.name.as_deref()?;
    let missing =
        |region: Option<String>, item| Missing { control: node.id, message: message(node), region, item };
    if node.bool("perRegion") {
        let mut regions = node.to_names.iter().flat_map(|object| context.regions_of(object));
        let failing = regions.find(|region| {
            concerns(tree, node, region) && !context.has_value(name, Some(region.id.as_str()), None)
        })?;
        return Some(missing(Some(failing.id), None));
    }
    if !visible(tree, node.id, context) {
        return None;
    }
    if node.bool("perItem") {
        let items = node.to_names.first().map_or(1, |object| context.item_count(object));
        return (0..items)
            .find(|item| !context.has_value(name, None, Some(*item)))
            .map(|item| missing(None, Some(item)));
    }
    (!context.has_value(name, None, None)).then(|| missing(None, None))
}

/// Whether a per-region control asks about this region at all.
fn concerns(tree: &Tree, node: &Node, region: &RegionFacts) -> bool {
    let tag = node.str("whenTagName");
    let of_other_control =
        region.labels_control.as_deref().is_some_and(|control| control != tag && region.object != tag);
    if node.str("visibleWhen") == "region-selected" && !tag.is_empty() && of_other_control {
        return false;
    }
    let role_fits = |around: &Node| {
        let roles = around.list("whenRole");
        roles.is_empty() || region.role.as_deref().is_some_and(|role| roles.contains(&role))
    };
    tree.ancestors(node.id).all(role_fits) && fits_label_list(node.raw("whenLabelValue"), &region.labels)
}

fn message(node: &Node) -> String {
    if let Some(own) = node.raw("requiredMessage").filter(|text| !text.is_empty()) {
        return own.to_owned();
    }
    let name = node.name.as_deref().unwrap_or("");
    match node.kind_name() {
        "Choices" => format!("Checkbox \"{name}\" is required."),
        "TextArea" => format!("Input for the textarea \"{name}\" is required."),
        kind => format!("{kind} \"{name}\" is required."),
    }
}
