//! The plot as a component: its canvases, its toolbar, and what keeps it up to date.

use super::draw::{self, OVERVIEW};
use super::keys;
use super::pointer::overview_up;
use super::screen::{Elements, Screen, Shared, Signals};
use super::sync::toggle_guides;
use super::{Model, SendModel};
use crate::components::{IconButton, with_key};
use crate::context::use_editor;
use crate::icons;
use leptos::html;
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_timeseries::ViewWindow;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, PointerEvent, ResizeObserver, WheelEvent};

/// Calls the screen, if it is still there.
type With = Rc<dyn Fn(&dyn Fn(&Shared))>;

/// The canvases take the width of their frame.
fn follow_size(screen: &Shared) {
    let kept = screen.clone();
    screen.elements.frame.on_load(move |element| {
        let observed = Rc::downgrade(&kept);
        let target = element.clone();
        let resized = Closure::<dyn FnMut()>::new(move || {
            if let Some(screen) = observed.upgrade() {
                screen.width.set(f64::from(target.client_width()).max(120.0));
                screen.mark(true);
            }
        });
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = send_wrapper::SendWrapper::new((observer, resized));
            on_cleanup(move || kept.0.disconnect());
        }
        kept.width.set(f64::from(element.client_width()).max(120.0));
        kept.mark(true);
    });
}

/// A wheel listener that may keep the page from scrolling, which a delegated one may not.
fn listen_to_wheel(screen: &Shared) {
    let kept = screen.clone();
    screen.elements.frame.on_load(move |element| {
        let screen = Rc::downgrade(&kept);
        let turned = Closure::<dyn FnMut(WheelEvent)>::new(move |event: WheelEvent| {
            if let Some(screen) = screen.upgrade() {
                screen.wheel(&event);
            }
        });
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        let callback = turned.as_ref().unchecked_ref();
        // An element takes any listener; there is nothing to handle.
        let _ = element
            .add_event_listener_with_callback_and_add_event_listener_options("wheel", callback, &options);
        let kept = send_wrapper::SendWrapper::new((element, turned));
        on_cleanup(move || {
            let callback = kept.1.as_ref().unchecked_ref();
            let _ = kept.0.remove_event_listener_with_callback("wheel", callback);
        });
    });
}

#[component]
pub(super) fn Plot(model: SendModel) -> impl IntoView {
    let context = use_editor();
    let model: Model = (*model.0).clone();
    let height = draw::layout(&model.borrow()).1;
    let signals = Signals {
        readout: RwSignal::new(String::new()),
        suspended: RwSignal::new(false),
        guided: RwSignal::new(false),
        pans: RwSignal::new(false),
        goes: RwSignal::new(false),
    };
    let elements = Elements::default();
    let screen = Screen::new(context, model, elements, signals);
    screen.join(&context.hub());
    follow_size(&screen);
    listen_to_wheel(&screen);
    keys::offer(&screen);
    keys::listen(&screen);
    let revision = context.object_revision(&screen.name);
    let kept = StoredValue::new_local(screen.clone());
    let with = move |f: &dyn Fn(&Shared)| {
        if let Some(screen) = kept.try_get_value() {
            f(&screen);
        }
    };
    let armed = context.armed();
    let hovered = context.hovered;
    let settings = context.settings();
    Effect::new(move |_| {
        revision.track();
        armed.track();
        settings.track();
        with(&|s| {
            s.read_regions();
            s.selection_changed();
            s.mark(false);
        });
    });
    Effect::new(move |_| {
        hovered.track();
        with(&|s| s.mark(false));
    });
    screen.tell();

    view! {
        <Bar signals act=Rc::new(with)/>
        <div class="tl-series-frame" node_ref=elements.frame tabindex="0" aria-label="Series plot">
            <div class="tl-series-plot" style:height=format!("{height}px")>
                <canvas node_ref=elements.base></canvas>
                <canvas node_ref=elements.overlay class="tl-series-overlay"
                    on:pointerdown=move |e: PointerEvent| with(&|s| s.pointer_down(&e))
                    on:pointermove=move |e: PointerEvent| with(&|s| s.pointer_moved(&e))
                    on:pointerup=move |e: PointerEvent| with(&|s| s.pointer_up(&e))
                    on:pointercancel=move |_| with(&|s| s.pointer_lost())
                    on:pointerleave=move |_| with(&|s| s.pointer_left())></canvas>
            </div>
            <div class="tl-series-overview" style:height=format!("{OVERVIEW}px")>
                <canvas node_ref=elements.overview_lines></canvas>
                <canvas node_ref=elements.overview
                    on:pointerdown=move |e: PointerEvent| with(&|s| s.overview_down(&e))
                    on:pointermove=move |e: PointerEvent| with(&|s| s.overview_moved(&e))
                    on:pointerup=move |_| with(&overview_up)
                    on:pointercancel=move |_| with(&overview_up)></canvas>
            </div>
        </div>
    }
}

