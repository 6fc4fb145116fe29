//! The overview: the whole series in small, with the window, the regions and the cursor.

use super::super::model::SeriesModel;
use super::{GUTTER, Palette, line_color, plot_width, trace};
use tagloom_timeseries::{Interpolation, PlotScale, ViewWindow, YRange, query};
use web_sys::CanvasRenderingContext2d as Canvas;

/// Half the width of a handle on the window's edge.
const HANDLE: f64 = 2.5;

/// What does not change while the window moves.
pub(in super::super) fn overview_lines(
    c: &Canvas,
    model: &SeriesModel,
    palette: &Palette,
    width: f64,
    height: f64,
) {
    c.clear_rect(0.0, 0.0, width, height);
    let plot = plot_width(width);
    let axis = &model.columns.axis;
    let window = ViewWindow::full(axis);
    c.save();
    // Offsets are finite, so this cannot fail.
    let _ = c.translate(GUTTER, 0.0);
    c.set_stroke_style_str(&palette.grid);
    c.set_line_width(1.0);
    c.stroke_rect(0.5, 0.5, plot - 1.0, height - 1.0);
    c.set_global_alpha(0.7);
    for at in model.columns.overview(&model.spec.overview_channels) {
        let column = &model.columns.columns[at];
        let y = YRange::around(column.whole());
        let scale = PlotScale { window, y, log: false, width_px: plot, height_px: height };
        let drawing = query(axis, column, &window, plot.ceil() as u32);
        let path = scale.path(&drawing, axis, &column.values, Interpolation::Linear);
        let mut lines = model.spec.tracks.iter().flat_map(|t| &t.lines);
        let configured =
            lines.find(|l| model.columns.find_index(&l.column) == Some(at) && l.stroke_color.is_some());
        let configured = configured.and_then(|l| l.stroke_color.as_deref());
        c.set_stroke_style_str(&line_color(palette, configured, at));
        trace(c, &path);
        c.stroke();
    }
    c.restore();
}

/// The window over them, the regions of this series and of the others, and the cursor.
pub(in super::super) fn overview(
    c: &Canvas,
    model: &SeriesModel,
    palette: &Palette,
    width: f64,
    height: f64,
) {
    c.clear_rect(0.0, 0.0, width, height);
    let plot = plot_width(width);
    let full = ViewWindow::full(&model.columns.axis);
    c.save();
    let _ = c.translate(GUTTER, 0.0);
    for region in model.regions.iter().filter(|r| !r.hidden) {
        c.set_fill_style_str(&region.color);
        let x0 = full.x_of(region.start, plot);
        let x1 = full.x_of(region.end, plot);
        c.fill_rect(x0, height - 5.0, (x1 - x0).max(2.0), 4.0);
    }
    if model.shows_guides {
        c.set_global_alpha(0.8);
        for guide in &model.guides {
            c.set_fill_style_str(&guide.color);
            let (x0, x1) = (full.x_of(guide.start, plot), full.x_of(guide.end, plot));
            c.fill_rect(x0, 1.0, (x1 - x0).max(2.0), 2.0);
        }
        c.set_global_alpha(1.0);
    }
    let (x0, x1) = (full.x_of(model.window.start, plot), full.x_of(model.window.end, plot));
    c.set_fill_style_str(&palette.accent);
    c.set_stroke_style_str(&palette.accent);
    c.set_line_width(1.0);
    c.set_global_alpha(0.14);
    c.fill_rect(x0, 0.0, (x1 - x0).max(2.0), height);
    c.set_global_alpha(1.0);
    c.stroke_rect(x0 + 0.5, 0.5, (x1 - x0 - 1.0).max(1.0), height - 1.0);
    let middle = height / 2.0;
    for x in [x0, x1] {
        c.fill_rect(x - HANDLE, middle - 8.0, HANDLE * 2.0, 16.0);
    }
    if let Some(cursor) = model.cursor {
        c.set_fill_style_str(model.spec.cursor_color.as_deref().unwrap_or(&palette.accent));
        c.fill_rect(full.x_of(cursor, plot) - 1.0, 0.0, 2.0, height);
    }
    c.restore();
}
