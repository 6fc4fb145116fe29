//! `Video`: playback, frame stepping and its place in the sync group (spec/tags.md 4.2).
//!
//! Frame numbers come from the declared or the default rate and say so; reading them from the container is the next
//! step of spec/sync.md. Tracks and timeline ranges of a result are kept untouched and are not drawn yet.

use crate::context::use_editor;
use leptos::html;
use leptos::prelude::*;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;
use tagloom_video_sync::{Frame, FrameIndex, FrameRate, Nanos};
use wasm_bindgen::JsCast;
use web_sys::HtmlMediaElement;

#[derive(Clone)]
struct Spec {
    name: String,
    url: Option<String>,
    rate: Option<FrameRate>,
    muted: bool,
    height: f64,
    speed: f64,
    min_speed: f64,
}

/// The view of a Video tag.
pub(super) fn view(node: NodeId) -> AnyView {
    view! { <Video node/> }.into_any()
}

fn read(node: &tagloom_tags::Node) -> Spec {
    let number = |name: &str, default: f64| node.number(name).filter(|v| v.is_finite()).unwrap_or(default);
    let min_speed = number("minPlaybackSpeed", 0.25).clamp(0.05, 10.0);
    let rate = match node.bound("frameRate") {
        serde_json::Value::String(text) => FrameRate::from_attribute(text),
        serde_json::Value::Number(n) => FrameRate::from_attribute(&n.to_string()),
        _ => node.raw("frameRate").and_then(FrameRate::from_attribute),
    };
    Spec {
        name: node.name.clone().unwrap_or_default(),
        url: node.value.as_str().map(str::trim).filter(|u| !u.is_empty()).map(str::to_owned),
        rate,
        muted: node.bool("muted"),
        height: number("height", 600.0).clamp(60.0, 4000.0),
        speed: number("defaultPlaybackSpeed", 1.0).clamp(min_speed, 10.0),
        min_speed,
    }
}

/// Why the browser cannot play a medium, and what would help.
pub(crate) fn media_error(element: &HtmlMediaElement, url: &str) -> String {
    match element.error().map(|e| e.code()) {
        Some(2) => format!("The connection broke while loading {url}. Try again."),
        Some(3) => format!("This browser cannot decode {url}. Convert it to H.264 in MP4 or VP9 in WebM."),
        Some(4) => format!(
            "This browser cannot play {url}: the file is missing, may not be read, or has a codec it does not know. \
             H.264 in MP4 and VP9 in WebM work everywhere."
        ),
        _ => format!("{url} cannot be played."),
    }
}

const SPEEDS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0];

