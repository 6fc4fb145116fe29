//! Tabs of annotations and predictions, newest first, and the menu of the one that is shown.

use crate::components::{Confirm, IconButton, Menu, MenuItem};
use crate::context::use_editor;
use crate::icons::{self, Icon};
use leptos::prelude::*;
use tagloom_editor::{Action, Annotation, AnnotationKey};

#[derive(Clone, Debug, PartialEq)]
struct Tab {
    key: AnnotationKey,
    caption: String,
    hint: String,
    prediction: bool,
    star: bool,
    dirty: bool,
    skipped: bool,
    shown: bool,
}

fn tab(annotation: &Annotation, shown: bool) -> Tab {
    let prediction = annotation.is_prediction();
    let score = annotation.score.map(|s| format!(" · {:.0} %", s * 100.0)).unwrap_or_default();
    // Of an address the part before the @ tells people of one project apart.
    let who = annotation.created_by.split('@').next().unwrap_or_default();
    let id = annotation.pk.as_deref();
    let caption = if prediction {
        format!("{who}{score}")
    } else {
        match (id, who.is_empty()) {
            (Some(id), true) => format!("#{id}"),
            (Some(id), false) => format!("{who} #{id}"),
            (None, _) => "New".to_owned(),
        }
    };
    let kind = if prediction { "Prediction" } else { "Annotation" };
    let mut hint = format!("{kind} {caption}");
    for (on, text) in [
        (annotation.ground_truth, "ground truth"),
        (annotation.skipped, "was skipped"),
        (annotation.from_draft, "draft"),
        (!prediction && annotation.is_dirty() && !annotation.from_draft, "not submitted"),
    ] {
        if on {
            hint.push_str(" · ");
            hint.push_str(text);
        }
    }
    if let Some(at) = &annotation.created_at {
        hint.push_str(" · ");
        hint.push_str(at);
    }
    Tab {
        key: annotation.key,
        caption,
        hint,
        prediction,
        star: annotation.ground_truth,
        dirty: !prediction && annotation.is_dirty(),
        skipped: annotation.skipped,
        shown,
    }
}

#[component]
pub(super) fn AnnotationTabs() -> impl IntoView {
    let context = use_editor();
    let tabs = Memo::new(move |_| {
        context.tabs().track();
        context.tree().track();
        let settings = context.settings().get();
        context.with(|e| {
            let shown = e.annotation().key;
            let on = |a: &Annotation| {
                let (name, setting) = if a.is_prediction() {
                    ("predictions:tabs", settings.show_predictions_panel)
                } else {
                    ("annotations:tabs", settings.show_annotations_panel)
                };
                a.key == shown || e.interfaces().has(name) && setting
            };
            e.annotations().iter().filter(|a| on(a)).map(|a| tab(a, a.key == shown)).collect::<Vec<_>>()
        })
    });
    let adds = move || context.with(|e| e.interfaces().has("annotations:add-new"));
    let keys = move |event: web_sys::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let list = tabs.get_untracked();
        let at = list.iter().position(|t| t.shown).unwrap_or(0) as i64;
        let next = (at + step).rem_euclid(list.len().max(1) as i64) as usize;
        if let Some(tab) = list.get(next) {
            context.dispatch(Action::SelectAnnotation(tab.key));
        }
    };
    let list = move || {
        tabs.get()
            .into_iter()
            .map(|t| {
                let key = t.key;
                view! {
                    <button type="button" role="tab" class="tl-tab" title=t.hint aria-selected=t.shown.to_string() tabindex=if t.shown { "0" } else { "-1" }
                        on:click=move |_| context.dispatch(Action::SelectAnnotation(key))>
                        {t.prediction.then(|| view! { <Icon glyph=icons::PREDICTION/> })}
                        {t.star.then(|| view! { <span class="tl-star"><Icon glyph=icons::STAR/></span> })}
                        {t.skipped.then(|| view! { <Icon glyph=icons::SKIP/> })}
                        <span class="tl-clip">{t.caption}</span>
                        {t.dirty.then(|| view! { <span class="tl-dot" aria-label="not submitted"></span> })}
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <div class="tl-tabs" role="tablist" aria-label="Annotations and predictions" on:keydown=keys>{list}</div>
        {move || adds().then(|| view! {
            <IconButton glyph=icons::PLUS label="New annotation" on_click=move || context.dispatch(Action::NewAnnotation)/>
        })}
    }
}

#[component]
pub(super) fn AnnotationMenu() -> impl IntoView {
    let context = use_editor();
    let deleting = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        context.tabs().track();
        context.tree().track();
        context.with(|e| {
            let a = e.annotation();
            (a.key, a.is_prediction(), a.ground_truth, a.pk.clone(), a.document.regions().len())
        })
    });
    let has = move |name: &'static str| context.with(|e| e.interfaces().has(name));
    let copy_id = move || {
        if let (Some(id), Some(window)) = (shown.get_untracked().3, web_sys::window()) {
            // Without permission nothing is copied; the id is in the tab and under History anyway.
            let _ = window.navigator().clipboard().write_text(&id);
        }
    };
    let text = Signal::derive(move || match shown.get() {
        (.., 0) => "It is empty.".to_owned(),
        (.., 1) => "Its one result is deleted with it. This cannot be undone.".to_owned(),
        (.., n) => format!("Its {n} results are deleted with it. This cannot be undone."),
    });
    view! {
        <Menu glyph=icons::MORE label="More about this annotation">
            <MenuItem glyph=icons::COPY
                text=Signal::derive(move || if shown.get().1 { "Copy into a new annotation".to_owned() } else { "Duplicate".to_owned() })
                on_click=move || context.dispatch(Action::CopyAnnotation(shown.get_untracked().0))/>
            {(has("ground-truth") && !shown.get_untracked().1).then(|| view! {
                <MenuItem glyph=icons::STAR
                    text=Signal::derive(move || if shown.get().2 { "Unset ground truth".to_owned() } else { "Set as ground truth".to_owned() })
                    on_click=move || {
                        let (key, _, star, ..) = shown.get_untracked();
                        context.dispatch(Action::SetGroundTruth(key, !star));
                    }/>
            })}
            <MenuItem glyph=icons::HASH text=Signal::stored("Copy its id".to_owned())
                disabled=Signal::derive(move || shown.get().3.is_none()) on_click=copy_id/>
            {(has("annotations:delete") && !shown.get_untracked().1).then(|| view! {
                <MenuItem glyph=icons::TRASH dangerous=true text=Signal::stored("Delete…".to_owned()) on_click=move || deleting.set(true)/>
            })}
        </Menu>
        <Confirm open=deleting heading="Delete this annotation?" text action="Delete"
            on_confirm=move || context.dispatch(Action::DeleteAnnotation(shown.get_untracked().0))/>
    }
}
