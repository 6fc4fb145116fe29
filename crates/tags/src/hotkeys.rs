//! Keys of labels, choices and other tags (tags.md 3.4).

use crate::node::{Node, NodeId};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Automatic keys in the order they are given out.
const AUTOMATIC: &str = "1234567890qwetasdfgzxcvbyiopjklnm";

/// A key the editor itself uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalKey {
    /// The key, normalised as by [`normalize_key`].
    pub key: &'static str,
    /// Label Studio's name of the action.
    pub action: &'static str,
}

const ALWAYS: &[(&str, &str)] = &[
    ("ctrl+enter", "annotation:submit"),
    ("ctrl+space", "annotation:skip"),
    ("ctrl+z", "annotation:undo"),
    ("ctrl+shift+z", "annotation:redo"),
    ("backspace", "region:delete"),
    ("ctrl+backspace", "region:delete-all"),
    ("delete", "segment:delete"),
    ("ctrl+d", "region:duplicate"),
    ("alt+r", "region:relation"),
    ("alt+m", "region:meta"),
    ("alt+l", "region:lock"),
    ("alt+h", "region:visibility"),
    ("ctrl+h", "region:visibility-all"),
    ("enter", "region:focus"),
    ("u", "region:unselect"),
    ("escape", "region:exit"),
    ("alt+.", "region:cycle"),
    ("?", "help"),
];

/// Key, action, and the tags of which one must be in the config.
const WITH_TAGS: &[(&str, &str, &[&str])] = &[
    ("v", "tool:move", &["Image"]),
    ("h", "tool:pan-image", &["Image"]),
    ("ctrl+=", "tool:zoom-in", &["Image"]),
    ("ctrl+-", "tool:zoom-out", &["Image"]),
    ("shift+1", "tool:zoom-to-fit", &["Image"]),
    ("shift+2", "tool:zoom-to-actual", &["Image"]),
    ("r", "tool:rect", &["Rectangle", "RectangleLabels"]),
    ("shift+r", "tool:rect-3point", &["Rectangle", "RectangleLabels"]),
    ("o", "tool:ellipse", &["Ellipse", "EllipseLabels"]),
    ("p", "tool:polygon", &["Polygon", "PolygonLabels", "Vector", "VectorLabels"]),
    ("b", "tool:brush", &["Brush", "BrushLabels", "Bitmask", "BitmaskLabels"]),
    ("e", "tool:eraser", &["Brush", "BrushLabels", "Bitmask", "BitmaskLabels"]),
    ("[", "tool:decrease-tool", &["Brush", "BrushLabels", "Bitmask", "BitmaskLabels"]),
    ("]", "tool:increase-tool", &["Brush", "BrushLabels", "Bitmask", "BitmaskLabels"]),
    ("k", "tool:key-point", &["KeyPoint", "KeyPointLabels"]),
    ("w", "tool:magic-wand", &["MagicWand"]),
    ("alt+left", "tool:rotate-left", &["Image"]),
    ("alt+right", "tool:rotate-right", &["Image"]),
    ("ctrl+left", "image:prev", &["Image"]),
    ("ctrl+right", "image:next", &["Image"]),
    ("ctrl+alt+space", "media:playpause", &["Audio", "Video", "Paragraphs"]),
    ("ctrl+p", "audio:playpause", &["Audio"]),
    ("ctrl+b", "audio:back", &["Audio"]),
    ("alt+a", "audio:step-backward", &["Audio"]),
    ("alt+d", "audio:step-forward", &["Audio"]),
    ("left", "ts:pan-left", &["TimeSeries"]),
    ("right", "ts:pan-right", &["TimeSeries"]),
    ("shift+left", "ts:pan-left-large", &["TimeSeries"]),
    ("shift+right", "ts:pan-right-large", &["TimeSeries"]),
    ("ctrl+down", "phrases:next-phrase", &["Paragraphs"]),
    ("ctrl+up", "phrases:previous-phrase", &["Paragraphs"]),
];

/// The keys the editor uses for a config, in a fixed order. Keys of tools that the config does not have are free.
pub fn global_keys(tree: &Tree) -> Vec<GlobalKey> {
    let has = |tags: &[&str]| tree.nodes.iter().any(|node| tags.iter().any(|tag| node.is(tag)));
    let always = ALWAYS.iter().map(|(key, action)| GlobalKey { key, action });
    let tools =
        WITH_TAGS.iter().filter(|(_, _, tags)| has(tags)).map(|(key, action, _)| GlobalKey { key, action });
    always.chain(tools).collect()
}

