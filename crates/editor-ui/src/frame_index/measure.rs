//! Measuring a rate where no container can be read: a silent twin of the video plays for a moment, and the browser says
//! when each of its frames is due (FI-4a).

use crate::fetch::Cancel;
use crate::media::VideoFrames;
use std::cell::RefCell;
use std::rc::Rc;
use tagloom_video_sync::Nanos;
use wasm_bindgen::JsCast;
use web_sys::HtmlVideoElement;

/// Enough frames to tell 29.97 from 30 by their rounded times.
const ENOUGH: usize = 40;
/// How long to wait for them.
const PATIENCE_MS: u32 = 3000;
const LOOK_EVERY_MS: u32 = 50;

/// Media times of the first frames; `None` where the browser does not tell, or plays nothing.
pub(super) async fn frames(url: &str, cross_origin: Option<&str>, cancel: &Cancel) -> Option<Vec<Nanos>> {
    let document = web_sys::window()?.document()?;
    let video: HtmlVideoElement = document.create_element("video").ok()?.dyn_into().ok()?;
    video.set_muted(true);
    video.set_preload("auto");
    video.set_cross_origin(cross_origin);
    let times: Rc<RefCell<Vec<Nanos>>> = Rc::default();
    let seen = times.clone();
    let watching = VideoFrames::watch(&video, move |shown| seen.borrow_mut().push(shown.media_time))?;
    video.set_src(url);
    // Muted playback needs no click; where it is refused all the same, nothing is measured.
    let playing = video.play().ok();
    if let Some(playing) = playing {
        leptos::task::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(playing).await;
        });
    }
    let mut waited = 0;
    while waited < PATIENCE_MS && times.borrow().len() < ENOUGH && !video.ended() && !cancel.is_cancelled() {
        gloo_timers::future::TimeoutFuture::new(LOOK_EVERY_MS).await;
        waited += LOOK_EVERY_MS;
    }
    drop(watching);
    let _ = video.pause();
    video.remove_attribute("src").ok()?;
    video.load();
    let mut times = times.take();
    times.sort_unstable();
    Some(times)
}
