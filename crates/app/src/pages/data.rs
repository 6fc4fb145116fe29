//! The data of a project: task table, import by button and by drag and drop, export.

use super::projects::Pager;
use super::{Failure, project_id};
use crate::api::{self, ApiError};
use crate::menu::Menu;
use crate::table::{ROW, Width, cell, mounted, width};
use crate::work::{Work, number};
use leptos::html;
use leptos::prelude::*;
use leptos_router::components::A;
use tagloom_api::{ExportFormat, Project, Task, TaskPage};
use tagloom_editor_ui::icons::{self, Icon};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, FileList, HtmlInputElement};

const PAGE: u64 = 500;
/// Tasks that say what fields there are.
const SOME: usize = 50;
/// Characters of a cell.
const CELL: usize = 120;

/// What an import is doing.
#[derive(Clone, PartialEq)]
enum Import {
    Idle,
    Sending { sent: f64, total: f64 },
    Done(String),
    Failed(ApiError),
}

#[component]
pub fn Data() -> impl IntoView {
    let id = project_id();
    let page = RwSignal::new(1u64);
    let version = RwSignal::new(0u32);
    let project = LocalResource::new(move || {
        version.track();
        let url = format!("/api/projects/{}/", id.get());
        async move { api::get::<Project>(&url).await }
    });
    let tasks = LocalResource::new(move || {
        version.track();
        let url = format!("/api/tasks/?project={}&page={}&page_size={PAGE}", id.get(), page.get());
        async move { api::get::<TaskPage>(&url).await }
    });
    let import = RwSignal::new(Import::Idle);
    // Counted up by what may begin long work.
    let asked = RwSignal::new(0u32);
    let over = RwSignal::new(false);
    let take = move |files: Vec<File>| {
        if files.is_empty() {
            return;
        }
        import.set(Import::Sending { sent: 0.0, total: 0.0 });
        let project = id.get_untracked();
        leptos::task::spawn_local(async move {
            let progress = move |sent, total| {
                let _ = import.try_set(Import::Sending { sent, total });
            };
            let done = match api::upload(project, &files, progress).await {
                Ok(answer) => {
                    let were = if answer.task_count == 1 { "was" } else { "were" };
                    Import::Done(format!("{} {were} imported.", tasks_of(answer.task_count)))
                }
                Err(e) => Import::Failed(e),
            };
            // What the file says wrong stands on the page already; its job need not say it again.
            let told = matches!(&done, Import::Failed(error) if error.status == 400);
            let _ = import.try_set(done);
            let _ = version.try_update(|v| *v += 1);
            if !told {
                let _ = asked.try_update(|v| *v += 1);
            }
        });
    };
    let dropped = move |e: DragEvent| {
        e.prevent_default();
        over.set(false);
        take(files_of(e.data_transfer().and_then(|d| d.files())));
    };
    let retry = Callback::new(move |()| version.update(|v| *v += 1));
    let head = move || {
        let found = project.get().and_then(Result::ok);
        let title = found.as_ref().map(|p| p.title.clone()).unwrap_or_default();
        view! { <h1>{title}</h1> }
    };
    let body = move || match tasks.get() {
        None => view! { <p class="ta-loading" role="status">"Loading the tasks…"</p> }.into_any(),
        Some(Err(error)) => view! { <Failure error retry/> }.into_any(),
        Some(Ok(list)) if list.total == 0 => view! {
            <div class="ta-empty">
                <h2>"No tasks yet"</h2>
                <p>"Drop JSON, CSV, TSV, text, image, audio or video files anywhere on this page."</p>
                <ImportButton take/>
            </div>
        }
        .into_any(),
        Some(Ok(list)) => {
            let pages = list.total.div_ceil(PAGE);
            view! {
                <TaskTable project=id.get_untracked() tasks=list.tasks/>
                <div class="ta-row">
                    <span class="ta-muted ta-num">{tasks_of(list.total)}</span>
                    <Pager page pages/>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <main class="ta-page ta-full" class:ta-over=move || over.get()
            on:dragover=move |e: DragEvent| { e.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false) on:drop=dropped>
            <header class="ta-head">
                {head}
                <span class="ta-spacer"></span>
                <A href=move || format!("/projects/{}/settings", id.get()) attr:class="ta-button">"Settings"</A>
                <A href=move || format!("/projects/{}/storages", id.get()) attr:class="ta-button">"Storages"</A>
                <ImportButton take/>
                <Export id/>
                <A href=move || format!("/projects/{}/label", id.get()) attr:class="ta-button ta-primary">"Label all tasks"</A>
            </header>
            <ImportState import/>
            <Work project=id version=asked ended=retry/>
            {body}
        </main>
    }
}

fn tasks_of(n: u64) -> String {
    if n == 1 { "1 task".into() } else { format!("{} tasks", number(n)) }
}

fn files_of(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.get(i)).collect()
}

#[component]
fn ImportButton(take: impl Fn(Vec<File>) + Copy + 'static) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let changed = move |e: web_sys::Event| {
        let element = e.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        if let Some(element) = element {
            take(files_of(element.files()));
            // The same file can be chosen again after a mistake in it was mended.
            element.set_value("");
        }
    };
    let open = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <input node_ref=input type="file" multiple hidden class="ta-import" on:change=changed/>
        <button type="button" class="ta-button" on:click=open>"Import"</button>
    }
}

