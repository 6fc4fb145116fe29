//! What a wheel event does to the view (spec/editor-api.md 6.3, spec/tags.md 4.3).

use super::input::Modifiers;
use tagloom_region_geometry::{Point, ScreenPoint};

/// Largest change of one event, up or down.
const MOST: f64 = 0.3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wheel {
    Zoom {
        factor: f64,
    },
    Pan(ScreenPoint),
    /// The page scrolls.
    Pass,
}

/// What the tag and the settings say about zooming.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WheelRules {
    /// `zoom`
    pub enabled: bool,
    /// `zoomBy`: the factor of one notch of 100 pixels.
    pub step: f64,
    /// Setting `invertedZoom`.
    pub inverted: bool,
}

/// ctrl or command zooms at the pointer, a plain wheel pans what is zoomed in and else scrolls the page. `dx` and `dy`
/// are pixels; shift turns a one-axis wheel sideways.
pub fn wheel(dx: f64, dy: f64, modifiers: Modifiers, zoom: f64, rules: WheelRules) -> Wheel {
    if !dx.is_finite() || !dy.is_finite() {
        return Wheel::Pass;
    }
    if modifiers.ctrl {
        if !rules.enabled {
            return Wheel::Pass;
        }
        let step = if rules.step.is_finite() && rules.step > 1.0 { rules.step } else { 1.1 };
        let notches = if rules.inverted { dy } else { -dy } / 100.0;
        return Wheel::Zoom { factor: step.powf(notches).clamp(1.0 - MOST, 1.0 + MOST) };
    }
    if zoom <= 1.0 {
        return Wheel::Pass;
    }
    let (dx, dy) = if modifiers.shift && dx == 0.0 { (dy, 0.0) } else { (dx, dy) };
    Wheel::Pan(Point::new(-dx, -dy))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: WheelRules = WheelRules { enabled: true, step: 1.1, inverted: false };
    const CTRL: Modifiers = Modifiers { ctrl: true, shift: false, alt: false, space: false };

    fn factor(w: Wheel) -> f64 {
        match w {
            Wheel::Zoom { factor } => factor,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_notch_is_zoom_by_and_no_event_changes_more_than_thirty_percent() {
        assert!((factor(wheel(0.0, -100.0, CTRL, 1.0, RULES)) - 1.1).abs() < 1e-12);
        assert_eq!(factor(wheel(0.0, -90_000.0, CTRL, 1.0, RULES)), 1.3);
        assert_eq!(factor(wheel(0.0, 90_000.0, CTRL, 1.0, RULES)), 0.7);
        let inverted = WheelRules { inverted: true, ..RULES };
        assert!((factor(wheel(0.0, 100.0, CTRL, 1.0, inverted)) - 1.1).abs() < 1e-12);
    }

    #[test]
    fn a_plain_wheel_scrolls_the_page_until_the_picture_is_zoomed_in() {
        let none = Modifiers::default();
        assert_eq!(wheel(0.0, 50.0, none, 1.0, RULES), Wheel::Pass);
        assert_eq!(wheel(0.0, 50.0, none, 2.0, RULES), Wheel::Pan(Point::new(0.0, -50.0)));
        let shift = Modifiers { shift: true, ..none };
        assert_eq!(wheel(0.0, 50.0, shift, 2.0, RULES), Wheel::Pan(Point::new(-50.0, 0.0)));
        assert_eq!(wheel(0.0, 5.0, CTRL, 2.0, WheelRules { enabled: false, ..RULES }), Wheel::Pass);
        assert_eq!(wheel(f64::NAN, 5.0, CTRL, 2.0, RULES), Wheel::Pass);
    }
}
