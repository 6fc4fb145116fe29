//! The one registry of keys: the handler, the help, the palette and conflict checks all read it.

use crate::key::KeyPress;
use serde_json::{Map, Value};

/// A named command with its default key (spec/editor-api.md section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    pub name: &'static str,
    pub key: &'static str,
    /// On a Mac, where it is not simply ctrl = command.
    pub mac: &'static str,
    pub group: &'static str,
    pub text: &'static str,
}

macro_rules! commands {
    ($($group:literal { $($name:literal $key:literal $($mac:literal)? => $text:literal;)+ })+) => {
        /// Every command. Those of one group that share a key belong to different kinds of object; the view that is
        /// on screen offers its own.
        pub(crate) const COMMANDS: &[Command] = &[$($(Command {
            name: $name, key: $key, mac: first(&[$($mac,)? $key]), group: $group, text: $text,
        },)+)+];
    };
}

const fn first(list: &[&'static str]) -> &'static str {
    list[0]
}

commands! {
    "Annotation" {
        "annotation:submit" "ctrl+enter" => "Submit, update or accept";
        "annotation:skip" "ctrl+space" "alt+enter" => "Skip the task, or reject in review";
        "annotation:undo" "ctrl+z" => "Undo";
        "annotation:redo" "ctrl+shift+z" => "Redo";
    }
    "Regions" {
        "region:delete" "backspace" => "Delete the selected regions";
        "segment:delete" "delete" => "Delete the selected regions";
        "region:delete-all" "ctrl+backspace" => "Delete all regions";
        "region:duplicate" "ctrl+d" => "Duplicate the selected regions";
        "region:relation" "alt+r" => "Relate the selected region to another";
        "region:meta" "alt+m" => "Edit the note of the selected region";
        "region:lock" "alt+l" => "Lock or unlock the selected regions";
        "region:visibility" "alt+h" => "Hide or show the selected regions";
        "region:visibility-all" "ctrl+h" => "Hide or show all regions";
        "region:focus" "enter" => "Go to the first input of the selected region";
        "region:unselect" "u" => "Unselect all";
        "region:exit" "escape" => "Finish or abort, leave relation mode, unselect";
        "region:cycle" "alt+." => "Select the next region";
    }
    "Tools" {
        "tool:move" "v" => "Select and move";
        "tool:rect" "r" => "Draw a box";
        "tool:rect-3point" "shift+r" => "Draw a turned box by three points";
        "tool:ellipse" "o" => "Draw an ellipse";
        "tool:polygon" "p" => "Draw a polygon";
        "tool:brush" "b" => "Brush";
        "tool:eraser" "e" => "Eraser";
        "tool:key-point" "k" => "Set a key point";
        "tool:magic-wand" "w" => "Magic wand";
        "tool:pan-image" "h" => "Pan";
        "tool:zoom-in" "ctrl+plus" => "Zoom in";
        "tool:zoom-out" "ctrl+minus" => "Zoom out";
        "tool:zoom-to-fit" "shift+1" => "Zoom to fit";
        "tool:zoom-to-actual" "shift+2" => "Zoom to actual size";
        "tool:rotate-left" "alt+left" => "Turn the view left";
        "tool:rotate-right" "alt+right" => "Turn the view right";
        "tool:decrease-tool" "[" => "Smaller brush";
        "tool:increase-tool" "]" => "Larger brush";
        "image:prev" "ctrl+left" => "Previous image of the list";
        "image:next" "ctrl+right" => "Next image of the list";
    }
    "Media" {
        "media:playpause" "ctrl+alt+space" => "Play or pause";
        "media:step-backward" "alt+left" => "One step back";
        "media:step-forward" "alt+right" => "One step forward";
        "audio:playpause" "ctrl+p" => "Play or pause the audio";
        "audio:back" "ctrl+b" => "One second back";
        "audio:step-backward" "alt+a" => "0.1 s back";
        "audio:step-forward" "alt+d" => "0.1 s forward";
        "video:backward" "alt+left" => "One frame back";
        "video:forward" "shift+alt+right" => "One frame forward";
        "video:rewind" "shift+ctrl+alt+left" => "First frame";
        "video:fastforward" "shift+ctrl+alt+right" => "Last frame";
        "video:hop-backward" "shift+alt+left" => "Some frames back";
        "video:hop-forward" "shift+alt+right" => "Some frames forward";
        "video:keyframe-backward" "ctrl+alt+left" => "Previous keyframe or edge";
        "video:keyframe-forward" "ctrl+alt+right" => "Next keyframe or edge";
        "video:frame-backward" "," => "One frame back";
        "video:frame-forward" "." => "One frame forward";
        "video:frame-backward-large" "shift+comma" => "Ten frames back";
        "video:frame-forward-large" "shift+period" => "Ten frames forward";
        "video:keyframe" "shift+k" => "Add or remove a keyframe of the selected box";
        "video:life" "shift+e" => "End the selected box after this frame, or let it go on";
        "video:loop" "l" => "Play the selected region; again: repeat it; again: stop";
        "timeline:instant" "i" => "Mark the frame that is shown";
        "timeline:mark" "m" => "Begin or end a range at the playhead; held down, it ends when let go";
        "media:goto" "g" => "Go to a frame or a time";
    }
    "Series" {
        "ts:pan-left" "left" => "Pan left by a tenth; with a region selected, move its left edge out";
        "ts:pan-right" "right" => "Pan right by a tenth; with a region selected, move its right edge out";
        "ts:pan-left-large" "shift+left" => "Pan left by half; with a region selected, move its left edge far out";
        "ts:pan-right-large" "shift+right" => "Pan right by half; with a region selected, move its right edge far out";
        "ts:shrink-left" "alt+left" => "Move the left edge in";
        "ts:shrink-right" "alt+right" => "Move the right edge in";
        "ts:shrink-left-large" "shift+alt+left" => "Move the left edge far in";
        "ts:shrink-right-large" "shift+alt+right" => "Move the right edge far in";
        "ts:zoom-in" "plus" => "Zoom in";
        "ts:zoom-out" "minus" => "Zoom out";
        "ts:home" "home" => "Go to the start";
        "ts:end" "end" => "Go to the end";
        "ts:page-left" "pageup" => "One page left";
        "ts:page-right" "pagedown" => "One page right";
        "ts:fit" "shift+f" => "Show the whole series";
        "ts:goto" "g" => "Go to a time, a date or a sample";
        "ts:next-region" "n" => "Next region in time";
        "ts:previous-region" "shift+n" => "Previous region in time";
        "ts:play-region" "l" => "Play the selected region; again: over and over; again: stop";
        "ts:instant" "i" => "Set an instant at the cursor";
        "ts:boundary" "m" => "Begin a region at the cursor, or end it there";
    }
    "Screen" {
        "help:keys" "?" => "Show every key";
        "palette:open" "ctrl+k" => "Open the command palette";
        "clipboard:copy" "ctrl+c" => "Copy the selected regions";
        "clipboard:cut" "ctrl+x" => "Cut the selected regions";
        "clipboard:paste" "ctrl+v" => "Paste regions";
    }
}

/// The command list.
pub fn commands() -> &'static [Command] {
    COMMANDS
}

/// A command with the key that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub command: &'static Command,
    pub key: String,
    pub mac: String,
    pub active: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(&Map::new()).0
    }
}

