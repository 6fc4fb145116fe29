//! A sync group: its members' clocks, one position, and who has to do what when one of them moves (PB-1 to PB-5).
//!
//! # The odd cases first
//! - **The leading medium is the only clock**: the first video, else the first audio, else the first other medium, of
//!   those that have something to play at the current position. Time reported by anybody else is ignored.
//! - **A group without media** has a position, but nothing plays.
//! - **Members that are shorter or start later** show no data (`Cursor { local: None }`), are started when the position
//!   reaches them, and never stop the others.
//! - **Echoes.** A media element answers a command with the event that a user would cause. The group knows what it asked
//!   for and swallows the answer; no time limit is involved, and a real seek a millisecond later is obeyed.
//! - **Muting** (tags.md 7.5): with an Audio tag in the group only Audio tags sound; otherwise the medium that was
//!   started does. Unlike Label Studio a silent starter (a series) leaves the leading video audible.

mod event;
mod member;

use crate::nanos::Nanos;
use crate::stretch::Stretch;

pub use event::{GroupEvent, MemberCommand};
pub use member::{Member, MemberId, MemberKind, PanSeeks};

/// Two media times this close are the same seek.
const ECHO_TOLERANCE: Nanos = Nanos::from_millis(60);
const MIN_RATE: f64 = 0.05;
const MAX_RATE: f64 = 16.0;

/// Members that share one timeline.
#[derive(Clone, Debug)]
pub struct SyncGroup {
    members: Vec<(MemberId, Member)>,
    next_id: u32,
    position: Nanos,
    playing: bool,
    /// Master seconds per second.
    rate: f64,
    held: bool,
    /// Whether all wait while one is loading (PB-2).
    pub wait_all: bool,
}

impl Default for SyncGroup {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            next_id: 0,
            position: Nanos::ZERO,
            playing: false,
            rate: 1.0,
            held: false,
            wait_all: false,
        }
    }
}

impl SyncGroup {
    pub fn add(&mut self, member: Member) -> MemberId {
        let id = MemberId(self.next_id);
        self.next_id += 1;
        self.members.push((id, member));
        id
    }

