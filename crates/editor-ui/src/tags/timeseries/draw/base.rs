//! The lower canvas: grid, axes, lines, markers.

use super::super::model::SeriesModel;
use super::super::spec::{LineSpec, MarkerSymbol};
use super::{GUTTER, Palette, hairline, layout, line_color, plot_width, trace, y_range};
use std::f64::consts::TAU;
use tagloom_timeseries::{Drawing, PlotScale, Tick, log_ticks, number_ticks, query, ticks};
use web_sys::CanvasRenderingContext2d as Canvas;

/// Room above and below the lines, so that a peak is not cut by the frame.
const INSET: f64 = 4.0;

/// Pixels between samples from which on markers are drawn.
const MARKER_GAP: f64 = 3.0;

/// Draws it.
pub(in super::super) fn base(c: &Canvas, model: &SeriesModel, palette: &Palette, width: f64, height: f64) {
    c.clear_rect(0.0, 0.0, width, height);
    let plot = plot_width(width);
    let (rows, _) = layout(model);
    let axis = &model.columns.axis;
    c.set_font("11px system-ui, sans-serif");
    let zone = model.codec.format().and_then(|f| f.zone());
    let wanted = (plot / 110.0).floor().max(2.0) as usize;
    let shared: Vec<Tick> = ticks(axis, model.window.start, model.window.end, wanted, zone);
    let mut shows_axis = false;
    for (at, (top, tall)) in rows.iter().enumerate() {
        let track = &model.spec.tracks[at];
        shows_axis |= track.show_axis;
        let own_time = track.lines.iter().find(|l| !l.time_range.is_empty());
        let window = model.track_window(at);
        let y = y_range(model, at, &window);
        let scale =
            PlotScale { window, y, log: track.log, width_px: plot, height_px: (tall - 2.0 * INSET).max(1.0) };
        c.save();
        // Offsets are finite, so these cannot fail.
        let _ = c.translate(GUTTER, *top);
        c.set_stroke_style_str(&palette.grid);
        c.set_line_width(1.0);
        c.begin_path();
        let pinned;
        let grid = if own_time.is_some() {
            pinned = ticks(axis, window.start, window.end, wanted, zone);
            &pinned
        } else {
            &shared
        };
        for tick in grid {
            let x = hairline(scale.x(tick.at));
            c.move_to(x, 0.0);
            c.line_to(x, *tall);
        }
        let count = (tall / 28.0).floor().max(2.0) as usize;
        let levels = if track.log { log_ticks } else { number_ticks }(y.min, y.max, count);
        for level in &levels {
            let y = hairline(scale.y(level.at) + INSET);
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
                let y = (scale.y(level.at) + INSET).clamp(6.0, (tall - 6.0).max(6.0));
                let _ = c.fill_text(&level.label, -6.0, y);
            }
        }
        c.begin_path();
        c.rect(0.0, 0.0, plot, *tall);
        c.clip();
        let _ = c.translate(0.0, INSET);
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
            // Labels at the ends stay on the canvas.
            let half = c.measure_text(&tick.label).map_or(0.0, |m| m.width()) / 2.0;
            let x = x.min(width - half - 1.0).max(half);
            let _ = c.fill_text(&tick.label, x, top + tall + 6.0);
        }
    }
}

fn draw_line(
    c: &Canvas,
    model: &SeriesModel,
    palette: &Palette,
    line: &LineSpec,
    column: usize,
    scale: &PlotScale,
) {
    let axis = &model.columns.axis;
    let column_data = &model.columns.columns[column];
    let values = &column_data.values;
    let drawing = query(axis, column_data, &scale.window, scale.width_px.ceil() as u32);
    let path = scale.path(&drawing, axis, values, line.interpolation);
    let color = line_color(palette, line.stroke_color.as_deref(), column);
    c.set_stroke_style_str(&color);
    c.set_line_width(line.stroke_width);
    // Thousands of tiny segments: mitres and round ends cost the most and are not seen.
    let dense = matches!(drawing, Drawing::Columns { .. });
    c.set_line_cap(if dense { "butt" } else { "round" });
    c.set_line_join(if dense { "bevel" } else { "round" });
    trace(c, &path);
    c.stroke();
    // Markers that touch would be a thick line, and hide how dense the samples are.
    if line.marker_size > 0.0
        && let Drawing::Points(range) = &drawing
        && range.len() as f64 * MARKER_GAP < scale.width_px
    {
        c.set_fill_style_str(line.marker_color.as_deref().unwrap_or(&color));
        for index in range.clone() {
            let value = values.get(index);
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
