//! From scene and view to draw calls: the layer of resting regions, and the layer of what is touched.

use super::outline::{DOT_LEAST_SCREEN_PX, Outline};
use super::scene::{Entry, Look, Scene};
use super::stage::Stage;
use crate::painter::{Painter, Stroke, Style};
use std::collections::HashSet;
use tagloom_annotation_store::RegionId;
use tagloom_region_geometry::{Handle, PixelPoint, Point, RectanglePx, ScreenPoint, Viewport};
use tagloom_tags::image::tools::{Board, Overlay, ROTATE_GAP_SCREEN_PX};
use tagloom_tags::rectangle::tool::Ghost;

/// Side of a handle in screen pixels.
pub const HANDLE_SCREEN_PX: f64 = 8.0;
/// Boxes narrower than this on the screen show no handles in the middle of that side.
const ROOMY_SCREEN_PX: f64 = 32.0;
const DASH: [f64; 2] = [6.0, 4.0];
/// Guides lie on pictures of any colour, so they are dark with a light shadow line.
const GUIDE_DARK: &str = "rgba(0, 0, 0, 0.75)";
const GUIDE_LIGHT: &str = "rgba(255, 255, 255, 0.85)";

/// `grid`, `gridSize`, `gridColor`.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Image pixels.
    pub step: f64,
    pub color: String,
}

/// What the upper layer shows beside the selected regions.
#[derive(Clone, Debug, Default)]
pub struct Top {
    pub overlay: Option<Overlay>,
    /// Where the crosshair stands.
    pub crosshair: Option<ScreenPoint>,
    /// Colour of the region that is being drawn.
    pub ghost_color: String,
    /// A gesture is changing boxes: captions keep out of the way.
    pub editing: bool,
}

/// The resting regions in sight, one pen after another; selected ones lie on the upper layer.
pub fn draw_regions(stage: &Stage, grid: Option<&Grid>, captions: bool, painter: &mut dyn Painter) {
    let view = &stage.view;
    painter.begin(view);
    if let Some(grid) = grid {
        draw_grid(view, grid, painter);
    }
    let selected: HashSet<&RegionId> = stage.selection.iter().collect();
    let scene = &stage.scene;
    let mut resting: Vec<&Entry> = in_sight(scene, view)
        .into_iter()
        .filter_map(|at| scene.entries().get(at))
        .filter(|e| !selected.contains(e.id()))
        .collect();
    // Masks lie below, as they would hide everything else; within a pen the order of creation stays.
    resting.sort_by_key(|e| (!matches!(e.outline, Outline::Mask(_)), e.look));
    let mut pen = None;
    for entry in &resting {
        let Some(look) = scene.look(entry) else { continue };
        if pen != Some(entry.look) {
            painter.style(resting_style(look));
            pen = Some(entry.look);
        }
        draw_outline(entry, look, view, painter);
    }
    if captions {
        for entry in &resting {
            caption(entry, scene, view, painter);
        }
    }
}

fn resting_style(look: &Look) -> Style<'_> {
    Style {
        fill: (look.fill_opacity > 0.0).then_some((look.color.as_str(), look.fill_opacity)),
        stroke: (look.stroke_width > 0.0).then_some(Stroke {
            color: &look.color,
            width: look.stroke_width,
            dash: look.dashed.then_some(DASH),
        }),
    }
}

/// Selected: a heavier outline. Hovered: that, and a stronger fill.
fn lifted_style(look: &Look, lift: f64) -> Style<'_> {
    Style {
        fill: Some((look.color.as_str(), (look.fill_opacity + lift).min(1.0))),
        stroke: Some(Stroke {
            color: &look.color,
            width: (look.stroke_width + 0.5).max(2.0),
            dash: look.dashed.then_some(DASH),
        }),
    }
}

/// Indices of what the canvas shows, grown by the room that pens and dots take.
fn in_sight(scene: &Scene, view: &Viewport) -> Vec<usize> {
    let slack = 8.0 / view.scale();
    let [x0, y0, x1, y1] = view.visible_bounds();
    scene.visible([x0 - slack, y0 - slack, x1 + slack, y1 + slack])
}

