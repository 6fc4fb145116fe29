//! The bar between picture and timeline: steps, playing, speed, sound, going to a place, keyframes, the read-out.

use super::screen::{Screen, store_loop};
use super::track;
use crate::components::{IconButton, with_key};
use crate::icons;
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_annotation_store::RegionId;
use tagloom_video_sync::{GoTo, PlainNumber, Rate, parse_goto};
use wasm_bindgen::JsCast;
use web_sys::HtmlMediaElement;

const SPEEDS: [f64; 14] = [0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 8.0, 10.0, 16.0];

/// Goes where a text says; `false` when it says nothing.
pub(super) fn go_to(screen: &Screen, text: &str) -> bool {
    let Some(index) = screen.frames() else { return false };
    let rate = match index.rate() {
        Rate::Constant(rate) => Some(rate),
        Rate::Variable { .. } => None,
    };
    match parse_goto(text, PlainNumber::Frame, rate) {
        Some(GoTo::Frame(frame)) => screen.go(frame.number().clamp(1, screen.count().max(1))),
        Some(GoTo::Time(time)) => {
            if let Some(frame) = index.frame_at(time) {
                screen.go(screen.numbering().number(&index, frame));
            }
        }
        Some(GoTo::Date(_)) | None => return false,
    }
    true
}

/// What the selected track can have done at the shown frame.
pub(super) fn keyframe(screen: &Screen) {
    edit(screen, track::toggle_keyframe);
}

pub(super) fn life(screen: &Screen) {
    edit(screen, track::toggle_life);
}

fn edit(
    screen: &Screen,
    change: fn(
        &tagloom_annotation_store::VideoTrack,
        u64,
        f64,
    ) -> Option<tagloom_annotation_store::VideoTrack>,
) {
    let Some((id, _)) = screen.selected_track() else { return };
    let id: RegionId = id;
    screen.change_track(&id, change);
}

/// The nearest keyframe before or after the shown frame, of the selected track or of all.
pub(super) fn to_keyframe(screen: &Screen, forward: bool) {
    let Some(now) = screen.position() else { return };
    let selected = screen.selected_track().map(|(id, _)| id);
    let lanes = screen.lanes.borrow();
    let frames = lanes.iter().filter(|l| selected.as_ref().is_none_or(|id| *id == l.id)).flat_map(|l| {
        let edges = l.spans.iter().filter(|_| l.is_range).flat_map(|s| [s.start as u64 + 1, s.end as u64]);
        l.keyframes.iter().copied().chain(edges).collect::<Vec<_>>()
    });
    let next = if forward { frames.filter(|f| *f > now).min() } else { frames.filter(|f| *f < now).max() };
    drop(lanes);
    if let Some(frame) = next {
        screen.go(frame);
    }
}

