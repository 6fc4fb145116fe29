//! Tests that speak like users: a board with boxes, a hand on the pointer, and a list of what was asked for.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use tagloom_region_geometry::{ImageSize, Viewport};

/// A picture of 200 x 100 pixels shown at twice its size.
struct Desk {
    view: Viewport,
    hand: Hand,
    selection: Vec<RegionId>,
    boxes: BTreeMap<RegionId, RectanglePx>,
    before: BTreeMap<RegionId, RectanglePx>,
    locked: Vec<RegionId>,
    tools: ImageTools,
    modifiers: Modifiers,
    undo_steps: usize,
    open: bool,
    log: Vec<Effect>,
}

impl Board for Desk {
    fn viewport(&self) -> Viewport {
        self.view
    }
    fn hand(&self) -> Hand {
        self.hand
    }
    fn selection(&self) -> &[RegionId] {
        &self.selection
    }
    fn hit(&self, at: ScreenPoint, slack: f64) -> Option<RegionId> {
        let area = |id: &RegionId| self.boxes[id].width * self.boxes[id].height;
        self.boxes
            .keys()
            .filter(|id| self.covers(id, at, slack))
            .min_by(|a, b| area(a).total_cmp(&area(b)))
            .cloned()
    }
    fn covers(&self, id: &RegionId, at: ScreenPoint, slack: f64) -> bool {
        let p = self.view.pixels_from_screen(at);
        self.boxes.get(id).is_some_and(|r| r.contains(p, slack / self.view.scale()))
    }
    fn touching(&self, [x0, y0, x1, y1]: [f64; 4]) -> Vec<RegionId> {
        let touches = |r: &RectanglePx| {
            let [a, b, c, d] = r.bounds();
            a <= x1 && c >= x0 && b <= y1 && d >= y0
        };
        self.boxes.iter().filter(|(_, r)| touches(r)).map(|(id, _)| id.clone()).collect()
    }
    fn editable(&self, id: &RegionId) -> Option<EditableBox> {
        let rect = *self.boxes.get(id).filter(|_| !self.locked.contains(id))?;
        Some(EditableBox { rect, can_rotate: true, snap: false })
    }
}

const DRAW: Hand = Hand::Draw { three_points: false, snap: false, over_regions: false };

