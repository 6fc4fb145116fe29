//! What loading must know of a config, without knowing any tag.

/// A control as far as results are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlInfo {
    pub name: String,
    /// Tag in lower case, which is also its result type.
    pub kind: String,
    pub to_names: Vec<String>,
    /// Stored label or choice values; empty where the config does not fix them.
    pub labels: Vec<String>,
    pub allow_empty: bool,
}

/// Answers from a config.
pub trait Schema {
    fn control(&self, name: &str) -> Option<ControlInfo>;
    /// The object's tag in lower case.
    fn object(&self, name: &str) -> Option<String>;
    /// Controls of an object, in document order.
    fn controls_of(&self, object: &str) -> Vec<ControlInfo>;
}

/// A schema that knows nothing and therefore takes everything as it comes; kinds of object are guessed from results.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenSchema;

impl Schema for OpenSchema {
    fn control(&self, _name: &str) -> Option<ControlInfo> {
        None
    }
    fn object(&self, _name: &str) -> Option<String> {
        None
    }
    fn controls_of(&self, _object: &str) -> Vec<ControlInfo> {
        Vec::new()
    }
}