fn draw_outline(entry: &Entry, look: &Look, view: &Viewport, painter: &mut dyn Painter) {
    match &entry.outline {
        Outline::Box(rect) => painter.boxed(*rect),
        Outline::Ellipse { center, radius_x, radius_y, rotation } => {
            painter.ellipse(*center, *radius_x, *radius_y, *rotation);
        }
        Outline::Dot { center, radius } => {
            painter.dot(view.screen_from_pixels(*center), (radius * view.scale()).max(DOT_LEAST_SCREEN_PX));
        }
        Outline::Path { path, closed } => painter.path(entry.key, path, *closed),
        Outline::Mask(mask) => painter.mask(entry.key, mask, &look.color, look.fill_opacity.max(0.2)),
        Outline::Pending(_) | Outline::Nothing => {}
    }
}

fn caption(entry: &Entry, scene: &Scene, view: &Viewport, painter: &mut dyn Painter) {
    let (false, Some(look), Some(bounds)) =
        (entry.caption.is_empty(), scene.look(entry), entry.outline.bounds())
    else {
        return;
    };
    let [x0, y0, x1, y1] = screen_bounds(bounds, view);
    if x1 < 0.0 || y1 < 0.0 || x0 > view.canvas_width || y0 > view.canvas_height {
        return;
    }
    // A region that begins above the canvas wears its caption at the canvas's edge.
    let half = look.stroke_width / 2.0;
    painter.tag(Point::new((x0 - half).max(0.0), y0 - half), &entry.caption, &look.color);
}

fn screen_bounds([x0, y0, x1, y1]: [f64; 4], view: &Viewport) -> [f64; 4] {
    let a = view.screen_from_pixels(Point::new(x0, y0));
    let b = view.screen_from_pixels(Point::new(x1, y1));
    [a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y)]
}

/// Selected and hovered regions, handles, what is being drawn, guides.
pub fn draw_top(stage: &Stage, top: &Top, painter: &mut dyn Painter) {
    let (view, scene) = (&stage.view, &stage.scene);
    painter.begin(view);
    let sight: HashSet<usize> =
        if stage.selection.len() > 64 { in_sight(scene, view).into_iter().collect() } else { HashSet::new() };
    let shown = |entry: &Entry| !entry.flags.hidden;
    let mut pen = None;
    for id in &stage.selection {
        let Some(entry) = scene.get(id).filter(|e| shown(e)) else { continue };
        // While many are dragged the index is stale, so culling waits for the end of the drag.
        let culled = stage.selection.len() > 64 && !top.editing;
        if culled && !scene.index_of(id).is_some_and(|at| sight.contains(&at)) {
            continue;
        }
        let Some(look) = scene.look(entry) else { continue };
        if pen != Some(entry.look) {
            painter.style(lifted_style(look, 0.1));
            pen = Some(entry.look);
        }
        draw_outline(entry, look, view, painter);
    }
    let hovered = stage.hovered.as_ref().and_then(|id| scene.get(id)).filter(|e| shown(e) && !top.editing);
    if let Some(entry) = hovered
        && let Some(look) = scene.look(entry)
    {
        painter.style(lifted_style(look, 0.15));
        draw_outline(entry, look, view, painter);
        caption(entry, scene, view, painter);
    }
    if let [id] = stage.selection.as_slice()
        && let Some(entry) = scene.get(id).filter(|e| shown(e))
    {
        if let Some(editable) = stage.editable(id) {
            let color = scene.look(entry).map_or(GUIDE_DARK, |l| l.color.as_str());
            draw_handles(editable.rect, editable.can_rotate, color, view, painter);
        }
        if !top.editing && stage.hovered.as_ref() != Some(id) {
            caption(entry, scene, view, painter);
        }
    }
    match top.overlay {
        Some(Overlay::Ghost(ghost)) => draw_ghost(ghost, &top.ghost_color, view, painter),
        Some(Overlay::Marquee(a, b)) => {
            for (color, dash) in [(GUIDE_LIGHT, None), (GUIDE_DARK, Some([4.0, 4.0]))] {
                let fill = dash.is_none().then_some((GUIDE_LIGHT, 0.15));
                painter.style(Style { fill, stroke: Some(Stroke { color, width: 1.0, dash }) });
                painter.frame(a, b);
            }
        }
        None => {}
    }
    if let Some(at) = top.crosshair {
        let cross = [
            (Point::new(0.0, at.y), Point::new(view.canvas_width, at.y)),
            (Point::new(at.x, 0.0), Point::new(at.x, view.canvas_height)),
        ];
        for (color, dash) in [(GUIDE_LIGHT, None), (GUIDE_DARK, Some([4.0, 4.0]))] {
            painter.style(Style { fill: None, stroke: Some(Stroke { color, width: 1.0, dash }) });
            painter.lines(&cross);
        }
    }
}

