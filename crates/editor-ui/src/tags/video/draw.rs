//! The timeline on its canvas.

use super::lanes::{LANE, Lane, RULER};
use crate::media::Guide;
use tagloom_video_sync::lanes::{FrameWindow, Stretch, middle};
use web_sys::CanvasRenderingContext2d;

#[derive(Clone, Debug, Default)]
pub(super) struct Palette {
    pub text: String,
    pub muted: String,
    pub grid: String,
    pub surface: String,
    pub accent: String,
}

/// What is drawn.
pub(super) struct Scene<'a> {
    pub window: FrameWindow,
    pub lanes: &'a [Lane],
    /// Pixels that the lanes are scrolled by.
    pub scroll: f64,
    /// Where the playhead stands, as a place.
    pub playhead: Option<f64>,
    /// A range being drawn or marked, with its colour.
    pub draft: Option<(Stretch, String)>,
    pub guides: &'a [(Stretch, Guide)],
    pub hovered: Option<&'a str>,
    /// Seconds at a place, for the ruler.
    pub clock: &'a dyn Fn(u64) -> f64,
    /// A stretch that is played over and over.
    pub repeat: Option<Stretch>,
}

fn clock_text(seconds: f64, fine: bool) -> String {
    let seconds = if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    let (minutes, rest) = ((seconds / 60.0).floor(), seconds % 60.0);
    if fine { format!("{minutes:.0}:{rest:05.2}") } else { format!("{minutes:.0}:{:02.0}", rest.floor()) }
}

pub(super) fn timeline(
    c: &CanvasRenderingContext2d,
    scene: &Scene<'_>,
    palette: &Palette,
    width: f64,
    height: f64,
) {
    c.clear_rect(0.0, 0.0, width, height);
    c.set_font("11px system-ui, sans-serif");
    c.set_text_baseline("middle");
    ruler(c, scene, palette, width, height);
    let px = |place: f64| scene.window.px(place, width);
    if let Some(repeat) = scene.repeat {
        c.set_fill_style_str(&palette.accent);
        c.set_global_alpha(0.16);
        c.fill_rect(px(repeat.start), 0.0, px(repeat.end) - px(repeat.start), height);
        c.set_global_alpha(1.0);
    }
    for (stretch, guide) in scene.guides {
        c.set_fill_style_str(&guide.color);
        c.set_global_alpha(0.7);
        c.fill_rect(px(stretch.start), RULER - 4.0, (px(stretch.end) - px(stretch.start)).max(1.0), 3.0);
    }
    c.set_global_alpha(1.0);
    c.save();
    c.begin_path();
    c.rect(0.0, RULER, width, height - RULER);
    c.clip();
    for (row, lane) in scene.lanes.iter().enumerate() {
        let top = RULER + row as f64 * LANE - scene.scroll;
        if top + LANE >= RULER && top <= height {
            draw_lane(c, scene, lane, palette, top, width);
        }
    }
    if let Some((draft, color)) = &scene.draft {
        c.set_fill_style_str(color);
        c.set_global_alpha(0.35);
        c.fill_rect(px(draft.start), RULER, (px(draft.end) - px(draft.start)).max(1.0), height - RULER);
        c.set_global_alpha(1.0);
    }
    c.restore();
    if let Some(place) = scene.playhead {
        let x = px(place).round() + 0.5;
        c.set_stroke_style_str(&palette.accent);
        c.set_fill_style_str(&palette.accent);
        c.set_line_width(1.0);
        c.begin_path();
        c.move_to(x, 0.0);
        c.line_to(x, height);
        c.stroke();
        c.begin_path();
        c.move_to(x - 5.0, 0.0);
        c.line_to(x + 5.0, 0.0);
        c.line_to(x, 7.0);
        c.close_path();
        c.fill();
    }
}

