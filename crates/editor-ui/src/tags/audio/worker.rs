//! The other end of the decoding worker: what it is asked and what it answers.

use js_sys::{Int16Array, Object, Reflect, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

thread_local! {
    static ADDRESS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Tells where the script of the decoding worker is; without one sound plays and has no waveform.
#[wasm_bindgen(js_name = setAudioWorker)]
pub fn set_audio_worker(url: String) {
    ADDRESS.with_borrow_mut(|address| *address = Some(url));
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Info {
    pub rate: f64,
    pub channels: usize,
    pub factor: f64,
    /// 0 when the file does not say.
    pub seconds: f64,
}

/// What went wrong, and whether the browser's own decoder might do better.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub name: String,
    pub message: String,
    pub status: u16,
    pub bytes: u64,
}

/// A spectrogram: bytes row by row, the highest frequency first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub start: f64,
    pub end: f64,
    pub columns: usize,
    pub rows: usize,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Info(Info),
    Peaks { peaks: Vec<i16>, loaded: f64, total: f64 },
    Progress { loaded: f64, total: f64 },
    Done { truncated: bool },
    Picture(Picture),
    NoPicture(String),
    Failed(Failure),
}

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn number(of: &JsValue, name: &str) -> f64 {
    field(of, name).as_f64().unwrap_or(0.0)
}

fn text(of: &JsValue, name: &str) -> String {
    field(of, name).as_string().unwrap_or_default()
}

fn read(data: &JsValue) -> Option<Answer> {
    let has = |name: &str| Some(field(data, name)).filter(|v| !v.is_undefined());
    if let Some(info) = has("info") {
        return Some(Answer::Info(Info {
            rate: number(&info, "rate"),
            channels: number(&info, "channels") as usize,
            factor: number(&info, "factor"),
            seconds: number(&info, "seconds"),
        }));
    }
    if let Some(peaks) = has("peaks") {
        let peaks = peaks.dyn_into::<Int16Array>().ok()?.to_vec();
        return Some(Answer::Peaks { peaks, loaded: number(data, "loaded"), total: number(data, "total") });
    }
    if let Some(p) = has("progress") {
        return Some(Answer::Progress { loaded: number(&p, "loaded"), total: number(&p, "total") });
    }
    if has("done").is_some() {
        return Some(Answer::Done { truncated: field(data, "truncated").is_truthy() });
    }
    if let Some(f) = has("failure") {
        return Some(Answer::Failed(Failure {
            name: text(&f, "name"),
            message: text(&f, "message"),
            status: number(&f, "status") as u16,
            bytes: number(&f, "bytes") as u64,
        }));
    }
    let picture = has("picture")?;
    Some(match picture.dyn_into::<Uint8Array>() {
        Ok(bytes) => Answer::Picture(Picture {
            start: number(data, "start"),
            end: number(data, "end"),
            columns: number(data, "columns") as usize,
            rows: number(data, "rows") as usize,
            bytes: bytes.to_vec(),
        }),
        Err(_) => Answer::NoPicture(text(data, "message")),
    })
}

/// A running worker; it ends when this is dropped.
pub(super) struct Decoding {
    worker: Worker,
    _listen: Closure<dyn FnMut(MessageEvent)>,
    _fail: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Decoding {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn object(entries: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        // Setting a field of a new object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

impl Decoding {
    /// Starts decoding `url`; with `quiet` the file is only opened, for pictures of it. `None` where there is no worker.
    pub fn start(url: &str, quiet: bool, on_answer: impl Fn(Answer) + 'static) -> Option<Self> {
        let address = ADDRESS.with_borrow(Clone::clone)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&address, &options).ok()?;
        let on_answer = std::rc::Rc::new(on_answer);
        let told = on_answer.clone();
        let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |e: MessageEvent| {
            if let Some(answer) = read(&e.data()) {
                told(answer);
            }
        });
        let fail = Closure::<dyn FnMut(web_sys::Event)>::new(move |_| {
            on_answer(Answer::Failed(Failure {
                name: "Worker".into(),
                message: "the decoding worker could not be started".into(),
                status: 0,
                bytes: 0,
            }));
        });
        worker.set_onmessage(Some(listen.as_ref().unchecked_ref()));
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        let absolute = web_sys::window()
            .and_then(|w| w.document())
            .and_then(|d| d.base_uri().ok().flatten())
            .and_then(|base| web_sys::Url::new_with_base(url, &base).ok())
            .map_or_else(|| url.to_owned(), |u| u.href());
        let message = object(&[("open", absolute.into()), ("quiet", quiet.into())]);
        worker.post_message(&message).ok()?;
        Some(Self { worker, _listen: listen, _fail: fail })
    }

    /// Asks for a spectrogram; only the last one asked for is made.
    pub fn picture(&self, start: f64, end: f64, columns: usize, rows: usize, mel: bool) {
        let ask = object(&[
            ("start", start.into()),
            ("end", end.into()),
            ("columns", (columns as f64).into()),
            ("rows", (rows as f64).into()),
            ("mel", mel.into()),
        ]);
        // A worker that has gone makes no picture; nothing else depends on it.
        let _ = self.worker.post_message(&object(&[("picture", ask.into())]));
    }
}
