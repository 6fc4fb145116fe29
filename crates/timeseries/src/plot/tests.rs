use super::*;
use crate::axis::TimeUnit;
use proptest::prelude::*;

fn series() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((0.0f64..2.0, prop_oneof![12 => -50.0f64..50.0, 1 => Just(f64::NAN)]), 2..2000)
        .prop_map(|rows| {
            let mut t = 0.0;
            rows.into_iter()
                .map(|(step, value)| {
                    t += step;
                    (t, value)
                })
                .unzip()
        })
}

fn column(values: &[f64]) -> Column {
    Column::new("v", 0).filled(values.iter().copied())
}

fn window(axis: &TimeAxis, at: f64, share: f64) -> ViewWindow {
    let mut window = ViewWindow::full(axis);
    let (low, high) = window.full_range();
    let start = low + at * (high - low);
    window.set(start, start + share * (high - low));
    window
}

proptest! {
    #[test]
    fn the_extremes_of_every_pixel_column_are_the_true_ones((times, values) in series(), at in 0.0f64..1.0, share in 0.01f64..1.0, width in 1u32..120) {
        let axis = TimeAxis::numbers(times.clone(), TimeUnit::Seconds);
        let window = window(&axis, at, share);
        let Drawing::Columns { columns, .. } = query(&axis, &column(&values), &window, width) else { return Ok(()) };
        let mut expected = vec![(Extent::EMPTY, 0usize); width as usize];
        for (t, v) in times.iter().zip(&values) {
            if *t < window.start || *t > window.end { continue }
            // The column whose right border is the first one beyond the sample.
            let x = (0..width).find(|x| *t < window.start + f64::from(x + 1) / f64::from(width) * window.span()).unwrap_or(width - 1);
            expected[x as usize].0.add(*v);
            expected[x as usize].1 += 1;
        }
        let drawn: Vec<u32> = columns.iter().map(|c| c.x).collect();
        let occupied: Vec<u32> = (0..width).filter(|x| expected[*x as usize].1 > 0).collect();
        prop_assert_eq!(drawn, occupied);
        for c in columns {
            let e = expected[c.x as usize].0;
            prop_assert_eq!((c.min, c.max, c.has_gap), (e.min, e.max, e.has_gap));
        }
    }

    #[test]
    fn two_samples_in_view_draw_a_line((times, mut values) in series(), at in 0.0f64..1.0, zoom in 0.0f64..9.0, width in 1u32..300) {
        values.iter_mut().for_each(|v| if v.is_nan() { *v = 0.0 });
        let axis = TimeAxis::numbers(times, TimeUnit::Seconds);
        prop_assume!(axis.last() > axis.first());
        let window = window(&axis, at, 10f64.powf(-zoom));
        let column = column(&values);
        let scale = PlotScale { window, log: false, y: YRange::resolve(&axis, &column, &window, false, ""), width_px: f64::from(width), height_px: 100.0 };
        let drawing = query(&axis, &column, &window, width);
        for interpolation in [Interpolation::Step, Interpolation::Linear, Interpolation::MonotoneX] {
            let path = scale.path(&drawing, &axis, &column.values, interpolation);
            // Zoomed between two samples there is still the line that joins them.
            prop_assert!(path.iter().any(|c| !matches!(c, PathCommand::MoveTo(_))));
            prop_assert!(path.iter().all(PathCommand::is_finite));
        }
    }
}

#[test]
fn a_gap_breaks_the_line_at_every_zoom() {
    let values: Vec<f64> = (0..1000).map(|i| if (400..600).contains(&i) { f64::NAN } else { 1.0 }).collect();
    let axis = TimeAxis::index(1000, None);
    let column = column(&values);
    for width in [50, 2000] {
        let window = ViewWindow::full(&axis);
        let scale = PlotScale {
            window,
            log: false,
            y: YRange { min: 0.0, max: 2.0 },
            width_px: f64::from(width),
            height_px: 10.0,
        };
        let drawing = query(&axis, &column, &window, width);
        let path = scale.path(&drawing, &axis, &column.values, Interpolation::Linear);
        let moves = path.iter().filter(|c| matches!(c, PathCommand::MoveTo(_))).count();
        assert_eq!(moves, 2, "{width}");
        let gap = (scale.x(402.0), scale.x(597.0));
        assert!(path.iter().all(|c| !(gap.0..gap.1).contains(&c.end().x)), "{width}");
    }
}

#[test]
fn y_ranges() {
    let values = [0.0, 1.0, 5.0, -2.0, f64::NAN];
    let axis = TimeAxis::index(5, None);
    let column = column(&values);
    let mut window = ViewWindow::full(&axis);
    window.set(0.0, 1.0);
    let range = |fixed, text| {
        let r = YRange::resolve(&axis, &column, &window, fixed, text);
        (r.min, r.max)
    };
    assert_eq!(range(false, ""), (0.0, 1.0));
    assert_eq!(range(true, "-9,9"), (-2.0, 5.0), "dataRange is not honoured with fixedScale");
    assert_eq!(range(false, "-9,"), (-9.0, 1.0));
    assert_eq!(range(false, ",9"), (0.0, 9.0));
    assert_eq!(range(false, "9,-9"), (-9.0, 9.0));
    assert_eq!(range(false, "7,"), (7.0, 8.0));
    assert_eq!(YRange::around(Extent::EMPTY), YRange { min: 0.0, max: 1.0 });
    assert_eq!(YRange::around(Extent::of(&[4.0])), YRange { min: 2.0, max: 6.0 });
}

#[test]
fn a_channel_may_pin_its_own_time_range() {
    let axis = TimeAxis::index(100, None);
    let shared = ViewWindow::full(&axis);
    assert_eq!(PlotScale::channel_window(shared, &axis, ""), shared);
    let pinned = PlotScale::channel_window(shared, &axis, "10,20");
    assert_eq!((pinned.start, pinned.end), (10.0, 20.0));
    assert_eq!(PlotScale::channel_window(shared, &axis, "50,").end, 99.0);
}

#[test]
fn a_logarithmic_axis_has_equal_decades_and_no_place_for_zero() {
    let y = YRange { min: 1.0, max: 100.0 }.logarithmic();
    let window = ViewWindow::full(&TimeAxis::index(2, None));
    let scale = PlotScale { window, y, log: true, width_px: 10.0, height_px: 100.0 };
    assert_eq!((scale.y(1.0), scale.y(10.0), scale.y(100.0)), (100.0, 50.0, 0.0));
    assert_eq!((scale.y(0.0), scale.y(-5.0)), (100.0, 100.0));
    assert!(scale.y(f64::NAN).is_nan());
    for (min, max) in [(0.0, 5.0), (-3.0, -1.0), (2.0, 2.0), (-1.0, 0.0)] {
        let y = YRange { min, max }.logarithmic();
        assert!(y.min > 0.0 && y.max > y.min, "{min} {max}: {y:?}");
    }
}
