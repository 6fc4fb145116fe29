//! The alignment tool (sync.md CL-5): mark one event in two sources, and one of them moves.

use crate::components::{IconButton, NumberField};
use crate::context::use_editor;
use crate::icons::{self, Glyph, Icon};
use crate::media::{Source, SourceGroup};
use leptos::prelude::*;
use tagloom_annotation_store::Command;
use tagloom_editor::Action;
use tagloom_video_sync::{Alignment, Anchor, MemberKind, Nanos};

/// How far one nudge goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nudge {
    Frame,
    Sample,
    Millis(i64),
}

const NUDGES: [(Nudge, &str); 5] = [
    (Nudge::Frame, "1 frame"),
    (Nudge::Sample, "1 sample"),
    (Nudge::Millis(1), "1 ms"),
    (Nudge::Millis(10), "10 ms"),
    (Nudge::Millis(100), "100 ms"),
];

impl Nudge {
    /// A frame is the leader's, a sample the source's own; without either it is 40 and 10 ms.
    fn length(self, source: &Source, group: &[Source]) -> Nanos {
        match self {
            Self::Frame => {
                let frame = source.frame.or_else(|| group.iter().find_map(|s| s.frame));
                frame.unwrap_or(Nanos::from_millis(40))
            }
            Self::Sample => source.sample.unwrap_or(Nanos::from_millis(10)),
            Self::Millis(ms) => Nanos::from_millis(ms),
        }
    }
}

/// A moment that was marked and waits for its other half.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    object: String,
    local: Nanos,
}

/// Which source moves when two are marked, and to where: the one that does not lead, else the one marked last.
fn pair(group: &[Source], first: &Mark, second: &Mark) -> Option<(String, Anchor)> {
    let find = |mark: &Mark| group.iter().find(|s| s.object == mark.object);
    let (a, b) = (find(first)?, find(second)?);
    let (moved, fixed) = if b.leads { ((a, first), (b, second)) } else { ((b, second), (a, first)) };
    let master = fixed.0.clock.to_master(fixed.1.local);
    Some((moved.0.object.clone(), Anchor { local: moved.1.local, master }))
}

fn glyph(kind: MemberKind) -> Glyph {
    match kind {
        MemberKind::Video | MemberKind::EmbeddedVideo => icons::VIDEO,
        MemberKind::Audio => icons::AUDIO,
        MemberKind::Series => icons::SERIES,
        MemberKind::Paragraphs => icons::PARAGRAPHS,
    }
}

/// Seconds to the microsecond, without zeros that say nothing.
fn seconds(time: Nanos) -> String {
    let text = format!("{:.6}", time.secs());
    let (whole, digits) = text.split_once('.').unwrap_or((&text, ""));
    let kept = digits.trim_end_matches('0');
    format!("{whole}.{kept:0<3} s")
}

/// How much faster or slower a clock runs, as people who compare clocks say it.
fn drift(rate: f64) -> Option<String> {
    let ppm = (rate - 1.0) * 1e6;
    match ppm.abs() {
        p if p < 0.05 => None,
        p if p < 10_000.0 => Some(format!("{ppm:+.1} ppm")),
        _ => Some(format!("× {rate:.4}")),
    }
}

/// The tab of the side panel; shown when several sources share a timeline.
#[component]
pub(super) fn SyncPanel() -> impl IntoView {
    let context = use_editor();
    let hub = StoredValue::new_local(context.hub());
    let changed = hub.with_value(crate::media::MediaHub::changed);
    let still = |mut group: SourceGroup| {
        group.iter_mut().for_each(|s| s.local = Nanos::ZERO);
        group
    };
    // What is built anew; the times run in texts of their own.
    let groups = Memo::new(move |_| {
        changed.track();
        hub.with_value(|h| h.timelines().into_iter().map(still).collect::<Vec<_>>())
    });
    view! {
        <div class="tl-panel-scroll">
            {move || groups.get().into_iter().map(|group| view! { <Timeline group/> }).collect_view()}
            <p class="tl-sync-help">
                "Go to an event in one source and mark it there, then go to the same event in another and mark it again: the other moves. A second pair corrects the speed, more are averaged. Regions keep their own times."
            </p>
        </div>
    }
}

