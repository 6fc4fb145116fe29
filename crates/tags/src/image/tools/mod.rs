//! The tools of an image: drawing boxes, selecting, moving, resizing, turning, panning, pinching.
//!
//! [`ImageTools::step`] is total: every input has an answer in every state, and whatever is half done is taken back by
//! [`Input::Cancel`]. It knows no document and no DOM; it reads a [`Board`] and answers with [`Effect`]s. Feed pointer
//! moves at most once per frame.

mod gesture;
mod input;
mod touch;
mod wheel;

pub use input::{
    Board, Button, Cursor, Device, EditableBox, Effect, Hand, Input, Modifiers, Overlay, Pointer,
};
pub use wheel::{Wheel, WheelRules, wheel};

use crate::rectangle::edit;
use crate::rectangle::tool::{BoxFrame, BoxInput, BoxTool, LEAST_SCREEN_PX};
use gesture::{Gesture, Press};
use tagloom_annotation_store::RegionId;
use tagloom_region_geometry::{Handle, Point, RectanglePx, ScreenPoint};
use touch::Touches;

/// How far the handle for turning stands off the box, in screen pixels.
pub const ROTATE_GAP_SCREEN_PX: f64 = 24.0;
/// Steps of turning with shift held, in degrees.
const TURN_STEP: f64 = 15.0;

/// The state of all tools of one image.
#[derive(Debug, Default)]
pub struct ImageTools {
    gesture: Gesture,
    drawing: BoxTool,
    touches: Touches,
    /// The boxes that the gesture changes, as they were when it began.
    grabbed: Vec<(RegionId, RectanglePx)>,
    snap: bool,
    hovered: Option<RegionId>,
    /// Last seen position, for the cursor and the crosshair.
    at: Option<ScreenPoint>,
    modifiers: Modifiers,
    device: Device,
}

impl ImageTools {
    /// Whether something is half done that Escape would take back.
    pub fn is_active(&self) -> bool {
        self.gesture != Gesture::Idle || self.drawing.is_active()
    }

    /// Whether a box is half drawn, by drag or by clicks.
    pub fn is_drawing(&self) -> bool {
        self.drawing.is_active()
    }

    /// Where the pointer is, while it is over the canvas.
    pub fn pointer(&self) -> Option<ScreenPoint> {
        self.at
    }

    /// Whether boxes are being dragged, so that their captions and handles should keep out of the way.
    pub fn is_editing(&self) -> bool {
        matches!(self.gesture, Gesture::Moving { .. } | Gesture::Resizing { .. })
    }

    /// Takes an input in; what is to be done is added to `out`.
    pub fn step(&mut self, input: Input, board: &dyn Board, out: &mut Vec<Effect>) {
        match input {
            Input::Down(p) => self.down(p, board, out),
            Input::Move(p) => self.moved(p, board, out),
            Input::Up(p) => self.up(p, board, out),
            Input::Lost(p) => {
                self.touches.lift(p.id);
                if p.device == Device::Pen {
                    self.touches.pen_up();
                }
                if self.gesture.pointer().is_none_or(|id| id == p.id) {
                    self.cancel(out);
                }
            }
            Input::DoubleClick(p) => self.double_click(p, board, out),
            Input::Leave => {
                self.at = None;
                self.hover(None, out);
            }
            Input::Cancel => self.cancel(out),
            Input::Nudge { dx, dy } => self.nudge(dx, dy, board, out),
        }
    }

    /// Changes of modifier keys between pointer events, for the cursor.
    pub fn set_modifiers(&mut self, modifiers: Modifiers) {
        self.modifiers = modifiers;
    }

    fn frame(board: &dyn Board) -> Option<(BoxFrame, bool)> {
        let Hand::Draw { three_points, snap, over_regions } = board.hand() else { return None };
        let view = board.viewport();
        Some((BoxFrame { image: view.image, scale: view.scale(), three_points, snap }, over_regions))
    }

