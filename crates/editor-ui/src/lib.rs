//! Leptos views of the editor: panels, one folder per tag view, canvas painter, signal bridge, design tokens.
//!
//! No business rules live here: views read [`tagloom_editor::Editor`] through [`EditorContext`] and dispatch actions.

pub mod canvas;
pub mod components;
pub mod context;
pub mod css;
pub mod fetch;
pub mod frame;
pub mod frame_index;
pub mod html;
mod html_quiet;
pub mod icons;
pub mod journal;
pub mod media;
pub mod next_frame;
pub mod painter;
pub mod panels;
mod styles;
pub mod tags;

pub use context::{EditorContext, EventHandler, use_editor};
pub use frame::LabelingScreen;
pub use styles::STYLES;
