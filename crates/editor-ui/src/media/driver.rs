//! One media element: carries out what the group decides, and reports what the user and the browser do with it.
//!
//! A seek to a frame aims at the middle of its display interval and is believed when the browser shows that frame; it is
//! tried again once, and after that the frame is called inexact (SK-1). At most one seek is under way and the newest
//! one wins (SK-4). Nothing here runs on a clock of its own; the one timeout is for browsers that do not report a frame
//! after a seek because nothing changed on screen.

use super::running::Running;
use super::video_frames::{Shown, VideoFrames};
use gloo_timers::callback::Timeout;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use tagloom_video_sync::{
    Frame, FrameIndex, GroupEvent, MemberId, Nanos, Scrubber, SeekOutcome, SeekPlan, cursor_time,
};
use wasm_bindgen::prelude::*;
use web_sys::HtmlMediaElement;

/// How long a seek waits for the browser to say which frame it shows.
const FRAME_REPORT_MS: u32 = 250;
/// A `seeked` this close to where we sent the element answers us, not the user.
const OURS: f64 = 0.002;
/// The longest that a frame without a known duration is taken to last.
const ASSUMED_FRAME: Nanos = Nanos(42_000_000);
/// What browsers accept as `playbackRate`; beyond, they throw.
const RATES: std::ops::RangeInclusive<f64> = 0.0625..=16.0;

/// A seek under way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    /// What the group asked for.
    asked: Nanos,
    /// What `currentTime` was set to, in seconds.
    sent: f64,
    plan: Option<SeekPlan>,
    seeked: bool,
}

pub(super) struct Driver {
    element: HtmlMediaElement,
    id: MemberId,
    group: Weak<Running>,
    frames: RefCell<Option<Arc<FrameIndex>>>,
    scrubber: Cell<Scrubber>,
    flight: Cell<Option<Flight>>,
    timeout: RefCell<Option<Timeout>>,
    shown: Cell<Option<Shown>>,
    inexact: Cell<bool>,
    /// The speed that was set here, to tell the user's changes from ours.
    rate: Cell<f64>,
    video_frames: RefCell<Option<VideoFrames>>,
    listeners: RefCell<Vec<(&'static str, Closure<dyn FnMut()>)>>,
}

const EVENTS: [&str; 13] = [
    "play",
    "pause",
    "ended",
    "seeking",
    "seeked",
    "ratechange",
    "waiting",
    "stalled",
    "playing",
    "canplay",
    "loadedmetadata",
    "durationchange",
    "emptied",
];

impl Driver {
    pub fn new(element: HtmlMediaElement, id: MemberId, group: &Rc<Running>) -> Rc<Self> {
        let driver = Rc::new(Self {
            rate: Cell::new(element.playback_rate()),
            element,
            id,
            group: Rc::downgrade(group),
            frames: RefCell::default(),
            scrubber: Cell::default(),
            flight: Cell::default(),
            timeout: RefCell::default(),
            shown: Cell::default(),
            inexact: Cell::default(),
            video_frames: RefCell::default(),
            listeners: RefCell::default(),
        });
        let mut listeners = Vec::new();
        for event in EVENTS {
            let weak = Rc::downgrade(&driver);
            let listener = Closure::<dyn FnMut()>::new(move || {
                if let Some(driver) = weak.upgrade() {
                    driver.on_event(event);
                }
            });
            // A listener that cannot be added only means that this medium is not heard.
            let _ = driver.element.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            listeners.push((event, listener));
        }
        *driver.listeners.borrow_mut() = listeners;
        let weak = Rc::downgrade(&driver);
        *driver.video_frames.borrow_mut() = VideoFrames::watch(&driver.element, move |shown| {
            if let Some(driver) = weak.upgrade() {
                driver.on_frame(shown);
            }
        });
        driver
    }

    pub fn set_frames(&self, frames: Arc<FrameIndex>) {
        *self.frames.borrow_mut() = Some(frames);
    }

    pub fn frames(&self) -> Option<Arc<FrameIndex>> {
        self.frames.borrow().clone()
    }

    pub fn duration(&self) -> Option<Nanos> {
        let secs = self.element.duration();
        secs.is_finite().then(|| Nanos::from_secs(secs))
    }

    pub fn now(&self) -> Nanos {
        Nanos::from_secs(self.element.current_time())
    }