#[component]
fn Video(node: NodeId) -> impl IntoView {
    let context = use_editor();
    let spec = context.with(|e| read(e.tree().node(node)));
    let Some(url) = spec.url.clone() else {
        let text = format!("{}: the field named by its value is missing in this task.", spec.name);
        return view! { <div class="tl-video-error" role="alert">{text}</div> }.into_any();
    };
    let video = NodeRef::<html::Video>::new();
    let failure = RwSignal::new(None::<String>);
    let attempt = RwSignal::new(0u32);
    let position = RwSignal::new((0.0f64, f64::NAN));
    let element = move || video.get_untracked().map(|v| v.unchecked_into::<HtmlMediaElement>());
    let rate = spec.rate;
    let frames = move || {
        let (_, duration) = position.get();
        duration.is_finite().then(|| FrameIndex::constant(rate, Nanos::from_secs(duration)))
    };

    let (muted, speed, name) = (spec.muted, spec.speed, spec.name.clone());
    let hub = send_wrapper::SendWrapper::new(context.hub().old());
    video.on_load(move |v| {
        let media: HtmlMediaElement = v.unchecked_into();
        media.set_muted(muted);
        media.set_default_playback_rate(speed);
        media.set_playback_rate(speed);
        hub.register_media(&name, media, false);
    });
    let update = move |_| {
        if let Some(v) = element() {
            position.set((v.current_time(), v.duration()));
        }
    };
    let failed = {
        let url = url.clone();
        move |_| {
            if let Some(v) = element() {
                failure.set(Some(media_error(&v, &url)));
            }
        }
    };

    // Steps go to the middle of a frame, so that rounding can never show its neighbour.
    let step = move |by: i64| {
        let (Some(v), Some(index)) = (element(), frames()) else { return };
        let _ = v.pause();
        let now = index.frame_at(Nanos::from_secs(v.current_time())).unwrap_or_default();
        if let Some(frame) = index.step(now, by) {
            v.set_current_time(index.seek_target(frame).secs());
        }
    };
    let jump = move |last: bool| {
        let (Some(v), Some(index)) = (element(), frames()) else { return };
        let frame = if last { index.last() } else { Some(Frame::default()) };
        if let Some(frame) = frame {
            v.set_current_time(index.seek_target(frame).secs());
        }
    };
    let hop = move || i64::from(context.try_with(|e| e.settings().video_hop_size).unwrap_or(10));
    context.on_command("video:backward", move || step(-1));
    context.on_command("video:frame-backward", move || step(-1));
    context.on_command("video:frame-forward", move || step(1));
    context.on_command("video:forward", move || step(1));
    context.on_command("media:step-backward", move || step(-1));
    context.on_command("media:step-forward", move || step(1));
    context.on_command("video:hop-backward", move || step(-hop()));
    context.on_command("video:hop-forward", move || step(hop()));
    context.on_command("video:rewind", move || jump(false));
    context.on_command("video:fastforward", move || jump(true));
    let toggle = move || {
        if let Some(v) = element() {
            if v.paused() {
                // Refused where the browser wants a click on the player first; its own controls still work.
                let _ = v.play();
            } else {
                let _ = v.pause();
            }
        }
    };
    context.on_command("media:playpause", toggle);

    let readout = move || {
        let (time, duration) = position.get();
        let Some(index) = frames() else { return "loading…".to_owned() };
        let frame = index.frame_at(Nanos::from_secs(time)).map_or(1, Frame::number);
        format!(
            "frame {frame} of {} · {:.3} s of {:.3} s · {:.3} fps · {}",
            index.count(),
            time,
            duration,
            index.average_fps(),
            index.source().as_str()
        )
    };
    let warning = move || {
        let guess = frames().is_some_and(|f| f.source().as_str() == "default");
        guess.then_some("No frameRate is declared: 24 is assumed, and frame numbers may be off.")
    };
    let speeds = SPEEDS
        .into_iter()
        .filter(|s| *s >= spec.min_speed)
        .map(|s| view! { <option value=s.to_string() selected=(s - spec.speed).abs() < 1e-9>{format!("{s}×")}</option> })
        .collect_view();
    let set_speed = move |e: web_sys::Event| {
        if let (Some(v), Ok(s)) = (element(), event_target_value(&e).parse::<f64>()) {
            v.set_playback_rate(s);
        }
    };
    let retry = move |_| {
        failure.set(None);
        attempt.update(|n| *n += 1);
        if let Some(v) = element() {
            v.load();
        }
    };
    let height = format!("{}px", spec.height);
    let broken = move || failure.get().is_some();
    view! {
        <section class="tl-video" aria-label=format!("Video {}", spec.name)>
            <video node_ref=video src=url controls preload="auto" playsinline style:max-height=height hidden=broken
                on:timeupdate=update on:seeked=update on:seeking=update on:durationchange=update
                on:loadedmetadata=update on:play=update on:pause=update on:error=failed></video>
            <Show when=broken>
                <div class="tl-video-error" role="alert">
                    <p>{move || failure.get()}</p>
                    <button type="button" class="tl-button" on:click=retry>"Try again"</button>
                </div>
            </Show>
            <div class="tl-video-bar" role="toolbar" aria-label="Video" hidden=broken>
                <button type="button" class="tl-icon-button" title="One frame back (,)" aria-label="One frame back" on:click=move |_| step(-1)>"‹"</button>
                <button type="button" class="tl-icon-button" title="Play or pause (ctrl+alt+space)" aria-label="Play or pause" on:click=move |_| toggle()>"▶"</button>
                <button type="button" class="tl-icon-button" title="One frame forward (.)" aria-label="One frame forward" on:click=move |_| step(1)>"›"</button>
                <select class="tl-select" aria-label="Playback speed" on:change=set_speed>{speeds}</select>
                <output class="tl-num tl-video-readout">{readout}</output>
            </div>
            {move || warning().map(|w| view! { <p class="tl-video-note">{w}</p> })}
        </section>
    }
    .into_any()
}
