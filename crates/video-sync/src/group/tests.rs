use super::*;
use crate::clock::ClockMap;
use crate::frame_rate::FrameRate;
use crate::frames::FrameIndex;
use proptest::prelude::*;
use std::sync::Arc;

fn secs(s: f64) -> Nanos {
    Nanos::from_secs(s)
}

fn video() -> Member {
    Member::new(MemberKind::Video).with_duration(secs(10.0))
}

fn series() -> Member {
    Member::new(MemberKind::Series).with_duration(secs(10.0))
}

/// Ids of a group of the given members, in order.
fn group<const N: usize>(members: [Member; N]) -> (SyncGroup, [MemberId; N]) {
    let mut group = SyncGroup::default();
    let ids = members.map(|m| group.add(m));
    (group, ids)
}

#[test]
fn a_click_on_the_series_seeks_the_video_and_its_echo_is_swallowed() {
    let (mut g, [v, ts]) = group([video(), series()]);
    let out = g.handle(GroupEvent::Seek { from: ts, local: secs(3.0) });
    assert_eq!(
        out,
        [
            MemberCommand::Cursor { to: ts, local: Some(secs(3.0)) },
            MemberCommand::Seek { to: v, local: secs(3.0) }
        ]
    );
    assert_eq!(g.handle(GroupEvent::Seek { from: v, local: secs(3.01) }), []);
    assert_eq!(g.position(), secs(3.0));
    let out = g.handle(GroupEvent::Seek { from: v, local: secs(3.01) });
    assert_eq!(
        out,
        [MemberCommand::Cursor { to: ts, local: Some(secs(3.01)) }],
        "the same again is the user's"
    );
}

#[test]
fn with_known_frames_the_video_is_sent_to_the_middle_of_one() {
    let frames = Arc::new(FrameIndex::constant(FrameRate::new(25, 1), secs(10.0)));
    let (mut g, [v, ts]) = group([video().with_frames(frames), series()]);
    let out = g.handle(GroupEvent::Seek { from: ts, local: secs(1.0) });
    assert_eq!(out[1], MemberCommand::Seek { to: v, local: secs(1.02) });
    // PB-3: a pause puts the cursor on the frame that is shown.
    g.handle(GroupEvent::Play { from: v });
    g.handle(GroupEvent::Pause { from: v, local: Some(secs(2.037)) });
    assert_eq!(g.position(), secs(2.0));
}

#[test]
fn the_leading_medium_is_the_only_clock() {
    let (mut g, [ts, a, v]) =
        group([series(), Member::new(MemberKind::Audio).with_duration(secs(10.0)), video()]);
    assert_eq!(g.leader(), Some(v));
    assert_eq!(g.handle(GroupEvent::Time { from: v, local: secs(1.0) }), [], "nothing plays yet");
    let out = g.handle(GroupEvent::Play { from: v });
    assert!(out.contains(&MemberCommand::Play { to: a }));
    assert!(out.contains(&MemberCommand::Mute { to: v, muted: true }), "the audio is the one to hear");
    assert_eq!(g.handle(GroupEvent::Play { from: a }), [], "an echo");
    assert_eq!(g.handle(GroupEvent::Time { from: a, local: secs(9.0) }), []);
    let out = g.handle(GroupEvent::Time { from: v, local: secs(2.0) });
    assert_eq!(out, [MemberCommand::Cursor { to: ts, local: Some(secs(2.0)) }]);
    assert_eq!(g.leader_time(secs(2.5)), [(ts, Some(secs(2.5))), (a, Some(secs(2.5)))]);
    let out = g.handle(GroupEvent::Pause { from: a, local: Some(secs(2.0)) });
    assert!(out.contains(&MemberCommand::Pause { to: v }) && !g.is_playing());
    assert_eq!(g.handle(GroupEvent::Pause { from: v, local: Some(secs(2.0)) }), [], "an echo");
}

#[test]
fn playing_from_the_series_starts_the_video_aloud() {
    let (mut g, [v, ts]) = group([video(), series()]);
    let out = g.handle(GroupEvent::Play { from: ts });
    assert!(out.contains(&MemberCommand::Play { to: v }));
    assert!(!out.iter().any(|c| matches!(c, MemberCommand::Mute { .. })));
    let out = g.handle(GroupEvent::Pause { from: ts, local: None });
    assert!(out.contains(&MemberCommand::Pause { to: v }));
}

