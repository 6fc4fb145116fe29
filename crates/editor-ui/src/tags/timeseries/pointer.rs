//! Pointer and wheel on the plot and the overview.
//!
//! - **A drag** draws, takes an edge or moves the selected region; with the middle button, Shift, the space bar, in pan
//!   mode, or with nothing to draw or to take it pans.
//! - **The wheel** zooms at the pointer; with Shift, or turned sideways, it pans. When the whole series is in view and the
//!   wheel goes on outwards, the page scrolls.

use super::draw::{GUTTER, plot_width, track_at};
use super::model::SeriesModel;
use super::screen::{Screen, Shared};
use leptos::prelude::*;
use std::rc::Rc;
use tagloom_timeseries::{
    BrushEvent, MIN_DRAG_PX, OverviewDrag, Pointer, SegmentEffect, SegmentEvent, Target, ViewWindow,
};
use wasm_bindgen::JsCast;
use web_sys::{PointerEvent, WheelEvent};

/// Pixels to each side of an edge of the window where it can be taken in the overview.
const OVERVIEW_EDGE_PX: f64 = 6.0;

fn x_in_plot(event_x: i32) -> f64 {
    f64::from(event_x) - GUTTER
}

fn capture(event: &PointerEvent) {
    if let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
        // Fails only for a pointer that is gone, which needs no capture.
        let _ = target.set_pointer_capture(event.pointer_id());
    }
}

impl Screen {
    fn plot_width(&self) -> f64 {
        plot_width(self.width.get())
    }

    fn pointer(&self, event: &PointerEvent) -> Option<Pointer> {
        let model = self.model.try_borrow().ok()?;
        let x = x_in_plot(event.offset_x());
        let active = model.brush.is_active() || self.panning.get().is_some();
        // A gesture stays on the track where it began, whose window may be its own.
        let track = self.track.get().filter(|_| active);
        let track = track.unwrap_or_else(|| track_at(&model, f64::from(event.offset_y())));
        self.track.set(Some(track));
        let at = model.track_window(track).position_at(x, self.plot_width());
        Some(Pointer { at, x_px: x, free: event.alt_key() })
    }

