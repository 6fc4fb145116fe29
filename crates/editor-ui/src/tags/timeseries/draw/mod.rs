//! Painting a series: lines, axes, regions, cursor, overview. Everything is in CSS pixels of the canvas.

mod base;
mod overlay;
mod overview;

pub(super) use base::base;
pub(super) use overlay::{Looks, overlay};
pub(super) use overview::{overview, overview_lines};

use super::model::SeriesModel;
use tagloom_timeseries::{PathCommand, ViewWindow, YRange};
use web_sys::CanvasRenderingContext2d as Canvas;

/// Room left of the plots for the numbers of the y axis.
pub(super) const GUTTER: f64 = 56.0;
/// Room right of the plots, so that the last sample is not cut.
pub(super) const MARGIN: f64 = 8.0;
/// Height of the time axis under the tracks.
pub(super) const AXIS: f64 = 22.0;
/// Room between tracks.
pub(super) const GAP: f64 = 6.0;
pub(super) const OVERVIEW: f64 = 44.0;

/// Colours taken from the design tokens in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Palette {
    pub text: String,
    pub muted: String,
    pub grid: String,
    pub accent: String,
    pub surface: String,
    pub lines: Vec<String>,
}

/// Top and height of every track's plot.
pub(super) fn layout(model: &SeriesModel) -> (Vec<(f64, f64)>, f64) {
    let mut y = 4.0;
    let mut rows = Vec::with_capacity(model.spec.tracks.len());
    for track in &model.spec.tracks {
        rows.push((y, track.height));
        y += track.height + GAP;
    }
    (rows, y + AXIS)
}

/// The track at a height of the canvas; beyond the last one it is the last.
pub(super) fn track_at(model: &SeriesModel, y: f64) -> usize {
    let rows = layout(model).0;
    rows.iter().position(|(top, tall)| y < top + tall + GAP).unwrap_or(rows.len().saturating_sub(1))
}

pub(super) fn plot_width(width: f64) -> f64 {
    (width - GUTTER - MARGIN).max(1.0)
}

fn trace(c: &Canvas, path: &[PathCommand]) {
    c.begin_path();
    for command in path {
        match command {
            PathCommand::MoveTo(p) => c.move_to(p.x, p.y),
            PathCommand::LineTo(p) => c.line_to(p.x, p.y),
            PathCommand::CubicTo(a, b, p) => c.bezier_curve_to(a.x, a.y, b.x, b.y, p.x, p.y),
        }
    }
}

/// A hairline on the pixel grid.
fn hairline(v: f64) -> f64 {
    v.round() + 0.5
}

/// The colour of a line: configured, else from the palette by its column.
fn line_color(palette: &Palette, configured: Option<&str>, column: usize) -> String {
    match configured {
        Some(color) => color.to_owned(),
        None => palette.lines.get(column % palette.lines.len().max(1)).cloned().unwrap_or_default(),
    }
}

/// The shared y range of a track's lines.
fn y_range(model: &SeriesModel, track: usize, window: &ViewWindow) -> YRange {
    let spec = &model.spec.tracks[track];
    let ranges = spec.lines.iter().filter_map(|line| {
        let at = model.columns.find_index(&line.column)?;
        let column = model.columns.columns.get(at)?;
        let axis = &model.columns.axis;
        Some(YRange::resolve(axis, column, window, spec.fixed_scale, &line.data_range))
    });
    let range = ranges.reduce(YRange::union).unwrap_or(YRange { min: 0.0, max: 1.0 });
    if spec.log { range.logarithmic() } else { range }
}
