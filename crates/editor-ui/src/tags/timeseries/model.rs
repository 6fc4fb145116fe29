//! The state of one plotted series, free of the DOM: data, window, cursor, regions, brushing.

use super::spec::SeriesSpec;
use serde_json::{Map, Value};
use std::sync::Arc;
use tagloom_annotation_store::{Document, Geometry, Region, RegionId, SeriesRange};
use tagloom_tags::Node;
use tagloom_timeseries::{
    BrushRegion, BrushScene, BrushTool, Columns, DurationDisplay, Held, Loaded, Native, Overlap, PlotScale,
    RangeValue, SegmentTool, TimeDisplay, ValueCodec, ViewWindow,
};
use tagloom_video_sync::{GoTo, PlainNumber, parse_goto};

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
    /// The label set that it belongs to: the control of its first item.
    pub control: String,
    /// Columns that it is drawn on; empty is all.
    pub channels: Vec<usize>,
    /// What mirrored regions have in common (`meta.mirror`).
    pub mirror: Option<String>,
}

/// What the labels of a region say about how it looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RegionLooks {
    pub color: String,
    pub opacity: f64,
    pub caption: String,
    /// The attribute `channels`, of the label or its control.
    pub channels: String,
}

/// A region of another member of the sync group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GuideBar {
    pub start: f64,
    pub end: f64,
    pub color: String,
}

/// Where the frames of the joined video lie on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FrameGrid {
    /// Start of a frame.
    pub origin: f64,
    /// Length of a frame.
    pub step: f64,
}

impl FrameGrid {
    pub fn snap(&self, at: f64) -> f64 {
        self.origin + ((at - self.origin) / self.step).round() * self.step
    }
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
    pub codec: ValueCodec,
    pub time: TimeDisplay,
    pub duration: DurationDisplay,
    pub window: ViewWindow,
    pub cursor: Option<f64>,
    pub hover: Option<f64>,
    pub regions: Vec<PlotRegion>,
    pub brush: BrushTool,
    pub draft: Option<Draft>,
    /// Colour of the armed label.
    pub draft_color: Option<String>,
    /// Labelling while playing, and where the region being marked begins.
    pub segment: SegmentTool,
    pub marking: Option<f64>,
    pub guides: Vec<GuideBar>,
    pub shows_guides: bool,
    pub frames: Option<FrameGrid>,
    /// A label is armed and the annotation can be edited.
    pub can_create: bool,
}

impl SeriesModel {
    pub fn new(mut spec: SeriesSpec, loaded: Loaded) -> Self {
        let columns = loaded.columns;
        spec.with_all_columns(&columns);
        let (time, duration) = spec.displays(loaded.codec.format());
        let window = ViewWindow::initial(&columns.axis, &spec.overview_width);
        Self {
            codec: loaded.codec,
            time,
            duration,
            window,
            columns,
            cursor: None,
            hover: None,
            regions: Vec::new(),
            brush: BrushTool::default(),
            draft: None,
            draft_color: None,
            segment: SegmentTool::default(),
            marking: None,
            guides: Vec::new(),
            shows_guides: true,
            frames: None,
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
    pub fn read_regions(&mut self, document: &Document, style: impl Fn(&Region) -> RegionLooks) {
        let regions: Vec<Arc<Region>> = document.regions_of(&self.spec.name).cloned().collect();
        self.regions = regions
            .iter()
            .filter_map(|region| {
                let Geometry::Series(range) = &region.geometry else { return None };
                let (start, end, instant) = self.place(range)?;
                let flags = document.flags(&region.id);
                let RegionLooks { color, opacity, caption, channels } = style(region);
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
                    control: region.items.first().map(|i| i.from_name.to_string()).unwrap_or_default(),
                    channels: self.columns_named(&channels),
                    mirror: region.meta.get("mirror").and_then(Value::as_str).map(str::to_owned),
                })
            })
            .collect();
        if self.draft.is_some_and(|d| d.region.is_some_and(|i| i >= self.regions.len())) {
            self.draft = None;
            self.brush = BrushTool::Idle;
        }
    }

    /// Places of the columns in a comma list; those that do not exist are left out, so that a region whose channels are
    /// all unknown is still seen.
    fn columns_named(&self, list: &str) -> Vec<usize> {
        list.split(',').filter_map(|name| self.columns.find_index(name)).collect()
    }

    /// What a track shows: the shared window, or the `timeRange` of its first channel that has one.
    pub fn track_window(&self, track: usize) -> ViewWindow {
        let lines = self.spec.tracks.get(track).map_or(&[][..], |t| &t.lines);
        let own = lines.iter().find(|l| !l.time_range.is_empty());
        own.map_or(self.window, |l| PlotScale::channel_window(self.window, &self.columns.axis, &l.time_range))
    }

    /// Whether every track shows the shared window.
    pub fn one_window(&self) -> bool {
        self.spec.tracks.iter().flat_map(|t| &t.lines).all(|l| l.time_range.is_empty())
    }

