//! The series as a member of its sync group: its own time is nanoseconds since its first sample.

use super::model::{FrameGrid, GuideBar};
use super::screen::{Screen, Shared};
use crate::media::{Cursor, Guide, MediaHub, MemberPort, NewMember, Span};
use leptos::prelude::*;
use std::rc::{Rc, Weak};
use tagloom_video_sync::{MemberKind, Nanos, Stretch};

struct Port(Weak<Screen>);

impl MemberPort for Port {
    fn cursor(&self, cursor: Cursor) {
        if let Some(screen) = self.0.upgrade() {
            screen.cursor_moved(cursor);
        }
    }

    fn guides(&self, guides: &[Guide]) {
        if let Some(screen) = self.0.upgrade() {
            screen.guided(guides);
        }
    }
}

impl Screen {
    /// Joins for as long as the calling view is mounted.
    pub fn join(self: &Rc<Self>, hub: &MediaHub) {
        let member = hub.join(NewMember {
            object: self.name.clone(),
            kind: MemberKind::Series,
            element: None,
            embedded: false,
            port: Rc::new(Port(Rc::downgrade(self))),
        });
        let (duration, epoch, samples) = {
            let Ok(model) = self.model.try_borrow() else { return };
            let axis = &model.columns.axis;
            let duration = axis.last().map_or(0, |last| axis.local_ns(last));
            let epoch = axis.first().filter(|_| axis.is_dates()).map(|first| axis.epoch_ns(first));
            (duration, epoch, axis.len())
        };
        *self.member.borrow_mut() = Some(member.clone());
        member.set_duration(Nanos(duration));
        if let Some(epoch) = epoch {
            member.set_epoch(Nanos(epoch));
        }
        if samples > 1 {
            member.set_sample(Nanos(duration / (samples as i64 - 1)));
        }
        self.cursor_moved(member.cursor());
        self.tell_spans();
    }

    /// Whether a medium leads the timeline of this series; looks only until one is found.
    fn find_media(&self) -> bool {
        if !self.has_media.get() {
            let leads =
                self.context.hub().timelines().iter().any(|group| {
                    group.iter().any(|s| s.object == self.name) && group.iter().any(|s| s.leads)
                });
            self.has_media.set(leads);
        }
        self.has_media.get()
    }

    /// The frames of the leading video, for snapping and for counting them. Frames of one length are assumed around the
    /// place where the video stands.
    pub fn find_frames(&self) {
        let frames = self.context.hub().timelines().into_iter().find_map(|group| {
            let own = group.iter().find(|s| s.object == self.name)?.clock.clone();
            let video = group.iter().find(|s| s.frame.is_some_and(|f| f.0 > 0))?;
            let at = |frames: i64| {
                let local = video.frame.map_or(Nanos::ZERO, |f| Nanos(f.0 * frames));
                own.to_local(video.clock.to_master(local))
            };
            Some((at(0), at(1)))
        });
        let Ok(mut model) = self.model.try_borrow_mut() else { return };
        model.frames = frames.and_then(|(from, to)| {
            let axis = &model.columns.axis;
            let (origin, next) = (axis.position_at_local(from.0), axis.position_at_local(to.0));
            (next > origin).then_some(FrameGrid { origin, step: next - origin })
        });
    }

