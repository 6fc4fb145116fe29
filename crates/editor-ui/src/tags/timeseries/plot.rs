//! The plot: canvases, pointer, wheel, keys, and its place in the sync group.

use super::draw::{self, GUTTER, OVERVIEW, Palette, plot_width};
use super::model::{Draft, SeriesModel};
use super::{Model, SendModel};
use crate::context::{EditorContext, use_editor};
use crate::media::{OldHub, Playhead, SeriesPort};
use crate::next_frame::NextFrame;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use serde_json::Map;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tagloom_annotation_store::{Command, RegionId};
use tagloom_editor::{Action, SelectMode};
use tagloom_tags::NodeId;
use tagloom_timeseries::{BrushEffect, BrushEvent, BrushTool, Edge, Pointer, Target, ViewWindow, nudge_edge};
use tagloom_video_sync::{Follow, FollowMode, Stretch};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, PointerEvent, ResizeObserver, WheelEvent};

/// A drag on the overview: where the window was taken, as a fraction of its span.
#[derive(Clone, Copy)]
struct OverviewDrag {
    grab: f64,
}

struct Screen {
    context: EditorContext,
    hub: OldHub,
    name: String,
    model: Model,
    base: NodeRef<Canvas>,
    overlay: NodeRef<Canvas>,
    overview: NodeRef<Canvas>,
    frame_ref: NodeRef<Div>,
    width: Cell<f64>,
    /// The lines, too, are drawn again in the next frame.
    base_dirty: Cell<bool>,
    follow: RefCell<Follow>,
    /// The duration for which the window was set up by an embedded medium.
    set_up_for: Cell<Option<f64>>,
    playing: Cell<bool>,
    panning: Cell<Option<f64>>,
    overview_drag: Cell<Option<OverviewDrag>>,
    readout: RwSignal<String>,
    suspended: RwSignal<bool>,
    last_selected: RefCell<Option<RegionId>>,
    frame: NextFrame,
    /// Time and place of the last press; pointer events, unlike mouse events, do not count clicks.
    last_press: Cell<Option<(f64, f64, f64)>>,
}

type Shared = Rc<Screen>;

