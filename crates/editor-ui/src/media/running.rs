//! One sync group at work: its members, their drivers, and the animation frame that carries the playhead.

use super::driver::Driver;
use super::{Cursor, Guide, MemberPort, NewMember, Source, Span};
use crate::next_frame::NextFrame;
use gloo_timers::callback::Timeout;
use leptos::prelude::{ArcRwSignal, Update};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tagloom_video_sync::{
    Alignment, ClockAttributes, ClockMap, Correction, Frame, FrameIndex, GroupEvent, Member, MemberCommand,
    MemberId, MemberKind, Nanos, PanSeeks, SyncGroup, SyncOrigin, correction,
};

/// What a seek needs to take hold, in milliseconds: pictures go on meanwhile.
const SEEK_MS: f64 = 26.0;
/// The most that a loop turns back early, in milliseconds.
const MOST_LEAD_MS: f64 = 160.0;
/// How fast a slow animation frame is forgotten, from one frame to the next.
const FORGET: f64 = 0.99;
/// What an animation frame takes when nothing is in its way.
const SMOOTH_MS: f64 = 17.0;
/// Going this far before the start of a loop leaves it.
const LEAVES: Nanos = Nanos(24_000_000);
/// Followers are compared with the leader at every so many animation frames.
const COMPARE_EVERY: u32 = 12;

/// What a tag's attributes ask of its group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wishes {
    pub pan_seeks: Option<bool>,
    pub waits: bool,
    /// A second of it is a second.
    pub has_unit: bool,
    pub select_seeks: SelectSeeks,
    pub clock: ClockAttributes,
    /// When it began by the wall clock, as the config says.
    pub epoch: Option<Nanos>,
}

/// Where everybody goes when a region is selected (BR-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SelectSeeks {
    #[default]
    Start,
    Center,
    None,
}

impl SelectSeeks {
    /// The attribute `selectSeeks`; anything unknown is the default.
    pub fn read(text: &str) -> Self {
        match text.trim() {
            "none" => Self::None,
            "center" => Self::Center,
            _ => Self::Start,
        }
    }
}

struct Joined {
    id: MemberId,
    object: String,
    kind: MemberKind,
    embedded: bool,
    /// Aligned by hand.
    aligned: Cell<bool>,
    /// When it began by the wall clock.
    epoch: Cell<Option<Nanos>>,
    /// Length of one sample.
    sample: Cell<Option<Nanos>>,
    wishes: Wishes,
    port: Rc<dyn MemberPort>,
    driver: Option<Rc<Driver>>,
    spans: RefCell<Vec<Span>>,
    told: Cell<Option<Cursor>>,
    guided: RefCell<Vec<Guide>>,
}

/// A stretch of a member that is being played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Playing {
    pub member: MemberId,
    pub start: Nanos,
    pub end: Nanos,
    pub repeat: bool,
}

pub(super) struct Running {
    sync: RefCell<SyncGroup>,
    members: RefCell<Vec<Rc<Joined>>>,
    playing: Cell<Option<Playing>>,
    previewing: Cell<bool>,
    frame: NextFrame,
    running: Cell<bool>,
    frames_seen: Cell<u32>,
    /// When the last animation frame was, and the longest that one took of late, in milliseconds.
    last_tick_ms: Cell<Option<f64>>,
    slowest_ms: Cell<f64>,
    /// Turns a loop back between two animation frames.
    turn: RefCell<Option<Timeout>>,
    changed: ArcRwSignal<u64>,
}

impl Running {
    pub fn new(changed: ArcRwSignal<u64>) -> Rc<Self> {
        Rc::new(Self {
            sync: RefCell::default(),
            members: RefCell::default(),
            playing: Cell::default(),
            previewing: Cell::default(),
            frame: NextFrame::default(),
            running: Cell::default(),
            frames_seen: Cell::default(),
            last_tick_ms: Cell::default(),
            slowest_ms: Cell::new(SMOOTH_MS),
            turn: RefCell::default(),
            changed,
        })
    }

