//! The pointer on the timeline: scrubbing, drawing ranges, moving them and their edges.

use super::lanes::{self, RULER};
use super::screen::Screen;
use leptos::prelude::{GetUntracked, Set};
use std::rc::Rc;
use tagloom_annotation_store::{Command, Geometry, RegionId, Timeline};
use tagloom_editor::{Action, SelectMode};
use tagloom_video_sync::lanes::{LaneHit, Side, Stretch, hit};

/// Pixels that a press may wander and still be a click.
const CLICK_PX: f64 = 4.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum TimelineHand {
    #[default]
    Idle,
    Scrubbing,
    /// Pressed where a range could be drawn, or on a region that a click selects.
    Pressing {
        x: f64,
        frame: u64,
        region: Option<RegionId>,
    },
    Drawing {
        anchor: u64,
    },
    Resizing {
        region: RegionId,
        index: usize,
        side: Side,
        opened: bool,
        before: Stretch,
    },
    Moving {
        region: RegionId,
        index: usize,
        x: f64,
        opened: bool,
        before: Stretch,
    },
}

/// A press or move, in CSS pixels of the timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub x: f64,
    pub y: f64,
    /// ctrl or command: adds to the selection.
    pub add: bool,
}

fn lane_hit(screen: &Screen, at: At) -> (Option<usize>, LaneHit) {
    let lanes = screen.lanes.borrow();
    let row = lanes::at(at.y, screen.scroll.get(), lanes.len());
    let hit = row.and_then(|row| lanes.get(row)).map_or(LaneHit::Nothing, |lane| {
        hit(&screen.window.get(), screen.timeline_width(), at.x, &lane.spans, &lane.keyframes)
    });
    (row, hit)
}

/// The CSS cursor over the timeline.
pub(super) fn cursor(screen: &Screen, at: At) -> &'static str {
    if at.y < RULER {
        return "ew-resize";
    }
    let (row, hit) = lane_hit(screen, at);
    let lanes = screen.lanes.borrow();
    let movable = row.and_then(|r| lanes.get(r)).is_some_and(|l| l.is_range && !l.locked);
    match hit {
        LaneHit::Edge(..) if movable => "col-resize",
        LaneHit::Body(_) | LaneHit::Keyframe(_) | LaneHit::Edge(..) => "pointer",
        LaneHit::Nothing if screen.draws_ranges() => "crosshair",
        LaneHit::Nothing => "default",
    }
}

fn frame_at(screen: &Screen, x: f64) -> u64 {
    screen.window.get().frame(x, screen.timeline_width()) + 1
}

fn select(screen: &Screen, id: RegionId, add: bool) {
    let mode = if add { SelectMode::Toggle } else { SelectMode::Replace };
    screen.ctx.dispatch(Action::Select { ids: vec![id], mode });
}

pub(super) fn down(screen: &Rc<Screen>, at: At) {
    screen.hint.set(String::new());
    let frame = frame_at(screen, at.x);
    if at.y < RULER {
        *screen.hand.borrow_mut() = TimelineHand::Scrubbing;
        return screen.go(frame);
    }
    let (row, hit) = lane_hit(screen, at);
    let lane = row.and_then(|row| screen.lanes.borrow().get(row).cloned());
    let draws = screen.draws_ranges();
    let next = match (hit, lane) {
        (LaneHit::Keyframe(number), Some(lane)) => {
            select(screen, lane.id, at.add);
            screen.go(number);
            TimelineHand::Idle
        }
        (LaneHit::Edge(index, side), Some(lane)) if lane.is_range && !lane.locked && !draws => {
            let before = lane.spans[index];
            TimelineHand::Resizing { region: lane.id, index, side, opened: false, before }
        }
        (LaneHit::Body(index) | LaneHit::Edge(index, _), Some(lane))
            if lane.is_range && lane.selected && !lane.locked && !draws && !at.add =>
        {
            let before = lane.spans[index];
            TimelineHand::Moving { region: lane.id, index, x: at.x, opened: false, before }
        }
        (LaneHit::Body(_) | LaneHit::Edge(..), Some(lane)) => {
            TimelineHand::Pressing { x: at.x, frame, region: Some(lane.id) }
        }
        _ if draws => TimelineHand::Pressing { x: at.x, frame, region: None },
        _ => {
            screen.go(frame);
            TimelineHand::Scrubbing
        }
    };
    *screen.hand.borrow_mut() = next;
}

