//! Every tag: attributes, results, tools and cases.
//!
//! One folder per tag, each with its [`TagSpec`]; [`TAGS`] is the only list of them. [`Config`] is a label config that
//! has been parsed and checked, [`Tree`] what it looks like for one task. Facts followed: `spec/tags.md`.
//!
//! Nothing here panics on a config or on task data; unknown tags stay in the tree without a [`TagSpec`].

mod build;
mod colors;
mod config;
mod hotkeys;
mod label_list;
mod node;
mod parsed;
mod registry;
mod required;
mod result_types;
mod sample;
pub mod spec;
mod templates;
mod tree;
mod validate;
mod value_rules;
mod visibility;

pub mod audio;
pub mod audio_plus;
pub mod bitmask;
pub mod bitmask_labels;
pub mod brush;
pub mod brush_labels;
pub mod bucket;
pub mod channel;
pub mod chat;
pub mod choice;
pub mod choices;
pub mod collapse;
pub mod custom_interface;
pub mod date_time;
pub mod dialog;
pub mod ellipse;
pub mod ellipse_labels;
pub mod filter;
pub mod header;
pub mod hyper_text;
pub mod hyper_text_labels;
pub mod image;
pub mod key_point;
pub mod key_point_labels;
pub mod label;
pub mod labels;
pub mod list;
pub mod magic_wand;
pub mod markdown;
pub mod multi_channel;
pub mod number;
pub mod ocr_labels;
pub mod paged_view;
pub mod pairwise;
pub mod panel;
pub mod paragraph_labels;
pub mod paragraphs;
pub mod pdf;
pub mod polygon;
pub mod polygon_labels;
pub mod ranker;
pub mod rating;
pub mod react_code;
pub mod rectangle;
pub mod rectangle_labels;
pub mod relation;
pub mod relations;
pub mod repeater;
pub mod shortcut;
pub mod style;
pub mod table;
pub mod taxonomy;
pub mod text;
pub mod text_area;
pub mod time_series;
pub mod time_series_labels;
pub mod time_series_overview;
pub mod timeline_labels;
pub mod vector;
pub mod vector_labels;
pub mod video;
pub mod video_rectangle;
pub mod video_vector;
pub mod video_vector_labels;
pub mod view;

pub use colors::{PALETTE, UNLABELED, label_color, label_color_at};
pub use config::Config;
pub use hotkeys::{GlobalKey, alternatives, assign_hotkeys, global_keys, normalize_key};
pub use label_list::LabelSpec;
pub use node::{Node, NodeId};
pub use parsed::{
    config_has_control_tags, control_weights, data_types, parsed_label_config, required_data_keys,
};
pub use registry::{TAGS, find};
pub use required::{Missing, RequiredContext, first_missing};
pub use result_types::{json_schema, typescript};
pub use sample::sample_task;
pub use spec::{
    AttrType, AttributeGroup, AttributeSpec, Content, Named, ResultSpec, TagKind, TagSpec, Targets,
};
pub use templates::{TEMPLATES, Template};
pub use tree::{Descendants, Tree};
pub use validate::validate_for_save;
pub use value_rules::value_problem;
pub use visibility::{RegionFacts, VisibilityContext, kept_on_save, visible};
