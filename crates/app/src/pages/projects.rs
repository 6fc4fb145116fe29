//! The list of projects.

use super::Failure;
use crate::api;
use leptos::prelude::*;
use leptos_router::components::A;
use tagloom_api::{Project, ProjectPage};

const PAGE: u64 = 30;

#[component]
pub fn Projects() -> impl IntoView {
    let page = RwSignal::new(1u64);
    let search = RwSignal::new(String::new());
    let attempt = RwSignal::new(0);
    let found = LocalResource::new(move || {
        attempt.track();
        let url = format!(
            "/api/projects/?page={}&page_size={PAGE}&title={}",
            page.get(),
            String::from(js_sys::encode_uri_component(&search.get()))
        );
        async move { api::get::<ProjectPage>(&url).await }
    });
    let retry = Callback::new(move |()| attempt.update(|n| *n += 1));
    let body = move || match found.get() {
        None => view! { <p class="ta-loading" role="status">"Loading the projects…"</p> }.into_any(),
        Some(Err(error)) => view! { <Failure error retry/> }.into_any(),
        Some(Ok(list)) if list.results.is_empty() && search.get().is_empty() => view! {
            <div class="ta-empty">
                <h2>"No projects yet"</h2>
                <p>"A project holds a label config and the tasks to be labeled with it."</p>
                <A href="/projects/new" attr:class="ta-button ta-primary">"Create your first project"</A>
            </div>
        }
        .into_any(),
        Some(Ok(list)) => {
            let pages = list.count.div_ceil(PAGE).max(1);
            let rows = list.results.into_iter().map(|p| view! { <Row project=p/> }).collect_view();
            view! {
                <div class="ta-scrolled"><table class="ta-table">
                    <thead><tr><th>"Project"</th><th class="ta-num">"Tasks"</th><th class="ta-num">"Done"</th><th class="ta-num">"Annotations"</th><th class="ta-num">"Predictions"</th><th>"Created"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                <Pager page pages/>
            }
            .into_any()
        }
    };
    view! {
        <main class="ta-page">
            <header class="ta-head">
                <h1>"Projects"</h1>
                <input type="search" placeholder="Filter by title" aria-label="Filter by title" prop:value=search
                    on:input=move |e| { page.set(1); search.set(event_target_value(&e)); }/>
                <A href="/projects/new" attr:class="ta-button ta-primary">"New project"</A>
            </header>
            {body}
        </main>
    }
}

#[component]
fn Row(project: Project) -> impl IntoView {
    let title =
        if project.title.is_empty() { format!("Project {}", project.id) } else { project.title.clone() };
    let number = |n: Option<u64>| crate::work::number(n.unwrap_or(0));
    view! {
        <tr>
            <td><A href=format!("/projects/{}", project.id)>{title}</A><small class="ta-muted">{project.description}</small></td>
            <td class="ta-num">{number(project.task_number)}</td>
            <td class="ta-num">{number(project.finished_task_number)}</td>
            <td class="ta-num">{number(project.total_annotations_number)}</td>
            <td class="ta-num">{number(project.total_predictions_number)}</td>
            <td class="ta-muted">{project.created_at.chars().take(10).collect::<String>()}</td>
        </tr>
    }
}

/// Previous, position, next.
#[component]
pub fn Pager(page: RwSignal<u64>, pages: u64) -> impl IntoView {
    (pages > 1).then(|| {
        view! {
            <nav class="ta-pager" aria-label="Pages">
                <button type="button" class="ta-button" disabled=move || page.get() <= 1 on:click=move |_| page.update(|p| *p -= 1)>"Previous"</button>
                <span class="ta-num">{move || format!("{} of {pages}", page.get())}</span>
                <button type="button" class="ta-button" disabled=move || { page.get() >= pages } on:click=move |_| page.update(|p| *p += 1)>"Next"</button>
            </nav>
        }
    })
}
