//! Which labels go into the label bar.

use tagloom_editor::TreeNodes;
use tagloom_tags::{NodeId, Tree};

/// Whether a labels control is shown in the label bar. One that stands in a View with a condition, a style or a class, in a
/// Collapse, that lists its labels line by line, or that has headings between its labels, stays where the config put it.
pub fn in_label_bar(tree: &Tree, control: NodeId) -> bool {
    let node = tree.node(control);
    let plain_children = node.children.iter().all(|c| tree.node(*c).kind == "label");
    let own = |n: &tagloom_tags::Node| {
        ["visibleWhen", "style", "className", "whenChoiceValue"]
            .iter()
            .any(|a| n.raw(a).is_some_and(|v| !v.is_empty()))
    };
    plain_children
        && node.opt_bool("showInline").unwrap_or(true)
        && !own(node)
        && tree.ancestors(control).all(|n| n.kind == "view" && !own(n))
}

/// Every labels control, in tree order.
pub fn label_controls(tree: &Tree) -> Vec<NodeId> {
    tree.nodes.iter().filter(|n| n.kind.ends_with("labels") && n.is_control()).map(|n| n.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_tags::Config;

    fn placed(xml: &str) -> Vec<bool> {
        let tree = Config::new(xml).instantiate(&serde_json::Value::Null);
        label_controls(&tree).into_iter().map(|c| in_label_bar(&tree, c)).collect()
    }

    #[test]
    fn plain_labels_go_up_and_laid_out_ones_stay() {
        let labels = |attributes: &str, inside: &str| {
            format!(r#"<Labels name="l" toName="t" {attributes}><Label value="a"/>{inside}</Labels>"#)
        };
        let page = |inside: &str| format!(r#"<View>{inside}<Text name="t" value="$text"/></View>"#);
        assert_eq!(placed(&page(&labels("", ""))), [true]);
        assert_eq!(placed(&page(&labels("showInline=\"false\"", ""))), [false]);
        assert_eq!(placed(&page(&labels("", "<Header value=\"h\"/>"))), [false]);
        assert_eq!(placed(&page(&format!("<View>{}</View>", labels("", "")))), [true]);
        assert_eq!(
            placed(&page(&format!("<View visibleWhen=\"region-selected\">{}</View>", labels("", "")))),
            [false]
        );
        assert_eq!(
            placed(&page(&format!("<View style=\"display:flex\">{}</View>", labels("", "")))),
            [false]
        );
    }
}
