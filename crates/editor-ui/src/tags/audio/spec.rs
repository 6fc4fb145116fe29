//! What the attributes of an Audio tag ask for.

use serde_json::Value;
use tagloom_tags::Node;

/// How peaks are come by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Peaks {
    /// The file is decoded.
    Decoded,
    /// `decoder="none"`: no waveform.
    None,
    /// Made beforehand: an URL or JSON text.
    Given(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct AudioSpec {
    pub name: String,
    pub url: Option<String>,
    pub peaks: Peaks,
    /// Of the waveform, in pixels.
    pub height: f64,
    /// Least height of one channel, in pixels.
    pub wave_height: f64,
    pub split: bool,
    pub spectrogram: bool,
    pub zoom: f64,
    pub scale: f64,
    pub speed: f64,
    pub volume: f64,
}

impl AudioSpec {
    pub fn read(node: &Node) -> Self {
        let number = |name: &str, or: f64| node.number(name).filter(|v| v.is_finite()).unwrap_or(or);
        let given = match node.bound("peaks") {
            Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
            Value::Object(map) => Some(Value::Object(map.clone()).to_string()),
            _ => None,
        };
        let off = node.raw("decoder").is_some_and(|d| d.trim() == "none");
        Self {
            name: node.name.clone().unwrap_or_default(),
            url: node.value.as_str().map(str::trim).filter(|u| !u.is_empty()).map(str::to_owned),
            peaks: given.map_or(if off { Peaks::None } else { Peaks::Decoded }, Peaks::Given),
            height: number("height", 96.0).clamp(24.0, 2000.0),
            wave_height: number("waveHeight", 32.0).clamp(16.0, 1000.0),
            split: node.bool("splitChannels"),
            spectrogram: node.bool("spectrogram"),
            zoom: number("defaultZoom", 1.0).clamp(1.0, tagloom_audio::MAX_ZOOM),
            scale: number("defaultScale", 1.0).clamp(0.1, 50.0),
            speed: number("defaultSpeed", 1.0).clamp(0.05, 16.0),
            volume: number("defaultVolume", 1.0).clamp(0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tagloom_tags::Config;

    fn spec(attributes: &str) -> AudioSpec {
        let xml = format!(r#"<View><Audio name="a" value="$u" {attributes}/></View>"#);
        let tree =
            Config::new(&xml).instantiate(&json!({"u": " x.mp3 ", "p": {"version": 2}, "q": "p.json"}));
        AudioSpec::read(tree.by_name("a").unwrap())
    }

    #[test]
    fn defaults_are_those_of_the_reference() {
        let s = spec("");
        assert_eq!((s.height, s.wave_height, s.zoom, s.speed, s.volume), (96.0, 32.0, 1.0, 1.0, 1.0));
        assert!(!s.split && !s.spectrogram);
        assert_eq!((s.peaks, s.url.as_deref()), (Peaks::Decoded, Some("x.mp3")));
    }

    #[test]
    fn wrong_numbers_are_brought_into_range() {
        let s =
            spec(r#"defaultZoom="9999" defaultSpeed="0" defaultVolume="7" height="-3" splitChannels="true""#);
        assert_eq!((s.zoom, s.speed, s.volume, s.height, s.split), (1500.0, 0.05, 1.0, 24.0, true));
    }

    #[test]
    fn peaks_come_from_the_task_or_not_at_all() {
        assert_eq!(spec(r#"decoder="none""#).peaks, Peaks::None);
        assert_eq!(spec(r#"peaks="$q" decoder="none""#).peaks, Peaks::Given("p.json".into()));
        assert_eq!(spec(r#"peaks="$p""#).peaks, Peaks::Given(r#"{"version":2}"#.into()));
    }
}