    fn down(&mut self, p: Pointer, board: &dyn Board, out: &mut Vec<Effect>) {
        self.note(p);
        if p.device == Device::Touch {
            match self.touches.press(p.id, p.at) {
                touch::Pressed::Ignored => return,
                touch::Pressed::Second => {
                    self.cancel(out);
                    self.gesture = Gesture::Pinching;
                    return;
                }
                touch::Pressed::Pans if self.gesture != Gesture::Idle => return,
                touch::Pressed::Pans => {
                    self.gesture = Gesture::Panning { last: p.at, pointer: p.id };
                    return;
                }
                touch::Pressed::First => {}
            }
        } else if p.device == Device::Pen {
            // The palm lies on the screen already when the pen comes down.
            if self.gesture == Gesture::Pinching {
                self.gesture = Gesture::Idle;
            }
            self.touches.pen_down();
        }
        if self.gesture != Gesture::Idle {
            return;
        }
        if p.button == Button::Middle || (p.button == Button::Primary && p.modifiers.space) {
            self.gesture = Gesture::Panning { last: p.at, pointer: p.id };
            return;
        }
        if p.button == Button::Secondary {
            return;
        }
        // A box half drawn by clicks goes on before anything else.
        if self.drawing.is_active() {
            if let Some((frame, _)) = Self::frame(board) {
                self.draw(BoxInput::Down(board.viewport().pixels_from_screen(p.at)), frame, out);
                return;
            }
            self.drawing = BoxTool::Idle;
        }
        if board.hand() == Hand::Pan && !p.modifiers.ctrl {
            self.gesture = Gesture::Panning { last: p.at, pointer: p.id };
            return;
        }
        if let Some((id, handle, editable)) = self.handle_at(p, board) {
            self.grabbed = vec![(id, editable.rect)];
            self.snap = editable.snap;
            self.gesture = Gesture::Resizing { handle, origin: p.at, opened: false, pointer: p.id };
            return;
        }
        let hit = board.hit(p.at, slack(p.device));
        if let Some((frame, over)) = Self::frame(board)
            && !p.modifiers.ctrl
        {
            self.gesture = Gesture::Drawing { pointer: p.id };
            self.draw(BoxInput::Down(board.viewport().pixels_from_screen(p.at)), frame, out);
            // A click that meets a region selects it unless a label asks to draw over it.
            self.grabbed.clear();
            if !over && let Some(id) = hit {
                self.grabbed.push((id, RectanglePx::spanned(Point::new(0.0, 0.0), Point::new(0.0, 0.0))));
            }
            return;
        }
        let on_selected = board.selection().iter().any(|id| board.covers(id, p.at, slack(p.device)));
        let press = match (on_selected, hit.is_some()) {
            (true, _) => Press::Selected,
            (false, true) => Press::Region,
            (false, false) => Press::Empty,
        };
        self.grabbed = hit
            .map(|id| (id, RectanglePx::spanned(Point::new(0.0, 0.0), Point::new(0.0, 0.0))))
            .into_iter()
            .collect();
        self.gesture = Gesture::Pressing { origin: p.at, press, add: p.modifiers.ctrl, pointer: p.id };
    }

    fn moved(&mut self, p: Pointer, board: &dyn Board, out: &mut Vec<Effect>) {
        self.note(p);
        let view = board.viewport();
        if self.gesture == Gesture::Pinching {
            if let Some((by, at, factor)) = self.touches.pinch(p.id, p.at) {
                out.push(Effect::Pan(by));
                out.push(Effect::Zoom { at, factor });
            }
            return;
        }
        self.touches.slide(p.id, p.at);
        if self.gesture.pointer().is_some_and(|id| id != p.id) {
            return;
        }
        match self.gesture {
            Gesture::Idle | Gesture::Drawing { .. } => {
                if let Some((frame, _)) = Self::frame(board)
                    && self.drawing.is_active()
                {
                    self.draw(BoxInput::Move(view.pixels_from_screen(p.at)), frame, out);
                } else if self.gesture == Gesture::Idle {
                    let hit = board.hit(p.at, slack(p.device)).filter(|_| p.device != Device::Touch);
                    self.hover(hit, out);
                }
            }
            Gesture::Pinching => {}
            Gesture::Panning { last, pointer } => {
                if last != p.at {
                    out.push(Effect::Pan(p.at - last));
                }
                self.gesture = Gesture::Panning { last: p.at, pointer };
            }
            Gesture::Pressing { origin, press, add, pointer } => {
                if origin.distance(p.at) < LEAST_SCREEN_PX {
                    return;
                }
                if press == Press::Empty || (press == Press::Region && add) {
                    self.gesture = Gesture::Marquee { origin, at: p.at, add, pointer };
                    return;
                }
                let mut ids = board.selection().to_vec();
                if press == Press::Region
                    && let Some((hit, _)) = self.grabbed.first()
                {
                    ids = vec![hit.clone()];
                    out.push(Effect::Select { ids: ids.clone(), toggle: false });
                }
                let boxes: Vec<_> =
                    ids.into_iter().filter_map(|id| Some((board.editable(&id)?, id))).collect();
                self.snap = boxes.first().is_some_and(|(b, _)| b.snap);
                self.grabbed = boxes.into_iter().map(|(b, id)| (id, b.rect)).collect();
                self.gesture = Gesture::Moving { origin, opened: false, pointer };
                self.drag_boxes(p, board, out);
            }
            Gesture::Marquee { origin, add, pointer, .. } => {
                self.gesture = Gesture::Marquee { origin, at: p.at, add, pointer };
            }
            Gesture::Moving { .. } | Gesture::Resizing { .. } => self.drag_boxes(p, board, out),
        }
    }

