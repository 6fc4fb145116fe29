//! One folder per tag view, and the one list of them.

mod audio;
mod card;
mod choices;
mod collapse;
mod filter;
mod header;
mod image;
pub(crate) mod labels;
mod number;
mod rating;
mod style;
mod text;
mod text_area;
mod timeseries;
mod video;
mod view;

use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

use crate::context::use_editor;

/// Makes the view of a tag.
pub type View = fn(NodeId) -> AnyView;

/// Every tag that is drawn, by [`tagloom_tags::Node::kind`].
pub const VIEWS: &[(&str, View)] = &[
    ("audio", audio::view),
    ("audioplus", audio::view),
    ("bitmask", labels::nothing),
    ("bitmasklabels", labels::view),
    ("brush", labels::nothing),
    ("brushlabels", labels::view),
    ("choice", labels::nothing),
    ("choices", choices::view),
    ("collapse", collapse::view),
    ("ellipse", labels::nothing),
    ("ellipselabels", labels::view),
    ("filter", filter::view),
    ("header", header::view),
    ("hypertext", text::view),
    ("hypertextlabels", labels::view),
    ("image", image::view),
    ("keypoint", labels::nothing),
    ("keypointlabels", labels::view),
    ("label", labels::nothing),
    ("labels", labels::view),
    ("magicwand", labels::nothing),
    ("number", number::view),
    ("panel", collapse::lone_panel),
    ("paragraphlabels", labels::view),
    ("polygon", labels::nothing),
    ("polygonlabels", labels::view),
    ("rating", rating::view),
    ("rectangle", labels::nothing),
    ("rectanglelabels", labels::view),
    ("relation", labels::nothing),
    ("relations", labels::nothing),
    ("style", style::view),
    ("text", text::view),
    ("textarea", text_area::view),
    ("timelinelabels", labels::view),
    ("timeseries", timeseries::view),
    ("timeserieslabels", labels::view),
    ("vector", labels::nothing),
    ("vectorlabels", labels::view),
    ("video", video::view),
    ("videorectangle", labels::nothing),
    ("view", view::view),
];

/// The view of a node. A tag without one, or with only a part of one (the labels of a tool that cannot draw yet), has a
/// card that says so; its results stay untouched.
pub fn render_node(node: NodeId) -> AnyView {
    let context = use_editor();
    let (tag, drawn) = context.with(|e| {
        let node = e.tree().node(node);
        (node.kind.clone(), node.spec.is_some_and(|spec| spec.drawn))
    });
    match VIEWS.iter().find(|(name, _)| *name == &*tag) {
        Some((_, view)) if drawn => view(node),
        Some((_, view)) => view! { {view(node)} {card::view(node)} }.into_any(),
        None => card::view(node),
    }
}

/// The views of a node's children, in order.
pub fn render_children(node: NodeId) -> Vec<AnyView> {
    let context = use_editor();
    let children = context.with(|e| e.tree().node(node).children.clone());
    children.into_iter().map(render_node).collect()
}

/// Whether a classification control may not be changed now: read-only, or per region and its region is locked.
pub(crate) fn answer_disabled(node: NodeId) -> Memo<bool> {
    let context = use_editor();
    Memo::new(move |_| {
        context.content().track();
        context.flags().track();
        context.read_only().get()
            || context.with(|e| {
                e.tree().node(node).bool("perRegion")
                    && e.document()
                        .single_selection()
                        .is_some_and(|r| r.readonly || e.document().flags(&r.id).locked)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_tags::{TAGS, TagKind};

    #[test]
    fn what_the_registry_calls_drawn_has_a_view_and_the_list_names_only_tags() {
        let lower = |name: &str| name.to_ascii_lowercase();
        for tag in TAGS.iter().filter(|t| t.drawn) {
            let made_before = matches!(tag.kind, TagKind::Construct | TagKind::ObjectPart);
            let has_view = VIEWS.iter().any(|(name, _)| *name == lower(tag.name));
            assert!(has_view || made_before, "{} has no view", tag.name);
        }
        for (name, _) in VIEWS {
            assert!(TAGS.iter().any(|t| lower(t.name) == *name), "{name} is no tag");
        }
        assert!(VIEWS.is_sorted_by_key(|(name, _)| *name));
    }
}