    fn cursor_moved(self: &Rc<Self>, cursor: Cursor) {
        let has_media = self.find_media();
        let stretched = self.handle().and_then(|m| m.stretched_by());
        let mut moved = false;
        {
            let Ok(mut model) = self.model.try_borrow_mut() else { return };
            self.playing.set(cursor.playing);
            let model = &mut *model;
            let axis = &model.columns.axis;
            let at = cursor.local.map(|local| axis.clamp(axis.position_at_local(local.0)));
            // Alone, the series has no cursor until the user puts one.
            if !has_media && model.cursor.is_none() && cursor.local == Some(Nanos::ZERO) {
                return;
            }
            let was = model.cursor;
            model.cursor = at;
            if let Some(over) = stretched.filter(|over| self.set_up_for.get() != Some(*over)) {
                self.set_up_for.set(Some(over));
                let (first, last) = (axis.first().unwrap_or(0.0), axis.last().unwrap_or(0.0));
                let stretch = Stretch::new(first, last, over.secs());
                let end = axis.position(stretch.initial_window_samples(axis.len()));
                model.window.set(first, end);
                moved = true;
            }
            if let Some(at) = at.filter(|_| !self.follow.borrow().is_suspended()) {
                let (low, high) = model.window.full_range();
                let span = model.window.span();
                if cursor.playing && stretched.is_some() {
                    // The window slides so that its ends meet those of the series when the cursor does.
                    let share = if high > low { (at - low) / (high - low) } else { 0.0 };
                    let start = low + share * (high - low - span);
                    moved |= model.window.start != start;
                    model.window.set(start, start + span);
                } else if cursor.playing {
                    let window = (model.window.start, model.window.end);
                    if let Some((start, end)) = self.follow.borrow().window(window, (low, high), at) {
                        model.window.set(start, end);
                        moved = true;
                    }
                } else if was != Some(at) && !model.window.contains(at) && has_media {
                    model.window.page_to(at);
                    moved = true;
                }
            }
        }
        self.tell();
        self.mark(moved);
    }

    fn guided(self: &Rc<Self>, guides: &[Guide]) {
        if let Ok(mut model) = self.model.try_borrow_mut() {
            let axis = &model.columns.axis;
            let at = |local: Nanos| axis.position_at_local(local.0);
            model.guides = guides
                .iter()
                .map(|g| GuideBar { start: at(g.start), end: at(g.end), color: g.color.clone() })
                .collect();
        }
        let _ = self.signals.guided.try_set(!guides.is_empty());
        self.mark(false);
    }

    /// Tells the others the regions of this series.
    pub fn tell_spans(&self) {
        let Some(member) = self.handle() else { return };
        let spans: Vec<Span> = {
            let Ok(model) = self.model.try_borrow() else { return };
            let local = |at: f64| Nanos(model.columns.axis.local_ns(at));
            let shown = model.regions.iter().filter(|r| !r.hidden);
            shown
                .map(|r| Span {
                    start: local(r.start),
                    end: local(r.end),
                    color: r.color.clone(),
                    text: r.caption.clone(),
                })
                .collect()
        };
        member.set_spans(spans);
    }

    /// The videos show this moment while an edge is dragged (BR-1).
    pub fn preview(&self, at: f64) {
        let local = match self.model.try_borrow() {
            Ok(model) => Nanos(model.columns.axis.local_ns(at)),
            Err(_) => return,
        };
        if let Some(member) = self.handle() {
            member.preview(local);
        }
    }

    pub fn end_preview(&self) {
        if let Some(member) = self.handle() {
            member.end_preview();
        }
    }

    /// Plays the selected region, then over and over, then stops (BR-2).
    pub fn play_region(self: &Rc<Self>) {
        let range = {
            let Ok(model) = self.model.try_borrow() else { return };
            let mut selected = model.regions.iter().filter(|r| r.selected && !r.instant);
            let axis = &model.columns.axis;
            selected.next().map(|r| (Nanos(axis.local_ns(r.start)), Nanos(axis.local_ns(r.end))))
        };
        let (Some((start, end)), Some(member)) = (range, self.handle()) else { return };
        // The way over the group's timeline and back may cost a nanosecond.
        let near = |a: Nanos, b: Nanos| (a - b).abs().0 <= 1_000;
        match member.span() {
            Some((a, b, repeats)) if near(a, start) && near(b, end) => {
                if repeats {
                    member.stop_span();
                    member.pause();
                } else {
                    member.play_span(start, end, true);
                }
            }
            _ => member.play_span(start, end, false),
        }
    }
}

/// Toggles the guide bars of a screen.
pub(super) fn toggle_guides(screen: &Shared) {
    if let Ok(mut model) = screen.model.try_borrow_mut() {
        model.shows_guides = !model.shows_guides;
    }
    screen.mark(false);
}