#[component]
pub(super) fn Bar(
    #[prop(into)] kept: StoredValue<Rc<Screen>, LocalStorage>,
    media: Signal<Option<HtmlMediaElement>, LocalStorage>,
) -> impl IntoView {
    let screen = kept.get_value();
    let ctx = screen.ctx;
    let (readout, hint, repeat, zoom) = (screen.readout, screen.hint, screen.repeat, screen.picture.zoom);
    let spec = screen.spec.clone();
    let with = move |f: &dyn Fn(&Rc<Screen>)| {
        if let Some(screen) = kept.try_get_value() {
            f(&screen);
        }
    };
    let titled =
        move |command: &'static str, text: &'static str| Signal::stored(with_key(&ctx, text, command));
    let playing = Memo::new(move |_| readout.get().playing);
    let ready = Memo::new(move |_| readout.get().count > 0);
    let wrong = RwSignal::new(false);
    let enter = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        let text = input.value();
        if text.trim().is_empty() {
            return wrong.set(false);
        }
        let found = kept.try_get_value().is_some_and(|s| go_to(&s, &text));
        wrong.set(!found);
        if found {
            input.set_value("");
            let _ = input.blur();
        }
    };
    let speed = RwSignal::new(spec.speed);
    let speeds = SPEEDS
        .into_iter()
        .filter(|s| *s >= spec.min_speed)
        .chain((!SPEEDS.contains(&spec.speed)).then_some(spec.speed))
        .map(|s| view! { <option value=s.to_string() selected=(s - spec.speed).abs() < 1e-9>{format!("{s}×")}</option> })
        .collect_view();
    let set_speed = move |e: web_sys::Event| {
        if let Ok(rate) = event_target_value(&e).parse::<f64>() {
            speed.set(rate);
            with(&|s| {
                if let Some(handle) = s.handle() {
                    handle.set_rate(rate);
                }
            });
        }
    };
    let muted = RwSignal::new(spec.muted);
    let volume = RwSignal::new(1.0);
    let apply_sound = move || {
        if let Some(element) = media.get_untracked() {
            element.set_muted(muted.get_untracked());
            element.set_volume(volume.get_untracked());
        }
    };
    let set_volume = move |e: web_sys::Event| {
        if let Ok(v) = event_target_value(&e).parse::<f64>() {
            volume.set(v.clamp(0.0, 1.0));
            muted.set(v <= 0.0);
            apply_sound();
        }
    };
    let has_tracks = spec.has_tracks;
    let track_selected = Memo::new(move |_| {
        ctx.selection().track();
        ctx.content().track();
        kept.try_get_value().is_some_and(|s| s.selected_track().is_some())
    });
    let frozen = Signal::derive(move || !track_selected.get() || ctx.read_only().get());
    let keyed = Memo::new(move |_| {
        let frame = readout.get().frame;
        ctx.content().track();
        ctx.selection().track();
        kept.try_get_value()
            .and_then(|s| s.selected_track())
            .is_some_and(|(_, t)| track::keyframe_at(&t, frame).is_some())
    });
    let ends = Memo::new(move |_| {
        let frame = readout.get().frame;
        ctx.content().track();
        ctx.selection().track();
        kept.try_get_value()
            .and_then(|s| s.selected_track())
            .is_some_and(|(_, t)| track::keyframe_at(&t, frame).is_some_and(|k| !k.enabled))
    });
    let off = Signal::derive(move || !ready.get());
    let frame_text = move || {
        let r = readout.get();
        format!("{} of {}", r.frame, r.count)
    };
    let rest = move || {
        let r = readout.get();
        let code = if r.timecode.is_empty() { String::new() } else { format!(" · {}", r.timecode) };
        format!("{}{code} · {} · {}", r.time, r.rate, r.source)
    };
    view! {
        <div class="tl-video-bar" role="toolbar" aria-label=format!("Video {}", spec.name)>
            <div class="tl-video-keys">
                <IconButton glyph=icons::SKIP_BACK label="First frame" title=titled("video:rewind", "First frame") disabled=off on_click=move || with(&|s| s.go(1))/>
                <IconButton glyph=icons::STEP_BACK label="One frame back" title=titled("video:frame-backward", "One frame back") disabled=off on_click=move || with(&|s| s.step(-1))/>
                {move || if playing.get() {
                    view! { <IconButton glyph=icons::PAUSE label="Pause" title=titled("media:playpause", "Pause") on_click=move || with(&|s| { if let Some(h) = s.handle() { h.pause(); } })/> }.into_any()
                } else {
                    view! { <IconButton glyph=icons::PLAY label="Play" title=titled("media:playpause", "Play") disabled=off on_click=move || with(&|s| { if let Some(h) = s.handle() { h.play(); } })/> }.into_any()
                }}
                <IconButton glyph=icons::STEP_FORWARD label="One frame forward" title=titled("video:frame-forward", "One frame forward") disabled=off on_click=move || with(&|s| s.step(1))/>
                <IconButton glyph=icons::SKIP_FORWARD label="Last frame" title=titled("video:fastforward", "Last frame") disabled=off on_click=move || with(&|s| s.go(s.count()))/>
                <IconButton glyph=icons::LOOP label="Repeat the selected region" title=titled("video:loop", "Repeat the selected region while playing it") pressed=Signal::derive(move || repeat.get())
                    on_click=move || { repeat.update(|r| *r = !*r); store_loop(repeat.get_untracked()); with(&|s| s.loop_selected()); }/>
            </div>
            {has_tracks.then(|| view! {
                <div class="tl-video-keys">
                    <IconButton glyph=icons::KEYFRAME label="Keyframe here" title=titled("video:keyframe", "Add or remove a keyframe") disabled=frozen pressed=Signal::derive(move || keyed.get()) on_click=move || with(&|s| keyframe(s))/>
                    <IconButton glyph=icons::LIFE_END label="The box ends here" title=titled("video:life", "End the box after this frame, or let it go on") disabled=frozen pressed=Signal::derive(move || ends.get()) on_click=move || with(&|s| life(s))/>
                </div>
            })}
            <select class="tl-select" aria-label="Playback speed" title="Playback speed" on:change=set_speed>{speeds}</select>
            <IconButton glyph=icons::VOLUME label="Sound" pressed=Signal::derive(move || !muted.get()) title=Signal::derive(move || if muted.get() { "Sound is off".to_owned() } else { "Sound is on".to_owned() })
                on_click=move || { muted.update(|m| *m = !*m); apply_sound(); }/>
            <input class="tl-video-volume" type="range" min="0" max="1" step="0.05" aria-label="Volume" prop:value=move || if muted.get() { 0.0 } else { volume.get() }.to_string() on:input=set_volume/>
            <input class="tl-input tl-num tl-video-goto" type="text" placeholder="Go to" aria-label="Go to a frame, seconds, or h:mm:ss.mmm"
                title=titled("media:goto", "A frame number, 12.5s, 1:02.5 or a timecode") aria-invalid=move || wrong.get().to_string() on:change=enter
                on:keydown=move |e: web_sys::KeyboardEvent| if e.key() == "Escape" { e.stop_propagation(); let _ = event_target::<web_sys::HtmlInputElement>(&e).blur(); }/>
            {move || (zoom.get() != 1.0).then(|| view! {
                <button type="button" class="tl-button tl-num" title="Show the whole picture" on:click=move |_| with(&|s| { s.picture.fit(); s.mark(); })>{format!("{:.0} %", zoom.get() * 100.0)}</button>
            })}
            <output class="tl-num tl-video-readout" aria-label="Position">
                {move || {
                    let text = hint.get();
                    (!text.is_empty()).then(|| view! { <span class="tl-video-hint">{text}</span> })
                }}
                {move || if ready.get() {
                    view! {
                        <span>"frame "<strong>{frame_text}</strong>" · "{rest}</span>
                        {move || readout.get().inexact.then(|| view! { <span class="tl-badge tl-warn" title="The browser shows a neighbouring frame and would not move.">"inexact"</span> })}
                    }.into_any()
                } else {
                    view! { <span>"reading frame times…"</span> }.into_any()
                }}
            </output>
        </div>
    }
}

/// The input of the go-to box gets the focus.
pub(super) fn focus_goto(screen: &Screen) {
    let root = screen.root.try_get_untracked().flatten();
    let input = root.and_then(|r| r.query_selector(".tl-video-goto").ok().flatten());
    if let Some(input) = input.and_then(|i| i.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        let _ = input.focus();
    }
}
