//! From samples to what is drawn: at most first, min, max and last per pixel column, or the samples themselves when
//! they are few enough for a curve.
//!
//! Contracts: the min and max of a column are the true ones of the samples in it; NaN breaks the line; the samples just
//! outside the window are part of the drawing, so a line crosses a window that lies between two samples.

use std::ops::Range;

use crate::axis::TimeAxis;
use crate::columns::Column;
use crate::curve::{self, Interpolation, PathCommand, Point};
use crate::pyramid::Extent;
use crate::values::Values;
use crate::window::ViewWindow;

/// What one pixel column shows. Columns without a sample are left out of a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelColumn {
    /// Pixel column, from 0 at the left edge.
    pub x: u32,
    /// The first sample, NaN if it is a gap.
    pub first: f64,
    /// See [`Extent`] for a column of gaps only.
    pub min: f64,
    pub max: f64,
    /// The last sample, NaN if it is a gap.
    pub last: f64,
    pub has_gap: bool,
}

/// How a window is to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawing {
    /// Draw these samples one by one (they include a neighbour on each side).
    Points(Range<usize>),
    /// Draw pixel columns; `lead` and `trail` are the samples just outside the window.
    Columns { columns: Vec<PixelColumn>, lead: Option<usize>, trail: Option<usize> },
}

/// Decides how to draw `column` in `window` on a plot `width_px` wide. Points are used up to two per pixel.
pub fn query(axis: &TimeAxis, column: &Column, window: &ViewWindow, width_px: u32) -> Drawing {
    let values = &column.values;
    let visible = axis.indexes(window.start, window.end);
    let outer = visible.start.saturating_sub(1)..(visible.end + 1).min(values.len());
    let width_px = width_px.max(1);
    if visible.len() <= width_px as usize * 2 {
        return Drawing::Points(outer.start.min(outer.end)..outer.end);
    }
    let mut columns = Vec::with_capacity(width_px as usize);
    let mut from = visible.start;
    for x in 0..width_px {
        let border = window.start + f64::from(x + 1) / f64::from(width_px) * window.span();
        let to = if x + 1 == width_px {
            visible.end
        } else {
            // The next border is rarely far: look near the even share before searching everything.
            lower_bound_from(axis, border, from, visible.end)
        };
        if to > from {
            let Extent { min, max, has_gap } = column.extent(from..to);
            let (first, last) = (values.get(from), values.get(to - 1));
            columns.push(PixelColumn { x, first, min, max, last, has_gap });
            from = to;
        }
    }
    let lead = (visible.start > 0).then(|| visible.start - 1);
    let trail = (visible.end < values.len()).then_some(visible.end);
    Drawing::Columns { columns, lead, trail }
}

/// First index in `from..end` whose position is not before `border`, by doubling steps from `from`.
fn lower_bound_from(axis: &TimeAxis, border: f64, from: usize, end: usize) -> usize {
    let (mut low, mut step) = (from, 1);
    while low + step < end && axis.position(low + step) < border {
        low += step;
        step *= 2;
    }
    let mut high = (low + step).min(end);
    while low < high {
        let mid = low + (high - low) / 2;
        if axis.position(mid) < border { low = mid + 1 } else { high = mid }
    }
    low
}

/// The vertical range of a plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YRange {
    pub min: f64,
    pub max: f64,
}

impl YRange {
    /// From an extent; an empty one is `0..1` and a flat one gets room on both sides.
    pub fn around(extent: Extent) -> Self {
        if extent.is_empty() {
            return Self { min: 0.0, max: 1.0 };
        }
        if extent.min < extent.max {
            return Self { min: extent.min, max: extent.max };
        }
        let room = if extent.min == 0.0 { 1.0 } else { extent.min.abs() * 0.5 };
        Self { min: extent.min - room, max: extent.min + room }
    }

    /// The part of the range that a logarithmic axis can show: above zero, and at most six decades where the data go
    /// down to zero.
    pub fn logarithmic(self) -> Self {
        let max = if self.max > 0.0 { self.max } else { 1.0 };
        let min = if self.min > 0.0 { self.min } else { max / 1e6 };
        if min < max { Self { min, max } } else { Self { min: max / 10.0, max: max * 10.0 } }
    }

