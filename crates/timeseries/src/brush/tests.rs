use super::*;
use crate::axis::TimeUnit;
use proptest::prelude::*;

fn axis() -> TimeAxis {
    TimeAxis::numbers((0..=100).map(f64::from).collect(), TimeUnit::Seconds)
}

fn region(key: u64, start: f64, end: f64, selected: bool) -> BrushRegion {
    BrushRegion { key, start, end, instant: start == end, selected, locked: false }
}

fn at(position: f64) -> Pointer {
    // Ten pixels per second.
    Pointer { at: position, x_px: position * 10.0, free: false }
}

fn scene<'a>(axis: &'a TimeAxis, regions: &'a [BrushRegion]) -> BrushScene<'a> {
    BrushScene { axis, regions, snap: Snap::Sample, units_per_px: 0.1, can_create: true, frame_snap: None }
}

fn run(scene: &BrushScene<'_>, events: &[BrushEvent]) -> (BrushTool, Vec<BrushEffect>) {
    let mut out = Vec::new();
    let tool = events.iter().fold(BrushTool::Idle, |tool, e| tool.step(*e, scene, &mut out));
    (tool, out)
}

fn drag(scene: &BrushScene<'_>, from: f64, to: f64) -> Vec<BrushEffect> {
    use BrushEvent::{Down, Move, Up};
    let (tool, out) = run(scene, &[Down(at(from)), Move(at(to)), Up(at(to))]);
    assert_eq!(tool, BrushTool::Idle);
    out
}

fn click(scene: &BrushScene<'_>, position: f64) -> Vec<BrushEffect> {
    run(scene, &[BrushEvent::Down(at(position)), BrushEvent::Up(at(position))]).1
}

#[test]
fn a_drag_creates_a_range_with_edges_on_samples_in_either_direction() {
    let axis = axis();
    let scene = scene(&axis, &[]);
    assert_eq!(
        drag(&scene, 10.3, 19.6),
        [
            BrushEffect::Draft { start: 10.0, end: 20.0, moving: 20.0 },
            BrushEffect::Create { start: 10.0, end: 20.0, instant: false }
        ]
    );
    assert_eq!(drag(&scene, 19.6, -50.0)[1], BrushEffect::Create { start: 0.0, end: 20.0, instant: false });
    assert_eq!(drag(&scene, 10.1, 10.9)[1], BrushEffect::Create { start: 10.0, end: 11.0, instant: false });
    assert_eq!(drag(&scene, 9.6, 10.4)[1], BrushEffect::Cancel, "both ends on one sample");
}

#[test]
fn alt_and_off_do_not_snap_and_frames_snap_to_frames() {
    let axis = axis();
    let mut scene = scene(&axis, &[]);
    let free = |p: f64| Pointer { free: true, ..at(p) };
    let (_, out) = run(
        &scene,
        &[BrushEvent::Down(free(1.25)), BrushEvent::Move(free(3.75)), BrushEvent::Up(free(3.75))],
    );
    assert_eq!(out[1], BrushEffect::Create { start: 1.25, end: 3.75, instant: false });
    scene.snap = Snap::Off;
    assert_eq!(drag(&scene, 1.25, 3.75)[1], BrushEffect::Create { start: 1.25, end: 3.75, instant: false });
    scene.snap = Snap::Frame;
    let frames = |p: f64| (p * 2.0).round() / 2.0;
    scene.frame_snap = Some(&frames);
    assert_eq!(drag(&scene, 1.3, 3.6)[1], BrushEffect::Create { start: 1.5, end: 3.5, instant: false });
    let regions = [region(1, 20.5, 30.25, false)];
    let scene = BrushScene { snap: Snap::Region, regions: &regions, ..scene };
    assert_eq!(drag(&scene, 50.2, 30.8)[1], BrushEffect::Create { start: 30.25, end: 50.0, instant: false });
}

#[test]
fn a_double_click_makes_an_instant() {
    let axis = axis();
    let mut scene = scene(&axis, &[]);
    let double = [
        BrushEvent::Down(at(5.2)),
        BrushEvent::Up(at(5.2)),
        BrushEvent::DoubleClick(at(5.2)),
        BrushEvent::Up(at(5.2)),
    ];
    let (tool, out) = run(&scene, &double);
    assert_eq!(tool, BrushTool::Idle);
    assert_eq!(
        out,
        [BrushEffect::Cursor { at: 5.2 }, BrushEffect::Create { start: 5.0, end: 5.0, instant: true }]
    );
    scene.can_create = false;
    assert_eq!(run(&scene, &double).1, [BrushEffect::Cursor { at: 5.2 }]);
    assert_eq!(drag(&scene, 5.0, 9.0), []);
}

#[test]
fn clicks_cycle_through_overlapping_regions() {
    let axis = axis();
    let mut regions =
        [region(1, 0.0, 50.0, false), region(2, 10.0, 40.0, false), region(3, 20.0, 30.0, false)];
    let mut picked = Vec::new();
    for _ in 0..4 {
        let out = click(&scene(&axis, &regions), 25.0);
        let BrushEffect::Select { key } = out[0] else { panic!("{out:?}") };
        picked.push(key);
        regions.iter_mut().for_each(|r| r.selected = r.key == key);
    }
    assert_eq!(picked, [3, 2, 1, 3]);
    assert_eq!(click(&scene(&axis, &regions), 80.0)[0], BrushEffect::Unselect);
    let alone = [region(1, 0.0, 50.0, true)];
    assert_eq!(click(&scene(&axis, &alone), 25.0), [BrushEffect::Cursor { at: 25.0 }]);
}