    /// Takes a member out; if it was the last medium that played, the group stops.
    pub fn remove(&mut self, id: MemberId) {
        self.members.retain(|(other, _)| *other != id);
        self.playing &= self.members.iter().any(|(_, m)| m.has_media);
    }

    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|(other, _)| *other == id).map(|(_, m)| m)
    }

    /// Changes what is known of a member (duration, frames, clock); the others are told where that leaves them.
    pub fn update(&mut self, id: MemberId, change: impl FnOnce(&mut Member)) -> Vec<MemberCommand> {
        let Some(member) = self.member_mut(id) else { return Vec::new() };
        change(member);
        let mut out = Vec::new();
        self.show_cursors(&mut out);
        if !self.playing {
            self.seek_media(Some(self.leader().unwrap_or(id)), &mut out);
        }
        out
    }

    fn member_mut(&mut self, id: MemberId) -> Option<&mut Member> {
        self.members.iter_mut().find(|(other, _)| *other == id).map(|(_, m)| m)
    }

    /// The position on the master timeline.
    pub fn position(&self) -> Nanos {
        self.position
    }

    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Speed of the master timeline.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Whether all are waiting for one that is loading.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// The medium that is the clock at the current position.
    pub fn leader(&self) -> Option<MemberId> {
        let media = || self.members.iter().filter(|(_, m)| m.has_media);
        let first = media().filter(|(_, m)| m.plays_at(self.position)).min_by_key(|(_, m)| m.kind.rank());
        first.or_else(|| media().min_by_key(|(_, m)| m.kind.rank())).map(|(id, _)| *id)
    }

    /// A member's own time at the current position; `None` where it has no data.
    pub fn local(&self, id: MemberId) -> Option<Nanos> {
        self.member(id)?.local(self.position)
    }

    /// Where every other member is when the leader is at a media time.
    pub fn leader_time(&self, media_time: Nanos) -> Vec<(MemberId, Option<Nanos>)> {
        let Some(leader) = self.leader() else { return Vec::new() };
        let Some(clock) = self.member(leader).map(|m| &m.clock) else { return Vec::new() };
        let master = clock.to_master(media_time);
        self.members.iter().filter(|(id, _)| *id != leader).map(|(id, m)| (*id, m.local(master))).collect()
    }

    /// Takes one event and says what everybody has to do.
    pub fn handle(&mut self, event: GroupEvent) -> Vec<MemberCommand> {
        let mut out = Vec::new();
        match event {
            GroupEvent::Seek { from, local } => self.seek(from, local, &mut out),
            GroupEvent::Time { from, local } => self.time(from, local, &mut out),
            GroupEvent::Play { from } => self.play(from, &mut out),
            GroupEvent::Pause { from, local } => self.pause(from, local, &mut out),
            GroupEvent::Rate { from, rate } => self.set_rate(from, rate, &mut out),
            GroupEvent::Ready { from, ready } => {
                if let Some(member) = self.member_mut(from) {
                    member.ready = ready;
                    self.run(&mut out);
                }
            }
            GroupEvent::Ended { from } => self.ended(from, &mut out),
            GroupEvent::Window { from, start, end, by_overview } => {
                self.window(from, start, end, by_overview, &mut out);
            }
        }
        out
    }

    /// Sends everybody to a moment of the master timeline.
    pub fn go(&mut self, master: Nanos) -> Vec<MemberCommand> {
        let mut out = Vec::new();
        self.position = master;
        self.show_cursors(&mut out);
        self.seek_media(None, &mut out);
        self.run(&mut out);
        out
    }

    /// Lets the media show a moment; the position stays where it is (BR-1).
    pub fn preview(&mut self, master: Nanos) -> Vec<MemberCommand> {
        let mut out = Vec::new();
        let position = std::mem::replace(&mut self.position, master);
        self.seek_media(None, &mut out);
        self.position = position;
        out
    }

    /// A member has carried out a seek that it was asked for, and knows that it was: nothing else follows from it.
    pub fn answered(&mut self, id: MemberId, asked: Nanos) {
        if let Some(member) = self.member_mut(id)
            && let Some(at) = member.asked.iter().position(|a| *a == asked)
        {
            member.asked.drain(..=at);
        }
    }

    fn seek(&mut self, from: MemberId, local: Nanos, out: &mut Vec<MemberCommand>) {
        let Some(member) = self.member_mut(from) else { return };
        if let Some(echo) = member.asked.iter().position(|asked| (*asked - local).abs() <= ECHO_TOLERANCE) {
            member.asked.drain(..=echo);
            return;
        }
        // What was asked of it before is overtaken by this.
        member.asked.clear();
        self.position = member.clock.to_master(local);
        self.show_cursors(out);
        self.seek_media(Some(from), out);
        self.run(out);
    }

    fn time(&mut self, from: MemberId, local: Nanos, out: &mut Vec<MemberCommand>) {
        if !self.playing || self.leader() != Some(from) {
            return;
        }
        if let Some(member) = self.member(from) {
            self.position = member.clock.to_master(local);
            self.show_cursors(out);
            self.run(out);
        }
    }

    fn play(&mut self, from: MemberId, out: &mut Vec<MemberCommand>) {
        let Some(member) = self.member_mut(from) else { return };
        if member.running {
            return;
        }
        // An element that the user starts is running whatever the group thinks.
        member.running = member.has_media;
        if self.leader().is_none() {
            return;
        }
        self.playing = true;
        self.mute(from, out);
        self.run(out);
    }

    fn pause(&mut self, from: MemberId, local: Option<Nanos>, out: &mut Vec<MemberCommand>) {
        let playing = self.playing;
        let Some(member) = self.member_mut(from) else { return };
        if !playing || (member.has_media && !member.running) {
            return;
        }
        member.running = false;
        if let (Some(local), Some(end)) = (local, member.duration)
            && member.has_media
            && local >= end
        {
            // Elements pause at their end, which stops nobody else.
            return self.ended(from, out);
        }
        if let Some(local) = local.filter(|_| member.has_media) {
            // The picture on screen is what regions are drawn on (PB-3).
            let shown = member.frames.as_ref().map_or(local, |frames| frames.snap(local));
            self.position = member.clock.to_master(shown);
        }
        self.playing = false;
        self.run(out);
        self.show_cursors(out);
        self.seek_media(Some(from), out);
    }

    fn ended(&mut self, from: MemberId, out: &mut Vec<MemberCommand>) {
        let Some(member) = self.member_mut(from) else { return };
        member.running = false;
        if !self.playing {
            return;
        }
        let was_leader = self.leader() == Some(from);
        if let Some(member) = self.member_mut(from)
            && was_leader
            && let Some(end) = member.duration
        {
            self.position = member.clock.to_master(end);
        }
        let position = self.position;
        self.playing = self.members.iter().any(|(id, m)| *id != from && m.plays_at(position));
        self.show_cursors(out);
        self.run(out);
    }

    fn set_rate(&mut self, from: MemberId, rate: f64, out: &mut Vec<MemberCommand>) {
        let position = self.position;
        let Some(member) = self.member(from) else { return };
        if rate.is_nan() {
            return;
        }
        let factor = member.clock.rate_at(member.clock.to_local(position));
        let master = rate.clamp(MIN_RATE, MAX_RATE) * factor;
        if (master / self.rate - 1.0).abs() < 1e-9 {
            return;
        }
        self.rate = master;
        for (id, member) in self.members.iter().filter(|(id, m)| *id != from && m.has_media) {
            out.push(MemberCommand::Rate { to: *id, rate: element_rate(member, position, master) });
        }
    }

    fn window(
        &mut self,
        from: MemberId,
        start: Nanos,
        end: Nanos,
        by_overview: bool,
        out: &mut Vec<MemberCommand>,
    ) {
        let Some(member) = self.member(from) else { return };
        if self.playing {
            return;
        }
        let local = match (member.pan_seeks, member.duration) {
            (PanSeeks::Never, _) => return,
            (PanSeeks::Center, _) if by_overview => return,
            (PanSeeks::Center, _) => start + Nanos((end - start).0 / 2),
            (PanSeeks::Stretch, Some(length)) if end - start < length => {
                let stretch = Stretch::new(0.0, length.0 as f64, length.0 as f64);
                Nanos(stretch.time_of_window(start.0 as f64, end.0 as f64).round() as i64)
            }
            // The whole series in view says nothing about where to be.
            (PanSeeks::Stretch, _) => return,
        };
        self.seek(from, local, out);
    }

    fn show_cursors(&self, out: &mut Vec<MemberCommand>) {
        for (id, member) in self.members.iter().filter(|(_, m)| !m.has_media) {
            out.push(MemberCommand::Cursor { to: *id, local: member.local(self.position) });
        }
    }

    /// Sends all media but one to the position.
    fn seek_media(&mut self, except: Option<MemberId>, out: &mut Vec<MemberCommand>) {
        let position = self.position;
        for (id, member) in self.members.iter_mut().filter(|(id, m)| Some(*id) != except && m.has_media) {
            ask_to_seek(*id, member, position, out);
        }
    }

    /// Starts and stops media so that those with something to play do, unless all are waiting.
    fn run(&mut self, out: &mut Vec<MemberCommand>) {
        let position = self.position;
        let loading = |m: &Member| m.plays_at(position) && !m.ready;
        self.held = self.playing && self.wait_all && self.members.iter().any(|(_, m)| loading(m));
        for (id, member) in self.members.iter_mut().filter(|(_, m)| m.has_media) {
            // The one that is loading is left running: it goes on by itself when it can.
            let wanted = self.playing && member.plays_at(position) && (!self.held || !member.ready);
            if wanted == member.running {
                continue;
            }
            member.running = wanted;
            if wanted {
                ask_to_seek(*id, member, position, out);
                out.push(MemberCommand::Rate { to: *id, rate: element_rate(member, position, self.rate) });
                out.push(MemberCommand::Play { to: *id });
            } else {
                out.push(MemberCommand::Pause { to: *id });
            }
        }
    }

    fn mute(&mut self, from: MemberId, out: &mut Vec<MemberCommand>) {
        let has_audio = self.members.iter().any(|(_, m)| m.kind == MemberKind::Audio);
        let starter = self.member(from).filter(|m| m.has_media).map(|_| from).or_else(|| self.leader());
        for (id, member) in self.members.iter_mut().filter(|(_, m)| m.has_media) {
            let audible = if has_audio { member.kind == MemberKind::Audio } else { Some(*id) == starter };
            if member.muted == audible {
                member.muted = !audible;
                out.push(MemberCommand::Mute { to: *id, muted: !audible });
            }
        }
    }
}

fn ask_to_seek(id: MemberId, member: &mut Member, position: Nanos, out: &mut Vec<MemberCommand>) {
    let local = member.target(position);
    // An element that never answers must not fill the memory.
    if member.asked.len() >= 16 {
        member.asked.remove(0);
    }
    member.asked.push(local);
    out.push(MemberCommand::Seek { to: id, local });
}

/// The playback rate at which an element keeps up with the master timeline.
fn element_rate(member: &Member, position: Nanos, master_rate: f64) -> f64 {
    let own = member.clock.rate_at(member.clock.to_local(position));
    (master_rate / own).clamp(MIN_RATE, MAX_RATE)
}

#[cfg(test)]
mod tests;
