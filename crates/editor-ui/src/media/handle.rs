//! What a view can ask of its sync group.

use super::running::{Playing, Running};
use super::{Cursor, Span};
use std::rc::Rc;
use std::sync::Arc;
use tagloom_video_sync::{ClockMap, Frame, FrameIndex, MemberId, Nanos};

/// A member's way to its group. All times are the member's own, from its own start. Clones are the same member.
#[derive(Clone)]
pub struct MemberHandle {
    group: Rc<Running>,
    id: MemberId,
}

impl std::fmt::Debug for MemberHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MemberHandle").field(&self.id).finish()
    }
}

impl MemberHandle {
    pub(super) fn new(group: Rc<Running>, id: MemberId) -> Self {
        Self { group, id }
    }

    pub(super) fn group(&self) -> Rc<Running> {
        self.group.clone()
    }

    /// Says whether nobody is left.
    pub(super) fn leave(&self) -> bool {
        self.group.leave(self.id)
    }

    /// How long it is; media say so themselves.
    pub fn set_duration(&self, duration: Nanos) {
        self.group.set_duration(self.id, duration);
    }

    /// When it began by the wall clock, in nanoseconds since 1970: the first date of a series.
    pub fn set_epoch(&self, epoch: Nanos) {
        self.group.set_epoch(self.id, epoch);
    }

    /// Length of one of its samples, for steps and nudges.
    pub fn set_sample(&self, sample: Nanos) {
        self.group.set_sample(self.id, sample);
    }

    /// When its frames are shown; seeks are exact from then on.
    pub fn set_frames(&self, frames: Arc<FrameIndex>) {
        self.group.set_frames(self.id, frames);
    }

    pub fn cursor(&self) -> Cursor {
        self.group.cursor(self.id)
    }

    pub fn is_playing(&self) -> bool {
        self.group.is_playing()
    }

    pub fn rate(&self) -> f64 {
        self.group.rate()
    }

    /// Sends the whole group to a moment of this member.
    pub fn seek(&self, at: Nanos) {
        self.group.seek(self.id, at);
    }

    pub fn seek_frame(&self, frame: Frame) {
        self.group.seek_frame(self.id, frame);
    }

    /// Steps by frames, backwards when negative; pauses first.
    pub fn step(&self, by: i64) {
        self.group.step(self.id, by);
    }

    pub fn play(&self) {
        self.group.play(self.id);
    }

    pub fn pause(&self) {
        self.group.pause();
    }

    pub fn toggle(&self) {
        if self.is_playing() { self.pause() } else { self.play() }
    }

    /// Speed of this member, 0.05 to 16; the others keep up.
    pub fn set_rate(&self, rate: f64) {
        self.group.set_rate(self.id, rate);
    }

    /// Plays from `start` to `end`, over and over when `repeat`. Going elsewhere by hand ends it.
    pub fn play_span(&self, start: Nanos, end: Nanos, repeat: bool) {
        self.group.play_span(Playing { member: self.id, start, end, repeat });
    }

    /// The stretch that is being played, in this member's time, and whether it repeats.
    pub fn span(&self) -> Option<(Nanos, Nanos, bool)> {
        let playing = self.group.span()?;
        let (theirs, own) = (self.group.clock(playing.member), self.group.clock(self.id));
        let at = |t| own.to_local(theirs.to_master(t));
        Some((at(playing.start), at(playing.end), playing.repeat))
    }

    pub fn stop_span(&self) {
        self.group.stop_span();
    }

    /// One of its regions was selected: everybody goes to its start, or as the attribute `selectSeeks` says (BR-2).
    pub fn show_region(&self, start: Nanos, end: Nanos) {
        self.group.show_region(self.id, start, end);
    }

    /// The videos show this moment while an edge is dragged (BR-1).
    pub fn preview(&self, at: Nanos) {
        self.group.preview(self.id, at);
    }

    pub fn end_preview(&self) {
        self.group.end_preview();
    }

    /// The visible window of a series was moved by the user.
    pub fn window_moved(&self, start: Nanos, end: Nanos, by_overview: bool) {
        self.group.window_moved(self.id, start, end, by_overview);
    }

    /// The length of the medium that is laid over this series, when it has no time unit in common with it.
    pub fn stretched_by(&self) -> Option<Nanos> {
        self.group.stretched_by(self.id)
    }

    /// Its regions, for the guide bars of the others.
    pub fn set_spans(&self, spans: Vec<Span>) {
        self.group.set_spans(self.id, spans);
    }

    /// How its own time lies on the group's timeline.
    pub fn clock(&self) -> ClockMap {
        self.group.clock(self.id)
    }
}
