//! The state of one plotted series, free of the DOM: data, window, cursor, regions, brushing.

use super::spec::SeriesSpec;
use serde_json::{Map, Value};
use std::sync::Arc;
use tagloom_annotation_store::{Document, Geometry, Region, RegionId, SeriesRange};
use tagloom_timeseries::{
    BrushRegion, BrushScene, BrushTool, Columns, DurationDisplay, Extent, Loaded, Pyramid, RangeValue,
    TimeDisplay, ValueCodec, ViewWindow,
};

/// How a region is drawn on the plot.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlotRegion {
    pub id: RegionId,
    pub start: f64,
    pub end: f64,
    pub instant: bool,
    pub selected: bool,
    pub hidden: bool,
    pub locked: bool,
    pub color: String,
    pub opacity: f64,
    pub caption: String,
}

/// A draft or a region being changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Draft {
    /// Index into [`SeriesModel::regions`]; `None` for a new one.
    pub region: Option<usize>,
    pub start: f64,
    pub end: f64,
}

pub(super) struct SeriesModel {
    pub spec: SeriesSpec,
    pub columns: Columns,
    pub pyramids: Vec<Pyramid>,
    pub codec: ValueCodec,
    pub time: TimeDisplay,
    pub duration: DurationDisplay,
    pub window: ViewWindow,
    pub cursor: Option<f64>,
    pub hover: Option<f64>,
    pub regions: Vec<PlotRegion>,
    pub brush: BrushTool,
    pub draft: Option<Draft>,
    /// A label is armed and the annotation can be edited.
    pub can_create: bool,
}

impl SeriesModel {
    pub fn new(mut spec: SeriesSpec, loaded: Loaded) -> Self {
        let columns = loaded.columns;
        spec.with_all_columns(&columns);
        let pyramids = columns.columns.iter().map(|c| Pyramid::build(&c.values)).collect();
        let (time, duration) = spec.displays(loaded.codec.format());
        let window = ViewWindow::initial(&columns.axis, &spec.overview_width);
        Self {
            codec: loaded.codec,
            time,
            duration,
            window,
            pyramids,
            columns,
            cursor: None,
            hover: None,
            regions: Vec::new(),
            brush: BrushTool::default(),
            draft: None,
            can_create: false,
            spec,
        }
    }

    /// The region's place on the axis; `None` for a value that names no time of this series.
    pub fn place(&self, range: &SeriesRange) -> Option<(f64, f64, bool)> {
        let mut value = Map::new();
        value.insert("start".into(), range.start.clone());
        value.insert("end".into(), range.end.clone());
        if let Some(instant) = range.instant {
            value.insert("instant".into(), instant.into());
        }
        let read = self.codec.read(&value).ok()?;
        let (start, end) = read.positions(&self.columns.axis);
        (start.is_finite() && end.is_finite()).then_some((start, end, read.instant))
    }

    /// A range of positions as it is stored.
    pub fn geometry(&self, start: f64, end: f64, instant: bool) -> Geometry {
        let mut value = Map::new();
        self.codec.write(RangeValue::between(&self.columns.axis, start, end, instant), &mut value);
        let mut take = |key: &str| value.remove(key).unwrap_or(Value::Null);
        let (start, end) = (take("start"), take("end"));
        Geometry::Series(SeriesRange { start, end, instant: Some(instant) })
    }

    /// Reads the regions of this series again.
    pub fn read_regions(&mut self, document: &Document, style: impl Fn(&Region) -> (String, f64, String)) {
        let regions: Vec<Arc<Region>> = document.regions_of(&self.spec.name).cloned().collect();
        self.regions = regions
            .iter()
            .filter_map(|region| {
                let Geometry::Series(range) = &region.geometry else { return None };
                let (start, end, instant) = self.place(range)?;
                let flags = document.flags(&region.id);
                let (color, opacity, caption) = style(region);
                Some(PlotRegion {
                    id: region.id.clone(),
                    start,
                    end,
                    instant,
                    selected: document.is_selected(&region.id),
                    hidden: flags.hidden,
                    locked: flags.locked || region.readonly || document.is_read_only(),
                    color,
                    opacity,
                    caption,
                })
            })
            .collect();
        if self.draft.is_some_and(|d| d.region.is_some_and(|i| i >= self.regions.len())) {
            self.draft = None;
            self.brush = BrushTool::Idle;
        }
    }

