//! Attributes that several tags share (tags.md section 3 and 5.3).

use super::attr::{AttributeSpec, bound, color, flag, list, number, one_of, text, unit};

/// A set of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeGroup {
    /// `name` of an object.
    Name,
    /// `name`, `toName` and the smart switches of a control.
    Base,
    /// Attached to the selected region.
    PerRegion,
    /// One value per item of a multi-item object.
    PerItem,
    /// Must be filled in before submitting.
    Required,
    /// Shown under a condition.
    Visibility,
    /// Common to Labels and every `*Labels`.
    Labels,
    /// How a recording lies on the timeline of its sync group (sync.md CL-2, PB, BR-2); our own additions.
    Sync,
}

impl AttributeGroup {
    /// The attributes of the group.
    pub fn attributes(self) -> &'static [AttributeSpec] {
        match self {
            Self::Name => NAME,
            Self::Base => BASE,
            Self::PerRegion => PER_REGION,
            Self::PerItem => PER_ITEM,
            Self::Required => REQUIRED,
            Self::Visibility => VISIBILITY,
            Self::Labels => LABELS,
            Self::Sync => SYNC,
        }
    }
}

const NAME: &[AttributeSpec] = &[text("name", "Unique name; results refer to it as `to_name`.")];

const BASE: &[AttributeSpec] = &[
    text("name", "Unique name; results refer to it as `from_name`."),
    list("toName", "Name of the object that is labeled; may be left out when there is only one."),
    flag("smart", "Offer the smart version of the tool as well, when automatic annotation is on.").or("true"),
    flag("smartOnly", "Offer only the smart version of the tool.").or("false"),
];

const SYNC: &[AttributeSpec] = &[
    bound("syncOffset", "Seconds that it starts after the group; or a task field that holds them.").or("0"),
    bound("syncRate", "Seconds of the group per second of it, against drifting clocks; or a task field.")
        .or("1"),
    one_of("syncOrigin", &["start", "clock"], "Whether it lies by its own start or by the wall clock.")
        .or("start"),
    bound("startTime", "When it was recorded, for `syncOrigin=\"clock\"`; or a task field."),
    flag("waitAll", "All members wait while one of them is loading.").or("false"),
    flag("panSeeks", "Moving the visible window seeks; on for a series joined to a video in HyperText."),
    one_of(
        "selectSeeks",
        &["start", "center", "none"],
        "Where everybody goes when one of its regions is selected.",
    )
    .or("start"),
];

const PER_REGION: &[AttributeSpec] = &[
    flag("perRegion", "Ask for each region instead of once per task.").or("false"),
    list("whenLabelValue", "With `perRegion`: only for regions that carry one of these labels."),
    one_of(
        "displayMode",
        &["tag", "region-list"],
        "Where a per-region control is shown: in its place or in the region list.",
    )
    .or("tag"),
];

const PER_ITEM: &[AttributeSpec] =
    &[flag("perItem", "Ask for each item of a multi-item object instead of once per task.").or("false")];

const REQUIRED: &[AttributeSpec] = &[
    flag("required", "The annotation cannot be submitted while this is empty.").or("false"),
    text("requiredMessage", "What to say when it is empty."),
];

const VISIBILITY: &[AttributeSpec] = &[
    one_of(
        "visibleWhen",
        &["region-selected", "no-region-selected", "choice-selected", "choice-unselected"],
        "Show only under this condition.",
    ),
    text("whenTagName", "Name of the tag that the condition is about."),
    list("whenLabelValue", "The condition holds only for these labels."),
    list("whenChoiceValue", "The condition holds only for these choices."),
    list("whenRole", "The condition holds only for chat messages of these roles."),
];

const LABELS: &[AttributeSpec] = &[
    one_of("choice", &["single", "multiple"], "Whether one or several labels can be active.").or("single"),
    number("maxUsages", "How often each label may be used in one annotation."),
    flag("showInline", "Labels side by side; `false` puts each on its own line.").or("true"),
    unit("opacity", "Opacity of the fill of regions.").or("0.2"),
    color("fillColor", "Fill of regions whose label has no color.").or("#f48a42"),
    color("strokeColor", "Outline of regions whose label has no color.").or("#f48a42"),
    number("strokeWidth", "Width of the outline in pixels.").or("1"),
    unit("fillOpacity", "Opacity of the fill, when it should differ from `opacity`."),
    flag("allowEmpty", "Add an empty label first; its regions have no label.").or("false"),
    number("groupDepth", "How deep regions may be nested in the region list."),
    bound("value", "Task field with an array of further labels.").or(""),
];
