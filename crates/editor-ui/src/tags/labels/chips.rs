//! The chips of one labels control.

use crate::components::{Kbd, is_mac, shown_key};
use crate::context::use_editor;
use crate::css::filter_style;
use crate::html::{plain_text, sanitize};
use leptos::prelude::*;
use tagloom_editor::{Action, TreeNodes};
use tagloom_tags::{LabelSpec, NodeId};

/// From this many labels on the chips can be filtered.
const FILTER_FROM: usize = 16;

#[derive(Clone)]
struct Chip {
    spec: LabelSpec,
    alias: Option<String>,
    alias_style: String,
    key: Option<String>,
}

/// All chips of a control; `block` gives it space of its own in the data area.
#[component]
pub fn LabelChips(control: NodeId, #[prop(optional)] block: bool) -> impl IntoView {
    let context = use_editor();
    let (chips, lines, name) = context.with(|e| {
        let tree = e.tree();
        let node = tree.node(control);
        let chips: Vec<Chip> = tree
            .labels_of(control)
            .into_iter()
            .map(|spec| {
                let label = tree.node(spec.node);
                Chip {
                    alias: spec.alias.clone().filter(|_| label.bool("showAlias")),
                    alias_style: filter_style(label.opt_str("aliasStyle").unwrap_or("opacity: 0.6")),
                    key: e.hotkey(spec.node).map(str::to_owned),
                    spec,
                }
            })
            .collect();
        (chips, node.opt_bool("showInline") == Some(false), node.name.clone().unwrap_or_default())
    });
    let filter = RwSignal::new(String::new());
    let many = chips.len() >= FILTER_FROM;
    let first_match = {
        let specs: Vec<LabelSpec> = chips.iter().map(|c| c.spec.clone()).collect();
        move || specs.iter().find(|s| matches(&s.value, &filter.get_untracked())).map(|s| s.node)
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter"
            && let Some(label) = first_match()
        {
            event.prevent_default();
            context.dispatch(Action::ToggleLabel { control, label });
            filter.set(String::new());
        } else if event.key() == "Escape" {
            event.stop_propagation();
            filter.set(String::new());
        }
    };
    let chips = chips.into_iter().map(|chip| chip_view(control, chip, filter)).collect_view();
    view! {
        <div class="tl-labels" class:tl-lines=lines class:tl-block=block role="group" aria-label=format!("Labels {name}")>
            {many.then(|| view! {
                <input class="tl-input tl-filter" type="search" placeholder="Filter labels" aria-label=format!("Filter labels of {name}")
                    prop:value=move || filter.get() on:input=move |e| filter.set(event_target_value(&e)) on:keydown=keys/>
            })}
            {chips}
        </div>
    }
}

fn chip_view(control: NodeId, chip: Chip, filter: RwSignal<String>) -> impl IntoView {
    let context = use_editor();
    let label = chip.spec.node;
    let on = Memo::new(move |_| {
        context.armed().track();
        context.with(|e| e.label_active(control, label))
    });
    let hint = {
        let key = chip.key.as_ref().map(|k| shown_key(k, is_mac()));
        let text = chip.spec.hint.clone().unwrap_or_else(|| chip.spec.value.clone());
        match key {
            Some(key) => format!("{text} ({key})"),
            None => text,
        }
    };
    let caption = match &chip.spec.html {
        Some(html) => view! { <span inner_html=sanitize(html)></span> }.into_any(),
        None => view! { <span>{chip.spec.value.clone()}</span> }.into_any(),
    };
    let searched = chip.spec.html.as_deref().map_or_else(|| chip.spec.value.clone(), plain_text);
    let hidden = move || !matches(&searched, &filter.get());
    let key = chip.key.clone();
    view! {
        <button type="button" class="tl-chip" class:tl-hidden=hidden title=hint
            style=("--tl-region-color", chip.spec.color.clone()) data-ink=ink(&chip.spec.color)
            aria-pressed=move || on.get().to_string()
            aria-disabled=move || context.read_only().get().then_some("true")
            on:click=move |_| context.dispatch(Action::ToggleLabel { control, label })>
            {caption}
            {chip.alias.map(|alias| view! { <span style=chip.alias_style>{alias}</span> })}
            {move || context.settings().get().enable_label_tooltips.then(|| key.clone().map(|k| view! { <Kbd key=k/> }))}
        </button>
    }
}

/// Whether a caption contains every word that was typed, in any case.
fn matches(text: &str, typed: &str) -> bool {
    let text = text.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// `light` where dark text on this colour would be hard to read. Only hex colours are judged; names and functions get
/// dark text, as the palette's own colours do.
fn ink(color: &str) -> &'static str {
    let hex = color.trim().trim_start_matches('#');
    let channel = |at: usize, len: usize| {
        let part = hex.get(at..at + len)?;
        let value = u8::from_str_radix(part, 16).ok()?;
        Some(f64::from(if len == 1 { value * 17 } else { value }) / 255.0)
    };
    let rgb = match (color.trim().starts_with('#'), hex.len()) {
        (true, 3 | 4) => [channel(0, 1), channel(1, 1), channel(2, 1)],
        (true, 6 | 8) => [channel(0, 2), channel(2, 2), channel(4, 2)],
        _ => {
            let dark = [
                "black",
                "blue",
                "navy",
                "maroon",
                "purple",
                "green",
                "indigo",
                "darkblue",
                "darkgreen",
                "darkred",
                "brown",
            ];
            return if dark.contains(&color.trim().to_ascii_lowercase().as_str()) { "light" } else { "dark" };
        }
    };
    let linear = |c: Option<f64>| {
        let c = c.unwrap_or(1.0);
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
    if luminance < 0.2 { "light" } else { "dark" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_follows_luminance_and_odd_colours_do_no_harm() {
        assert_eq!(ink("#000"), "light");
        assert_eq!(ink("#ffffff"), "dark");
        assert_eq!(ink("#67aaed"), "dark");
        assert_eq!(ink("#00008b"), "light");
        for odd in ["", "#", "#é1", "#12", "rgb(1,2,3)", "#zzzzzz"] {
            ink(odd);
        }
        assert_eq!(ink("blue"), "light");
    }

    #[test]
    fn filter_takes_words_in_any_order() {
        assert!(matches("Traffic light red", "RED traf"));
        assert!(!matches("Traffic light", "blue"));
        assert!(matches("anything", ""));
    }
}