    fn brush_regions(&self) -> Vec<BrushRegion> {
        self.regions
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.hidden)
            .map(|(key, r)| BrushRegion {
                key: key as u64,
                start: r.start,
                end: r.end,
                instant: r.instant,
                selected: r.selected,
                locked: r.locked,
            })
            .collect()
    }

    /// Runs `f` with what the brush looks at.
    pub fn with_scene<R>(&self, plot_width: f64, f: impl FnOnce(&BrushScene<'_>) -> R) -> R {
        let regions = self.brush_regions();
        f(&BrushScene {
            axis: &self.columns.axis,
            regions: &regions,
            snap: self.spec.snap,
            units_per_px: self.window.span() / plot_width.max(1.0),
            can_create: self.can_create,
            frame_snap: None,
        })
    }

    /// Seconds since the first sample: the series' own time in a sync group.
    pub fn seconds_of(&self, position: f64) -> f64 {
        self.columns.axis.local_ns(position) as f64 / 1e9
    }
    pub fn position_at_seconds(&self, seconds: f64) -> f64 {
        self.columns.axis.position_at_local((seconds * 1e9) as i64)
    }

    /// The whole extent of a column.
    pub fn extent(&self, column: usize) -> Extent {
        match (self.columns.columns.get(column), self.pyramids.get(column)) {
            (Some(c), Some(p)) => p.extent(&c.values, 0..c.values.len()),
            _ => Extent::EMPTY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tagloom_annotation_store::{LoadOptions as ResultOptions, OpenSchema, SaveOptions, load};
    use tagloom_tags::Config;
    use tagloom_timeseries::load::load_csv;

    fn model(attributes: &str, csv: &str) -> SeriesModel {
        let xml = format!(
            r#"<View><TimeSeries name="ts" value="$csv" {attributes}><Channel column="a"/><MultiChannel height="80"><Channel column="b"/><Channel column="a"/></MultiChannel></TimeSeries></View>"#
        );
        let tree = Config::new(&xml).instantiate(&json!({"csv": "x"}));
        let spec = SeriesSpec::read(&tree, tree.by_name("ts").unwrap());
        let loaded = load_csv(csv.as_bytes(), &spec.load).unwrap();
        SeriesModel::new(spec, loaded)
    }

    #[test]
    fn tracks_follow_the_channels() {
        let m = model("timeColumn=\"t\"", "t,a,b\n0,1,2\n1,3,4\n2,5,6\n");
        assert_eq!(m.spec.tracks.len(), 2);
        assert_eq!(m.spec.tracks[0].height, 200.0);
        assert_eq!(m.spec.tracks[1].height, 80.0);
        assert_eq!(m.spec.tracks[1].lines.len(), 2);
    }

    #[test]
    fn stored_ranges_come_back_at_their_own_units() {
        let csv = "t,a,b\n2020-03-20,1,2\n2020-03-21,3,4\n2020-03-25,5,6\n";
        let mut m = model("timeColumn=\"t\" timeFormat=\"%Y-%m-%d\"", csv);
        let results = json!([{"id":"A","from_name":"l","to_name":"ts","type":"timeserieslabels","origin":"manual",
            "value":{"start":"2020-03-20","end":"2020-03-25","instant":false,"timeserieslabels":["Run"]}}]);
        let document = Document::from_loaded(load(&results, &OpenSchema, ResultOptions::default()));
        m.read_regions(&document, |_| ("red".into(), 0.9, "Run".into()));
        assert_eq!(m.regions.len(), 1);
        let r = &m.regions[0];
        let again = m.geometry(r.start, r.end, r.instant);
        assert_eq!(again, document.region(&"A".into()).unwrap().geometry);
        assert_eq!(Value::from(document.serialize(&SaveOptions::default())), results);
        assert_eq!(m.seconds_of(r.end), 5.0 * 86_400.0);
        assert_eq!(m.position_at_seconds(86_400.0), m.columns.axis.position(1));
    }

    #[test]
    fn a_region_of_no_time_is_left_out_and_not_lost() {
        let mut m = model("timeColumn=\"t\"", "t,a,b\n0,1,2\n1,3,4\n");
        let results = json!([{"id":"A","from_name":"l","to_name":"ts","type":"timeserieslabels","origin":"manual",
            "value":{"start":"soon","end":"later","timeserieslabels":["Run"]}}]);
        let document = Document::from_loaded(load(&results, &OpenSchema, ResultOptions::default()));
        m.read_regions(&document, |_| (String::new(), 1.0, String::new()));
        assert!(m.regions.is_empty());
        assert_eq!(Value::from(document.serialize(&SaveOptions::default())), results);
    }
}
