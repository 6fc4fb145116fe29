//! Everything about one shown picture that is not reactive: view, regions, tools, layers, and the one animation frame
//! that brings them together.
//!
//! Pointer moves wait for the frame, so tools, document and canvases work at most once per frame however fast a mouse
//! reports. Nothing stays borrowed while an action is dispatched.

mod effects;
mod present;
mod view;

use super::commit::Live;
use super::load::Picture;
use super::options::ImageOptions;
use crate::EditorContext;
use crate::canvas::Stage;
use crate::painter::Canvas2d;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::{Rc, Weak};
use tagloom_annotation_store::RegionId;
use tagloom_region_geometry::ImageSize;
use tagloom_tags::image::tools::{Board, ImageTools, Input, Modifiers, Pointer};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{HtmlCanvasElement, HtmlElement, HtmlImageElement};

/// What must be done in the next frame.
#[derive(Clone, Copy, Debug, Default)]
struct Stale {
    regions: bool,
    lower: bool,
    upper: bool,
    media: bool,
}

/// What the corner says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::tags::image) struct Readout {
    /// Screen pixels per image pixel, in percent.
    pub zoom: f64,
    /// The pixel under the pointer.
    pub at: Option<(i64, i64)>,
    /// Size of the box being drawn or selected, in image pixels.
    pub size: Option<(f64, f64)>,
}

/// See the module.
pub(in crate::tags::image) struct Controller {
    pub ctx: EditorContext,
    pub options: Rc<ImageOptions>,
    pub readout: RwSignal<Readout>,
    pub cursor: RwSignal<&'static str>,
    /// Width and height of the view as it is turned, for reserving room.
    pub aspect: RwSignal<Option<(f64, f64)>>,
    pub three_points: RwSignal<bool>,
    stage: RefCell<Stage>,
    tools: RefCell<ImageTools>,
    layers: RefCell<Option<(Canvas2d, Canvas2d)>>,
    media: RefCell<Option<(HtmlElement, HtmlImageElement)>>,
    size: Cell<(f64, f64)>,
    /// The default zoom was applied to this picture.
    placed: Cell<bool>,
    item: Cell<u64>,
    pending: Cell<Option<Pointer>>,
    live: RefCell<Live>,
    stale: Cell<Stale>,
    request: Cell<Option<i32>>,
    /// What is marked now is looked at before this frame ends.
    in_frame: Cell<bool>,
    on_frame: RefCell<Option<Closure<dyn FnMut()>>>,
    decoding: RefCell<HashSet<Rc<str>>>,
    this: Weak<Self>,
}

impl Controller {
    pub(in crate::tags::image) fn new(ctx: EditorContext, options: Rc<ImageOptions>) -> Rc<Self> {
        Rc::new_cyclic(|this: &Weak<Self>| {
            let frame = this.clone();
            let on_frame = Closure::new(move || {
                if let Some(controller) = frame.upgrade() {
                    controller.frame();
                }
            });
            Self {
                ctx,
                options,
                readout: RwSignal::new(Readout::default()),
                cursor: RwSignal::new("default"),
                aspect: RwSignal::new(None),
                three_points: RwSignal::new(false),
                stage: RefCell::new(Stage::new(ImageSize::new(1.0, 1.0))),
                tools: RefCell::default(),
                layers: RefCell::new(None),
                media: RefCell::new(None),
                size: Cell::new((1.0, 1.0)),
                placed: Cell::new(false),
                item: Cell::new(0),
                pending: Cell::new(None),
                live: RefCell::default(),
                stale: Cell::new(Stale::default()),
                request: Cell::new(None),
                in_frame: Cell::new(false),
                on_frame: RefCell::new(Some(on_frame)),
                decoding: RefCell::default(),
                this: this.clone(),
            }
        })
    }

    /// Takes on the two canvases of a freshly mounted stage.
    pub(in crate::tags::image) fn attach(&self, lower: HtmlCanvasElement, upper: HtmlCanvasElement) {
        *self.layers.borrow_mut() = Canvas2d::new(lower).zip(Canvas2d::new(upper));
        self.all_stale();
    }

    /// Shows a loaded picture inside `holder`.
    pub(in crate::tags::image) fn show(&self, holder: &HtmlElement, picture: &Picture, item: u64) {
        self.step(Input::Cancel);
        holder.replace_children_with_node_1(&picture.element);
        *self.media.borrow_mut() = Some((holder.clone(), picture.element.clone()));
        self.item.set(item);
        {
            let mut stage = self.stage.borrow_mut();
            let mut fresh = Stage::new(picture.size);
            let same_size = stage.view.image == picture.size;
            if same_size {
                // The next image of a series of equal ones is looked at in the same place.
                fresh.view = stage.view;
            }
            self.placed.set(self.placed.get() && same_size);
            *stage = fresh;
        }
        self.place();
        self.all_stale();
    }

