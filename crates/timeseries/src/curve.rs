//! The interpolations of a channel (`curveStep`, `curveLinear`, …) as path commands.
//!
//! A point with a NaN or infinite coordinate breaks the line. A piece of one point becomes a line of no length, which a
//! round cap shows as a dot. Open curves need three (basis, cardinal) points; shorter pieces fall back to a line.

use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathCommand {
    MoveTo(Point),
    LineTo(Point),
    /// A cubic Bézier with two control points and its end.
    CubicTo(Point, Point, Point),
}

impl PathCommand {
    /// Where the pen is after the command.
    pub fn end(&self) -> Point {
        match self {
            Self::MoveTo(p) | Self::LineTo(p) | Self::CubicTo(_, _, p) => *p,
        }
    }

    pub fn is_finite(&self) -> bool {
        let finite = |p: &Point| p.x.is_finite() && p.y.is_finite();
        match self {
            Self::MoveTo(p) | Self::LineTo(p) => finite(p),
            Self::CubicTo(a, b, c) => finite(a) && finite(b) && finite(c),
        }
    }
}

/// The `interpolation` attribute of a Channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    Basis,
    BasisOpen,
    Bundle,
    Cardinal,
    CardinalOpen,
    CatmullRom,
    CatmullRomOpen,
    Linear,
    MonotoneX,
    MonotoneY,
    Natural,
    /// A wrapper for polar plots in d3; on a time axis it is a straight line.
    Radial,
    #[default]
    Step,
    StepAfter,
    StepBefore,
}

impl FromStr for Interpolation {
    type Err = ();

    /// Reads a name as in the tag reference, in any case.
    fn from_str(name: &str) -> Result<Self, ()> {
        Ok(match name.trim().to_ascii_lowercase().as_str() {
            "curvebasis" => Self::Basis,
            "curvebasisopen" => Self::BasisOpen,
            "curvebundle" => Self::Bundle,
            "curvecardinal" => Self::Cardinal,
            "curvecardinalopen" => Self::CardinalOpen,
            "curvecatmullrom" => Self::CatmullRom,
            "curvecatmullromopen" => Self::CatmullRomOpen,
            "curvelinear" => Self::Linear,
            "curvemonotonex" => Self::MonotoneX,
            "curvemonotoney" => Self::MonotoneY,
            "curvenatural" => Self::Natural,
            "curveradial" => Self::Radial,
            "curvestep" => Self::Step,
            "curvestepafter" => Self::StepAfter,
            "curvestepbefore" => Self::StepBefore,
            _ => return Err(()),
        })
    }
}

/// The line through `points`, broken at those that are not finite.
pub fn path(interpolation: Interpolation, points: &[Point]) -> Vec<PathCommand> {
    let mut out = Vec::with_capacity(points.len() + 1);
    for piece in points.split(|p| !(p.x.is_finite() && p.y.is_finite())) {
        match piece {
            [] => {}
            [only] => out.extend([PathCommand::MoveTo(*only), PathCommand::LineTo(*only)]),
            piece => draw(interpolation, piece, &mut out),
        }
    }
    out
}

fn draw(interpolation: Interpolation, p: &[Point], out: &mut Vec<PathCommand>) {
    match interpolation {
        Interpolation::Linear | Interpolation::Radial => linear(p, out),
        Interpolation::Step => step(p, 0.5, out),
        Interpolation::StepAfter => step(p, 1.0, out),
        Interpolation::StepBefore => step(p, 0.0, out),
        _ if p.len() == 2 => linear(p, out),
        Interpolation::Basis => basis(p, out),
        Interpolation::BasisOpen => basis_open(p, out),
        Interpolation::Bundle => basis(&straightened(p, 0.85), out),
        Interpolation::Cardinal => spline(p, out, false, cardinal),
        Interpolation::CardinalOpen => spline(p, out, true, cardinal),
        Interpolation::CatmullRom => spline(p, out, false, catmull_rom),
        Interpolation::CatmullRomOpen => spline(p, out, true, catmull_rom),
        Interpolation::MonotoneX => monotone(p, out, |p| p),
        Interpolation::MonotoneY => monotone(p, out, |p| Point { x: p.y, y: p.x }),
        Interpolation::Natural => natural(p, out),
    }
}

fn linear(p: &[Point], out: &mut Vec<PathCommand>) {
    out.push(PathCommand::MoveTo(p[0]));
    out.extend(p[1..].iter().map(|p| PathCommand::LineTo(*p)));
}