#[test]
fn of_two_videos_the_one_that_was_started_is_heard() {
    let (mut g, [a, b]) = group([video(), video()]);
    assert!(g.handle(GroupEvent::Play { from: b }).contains(&MemberCommand::Mute { to: a, muted: true }));
    g.handle(GroupEvent::Pause { from: b, local: Some(secs(1.0)) });
    let out = g.handle(GroupEvent::Play { from: a });
    assert!(
        out.contains(&MemberCommand::Mute { to: a, muted: false })
            && out.contains(&MemberCommand::Mute { to: b, muted: true })
    );
}

#[test]
fn a_group_without_media_has_a_position_but_does_not_play() {
    let (mut g, [ts]) = group([series()]);
    assert_eq!(g.handle(GroupEvent::Play { from: ts }), []);
    assert!(!g.is_playing());
    assert_eq!(
        g.handle(GroupEvent::Seek { from: ts, local: secs(4.0) }),
        [MemberCommand::Cursor { to: ts, local: Some(secs(4.0)) }]
    );
}

#[test]
fn offsets_and_rates_move_members_and_shorter_ones_show_no_data() {
    let clock = ClockMap::with_offset(secs(2.0));
    let (mut g, [v, ts]) =
        group([video(), Member::new(MemberKind::Series).with_duration(secs(3.0)).with_clock(clock)]);
    let cursor = |g: &mut SyncGroup, t| g.handle(GroupEvent::Seek { from: v, local: secs(t) })[0];
    assert_eq!(cursor(&mut g, 1.0), MemberCommand::Cursor { to: ts, local: None });
    assert_eq!(cursor(&mut g, 2.5), MemberCommand::Cursor { to: ts, local: Some(secs(0.5)) });
    assert_eq!(cursor(&mut g, 6.0), MemberCommand::Cursor { to: ts, local: None });
}

#[test]
fn a_second_video_starts_when_its_time_comes_and_takes_over_at_the_end() {
    let late =
        Member::new(MemberKind::Video).with_duration(secs(10.0)).with_clock(ClockMap::with_offset(secs(4.0)));
    let (mut g, [a, b]) = group([video(), late]);
    let out = g.handle(GroupEvent::Play { from: a });
    assert!(!out.iter().any(|c| matches!(c, MemberCommand::Play { .. })));
    let out = g.handle(GroupEvent::Time { from: a, local: secs(4.1) });
    assert!(out.contains(&MemberCommand::Play { to: b }));
    assert!(out.contains(&MemberCommand::Seek { to: b, local: secs(0.1) }));
    g.handle(GroupEvent::Pause { from: a, local: Some(secs(10.0)) });
    assert!(g.is_playing(), "an element that pauses at its end stops nobody");
    assert_eq!(g.leader(), Some(b));
    g.handle(GroupEvent::Time { from: b, local: secs(7.0) });
    assert_eq!(g.position(), secs(11.0));
    g.handle(GroupEvent::Ended { from: b });
    assert!(!g.is_playing());
}

#[test]
fn speed_is_shared_and_corrected_by_the_clocks() {
    let fast = video().with_clock(ClockMap::new(Nanos::ZERO, Nanos::ZERO, 2.0).unwrap());
    let (mut g, [a, b]) = group([video(), fast]);
    assert_eq!(g.handle(GroupEvent::Rate { from: a, rate: 3.0 }), [MemberCommand::Rate { to: b, rate: 1.5 }]);
    assert_eq!(g.handle(GroupEvent::Rate { from: b, rate: 1.5 }), [], "an echo");
    assert_eq!(g.handle(GroupEvent::Rate { from: a, rate: f64::NAN }), []);
    g.handle(GroupEvent::Rate { from: a, rate: 1e9 });
    assert_eq!(g.rate(), 16.0);
}

#[test]
fn all_wait_for_one_that_is_loading() {
    let (mut g, [a, b]) = group([video(), video()]);
    g.wait_all = true;
    g.handle(GroupEvent::Play { from: a });
    assert_eq!(g.handle(GroupEvent::Ready { from: b, ready: false }), [MemberCommand::Pause { to: a }]);
    assert!(g.is_held() && g.is_playing());
    assert_eq!(
        g.handle(GroupEvent::Pause { from: a, local: Some(secs(1.0)) }),
        [],
        "the answer to the command"
    );
    let out = g.handle(GroupEvent::Ready { from: b, ready: true });
    assert!(out.contains(&MemberCommand::Play { to: a }) && !g.is_held());
}

