//! The settings dialog (spec/editor-api.md 5); every change holds at once and is kept in this browser.

use super::use_screen;
use crate::components::Dialog;
use crate::context::use_editor;
use leptos::prelude::*;
use tagloom_editor::{Action, Settings};

struct Switch {
    text: &'static str,
    get: fn(&Settings) -> bool,
    set: fn(&mut Settings, bool),
}

macro_rules! switches {
    ($($text:literal => $field:ident;)+) => {
        &[$(Switch { text: $text, get: |s| s.$field, set: |s, on| s.$field = on },)+]
    };
}

const LABELING: &[Switch] = switches! {
    "Labeling hotkeys" => enable_hotkeys;
    "Show keys on labels and choices" => enable_label_tooltips;
    "Show region labels on the canvas" => show_labels;
    "Keep the label armed after a region is made" => continuous_labeling;
    "Select a region after it is made" => select_after_create;
};
const IMAGE: &[Switch] = switches! {
    "Remember the tool" => preserve_selected_tool;
    "Smooth enlarged images" => enable_smoothing;
    "Invert zooming with the wheel" => inverted_zoom;
    "Draw outside of the video picture" => video_draw_outside;
    "Line numbers beside text" => show_line_numbers;
};
const SCREEN: &[Switch] = switches! {
    "Panels below the data" => bottom_side_panel;
    "Fill the whole page" => fullscreen;
    "Tabs of annotations" => show_annotations_panel;
    "Tabs of predictions" => show_predictions_panel;
};

#[component]
pub(super) fn SettingsDialog() -> impl IntoView {
    let context = use_editor();
    let screen = use_screen();
    let change = move |edit: &dyn Fn(&mut Settings)| {
        let mut settings = (*context.settings().get_untracked()).clone();
        edit(&mut settings);
        context.dispatch(Action::SetSettings(Box::new(settings)));
    };
    let rows = move |list: &'static [Switch]| {
        list.iter()
            .map(|s| {
                view! {
                    <label class="tl-setting">
                        <span>{s.text}</span>
                        <input type="checkbox" role="switch" prop:checked=move || (s.get)(&context.settings().get())
                            on:change=move |e| { let on = event_target_checked(&e); change(&|settings| (s.set)(settings, on)); }/>
                    </label>
                }
            })
            .collect_view()
    };
    let hop = move |e: web_sys::Event| {
        if let Ok(frames) = event_target_value(&e).parse::<u32>() {
            change(&|s| s.video_hop_size = frames.clamp(1, 10_000));
        }
    };
    let theme = move |e: web_sys::Event| screen.theme.set(event_target_value(&e));
    view! {
        <Dialog open=screen.settings heading="Settings" label="Settings">
            <div class="tl-dialog-body">
                <label class="tl-setting">
                    <span>"Theme"</span>
                    <select class="tl-select" prop:value=move || screen.theme.get() on:change=theme>
                        <option value="" selected=move || screen.theme.get().is_empty()>"As the system"</option>
                        <option value="light" selected=move || screen.theme.get() == "light">"Light"</option>
                        <option value="dark" selected=move || screen.theme.get() == "dark">"Dark"</option>
                    </select>
                </label>
                <h3 class="tl-keys-group">"Labeling"</h3>
                {rows(LABELING)}
                <h3 class="tl-keys-group">"Data"</h3>
                {rows(IMAGE)}
                <label class="tl-setting">
                    <span>"Frames per hop in videos"</span>
                    <input class="tl-input tl-num" type="number" min="1" max="10000" style:width="96px"
                        prop:value=move || context.settings().get().video_hop_size.to_string() on:change=hop/>
                </label>
                <h3 class="tl-keys-group">"Screen"</h3>
                {rows(SCREEN)}
            </div>
        </Dialog>
    }
}
