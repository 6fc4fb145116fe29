//! One shown video: what is known of it, where it stands, and the one animation frame that draws it.
//!
//! Boxes are those of the frame that the browser really shows (PB-3); the playhead stands where the group is. Nothing stays
//! borrowed while an action is dispatched or the hub is asked for something.

use super::lanes::{self, Lane, RULER};
use super::picture::Picture;
use super::pointer::TimelineHand;
use super::spec::VideoSpec;
use super::{draw, track};
use crate::EditorContext;
use crate::frame_index::Resolved;
use crate::media::{Cursor, Guide, MemberHandle, MemberPort, Span};
use crate::next_frame::NextFrame;
use leptos::prelude::*;
use serde_json::{Map, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use tagloom_annotation_store::{Command, Geometry, Region, RegionId, Timeline, VideoTrack};
use tagloom_editor::{Action, TreeNodes};
use tagloom_video_sync::lanes::{FrameWindow, Stretch};
use tagloom_video_sync::overlap::{self, Overlap};
use tagloom_video_sync::{
    Frame, FrameIndex, FrameRate, FrameSource, Nanos, Numbering, Rate, RateContradiction, format_timecode,
};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement};

/// What the bar says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Readout {
    pub frame: u64,
    pub count: u64,
    pub time: String,
    pub rate: String,
    /// Where frame numbers come from, for people.
    pub source: &'static str,
    pub playing: bool,
    pub inexact: bool,
    /// What goes on to the end of the tag's name: `12:03;07`.
    pub timecode: String,
}

/// A range that grows with the playhead, until its key is let go or pressed again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marking {
    /// Place where it was begun.
    pub start: u64,
    /// The labels that it will carry, to notice when others are armed.
    pub labels: Vec<tagloom_tags::NodeId>,
    /// The key is still down.
    pub held: bool,
}

pub(super) struct Screen {
    pub ctx: EditorContext,
    pub spec: VideoSpec,
    pub picture: Picture,
    pub hand: RefCell<TimelineHand>,
    pub readout: RwSignal<Readout>,
    pub notices: RwSignal<Vec<String>>,
    pub contradiction: RwSignal<Option<RateContradiction>>,
    pub compat: RwSignal<bool>,
    pub cursor_style: RwSignal<&'static str>,
    pub lane_count: RwSignal<usize>,
    /// What is under the pointer on the timeline, in words.
    pub hint: RwSignal<String>,
    pub repeat: RwSignal<bool>,
    handle: RefCell<Option<MemberHandle>>,
    frames: RefCell<Option<Arc<FrameIndex>>>,
    numbering: Cell<Numbering>,
    cursor: Cell<Cursor>,
    pub window: Cell<FrameWindow>,
    pub scroll: Cell<f64>,
    pub lanes: RefCell<Vec<Lane>>,
    guides: RefCell<Vec<Guide>>,
    pub draft: RefCell<Option<(Stretch, String)>>,
    pub marking: RefCell<Option<Marking>>,
    pub canvas: NodeRef<leptos::html::Canvas>,
    pub root: NodeRef<leptos::html::Section>,
    width: Cell<f64>,
    height: Cell<f64>,
    stale_regions: Cell<bool>,
    frame: NextFrame,
    last_selected: RefCell<Option<RegionId>>,
}

impl Screen {
    pub fn new(ctx: EditorContext, spec: VideoSpec) -> Rc<Self> {
        Rc::new(Self {
            ctx,
            picture: Picture::default(),
            hand: RefCell::default(),
            readout: RwSignal::new(Readout::default()),
            notices: RwSignal::new(Vec::new()),
            contradiction: RwSignal::new(None),
            compat: RwSignal::new(false),
            cursor_style: RwSignal::new("default"),
            lane_count: RwSignal::new(0),
            hint: RwSignal::new(String::new()),
            repeat: RwSignal::new(stored_loop()),
            handle: RefCell::default(),
            frames: RefCell::default(),
            numbering: Cell::default(),
            cursor: Cell::default(),
            window: Cell::new(FrameWindow::whole(0)),
            scroll: Cell::default(),
            lanes: RefCell::default(),
            guides: RefCell::default(),
            draft: RefCell::default(),
            marking: RefCell::default(),
            canvas: NodeRef::new(),
            root: NodeRef::new(),
            width: Cell::new(600.0),
            height: Cell::new(80.0),
            stale_regions: Cell::new(true),
            frame: NextFrame::default(),
            last_selected: RefCell::default(),
            spec,
        })
    }

