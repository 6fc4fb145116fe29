//! The picture of a video: zoom and pan, and the boxes of the frame on screen. Drawing, moving, resizing and turning are
//! the tools of an image; what they ask for becomes keyframes.

use super::screen::Screen;
use super::track;
use crate::canvas::{Appearance, Stage, Top, draw_regions, draw_top};
use crate::painter::Canvas2d;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use tagloom_annotation_store::{Command, Geometry, Region, RegionId, ViewFlags};
use tagloom_editor::{Action, Editor, SelectMode};
use tagloom_region_geometry::{ImageSize, PixelPoint, Point, RectanglePx, ScreenPoint, Shape, Viewport};
use tagloom_tags::image::tools::{Board, EditableBox, Effect, Hand, ImageTools, Input, Overlay, Pointer};
use tagloom_tags::rectangle::tool::Ghost;
use web_sys::{HtmlCanvasElement, HtmlElement};

/// Steps of zooming by button and key.
const ZOOM_STEP: f64 = 1.1;

/// How far a gesture on boxes has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Live {
    #[default]
    None,
    Begun,
    Open,
}

/// A region as it was, and the box that was made of it for a frame.
type Made = (Arc<Region>, u64, Arc<Region>);

pub(super) struct Picture {
    stage: RefCell<Stage>,
    tools: RefCell<ImageTools>,
    layers: RefCell<Option<(Canvas2d, Canvas2d)>>,
    video: RefCell<Option<HtmlElement>>,
    made: RefCell<HashMap<RegionId, Made>>,
    live: Cell<Live>,
    size: Cell<(f64, f64)>,
    ready: Cell<bool>,
    placed: Cell<bool>,
    pub zoom: RwSignal<f64>,
}

impl Default for Picture {
    fn default() -> Self {
        Self {
            stage: RefCell::new(Stage::new(ImageSize::new(1.0, 1.0))),
            tools: RefCell::default(),
            layers: RefCell::default(),
            video: RefCell::default(),
            made: RefCell::default(),
            live: Cell::default(),
            size: Cell::new((1.0, 1.0)),
            ready: Cell::default(),
            placed: Cell::default(),
            zoom: RwSignal::new(1.0),
        }
    }
}

/// The board of a picture whose boxes may reach outside (setting `videoDrawOutside`): the tools are told of one three times
/// as large, with the real one in its middle, so that its edges are nowhere near.
struct Wide<'a> {
    stage: &'a Stage,
    /// Where the real picture begins in the large one; nothing when boxes stay inside.
    margin: PixelPoint,
}

impl<'a> Wide<'a> {
    fn new(stage: &'a Stage, outside: bool) -> Self {
        let ImageSize { width, height } = stage.view.image;
        let margin = if outside { Point::new(width, height) } else { Point::new(0.0, 0.0) };
        Self { stage, margin }
    }

    fn out(&self, rect: RectanglePx) -> RectanglePx {
        rect.moved(self.margin)
    }

    fn back(&self, rect: RectanglePx) -> RectanglePx {
        rect.moved(Point::new(-self.margin.x, -self.margin.y))
    }
}

impl Board for Wide<'_> {
    fn viewport(&self) -> Viewport {
        let mut view = self.stage.view;
        if self.margin.x > 0.0 {
            let scale = view.scale();
            view.image = ImageSize::new(view.image.width * 3.0, view.image.height * 3.0);
            // The same pixels on the same places of the screen.
            view.zoom *= scale / view.scale();
            view.offset =
                Point::new(view.offset.x - self.margin.x * scale, view.offset.y - self.margin.y * scale);
        }
        view
    }
    fn hand(&self) -> Hand {
        self.stage.hand()
    }
    fn selection(&self) -> &[RegionId] {
        self.stage.selection()
    }
    fn hit(&self, at: ScreenPoint, slack: f64) -> Option<RegionId> {
        self.stage.hit(at, slack)
    }
    fn covers(&self, id: &RegionId, at: ScreenPoint, slack: f64) -> bool {
        self.stage.covers(id, at, slack)
    }
    fn touching(&self, [left, top, right, bottom]: [f64; 4]) -> Vec<RegionId> {
        let PixelPoint { x, y, .. } = self.margin;
        self.stage.touching([left - x, top - y, right - x, bottom - y])
    }
    fn editable(&self, id: &RegionId) -> Option<EditableBox> {
        let editable = self.stage.editable(id)?;
        Some(EditableBox { rect: self.out(editable.rect), ..editable })
    }
}

