//! Fingers: one draws, two pan and zoom. Once a pen was used, a single finger pans; while the pen is down, fingers are
//! palms and mean nothing.

use tagloom_region_geometry::{Point, ScreenPoint};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    First,
    /// Two fingers now: pinch.
    Second,
    /// One finger, but a pen does the drawing.
    Pans,
    /// A palm, or a third finger.
    Ignored,
}

#[derive(Debug, Default)]
pub(super) struct Touches {
    down: Vec<(i32, ScreenPoint)>,
    /// Several fingers were down since all were lifted.
    several: bool,
    pen_seen: bool,
    pen_is_down: bool,
}

impl Touches {
    pub(super) fn press(&mut self, id: i32, at: ScreenPoint) -> Pressed {
        if self.pen_is_down {
            return Pressed::Ignored;
        }
        self.down.retain(|(other, _)| *other != id);
        if self.down.len() >= 2 {
            return Pressed::Ignored;
        }
        self.down.push((id, at));
        match self.down.len() {
            2 => {
                self.several = true;
                Pressed::Second
            }
            _ if self.several => Pressed::Ignored,
            _ if self.pen_seen => Pressed::Pans,
            _ => Pressed::First,
        }
    }

    pub(super) fn slide(&mut self, id: i32, at: ScreenPoint) {
        if let Some(touch) = self.down.iter_mut().find(|(other, _)| *other == id) {
            touch.1 = at;
        }
    }

    /// How the picture moves with two fingers: shift, centre and factor.
    pub(super) fn pinch(&mut self, id: i32, at: ScreenPoint) -> Option<(ScreenPoint, ScreenPoint, f64)> {
        let spread = |touches: &[(i32, ScreenPoint)]| match touches {
            [(_, a), (_, b)] => Some((Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0), a.distance(*b))),
            _ => None,
        };
        let (middle_before, before) = spread(&self.down)?;
        self.slide(id, at);
        let (middle, now) = spread(&self.down)?;
        let factor = if before > 0.0 && now > 0.0 { now / before } else { 1.0 };
        Some((middle - middle_before, middle, factor))
    }

    /// Says whether this finger was one of several, so that lifting it ends the pinch and nothing else.
    pub(super) fn lift(&mut self, id: i32) -> bool {
        let known = self.down.iter().any(|(other, _)| *other == id);
        self.down.retain(|(other, _)| *other != id);
        let several = self.several;
        if self.down.is_empty() {
            self.several = false;
        }
        known && several
    }

    pub(super) fn pen_down(&mut self) {
        self.pen_seen = true;
        self.pen_is_down = true;
        self.down.clear();
        self.several = false;
    }

    pub(super) fn pen_up(&mut self) {
        self.pen_is_down = false;
    }
}
