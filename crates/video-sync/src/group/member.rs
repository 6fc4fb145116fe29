//! One participant of a sync group.

use std::sync::Arc;

use crate::clock::ClockMap;
use crate::frames::FrameIndex;
use crate::nanos::Nanos;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    Video,
    Audio,
    Series,
    Paragraphs,
    /// A media element inside HyperText.
    EmbeddedVideo,
}

impl MemberKind {
    pub(super) fn has_media(self) -> bool {
        matches!(self, Self::Video | Self::Audio | Self::EmbeddedVideo)
    }

    /// Place in the order of leadership.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Video | Self::EmbeddedVideo => 0,
            Self::Audio => 1,
            Self::Series | Self::Paragraphs => 2,
        }
    }
}

/// Whether moving the visible window of a series seeks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PanSeeks {
    #[default]
    Never,
    /// To the centre of the window, as Label Studio does (not for drags of the overview).
    Center,
    /// To the same fraction of the recording that the window has of its way, as the seed example does.
    Stretch,
}

/// One participant.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub kind: MemberKind,
    /// Paragraphs have a medium when they have an `audioUrl`.
    pub has_media: bool,
    pub clock: ClockMap,
    /// Length in its own time; `None` while unknown.
    pub duration: Option<Nanos>,
    pub frames: Option<Arc<FrameIndex>>,
    pub pan_seeks: PanSeeks,
    /// Has enough data to play on.
    pub(super) ready: bool,
    /// Was last told to play, or was started by the user.
    pub(super) running: bool,
    /// Was muted by the group.
    pub(super) muted: bool,
    /// Seeks that it has not answered yet, the oldest first.
    pub(super) asked: Vec<Nanos>,
}

impl Member {
    pub fn new(kind: MemberKind) -> Self {
        Self {
            kind,
            has_media: kind.has_media(),
            clock: ClockMap::default(),
            duration: None,
            frames: None,
            pan_seeks: PanSeeks::Never,
            ready: true,
            running: false,
            muted: false,
            asked: Vec::new(),
        }
    }

    pub fn with_clock(mut self, clock: ClockMap) -> Self {
        self.clock = clock;
        self
    }

    pub fn with_duration(mut self, duration: Nanos) -> Self {
        self.duration = Some(duration);
        self
    }

    pub fn with_pan_seeks(mut self, pan_seeks: PanSeeks) -> Self {
        self.pan_seeks = pan_seeks;
        self
    }

    pub fn with_frames(mut self, frames: Arc<FrameIndex>) -> Self {
        self.frames = Some(frames);
        self
    }

    /// Local time of a master moment, if the member has data there.
    pub(super) fn local(&self, master: Nanos) -> Option<Nanos> {
        let local = self.clock.to_local(master);
        (local >= Nanos::ZERO && self.duration.is_none_or(|end| local <= end)).then_some(local)
    }

    /// Whether there is still something to play.
    pub(super) fn plays_at(&self, master: Nanos) -> bool {
        self.has_media && self.local(master).is_some_and(|local| self.duration.is_none_or(|end| local < end))
    }

    /// Where a media element is sent for a moment: into the data, and to the middle of the frame where frames are known.
    pub(super) fn target(&self, master: Nanos) -> Nanos {
        let local = self.clock.to_local(master).max(Nanos::ZERO);
        let local = self.duration.map_or(local, |end| local.min(end));
        let frame = self.frames.as_ref().and_then(|frames| Some((frames, frames.frame_at(local)?)));
        frame.map_or(local, |(frames, frame)| frames.seek_target(frame))
    }
}