    /// The frame on screen: the one that the browser reported, else the one that belongs to `currentTime`.
    pub fn frame(&self) -> Option<Frame> {
        let frames = self.frames.borrow();
        let frames = frames.as_ref()?;
        match self.shown.get() {
            Some(shown) => frames.frame_with_pts(shown.media_time),
            None => frames.frame_at(self.now()),
        }
    }

    pub fn is_inexact(&self) -> bool {
        self.inexact.get()
    }

    /// Whether a seek is under way: what the element reports meanwhile is out of date.
    pub fn is_seeking(&self) -> bool {
        self.flight.get().is_some() || self.element.seeking()
    }

    pub fn is_paused(&self) -> bool {
        self.element.paused()
    }

    /// Own time of the leading medium while it plays (PB-1): that of the frame shown and what has passed since it
    /// appeared, at most one frame; where browsers do not tell, `currentTime`.
    pub fn playing_time(&self) -> Nanos {
        let Some(shown) = self.shown.get() else { return self.now() };
        let frames = self.frames.borrow();
        let lasts = frames.as_ref().and_then(|index| {
            let frame = index.frame_with_pts(shown.media_time)?;
            Some(index.end(frame) - index.pts(frame))
        });
        let now_ms = web_sys::window().and_then(|w| w.performance()).map_or(shown.display_ms, |p| p.now());
        let since = Nanos::from_secs((now_ms - shown.display_ms) / 1e3);
        cursor_time(shown.media_time, since, self.element.playback_rate(), lasts.unwrap_or(ASSUMED_FRAME))
    }

    pub fn play(self: &Rc<Self>) {
        let refused = {
            let driver = Rc::downgrade(self);
            move || {
                if let Some(driver) = driver.upgrade()
                    && driver.element.paused()
                {
                    driver.report(GroupEvent::Pause { from: driver.id, local: None });
                }
            }
        };
        match self.element.play() {
            Ok(promise) => leptos::task::spawn_local(async move {
                // Refused where the browser wants a click first: then nothing plays, and the screen says so.
                if wasm_bindgen_futures::JsFuture::from(promise).await.is_err() {
                    refused();
                }
            }),
            Err(_) => refused(),
        }
    }

    pub fn pause(&self) {
        let _ = self.element.pause();
    }

    pub fn set_muted(&self, muted: bool) {
        self.element.set_muted(muted);
    }

    pub fn set_rate(&self, rate: f64) {
        let rate = rate.clamp(*RATES.start(), *RATES.end());
        if (rate - self.rate.get()).abs() < 1e-4 {
            return;
        }
        self.rate.set(rate);
        // As a property that may throw: some browsers refuse speeds that others take.
        let _ = js_sys::Reflect::set(&self.element, &"preservesPitch".into(), &true.into());
        let _ = js_sys::Reflect::set(&self.element, &"playbackRate".into(), &rate.into());
    }

    /// Sends the element to a moment; where frames are known, to the middle of the frame of that moment.
    pub fn seek(self: &Rc<Self>, to: Nanos) {
        if self.element.ready_state() == 0 {
            // Not loaded: it begins there when it is.
            self.element.set_current_time(to.secs());
            return;
        }
        let mut scrubber = self.scrubber.get();
        let now = scrubber.request(to);
        self.scrubber.set(scrubber);
        if let Some(now) = now {
            self.begin(now);
        }
    }

    fn begin(self: &Rc<Self>, asked: Nanos) {
        self.inexact.set(false);
        let frames = self.frames.borrow().clone();
        let (plan, target) = match frames.as_ref().and_then(|f| Some((f, f.frame_at(asked)?))) {
            // While it plays the next frame follows at once, so there is nothing to verify.
            Some((index, frame)) if self.element.paused() => {
                let (plan, target) = SeekPlan::begin(index, frame);
                (Some(plan), target)
            }
            Some((index, frame)) => (None, index.seek_target(frame)),
            None => (None, asked),
        };
        self.send(Flight { asked, sent: target.secs(), plan, seeked: false });
    }

    fn send(self: &Rc<Self>, flight: Flight) {
        self.flight.set(Some(flight));
        self.element.set_current_time(flight.sent);
    }

