//! The buttons of a sound: playing, speed, volume, zoom, and what is remembered.

use super::settings::AudioSettings;
use super::spec::AudioSpec;
use super::{Kept, with};
use leptos::prelude::*;

const SPEEDS: [f64; 13] = [0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 8.0, 16.0];

fn icon(path: &'static str) -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=path></path></svg>
    }
}

const PLAY: &str = "M6 3l14 9-14 9z";
const PAUSE: &str = "M7 4v16 M17 4v16";
const LOOP: &str = "M17 2l4 4-4 4 M3 11v-1a4 4 0 0 1 4-4h14 M7 22l-4-4 4-4 M21 13v1a4 4 0 0 1-4 4H3";
const SOUND: &str = "M11 5L6 9H3v6h3l5 4z M15.5 8.5a5 5 0 0 1 0 7 M18.5 5.5a9 9 0 0 1 0 13";
const SILENT: &str = "M11 5L6 9H3v6h3l5 4z M16 9l6 6 M22 9l-6 6";
const WAVE: &str = "M4 10v4 M9 5v14 M14 8v8 M19 11v2";

#[component]
pub(super) fn Toolbar(kept: Kept, spec: AudioSpec) -> impl IntoView {
    let Some(screen) = kept.try_get_value() else { return ().into_any() };
    let s = screen.signals;
    let volume = RwSignal::new(spec.volume);
    let muted = RwSignal::new(false);
    let set_volume = move |v: f64| {
        volume.set(v);
        with(kept, |s| {
            if let Some(e) = s.element.borrow().as_ref() {
                e.set_volume(v.clamp(0.0, 1.0));
            }
        });
    };
    let toggle_mute = move |_| {
        muted.update(|m| *m = !*m);
        with(kept, |s| {
            if let Some(e) = s.element.borrow().as_ref() {
                e.set_muted(muted.get_untracked());
            }
        });
    };
    let play = move |_| {
        with(kept, |s| {
            if let Some(member) = s.member() {
                member.toggle();
            }
        })
    };
    let set_speed = move |e: web_sys::Event| {
        if let Ok(rate) = event_target_value(&e).parse::<f64>() {
            with(kept, |s| {
                if let Some(member) = s.member() {
                    member.set_rate(rate);
                }
            });
        }
    };
    let mut speeds: Vec<f64> = SPEEDS.to_vec();
    if !speeds.contains(&spec.speed) {
        speeds.push(spec.speed);
        speeds.sort_by(f64::total_cmp);
    }
    let speeds = speeds
        .into_iter()
        .map(|v| view! { <option value=v.to_string() selected=v == spec.speed>{format!("{v}×")}</option> })
        .collect_view();
    let zoom = move |factor: f64| {
        with(kept, |s| {
            let middle = s.model.try_borrow().map_or(0.0, |m| (m.window.start + m.window.end()) / 2.0);
            s.window_changed(false, |w| w.zoom_by(factor, middle));
        });
    };
    let set_scale = move |e: web_sys::Event| {
        if let Ok(scale) = event_target_value(&e).parse::<f64>() {
            with(kept, |s| {
                if let Ok(mut model) = s.model.try_borrow_mut() {
                    // The slider is logarithmic: equal ways are equal factors.
                    model.scale = 2f64.powf(scale);
                }
                s.mark(true);
            });
        }
    };
    let change = move |f: fn(&mut AudioSettings, bool)| {
        move |e: web_sys::Event| {
            s.settings.update(|settings| f(settings, event_target_checked(&e)));
            s.settings.get_untracked().store();
            with(kept, |s| s.forget_picture());
        }
    };
    let flag =
        move |read: fn(&AudioSettings) -> bool, set: fn(&mut AudioSettings, bool), text: &'static str| {
            view! {
                <label class="tl-audio-option">
                    <input type="checkbox" prop:checked=move || s.settings.with(read) on:change=change(set)/>
                    {text}
                </label>
            }
        };
    let mono = move || s.channels.get() < 2;
    view! {
        <div class="tl-audio-bar" role="toolbar" aria-label="Audio">
            <button type="button" class="tl-icon-button" title="Play or pause (shift+space)" aria-label="Play or pause"
                aria-pressed=move || s.playing.get().to_string() on:click=play>
                {move || if s.playing.get() { icon(PAUSE).into_any() } else { icon(PLAY).into_any() }}
            </button>
            <button type="button" class="tl-icon-button" title="Play the selected segment; again: repeat it (L)"
                aria-label="Play the selected segment" disabled=move || !s.selected.get()
                on:click=move |_| with(kept, |s| s.play_selection())>{icon(LOOP)}</button>
            <output class="tl-audio-readout tl-num">{move || s.readout.get()}</output>
            <Show when=move || s.suspended.get()>
                <button type="button" class="tl-button" on:click=move |_| with(kept, |screen| {
                    s.suspended.set(false);
                    screen.show_cursor();
                })>"Back to playhead"</button>
            </Show>
            <span class="tl-audio-gap"></span>
            <select class="tl-select" aria-label="Playback speed" title="Playback speed; the pitch is kept" on:change=set_speed>{speeds}</select>
            <button type="button" class="tl-icon-button" title="Mute" aria-label="Mute"
                aria-pressed=move || muted.get().to_string() on:click=toggle_mute>
                {move || if muted.get() { icon(SILENT).into_any() } else { icon(SOUND).into_any() }}
            </button>
            <input type="range" class="tl-audio-slider" min="0" max="1" step="0.01" aria-label="Volume" title="Volume"
                prop:value=move || volume.get().to_string()
                on:input=move |e| if let Ok(v) = event_target_value(&e).parse() { set_volume(v) }/>
            <button type="button" class="tl-icon-button" title="Zoom out (-)" aria-label="Zoom out" on:click=move |_| zoom(0.8)>"−"</button>
            <span class="tl-audio-zoom tl-num" title="Zoom">{move || format!("{:.1}×", s.zoom.get())}</span>
            <button type="button" class="tl-icon-button" title="Zoom in (+)" aria-label="Zoom in" on:click=move |_| zoom(1.25)>"+"</button>
            <button type="button" class="tl-button" title="Show everything" on:click=move |_| zoom(0.0)>"Fit"</button>
            <button type="button" class="tl-icon-button" title="Spectrogram" aria-label="Spectrogram"
                aria-pressed=move || s.spectrogram.get().to_string()
                on:click=move |_| s.spectrogram.update(|v| *v = !*v)>{icon(WAVE)}</button>
            <details class="tl-audio-more">
                <summary class="tl-button" title="Options of the waveform">"Options"</summary>
                <div class="tl-audio-options">
                    <label class="tl-audio-option">"Height of the wave"
                        <input type="range" class="tl-audio-slider" min="-2" max="5" step="0.1" aria-label="Height of the wave"
                            prop:value=spec.scale.log2().to_string() on:input=set_scale/>
                    </label>
                    <label class="tl-audio-option">
                        <input type="checkbox" prop:checked=move || s.split.get() disabled=mono
                            on:change=move |e| s.split.set(event_target_checked(&e))/>
                        "One wave per channel"
                    </label>
                    {flag(|s| s.mel, |s, on| s.mel = on, "Spectrogram spread like hearing (mel)")}
                    {flag(|s| s.auto_play_new, |s, on| s.auto_play_new = on, "Play new segments")}
                    {flag(|s| s.loop_region, |s, on| s.loop_region = on, "Repeat the segment that plays")}
                    {flag(|s| s.auto_play_next, |s, on| s.auto_play_next = on, "Go on with the next segment")}
                </div>
            </details>
        </div>
    }
    .into_any()
}