    pub fn handle(&self) -> Option<MemberHandle> {
        self.handle.borrow().clone()
    }
    pub fn set_handle(&self, handle: MemberHandle) {
        *self.handle.borrow_mut() = Some(handle);
    }
    pub fn frames(&self) -> Option<Arc<FrameIndex>> {
        self.frames.borrow().clone()
    }
    pub fn numbering(&self) -> Numbering {
        self.numbering.get()
    }

    /// The frames have become known.
    pub fn resolved(self: &Rc<Self>, resolved: Resolved) {
        let mut notices = Vec::new();
        if resolved.cut {
            notices.push("The file is cut: its last pictures are missing.".to_owned());
        }
        let source = resolved.frames.source();
        if let Some(reason) = &resolved.reason {
            let so = match source {
                FrameSource::Measured => "The frame rate was measured while playing.",
                FrameSource::Declared => "Frames are counted with the declared frameRate.",
                _ => "No frameRate is declared, so 24 is assumed, and frame numbers may be off.",
            };
            notices.push(format!("Frame times could not be read from the file: {reason}. {so}"));
        }
        let index = Arc::new(resolved.frames);
        *self.frames.borrow_mut() = Some(index.clone());
        self.contradiction.set(resolved.contradiction);
        self.notices.set(notices);
        if let Some(handle) = self.handle() {
            if let Some(created) = resolved.created {
                handle.set_epoch(created);
            }
            handle.set_frames(index);
        }
        self.renumber();
    }

    /// Frame numbers count otherwise now.
    pub fn renumber(self: &Rc<Self>) {
        let declared = self.contradiction.get_untracked().map(|c| c.declared);
        let numbering = match declared {
            Some(rate) if self.compat.get_untracked() => Numbering::Compat(rate),
            _ => Numbering::Container,
        };
        self.numbering.set(numbering);
        self.window.set(self.window.get().resized(self.count()));
        self.regions_stale();
        self.tell();
    }

    pub fn count(&self) -> u64 {
        self.frames.borrow().as_ref().map_or(0, |index| self.numbering.get().count(index))
    }

    /// Seconds at which a frame, given by its number from 1, begins.
    pub fn time_of(&self, number: u64) -> f64 {
        let frames = self.frames.borrow();
        let Some(index) = frames.as_ref() else { return 0.0 };
        match self.numbering.get() {
            Numbering::Container => index.pts(Frame::from_number(number)).secs(),
            Numbering::Compat(rate) => number as f64 / rate.fps(),
        }
    }

    pub fn duration(&self) -> f64 {
        let frames = self.frames.borrow();
        frames.as_ref().and_then(|index| Some(index.end(index.last()?).secs())).unwrap_or(0.0)
    }

    /// Number of the frame that is shown, from 1.
    pub fn shown(&self) -> Option<u64> {
        let frames = self.frames.borrow();
        let index = frames.as_ref()?;
        let cursor = self.cursor.get();
        let frame = cursor.frame.or_else(|| index.frame_at(cursor.local?))?;
        Some(self.numbering.get().number(index, frame))
    }

    /// Number of the frame that the group stands at, from 1: where a seek under way will end.
    pub fn position(&self) -> Option<u64> {
        let frames = self.frames.borrow();
        let index = frames.as_ref()?;
        let frame = index.frame_at(self.cursor.get().local?)?;
        Some(self.numbering.get().number(index, frame))
    }

    pub fn is_playing(&self) -> bool {
        self.cursor.get().playing
    }

    /// Goes to a frame by its number.
    pub fn go(&self, number: u64) {
        let frame = self.frames.borrow().as_ref().map(|index| self.numbering.get().frame(index, number));
        if let (Some(frame), Some(handle)) = (frame, self.handle()) {
            handle.seek_frame(frame);
        }
    }

    pub fn step(&self, by: i64) {
        if let Some(handle) = self.handle() {
            handle.step(by);
        }
    }