    pub fn join(self: &Rc<Self>, new: NewMember, aligned: Option<ClockMap>, wishes: Wishes) -> MemberId {
        let id = {
            let mut sync = self.sync.borrow_mut();
            let mut member = Member::new(new.kind).with_clock(aligned.clone().unwrap_or_default());
            if wishes.pan_seeks == Some(true) {
                member = member.with_pan_seeks(PanSeeks::Center);
            }
            sync.wait_all |= wishes.waits;
            sync.add(member)
        };
        let driver = new.element.map(|element| Driver::new(element, id, self));
        let duration = driver.as_ref().and_then(|d| d.duration());
        self.members.borrow_mut().push(Rc::new(Joined {
            id,
            object: new.object,
            kind: new.kind,
            embedded: new.embedded,
            aligned: Cell::new(aligned.is_some()),
            epoch: Cell::new(wishes.epoch),
            sample: Cell::default(),
            wishes,
            port: new.port,
            driver,
            spans: RefCell::default(),
            told: Cell::default(),
            guided: RefCell::default(),
        }));
        self.reconfigure();
        match duration {
            Some(duration) => self.set_duration(id, duration),
            None => self.restretch(),
        }
        self.tell();
        self.guide();
        id
    }

    /// Takes a member out; says whether the group is empty now.
    pub fn leave(&self, id: MemberId) -> bool {
        let gone = {
            let mut members = self.members.borrow_mut();
            members.iter().position(|m| m.id == id).map(|at| members.remove(at))
        };
        if let Some(driver) = gone.and_then(|m| m.driver.clone()) {
            // Sound must not go on behind a screen that is gone.
            driver.pause();
        }
        self.sync.borrow_mut().remove(id);
        if self.playing.get().is_some_and(|p| p.member == id) {
            self.playing.set(None);
        }
        self.reconfigure();
        self.guide();
        self.announce();
        self.members.borrow().is_empty()
    }

    fn member(&self, id: MemberId) -> Option<Rc<Joined>> {
        self.members.borrow().iter().find(|m| m.id == id).cloned()
    }

    fn all(&self) -> Vec<Rc<Joined>> {
        self.members.borrow().clone()
    }

    fn driver(&self, id: MemberId) -> Option<Rc<Driver>> {
        self.member(id)?.driver.clone()
    }

    fn leading(&self) -> Option<Rc<Driver>> {
        let leader = self.sync.borrow().leader()?;
        self.driver(leader)
    }

    /// Hands an event to the group and does what it decides.
    pub fn handle(&self, event: GroupEvent) {
        if let GroupEvent::Seek { from, local } = event {
            self.leave_span(from, local);
        }
        let commands = self.sync.borrow_mut().handle(event);
        self.carry_out(commands);
    }

    fn carry_out(&self, commands: Vec<MemberCommand>) {
        for command in commands {
            match command {
                MemberCommand::Seek { to, local } => {
                    if let Some(driver) = self.driver(to) {
                        driver.seek(local);
                    }
                }
                MemberCommand::Play { to } => {
                    if let Some(driver) = self.driver(to) {
                        driver.play();
                    }
                }
                MemberCommand::Pause { to } => {
                    if let Some(driver) = self.driver(to) {
                        driver.pause();
                    }
                }
                MemberCommand::Rate { to, rate } => {
                    if let Some(driver) = self.driver(to) {
                        driver.set_rate(rate);
                    }
                }
                MemberCommand::Mute { to, muted } => {
                    if let Some(driver) = self.driver(to) {
                        driver.set_muted(muted);
                    }
                }
                // Every cursor is told below, that of media as well.
                MemberCommand::Cursor { .. } => {}
            }
        }
        self.tell();
    }

    pub fn cursor(&self, id: MemberId) -> Cursor {
        let sync = self.sync.borrow();
        let driver = self.driver(id);
        Cursor {
            local: sync.local(id),
            playing: sync.is_playing(),
            rate: sync.rate(),
            frame: driver.as_ref().and_then(|d| d.frame()),
            inexact: driver.is_some_and(|d| d.is_inexact()),
        }
    }

    /// Tells every member where it stands, if that has changed.
    fn tell(&self) {
        let mut moved = false;
        for member in self.all() {
            let cursor = self.cursor(member.id);
            if member.told.replace(Some(cursor)) != Some(cursor) {
                moved = true;
                member.port.cursor(cursor);
            }
        }
        if moved {
            self.announce();
        }
    }

