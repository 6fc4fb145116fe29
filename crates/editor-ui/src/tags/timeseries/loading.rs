//! Getting the data of a series: from the task, or from a file that is read while it arrives, in slices so short that the
//! page stays alive.

use super::spec::SeriesSpec;
use super::zone;
use crate::fetch::{Cancel, FetchError, Progress, open};
use serde_json::Value;
use tagloom_timeseries::load::{load_body, load_json};
use tagloom_timeseries::{CsvLoader, LoadError, LoadOptions, Loaded, Notice};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Milliseconds after which a slice of work lets the browser draw and answer.
const SLICE_MS: f64 = 6.0;
/// Bytes that are read between two looks at the clock.
const STRIDE: usize = 32 << 10;
/// Milliseconds between two reports of progress.
const REPORT_MS: f64 = 100.0;

/// Why there is nothing to show.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub text: String,
    /// Sorting the rows would mend it.
    pub can_sort: bool,
}

/// How far it is, and how fast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pace {
    pub progress: Progress,
    /// Milliseconds since the start.
    pub elapsed_ms: f64,
}

pub(super) fn now_ms() -> f64 {
    web_sys::window().and_then(|w| w.performance()).map_or(0.0, |p| p.now())
}

/// Lets the browser do what it has to before going on: by its scheduler, else by a timer.
async fn breathe() {
    let Some(window) = web_sys::window() else { return };
    let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &JsValue::from_str(name)).ok();
    let scheduler = get(&window, "scheduler").filter(|s| s.is_object());
    let asked = scheduler.and_then(|s| get(&s, "yield")?.dyn_ref::<js_sys::Function>()?.call0(&s).ok());
    let promise = match asked {
        Some(promise) => js_sys::Promise::from(promise),
        None => js_sys::Promise::new(&mut |resolve, _| {
            // A timer without delay is always granted.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 0);
        }),
    };
    // Neither of them fails, and going on at once is no harm.
    let _ = JsFuture::from(promise).await;
}

/// Loads the series of a task.
pub(super) async fn load(
    spec: &SeriesSpec,
    value: &Value,
    cancel: &Cancel,
    report: impl Fn(Pace),
) -> Result<Loaded, Failure> {
    let mut spec = spec.clone();
    let zone = zone::find(&spec.time_zone);
    spec.load.time.zone = zone.clone().unwrap_or_default();
    let mut loaded = load_in_zone(&spec, value, cancel, report).await?;
    if zone.is_err() {
        loaded.notices.push(Notice::ZoneUnknown { name: spec.time_zone });
    }
    Ok(loaded)
}

async fn load_in_zone(
    spec: &SeriesSpec,
    value: &Value,
    cancel: &Cancel,
    report: impl Fn(Pace),
) -> Result<Loaded, Failure> {
    let refused = |e: LoadError| Failure {
        can_sort: matches!(e, LoadError::Unsorted { .. }),
        text: format!("{}: {e}", spec.name),
    };
    let plain = |text: String| Failure { text: format!("{}: {text}", spec.name), can_sort: false };
    if let Value::Object(_) = value {
        return load_json(value, &spec.load).map_err(refused);
    }
    let Some(text) = value.as_str().filter(|t| !t.trim().is_empty()) else {
        return Err(plain("the field named by its value is missing in this task.".to_owned()));
    };
    if spec.is_json || text.trim_start().starts_with('{') || text.contains('\n') {
        return load_body(text.as_bytes(), &spec.load).map_err(refused);
    }
    let failed = |e: FetchError| plain(e.to_string());
    let begun = now_ms();
    let mut body = open(text, cancel).await.map_err(failed)?;
    // A body that begins with a brace may be an object of arrays, which cannot be read in pieces.
    let mut csv: Option<CsvLoader> = None;
    let mut whole: Vec<u8> = Vec::new();
    let (mut slice, mut reported) = (now_ms(), begun);
    while let Some(piece) = body.next().await.map_err(failed)? {
        let mut rest = piece;
        if csv.is_none() {
            whole.extend_from_slice(&rest);
            if whole.trim_ascii_start().first().is_none_or(|b| *b == b'{') {
                continue;
            }
            let total_bytes = body.progress().total;
            csv = Some(CsvLoader::new(LoadOptions { total_bytes, ..spec.load.clone() }));
            rest = std::mem::take(&mut whole);
        }
        let Some(loader) = &mut csv else { continue };
        for stride in rest.chunks(STRIDE) {
            loader.push(stride).map_err(|e| {
                cancel.cancel();
                refused(e)
            })?;
            let now = now_ms();
            if now - reported > REPORT_MS {
                reported = now;
                report(Pace { progress: body.progress(), elapsed_ms: now - begun });
            }
            if now - slice > SLICE_MS {
                breathe().await;
                slice = now_ms();
                if cancel.is_cancelled() {
                    return Err(plain(FetchError::Cancelled.to_string()));
                }
            }
        }
    }
    match csv {
        Some(loader) => loader.finish().map_err(refused),
        None => load_body(&whole, &spec.load).map_err(refused),
    }
}