/// `at` is where between two samples the value changes: 0 at the left one, 1 at the right one.
fn step(p: &[Point], at: f64, out: &mut Vec<PathCommand>) {
    out.push(PathCommand::MoveTo(p[0]));
    for pair in p.windows(2) {
        let x = pair[0].x * (1.0 - at) + pair[1].x * at;
        out.push(PathCommand::LineTo(Point { x, y: pair[0].y }));
        out.push(PathCommand::LineTo(Point { x, y: pair[1].y }));
    }
    out.push(PathCommand::LineTo(p[p.len() - 1]));
}

/// Weighted sum of points.
fn mix<const N: usize>(terms: [(f64, Point); N]) -> Point {
    let sum = |get: fn(&Point) -> f64| terms.iter().map(|(w, p)| w * get(p)).sum();
    Point { x: sum(|p| p.x), y: sum(|p| p.y) }
}

/// The piece of a cubic B-spline that three neighbours define.
fn basis_piece(a: Point, b: Point, c: Point) -> PathCommand {
    PathCommand::CubicTo(
        mix([(2.0 / 3.0, a), (1.0 / 3.0, b)]),
        mix([(1.0 / 3.0, a), (2.0 / 3.0, b)]),
        mix([(1.0 / 6.0, a), (4.0 / 6.0, b), (1.0 / 6.0, c)]),
    )
}

fn basis(p: &[Point], out: &mut Vec<PathCommand>) {
    let last = p.len() - 1;
    out.push(PathCommand::MoveTo(p[0]));
    out.push(PathCommand::LineTo(mix([(5.0 / 6.0, p[0]), (1.0 / 6.0, p[1])])));
    out.extend(p.windows(3).map(|w| basis_piece(w[0], w[1], w[2])));
    out.push(basis_piece(p[last - 1], p[last], p[last]));
    out.push(PathCommand::LineTo(p[last]));
}

fn basis_open(p: &[Point], out: &mut Vec<PathCommand>) {
    out.push(PathCommand::MoveTo(basis_piece(p[0], p[1], p[2]).end()));
    out.extend(p.windows(3).skip(1).map(|w| basis_piece(w[0], w[1], w[2])));
    if p.len() == 3 {
        out.push(PathCommand::LineTo(basis_piece(p[0], p[1], p[2]).end()));
    }
}

/// Points pulled towards the line between the ends; `strength` 1 leaves them alone.
fn straightened(p: &[Point], strength: f64) -> Vec<Point> {
    let last = p.len() - 1;
    let place = |i: usize| {
        let share = i as f64 / last as f64;
        let on_line = mix([(1.0 - share, p[0]), (share, p[last])]);
        mix([(strength, p[i]), (1.0 - strength, on_line)])
    };
    (0..p.len()).map(place).collect()
}

type Controls = fn(Option<Point>, Point, Point, Option<Point>) -> (Point, Point);

/// A spline through the points whose controls depend on one neighbour to each side. The open form uses the first and
/// last point for their direction only.
fn spline(p: &[Point], out: &mut Vec<PathCommand>, open: bool, controls: Controls) {
    let (first, last) = if open { (1, p.len() - 2) } else { (0, p.len() - 1) };
    out.push(PathCommand::MoveTo(p[first]));
    for i in first..last {
        let before = i.checked_sub(1).map(|i| p[i]);
        let (a, b) = controls(before, p[i], p[i + 1], p.get(i + 2).copied());
        out.push(PathCommand::CubicTo(a, b, p[i + 1]));
    }
    if first == last {
        out.push(PathCommand::LineTo(p[first]));
    }
}

fn cardinal(before: Option<Point>, a: Point, b: Point, after: Option<Point>) -> (Point, Point) {
    const K: f64 = 1.0 / 6.0;
    let out = before.map_or(a, |p| mix([(1.0, a), (K, b), (-K, p)]));
    let into = after.map_or(b, |n| mix([(1.0, b), (K, a), (-K, n)]));
    (out, into)
}

/// Centripetal: the knots are spaced by the square root of the distance, so there are no loops.
fn catmull_rom(before: Option<Point>, a: Point, b: Point, after: Option<Point>) -> (Point, Point) {
    let distance = |p: Point, q: Point| (p.x - q.x).hypot(p.y - q.y);
    let d12 = distance(a, b);
    let control = |own: Point, other: Point, outer: Option<Point>| {
        let Some(outer) = outer else { return own };
        let d01 = distance(outer, own);
        if d01 <= 1e-12 {
            return own;
        }
        let (r01, r12) = (d01.sqrt(), d12.sqrt());
        let scale = 3.0 * r01 * (r01 + r12);
        mix([((2.0 * d01 + 3.0 * r01 * r12 + d12) / scale, own), (-d12 / scale, outer), (d01 / scale, other)])
    };
    (control(a, b, before), control(b, a, after))
}

