//! One flow: its picture, what to know about it, and its parts, each with the form that changes it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use serde_json::{Value as Json, json};
use shared::flow::{FlowView, Severity, Stage, StageId, TemplateKind, Transition};
use shared::message::Category;

use super::form::{Control, Field, act, field, form};
use super::list::mark;
use super::{business, failed, lazy_route};
use crate::api::Fetched;
use crate::pages::{loaded, loading};
use crate::{api, browser, chart, text};

lazy_route! {
    /// The route `/flows/{id}`.
    FlowRoute, FlowPage
}

#[component]
fn FlowPage() -> impl IntoView {
    let id = business();
    let first = api::fetched(|fetched| match fetched {
        Fetched::Flow(answer) => Some(*answer),
        _ => None,
    });
    let shown = loaded(first, id, browser::flow);
    // After a change the whole flow is shown as it is then; what was typed elsewhere stays where it is kept: nowhere.
    let again = Callback::new(move |_: Json| {
        let id = id.get_untracked();
        spawn_local(async move {
            let answer = browser::flow(id).await;
            let _ = shown.try_set(Some(answer));
        });
    });
    (move || match shown.get() {
        None => loading(),
        Some(Ok(flow)) => flow_view(&flow, again),
        Some(Err(problem)) => failed(&problem),
    })
    .into_any()
}

fn flow_view(flow: &FlowView, again: Callback<Json>) -> AnyView {
    let business = flow.business.clone();
    let findings: Vec<_> = flow
        .findings
        .iter()
        .map(|finding| {
            let class = if finding.severity == Severity::Error { "notice notice--warn" } else { "notice" };
            view! { <li class=class>{finding.text.clone()}</li> }.into_any()
        })
        .collect();
    let templates: Vec<_> = flow
        .templates
        .iter()
        .map(|template| {
            let about = format!("{}, {}", template.kind, text::flow::version(template.version));
            view! {
                <li class="history__row">
                    <a class="history__link" href=format!("/flows/{}/templates/{}", business.id, template.id)>
                        {template.name.clone()}
                    </a>
                    <p class="history__about"><span>{about}</span></p>
                </li>
            }
            .into_any()
        })
        .collect();
    let stages: Vec<_> = flow.stages.iter().map(|stage| stage_view(flow, stage, again)).collect();
    let picture = chart::flow(flow, text::flow::PICTURE);
    let changes = (!business.builtin).then(|| changes(flow, again));
    let log = (!business.builtin)
        .then(|| view! { <p><a href=format!("/flows/{}/audit", business.id)>{text::flow::AUDIT}</a></p> }.into_any());
    view! {
        <Title text=business.name.clone()/>
        <section class="flow">
            <h1>{business.name.clone()}</h1>
            <p class="history__about"><span>{mark(&business)}</span><span>{text::flow::version(business.version as u32)}</span></p>
            <p class="flow__lead">{business.description.clone()}</p>
            {log}
            {(!findings.is_empty()).then(|| view! {
                <section class="section" aria-labelledby="flow-findings">
                    <h2 id="flow-findings">{text::flow::FINDINGS}</h2>
                    <ul class="flow__findings" role="list">{findings}</ul>
                </section>
            })}
            <section class="section" aria-labelledby="flow-picture">
                <h2 id="flow-picture">{text::flow::PICTURE}</h2>
                <div class="flow__picture" tabindex="0" role="region" aria-labelledby="flow-picture" inner_html=picture></div>
            </section>
            <section class="section" aria-labelledby="flow-stages">
                <h2 id="flow-stages">{text::flow::STAGES}</h2>
                <ol class="flow__stages" role="list">{stages}</ol>
            </section>
            <section class="section" aria-labelledby="flow-templates">
                <h2 id="flow-templates">{text::flow::TEMPLATES}</h2>
                <ul class="history__list" role="list">{templates}</ul>
            </section>
            {changes}
        </section>
    }
    .into_any()
}

fn name_of(flow: &FlowView, stage: StageId) -> String {
    flow.stages.iter().find(|other| other.id == stage).map(|stage| stage.name.clone()).unwrap_or_default()
}

fn stage_view(flow: &FlowView, stage: &Stage, again: Callback<Json>) -> AnyView {
    let own = !flow.business.builtin;
    let mut out: Vec<&Transition> = flow.transitions.iter().filter(|way| way.from_stage_id == stage.id).collect();
    out.sort_by_key(|way| way.priority);
    let ways: Vec<_> = out.iter().map(|way| way_view(flow, way, again)).collect();
    let marks = [(stage.start, text::flow::START), (stage.end, text::flow::END)];
    let marks: Vec<_> =
        marks.into_iter().filter(|(is, _)| *is).map(|(_, words)| view! { <span>{words}</span> }.into_any()).collect();
    let edit = own.then(|| {
        let path = format!("/{}/stages/{}", flow.business.id, stage.id);
        let id = format!("stage-{}", stage.id);
        view! {
            <details class="flow__edit needs-js">
                <summary>{text::flow::EDIT}</summary>
                {form(&id, stage_fields(flow, Some(stage)), ("PATCH", path.clone()), text::flow::SAVE, again)}
                {act(text::flow::DELETE, ("DELETE", path), None, again)}
            </details>
        }
        .into_any()
    });
    view! {
        <li class="flow__stage">
            <h3>{stage.name.clone()}</h3>
            <p class="history__about">{stage.category.map(|category| view! { <span>{category.label()}</span> })}{marks}</p>
            <p>{stage.description.clone()}</p>
            {if ways.is_empty() {
                view! { <p class="history__about">{text::flow::NO_WAY}</p> }.into_any()
            } else {
                view! { <ul class="flow__ways" role="list">{ways}</ul> }.into_any()
            }}
            {edit}
        </li>
    }
    .into_any()
}

