//! The card of a tag that has no view yet: says what it is and that nothing of it is lost.

use crate::context::use_editor;
use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;

pub(super) fn view(node: NodeId) -> AnyView {
    let context = use_editor();
    let (tag, name, known) = context.with(|e| {
        let n = e.tree().node(node);
        (n.kind_name().to_owned(), n.name.clone(), n.spec.is_some())
    });
    let title = match &name {
        Some(name) => format!("{tag} “{name}”"),
        None => tag.clone(),
    };
    let held = move || {
        context.content().track();
        let name = name.clone()?;
        let count = context.with(|e| {
            let regions = e.document().regions();
            regions.filter(|r| *r.to_name == *name || r.items.iter().any(|i| *i.from_name == *name)).count()
        });
        Some(match count {
            0 => "It holds no results.".to_owned(),
            1 => "It holds 1 result, which is kept untouched.".to_owned(),
            n => format!("It holds {n} results, which are kept untouched."),
        })
    };
    let why = if known { "This tag is not drawn yet." } else { "There is no such tag." };
    view! {
        <div class="tl-not-drawn" role="note">
            <strong>{title}</strong>
            <span>{why} " " {held}</span>
        </div>
    }
    .into_any()
}
