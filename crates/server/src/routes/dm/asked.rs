//! Which tasks a request means: a view, or filters, ordering and selection in the query or the body.

use crate::auth::Caller;
use crate::dm::{Filters, Order, Selection, Wanted};
use crate::error::{ApiError, ApiResult};
use crate::lenient;
use crate::routes::projects;
use crate::state::AppState;
use crate::store::projects::Project;
use crate::store::views::{self, View};
use serde_json::{Map, Value};

/// What a request says, before it is looked up.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub project: Option<i64>,
    pub view: Option<i64>,
    /// `filters`, `ordering` and `selectedItems`; each of them stands above the view's.
    pub inline: Map<String, Value>,
    /// Whether the view's selection counts: it does for actions, not for the list that shows the view.
    pub selected: bool,
}

impl Asked {
    /// `query` is JSON, URL-encoded by some clients once more than by others.
    pub fn new(project: Option<i64>, view: Option<i64>, query: Option<&str>) -> ApiResult<Self> {
        let mut asked = Self { project, view: view.filter(|id| *id != 0), ..Self::default() };
        if let Some(text) = query.filter(|text| !text.trim().is_empty()) {
            asked.take(&read(text)?)?;
        }
        Ok(asked)
    }

    /// Takes what a body says over.
    pub fn with_body(mut self, body: &Value) -> ApiResult<Self> {
        for (place, name) in [(&mut self.project, "project"), (&mut self.view, "view")] {
            if place.is_none() {
                *place = lenient::id_in(body, name)?;
            }
        }
        self.take(body)?;
        Ok(self)
    }

    fn take(&mut self, object: &Value) -> ApiResult<()> {
        let Some(object) = object.as_object() else {
            return Err(ApiError::BadRequest(
                "query: must be a JSON object with filters, ordering and selectedItems.".into(),
            ));
        };
        for name in ["filters", "ordering", "selectedItems"] {
            if let Some(value) = object.get(name).filter(|value| !value.is_null()) {
                self.inline.insert(name.into(), value.clone());
            }
        }
        Ok(())
    }

    /// The project and the tasks of it that are meant, ready to be asked for.
    pub async fn find(self, state: &AppState, caller: &Caller) -> ApiResult<(Project, Wanted)> {
        let view = match self.view {
            Some(id) => Some(find_view(state, caller, id).await?),
            None => None,
        };
        let Some(project) = self.project.or(view.as_ref().map(|view| view.project)) else {
            return Err(ApiError::NotFound("Neither project nor view id provided".into()));
        };
        let project = projects::find(state, caller, project).await?;
        if let Some(view) = view.as_ref().filter(|view| view.project != project.id) {
            return Err(ApiError::BadRequest(format!(
                "The view {} belongs to another project than {}.",
                view.id, project.id
            )));
        }
        let saved = view.map(|view| view.data).unwrap_or_default();
        let part = |name: &str, of_view: bool| match self.inline.get(name) {
            Some(value) => value,
            None if of_view => &saved[name],
            None => &Value::Null,
        };
        let mut wanted = Wanted {
            project: project.id,
            filters: Filters::parse(part("filters", true))?,
            order: Order::parse(part("ordering", true), &saved["columnsDisplayType"])?,
            selection: Selection::parse(part("selectedItems", self.selected))?,
        };
        wanted.resolve(state.db.read()).await?;
        Ok((project, wanted))
    }
}

pub(super) async fn find_view(state: &AppState, caller: &Caller, id: i64) -> ApiResult<View> {
    views::get(state.db.read(), caller.organization(), id).await?.ok_or_else(|| ApiError::not_found("View"))
}

fn read(text: &str) -> ApiResult<Value> {
    let decoded;
    let json = if text.trim_start().starts_with('%') {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(format!("q={}", text.replace('+', "%2B")).as_bytes())
                .into_owned()
                .collect();
        decoded = pairs.into_iter().next().map(|(_, value)| value).unwrap_or_default();
        decoded.as_str()
    } else {
        text
    };
    serde_json::from_str(json)
        .map_err(|e| ApiError::BadRequest(format!("query: not the JSON it must be - {e}")))
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::json;

    #[test]
    fn a_query_may_be_encoded_twice() {
        let expected = json!({"a": "1+1 & é"});
        assert_eq!(read(r#"{"a":"1+1 & é"}"#).unwrap(), expected);
        assert_eq!(read("%7B%22a%22%3A%221%2B1%20%26%20%C3%A9%22%7D").unwrap(), expected);
        assert!(read("{").is_err());
    }
}
