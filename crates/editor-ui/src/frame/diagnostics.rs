//! What is wrong with the config or cannot be edited, said above the still-working rest.

use crate::components::IconButton;
use crate::context::use_editor;
use crate::icons::{self, Icon};
use leptos::prelude::*;
use tagloom_editor::Action;
use tagloom_editor::label_config::Severity;

#[component]
pub(super) fn Notices() -> impl IntoView {
    view! {
        <ConfigProblems/>
        <ReadOnly/>
        <RelationMode/>
    }
}

/// Errors of the config with their places; warnings alone stay behind one line in the list.
#[component]
fn ConfigProblems() -> impl IntoView {
    let context = use_editor();
    let open = RwSignal::new(true);
    let list = Memo::new(move |_| {
        context.tree().track();
        context.with(|e| {
            let config = e.config();
            if !config.has_errors() {
                return Vec::new();
            }
            config
                .diagnostics()
                .iter()
                .filter(|d| d.severity != Severity::Info)
                .map(|d| (d.severity.as_str(), d.line, d.column, sentence(&d.message), d.code.as_str()))
                .collect()
        })
    });
    let rows = move || {
        list.get()
            .into_iter()
            .map(|(severity, line, column, message, code)| {
                let glyph = if severity == "error" { icons::ERROR } else { icons::WARNING };
                view! {
                    <li class="tl-diagnostic" data-severity=severity>
                        <Icon glyph/>
                        <span class="tl-mono" title="Line and column in the config">{format!("{line}:{column}")}</span>
                        <span>{message}</span>
                        <span class="tl-meta tl-mono">{code}</span>
                    </li>
                }
            })
            .collect_view()
    };
    let errors = move || list.with(|l| l.iter().filter(|d| d.0 == "error").count());
    view! {
        <Show when=move || !list.with(Vec::is_empty)>
            <div class="tl-banner tl-bad" role="alert">
                <Icon glyph=icons::ERROR/>
                <span class="tl-grow">{move || match errors() {
                    1 => "The label config has 1 error; everything else works.".to_owned(),
                    n => format!("The label config has {n} errors; everything else works."),
                }}</span>
                <button type="button" class="tl-button tl-quiet" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|o| *o = !*o)>
                    {move || if open.get() { "Hide" } else { "Show" }}
                </button>
            </div>
            <ul class="tl-diagnostics tl-plain-list" role="list" class:tl-hidden=move || !open.get()>{rows}</ul>
        </Show>
    }
}

/// A message that begins with a capital.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[component]
fn ReadOnly() -> impl IntoView {
    let context = use_editor();
    let prediction = Memo::new(move |_| {
        context.tabs().track();
        context.tree().track();
        context.with(|e| (e.annotation().is_prediction(), e.annotation().key))
    });
    view! {
        <Show when=move || prediction.get().0>
            <div class="tl-banner" role="status">
                <Icon glyph=icons::PREDICTION/>
                <span class="tl-grow">"This is a prediction: it can be looked at, not changed."</span>
                <button type="button" class="tl-button" on:click=move |_| context.dispatch(Action::CopyAnnotation(prediction.get_untracked().1))>
                    "Copy into a new annotation"
                </button>
            </div>
        </Show>
    }
}

#[component]
fn RelationMode() -> impl IntoView {
    let context = use_editor();
    view! {
        <Show when=move || context.relation_from().get().is_some()>
            <div class="tl-banner" role="status">
                <Icon glyph=icons::RELATIONS/>
                <span class="tl-grow">"Click the region that the relation leads to."</span>
                <IconButton glyph=icons::CLOSE label="Cancel the relation" title=Signal::stored("Cancel the relation (Esc)".to_owned())
                    on_click=move || context.dispatch(Action::CancelRelation)/>
            </div>
        </Show>
    }
}
