//! A change that the server refused because the annotation is not any more what this screen began with: what is asked,
//! and what follows from the answer. Nothing is lost in any case.

use crate::api::ApiError;
use serde_json::Value;
use std::collections::BTreeSet;
use tagloom_editor::AnnotationKey;

/// What was to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Update(Value),
    Delete,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    pub key: AnnotationKey,
    pub pk: String,
    pub change: Change,
    /// The annotation as the server has it; `None` where it was deleted.
    pub current: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    KeepMine,
    TakeTheirs,
    Later,
}

/// What to do after a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Send again, over this version.
    Send {
        payload: Value,
        version: Option<String>,
    },
    /// Send as a new annotation, because the old one is gone.
    Create {
        payload: Value,
    },
    Delete {
        version: Option<String>,
    },
    /// Show what the server has; what was shown is one undo away.
    Show(Value),
    /// Leave things as they are: the work is on this machine.
    Stop,
    /// Load the task again.
    Reload,
}

impl Conflict {
    /// The question that an error leads to, if it does to one.
    pub fn of(key: AnnotationKey, pk: &str, change: Change, error: &ApiError) -> Option<Self> {
        let current = match (error.status, &error.current, &change) {
            (412, Some(current), _) => Some((**current).clone()),
            (404, _, Change::Update(_)) => None,
            _ => return None,
        };
        Some(Self { key, pk: pk.to_owned(), change, current })
    }

    pub fn next(self, decision: Decision) -> Next {
        let version = self.current.as_ref().and_then(|c| c["updated_at"].as_str()).map(str::to_owned);
        match (decision, self.change, self.current) {
            (Decision::KeepMine, Change::Update(payload), Some(_)) => Next::Send { payload, version },
            (Decision::KeepMine, Change::Update(payload), None) => Next::Create { payload },
            (Decision::KeepMine, Change::Delete, _) => Next::Delete { version },
            (Decision::TakeTheirs, Change::Update(_), Some(current)) => Next::Show(current),
            (Decision::Later, Change::Update(_), _) => Next::Stop,
            (Decision::TakeTheirs, _, _) | (Decision::Later, Change::Delete, _) => Next::Reload,
        }
    }

    /// Who changed it, by id.
    pub fn by(&self) -> Option<i64> {
        let current = self.current.as_ref()?;
        ["updated_by", "completed_by"].iter().find_map(|key| match &current[*key] {
            Value::Object(user) => user.get("id").and_then(Value::as_i64),
            id => id.as_i64(),
        })
    }

    pub fn at(&self) -> Option<&str> {
        self.current.as_ref()?["updated_at"].as_str()
    }

    pub fn heading(&self) -> &'static str {
        match (&self.change, &self.current) {
            (Change::Update(_), Some(_)) => "This annotation was changed meanwhile",
            (Change::Update(_), None) => "This annotation was deleted meanwhile",
            (Change::Delete, _) => "This annotation was changed since you opened it",
        }
    }

    /// What happened; `who` and `when` are for people.
    pub fn text(&self, who: &str, when: &str) -> String {
        match (&self.change, &self.current) {
            (Change::Update(_), Some(_)) => {
                format!("{who} changed it {when}, after you opened it. Nothing was overwritten.")
            }
            (Change::Update(_), None) => {
                "Somebody deleted it after you opened it. Your version is still here.".to_owned()
            }
            (Change::Delete, _) => format!("{who} changed it {when}. It was not deleted."),
        }
    }

    /// The buttons: keep mine, take theirs.
    pub fn choices(&self) -> (&'static str, &'static str) {
        match (&self.change, &self.current) {
            (Change::Update(_), Some(_)) => ("Keep mine", "Take theirs"),
            (Change::Update(_), None) => ("Submit mine as a new one", "Let it go"),
            (Change::Delete, _) => ("Delete it all the same", "Keep it"),
        }
    }

    /// What each choice leads to, in the order of the buttons.
    pub fn consequences(&self) -> (&'static str, &'static str) {
        match (&self.change, &self.current) {
            (Change::Update(_), Some(_)) => {
                ("Yours replaces theirs on the server.", "Theirs is shown; yours comes back with one undo.")
            }
            (Change::Update(_), None) => (
                "Your version becomes a new annotation of this task.",
                "Your version is dropped from this screen.",
            ),
            (Change::Delete, _) => {
                ("Their change goes with it.", "It comes back to this screen as it is now.")
            }
        }
    }

    /// What both sides hold, in the order of the buttons; `None` for a side that holds nothing.
    pub fn sides(&self) -> (Option<String>, Option<String>) {
        let mine = match &self.change {
            Change::Update(payload) => Some(amount(&payload["result"])),
            Change::Delete => None,
        };
        (mine, self.current.as_ref().map(|current| amount(&current["result"])))
    }
}

