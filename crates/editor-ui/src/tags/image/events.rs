//! DOM events as the tools understand them.

use super::controller::Controller;
use js_sys::Reflect;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tagloom_region_geometry::{Point, ScreenPoint};
use tagloom_tags::image::tools::{Button, Device, Input, Modifiers, Pointer, Wheel, WheelRules, wheel};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

/// `clientX` and `clientY` with their fractions, which the typed bindings cut off.
fn client(event: &MouseEvent) -> (f64, f64) {
    let number = |key: &str| Reflect::get(event, &JsValue::from_str(key)).ok().and_then(|v| v.as_f64());
    (
        number("clientX").unwrap_or_else(|| f64::from(event.client_x())),
        number("clientY").unwrap_or_else(|| f64::from(event.client_y())),
    )
}

fn position(event: &MouseEvent, stage: &Element) -> ScreenPoint {
    let (x, y) = client(event);
    let rect = stage.get_bounding_client_rect();
    Point::new(x - rect.left(), y - rect.top())
}

fn modifiers(event: &MouseEvent, space: bool) -> Modifiers {
    Modifiers {
        ctrl: event.ctrl_key() || event.meta_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
        space,
    }
}

/// A pointer event as the tools see it.
pub(in crate::tags) fn pointer(event: &PointerEvent, stage: &Element, space: bool) -> Pointer {
    let device = match event.pointer_type().as_str() {
        "touch" => Device::Touch,
        "pen" => Device::Pen,
        _ => Device::Mouse,
    };
    Pointer { id: event.pointer_id(), device, ..mouse(event, stage, space) }
}

/// A mouse event that is no pointer event (`dblclick` in older browsers).
pub(in crate::tags) fn mouse(event: &MouseEvent, stage: &Element, space: bool) -> Pointer {
    let button = match event.button() {
        1 => Button::Middle,
        2 => Button::Secondary,
        _ => Button::Primary,
    };
    Pointer {
        id: 1,
        device: Device::Mouse,
        at: position(event, stage),
        button,
        modifiers: modifiers(event, space),
    }
}

/// A wheel event; says whether the page must not scroll.
pub(super) fn on_wheel(event: &WheelEvent, stage: &Element, controller: &Controller, inverted: bool) -> bool {
    // Lines and pages, where the browser does not count in pixels.
    let unit = match event.delta_mode() {
        1 => 16.0,
        2 => f64::from(stage.client_height()),
        _ => 1.0,
    };
    let options = &controller.options;
    let rules = WheelRules { enabled: options.zoom, step: options.zoom_by, inverted };
    let held = modifiers(event, false);
    match wheel(event.delta_x() * unit, event.delta_y() * unit, held, controller.zoom(), rules) {
        Wheel::Zoom { factor } => controller.zoom_by(factor, Some(position(event, stage))),
        Wheel::Pan(by) => controller.pan(by),
        Wheel::Pass => return false,
    }
    true
}

/// Arrow keys on the focused picture move the selected boxes; says whether the key was taken.
pub(super) fn on_key(event: &KeyboardEvent, controller: &Controller) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || !controller.can_nudge() {
        return false;
    }
    let by = if event.shift_key() { 10.0 } else { 1.0 };
    let (dx, dy) = match event.key().as_str() {
        "ArrowLeft" => (-by, 0.0),
        "ArrowRight" => (by, 0.0),
        "ArrowUp" => (0.0, -by),
        "ArrowDown" => (0.0, by),
        _ => return false,
    };
    controller.input(Input::Nudge { dx, dy });
    true
}

/// Whether a key belongs to what is being typed or pressed, not to the picture.
fn is_for_a_field(event: &Event) -> bool {
    // Inside a shadow root `target` is the host; the path has the real one.
    let Ok(target) = event.composed_path().get(0).dyn_into::<HtmlElement>() else { return false };
    let tag = target.tag_name();
    target.is_content_editable()
        || ["INPUT", "TEXTAREA", "SELECT", "BUTTON"].iter().any(|t| tag.eq_ignore_ascii_case(t))
}

type KeyListener = Closure<dyn FnMut(KeyboardEvent)>;

/// Listens to keys of the whole window while the picture is on screen: Escape ends a gesture before anybody else hears
/// of it, the space bar pans while the pointer is over the picture, modifiers change the pointer's shape.
pub(super) struct WindowKeys {
    listeners: RefCell<Vec<(&'static str, KeyListener)>>,
    pub(super) space: Rc<Cell<bool>>,
}

impl WindowKeys {
    pub(super) fn listen(controller: &Rc<Controller>) -> Self {
        let space = Rc::new(Cell::new(false));
        let mut listeners: Vec<(&'static str, KeyListener)> = Vec::new();
        for name in ["keydown", "keyup"] {
            let (controller, space) = (Rc::downgrade(controller), space.clone());
            let down = name == "keydown";
            let closure = Closure::new(move |event: KeyboardEvent| {
                let Some(controller) = controller.upgrade() else { return };
                let key = event.key();
                if down && key == "Escape" && controller.is_active() {
                    controller.input(Input::Cancel);
                    event.prevent_default();
                    event.stop_immediate_propagation();
                    return;
                }
                if key == " "
                    && !event.ctrl_key()
                    && !event.meta_key()
                    && !event.alt_key()
                    && !event.shift_key()
                {
                    let pans = down && controller.has_pointer() && !is_for_a_field(&event);
                    if pans {
                        // Else the page jumps by a screenful.
                        event.prevent_default();
                        event.stop_immediate_propagation();
                    }
                    space.set(pans);
                }
                let is_modifier = matches!(key.as_str(), "Control" | "Meta" | "Shift" | "Alt" | " ");
                if is_modifier && controller.has_pointer() {
                    controller.set_modifiers(Modifiers {
                        ctrl: event.ctrl_key() || event.meta_key(),
                        shift: event.shift_key(),
                        alt: event.alt_key(),
                        space: space.get(),
                    });
                }
            });
            listeners.push((name, closure));
        }
        if let Some(window) = web_sys::window() {
            for (name, closure) in &listeners {
                let callback = closure.as_ref().unchecked_ref();
                // A window takes any listener; there is nothing to handle.
                let _ = window.add_event_listener_with_callback_and_bool(name, callback, true);
            }
        }
        Self { listeners: RefCell::new(listeners), space }
    }

    pub(super) fn stop(&self) {
        let listeners = self.listeners.take();
        if let Some(window) = web_sys::window() {
            for (name, closure) in &listeners {
                let callback = closure.as_ref().unchecked_ref();
                let _ = window.remove_event_listener_with_callback_and_bool(name, callback, true);
            }
        }
    }
}