impl Desk {
    fn new() -> Self {
        Self {
            view: Viewport::fitted(ImageSize::new(200.0, 100.0), 400.0, 200.0),
            hand: Hand::Select,
            selection: Vec::new(),
            boxes: BTreeMap::new(),
            before: BTreeMap::new(),
            locked: Vec::new(),
            tools: ImageTools::default(),
            modifiers: Modifiers::default(),
            undo_steps: 0,
            open: false,
            log: Vec::new(),
        }
    }
    fn with_box(mut self, id: &str, x: f64, y: f64, width: f64, height: f64) -> Self {
        let corner = Point::new(x, y);
        self.boxes.insert(id.into(), RectanglePx { corner, width, height, rotation: 0.0 });
        self
    }
    fn input(&mut self, input: Input) {
        let mut out = Vec::new();
        let mut tools = std::mem::take(&mut self.tools);
        tools.step(input, self, &mut out);
        self.tools = tools;
        for effect in out {
            self.carry_out(&effect);
            self.log.push(effect);
        }
    }
    fn carry_out(&mut self, effect: &Effect) {
        match effect {
            Effect::Create(rect) => {
                assert!(!self.open);
                self.boxes.insert(format!("new{}", self.boxes.len()).as_str().into(), *rect);
                self.undo_steps += 1;
            }
            Effect::Begin => {
                assert!(!self.open, "a step was left open");
                self.open = true;
                self.before = self.boxes.clone();
            }
            Effect::Set(list) => {
                assert!(self.open, "a change outside of a step");
                self.boxes.extend(list.iter().cloned());
            }
            Effect::Commit => {
                assert!(std::mem::take(&mut self.open));
                self.undo_steps += 1;
            }
            Effect::Abort => {
                assert!(std::mem::take(&mut self.open));
                self.boxes = self.before.clone();
            }
            Effect::Select { ids, toggle } => {
                if !toggle {
                    self.selection.clear();
                }
                for id in ids {
                    match self.selection.iter().position(|s| s == id) {
                        Some(at) => drop(self.selection.remove(at)),
                        None => self.selection.push(id.clone()),
                    }
                }
            }
            Effect::Pan(by) => self.view.pan(*by),
            Effect::Zoom { at, factor } => self.view.zoom_at(*at, *factor, false),
            Effect::Hover(_) => {}
        }
    }
    fn pointer(&self, (x, y): (f64, f64)) -> Pointer {
        Pointer {
            id: 1,
            device: Device::Mouse,
            at: Point::new(x, y),
            button: Button::Primary,
            modifiers: self.modifiers,
        }
    }
    fn press(&mut self, at: (f64, f64)) {
        self.input(Input::Down(self.pointer(at)));
    }
    fn slide(&mut self, at: (f64, f64)) {
        self.input(Input::Move(self.pointer(at)));
    }
    fn release(&mut self, at: (f64, f64)) {
        self.input(Input::Up(self.pointer(at)));
    }
    fn click(&mut self, at: (f64, f64)) {
        self.press(at);
        self.release(at);
    }
    fn drag(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.press(from);
        self.slide(((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0));
        self.slide(to);
        self.release(to);
    }
    fn touch(&mut self, make: fn(Pointer) -> Input, id: i32, at: (f64, f64)) {
        self.input(make(Pointer { id, device: Device::Touch, ..self.pointer(at) }));
    }
    fn bounds(&self, id: &str) -> [f64; 4] {
        self.boxes[&RegionId::from(id)].bounds()
    }
    fn selected(&self) -> Vec<&str> {
        self.selection.iter().map(RegionId::as_str).collect()
    }
}

#[test]
fn a_drag_draws_one_box_and_one_undo() {
    let mut desk = Desk::new();
    desk.hand = DRAW;
    desk.drag((20.0, 20.0), (120.0, 80.0));
    assert_eq!(desk.bounds("new0"), [10.0, 10.0, 60.0, 40.0]);
    assert_eq!(desk.undo_steps, 1);
    assert!(!desk.tools.is_active());
}

#[test]
fn escape_takes_back_a_half_drawn_box() {
    let mut desk = Desk::new();
    desk.hand = DRAW;
    desk.press((20.0, 20.0));
    desk.slide((90.0, 90.0));
    assert!(matches!(desk.tools.overlay(&desk), Some(Overlay::Ghost(_))));
    desk.input(Input::Cancel);
    desk.release((90.0, 90.0));
    assert!(desk.boxes.is_empty() && desk.undo_steps == 0);
}

#[test]
fn the_smallest_region_under_a_click_is_selected_and_an_empty_click_unselects() {
    let mut desk =
        Desk::new().with_box("big", 10.0, 10.0, 80.0, 80.0).with_box("small", 20.0, 20.0, 20.0, 20.0);
    desk.click((60.0, 60.0));
    assert_eq!(desk.selected(), ["small"]);
    desk.click((150.0, 150.0));
    assert_eq!(desk.selected(), ["big"]);
    desk.click((390.0, 10.0));
    assert!(desk.selected().is_empty());
}

#[test]
fn ctrl_click_adds_and_takes_away() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 20.0, 20.0).with_box("b", 60.0, 10.0, 20.0, 20.0);
    desk.click((40.0, 40.0));
    desk.modifiers.ctrl = true;
    desk.click((140.0, 40.0));
    assert_eq!(desk.selected(), ["a", "b"]);
    desk.click((40.0, 40.0));
    assert_eq!(desk.selected(), ["b"]);
    desk.click((390.0, 190.0));
    assert_eq!(desk.selected(), ["b"], "ctrl and nothing under it keeps the selection");
}