    /// The range that holds both: a MultiChannel's shared axis.
    pub fn union(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// The y range of a channel (tags.md 4.6): over all data when `fixed_scale`, else over the visible samples, with
    /// `data_range` (`min,max`, either side may be empty) taking precedence on its sides.
    pub fn resolve(
        axis: &TimeAxis,
        column: &Column,
        window: &ViewWindow,
        fixed_scale: bool,
        data_range: &str,
    ) -> Self {
        if fixed_scale {
            return Self::around(column.whole());
        }
        let visible = axis.indexes(window.start, window.end);
        // With no sample in view the neighbours decide, because the line between them is what is seen.
        let visible = if visible.is_empty() {
            visible.start.saturating_sub(1)..(visible.end + 1).min(column.values.len())
        } else {
            visible
        };
        let auto = Self::around(column.extent(visible));
        let (low, high) = parse_range(data_range);
        let range = Self { min: low.unwrap_or(auto.min), max: high.unwrap_or(auto.max) };
        match (low, high) {
            _ if range.min < range.max => range,
            (Some(low), Some(high)) if low > high => Self { min: high, max: low },
            (Some(low), _) => Self { min: low, max: low + 1.0 },
            (None, Some(high)) => Self { min: high - 1.0, max: high },
            (None, None) => auto,
        }
    }
}

/// Reads `min,max` where either side may be empty or unreadable.
pub(crate) fn parse_range(text: &str) -> (Option<f64>, Option<f64>) {
    let number =
        |part: Option<&str>| part.and_then(|p| p.trim().parse::<f64>().ok()).filter(|v| v.is_finite());
    let mut parts = text.split(',');
    (number(parts.next()), number(parts.next()))
}

/// Positions and values to pixels. Pixel y grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlotScale {
    pub window: ViewWindow,
    pub y: YRange,
    /// The value axis is logarithmic; [`YRange::logarithmic`] gives a range for it.
    pub log: bool,
    pub width_px: f64,
    pub height_px: f64,
}

impl PlotScale {
    /// The window of a channel with a `timeRange` (native numbers), else the shared one.
    pub fn channel_window(shared: ViewWindow, axis: &TimeAxis, time_range: &str) -> ViewWindow {
        let side = |value: Option<f64>| value.map(|v| axis.position_of(crate::axis::Native::Number(v)));
        match parse_range(time_range) {
            (None, None) => shared,
            (low, high) => {
                let full = ViewWindow::full(axis);
                ViewWindow::over(side(low).unwrap_or(full.start), side(high).unwrap_or(full.end))
            }
        }
    }

    pub fn x(&self, position: f64) -> f64 {
        self.window.x_of(position, self.width_px)
    }

    /// On a logarithmic axis zero and less lie on the lower border.
    pub fn y(&self, value: f64) -> f64 {
        let share = if self.log {
            if value <= 0.0 {
                return self.height_px;
            }
            (value / self.y.min).ln() / (self.y.max / self.y.min).ln()
        } else {
            (value - self.y.min) / (self.y.max - self.y.min)
        };
        self.height_px - share * self.height_px
    }

    /// The line of one channel.
    pub fn path(
        &self,
        drawing: &Drawing,
        axis: &TimeAxis,
        values: &Values,
        interpolation: Interpolation,
    ) -> Vec<PathCommand> {
        let point = |index: usize| Point { x: self.x(axis.position(index)), y: self.y(values.get(index)) };
        match drawing {
            Drawing::Points(range) => {
                let points: Vec<Point> = range.clone().filter(|i| *i < values.len()).map(point).collect();
                curve::path(interpolation, &points)
            }
            Drawing::Columns { columns, lead, trail } => {
                let mut pen = Pen::default();
                if let Some(index) = lead.filter(|i| *i < values.len()) {
                    pen.to(point(index));
                }
                for column in columns {
                    let x = f64::from(column.x) + 0.5;
                    let at = |value: f64| Point { x, y: self.y(value) };
                    pen.to(at(column.first));
                    if column.min <= column.max {
                        // A gap inside a pixel is not visible as one, but what lies around it is.
                        pen.to(at(column.min));
                        pen.to(at(column.max));
                    }
                    pen.to(at(column.last));
                }
                if let Some(index) = trail.filter(|i| *i < values.len()) {
                    pen.to(point(index));
                }
                pen.commands
            }
        }
    }
}

/// Joins points with lines; NaN lifts it.
#[derive(Default)]
struct Pen {
    down: bool,
    commands: Vec<PathCommand>,
}

impl Pen {
    fn to(&mut self, point: Point) {
        if !(point.x.is_finite() && point.y.is_finite()) {
            self.down = false;
            return;
        }
        // First, last, minimum and maximum of a pixel column are often the same.
        if self.down && self.commands.last().is_some_and(|c| c.end() == point) {
            return;
        }
        self.commands.push(if self.down { PathCommand::LineTo(point) } else { PathCommand::MoveTo(point) });
        self.down = true;
    }
}

#[cfg(test)]
mod tests;
