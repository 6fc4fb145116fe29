//! One attribute of a tag and how to write it down.

/// What an attribute value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttrType {
    /// Any text.
    Str,
    /// `true` or `false`.
    Bool,
    /// A number written as text.
    Number,
    /// A CSS color.
    Color,
    /// A number from 0 to 1.
    Unit,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Text in which `$variables` are replaced by task data.
    Variable,
    /// CSS declarations or a CSS length.
    Css,
    /// Comma separated words.
    List,
    /// An ISO date, or a year.
    Date,
}

impl AttrType {
    /// Short name for messages and reference pages.
    pub fn describe(self) -> String {
        match self {
            Self::Str => "string".into(),
            Self::Bool => "true, false".into(),
            Self::Number => "number".into(),
            Self::Color => "color".into(),
            Self::Unit => "number from 0 to 1".into(),
            Self::Enum(words) => words.join(", "),
            Self::Variable => "text or $variable".into(),
            Self::Css => "CSS".into(),
            Self::List => "comma separated list".into(),
            Self::Date => "date".into(),
        }
    }
}

/// One attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeSpec {
    /// Name as users write it, camelCase.
    pub name: &'static str,
    /// What the value must look like.
    pub ty: AttrType,
    /// The value that counts when the attribute is missing.
    pub default: Option<&'static str>,
    /// Missing is an error.
    pub required: bool,
    /// What it does, as the tag reference says it.
    pub doc: &'static str,
}

impl AttributeSpec {
    const fn new(name: &'static str, ty: AttrType, doc: &'static str) -> Self {
        Self { name, ty, default: None, required: false, doc: about(doc) }
    }

    /// The value that counts when the attribute is missing.
    pub const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Missing is an error.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Whether `$variables` in it are replaced by task data.
    pub fn is_bound(&self) -> bool {
        self.ty == AttrType::Variable
    }
}

/// A sentence of the tag reference; empty in builds without the feature `docs`, which ship to browsers.
pub(crate) const fn about(sentence: &'static str) -> &'static str {
    if cfg!(feature = "docs") { sentence } else { "" }
}

/// Any text.
pub const fn text(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Str, doc)
}

/// `true` or `false`.
pub const fn flag(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Bool, doc)
}

/// A number.
pub const fn number(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Number, doc)
}

/// A CSS color.
pub const fn color(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Color, doc)
}

/// A number from 0 to 1.
pub const fn unit(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Unit, doc)
}

/// One of some words.
pub const fn one_of(name: &'static str, words: &'static [&'static str], doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Enum(words), doc)
}

/// Text bound to task data.
pub const fn bound(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Variable, doc)
}

/// CSS declarations or a CSS length.
pub const fn css(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Css, doc)
}

/// Comma separated words.
pub const fn list(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::List, doc)
}

/// An ISO date or a year.
pub const fn date(name: &'static str, doc: &'static str) -> AttributeSpec {
    AttributeSpec::new(name, AttrType::Date, doc)
}