fn canvas_context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// Sizes a canvas for the device's pixels and gives a context in CSS pixels.
fn prepare(canvas: &HtmlCanvasElement, width: f64, height: f64) -> Option<CanvasRenderingContext2d> {
    let ratio = web_sys::window().map_or(1.0, |w| w.device_pixel_ratio()).clamp(1.0, 4.0);
    let (w, h) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if canvas.width() != w || canvas.height() != h {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let context = canvas_context(canvas)?;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    Some(context)
}

impl Screen {
    fn palette(&self) -> Palette {
        let Some(element) = self.frame_ref.get_untracked() else { return Palette::default() };
        let style = web_sys::window().and_then(|w| w.get_computed_style(&element).ok().flatten());
        let Some(style) = style else { return Palette::default() };
        let read = |name: &str| style.get_property_value(name).unwrap_or_default().trim().to_owned();
        Palette {
            text: read("--series-text"),
            muted: read("--series-muted"),
            grid: read("--series-grid"),
            accent: read("--series-accent"),
            surface: read("--series-surface"),
            lines: (1..=8).map(|i| read(&format!("--series-line-{i}"))).collect(),
        }
    }

    fn mark(self: &Rc<Self>, base: bool) {
        self.base_dirty.set(self.base_dirty.get() || base);
        let screen = Rc::downgrade(self);
        self.frame.set(move || {
            if let Some(screen) = screen.upgrade() {
                screen.paint();
            }
        });
        self.frame.request();
    }

    fn paint(&self) {
        let base_dirty = self.base_dirty.take();
        let (Some(base), Some(overlay), Some(overview)) = (
            self.base.try_get_untracked().flatten(),
            self.overlay.try_get_untracked().flatten(),
            self.overview.try_get_untracked().flatten(),
        ) else {
            return;
        };
        let width = self.width.get();
        let Ok(model) = self.model.try_borrow() else { return };
        let (_, height) = draw::layout(&model);
        let palette = self.palette();
        if base_dirty && let Some(c) = prepare(&base, width, height) {
            draw::base(&c, &model, &palette, width, height);
        }
        if let Some(c) = prepare(&overlay, width, height) {
            let hovered = self.context.hovered.try_get_untracked().flatten();
            let captions = self.context.try_with(|e| e.settings().show_labels).unwrap_or(false);
            draw::overlay(
                &c,
                &model,
                &palette,
                width,
                height,
                hovered.as_ref().map(RegionId::as_str),
                captions,
            );
        }
        if let Some(c) = prepare(&overview, width, OVERVIEW) {
            draw::overview(&c, &model, &palette, width, OVERVIEW);
        }
    }

    fn read_regions(&self) {
        let context = self.context;
        let Ok(mut model) = self.model.try_borrow_mut() else { return };
        context.try_with(|e| {
            model.can_create = e.can_draw(&self.name).is_some();
            model.read_regions(e.document(), |region| {
                let style = e.region_style(region);
                (style.color, style.fill_opacity, style.labels.join(", "))
            });
        });
    }

    fn tell(&self) {
        let Ok(model) = self.model.try_borrow() else { return };
        let axis = &model.columns.axis;
        let span = model.window.end - model.window.start;
        let view = format!(
            "{} – {}",
            model.time.format_within(axis, model.window.start, span),
            model.time.format_within(axis, model.window.end, span)
        );
        let cursor = model
            .cursor
            .map(|c| format!("cursor {} · ", model.time.format_within(axis, c, span)))
            .unwrap_or_default();
        let samples = axis.indexes(model.window.start, model.window.end).len();
        self.readout.set(format!("{cursor}{view} · {samples} of {} samples", axis.len()));
    }

    fn stretch(&self, model: &SeriesModel, playhead: &Playhead) -> Stretch {
        let axis = &model.columns.axis;
        Stretch::new(axis.first().unwrap_or(0.0), axis.last().unwrap_or(0.0), playhead.duration)
    }

    /// The window was moved by hand or by a command.
    fn window_changed(self: &Rc<Self>, change: impl FnOnce(&mut ViewWindow), by_hand: bool) {
        let seek = {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            let before = model.window;
            change(&mut model.window);
            if model.window == before {
                return;
            }
            if by_hand {
                self.follow.borrow_mut().panned(self.playing.get());
            }
            let playhead = self.hub.playhead_of(&self.name);
            match playhead {
                Some(p) if !p.playing && model.spec.pan_seeks.unwrap_or(p.embedded) => {
                    let time = if p.embedded {
                        self.stretch(&model, &p).time_of_window(model.window.start, model.window.end)
                    } else {
                        model.seconds_of((model.window.start + model.window.end) / 2.0)
                    };
                    // The cursor goes with the picture at once; the medium follows when it has sought.
                    model.cursor = Some(if p.embedded {
                        self.stretch(&model, &p).cursor_at(time)
                    } else {
                        model.position_at_seconds(time)
                    });
                    Some(time)
                }
                _ => None,
            }
        };
        self.suspended.set(self.follow.borrow().is_suspended());
        if let Some(time) = seek {
            self.hub.seek(&self.name, time);
        }
        self.tell();
        self.mark(true);
    }

    /// Puts the cursor somewhere and takes the medium along.
    fn seek(self: &Rc<Self>, position: f64) {
        let time = {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            let position = model.columns.axis.clamp(position);
            model.cursor = Some(position);
            match self.hub.playhead_of(&self.name) {
                Some(p) if p.embedded => Some(self.stretch(&model, &p).time_of_cursor(position)),
                Some(_) => Some(model.seconds_of(position)),
                None => None,
            }
        };
        self.follow.borrow_mut().resume();
        self.suspended.set(false);
        if let Some(time) = time {
            self.hub.seek(&self.name, time);
        }
        self.tell();
        self.mark(false);
    }

    fn x_in_plot(event_x: f64) -> f64 {
        event_x - GUTTER
    }

    fn pointer(&self, event: &PointerEvent) -> Option<Pointer> {
        let model = self.model.try_borrow().ok()?;
        let x = Self::x_in_plot(f64::from(event.offset_x()));
        let at = model.window.position_at(x, plot_width(self.width.get()));
        Some(Pointer { at, x_px: x, free: event.alt_key() })
    }

    fn brush(self: &Rc<Self>, event: BrushEvent) {
        let mut effects = Vec::new();
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            let tool = model.brush;
            let plot = plot_width(self.width.get());
            model.brush = model.with_scene(plot, |scene| tool.step(event, scene, &mut effects));
        }
        for effect in effects {
            self.effect(effect);
        }
        self.mark(false);
    }

    fn region_id(&self, key: u64) -> Option<RegionId> {
        self.model.try_borrow().ok()?.regions.get(key as usize).map(|r| r.id.clone())
    }

    fn effect(self: &Rc<Self>, effect: BrushEffect) {
        let set_draft = |draft: Option<Draft>| {
            if let Ok(mut model) = self.model.try_borrow_mut() {
                model.draft = draft;
            }
        };
        match effect {
            BrushEffect::Draft { start, end, moving } => {
                set_draft(Some(Draft { region: None, start, end }));
                self.seek(moving);
            }
            BrushEffect::Preview { key, start, end, moving } => {
                set_draft(Some(Draft { region: Some(key as usize), start, end }));
                self.seek(moving);
            }
            BrushEffect::Create { start, end, instant } => {
                set_draft(None);
                let geometry = match self.model.try_borrow() {
                    Ok(model) => model.geometry(start, end, instant),
                    Err(_) => return,
                };
                self.context.dispatch(Action::CreateRegion {
                    object: self.name.clone(),
                    geometry,
                    frame: Map::new(),
                    item_index: None,
                });
            }
            BrushEffect::Update { key, start, end, instant } => {
                set_draft(None);
                let geometry = match self.model.try_borrow() {
                    Ok(model) => model.geometry(start, end, instant),
                    Err(_) => return,
                };
                if let Some(id) = self.region_id(key) {
                    self.context.dispatch(Action::Apply(Command::SetGeometry(id, geometry)));
                }
            }
            BrushEffect::Select { key } => {
                if let Some(id) = self.region_id(key) {
                    // The click itself puts the cursor; selecting must not move it again.
                    *self.last_selected.borrow_mut() = Some(id.clone());
                    self.context.dispatch(Action::Select { ids: vec![id], mode: SelectMode::Replace });
                }
            }
            BrushEffect::Unselect => self.context.dispatch(Action::Unselect),
            BrushEffect::Cursor { at } => self.seek(at),
            BrushEffect::Cancel => set_draft(None),
        }
    }

    /// A selection that was made elsewhere brings the region into view and its start on the screen (BR-2).
    fn selection_changed(self: &Rc<Self>) {
        let selected = {
            let Ok(model) = self.model.try_borrow() else { return };
            let mut selected = model.regions.iter().filter(|r| r.selected);
            match (selected.next(), selected.next()) {
                (Some(r), None) => Some((r.id.clone(), r.start, r.end)),
                _ => None,
            }
        };
        let id = selected.as_ref().map(|s| s.0.clone());
        if *self.last_selected.borrow() == id {
            return;
        }
        *self.last_selected.borrow_mut() = id;
        let Some((_, start, end)) = selected else { return };
        let mode = match self.model.try_borrow() {
            Ok(model) => model.spec.select_seeks.clone(),
            Err(_) => return,
        };
        if mode == "none" {
            return;
        }
        let at = if mode == "center" { (start + end) / 2.0 } else { start };
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            if !model.window.contains(start) || !model.window.contains(end) {
                model.window.center_on((start + end) / 2.0);
            }
        }
        self.mark(true);
        self.seek(at);
    }

    /// Moves an edge of the selected region, or pans when none is selected.
    fn nudge_or_pan(self: &Rc<Self>, edge: Edge, native: f64, pan: f64) {
        let nudged = {
            let Ok(model) = self.model.try_borrow() else { return };
            let region = model.regions.iter().find(|r| r.selected && !r.locked && !r.instant);
            region.map(|r| {
                let (start, end) = nudge_edge(&model.columns.axis, r.start, r.end, edge, native);
                (r.id.clone(), model.geometry(start, end, false))
            })
        };
        match nudged {
            Some((id, geometry)) => self.context.dispatch(Action::Apply(Command::SetGeometry(id, geometry))),
            None => self.window_changed(|w| w.pan(pan), true),
        }
    }
}

