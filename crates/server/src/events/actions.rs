//! The names of what can happen, and what is known of each.

use Action::*;

/// What happened, by the name that webhooks know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    ProjectCreated,
    ProjectUpdated,
    ProjectDeleted,
    TasksCreated,
    TasksDeleted,
    AnnotationCreated,
    AnnotationsCreated,
    AnnotationUpdated,
    AnnotationsDeleted,
    LabelLinkCreated,
    LabelLinkUpdated,
    LabelLinkDeleted,
}

/// What `/api/webhooks/info/` says of an action.
#[derive(Debug)]
pub struct Info {
    pub action: Action,
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// Where the payload holds the object or objects.
    pub key: &'static str,
    /// Told to webhooks of a whole organization only.
    pub organization_only: bool,
}

const fn info(
    action: Action,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    key: &'static str,
) -> Info {
    let organization_only = matches!(action, ProjectCreated | ProjectDeleted);
    Info { action, name, title, description, key, organization_only }
}

pub const ACTIONS: &[Info] = &[
    info(ProjectCreated, "PROJECT_CREATED", "Project created", "A project has been made.", "project"),
    info(
        ProjectUpdated,
        "PROJECT_UPDATED",
        "Project updated",
        "Settings of a project have changed.",
        "project",
    ),
    info(
        ProjectDeleted,
        "PROJECT_DELETED",
        "Project deleted",
        "A project and all in it are gone.",
        "project",
    ),
    info(TasksCreated, "TASKS_CREATED", "Tasks created", "Tasks were imported or made by hand.", "tasks"),
    info(
        TasksDeleted,
        "TASKS_DELETED",
        "Tasks deleted",
        "Tasks and all that hung on them are gone.",
        "tasks",
    ),
    info(AnnotationCreated, "ANNOTATION_CREATED", "Annotation created", "Work was submitted.", "annotation"),
    info(
        AnnotationsCreated,
        "ANNOTATIONS_CREATED",
        "Annotations created",
        "Annotations were made many at a time, such as out of predictions.",
        "annotation",
    ),
    info(
        AnnotationUpdated,
        "ANNOTATION_UPDATED",
        "Annotation updated",
        "Submitted work was changed.",
        "annotation",
    ),
    info(
        AnnotationsDeleted,
        "ANNOTATIONS_DELETED",
        "Annotation deleted",
        "Annotations are gone.",
        "annotations",
    ),
    info(
        LabelLinkCreated,
        "LABEL_LINK_CREATED",
        "Label link created",
        "A label was added to a control of a project.",
        "label_link",
    ),
    info(
        LabelLinkUpdated,
        "LABEL_LINK_UPDATED",
        "Label link updated",
        "A label of a control has changed.",
        "label_link",
    ),
    info(
        LabelLinkDeleted,
        "LABEL_LINK_DELETED",
        "Label link deleted",
        "A label was taken from a control.",
        "label_link",
    ),
];

impl Action {
    pub fn of(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|info| info.name == name).map(|info| info.action)
    }

    pub fn info(self) -> &'static Info {
        // Every action has its line; a test counts them.
        ACTIONS.iter().find(|info| info.action == self).unwrap_or(&ACTIONS[0])
    }

    pub fn name(self) -> &'static str {
        self.info().name
    }
}

/// What happened, with the ids it happened to.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    ProjectCreated,
    ProjectUpdated,
    /// To be emitted while the project is still there.
    ProjectDeleted,
    TasksCreated(&'a [i64]),
    TasksDeleted(&'a [i64]),
    AnnotationCreated(i64),
    /// Many at a time, as actions of the data manager make them.
    AnnotationsCreated(&'a [i64]),
    AnnotationUpdated(i64),
    AnnotationsDeleted(&'a [i64]),
    LabelLinkCreated(i64),
    LabelLinkUpdated(i64),
    LabelLinkDeleted(i64),
}

impl Event<'_> {
    pub fn action(&self) -> Action {
        match self {
            Self::ProjectCreated => ProjectCreated,
            Self::ProjectUpdated => ProjectUpdated,
            Self::ProjectDeleted => ProjectDeleted,
            Self::TasksCreated(_) => TasksCreated,
            Self::TasksDeleted(_) => TasksDeleted,
            Self::AnnotationCreated(_) => AnnotationCreated,
            Self::AnnotationsCreated(_) => AnnotationsCreated,
            Self::AnnotationUpdated(_) => AnnotationUpdated,
            Self::AnnotationsDeleted(_) => AnnotationsDeleted,
            Self::LabelLinkCreated(_) => LabelLinkCreated,
            Self::LabelLinkUpdated(_) => LabelLinkUpdated,
            Self::LabelLinkDeleted(_) => LabelLinkDeleted,
        }
    }

    /// Nothing happened: an empty list of many.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::TasksCreated(ids)
            | Self::TasksDeleted(ids)
            | Self::AnnotationsCreated(ids)
            | Self::AnnotationsDeleted(ids) => ids.is_empty(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_one_line_and_finds_itself() {
        assert_eq!(ACTIONS.len(), LabelLinkDeleted as usize + 1);
        for (n, info) in ACTIONS.iter().enumerate() {
            assert_eq!(info.action as usize, n);
            assert_eq!(Action::of(info.name), Some(info.action));
            assert_eq!(info.action.name(), info.name);
        }
        assert_eq!(Action::of("REVIEW_CREATED"), None);
    }
}
