//! Painting a waveform: ruler, waves, spectrogram, segments, playhead, overview. All in CSS pixels.

use super::model::{AudioModel, Gesture, Target};
use super::worker::Picture;
use tagloom_audio::{Window, clock, ruler};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d as Canvas, HtmlCanvasElement, ImageData};

pub(super) const RULER: f64 = 22.0;
pub(super) const OVERVIEW: f64 = 32.0;
pub(super) const SPECTROGRAM: f64 = 128.0;
/// Height of a caption lane.
const LANE: f64 = 18.0;

/// Colours of the tokens in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Palette {
    pub text: String,
    pub muted: String,
    pub grid: String,
    pub accent: String,
    pub surface: String,
    pub wave: String,
    pub unlabelled: String,
}

/// What is shown beneath each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    pub width: f64,
    /// Of all waves together.
    pub waves: f64,
    /// Waves beneath each other; one when channels are not split.
    pub rows: usize,
    pub spectrogram: bool,
}

impl Layout {
    pub fn height(&self) -> f64 {
        RULER + self.waves + if self.spectrogram { SPECTROGRAM } else { 0.0 }
    }
}

fn hairline(v: f64) -> f64 {
    v.round() + 0.5
}

/// One wave between `top` and `top + tall`: a column of at least a pixel for each pixel.
fn wave(
    c: &Canvas,
    m: &AudioModel,
    window: &Window,
    channel: Option<usize>,
    width: f64,
    top: f64,
    tall: f64,
) {
    let Some(peaks) = &m.peaks else { return };
    let middle = top + tall / 2.0;
    let half = tall / 2.0 - 1.0;
    let scale = m.scale;
    c.begin_path();
    for x in 0..width.ceil() as u32 {
        let x = f64::from(x);
        let start = window.start + x / width * window.span();
        let end = start + window.span() / width;
        if start >= peaks.seconds() {
            break;
        }
        let peak = match channel {
            Some(channel) => peaks.between(channel, start, end),
            None => peaks.mixed(start, end),
        };
        let Some(peak) = peak else { continue };
        let (low, high) = peak.shares();
        let y0 = middle - (high * scale).clamp(-1.0, 1.0) * half;
        let y1 = middle - (low * scale).clamp(-1.0, 1.0) * half;
        c.rect(x, y0.min(middle - 0.5), 1.0, (y1.max(middle + 0.5) - y0.min(middle - 0.5)).max(1.0));
    }
    c.fill();
}

/// The lower canvas: what changes with the window only.
pub(super) fn base(c: &Canvas, m: &AudioModel, p: &Palette, layout: &Layout, picture: Option<&Shown>) {
    let (width, height) = (layout.width, layout.height());
    c.clear_rect(0.0, 0.0, width, height);
    c.set_font("11px system-ui, sans-serif");
    c.set_text_baseline("middle");
    c.set_text_align("left");
    c.set_line_width(1.0);
    let ticks = ruler(&m.window, width, 84.0);
    c.set_stroke_style_str(&p.grid);
    c.begin_path();
    for tick in &ticks {
        let x = hairline(m.window.x_of(tick.at, width));
        c.move_to(x, RULER - 6.0);
        c.line_to(x, RULER + layout.waves);
    }
    c.move_to(0.0, RULER - 0.5);
    c.line_to(width, RULER - 0.5);
    let tall = layout.waves / layout.rows as f64;
    for row in 0..layout.rows {
        let y = hairline(RULER + tall * (row as f64 + 0.5));
        c.move_to(0.0, y);
        c.line_to(width, y);
    }
    c.stroke();
    c.set_fill_style_str(&p.muted);
    for tick in &ticks {
        let x = m.window.x_of(tick.at, width);
        if x < width - 30.0 {
            // Finite coordinates cannot fail.
            let _ = c.fill_text(&tick.text, x + 4.0, RULER / 2.0 - 1.0);
        }
    }
    c.set_fill_style_str(&p.wave);
    for row in 0..layout.rows {
        let channel = (layout.rows > 1).then_some(row);
        wave(c, m, &m.window, channel, width, RULER + tall * row as f64, tall);
    }
    if layout.spectrogram {
        let top = RULER + layout.waves;
        match picture {
            Some(shown) => {
                c.save();
                c.begin_path();
                c.rect(0.0, top, width, SPECTROGRAM);
                c.clip();
                let (x0, x1) = (m.window.x_of(shown.start, width), m.window.x_of(shown.end, width));
                let _ = c.draw_image_with_html_canvas_element_and_dw_and_dh(
                    &shown.canvas,
                    x0,
                    top,
                    (x1 - x0).max(1.0),
                    SPECTROGRAM,
                );
                c.restore();
            }
            None => {
                c.set_fill_style_str(&p.grid);
                c.fill_rect(0.0, top, width, SPECTROGRAM);
            }
        }
    }
}