impl SeriesPort for Screen {
    fn playhead(&self, playhead: Playhead) {
        let mut moved = false;
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            self.playing.set(playhead.playing);
            if playhead.embedded {
                let stretch = self.stretch(&model, &playhead);
                if playhead.duration.is_finite() && self.set_up_for.get() != Some(playhead.duration) {
                    self.set_up_for.set(Some(playhead.duration));
                    let axis = &model.columns.axis;
                    let last = stretch.initial_window_samples(axis.len());
                    let (start, end) = (axis.position(0), axis.position(last));
                    model.window.set(start, end);
                    moved = true;
                }
                model.cursor = Some(stretch.cursor_at(playhead.time));
                if playhead.playing && !self.follow.borrow().is_suspended() {
                    let (start, end) = stretch.window_at(playhead.time, model.window.span());
                    moved |= model.window.start != start;
                    model.window.set(start, end);
                }
            } else {
                let cursor = model.position_at_seconds(playhead.time);
                model.cursor = Some(cursor);
                if playhead.playing {
                    let window = (model.window.start, model.window.end);
                    let full = model.window.full_range();
                    if let Some((start, end)) = self.follow.borrow().window(window, full, cursor) {
                        model.window.set(start, end);
                        moved = true;
                    }
                }
            }
        }
        self.tell();
        SCREENS.with_borrow(|screens| {
            if let Some(screen) =
                screens.iter().filter_map(std::rc::Weak::upgrade).find(|s| std::ptr::eq(&**s, self))
            {
                screen.mark(moved);
            }
        });
    }
}