impl Keymap {
    /// The defaults with overrides `{name: {key, mac?, active?} | "key" | null}`; unknown names come back as problems.
    pub fn new(overrides: &Map<String, Value>) -> (Self, Vec<String>) {
        let mut bindings: Vec<Binding> = COMMANDS
            .iter()
            .map(|command| Binding {
                command,
                key: command.key.into(),
                mac: command.mac.into(),
                active: true,
            })
            .collect();
        let mut problems = Vec::new();
        for (name, value) in overrides {
            let Some(binding) = bindings.iter_mut().find(|b| b.command.name == name) else {
                problems.push(format!("The keymap names a command that does not exist: {name}."));
                continue;
            };
            match value {
                Value::Null => binding.active = false,
                Value::String(key) => {
                    binding.key.clone_from(key);
                    binding.mac.clone_from(key);
                }
                Value::Object(o) => {
                    if let Some(key) = o.get("key").and_then(Value::as_str) {
                        key.clone_into(&mut binding.key);
                        key.clone_into(&mut binding.mac);
                    }
                    if let Some(mac) = o.get("mac").and_then(Value::as_str) {
                        mac.clone_into(&mut binding.mac);
                    }
                    binding.active = o.get("active").and_then(Value::as_bool).unwrap_or(true);
                }
                _ => problems
                    .push(format!("The keymap entry of {name} must be a key or an object with a key.")),
            }
        }
        (Self { bindings }, problems)
    }

    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// All commands of a key press; several where kinds of object share a key.
    pub fn find<'a>(&'a self, press: &'a KeyPress) -> impl Iterator<Item = &'static str> + 'a {
        self.bindings
            .iter()
            .filter(move |b| b.active && press.matches(if press.mac { &b.mac } else { &b.key }))
            .map(|b| b.command.name)
    }

    /// The key of a command as it is shown to a person.
    pub fn shown(&self, name: &str, mac: bool) -> Option<&str> {
        self.bindings
            .iter()
            .find(|b| b.command.name == name && b.active)
            .map(|b| if mac { b.mac.as_str() } else { b.key.as_str() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_unique_and_every_key_can_be_pressed() {
        for (i, a) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[i + 1..].iter().all(|b| a.name != b.name), "{} twice", a.name);
            assert!(!a.text.is_empty() && !a.key.is_empty());
        }
    }

    #[test]
    fn overrides_replace_keys_and_unknown_names_are_told() {
        let overrides = json!({
            "annotation:undo": "ctrl+q", "annotation:skip": null, "region:cycle": {"key": "j", "active": true}, "nope": "x"
        });
        let (map, problems) = Keymap::new(overrides.as_object().unwrap());
        let press = |key: &str, ctrl| KeyPress { key: key.into(), ctrl, ..KeyPress::default() };
        assert_eq!(map.find(&press("q", true)).collect::<Vec<_>>(), ["annotation:undo"]);
        assert_eq!(map.find(&press("z", true)).count(), 0);
        assert_eq!(map.find(&press(" ", true)).count(), 0);
        assert_eq!(map.find(&press("j", false)).collect::<Vec<_>>(), ["region:cycle"]);
        assert_eq!(problems.len(), 1);
    }
}