#[test]
fn edges_are_dragged_and_may_cross() {
    let axis = axis();
    let regions = [region(7, 20.0, 30.0, true)];
    let scene = scene(&axis, &regions);
    assert_eq!(
        drag(&scene, 20.2, 25.0).last(),
        Some(&BrushEffect::Update { key: 7, start: 25.0, end: 30.0, instant: false })
    );
    assert_eq!(
        drag(&scene, 30.0, 12.0).last(),
        Some(&BrushEffect::Update { key: 7, start: 12.0, end: 20.0, instant: false })
    );
    assert_eq!(
        drag(&scene, 30.0, 400.0).last(),
        Some(&BrushEffect::Update { key: 7, start: 20.0, end: 100.0, instant: false })
    );
}

#[test]
fn a_selected_region_moves_and_keeps_its_length() {
    let axis = axis();
    let regions = [region(7, 20.0, 30.0, true)];
    let scene = scene(&axis, &regions);
    assert_eq!(
        drag(&scene, 25.0, 28.4).last(),
        Some(&BrushEffect::Update { key: 7, start: 23.0, end: 33.0, instant: false })
    );
    assert_eq!(
        drag(&scene, 25.0, 500.0).last(),
        Some(&BrushEffect::Update { key: 7, start: 90.0, end: 100.0, instant: false })
    );
    assert_eq!(drag(&scene, 25.0, 25.4).last(), Some(&BrushEffect::Cancel));
    let instants = [region(9, 50.0, 50.0, false)];
    let scene = BrushScene { regions: &instants, ..scene };
    assert_eq!(
        drag(&scene, 50.2, 60.0).last(),
        Some(&BrushEffect::Update { key: 9, start: 60.0, end: 60.0, instant: true })
    );
}

#[test]
fn locked_regions_are_drawn_over_and_unselected_ones_too() {
    let axis = axis();
    let mut regions = [region(7, 20.0, 30.0, true)];
    regions[0].locked = true;
    let s = scene(&axis, &regions);
    assert!(matches!(drag(&s, 20.0, 25.0).last(), Some(BrushEffect::Create { .. })));
    let regions = [region(7, 20.0, 40.0, false)];
    let s = scene(&axis, &regions);
    assert!(matches!(drag(&s, 25.0, 35.0).last(), Some(BrushEffect::Create { .. })));
}

#[test]
fn escape_leaves_everything_as_it_was() {
    let axis = axis();
    let regions = [region(7, 20.0, 30.0, true)];
    let scene = scene(&axis, &regions);
    for from in [25.0, 20.0, 60.0] {
        let (tool, out) = run(
            &scene,
            &[
                BrushEvent::Down(at(from)),
                BrushEvent::Move(at(70.0)),
                BrushEvent::Cancel,
                BrushEvent::Up(at(70.0)),
            ],
        );
        assert_eq!(tool, BrushTool::Idle);
        assert_eq!(out.last(), Some(&BrushEffect::Cancel));
    }
}

#[test]
fn keys_grow_and_shrink_edges_in_native_units() {
    let axis = axis();
    assert_eq!(nudge_edge(&axis, 20.0, 30.0, Edge::Start, -5.0), (15.0, 30.0));
    assert_eq!(nudge_edge(&axis, 20.0, 30.0, Edge::Start, 50.0), (30.0, 30.0));
    assert_eq!(nudge_edge(&axis, 20.0, 30.0, Edge::End, 1000.0), (20.0, 100.0));
    let dates = TimeAxis::dates(vec![0, 60_000_000_000]);
    assert_eq!(
        nudge_edge(&dates, 1e9, 2e9, Edge::End, 1000.0),
        (1e9, 3e9),
        "1000 units of a date are a second"
    );
}

proptest! {
    #[test]
    fn any_stream_of_events_keeps_proposals_inside_the_data(events in prop::collection::vec((0u8..5, -20.0f64..120.0, any::<bool>()), 0..60), empty in any::<bool>()) {
        let axis = if empty { TimeAxis::default() } else { axis() };
        let regions = [region(1, 5.0, 40.0, true), region(2, 30.0, 30.0, false), region(3, 60.0, 90.0, false)];
        let scene = scene(&axis, if empty { &[] } else { &regions });
        let mut out = Vec::new();
        let mut tool = BrushTool::default();
        for (kind, position, free) in events {
            let p = Pointer { free, ..at(position) };
            tool = tool.step(match kind {
                0 => BrushEvent::Down(p),
                1 => BrushEvent::Move(p),
                2 => BrushEvent::Up(p),
                3 => BrushEvent::DoubleClick(p),
                _ => BrushEvent::Cancel,
            }, &scene, &mut out);
        }
        for effect in out {
            if let BrushEffect::Create { start, end, .. } | BrushEffect::Update { start, end, .. } = effect {
                prop_assert!(!empty && 0.0 <= start && start <= end && end <= 100.0, "{:?}", effect);
            }
        }
        let after = tool.step(BrushEvent::Cancel, &scene, &mut Vec::new());
        prop_assert_eq!(after, BrushTool::Idle);
    }
}
