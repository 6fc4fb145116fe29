//! Keys of the plot: the commands of the keymap, and those that need both ends of a press - the space bar, which pans, and
//! the keys of labels while the group plays (BR-3).

use super::screen::{Screen, Shared};
use crate::components::is_mac;
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_editor::{Action, KeyPress, KeyTarget, TreeNodes};
use tagloom_tags::NodeId;
use tagloom_timeseries::{BrushEvent, BrushTool, Edge, SegmentEvent, SegmentTool, ViewWindow};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{HtmlElement, KeyboardEvent};

/// The label of a boundary set by key: whichever is armed.
const ARMED: u64 = u64::MAX;

/// Offers the commands of the keymap while the calling view is mounted.
pub(super) fn offer(screen: &Shared) {
    let context = screen.context;
    // Of several series the one under the pointer is meant, else the last one on the screen.
    let run = |name: &'static str, f: fn(&Shared)| {
        let (over, any) = (Rc::downgrade(screen), Rc::downgrade(screen));
        context.on_command_if(name, move || {
            let screen = over.upgrade().filter(|s| s.has_pointer.get());
            screen.map(|screen| f(&screen)).is_some()
        });
        context.on_command(name, move || {
            if let Some(screen) = any.upgrade() {
                f(&screen);
            }
        });
    };
    run("ts:pan-left", |s| s.nudge_or_pan(Edge::Start, -1000.0, -0.1));
    run("ts:pan-right", |s| s.nudge_or_pan(Edge::End, 1000.0, 0.1));
    run("ts:pan-left-large", |s| s.nudge_or_pan(Edge::Start, -10_000.0, -0.5));
    run("ts:pan-right-large", |s| s.nudge_or_pan(Edge::End, 10_000.0, 0.5));
    run("ts:shrink-left", |s| s.nudge_or_pan(Edge::Start, 1000.0, -0.1));
    run("ts:shrink-right", |s| s.nudge_or_pan(Edge::End, -1000.0, 0.1));
    run("ts:shrink-left-large", |s| s.nudge_or_pan(Edge::Start, 10_000.0, -0.5));
    run("ts:shrink-right-large", |s| s.nudge_or_pan(Edge::End, -10_000.0, 0.5));
    run("ts:zoom-in", |s| s.zoom(2.0));
    run("ts:zoom-out", |s| s.zoom(0.5));
    run("ts:home", |s| s.window_changed(ViewWindow::home, false));
    run("ts:end", |s| s.window_changed(ViewWindow::end, false));
    run("ts:page-left", |s| s.window_changed(|w| w.page(-1.0), false));
    run("ts:page-right", |s| s.window_changed(|w| w.page(1.0), false));
    run("ts:fit", |s| s.window_changed(ViewWindow::fit, false));
    run("ts:goto", |s| s.signals.goes.set(true));
    run("ts:next-region", |s| s.step_region(true));
    run("ts:previous-region", |s| s.step_region(false));
    run("ts:play-region", |s| s.play_region());
    run("ts:instant", |s| {
        if let Some(at) = s.at_cursor() {
            s.create(at, at, true);
        }
    });
    run("ts:boundary", |s| {
        let Some(at) = s.at_cursor() else { return };
        let armed = |_: u64| {};
        s.segment(SegmentEvent::Down { label: ARMED, at, time_ms: 0.0 }, armed);
        s.segment(SegmentEvent::Up { label: ARMED, at, time_ms: 0.0 }, armed);
    });
    // Keys that a video beside the series has as well: a region of the series, or the pointer over it, says who is meant.
    let decide = |name: &'static str, f: fn(&Shared) -> bool| {
        let screen = Rc::downgrade(screen);
        context.on_command_if(name, move || screen.upgrade().is_some_and(|screen| f(&screen)));
    };
    decide("video:loop", |s| {
        let own = s.model.try_borrow().is_ok_and(|m| m.regions.iter().any(|r| r.selected && !r.instant));
        if own {
            s.play_region();
        }
        own
    });
    decide("media:goto", |s| {
        let over = s.has_pointer.get();
        if over {
            s.signals.goes.set(true);
        }
        over
    });
    run("media:playpause", |s| {
        if let Some(member) = s.handle() {
            member.toggle();
        }
    });
}

/// Whether a key belongs to what is being typed or pressed.
fn is_for_a_field(event: &KeyboardEvent) -> bool {
    // Inside a shadow root `target` is the host; the path has the real one.
    let Ok(target) = event.composed_path().get(0).dyn_into::<HtmlElement>() else { return false };
    let tag = target.tag_name();
    target.is_content_editable()
        || ["INPUT", "TEXTAREA", "SELECT", "BUTTON"].iter().any(|t| tag.eq_ignore_ascii_case(t))
}

