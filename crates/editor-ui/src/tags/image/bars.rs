//! The bars around the picture: pages of a gallery, brightness and contrast, the read-out.

use super::controller::Readout;
use crate::context::EditorContext;
use leptos::prelude::*;
use tagloom_editor::Action;

/// Current and total, with buttons to either side (spec/tags.md 6.2).
#[component]
pub(super) fn Pages(ctx: EditorContext, object: String, index: Signal<u64>, count: u64) -> impl IntoView {
    let object = StoredValue::new(object);
    let go = move |by: i64| {
        let next = index.get_untracked() as i64 + by;
        if next >= 0 && (next as u64) < count {
            ctx.dispatch(Action::SetItemIndex { object: object.get_value(), index: next as u64 });
        }
    };
    ctx.on_command("image:prev", move || go(-1));
    ctx.on_command("image:next", move || go(1));
    view! {
        <nav class="tl-image-pages" aria-label="Images of this task">
            <button
                type="button" class="tl-image-tool" aria-label="Previous image" title="Previous image (ctrl+left)"
                disabled=move || index.get() == 0
                on:click=move |_| go(-1)
            >
                "‹"
            </button>
            <input
                type="number" min="1" max=count.to_string() aria-label="Image number"
                prop:value=move || (index.get() + 1).to_string()
                on:change=move |ev| {
                    if let Ok(page) = event_target_value(&ev).trim().parse::<i64>() {
                        go(page - 1 - index.get_untracked() as i64);
                    }
                }
            />
            <span>{format!("of {count}")}</span>
            <button
                type="button" class="tl-image-tool" aria-label="Next image" title="Next image (ctrl+right)"
                disabled=move || { index.get() + 1 >= count }
                on:click=move |_| go(1)
            >
                "›"
            </button>
        </nav>
    }
}

/// A slider of 0..400 percent whose name puts it back to 100.
#[component]
pub(super) fn Slider(text: &'static str, value: RwSignal<f64>) -> impl IntoView {
    view! {
        <label class="tl-image-slider">
            <span>{text}</span>
            <input
                type="range" min="0" max="400" step="1" title=format!("{text}; double click for 100 %")
                prop:value=move || value.get().to_string()
                on:input=move |ev| {
                    if let Ok(v) = event_target_value(&ev).parse::<f64>() {
                        value.set(v.clamp(0.0, 400.0));
                    }
                }
                on:dblclick=move |_| value.set(100.0)
            />
            <output>{move || format!("{} %", value.get().round())}</output>
        </label>
    }
}

/// Zoom, position and size, in figures that do not jump.
#[component]
pub(super) fn Status(
    readout: RwSignal<Readout>,
    #[prop(into)] note: Signal<Option<&'static str>>,
) -> impl IntoView {
    view! {
        <div class="tl-image-status">
            <span class="tl-image-note">{move || note.get()}</span>
            <span>{move || readout.get().size.map(|(w, h)| format!("{} × {}", w.round(), h.round()))}</span>
            <span>{move || readout.get().at.map(|(x, y)| format!("x {x}  y {y}"))}</span>
            <span>{move || match readout.get().zoom {
                z if z <= 0.0 => String::new(),
                z if z < 10.0 => format!("{z:.1} %"),
                z => format!("{} %", z.round()),
            }}</span>
        </div>
    }
}
