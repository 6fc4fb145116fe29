//! A plot on the screen: its canvases, what it shows of the data, and painting it once per animation frame.

use super::Model;
use super::draw::{self, Looks, OVERVIEW, Palette};
use super::stored;
use crate::context::EditorContext;
use crate::media::MemberHandle;
use crate::next_frame::NextFrame;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use tagloom_annotation_store::RegionId;
use tagloom_timeseries::{OverviewDrag, ViewWindow};
use tagloom_video_sync::{Follow, Nanos};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The elements of a plot.
#[derive(Clone, Copy, Default)]
pub(super) struct Elements {
    pub frame: NodeRef<Div>,
    pub base: NodeRef<Canvas>,
    pub overlay: NodeRef<Canvas>,
    pub overview_lines: NodeRef<Canvas>,
    pub overview: NodeRef<Canvas>,
}

/// What the rest of the view shows of a plot.
#[derive(Clone, Copy)]
pub(super) struct Signals {
    pub readout: RwSignal<String>,
    /// The user has left the playhead.
    pub suspended: RwSignal<bool>,
    /// Other members have regions.
    pub guided: RwSignal<bool>,
    /// Drags move the view.
    pub pans: RwSignal<bool>,
    /// The go-to box is open.
    pub goes: RwSignal<bool>,
}

pub(super) struct Screen {
    pub context: EditorContext,
    pub name: String,
    pub model: Model,
    pub member: RefCell<Option<MemberHandle>>,
    pub elements: Elements,
    pub signals: Signals,
    pub width: Cell<f64>,
    pub follow: RefCell<Follow>,
    pub playing: Cell<bool>,
    /// A medium shares the timeline.
    pub has_media: Cell<bool>,
    /// The length of the medium for which the window was set up.
    pub set_up_for: Cell<Option<Nanos>>,
    /// Where a pan was taken, in pixels.
    pub panning: Cell<Option<f64>>,
    pub overview_drag: Cell<Option<OverviewDrag>>,
    pub has_pointer: Cell<bool>,
    pub space: Cell<bool>,
    /// The track under the pointer.
    pub track: Cell<Option<usize>>,
    pub last_selected: RefCell<Option<RegionId>>,
    /// Time and place of the last press; pointer events, unlike mouse events, do not count clicks.
    pub last_press: Cell<Option<(f64, f64, f64)>>,
    /// Key of the window in the browser's storage.
    pub stored: String,
    palette: RefCell<Palette>,
    /// The lines, too, are drawn again in the next frame.
    base_dirty: Cell<bool>,
    /// Width for which the lines of the overview were drawn.
    overview_drawn: Cell<f64>,
    frame: NextFrame,
}

pub(super) type Shared = Rc<Screen>;

