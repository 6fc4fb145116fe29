//! The upper canvas: regions, guides, draft, tracker, cursor, and legends with the value under the pointer.

use super::super::model::{Draft, PlotRegion, SeriesModel};
use super::{AXIS, GUTTER, MARGIN, Palette, hairline, layout, line_color, plot_width};
use std::f64::consts::TAU;
use tagloom_timeseries::ViewWindow;
use web_sys::CanvasRenderingContext2d as Canvas;

/// What of the screen, and not of the data, a painting depends on.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Looks<'a> {
    pub palette: &'a Palette,
    pub width: f64,
    pub height: f64,
    /// The region under the pointer, here or in the list.
    pub hovered: Option<&'a str>,
    /// Every region has its caption.
    pub captions: bool,
}

/// A part of the plot that has one window.
struct Band {
    top: f64,
    bottom: f64,
    window: ViewWindow,
}

/// The bands that a region covers: the whole plot, or the tracks of its channels; tracks with a window of their own are
/// always apart.
fn bands(model: &SeriesModel, channels: &[usize], rows: &[(f64, f64)], bottom: f64) -> Vec<Band> {
    if channels.is_empty() && model.one_window() {
        return vec![Band { top: 0.0, bottom, window: model.window }];
    }
    let on = |track: usize| model.track_shows(track, channels);
    rows.iter()
        .enumerate()
        .filter(|(at, _)| on(*at))
        .map(|(at, (top, tall))| Band { top: *top, bottom: top + tall, window: model.track_window(at) })
        .collect()
}

/// Draws it.
pub(in super::super) fn overlay(c: &Canvas, model: &SeriesModel, looks: &Looks<'_>) {
    let (width, palette) = (looks.width, looks.palette);
    c.clear_rect(0.0, 0.0, width, looks.height);
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
    for (at, region) in model.regions.iter().enumerate().filter(|(_, r)| !r.hidden) {
        let moved = model.draft.filter(|d| d.region == Some(at));
        let (start, end) = moved.map_or((region.start, region.end), |d| (d.start, d.end));
        let strong = region.selected || looks.hovered == Some(region.id.as_str());
        let mut captioned = !(looks.captions || strong) || region.caption.is_empty();
        for band in bands(model, &region.channels, &rows, bottom) {
            let x = |at: f64| GUTTER + band.window.x_of(at, plot);
            let (x0, x1) = (x(start), x(end));
            if x1 < GUTTER - 2.0 || x0 > width - MARGIN + 2.0 {
                continue;
            }
            let instant = region.instant && moved.is_none();
            draw_region(c, region, (x0, x1), (band.top, band.bottom), strong, instant);
            if !std::mem::replace(&mut captioned, true) {
                caption(c, palette, &region.caption, x0.max(GUTTER) + 4.0, band.top + 24.0);
            }
        }
    }
    if model.shows_guides {
        for guide in &model.guides {
            let (x0, x1) = (x_of(guide.start), x_of(guide.end));
            c.set_fill_style_str(&guide.color);
            c.set_global_alpha(0.8);
            c.fill_rect(x0, bottom + 1.0, (x1 - x0).max(2.0), 3.0);
            c.set_global_alpha(0.07);
            c.fill_rect(x0, 0.0, (x1 - x0).max(1.0), bottom);
            c.set_global_alpha(1.0);
        }
    }
    let marking = model.marking.zip(model.cursor).map(|(a, b)| (a.min(b), a.max(b)));
    let new = model.draft.filter(|d| d.region.is_none()).map(|d| (d.start, d.end));
    for (start, end) in new.into_iter().chain(marking) {
        c.set_fill_style_str(model.draft_color.as_deref().unwrap_or(&palette.accent));
        for band in bands(model, &[], &rows, bottom) {
            let x = |at: f64| GUTTER + band.window.x_of(at, plot);
            let (x0, wide) = (x(start), (x(end) - x(start)).max(1.0));
            c.set_global_alpha(0.22);
            c.fill_rect(x0, band.top, wide, band.bottom - band.top);
            c.set_global_alpha(1.0);
            c.fill_rect(x0, band.top, wide, 3.0);
        }
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
        draw_cursor(c, model.spec.cursor_color.as_deref().unwrap_or(&palette.accent), x_of(cursor), bottom);
    }
    if let Some(draft) = model.draft {
        draft_text(c, model, palette, &draft, width, bottom);
    }
    c.restore();
    legends(c, model, palette, &rows);
}

fn draw_region(
    c: &Canvas,
    region: &PlotRegion,
    (x0, x1): (f64, f64),
    (top, bottom): (f64, f64),
    strong: bool,
    instant: bool,
) {
    c.set_fill_style_str(&region.color);
    c.set_stroke_style_str(&region.color);
    if instant {
        c.set_line_width(if strong { 3.0 } else { 2.0 });
        c.begin_path();
        c.move_to(x0, top);
        c.line_to(x0, bottom);
        c.stroke();
        c.begin_path();
        // A radius above zero cannot fail.
        let _ = c.arc(x0, top + 6.0, if strong { 5.0 } else { 4.0 }, 0.0, TAU);
        c.fill();
        return;
    }
    let wide = (x1 - x0).max(1.0);
    // The control's opacity is a pen's; a filled band at that strength would hide the signal.
    c.set_global_alpha((region.opacity * 0.3).clamp(0.08, 0.35) * if strong { 1.5 } else { 1.0 });
    c.fill_rect(x0, top, wide, bottom - top);
    c.set_global_alpha(1.0);
    c.set_line_width(if strong { 2.0 } else { 1.0 });
    c.begin_path();
    for x in [x0, x1] {
        c.move_to(hairline(x), top);
        c.line_to(hairline(x), bottom);
    }
    c.stroke();
    c.fill_rect(x0, top, wide, if strong { 4.0 } else { 3.0 });
}

fn draw_cursor(c: &Canvas, color: &str, x: f64, bottom: f64) {
    c.set_stroke_style_str(color);
    c.set_fill_style_str(color);
    c.set_line_width(2.0);
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

/// Start, end, duration, samples, and frames where a video is joined (BR-1).
fn draft_text(c: &Canvas, model: &SeriesModel, palette: &Palette, draft: &Draft, width: f64, bottom: f64) {
    let text = model.describe(draft.start, draft.end);
    let wide = c.measure_text(&text).map_or(260.0, |m| m.width()) + 12.0;
    let plot = plot_width(width);
    let x = GUTTER + model.window.x_of(draft.start, plot);
    let x = x.clamp(GUTTER, (width - MARGIN - wide).max(GUTTER));
    caption(c, palette, &text, x + 6.0, bottom - 20.0);
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
            let value = sample.map(|i| model.columns.columns[column].values.get(i)).filter(|v| v.is_finite());
            let value = value.map(|v| format!(" {}", line.format.format(v))).unwrap_or_default();
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
