//! Editing a label config: text with line numbers, diagnostics with repairs, a live preview.

use leptos::prelude::*;
use tagloom_editor::EditorOptions;
use tagloom_editor_ui::{EditorContext, LabelingScreen};
use tagloom_label_config::{Diagnostic, Severity};
use tagloom_tags::{Config, sample_task};

/// The line numbers of a text, one per line.
fn line_numbers(text: &str) -> String {
    let count = text.split('\n').count();
    (1..=count).map(|n| n.to_string()).collect::<Vec<_>>().join("\n")
}

/// Edits `config` in place.
#[component]
pub fn ConfigEditor(config: RwSignal<String>) -> impl IntoView {
    let checked = Memo::new(move |_| Checked::new(&config.get()));
    let numbers = move || line_numbers(&config.get());
    let list = move || {
        let items: Vec<_> =
            checked.get().diagnostics.into_iter().map(|d| view! { <Item config diagnostic=d/> }).collect();
        (!items.is_empty())
            .then(|| view! { <ul class="ta-diagnostics" aria-label="Problems of the config">{items}</ul> })
    };
    view! {
        <div class="ta-config">
            <div class="ta-config-side">
                <div class="ta-config-text">
                    <pre class="ta-lines" aria-hidden="true">{numbers}</pre>
                    <textarea spellcheck="false" wrap="off" aria-label="Label config" prop:value=config
                        on:input=move |e| config.set(event_target_value(&e))></textarea>
                </div>
                {list}
            </div>
            <Preview config/>
        </div>
    }
}

/// A config's problems, comparable so that an unchanged list is not drawn again.
#[derive(Clone, Debug, PartialEq)]
struct Checked {
    diagnostics: Vec<Diagnostic>,
}

impl Checked {
    fn new(xml: &str) -> Self {
        Self { diagnostics: Config::new(xml).diagnostics().to_vec() }
    }
}

#[component]
fn Item(config: RwSignal<String>, diagnostic: Diagnostic) -> impl IntoView {
    let kind = match diagnostic.severity {
        Severity::Error => "ta-bad",
        Severity::Warning => "ta-warn",
        Severity::Info => "ta-info",
    };
    let fix = diagnostic.fix.clone().map(|fix| {
        let title = fix.title.clone();
        let apply = move |_| config.update(|text| *text = fix.apply(text));
        view! { <button type="button" class="ta-link" on:click=apply>{title}</button> }
    });
    view! {
        <li class=kind>
            <code>{format!("{}:{}", diagnostic.line, diagnostic.column)}</code>
            <span>{diagnostic.message.clone()}</span>
            {fix}
        </li>
    }
}

/// The real editor over the config's sample task, a moment after the last key.
#[component]
fn Preview(config: RwSignal<String>) -> impl IntoView {
    let shown = RwSignal::new(config.get_untracked());
    let waiting = StoredValue::new_local(None::<gloo_timers::callback::Timeout>);
    Effect::new(move |_| {
        let text = config.get();
        let timer = gloo_timers::callback::Timeout::new(400, move || {
            let _ = shown.try_set(text);
        });
        waiting.set_value(Some(timer));
    });
    move || {
        let xml = shown.get();
        let parsed = Config::new(&xml);
        let task = sample_task(&parsed);
        let task = if task.get("data").is_some() { task } else { serde_json::json!({ "data": task }) };
        let options = EditorOptions {
            config: xml,
            task,
            interfaces: ["side-column", "controls", "edit-history", "topbar"].into_iter().collect(),
            settings: tagloom_editor_ui::journal::load_settings(),
            ..EditorOptions::default()
        };
        let context = EditorContext::new(options);
        provide_context(context);
        view! { <div class="ta-preview" aria-label="Preview"><LabelingScreen/></div> }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_number() {
        assert_eq!(line_numbers(""), "1");
        assert_eq!(line_numbers("a\nb\n"), "1\n2\n3");
    }
}