    fn announce(&self) {
        let _ = self.changed.try_update(|n| *n += 1);
    }

    /// Tells every member the regions of the others, if they have changed.
    fn guide(&self) {
        for member in self.all() {
            let guides: Vec<Guide> = {
                let sync = self.sync.borrow();
                let Some(own) = sync.member(member.id).map(|m| m.clock.clone()) else { continue };
                let others = self.all();
                others
                    .iter()
                    .filter(|other| other.id != member.id)
                    .filter_map(|other| Some((other, sync.member(other.id)?.clock.clone())))
                    .flat_map(|(other, clock)| {
                        let own = &own;
                        let spans = other.spans.borrow().clone();
                        spans.into_iter().map(move |span| Guide {
                            start: own.to_local(clock.to_master(span.start)),
                            end: own.to_local(clock.to_master(span.end)),
                            ..span
                        })
                    })
                    .collect()
            };
            if *member.guided.borrow() != guides {
                *member.guided.borrow_mut() = guides.clone();
                member.port.guides(&guides);
            }
        }
    }

    pub fn set_spans(&self, id: MemberId, spans: Vec<Span>) {
        if let Some(member) = self.member(id)
            && *member.spans.borrow() != spans
        {
            *member.spans.borrow_mut() = spans;
            self.guide();
        }
    }

    pub fn set_duration(&self, id: MemberId, duration: Nanos) {
        if self.sync.borrow().member(id).is_some_and(|m| m.duration == Some(duration)) {
            return;
        }
        let commands = self.sync.borrow_mut().update(id, |m| m.duration = Some(duration));
        self.carry_out(commands);
        self.restretch();
    }

    pub fn set_frames(&self, id: MemberId, frames: Arc<FrameIndex>) {
        if let Some(driver) = self.driver(id) {
            driver.set_frames(frames.clone());
        }
        let commands = self.sync.borrow_mut().update(id, |m| m.frames = Some(frames));
        self.carry_out(commands);
    }

    pub fn frames(&self, id: MemberId) -> Option<Arc<FrameIndex>> {
        self.sync.borrow().member(id)?.frames.clone()
    }

    pub fn clock(&self, id: MemberId) -> ClockMap {
        self.sync.borrow().member(id).map(|m| m.clock.clone()).unwrap_or_default()
    }

    /// The clocks that the config asks for, of members that were not aligned by hand. With `syncOrigin="clock"` the
    /// timeline begins with the earliest recording.
    fn reconfigure(&self) {
        let members = self.all();
        let earliest = members.iter().filter_map(|m| m.epoch.get()).min();
        for member in members.iter().filter(|m| !m.aligned.get()) {
            let (clock, _) = member.wishes.clock.clock(member.epoch.get(), earliest);
            if self.clock(member.id) != clock {
                self.set_clock(member.id, clock);
            }
        }
    }

    fn set_clock(&self, id: MemberId, clock: ClockMap) {
        let commands = self.sync.borrow_mut().update(id, |m| m.clock = clock);
        self.carry_out(commands);
        self.guide();
        self.announce();
    }

    pub fn set_epoch(&self, id: MemberId, epoch: Nanos) {
        let Some(member) = self.member(id) else { return };
        // What the config says outranks what is found in the data.
        member.epoch.set(member.wishes.epoch.or(Some(epoch)));
        self.reconfigure();
    }

    pub fn set_sample(&self, id: MemberId, sample: Nanos) {
        if let Some(member) = self.member(id) {
            member.sample.set(Some(sample));
        }
    }

    /// Takes over what was aligned by hand; members that it does not name follow the config again.
    pub fn align(&self, alignment: &BTreeMap<String, Alignment>) {
        for member in self.all() {
            let by_hand = alignment.get(&member.object);
            member.aligned.set(by_hand.is_some());
            if let Some(by_hand) = by_hand
                && self.clock(member.id) != *by_hand.clock()
            {
                self.set_clock(member.id, by_hand.clock().clone());
            }
        }
        self.reconfigure();
        self.restretch();
    }

