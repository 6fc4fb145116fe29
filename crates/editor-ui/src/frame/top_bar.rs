//! The top bar: where we are, the tabs, undo, what is saved, settings and help.

use super::tabs::{AnnotationMenu, AnnotationTabs};
use super::use_screen;
use crate::components::{IconButton, with_key};
use crate::context::use_editor;
use crate::icons::{self, Icon};
use leptos::prelude::*;
use tagloom_editor::store::Command;
use tagloom_editor::{Action, SaveState};

#[component]
pub(super) fn TopBar() -> impl IntoView {
    let context = use_editor();
    let screen = use_screen();
    let task = move || {
        context.tree().track();
        context.with(|e| {
            let (position, total) = e.queue();
            let counter = (total > 0).then(|| format!("{position} of {total}"));
            (Some(e.task().id.clone()).filter(|id| !id.is_empty()), counter)
        })
    };
    let tip =
        move |text: &'static str, command: &'static str| Signal::stored(with_key(&context, text, command));
    let shows = move |name: &'static str| context.with(|e| e.interfaces().has(name));
    let history = context.history();
    let read_only = context.read_only();
    view! {
        <header class="tl-top">
            {move || {
                let (id, counter) = task();
                view! {
                    <div class="tl-top-task">
                        {id.map(|id| view! { <span class="tl-num" title="Task">"#"{id}</span> })}
                        {counter.map(|c| view! { <span class="tl-meta tl-num tl-wide-only">{c}</span> })}
                    </div>
                }
            }}
            {move || shows("topbar").then(|| view! { <AnnotationTabs/><AnnotationMenu/> })}
            {move || read_only.get().then(|| view! {
                <span class="tl-badge tl-warn"><Icon glyph=icons::LOCK/>"Read-only"</span>
            })}
            <div class="tl-grow"></div>
            {move || shows("edit-history").then(|| view! {
                <div class="tl-top-group" role="group" aria-label="History">
                    <IconButton glyph=icons::UNDO label="Undo" title=tip("Undo", "annotation:undo")
                        disabled=Signal::derive(move || !history.get().0)
                        on_click=move || context.dispatch(Action::Apply(Command::Undo))/>
                    <IconButton glyph=icons::REDO label="Redo" title=tip("Redo", "annotation:redo")
                        disabled=Signal::derive(move || !history.get().1)
                        on_click=move || context.dispatch(Action::Apply(Command::Redo))/>
                    <IconButton glyph=icons::RESET label="Reset to what was loaded"
                        title=Signal::stored("Reset to what was loaded (can be undone)".to_owned())
                        disabled=Signal::derive(move || !history.get().0)
                        on_click=move || context.dispatch(Action::Apply(Command::Reset))/>
                </div>
            })}
            <SaveMark/>
            <span class="tl-top-line"></span>
            <div class="tl-top-group">
                <IconButton glyph=icons::SETTINGS label="Settings" on_click=move || screen.settings.set(true)/>
                <IconButton glyph=icons::HELP label="Every key" title=tip("Every key", "help:keys") on_click=move || screen.help.set(true)/>
            </div>
        </header>
    }
}

/// Where the newest work is. Its width is kept, so that nothing moves when it changes.
#[component]
fn SaveMark() -> impl IntoView {
    let context = use_editor();
    let state = Memo::new(move |_| {
        context.tabs().track();
        context.content().track();
        context.with(|e| {
            (e.annotation().save_state(), e.annotation().submitting, e.annotation().is_prediction())
        })
    });
    view! {
        <div role="status" class="tl-save" data-state=move || match state.get().0 { SaveState::OnTheServer => "server", SaveState::OnThisMachine => "machine", SaveState::Unchanged => "none" }>
            {move || match state.get() {
                (_, true, _) => view! { <span>"Saving…"</span> }.into_any(),
                (_, _, true) | (SaveState::Unchanged, ..) => ().into_any(),
                (SaveState::OnThisMachine, ..) => view! { <Icon glyph=icons::ON_MACHINE/><span>"On this machine"</span> }.into_any(),
                (SaveState::OnTheServer, ..) => view! { <Icon glyph=icons::ON_SERVER/><span>"On the server"</span> }.into_any(),
            }}
        </div>
    }
}