    /// Whether a track shows one of these columns; no columns are all of them.
    pub fn track_shows(&self, track: usize, channels: &[usize]) -> bool {
        let lines = self.spec.tracks.get(track).map_or(&[][..], |t| &t.lines);
        channels.is_empty()
            || lines
                .iter()
                .any(|l| self.columns.find_index(&l.column).is_some_and(|at| channels.contains(&at)))
    }

    /// The other regions of a label set on these channels, as the overlap policy sees them.
    pub fn held(&self, control: &str, channels: &[usize], without: Option<usize>) -> Vec<Held> {
        let meet = |a: &[usize], b: &[usize]| a.is_empty() || b.is_empty() || a.iter().any(|c| b.contains(c));
        self.regions
            .iter()
            .enumerate()
            .filter(|(at, r)| Some(*at) != without && r.control == control && meet(&r.channels, channels))
            .map(|(key, r)| Held {
                key: key as u64,
                start: r.start,
                end: r.end,
                instant: r.instant,
                locked: r.locked,
            })
            .collect()
    }

    fn brush_regions(&self, track: Option<usize>) -> Vec<BrushRegion> {
        self.regions
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.hidden && track.is_none_or(|t| self.track_shows(t, &r.channels)))
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

    /// Runs `f` with what the brush looks at, with the pointer over a track.
    pub fn with_scene<R>(
        &self,
        plot_width: f64,
        track: Option<usize>,
        f: impl FnOnce(&BrushScene<'_>) -> R,
    ) -> R {
        let regions = self.brush_regions(track);
        let frames = self.frames;
        let span = track.map_or(self.window, |t| self.track_window(t)).span();
        let snap_to_frame = move |at: f64| frames.map_or(at, |grid| grid.snap(at));
        f(&BrushScene {
            axis: &self.columns.axis,
            regions: &regions,
            snap: self.spec.snap,
            units_per_px: span / plot_width.max(1.0),
            can_create: self.can_create,
            frame_snap: frames.is_some().then_some(&snap_to_frame),
        })
    }

    /// A range in words: ends, duration, samples, and frames where a video is joined.
    pub fn describe(&self, start: f64, end: f64) -> String {
        let axis = &self.columns.axis;
        let ends = format!("{} – {}", self.time.format(axis, start), self.time.format(axis, end));
        let samples = axis.indexes(start, end).len();
        let mut text = format!("{ends} · {} · {samples} samples", self.duration.format(axis, start, end));
        if let Some(grid) = self.frames.filter(|g| g.step > 0.0) {
            text.push_str(&format!(" · {} frames", ((end - start) / grid.step).round()));
        }
        text
    }

    /// Where the user wants to go: a number in the unit of the axis, `12.5s`, `1:02:03`, `#120` for a sample, or a date.
    pub fn find_time(&self, text: &str) -> Option<f64> {
        let (axis, text) = (&self.columns.axis, text.trim());
        let plain = text.parse::<f64>().ok().filter(|v| v.is_finite() && !axis.is_dates());
        if let Some(value) = plain {
            return Some(axis.clamp(value));
        }
        let as_date = |text: &str| match self.codec.read_time(&Value::String(text.to_owned()), "") {
            Ok(Native::Date(ns)) => Some(axis.position_of(Native::Date(ns))),
            _ => None,
        };
        let found = match parse_goto(text, PlainNumber::Seconds, None) {
            Some(GoTo::Frame(sample)) => Some(axis.position(sample.0 as usize)),
            Some(GoTo::Time(local)) => Some(axis.position_at_local(local.0)),
            Some(GoTo::Date(date)) => as_date(&date),
            None => as_date(text),
        };
        found.filter(|at| at.is_finite()).map(|at| axis.clamp(at))
    }
}

/// The overlap policy of a label set.
pub(super) fn policy(control: Option<&Node>) -> Overlap {
    control.and_then(|c| c.raw("overlap")).and_then(Overlap::from_attribute).unwrap_or_default()
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
        m.read_regions(&document, |_| RegionLooks::default());
        assert_eq!(m.regions.len(), 1);
        let r = &m.regions[0];
        let again = m.geometry(r.start, r.end, r.instant);
        assert_eq!(again, document.region(&"A".into()).unwrap().geometry);
        assert_eq!(Value::from(document.serialize(&SaveOptions::default())), results);
    }

    #[test]
    fn a_region_of_no_time_is_left_out_and_not_lost() {
        let mut m = model("timeColumn=\"t\"", "t,a,b\n0,1,2\n1,3,4\n");
        let results = json!([{"id":"A","from_name":"l","to_name":"ts","type":"timeserieslabels","origin":"manual",
            "value":{"start":"soon","end":"later","timeserieslabels":["Run"]}}]);
        let document = Document::from_loaded(load(&results, &OpenSchema, ResultOptions::default()));
        m.read_regions(&document, |_| RegionLooks::default());
        assert!(m.regions.is_empty());
        assert_eq!(Value::from(document.serialize(&SaveOptions::default())), results);
    }