fn press_of(event: &KeyboardEvent) -> KeyPress {
    KeyPress {
        key: event.key(),
        code: event.code(),
        ctrl: event.ctrl_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
        meta: event.meta_key(),
        mac: is_mac(),
    }
}

impl Screen {
    /// Where the cursor is, snapped to the nearest sample.
    fn at_cursor(&self) -> Option<f64> {
        let model = self.model.try_borrow().ok()?;
        model.cursor.map(|at| model.columns.axis.snap(at))
    }

    /// The label whose key this is, if it marks regions of this series.
    fn label_of(&self, event: &KeyboardEvent) -> Option<NodeId> {
        self.context.try_with(|e| {
            let tree = e.tree();
            let targets = e.keys(&press_of(event));
            targets.into_iter().find_map(|target| match target {
                KeyTarget::Tag(node) => tree
                    .control_around(node)
                    .filter(|c| c.kind == "timeserieslabels" && c.to_names.contains(&self.name))
                    .filter(|_| tree.node(node).kind == "label")
                    .map(|_| node),
                _ => None,
            })
        })?
    }

    /// Arms one label alone.
    fn arm(&self, label: NodeId) {
        let context = self.context;
        let control = context.try_with(|e| e.tree().control_around(label).map(|c| c.id)).flatten();
        let Some(control) = control else { return };
        // With regions selected, the label would be changed on them.
        context.dispatch(Action::Unselect);
        let armed = context.try_with(|e| e.armed().labels(control).to_vec()).unwrap_or_default();
        if armed != [label] {
            context.dispatch(Action::DisarmLabels);
            context.dispatch(Action::ToggleLabel { control, label });
        }
    }

    fn segment_by(self: &Rc<Self>, event: SegmentEvent) {
        let screen = self.clone();
        self.segment(event, move |label| {
            if label != ARMED {
                screen.arm(NodeId(label as _));
            }
        });
    }

    fn key_down(self: &Rc<Self>, event: &KeyboardEvent) {
        let stop = || {
            event.prevent_default();
            event.stop_immediate_propagation();
        };
        let key = event.key();
        let (brushing, marking) = match self.model.try_borrow() {
            Ok(m) => (m.brush != BrushTool::Idle, m.segment != SegmentTool::default()),
            Err(_) => return,
        };
        if key == "Escape" && (brushing || marking) {
            stop();
            if brushing {
                self.brush(BrushEvent::Cancel);
            }
            if marking {
                self.segment_by(SegmentEvent::Cancel);
            }
            return;
        }
        if is_for_a_field(event) {
            return;
        }
        let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key() && !event.shift_key();
        if key == " " && plain && self.has_pointer.get() {
            // Else the page jumps by a screenful.
            stop();
            self.space.set(true);
            return;
        }
        if !self.playing.get() || !plain {
            return;
        }
        let Some(label) = self.label_of(event) else { return };
        stop();
        let at = self.model.try_borrow().ok().and_then(|m| m.cursor);
        if let Some(at) = at.filter(|_| !event.repeat()) {
            self.segment_by(SegmentEvent::Down {
                label: u64::from(label.0),
                at,
                time_ms: event.time_stamp(),
            });
        }
    }

    fn key_up(self: &Rc<Self>, event: &KeyboardEvent) {
        if event.key() == " " {
            self.space.set(false);
        }
        let marking = self.model.try_borrow().is_ok_and(|m| m.segment != SegmentTool::default());
        if !marking {
            return;
        }
        let at = self.model.try_borrow().ok().and_then(|m| m.cursor);
        if let (Some(label), Some(at)) = (self.label_of(event), at) {
            self.segment_by(SegmentEvent::Up { label: u64::from(label.0), at, time_ms: event.time_stamp() });
        }
    }
}

type Listener = Closure<dyn FnMut(KeyboardEvent)>;

/// Listens to both ends of key presses, before anybody else does, while the calling view is mounted.
pub(super) fn listen(screen: &Shared) {
    let listeners: Vec<(&'static str, Listener)> = ["keydown", "keyup"]
        .into_iter()
        .map(|name| {
            let screen = Rc::downgrade(screen);
            let closure = Closure::new(move |event: KeyboardEvent| {
                let Some(screen) = screen.upgrade() else { return };
                if name == "keydown" { screen.key_down(&event) } else { screen.key_up(&event) }
            });
            (name, closure)
        })
        .collect();
    let Some(window) = web_sys::window() else { return };
    for (name, closure) in &listeners {
        // A window takes any listener; there is nothing to handle.
        let _ =
            window.add_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true);
    }
    let kept = send_wrapper::SendWrapper::new(listeners);
    on_cleanup(move || {
        let Some(window) = web_sys::window() else { return };
        for (name, closure) in kept.iter() {
            let callback = closure.as_ref().unchecked_ref();
            let _ = window.remove_event_listener_with_callback_and_bool(name, callback, true);
        }
    });
}