#[test]
fn a_box_is_selected_and_moved_in_one_drag_and_stops_at_the_edge() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 20.0, 20.0);
    desk.drag((40.0, 40.0), (900.0, 40.0));
    assert_eq!(desk.selected(), ["a"]);
    assert_eq!(desk.bounds("a"), [180.0, 10.0, 200.0, 30.0]);
    assert_eq!(desk.undo_steps, 1);
}

#[test]
fn several_selected_boxes_move_together() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 20.0, 20.0).with_box("b", 60.0, 10.0, 20.0, 20.0);
    desk.drag((5.0, 5.0), (180.0, 50.0));
    assert_eq!(desk.selected(), ["a", "b"]);
    desk.drag((40.0, 40.0), (50.0, 60.0));
    assert_eq!(desk.bounds("a"), [15.0, 20.0, 35.0, 40.0]);
    assert_eq!(desk.bounds("b"), [65.0, 20.0, 85.0, 40.0]);
    assert_eq!(desk.undo_steps, 1);
}

#[test]
fn escape_in_the_middle_of_a_move_puts_everything_back() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 20.0, 20.0);
    desk.press((40.0, 40.0));
    desk.slide((80.0, 80.0));
    assert_ne!(desk.bounds("a"), [10.0, 10.0, 30.0, 30.0]);
    desk.input(Input::Cancel);
    assert_eq!(desk.bounds("a"), [10.0, 10.0, 30.0, 30.0]);
    assert_eq!(desk.undo_steps, 0);
}

#[test]
fn a_corner_resizes_and_shift_keeps_the_ratio() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 40.0, 20.0);
    desk.click((60.0, 40.0));
    desk.drag((101.0, 61.0), (141.0, 81.0));
    assert_eq!(desk.bounds("a"), [10.0, 10.0, 70.0, 40.0]);
    desk.modifiers.shift = true;
    desk.drag((140.0, 80.0), (200.0, 80.0));
    let [x0, y0, x1, y1] = desk.bounds("a");
    assert_eq!((x1 - x0) / (y1 - y0), 2.0);
}

#[test]
fn the_handle_above_turns_and_shift_turns_in_steps() {
    let mut desk = Desk::new().with_box("a", 80.0, 40.0, 40.0, 20.0);
    desk.click((200.0, 100.0));
    desk.modifiers.shift = true;
    let top = (200.0, 80.0 - ROTATE_GAP_SCREEN_PX);
    desk.drag(top, (252.0, 103.0));
    assert_eq!(desk.boxes[&RegionId::from("a")].rotation, 90.0);
    assert_eq!(desk.undo_steps, 1);
}

#[test]
fn a_locked_box_can_be_selected_but_not_moved() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 20.0, 20.0);
    desk.locked.push("a".into());
    desk.drag((40.0, 40.0), (80.0, 80.0));
    assert_eq!(desk.selected(), ["a"]);
    assert_eq!(desk.bounds("a"), [10.0, 10.0, 30.0, 30.0]);
    assert_eq!(desk.undo_steps, 0);
}

#[test]
fn an_armed_label_draws_over_regions_and_ctrl_interacts_instead() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 80.0, 80.0);
    desk.hand = Hand::Draw { three_points: false, snap: false, over_regions: true };
    desk.click((40.0, 40.0));
    desk.click((80.0, 80.0));
    assert_eq!(desk.bounds("new1"), [20.0, 20.0, 40.0, 40.0]);
    desk.modifiers.ctrl = true;
    desk.click((150.0, 150.0));
    assert_eq!(desk.selected(), ["a"]);
}

