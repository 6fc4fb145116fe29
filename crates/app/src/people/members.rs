//! Who belongs to the organization, and the link that lets others join.

use crate::api::{self, ApiError};
use crate::copy::Copied;
use crate::pages::Failure;
use crate::pages::projects::Pager;
use crate::shell::Session;
use crate::when;
use leptos::prelude::*;
use leptos_router::components::A;
use tagloom_api::{Invitation, Member, MemberPage, Organization};
use tagloom_editor_ui::components::Confirm;

const PAGE: u64 = 50;

#[component]
pub fn People() -> impl IntoView {
    let session = expect_context::<Session>();
    let me = move || session.user.with_untracked(|u| u.clone().unwrap_or_default());
    let id = me().active_organization.unwrap_or(0);
    let page = RwSignal::new(1u64);
    let version = RwSignal::new(0u32);
    let changed = Callback::new(move |()| version.update(|v| *v += 1));
    let organization = LocalResource::new(move || async move {
        api::get::<Organization>(&format!("/api/organizations/{id}")).await
    });
    let members = LocalResource::new(move || {
        version.track();
        let url = format!("/api/organizations/{id}/memberships?page={}&page_size={PAGE}", page.get());
        async move { api::get::<MemberPage>(&url).await }
    });
    let removing = RwSignal::new(None::<Member>);
    let asked = RwSignal::new(false);
    let error = RwSignal::new(None::<ApiError>);
    let remove = move || {
        let Some(member) = removing.get_untracked() else { return };
        error.set(None);
        leptos::task::spawn_local(async move {
            let url = format!("/api/organizations/{id}/memberships/{}/", member.user.id);
            match api::delete(&url).await {
                Ok(()) => changed.run(()),
                Err(e) => {
                    let _ = error.try_set(Some(e));
                }
            }
        });
    };
    let about = Signal::derive(move || {
        let name = removing.with(|m| m.as_ref().map(|m| m.user.name())).unwrap_or_default();
        format!(
            "{name} can no longer sign in, and their tokens stop working at once. Their annotations stay. An \
             invitation lets them come back."
        )
    });
    let body = move || {
        let found = members.get();
        let owner = organization.get();
        match (found, owner) {
            (None, _) | (_, None) => {
                view! { <p class="ta-note" role="status">"Loading the members…"</p> }.into_any()
            }
            (Some(Err(error)), _) | (_, Some(Err(error))) => {
                view! { <Failure error retry=changed/> }.into_any()
            }
            (Some(Ok(list)), Some(Ok(organization))) => {
                let mine = me().id;
                let i_own = organization.created_by == Some(mine);
                let rows = list
                    .results
                    .into_iter()
                    .map(|member| {
                        let owner = organization.created_by == Some(member.user.id);
                        let removable = i_own && !owner && member.user.id != mine;
                        view! { <Row member owner mine removable removing asked/> }
                    })
                    .collect_view();
                let pages = list.count.div_ceil(PAGE);
                view! {
                    <div class="ta-scrolled">
                        <table class="ta-table">
                            <thead><tr><th>"Name"</th><th>"E-mail"</th><th>"Role"</th><th>"Last active"</th><th>"Joined"</th><th><span class="ta-sr">"Actions"</span></th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                    <Pager page pages/>
                }
                .into_any()
            }
        }
    };
    let title = move || organization.get().and_then(Result::ok).map(|o| o.title).unwrap_or_default();
    view! {
        <main class="ta-page">
            <header class="ta-head"><h1>"People"</h1><span class="ta-muted">{title}</span></header>
            {move || error.get().map(|error| view! { <Failure error/> })}
            <section class="ta-part" aria-label="Members">{body}</section>
            <Invite/>
            <Confirm open=asked heading="Remove this member?" text=about action="Remove" on_confirm=remove/>
        </main>
    }
}

#[component]
fn Row(
    member: Member,
    owner: bool,
    mine: i64,
    removable: bool,
    removing: RwSignal<Option<Member>>,
    asked: RwSignal<bool>,
) -> impl IntoView {
    let user = member.user.clone();
    let name = format!("{} {}", user.first_name, user.last_name).trim().to_owned();
    let named = user.name();
    let me = user.id == mine;
    view! {
        <tr>
            <td>
                <span class="ta-person"><Face initials=user.initials.clone() avatar=user.avatar.clone()/>
                    <span class="tl-clip">{if name.is_empty() { "—".to_owned() } else { name }}</span>
                    {me.then(|| view! { <A href="/account">"you"</A> })}
                </span>
            </td>
            <td class="ta-key">{user.email.clone()}</td>
            <td>{if owner { "Owner" } else { "Member" }}</td>
            <td class="ta-muted" title=when::full(&user.last_activity)>{when::ago(&user.last_activity)}</td>
            <td class="ta-muted">{when::date(&user.date_joined)}</td>
            <td class="ta-end">
                {removable.then(|| view! {
                    <button type="button" class="ta-button ta-quiet-danger" aria-label=format!("Remove {named}")
                        on:click=move |_| { removing.set(Some(member.clone())); asked.set(true); }>"Remove"</button>
                })}
            </td>
        </tr>
    }
}

/// The picture of somebody, or their initials.
#[component]
pub fn Face(initials: String, avatar: Option<String>) -> impl IntoView {
    match avatar.filter(|a| !a.is_empty()) {
        Some(src) => view! { <img class="ta-face" src=src alt="" width="24" height="24"/> }.into_any(),
        None => {
            view! { <span class="ta-face" aria-hidden="true">{initials.to_uppercase()}</span> }.into_any()
        }
    }
}

#[component]
fn Invite() -> impl IntoView {
    let link = RwSignal::new(None::<Result<Invitation, ApiError>>);
    let asked = RwSignal::new(false);
    let load = move |reset: bool| {
        leptos::task::spawn_local(async move {
            let answer = if reset {
                api::post::<Invitation>("/api/invite/reset-token", &serde_json::json!({})).await
            } else {
                api::get::<Invitation>("/api/invite").await
            };
            let _ = link.try_set(Some(answer));
        });
    };
    load(false);
    let retry = Callback::new(move |()| load(false));
    let body = move || match link.get() {
        None => view! { <p class="ta-note" role="status">"Loading the link…"</p> }.into_any(),
        Some(Err(error)) => view! { <Failure error retry/> }.into_any(),
        Some(Ok(invitation)) => view! {
            <Copied text=Signal::stored(absolute(&invitation.invite_url)) label="Invitation link"/>
            <button type="button" class="ta-button" on:click=move |_| asked.set(true)>"New link"</button>
        }
        .into_any(),
    };
    view! {
        <section class="ta-part" aria-label="Invitation">
            <h2>"Invite people"</h2>
            <p class="ta-muted">"Whoever opens this link can make an account in this organization. It works until you make a new one."</p>
            <div class="ta-invite">{body}</div>
            <Confirm open=asked heading="Make a new link?" text=Signal::stored("The old link stops working for everybody who has it. Members stay.".to_owned())
                action="Make a new link" on_confirm=move || load(true)/>
        </section>
    }
}

/// With this page's origin in front, for carrying it elsewhere.
fn absolute(path: &str) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    let origin = web_sys::window().and_then(|w| w.location().origin().ok()).unwrap_or_default();
    format!("{origin}{path}")
}