#[component]
fn Timeline(group: SourceGroup) -> impl IntoView {
    let context = use_editor();
    let hub = StoredValue::new_local(context.hub());
    let changed = hub.with_value(crate::media::MediaHub::changed);
    let pending = RwSignal::new(None::<Mark>);
    let trouble = RwSignal::new(None::<String>);
    let nudge = RwSignal::new(3usize);
    let read_only = context.read_only();
    let group = StoredValue::new(group);

    let now = move |object: &str| {
        changed.track();
        let sources = hub.with_value(crate::media::MediaHub::timelines);
        sources.into_iter().flatten().find(|s| s.object == object)
    };
    let set = move |object: &str, alignment: &Alignment| {
        let all = hub.with_value(|h| h.with_alignment(object, alignment));
        context.dispatch(Action::Apply(Command::SetAlignment(all)));
    };
    let alignment = move |source: &Source| hub.with_value(|h| h.alignment_of(source));
    let mark = move |object: &str| {
        trouble.set(None);
        let Some(source) = untrack(|| now(object)) else { return };
        let this = Mark { object: source.object.clone(), local: source.local };
        let before = pending.get_untracked().filter(|m| m.object != this.object);
        let Some(before) = before else { return pending.set(Some(this)) };
        let sources = untrack(|| hub.with_value(crate::media::MediaHub::timelines));
        let found = sources.iter().find_map(|g| pair(g, &before, &this).map(|p| (g.clone(), p)));
        let Some((sources, (moved, anchor))) = found else { return pending.set(Some(this)) };
        let Some(source) = sources.iter().find(|s| s.object == moved) else { return };
        match alignment(source).mark(anchor) {
            Ok(aligned) => {
                pending.set(None);
                set(&moved, &aligned);
            }
            Err(error) => trouble.set(Some(error.to_string())),
        }
    };
    let reset = move || {
        pending.set(None);
        trouble.set(None);
        let all = hub.with_value(|h| h.without_alignment(&group.get_value()));
        context.dispatch(Action::Apply(Command::SetAlignment(all)));
    };

    let row = move |source: Source| {
        let object = source.object.clone();
        let aligned = alignment(&source);
        let (leads, frozen) = (source.leads, source.leads || read_only.get());
        let time = {
            let object = object.clone();
            move || now(&object).map(|s| seconds(s.local)).unwrap_or_default()
        };
        let marked = {
            let object = object.clone();
            move || pending.get().is_some_and(|m| m.object == object)
        };
        let move_by = {
            let (source, aligned) = (source.clone(), aligned.clone());
            move |sign: i64| {
                let step = NUDGES[nudge.get_untracked()].0.length(&source, &group.get_value());
                set(&source.object, &aligned.nudged(Nanos(step.0 * sign)));
            }
        };
        let (earlier, later) = (move_by.clone(), move_by);
        let enter_offset = {
            let (object, aligned) = (object.clone(), aligned.clone());
            move |secs: f64| {
                let by = Nanos::from_secs(secs) - aligned.offset();
                set(&object, &aligned.nudged(by));
            }
        };
        let pairs = aligned
            .pairs()
            .iter()
            .enumerate()
            .map(|(at, p)| {
                let (object, aligned, p) = (object.clone(), aligned.clone(), *p);
                view! {
                    <li>
                        <span class="tl-num">{seconds(p.local)}" ↔ "{seconds(p.master)}</span>
                        <IconButton class="tl-small" glyph=icons::CLOSE label="Remove this pair" disabled=read_only
                            on_click=move || set(&object, &aligned.unmark(at))/>
                    </li>
                }
            })
            .collect_view();
        let residual = (aligned.pairs().len() > 2).then(|| {
            view! { <p class="tl-sync-residual">"Off by at most "<span class="tl-num">{seconds(aligned.residual())}</span></p> }
        });
        let offset = aligned.offset().secs();
        let place = if leads { "leads" } else { source.origin };
        let on_mark = {
            let object = object.clone();
            move |_| mark(&object)
        };
        let pressed = marked.clone();
        view! {
            <div class="tl-sync-source" class:tl-marked=marked>
                <div class="tl-sync-head">
                    <Icon glyph=glyph(source.kind)/>
                    <strong>{source.object.clone()}</strong>
                    <span class="tl-badge">{place}</span>
                    {drift(aligned.clock().rate_at(Nanos::ZERO)).map(|d| view! { <span class="tl-badge tl-num">{d}</span> })}
                    <output class="tl-num tl-grow">{time}</output>
                </div>
                <div class="tl-sync-controls">
                    <button type="button" class="tl-button" disabled=read_only aria-pressed=move || pressed().to_string()
                        on:click=on_mark>"Mark here"</button>
                    <Show when=move || !leads>
                        <IconButton glyph=icons::ARROW_LEFT label="Earlier" disabled=frozen on_click={ let f = earlier.clone(); move || f(-1) }/>
                        <IconButton glyph=icons::ARROW_RIGHT label="Later" disabled=frozen on_click={ let f = later.clone(); move || f(1) }/>
                    </Show>
                    <NumberField label="Offset, s" value=Signal::stored(offset) disabled=Signal::stored(frozen) on_enter=enter_offset/>
                </div>
                <ul class="tl-sync-pairs">{pairs}</ul>
                {residual}
            </div>
        }
    };
    view! {
        <section class="tl-sync">
            <div class="tl-panel-tools">
                <label class="tl-sync-nudge">"Nudge by "
                    <select class="tl-select" aria-label="Nudge by" on:change=move |e| nudge.set(event_target_value(&e).parse().unwrap_or(3))>
                        {NUDGES.iter().enumerate().map(|(at, (_, name))| view! { <option value=at.to_string() selected=at == 3>{*name}</option> }).collect_view()}
                    </select>
                </label>
                <div class="tl-grow"></div>
                <IconButton class="tl-small" glyph=icons::RESET label="Back to how the config aligns them" disabled=read_only on_click=reset/>
            </div>
            {move || trouble.get().map(|t| view! { <p class="tl-error" role="alert">{t}</p> })}
            {move || group.get_value().into_iter().map(row).collect_view()}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_video_sync::ClockMap;

    fn source(object: &str, leads: bool, offset: i64) -> Source {
        Source {
            object: object.into(),
            kind: if leads { MemberKind::Video } else { MemberKind::Series },
            leads,
            local: Nanos::ZERO,
            frame: leads.then_some(Nanos::from_millis(20)),
            sample: None,
            clock: ClockMap::with_offset(Nanos(offset)),
            origin: "by its start",
        }
    }

    fn mark(object: &str, local: i64) -> Mark {
        Mark { object: object.into(), local: Nanos(local) }
    }

    #[test]
    fn the_source_that_does_not_lead_moves_whichever_was_marked_first() {
        let group = [source("v", true, 100), source("s", false, 0), source("t", false, 7)];
        let anchor = Anchor { local: Nanos(5), master: Nanos(130) };
        assert_eq!(pair(&group, &mark("v", 30), &mark("s", 5)), Some(("s".into(), anchor)));
        assert_eq!(pair(&group, &mark("s", 5), &mark("v", 30)), Some(("s".into(), anchor)));
        let between = Anchor { local: Nanos(5), master: Nanos(27) };
        assert_eq!(pair(&group, &mark("t", 20), &mark("s", 5)), Some(("s".into(), between)));
        assert_eq!(pair(&group, &mark("x", 1), &mark("s", 5)), None);
    }

    #[test]
    fn nudges_have_the_length_of_what_there_is() {
        let group = [source("v", true, 0), source("s", false, 0)];
        assert_eq!(Nudge::Frame.length(&group[1], &group), Nanos::from_millis(20));
        assert_eq!(Nudge::Frame.length(&group[1], &group[1..]), Nanos::from_millis(40));
        let fine = Source { sample: Some(Nanos(125)), ..group[1].clone() };
        assert_eq!(Nudge::Sample.length(&fine, &group), Nanos(125));
        assert_eq!(Nudge::Millis(100).length(&fine, &group), Nanos::from_millis(100));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(seconds(Nanos::from_secs(1.25)), "1.250 s");
        assert_eq!(seconds(Nanos(-1_234_567_000)), "-1.234567 s");
        assert_eq!(drift(1.0), None);
        assert_eq!(drift(1.00005).as_deref(), Some("+50.0 ppm"));
        assert_eq!(drift(2.0).as_deref(), Some("× 2.0000"));
    }
}