    /// No picture is shown: nothing can be drawn or hit.
    pub(in crate::tags::image) fn clear(&self) {
        self.step(Input::Cancel);
        if let Some((holder, _)) = self.media.borrow_mut().take() {
            holder.replace_children_with_node_0();
        }
        self.all_stale();
    }

    /// Stops for good.
    pub(in crate::tags::image) fn stop(&self) {
        if let (Some(id), Some(window)) = (self.request.take(), web_sys::window()) {
            let _ = window.cancel_animation_frame(id);
        }
        // An open step must not outlive the view that opened it.
        self.step(Input::Cancel);
        self.layers.borrow_mut().take();
        self.media.borrow_mut().take();
        if let Some(id) = self.request.take()
            && let Some(window) = web_sys::window()
        {
            let _ = window.cancel_animation_frame(id);
        }
        self.on_frame.borrow_mut().take();
    }

    fn mark(&self, change: impl FnOnce(&mut Stale)) {
        let mut stale = self.stale.get();
        change(&mut stale);
        self.stale.set(stale);
        if self.request.get().is_some() || self.in_frame.get() {
            return;
        }
        let (Some(window), on_frame) = (web_sys::window(), self.on_frame.borrow()) else { return };
        if let Some(closure) = on_frame.as_ref() {
            let id = window.request_animation_frame(closure.as_ref().unchecked_ref());
            self.request.set(id.ok());
        }
    }

    fn all_stale(&self) {
        self.mark(|s| *s = Stale { regions: true, lower: true, upper: true, media: true });
    }

    /// Regions, selection, tool or settings may be others.
    pub(in crate::tags::image) fn regions_stale(&self) {
        self.mark(|s| s.regions = true);
    }

    /// Everything that hangs on settings: captions, smoothing.
    pub(in crate::tags::image) fn looks_stale(&self) {
        self.all_stale();
    }

    pub(in crate::tags::image) fn hover(&self, id: Option<RegionId>) {
        let mut stage = self.stage.borrow_mut();
        if stage.hovered != id {
            stage.hovered = id;
            drop(stage);
            self.mark(|s| s.upper = true);
        }
    }

    /// Whether there is a picture to work on.
    pub(in crate::tags::image) fn is_showing(&self) -> bool {
        self.media.borrow().is_some()
    }

    /// Whether something is half done that Escape takes back.
    pub(in crate::tags::image) fn is_active(&self) -> bool {
        self.tools.borrow().is_active()
    }

    /// Whether the pointer is over the picture.
    pub(in crate::tags::image) fn has_pointer(&self) -> bool {
        self.tools.borrow().pointer().is_some()
    }

    /// Whether arrow keys have something to move.
    pub(in crate::tags::image) fn can_nudge(&self) -> bool {
        let stage = self.stage.borrow();
        stage.selection.iter().any(|id| stage.editable(id).is_some())
    }

    pub(in crate::tags::image) fn set_modifiers(&self, modifiers: Modifiers) {
        self.tools.borrow_mut().set_modifiers(modifiers);
        self.mark(|s| s.upper = true);
    }

    /// A move waits for the next frame; everything else is taken in at once, after the move before it.
    pub(in crate::tags::image) fn input(&self, input: Input) {
        if self.media.borrow().is_none() && input != Input::Cancel {
            return;
        }
        if let Input::Move(p) = input {
            // Two fingers move at the same time; neither may swallow the other.
            if self.pending.get().is_some_and(|before| before.id != p.id) {
                self.flush();
            }
            self.pending.set(Some(p));
            self.mark(|s| s.upper = true);
            return;
        }
        self.flush();
        self.step(input);
    }

    fn flush(&self) {
        if let Some(p) = self.pending.take() {
            self.step(Input::Move(p));
        }
    }

    fn step(&self, input: Input) {
        let mut effects = Vec::new();
        {
            let (mut tools, stage) = (self.tools.borrow_mut(), self.stage.borrow());
            tools.step(input, &*stage, &mut effects);
        }
        for effect in effects {
            self.carry_out(effect);
        }
        self.mark(|s| s.upper = true);
    }

    fn frame(&self) {
        self.request.set(None);
        self.in_frame.set(true);
        self.flush();
        let stale = self.stale.take();
        if stale.regions {
            self.sync();
        }
        let later = self.stale.take();
        self.in_frame.set(false);
        self.draw(Stale {
            lower: stale.lower || later.lower,
            upper: stale.upper || later.upper,
            media: stale.media || later.media,
            regions: false,
        });
    }
}