    fn nanos(&self, number: u64) -> Nanos {
        let frames = self.frames.borrow();
        frames.as_ref().map_or(Nanos::ZERO, |index| index.pts(self.numbering.get().frame(index, number)))
    }

    /// Own time of a place on the timeline, edges included.
    fn place_time(&self, place: f64) -> Nanos {
        let frames = self.frames.borrow();
        let Some(index) = frames.as_ref() else { return Nanos::ZERO };
        let number = place.floor().max(0.0) as u64 + 1;
        let frame = self.numbering.get().frame(index, number);
        if number > self.numbering.get().count(index) { index.end(frame) } else { index.pts(frame) }
    }

    fn time_place(&self, time: Nanos) -> f64 {
        let frames = self.frames.borrow();
        let Some(index) = frames.as_ref() else { return 0.0 };
        let Some(frame) = index.frame_at(time) else { return 0.0 };
        let (start, end) = (index.pts(frame), index.end(frame));
        let into = if end > start { (time - start).secs() / (end - start).secs() } else { 0.0 };
        (self.numbering.get().number(index, frame) - 1) as f64 + into.clamp(0.0, 1.0)
    }

    pub fn regions_stale(self: &Rc<Self>) {
        self.stale_regions.set(true);
        self.mark();
    }

    pub fn mark(self: &Rc<Self>) {
        let screen = Rc::downgrade(self);
        self.frame.set(move || {
            if let Some(screen) = screen.upgrade() {
                screen.paint();
            }
        });
        self.frame.request();
    }

    fn paint(self: &Rc<Self>) {
        if self.stale_regions.take() {
            self.read_lanes();
        }
        self.picture.present(self);
        self.draw_timeline();
    }

    fn read_lanes(self: &Rc<Self>) {
        let count = self.count();
        let lanes = self.ctx.try_with(|e| lanes::read(e, &self.spec.name, count)).unwrap_or_default();
        if self.lane_count.try_get_untracked() != Some(lanes.len()) {
            let _ = self.lane_count.try_set(lanes.len());
        }
        let spans = lanes
            .iter()
            .flat_map(|lane| lane.spans.iter().map(move |span| (lane, span)))
            .map(|(lane, span)| Span {
                start: self.place_time(span.start),
                end: self.place_time(span.end),
                color: lane.color.clone(),
                text: lane.text.clone(),
            })
            .collect();
        *self.lanes.borrow_mut() = lanes;
        if let Some(handle) = self.handle() {
            handle.set_spans(spans);
        }
    }

    pub fn resize(self: &Rc<Self>) {
        if let Some(canvas) = self.canvas.try_get_untracked().flatten() {
            let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
            if width > 1.0 {
                self.width.set(width);
                self.height.set(height);
            }
        }
        self.mark();
    }

    pub fn timeline_width(&self) -> f64 {
        self.width.get()
    }

    /// How far the lanes can be scrolled.
    pub fn most_scroll(&self) -> f64 {
        let lanes = self.lanes.borrow().len() as f64 * lanes::LANE;
        (lanes - (self.height.get() - RULER)).max(0.0)
    }

    fn draw_timeline(&self) {
        let Some(canvas) = self.canvas.try_get_untracked().flatten() else { return };
        let (width, height) = (self.width.get(), self.height.get());
        let Some(context) = prepare(&canvas, width, height) else { return };
        let palette = self.palette();
        let lanes = self.lanes.borrow();
        let guides: Vec<(Stretch, Guide)> = self
            .guides
            .borrow()
            .iter()
            .map(|g| (Stretch { start: self.time_place(g.start), end: self.time_place(g.end) }, g.clone()))
            .collect();
        let playhead = if self.is_playing() { self.shown() } else { self.position() };
        let playhead = playhead.map(|n| n as f64 - 0.5);
        let marking = self.marking.borrow().as_ref().zip(self.shown()).map(|(m, now)| {
            let range = (m.start as i64, now as i64);
            (Stretch::of_range(range.0, range.1), self.draft_color())
        });
        let repeat = self.handle().and_then(|h| h.span()).filter(|(.., repeat)| *repeat);
        let hovered = self.ctx.hovered.try_get_untracked().flatten();
        let scene = draw::Scene {
            window: self.window.get(),
            lanes: &lanes,
            scroll: self.scroll.get().clamp(0.0, self.most_scroll_of(lanes.len())),
            playhead,
            draft: self.draft.borrow().clone().or(marking),
            guides: &guides,
            hovered: hovered.as_ref().map(RegionId::as_str),
            clock: &|frame| self.time_of(frame + 1),
            repeat: repeat.map(|(a, b, _)| Stretch { start: self.time_place(a), end: self.time_place(b) }),
        };
        draw::timeline(&context, &scene, &palette, width, height);
    }