    fn with_regions(attributes: &str, channels: &str) -> SeriesModel {
        let mut m = model(attributes, "t,a,b\n0,1,2\n1,3,4\n2,5,6\n3,7,8\n");
        let region = |id: &str, start: f64, end: f64| {
            json!({"id":id,"from_name":"l","to_name":"ts","type":"timeserieslabels","origin":"manual",
                "value":{"start":start,"end":end,"instant":false,"timeserieslabels":["Run"]}})
        };
        let results = json!([region("A", 0.0, 1.0), region("B", 1.0, 3.0)]);
        let document = Document::from_loaded(load(&results, &OpenSchema, ResultOptions::default()));
        m.read_regions(&document, |region| RegionLooks {
            channels: if region.id.as_str() == "A" { channels.to_owned() } else { String::new() },
            ..RegionLooks::default()
        });
        m
    }

    #[test]
    fn ls_3893_a_region_lies_on_its_channels_only() {
        let m = with_regions("timeColumn=\"t\"", "B, unknown");
        assert_eq!(m.regions[0].channels, [1]);
        assert!(!m.track_shows(0, &m.regions[0].channels), "the first track shows column a alone");
        assert!(m.track_shows(1, &m.regions[0].channels) && m.track_shows(0, &m.regions[1].channels));
        let taken = |track| m.with_scene(100.0, Some(track), |scene| scene.regions.len());
        assert_eq!((taken(0), taken(1)), (1, 2));
        // On channel a there is nothing in the way.
        assert_eq!(m.held("l", &[0], Some(1)).len(), 0);
        assert_eq!(m.held("l", &[1], Some(1)).len(), 1);
        assert_eq!(m.held("other", &[], None).len(), 0);
    }

    #[test]
    fn a_channel_with_a_time_range_has_a_window_of_its_own() {
        let xml = r#"<View><TimeSeries name="ts" value="$csv" timeColumn="t" overviewWidth="100%"><Channel column="a"/>
            <Channel column="b" timeRange="1,2" scale="log"/></TimeSeries></View>"#;
        let tree = Config::new(xml).instantiate(&json!({"csv": "x"}));
        let spec = SeriesSpec::read(&tree, tree.by_name("ts").unwrap());
        let loaded = load_csv(b"t,a,b\n0,1,2\n1,3,4\n2,5,6\n3,7,8\n", &spec.load).unwrap();
        let m = SeriesModel::new(spec, loaded);
        let ends = |track| (m.track_window(track).start, m.track_window(track).end);
        assert_eq!((ends(0), ends(1)), ((0.0, 3.0), (1.0, 2.0)));
        assert!(!m.one_window() && m.spec.tracks[1].log && !m.spec.tracks[0].log);
        let per_px = |track| m.with_scene(100.0, Some(track), |scene| scene.units_per_px);
        assert_eq!((per_px(0), per_px(1)), (0.03, 0.01));
    }

    #[test]
    fn channels_that_are_all_unknown_hide_nothing() {
        assert_eq!(with_regions("timeColumn=\"t\"", "speed").regions[0].channels, [0usize; 0]);
    }

    #[test]
    fn ls_1326_any_moment_is_reached_by_name() {
        let m = with_regions("timeColumn=\"t\"", "");
        assert_eq!(m.find_time("2"), Some(2.0));
        assert_eq!(m.find_time(" 2.5s"), Some(2.5));
        assert_eq!(m.find_time("#1"), Some(0.0), "samples are counted from one");
        assert_eq!(m.find_time("0:01"), Some(1.0));
        assert_eq!(m.find_time("999"), Some(3.0));
        assert_eq!(m.find_time("soon"), None);
        let dated = model(
            "timeColumn=\"t\" timeFormat=\"%d.%m.%Y\"",
            "t,a,b\n20.03.2020,1,2\n21.03.2020,3,4\n25.03.2020,5,6\n",
        );
        let second = dated.columns.axis.position(1);
        for text in ["21.03.2020", "2020-03-21", "86400", "24:00:00", "#2"] {
            assert_eq!(dated.find_time(text), Some(second), "{text}");
        }
    }

    #[test]
    fn a_range_is_told_with_the_frames_of_the_video() {
        let mut m = with_regions("timeColumn=\"t\"", "");
        assert_eq!(m.describe(1.0, 3.0), "1 – 3 · 2 · 3 samples");
        m.frames = Some(FrameGrid { origin: 0.5, step: 0.25 });
        assert_eq!(m.describe(1.0, 3.0), "1 – 3 · 2 · 3 samples · 8 frames");
        assert_eq!(m.frames.map(|g| g.snap(1.1)), Some(1.0));
    }
}