/// A spectrogram ready to be drawn.
pub(super) struct Shown {
    pub start: f64,
    pub end: f64,
    canvas: HtmlCanvasElement,
}

/// Dark blue to yellow: bright means loud, for every kind of colour vision.
fn heat(value: u8) -> [u8; 4] {
    let v = f64::from(value) / 255.0;
    let mix = |a: f64, b: f64, c: f64| {
        let x = if v < 0.5 { a + (b - a) * v * 2.0 } else { b + (c - b) * (v - 0.5) * 2.0 };
        x.round() as u8
    };
    [mix(10.0, 150.0, 253.0), mix(10.0, 45.0, 231.0), mix(40.0, 110.0, 90.0), 255]
}

impl Shown {
    pub fn new(picture: &Picture) -> Option<Self> {
        let (columns, rows) = (picture.columns.max(1) as u32, picture.rows.max(1) as u32);
        if picture.bytes.len() != (columns * rows) as usize {
            return None;
        }
        let canvas: HtmlCanvasElement =
            web_sys::window()?.document()?.create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(columns);
        canvas.set_height(rows);
        let pixels: Vec<u8> = picture.bytes.iter().flat_map(|b| heat(*b)).collect();
        let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), columns, rows).ok()?;
        let context: Canvas = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context.put_image_data(&image, 0.0, 0.0).ok()?;
        Some(Self { start: picture.start, end: picture.end, canvas })
    }
}

fn caption(c: &Canvas, p: &Palette, color: &str, text: &str, x: f64, y: f64) {
    let wide = c.measure_text(text).map_or(60.0, |m| m.width());
    c.set_fill_style_str(&p.surface);
    c.fill_rect(x, y, wide + 14.0, 16.0);
    c.set_fill_style_str(color);
    c.fill_rect(x, y, 4.0, 16.0);
    c.set_fill_style_str(&p.text);
    let _ = c.fill_text(text, x + 9.0, y + 8.5);
}

struct Band<'a> {
    start: f64,
    end: f64,
    color: &'a str,
    text: &'a str,
    lane: usize,
    strong: bool,
    dashed: bool,
}

fn band(c: &Canvas, m: &AudioModel, p: &Palette, layout: &Layout, b: &Band<'_>) {
    let (x0, x1) = (m.window.x_of(b.start, layout.width), m.window.x_of(b.end, layout.width));
    if x1 < -2.0 || x0 > layout.width + 2.0 {
        return;
    }
    let (top, bottom) = (RULER, layout.height());
    c.set_fill_style_str(b.color);
    c.set_stroke_style_str(b.color);
    c.set_global_alpha(if b.strong { 0.32 } else { 0.18 });
    c.fill_rect(x0, top, (x1 - x0).max(1.0), bottom - top);
    c.set_global_alpha(1.0);
    c.set_line_width(if b.strong { 2.0 } else { 1.0 });
    if b.dashed {
        let dashes = js_sys::Array::of2(&4.0.into(), &3.0.into());
        let _ = c.set_line_dash(&dashes);
    }
    c.begin_path();
    for x in [x0, x1] {
        c.move_to(hairline(x), top);
        c.line_to(hairline(x), bottom);
    }
    c.stroke();
    let _ = c.set_line_dash(&js_sys::Array::new());
    c.fill_rect(x0, top, (x1 - x0).max(1.0), if b.strong { 4.0 } else { 3.0 });
    if b.strong {
        // Grips: the edges can be taken here.
        for x in [x0, x1] {
            c.fill_rect(x - 3.0, (top + RULER + layout.waves) / 2.0 - 10.0, 6.0, 20.0);
        }
    }
    if !b.text.is_empty() {
        let y = top + 5.0 + LANE * (b.lane % 5) as f64;
        if y + 16.0 < bottom {
            caption(c, p, b.color, b.text, x0.max(0.0) + 3.0, y);
        }
    }
}

