//! A template: its text beside what it makes of an example, filled in while it is written.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde_json::{Value as Json, json};
use shared::flow::{FlowView, Template, TemplateId};
use shared::format::escape;
use shared::problem::ProblemDetails;

use super::{business, failed, lazy_route};
use crate::api::Fetched;
use crate::components::problem::problem_view;
use crate::pages::not_found::nothing_here;
use crate::pages::{loaded, loading};
use crate::{api, browser, text};

/// How long nothing is typed before the preview follows, in milliseconds.
const PAUSE_MS: u32 = 300;

lazy_route! {
    /// The route `/flows/{id}/templates/{template}`.
    TemplateRoute, TemplatePage
}

#[component]
fn TemplatePage() -> impl IntoView {
    let id = business();
    let params = use_params_map();
    let template = Memo::new(move |_| {
        params.with(|p| p.get("template")).and_then(|id| id.parse::<TemplateId>().ok()).unwrap_or_default()
    });
    let first = api::fetched(|fetched| match fetched {
        Fetched::Flow(answer) => Some(*answer),
        _ => None,
    });
    let shown = loaded(first, id, browser::flow);
    (move || match shown.get() {
        None => loading(),
        Some(Ok(flow)) => {
            if let Some(template) = flow.templates.iter().find(|t| t.id == template.get()) {
                editor(&flow, template)
            } else {
                api::respond_with(404);
                nothing_here()
            }
        }
        Some(Err(problem)) => failed(&problem),
    })
    .into_any()
}

/// The preview of a text as the server fills it in.
async fn preview(path: String, body: String) -> Result<(String, Vec<String>), ProblemDetails> {
    let answer = browser::change("POST", &path, Some(json!({"body": body}))).await?;
    let text = answer.get("text").and_then(Json::as_str).unwrap_or_default().to_owned();
    let warnings = answer.get("warnings").and_then(Json::as_array).into_iter().flatten();
    let warnings = warnings.filter_map(|warning| warning.get("text")?.as_str().map(ToOwned::to_owned)).collect();
    Ok((text, warnings))
}

fn editor(flow: &FlowView, template: &Template) -> AnyView {
    let own = !flow.business.builtin;
    let path = format!("/{}/templates/{}", flow.business.id, template.id);
    let body = RwSignal::new(template.body.clone());
    let version = RwSignal::new(template.version);
    let made = RwSignal::new(None::<Result<(String, Vec<String>), ProblemDetails>>);
    let said = RwSignal::new(None::<Result<(), ProblemDetails>>);
    let preview_path = format!("{path}/preview");
    // Once at first, then whenever the typing pauses.
    Effect::new(move |before: Option<()>| {
        let (now, path) = (body.get(), preview_path.clone());
        spawn_local(async move {
            if before.is_some() {
                browser::wait(PAUSE_MS).await;
            }
            if body.try_get_untracked().as_ref() != Some(&now) {
                return;
            }
            let answer = preview(path, now.clone()).await;
            if body.try_get_untracked().as_ref() == Some(&now) {
                made.set(Some(answer));
            }
        });
    });
    let save = move |_| {
        let (path, body) = (path.clone(), json!({"body": body.get_untracked()}));
        spawn_local(async move {
            let answer = browser::change("PATCH", &path, Some(body)).await;
            if let Some(now) = answer.as_ref().ok().and_then(|answer| answer.get("version")?.as_u64()) {
                let _ = version.try_set(now as u32);
            }
            let _ = said.try_set(Some(answer.map(drop)));
        });
    };
    let shown_preview = move || match made.get() {
        None => view! { <p class="flow__hint">{text::flow::PREVIEW_EMPTY}</p> }.into_any(),
        Some(Err(problem)) => problem_view(&problem, None),
        Some(Ok((text, warnings))) => {
            let warnings: Vec<_> = warnings
                .into_iter()
                .map(|text| view! { <p class="notice notice--warn">{text}</p> }.into_any())
                .collect();
            view! { {warnings}<pre class="flow__made">{text}</pre> }.into_any()
        }
    };
    let saved = move || match said.get() {
        None => ().into_any(),
        Some(Ok(())) => view! { <span>{text::flow::SAVED}</span> }.into_any(),
        Some(Err(problem)) => problem_view(&problem, None),
    };
    // Leptos does not escape what is in a text area, so it is given as markup that is.
    let first = escape(&template.body);
    view! {
        <Title text=template.name.clone()/>
        <section class="flow">
            <p><a href=format!("/flows/{}", flow.business.id)>{text::flow::BACK}</a></p>
            <h1>{template.name.clone()}</h1>
            <p class="history__about"><span>{template.kind.as_str()}</span><span>{move || text::flow::version(version.get())}</span></p>
            <div class="flow__editor">
                <div class="flow-form__field">
                    <label r#for="template-body">{text::flow::field("body")}</label>
                    <textarea class="input flow__source" id="template-body" rows="16" spellcheck="false" readonly=!own
                        aria-describedby="template-known" on:input=move |event| body.set(event_target_value(&event))
                        inner_html=first></textarea>
                    <p class="flow__hint" id="template-known">{text::flow::VARIABLES}</p>
                </div>
                <section class="needs-js" aria-labelledby="template-preview">
                    <h2 id="template-preview">{text::flow::PREVIEW}</h2>
                    <div aria-live="polite">{shown_preview}</div>
                </section>
            </div>
            {own.then(|| view! {
                <p class="needs-js"><button r#type="button" class="button button--primary" on:click=save>{text::flow::SAVE}</button></p>
            })}
            <div role="status">{saved}</div>
        </section>
    }
    .into_any()
}
