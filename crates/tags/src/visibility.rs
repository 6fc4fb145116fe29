//! Which tags are shown and which results are written (tags.md 3.1 and 3.2), as pure functions over the state of the
//! annotation.

use crate::node::{Node, NodeId};
use crate::spec::AttributeGroup;
use crate::tree::Tree;

/// What a condition can ask about one region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionFacts {
    /// Its id.
    pub id: String,
    /// The object it lies on (`to_name`).
    pub object: String,
    /// The labels control it got its labels from (`from_name`); `None` for a region without labels.
    pub labels_control: Option<String>,
    /// Its labels as stored, those of all its label results.
    pub labels: Vec<String>,
    /// The role, when it is a chat message.
    pub role: Option<String>,
}

/// The state of an annotation as far as conditions need it.
pub trait VisibilityContext {
    /// How many regions are selected.
    fn selected_count(&self) -> usize;

    /// The selected region when exactly one is selected.
    fn selected_region(&self) -> Option<RegionFacts>;

    /// What is chosen in a Choices or Taxonomy: one path of stored values per choice (one element for flat choices).
    /// With a region id that region's value; without, the value shown now: that of the task, or for a per-region
    /// control that of the selected region.
    fn chosen(&self, control: &str, region: Option<&str>) -> Vec<Vec<String>>;
}

/// Whether a tag is shown: its own condition and those of all tags around it hold. Unknown ids are not shown.
pub fn visible(tree: &Tree, node: NodeId, context: &dyn VisibilityContext) -> bool {
    Check { tree, context }.visible(node, &mut Vec::new())
}

/// Whether the result of a control is written, for a region or (without one) for the task (tags.md 3.2).
pub fn kept_on_save(
    tree: &Tree,
    control: NodeId,
    region: Option<&RegionFacts>,
    context: &dyn VisibilityContext,
) -> bool {
    let Some(node) = tree.get(control) else { return true };
    let check = Check { tree, context };
    let per_region = node.bool("perRegion");
    let chosen = |condition: &Node| {
        let about = tree.by_name(condition.str("whenTagName")).is_some_and(|tag| tag.bool("perRegion"));
        check.choice_selected(
            condition,
            region.filter(|_| about).map(|facts| facts.id.as_str()),
            &mut Vec::new(),
        )
    };
    if per_region {
        let labels_fit =
            region.is_none_or(|facts| fits_label_list(node.raw("whenLabelValue"), &facts.labels));
        if !labels_fit || (node.str("visibleWhen") == "choice-selected" && !chosen(node)) {
            return false;
        }
    }
    if node.str("visibleWhen") == "choice-unselected" && chosen(node) {
        return false;
    }
    if per_region {
        return true;
    }
    let mut conditions = std::iter::once(node).chain(tree.ancestors(control));
    let conditional = conditions.find(|around| around.str("visibleWhen") == "choice-selected");
    conditional.is_none_or(|condition| chosen(condition) && visible(tree, control, context))
}

/// Whether a region with `labels` is meant by a per-region control's `whenLabelValue`: the text as one label, or any of
/// its comma separated parts.
pub(crate) fn fits_label_list(condition: Option<&str>, labels: &[String]) -> bool {
    let Some(condition) = condition.filter(|text| !text.is_empty()) else { return true };
    labels.iter().any(|label| label == condition)
        || condition.split(',').any(|part| labels.iter().any(|l| l == part.trim()))
}

struct Check<'a> {
    tree: &'a Tree,
    context: &'a dyn VisibilityContext,
}

impl Check<'_> {
    /// `asked`: tags whose visibility is being worked out already; two that wait for each other are both hidden.
    fn visible(&self, id: NodeId, asked: &mut Vec<NodeId>) -> bool {
        let Some(node) = self.tree.get(id) else { return false };
        if asked.contains(&id) {
            return false;
        }
        asked.push(id);
        let shown = self.own_condition(node, asked)
            && self
                .tree
                .ancestors(id)
                .collect::<Vec<_>>()
                .into_iter()
                .all(|around| self.own_condition(around, asked));
        asked.pop();
        shown
    }

    fn own_condition(&self, node: &Node, asked: &mut Vec<NodeId>) -> bool {
        let Some(spec) = node.spec else { return true };
        if spec.groups.contains(&AttributeGroup::PerRegion)
            && node.bool("perRegion")
            && !self.per_region(node)
        {
            return false;
        }
        if !spec.groups.contains(&AttributeGroup::Visibility) {
            return true;
        }
        match node.str("visibleWhen") {
            "" => match node.raw("whenChoiceValue").filter(|value| !value.is_empty()) {
                Some(value) => self.chosen_somewhere(value),
                None => true,
            },
            "region-selected" => self.region_selected(node),
            "no-region-selected" => self.context.selected_count() == 0,
            "choice-selected" => self.choice_selected(node, None, asked),
            "choice-unselected" => !self.choice_selected(node, None, asked),
            _ => true,
        }
    }

    fn per_region(&self, node: &Node) -> bool {
        self.context.selected_region().is_some_and(|region| {
            node.to_names.contains(&region.object)
                && fits_label_list(node.raw("whenLabelValue"), &region.labels)
        })
    }

    fn region_selected(&self, node: &Node) -> bool {
        let Some(region) = self.context.selected_region() else { return false };
        let tag = node.str("whenTagName");
        // The original compares the labels control; its documentation says the object. Both count.
        let tag_fits =
            tag.is_empty() || region.labels_control.as_deref() == Some(tag) || region.object == tag;
        let labels = node.list("whenLabelValue");
        let roles = node.list("whenRole");
        let rest_fits = if labels.is_empty() {
            roles.is_empty() || region.role.as_deref().is_some_and(|role| roles.contains(&role))
        } else {
            region.labels.iter().any(|label| labels.contains(&label.as_str()))
        };
        tag_fits && rest_fits
    }

    /// Without `visibleWhen`: some control has exactly this value chosen.
    fn chosen_somewhere(&self, value: &str) -> bool {
        let controls = self.tree.controls().filter(|node| node.is("Choices") || node.is("Taxonomy"));
        controls.filter_map(|node| node.name.as_deref()).any(|name| {
            self.context.chosen(name, None).iter().any(|path| path.last().is_some_and(|last| last == value))
        })
    }

    fn choice_selected(&self, node: &Node, region: Option<&str>, asked: &mut Vec<NodeId>) -> bool {
        let tag = node.str("whenTagName");
        if tag.is_empty() {
            let choices = self.tree.controls().filter(|control| control.is("Choices"));
            let mut names = choices.filter_map(|control| control.name.as_deref());
            return names.any(|name| !self.context.chosen(name, region).is_empty());
        }
        let Some(control) = self.tree.by_name(tag) else { return false };
        // For a given region the question is what was chosen, not what is on the screen now.
        if region.is_none() && !self.visible(control.id, asked) {
            return false;
        }
        let chosen = self.context.chosen(tag, region);
        let wanted = node.list("whenChoiceValue");
        if wanted.is_empty() {
            return !chosen.is_empty();
        }
        let labels = self.tree.labels_of(control.id);
        chosen.iter().filter_map(|path| path.last()).any(|stored| {
            wanted.contains(&stored.as_str())
                || labels
                    .iter()
                    .filter(|label| &label.stored == stored)
                    .any(|label| wanted.contains(&label.value.as_str()))
        })
    }
}