    fn most_scroll_of(&self, lanes: usize) -> f64 {
        (lanes as f64 * lanes::LANE - (self.height.get() - RULER)).max(0.0)
    }

    fn palette(&self) -> draw::Palette {
        let root: Option<HtmlElement> =
            self.root.try_get_untracked().flatten().map(|r| r.unchecked_into::<HtmlElement>());
        let style = root.and_then(|r| web_sys::window()?.get_computed_style(&r).ok().flatten());
        let read = |name: &str| {
            let value = style.as_ref().and_then(|s| s.get_property_value(name).ok());
            value.unwrap_or_default().trim().to_owned()
        };
        draw::Palette {
            text: read("--video-text"),
            muted: read("--video-muted"),
            grid: read("--video-grid"),
            surface: read("--video-surface"),
            accent: read("--video-accent"),
        }
    }

    /// Brings the read-out up to date.
    pub fn tell(&self) {
        let frames = self.frames.borrow();
        let Some(index) = frames.as_ref() else { return };
        let cursor = self.cursor.get();
        let rate = match index.rate() {
            Rate::Constant(rate) => rate_text(rate),
            Rate::Variable { min, max, .. } => format!("{min:.0}–{max:.0} fps, variable"),
        };
        let shown = cursor.frame.or_else(|| index.frame_at(cursor.local?)).unwrap_or_default();
        let source = match (index.source(), self.numbering.get()) {
            (_, Numbering::Compat(_)) => "counted as declared",
            (FrameSource::Container, _) => "from file",
            (FrameSource::Measured, _) => "measured",
            (FrameSource::Declared, _) => "declared",
            (FrameSource::Default, _) => "assumed",
        };
        let timecode = match index.rate() {
            Rate::Constant(rate) => format_timecode(shown, rate),
            Rate::Variable { .. } => String::new(),
        };
        let now = Readout {
            frame: self.numbering.get().number(index, shown),
            count: self.numbering.get().count(index),
            time: clock(index.pts(shown)),
            rate,
            source,
            playing: cursor.playing,
            inexact: cursor.inexact,
            timecode,
        };
        drop(frames);
        if self.readout.try_get_untracked().is_some_and(|before| before != now) {
            let _ = self.readout.try_set(now);
        }
    }

    /// Meta of a region whose frame numbers are not certain (FI-4).
    fn source_meta(&self) -> Option<Map<String, serde_json::Value>> {
        let source = self.frames.borrow().as_ref()?.source();
        if source == FrameSource::Container {
            return None;
        }
        json!({"video": {"frame_source": source.as_str()}}).as_object().cloned()
    }

    /// Makes a region in one step, and notes how its frames were counted.
    fn create(self: &Rc<Self>, geometry: Geometry) {
        let object = self.spec.name.clone();
        let last =
            || self.ctx.try_with(|e| e.document().regions().next_back().map(|r| r.id.clone())).flatten();
        let before = last();
        self.ctx.dispatch(Action::CreateRegion { object, geometry, frame: Map::new(), item_index: None });
        let made = last().filter(|id| Some(id) != before.as_ref());
        if let (Some(id), Some(meta)) = (made, self.source_meta()) {
            let now = self.ctx.try_with(|e| e.document().region(&id).map(|r| r.meta.clone())).flatten();
            let mut all = now.unwrap_or_default();
            all.extend(meta);
            self.ctx.dispatch(Action::Apply(Command::SetMeta(id, all)));
        }
    }

    /// A box drawn on the frame that is shown.
    pub fn create_track(self: &Rc<Self>, rect: tagloom_region_geometry::Rectangle) {
        let Some(number) = self.shown() else { return };
        let key = track::keyframe(number, self.time_of(number), rect);
        let track = VideoTrack {
            frames_count: Some(self.count() as f64),
            duration: Some(self.duration()),
            sequence: vec![key],
        };
        self.step_of(|| self.create(Geometry::VideoTrack(track)));
    }

