//! What a test of a storage found, step by step, and the rules that a bucket needs for browsers.

use crate::copy::Copied;
use leptos::prelude::*;
use tagloom_api::{Diagnosis, Step};
use tagloom_editor_ui::icons::{self, Icon};

#[component]
pub fn Steps(diagnosis: Diagnosis, kind: String) -> impl IntoView {
    let failed = diagnosis.steps.iter().filter(|s| s.status == "failed").count();
    let verdict = match (diagnosis.ok, failed) {
        (true, _) => "Everything works.".to_owned(),
        (false, 0 | 1) => "One thing does not work.".to_owned(),
        (false, n) => format!("{n} things do not work."),
    };
    let cors_failed = diagnosis.steps.iter().any(|s| s.name == "cors" && s.status == "failed");
    let steps = diagnosis.steps.into_iter().map(|step| view! { <One step/> }).collect_view();
    let rules = diagnosis.cors_json.map(|json| view! { <Rules json kind open=cors_failed/> });
    view! {
        <section class="ta-steps" aria-label="Result of the test">
            <p class=if diagnosis.ok { "ta-done" } else { "ta-field-error" } role="status">{verdict}</p>
            <ol>{steps}</ol>
            {rules}
        </section>
    }
}

#[component]
fn One(step: Step) -> impl IntoView {
    let (glyph, class, said) = match step.status.as_str() {
        "ok" => (icons::CHECK, "ta-step ta-step-ok", "works"),
        "failed" => (icons::ERROR, "ta-step ta-step-failed", "failed"),
        _ => (icons::SKIP_FORWARD, "ta-step ta-step-skipped", "not tried"),
    };
    let detail = match (&step.problem, step.status.as_str()) {
        (Some(problem), _) => {
            let mend = problem.mend.clone();
            view! {
                <p>{problem.message.clone()}</p>
                {(!mend.is_empty()).then(|| view! { <p><strong>"To mend it: "</strong>{mend}</p> })}
            }
            .into_any()
        }
        (None, "ok") => view! { <p class="ta-muted">{step.note.clone()}</p> }.into_any(),
        (None, _) => view! { <p class="ta-muted">{step.why.clone()}</p> }.into_any(),
    };
    view! {
        <li class=class>
            <Icon glyph/>
            <div><strong>{step.title}</strong><span class="ta-sr">{format!(": {said}")}</span>{detail}</div>
        </li>
    }
}

/// The rules to paste, and where.
#[component]
fn Rules(json: String, kind: String, open: bool) -> impl IntoView {
    let place = match kind.as_str() {
        "s3" => "Paste them in the bucket's settings: Permissions, Cross-origin resource sharing (CORS).",
        "gcs" => {
            "Save them as cors.json, then: gcloud storage buckets update gs://BUCKET --cors-file=cors.json"
        }
        "azure" => "Enter them in the storage account's settings: Resource sharing (CORS), Blob service.",
        _ => "Paste them in the settings of the storage.",
    };
    view! {
        <details class="ta-rules" open=open>
            <summary>"Rules that let browsers read this bucket (CORS)"</summary>
            <p class="ta-muted">{place}</p>
            <Copied text=json label="CORS rules" lines=true/>
        </details>
    }
}
