//! Configs to start from, shown in the gallery. All of them use only tags that are drawn.

use serde::Serialize;

/// A config to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Stable key, used in addresses.
    pub id: &'static str,
    /// Name in the gallery.
    pub title: &'static str,
    /// Heading it stands under.
    pub group: &'static str,
    /// One or two sentences on what it is for.
    pub details: &'static str,
    /// The label config.
    pub config: &'static str,
}

const IMAGES: &str = "Images";
const TEXTS: &str = "Text";
const PAGES: &str = "HTML";
const SERIES: &str = "Time series";

/// The gallery, in the order in which it is shown.
pub static TEMPLATES: &[Template] = &[
    Template {
        id: "image-boxes",
        title: "Boxes on images",
        group: IMAGES,
        details: "Draw rectangles around things and name them. For object detection.",
        config: include_str!("image_boxes.xml"),
    },
    Template {
        id: "image-boxes-with-details",
        title: "Boxes with questions",
        group: IMAGES,
        details: "Each box is asked how well it can be seen; signs are asked what they say.",
        config: include_str!("image_boxes_with_details.xml"),
    },
    Template {
        id: "image-tool-and-labels",
        title: "One tool, separate labels",
        group: IMAGES,
        details: "The rectangle tool and the labels are tags of their own, so that boxes may stay unlabeled.",
        config: include_str!("image_tool_and_labels.xml"),
    },
    Template {
        id: "image-classification",
        title: "Sort images",
        group: IMAGES,
        details: "One answer per image. The keys 1 to 4 answer without the mouse.",
        config: include_str!("image_classification.xml"),
    },
    Template {
        id: "image-panels",
        title: "Scans with panels",
        group: IMAGES,
        details: "Boxes and a question about the whole page, in panels that fold.",
        config: include_str!("panels.xml"),
    },
    Template {
        id: "text-ner",
        title: "Names in text",
        group: TEXTS,
        details: "Mark people, places and dates, and connect them with relations.",
        config: include_str!("text_ner.xml"),
    },
    Template {
        id: "text-classification",
        title: "Mood of a text",
        group: TEXTS,
        details: "One answer per text.",
        config: include_str!("text_classification.xml"),
    },
    Template {
        id: "text-topics",
        title: "Topics with a follow-up",
        group: TEXTS,
        details: "Several answers per text; one of them opens a second question.",
        config: include_str!("text_topics.xml"),
    },
    Template {
        id: "html-ner",
        title: "Parts of a web page",
        group: PAGES,
        details: "Mark products, prices and shops in HTML. Scripts of the page never run.",
        config: include_str!("html_ner.xml"),
    },
    Template {
        id: "html-reading",
        title: "Does the article answer?",
        group: PAGES,
        details: "Read a page in its own frame, answer a question about it and mark the passage.",
        config: include_str!("html_reading.xml"),
    },
    Template {
        id: "time-series",
        title: "Sensor recording",
        group: SERIES,
        details: "Mark ranges and moments over two channels of a CSV file.",
        config: include_str!("time_series.xml"),
    },
    Template {
        id: "time-series-dates",
        title: "Series over calendar days",
        group: SERIES,
        details: "Data inside the task, with dates and number formats.",
        config: include_str!("time_series_dates.xml"),
    },
    Template {
        id: "time-series-video",
        title: "Series beside a video",
        group: SERIES,
        details: "A video inside HTML follows the series, and the series follows the video.",
        config: include_str!("time_series_video.xml"),
    },
    Template {
        id: "video-and-sensors",
        title: "Video in step with sensors",
        group: SERIES,
        details: "Video and series share a sync group, so playing one moves the cursor of the other.",
        config: include_str!("video_and_sensors.xml"),
    },
];