/// Steffen's monotone interpolation along one axis; `turn` swaps the axes.
fn monotone(p: &[Point], out: &mut Vec<PathCommand>, turn: fn(Point) -> Point) {
    let mut q: Vec<Point> = p.iter().map(|p| turn(*p)).collect();
    // Coincident points have no slope and would divide by zero.
    q.dedup();
    out.push(PathCommand::MoveTo(p[0]));
    if q.len() < 2 {
        out.push(PathCommand::LineTo(p[0]));
        return;
    }
    if q.len() == 2 {
        out.push(PathCommand::LineTo(turn(q[1])));
        return;
    }
    let slope = |a: Point, b: Point| if b.x == a.x { 0.0 } else { (b.y - a.y) / (b.x - a.x) };
    let sign = |v: f64| if v < 0.0 { -1.0 } else { 1.0 };
    let n = q.len();
    let mut tangent = vec![0.0; n];
    for i in 1..n - 1 {
        let (h0, h1) = (q[i].x - q[i - 1].x, q[i + 1].x - q[i].x);
        let (s0, s1) = (slope(q[i - 1], q[i]), slope(q[i], q[i + 1]));
        let mean = if h0 + h1 == 0.0 { 0.0 } else { (s0 * h1 + s1 * h0) / (h0 + h1) };
        tangent[i] = (sign(s0) + sign(s1)) * s0.abs().min(s1.abs()).min(0.5 * mean.abs());
    }
    let end =
        |a: Point, b: Point, inner: f64| if a.x == b.x { inner } else { (3.0 * slope(a, b) - inner) / 2.0 };
    tangent[0] = end(q[0], q[1], tangent[1]);
    tangent[n - 1] = end(q[n - 2], q[n - 1], tangent[n - 2]);
    for i in 0..n - 1 {
        let (a, b) = (q[i], q[i + 1]);
        let third = (b.x - a.x) / 3.0;
        let out_of = Point { x: a.x + third, y: a.y + third * tangent[i] };
        let into = Point { x: b.x - third, y: b.y - third * tangent[i + 1] };
        out.push(PathCommand::CubicTo(turn(out_of), turn(into), turn(b)));
    }
}

/// The spline with continuous second derivative that is straight at its ends.
fn natural(p: &[Point], out: &mut Vec<PathCommand>) {
    let (ax, bx) = natural_controls(&p.iter().map(|p| p.x).collect::<Vec<_>>());
    let (ay, by) = natural_controls(&p.iter().map(|p| p.y).collect::<Vec<_>>());
    out.push(PathCommand::MoveTo(p[0]));
    for i in 0..p.len() - 1 {
        let (a, b) = (Point { x: ax[i], y: ay[i] }, Point { x: bx[i], y: by[i] });
        out.push(PathCommand::CubicTo(a, b, p[i + 1]));
    }
}

/// First and second control coordinates of each piece: a tridiagonal system, at least two pieces.
fn natural_controls(v: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = v.len() - 1;
    let mut diagonal = vec![4.0; n];
    let mut a: Vec<f64> = (0..n).map(|i| 4.0 * v[i] + 2.0 * v[i + 1]).collect();
    (diagonal[0], a[0]) = (2.0, v[0] + 2.0 * v[1]);
    (diagonal[n - 1], a[n - 1]) = (7.0, 8.0 * v[n - 1] + v[n]);
    for i in 1..n {
        let below = if i == n - 1 { 2.0 } else { 1.0 };
        let m = below / diagonal[i - 1];
        diagonal[i] -= m;
        a[i] -= m * a[i - 1];
    }
    a[n - 1] /= diagonal[n - 1];
    for i in (0..n - 1).rev() {
        a[i] = (a[i] - a[i + 1]) / diagonal[i];
    }
    let b = (0..n)
        .map(|i| if i == n - 1 { (v[n] + a[n - 1]) / 2.0 } else { 2.0 * v[i + 1] - a[i + 1] })
        .collect();
    (a, b)
}

#[cfg(test)]
mod tests;