thread_local! {
    /// Living plots, so that a port (which is only a reference) can ask for a frame.
    static SCREENS: RefCell<Vec<std::rc::Weak<Screen>>> = const { RefCell::new(Vec::new()) };
}

#[component]
pub(super) fn Plot(node: NodeId, model: SendModel) -> impl IntoView {
    let _ = node;
    let context = use_editor();
    let model: Model = (*model.0).clone();
    let (name, height) = {
        let model = model.borrow();
        (model.spec.name.clone(), draw::layout(&model).1)
    };
    let (base, overlay, overview) =
        (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let frame_ref = NodeRef::<Div>::new();
    let readout = RwSignal::new(String::new());
    let suspended = RwSignal::new(false);
    let screen: Shared = Rc::new(Screen {
        context,
        hub: context.hub().old(),
        name: name.clone(),
        model,
        base,
        overlay,
        overview,
        frame_ref,
        width: Cell::new(600.0),
        base_dirty: Cell::default(),
        follow: RefCell::new(Follow::new(FollowMode::Page)),
        set_up_for: Cell::default(),
        playing: Cell::default(),
        panning: Cell::default(),
        overview_drag: Cell::default(),
        readout,
        suspended,
        last_selected: RefCell::default(),
        frame: NextFrame::default(),
        last_press: Cell::default(),
    });
    SCREENS.with_borrow_mut(|s| {
        s.retain(|w| w.strong_count() > 0);
        s.push(Rc::downgrade(&screen));
    });
    screen.hub.register_series(&name, screen.clone());
    let kept = StoredValue::new_local(screen.clone());
    let with = move |f: &dyn Fn(&Shared)| {
        if let Some(screen) = kept.try_get_value() {
            f(&screen);
        }
    };

    // Size: the canvases take the width of their frame.
    {
        let screen = screen.clone();
        frame_ref.on_load(move |element| {
            let observed = screen.clone();
            let target = element.clone();
            let resized = Closure::<dyn FnMut()>::new(move || {
                observed.width.set(f64::from(target.client_width()).max(120.0));
                observed.mark(true);
            });
            if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
                observer.observe(&element);
                let kept = send_wrapper::SendWrapper::new((observer, resized));
                on_cleanup(move || kept.0.disconnect());
            }
            screen.width.set(f64::from(element.client_width()).max(120.0));
            screen.mark(true);
        });
    }
    let revision = context.object_revision(&name);
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
    with(&|s| s.tell());

    let run = move |name: &'static str, f: fn(&Shared)| context.on_command(name, move || with(&f));
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
    run("ts:home", |s| s.window_changed(ViewWindow::home, true));
    run("ts:end", |s| s.window_changed(ViewWindow::end, true));
    run("media:playpause", |s| {
        s.hub.toggle_play(&s.name);
    });

    let down = move |e: PointerEvent| {
        if e.button() > 1 {
            return;
        }
        with(&|s| {
            let Some(p) = s.pointer(&e) else { return };
            if let Some(target) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
                let _ = target.set_pointer_capture(e.pointer_id());
            }
            let (creates, on_region) = match s.model.try_borrow() {
                Ok(m) => (
                    m.can_create,
                    m.with_scene(plot_width(s.width.get()), |scene| {
                        !matches!(scene.target(p.at), Target::Plot)
                    }),
                ),
                Err(_) => return,
            };
            if e.button() == 1 || e.shift_key() {
                s.panning.set(Some(p.x_px));
                return;
            }
            if s.is_second_press(&e) {
                s.brush(BrushEvent::DoubleClick(p));
                return;
            }
            // With nothing to draw and nothing to take, a drag moves the view.
            if !creates && !on_region {
                s.panning.set(Some(p.x_px));
            }
            s.brush(BrushEvent::Down(p));
        });
    };
    let moved = move |e: PointerEvent| {
        with(&|s| {
            let Some(p) = s.pointer(&e) else { return };
            if let Some(from) = s.panning.get() {
                let far = (p.x_px - from).abs() >= tagloom_timeseries::MIN_DRAG_PX;
                let pressing = s.model.try_borrow().is_ok_and(|m| m.brush.is_active());
                if far || !pressing {
                    if pressing {
                        s.brush(BrushEvent::Cancel);
                    }
                    let plot = plot_width(s.width.get());
                    s.window_changed(|w| w.pan_by((from - p.x_px) / plot * w.span()), true);
                    s.panning.set(Some(p.x_px));
                }
                return;
            }
            if let Ok(mut model) = s.model.try_borrow_mut() {
                model.hover = Some(model.columns.axis.snap(p.at)).filter(|_| p.x_px >= 0.0);
            }
            s.hover(&p);
            s.brush(BrushEvent::Move(p));
        });
    };
    let up = move |e: PointerEvent| {
        with(&|s| {
            s.panning.set(None);
            if let Some(p) = s.pointer(&e) {
                s.brush(BrushEvent::Up(p));
            }
        });
    };
    let lost = move |_: PointerEvent| {
        with(&|s| {
            s.panning.set(None);
            s.brush(BrushEvent::Cancel);
        });
    };
    let left = move |_: PointerEvent| {
        with(&|s| {
            if let Ok(mut model) = s.model.try_borrow_mut() {
                model.hover = None;
            }
            s.context.hovered.set(None);
            s.mark(false);
        });
    };
    let wheel = move |e: WheelEvent| {
        e.prevent_default();
        with(&|s| {
            let plot = plot_width(s.width.get());
            let line = if e.delta_mode() == 1 { 16.0 } else { 1.0 };
            let (dx, dy) = (e.delta_x() * line, e.delta_y() * line);
            if e.shift_key() || dx.abs() > dy.abs() {
                let by = if dx == 0.0 { dy } else { dx };
                s.window_changed(|w| w.pan_by(by / plot * w.span()), true);
                return;
            }
            let inverted = s.context.try_with(|e| e.settings().inverted_zoom).unwrap_or(false);
            // Turned away from the hand, the wheel shows less.
            let turn = if inverted { dy } else { -dy };
            let factor = (turn * 0.002).clamp(-0.3, 0.3).exp();
            let x = Screen::x_in_plot(f64::from(e.offset_x())).clamp(0.0, plot);
            s.window_changed(|w| w.zoom(factor, w.position_at(x, plot)), true);
        });
    };
    let overview_down = move |e: PointerEvent| {
        with(&|s| {
            if let Some(target) = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
                let _ = target.set_pointer_capture(e.pointer_id());
            }
            let at = s.overview_position(&e);
            let (start, span) = match s.model.try_borrow() {
                Ok(m) => (m.window.start, m.window.span()),
                Err(_) => return,
            };
            let inside = at >= start && at <= start + span;
            let grab = if inside && span > 0.0 { (at - start) / span } else { 0.5 };
            s.overview_drag.set(Some(OverviewDrag { grab }));
            if !inside {
                s.window_changed(|w| w.set(at - span / 2.0, at + span / 2.0), true);
            }
        });
    };
    let overview_move = move |e: PointerEvent| {
        with(&|s| {
            let Some(drag) = s.overview_drag.get() else { return };
            let at = s.overview_position(&e);
            s.window_changed(
                |w| {
                    let span = w.span();
                    let start = at - drag.grab * span;
                    let (low, high) = w.full_range();
                    let start = start.min(high - span).max(low);
                    w.set(start, start + span);
                },
                true,
            );
        });
    };
    let overview_up = move |_: PointerEvent| with(&|s| s.overview_drag.set(None));
    let key = move |e: web_sys::KeyboardEvent| {
        if e.key() == "Escape" {
            let active = kept
                .try_get_value()
                .is_some_and(|s| s.model.try_borrow().is_ok_and(|m| m.brush != BrushTool::Idle));
            if active {
                e.stop_propagation();
                with(&|s| s.brush(BrushEvent::Cancel));
            }
        }
    };

    view! {
        <div class="tl-series-bar" role="toolbar" aria-label="Series view">
            <button type="button" class="tl-icon-button" title="Zoom in (plus)" aria-label="Zoom in" on:click=move |_| with(&|s| s.zoom(2.0))>"+"</button>
            <button type="button" class="tl-icon-button" title="Zoom out (minus)" aria-label="Zoom out" on:click=move |_| with(&|s| s.zoom(0.5))>"−"</button>
            <button type="button" class="tl-button" title="Show everything" on:click=move |_| with(&|s| s.window_changed(ViewWindow::fit, true))>"Fit"</button>
            <Show when=move || suspended.get()>
                <button type="button" class="tl-button" on:click=move |_| with(&|s| {
                    s.follow.borrow_mut().resume();
                    s.suspended.set(false);
                })>"Back to playhead"</button>
            </Show>
            <output class="tl-series-readout tl-num">{move || readout.get()}</output>
        </div>
        <div class="tl-series-frame" node_ref=frame_ref tabindex="0" on:keydown=key aria-label="Series plot">
            <div class="tl-series-plot" style:height=format!("{height}px")>
                <canvas node_ref=base></canvas>
                <canvas node_ref=overlay class="tl-series-overlay"
                    on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=lost
                    on:pointerleave=left on:wheel=wheel></canvas>
            </div>
            <canvas node_ref=overview class="tl-series-overview" style:height=format!("{OVERVIEW}px")
                on:pointerdown=overview_down on:pointermove=overview_move on:pointerup=overview_up
                on:pointercancel=overview_up></canvas>
        </div>
    }
}

