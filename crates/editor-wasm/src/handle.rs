//! The class that JavaScript sees.

use crate::{events, options, slots};
use js_sys::Function;
use leptos::prelude::*;
use serde_json::{Value, json};
use std::rc::Rc;
use tagloom_editor::{Action, AnnotationKey};
use tagloom_editor_ui::{EditorContext, LabelingScreen, STYLES};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ShadowRootInit, ShadowRootMode};

/// One editor on the page. Call `destroy` when its element goes.
#[wasm_bindgen]
#[derive(Debug)]
pub struct EditorHandle {
    id: u32,
}

fn error(message: impl AsRef<str>) -> JsError {
    JsError::new(message.as_ref())
}

#[wasm_bindgen]
impl EditorHandle {
    /// Mounts an editor in `target`, in a shadow root of its own unless `options.shadow` is false.
    pub fn create(target: &HtmlElement, options: &JsValue) -> Result<EditorHandle, JsError> {
        let parsed = options::read(options).map_err(error)?;
        let shadow =
            js_sys::Reflect::get(options, &"shadow".into()).ok().and_then(|v| v.as_bool()).unwrap_or(true);
        let document =
            target.owner_document().ok_or_else(|| error("the target is not part of a document"))?;
        let root = mount_point(target, &document, shadow)?;

        // Kept alive by the slot: signals made here live exactly as long as the editor.
        let owner = Owner::new();
        let context = owner.with(|| EditorContext::new(parsed));
        let handle = owner.with(|| {
            leptos::mount::mount_to(root.clone(), move || {
                provide_context(context);
                view! { <LabelingScreen/> }
            })
        });
        let instance = slots::Instance {
            context,
            host: root,
            listeners: std::collections::HashMap::new(),
            unmount: Some(Box::new(move || drop(handle))),
            owner,
        };
        let id = slots::add(instance);
        context.set_event_handler(Rc::new(move |context, event| {
            events::deliver(id, event.name(), &events::detail(context, event));
        }));
        Ok(EditorHandle { id })
    }

    fn context(&self) -> Result<EditorContext, JsError> {
        slots::with(self.id, |i| i.context).ok_or_else(|| error("the editor was destroyed"))
    }

    fn dispatch(&self, action: Action) -> Result<(), JsError> {
        self.context()?.dispatch(action);
        Ok(())
    }

    /// The result list of the shown annotation.
    pub fn serialize(&self) -> Result<JsValue, JsError> {
        let results = self.context()?.with(|e| e.serialize());
        Ok(options::to_js(&Value::Array(results)))
    }

    pub fn submit(&self) -> Result<(), JsError> {
        self.dispatch(Action::Submit)
    }
    pub fn skip(&self) -> Result<(), JsError> {
        self.dispatch(Action::Skip { comment: None })
    }
    pub fn undo(&self) -> Result<(), JsError> {
        self.context()?.run_command("annotation:undo");
        Ok(())
    }
    pub fn redo(&self) -> Result<(), JsError> {
        self.context()?.run_command("annotation:redo");
        Ok(())
    }

    /// Shows another task: `{id, data, annotations, predictions}`.
    #[wasm_bindgen(js_name = assignTask)]
    pub fn assign_task(&self, task: &JsValue) -> Result<(), JsError> {
        let text = js_sys::JSON::stringify(task).ok().and_then(|t| t.as_string());
        let task =
            text.and_then(|t| serde_json::from_str(&t).ok()).ok_or_else(|| error("the task is not JSON"))?;
        self.dispatch(Action::AssignTask(Box::new(task)))
    }

    #[wasm_bindgen(js_name = assignConfig)]
    pub fn assign_config(&self, xml: String) -> Result<(), JsError> {
        self.dispatch(Action::AssignConfig(xml))
    }

    #[wasm_bindgen(js_name = selectAnnotation)]
    pub fn select_annotation(&self, key: u32) -> Result<(), JsError> {
        self.dispatch(Action::SelectAnnotation(AnnotationKey(key)))
    }

