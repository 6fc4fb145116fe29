//! One timeline for video, audio and series: clocks, frames, sync groups, seeking, keyframes. The specification is
//! `sync.md`; rule ids (FI, CL, PB, SK, BR) in these docs refer to it.
//!
//! # The odd cases first
//! - **Times are integers.** [`Nanos`] counts nanoseconds; media report doubles, which are rounded once, on the way in.
//! - **Frames count from 0** inside ([`Frame`]) and from 1 in Label Studio's JSON and on screen ([`Frame::number`]).
//! - **Before the first and after the last frame** the first and last are shown; a video of no frames has none.
//! - **A duration of zero or one that is not known yet** stretches nothing: conversions then answer the start.
//! - **No timers.** The leading medium is the only clock; everything here is called with the time that it reported.
//! - Nothing panics on data; clocks with a rate of zero, NaN or below are refused where they are read.

mod alignment;
mod clock;
pub mod container;
mod follow;
mod frame_rate;
mod frames;
mod goto;
mod group;
mod keyframes;
pub mod lanes;
mod nanos;
mod numbering;
pub mod overlap;
mod playback;
mod resolve;
mod seek;
mod stretch;
mod timecode;

pub use alignment::{Alignment, BackwardsPair};
pub use clock::{Anchor, ClockAttributes, ClockError, ClockFit, ClockMap, SyncOrigin};
pub use follow::{Follow, FollowMode};
pub use frame_rate::FrameRate;
pub use frames::{Frame, FrameIndex, FrameSource, Rate, label_studio};
pub use goto::{GoTo, PlainNumber, parse_goto};
pub use group::{GroupEvent, Member, MemberCommand, MemberId, MemberKind, PanSeeks, SyncGroup};
pub use keyframes::{Keyframe, Shape, Track};
pub use nanos::{Nanos, Timescale};
pub use numbering::{Numbering, RateContradiction, contradiction};
pub use playback::{Correction, correction, cursor_time};
pub use resolve::{EmbeddedJoin, SyncTag, resolve_embedded, resolve_groups};
pub use seek::{Scrubber, SeekOutcome, SeekPlan};
pub use stretch::Stretch;
pub use timecode::{format_timecode, parse_timecode};