fn draws_outside(screen: &Screen) -> bool {
    screen.ctx.try_with(|e| e.settings().video_draw_outside).unwrap_or(false)
}

fn appearance(editor: &Editor, region: &Region) -> Appearance {
    let style = editor.region_style(region);
    Appearance {
        color: style.color,
        fill_opacity: style.fill_opacity,
        stroke_width: style.stroke_width.max(1.5),
        dashed: style.dashed,
        caption: style.labels.join(", "),
        can_rotate: true,
        snap: false,
    }
}

impl Picture {
    pub fn attach(&self, lower: HtmlCanvasElement, upper: HtmlCanvasElement, video: HtmlElement) {
        *self.layers.borrow_mut() = Canvas2d::new(lower).zip(Canvas2d::new(upper));
        *self.video.borrow_mut() = Some(video);
    }

    /// The size of the pictures is known.
    pub fn show(&self, width: f64, height: f64) {
        if width >= 1.0 && height >= 1.0 {
            let mut stage = self.stage.borrow_mut();
            stage.view.image = ImageSize::new(width, height);
            stage.scene.clear();
            self.ready.set(true);
            self.placed.set(false);
        }
    }

    pub fn resize(&self, width: f64, height: f64) {
        if width >= 1.0 && height >= 1.0 {
            self.size.set((width, height));
        }
    }

    fn place(&self) {
        let (width, height) = self.size.get();
        let mut stage = self.stage.borrow_mut();
        if !self.placed.get() && self.ready.get() && width > 1.0 {
            stage.view = Viewport::fitted(stage.view.image, width, height);
            self.placed.set(true);
        } else if (stage.view.canvas_width, stage.view.canvas_height) != (width, height) {
            stage.view.resize(width, height);
        }
    }

    /// Draws the frame that is shown.
    pub fn present(&self, screen: &Screen) {
        self.place();
        if !self.ready.get() {
            return;
        }
        self.sync(screen);
        let stage = self.stage.borrow();
        if let Some(video) = self.video.borrow().as_ref() {
            let [a, b, c, d, e, f] = stage.view.matrix();
            let style = HtmlElement::style(video);
            for (name, value) in [
                ("width", format!("{}px", stage.view.image.width)),
                ("height", format!("{}px", stage.view.image.height)),
                ("transform", format!("matrix({a},{b},{c},{d},{e},{f})")),
            ] {
                // Only a detached style declaration refuses this, and that one is not seen either.
                let _ = style.set_property(name, &value);
            }
        }
        let tools = self.tools.borrow();
        if let Some((lower, upper)) = self.layers.borrow_mut().as_mut() {
            let captions = screen.ctx.try_with(|e| e.settings().show_labels).unwrap_or(false);
            draw_regions(&stage, None, captions, lower);
            let wide = Wide::new(&stage, draws_outside(screen));
            let overlay = match tools.overlay(&wide) {
                Some(Overlay::Ghost(Ghost::Box(rect))) => Some(Overlay::Ghost(Ghost::Box(wide.back(rect)))),
                other => other,
            };
            let ghost_color = match overlay {
                Some(Overlay::Ghost(_)) => screen.draft_color(),
                _ => String::new(),
            };
            draw_top(
                &stage,
                &Top { overlay, crosshair: None, ghost_color, editing: tools.is_editing() },
                upper,
            );
        }
        let cursor = tools.cursor(&Wide::new(&stage, draws_outside(screen))).css();
        let zoom = stage.view.zoom;
        drop((stage, tools));
        if screen.cursor_style.try_get_untracked().is_some_and(|now| now != cursor) {
            let _ = screen.cursor_style.try_set(cursor);
        }
        if self.zoom.try_get_untracked().is_some_and(|now| now != zoom) {
            let _ = self.zoom.try_set(zoom);
        }
    }

