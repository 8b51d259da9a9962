//! Sending a file with its progress. `fetch` tells nothing of what has been sent, so this is an `XMLHttpRequest`.

use std::cell::RefCell;

use futures::channel::oneshot;
use leptos::ev::{DragEvent, Event};
use serde_json::Value as Json;
use shared::problem::{Code, Problem, ProblemDetails};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{File, HtmlInputElement, ProgressEvent, XmlHttpRequest};

use super::{net, session};
use crate::api::Answer;
use crate::components::log::Log;
use crate::text;

/// A file that the person chose.
pub(crate) type Picked = File;

thread_local! {
    /// The one that is under way.
    static RUNNING: RefCell<Option<XmlHttpRequest>> = const { RefCell::new(None) };
}

/// The file of an `input`, which is then empty again, so that the same one can be chosen twice.
pub(crate) fn chosen(event: &Event) -> Option<Picked> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    let file = input.files()?.get(0)?;
    input.set_value("");
    Some(file)
}

/// The file that was dropped.
pub(crate) fn dropped(event: &DragEvent) -> Option<Picked> {
    event.data_transfer()?.files()?.get(0)
}

/// Sends a log; `progress` gets the share that has been sent.
pub(crate) async fn upload(file: Picked, progress: impl Fn(f64) + 'static) -> Answer<Log> {
    session::ensure(true).await?;
    let network = |_| ProblemDetails::new(Problem::new(Code::Busy, text::problem::NETWORK), "");
    let request = XmlHttpRequest::new().map_err(network)?;
    request.open("POST", "/api/v1/usage").map_err(network)?;
    let name = file.name();
    let lower = name.to_ascii_lowercase();
    let lines = [".jsonl", ".ndjson", ".json"].iter().any(|end| lower.ends_with(end));
    let kind = if lines { "application/x-ndjson" } else { "text/csv" };
    request.set_request_header("content-type", kind).map_err(network)?;

    let sent = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    if let Ok(sending) = request.upload() {
        sending.set_onprogress(Some(sent.as_ref().unchecked_ref()));
    }
    let (ended, end) = oneshot::channel();
    let ended = Closure::once(move || {
        let _ = ended.send(());
    });
    request.set_onloadend(Some(ended.as_ref().unchecked_ref()));
    request.send_with_opt_blob(Some(&file)).map_err(network)?;
    RUNNING.set(Some(request.clone()));
    let _ = end.await;
    RUNNING.set(None);

    let answer = request.response_text().ok().flatten().unwrap_or_default();
    match request.status().unwrap_or(0) {
        200..300 => {
            let read: Json = net::read(&answer)?;
            Log::read(&name, &read).ok_or_else(net::unreadable)
        }
        // Broken off, by the person or by the network.
        0 => Err(network(wasm_bindgen::JsValue::NULL)),
        _ => Err(net::read(&answer).unwrap_or_else(|unreadable| unreadable)),
    }
}

/// Breaks off what is being sent.
pub(crate) fn stop_upload() {
    if let Some(request) = RUNNING.take() {
        let _ = request.abort();
    }
}