/// The upper canvas: segments, what is being drawn, hover, playhead.
pub(super) fn overlay(
    c: &Canvas,
    m: &AudioModel,
    p: &Palette,
    layout: &Layout,
    hovered: Option<&str>,
    captions: bool,
) {
    let (width, height) = (layout.width, layout.height());
    c.clear_rect(0.0, 0.0, width, height);
    c.set_font("11px system-ui, sans-serif");
    c.set_text_baseline("middle");
    c.set_text_align("left");
    for (start, end, color) in &m.guides {
        let (x0, x1) = (m.window.x_of(*start, width), m.window.x_of(*end, width));
        c.set_fill_style_str(color);
        c.fill_rect(x0, height - 4.0, (x1 - x0).max(1.0), 4.0);
    }
    let changed = |target: Target| match (m.gesture, target) {
        (Gesture::Changing { target: Target::Segment(a, _), start, end, .. }, Target::Segment(b, _))
            if a == b =>
        {
            Some((start, end))
        }
        (Gesture::Changing { target: Target::Loose(a, _), start, end, .. }, Target::Loose(b, _))
            if a == b =>
        {
            Some((start, end))
        }
        _ => None,
    };
    let part = super::model::Part::Body;
    for (i, s) in m.segments.iter().enumerate().filter(|(_, s)| !s.hidden) {
        let (start, end) = changed(Target::Segment(i, part)).unwrap_or((s.start, s.end));
        let strong = s.selected || hovered == Some(s.id.as_str());
        let text = if captions || strong { s.caption.as_str() } else { "" };
        band(
            c,
            m,
            p,
            layout,
            &Band { start, end, color: &s.color, text, lane: s.lane, strong, dashed: false },
        );
    }
    for (i, span) in m.loose.iter().enumerate() {
        let (start, end) = changed(Target::Loose(i, part)).unwrap_or(*span);
        let strong = m.loose_selected == Some(i);
        let text = if strong { "no label yet" } else { "" };
        let band_of = Band { start, end, color: &p.unlabelled, text, lane: 0, strong, dashed: true };
        band(c, m, p, layout, &band_of);
    }
    let drawn = match m.gesture {
        Gesture::Drawing { from, to } => Some((from.min(to), from.max(to))),
        Gesture::Changing { start, end, .. } => Some((start, end)),
        _ => m.marking.map(|from| (from.min(m.cursor), from.max(m.cursor))),
    };
    if let Some((start, end)) = drawn {
        let (x0, x1) = (m.window.x_of(start, width), m.window.x_of(end, width));
        if !matches!(m.gesture, Gesture::Changing { .. }) {
            c.set_fill_style_str(&p.accent);
            c.set_global_alpha(0.2);
            c.fill_rect(x0, RULER, (x1 - x0).max(1.0), height - RULER);
            c.set_global_alpha(1.0);
        }
        let text = format!("{} – {} · {:.3} s", clock(start, 3), clock(end, 3), end - start);
        caption(
            c,
            p,
            &p.accent,
            &text,
            x0.clamp(0.0, (width - 210.0).max(0.0)) + 3.0,
            RULER + layout.waves - 20.0,
        );
    } else if let Some(hover) = m.hover {
        let x = m.window.x_of(hover, width);
        c.set_stroke_style_str(&p.muted);
        c.set_line_width(1.0);
        c.begin_path();
        c.move_to(hairline(x), RULER);
        c.line_to(hairline(x), height);
        c.stroke();
        caption(c, p, &p.muted, &clock(hover, 3), (x + 4.0).min(width - 78.0), 3.0);
    }
    let x = m.window.x_of(m.cursor, width);
    c.set_stroke_style_str(&p.accent);
    c.set_fill_style_str(&p.accent);
    c.set_line_width(2.0);
    c.begin_path();
    c.move_to(x, RULER - 8.0);
    c.line_to(x, height);
    c.stroke();
    c.begin_path();
    c.move_to(x - 5.0, RULER - 9.0);
    c.line_to(x + 5.0, RULER - 9.0);
    c.line_to(x, RULER - 2.0);
    c.fill();
}

/// All of the sound in small.
pub(super) fn overview(c: &Canvas, m: &AudioModel, p: &Palette, width: f64) {
    c.clear_rect(0.0, 0.0, width, OVERVIEW);
    let full = Window::all(m.window.duration());
    c.set_fill_style_str(&p.wave);
    wave(c, m, &full, None, width, 0.0, OVERVIEW);
    for s in m.segments.iter().filter(|s| !s.hidden) {
        c.set_fill_style_str(&s.color);
        let (x0, x1) = (full.x_of(s.start, width), full.x_of(s.end, width));
        c.fill_rect(x0, OVERVIEW - 4.0, (x1 - x0).max(2.0), 4.0);
    }
    let (x0, x1) = (full.x_of(m.window.start, width), full.x_of(m.window.end(), width));
    c.set_fill_style_str(&p.surface);
    c.set_global_alpha(0.65);
    c.fill_rect(0.0, 0.0, x0, OVERVIEW);
    c.fill_rect(x1, 0.0, width - x1, OVERVIEW);
    c.set_global_alpha(1.0);
    c.set_stroke_style_str(&p.accent);
    c.set_line_width(1.0);
    c.stroke_rect(x0 + 0.5, 0.5, (x1 - x0 - 1.0).max(2.0), OVERVIEW - 1.0);
    c.set_fill_style_str(&p.accent);
    c.fill_rect(full.x_of(m.cursor, width) - 0.5, 0.0, 1.5, OVERVIEW);
}
