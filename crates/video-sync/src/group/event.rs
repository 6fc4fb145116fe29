//! What members report and what they are told, each in their own time.

use super::MemberId;
use crate::nanos::Nanos;

/// What happened, in the member's own time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GroupEvent {
    /// The user moved the position, or a media element reports a finished seek (`seeked`, once for each seek).
    Seek {
        from: MemberId,
        local: Nanos,
    },
    /// A playing medium reports its time (of the frame shown, see [`crate::cursor_time`]).
    Time {
        from: MemberId,
        local: Nanos,
    },
    Play {
        from: MemberId,
    },
    Pause {
        from: MemberId,
        local: Option<Nanos>,
    },
    Rate {
        from: MemberId,
        rate: f64,
    },
    /// A medium can play on (`true`) or is waiting for data.
    Ready {
        from: MemberId,
        ready: bool,
    },
    Ended {
        from: MemberId,
    },
    /// The visible window of a series was moved by the user.
    Window {
        from: MemberId,
        start: Nanos,
        end: Nanos,
        by_overview: bool,
    },
}

/// What a member is to do, in its own time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MemberCommand {
    /// Set the media element's time.
    Seek {
        to: MemberId,
        local: Nanos,
    },
    /// Show the cursor of a series or the active paragraph here; `None` shows "no data".
    Cursor {
        to: MemberId,
        local: Option<Nanos>,
    },
    Play {
        to: MemberId,
    },
    Pause {
        to: MemberId,
    },
    Rate {
        to: MemberId,
        rate: f64,
    },
    Mute {
        to: MemberId,
        muted: bool,
    },
}
