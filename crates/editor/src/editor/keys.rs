//! What a key press means here: commands, and the config's own hotkeys.

use super::Editor;
use crate::action::Action;
use crate::key::{KeyPress, KeyTarget};
use crate::nodes::TreeNodes;
use serde_json::Value;
use tagloom_annotation_store::Command;
use tagloom_tags::NodeId;

impl Editor {
    /// The hotkey of a label, choice or other tag: its own, else the one it was given (spec/tags.md 3.4).
    pub fn hotkey(&self, node: NodeId) -> Option<&str> {
        self.hotkeys.iter().find(|(n, _)| *n == node).map(|(_, key)| key.as_str())
    }

    /// Everything a key press could mean, the config's own keys last; empty while typing.
    pub fn keys(&self, press: &KeyPress) -> Vec<KeyTarget> {
        let mut out: Vec<KeyTarget> = self.keymap.find(press).map(KeyTarget::Command).collect();
        if press.alt && press.shift && !press.ctrl && !press.meta {
            let digit = press.code.strip_prefix("Digit").or_else(|| press.code.strip_prefix("Numpad"));
            if let Some(n) = digit.and_then(|d| d.parse::<usize>().ok()).filter(|n| *n > 0) {
                out.push(KeyTarget::SelectNth(n));
            }
        }
        if self.settings.enable_hotkeys {
            let own = self.hotkeys.iter().filter(|(node, key)| press.matches(key) && self.visible(*node));
            out.extend(own.map(|(node, _)| KeyTarget::Tag(*node)));
        }
        out
    }

    /// The action of a named command, where it is the editor's own and not a view's.
    pub fn command_action(&self, name: &str) -> Option<Action> {
        let selection = || self.document().selection().to_vec();
        Some(match name {
            "annotation:submit" if self.interfaces.has("review") => Action::Accept,
            "annotation:submit" => Action::Submit,
            "annotation:skip" if self.interfaces.has("review") => Action::Reject { comment: None },
            "annotation:skip" => Action::Skip { comment: None },
            "annotation:undo" => Action::Apply(Command::Undo),
            "annotation:redo" => Action::Apply(Command::Redo),
            "region:delete" | "segment:delete" => Action::DeleteSelected,
            "region:delete-all" => Action::DeleteAll,
            "region:duplicate" => Action::DuplicateSelected,
            "region:relation" => Action::StartRelation,
            "region:lock" => Action::ToggleLocked(selection()),
            "region:visibility" => Action::ToggleHidden(selection()),
            "region:visibility-all" => Action::ToggleAllHidden,
            "region:unselect" => Action::Unselect,
            "region:exit" if self.document().step_is_open() => Action::Apply(Command::Abort),
            "region:exit" if self.relation_from.is_some() => Action::CancelRelation,
            "region:exit" if !self.document().selection().is_empty() => Action::Unselect,
            "region:exit" => Action::DisarmLabels,
            "region:cycle" => Action::SelectNext,
            _ => return None,
        })
    }

    /// The action of a tag's hotkey.
    pub fn tag_action(&self, node: NodeId) -> Option<Action> {
        let tag = self.tree.node(node);
        let above = |want: fn(&str) -> bool| self.tree.ancestors(node).find(|n| want(&n.kind)).map(|n| n.id);
        match tag.kind.as_str() {
            "label" => Some(Action::ToggleLabel { control: above(|t| t.ends_with("labels"))?, label: node }),
            "choice" => Some(Action::ToggleChoice { control: above(|t| t == "choices")?, choice: node }),
            "rating" => {
                let max = tag.number("maxRating").unwrap_or(5.0);
                let now = self.value(node).and_then(|v| v.as_f64()).unwrap_or(0.0);
                let next = if now >= max { None } else { Some(Value::from(now as i64 + 1)) };
                Some(Action::SetValue { control: node, value: next })
            }
            "number" => {
                let step = tag.number("step").unwrap_or(1.0);
                let start = tag.number("defaultValue").or(tag.number("min")).unwrap_or(0.0);
                let now = self.value(node).and_then(|v| v.as_f64()).unwrap_or(start);
                let next = match tag.number("max") {
                    Some(max) if now + step > max => tag.number("min").unwrap_or(0.0),
                    _ => now + step,
                };
                Some(Action::SetValue { control: node, value: Some(tagloom_annotation_store::number(next)) })
            }
            _ => None,
        }
    }
}
