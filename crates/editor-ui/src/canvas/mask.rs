//! Brush and bitmask pixels, cut to the part that is painted.

use tagloom_region_geometry::{ImageSize, PixelPoint, rle};

/// Images above this many pixels are not decoded: 100 megapixels.
const MOST_PIXELS: usize = 100_000_000;

/// Alpha values of the painted part of a raster.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    /// Of one raster pixel, in image pixels.
    stretch: (f64, f64),
    alpha: Vec<u8>,
    painted: usize,
}

impl Mask {
    /// From one alpha value per pixel of a `width` x `height` raster that covers the whole image. `None` where the
    /// numbers do not match or nothing is painted.
    pub fn from_alpha(width: u32, height: u32, image: ImageSize, at: impl Fn(usize) -> u8) -> Option<Self> {
        if width == 0 || height == 0 {
            return None;
        }
        let (w, h) = (width as usize, height as usize);
        let (mut x0, mut y0, mut x1, mut y1) = (w, h, 0, 0);
        let mut painted = 0;
        for y in 0..h {
            for x in 0..w {
                if at(y * w + x) > 0 {
                    painted += 1;
                    (x0, x1) = (x0.min(x), x1.max(x));
                    (y0, y1) = (y0.min(y), y1.max(y));
                }
            }
        }
        if painted == 0 {
            return None;
        }
        let mut alpha = Vec::with_capacity((x1 - x0 + 1) * (y1 - y0 + 1));
        for y in y0..=y1 {
            alpha.extend((x0..=x1).map(|x| at(y * w + x)));
        }
        Some(Self {
            x: x0 as u32,
            y: y0 as u32,
            width: (x1 - x0 + 1) as u32,
            height: (y1 - y0 + 1) as u32,
            stretch: (image.width / f64::from(width), image.height / f64::from(height)),
            alpha,
            painted,
        })
    }

    /// From the run-length bytes of a brush (spec/results.md 3.6). `raster` is the size it was painted at, which is the
    /// image's own unless the result says otherwise.
    pub fn from_rle(bytes: &[u8], raster: ImageSize, image: ImageSize) -> Option<Self> {
        let pixels = (raster.width * raster.height) as usize;
        if pixels > MOST_PIXELS {
            return None;
        }
        let words = rle::decode(bytes, pixels.checked_mul(4)?).ok()?;
        if words.len() != pixels * 4 {
            return None;
        }
        Self::from_alpha(raster.width as u32, raster.height as u32, image, |i| {
            words.get(i * 4 + 3).copied().unwrap_or(0)
        })
    }

    /// Left, top, width and height of the painted part, in raster pixels.
    pub fn place(&self) -> [u32; 4] {
        [self.x, self.y, self.width, self.height]
    }
    /// Size of one raster pixel in image pixels.
    pub fn stretch(&self) -> (f64, f64) {
        self.stretch
    }
    pub fn alpha(&self) -> &[u8] {
        &self.alpha
    }
    /// Painted area in image pixels.
    pub fn area(&self) -> f64 {
        self.painted as f64 * self.stretch.0 * self.stretch.1
    }
    /// `[min_x, min_y, max_x, max_y]` in image pixels.
    pub fn bounds(&self) -> [f64; 4] {
        let (sx, sy) = self.stretch;
        [
            f64::from(self.x) * sx,
            f64::from(self.y) * sy,
            f64::from(self.x + self.width) * sx,
            f64::from(self.y + self.height) * sy,
        ]
    }
    /// Whether the pixel at `p` is painted.
    pub fn covers(&self, p: PixelPoint) -> bool {
        let (x, y) = (p.x / self.stretch.0 - f64::from(self.x), p.y / self.stretch.1 - f64::from(self.y));
        if !(x >= 0.0 && y >= 0.0 && x < f64::from(self.width) && y < f64::from(self.height)) {
            return false;
        }
        self.alpha.get(y as usize * self.width as usize + x as usize).is_some_and(|a| *a > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagloom_region_geometry::Point;

    #[test]
    fn a_brush_is_cut_to_what_is_painted_and_hit_there_only() {
        let mut alpha = vec![0u8; 12];
        alpha[5] = 255;
        alpha[6] = 128;
        let bytes = rle::encode(&rle::rgba_from_alpha(&alpha));
        let raster = ImageSize::new(4.0, 3.0);
        let mask = Mask::from_rle(&bytes, raster, ImageSize::new(8.0, 6.0)).unwrap();
        assert_eq!(mask.place(), [1, 1, 2, 1]);
        assert_eq!(mask.bounds(), [2.0, 2.0, 6.0, 4.0]);
        assert_eq!(mask.area(), 8.0);
        assert!(mask.covers(Point::new(3.0, 3.0)) && mask.covers(Point::new(5.9, 3.0)));
        assert!(!mask.covers(Point::new(1.0, 3.0)) && !mask.covers(Point::new(6.1, 3.0)));
    }

    #[test]
    fn bytes_of_another_image_and_empty_masks_are_no_mask() {
        let bytes = rle::encode(&rle::rgba_from_alpha(&[255; 12]));
        let image = ImageSize::new(5.0, 5.0);
        assert_eq!(Mask::from_rle(&bytes, image, image), None);
        assert_eq!(Mask::from_rle(&[1, 2, 3], image, image), None);
        let empty = rle::encode(&rle::rgba_from_alpha(&[0; 25]));
        assert_eq!(Mask::from_rle(&empty, image, image), None);
    }
}
