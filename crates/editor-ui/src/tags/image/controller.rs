//! Everything about one shown picture that is not reactive: view, regions, tools, layers, and the one animation frame
//! that brings them together.
//!
//! Pointer moves wait for the frame, so tools, document and canvases work at most once per frame however fast a mouse
//! reports. Nothing stays borrowed while an action is dispatched.

use super::commit::{Live, frame_of, set, stored};
use super::load::{Picture, alpha_of};
use super::options::ImageOptions;
use super::read::{appearance, ghost_color, hand};
use crate::EditorContext;
use crate::canvas::mask::Mask;
use crate::canvas::{Stage, Synced, Top, draw_regions, draw_top};
use crate::painter::Canvas2d;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::{Rc, Weak};
use tagloom_annotation_store::{Command, RegionId};
use tagloom_editor::{Action, SelectMode};
use tagloom_region_geometry::{ImageSize, Point, RectanglePx, ScreenPoint};
use tagloom_tags::image::tools::{Board, Effect, Hand, ImageTools, Input, Modifiers, Overlay, Pointer};
use tagloom_tags::rectangle::tool::Ghost;
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
pub(super) struct Readout {
    /// Screen pixels per image pixel, in percent.
    pub zoom: f64,
    /// The pixel under the pointer.
    pub at: Option<(i64, i64)>,
    /// Size of the box being drawn or selected, in image pixels.
    pub size: Option<(f64, f64)>,
}