    /// The members as the alignment tool shows them.
    pub fn sources(&self) -> Vec<Source> {
        let sync = self.sync.borrow();
        let leader = sync.leader();
        let source = |m: &Rc<Joined>| {
            let local = sync.member(m.id).map_or(Nanos::ZERO, |s| s.clock.to_local(sync.position()));
            let frame = sync.member(m.id).and_then(|s| s.frames.clone());
            let frame = frame.and_then(|f| f.frame_at(local).map(|at| f.end(at) - f.pts(at)));
            let origin = match (m.aligned.get(), m.wishes.clock.origin, m.epoch.get()) {
                (true, ..) => "by hand",
                (_, SyncOrigin::Clock, Some(_)) if m.wishes.epoch.is_some() => "by startTime",
                (_, SyncOrigin::Clock, Some(_)) => "by its dates",
                (_, SyncOrigin::Clock, None) => "no start time known",
                _ if self.stretched_by(m.id).is_some() => "stretched",
                _ => "by its start",
            };
            Source {
                object: m.object.clone(),
                kind: m.kind,
                leads: leader == Some(m.id),
                local,
                frame,
                sample: m.sample.get(),
                clock: self.clock(m.id),
                origin,
            }
        };
        self.all().iter().map(source).collect()
    }

    /// The length of the medium that is laid over a series, which has no unit in common with it (design.md 5).
    pub fn stretched_by(&self, id: MemberId) -> Option<Nanos> {
        let member = self.member(id)?;
        if member.driver.is_some() || member.wishes.has_unit {
            return None;
        }
        let embedded = self.all().into_iter().find(|m| m.embedded)?;
        self.sync.borrow().member(embedded.id)?.duration.filter(|d| d.0 > 0)
    }

    /// Series that a medium of a HyperText is laid over follow its length.
    fn restretch(&self) {
        let embedded = self.all().iter().any(|m| m.embedded);
        if !embedded {
            return;
        }
        for member in self.all().into_iter().filter(|m| m.driver.is_none()) {
            let over = self.stretched_by(member.id);
            let own = self.sync.borrow().member(member.id).and_then(|m| m.duration);
            let wanted = match (member.wishes.pan_seeks, member.wishes.has_unit) {
                (Some(false), _) => PanSeeks::Never,
                (_, true) => PanSeeks::Center,
                _ => PanSeeks::Stretch,
            };
            let by_hand = member.aligned.get();
            let commands = self.sync.borrow_mut().update(member.id, |m| {
                m.pan_seeks = wanted;
                if let (Some(over), Some(own), false) = (over, own, by_hand) {
                    m.clock = ClockMap::stretched(own, over);
                }
            });
            self.carry_out(commands);
        }
        self.guide();
    }

    /// A seek of ours has ended.
    pub fn answered(&self, id: MemberId, asked: Nanos) {
        self.sync.borrow_mut().answered(id, asked);
        self.tell();
    }

    /// A paused video shows a frame that nobody asked for: the first one, or the one on screen after a pause.
    pub fn settled(&self, id: MemberId, shown: Nanos) {
        let moved = {
            let sync = self.sync.borrow();
            let frames = sync.member(id).and_then(|m| m.frames.clone());
            let local = sync.local(id);
            !sync.is_playing()
                && !self.previewing.get()
                && match (frames, local) {
                    (Some(frames), Some(local)) => frames.frame_at(local) != frames.frame_with_pts(shown),
                    _ => false,
                }
        };
        if moved && self.sync.borrow().leader() == Some(id) {
            self.handle(GroupEvent::Seek { from: id, local: shown });
        } else {
            self.tell();
        }
    }

    /// Sends everybody to a moment of the timeline.
    fn go(&self, master: Nanos) {
        let commands = self.sync.borrow_mut().go(master);
        self.carry_out(commands);
    }

    pub fn seek(&self, id: MemberId, local: Nanos) {
        self.leave_span(id, local);
        let master = self.clock(id).to_master(local);
        self.go(master);
    }

    pub fn seek_frame(&self, id: MemberId, frame: Frame) {
        if let Some(frames) = self.frames(id) {
            self.seek(id, frames.pts(frame));
        }
    }

