//! What is known of the shown annotation: who made it, when, how long it took, where it is.

use crate::context::use_editor;
use leptos::prelude::*;
use tagloom_editor::SaveState;

/// Seconds as people say them.
fn duration(secs: f64) -> String {
    let secs = if secs.is_finite() { secs.max(0.0).round() as u64 } else { 0 };
    match (secs / 3600, secs / 60 % 60, secs % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

#[component]
pub(super) fn HistoryPanel() -> impl IntoView {
    let context = use_editor();
    let facts = move || {
        context.tabs().track();
        context.content().track();
        context.tree().track();
        context.with(|e| {
            let a = e.annotation();
            let mut out: Vec<(&'static str, String)> = Vec::new();
            let mut add = |name, value: Option<String>| {
                if let Some(value) = value.filter(|v| !v.is_empty()) {
                    out.push((name, value));
                }
            };
            add(if a.is_prediction() { "Model" } else { "By" }, Some(a.created_by.clone()));
            add("Created", a.created_at.clone());
            add("Id", a.pk.clone());
            add("Score", a.score.map(|s| format!("{s:.3}")));
            add("Time spent", Some(a.lead_time + a.draft_lead_time).filter(|t| *t > 0.0).map(duration));
            add("From prediction", a.parent_prediction.as_ref().map(ToString::to_string));
            add("From annotation", a.parent_annotation.as_ref().map(ToString::to_string));
            add(
                "Regions",
                Some(e.document().regions().filter(|r| !r.is_classification()).count().to_string()),
            );
            let state = match a.save_state() {
                SaveState::Unchanged => "unchanged",
                SaveState::OnThisMachine => "changes are on this machine",
                SaveState::OnTheServer => "on the server",
            };
            add("State", Some(state.to_owned()));
            add("Draft", a.from_draft.then(|| "shows unsubmitted work".to_owned()));
            out
        })
    };
    let notices = move || {
        context.tabs().track();
        context.tree().track();
        let list: Vec<String> = context.with(|e| {
            e.annotation().notices.iter().map(|n| format!("Result {}: {}", n.index + 1, n.message)).collect()
        });
        (!list.is_empty()).then(|| {
            let items = list.into_iter().map(|n| view! { <li>{n}</li> }).collect_view();
            view! { <h3>"Said while loading"</h3><ul>{items}</ul> }
        })
    };
    view! {
        <div class="tl-panel-scroll">
            <div class="tl-details">
                <dl class="tl-facts tl-num">
                    {move || facts().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
                </dl>
                {notices}
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(59.6), "1 min 0 s");
        assert_eq!(duration(3.0), "3 s");
        assert_eq!(duration(7260.0), "2 h 1 min");
        assert_eq!(duration(f64::NAN), "0 s");
    }
}
