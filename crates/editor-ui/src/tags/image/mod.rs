//! `Image`: a picture to look at and to draw regions on (spec/tags.md 4.3, 5.4, 6.2).
//!
//! The picture is an element that the compositor moves; above it lie two canvases, one for resting regions and one for
//! what is touched. What the hand does goes through [`controller::Controller`] to the tools, and comes back as actions.

mod bars;
mod commit;
mod controller;
mod events;
mod load;
mod options;
mod read;
mod remember;
mod states;
mod toolbar;
mod watch;

use crate::context::use_editor;
use crate::fetch::{Cancel, Progress};
use bars::{Pages, Slider, Status};
use controller::Controller;
/// DOM events and sizes as other pictures need them too.
pub(in crate::tags) use events::{mouse, pointer};
use leptos::html;
use leptos::prelude::*;
use load::Failure;
use options::ImageOptions;
use read::expected_size;
use states::{Failed, Loading, State};
use std::cell::RefCell;
use std::rc::Rc;
use tagloom_editor::{Action, TreeNodes};
use tagloom_tags::NodeId;
use tagloom_tags::image::tools::Input;
use toolbar::{Toolbar, offer_commands};
use wasm_bindgen::JsCast;
pub(in crate::tags) use watch::Watch;
use web_sys::{Element, PointerEvent};

/// Neighbours that are loaded ahead, to either side.
const AHEAD: usize = 3;

/// The view of an Image tag.
pub(super) fn view(node: NodeId) -> AnyView {
    view! { <Image node/> }.into_any()
}