    /// Steps frames; one that plays is paused first, at the frame on screen.
    pub fn step(&self, id: MemberId, by: i64) {
        let Some(frames) = self.frames(id) else { return };
        let playing = self.sync.borrow().is_playing();
        let from = if playing {
            let shown = self.driver(id).and_then(|d| d.frame());
            self.pause();
            shown
        } else {
            let local =
                self.sync.borrow().member(id).map(|m| m.clock.to_local(self.sync.borrow().position()));
            local.and_then(|local| frames.frame_at(local))
        };
        if let Some(frame) = from.and_then(|frame| frames.step(frame, by)) {
            self.seek(id, frames.pts(frame));
        }
    }

    pub fn play(&self, id: MemberId) {
        let at_end = {
            let sync = self.sync.borrow();
            let position = sync.position();
            sync.leader().and_then(|leader| {
                let member = sync.member(leader)?;
                let local = member.clock.to_local(position);
                (member.duration.is_some_and(|end| local >= end)).then(|| member.clock.to_master(Nanos::ZERO))
            })
        };
        if let Some(start) = at_end {
            self.go(start);
        }
        // A series starts the leader through the group; a medium that has something to play starts itself.
        let own = self.driver(id).filter(|_| self.sync.borrow().local(id).is_some());
        match own.or_else(|| self.leading()) {
            Some(driver) => driver.play(),
            None => self.handle(GroupEvent::Play { from: id }),
        }
    }

    pub fn pause(&self) {
        let leader = self.sync.borrow().leader();
        let Some(leader) = leader else { return };
        let local = self.driver(leader).map(|d| {
            d.pause();
            d.frame().zip(d.frames()).map_or_else(|| d.now(), |(frame, frames)| frames.pts(frame))
        });
        self.handle(GroupEvent::Pause { from: leader, local });
    }

    pub fn is_playing(&self) -> bool {
        self.sync.borrow().is_playing()
    }

    pub fn rate(&self) -> f64 {
        self.sync.borrow().rate()
    }

    pub fn set_rate(&self, id: MemberId, rate: f64) {
        if let Some(driver) = self.driver(id) {
            driver.set_rate(rate);
        }
        self.handle(GroupEvent::Rate { from: id, rate });
    }

    /// A region was selected.
    pub fn show_region(&self, id: MemberId, start: Nanos, end: Nanos) {
        match self.member(id).map(|m| m.wishes.select_seeks).unwrap_or_default() {
            SelectSeeks::None => {}
            SelectSeeks::Center => self.seek(id, start + Nanos((end - start).0 / 2)),
            SelectSeeks::Start => self.seek(id, start),
        }
    }

    /// Plays a stretch of a member, once or over and over (BR-2).
    pub fn play_span(&self, playing: Playing) {
        if playing.end <= playing.start {
            return;
        }
        self.playing.set(None);
        self.seek(playing.member, playing.start);
        self.playing.set(Some(playing));
        if !self.is_playing() {
            self.play(playing.member);
        }
        self.tell();
    }

    pub fn span(&self) -> Option<Playing> {
        self.playing.get()
    }

    pub fn stop_span(&self) {
        self.playing.set(None);
        self.tell();
    }

    /// Going elsewhere by hand ends a loop.
    fn leave_span(&self, from: MemberId, local: Nanos) {
        let Some(playing) = self.playing.get() else { return };
        let there = self.clock(playing.member).to_local(self.clock(from).to_master(local));
        if there < playing.start - LEAVES || there > playing.end {
            self.playing.set(None);
        }
    }

    /// Shows a moment without going there (BR-1); [`Self::end_preview`] goes back.
    pub fn preview(&self, id: MemberId, at: Nanos) {
        if self.is_playing() {
            return;
        }
        self.previewing.set(true);
        let master = self.clock(id).to_master(at);
        let commands = self.sync.borrow_mut().preview(master);
        self.carry_out(commands);
    }

    pub fn end_preview(&self) {
        if self.previewing.replace(false) {
            let position = self.sync.borrow().position();
            self.go(position);
        }
    }