    /// Several commands, one undo.
    pub fn step_of(&self, work: impl FnOnce()) {
        self.ctx.dispatch(Action::Apply(Command::Begin));
        work();
        self.ctx.dispatch(Action::Apply(Command::Commit));
    }

    /// A track with a change at the frame that is shown; what the whole video says is brought up to date with it.
    pub fn change_track(
        &self,
        id: &RegionId,
        change: impl FnOnce(&VideoTrack, u64, f64) -> Option<VideoTrack>,
    ) {
        let Some(number) = self.shown() else { return };
        let track = self.ctx.try_with(|e| match &e.document().region(id)?.geometry {
            Geometry::VideoTrack(track) => Some(track.clone()),
            _ => None,
        });
        let changed = track.flatten().and_then(|track| change(&track, number, self.time_of(number)));
        if let Some(mut changed) = changed {
            changed.frames_count = Some(self.count() as f64);
            changed.duration = Some(self.duration());
            self.ctx.dispatch(Action::Apply(Command::SetGeometry(id.clone(), Geometry::VideoTrack(changed))));
        }
    }

    /// The only selected region of this video.
    pub fn selected(&self) -> Option<Arc<Region>> {
        let region = self.ctx.try_with(|e| e.document().single_selection().cloned()).flatten()?;
        (*region.to_name == *self.spec.name).then_some(region)
    }

    pub fn selected_track(&self) -> Option<(RegionId, VideoTrack)> {
        let region = self.selected()?;
        match &region.geometry {
            Geometry::VideoTrack(track) => Some((region.id.clone(), track.clone())),
            _ => None,
        }
    }

    /// First and last frame of the selected region.
    pub fn selected_span(&self) -> Option<(u64, u64)> {
        let id = self.selected()?.id.clone();
        let lanes = self.lanes.borrow();
        let lane = lanes.iter().find(|l| l.id == id)?;
        let start = lane.spans.iter().map(|s| s.start).fold(f64::INFINITY, f64::min);
        let end = lane.spans.iter().map(|s| s.end).fold(0.0, f64::max);
        (start < end).then(|| (start as u64 + 1, end as u64))
    }

    /// Whether a drag on the timeline makes a range now.
    pub fn draws_ranges(&self) -> bool {
        self.ctx
            .try_with(|e| e.can_draw(&self.spec.name).is_some_and(|p| p.kind == "timelinelabels"))
            .unwrap_or(false)
    }

    pub fn draft_color(&self) -> String {
        let color = self.ctx.try_with(|e| {
            let plan = e.can_draw(&self.spec.name)?;
            let node = e.tree().node(*plan.labels.first()?);
            let stored = node.raw("alias").or_else(|| node.raw("value")).unwrap_or_default();
            Some(tagloom_tags::label_color(stored, node.raw("background")))
        });
        color.flatten().unwrap_or_else(|| tagloom_tags::UNLABELED.to_owned())
    }

    /// Makes a range of the armed labels; `anchor` is the frame where it was begun. Others give way as `overlap` says.
    pub fn create_range(self: &Rc<Self>, first: u64, last: u64, anchor: u64) {
        let (first, last) = (first.min(last).max(1), first.max(last).min(self.count().max(1)));
        let new = (first as i64 - 1, last as i64);
        let others = if self.spec.overlap == Overlap::Allow { Vec::new() } else { self.ranges() };
        let spans: Vec<overlap::Span> = others.iter().map(|(_, _, span)| *span).collect();
        let solved = overlap::resolve(self.spec.overlap, &spans, new, anchor as i64 - 1);
        let Some((start, end)) = solved.made else {
            self.hint.set("There is no room: ranges may not overlap here.".to_owned());
            return;
        };
        self.step_of(|| {
            for (at, parts) in &solved.changed {
                let (id, index, _) = &others[*at];
                self.replace_range(id, *index, parts);
            }
            self.create(Geometry::Timeline(Timeline { ranges: vec![(start + 1, end)] }));
        });
    }