    fn on_event(self: &Rc<Self>, event: &str) {
        let from = self.id;
        match event {
            "play" => {
                self.report(GroupEvent::Play { from });
                if let Some(group) = self.group.upgrade() {
                    group.run();
                }
            }
            "pause" => {
                let local = if self.is_seeking() { None } else { Some(self.shown_time()) };
                self.report(GroupEvent::Pause { from, local });
            }
            "ended" => self.report(GroupEvent::Ended { from }),
            "seeked" => self.on_seeked(),
            "ratechange" => {
                let rate = self.element.playback_rate();
                if (rate - self.rate.get()).abs() > 1e-4 {
                    self.rate.set(rate);
                    self.report(GroupEvent::Rate { from, rate });
                }
            }
            // A stalled download matters only when there is nothing left to play.
            "waiting" | "stalled" if self.element.ready_state() < 3 => {
                self.report(GroupEvent::Ready { from, ready: false });
            }
            "playing" | "canplay" => self.report(GroupEvent::Ready { from, ready: true }),
            "loadedmetadata" | "durationchange" => {
                if let (Some(group), Some(duration)) = (self.group.upgrade(), self.duration()) {
                    group.set_duration(from, duration);
                }
            }
            "emptied" => {
                self.shown.set(None);
                self.flight.set(None);
                self.scrubber.set(Scrubber::default());
            }
            _ => {}
        }
    }

    /// The moment that regions are drawn on when it is paused (PB-3).
    fn shown_time(&self) -> Nanos {
        match (self.shown.get(), self.frames.borrow().as_ref()) {
            (Some(shown), Some(_)) => shown.media_time,
            _ => self.now(),
        }
    }

    fn on_seeked(self: &Rc<Self>) {
        let Some(mut flight) = self.flight.get() else {
            return self.report(GroupEvent::Seek { from: self.id, local: self.now() });
        };
        if (self.element.current_time() - flight.sent).abs() > OURS {
            // The user took the element somewhere else meanwhile.
            self.flight.set(None);
            self.scrubber.set(Scrubber::default());
            return self.report(GroupEvent::Seek { from: self.id, local: self.now() });
        }
        let watching = self.video_frames.borrow().is_some();
        let (Some(plan), Some(frames), true) = (flight.plan, self.frames(), watching) else {
            return self.finish(false);
        };
        if self.shown.get().and_then(|s| frames.frame_with_pts(s.media_time)) == Some(plan.frame()) {
            return self.finish(false);
        }
        flight.seeked = true;
        self.flight.set(Some(flight));
        let weak = Rc::downgrade(self);
        *self.timeout.borrow_mut() = Some(Timeout::new(FRAME_REPORT_MS, move || {
            if let Some(driver) = weak.upgrade() {
                driver.judge();
            }
        }));
    }

    fn on_frame(self: &Rc<Self>, shown: Shown) {
        self.shown.set(Some(shown));
        let Some(group) = self.group.upgrade() else { return };
        match self.flight.get() {
            Some(Flight { seeked: true, .. }) => self.judge(),
            // What appears before `seeked` may still be a picture from before.
            Some(_) => {}
            None if self.element.paused() && !self.element.seeking() => {
                group.settled(self.id, shown.media_time)
            }
            None => group.run(),
        }
    }

    /// Compares what is on screen with what was wanted.
    fn judge(self: &Rc<Self>) {
        self.timeout.borrow_mut().take();
        let (Some(mut flight), Some(frames)) = (self.flight.get(), self.frames()) else { return };
        let Some(plan) = flight.plan.as_mut() else { return self.finish(false) };
        // A hidden page shows nothing and reports nothing: there is nothing to be wrong about.
        let Some(shown) = self.shown.get() else { return self.finish(false) };
        match plan.shown(&frames, shown.media_time) {
            SeekOutcome::Exact => self.finish(false),
            SeekOutcome::Retry(at) => self.send(Flight { sent: at.secs(), seeked: false, ..flight }),
            SeekOutcome::Inexact(_) => self.finish(true),
        }
    }

    fn finish(self: &Rc<Self>, inexact: bool) {
        let Some(flight) = self.flight.take() else { return };
        self.inexact.set(inexact);
        let mut scrubber = self.scrubber.get();
        let next = scrubber.finished();
        self.scrubber.set(scrubber);
        if let Some(group) = self.group.upgrade() {
            group.answered(self.id, flight.asked);
        }
        if let Some(next) = next {
            self.begin(next);
        }
    }

    fn report(&self, event: GroupEvent) {
        if let Some(group) = self.group.upgrade() {
            group.handle(event);
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        for (event, listener) in self.listeners.borrow().iter() {
            let _ =
                self.element.remove_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        }
    }
}