    pub fn brush(self: &Rc<Self>, event: BrushEvent) {
        let mut effects = Vec::new();
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            let tool = model.brush;
            model.brush = model.with_scene(self.plot_width(), self.track.get(), |scene| {
                tool.step(event, scene, &mut effects)
            });
        }
        for effect in effects {
            self.effect(effect);
        }
        self.mark(false);
    }

    fn target(&self, at: f64) -> Option<Target> {
        let model = self.model.try_borrow().ok()?;
        Some(model.with_scene(self.plot_width(), self.track.get(), |scene| scene.target(at)))
    }

    pub fn pointer_down(self: &Rc<Self>, e: &PointerEvent) {
        if e.button() > 1 {
            return;
        }
        let (Some(p), Ok(creates)) = (self.pointer(e), self.model.try_borrow().map(|m| m.can_create)) else {
            return;
        };
        capture(e);
        self.find_frames();
        let pans = self.space.get() || self.signals.pans.try_get_untracked().unwrap_or(false);
        if e.button() == 1 || e.shift_key() || pans {
            // Else the middle button begins to scroll the page.
            e.prevent_default();
            self.panning.set(Some(p.x_px));
            return;
        }
        let on_region = !matches!(self.target(p.at), Some(Target::Plot) | None);
        if self.is_second_press(e) {
            if creates {
                self.brush(BrushEvent::DoubleClick(p));
            } else {
                self.play_region();
            }
            return;
        }
        // With nothing to draw and nothing to take, a drag moves the view.
        if !creates && !on_region {
            self.panning.set(Some(p.x_px));
        }
        self.brush(BrushEvent::Down(p));
    }

    pub fn pointer_moved(self: &Rc<Self>, e: &PointerEvent) {
        self.has_pointer.set(true);
        let Some(p) = self.pointer(e) else { return };
        if let Some(from) = self.panning.get() {
            let far = (p.x_px - from).abs() >= MIN_DRAG_PX;
            let pressing = self.model.try_borrow().is_ok_and(|m| m.brush.is_active());
            if far || !pressing {
                if pressing {
                    self.brush(BrushEvent::Cancel);
                }
                let plot = self.plot_width();
                self.window_changed(|w| w.pan_by((from - p.x_px) / plot * w.span()), false);
                self.panning.set(Some(p.x_px));
            }
            return;
        }
        if let Ok(mut model) = self.model.try_borrow_mut() {
            model.hover = Some(model.columns.axis.snap(p.at)).filter(|_| p.x_px >= 0.0);
        }
        self.hover(&p);
        self.brush(BrushEvent::Move(p));
    }

    pub fn pointer_up(self: &Rc<Self>, e: &PointerEvent) {
        self.panning.set(None);
        if let Some(p) = self.pointer(e) {
            self.brush(BrushEvent::Up(p));
        }
    }

    pub fn pointer_lost(self: &Rc<Self>) {
        self.panning.set(None);
        self.brush(BrushEvent::Cancel);
    }

    pub fn pointer_left(self: &Rc<Self>) {
        self.has_pointer.set(false);
        if let Ok(mut model) = self.model.try_borrow_mut() {
            model.hover = None;
        }
        self.context.hovered.set(None);
        self.mark(false);
    }

    pub fn wheel(self: &Rc<Self>, e: &WheelEvent) {
        let plot = self.plot_width();
        let line = if e.delta_mode() == 1 { 16.0 } else { 1.0 };
        let (dx, dy) = (e.delta_x() * line, e.delta_y() * line);
        if e.shift_key() || dx.abs() > dy.abs() {
            e.prevent_default();
            let by = if dx == 0.0 { dy } else { dx };
            self.window_changed(|w| w.pan_by(by / plot * w.span()), false);
            return;
        }
        let inverted = self.context.try_with(|e| e.settings().inverted_zoom).unwrap_or(false);
        // Turned away from the hand, the wheel shows less.
        let turn = if inverted { dy } else { -dy };
        let whole = self.model.try_borrow().is_ok_and(|m| m.window.is_full());
        if turn < 0.0 && whole && !e.ctrl_key() {
            return;
        }
        e.prevent_default();
        let factor = (turn * 0.002).clamp(-0.3, 0.3).exp();
        let x = x_in_plot(e.offset_x()).clamp(0.0, plot);
        self.window_changed(|w| w.zoom(factor, w.position_at(x, plot)), false);
    }

    fn overview_position(&self, e: &PointerEvent) -> f64 {
        let x = x_in_plot(e.offset_x());
        match self.model.try_borrow() {
            Ok(model) => ViewWindow::full(&model.columns.axis).position_at(x, self.plot_width()),
            Err(_) => 0.0,
        }
    }

    fn overview_grab(&self, at: f64) -> Option<OverviewDrag> {
        let model = self.model.try_borrow().ok()?;
        let (low, high) = model.window.full_range();
        Some(OverviewDrag::grab(&model.window, at, OVERVIEW_EDGE_PX * (high - low) / self.plot_width()))
    }

    pub fn overview_down(self: &Rc<Self>, e: &PointerEvent) {
        capture(e);
        let at = self.overview_position(e);
        let Some(drag) = self.overview_grab(at) else { return };
        self.overview_drag.set(Some(drag));
        self.window_changed(|w| drag.drag(w, at), true);
    }

    pub fn overview_moved(self: &Rc<Self>, e: &PointerEvent) {
        let at = self.overview_position(e);
        if let Some(drag) = self.overview_drag.get() {
            self.window_changed(|w| drag.drag(w, at), true);
        } else if let Some(canvas) = self.elements.overview.try_get_untracked().flatten() {
            let edge = matches!(self.overview_grab(at), Some(OverviewDrag::Edge { .. }));
            let style = web_sys::HtmlElement::style(&canvas);
            // A known cursor name is never refused.
            let _ = style.set_property("cursor", if edge { "ew-resize" } else { "grab" });
        }
    }

    /// Whether this press makes a double click with the one before (spec/tags.md 4.6: 300 ms, less than 4 px). A third
    /// press begins anew.
    fn is_second_press(&self, e: &PointerEvent) -> bool {
        let (time, x, y) = (e.time_stamp(), f64::from(e.client_x()), f64::from(e.client_y()));
        let before = self.last_press.get();
        let second = before.is_some_and(|(t, ax, ay)| time - t <= 300.0 && (x - ax).hypot(y - ay) < 4.0);
        self.last_press.set((!second).then_some((time, x, y)));
        second
    }

    /// The region under the pointer lights up in the list; the pointer's shape says what a press would do.
    fn hover(&self, p: &Pointer) {
        let Ok(model) = self.model.try_borrow() else { return };
        let track = self.track.get();
        let on = |r: &&super::model::PlotRegion| track.is_none_or(|t| model.track_shows(t, &r.channels));
        let mut regions = model.regions.iter().rev().filter(|r| !r.hidden).filter(on);
        let id = regions.find(|r| r.start <= p.at && p.at <= r.end).map(|r| r.id.clone());
        let pans = self.space.get() || self.signals.pans.try_get_untracked().unwrap_or(false);
        let shape = model.with_scene(self.plot_width(), track, |scene| match scene.target(p.at) {
            _ if pans => "grab",
            Target::Edge(..) => "ew-resize",
            Target::Body(_) => "grab",
            Target::Plot if model.can_create => "crosshair",
            Target::Plot => "default",
        });
        drop(model);
        if self.context.hovered.get_untracked() != id {
            self.context.hovered.set(id);
        }
        if let Some(canvas) = self.elements.overlay.try_get_untracked().flatten() {
            let style = web_sys::HtmlElement::style(&canvas);
            let _ = style.set_property("cursor", shape);
        }
    }

    /// A label's key while playing, or a boundary by key: what it marks becomes a region (BR-3).
    pub fn segment(self: &Rc<Self>, event: SegmentEvent, arm: impl Fn(u64)) {
        let mut effects = Vec::new();
        if let Ok(mut model) = self.model.try_borrow_mut() {
            model.segment = model.segment.step(event, &mut effects);
            model.marking = model.segment.marking().map(|(_, at)| at);
        }
        self.find_frames();
        for SegmentEffect::Create { label, start, end } in effects {
            arm(label);
            let snap = |model: &SeriesModel, at| model.with_scene(self.plot_width(), None, |s| s.snap_to(at));
            let ends = self.model.try_borrow().map(|m| (snap(&m, start), snap(&m, end)));
            if let Ok((start, end)) = ends
                && start < end
            {
                self.create(start, end, false);
            }
        }
        self.mark(false);
    }
}

/// Ends a drag in the overview.
pub(super) fn overview_up(screen: &Shared) {
    screen.overview_drag.set(None);
}