fn ruler(c: &CanvasRenderingContext2d, scene: &Scene<'_>, palette: &Palette, width: f64, height: f64) {
    c.set_line_width(1.0);
    c.set_stroke_style_str(&palette.grid);
    let (step, ticks) = scene.window.ticks(width, 84.0);
    let fine = (scene.clock)(step) - (scene.clock)(0) < 1.0;
    c.begin_path();
    for frame in &ticks {
        let x = scene.window.px(*frame as f64, width).round() + 0.5;
        c.move_to(x, RULER - 6.0);
        c.line_to(x, height);
    }
    c.move_to(0.0, RULER - 0.5);
    c.line_to(width, RULER - 0.5);
    c.stroke();
    c.set_fill_style_str(&palette.muted);
    c.set_text_align("left");
    for frame in ticks {
        let x = scene.window.px(frame as f64, width) + 3.0;
        let text = format!("{}  {}", clock_text((scene.clock)(frame), fine), frame + 1);
        // A text that cannot be drawn is only a text that is not there.
        let _ = c.fill_text(&text, x, RULER / 2.0 - 2.0);
    }
}

fn draw_lane(
    c: &CanvasRenderingContext2d,
    scene: &Scene<'_>,
    lane: &Lane,
    palette: &Palette,
    top: f64,
    width: f64,
) {
    let px = |place: f64| scene.window.px(place, width);
    let lit = lane.selected || scene.hovered == Some(lane.id.as_str());
    if lit {
        c.set_fill_style_str(&palette.accent);
        c.set_global_alpha(if lane.selected { 0.12 } else { 0.06 });
        c.fill_rect(0.0, top, width, LANE);
    }
    let faded = if lane.hidden { 0.3 } else { 1.0 };
    let mut name_at = None;
    for span in &lane.spans {
        let (left, right) = (px(span.start), px(span.end));
        if right < 0.0 || left > width {
            continue;
        }
        let (left_in, right_in) = (left.max(-2.0), right.min(width + 2.0));
        c.set_fill_style_str(&lane.color);
        c.set_global_alpha(faded * if lane.is_range { 0.55 } else { 0.3 });
        c.fill_rect(left_in, top + 3.0, (right_in - left_in).max(2.0), LANE - 6.0);
        c.set_global_alpha(faded);
        // Edges stand out, so that neighbours of one colour are told apart.
        c.fill_rect(left, top + 3.0, 2.0, LANE - 6.0);
        c.fill_rect(right - 2.0, top + 3.0, 2.0, LANE - 6.0);
        if lane.selected {
            c.set_stroke_style_str(&palette.accent);
            c.set_line_width(1.5);
            c.stroke_rect(left_in, top + 3.0, (right_in - left_in).max(2.0), LANE - 6.0);
        }
        name_at.get_or_insert((left.max(0.0), right_in));
    }
    c.set_global_alpha(faded);
    for frame in &lane.keyframes {
        let (x, y) = (px(middle(*frame)), top + LANE / 2.0);
        if x < -6.0 || x > width + 6.0 {
            continue;
        }
        c.begin_path();
        c.move_to(x, y - 5.0);
        c.line_to(x + 5.0, y);
        c.line_to(x, y + 5.0);
        c.line_to(x - 5.0, y);
        c.close_path();
        c.set_fill_style_str(&lane.color);
        c.fill();
        c.set_stroke_style_str(&palette.surface);
        c.set_line_width(1.0);
        c.stroke();
    }
    if let Some((left, right)) = name_at
        && (right - left > 28.0 || lit)
    {
        c.set_fill_style_str(&palette.text);
        c.set_text_align("left");
        let _ = c.fill_text_with_max_width(
            &lane.text,
            left + 6.0,
            top + LANE / 2.0,
            (right - left - 10.0).max(60.0),
        );
    }
    c.set_global_alpha(1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_read_well() {
        assert_eq!(clock_text(0.0, false), "0:00");
        assert_eq!(clock_text(61.9, false), "1:01");
        assert_eq!(clock_text(61.25, true), "1:01.25");
        assert_eq!(clock_text(f64::NAN, true), "0:00.00");
    }
}
