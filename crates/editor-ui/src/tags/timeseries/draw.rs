//! Painting a series: lines, axes, regions, cursor, overview. Everything is in CSS pixels of the canvas.

use super::model::SeriesModel;
use super::spec::MarkerSymbol;
use std::f64::consts::TAU;
use tagloom_timeseries::{
    Drawing, PathCommand, PlotScale, Tick, ViewWindow, YRange, number_ticks, query, ticks,
};
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
        let (column, pyramid) = (model.columns.columns.get(at)?, model.pyramids.get(at)?);
        let axis = &model.columns.axis;
        Some(YRange::resolve(axis, &column.values, pyramid, window, spec.fixed_scale, &line.data_range))
    });
    ranges
        .reduce(|a, b| YRange { min: a.min.min(b.min), max: a.max.max(b.max) })
        .unwrap_or(YRange { min: 0.0, max: 1.0 })
}

/// The lower canvas: grid, axes, lines, legends.
pub(super) fn base(c: &Canvas, model: &SeriesModel, palette: &Palette, width: f64, height: f64) {
    c.clear_rect(0.0, 0.0, width, height);
    let plot = plot_width(width);
    let (rows, _) = layout(model);
    let axis = &model.columns.axis;
    c.set_font("11px system-ui, sans-serif");
    let wanted = (plot / 110.0).floor().max(2.0) as usize;
    let shared: Vec<Tick> = ticks(axis, model.window.start, model.window.end, wanted);
    let mut shows_axis = false;
    for (at, (top, tall)) in rows.iter().enumerate() {
        let track = &model.spec.tracks[at];
        shows_axis |= track.show_axis;
        let own_time = track.lines.iter().find(|l| !l.time_range.is_empty());
        let window =
            own_time.map_or(model.window, |l| PlotScale::channel_window(model.window, axis, &l.time_range));
        let scale = PlotScale { window, y: y_range(model, at, &window), width_px: plot, height_px: *tall };
        c.save();
        // Offsets are finite, so these cannot fail.
        let _ = c.translate(GUTTER, *top);
        c.set_stroke_style_str(&palette.grid);
        c.set_line_width(1.0);
        c.begin_path();
        let pinned;
        let grid = if own_time.is_some() {
            pinned = ticks(axis, window.start, window.end, wanted);
            &pinned
        } else {
            &shared
        };
        for tick in grid {
            let x = hairline(scale.x(tick.at));
            c.move_to(x, 0.0);
            c.line_to(x, *tall);
        }
        let levels = number_ticks(scale.y.min, scale.y.max, (tall / 40.0).floor().max(1.0) as usize);
        for level in &levels {
            let y = hairline(scale.y(level.at));
            c.move_to(0.0, y);
            c.line_to(plot, y);
        }
        c.stroke();
        c.set_stroke_style_str(&palette.muted);
        c.stroke_rect(0.5, 0.5, plot - 1.0, tall - 1.0);
        if track.show_y_axis {
            c.set_fill_style_str(&palette.muted);
            c.set_text_align("right");
            c.set_text_baseline("middle");
            for level in &levels {
                let y = scale.y(level.at).clamp(6.0, (tall - 6.0).max(6.0));
                let _ = c.fill_text(&level.label, -6.0, y);
            }
        }
        c.begin_path();
        c.rect(0.0, 0.0, plot, *tall);
        c.clip();
        for line in &track.lines {
            let Some(column) = model.columns.find_index(&line.column) else {
                c.set_fill_style_str(&palette.muted);
                c.set_text_align("left");
                let _ = c.fill_text(&format!("{} is not in the data", line.column), 8.0, tall / 2.0);
                continue;
            };
            draw_line(c, model, palette, line, column, &scale);
        }
        c.restore();
    }
    if shows_axis && let Some((top, tall)) = rows.last() {
        c.set_fill_style_str(&palette.muted);
        c.set_text_align("center");
        c.set_text_baseline("top");
        for tick in &shared {
            let x = GUTTER + model.window.x_of(tick.at, plot);
            let _ = c.fill_text(&tick.label, x.clamp(GUTTER, width - MARGIN), top + tall + 6.0);
        }
    }
}

