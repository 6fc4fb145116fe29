use super::*;
use proptest::prelude::*;
use std::fmt::Write;

const ALL: [&str; 15] = [
    "curvebasis",
    "curveBasisOpen",
    "curveBundle",
    "curveCardinal",
    "curveCardinalOpen",
    "curveCatmullRom",
    "curveCatmullRomOpen",
    "curveLinear",
    "curveMonotoneX",
    "curveMonotoneY",
    "curveNatural",
    "curveRadial",
    "curveStep",
    "curveStepAfter",
    "curveStepBefore",
];

fn svg(path: &[PathCommand]) -> String {
    let mut out = String::new();
    let n = |v: f64| (v * 1000.0).round() / 1000.0;
    for c in path {
        let _ = match c {
            PathCommand::MoveTo(p) => write!(out, "M{},{}", n(p.x), n(p.y)),
            PathCommand::LineTo(p) => write!(out, "L{},{}", n(p.x), n(p.y)),
            PathCommand::CubicTo(a, b, p) => {
                write!(out, "C{},{},{},{},{},{}", n(a.x), n(a.y), n(b.x), n(b.y), n(p.x), n(p.y))
            }
        };
    }
    out
}

fn drawn(name: &str, points: &[(f64, f64)]) -> String {
    let points: Vec<Point> = points.iter().map(|(x, y)| Point { x: *x, y: *y }).collect();
    svg(&path(name.parse().unwrap(), &points))
}

/// The same four points through every curve, as d3-shape draws them.
#[test]
fn the_same_points_through_every_curve() {
    let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 1.0), (3.0, 3.0)];
    for (name, expected) in [
        ("curveLinear", "M0,1L1,3L2,1L3,3"),
        ("curveStepBefore", "M0,1L0,1L0,3L1,3L1,1L2,1L2,3L3,3"),
        ("curveStepAfter", "M0,1L1,1L1,3L2,3L2,1L3,1L3,3L3,3"),
        ("curveStep", "M0,1L0.5,1L0.5,3L1.5,3L1.5,1L2.5,1L2.5,3L3,3"),
        (
            "curveBasis",
            "M0,1L0.167,1.333C0.333,1.667,0.667,2.333,1,2.333C1.333,2.333,1.667,1.667,2,1.667C2.333,1.667,2.667,2.333,2.833,2.667L3,3",
        ),
        ("curveBasisOpen", "M1,2.333C1.333,2.333,1.667,1.667,2,1.667"),
        ("curveCardinal", "M0,1C0,1,0.667,3,1,3C1.333,3,1.667,1,2,1C2.333,1,3,3,3,3"),
        ("curveCardinalOpen", "M1,3C1.333,3,1.667,1,2,1"),
        ("curveCatmullRom", "M0,1C0,1,0.667,3,1,3C1.333,3,1.667,1,2,1C2.333,1,3,3,3,3"),
        ("curveMonotoneX", "M0,1C0.333,2,0.667,3,1,3C1.333,3,1.667,1,2,1C2.333,1,2.667,2,3,3"),
        (
            "curveNatural",
            "M0,1C0.333,2.111,0.667,3.222,1,3C1.333,2.778,1.667,1.222,2,1C2.333,0.778,2.667,1.889,3,3",
        ),
    ] {
        assert_eq!(drawn(name, &points), expected, "{name}");
    }
}

#[test]
fn gaps_break_and_single_points_are_dots() {
    let points = [(0.0, 1.0), (1.0, f64::NAN), (2.0, 1.0), (3.0, 3.0)];
    assert_eq!(drawn("curveLinear", &points), "M0,1L0,1M2,1L3,3");
    assert_eq!(drawn("curveNatural", &[]), "");
    assert!("curveFoo".parse::<Interpolation>().is_err());
    assert_eq!("CURVESTEP".parse(), Ok(Interpolation::Step));
}

proptest! {
    #[test]
    fn every_curve_is_finite_and_most_hit_their_points(points in prop::collection::vec((0.0f64..3.0, -5.0f64..5.0), 1..30)) {
        let mut x = 0.0;
        let points: Vec<Point> = points.into_iter().map(|(dx, y)| { x += dx; Point { x, y } }).collect();
        for name in ALL {
            let commands = path(name.parse().unwrap(), &points);
            prop_assert!(commands.iter().all(PathCommand::is_finite), "{}", name);
            prop_assert!(commands.len() >= 2, "{}", name);
            if ["curveLinear", "curveCardinal", "curveCatmullRom", "curveNatural", "curveMonotoneX"].contains(&name) {
                for p in &points {
                    prop_assert!(commands.iter().any(|c| c.end() == *p), "{} misses {:?}", name, p);
                }
            }
        }
    }

    #[test]
    fn monotone_data_stay_monotone(steps in prop::collection::vec((0.1f64..3.0, 0.0f64..5.0), 3..30)) {
        let (mut x, mut y) = (0.0, 0.0);
        let points: Vec<Point> = steps.into_iter().map(|(dx, dy)| { x += dx; y += dy; Point { x, y } }).collect();
        let mut from = points[0];
        let mut at = f64::NEG_INFINITY;
        for c in path(Interpolation::MonotoneX, &points) {
            if let PathCommand::CubicTo(a, b, p) = c {
                for t in (0..=10).map(|i| f64::from(i) / 10.0) {
                    let u = 1.0 - t;
                    let y = u * u * u * from.y + 3.0 * u * u * t * a.y + 3.0 * u * t * t * b.y + t * t * t * p.y;
                    prop_assert!(y >= at - 1e-9);
                    at = y;
                }
            }
            from = c.end();
        }
    }
}