#[component]
fn Image(node: NodeId) -> impl IntoView {
    let ctx = use_editor();
    let options = Rc::new(ctx.with(|e| ImageOptions::read(e.tree(), e.tree().node(node))));
    let name = options.name.clone();
    let urls = match options.urls.clone() {
        Ok(urls) => urls,
        Err(cause) => {
            let failure = Failure::missing(cause);
            return view! {
                <div class="tl-image"><Failed failure retry=Callback::new(|()| {})/></div>
            }
            .into_any();
        }
    };
    let count = urls.len() as u64;
    let several = count > 1;
    let shared = Controller::new(ctx, options.clone());
    let controller = StoredValue::new_local(shared.clone());
    offer_commands(ctx, &shared);

    let index = {
        let name = name.clone();
        Memo::new(move |_| {
            ctx.items().track();
            ctx.with(|e| e.item_index(&name)).min(count.saturating_sub(1))
        })
    };
    let state = RwSignal::new(State::Waiting);
    let attempt = RwSignal::new(0u32);
    let in_sight = RwSignal::new(false);
    let brightness = RwSignal::new(100.0);
    let contrast = RwSignal::new(100.0);

    let stage = NodeRef::<html::Div>::new();
    let holder = NodeRef::<html::Div>::new();
    let lower = NodeRef::<html::Canvas>::new();
    let upper = NodeRef::<html::Canvas>::new();

    // The stage is there: canvases, sizes, keys.
    let keys = StoredValue::new_local(events::WindowKeys::listen(&shared));
    let watch = StoredValue::new_local(None::<Watch>);
    Effect::new(move |_| {
        let (Some(stage), Some(lower), Some(upper)) = (stage.get(), lower.get(), upper.get()) else { return };
        let Some(c) = controller.try_get_value() else { return };
        c.attach(lower, upper);
        let element: Element = stage.unchecked_into();
        let (weak, measured) = (Rc::downgrade(&c), element.clone());
        let resized = move || {
            if let Some(c) = weak.upgrade() {
                let rect = measured.get_bounding_client_rect();
                c.resize(rect.width(), rect.height());
            }
        };
        resized();
        let watched = Watch::new(&element, resized, move || {
            if in_sight.try_get_untracked() == Some(false) {
                in_sight.set(true);
            }
        });
        if watched.sight.is_none() {
            in_sight.set(true);
        }
        let _ = watch.try_update_value(|w| *w = Some(watched));
    });

    // Loading, one picture at a time; a later one stops the one before.
    let running = StoredValue::new_local(Rc::new(RefCell::new(None::<Cancel>)));
    let ahead = StoredValue::new_local(Vec::new());
    let stop_loading = move || {
        if let Some(cancel) = running.try_get_value().and_then(|r| r.borrow_mut().take()) {
            cancel.cancel();
        }
    };
    {
        let (options, urls, name) = (options.clone(), urls.clone(), name.clone());
        Effect::new(move |_| {
            let item = index.get();
            attempt.track();
            let (true, Some(holder)) = (in_sight.get(), holder.get()) else { return };
            let Some(c) = controller.try_get_value() else { return };
            stop_loading();
            c.clear();
            if let Some(size) = ctx.with(|e| expected_size(e, &name, several.then_some(item))) {
                c.aspect.set(Some(size));
            }
            let Some(url) = urls.get(item as usize).cloned() else { return };
            let cancel = Cancel::default();
            if let Some(r) = running.try_get_value() {
                *r.borrow_mut() = Some(cancel.clone());
            }
            state.set(State::Loading(Progress::default()));
            let cross_origin = options.cross_origin;
            let (at, near) = (item as usize, urls.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let mut told = 0u64;
                let loaded = load::load(&url, cross_origin, &cancel, |p| {
                    // A fast connection brings thousands of pieces; the bar needs some dozens.
                    if p.loaded - told > 65_536 || p.total == Some(p.loaded) {
                        told = p.loaded;
                        let _ = state.try_set(State::Loading(p));
                    }
                })
                .await;
                let current = running.try_get_value().is_some_and(|r| {
                    // Cancelled by a person this is still the picture at hand; by another page it is not.
                    !cancel.is_cancelled() || r.borrow().is_none()
                });
                if !current {
                    return;
                }
                match loaded {
                    Ok(picture) => {
                        if cancel.is_cancelled() {
                            return;
                        }
                        c.show(&holder, &picture, item);
                        let _ = state.try_set(State::Ready { unreadable: picture.unreadable });
                        let range = at.saturating_sub(AHEAD)..(at + AHEAD + 1).min(near.len());
                        let others = range.filter(|i| *i != at);
                        let kept: Vec<_> =
                            others.filter_map(|i| load::preload(near.get(i)?, cross_origin)).collect();
                        let _ = ahead.try_update_value(|a| *a = kept);
                    }
                    Err(failure) => {
                        let _ = state.try_set(State::Failed(failure));
                    }
                }
            });
        });
    }

    // What the editor changes is drawn in the next frame.
    let revision = ctx.object_revision(&name);
    let tool = ctx.tool(&name);
    Effect::new(move |_| {
        revision.track();
        ctx.armed().track();
        ctx.flags().track();
        ctx.read_only().track();
        tool.track();
        if let Some(c) = controller.try_get_value() {
            c.regions_stale();
        }
    });
    Effect::new(move |_| {
        ctx.settings().track();
        if let Some(c) = controller.try_get_value() {
            c.looks_stale();
        }
    });
    Effect::new(move |_| {
        let hovered = ctx.hovered.get();
        if let Some(c) = controller.try_get_value() {
            c.hover(hovered);
        }
    });

    // The tool of this image, as it was left.
    {
        let options = options.clone();
        let recalled = ctx
            .with(|e| e.settings().preserve_selected_tool && e.armed().is_empty())
            .then(|| remember::recall(&options))
            .flatten();
        if let Some(tool) = recalled {
            ctx.dispatch(Action::SetTool { object: name.clone(), tool });
        }
        Effect::new(move |before: Option<()>| {
            let now = tool.get();
            if before.is_some() && ctx.with(|e| e.settings().preserve_selected_tool) {
                remember::remember(now, &options);
            }
        });
    }

    on_cleanup(move || {
        stop_loading();
        let _ = watch.try_update_value(|w| *w = None);
        keys.try_with_value(events::WindowKeys::stop);
        if let Some(c) = controller.try_get_value() {
            c.stop();
        }
    });

    let space = move || keys.try_with_value(|k| k.space.get()).unwrap_or(false);
    let feed = move |make: fn(tagloom_tags::image::tools::Pointer) -> Input, event: &PointerEvent| {
        if let (Some(c), Some(stage)) = (controller.try_get_value(), stage.get_untracked()) {
            c.input(make(events::pointer(event, &stage, space())));
        }
    };
    let (aspect, cursor, readout) = (shared.aspect, shared.cursor, shared.readout);
    let note = Signal::derive(move || match state.get() {
        State::Ready { unreadable: true } => Some(
            "The server does not allow this page to read the pixels (CORS); tools that need them will not work.",
        ),
        _ => None,
    });
    let (fixed_height, has_sliders) = (options.height.clone(), options.brightness || options.contrast);
    let (with_brightness, with_contrast) = (options.brightness, options.contrast);
    let (width, max_width, max_height) =
        (options.width.clone(), options.max_width.clone(), options.max_height.clone());
    let by_picture = fixed_height.is_none();

    view! {
        <div class="tl-image">
            <Toolbar controller/>
            <div class="tl-image-main">
                {(several || has_sliders).then(|| view! {
                    <div class="tl-image-bar">
                        {several.then(|| view! { <Pages ctx object=name.clone() index=index.into() count/> })}
                        {with_brightness.then(|| view! { <Slider text="Brightness" value=brightness/> })}
                        {with_contrast.then(|| view! { <Slider text="Contrast" value=contrast/> })}
                    </div>
                })}
                <div
                    node_ref=stage
                    class="tl-image-stage"
                    tabindex="0"
                    role="application"
                    aria-label=format!("Image {name}: draw and change regions")
                    style:width=width
                    style:max-width=max_width
                    style:height=fixed_height
                    style:max-height=max_height
                    style:aspect-ratio=move || {
                        aspect.get().filter(|_| by_picture).map(|(w, h)| format!("{w} / {h}"))
                    }
                    style:cursor=move || cursor.get()
                    on:mousedown=move |event| {
                        // No text selection, no scrolling by the middle button; focus without a jump of the page.
                        event.prevent_default();
                        if let Some(stage) = stage.get_untracked() {
                            let calm = web_sys::FocusOptions::new();
                            calm.set_prevent_scroll(true);
                            let _ = stage.focus_with_options(&calm);
                        }
                    }
                    on:pointerdown=move |event: PointerEvent| {
                        // Without a picture there are only buttons, and capturing would take their clicks away.
                        if !controller.try_with_value(|c| c.is_showing()).unwrap_or(false) {
                            return;
                        }
                        if let Some(stage) = stage.get_untracked() {
                            // Refused for synthetic events only, which then simply are not followed outside.
                            let _ = stage.set_pointer_capture(event.pointer_id());
                        }
                        feed(Input::Down, &event);
                    }
                    on:pointermove=move |event| feed(Input::Move, &event)
                    on:pointerup=move |event| feed(Input::Up, &event)
                    on:pointercancel=move |event| feed(Input::Lost, &event)
                    on:pointerleave=move |_| {
                        if let Some(c) = controller.try_get_value() {
                            c.input(Input::Leave);
                        }
                    }
                    on:dblclick=move |event| {
                        if let (Some(c), Some(stage)) = (controller.try_get_value(), stage.get_untracked()) {
                            c.input(Input::DoubleClick(events::mouse(&event, &stage, space())));
                        }
                    }
                    on:wheel=move |event| {
                        if let (Some(c), Some(stage)) = (controller.try_get_value(), stage.get_untracked()) {
                            let inverted = ctx.with(|e| e.settings().inverted_zoom);
                            if events::on_wheel(&event, &stage, &c, inverted) {
                                event.prevent_default();
                            }
                        }
                    }
                    on:keydown=move |event| {
                        if controller.try_with_value(|c| events::on_key(&event, c)).unwrap_or(false) {
                            event.prevent_default();
                            event.stop_propagation();
                        }
                    }
                >
                    <div
                        node_ref=holder
                        class="tl-image-media"
                        style:filter=move || {
                            let (b, c) = (brightness.get(), contrast.get());
                            (b != 100.0 || c != 100.0).then(|| format!("brightness({b}%) contrast({c}%)"))
                        }
                    ></div>
                    <canvas node_ref=lower class="tl-image-layer"></canvas>
                    <canvas node_ref=upper class="tl-image-layer"></canvas>
                    {move || match state.get() {
                        State::Waiting | State::Ready { .. } => ().into_any(),
                        State::Loading(progress) => {
                            let cancel = Callback::new(move |()| stop_loading());
                            view! { <Loading progress cancel/> }.into_any()
                        }
                        State::Failed(failure) => {
                            let retry = Callback::new(move |()| attempt.update(|n| *n += 1));
                            view! { <Failed failure retry/> }.into_any()
                        }
                    }}
                </div>
                <Status readout note/>
            </div>
        </div>
    }
    .into_any()
}