fn draw_line(
    c: &Canvas,
    model: &SeriesModel,
    palette: &Palette,
    line: &super::spec::LineSpec,
    column: usize,
    scale: &PlotScale,
) {
    let axis = &model.columns.axis;
    let values = &model.columns.columns[column].values;
    let drawing = query(axis, values, &model.pyramids[column], &scale.window, scale.width_px.ceil() as u32);
    let path = scale.path(&drawing, axis, values, line.interpolation);
    let color = line_color(palette, line.stroke_color.as_deref(), column);
    c.set_stroke_style_str(&color);
    c.set_line_width(line.stroke_width);
    c.set_line_cap("round");
    trace(c, &path);
    c.stroke();
    if line.marker_size > 0.0
        && let Drawing::Points(range) = &drawing
    {
        c.set_fill_style_str(line.marker_color.as_deref().unwrap_or(&color));
        for index in range.clone() {
            let value = values.get(index).copied().unwrap_or(f64::NAN);
            if value.is_finite() {
                marker(
                    c,
                    line.marker_symbol,
                    scale.x(axis.position(index)),
                    scale.y(value),
                    line.marker_size,
                );
            }
        }
    }
}

fn marker(c: &Canvas, symbol: MarkerSymbol, x: f64, y: f64, size: f64) {
    let r = size / 2.0;
    c.begin_path();
    match symbol {
        MarkerSymbol::Circle => {
            // A radius of zero or more cannot fail.
            let _ = c.arc(x, y, r, 0.0, TAU);
        }
        MarkerSymbol::Square => c.rect(x - r, y - r, size, size),
        MarkerSymbol::TriangleUp => {
            c.move_to(x, y - r);
            c.line_to(x + r, y + r);
            c.line_to(x - r, y + r);
        }
        MarkerSymbol::TriangleDown => {
            c.move_to(x, y + r);
            c.line_to(x + r, y - r);
            c.line_to(x - r, y - r);
        }
    }
    c.fill();
}