/// T6: zooming and panning move nothing, unless asked to.
#[test]
fn t6_windows_seek_only_when_they_should() {
    let whole = |g: &mut SyncGroup, ts, a, b, overview| {
        g.handle(GroupEvent::Window { from: ts, start: secs(a), end: secs(b), by_overview: overview });
        g.position()
    };
    let (mut g, [_, ts]) = group([video(), series()]);
    assert_eq!(whole(&mut g, ts, 4.0, 6.0, false), Nanos::ZERO);
    let (mut g, [_, ts]) = group([video(), series().with_pan_seeks(PanSeeks::Center)]);
    assert_eq!(whole(&mut g, ts, 4.0, 6.0, false), secs(5.0));
    assert_eq!(whole(&mut g, ts, 0.0, 2.0, true), secs(5.0), "drags of the overview are exempt");
}

/// The seed example: 100 samples over a video of 10 s, the window at the middle of its way.
#[test]
fn an_embedded_video_is_stretched_over_the_series() {
    let clock = ClockMap::stretched(secs(99.0), secs(10.0));
    let ts = Member::new(MemberKind::Series)
        .with_duration(secs(99.0))
        .with_clock(clock)
        .with_pan_seeks(PanSeeks::Stretch);
    let (mut g, [v, ts]) = group([Member::new(MemberKind::EmbeddedVideo).with_duration(secs(10.0)), ts]);
    let out =
        g.handle(GroupEvent::Window { from: ts, start: secs(24.5), end: secs(74.5), by_overview: true });
    assert_eq!(out[0], MemberCommand::Cursor { to: ts, local: Some(secs(49.5)) });
    let MemberCommand::Seek { to, local } = out[1] else { panic!("{out:?}") };
    assert_eq!(to, v);
    assert!((local - secs(5.0)).abs() < Nanos(10));
    let before = g.position();
    assert_eq!(
        g.handle(GroupEvent::Window { from: ts, start: secs(0.0), end: secs(99.0), by_overview: false }),
        []
    );
    assert_eq!(g.position(), before);
    g.handle(GroupEvent::Play { from: v });
    let out = g.handle(GroupEvent::Time { from: v, local: secs(2.5) });
    let MemberCommand::Cursor { local: Some(at), .. } = out[0] else { panic!("{out:?}") };
    assert!((at - secs(24.75)).abs() < Nanos(100));
    assert_eq!(
        g.handle(GroupEvent::Window { from: ts, start: secs(0.0), end: secs(50.0), by_overview: false }),
        [],
        "following while playing is no seek"
    );
}

/// T12: an alignment moves cursors and never a local time that was stored.
#[test]
fn t12_a_new_clock_moves_the_cursor_of_its_member() {
    let (mut g, [v, ts]) = group([video(), series()]);
    g.handle(GroupEvent::Seek { from: v, local: secs(5.0) });
    let out = g.update(ts, |m| m.clock = ClockMap::with_offset(secs(1.0)));
    assert_eq!(out, [MemberCommand::Cursor { to: ts, local: Some(secs(4.0)) }]);
    g.remove(v);
    assert_eq!(g.leader(), None);
}

proptest! {
    /// Whatever happens, elements that answer every command faithfully end up where the group is, in a bounded number of
    /// steps: commands do not echo for ever.
    #[test]
    fn commands_and_answers_come_to_rest(events in prop::collection::vec((0u8..7, 0u32..4, 0.0f64..12.0), 1..40)) {
        let late = video().with_clock(ClockMap::with_offset(secs(3.0)));
        let (mut g, _) = group([video(), series(), Member::new(MemberKind::Audio).with_duration(secs(8.0)), late]);
        for (kind, from, t) in events {
            let from = MemberId(from);
            let event = match kind {
                0 => GroupEvent::Seek { from, local: secs(t) },
                1 => GroupEvent::Time { from, local: secs(t) },
                2 => GroupEvent::Play { from },
                3 => GroupEvent::Pause { from, local: Some(secs(t)) },
                4 => GroupEvent::Rate { from, rate: t },
                5 => GroupEvent::Ended { from },
                _ => GroupEvent::Ready { from, ready: t > 6.0 },
            };
            let mut queue = g.handle(event);
            let mut rounds = 0;
            while !queue.is_empty() {
                rounds += 1;
                prop_assert!(rounds < 4, "{:?}", queue);
                let answers = std::mem::take(&mut queue);
                for command in answers {
                    queue.extend(match command {
                        MemberCommand::Seek { to, local } => g.handle(GroupEvent::Seek { from: to, local }),
                        MemberCommand::Play { to } => g.handle(GroupEvent::Play { from: to }),
                        MemberCommand::Pause { to } => g.handle(GroupEvent::Pause { from: to, local: None }),
                        MemberCommand::Rate { to, rate } => g.handle(GroupEvent::Rate { from: to, rate }),
                        MemberCommand::Cursor { .. } | MemberCommand::Mute { .. } => Vec::new(),
                    });
                }
            }
        }
    }
}