pub(super) fn moved(screen: &Rc<Screen>, at: At) {
    let hand = screen.hand.borrow().clone();
    let frame = frame_at(screen, at.x);
    match hand {
        TimelineHand::Idle => {
            let (row, hit) = lane_hit(screen, at);
            let hovered = row.filter(|_| hit != LaneHit::Nothing);
            let hovered = hovered.and_then(|row| screen.lanes.borrow().get(row).map(|l| l.id.clone()));
            if screen.ctx.hovered.try_get_untracked() != Some(hovered.clone()) {
                let _ = screen.ctx.hovered.try_set(hovered);
            }
        }
        TimelineHand::Scrubbing => screen.go(frame),
        TimelineHand::Pressing { x, frame: anchor, .. } => {
            if (at.x - x).abs() > CLICK_PX && screen.draws_ranges() {
                *screen.hand.borrow_mut() = TimelineHand::Drawing { anchor };
                draft(screen, anchor, frame);
            }
        }
        TimelineHand::Drawing { anchor } => draft(screen, anchor, frame),
        TimelineHand::Resizing { region, index, side, opened, before } => {
            let place = screen.window.get().place(at.x, screen.timeline_width()).round();
            let total = screen.window.get().total();
            let next = match side {
                Side::Start => Stretch { start: place.clamp(0.0, before.end - 1.0), ..before },
                Side::End => Stretch { end: place.clamp(before.start + 1.0, total), ..before },
            };
            change(screen, &region, index, next, opened);
            *screen.hand.borrow_mut() = TimelineHand::Resizing { region, index, side, opened: true, before };
            let (first, last) = next.to_range();
            show_edge(screen, if side == Side::Start { first } else { last } as u64);
            say(screen, first, last);
        }
        TimelineHand::Moving { region, index, x, opened, before } => {
            let per_px = screen.window.get().span() / screen.timeline_width().max(1.0);
            let by = ((at.x - x) * per_px).round();
            if !opened && (at.x - x).abs() <= CLICK_PX {
                return;
            }
            let length = before.end - before.start;
            let start = (before.start + by).clamp(0.0, (screen.window.get().total() - length).max(0.0));
            let next = Stretch { start, end: start + length };
            change(screen, &region, index, next, opened);
            *screen.hand.borrow_mut() = TimelineHand::Moving { region, index, x, opened: true, before };
            let (first, last) = next.to_range();
            show_edge(screen, first as u64);
            say(screen, first, last);
        }
    }
    screen.mark();
}

pub(super) fn up(screen: &Rc<Screen>, at: At) {
    let hand = std::mem::take(&mut *screen.hand.borrow_mut());
    let frame = frame_at(screen, at.x);
    match hand {
        TimelineHand::Idle | TimelineHand::Scrubbing => {}
        TimelineHand::Pressing { region: Some(id), .. } => select(screen, id, at.add),
        TimelineHand::Pressing { region: None, frame, .. } => screen.go(frame),
        TimelineHand::Drawing { anchor } => {
            *screen.draft.borrow_mut() = None;
            end_preview(screen);
            screen.create_range(anchor, frame, anchor);
        }
        TimelineHand::Resizing { opened: true, .. } | TimelineHand::Moving { opened: true, .. } => {
            screen.ctx.dispatch(Action::Apply(Command::Commit));
            end_preview(screen);
        }
        TimelineHand::Resizing { region, .. } => select(screen, region, at.add),
        // A click on a selected range goes there.
        TimelineHand::Moving { .. } => screen.go(frame),
    }
    screen.regions_stale();
}

/// Escape, or the browser took the pointer away: what is half done is taken back. Says whether there was something.
pub(super) fn cancel(screen: &Rc<Screen>) -> bool {
    let hand = std::mem::take(&mut *screen.hand.borrow_mut());
    let marking = screen.marking.borrow_mut().take().is_some();
    *screen.draft.borrow_mut() = None;
    let opened = matches!(
        hand,
        TimelineHand::Resizing { opened: true, .. } | TimelineHand::Moving { opened: true, .. }
    );
    if opened {
        screen.ctx.dispatch(Action::Apply(Command::Abort));
    }
    if opened || matches!(hand, TimelineHand::Drawing { .. }) {
        end_preview(screen);
    }
    screen.hint.set(String::new());
    screen.regions_stale();
    marking || hand != TimelineHand::Idle
}

/// A double click where nothing is sets an instant: a range of one frame.
pub(super) fn double_click(screen: &Rc<Screen>, at: At) {
    if at.y < RULER {
        return;
    }
    let (_, hit) = lane_hit(screen, at);
    if screen.draws_ranges() {
        let frame = frame_at(screen, at.x);
        screen.create_range(frame, frame, frame);
    } else if hit != LaneHit::Nothing {
        screen.loop_selected();
    }
}

fn draft(screen: &Rc<Screen>, anchor: u64, frame: u64) {
    let stretch = Stretch::of_range(anchor as i64, frame as i64);
    *screen.draft.borrow_mut() = Some((stretch, screen.draft_color()));
    let (first, last) = stretch.to_range();
    show_edge(screen, frame);
    say(screen, first, last);
}

/// The picture shows the frame under the edge that moves (BR-1).
fn show_edge(screen: &Screen, number: u64) {
    let frames = screen.frames();
    if let (Some(handle), Some(index)) = (screen.handle(), frames) {
        handle.preview(index.pts(screen.numbering().frame(&index, number)));
    }
}

fn end_preview(screen: &Screen) {
    if let Some(handle) = screen.handle() {
        handle.end_preview();
    }
}

fn say(screen: &Screen, first: i64, last: i64) {
    let frames = last - first + 1;
    let (start, end) = (screen.time_of(first as u64), screen.time_of(last as u64 + 1));
    screen.hint.set(format!("{first} – {last} · {frames} frames · {:.3} s", (end - start).max(0.0)));
}

fn change(screen: &Rc<Screen>, id: &RegionId, index: usize, stretch: Stretch, opened: bool) {
    if !opened {
        screen.ctx.dispatch(Action::Apply(Command::Begin));
    }
    let ranges = screen.ctx.try_with(|e| match &e.document().region(id)?.geometry {
        Geometry::Timeline(t) => Some(t.ranges.clone()),
        _ => None,
    });
    let Some(mut ranges) = ranges.flatten() else { return };
    if let Some(range) = ranges.get_mut(index) {
        *range = stretch.to_range();
        let geometry = Geometry::Timeline(Timeline { ranges });
        screen.ctx.dispatch(Action::Apply(Command::SetGeometry(id.clone(), geometry)));
    }
    screen.regions_stale();
}
