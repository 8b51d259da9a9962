//! A problem in words for a person: what happened, what to do, and a reference to quote.

use leptos::prelude::*;
use shared::problem::ProblemDetails;

use super::icon::{Icon, icon};
use crate::text;

/// A problem, announced at once; `retry` is offered where the same may succeed later.
pub(crate) fn problem_view(problem: &ProblemDetails, retry: Option<Callback<()>>) -> AnyView {
    let ProblemDetails { title, detail, retryable, retry_after_ms, fields, trace_id, .. } = problem.clone();
    let button = retry.filter(|_| retryable).map(|retry| {
        view! {
            <button r#type="button" class="button button--primary" on:click=move |_| retry.run(())>
                {text::message::RETRY}
            </button>
        }
        .into_any()
    });
    // A single field says the same as the detail; several are easier to read as a list.
    let fields = (fields.len() > 1).then(|| {
        let items: Vec<_> =
            fields.into_iter().map(|f| view! { <li><code>{f.name}</code>" "{f.message}</li> }.into_any()).collect();
        view! { <ul class="problem__fields">{items}</ul> }.into_any()
    });
    let detail = if detail.is_empty() { None } else { Some(detail) };
    let trace = (!trace_id.is_empty())
        .then(|| view! { <p class="problem__trace">{text::problem::TRACE}": "<code>{trace_id}</code></p> }.into_any());
    view! {
        <div class="problem" role="alert">
            {icon(Icon::Error)}
            <div class="problem__body">
                <p class="problem__title">{title}</p>
                <p>{detail}</p>
                {fields}
                {retry_after_ms.map(|ms| view! { <p>{text::problem::again_in(ms)}</p> }.into_any())}
                {button}
                {trace}
            </div>
        </div>
    }
    .into_any()
}
