//! `Video`: picture, frame steps, timeline, box tracks and frame ranges (spec/tags.md 4.2, spec/results.md 3.12).
//!
//! Frame numbers come from the container, and the screen says where they come from when they do not. Playing, seeking and
//! stepping are the hub's work.

mod bar;
mod draw;
mod lanes;
mod picture;
mod pointer;
mod screen;
mod spec;
mod track;

use crate::context::use_editor;
use crate::fetch::Cancel;
use crate::frame_index;
use crate::media::NewMember;
use crate::tags::image::{Watch, mouse, pointer as pointer_of};
use bar::Bar;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use pointer::At;
use screen::{Screen, ScreenPort};
use std::rc::Rc;
use tagloom_editor::TreeNodes;
use tagloom_tags::NodeId;
use tagloom_tags::image::tools::Input;
use tagloom_video_sync::MemberKind;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlMediaElement, HtmlVideoElement, PointerEvent, WheelEvent};

/// The view of a Video tag.
pub(super) fn view(node: NodeId) -> AnyView {
    view! { <Video node/> }.into_any()
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

/// What the file itself says about why it cannot be played, where that says more than the browser does.
async fn explain(element: &HtmlMediaElement, url: &str, cancel: &Cancel) -> String {
    let browser = media_error(element, url);
    match frame_index::read(url, cancel).await {
        Err(frame_index::IndexError::Container(error)) => format!("This browser cannot play {url}: {error}."),
        Err(frame_index::IndexError::Fetch(error @ crate::fetch::FetchError::Status { .. })) => {
            error.to_string()
        }
        _ => browser,
    }
}

#[component]
fn Video(node: NodeId) -> impl IntoView {
    let context = use_editor();
    let spec = context.with(|e| spec::read(e.tree(), e.tree().node(node)));
    let Some(url) = spec.url.clone() else {
        let text = format!("{}: the field named by its value is missing in this task.", spec.name);
        return view! { <div class="tl-video-error" role="alert">{text}</div> }.into_any();
    };
    let screen = Screen::new(context, spec.clone());
    let kept = StoredValue::new_local(screen.clone());
    let video = NodeRef::<html::Video>::new();
    let stage = NodeRef::<html::Div>::new();
    let (lower, upper) = (NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new());
    let failure = RwSignal::new(None::<String>);
    let aspect = RwSignal::new(None::<(u32, u32)>);
    let cancel = StoredValue::new_local(Cancel::default());
    let media = Signal::derive_local(move || video.get().map(|v| v.unchecked_into::<HtmlMediaElement>()));
    let with = move |f: &dyn Fn(&Rc<Screen>)| {
        if let Some(screen) = kept.try_get_value() {
            f(&screen);
        }
    };

    // The member of the group, as soon as there is an element.
    {
        let (screen, spec) = (screen.clone(), spec.clone());
        let owner = Owner::current();
        video.on_load(move |element| {
            let element: HtmlMediaElement = element.unchecked_into();
            element.set_muted(spec.muted);
            element.set_default_playback_rate(spec.speed);
            element.set_playback_rate(spec.speed);
            let member = NewMember {
                object: spec.name.clone(),
                kind: MemberKind::Video,
                element: Some(element),
                embedded: false,
                port: Rc::new(ScreenPort(Rc::downgrade(&screen))),
            };
            let hub = context.hub();
            let handle = match owner {
                Some(owner) => owner.with(|| hub.join(member)),
                None => hub.join(member),
            };
            screen.set_handle(handle);
        });
    }

    // Frame times, once the length is known.
    let resolve = {
        let url = url.clone();
        move || {
            let (Some(element), Some(screen)) = (video.get_untracked(), kept.try_get_value()) else { return };
            let element: HtmlVideoElement = element.unchecked_into();
            let (width, height) = (element.video_width(), element.video_height());
            let (url, rate) = (url.clone(), screen.spec.rate);
            let stop = cancel.try_get_value().unwrap_or_default();
            if width == 0 || height == 0 {
                // Sound without pictures plays, but there is nothing to label.
                let media: HtmlMediaElement = element.unchecked_into();
                leptos::task::spawn_local(async move {
                    let text = explain(&media, &url, &stop).await;
                    let _ = failure.try_set(Some(text));
                });
                return;
            }
            aspect.set(Some((width, height)));
            screen.picture.show(f64::from(width), f64::from(height));
            leptos::task::spawn_local(async move {
                let resolved = frame_index::resolve(&element, &url, rate, &stop).await;
                screen.resolved(resolved);
            });
        }
    };
    let failed = {
        let url = url.clone();
        move |_| {
            let Some(element) = media.get_untracked() else { return };
            failure.set(Some(media_error(&element, &url)));
            let (url, stop) = (url.clone(), cancel.try_get_value().unwrap_or_default());
            leptos::task::spawn_local(async move {
                let text = explain(&element, &url, &stop).await;
                let _ = failure.try_set(Some(text));
            });
        }
    };
    let retry = move |_| {
        failure.set(None);
        if let Some(element) = media.get_untracked() {
            element.load();
        }
    };

    // Sizes.
    let watch = StoredValue::new_local(Vec::<Watch>::new());
    Effect::new(move |_| {
        let (Some(stage), Some(lower), Some(upper), Some(video)) =
            (stage.get(), lower.get(), upper.get(), video.get())
        else {
            return;
        };
        let Some(screen) = kept.try_get_value() else { return };
        screen.picture.attach(lower, upper, video.unchecked_into::<HtmlElement>());
        let (weak, measured) = (Rc::downgrade(&screen), stage.clone());
        let resized = move || {
            if let Some(screen) = weak.upgrade() {
                screen
                    .picture
                    .resize(f64::from(measured.client_width()), f64::from(measured.client_height()));
                screen.resize();
            }
        };
        resized();
        let stage: HtmlElement = stage.unchecked_into();
        let mut watched = vec![Watch::new(&stage, resized, || ())];
        if let Some(canvas) = screen.canvas.get() {
            let weak = Rc::downgrade(&screen);
            let resized = move || {
                if let Some(screen) = weak.upgrade() {
                    screen.resize();
                }
            };
            watched.push(Watch::new(&canvas, resized, || ()));
        }
        let _ = watch.try_update_value(|w| *w = watched);
    });

    // What the editor changes is drawn in the next frame.
    let revision = context.object_revision(&spec.name);
    Effect::new(move |_| {
        revision.track();
        context.flags().track();
        context.read_only().track();
        context.hovered.track();
        context.settings().track();
        with(&|s| s.regions_stale());
    });
    Effect::new(move |_| {
        context.armed().track();
        with(&|s| {
            s.labels_changed();
            s.regions_stale();
        });
    });
    Effect::new(move |before: Option<()>| {
        context.selection().track();
        if before.is_some() {
            with(&|s| {
                s.regions_stale();
                s.follow_selection();
            });
        }
    });
    Effect::new(move |before: Option<()>| {
        screen_compat(kept).track();
        if before.is_some() {
            with(&|s| s.renumber());
        }
    });

    let command = |name: &'static str, run: fn(&Rc<Screen>)| {
        context.on_command(name, move || with(&run));
    };
    command("media:playpause", |s| {
        if let Some(handle) = s.handle() {
            handle.toggle();
        }
    });
    command("video:backward", |s| s.step(-1));
    command("video:forward", |s| s.step(1));
    command("video:frame-backward", |s| s.step(-1));
    command("video:frame-forward", |s| s.step(1));
    command("video:frame-backward-large", |s| s.step(-10));
    command("video:frame-forward-large", |s| s.step(10));
    command("media:step-backward", |s| s.step(-1));
    command("media:step-forward", |s| s.step(1));
    command("video:hop-backward", |s| s.step(-hop(s)));
    command("video:hop-forward", |s| s.step(hop(s)));
    command("video:rewind", |s| s.go(1));
    command("video:fastforward", |s| s.go(s.count()));
    command("video:keyframe-backward", |s| bar::to_keyframe(s, false));
    command("video:keyframe-forward", |s| bar::to_keyframe(s, true));
    command("video:keyframe", |s| bar::keyframe(s));
    command("video:life", |s| bar::life(s));
    // The same key plays regions of other objects.
    context.on_command_if("video:loop", move || {
        let own = kept.try_get_value().filter(|s| s.selected_span().is_some());
        own.inspect(|s| s.loop_selected()).is_some()
    });
    command("media:goto", |s| bar::focus_goto(s));
    if spec.has_timeline {
        // The same keys mark a series beside it: whose label is armed decides.
        let marks = move |run: fn(&Rc<Screen>)| {
            let own = kept.try_get_value().filter(|s| s.draws_ranges() || s.marking.borrow().is_some());
            own.inspect(run).is_some()
        };
        context.on_command_if("timeline:mark", move || marks(|s| s.mark_range(true)));
        context.on_command_if("timeline:instant", move || marks(Screen::mark_instant));
    }
    command("tool:zoom-in", |s| zoom(s, 1.0));
    command("tool:zoom-out", |s| zoom(s, -1.0));
    command("tool:zoom-to-fit", |s| {
        s.picture.fit();
        s.mark();
    });
    // Escape is offered only while there is something to take back; a listener in front of all others does that.
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() != "Escape" {
            return;
        }
        let taken = kept.try_get_value().is_some_and(|s| {
            let drawing = s.picture.is_active();
            if drawing {
                s.picture.input(&s, Input::Cancel);
            }
            pointer::cancel(&s) || drawing
        });
        if taken {
            event.prevent_default();
        }
    });
    let released = window_event_listener(ev::keyup, move |_| with(&|s| s.release_mark()));
    on_cleanup(move || {
        escape.remove();
        released.remove();
        if let Some(cancel) = cancel.try_get_value() {
            cancel.cancel();
        }
        let _ = watch.try_update_value(Vec::clear);
    });

    let feed = move |make: fn(tagloom_tags::image::tools::Pointer) -> Input, event: &PointerEvent| {
        if let (Some(screen), Some(stage)) = (kept.try_get_value(), stage.get_untracked()) {
            screen.picture.input(&screen, make(pointer_of(event, &stage, false)));
        }
    };
    let wheel = move |event: WheelEvent| {
        let (Some(screen), Some(stage)) = (kept.try_get_value(), stage.get_untracked()) else { return };
        // Shift and the wheel zoom the picture; the wheel alone scrolls the page.
        if !(event.shift_key() || event.ctrl_key() || event.meta_key()) {
            return;
        }
        event.prevent_default();
        let delta = if event.delta_y() != 0.0 { event.delta_y() } else { event.delta_x() };
        let at = mouse(&event, &stage, false).at;
        screen.picture.zoom_by(if delta < 0.0 { 1.0 } else { -1.0 }, Some(at));
        screen.mark();
    };
    let canvas = screen.canvas;
    let at = move |event: &web_sys::MouseEvent| {
        let rect = canvas.get_untracked().map(|c| c.get_bounding_client_rect());
        let (left, top) = rect.map_or((0.0, 0.0), |r| (r.left(), r.top()));
        At {
            x: f64::from(event.client_x()) - left,
            y: f64::from(event.client_y()) - top,
            add: event.ctrl_key() || event.meta_key(),
        }
    };
    let timeline_cursor = RwSignal::new("default");
    let timeline_wheel = move |event: WheelEvent| {
        let Some(screen) = kept.try_get_value() else { return };
        let (dx, dy) = (event.delta_x(), event.delta_y());
        let window = screen.window.get();
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            let factor = if dy < 0.0 { 0.8 } else { 1.25 };
            screen.window.set(window.zoomed(factor, at(&event).x, screen.timeline_width()));
        } else if event.shift_key() || dx != 0.0 {
            event.prevent_default();
            let by = if dx != 0.0 { dx } else { dy };
            screen.window.set(window.panned(by / screen.timeline_width().max(1.0) * window.span()));
        } else if screen.most_scroll() > 0.0 {
            let next = (screen.scroll.get() + dy).clamp(0.0, screen.most_scroll());
            if next == screen.scroll.get() {
                return;
            }
            event.prevent_default();
            screen.scroll.set(next);
        } else {
            return;
        }
        screen.mark();
    };

    let broken = move || failure.get().is_some();
    let height = spec.height;
    let lanes_shown = screen.lane_count;
    let fixed = spec.timeline_height;
    let timeline_height = move || {
        let lanes = lanes_shown.get().clamp(2, 8) as f64 * lanes::LANE + lanes::RULER + 4.0;
        format!("{}px", fixed.unwrap_or(lanes))
    };
    let (notices, contradiction, compat) = (screen.notices, screen.contradiction, screen.compat);
    let cursor = screen.cursor_style;
    let on_metadata = resolve.clone();
    let label = format!("Timeline of {}: frames from left to right, a lane for each region", spec.name);
    view! {
        <section node_ref=screen.root class="tl-video" aria-label=format!("Video {}", spec.name)>
            <div node_ref=stage class="tl-video-stage" tabindex="0" style:max-height=format!("{height}px")
                style:aspect-ratio=move || aspect.get().map_or_else(|| "16 / 9".to_owned(), |(w, h)| format!("{w} / {h}"))
                style:cursor=move || cursor.get()
                on:mousedown=move |event| event.prevent_default()
                on:pointerdown=move |event: PointerEvent| {
                    if let Some(stage) = stage.get_untracked() {
                        // Refused for synthetic events only, which then simply are not followed outside.
                        let _ = stage.set_pointer_capture(event.pointer_id());
                        let _ = stage.focus();
                    }
                    feed(Input::Down, &event);
                }
                on:pointermove=move |event: PointerEvent| feed(Input::Move, &event)
                on:pointerup=move |event: PointerEvent| feed(Input::Up, &event)
                on:pointercancel=move |event: PointerEvent| feed(Input::Lost, &event)
                on:pointerleave=move |_| with(&|s| s.picture.input(s, Input::Leave))
                on:wheel=wheel>
                <video node_ref=video src=url preload="auto" playsinline hidden=broken
                    on:loadedmetadata=move |_| on_metadata() on:error=failed></video>
                <canvas node_ref=lower class="tl-video-layer" hidden=broken></canvas>
                <canvas node_ref=upper class="tl-video-layer" hidden=broken></canvas>
                <Show when=broken>
                    <div class="tl-video-error" role="alert">
                        <p>{move || failure.get()}</p>
                        <button type="button" class="tl-button" on:click=retry>"Try again"</button>
                    </div>
                </Show>
            </div>
            <Show when=move || !broken()>
                <Bar kept media/>
            </Show>
            <div class="tl-video-timeline" hidden=broken style:height=timeline_height>
                <canvas node_ref=canvas role="img" aria-label=label style:cursor=move || timeline_cursor.get()
                    on:pointerdown=move |event: PointerEvent| {
                        if event.button() != 0 {
                            return;
                        }
                        event.prevent_default();
                        if let Some(canvas) = canvas.get_untracked() {
                            let _ = canvas.set_pointer_capture(event.pointer_id());
                        }
                        let at = at(&event);
                        with(&|s| pointer::down(s, at));
                    }
                    on:pointermove=move |event: PointerEvent| {
                        let at = at(&event);
                        with(&|s| {
                            pointer::moved(s, at);
                            let now = pointer::cursor(s, at);
                            if timeline_cursor.get_untracked() != now {
                                timeline_cursor.set(now);
                            }
                        });
                    }
                    on:pointerup=move |event: PointerEvent| {
                        let at = at(&event);
                        with(&|s| pointer::up(s, at));
                    }
                    on:pointercancel=move |_| with(&|s| { pointer::cancel(s); })
                    on:pointerleave=move |_| {
                        if context.hovered.get_untracked().is_some() {
                            context.hovered.set(None);
                        }
                    }
                    on:dblclick=move |event: web_sys::MouseEvent| {
                        let at = at(&event);
                        with(&|s| pointer::double_click(s, at));
                    }
                    on:wheel=timeline_wheel></canvas>
            </div>
            {move || notices.get().into_iter().map(|text| view! { <p class="tl-video-note">{text}</p> }).collect_view()}
            {move || contradiction.get().map(|c| view! {
                <p class="tl-video-note" role="status">
                    {format!("{c}. Frames are numbered as ")}
                    <select class="tl-select" aria-label="How frames are numbered" on:change=move |e| compat.set(event_target_value(&e) == "compat")>
                        <option value="container" selected=move || !compat.get()>"the file has them"</option>
                        <option value="compat" selected=move || compat.get()>{format!("declared ({} per second), for projects begun that way", c.declared)}</option>
                    </select>
                </p>
            })}
        </section>
    }
    .into_any()
}

fn screen_compat(kept: StoredValue<Rc<Screen>, LocalStorage>) -> RwSignal<bool> {
    kept.with_value(|s| s.compat)
}

fn hop(screen: &Screen) -> i64 {
    i64::from(screen.ctx.try_with(|e| e.settings().video_hop_size).unwrap_or(10))
}

fn zoom(screen: &Rc<Screen>, steps: f64) {
    screen.picture.zoom_by(steps, None);
    screen.mark();
}
