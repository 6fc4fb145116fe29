//! The three spaces a point can live in; mixing them is a type error.

use std::marker::PhantomData;
use std::ops::{Add, Sub};

/// Percent of the unrotated image: 0..100 on both axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent;
/// Pixels of the unrotated image at its natural size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagePixels;
/// CSS pixels of the canvas, origin at its top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen;

/// A point (or a difference of points) of one space.
pub struct Point<S> {
    pub x: f64,
    pub y: f64,
    space: PhantomData<S>,
}

pub type PercentPoint = Point<Percent>;
pub type PixelPoint = Point<ImagePixels>;
pub type ScreenPoint = Point<Screen>;

impl<S> Point<S> {
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y, space: PhantomData }
    }

    /// Distance in the units of the space; meaningless in percent unless the image is square.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    pub fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }

    /// This point turned by `degrees` clockwise about `origin`.
    pub fn rotated_about(self, origin: Self, degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let d = self - origin;
        origin + Self::new(d.x * cos - d.y * sin, d.x * sin + d.y * cos)
    }
}

// Written by hand: derives would ask the marker types for the same traits.
impl<S> Clone for Point<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Point<S> {}
impl<S> PartialEq for Point<S> {
    fn eq(&self, other: &Self) -> bool {
        self.x == other.x && self.y == other.y
    }
}
impl<S> std::fmt::Debug for Point<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}, {})", self.x, self.y)
    }
}
impl<S> Add for Point<S> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}
impl<S> Sub for Point<S> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

/// Natural size of an image in pixels; both sides at least 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageSize {
    pub width: f64,
    pub height: f64,
}

impl ImageSize {
    /// Sides below one pixel (an image that is not loaded yet) count as 1, so that no division yields infinity.
    pub fn new(width: f64, height: f64) -> Self {
        let side = |v: f64| if v.is_finite() { v.max(1.0) } else { 1.0 };
        Self { width: side(width), height: side(height) }
    }

    pub fn pixels_from_percent(self, p: PercentPoint) -> PixelPoint {
        Point::new(p.x * self.width / 100.0, p.y * self.height / 100.0)
    }

    pub fn percent_from_pixels(self, p: PixelPoint) -> PercentPoint {
        Point::new(p.x * 100.0 / self.width, p.y * 100.0 / self.height)
    }
}