/// See the module.
pub(super) struct Controller {
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
    pub(super) fn new(ctx: EditorContext, options: Rc<ImageOptions>) -> Rc<Self> {
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
    pub(super) fn attach(&self, lower: HtmlCanvasElement, upper: HtmlCanvasElement) {
        *self.layers.borrow_mut() = Canvas2d::new(lower).zip(Canvas2d::new(upper));
        self.all_stale();
    }

    /// Shows a loaded picture inside `holder`.
    pub(super) fn show(&self, holder: &HtmlElement, picture: &Picture, item: u64) {
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
    pub(super) fn clear(&self) {
        self.step(Input::Cancel);
        if let Some((holder, _)) = self.media.borrow_mut().take() {
            holder.replace_children_with_node_0();
        }
        self.all_stale();
    }

    /// Stops for good.
    pub(super) fn stop(&self) {
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

    pub(super) fn resize(&self, width: f64, height: f64) {
        if width < 1.0 || height < 1.0 || self.size.get() == (width, height) {
            return;
        }
        self.size.set((width, height));
        if self.placed.get() {
            self.stage.borrow_mut().view.resize(width, height);
        } else {
            self.place();
        }
        self.all_stale();
    }

    /// The default zoom, as soon as both picture and room are known.
    fn place(&self) {
        let (width, height) = self.size.get();
        if self.placed.get() || self.media.borrow().is_none() || width <= 1.0 {
            self.publish_aspect();
            return;
        }
        let mut stage = self.stage.borrow_mut();
        let [x, y] = self.options.align;
        let turn = stage.view.turn;
        stage.view = tagloom_region_geometry::Viewport::fitted(stage.view.image, width, height).aligned(x, y);
        stage.view.turn = turn;
        stage.view.apply_default(self.options.default_zoom);
        drop(stage);
        self.placed.set(true);
        self.publish_aspect();
    }

    fn publish_aspect(&self) {
        if self.media.borrow().is_none() {
            return;
        }
        let view = self.stage.borrow().view;
        let turned = view.turn.degrees() % 180 != 0;
        let (w, h) = (view.image.width, view.image.height);
        let now = Some(if turned { (h, w) } else { (w, h) });
        if self.aspect.try_get_untracked() != Some(now) {
            let _ = self.aspect.try_set(now);
        }
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
    pub(super) fn regions_stale(&self) {
        self.mark(|s| s.regions = true);
    }

    /// Everything that hangs on settings: captions, smoothing.
    pub(super) fn looks_stale(&self) {
        self.all_stale();
    }

    pub(super) fn hover(&self, id: Option<RegionId>) {
        let mut stage = self.stage.borrow_mut();
        if stage.hovered != id {
            stage.hovered = id;
            drop(stage);
            self.mark(|s| s.upper = true);
        }
    }

    /// Whether there is a picture to work on.
    pub(super) fn is_showing(&self) -> bool {
        self.media.borrow().is_some()
    }

    /// Whether something is half done that Escape takes back.
    pub(super) fn is_active(&self) -> bool {
        self.tools.borrow().is_active()
    }

    /// Whether the pointer is over the picture.
    pub(super) fn has_pointer(&self) -> bool {
        self.tools.borrow().pointer().is_some()
    }

    /// Whether arrow keys have something to move.
    pub(super) fn can_nudge(&self) -> bool {
        let stage = self.stage.borrow();
        stage.selection.iter().any(|id| stage.editable(id).is_some())
    }

    pub(super) fn set_modifiers(&self, modifiers: Modifiers) {
        self.tools.borrow_mut().set_modifiers(modifiers);
        self.mark(|s| s.upper = true);
    }

    /// A move waits for the next frame; everything else is taken in at once, after the move before it.
    pub(super) fn input(&self, input: Input) {
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

    fn dispatch(&self, command: Command) {
        self.ctx.dispatch(Action::Apply(command));
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Create(rect) => {
                let view = self.stage.borrow().view;
                let several = self.options.urls.as_ref().is_ok_and(|urls| urls.len() > 1);
                self.ctx.dispatch(Action::CreateRegion {
                    object: self.options.name.clone(),
                    geometry: stored(rect, None, &view),
                    frame: frame_of(&view),
                    item_index: several.then(|| self.item.get()),
                });
                self.mark(|s| s.regions = true);
            }
            Effect::Begin => *self.live.borrow_mut() = Live::Begun,
            Effect::Set(list) => self.set_boxes(list),
            Effect::Commit => {
                let live = self.live.take();
                match live {
                    Live::Open => self.dispatch(Command::Commit),
                    Live::Held(list) => {
                        self.dispatch(Command::Begin);
                        self.send(&list);
                        self.dispatch(Command::Commit);
                        self.put_back(&list);
                    }
                    Live::None | Live::Begun => {}
                }
                self.mark(|s| s.regions = true);
            }
            Effect::Abort => {
                match self.live.take() {
                    Live::Open => self.dispatch(Command::Abort),
                    Live::Held(list) => self.put_back(&list),
                    Live::None | Live::Begun => {}
                }
                self.mark(|s| s.regions = true);
            }
            Effect::Select { ids, toggle } => {
                let mode = if toggle { SelectMode::Toggle } else { SelectMode::Replace };
                self.ctx.dispatch(Action::Select { ids, mode });
                // The rest of this gesture must already see the new selection.
                self.sync();
            }
            Effect::Hover(id) => {
                self.hover(id.clone());
                let _ = self.ctx.hovered.try_set(id);
            }
            Effect::Pan(by) => self.change_view(|view, _| view.pan(by)),
            Effect::Zoom { at, factor } => {
                self.change_view(|view, options| view.zoom_at(at, factor, options.negative_zoom));
            }
        }
    }

    fn set_boxes(&self, list: Vec<(RegionId, RectanglePx)>) {
        if list.len() > 1 {
            {
                let mut stage = self.stage.borrow_mut();
                for (id, rect) in &list {
                    stage.scene.place_box(id, *rect);
                }
            }
            *self.live.borrow_mut() = Live::Held(list);
            self.mark(|s| s.upper = true);
            return;
        }
        if *self.live.borrow() == Live::Begun {
            self.dispatch(Command::Begin);
            *self.live.borrow_mut() = Live::Open;
        }
        self.send(&list);
        self.mark(|s| s.regions = true);
    }

    fn send(&self, list: &[(RegionId, RectanglePx)]) {
        let view = self.stage.borrow().view;
        let actions = self.ctx.try_with(|editor| set(editor, list, &view)).unwrap_or_default();
        for action in actions {
            self.ctx.dispatch(action);
        }
    }

    fn put_back(&self, list: &[(RegionId, RectanglePx)]) {
        let ids: Vec<RegionId> = list.iter().map(|(id, _)| id.clone()).collect();
        self.stage.borrow_mut().scene.put_back(&ids);
        self.mark(|s| s.upper = true);
    }

    fn change_view(&self, change: impl FnOnce(&mut tagloom_region_geometry::Viewport, &ImageOptions)) {
        {
            let mut stage = self.stage.borrow_mut();
            let before = stage.view;
            change(&mut stage.view, &self.options);
            if stage.view == before {
                return;
            }
        }
        self.mark(|s| *s = Stale { lower: true, upper: true, media: true, ..*s });
    }

    /// Zooms about the middle, or about the pointer.
    pub(super) fn zoom_by(&self, factor: f64, at: Option<ScreenPoint>) {
        self.change_view(|view, options| {
            let middle = Point::new(view.canvas_width / 2.0, view.canvas_height / 2.0);
            view.zoom_at(at.unwrap_or(middle), factor, options.negative_zoom);
        });
    }
    pub(super) fn zoom(&self) -> f64 {
        self.stage.borrow().view.zoom
    }
    pub(super) fn pan(&self, by: ScreenPoint) {
        self.change_view(|view, _| view.pan(by));
    }
    pub(super) fn fit(&self) {
        self.change_view(|view, _| view.fit());
    }
    pub(super) fn actual_size(&self) {
        self.change_view(|view, _| view.original());
    }
    pub(super) fn rotate(&self, quarters: i8) {
        self.step(Input::Cancel);
        self.change_view(|view, _| view.rotate(quarters));
        self.publish_aspect();
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

    /// Brings the stage up to date with the editor.
    fn sync(&self) {
        let Some(size) = self.media.borrow().as_ref().map(|_| self.stage.borrow().view.image) else { return };
        let several = self.options.urls.as_ref().is_ok_and(|urls| urls.len() > 1);
        let (item, three_points) = (self.item.get(), self.three_points.try_get_untracked().unwrap_or(false));
        let changed = self.ctx.try_with(|editor| {
            let mut stage = self.stage.borrow_mut();
            let document = editor.document();
            let regions = document
                .regions_of(&self.options.name)
                .filter(|r| !several || r.item_index.unwrap_or(0) == item)
                .map(|r| (r.clone(), document.flags(&r.id)));
            let synced = stage.scene.sync(size, regions, |region| appearance(editor, region));
            let selection: Vec<RegionId> =
                document.selection().iter().filter(|id| stage.scene.get(id).is_some()).cloned().collect();
            let selected = selection != stage.selection;
            let lower = match &synced {
                Synced::Nothing => false,
                Synced::All => true,
                Synced::Some(ids) => ids.iter().any(|id| !selection.contains(id)),
            };
            stage.selection = selection;
            stage.read_only = editor.is_read_only();
            stage.hand = hand(editor, &self.options, three_points);
            (lower || selected, stage.scene.pending())
        });
        let Some((lower, pending)) = changed else { return };
        self.mark(|s| {
            s.lower |= lower;
            s.upper = true;
        });
        for url in pending {
            self.decode(url, size);
        }
        // A half drawn box has no meaning for another tool.
        let draws = matches!(self.stage.borrow().hand, Hand::Draw { .. });
        let half_drawn = self.tools.borrow().is_drawing();
        if half_drawn && !draws {
            self.step(Input::Cancel);
        }
    }

    fn decode(&self, url: Rc<str>, image: ImageSize) {
        if !self.decoding.borrow_mut().insert(url.clone()) {
            return;
        }
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let alpha = alpha_of(&url).await;
            let Some(controller) = this.upgrade() else { return };
            let mask = alpha.and_then(|(width, height, alpha)| {
                Mask::from_alpha(width, height, image, |i| alpha.get(i).copied().unwrap_or(0))
            });
            controller.decoding.borrow_mut().remove(&url);
            controller.stage.borrow_mut().scene.decoded(&url, mask);
            controller.all_stale();
        });
    }

    fn draw(&self, stale: Stale) {
        let stage = self.stage.borrow();
        let tools = self.tools.borrow();
        let showing = self.media.borrow().is_some();
        if stale.media {
            self.place_media(&stage);
        }
        let mut layers = self.layers.borrow_mut();
        if let Some((lower, upper)) = layers.as_mut() {
            if stale.lower {
                let captions = self.ctx.try_with(|e| e.settings().show_labels).unwrap_or(false);
                draw_regions(&stage, self.options.grid.as_ref().filter(|_| showing), captions, lower);
            }
            if stale.upper || stale.lower {
                let overlay = tools.overlay(&*stage);
                let ghost_color = match overlay {
                    Some(Overlay::Ghost(_)) => {
                        self.ctx.try_with(|e| ghost_color(e, &self.options.name)).unwrap_or_default()
                    }
                    _ => String::new(),
                };
                let crosshair = tools.pointer().filter(|_| self.options.crosshair && showing);
                draw_top(
                    &stage,
                    &Top { overlay, crosshair, ghost_color, editing: tools.is_editing() },
                    upper,
                );
            }
        }
        drop(layers);
        let cursor = if showing { tools.cursor(&*stage).css() } else { "default" };
        let readout = readout(&stage, &tools, showing);
        drop((stage, tools));
        if self.cursor.try_get_untracked().is_some_and(|now| now != cursor) {
            let _ = self.cursor.try_set(cursor);
        }
        if self.readout.try_get_untracked().is_some_and(|now| now != readout) {
            let _ = self.readout.try_set(readout);
        }
    }

    /// The picture itself is moved by the compositor, not drawn.
    fn place_media(&self, stage: &Stage) {
        let media = self.media.borrow();
        let Some((_, image)) = media.as_ref() else { return };
        let [a, b, c, d, e, f] = stage.view.matrix();
        let style = HtmlElement::style(image);
        let smooth = self.options.smoothing.unwrap_or_else(|| {
            self.ctx.try_with(|editor| editor.settings().enable_smoothing).unwrap_or(true)
        });
        for (name, value) in [
            ("width", format!("{}px", stage.view.image.width)),
            ("height", format!("{}px", stage.view.image.height)),
            ("transform", format!("matrix({a},{b},{c},{d},{e},{f})")),
            ("image-rendering", if smooth { "auto".to_owned() } else { "pixelated".to_owned() }),
        ] {
            // Only a detached style declaration refuses this, and that one is not seen either.
            let _ = style.set_property(name, &value);
        }
    }
}

fn readout(stage: &Stage, tools: &ImageTools, showing: bool) -> Readout {
    if !showing {
        return Readout::default();
    }
    let view = &stage.view;
    let at = tools
        .pointer()
        .map(|p| view.pixels_from_screen(p))
        .filter(|p| p.x >= 0.0 && p.y >= 0.0 && p.x < view.image.width && p.y < view.image.height);
    let drawn = match tools.overlay(stage) {
        Some(Overlay::Ghost(Ghost::Box(rect))) => Some(rect),
        _ => match stage.selection.as_slice() {
            [id] => stage.editable(id).map(|e| e.rect),
            _ => None,
        },
    };
    Readout {
        zoom: view.scale() * 100.0,
        at: at.map(|p| (p.x as i64, p.y as i64)),
        size: drawn.map(|r| (r.width, r.height)),
    }
}
