//! The command palette: everything that can be done now, by name.

use super::use_screen;
use crate::components::{Dialog, Kbd, is_mac};
use crate::context::{EditorContext, use_editor};
use leptos::prelude::*;
use std::collections::BTreeMap;
use tagloom_editor::{Action, commands};
use tagloom_tags::NodeId;

#[derive(Clone, Debug, PartialEq)]
enum Run {
    Command(&'static str),
    Tag(NodeId),
    NewAnnotation,
    Settings,
    Instructions,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    text: String,
    group: String,
    key: Option<String>,
    run: Run,
}

/// What somebody would carry out now: labels and choices first, they are what one looks for.
fn entries(context: &EditorContext) -> Vec<Entry> {
    let mac = is_mac();
    let mut out: Vec<Entry> = context.with(|e| {
        let tree = e.tree();
        tree.nodes
            .iter()
            .filter(|n| {
                matches!(n.kind.as_str(), "label" | "choice")
                    && e.tag_action(n.id).is_some()
                    && e.visible(n.id)
            })
            .map(|n| Entry {
                text: n.value_text(),
                group: tree.control_around(n.id).and_then(|c| c.name.clone()).unwrap_or_default(),
                key: e.hotkey(n.id).map(str::to_owned),
                run: Run::Tag(n.id),
            })
            .collect()
    });
    for command in commands().iter().filter(|c| c.name != "palette:open" && context.can_run(c.name)) {
        let key = context.with(|e| e.keymap().shown(command.name, mac).map(str::to_owned));
        out.push(Entry {
            text: command.text.to_owned(),
            group: command.group.to_owned(),
            key,
            run: Run::Command(command.name),
        });
    }
    let mut own = |text: &str, run: Run| {
        out.push(Entry { text: text.to_owned(), group: "Screen".into(), key: None, run });
    };
    own("New annotation", Run::NewAnnotation);
    own("Open the settings", Run::Settings);
    own("Read the instructions", Run::Instructions);
    out
}

/// How well an entry fits: 0 is best; `None` does not fit. Words at the start of the text beat words anywhere.
fn rank(entry: &Entry, typed: &str) -> Option<u32> {
    let (text, typed) = (entry.text.to_lowercase(), typed.trim().to_lowercase());
    if typed.is_empty() || text == typed {
        return Some(0);
    }
    if text.starts_with(&typed) {
        return Some(1);
    }
    let all = format!("{text} {}", entry.group.to_lowercase());
    typed.split_whitespace().all(|w| all.contains(w)).then_some(2)
}

#[component]
pub(super) fn Palette() -> impl IntoView {
    let screen = use_screen();
    view! {
        <Dialog open=screen.palette label="Command palette" class="tl-top-dialog">
            <Commands/>
        </Dialog>
    }
}

#[component]
fn Commands() -> impl IntoView {
    let context = use_editor();
    let screen = use_screen();
    let all = StoredValue::new(entries(&context));
    let typed = RwSignal::new(String::new());
    let at = RwSignal::new(0usize);
    let found = Memo::new(move |_| {
        let typed = typed.get();
        all.with_value(|all| {
            let mut hits: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
            for entry in all {
                if let Some(rank) = rank(entry, &typed) {
                    hits.entry(rank).or_default().push(entry.clone());
                }
            }
            hits.into_values().flatten().take(60).collect::<Vec<_>>()
        })
    });
    let run = move |entry: &Entry| {
        screen.palette.set(false);
        match &entry.run {
            Run::Command(name) => {
                context.run_command(name);
            }
            Run::Tag(node) => {
                if let Some(action) = context.with(|e| e.tag_action(*node)) {
                    context.dispatch(action);
                }
            }
            Run::NewAnnotation => context.dispatch(Action::NewAnnotation),
            Run::Settings => screen.settings.set(true),
            Run::Instructions => screen.instructions.set(true),
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let count = found.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => at.update(|a| *a = (*a + 1) % count),
            "ArrowUp" => at.update(|a| *a = (*a + count - 1) % count),
            "Enter" => {
                if let Some(entry) = found.with_untracked(|f| f.get(at.get_untracked()).cloned()) {
                    run(&entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let list = move || {
        let rows = found.get();
        if rows.is_empty() {
            return view! { <p class="tl-keys-row tl-meta">"Nothing of that name can be done now."</p> }
                .into_any();
        }
        rows.into_iter()
            .enumerate()
            .map(|(i, entry)| {
                let (text, group, key) = (entry.text.clone(), entry.group.clone(), entry.key.clone());
                view! {
                    <button type="button" class="tl-keys-row" role="option" tabindex="-1" aria-selected=move || (at.get() == i).to_string()
                        on:click=move |_| run(&entry)>
                        <span>{text}</span><span class="tl-meta">{group}</span>{key.map(|key| view! { <Kbd key/> })}
                    </button>
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <input class="tl-palette-input" type="text" autofocus role="combobox" aria-expanded="true" placeholder="Do…" aria-label="Command"
            on:input=move |e| { typed.set(event_target_value(&e)); at.set(0); } on:keydown=keys/>
        <div class="tl-palette-list" role="listbox" aria-label="Commands">{list}</div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_name_wins() {
        let entry =
            |text: &str| Entry { text: text.into(), group: "Regions".into(), key: None, run: Run::Settings };
        assert_eq!(rank(&entry("Undo"), "undo"), Some(0));
        assert_eq!(rank(&entry("Undo"), "un"), Some(1));
        assert_eq!(rank(&entry("Hide all"), "all region"), Some(2));
        assert_eq!(rank(&entry("Undo"), "zoom"), None);
    }
}
