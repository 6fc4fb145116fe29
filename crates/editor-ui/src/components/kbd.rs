//! Keys as people read them: `ctrl+shift+z` becomes `Ctrl+Shift+Z`, on a Mac `⌘⇧Z`.

use crate::context::EditorContext;
use leptos::prelude::*;

/// Whether this browser runs on a Mac or an iPad, where `ctrl` in a hotkey means the command key.
pub fn is_mac() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let platform = window.navigator().platform().unwrap_or_default();
    ["Mac", "iPad", "iPhone"].iter().any(|name| platform.contains(name))
}

/// A written hotkey in readable form; of alternatives the first is shown.
pub fn shown_key(hotkey: &str, mac: bool) -> String {
    let first = if hotkey.trim() == "," { "," } else { hotkey.split(',').next().unwrap_or_default().trim() };
    let parts: Vec<String> = match first.strip_suffix("++") {
        Some(before) => before.split('+').chain(["plus"]).map(|p| part(p, mac)).collect(),
        None if first == "+" => vec!["+".to_owned()],
        None => first.split('+').filter(|p| !p.is_empty()).map(|p| part(p, mac)).collect(),
    };
    parts.join(if mac { "" } else { "+" })
}

fn part(name: &str, mac: bool) -> String {
    let lower = name.trim().to_ascii_lowercase();
    let word = match (lower.as_str(), mac) {
        ("ctrl" | "command" | "cmd" | "meta", true) => "⌘",
        ("ctrl" | "command" | "cmd" | "meta", false) => "Ctrl",
        ("shift", true) => "⇧",
        ("shift", false) => "Shift",
        ("alt" | "option", true) => "⌥",
        ("alt" | "option", false) => "Alt",
        ("enter", _) => "⏎",
        ("space", _) => "Space",
        ("backspace", _) => "⌫",
        ("delete", _) => "Del",
        ("escape" | "esc", _) => "Esc",
        ("left", _) => "←",
        ("right", _) => "→",
        ("up", _) => "↑",
        ("down", _) => "↓",
        ("plus", _) => "+",
        ("minus", _) => "−",
        ("comma", _) => ",",
        ("period", _) => ".",
        ("home", _) => "Home",
        ("end", _) => "End",
        (other, _) => return other.to_uppercase(),
    };
    word.to_owned()
}

/// A name with the key of its command in brackets: the tooltip of a button.
pub fn with_key(context: &EditorContext, text: &str, command: &str) -> String {
    let mac = is_mac();
    let key = context.try_with(|e| e.keymap().shown(command, mac).map(|k| shown_key(k, mac))).flatten();
    match key {
        Some(key) => format!("{text} ({key})"),
        None => text.to_owned(),
    }
}

/// A key cap.
#[component]
pub fn Kbd(
    /// The hotkey as written in config or keymap.
    #[prop(into)]
    key: String,
) -> impl IntoView {
    view! { <kbd class="tl-kbd" aria-hidden="true">{shown_key(&key, is_mac())}</kbd> }
}

#[cfg(test)]
mod tests {
    use super::shown_key;

    #[test]
    fn keys_read_like_on_the_keyboard() {
        assert_eq!(shown_key("ctrl+shift+z", false), "Ctrl+Shift+Z");
        assert_eq!(shown_key("ctrl+shift+z", true), "⌘⇧Z");
        assert_eq!(shown_key("ctrl+plus", false), "Ctrl++");
        assert_eq!(shown_key("ctrl++", false), "Ctrl++");
        assert_eq!(shown_key("1,q", false), "1");
        assert_eq!(shown_key(",", false), ",");
        assert_eq!(shown_key("+", false), "+");
        assert_eq!(shown_key("alt+.", false), "Alt+.");
        assert_eq!(shown_key("", false), "");
    }
}
