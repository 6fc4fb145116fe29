//! Labeling: the stream and single tasks, drafts, sending and sending again, work that was changed elsewhere.

mod conflict;
mod conflict_dialog;
mod drafts;
mod task;
mod versions;
mod work;

use crate::api::{self, ApiError};
use crate::leaving;
use crate::pages::login::SignIn;
use crate::pages::{Failure, project_id};
use crate::shell::Session;
use crate::work::number;
use conflict_dialog::ConflictDialog;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_params_map};
use std::rc::Rc;
use tagloom_api::{Project, Task};
use tagloom_editor::{Action, EditorOptions, SaveState};
use tagloom_editor_ui::{EditorContext, LabelingScreen};
use task::{editor_task, fetch};
use work::Work;

/// The part of an address that narrows the stream, as the server takes it.
fn narrowing(search: &str) -> String {
    match search.trim_start_matches('?') {
        "" => String::new(),
        query => format!("?{query}"),
    }
}

#[component]
pub fn Labeling() -> impl IntoView {
    let id = project_id();
    let params = use_params_map();
    let single = Signal::derive(move || params.with(|p| p.get("task").and_then(|t| t.parse::<i64>().ok())));
    let search = use_location().search;
    let narrow = Signal::derive(move || search.with(|s| narrowing(s)));
    let attempt = RwSignal::new(0u32);
    let loaded = LocalResource::new(move || {
        attempt.track();
        let (project, single, narrow) = (id.get(), single.get(), narrow.get());
        async move {
            let project = api::get::<Project>(&format!("/api/projects/{project}/")).await?;
            let task = fetch(project.id, single, &narrow).await?;
            Ok::<_, ApiError>((project, task))
        }
    });
    let retry = Callback::new(move |()| attempt.update(|n| *n += 1));
    move || {
        match loaded.get() {
        None => view! { <p class="ta-loading" role="status">"Loading the task…"</p> }.into_any(),
        Some(Err(error)) => view! {
            <main class="ta-page"><p><A href=format!("/projects/{}", id.get_untracked())>"‹ Data"</A></p><Failure error retry/></main>
        }
        .into_any(),
        Some(Ok((project, None))) => view! { <AllDone project=project.id empty=project.task_number == Some(0)/> }.into_any(),
        Some(Ok((project, Some(task)))) => {
            view! { <Stage project task stream=single.get_untracked().is_none() narrow=narrow.get_untracked()/> }.into_any()
        }
    }
    }
}

#[component]
fn AllDone(project: i64, #[prop(optional)] empty: bool) -> impl IntoView {
    let (title, text) = if empty {
        ("No tasks yet", "Import some on the project's page, then label them here.")
    } else {
        ("All done", "There is no task left for you in this project.")
    };
    view! {
        <main class="ta-page ta-empty">
            <h1>{title}</h1>
            <p>{text}</p>
            <A href=format!("/projects/{project}") attr:class="ta-button ta-primary">"Back to the data"</A>
        </main>
    }
}

#[component]
fn Stage(project: Project, task: Task, stream: bool, narrow: String) -> impl IntoView {
    let session = expect_context::<Session>();
    let user = session.user.get_untracked().unwrap_or_default();
    let options = EditorOptions {
        config: project.label_config.clone(),
        task: editor_task(&task),
        user: tagloom_editor::User {
            id: Some(user.id.into()),
            first_name: user.first_name,
            last_name: user.last_name,
            email: user.email,
        },
        settings: tagloom_editor_ui::journal::load_settings(),
        description: Some(project.expert_instruction.clone()).filter(|d| !d.is_empty()),
        // The page's own header counts; it knows when the stream goes on.
        project: project.id.to_string(),
        ..EditorOptions::default()
    };
    let context = EditorContext::new(options);
    provide_context(context);
    let queue = (project.queue_done, project.queue_total);
    let work = Work::new(context, project.id, stream.then_some(narrow), &task, queue);
    context.set_event_handler(Rc::new(move |_, event| work.on_event(event)));
    leaving::guard(move || {
        context.try_with(|e| e.annotation().save_state() == SaveState::OnThisMachine).unwrap_or(false)
    });
    let decide = Callback::new(move |(conflict, decision)| work.decide(conflict, decision));
    let title = project.title.clone();
    let place = move || {
        let (done, total) = work.position.get();
        (stream && total > 0).then(|| {
            view! {
                <progress class="ta-progress" max=total.to_string() prop:value=done as f64 aria-label="Tasks done"></progress>
                <span class="ta-muted ta-num">{format!("{} of {} done", number(done), number(total))}</span>
            }
        })
    };
    let signed_in = Callback::new(move |()| {
        work.sign_in.set(false);
        context.dispatch(Action::Submit);
    });
    view! {
        <Show when=move || !work.done.get() fallback=move || view! { <AllDone project=project.id/> }>
            <div class="ta-labeling">
                <header class="ta-labeling-head">
                    <A href=format!("/projects/{}", project.id)>{format!("‹ {title}")}</A>
                    <span class="ta-spacer"></span>
                    {place}
                </header>
                <LabelingScreen/>
            </div>
        </Show>
        <ConflictDialog conflict=work.conflict user=user.id decide/>
        <Show when=move || work.sign_in.get()>
            <div class="ta-over-all" role="dialog" aria-modal="true" aria-label="Sign in again">
                <section class="ta-card">
                    <h2>"Your session has ended"</h2>
                    <p>"Your work is kept on this machine. Sign in, and it is sent."</p>
                    <SignIn done=signed_in/>
                </section>
            </div>
        </Show>
    }
}
