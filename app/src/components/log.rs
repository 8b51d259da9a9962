//! A log of requests beside the message: chosen or dropped, sent with its progress, and what was read from it.

use leptos::ev::{DragEvent, Event};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use shared::format;
use shared::problem::ProblemDetails;

use super::problem::problem_view;
use crate::browser::{self, Picked};
use crate::{figures, text};

/// A log that the server has read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// Its id, for messages that use it.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Label and value of what was found.
    pub facts: Vec<(String, String)>,
    /// Line and reason of the first rows that could not be read.
    pub rejected: Vec<(u64, String)>,
}

impl Log {
    /// From the server's answer; `None` if that is not one.
    #[cfg_attr(feature = "ssr", allow(dead_code, reason = "only the browser sends one"))]
    pub(crate) fn read(name: &str, answer: &Json) -> Option<Self> {
        let number = |at: &str| answer.pointer(at).and_then(Json::as_f64);
        let whole = |at: &str| number(at).map(format::count);
        let mut facts = vec![(text::log::ROWS.to_string(), whole("/rows")?)];
        let mut add = |label: &str, value: Option<String>| facts.extend(value.map(|v| (label.to_string(), v)));
        add(text::log::REJECTED, whole("/rejected").filter(|n| n != "0"));
        add(text::log::SPAN, number("/summary/span_s").map(|s| figures::duration(s * 1000.0).text()));
        let models = answer.pointer("/summary/models").and_then(Json::as_array).map_or(0, Vec::len);
        add(text::log::MODELS, (models > 0).then(|| format::count(models as f64)));
        add(text::log::INPUT, whole("/summary/input_tokens/mean"));
        add(text::log::OUTPUT, whole("/summary/output_tokens/mean"));
        add(text::log::LATENCY, number("/summary/latency_ms/p95").map(|ms| figures::duration(ms).text()));
        add(text::log::PEAK, number("/summary/peak_factor").map(|n| format!("{}×", format::ratio(n))));
        let rejected = answer.pointer("/first_rejections").and_then(Json::as_array).into_iter().flatten();
        let line = |r: &Json| Some((r.get("line")?.as_u64()?, r.get("message")?.as_str()?.to_string()));
        Some(Self {
            id: answer.get("usage_id")?.as_str()?.to_string(),
            name: name.to_string(),
            facts,
            rejected: rejected.filter_map(line).collect(),
        })
    }
}

/// What happens with the file.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Idle,
    /// A share of the file has been sent.
    Sending(f64),
    Refused(ProblemDetails),
}

/// The place for a log; `log` is what is attached.
#[component]
pub(crate) fn LogDrop(
    #[prop(into)] log: Signal<Option<Log>>,
    /// Gets the log, or `None` when it is taken off.
    on_log: Callback<Option<Log>>,
) -> impl IntoView {
    let stage = RwSignal::new(Stage::Idle);
    let over = RwSignal::new(false);
    let send = move |picked: Option<Picked>| {
        let Some(picked) = picked else { return };
        stage.set(Stage::Sending(0.0));
        spawn_local(async move {
            match browser::upload(picked, move |share| stage.set(Stage::Sending(share))).await {
                Ok(log) => {
                    stage.set(Stage::Idle);
                    on_log.run(Some(log));
                }
                // What the person stopped is no problem.
                Err(problem) if stage.with_untracked(|s| matches!(s, Stage::Sending(_))) => {
                    stage.set(Stage::Refused(problem));
                }
                Err(_) => {}
            }
        });
    };
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        send(browser::dropped(&event));
    };
    let on_over = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let on_pick = move |event: Event| send(browser::chosen(&event));
    let body = move || match (stage.get(), log.get()) {
        (Stage::Sending(share), _) => sending(share, stage),
        (_, Some(log)) => attached(&log, on_log),
        (Stage::Refused(problem), None) => view! { {picker()} {problem_view(&problem, None)} }.into_any(),
        (Stage::Idle, None) => picker(),
    };
    view! {
        <section class="log needs-js" aria-label=text::log::HEADING data-over=move || over.get().to_string()
            on:drop=on_drop on:dragover=on_over on:dragleave=move |_| over.set(false)>
            <input id="log-file" class="visually-hidden" r#type="file" accept=".csv,.tsv,.jsonl,.ndjson,text/csv,application/x-ndjson"
                aria-label=text::log::PICK on:change=on_pick/>
            {body}
        </section>
    }
    .into_any()
}

fn picker() -> AnyView {
    view! {
        <p class="log__lead">
            <label class="button button--small" r#for="log-file" aria-hidden="true">{text::log::PICK}</label>
            <span class="log__hint">{text::log::HINT}</span>
        </p>
    }
    .into_any()
}

fn sending(share: f64, stage: RwSignal<Stage>) -> AnyView {
    let words = if share < 1.0 { text::log::sending(&format::share(share)) } else { text::log::READING.into() };
    let stop = move |_| {
        browser::stop_upload();
        stage.set(Stage::Idle);
    };
    view! {
        <p class="log__lead">
            <progress class="log__bar" max="1" value=share.to_string() aria-label=text::log::PROGRESS></progress>
            <span class="log__hint" role="status">{words}</span>
            <button r#type="button" class="button button--small button--quiet" on:click=stop>{text::message::STOP}</button>
        </p>
    }
    .into_any()
}

fn attached(log: &Log, on_log: Callback<Option<Log>>) -> AnyView {
    let facts: Vec<_> = log
        .facts
        .iter()
        .map(|(label, value)| view! { <div><dt>{label.clone()}</dt><dd>{value.clone()}</dd></div> }.into_any())
        .collect();
    let rejected = (!log.rejected.is_empty()).then(|| {
        let lines: Vec<_> = log
            .rejected
            .iter()
            .map(|(line, why)| view! { <li>{text::log::line(*line)}": "{why.clone()}</li> }.into_any())
            .collect();
        view! {
            <details class="fold">
                <summary>{text::log::FIRST_REJECTED}</summary>
                <ul class="log__rejected">{lines}</ul>
            </details>
        }
        .into_any()
    });
    view! {
        <div class="log__head">
            <strong class="log__name">{log.name.clone()}</strong>
            <button r#type="button" class="button button--small button--quiet" on:click=move |_| on_log.run(None)>
                {text::log::REMOVE}
            </button>
        </div>
        <dl class="log__facts">{facts}</dl>
        {rejected}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_read_is_told_and_what_is_unknown_left_out() {
        let answer = json!({
            "usage_id": "018f", "rows": 10_000, "rejected": 2,
            "first_rejections": [{"line": 7, "message": "input_tokens is not a number"}],
            "summary": {"requests": 10_000, "span_s": 3_600.0, "models": [{"model": "gpt-4o"}],
                "input_tokens": {"mean": 1_154.7}, "output_tokens": null, "peak_factor": 1.5},
        });
        let log = Log::read("log.csv", &answer).unwrap();
        let labels: Vec<_> = log.facts.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(
            labels,
            [
                text::log::ROWS,
                text::log::REJECTED,
                text::log::SPAN,
                text::log::MODELS,
                text::log::INPUT,
                text::log::PEAK
            ]
        );
        assert_eq!(log.rejected, [(7, "input_tokens is not a number".to_string())]);
        assert_eq!(Log::read("x", &json!({"rows": 1})), None);
    }
}