    fn up(&mut self, p: Pointer, board: &dyn Board, out: &mut Vec<Effect>) {
        self.note(p);
        if self.touches.lift(p.id) {
            // The last of several fingers: nothing it did alone was meant. What a mouse does meanwhile goes on.
            if self.gesture == Gesture::Pinching || self.gesture.pointer() == Some(p.id) {
                self.cancel(out);
            }
            return;
        }
        if p.device == Device::Pen {
            self.touches.pen_up();
        }
        if self.gesture == Gesture::Pinching || self.gesture.pointer().is_some_and(|id| id != p.id) {
            return;
        }
        match std::mem::take(&mut self.gesture) {
            Gesture::Pinching | Gesture::Panning { .. } => {}
            Gesture::Idle | Gesture::Drawing { .. } => {
                let Some((frame, _)) = Self::frame(board) else {
                    self.drawing = BoxTool::Idle;
                    return;
                };
                if !self.drawing.is_active() {
                    return;
                }
                let clicked =
                    matches!(self.drawing, BoxTool::Pointing { .. } | BoxTool::DrawingSide { clicks: 0, .. });
                self.draw(BoxInput::Up(board.viewport().pixels_from_screen(p.at)), frame, out);
                let waits = matches!(
                    self.drawing,
                    BoxTool::AwaitingCorner { .. } | BoxTool::DrawingSide { clicks: 1, .. }
                );
                if clicked
                    && waits
                    && let Some((id, _)) = self.grabbed.pop()
                {
                    self.drawing = BoxTool::Idle;
                    out.push(Effect::Select { ids: vec![id], toggle: false });
                }
            }
            Gesture::Pressing { add, .. } => {
                let ids: Vec<_> = std::mem::take(&mut self.grabbed).into_iter().map(|(id, _)| id).collect();
                if !ids.is_empty() || (!add && !board.selection().is_empty()) {
                    out.push(Effect::Select { ids, toggle: add });
                }
            }
            Gesture::Marquee { origin, add, .. } => {
                let view = board.viewport();
                let (a, b) = (view.pixels_from_screen(origin), view.pixels_from_screen(p.at));
                let mut ids = board.touching([a.x.min(b.x), a.y.min(b.y), a.x.max(b.x), a.y.max(b.y)]);
                if add {
                    let kept = board.selection().iter().filter(|id| !ids.contains(id)).cloned();
                    ids = kept.chain(ids.iter().cloned()).collect();
                }
                out.push(Effect::Select { ids, toggle: false });
            }
            Gesture::Moving { opened, origin, pointer } => {
                self.gesture = Gesture::Moving { opened, origin, pointer };
                self.finish_dragging(p, board, out);
            }
            Gesture::Resizing { handle, origin, opened, pointer } => {
                self.gesture = Gesture::Resizing { handle, origin, opened, pointer };
                self.finish_dragging(p, board, out);
            }
        }
    }

    fn double_click(&mut self, p: Pointer, board: &dyn Board, out: &mut Vec<Effect>) {
        self.note(p);
        if self.gesture != Gesture::Idle || p.modifiers.ctrl || p.button != Button::Primary {
            return;
        }
        let Some((frame, over)) = Self::frame(board) else { return };
        if !over && board.hit(p.at, slack(p.device)).is_some() {
            return;
        }
        self.draw(BoxInput::DoubleClick(board.viewport().pixels_from_screen(p.at)), frame, out);
    }