/// The upper canvas: regions, draft, tracker, cursor, legends with the value under the pointer.
pub(super) fn overlay(
    c: &Canvas,
    model: &SeriesModel,
    palette: &Palette,
    width: f64,
    height: f64,
    hovered: Option<&str>,
    captions: bool,
) {
    c.clear_rect(0.0, 0.0, width, height);
    let plot = plot_width(width);
    let (rows, _) = layout(model);
    let bottom = rows.last().map_or(0.0, |(top, tall)| top + tall);
    let x_of = |position: f64| GUTTER + model.window.x_of(position, plot);
    c.save();
    c.begin_path();
    c.rect(GUTTER, 0.0, plot, bottom + AXIS);
    c.clip();
    c.set_font("11px system-ui, sans-serif");
    c.set_text_baseline("top");
    c.set_text_align("left");
    for (at, region) in model.regions.iter().enumerate() {
        if region.hidden {
            continue;
        }
        let moved = model.draft.filter(|d| d.region == Some(at));
        let (start, end) = moved.map_or((region.start, region.end), |d| (d.start, d.end));
        let (x0, x1) = (x_of(start), x_of(end));
        if x1 < GUTTER - 2.0 || x0 > width - MARGIN + 2.0 {
            continue;
        }
        let strong = region.selected || hovered == Some(region.id.as_str());
        c.set_fill_style_str(&region.color);
        c.set_stroke_style_str(&region.color);
        if region.instant && moved.is_none() {
            c.set_line_width(if strong { 3.0 } else { 2.0 });
            c.begin_path();
            c.move_to(x0, 0.0);
            c.line_to(x0, bottom);
            c.stroke();
            c.begin_path();
            let _ = c.arc(x0, 6.0, if strong { 5.0 } else { 4.0 }, 0.0, TAU);
            c.fill();
        } else {
            // The control's opacity is a pen's; a filled band at that strength would hide the signal.
            c.set_global_alpha((region.opacity * 0.3).clamp(0.08, 0.35) * if strong { 1.5 } else { 1.0 });
            c.fill_rect(x0, 0.0, (x1 - x0).max(1.0), bottom);
            c.set_global_alpha(1.0);
            c.set_line_width(if strong { 2.0 } else { 1.0 });
            c.begin_path();
            for x in [x0, x1] {
                c.move_to(hairline(x), 0.0);
                c.line_to(hairline(x), bottom);
            }
            c.stroke();
            c.fill_rect(x0, 0.0, (x1 - x0).max(1.0), if strong { 4.0 } else { 3.0 });
        }
        if (captions || strong) && !region.caption.is_empty() {
            caption(c, palette, &region.caption, x0.max(GUTTER) + 4.0, 8.0);
        }
    }
    if let Some(draft) = model.draft.filter(|d| d.region.is_none()) {
        let (x0, x1) = (x_of(draft.start), x_of(draft.end));
        c.set_fill_style_str(&palette.accent);
        c.set_global_alpha(0.18);
        c.fill_rect(x0, 0.0, (x1 - x0).max(1.0), bottom);
        c.set_global_alpha(1.0);
    }
    if let Some(draft) = model.draft {
        let axis = &model.columns.axis;
        let text = format!(
            "{} – {}   {}   {} samples",
            model.time.format(axis, draft.start),
            model.time.format(axis, draft.end),
            model.duration.format(axis, draft.start, draft.end),
            axis.indexes(draft.start, draft.end).len(),
        );
        caption(
            c,
            palette,
            &text,
            x_of(draft.start).clamp(GUTTER, (width - 260.0).max(GUTTER)) + 4.0,
            bottom - 20.0,
        );
    }
    if let Some(hover) = model.hover {
        c.set_stroke_style_str(&palette.muted);
        c.set_line_width(1.0);
        c.begin_path();
        let x = hairline(x_of(hover));
        c.move_to(x, 0.0);
        c.line_to(x, bottom);
        c.stroke();
    }
    if let Some(cursor) = model.cursor {
        let color = model.spec.cursor_color.as_deref().unwrap_or(&palette.accent);
        c.set_stroke_style_str(color);
        c.set_fill_style_str(color);
        c.set_line_width(2.0);
        let x = x_of(cursor);
        c.begin_path();
        c.move_to(x, 0.0);
        c.line_to(x, bottom + 4.0);
        c.stroke();
        c.begin_path();
        c.move_to(x - 5.0, bottom + 9.0);
        c.line_to(x + 5.0, bottom + 9.0);
        c.line_to(x, bottom + 2.0);
        c.fill();
    }
    c.restore();
    legends(c, model, palette, &rows);
}

/// Names of the lines, with the value at the pointer or the cursor.
fn legends(c: &Canvas, model: &SeriesModel, palette: &Palette, rows: &[(f64, f64)]) {
    let axis = &model.columns.axis;
    let sample = model.hover.or(model.cursor).and_then(|at| axis.nearest(at));
    c.set_text_baseline("top");
    c.set_text_align("left");
    for (at, (top, _)) in rows.iter().enumerate() {
        let mut x = GUTTER + 8.0;
        for line in &model.spec.tracks[at].lines {
            let Some(column) = model.columns.find_index(&line.column) else { continue };
            let name = if line.legend.is_empty() { line.column.as_str() } else { line.legend.as_str() };
            let value =
                sample.and_then(|i| model.columns.columns[column].values.get(i)).filter(|v| v.is_finite());
            let value = value.map(|v| format!(" {}", line.format.format(*v))).unwrap_or_default();
            let units = if line.units.is_empty() { String::new() } else { format!(" {}", line.units) };
            let text = format!("{name}{value}{units}");
            let wide = c.measure_text(&text).map_or(60.0, |m| m.width());
            c.set_global_alpha(0.8);
            c.set_fill_style_str(&palette.surface);
            c.fill_rect(x - 3.0, top + 5.0, wide + 18.0, 16.0);
            c.set_global_alpha(1.0);
            c.set_fill_style_str(&line_color(palette, line.stroke_color.as_deref(), column));
            c.fill_rect(x, top + 11.0, 8.0, 3.0);
            c.set_fill_style_str(&palette.text);
            let _ = c.fill_text(&text, x + 12.0, top + 7.0);
            x += wide + 26.0;
        }
    }
}

