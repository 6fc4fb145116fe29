//! `Audio`: an audio element that plays, a waveform on which segments are drawn (spec/tags.md 4.1).
//!
//! The two do not depend on each other: the element streams the file by itself, the waveform is decoded in a worker. A
//! codec that only one of them knows leaves the other at work.

mod draw;
mod fallback;
mod load;
mod model;
mod screen;
mod settings;
mod spec;
mod toolbar;
mod worker;

use crate::context::use_editor;
use crate::fetch::Cancel;
use crate::media::NewMember;
use draw::OVERVIEW;
use leptos::html::{self, Canvas, Div};
use leptos::prelude::*;
use load::State;
use model::Gesture;
use screen::{MOST_PICTURE, Screen, Signals};
use settings::AudioSettings;
use spec::{AudioSpec, Peaks};
use std::rc::Rc;
use tagloom_audio::Window;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;
use tagloom_video_sync::MemberKind;
use toolbar::Toolbar;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlMediaElement, PointerEvent, ResizeObserver, WheelEvent};

/// The view of an Audio tag.
pub(super) fn view(node: NodeId) -> AnyView {
    view! { <Audio node/> }.into_any()
}

/// The screen of one tag, while its view is mounted.
type Kept = StoredValue<Rc<Screen>, LocalStorage>;

fn with(kept: Kept, f: impl FnOnce(&Rc<Screen>)) {
    if let Some(screen) = kept.try_get_value() {
        f(&screen);
    }
}

fn capture(e: &PointerEvent) {
    if let Some(target) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
        // Without capture a drag ends at the edge of the canvas; nothing worse.
        let _ = target.set_pointer_capture(e.pointer_id());
    }
}