fn way_view(flow: &FlowView, way: &Transition, again: Callback<Json>) -> AnyView {
    let condition = if way.condition.is_empty() {
        view! { <span>{text::flow::ALWAYS}</span> }.into_any()
    } else {
        view! { <code>{way.condition.clone()}</code> }.into_any()
    };
    let edit = (!flow.business.builtin).then(|| {
        let path = format!("/{}/transitions/{}", flow.business.id, way.id);
        let id = format!("way-{}", way.id);
        view! {
            <details class="flow__edit needs-js">
                <summary>{text::flow::EDIT}</summary>
                {form(&id, way_fields(flow, Some(way)), ("PATCH", path.clone()), text::flow::SAVE, again)}
                {act(text::flow::DELETE, ("DELETE", path), None, again)}
            </details>
        }
        .into_any()
    });
    view! { <li class="flow__way">"→ "<strong>{name_of(flow, way.to_stage_id)}</strong>" "{condition}{edit}</li> }
        .into_any()
}

fn stage_fields(flow: &FlowView, stage: Option<&Stage>) -> Vec<Field> {
    let none = || (String::new(), text::flow::NONE.to_owned());
    let templates = |kind: TemplateKind| {
        let all = flow.templates.iter().filter(|template| template.kind == kind);
        let all = all.map(|template| (template.id.to_string(), template.name.clone()));
        let now = stage.and_then(|stage| stage.template(kind)).map(|id| id.to_string()).unwrap_or_default();
        (Control::Choice(std::iter::once(none()).chain(all).collect()), now)
    };
    let categories = Category::ALL.iter().map(|category| (category.as_str().to_owned(), category.label().to_owned()));
    let category = stage.and_then(|stage| stage.category).map_or("", Category::as_str);
    let of = |read: fn(&Stage) -> String| stage.map(read).unwrap_or_default();
    let (selection, selection_now) = templates(TemplateKind::Selection);
    let (extraction, extraction_now) = templates(TemplateKind::Extraction);
    let (response, response_now) = templates(TemplateKind::Response);
    vec![
        field("name", Control::Line, of(|stage| stage.name.clone())),
        field("description", Control::Text, of(|stage| stage.description.clone())),
        field("category", Control::Choice(std::iter::once(none()).chain(categories).collect()), category),
        field("selection_template_id", selection, selection_now),
        field("extraction_template_id", extraction, extraction_now),
        field("response_template_id", response, response_now),
        field("start", Control::Flag(text::flow::START), of(|stage| stage.start.to_string())),
        field("end", Control::Flag(text::flow::END), of(|stage| stage.end.to_string())),
    ]
}

fn way_fields(flow: &FlowView, way: Option<&Transition>) -> Vec<Field> {
    let stages = || flow.stages.iter().map(|stage| (stage.id.to_string(), stage.name.clone())).collect();
    let id = |read: fn(&Transition) -> StageId| way.map(|way| read(way).to_string()).unwrap_or_default();
    vec![
        field("from_stage_id", Control::Choice(stages()), id(|way| way.from_stage_id)),
        field("to_stage_id", Control::Choice(stages()), id(|way| way.to_stage_id)),
        field("condition", Control::Text, way.map(|way| way.condition.clone()).unwrap_or_default()),
        field("priority", Control::Whole, way.map_or(100, |way| way.priority).to_string()),
    ]
}

/// What a business's owner can add and decide.
fn changes(flow: &FlowView, again: Callback<Json>) -> AnyView {
    let (id, active) = (flow.business.id, flow.business.active);
    let kinds = TemplateKind::ALL.iter().map(|kind| (kind.to_string(), kind.to_string())).collect();
    let template = vec![
        field("name", Control::Line, ""),
        field("kind", Control::Choice(kinds), "response"),
        field("body", Control::Text, "{{ result.headline }}"),
    ];
    let words = if active { text::flow::STOP_USING } else { text::flow::USE };
    let gone = Callback::new(|_: Json| browser::go("/flows"));
    view! {
        <section class="section needs-js">
            <details class="flow__edit">
                <summary>{text::flow::ADD_STAGE}</summary>
                {form("new-stage", stage_fields(flow, None), ("POST", format!("/{id}/stages")), text::flow::SAVE, again)}
            </details>
            <details class="flow__edit">
                <summary>{text::flow::ADD_TRANSITION}</summary>
                {form("new-way", way_fields(flow, None), ("POST", format!("/{id}/transitions")), text::flow::SAVE, again)}
            </details>
            <details class="flow__edit">
                <summary>{text::flow::ADD_TEMPLATE}</summary>
                {form("new-template", template, ("POST", format!("/{id}/templates")), text::flow::SAVE, again)}
            </details>
            <p class="flow__acts">
                {act(words, ("PATCH", format!("/{id}")), Some(json!({"active": !active})), again)}
                {act(text::flow::DELETE, ("DELETE", format!("/{id}")), None, gone)}
            </p>
        </section>
    }
    .into_any()
}
