//! The app around the pages: router, session, rail, theme.

use crate::api;
use crate::icons as app_icons;
use crate::labeling::Labeling;
use crate::pages::{
    data::Data, login::Login, new_project::NewProject, projects::Projects, settings::Settings,
};
use crate::people::{Account, People, SignUp};
use crate::storages::{EditStorage, NewStorage, Storages};
use leptos::prelude::*;
use leptos_router::components::{A, Redirect, Route, Router, Routes};
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::path;
use tagloom_api::User;
use tagloom_editor_ui::icons::{self, Icon};

/// Who is signed in; `None` until it is known.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub user: RwSignal<Option<User>>,
    pub checked: RwSignal<bool>,
}

impl Session {
    /// Asks the server who this is.
    pub async fn refresh(self) {
        let user = api::get::<User>("/api/current-user/whoami").await;
        self.user.set(user.ok());
        self.checked.set(true);
    }
}

#[component]
pub fn App() -> impl IntoView {
    let session = Session { user: RwSignal::new(None), checked: RwSignal::new(false) };
    provide_context(session);
    leptos::task::spawn_local(session.refresh());
    let theme = RwSignal::new(stored_theme());
    Effect::new(move |_| apply_theme(&theme.get()));
    provide_context(theme);
    view! {
        <Router>
            <div class="tl-root ta-app">
                <Rail/>
                <Routes fallback=|| view! { <NotFound/> }>
                    <Route path=path!("/") view=|| view! { <Redirect path="/projects"/> }/>
                    <Route path=path!("/user/login") view=Login/>
                    <Route path=path!("/user/signup") view=SignUp/>
                    <Route path=path!("/people") view=|| view! { <Guard><People/></Guard> }/>
                    <Route path=path!("/account") view=|| view! { <Guard><Account/></Guard> }/>
                    <Route path=path!("/projects") view=|| view! { <Guard><Projects/></Guard> }/>
                    <Route path=path!("/projects/new") view=|| view! { <Guard><NewProject/></Guard> }/>
                    <Route path=path!("/projects/:id") view=|| view! { <Guard><Data/></Guard> }/>
                    <Route path=path!("/projects/:id/data") view=|| view! { <Guard><Data/></Guard> }/>
                    <Route path=path!("/projects/:id/settings") view=|| view! { <Guard><Settings/></Guard> }/>
                    <Route path=path!("/projects/:id/storages") view=|| view! { <Guard><Storages/></Guard> }/>
                    <Route path=path!("/projects/:id/storages/new") view=|| view! { <Guard><NewStorage/></Guard> }/>
                    <Route path=path!("/projects/:id/storages/:purpose/:kind/:storage") view=|| view! { <Guard><EditStorage/></Guard> }/>
                    <Route path=path!("/projects/:id/label") view=|| view! { <Guard><Labeling/></Guard> }/>
                    <Route path=path!("/projects/:id/tasks/:task") view=|| view! { <Guard><Labeling/></Guard> }/>
                </Routes>
            </div>
        </Router>
    }
}

/// Shows a page to people who are signed in, and the sign-in page to others.
#[component]
fn Guard(children: ChildrenFn) -> impl IntoView {
    let session = expect_context::<Session>();
    let location = use_location();
    let ready = move || session.checked.get() && session.user.with(Option::is_some);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if session.checked.get() && session.user.with(Option::is_none) {
            let next = location.pathname.get_untracked();
            navigate(&format!("/user/login/?next={next}"), leptos_router::NavigateOptions::default());
        }
    });
    view! { <Show when=ready fallback=|| view! { <p class="ta-loading" role="status">"Loading…"</p> }>{children()}</Show> }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <main class="ta-page ta-empty">
            <h1>"There is no such page"</h1>
            <p><A href="/projects">"Back to the projects"</A></p>
        </main>
    }
}

#[component]
fn Rail() -> impl IntoView {
    let session = expect_context::<Session>();
    let theme = expect_context::<RwSignal<String>>();
    let location = use_location();
    let hidden = move || {
        let path = location.pathname.get();
        path.starts_with("/user/") || path.ends_with("/label") || path.contains("/tasks/")
    };
    let sign_out = move |_| {
        leptos::task::spawn_local(async move {
            // Signing out must work even where the server cannot be told.
            let _ = api::post_empty("/api/auth/logout").await;
            session.user.set(None);
        });
    };
    let next_theme = move |_| {
        theme.update(|t| {
            *t = match t.as_str() {
                "" => "light".into(),
                "light" => "dark".into(),
                _ => String::new(),
            };
        });
    };
    let theme_name = move || match theme.get().as_str() {
        "light" => "Light",
        "dark" => "Dark",
        _ => "Like the system",
    };
    let theme_icon = move || match theme.get().as_str() {
        "light" => icons::SUN,
        "dark" => icons::MOON,
        _ => icons::SUN_MOON,
    };
    view! {
        <Show when=move || !hidden() && session.user.with(Option::is_some)>
            <nav class="ta-rail" aria-label="Main">
                <A href="/projects" attr:title="Projects" attr:aria-label="Projects"><span class="ta-mark" aria-hidden="true">"T"</span></A>
                <A href="/people" attr:class="ta-rail-button" attr:title="People" attr:aria-label="People"><Icon glyph=app_icons::PEOPLE/></A>
                <span class="ta-spacer"></span>
                <A href="/account" attr:class="ta-rail-button" attr:title="Your account" attr:aria-label="Your account"><Icon glyph=app_icons::PERSON/></A>
                <button type="button" class="ta-rail-button" title=move || format!("Theme: {}", theme_name()) aria-label=move || format!("Theme: {}", theme_name()) on:click=next_theme>{move || view! { <Icon glyph=theme_icon()/> }}</button>
                <button type="button" class="ta-rail-button" title="Sign out" aria-label="Sign out" on:click=sign_out><Icon glyph=icons::SIGN_OUT/></button>
            </nav>
        </Show>
    }
}

const THEME: &str = "tagloom:theme";

fn stored_theme() -> String {
    let storage = web_sys::window().and_then(|w| w.local_storage().ok().flatten());
    storage.and_then(|s| s.get_item(THEME).ok().flatten()).unwrap_or_default()
}

fn apply_theme(theme: &str) {
    let Some(window) = web_sys::window() else { return };
    if let Some(storage) = window.local_storage().ok().flatten() {
        // A theme that cannot be stored lasts for this page only.
        let _ = storage.set_item(THEME, theme);
    }
    if let Some(root) = window.document().and_then(|d| d.document_element()) {
        let _ = if theme.is_empty() {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", theme)
        };
    }
}