#[component]
fn Audio(node: NodeId) -> impl IntoView {
    let context = use_editor();
    let spec = context.with(|e| AudioSpec::read(e.tree().node(node)));
    let Some(url) = spec.url.clone() else {
        let text = format!("{}: the field named by its value is missing in this task.", spec.name);
        return view! { <div class="tl-audio-message tl-audio-error" role="alert">{text}</div> }.into_any();
    };
    let (base, overlay, overview) =
        (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let frame_ref = NodeRef::<Div>::new();
    let element = NodeRef::<html::Audio>::new();
    let signals = Signals {
        playing: RwSignal::new(false),
        readout: RwSignal::new(String::new()),
        looping: RwSignal::new(false),
        suspended: RwSignal::new(false),
        zoom: RwSignal::new(1.0),
        spectrogram: RwSignal::new(spec.spectrogram),
        split: RwSignal::new(spec.split),
        settings: RwSignal::new(AudioSettings::load()),
        channels: RwSignal::new(1),
        selected: RwSignal::new(false),
    };
    let state = RwSignal::new(State::Ready);
    let broken = RwSignal::new(None::<String>);
    let screen = Rc::new_cyclic(|me| {
        Screen::new(me.clone(), context, spec.clone(), signals, (base, overlay, overview, frame_ref))
    });
    let kept: Kept = StoredValue::new_local(screen.clone());
    let cancel: StoredValue<Cancel, LocalStorage> = StoredValue::new_local(Cancel::default());
    on_cleanup(move || {
        if let Some(cancel) = cancel.try_get_value() {
            cancel.cancel();
        }
        // The worker ends now, not when the last animation frame lets go.
        with(kept, |s| *s.decoding.borrow_mut() = None);
    });
    let begin = move || {
        let fresh = Cancel::default();
        cancel.set_value(fresh.clone());
        with(kept, |s| load::start(s, state, &fresh));
    };
    begin();

    {
        let (spec, owner) = (spec.clone(), Owner::current());
        element.on_load(move |e| {
            let media: HtmlMediaElement = e.unchecked_into();
            media.set_volume(spec.volume);
            // Slower or faster, a voice stays that voice.
            let _ = js_sys::Reflect::set(&media, &"preservesPitch".into(), &true.into());
            with(kept, |s| {
                *s.element.borrow_mut() = Some(media.clone());
                let join = || {
                    context.hub().join(NewMember {
                        object: spec.name.clone(),
                        kind: MemberKind::Audio,
                        element: Some(media.clone()),
                        embedded: false,
                        port: s.clone(),
                    })
                };
                let member = match &owner {
                    Some(owner) => owner.with(join),
                    None => join(),
                };
                if spec.speed != 1.0 {
                    member.set_rate(spec.speed);
                }
                *s.member.borrow_mut() = Some(member);
                s.read_regions();
            });
        });
    }
    frame_ref.on_load(move |element| {
        let target = element.clone();
        let resized = Closure::<dyn FnMut()>::new(move || {
            with(kept, |s| {
                s.width.set(f64::from(target.client_width()).max(120.0));
                s.mark(true);
            });
        });
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let held = send_wrapper::SendWrapper::new((observer, resized));
            on_cleanup(move || held.0.disconnect());
        }
        with(kept, |s| {
            s.width.set(f64::from(element.client_width()).max(120.0));
            s.mark(true);
        });
    });

    let (revision, armed, editor_settings, hovered, read_only) = (
        context.object_revision(&spec.name),
        context.armed(),
        context.settings(),
        context.hovered,
        context.read_only(),
    );
    Effect::new(move |_| {
        revision.track();
        armed.track();
        editor_settings.track();
        read_only.track();
        with(kept, |s| {
            s.read_regions();
            s.selection_changed();
            s.mark(false);
        });
    });
    Effect::new(move |_| {
        hovered.track();
        with(kept, |s| s.mark(false));
    });
    Effect::new(move |_| {
        let wanted = signals.spectrogram.get();
        signals.split.track();
        signals.settings.track();
        with(kept, |s| {
            if wanted && s.spec.peaks != Peaks::Decoded {
                load::open_for_pictures(s, state);
            }
            s.mark(true);
        });
    });
    with(kept, |s| s.tell());

    let toggle = move || {
        with(kept, |s| {
            if let Some(member) = s.member() {
                member.toggle();
            }
        })
    };
    for name in ["media:playpause", "audio:playpause"] {
        context.on_command(name, toggle);
    }
    context.on_command(&format!("tag:{}", node.0), toggle);
    let seeks: [(&str, f64); 5] = [
        ("audio:back", -1.0),
        ("audio:step-backward", -0.1),
        ("audio:step-forward", 0.1),
        ("media:step-backward", -0.1),
        ("media:step-forward", 0.1),
    ];
    for (name, by) in seeks {
        context.on_command(name, move || with(kept, |s| s.seek_by(by)));
    }
    let zoom = move |factor: f64| {
        with(kept, |s| {
            let at = s.model.try_borrow().map_or(0.0, |m| {
                if m.window.contains(m.cursor) { m.cursor } else { (m.window.start + m.window.end()) / 2.0 }
            });
            s.window_changed(false, |w| w.zoom_by(factor, at));
        });
    };
    context.on_command("tool:zoom-in", move || zoom(1.25));
    context.on_command("tool:zoom-out", move || zoom(0.8));
    context.on_command("tool:zoom-to-fit", move || zoom(0.0));

    let down = move |e: PointerEvent| {
        if e.button() > 1 {
            return;
        }
        with(kept, |s| {
            capture(&e);
            let pans = e.button() == 1 || e.shift_key();
            if let Ok(mut model) = s.model.try_borrow_mut() {
                model.hover = None;
                model.down(f64::from(e.offset_x()), s.width.get(), pans);
            }
        });
    };
    let moved = move |e: PointerEvent| {
        with(kept, |s| {
            let (x, width) = (f64::from(e.offset_x()), s.width.get());
            let outcome = {
                let Ok(mut model) = s.model.try_borrow_mut() else { return };
                let outcome = model.moved(x, width);
                model.hover = (model.gesture == Gesture::Idle).then(|| model.window.at(x, width));
                outcome
            };
            s.hover(x);
            s.outcome(outcome);
        });
    };
    let up = move |e: PointerEvent| {
        with(kept, |s| {
            let outcome = match s.model.try_borrow_mut() {
                Ok(mut model) => model.up(f64::from(e.offset_x()), s.width.get()),
                Err(_) => return,
            };
            if let Some(member) = s.member() {
                member.end_preview();
            }
            // Pointer events do not count clicks (300 ms, 4 px).
            let (time, x) = (e.time_stamp(), f64::from(e.client_x()));
            let is_click = matches!(outcome, model::Outcome::Click { .. });
            let second = is_click
                && s.last_press.get().is_some_and(|(t, ax)| time - t <= 300.0 && (x - ax).abs() < 4.0);
            s.last_press.set((is_click && !second).then_some((time, x)));
            if second {
                s.play_selection();
            } else {
                s.outcome(outcome);
            }
        });
    };
    let lost = move |_: PointerEvent| {
        with(kept, |s| {
            if let Ok(mut model) = s.model.try_borrow_mut() {
                model.cancel();
            }
            if let Some(member) = s.member() {
                member.end_preview();
            }
            s.mark(false);
        });
    };
    let left = move |_: PointerEvent| {
        with(kept, |s| {
            if let Ok(mut model) = s.model.try_borrow_mut() {
                model.hover = None;
            }
            s.context.hovered.set(None);
            s.mark(false);
        });
    };
    let wheel = move |e: WheelEvent| {
        e.prevent_default();
        with(kept, |s| {
            let line = if e.delta_mode() == 1 { 16.0 } else { 1.0 };
            let (dx, dy) = (e.delta_x() * line, e.delta_y() * line);
            let width = s.width.get();
            if e.shift_key() || dx.abs() > dy.abs() {
                let by = if dx == 0.0 { dy } else { dx };
                s.window_changed(true, |w| w.pan(by / width));
                return;
            }
            let inverted = s.context.try_with(|e| e.settings().inverted_zoom).unwrap_or(false);
            // A notch of 100 is one factor of 1.25; pads send many small turns.
            let notches = (if inverted { dy } else { -dy } / 100.0).clamp(-2.0, 2.0);
            let x = f64::from(e.offset_x());
            s.window_changed(false, |w| w.zoom_by(1.25f64.powf(notches), w.at(x, width)));
        });
    };
    let overview_at = move |s: &Rc<Screen>, e: &PointerEvent| {
        Window::all(s.duration()).at(f64::from(e.offset_x()), s.width.get())
    };
    let overview_down = move |e: PointerEvent| {
        with(kept, |s| {
            capture(&e);
            let at = overview_at(s, &e);
            let Some((start, span)) = s.model.try_borrow().ok().map(|m| (m.window.start, m.window.span()))
            else {
                return;
            };
            let inside = at >= start && at <= start + span;
            s.overview_grab.set(Some(if inside { at - start } else { span / 2.0 }));
            if !inside {
                s.window_changed(true, |w| w.set_start(at - span / 2.0));
            }
        });
    };
    let overview_move = move |e: PointerEvent| {
        with(kept, |s| {
            if let Some(grab) = s.overview_grab.get() {
                let at = overview_at(s, &e);
                s.window_changed(true, |w| w.set_start(at - grab));
            }
        });
    };
    let overview_up = move |_: PointerEvent| with(kept, |s| s.overview_grab.set(None));

    let key_down = move |e: web_sys::KeyboardEvent| {
        if e.ctrl_key() || e.meta_key() || e.alt_key() {
            return;
        }
        let Some(screen) = kept.try_get_value() else { return };
        let step = if e.shift_key() { 1.0 } else { 0.1 };
        let done = match e.key().as_str() {
            "ArrowLeft" => {
                screen.seek_by(-step);
                true
            }
            "ArrowRight" => {
                screen.seek_by(step);
                true
            }
            "Home" => {
                screen.seek_by(f64::NEG_INFINITY);
                true
            }
            "End" => {
                screen.seek_by(f64::INFINITY);
                true
            }
            " " if !e.shift_key() => {
                toggle();
                true
            }
            "+" | "=" => {
                zoom(1.25);
                true
            }
            "-" => {
                zoom(0.8);
                true
            }
            "l" | "L" => {
                screen.play_selection();
                true
            }
            "Enter" if !e.repeat() => {
                let read_only = screen.context.try_with(|e| e.is_read_only()).unwrap_or(true);
                if !read_only && let Ok(mut model) = screen.model.try_borrow_mut() {
                    model.marking = Some(model.cursor);
                }
                true
            }
            "Enter" => true,
            "Delete" | "Backspace" => screen.delete_loose(),
            "Escape" => screen.model.try_borrow_mut().is_ok_and(|mut m| m.cancel()),
            _ => false,
        };
        if done {
            e.prevent_default();
            e.stop_propagation();
            screen.mark(false);
        }
    };
    // Held while it plays, Enter marks from press to release; the playhead may also be moved by the arrows meanwhile.
    let key_up = move |e: web_sys::KeyboardEvent| {
        if e.key() != "Enter" {
            return;
        }
        with(kept, |s| {
            let span = s.model.try_borrow_mut().ok().and_then(|mut m| {
                let from = m.marking.take()?;
                Some((from.min(m.cursor), from.max(m.cursor)))
            });
            if let Some((start, end)) = span.filter(|(a, b)| b - a >= 0.01) {
                // What is being marked by ear must not be interrupted by playing it.
                s.drawn_quietly(start, end);
            }
        });
    };

    let failed = {
        let url = url.clone();
        move |_| {
            with(kept, |s| {
                if let Some(e) = s.element.borrow().as_ref() {
                    broken.set(Some(media_error(e, &url)));
                }
            })
        }
    };
    let duration_known = move |_| {
        broken.set(None);
        with(kept, |s| {
            let seconds = s.element.borrow().as_ref().map(|e| e.duration());
            s.set_duration(seconds.unwrap_or(f64::NAN));
        });
    };
    let retry = move |_| {
        broken.set(None);
        begin();
        with(kept, |s| {
            if let Some(e) = s.element.borrow().as_ref() {
                e.load();
            }
        });
    };
    let height = move || {
        signals.spectrogram.track();
        signals.split.track();
        signals.channels.track();
        kept.try_get_value().map_or(0.0, |s| s.layout().height())
    };
    let message = move || {
        if let Some(text) = broken.get() {
            let also = match state.get() {
                State::Failed(text) => Some(text),
                _ => None,
            };
            return view! {
                <div class="tl-audio-message tl-audio-error" role="alert">
                    <div><p>{text}</p>{also.map(|a| view! { <p>{a}</p> })}</div>
                    <button type="button" class="tl-button" on:click=retry>"Try again"</button>
                </div>
            }
            .into_any();
        }
        match state.get() {
            State::Ready => ().into_any(),
            State::Loading { loaded, total } => {
                let text = if total > 0.0 {
                    format!("Waveform: {:.1} of {:.1} MB", loaded / 1e6, total / 1e6)
                } else {
                    format!("Waveform: {:.1} MB", loaded / 1e6)
                };
                let stop = move |_| {
                    cancel.with_value(Cancel::cancel);
                    with(kept, |s| *s.decoding.borrow_mut() = None);
                    state.set(State::Remark("The waveform was cancelled; the sound plays.".to_owned()));
                };
                view! {
                    <div class="tl-audio-message" role="status">
                        <progress max=total.max(1.0) prop:value=loaded.min(total.max(0.0))></progress>
                        <span class="tl-num">{text}</span>
                        <button type="button" class="tl-button" on:click=stop>"Cancel"</button>
                    </div>
                }
                .into_any()
            }
            State::Remark(text) => {
                view! { <div class="tl-audio-message" role="status"><p>{text}</p></div> }.into_any()
            }
            State::Failed(text) => {
                let copy = text.clone();
                let copy = move |_| {
                    if let Some(window) = web_sys::window() {
                        // Without permission nothing is copied; the text is on the screen anyway.
                        let _ = window.navigator().clipboard().write_text(&copy);
                    }
                };
                view! {
                    <div class="tl-audio-message tl-audio-error" role="alert">
                        <p>{text}</p>
                        <button type="button" class="tl-button" on:click=retry>"Try again"</button>
                        <button type="button" class="tl-button" on:click=copy>"Copy details"</button>
                    </div>
                }
                .into_any()
            }
        }
    };
    let too_long = move || {
        let zoom = signals.zoom.get();
        let long = kept.try_get_value().is_some_and(|s| s.duration() / zoom > MOST_PICTURE);
        (signals.spectrogram.get() && long)
            .then(|| view! { <p class="tl-audio-hint">"Zoom in to less than two minutes to see the spectrogram."</p> })
    };
    view! {
        <section class="tl-audio htx-audio" aria-label=format!("Audio {}", spec.name)>
            <audio node_ref=element src=url preload="metadata" on:error=failed
                on:durationchange=duration_known on:loadedmetadata=duration_known></audio>
            <Toolbar kept spec=spec.clone()/>
            <div class="tl-audio-frame" node_ref=frame_ref tabindex="0" on:keydown=key_down on:keyup=key_up
                aria-label="Waveform. Arrows move the playhead, space plays, Enter held marks a segment">
                <div class="tl-audio-plot" style:height=move || format!("{}px", height())>
                    <canvas node_ref=base></canvas>
                    <canvas node_ref=overlay class="tl-audio-overlay"
                        on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=lost
                        on:pointerleave=left on:wheel=wheel></canvas>
                    {too_long}
                </div>
                <canvas node_ref=overview class="tl-audio-overview" style:height=format!("{OVERVIEW}px")
                    on:pointerdown=overview_down on:pointermove=overview_move on:pointerup=overview_up
                    on:pointercancel=overview_up></canvas>
            </div>
            {message}
        </section>
    }
    .into_any()
}

/// Why the browser cannot play a sound, and what would help.
fn media_error(element: &HtmlMediaElement, url: &str) -> String {
    match element.error().map(|e| e.code()) {
        Some(2) => format!("The connection broke while loading {url}. Try again."),
        Some(3) => format!("This browser cannot decode {url}. Convert it to MP3, M4A or WAV."),
        _ => format!(
            "This browser cannot play {url}: the file is missing, may not be read, or has a codec it does not know. MP3, \
             M4A (AAC) and WAV work everywhere."
        ),
    }
}
