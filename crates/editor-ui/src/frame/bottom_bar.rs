//! The bottom bar: skip, instructions, messages, and one primary button.

use super::use_screen;
use crate::components::{Dialog, IconButton, Kbd, is_mac, with_key};
use crate::context::use_editor;
use crate::html::sanitize;
use crate::icons::{self, Icon};
use leptos::prelude::*;
use tagloom_editor::{Action, MessageKind};

#[component]
pub(super) fn BottomBar() -> impl IntoView {
    let context = use_editor();
    let screen = use_screen();
    let has = move |name: &'static str| context.with(|e| e.interfaces().has(name));
    let skipped = Memo::new(move |_| {
        context.tabs().track();
        context.tree().track();
        context.with(|e| (e.annotation().skipped, e.annotation().is_prediction(), e.annotation().submitting))
    });
    let review = has("review");
    let instructions = move || {
        context.tree().track();
        has("instruction") && context.with(|e| e.description().is_some_and(|d| !d.trim().is_empty()))
    };
    view! {
        <footer class="tl-bottom">
            {move || {
                let (was_skipped, prediction, busy) = skipped.get();
                if was_skipped {
                    view! {
                        <span class="tl-badge tl-warn"><Icon glyph=icons::SKIP/>"Was skipped"</span>
                        <button type="button" class="tl-button" disabled=busy on:click=move |_| context.dispatch(Action::Unskip)>"Cancel skip"</button>
                    }.into_any()
                } else if review {
                    view! {
                        <button type="button" class="tl-button" disabled=busy title=with_key(&context, "Reject", "annotation:skip")
                            on:click=move |_| context.dispatch(Action::Reject { comment: None })>"Reject"</button>
                    }.into_any()
                } else if has("skip") && !prediction {
                    view! {
                        <button type="button" class="tl-button tl-quiet" disabled=busy title=with_key(&context, "Skip this task", "annotation:skip")
                            on:click=move |_| context.dispatch(Action::Skip { comment: None })><Icon glyph=icons::SKIP/>"Skip"</button>
                    }.into_any()
                } else {
                    ().into_any()
                }
            }}
            {move || instructions().then(|| view! {
                <button type="button" class="tl-button tl-quiet" on:click=move |_| screen.instructions.set(true)><Icon glyph=icons::BOOK/>"Instructions"</button>
            })}
            <Messages/>
            <Primary/>
        </footer>
    }
}

/// Submit, Update or Accept. A button that cannot be pressed still takes the focus and says why.
#[component]
fn Primary() -> impl IntoView {
    let context = use_editor();
    let state = Memo::new(move |_| {
        context.tabs().track();
        context.content().track();
        context.tree().track();
        context.with(|e| {
            let name = if e.annotation().sent { "update" } else { "submit" };
            let on = e.interfaces().has(name) || e.interfaces().has("review");
            (on, e.submit_state())
        })
    });
    let key = context.with(|e| e.keymap().shown("annotation:submit", is_mac()).map(str::to_owned));
    let key = StoredValue::new(key);
    view! {
        <Show when=move || state.get().0>
            <span class="tl-why tl-wide-only" id="tl-why">{move || state.get().1.disabled}</span>
            <button type="button" class="tl-button tl-primary" aria-describedby="tl-why"
                aria-disabled=move || state.get().1.disabled.map(|_| "true")
                title=move || {
                    let (_, s) = state.get();
                    s.disabled.map_or_else(|| with_key(&context, s.caption, "annotation:submit"), str::to_owned)
                }
                on:click=move |_| {
                    if state.get_untracked().1.disabled.is_none() {
                        context.run_command("annotation:submit");
                    }
                }>
                {move || state.get().1.caption}
                {key.get_value().map(|key| view! { <Kbd key/> })}
            </button>
        </Show>
    }
}

/// The newest message, and how many wait behind it.
#[component]
fn Messages() -> impl IntoView {
    let context = use_editor();
    let messages = move || {
        context.messages().track();
        context.tree().track();
        context.with(|e| e.messages().to_vec())
    };
    let newest = move || {
        let mut list = messages();
        let message = list.pop()?;
        let (kind, glyph) = match message.kind {
            MessageKind::Info => ("info", icons::INFO),
            MessageKind::Warning => ("warning", icons::WARNING),
            MessageKind::Error => ("error", icons::ERROR),
        };
        let id = message.id;
        let more = list.len();
        Some(view! {
            <div class="tl-message" data-kind=kind role=if kind == "error" { "alert" } else { "status" }>
                <Icon glyph/>
                <p>{message.text}</p>
                {(more > 0).then(|| view! { <span class="tl-badge tl-num">{format!("{more} more")}</span> })}
                <IconButton glyph=icons::CLOSE label="Dismiss this message" class="tl-small" on_click=move || context.dispatch(Action::DismissMessage(id))/>
            </div>
        })
    };
    view! { <div class="tl-messages">{newest}</div> }
}

#[component]
pub(super) fn InstructionsDialog() -> impl IntoView {
    let context = use_editor();
    let screen = use_screen();
    view! {
        <Dialog open=screen.instructions heading="Instructions" label="Instructions" class="tl-wide-dialog">
            <div class="tl-dialog-body tl-prose"
                inner_html=context.with(|e| sanitize(e.description().unwrap_or_default()))></div>
        </Dialog>
    }
}
