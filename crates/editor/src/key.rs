//! A pressed key, and matching it against a written hotkey.

use tagloom_tags::NodeId;

/// A key press, free of the DOM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPress {
    /// `KeyboardEvent.key`.
    pub key: String,
    /// `KeyboardEvent.code`: the physical key, used for digits, letters with alt, and the numeric keypad.
    pub code: String,
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
    pub meta: bool,
    /// On a Mac `ctrl` in a hotkey means the command key.
    pub mac: bool,
}

/// What a key press means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyTarget {
    /// A named command of the keymap, e.g. `annotation:undo`.
    Command(&'static str),
    /// A label, choice or other tag with a hotkey in the config.
    Tag(NodeId),
    /// alt+shift+N.
    SelectNth(usize),
}

impl KeyPress {
    /// Whether this press is the hotkey as written: `ctrl+shift+z`, `alt+.`, `?`, `plus`; commas part alternatives.
    pub fn matches(&self, hotkey: &str) -> bool {
        // A lone comma is a key, not a separator.
        if hotkey.trim() == "," {
            return self.matches_one(",");
        }
        hotkey.split(',').map(str::trim).filter(|k| !k.is_empty()).any(|k| self.matches_one(k))
    }

    fn matches_one(&self, hotkey: &str) -> bool {
        let (mut ctrl, mut shift, mut alt, mut meta) = (false, false, false, false);
        let mut key = "";
        let body = hotkey.strip_suffix("++").map_or(hotkey, |head| {
            key = "+";
            head
        });
        for part in body.split('+').map(str::trim) {
            match part.to_ascii_lowercase().as_str() {
                "ctrl" | "control" => ctrl = true,
                "shift" => shift = true,
                "alt" | "option" => alt = true,
                "command" | "cmd" | "meta" => meta = true,
                "" => {}
                _ => key = part,
            }
        }
        if hotkey == "+" {
            key = "+";
        }
        let (want_ctrl, want_meta) = if self.mac && ctrl && !meta { (false, true) } else { (ctrl, meta) };
        if want_ctrl != self.ctrl || want_meta != self.meta || alt != self.alt {
            return false;
        }
        let key = match key.to_ascii_lowercase().as_str() {
            "plus" => "=".to_owned(),
            "minus" => "-".to_owned(),
            "space" => " ".to_owned(),
            "esc" => "escape".to_owned(),
            "left" => "arrowleft".to_owned(),
            "right" => "arrowright".to_owned(),
            "up" => "arrowup".to_owned(),
            "down" => "arrowdown".to_owned(),
            "del" => "delete".to_owned(),
            "return" => "enter".to_owned(),
            other => other.to_owned(),
        };
        let pressed = self.key.to_lowercase();
        // Shift is part of the character for signs such as `?`; it must agree for everything else.
        let is_sign = key.chars().count() == 1 && !key.chars().all(char::is_alphanumeric) && key != " ";
        if is_sign {
            let alias = key == "=" && pressed == "+";
            return (pressed == key || alias) && (!shift || self.shift);
        }
        shift == self.shift && (pressed == key || self.physical().is_some_and(|p| p == key))
    }

    /// The character on a US keyboard's key: alt and shift change `key` on many layouts, and the numeric keypad acts
    /// like the digit row.
    fn physical(&self) -> Option<String> {
        let digit = self.code.strip_prefix("Digit").or_else(|| {
            self.code.strip_prefix("Numpad").filter(|d| d.len() == 1 && d.as_bytes()[0].is_ascii_digit())
        });
        if let Some(d) = digit {
            return Some(d.to_owned());
        }
        // With shift these type other signs, on every layout another one.
        if matches!(self.code.as_str(), "Comma" | "Period") {
            return Some(self.code.to_lowercase());
        }
        // A letter key's position only counts where a modifier has replaced its character.
        let letter = self.code.strip_prefix("Key").filter(|_| self.alt || !self.key.is_ascii());
        letter.map(str::to_ascii_lowercase)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str, code: &str, mods: &str) -> KeyPress {
        KeyPress {
            key: key.into(),
            code: code.into(),
            ctrl: mods.contains('c'),
            shift: mods.contains('s'),
            alt: mods.contains('a'),
            meta: mods.contains('m'),
            mac: mods.contains('M'),
        }
    }

    #[test]
    fn modifiers_must_agree() {
        assert!(press("z", "KeyZ", "c").matches("ctrl+z"));
        assert!(!press("Z", "KeyZ", "cs").matches("ctrl+z"));
        assert!(press("Z", "KeyZ", "cs").matches("ctrl+shift+z"));
        assert!(press("z", "KeyZ", "mM").matches("ctrl+z"), "command stands for ctrl on a Mac");
        assert!(!press("z", "KeyZ", "c").matches("z"));
    }

    #[test]
    fn signs_words_and_lists() {
        assert!(press("?", "Slash", "s").matches("?"));
        assert!(press("+", "Equal", "cs").matches("ctrl+plus"));
        assert!(press("=", "Equal", "c").matches("ctrl+plus"));
        assert!(press("-", "Minus", "c").matches("ctrl+minus"));
        assert!(press(" ", "Space", "c").matches("ctrl+space"));
        assert!(press("ArrowLeft", "ArrowLeft", "a").matches("alt+left"));
        assert!(press("b", "KeyB", "").matches("a, b"));
        assert!(press(",", "Comma", "").matches(","));
        assert!(press("Enter", "Enter", "c").matches("ctrl+enter"));
        assert!(press(".", "Period", "a").matches("alt+."));
        assert!(press(">", "Period", "s").matches("shift+period"));
        assert!(press("<", "Comma", "s").matches("shift+comma"));
        assert!(!press(".", "Period", "").matches("shift+period"));
    }

    #[test]
    fn ls_9697_keys_work_on_other_layouts() {
        // AZERTY: the digit row gives signs, shift+digit gives digits; the keypad acts like the row.
        assert!(press("&", "Digit1", "").matches("1"));
        assert!(press("1", "Numpad1", "").matches("1"));
        // A Mac's alt changes the character.
        assert!(press("®", "KeyR", "a").matches("alt+r"));
        // On AZERTY the key at A types q: q it is.
        assert!(press("q", "KeyA", "").matches("q"));
        assert!(!press("q", "KeyA", "").matches("a"));
        // Cyrillic keyboards reach Latin hotkeys by position.
        assert!(press("я", "KeyZ", "c").matches("ctrl+z"));
    }
}
