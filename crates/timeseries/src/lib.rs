//! Time series without a screen: loading, time and number formats, min/max pyramid, view window, brushing.
//!
//! # The odd cases first
//! - **NaN is a gap.** Empty fields, text in a number column and infinities become NaN; a gap breaks the line, never
//!   counts in a minimum or maximum, and is never drawn as zero.
//! - **0 rows** is a [`LoadError::NoRows`]; **1 row** loads, and the window around it has a width.
//! - **Equal neighbouring times** are fine. **Decreasing** times are [`LoadError::Unsorted`], which names the line and
//!   offers [`LoadOptions::sort`].
//! - **Two kinds of time.** A [`TimeAxis`] holds dates (`i64` nanoseconds since 1970-01-01 UTC) or plain numbers in the
//!   file's own unit. Geometry works in *positions*: `f64`, the number itself, or nanoseconds **since the first sample**
//!   for dates (so that microseconds survive). [`Native`] is the exact value that a region stores.
//! - **Before the first and after the last sample** positions are clamped by the window and by the brush, never by the
//!   conversions.
//! - Nothing here panics on data, allocates per frame without need, or knows a document or the DOM.

mod axis;
mod brush;
mod columns;
pub mod curve;
mod display;
pub mod load;
mod number;
mod overview;
mod plot;
mod pyramid;
pub mod samples;
mod ticks;
mod time;
mod value;
mod values;
mod window;

pub use axis::{Native, TimeAxis, TimeUnit};
pub use brush::{
    BrushEffect, BrushEvent, BrushRegion, BrushScene, BrushTool, EDGE_TOLERANCE_PX, Edge, Held, MIN_DRAG_PX,
    Overlap, OverlapEdit, Placed, Pointer, SegmentEffect, SegmentEvent, SegmentTool, Snap, TAP_MS, Target,
    nudge_edge, place,
};
pub use columns::{Column, Columns};
pub use curve::{Interpolation, PathCommand, Point};
pub use display::{DurationDisplay, TimeDisplay};
pub use load::{CsvLoader, LoadError, LoadOptions, Loaded, Notice, TimeSpec};
pub use number::{NumberFormat, NumberFormatError};
pub use overview::OverviewDrag;
pub use plot::{Drawing, PixelColumn, PlotScale, YRange, query};
pub use pyramid::{Extent, Pyramid};
pub use ticks::{Tick, log_ticks, number_ticks, ticks};
pub use time::{TimeFormat, TimeFormatError, Zone, parse_iso8601};
pub use value::{RangeValue, RangeValueError, ValueCodec};
pub use values::Values;
pub use window::ViewWindow;