/// The key of every tag that reacts to one: its own `hotkey` as written, else an automatic one.
///
/// Automatic keys are given in document order and skip those that a tag asks for or that the editor uses for this
/// config; when none is left a tag has no key. Audio gets `shift+space` (numbered when there are several). TimeSeries
/// uses up a key without having one, as in Label Studio, so that numbers do not shift.
pub fn assign_hotkeys(tree: &Tree) -> BTreeMap<NodeId, String> {
    let mut keys = BTreeMap::new();
    let mut used: Vec<String> = global_keys(tree).iter().map(|global| global.key.to_owned()).collect();
    let reacting: Vec<&Node> = tree.nodes.iter().filter(|node| reacts(tree, node)).collect();
    for node in &reacting {
        if let Some(hotkey) = own_hotkey(node) {
            used.extend(alternatives(hotkey));
            if !node.is("TimeSeries") {
                keys.insert(node.id, hotkey.to_owned());
            }
        }
    }
    let audios = reacting.iter().filter(|node| node.is("Audio")).count();
    let mut audio_number = 0;
    let mut automatic = AUTOMATIC.chars().filter(|key| !used.iter().any(|known| is_char(known, *key)));
    for node in reacting {
        if node.is("Audio") {
            audio_number += 1;
            let key =
                if audios > 1 { format!("shift+space+{audio_number}") } else { "shift+space".to_owned() };
            keys.entry(node.id).or_insert(key);
        } else if own_hotkey(node).is_none() {
            match automatic.next() {
                Some(key) if !node.is("TimeSeries") => drop(keys.insert(node.id, key.to_string())),
                _ => {}
            }
        }
    }
    keys
}

/// The first automatic key that neither a tag nor the editor uses.
pub(crate) fn free_key(tree: &Tree) -> Option<String> {
    let assigned = assign_hotkeys(tree);
    let globals = global_keys(tree);
    let taken = |key: char| {
        globals.iter().any(|global| is_char(global.key, key))
            || assigned.values().any(|hotkey| alternatives(hotkey).any(|known| is_char(&known, key)))
    };
    AUTOMATIC.chars().find(|key| !taken(*key)).map(String::from)
}

/// The keys of a comma list of alternatives, normalised.
pub fn alternatives(hotkey: &str) -> impl Iterator<Item = String> + '_ {
    hotkey.split(',').map(normalize_key).filter(|key| !key.is_empty())
}

/// One spelling per key: lower case, `plus` and `minus` as `=` and `-`, modifiers in the order ctrl, shift, alt, meta.
pub fn normalize_key(key: &str) -> String {
    const MODIFIERS: [(&str, &[&str]); 4] = [
        ("ctrl", &["ctrl", "control"]),
        ("shift", &["shift"]),
        ("alt", &["alt", "option"]),
        ("meta", &["meta", "command", "cmd", "win"]),
    ];
    let lower = key.trim().to_lowercase();
    if lower == "+" || lower.ends_with("++") {
        return normalize_key(&format!(
            "{}plus",
            lower.trim_end_matches('+').to_owned() + if lower.len() > 1 { "+" } else { "" }
        ));
    }
    let mut parts: Vec<&str> = lower.split('+').map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut out = String::new();
    for (name, spellings) in MODIFIERS {
        if parts.len() > 1 && parts.iter().any(|part| spellings.contains(part)) {
            parts.retain(|part| !spellings.contains(part));
            out.push_str(name);
            out.push('+');
        }
    }
    let rest: Vec<&str> = parts
        .into_iter()
        .map(|part| match part {
            "plus" => "=",
            "minus" => "-",
            "esc" => "escape",
            "return" => "enter",
            "del" => "delete",
            other => other,
        })
        .collect();
    out + &rest.join("+")
}

/// Whether the node takes part in hotkeys at all.
pub(crate) fn reacts(tree: &Tree, node: &Node) -> bool {
    node.spec.is_some_and(|spec| spec.hotkey)
        && (!node.is("Choice") || tree.ancestors(node.id).any(|around| around.is("Choices")))
}

/// The `hotkey` attribute, empty ones not counted.
pub(crate) fn own_hotkey(node: &Node) -> Option<&str> {
    node.raw("hotkey").map(str::trim).filter(|key| !key.is_empty())
}

fn is_char(known: &str, key: char) -> bool {
    let mut chars = known.chars();
    chars.next() == Some(key) && chars.next().is_none()
}