    /// The boxes of the shown frame, as regions of a picture.
    fn sync(&self, screen: &Screen) {
        let Some(number) = screen.shown() else { return };
        let mut made = self.made.borrow_mut();
        let regions: Option<Vec<(Arc<Region>, ViewFlags)>> = screen.ctx.try_with(|editor| {
            let document = editor.document();
            let mut list = Vec::new();
            for region in document.regions_of(&screen.spec.name) {
                let Geometry::VideoTrack(track) = &region.geometry else { continue };
                let known = made.get(&region.id).filter(|(r, n, _)| Arc::ptr_eq(r, region) && *n == number);
                let shown = match known {
                    Some((.., shown)) => shown.clone(),
                    None => {
                        let Some(rect) = track::box_at(track, number) else {
                            made.remove(&region.id);
                            continue;
                        };
                        let shown = Arc::new(Region {
                            geometry: Geometry::Image(Shape::Rectangle(rect)),
                            ..(**region).clone()
                        });
                        made.insert(region.id.clone(), (region.clone(), number, shown.clone()));
                        shown
                    }
                };
                list.push((shown, document.flags(&region.id)));
            }
            list
        });
        let Some(regions) = regions else { return };
        let mut stage = self.stage.borrow_mut();
        let size = stage.view.image;
        screen.ctx.try_with(|editor| {
            stage.scene.sync(size, regions.into_iter(), |region| appearance(editor, region));
            let selection: Vec<RegionId> = editor
                .document()
                .selection()
                .iter()
                .filter(|id| stage.scene.get(id).is_some())
                .cloned()
                .collect();
            stage.selection = selection;
            stage.read_only = editor.is_read_only();
            stage.hand = hand(editor, screen);
        });
    }

    pub fn is_active(&self) -> bool {
        self.tools.borrow().is_active()
    }

    pub fn zoom_by(&self, steps: f64, at: Option<ScreenPoint>) {
        let mut stage = self.stage.borrow_mut();
        let (width, height) = self.size.get();
        let at = at.unwrap_or(Point::new(width / 2.0, height / 2.0));
        let wanted = (stage.view.zoom * ZOOM_STEP.powf(steps)).clamp(0.1, 10.0);
        let factor = wanted / stage.view.zoom;
        stage.view.zoom_at(at, factor, true);
    }

    pub fn fit(&self) {
        self.stage.borrow_mut().view.fit();
    }

    pub fn input(&self, screen: &Rc<Screen>, input: Input) {
        // A box is drawn on a picture that stands still.
        if screen.is_playing()
            && self.draws_or_hits(&input)
            && let Some(handle) = screen.handle()
        {
            handle.pause();
        }
        self.sync(screen);
        let mut out = Vec::new();
        {
            let stage = self.stage.borrow();
            // A shift-drag pans, as Label Studio has it; the tools know the space bar for that.
            let input = with_shift_as_space(input);
            let wide = Wide::new(&stage, draws_outside(screen));
            self.tools.borrow_mut().step(input, &wide, &mut out);
            for effect in &mut out {
                match effect {
                    Effect::Create(rect) => *rect = wide.back(*rect),
                    Effect::Set(list) => list.iter_mut().for_each(|(_, rect)| *rect = wide.back(*rect)),
                    _ => {}
                }
            }
        }
        for effect in out {
            self.carry_out(screen, effect);
        }
        screen.mark();
    }

    fn draws_or_hits(&self, input: &Input) -> bool {
        let stage = self.stage.borrow();
        let Input::Down(p) = input else { return false };
        matches!(stage.hand, Hand::Draw { .. }) || stage.hit(p.at, 4.0).is_some()
    }