    /// Ranges of the labels that would be drawn now: region, index in it, frames.
    fn ranges(&self) -> Vec<(RegionId, usize, overlap::Span)> {
        let found = self.ctx.try_with(|e| {
            let plan = e.can_draw(&self.spec.name)?;
            let control = e.tree().node(plan.control).name.clone()?;
            let regions = e.document().regions_of(&self.spec.name).filter(|r| r.item(&control).is_some());
            let mut out = Vec::new();
            for region in regions {
                if let Geometry::Timeline(t) = &region.geometry {
                    let spans =
                        t.ranges.iter().enumerate().map(|(i, (a, b))| (region.id.clone(), i, (*a - 1, *b)));
                    out.extend(spans);
                }
            }
            Some(out)
        });
        found.flatten().unwrap_or_default()
    }

    /// Shortens a range, cuts it in two regions, or takes it away.
    fn replace_range(&self, id: &RegionId, index: usize, parts: &[overlap::Span]) {
        let Some(region) = self.ctx.try_with(|e| e.document().region(id).cloned()).flatten() else { return };
        let Geometry::Timeline(old) = &region.geometry else { return };
        let mut ranges = old.ranges.clone();
        match parts {
            [] => {
                ranges.remove(index);
            }
            [first, rest @ ..] => {
                ranges[index] = (first.0 + 1, first.1);
                for part in rest {
                    let mut copy = (*region).clone();
                    copy.id = tagloom_annotation_store::new_id();
                    copy.geometry = Geometry::Timeline(Timeline { ranges: vec![(part.0 + 1, part.1)] });
                    self.ctx.dispatch(Action::Apply(Command::Put(copy)));
                }
            }
        }
        let command = if ranges.is_empty() {
            Command::Remove(vec![id.clone()])
        } else {
            Command::SetGeometry(id.clone(), Geometry::Timeline(Timeline { ranges }))
        };
        self.ctx.dispatch(Action::Apply(command));
    }

    /// Begins or ends a range at the playhead, with the armed label (BR-3). Ended by another label, the next range
    /// begins at once: a recording is segmented by tapping labels.
    pub fn mark_range(self: &Rc<Self>, held: bool) {
        let Some(now) = self.shown() else { return };
        let open = self.marking.borrow_mut().take();
        match open {
            Some(open) => self.create_range(open.start, now.max(open.start), open.start),
            None => {
                let plan = self.ctx.try_with(|e| e.can_draw(&self.spec.name)).flatten();
                match plan.filter(|p| p.kind == "timelinelabels") {
                    Some(plan) => {
                        *self.marking.borrow_mut() = Some(Marking { start: now, labels: plan.labels, held });
                        self.hint.set("Marking: press again, or let go, where it ends.".to_owned());
                    }
                    None => self.hint.set("Choose a label first.".to_owned()),
                }
            }
        }
        self.mark();
    }

    /// A range of the one frame that is shown.
    pub fn mark_instant(self: &Rc<Self>) {
        if let Some(now) = self.shown() {
            self.create_range(now, now, now);
        }
    }

    /// The key was let go: a range that was held ends, one that was tapped goes on.
    pub fn release_mark(self: &Rc<Self>) {
        let moved = {
            let mut marking = self.marking.borrow_mut();
            let Some(open) = marking.as_mut().filter(|m| m.held) else { return };
            open.held = false;
            self.shown().is_some_and(|now| now > open.start + 1)
        };
        if moved {
            self.mark_range(false);
        }
    }

    /// Other labels were armed while a range was open.
    pub fn labels_changed(self: &Rc<Self>) {
        let Some(open) = self.marking.borrow().clone() else { return };
        let plan = self.ctx.try_with(|e| e.can_draw(&self.spec.name)).flatten();
        let Some(plan) = plan.filter(|p| p.kind == "timelinelabels") else { return };
        if plan.labels == open.labels {
            return;
        }
        let Some(now) = self.shown() else { return };
        let next = plan.labels.clone();
        *self.marking.borrow_mut() = None;
        // What was open belongs to the labels from before.
        self.with_labels(&open.labels, || {
            if now > open.start {
                self.create_range(open.start, now - 1, open.start);
            }
        });
        self.with_labels(&next, || ());
        *self.marking.borrow_mut() = Some(Marking { start: now, labels: next, held: false });
        self.mark();
    }

