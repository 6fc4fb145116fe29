//! The tabs: annotations and predictions of a task.

use crate::action::AnnotationKey;
use serde_json::Value;
use tagloom_annotation_store::{Document, Notice};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnotationKind {
    Annotation,
    Prediction,
}

/// Where the newest work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SaveState {
    /// Nothing was changed since loading.
    #[default]
    Unchanged,
    /// In the journal on this machine.
    OnThisMachine,
    /// The server has it, as a draft or as an annotation.
    OnTheServer,
}

/// One tab.
#[derive(Clone, Debug)]
pub struct Annotation {
    pub key: AnnotationKey,
    pub kind: AnnotationKind,
    /// The server's id.
    pub pk: Option<String>,
    pub document: Document,
    /// The results as they were loaded; copies start from these.
    pub loaded: Value,
    pub notices: Vec<Notice>,
    pub created_by: String,
    pub created_at: Option<String>,
    pub model_version: Option<String>,
    pub score: Option<f64>,
    pub ground_truth: bool,
    pub skipped: bool,
    pub editable: bool,
    pub parent_prediction: Option<Value>,
    pub parent_annotation: Option<Value>,
    pub draft_id: u64,
    /// Shows unsaved work from a draft.
    pub from_draft: bool,
    /// Seconds stored with the annotation and with its draft.
    pub lead_time: f64,
    pub draft_lead_time: f64,
    /// Milliseconds since the epoch when this session with it began.
    pub started_at: f64,
    /// It was stored in this session, or came with a stored result: the next submit is an update.
    pub sent: bool,
    /// Revision of the document at loading and at the last storing.
    pub saved_revision: u64,
    pub draft_revision: u64,
    pub submitting: bool,
    /// Revision of what was handed to the host last; later changes are not stored with it.
    pub sending_revision: Option<u64>,
}

impl Annotation {
    pub fn is_prediction(&self) -> bool {
        self.kind == AnnotationKind::Prediction
    }
    /// Whether something was changed that is not stored as an annotation.
    pub fn is_dirty(&self) -> bool {
        self.from_draft || self.document.revision() != self.saved_revision
    }
    pub fn save_state(&self) -> SaveState {
        let revision = self.document.revision();
        if revision == 0 && !self.sent {
            SaveState::Unchanged
        } else if revision == self.saved_revision || revision == self.draft_revision {
            SaveState::OnTheServer
        } else {
            SaveState::OnThisMachine
        }
    }
}