#[component]
fn Bar(signals: Signals, act: With) -> impl IntoView {
    let context = use_editor();
    let act = StoredValue::new_local(act);
    let with = move |f: &dyn Fn(&Shared)| {
        if let Some(act) = act.try_get_value() {
            act(f);
        }
    };
    let title = move |label: &'static str, command: &'static str| with_key(&context, label, command);
    view! {
        <div class="tl-series-bar" role="toolbar" aria-label="Series view">
            <IconButton glyph=icons::ZOOM_IN label="Zoom in" title=title("Zoom in", "ts:zoom-in")
                on_click=move || with(&|s| s.zoom(2.0))/>
            <IconButton glyph=icons::ZOOM_OUT label="Zoom out" title=title("Zoom out", "ts:zoom-out")
                on_click=move || with(&|s| s.zoom(0.5))/>
            <button type="button" class="tl-button" title=title("Show everything", "ts:fit")
                on:click=move |_| with(&|s| s.window_changed(ViewWindow::fit, false))>"Fit"</button>
            <IconButton glyph=icons::PAN label="Pan by dragging" title="Pan by dragging (hold Space)"
                pressed=signals.pans on_click=move || signals.pans.update(|on| *on = !*on)/>
            <GoTo goes=signals.goes act=Rc::new(with)/>
            <Show when=move || signals.guided.get()>
                <Guides act=Rc::new(with)/>
            </Show>
            <Show when=move || signals.suspended.get()>
                <button type="button" class="tl-button" on:click=move |_| with(&|s| s.back_to_playhead())>"Back to playhead"</button>
            </Show>
            <output class="tl-series-readout tl-num">{move || signals.readout.get()}</output>
        </div>
    }
}

/// Switches the regions of the other sources, which are shown as thin bars.
#[component]
fn Guides(act: With) -> impl IntoView {
    let shown = RwSignal::new(true);
    let act = StoredValue::new_local(act);
    view! {
        <IconButton glyph=icons::TIMELINE label="Regions of the other sources" pressed=shown
            on_click=move || {
                shown.update(|on| *on = !*on);
                act.with_value(|act| act(&|s| toggle_guides(s)));
            }/>
    }
}

/// The go-to box: a button that becomes a field.
#[component]
fn GoTo(goes: RwSignal<bool>, act: With) -> impl IntoView {
    let context = use_editor();
    let act = StoredValue::new_local(act);
    let wrong = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if goes.get()
            && let Some(field) = field.get()
        {
            // A field on the screen can be focused; nothing depends on it.
            let _ = field.focus();
        }
    });
    let go = move || {
        let text = field.get_untracked().map(|f| f.value()).unwrap_or_default();
        act.with_value(|act| {
            act(&|s| {
                let found = s.model.try_borrow().ok().and_then(|m| m.find_time(&text));
                match found {
                    Some(at) => {
                        s.go(at);
                        goes.set(false);
                    }
                    None => wrong.set(true),
                }
            });
        });
    };
    let key = move |e: web_sys::KeyboardEvent| match e.key().as_str() {
        "Enter" => {
            e.prevent_default();
            go();
        }
        "Escape" => {
            e.stop_propagation();
            goes.set(false);
        }
        _ => wrong.set(false),
    };
    let title = with_key(&context, "Go to a time, a date or a sample", "ts:goto");
    view! {
        <Show when=move || goes.get()
            fallback=move || view! {
                <button type="button" class="tl-button" title=title.clone() on:click=move |_| goes.set(true)>"Go to…"</button>
            }>
            <input type="text" class="tl-input tl-series-goto" node_ref=field aria-label="Go to"
                placeholder="12.5 · 1:02:03 · #120 · date" aria-invalid=move || wrong.get().to_string()
                on:keydown=key on:blur=move |_| { goes.set(false); wrong.set(false); }/>
            <Show when=move || wrong.get()>
                <span class="tl-series-bad" role="alert">"This names no time of the series"</span>
            </Show>
        </Show>
    }
}
