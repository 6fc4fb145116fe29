//! Attributes of TimeSeries, Channel and MultiChannel as plain values (spec/tags.md 4.6).

use tagloom_tags::{Node, Tree};
use tagloom_timeseries::{
    Columns, DurationDisplay, Interpolation, LoadOptions, NumberFormat, Snap, TimeDisplay, TimeSpec,
};
use tagloom_video_sync::FollowMode;

/// The series as configured.
#[derive(Clone, Debug)]
pub(super) struct SeriesSpec {
    pub name: String,
    pub load: LoadOptions,
    pub is_json: bool,
    /// `timeZone` as written.
    pub time_zone: String,
    pub time_display: String,
    pub duration_display: String,
    pub overview_channels: String,
    pub overview_width: String,
    pub cursor_color: Option<String>,
    pub snap: Snap,
    /// How the view follows the cursor.
    pub follow: FollowMode,
    /// The series that mirrored regions are shared with: those of the same `sync`.
    pub group: String,
    pub tracks: Vec<TrackSpec>,
}

/// One plot: a Channel, or the Channels of a MultiChannel over each other.
#[derive(Clone, Debug)]
pub(super) struct TrackSpec {
    pub height: f64,
    pub show_axis: bool,
    pub show_y_axis: bool,
    pub fixed_scale: bool,
    /// The value axis is logarithmic.
    pub log: bool,
    pub lines: Vec<LineSpec>,
}

#[derive(Clone, Debug)]
pub(super) struct LineSpec {
    pub column: String,
    pub legend: String,
    pub units: String,
    pub format: NumberFormat,
    pub interpolation: Interpolation,
    pub stroke_width: f64,
    pub stroke_color: Option<String>,
    pub marker_size: f64,
    pub marker_color: Option<String>,
    pub marker_symbol: MarkerSymbol,
    pub data_range: String,
    pub time_range: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkerSymbol {
    Circle,
    Square,
    TriangleUp,
    TriangleDown,
}

fn text(node: &Node, name: &str) -> String {
    node.raw(name).unwrap_or_default().trim().to_owned()
}

fn color(node: &Node, name: &str) -> Option<String> {
    Some(text(node, name)).filter(|c| !c.is_empty())
}

impl SeriesSpec {
    pub fn read(tree: &Tree, node: &Node) -> Self {
        let fixed = node.bool("fixedScale");
        let mut tracks = Vec::new();
        for child in tree.children(node.id) {
            collect(tree, child, fixed, &mut tracks);
        }
        let time_display = text(node, "timeDisplayFormat");
        let time = TimeSpec::from_attributes(
            &text(node, "timeColumn"),
            node.raw("timeFormat").unwrap_or_default(),
            &time_display,
            &text(node, "timeUnit"),
            &text(node, "sampleRate"),
        );
        let columns =
            tracks.iter().flat_map(|t: &TrackSpec| t.lines.iter().map(|l| l.column.clone())).collect();
        Self {
            name: node.name.clone().unwrap_or_default(),
            load: LoadOptions {
                separator: node.raw("sep").unwrap_or_default().to_owned(),
                time,
                columns,
                ..LoadOptions::default()
            },
            is_json: text(node, "valueType").eq_ignore_ascii_case("json"),
            time_zone: text(node, "timeZone"),
            time_display,
            duration_display: text(node, "durationDisplayFormat"),
            overview_channels: text(node, "overviewChannels"),
            overview_width: text(node, "overviewWidth"),
            cursor_color: color(node, "cursorColor"),
            snap: Snap::from_attribute(&text(node, "snap")).unwrap_or_default(),
            follow: FollowMode::from_attribute(&text(node, "follow")).unwrap_or_default(),
            group: text(node, "sync"),
            tracks,
        }
    }

    /// A series without any Channel shows every column there is.
    pub fn with_all_columns(&mut self, columns: &Columns) {
        if self.tracks.is_empty() {
            self.tracks = columns.columns.iter().map(|c| TrackSpec::plain(&c.name)).collect();
        }
    }

    pub fn displays(
        &self,
        format: Option<&tagloom_timeseries::TimeFormat>,
    ) -> (TimeDisplay, DurationDisplay) {
        (TimeDisplay::new(&self.time_display, format), DurationDisplay::new(&self.duration_display))
    }
}

impl TrackSpec {
    fn plain(column: &str) -> Self {
        Self {
            height: 120.0,
            show_axis: true,
            show_y_axis: true,
            fixed_scale: false,
            log: false,
            lines: vec![LineSpec {
                column: column.to_owned(),
                legend: column.to_owned(),
                units: String::new(),
                format: number_format(".1f"),
                interpolation: Interpolation::default(),
                stroke_width: 1.0,
                stroke_color: None,
                marker_size: 0.0,
                marker_color: None,
                marker_symbol: MarkerSymbol::Circle,
                data_range: String::new(),
                time_range: String::new(),
            }],
        }
    }
}

fn number_format(text: &str) -> NumberFormat {
    text.parse().unwrap_or_default()
}

fn collect(tree: &Tree, node: &Node, fixed: bool, out: &mut Vec<TrackSpec>) {
    match node.kind.as_str() {
        "channel" => {
            let line = line(node);
            out.push(track(node, fixed, vec![line]));
        }
        "multichannel" => {
            let lines: Vec<_> = tree.descendants(node.id).filter(|n| n.kind == "channel").map(line).collect();
            if !lines.is_empty() {
                out.push(track(node, fixed, lines));
            }
        }
        _ => {
            for child in tree.children(node.id) {
                collect(tree, child, fixed, out);
            }
        }
    }
}

fn track(node: &Node, fixed: bool, lines: Vec<LineSpec>) -> TrackSpec {
    TrackSpec {
        height: node.number("height").filter(|h| h.is_finite()).unwrap_or(200.0).clamp(24.0, 4000.0),
        show_axis: node.opt_bool("showAxis").unwrap_or(true),
        show_y_axis: node.opt_bool("showYAxis").unwrap_or(true),
        fixed_scale: node.opt_bool("fixedScale").unwrap_or(fixed),
        log: text(node, "scale").eq_ignore_ascii_case("log"),
        lines,
    }
}

fn line(node: &Node) -> LineSpec {
    let size = |name: &str, default: f64| {
        node.number(name).filter(|v| v.is_finite() && *v >= 0.0).unwrap_or(default).min(64.0)
    };
    LineSpec {
        column: text(node, "column"),
        legend: text(node, "legend"),
        units: text(node, "units"),
        format: number_format(node.str("displayFormat")),
        interpolation: node.str("interpolation").parse().unwrap_or_default(),
        stroke_width: size("strokeWidth", 1.0),
        stroke_color: color(node, "strokeColor"),
        marker_size: size("markerSize", 0.0),
        marker_color: color(node, "markerColor"),
        marker_symbol: match text(node, "markerSymbol").to_ascii_lowercase().as_str() {
            "square" => MarkerSymbol::Square,
            "triangle" | "triangleup" => MarkerSymbol::TriangleUp,
            "triangledown" => MarkerSymbol::TriangleDown,
            _ => MarkerSymbol::Circle,
        },
        data_range: text(node, "dataRange"),
        time_range: text(node, "timeRange"),
    }
}