    fn draw(&mut self, input: BoxInput, frame: BoxFrame, out: &mut Vec<Effect>) {
        let (next, made) = self.drawing.step(input, frame);
        self.drawing = next;
        if let Some(rect) = made {
            out.push(Effect::Create(rect));
        }
    }

    fn drag_boxes(&mut self, p: Pointer, board: &dyn Board, out: &mut Vec<Effect>) {
        let view = board.viewport();
        let at = view.pixels_from_screen(p.at);
        let was_open = match &mut self.gesture {
            Gesture::Moving { opened, .. } => std::mem::replace(opened, true),
            Gesture::Resizing { origin, opened, .. } => {
                if !*opened && origin.distance(p.at) < LEAST_SCREEN_PX {
                    return;
                }
                std::mem::replace(opened, true)
            }
            _ => return,
        };
        if self.grabbed.is_empty() {
            return;
        }
        let rects: Vec<RectanglePx> = self.grabbed.iter().map(|(_, r)| *r).collect();
        let rects = match (self.gesture, rects.first()) {
            (Gesture::Moving { origin, .. }, _) => {
                let by = at - view.pixels_from_screen(origin);
                edit::moved(&rects, by, view.image, self.snap)
            }
            (Gesture::Resizing { handle: Handle::Rotate, .. }, Some(start)) => {
                let step = p.modifiers.shift.then_some(TURN_STEP);
                vec![edit::turned(*start, at, step, view.image)]
            }
            (Gesture::Resizing { handle, origin, .. }, Some(start)) => {
                // The handle keeps its distance to the pointer, so that grabbing it off centre does not make it jump.
                let offset = start.handle_at(handle, 0.0) - view.pixels_from_screen(origin);
                let keep = p.modifiers.shift || p.modifiers.alt;
                let least = LEAST_SCREEN_PX / view.scale();
                vec![edit::resized(*start, handle, at + offset, keep, view.image, least, self.snap)]
            }
            _ => return,
        };
        if !was_open {
            out.push(Effect::Begin);
        }
        let ids = self.grabbed.iter().map(|(id, _)| id.clone());
        out.push(Effect::Set(ids.zip(rects).collect()));
    }

    fn finish_dragging(&mut self, p: Pointer, board: &dyn Board, out: &mut Vec<Effect>) {
        self.drag_boxes(p, board, out);
        if self.opened() {
            out.push(Effect::Commit);
        }
        self.gesture = Gesture::Idle;
        self.grabbed.clear();
    }

    fn opened(&self) -> bool {
        !self.grabbed.is_empty()
            && matches!(
                self.gesture,
                Gesture::Moving { opened: true, .. } | Gesture::Resizing { opened: true, .. }
            )
    }

    fn cancel(&mut self, out: &mut Vec<Effect>) {
        if self.opened() {
            out.push(Effect::Abort);
        }
        self.gesture = Gesture::Idle;
        self.drawing = BoxTool::Idle;
        self.grabbed.clear();
    }

    fn nudge(&mut self, dx: f64, dy: f64, board: &dyn Board, out: &mut Vec<Effect>) {
        if self.is_active() || (dx == 0.0 && dy == 0.0) {
            return;
        }
        let view = board.viewport();
        let boxes: Vec<_> =
            board.selection().iter().filter_map(|id| Some((id.clone(), board.editable(id)?.rect))).collect();
        if boxes.is_empty() {
            return;
        }
        // Arrow keys mean the screen's directions, whatever way the picture is turned.
        let zero = view.pixels_from_screen(Point::new(0.0, 0.0));
        let by = view.pixels_from_screen(Point::new(dx * view.scale(), dy * view.scale())) - zero;
        let rects: Vec<_> = boxes.iter().map(|(_, r)| *r).collect();
        let after = edit::moved(&rects, by, view.image, false);
        if after != rects {
            out.push(Effect::Begin);
            out.push(Effect::Set(boxes.into_iter().map(|(id, _)| id).zip(after).collect()));
            out.push(Effect::Commit);
        }
    }