    /// Tells the editor that the host stored the annotation, under this id.
    pub fn saved(&self, key: u32, pk: Option<String>) -> Result<(), JsError> {
        self.dispatch(Action::Saved { key: AnnotationKey(key), pk })
    }

    /// Tells the editor that the host could not store the annotation; the message is shown.
    #[wasm_bindgen(js_name = saveFailed)]
    pub fn save_failed(&self, key: u32, message: String) -> Result<(), JsError> {
        self.dispatch(Action::SaveFailed { key: AnnotationKey(key), message })
    }

    /// Runs a named command of the keymap; false where nothing answers to it now.
    pub fn command(&self, name: &str) -> Result<bool, JsError> {
        Ok(self.context()?.run_command(name))
    }

    /// A snapshot: task id, tabs, selection, diagnostics, undo state.
    pub fn state(&self) -> Result<JsValue, JsError> {
        let state = self.context()?.with(|e| {
            let tabs: Vec<Value> = e
                .annotations()
                .iter()
                .map(|a| {
                    json!({
                        "key": a.key.0, "pk": a.pk, "prediction": a.is_prediction(), "dirty": a.is_dirty(),
                        "skipped": a.skipped, "groundTruth": a.ground_truth, "createdBy": a.created_by,
                    })
                })
                .collect();
            let document = e.document();
            json!({
                "taskId": e.task().id,
                "annotations": tabs,
                "selected": e.annotation().key.0,
                "selection": document.selection().iter().map(|id| id.as_str()).collect::<Vec<_>>(),
                "canUndo": document.can_undo(),
                "canRedo": document.can_redo(),
                "readOnly": e.is_read_only(),
                "diagnostics": e.config().diagnostics(),
                "messages": e.messages().iter().map(|m| m.text.as_str()).collect::<Vec<_>>(),
            })
        });
        Ok(options::to_js(&state))
    }

    /// Listens to an event by its name of spec/editor-api.md 1.3.
    pub fn on(&self, event: String, listener: Function) -> Result<(), JsError> {
        slots::with(self.id, |i| i.listeners.entry(event).or_default().push(listener))
            .ok_or_else(|| error("the editor was destroyed"))
    }

    /// Stops listening: this listener, or all of the event.
    pub fn off(&self, event: &str, listener: Option<Function>) -> Result<(), JsError> {
        slots::with(self.id, |i| {
            if let Some(list) = i.listeners.get_mut(event) {
                match &listener {
                    Some(gone) => list.retain(|l| l != gone),
                    None => list.clear(),
                }
            }
        })
        .ok_or_else(|| error("the editor was destroyed"))
    }

    /// Unmounts the editor and gives everything back. Calling it twice does nothing.
    pub fn destroy(&self) {
        if let Some(mut instance) = slots::take(self.id) {
            if let Some(unmount) = instance.unmount.take() {
                unmount();
            }
            instance.owner.cleanup();
            instance.host.remove();
        }
    }
}

/// The element that views are mounted in, with the editor's styles beside it.
fn mount_point(
    target: &HtmlElement,
    document: &web_sys::Document,
    shadow: bool,
) -> Result<HtmlElement, JsError> {
    let make =
        |tag: &str| document.create_element(tag).map_err(|_| error("the document refuses new elements"));
    let host: HtmlElement = make("div")?.unchecked_into();
    host.set_class_name("tl-root");
    let style = make("style")?;
    style.set_text_content(Some(STYLES));
    let failed = |_| error("the editor cannot be attached to the target");
    if shadow {
        let root = match target.shadow_root() {
            Some(root) => root,
            None => target.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open)).map_err(|_| {
                error("the target cannot hold a shadow root; use a div, or pass shadow: false")
            })?,
        };
        // A second editor in one target takes the first one's styles over.
        if root.query_selector("style").ok().flatten().is_none() {
            root.append_child(&style).map_err(failed)?;
        }
        root.append_child(&host).map_err(failed)?;
    } else {
        host.append_child(&style).map_err(failed)?;
        target.append_child(&host).map_err(failed)?;
    }
    Ok(host)
}
