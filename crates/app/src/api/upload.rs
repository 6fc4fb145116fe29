//! Uploading files with progress, which `fetch` does not report.

use super::{ApiError, ApiResult, csrf};
use tagloom_api::ImportAnswer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FormData, ProgressEvent, XmlHttpRequest};

/// Uploads files into a project; `progress` gets bytes sent and bytes in all.
pub async fn upload(
    project: i64,
    files: &[File],
    progress: impl Fn(f64, f64) + 'static,
) -> ApiResult<ImportAnswer> {
    let failed = |_| ApiError::offline();
    let form = FormData::new().map_err(failed)?;
    for file in files {
        form.append_with_blob_and_filename("file", file, &file.name()).map_err(failed)?;
    }
    let request = XmlHttpRequest::new().map_err(failed)?;
    request.open_with_async("POST", &format!("/api/projects/{project}/import"), true).map_err(failed)?;
    request.set_request_header("x-csrftoken", &csrf()).map_err(failed)?;
    let on_progress =
        Closure::<dyn FnMut(ProgressEvent)>::new(move |e: ProgressEvent| progress(e.loaded(), e.total()));
    request.upload().map_err(failed)?.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    let sent = request.clone();
    let done = js_sys::Promise::new(&mut |resolve, _| {
        // `loadend` comes after success and failure alike.
        sent.set_onloadend(Some(&resolve));
    });
    request.send_with_opt_form_data(Some(&form)).map_err(failed)?;
    JsFuture::from(done).await.map_err(failed)?;
    let status = request.status().unwrap_or(0);
    let body = request.response_text().ok().flatten().unwrap_or_default();
    match status {
        0 => Err(ApiError::offline()),
        200..=299 => super::parse(&body),
        status => Err(ApiError::from_answer(status, &body)),
    }
}