#[test]
fn with_a_bare_tool_a_click_selects_and_a_drag_draws() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 80.0, 80.0);
    desk.hand = DRAW;
    desk.click((40.0, 40.0));
    assert_eq!(desk.selected(), ["a"]);
    desk.selection.clear();
    desk.drag((40.0, 40.0), (80.0, 80.0));
    assert_eq!(desk.bounds("new1"), [20.0, 20.0, 40.0, 40.0]);
}

#[test]
fn a_double_click_draws_a_default_box() {
    let mut desk = Desk::new();
    desk.hand = DRAW;
    desk.click((40.0, 40.0));
    desk.click((40.0, 40.0));
    desk.input(Input::DoubleClick(desk.pointer((40.0, 40.0))));
    assert_eq!(desk.bounds("new0"), [20.0, 20.0, 35.0, 35.0]);
    assert_eq!(desk.undo_steps, 1);
}

#[test]
fn space_and_the_middle_button_pan_whatever_the_tool() {
    let mut desk = Desk::new();
    desk.hand = DRAW;
    desk.view.zoom_at(Point::new(200.0, 100.0), 4.0, false);
    let before = desk.view.offset;
    desk.modifiers.space = true;
    desk.drag((100.0, 100.0), (130.0, 90.0));
    assert_eq!(desk.view.offset - before, Point::new(30.0, -10.0));
    desk.modifiers.space = false;
    desk.input(Input::Down(Pointer { button: Button::Middle, ..desk.pointer((100.0, 100.0)) }));
    desk.slide((90.0, 100.0));
    desk.release((90.0, 100.0));
    assert_eq!(desk.view.offset - before, Point::new(20.0, -10.0));
    assert!(desk.boxes.is_empty());
}

#[test]
fn a_second_finger_turns_a_stroke_into_a_pinch() {
    let mut desk = Desk::new();
    desk.hand = DRAW;
    desk.touch(Input::Down, 1, (100.0, 100.0));
    desk.touch(Input::Move, 1, (110.0, 100.0));
    desk.touch(Input::Down, 2, (200.0, 100.0));
    desk.touch(Input::Move, 2, (290.0, 100.0));
    assert!((desk.view.zoom - 2.0).abs() < 1e-9);
    desk.touch(Input::Up, 2, (290.0, 100.0));
    desk.touch(Input::Move, 1, (150.0, 150.0));
    desk.touch(Input::Up, 1, (150.0, 150.0));
    assert!(desk.boxes.is_empty());
    desk.touch(Input::Down, 3, (100.0, 100.0));
    desk.touch(Input::Move, 3, (180.0, 180.0));
    desk.touch(Input::Up, 3, (180.0, 180.0));
    assert_eq!(desk.boxes.len(), 1, "one finger draws again");
}

#[test]
fn once_a_pen_was_seen_a_finger_pans_and_a_palm_means_nothing() {
    let mut desk = Desk::new();
    desk.hand = DRAW;
    let pen = |desk: &Desk, at| Pointer { id: 9, device: Device::Pen, ..desk.pointer(at) };
    desk.input(Input::Down(pen(&desk, (20.0, 20.0))));
    desk.touch(Input::Down, 4, (300.0, 150.0));
    desk.input(Input::Move(pen(&desk, (80.0, 80.0))));
    desk.touch(Input::Up, 4, (300.0, 150.0));
    desk.input(Input::Up(pen(&desk, (80.0, 80.0))));
    assert_eq!(desk.bounds("new0"), [10.0, 10.0, 40.0, 40.0]);
    desk.view.zoom_at(Point::new(200.0, 100.0), 2.0, false);
    desk.touch(Input::Down, 5, (100.0, 100.0));
    desk.touch(Input::Move, 5, (120.0, 100.0));
    desk.touch(Input::Up, 5, (120.0, 100.0));
    assert_eq!(desk.boxes.len(), 1);
    assert!(desk.log.iter().any(|e| matches!(e, Effect::Pan(_))));
}

