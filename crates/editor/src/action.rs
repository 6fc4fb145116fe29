//! What a person, a view or a host can ask of the editor.

use crate::message::Message;
use crate::settings::Settings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tagloom_annotation_store::{Command, Direction, Geometry, RegionId};
use tagloom_tags::NodeId;

/// Identifies a tab inside one editor; never reused, never the server's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AnnotationKey(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectMode {
    Replace,
    /// ctrl/cmd+click: adds, or takes away what is selected already.
    Toggle,
    /// shift+click: everything between the last selected region and this one, in creation order.
    Range,
}

/// What the pointer does on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tool {
    #[default]
    Select,
    Pan,
    /// Draws with this control: a bare shape tool or a `*Labels`.
    Draw(NodeId),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A command for the document of the selected annotation.
    Apply(Command),
    /// A new region with what the armed labels or the active tool say; see [`crate::Editor::can_draw`].
    CreateRegion {
        object: String,
        geometry: Geometry,
        frame: Map<String, Value>,
        item_index: Option<u64>,
    },
    /// Arms a label, or relabels the selected regions (spec/tags.md 3.5).
    ToggleLabel {
        control: NodeId,
        label: NodeId,
    },
    DisarmLabels,
    /// What a classification control says: of the object, of the selected region (`perRegion`) or of the current item
    /// (`perItem`). `None`, empty lists and empty texts take the result away.
    SetValue {
        control: NodeId,
        value: Option<Value>,
    },
    ToggleChoice {
        control: NodeId,
        choice: NodeId,
    },

    /// In relation mode this finishes the relation instead.
    Select {
        ids: Vec<RegionId>,
        mode: SelectMode,
    },
    SelectNext,
    /// The n-th region of the list, 1-based.
    SelectNth(usize),
    Unselect,
    DeleteSelected,
    DeleteAll,
    DuplicateSelected,
    /// Adds regions from a JSON result list; ids are made anew.
    Paste(String),
    ToggleHidden(Vec<RegionId>),
    ToggleAllHidden,
    ToggleLocked(Vec<RegionId>),
    SetNote {
        id: RegionId,
        text: String,
    },

    /// From the one selected region.
    StartRelation,
    CancelRelation,
    FinishRelation(RegionId),
    SetRelation {
        index: usize,
        direction: Direction,
        labels: Option<Vec<String>>,
    },

    SetTool {
        object: String,
        tool: Tool,
    },
    /// The shown item of a multi-item object.
    SetItemIndex {
        object: String,
        index: u64,
    },

    SelectAnnotation(AnnotationKey),
    NewAnnotation,
    /// Copies the loaded results of an annotation or a prediction into a new annotation.
    CopyAnnotation(AnnotationKey),
    DeleteAnnotation(AnnotationKey),
    SetGroundTruth(AnnotationKey, bool),

    /// Submit, update or (in review) accept, whatever fits the annotation.
    Submit,
    Skip {
        comment: Option<String>,
    },
    Unskip,
    Accept,
    Reject {
        comment: Option<String>,
    },
    /// The host stored the annotation under this server id.
    Saved {
        key: AnnotationKey,
        pk: Option<String>,
    },
    /// The host could not; the work stays as a draft and can be sent again.
    SaveFailed {
        key: AnnotationKey,
        message: String,
    },
    /// What the server has of the annotation now, in place of what is shown, which is one undo away.
    TakeStored {
        key: AnnotationKey,
        stored: Box<Value>,
    },
    /// The host did not send after all; nothing is said, and the work stays as it is.
    SendStopped {
        key: AnnotationKey,
    },
    /// The host stored the draft of this revision.
    DraftSaved {
        key: AnnotationKey,
        revision: u64,
        draft_id: Option<u64>,
    },

    SetSettings(Box<Settings>),
    Show(Message),
    DismissMessage(u64),
    AssignTask(Box<Value>),
    AssignConfig(String),
}
