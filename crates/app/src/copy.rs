//! Text that people carry elsewhere: shown in full, copied by a button.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Milliseconds that the button says what it did.
const SAID: u32 = 2000;

/// A line, or several of them, to be copied. Where the browser refuses (pages without TLS may not write to the clipboard)
/// the text is selected, so that one key does it.
#[component]
pub fn Copied(
    #[prop(into)] text: Signal<String>,
    /// The accessible name of the text.
    #[prop(into)]
    label: String,
    #[prop(optional)] lines: bool,
) -> impl IntoView {
    let said = RwSignal::new("Copy");
    let field = NodeRef::<html::Textarea>::new();
    let select = move || {
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
            field.select();
        }
    };
    let copy = move |_| {
        let text = text.get_untracked();
        leptos::task::spawn_local(async move {
            let done = match web_sys::window().filter(web_sys::Window::is_secure_context) {
                Some(window) => {
                    JsFuture::from(window.navigator().clipboard().write_text(&text)).await.is_ok()
                }
                None => false,
            };
            if !done {
                select();
            }
            let _ = said.try_set(if done { "Copied" } else { "Press Ctrl C" });
            gloo_timers::future::TimeoutFuture::new(SAID).await;
            let _ = said.try_set("Copy");
        });
    };
    let rows = move || if lines { text.with(|t| t.lines().count().clamp(1, 24)) } else { 1 };
    view! {
        <div class="ta-copied" class:ta-lines-copied=lines>
            <textarea node_ref=field readonly spellcheck="false" rows=rows wrap=if lines { "soft" } else { "off" } aria-label=label
                prop:value=text on:focus=move |_| select()></textarea>
            <button type="button" class="ta-button" on:click=copy><span aria-live="polite">{move || said.get()}</span></button>
        </div>
    }
}
