//! The headless editor: one task, its annotations and predictions, armed labels, tools, settings, keys, submitting.
//!
//! Contract, odd cases first:
//! - [`Editor::new`] never fails: a broken config, a task that is no object or a result that cannot be read gives an
//!   editor with diagnostics and notices, and everything that can work does.
//! - [`Editor::dispatch`] is synchronous and total. An action that makes no sense changes nothing and, where a person
//!   should know, leaves a [`Message`]. Host events come back in [`Update::events`], to be delivered when no borrow
//!   of the editor is open.
//! - Nothing is lost on the way to the server: every change of content is handed to the [`Journal`] before
//!   `dispatch` returns, and is taken out only when the host says that it is stored.
//! - No clock and no randomness of its own but region ids: time comes from [`Clock`].

mod action;
mod annotation;
mod armed;
mod choices;
mod clipboard;
mod draw;
mod editor;
mod journal;
mod key;
mod keymap;
mod labels;
mod message;
mod nodes;
mod options;
mod schema;
mod settings;
mod style;
mod submit;
mod task;
mod update;
mod values;
mod visibility;

pub use action::{Action, AnnotationKey, SelectMode, Tool};
pub use annotation::{Annotation, AnnotationKind, SaveState};
pub use armed::Armed;
pub use draw::{DrawPlan, is_shape_control};
pub use editor::{Clock, Editor};
pub use journal::{Journal, JournalEntry, MemoryJournal};
pub use key::{KeyPress, KeyTarget};
pub use keymap::{Binding, Command as KeyCommand, Keymap, commands};
pub use message::{Message, MessageKind};
pub use nodes::TreeNodes;
pub use options::{EditorOptions, Interfaces, User};
pub use settings::Settings;
pub use style::RegionStyle;
pub use submit::{Problem, SubmitState};
pub use task::Task;
pub use update::{EditorEvent, Stale, Update};

pub use tagloom_annotation_store as store;
pub use tagloom_label_config as label_config;
pub use tagloom_tags as tags;
