//! What a person sets once for every sound, under the key that Label Studio uses; keys of others stay.

use serde_json::{Map, Value};

const KEY: &str = "ls:audio-tag:settings";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AudioSettings {
    /// A segment plays when it has been drawn.
    pub auto_play_new: bool,
    /// A segment that plays begins anew at its end.
    pub loop_region: bool,
    /// At the end of a segment the next one plays (LS#1680).
    pub auto_play_next: bool,
    /// The spectrogram is spread like hearing, not evenly.
    pub mel: bool,
}

impl Default for AudioSettings {
    fn default() -> Self {
        Self { auto_play_new: true, loop_region: false, auto_play_next: false, mel: true }
    }
}

impl AudioSettings {
    fn read(text: &str) -> Self {
        let map: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let flag = |key: &str, or: bool| map.get(key).and_then(Value::as_bool).unwrap_or(or);
        let none = Self::default();
        Self {
            auto_play_new: flag("autoPlayNewSegments", none.auto_play_new),
            loop_region: flag("loopRegion", none.loop_region),
            auto_play_next: flag("autoPlayNext", none.auto_play_next),
            mel: flag("spectrogramMel", none.mel),
        }
    }

    fn write(self, before: &str) -> String {
        let mut map: Map<String, Value> = serde_json::from_str(before).unwrap_or_default();
        for (key, on) in [
            ("autoPlayNewSegments", self.auto_play_new),
            ("loopRegion", self.loop_region),
            ("autoPlayNext", self.auto_play_next),
            ("spectrogramMel", self.mel),
        ] {
            map.insert(key.to_owned(), on.into());
        }
        Value::Object(map).to_string()
    }

    /// From the browser's storage; the defaults where it is closed.
    pub fn load() -> Self {
        Self::read(&stored())
    }

    pub fn store(self) {
        if let Some(storage) = storage() {
            // A full storage loses a setting, nothing else.
            let _ = storage.set_item(KEY, &self.write(&stored()));
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn stored() -> String {
    storage().and_then(|s| s.get_item(KEY).ok().flatten()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_others_stay() {
        assert_eq!(AudioSettings::read("not json"), AudioSettings::default());
        let changed = AudioSettings { loop_region: true, auto_play_new: false, ..AudioSettings::default() };
        let text = changed.write(r#"{"theirs":7,"loopRegion":false}"#);
        assert_eq!(AudioSettings::read(&text), changed);
        assert!(text.contains(r#""theirs":7"#));
    }
}