fn caption(c: &Canvas, palette: &Palette, text: &str, x: f64, y: f64) {
    let wide = c.measure_text(text).map_or(60.0, |m| m.width());
    c.set_global_alpha(0.9);
    c.set_fill_style_str(&palette.surface);
    c.fill_rect(x - 3.0, y - 2.0, wide + 6.0, 16.0);
    c.set_global_alpha(1.0);
    c.set_fill_style_str(&palette.text);
    let _ = c.fill_text(text, x, y);
}

/// The whole series in small, with the window and the regions.
pub(super) fn overview(c: &Canvas, model: &SeriesModel, palette: &Palette, width: f64, height: f64) {
    c.clear_rect(0.0, 0.0, width, height);
    let plot = plot_width(width);
    let axis = &model.columns.axis;
    let full = ViewWindow::full(axis);
    c.save();
    let _ = c.translate(GUTTER, 0.0);
    c.set_stroke_style_str(&palette.grid);
    c.set_line_width(1.0);
    c.stroke_rect(0.5, 0.5, plot - 1.0, height - 1.0);
    for column in model.columns.overview(&model.spec.overview_channels) {
        let values = &model.columns.columns[column].values;
        let y = YRange::around(model.extent(column));
        let scale = PlotScale { window: full, y, width_px: plot, height_px: height };
        let drawing = query(axis, values, &model.pyramids[column], &full, plot.ceil() as u32);
        let path = scale.path(&drawing, axis, values, tagloom_timeseries::Interpolation::Linear);
        let configured = model.spec.tracks.iter().flat_map(|t| &t.lines);
        let configured = configured
            .filter(|l| model.columns.find_index(&l.column) == Some(column))
            .find_map(|l| l.stroke_color.as_deref());
        c.set_stroke_style_str(&line_color(palette, configured, column));
        c.set_global_alpha(0.7);
        trace(c, &path);
        c.stroke();
        c.set_global_alpha(1.0);
    }
    for region in model.regions.iter().filter(|r| !r.hidden) {
        c.set_fill_style_str(&region.color);
        let x0 = full.x_of(region.start, plot);
        let x1 = full.x_of(region.end, plot);
        c.fill_rect(x0, height - 5.0, (x1 - x0).max(2.0), 4.0);
    }
    let (x0, x1) = (full.x_of(model.window.start, plot), full.x_of(model.window.end, plot));
    c.set_fill_style_str(&palette.accent);
    c.set_global_alpha(0.14);
    c.fill_rect(x0, 0.0, (x1 - x0).max(2.0), height);
    c.set_global_alpha(1.0);
    c.set_stroke_style_str(&palette.accent);
    c.stroke_rect(x0 + 0.5, 0.5, (x1 - x0 - 1.0).max(1.0), height - 1.0);
    if let Some(cursor) = model.cursor {
        c.set_fill_style_str(model.spec.cursor_color.as_deref().unwrap_or(&palette.accent));
        c.fill_rect(full.x_of(cursor, plot) - 1.0, 0.0, 2.0, height);
    }
    c.restore();
}
