//! What a dispatched action changed, and what the host is told.

use crate::action::AnnotationKey;
use serde_json::Value;
use tagloom_annotation_store::Changes;

/// What a view must read again, beside the document's own changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stale {
    /// Task or config: the tag tree is another one.
    pub tree: bool,
    /// Another annotation is shown, so every region is another one.
    pub document: bool,
    pub tabs: bool,
    pub armed: bool,
    pub tools: bool,
    pub settings: bool,
    pub messages: bool,
    pub relation_mode: bool,
    pub items: bool,
}

impl Stale {
    pub(crate) fn absorb(&mut self, later: Self) {
        self.tree |= later.tree;
        self.document |= later.document;
        self.tabs |= later.tabs;
        self.armed |= later.armed;
        self.tools |= later.tools;
        self.settings |= later.settings;
        self.messages |= later.messages;
        self.relation_mode |= later.relation_mode;
        self.items |= later.items;
    }
}

/// The result of [`crate::Editor::dispatch`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    pub changes: Changes,
    pub stale: Stale,
    pub events: Vec<EditorEvent>,
}

impl Update {
    pub fn absorb(&mut self, later: Self) {
        self.changes.absorb(later.changes);
        self.stale.absorb(later.stale);
        self.events.extend(later.events);
    }
}

/// Events for the host, named as in spec/editor-api.md 1.3. Payloads are the request bodies of 1.5.
#[derive(Clone, Debug, PartialEq)]
pub enum EditorEvent {
    SubmitAnnotation {
        key: AnnotationKey,
        payload: Value,
    },
    UpdateAnnotation {
        key: AnnotationKey,
        pk: String,
        payload: Value,
    },
    DeleteAnnotation {
        key: AnnotationKey,
        pk: Option<String>,
    },
    SkipTask {
        key: AnnotationKey,
        payload: Value,
    },
    UnskipTask {
        key: AnnotationKey,
        pk: Option<String>,
    },
    AcceptAnnotation {
        key: AnnotationKey,
        payload: Value,
        dirty: bool,
    },
    RejectAnnotation {
        key: AnnotationKey,
        payload: Value,
        dirty: bool,
    },
    /// The content changed; a draft should be stored soon.
    DraftChanged {
        key: AnnotationKey,
        revision: u64,
    },
    EntityCreate {
        results: Vec<Value>,
    },
    EntityDelete {
        id: String,
    },
    GroundTruth {
        key: AnnotationKey,
        pk: Option<String>,
        value: bool,
    },
    SelectAnnotation {
        key: AnnotationKey,
        previous: Option<AnnotationKey>,
    },
    RegionFinishedDrawing {
        id: String,
    },
    TaskLoaded,
}

impl EditorEvent {
    /// The event name that hosts listen to.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SubmitAnnotation { .. } => "submitAnnotation",
            Self::UpdateAnnotation { .. } => "updateAnnotation",
            Self::DeleteAnnotation { .. } => "deleteAnnotation",
            Self::SkipTask { .. } => "skipTask",
            Self::UnskipTask { .. } => "unskipTask",
            Self::AcceptAnnotation { .. } => "acceptAnnotation",
            Self::RejectAnnotation { .. } => "rejectAnnotation",
            Self::DraftChanged { .. } => "submitDraft",
            Self::EntityCreate { .. } => "entityCreate",
            Self::EntityDelete { .. } => "entityDelete",
            Self::GroundTruth { .. } => "groundTruth",
            Self::SelectAnnotation { .. } => "selectAnnotation",
            Self::RegionFinishedDrawing { .. } => "regionFinishedDrawing",
            Self::TaskLoaded => "storageInitialized",
        }
    }
}
