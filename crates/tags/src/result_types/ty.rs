//! A small type language that both printers understand.

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    Str,
    Num,
    Int,
    Bool,
    Any,
    /// One of these strings.
    Words(Vec<String>),
    /// One of these numbers.
    Numbers(Vec<u32>),
    /// Text around a whole number: a name made by a Repeater.
    Numbered {
        before: String,
        after: String,
    },
    List(Box<Ty>),
    /// Exactly two numbers.
    Pair,
    /// Named fields; `open` ones may have further fields.
    Object {
        fields: Vec<Field>,
        open: bool,
    },
    OneOf(Vec<Ty>),
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) required: bool,
}

/// A field that is always there.
pub(super) fn field(name: &str, ty: Ty) -> Field {
    Field { name: name.to_owned(), ty, required: true }
}

/// A field that may be missing.
pub(super) fn optional(name: &str, ty: Ty) -> Field {
    Field { required: false, ..field(name, ty) }
}

pub(super) fn list(of: Ty) -> Ty {
    Ty::List(Box::new(of))
}

pub(super) fn object(fields: Vec<Field>) -> Ty {
    Ty::Object { fields, open: false }
}

pub(super) fn words(words: &[&str]) -> Ty {
    Ty::Words(words.iter().map(|word| (*word).to_owned()).collect())
}