    pub fn window_moved(&self, id: MemberId, start: Nanos, end: Nanos, by_overview: bool) {
        self.handle(GroupEvent::Window { from: id, start, end, by_overview });
    }

    /// Carries the playhead along until nothing plays any more.
    pub fn run(self: &Rc<Self>) {
        if !self.is_playing() || self.running.replace(true) {
            return;
        }
        let group = Rc::downgrade(self);
        self.frame.set(move || {
            if let Some(group) = group.upgrade() {
                group.tick();
            }
        });
        self.frame.request();
    }

    fn tick(self: &Rc<Self>) {
        if !self.is_playing() {
            self.running.set(false);
            self.last_tick_ms.set(None);
            return;
        }
        self.frame.request();
        self.time_frame();
        let leader = self.sync.borrow().leader();
        let Some((leader, driver)) = leader.and_then(|id| Some((id, self.driver(id)?))) else { return };
        if driver.is_seeking() || driver.is_paused() {
            return;
        }
        let local = driver.playing_time();
        if self.turn_back(leader, local) {
            return;
        }
        self.handle(GroupEvent::Time { from: leader, local });
        self.frames_seen.set(self.frames_seen.get().wrapping_add(1));
        if self.frames_seen.get().is_multiple_of(COMPARE_EVERY) {
            self.compare(leader, local);
        }
    }

    fn time_frame(&self) {
        let Some(now) = web_sys::window().and_then(|w| w.performance()).map(|p| p.now()) else { return };
        if let Some(before) = self.last_tick_ms.replace(Some(now)) {
            self.slowest_ms.set((now - before).max(self.slowest_ms.get() * FORGET));
        }
    }

    /// How early a loop turns back, in milliseconds. Browsers go on showing pictures while this page is busy, so a page
    /// that was slow of late turns earlier: rather a frame less than one from outside.
    fn lead_ms(&self) -> f64 {
        let late = (self.slowest_ms.get() - SMOOTH_MS).max(0.0) * 1.25;
        (SEEK_MS + late).min(MOST_LEAD_MS)
    }

    /// Ends or repeats the stretch that is being played; says whether it did.
    fn turn_back(self: &Rc<Self>, leader: MemberId, local: Nanos) -> bool {
        let Some(playing) = self.playing.get() else { return false };
        let clock = self.clock(playing.member);
        let at = clock.to_local(self.clock(leader).to_master(local));
        let left_ms = (playing.end - at).secs() * 1e3 / self.rate().max(0.05) - self.lead_ms();
        if left_ms > 0.0 {
            // Between this animation frame and the next one only a timer is exact.
            if left_ms < self.slowest_ms.get() + SMOOTH_MS {
                let group = Rc::downgrade(self);
                let turn = Timeout::new(left_ms as u32, move || {
                    if let Some(group) = group.upgrade()
                        && group.playing.get() == Some(playing)
                        && group.is_playing()
                    {
                        group.turn_now(playing);
                    }
                });
                *self.turn.borrow_mut() = Some(turn);
            }
            return false;
        }
        self.turn_now(playing);
        true
    }

    fn turn_now(&self, playing: Playing) {
        self.turn.borrow_mut().take();
        let clock = self.clock(playing.member);
        if playing.repeat {
            self.go(clock.to_master(playing.start));
        } else {
            self.playing.set(None);
            self.pause();
            self.go(clock.to_master((playing.end - Nanos(1)).max(playing.start)));
        }
    }

    /// Keeps followers that have a medium with the leader (PB-1).
    fn compare(&self, leader: MemberId, local: Nanos) {
        let expected = self.sync.borrow().leader_time(local);
        for (id, expected) in expected {
            let (Some(expected), Some(driver)) = (expected, self.driver(id)) else { continue };
            if driver.is_paused() || driver.is_seeking() || id == leader {
                continue;
            }
            let own_rate = {
                let sync = self.sync.borrow();
                sync.member(id).map_or(1.0, |m| sync.rate() / m.clock.rate_at(expected))
            };
            match correction(expected, driver.now(), own_rate) {
                Correction::Steady(rate) | Correction::Nudge(rate) => driver.set_rate(rate),
                Correction::Seek(to) => driver.seek(to),
            }
        }
    }
}