    fn carry_out(&self, screen: &Rc<Screen>, effect: Effect) {
        let dispatch = |command| screen.ctx.dispatch(Action::Apply(command));
        match effect {
            Effect::Create(rect) => {
                let image = self.stage.borrow().view.image;
                screen.create_track(rect.to_percent(image));
            }
            Effect::Begin => self.live.set(Live::Begun),
            Effect::Set(list) => {
                if self.live.get() == Live::Begun {
                    dispatch(Command::Begin);
                    self.live.set(Live::Open);
                }
                self.set(screen, list);
            }
            Effect::Commit => {
                if self.live.take() == Live::Open {
                    dispatch(Command::Commit);
                }
            }
            Effect::Abort => {
                if self.live.take() == Live::Open {
                    dispatch(Command::Abort);
                }
            }
            Effect::Select { ids, toggle } => {
                let mode = if toggle { SelectMode::Toggle } else { SelectMode::Replace };
                screen.ctx.dispatch(Action::Select { ids, mode });
                self.sync(screen);
            }
            Effect::Hover(id) => {
                self.stage.borrow_mut().hovered = id.clone();
                let _ = screen.ctx.hovered.try_set(id);
            }
            Effect::Pan(by) => self.stage.borrow_mut().view.pan(by),
            Effect::Zoom { at, factor } => self.stage.borrow_mut().view.zoom_at(at, factor, true),
        }
    }

    fn set(&self, screen: &Rc<Screen>, list: Vec<(RegionId, RectanglePx)>) {
        let image = self.stage.borrow().view.image;
        for (id, rect) in list {
            let rect = rect.to_percent(image);
            screen.change_track(&id, |track, number, time| Some(track::with_box(track, number, time, rect)));
        }
        screen.regions_stale();
    }
}

/// What a press on the picture does: boxes are drawn when the video has tracks, and one of its labels is armed where it
/// has labels.
fn hand(editor: &Editor, screen: &Screen) -> Hand {
    if !screen.spec.has_tracks || screen.is_playing() {
        return Hand::Select;
    }
    match editor.can_draw(&screen.spec.name) {
        Some(plan)
            if plan.kind == "videorectangle" && (!plan.labels.is_empty() || !screen.spec.has_labels) =>
        {
            Hand::Draw { three_points: false, snap: false, over_regions: !plan.labels.is_empty() }
        }
        _ => Hand::Select,
    }
}

fn with_shift_as_space(input: Input) -> Input {
    let held = |mut p: Pointer| {
        p.modifiers.space |= p.modifiers.shift;
        p
    };
    match input {
        Input::Down(p) => Input::Down(held(p)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_tags::image::tools::{Button, Device, Modifiers};

    fn at(x: f64, y: f64) -> Pointer {
        Pointer {
            id: 1,
            device: Device::Mouse,
            at: Point::new(x, y),
            button: Button::Primary,
            modifiers: Modifiers::default(),
        }
    }

    /// Draws from (20, 20) to (300, 150) on a picture of 100 x 50 that is shown at double size with a band above.
    fn drawn(outside: bool) -> RectanglePx {
        let mut stage = Stage::new(ImageSize::new(100.0, 50.0));
        stage.view = Viewport::fitted(ImageSize::new(100.0, 50.0), 200.0, 200.0);
        stage.hand = Hand::Draw { three_points: false, snap: false, over_regions: true };
        let mut tools = ImageTools::default();
        let mut out = Vec::new();
        let wide = Wide::new(&stage, outside);
        for input in [Input::Down(at(20.0, 20.0)), Input::Move(at(300.0, 150.0)), Input::Up(at(300.0, 150.0))]
        {
            tools.step(input, &wide, &mut out);
        }
        let made = out.into_iter().find_map(|e| if let Effect::Create(rect) = e { Some(rect) } else { None });
        wide.back(made.expect("a box was drawn"))
    }

    #[test]
    fn boxes_are_cut_at_the_picture_unless_the_setting_lets_them_out() {
        let inside = drawn(false);
        assert_eq!((inside.corner, inside.width, inside.height), (Point::new(10.0, 0.0), 90.0, 50.0));
        let outside = drawn(true);
        assert_eq!((outside.corner, outside.width, outside.height), (Point::new(10.0, -15.0), 140.0, 65.0));
    }
}
