//! Every key, searchable; read from the registry that the key handler uses.

use super::use_screen;
use crate::components::{Dialog, Kbd, is_mac};
use crate::context::{EditorContext, use_editor};
use leptos::prelude::*;
use tagloom_editor::commands;
use tagloom_tags::{NodeId, Tree};

#[derive(Clone, Debug, PartialEq)]
struct Row {
    group: String,
    text: String,
    key: String,
}

/// Commands in their groups, then the keys of the config.
fn rows(context: &EditorContext) -> Vec<Row> {
    let mac = is_mac();
    context.with(|e| {
        let mut out: Vec<Row> = commands()
            .iter()
            .filter_map(|c| {
                let key = e.keymap().shown(c.name, mac)?.to_owned();
                Some(Row { group: c.group.to_owned(), text: c.text.to_owned(), key })
            })
            .collect();
        out.push(Row {
            group: "Regions".into(),
            text: "Select the N-th region of the list".into(),
            key: "alt+shift+N".into(),
        });
        let tree: &Tree = e.tree();
        out.extend(tree.nodes.iter().filter_map(|n| {
            let key = e.hotkey(n.id)?.to_owned();
            let value = n.value_text();
            let text = if value.is_empty() { n.name.clone().unwrap_or_else(|| n.tag.clone()) } else { value };
            Some(Row { group: group_of(tree, n.id), text, key })
        }));
        let mut sorted = Vec::with_capacity(out.len());
        for group in GROUPS {
            sorted.extend(out.extract_if(.., |r| r.group == *group));
        }
        sorted.append(&mut out);
        sorted
    })
}

/// Groups of commands, as they are read; those of the config follow.
const GROUPS: &[&str] = &["Annotation", "Regions", "Tools", "Media", "Series", "Screen"];

fn group_of(tree: &Tree, node: NodeId) -> String {
    let control = tree.control_around(node).and_then(|c| c.name.clone());
    control.map_or_else(|| "This project".to_owned(), |name| format!("This project: {name}"))
}

/// Rows with every word of the search in text, group or key.
fn search(rows: &[Row], typed: &str) -> Vec<Row> {
    let typed = typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let hit = |r: &&Row| {
        let all = format!("{} {} {}", r.text, r.group, r.key).to_lowercase();
        words.iter().all(|w| all.contains(w))
    };
    rows.iter().filter(hit).cloned().collect()
}

#[component]
pub(super) fn HelpDialog() -> impl IntoView {
    let screen = use_screen();
    view! {
        <Dialog open=screen.help heading="Every key" label="Every key">
            <Keys/>
        </Dialog>
    }
}

#[component]
fn Keys() -> impl IntoView {
    let context = use_editor();
    let all = StoredValue::new(rows(&context));
    let typed = RwSignal::new(String::new());
    let list = move || {
        let found = all.with_value(|rows| search(rows, &typed.get()));
        if found.is_empty() {
            return view! { <p class="tl-meta">"No key matches."</p> }.into_any();
        }
        let mut group = String::new();
        found
            .into_iter()
            .map(|row| {
                let head = (row.group != group).then(|| row.group.clone());
                group.clone_from(&row.group);
                view! {
                    {head.map(|h| view! { <h3 class="tl-keys-group">{h}</h3> })}
                    <div class="tl-keys-row"><span>{row.text}</span><Kbd key=row.key/></div>
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <input class="tl-palette-input" type="search" autofocus placeholder="Search keys" aria-label="Search keys"
            on:input=move |e| typed.set(event_target_value(&e))/>
        <div class="tl-dialog-body">{list}</div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_looks_at_text_group_and_key() {
        let row = |group: &str, text: &str, key: &str| Row {
            group: group.into(),
            text: text.into(),
            key: key.into(),
        };
        let rows = [row("Annotation", "Undo", "ctrl+z"), row("Tools", "Draw a box", "r")];
        assert_eq!(search(&rows, "tools BOX").len(), 1);
        assert_eq!(search(&rows, "ctrl+z")[0].text, "Undo");
        assert_eq!(search(&rows, "").len(), 2);
        assert!(search(&rows, "nothing").is_empty());
    }
}