#[test]
fn fingers_do_not_break_what_a_mouse_is_dragging() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 20.0, 20.0);
    let pen = |desk: &Desk| Pointer { id: 9, device: Device::Pen, ..desk.pointer((390.0, 190.0)) };
    desk.input(Input::Down(pen(&desk)));
    desk.input(Input::Up(pen(&desk)));
    desk.press((40.0, 40.0));
    desk.slide((60.0, 40.0));
    desk.touch(Input::Down, 4, (300.0, 150.0));
    desk.touch(Input::Up, 4, (300.0, 150.0));
    desk.release((60.0, 40.0));
    assert_eq!(desk.bounds("a"), [20.0, 10.0, 40.0, 30.0]);
    assert_eq!(desk.undo_steps, 1);
}

#[test]
fn arrow_keys_nudge_along_the_screen_even_when_the_view_is_turned() {
    let mut desk = Desk::new().with_box("a", 10.0, 10.0, 20.0, 20.0);
    desk.click((40.0, 40.0));
    desk.input(Input::Nudge { dx: 1.0, dy: 0.0 });
    assert_eq!(desk.bounds("a")[0], 11.0);
    desk.view.rotate(1);
    desk.input(Input::Nudge { dx: 0.0, dy: 10.0 });
    let [x, y, ..] = desk.bounds("a");
    assert!((x - 21.0).abs() < 1e-9 && (y - 10.0).abs() < 1e-9);
    assert_eq!(desk.undo_steps, 2);
}

#[test]
fn cursors_say_what_a_press_would_do() {
    let mut desk = Desk::new().with_box("a", 80.0, 40.0, 40.0, 20.0);
    desk.slide((200.0, 100.0));
    assert_eq!(desk.tools.cursor(&desk).css(), "pointer");
    desk.click((200.0, 100.0));
    desk.slide((205.0, 100.0));
    assert_eq!(desk.tools.cursor(&desk).css(), "move");
    desk.slide((240.0, 120.0));
    assert_eq!(desk.tools.cursor(&desk).css(), "nwse-resize");
    desk.slide((200.0, 120.0));
    assert_eq!(desk.tools.cursor(&desk).css(), "ns-resize");
    desk.view.rotate(1);
    desk.slide((0.0, 0.0));
    desk.hand = DRAW;
    assert_eq!(desk.tools.cursor(&desk).css(), "crosshair");
}

proptest! {
    // A saved seed would only repeat what a named test says better.
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stream_of_inputs_leaves_no_step_open_after_cancel(
        events in prop::collection::vec((0u8..9, 0i32..3, 0f64..400.0, 0f64..200.0, any::<bool>(), 0u8..4), 0..60),
    ) {
        let mut desk = Desk::new().with_box("a", 10.0, 10.0, 40.0, 40.0).with_box("b", 100.0, 20.0, 50.0, 50.0);
        for (kind, id, x, y, ctrl, hand) in events {
            desk.hand = match hand {
                0 => Hand::Select,
                1 => Hand::Pan,
                2 => DRAW,
                _ => Hand::Draw { three_points: true, snap: true, over_regions: true },
            };
            let device = [Device::Mouse, Device::Pen, Device::Touch][id as usize];
            let modifiers = Modifiers { ctrl, ..Modifiers::default() };
            let p = Pointer { id, device, at: Point::new(x, y), button: Button::Primary, modifiers };
            desk.input(match kind {
                0 | 1 => Input::Down(p),
                2..=4 => Input::Move(p),
                5 => Input::Up(p),
                6 => Input::Lost(p),
                7 => Input::DoubleClick(p),
                _ => Input::Nudge { dx: x - 200.0, dy: y - 100.0 },
            });
        }
        desk.input(Input::Cancel);
        prop_assert!(!desk.open && !desk.tools.is_active());
        for r in desk.boxes.values() {
            prop_assert!(edit::is_inside(*r, desk.view.image), "{:?}", r);
        }
    }
}