impl Screen {
    /// Whether this press makes a double click with the one before (spec/tags.md 4.6: 300 ms, less than 4 px). A third
    /// press begins anew.
    fn is_second_press(&self, e: &PointerEvent) -> bool {
        let (time, x, y) = (e.time_stamp(), f64::from(e.client_x()), f64::from(e.client_y()));
        let second = self
            .last_press
            .get()
            .is_some_and(|(t, ax, ay)| time - t <= 300.0 && (x - ax).hypot(y - ay) < 4.0);
        self.last_press.set((!second).then_some((time, x, y)));
        second
    }

    fn zoom(self: &Rc<Self>, factor: f64) {
        self.window_changed(
            |w| {
                let middle = (w.start + w.end) / 2.0;
                w.zoom(factor, middle);
            },
            true,
        );
    }

    fn overview_position(&self, e: &PointerEvent) -> f64 {
        let x = Self::x_in_plot(f64::from(e.offset_x()));
        match self.model.try_borrow() {
            Ok(model) => ViewWindow::full(&model.columns.axis).position_at(x, plot_width(self.width.get())),
            Err(_) => 0.0,
        }
    }

    /// The region under the pointer lights up in the list; the pointer's shape says what a press would do.
    fn hover(&self, p: &Pointer) {
        let Ok(model) = self.model.try_borrow() else { return };
        let over = model.regions.iter().rev().find(|r| !r.hidden && r.start <= p.at && p.at <= r.end);
        let id = over.map(|r| r.id.clone());
        let shape = model.with_scene(plot_width(self.width.get()), |scene| match scene.target(p.at) {
            Target::Edge(..) => "ew-resize",
            Target::Body(_) => "grab",
            Target::Plot if model.can_create => "crosshair",
            Target::Plot => "default",
        });
        drop(model);
        if self.context.hovered.get_untracked() != id {
            self.context.hovered.set(id);
        }
        if let Some(canvas) = self.overlay.get_untracked() {
            let style = web_sys::HtmlElement::style(&canvas);
            // An unknown cursor name would only leave the old one.
            let _ = style.set_property("cursor", shape);
        }
    }
}