fn draw_ghost(ghost: Ghost, color: &str, view: &Viewport, painter: &mut dyn Painter) {
    painter.style(Style { fill: Some((color, 0.2)), stroke: Some(Stroke { color, width: 2.0, dash: None }) });
    match ghost {
        Ghost::Box(rect) => painter.boxed(rect),
        Ghost::Side(a, b) => {
            let (a, b) = (view.screen_from_pixels(a), view.screen_from_pixels(b));
            painter.lines(&[(a, b)]);
            painter.dot(a, 3.0);
        }
    }
}

fn draw_handles(
    rect: RectanglePx,
    can_rotate: bool,
    color: &str,
    view: &Viewport,
    painter: &mut dyn Painter,
) {
    let scale = view.scale();
    let screen = |p: PixelPoint| view.screen_from_pixels(p);
    let stroke = Some(Stroke { color, width: 1.5, dash: None });
    painter.style(Style { fill: Some(("#ffffff", 1.0)), stroke });
    if can_rotate {
        let top = screen(rect.handle_at(Handle::Top, 0.0));
        let knob = screen(rect.handle_at(Handle::Rotate, ROTATE_GAP_SCREEN_PX / scale));
        painter.lines(&[(top, knob)]);
        painter.dot(knob, HANDLE_SCREEN_PX / 2.0);
    }
    for handle in Handle::ALL {
        let roomy = match handle {
            Handle::Rotate => false,
            Handle::Top | Handle::Bottom => rect.width * scale >= ROOMY_SCREEN_PX,
            Handle::Left | Handle::Right => rect.height * scale >= ROOMY_SCREEN_PX,
            _ => true,
        };
        if roomy {
            painter.square(screen(rect.handle_at(handle, 0.0)), HANDLE_SCREEN_PX);
        }
    }
}

fn draw_grid(view: &Viewport, grid: &Grid, painter: &mut dyn Painter) {
    // A grid too fine to be seen apart would only grey the picture out.
    let step = grid.step * view.scale();
    if step.is_nan() || step < 4.0 {
        return;
    }
    let [x0, y0, x1, y1] = view.visible_bounds();
    let (x0, y0) = (x0.max(0.0), y0.max(0.0));
    let (x1, y1) = (x1.min(view.image.width), y1.min(view.image.height));
    let steps = |lo: f64, hi: f64| {
        let (first, last) = ((lo / grid.step).ceil() as i64, (hi / grid.step).floor() as i64);
        (first..=last).map(|n| n as f64 * grid.step)
    };
    let screen = |x, y| view.screen_from_pixels(Point::new(x, y));
    let mut lines: Vec<(ScreenPoint, ScreenPoint)> =
        steps(x0, x1).map(|x| (screen(x, y0), screen(x, y1))).collect();
    lines.extend(steps(y0, y1).map(|y| (screen(x0, y), screen(x1, y))));
    painter.style(Style { fill: None, stroke: Some(Stroke { color: &grid.color, width: 1.0, dash: None }) });
    painter.lines(&lines);
}