thread_local! {
    /// Plots on screen, so that mirrored regions find the other series of their editor.
    static SCREENS: RefCell<Vec<Weak<Screen>>> = const { RefCell::new(Vec::new()) };
}

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
    pub fn new(context: EditorContext, model: Model, elements: Elements, signals: Signals) -> Shared {
        let (name, follow) = {
            let model = model.borrow();
            (model.spec.name.clone(), Follow::new(model.spec.follow))
        };
        let stored = stored::key(&context, &name);
        if let (Some((start, end)), Ok(mut model)) = (stored::read(&stored), model.try_borrow_mut()) {
            model.window.set(start, end);
        }
        let screen = Rc::new(Self {
            context,
            name,
            model,
            member: RefCell::default(),
            elements,
            signals,
            width: Cell::new(600.0),
            follow: RefCell::new(follow),
            playing: Cell::default(),
            has_media: Cell::default(),
            set_up_for: Cell::default(),
            panning: Cell::default(),
            overview_drag: Cell::default(),
            has_pointer: Cell::default(),
            space: Cell::default(),
            track: Cell::default(),
            last_selected: RefCell::default(),
            last_press: Cell::default(),
            stored,
            palette: RefCell::default(),
            base_dirty: Cell::default(),
            overview_drawn: Cell::default(),
            frame: NextFrame::default(),
        });
        SCREENS.with_borrow_mut(|screens| {
            screens.retain(|s| s.strong_count() > 0);
            screens.push(Rc::downgrade(&screen));
        });
        screen
    }

    /// The other plots of the same editor.
    pub fn siblings(&self) -> Vec<Shared> {
        let all: Vec<Shared> = SCREENS.with_borrow(|s| s.iter().filter_map(Weak::upgrade).collect());
        let tree = |s: &Self| s.context.try_with(|e| e.tree().clone());
        let Some(own) = tree(self) else { return Vec::new() };
        let same = |other: &Shared| tree(other).is_some_and(|t| std::sync::Arc::ptr_eq(&t, &own));
        all.into_iter().filter(|other| !std::ptr::eq(&**other, self) && same(other)).collect()
    }

    pub fn handle(&self) -> Option<MemberHandle> {
        self.member.borrow().clone()
    }

    fn read_palette(&self) {
        let Some(element) = self.elements.frame.try_get_untracked().flatten() else { return };
        let style = web_sys::window().and_then(|w| w.get_computed_style(&element).ok().flatten());
        let Some(style) = style else { return };
        let read = |name: &str| style.get_property_value(name).unwrap_or_default().trim().to_owned();
        let palette = Palette {
            text: read("--series-text"),
            muted: read("--series-muted"),
            grid: read("--series-grid"),
            accent: read("--series-accent"),
            surface: read("--series-surface"),
            lines: (1..=8).map(|i| read(&format!("--series-line-{i}"))).collect(),
        };
        if *self.palette.borrow() != palette {
            *self.palette.borrow_mut() = palette;
            self.overview_drawn.set(0.0);
        }
    }

    /// Asks for the next frame; with `base` the lines are drawn again as well.
    pub fn mark(self: &Rc<Self>, base: bool) {
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
        let element = |canvas: NodeRef<Canvas>| canvas.try_get_untracked().flatten();
        let (Some(base), Some(overlay), Some(lines), Some(overview)) = (
            element(self.elements.base),
            element(self.elements.overlay),
            element(self.elements.overview_lines),
            element(self.elements.overview),
        ) else {
            return;
        };
        let width = self.width.get();
        let Ok(model) = self.model.try_borrow() else { return };
        let (_, height) = draw::layout(&model);
        let base_dirty = self.base_dirty.take();
        if base_dirty {
            self.read_palette();
        }
        let palette = &*self.palette.borrow();
        if base_dirty && let Some(c) = prepare(&base, width, height) {
            draw::base(&c, &model, palette, width, height);
        }
        if let Some(c) = prepare(&overlay, width, height) {
            let hovered = self.context.hovered.try_get_untracked().flatten();
            let captions = self.context.try_with(|e| e.settings().show_labels).unwrap_or(false);
            let hovered = hovered.as_ref().map(RegionId::as_str);
            draw::overlay(&c, &model, &Looks { palette, width, height, hovered, captions });
        }
        if self.overview_drawn.get() != width
            && let Some(c) = prepare(&lines, width, OVERVIEW)
        {
            draw::overview_lines(&c, &model, palette, width, OVERVIEW);
            self.overview_drawn.set(width);
        }
        if let Some(c) = prepare(&overview, width, OVERVIEW) {
            draw::overview(&c, &model, palette, width, OVERVIEW);
        }
    }

    /// Brings the read-out up to date.
    pub fn tell(&self) {
        let Ok(model) = self.model.try_borrow() else { return };
        let axis = &model.columns.axis;
        let span = model.window.span();
        let time = |at: f64| model.time.format_within(axis, at, span);
        let cursor = model.cursor.map(|c| format!("cursor {} · ", time(c))).unwrap_or_default();
        let samples = axis.indexes(model.window.start, model.window.end).len();
        let text = format!(
            "{cursor}{} – {} · {samples} of {} samples",
            time(model.window.start),
            time(model.window.end),
            axis.len()
        );
        let _ = self.signals.readout.try_set(text);
    }

    /// The window was moved by the user.
    pub fn window_changed(self: &Rc<Self>, change: impl FnOnce(&mut ViewWindow), by_overview: bool) {
        let (start, end) = {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            let before = model.window;
            change(&mut model.window);
            if model.window == before {
                return;
            }
            stored::write(&self.stored, (model.window.start, model.window.end));
            let local = |at: f64| Nanos(model.columns.axis.local_ns(at));
            (local(model.window.start), local(model.window.end))
        };
        self.follow.borrow_mut().panned(self.playing.get());
        let _ = self.signals.suspended.try_set(self.follow.borrow().is_suspended());
        if let Some(member) = self.handle().filter(|_| !self.playing.get()) {
            member.window_moved(start, end, by_overview);
        }
        self.tell();
        self.mark(true);
    }

    pub fn zoom(self: &Rc<Self>, factor: f64) {
        self.window_changed(
            |w| {
                let middle = (w.start + w.end) / 2.0;
                w.zoom(factor, middle);
            },
            false,
        );
    }

    /// Puts the cursor somewhere and takes the group along.
    pub fn seek(self: &Rc<Self>, position: f64) {
        let local = {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            let position = model.columns.axis.clamp(position);
            model.cursor = Some(position);
            Nanos(model.columns.axis.local_ns(position))
        };
        self.back_to_playhead();
        if let Some(member) = self.handle() {
            member.seek(local);
        }
        self.tell();
        self.mark(false);
    }

    /// As [`Self::seek`], and brings the place into view.
    pub fn go(self: &Rc<Self>, position: f64) {
        if let Ok(mut model) = self.model.try_borrow_mut()
            && !model.window.contains(position)
        {
            model.window.center_on(position);
        }
        self.mark(true);
        self.seek(position);
    }

    pub fn back_to_playhead(&self) {
        self.follow.borrow_mut().resume();
        let _ = self.signals.suspended.try_set(false);
    }
}