#[component]
fn ImportState(import: RwSignal<Import>) -> impl IntoView {
    move || {
        match import.get() {
        Import::Idle => ().into_any(),
        Import::Sending { sent, total } => {
            let known = total > 0.0;
            let text = if known && sent >= total {
                "Reading the file…".to_owned()
            } else {
                format!("{:.1} of {:.1} MB", sent / 1e6, total / 1e6)
            };
            view! {
                <div class="ta-import-state" role="status">
                    <progress max="1" prop:value=if known { sent / total } else { 0.0 }></progress>
                    <span class="ta-num">{text}</span>
                </div>
            }
            .into_any()
        }
        Import::Done(text) => view! { <p class="ta-done" role="status">{text}</p> }.into_any(),
        Import::Failed(error) => view! {
            <div class="ta-error" role="alert">
                <p><strong>"Nothing was imported."</strong></p>
                <ul>{error.lines.into_iter().map(|l| view! { <li>{l}</li> }).collect_view()}</ul>
                <button type="button" class="ta-button" on:click=move |_| import.set(Import::Idle)>"Close"</button>
            </div>
        }
        .into_any(),
    }
    }
}

#[component]
fn Export(id: Signal<i64>) -> impl IntoView {
    let formats = LocalResource::new(move || {
        let url = format!("/api/projects/{}/export/formats", id.get());
        async move { api::get::<Vec<ExportFormat>>(&url).await }
    });
    let items = move || {
        formats
            .get()
            .and_then(Result::ok)
            .unwrap_or_default()
            .into_iter()
            .filter(|f| !f.disabled)
            .map(move |f| {
                let href = format!(
                    "/api/projects/{}/export?exportType={}&download_all_tasks=true",
                    id.get_untracked(),
                    f.name
                );
                view! { <li><a href=href rel="external" download title=f.description>{f.title}</a></li> }
            })
            .collect_view()
    };
    view! { <Menu label="Export" items/> }
}

#[component]
fn TaskTable(project: i64, tasks: Vec<Task>) -> impl IntoView {
    let mut keys: Vec<String> = Vec::new();
    for task in tasks.iter().take(SOME) {
        for key in task.data.keys() {
            if !keys.contains(key) && keys.len() < 8 {
                keys.push(key.clone());
            }
        }
    }
    let widths: Vec<Width> = keys
        .iter()
        .map(|key| {
            let values = tasks.iter().take(SOME).filter_map(|task| task.data.get(key));
            let lengths = values.map(|value| cell(value, CELL).chars().count());
            width(keys.len(), lengths.chain([key.chars().count()]))
        })
        .collect();
    let scroll = RwSignal::new(0.0f64);
    let height = RwSignal::new(900.0f64);
    let frame = NodeRef::<html::Div>::new();
    let on_scroll = move |_| {
        if let Some(f) = frame.get_untracked() {
            scroll.set(f64::from(f.scroll_top()));
            height.set(f64::from(f.client_height()));
        }
    };
    let count = tasks.len();
    let columns = keys.clone();
    let window = Memo::new(move |_| mounted(scroll.get(), height.get(), count));
    let rows = move || {
        let (first, shown) = window.get();
        tasks[first..first + shown]
            .iter()
            .enumerate()
            .map(|(i, task)| {
                let top = format!("{}px", (first + i) as f64 * ROW);
                let href = format!("/projects/{project}/tasks/{}", task.id);
                let cells = columns
                    .iter()
                    .map(|key| {
                        let value = task.data.get(key).cloned().unwrap_or_default();
                        view! { <span class="ta-cell" title=cell(&value, 400)>{cell(&value, CELL)}</span> }
                    })
                    .collect_view();
                let done = if task.is_labeled { "✓" } else { "" };
                let skipped = (task.cancelled_annotations > 0).then(|| {
                    let times = match task.cancelled_annotations {
                        1 => "Skipped once".to_owned(),
                        n => format!("Skipped {n} times"),
                    };
                    view! { <span class="ta-skipped" role="img" aria-label=times.clone() title=times><Icon glyph=icons::SKIP_FORWARD/></span> }
                });
                view! {
                    <a class="ta-task" href=href style:top=top role="row">
                        <span class="ta-num">{task.id}</span>{cells}
                        <span class="ta-num">{task.total_annotations}</span>
                        <span class="ta-num">{task.total_predictions}</span>
                        <span class="ta-marks">{done}{skipped}</span>
                        <span class="ta-muted">{task.updated_at.chars().take(16).collect::<String>().replace('T', " ")}</span>
                    </a>
                }
            })
            .collect_view()
    };
    let template: String = widths.iter().map(|w| format!("minmax({}px, {}fr) ", w.least, w.share)).collect();
    let template = format!("64px {template}88px 88px 64px 140px");
    // The fixed columns, the fields and the gaps: narrower than that the table scrolls.
    let fields: usize = widths.iter().map(|w| w.least).sum();
    let width = 64 + 88 + 88 + 64 + 140 + fields + 8 * (keys.len() + 6);
    let titles = keys.into_iter().map(|k| view! { <span>{k}</span> }).collect_view();
    view! {
        <div class="ta-tasks" role="table" aria-label="Tasks" style=format!("--ta-columns: {template}; --ta-width: {width}px")>
            <div class="ta-task ta-task-head" role="row"><span class="ta-num">"ID"</span>{titles}<span class="ta-num">"Annotations"</span><span class="ta-num">"Predictions"</span><span>"Done"</span><span>"Updated"</span></div>
            <div class="ta-task-frame" node_ref=frame on:scroll=on_scroll>
                <div class="ta-task-space" style:height=format!("{}px", count as f64 * ROW)>{rows}</div>
            </div>
        </div>
    }
}
