//! Messages for the person: inline where possible, each said once.

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    Info,
    Warning,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Given by the editor when it is shown; 0 before.
    pub id: u64,
    pub kind: MessageKind,
    pub text: String,
    /// Where it belongs: a tag's name, or nothing for the whole screen.
    pub place: Option<String>,
}

impl Message {
    pub fn new(kind: MessageKind, text: impl Into<String>) -> Self {
        Self { id: 0, kind, text: text.into(), place: None }
    }
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(MessageKind::Warning, text)
    }
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(MessageKind::Error, text)
    }
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}