/// "3 regions and 1 relation".
fn amount(result: &Value) -> String {
    let empty = Vec::new();
    let items = result.as_array().unwrap_or(&empty);
    let relations = items.iter().filter(|item| item["type"] == "relation").count();
    let regions: BTreeSet<&str> = items
        .iter()
        .filter(|item| item["type"] != "relation")
        .filter_map(|item| item["id"].as_str())
        .collect();
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (regions.len(), relations) {
        (0, 0) => "nothing".to_owned(),
        (regions, 0) => count(regions, "region"),
        (regions, relations) => format!("{} and {}", count(regions, "region"), count(relations, "relation")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stale(current: Value) -> ApiError {
        ApiError { status: 412, current: Some(Box::new(current)), ..ApiError::of("changed") }
    }

    fn update() -> Change {
        Change::Update(json!({"result": [{"id": "a"}]}))
    }

    fn conflict(change: Change, error: &ApiError) -> Conflict {
        Conflict::of(AnnotationKey(1), "70", change, error).unwrap()
    }

    #[test]
    fn mine_goes_over_the_version_of_now() {
        let error = stale(json!({"id": 70, "updated_at": "later", "updated_by": 4, "result": []}));
        let asked = conflict(update(), &error);
        assert_eq!((asked.by(), asked.at()), (Some(4), Some("later")));
        let payload = json!({"result": [{"id": "a"}]});
        let send = Next::Send { payload, version: Some("later".into()) };
        assert_eq!(asked.clone().next(Decision::KeepMine), send);
        let shown = asked.current.clone().unwrap();
        assert_eq!(asked.clone().next(Decision::TakeTheirs), Next::Show(shown));
        assert_eq!(asked.next(Decision::Later), Next::Stop);
    }

    #[test]
    fn what_was_deleted_can_be_submitted_anew() {
        let gone = ApiError { status: 404, ..ApiError::of("Annotation not found.") };
        let asked = conflict(update(), &gone);
        assert!(matches!(asked.clone().next(Decision::KeepMine), Next::Create { .. }));
        assert_eq!(asked.clone().next(Decision::TakeTheirs), Next::Reload);
        assert_eq!(asked.next(Decision::Later), Next::Stop);
        // To delete what is not there is no question.
        assert_eq!(Conflict::of(AnnotationKey(1), "70", Change::Delete, &gone), None);
    }

    #[test]
    fn a_deletion_asks_again_and_names_the_version() {
        let error = stale(json!({"id": 70, "updated_at": "later", "completed_by": {"id": 9}}));
        let asked = conflict(Change::Delete, &error);
        assert_eq!(asked.by(), Some(9));
        assert_eq!(asked.clone().next(Decision::KeepMine), Next::Delete { version: Some("later".into()) });
        assert_eq!(asked.clone().next(Decision::TakeTheirs), Next::Reload);
        assert_eq!(asked.next(Decision::Later), Next::Reload);
    }

    #[test]
    fn other_failures_are_no_question() {
        for status in [0, 401, 412, 500] {
            let error = ApiError { status, ..ApiError::of("no") };
            assert_eq!(Conflict::of(AnnotationKey(1), "70", update(), &error), None, "{status}");
        }
    }

    #[test]
    fn both_sides_are_counted() {
        let result =
            json!([{"id": "a", "type": "labels"}, {"id": "a", "type": "choices"}, {"type": "relation"}]);
        assert_eq!(amount(&result), "1 region and 1 relation");
        assert_eq!(amount(&json!([{"id": "a"}, {"id": "b"}])), "2 regions");
        assert_eq!((amount(&json!([])), amount(&Value::Null)), ("nothing".into(), "nothing".into()));
    }
}
