//! The question about an annotation that was changed elsewhere.

use super::conflict::{Conflict, Decision};
use crate::{api, when};
use leptos::prelude::*;
use tagloom_api::User;
use tagloom_editor_ui::components::Dialog;

/// Open while there is a conflict; closing it in any way decides.
#[component]
pub fn ConflictDialog(
    conflict: RwSignal<Option<Conflict>>,
    /// The id of whoever works here.
    user: i64,
    decide: Callback<(Conflict, Decision)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(conflict.with(Option::is_some)));
    let choose = move |decision: Decision| {
        if let Some(asked) = conflict.get_untracked() {
            conflict.set(None);
            decide.run((asked, decision));
        }
    };
    // Escape and the cross close it without a choice.
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            choose(Decision::Later);
        }
        now
    });
    view! {
        <Dialog open label="The annotation was changed meanwhile" class="ta-conflict">
            {move || conflict.get().map(|asked| view! { <Question asked user choose=Callback::new(choose)/> })}
        </Dialog>
    }
}

#[component]
fn Question(asked: Conflict, user: i64, choose: Callback<Decision>) -> impl IntoView {
    let by = asked.by();
    let who = RwSignal::new(if by == Some(user) {
        "You, in another tab or browser,".to_owned()
    } else {
        "Somebody else".to_owned()
    });
    if let Some(id) = by.filter(|id| *id != user) {
        leptos::task::spawn_local(async move {
            // Without the name it stays somebody.
            if let Ok(found) = api::get::<User>(&format!("/api/users/{id}/")).await {
                let _ = who.try_set(found.name());
            }
        });
    }
    let time = asked.at().map(when::ago).unwrap_or_default();
    let (mine, theirs) = asked.choices();
    let (mine_then, theirs_then) = asked.consequences();
    let (mine_has, theirs_has) = asked.sides();
    let heading = asked.heading();
    let text = move || asked.text(&who.get(), &time);
    let side = |name: &str, has: Option<String>, then: &'static str| {
        let has = has.map(|has| format!(" ({has})")).unwrap_or_default();
        view! { <li><strong>{name.to_owned()}</strong>{has}": "{then}</li> }
    };
    view! {
        <header class="tl-dialog-head"><h2>{heading}</h2></header>
        <div class="tl-dialog-body">
            <p>{text}</p>
            <ul>{side(mine, mine_has, mine_then)}{side(theirs, theirs_has, theirs_then)}</ul>
        </div>
        <footer class="tl-dialog-foot">
            <button type="button" class="tl-button" autofocus on:click=move |_| choose.run(Decision::Later)>"Decide later"</button>
            <button type="button" class="tl-button" on:click=move |_| choose.run(Decision::TakeTheirs)>{theirs}</button>
            <button type="button" class="tl-button tl-primary" on:click=move |_| choose.run(Decision::KeepMine)>{mine}</button>
        </footer>
    }
}