    /// Arms just these labels.
    fn with_labels(&self, labels: &[tagloom_tags::NodeId], work: impl FnOnce()) {
        self.ctx.dispatch(Action::DisarmLabels);
        for label in labels {
            let control = self.ctx.try_with(|e| {
                let tree = e.tree();
                tree.ancestors(*label).find(|n| n.kind == "timelinelabels").map(|n| n.id)
            });
            if let Some(control) = control.flatten() {
                self.ctx.dispatch(Action::ToggleLabel { control, label: *label });
            }
        }
        work();
    }

    /// Plays the selected region, or stops playing it; pressed again it repeats (BR-2).
    pub fn loop_selected(&self) {
        let Some(handle) = self.handle() else { return };
        let Some((first, last)) = self.selected_span() else {
            self.hint.set("Select a region to play it.".to_owned());
            return;
        };
        let (start, end) = (self.nanos(first), self.place_time(last as f64));
        match handle.span() {
            Some((a, b, false)) if (a, b) == (start, end) => handle.play_span(start, end, true),
            Some((a, b, true)) if (a, b) == (start, end) => {
                handle.stop_span();
                handle.pause();
            }
            _ => handle.play_span(start, end, self.repeat.get_untracked()),
        }
    }

    /// A region was selected somewhere: everybody goes to its start.
    pub fn follow_selection(&self) {
        let now = self.selected().map(|r| r.id.clone());
        if *self.last_selected.borrow() == now {
            return;
        }
        *self.last_selected.borrow_mut() = now.clone();
        let (Some(_), Some((first, last)), Some(handle)) = (now, self.selected_span(), self.handle()) else {
            return;
        };
        // One that was just drawn on the frame that is shown leaves it there.
        let shown = self.shown().unwrap_or(0);
        if (first..=last).contains(&shown) {
            return;
        }
        handle.show_region(self.nanos(first), self.place_time(last as f64));
    }
}

impl MemberPort for ScreenPort {
    fn cursor(&self, cursor: Cursor) {
        let Some(screen) = self.0.upgrade() else { return };
        screen.cursor.set(cursor);
        if cursor.playing
            && let Some(now) = screen.position()
        {
            screen.window.set(screen.window.get().following(now as f64 - 0.5));
        }
        screen.tell();
        screen.mark();
    }

    fn guides(&self, guides: &[Guide]) {
        let Some(screen) = self.0.upgrade() else { return };
        *screen.guides.borrow_mut() = guides.to_vec();
        screen.mark();
    }
}

/// The hub's way to a screen, which goes when its view goes.
pub(super) struct ScreenPort(pub std::rc::Weak<Screen>);

fn rate_text(rate: FrameRate) -> String {
    let (_, den) = rate.parts();
    if den == 1 { format!("{} fps", rate.fps()) } else { format!("{:.3} fps", rate.fps()) }
}

fn clock(time: Nanos) -> String {
    let ms = (time.0.max(0) + 500_000) / 1_000_000;
    let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    if h > 0 { format!("{h}:{m:02}:{s:02}.{ms:03}") } else { format!("{m}:{s:02}.{ms:03}") }
}

const LOOP_KEY: &str = "ls:video-tag:settings";

fn stored_loop() -> bool {
    crate::components::storage::load(LOOP_KEY)
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .and_then(|v| v.get("loopTimelineRegion")?.as_bool())
        .unwrap_or(false)
}

pub(super) fn store_loop(on: bool) {
    crate::components::storage::store(LOOP_KEY, &json!({ "loopTimelineRegion": on }).to_string());
}

/// Sizes a canvas for the device's pixels and gives a context in CSS pixels.
fn prepare(canvas: &HtmlCanvasElement, width: f64, height: f64) -> Option<CanvasRenderingContext2d> {
    let ratio = web_sys::window().map_or(1.0, |w| w.device_pixel_ratio()).clamp(1.0, 4.0);
    let (w, h) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if canvas.width() != w || canvas.height() != h {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    Some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_read_well() {
        assert_eq!(clock(Nanos::from_secs(61.25)), "1:01.250");
        assert_eq!(clock(Nanos::from_secs(3723.0004)), "1:02:03.000");
        assert_eq!(rate_text(FrameRate::new(30_000, 1001).unwrap()), "29.970 fps");
        assert_eq!(rate_text(FrameRate::new(25, 1).unwrap()), "25 fps");
    }
}
