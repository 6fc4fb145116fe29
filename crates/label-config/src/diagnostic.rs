//! What is wrong with a config, where, and how to repair it.

use crate::span::{LineIndex, Span};
use serde::{Serialize, Serializer};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The config works, but not in the way it reads.
    Info,
    /// Probably not what was meant.
    Warning,
    /// The config cannot be used as written.
    Error,
}

impl Severity {
    /// Lower-case English word, as printed in front of a message.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Stable name of a kind of problem. The `ERR_*` ones are Label Studio's (tags.md 8.1).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in order of declaration.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The text that stands for the code in JSON, logs and reports. Never changes.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }
        }
    };
}

codes! {
    /// A mandatory attribute is missing.
    Required = "ERR_REQUIRED",
    /// A tag that the config does not have is referred to by name.
    TagNotFound = "ERR_TAG_NOT_FOUND",
    /// The control cannot label that object.
    TagUnsupported = "ERR_TAG_UNSUPPORTED",
    /// A tag stands outside the tag it needs around it.
    ParentTagUnexpected = "ERR_PARENT_TAG_UNEXPECTED",
    /// An attribute value has the wrong type.
    BadType = "ERR_BAD_TYPE",
    /// No such tag.
    UnknownTag = "ERR_UNKNOWN_TAG",
    /// Anything else Label Studio reports: duplicate names, disallowed children, contradicting attributes.
    General = "ERR_GENERAL",
    /// The config is larger than the limits allow.
    TooLarge = "xml-too-large",
    /// Elements are nested too deeply.
    TooDeep = "xml-too-deep",
    /// There are more elements than the limits allow.
    TooManyElements = "xml-too-many-elements",
    /// So many mistakes that reading stopped.
    TooManyProblems = "xml-too-many-problems",
    /// There is no element at all.
    Empty = "xml-empty",
    /// Document type and entity declarations are refused.
    Doctype = "xml-doctype",
    /// The end tag does not belong to the open element.
    MismatchedTag = "xml-mismatched-tag",
    /// An element is never closed.
    UnclosedTag = "xml-unclosed-tag",
    /// An end tag without a start tag.
    UnmatchedEndTag = "xml-unmatched-end-tag",
    /// `<` in text or in an attribute value.
    UnescapedLt = "xml-unescaped-lt",
    /// `&` that does not start a character reference.
    UnescapedAmp = "xml-unescaped-amp",
    /// A reference to an entity XML does not define.
    UnknownEntity = "xml-unknown-entity",
    /// A quote that is never closed.
    UnclosedQuote = "xml-unclosed-quote",
    /// An attribute value without quotes.
    UnquotedValue = "xml-unquoted-value",
    /// An attribute without a value.
    MissingValue = "xml-missing-value",
    /// The same attribute twice on one element.
    DuplicateAttribute = "xml-duplicate-attribute",
    /// Not a possible name of an element or attribute.
    BadName = "xml-bad-name",
    /// A comment, CDATA section or processing instruction without an end, or unknown `<!` markup.
    BadMarkup = "xml-bad-markup",
    /// More than one element at the top.
    MultipleRoots = "xml-multiple-roots",
    /// Text outside the root element.
    TextOutsideRoot = "xml-text-outside-root",
    /// A comment looks like a sample task and is not JSON.
    SampleTask = "sample-task-invalid",
    /// The tag has no attribute of that name.
    UnknownAttribute = "unknown-attribute",
    /// A tag name differs from the registered one in upper and lower case only.
    TagCase = "tag-case",
    /// Two labels, or a label and the editor, want the same key.
    HotkeyConflict = "hotkey-conflict",
    /// Two labels of one control store the same value.
    DuplicateLabel = "duplicate-label",
    /// A control without any label or choice.
    NoLabels = "no-labels",
    /// The tag is known and does nothing in this editor.
    NotAvailable = "not-available",
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One replacement in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text; empty for a deletion.
    pub text: String,
}

/// A repair that an editor can offer as one click.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What the button says.
    pub title: String,
    /// Replacements that do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A repair that replaces one place.
    pub fn replace(title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        Self { title: title.into(), edits: vec![Edit { span, text: text.into() }] }
    }

    /// `source` after the repair. Edits outside the source are left out.
    pub fn apply(&self, source: &str) -> String {
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        edits.sort_by_key(|edit| edit.span);
        let mut out = String::with_capacity(source.len());
        let mut done = 0;
        for edit in edits {
            let Some(kept) = source.get(done..edit.span.start) else { continue };
            if source.get(edit.span.start..edit.span.end).is_none() {
                continue;
            }
            out.push_str(kept);
            out.push_str(&edit.text);
            done = edit.span.end;
        }
        out.push_str(source.get(done..).unwrap_or(""));
        out
    }
}

/// One problem of a config.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnostic {
    /// What kind of problem.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One sentence for people.
    pub message: String,
    /// Where, in bytes of the source.
    pub span: Span,
    /// 1-based line of the start of the span.
    pub line: usize,
    /// 1-based column of the start of the span, in code points.
    pub column: usize,
    /// A known repair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Name of the tag at fault, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Name of the attribute at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The value at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What would have been valid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid: Vec<String>,
}

impl Diagnostic {
    /// By place, and the gravest first where several are at one place.
    pub fn reading_order(&self, other: &Self) -> std::cmp::Ordering {
        self.span.start.cmp(&other.span.start).then(other.severity.cmp(&self.severity))
    }

    /// A problem at `span`. Line and column are filled in by [`Diagnostic::locate`].
    pub fn new(code: Code, severity: Severity, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            span,
            line: 1,
            column: 1,
            fix: None,
            tag: None,
            attribute: None,
            value: None,
            valid: Vec::new(),
        }
    }

    /// An error at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, span, message)
    }

    /// A warning at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, span, message)
    }

    /// A hint at `span`.
    pub fn info(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Info, span, message)
    }

    /// Name the tag at fault.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Name the attribute at fault.
    pub fn attribute(mut self, attribute: impl Into<String>) -> Self {
        self.attribute = Some(attribute.into());
        self
    }

    /// Quote the value at fault.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// List what would have been valid.
    pub fn valid<S: Into<String>>(mut self, valid: impl IntoIterator<Item = S>) -> Self {
        self.valid = valid.into_iter().map(Into::into).collect();
        self
    }

    /// Attach a repair.
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// Compute line and column from the span.
    pub fn locate(&mut self, source: &str, lines: &LineIndex) {
        let place = lines.line_column(source, self.span.start);
        self.line = place.line;
        self.column = place.column;
    }

    /// Whether the config cannot be used as written.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }

    #[test]
    fn fixes_apply_in_source_order_whatever_their_order() {
        let fix = Fix {
            title: String::new(),
            edits: vec![
                Edit { span: Span::new(4, 5), text: "E".into() },
                Edit { span: Span::at(0), text: ">".into() },
                Edit { span: Span::new(90, 91), text: "no".into() },
            ],
        };
        assert_eq!(fix.apply("abcdef"), ">abcdEf");
    }
}
