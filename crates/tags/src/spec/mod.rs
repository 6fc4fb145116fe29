//! What a tag is: its attributes, where it may stand, what it can label and what it writes.

pub mod attr;
mod groups;
pub mod nesting;

pub use attr::{AttrType, AttributeSpec};
pub use groups::AttributeGroup;

/// The part a tag plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TagKind {
    /// Shows task data that is labeled.
    Object,
    /// A piece of an object: Channel, MultiChannel.
    ObjectPart,
    /// Makes results.
    Control,
    /// A piece of a control: Label, Choice, Shortcut, Bucket, Relation.
    ControlPart,
    /// Layout and text around the work.
    Visual,
    /// Gone, or made, before the tree is built: Repeater, PagedView.
    Construct,
}

/// Whether the tag has a `name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// Missing is ERR_REQUIRED.
    Required,
    /// May have one.
    Optional,
    /// Does not take one; a `name` on a visual tag is still accepted.
    No,
}

/// What may stand between the start and the end tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// Child tags, or text that becomes `value`.
    Tags,
    /// Markup of another language (HTML, CSS, Markdown): it is the `value`, never tags.
    Markup,
}

/// Which objects a control may name in `toName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// Not a control, or nothing to name.
    None,
    /// Any object.
    Any,
    /// Makes sense on these; not checked by Label Studio, so another one is only a warning.
    Usual(&'static [&'static str]),
    /// Only these; anything else is ERR_TAG_UNSUPPORTED.
    Only(&'static [&'static str]),
}

/// The result a control writes (results.md 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultSpec {
    /// `type` of the result item.
    pub type_name: &'static str,
    /// Key of the control's own data in `value`; `None` for bare shape tools, which have only geometry.
    pub value_key: Option<&'static str>,
    /// Whether the control makes regions (geometry in `value`) rather than classifications.
    pub region: bool,
}

/// Everything known about one tag. The only list of them is [`crate::TAGS`].
#[derive(Debug)]
pub struct TagSpec {
    /// Name as Label Studio writes it; look-ups ignore case.
    pub name: &'static str,
    /// The part it plays.
    pub kind: TagKind,
    /// What the tag is for, one or two sentences.
    pub doc: &'static str,
    /// The tag this is another name of.
    pub alias_of: Option<&'static str>,
    /// Known from Label Studio Enterprise; parsed and kept, without a view of its own.
    pub enterprise: bool,
    /// Whether it has a `name`.
    pub named: Named,
    /// Its own attributes; they win over those of the groups.
    pub attributes: &'static [AttributeSpec],
    /// Attributes shared with other tags.
    pub groups: &'static [AttributeGroup],
    /// Tags allowed directly inside.
    pub children: &'static [&'static str],
    /// What may stand inside.
    pub content: Content,
    /// Tags of which one must be around it, at any distance; empty for no demand.
    pub parents: &'static [&'static str],
    /// Objects it can label.
    pub targets: Targets,
    /// What it writes.
    pub result: Option<ResultSpec>,
    /// The tag made from task data when `value` is an array (tags.md 2.2).
    pub dynamic_child: Option<&'static str>,
    /// Whether the editor has a view for it; without one its name is shown on a card and its results are kept.
    pub drawn: bool,
    /// Whether it reacts to a `hotkey` and takes part in automatic keys (tags.md 3.4).
    pub hotkey: bool,
}

impl PartialEq for TagSpec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for TagSpec {}

impl TagSpec {
    const BASE: TagSpec = TagSpec {
        name: "",
        kind: TagKind::Visual,
        doc: "",
        alias_of: None,
        enterprise: false,
        named: Named::No,
        attributes: &[],
        groups: &[],
        children: &[],
        content: Content::Tags,
        parents: &[],
        targets: Targets::None,
        result: None,
        dynamic_child: None,
        drawn: false,
        hotkey: false,
    };

    /// Start of the description of an object tag.
    pub const OBJECT: TagSpec = TagSpec {
        kind: TagKind::Object,
        named: Named::Required,
        groups: &[AttributeGroup::Name],
        ..Self::BASE
    };

    /// Start of the description of a control tag.
    pub const CONTROL: TagSpec = TagSpec {
        kind: TagKind::Control,
        named: Named::Required,
        groups: &[AttributeGroup::Base],
        targets: Targets::Any,
        ..Self::BASE
    };

    /// Start of the description of a labels tag: a control whose children are labels.
    pub const LABELS: TagSpec = TagSpec {
        groups: &[AttributeGroup::Base, AttributeGroup::Labels],
        children: nesting::SHAPE_LABELS,
        dynamic_child: Some("Label"),
        ..Self::CONTROL
    };

    /// Start of the description of a visual tag.
    pub const VISUAL: TagSpec = Self::BASE;

    /// Start of the description of a piece of an object or control.
    pub const PART: TagSpec = TagSpec { kind: TagKind::ControlPart, ..Self::BASE };

    /// The attribute of that name, whatever its case; own ones win over groups.
    pub fn attribute(&self, name: &str) -> Option<&'static AttributeSpec> {
        let own = self.attributes.iter();
        own.chain(self.groups.iter().flat_map(|group| group.attributes()))
            .find(|a| a.name.eq_ignore_ascii_case(name))
    }

    /// Every attribute once, own ones first.
    pub fn all_attributes(&self) -> Vec<&'static AttributeSpec> {
        let mut all: Vec<&'static AttributeSpec> = Vec::new();
        for attribute in self.attributes.iter().chain(self.groups.iter().flat_map(|group| group.attributes()))
        {
            if !all.iter().any(|known| known.name.eq_ignore_ascii_case(attribute.name)) {
                all.push(attribute);
            }
        }
        all
    }

    /// The name of the tag this is, aliases resolved: AudioPlus gives Audio.
    pub fn model(&self) -> &'static str {
        self.alias_of.unwrap_or(self.name)
    }

    /// Whether it shows task data.
    pub fn is_object(&self) -> bool {
        self.kind == TagKind::Object
    }

    /// Whether it makes results of its own (has a result type).
    pub fn is_control(&self) -> bool {
        self.kind == TagKind::Control
    }

    /// Whether its children are labels: Labels and every `*Labels`.
    pub fn is_labels(&self) -> bool {
        self.groups.contains(&AttributeGroup::Labels)
    }

    /// Whether it makes regions.
    pub fn makes_regions(&self) -> bool {
        self.result.is_some_and(|result| result.region)
    }

    /// Whether `object` (a registered name) may be labeled by this control, going by what is usual.
    pub fn accepts(&self, object: &str) -> bool {
        match self.targets {
            Targets::None => false,
            Targets::Any => true,
            Targets::Usual(list) | Targets::Only(list) => {
                list.iter().any(|name| name.eq_ignore_ascii_case(object))
            }
        }
    }
}