    /// The handle under the pointer: only the one selected box has handles. A box too small to hold them is grabbed by
    /// its body, its handles from outside.
    fn handle_at(&self, p: Pointer, board: &dyn Board) -> Option<(RegionId, Handle, EditableBox)> {
        let [id] = board.selection() else { return None };
        let editable = board.editable(id)?;
        let view = board.viewport();
        let (scale, reach) = (view.scale(), p.device.reach());
        let at = view.pixels_from_screen(p.at);
        let small = editable.rect.width.min(editable.rect.height) * scale < 3.0 * reach;
        if small && editable.rect.contains(at, 0.0) {
            return None;
        }
        let handle = editable.rect.handle_under(
            at,
            reach / scale,
            ROTATE_GAP_SCREEN_PX / scale,
            editable.can_rotate,
        )?;
        Some((id.clone(), handle, editable))
    }

    fn hover(&mut self, id: Option<RegionId>, out: &mut Vec<Effect>) {
        if self.hovered != id {
            self.hovered.clone_from(&id);
            out.push(Effect::Hover(id));
        }
    }

    fn note(&mut self, p: Pointer) {
        self.at = Some(p.at);
        self.modifiers = p.modifiers;
        self.device = p.device;
    }

    /// What to draw for the tool's sake.
    pub fn overlay(&self, board: &dyn Board) -> Option<Overlay> {
        if let Gesture::Marquee { origin, at, .. } = self.gesture {
            return Some(Overlay::Marquee(origin, at));
        }
        let (frame, _) = Self::frame(board)?;
        self.drawing.ghost(frame).map(Overlay::Ghost)
    }

    /// The pointer's shape: what a press here would do.
    pub fn cursor(&self, board: &dyn Board) -> Cursor {
        match self.gesture {
            Gesture::Panning { .. } | Gesture::Pinching => return Cursor::Grabbing,
            Gesture::Moving { .. } => return Cursor::Move,
            Gesture::Resizing { handle, .. } => {
                let now = board.selection().first().and_then(|id| board.editable(id));
                return now.map_or(Cursor::Move, |e| resize_cursor(e.rect, handle, board));
            }
            Gesture::Drawing { .. } | Gesture::Marquee { .. } => return Cursor::Crosshair,
            Gesture::Idle | Gesture::Pressing { .. } => {}
        }
        if self.drawing.is_active() {
            return Cursor::Crosshair;
        }
        if self.modifiers.space || (board.hand() == Hand::Pan && !self.modifiers.ctrl) {
            return Cursor::Grab;
        }
        let Some(at) = self.at else { return Cursor::Default };
        let pointer =
            Pointer { id: 0, device: self.device, at, button: Button::Primary, modifiers: self.modifiers };
        if let Some((_, handle, editable)) = self.handle_at(pointer, board) {
            return resize_cursor(editable.rect, handle, board);
        }
        let hit = board.hit(at, slack(self.device));
        if let Some((_, over)) = Self::frame(board)
            && !self.modifiers.ctrl
        {
            return if hit.is_some() && !over { Cursor::Pointer } else { Cursor::Crosshair };
        }
        let on_selected =
            board.selection().iter().any(|id| board.covers(id, at, 0.0) && board.editable(id).is_some());
        match (on_selected, hit) {
            (true, _) => Cursor::Move,
            (false, Some(_)) => Cursor::Pointer,
            (false, None) => Cursor::Default,
        }
    }
}

/// How far beside a region a press still means it, in screen pixels.
fn slack(device: Device) -> f64 {
    if device == Device::Touch { 8.0 } else { 2.0 }
}

fn resize_cursor(rect: RectanglePx, handle: Handle, board: &dyn Board) -> Cursor {
    if handle == Handle::Rotate {
        return Cursor::Rotate;
    }
    let view = board.viewport();
    let d = view.screen_from_pixels(rect.handle_at(handle, 0.0)) - view.screen_from_pixels(rect.center());
    // Diagonal handles of a flat box still mean the diagonal, so the angle comes from the side, not from the size.
    let across = view.turn.degrees() as f64 + rect.rotation;
    let degrees = match handle {
        Handle::Left | Handle::Right => across,
        Handle::Top | Handle::Bottom => across + 90.0,
        Handle::TopLeft | Handle::BottomRight => across + 45.0,
        Handle::TopRight | Handle::BottomLeft => across + 135.0,
        Handle::Rotate => d.y.atan2(d.x).to_degrees(),
    };
    Cursor::Resize(degrees)
}

#[cfg(test)]
mod tests;
