//! Settings of spec/editor-api.md section 5, under their own keys, as they lie in `labelStudio:settings`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Keys for labels and tools.
    pub enable_hotkeys: bool,
    pub enable_panel_hotkeys: bool,
    /// Keys in tooltips.
    pub enable_tooltips: bool,
    /// Keys on label chips.
    pub enable_label_tooltips: bool,
    /// Label captions on the canvas and in text.
    pub show_labels: bool,
    /// Labels stay armed after a region was made.
    pub continuous_labeling: bool,
    pub select_after_create: bool,
    pub show_line_numbers: bool,
    pub preserve_selected_tool: bool,
    pub enable_smoothing: bool,
    pub inverted_zoom: bool,
    pub video_draw_outside: bool,
    /// Frames.
    pub video_hop_size: u32,
    pub fullscreen: bool,
    pub bottom_side_panel: bool,
    pub side_panel_mode: String,
    pub image_full_size: bool,
    pub enable_auto_save: bool,
    pub show_annotations_panel: bool,
    pub show_predictions_panel: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enable_hotkeys: true,
            enable_panel_hotkeys: true,
            enable_tooltips: false,
            enable_label_tooltips: true,
            show_labels: false,
            continuous_labeling: false,
            select_after_create: false,
            show_line_numbers: false,
            preserve_selected_tool: true,
            enable_smoothing: true,
            inverted_zoom: false,
            video_draw_outside: false,
            video_hop_size: 10,
            fullscreen: false,
            bottom_side_panel: false,
            side_panel_mode: "regions".into(),
            image_full_size: false,
            enable_auto_save: false,
            show_annotations_panel: true,
            show_predictions_panel: true,
        }
    }
}
