//! A loaded series ready to be drawn: its columns with their pyramids, and the conversions that belong to it.
//!
//! Channels are addressed by their place in [`Columns::columns`]; a place that does not exist has no samples, an empty
//! extent and draws nothing.

use std::ops::Range;

use crate::axis::TimeAxis;
use crate::columns::Columns;
use crate::curve::{Interpolation, PathCommand};
use crate::load::{Loaded, Notice};
use crate::plot::{Drawing, PlotScale, YRange, query};
use crate::pyramid::{Extent, Pyramid};
use crate::value::{RangeValue, ValueCodec};
use crate::window::ViewWindow;

/// The sample under a pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tracked {
    pub index: usize,
    pub position: f64,
    /// NaN in a gap.
    pub value: f64,
}

/// Data of one TimeSeries tag with everything precomputed.
#[derive(Clone, Debug, Default)]
pub struct Series {
    columns: Columns,
    pyramids: Vec<Pyramid>,
    codec: ValueCodec,
    notices: Vec<Notice>,
}

impl From<Loaded> for Series {
    fn from(loaded: Loaded) -> Self {
        let pyramids = loaded.columns.columns.iter().map(|c| Pyramid::build(&c.values)).collect();
        Self { columns: loaded.columns, pyramids, codec: loaded.codec, notices: loaded.notices }
    }
}

impl Series {
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    pub fn axis(&self) -> &TimeAxis {
        &self.columns.axis
    }

    pub fn codec(&self) -> &ValueCodec {
        &self.codec
    }

    /// What the user should know about the file.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The place of the channel that a `column` attribute names.
    pub fn channel(&self, column: &str) -> Option<usize> {
        self.columns.find_index(column)
    }

    pub fn values(&self, channel: usize) -> &[f64] {
        self.columns.columns.get(channel).map_or(&[], |c| &c.values)
    }

    /// Extent of a channel over samples.
    pub fn extent(&self, channel: usize, samples: Range<usize>) -> Extent {
        self.pyramids.get(channel).map_or(Extent::EMPTY, |p| p.extent(self.values(channel), samples))
    }

    /// The y range of a channel in a window (see [`YRange::resolve`]).
    pub fn y_range(
        &self,
        channel: usize,
        window: &ViewWindow,
        fixed_scale: bool,
        data_range: &str,
    ) -> YRange {
        match self.pyramids.get(channel) {
            Some(pyramid) => {
                YRange::resolve(self.axis(), self.values(channel), pyramid, window, fixed_scale, data_range)
            }
            None => YRange::around(Extent::EMPTY),
        }
    }

    /// How a channel is to be drawn in a window on a plot `width_px` wide.
    pub fn drawing(&self, channel: usize, window: &ViewWindow, width_px: u32) -> Drawing {
        match self.pyramids.get(channel) {
            Some(pyramid) => query(self.axis(), self.values(channel), pyramid, window, width_px),
            None => Drawing::Points(0..0),
        }
    }

    /// The line of a channel.
    pub fn path(&self, channel: usize, scale: &PlotScale, interpolation: Interpolation) -> Vec<PathCommand> {
        let drawing = self.drawing(channel, &scale.window, scale.width_px.max(1.0) as u32);
        scale.path(&drawing, self.axis(), self.values(channel), interpolation)
    }

    /// Samples whose markers are to be drawn: those in the window, when they are far enough apart to be told from each
    /// other (three pixels), else none.
    pub fn markers(&self, channel: usize, window: &ViewWindow, width_px: f64) -> Range<usize> {
        let visible = self.axis().indexes(window.start, window.end);
        let visible = visible.start..visible.end.min(self.values(channel).len());
        if visible.len() as f64 * 3.0 <= width_px { visible } else { 0..0 }
    }

    /// The sample of a channel closest to a position.
    pub fn track(&self, channel: usize, position: f64) -> Option<Tracked> {
        let index = self.axis().nearest(position)?;
        let value = *self.values(channel).get(index)?;
        Some(Tracked { index, position: self.axis().position(index), value })
    }

    /// The exact range between two positions, for storing.
    pub fn range(&self, start: f64, end: f64, instant: bool) -> RangeValue {
        RangeValue::between(self.axis(), start, end, instant)
    }

    /// How many samples a range holds.
    pub fn sample_count(&self, start: f64, end: f64) -> usize {
        self.axis().indexes(start, end).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{LoadOptions, TimeSpec, load_csv};
    use crate::samples::{SampleQuery, csv};

    fn series() -> Series {
        let query =
            SampleQuery { time: "time_column".into(), values: "first_column".into(), ..Default::default() };
        let options = LoadOptions {
            time: TimeSpec { column: "time_column".into(), ..TimeSpec::default() },
            columns: vec!["first_column".into()],
            ..LoadOptions::default()
        };
        load_csv(csv(&query).as_bytes(), &options).unwrap().into()
    }

    #[test]
    fn the_seed_example_is_drawn_and_read() {
        let series = series();
        let channel = series.channel("first_column").unwrap();
        let window = ViewWindow::initial(series.axis(), "25%");
        assert_eq!((window.start, window.end), (0.0, 25.0));
        let y = series.y_range(channel, &window, false, "");
        let scale = PlotScale { window, y, width_px: 800.0, height_px: 200.0 };
        let path = series.path(channel, &scale, Interpolation::Step);
        assert!(path.len() > 26 && path.iter().all(PathCommand::is_finite));
        let tracked = series.track(channel, 3.4).unwrap();
        assert_eq!((tracked.index, tracked.value), (3, series.values(channel)[3]));
        assert_eq!(series.sample_count(3.0, 7.0), 5);
        assert_eq!(series.markers(channel, &window, 800.0), 0..26);
        assert!(series.markers(channel, &window, 50.0).is_empty());
        let stored = series.codec().write_time(series.range(3.0, 7.0, false).end);
        assert_eq!(stored.to_string(), "7");
    }

    #[test]
    fn a_channel_that_does_not_exist_draws_nothing() {
        let series = series();
        let window = ViewWindow::full(series.axis());
        let scale =
            PlotScale { window, y: series.y_range(9, &window, true, ""), width_px: 0.0, height_px: 0.0 };
        assert!(series.path(9, &scale, Interpolation::Linear).is_empty());
        assert_eq!(series.track(9, 1.0), None);
        assert!(series.extent(9, 0..5).is_empty());
        assert!(Series::default().values(0).is_empty());
    }
}
