//! Modal dialogs on the browser's own `<dialog>`: focus stays inside, Escape closes, focus returns.

use super::IconButton;
use crate::icons;
use leptos::html;
use leptos::prelude::*;

/// A dialog that is on the screen while `open` is set. Its content is made anew every time it opens.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    /// The heading; a dialog without one names itself by `label`.
    #[prop(optional, into)]
    heading: Option<String>,
    #[prop(into)] label: String,
    #[prop(optional, into)] class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // Fails only while the element is not in a document; then there is nothing to show either.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let backdrop = move |event: web_sys::MouseEvent| {
        // The dialog itself is hit only outside of its content.
        let own = event.target().zip(node.get_untracked()).is_some_and(|(target, dialog)| {
            let dialog: &web_sys::EventTarget = dialog.as_ref();
            target == *dialog
        });
        if own {
            open.set(false);
        }
    };
    view! {
        <dialog node_ref=node class=format!("tl-dialog {class}") aria-label=label on:close=move |_| open.set(false) on:click=backdrop>
            <Show when=move || open.get()>
                {heading.clone().map(|heading| view! {
                    <header class="tl-dialog-head">
                        <h2>{heading}</h2>
                        <IconButton glyph=icons::CLOSE label="Close" title="Close (Esc)" on_click=move || open.set(false)/>
                    </header>
                })}
                {children()}
            </Show>
        </dialog>
    }
}

/// Asks before something is destroyed.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] heading: String,
    #[prop(into)] text: Signal<String>,
    /// What the destroying button says.
    #[prop(into)]
    action: String,
    on_confirm: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let label = heading.clone();
    view! {
        <Dialog open heading label class="tl-small-dialog">
            <div class="tl-dialog-body">{move || text.get()}</div>
            <footer class="tl-dialog-foot">
                <button type="button" class="tl-button" autofocus on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="button" class="tl-button tl-danger" on:click={
                    let on_confirm = on_confirm.clone();
                    move |_| {
                        open.set(false);
                        on_confirm();
                    }
                }>{action.clone()}</button>
            </footer>
        </Dialog>
    }
}
