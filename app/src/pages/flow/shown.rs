//! One flow: its picture, a place to try it, its stages and templates, and what its members decide about it.

use leptos::prelude::*;
use leptos_meta::Title;
use serde_json::{Value as Json, json};
use shared::flow::{FlowView, Severity, Stage, TemplateKind};

use super::form::{Control, act, delete, field, form};
use super::kit::Kit;
use super::list::mark;
use super::members::members;
use super::stages::{CHANGES, stage_fields, stages, way_fields, way_list};
use super::tried::panel;
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
    let kit = Kit::new(id, shown);
    view! {
        {move || match shown.get() {
            None => loading(),
            Some(Ok(flow)) => flow_view(&flow, kit),
            Some(Err(problem)) => failed(&problem),
        }}
        <p class="visually-hidden" role="status">{move || kit.said.get()}</p>
    }
    .into_any()
}

fn flow_view(flow: &FlowView, kit: Kit) -> AnyView {
    let business = &flow.business;
    let own = !business.builtin;
    let links: Vec<_> = text::flow::SECTIONS
        .into_iter()
        .filter(|(id, _)| own || *id != "flow-settings")
        .map(|(id, name)| view! { <li><a href=format!("#{id}") rel="external">{name}</a></li> }.into_any())
        .collect();
    let log = own
        .then(|| view! { <li><a href=format!("/flows/{}/audit", business.id)>{text::flow::AUDIT}</a></li> }.into_any());
    let picture = chart::flow(flow, text::flow::PICTURE);
    view! {
        <Title text=business.name.clone()/>
        <section class="flow">
            <header class="flow__head">
                <h1>{business.name.clone()}</h1>
                <p class="history__about">
                    <span class="flow__mark" data-active=business.active.to_string()>{mark(business)}</span>
                    <span>{text::flow::version(business.version as u32)}</span>
                </p>
                <p class="flow__lead">{business.description.clone()}</p>
                {own.then(|| follow(flow, kit))}
            </header>
            {findings(flow)}
            <section class="section">
                <h2 id="flow-picture">{text::flow::PICTURE}</h2>
                <div class="flow__picture" tabindex="0" role="region" aria-labelledby="flow-picture" inner_html=picture></div>
            </section>
            <nav class="flow__nav" aria-label=text::flow::ON_THIS_PAGE><ul role="list">{links}{log}</ul></nav>
            {panel(flow)}
            <section class="section" aria-labelledby="flow-stages">
                <h2 id="flow-stages" tabindex="-1">{text::flow::STAGES}</h2>
                {stages(flow, kit)}
                {own.then(|| add_stage_or_way(flow, kit))}
            </section>
            {templates(flow, kit)}
            {own.then(|| settings(flow, kit))}
        </section>
    }
    .into_any()
}

fn findings(flow: &FlowView) -> Option<AnyView> {
    let findings: Vec<_> = flow
        .findings
        .iter()
        .map(|finding| {
            let class = if finding.severity == Severity::Error { "notice notice--warn" } else { "notice" };
            view! { <li class=class>{finding.text.clone()}</li> }.into_any()
        })
        .collect();
    (!findings.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="flow-findings">
                <h2 id="flow-findings">{text::flow::FINDINGS}</h2>
                <ul class="flow__findings" role="list">{findings}</ul>
            </section>
        }
        .into_any()
    })
}

/// Lets new conversations follow the flow, or no more.
fn follow(flow: &FlowView, kit: Kit) -> AnyView {
    let active = flow.business.active;
    let (words, class) = if active {
        (text::flow::STOP_USING, "button button--small needs-js")
    } else {
        (text::flow::USE, "button button--primary button--small needs-js")
    };
    let path = format!("/{}", flow.business.id);
    let done = kit.after(text::flow::SAVED, |_| "flow-use".into());
    view! {
        <div class="flow__acts" id="flow-use" tabindex="-1">
            {act(words, class, ("PATCH", path), Some(json!({"active": !active})), done)}
        </div>
    }
    .into_any()
}

fn add_stage_or_way(flow: &FlowView, kit: Kit) -> AnyView {
    let (id, shown) = (flow.business.id, StoredValue::new(flow.clone()));
    let stage = move || {
        let fields = shown.with_value(|flow| stage_fields(flow, None::<&Stage>));
        let done = kit.after(text::flow::SAVED, |_| "flow-stages".into());
        form("new-stage", fields, ("POST", format!("/{id}/stages")), text::flow::SAVE, done)
    };
    let way = move || {
        let fields = shown.with_value(|flow| way_fields(flow, None));
        let done = kit.after(text::flow::SAVED, way_list);
        form("new-way", fields, ("POST", format!("/{id}/transitions")), text::flow::SAVE, done)
    };
    let fold = "fold flow__fold needs-js";
    view! {
        <div class="flow__folds">
            {kit.later(CHANGES.into(), "add-stage".into(), fold, text::flow::ADD_STAGE.into_any(), stage)}
            {kit.later(CHANGES.into(), "add-way".into(), fold, text::flow::ADD_TRANSITION.into_any(), way)}
        </div>
    }
    .into_any()
}

fn templates(flow: &FlowView, kit: Kit) -> AnyView {
    let id = flow.business.id;
    let rows: Vec<_> = flow
        .templates
        .iter()
        .map(|template| {
            let about = format!("{}, {}", template.kind, text::flow::version(template.version));
            view! {
                <li class="history__row">
                    <a class="history__link" href=format!("/flows/{id}/templates/{}", template.id)>{template.name.clone()}</a>
                    <p class="history__about"><span>{about}</span></p>
                </li>
            }
            .into_any()
        })
        .collect();
    let add = move || {
        let kinds = TemplateKind::ALL.iter().map(|kind| (kind.to_string(), kind.to_string())).collect();
        let fields = vec![
            field("name", Control::Line, ""),
            field("kind", Control::Choice(kinds), "response"),
            field("body", Control::Text, "{{ result.headline }}"),
        ];
        let done = kit.after(text::flow::SAVED, |_| "flow-templates".into());
        form("new-template", fields, ("POST", format!("/{id}/templates")), text::flow::SAVE, done)
    };
    let summary = text::flow::ADD_TEMPLATE.into_any();
    view! {
        <section class="section" aria-labelledby="flow-templates">
            <h2 id="flow-templates" tabindex="-1">{text::flow::TEMPLATES}</h2>
            <ul class="flow__templates" role="list">{rows}</ul>
            {(!flow.business.builtin)
                .then(|| kit.later(CHANGES.into(), "add-template".into(), "fold flow__fold needs-js", summary, add))}
        </section>
    }
    .into_any()
}

/// Who its members are, its name, and its end.
fn settings(flow: &FlowView, kit: Kit) -> AnyView {
    let business = flow.business.clone();
    let path = format!("/{}", business.id);
    let gone = Callback::new(|_: Json| browser::go("/flows"));
    let rename = {
        let path = path.clone();
        move || {
            let fields = vec![
                field("name", Control::Line, business.name.clone()),
                field("description", Control::Text, business.description.clone()),
            ];
            form("flow-name", fields, ("PATCH", path.clone()), text::flow::SAVE, kit.saved("rename"))
        }
    };
    let mine = flow.members.iter().any(|member| member.you && member.role == shared::flow::Role::Owner);
    let fold = "fold flow__fold needs-js";
    view! {
        <section class="section" aria-labelledby="flow-settings">
            <h2 id="flow-settings">{text::flow::SETTINGS}</h2>
            {members(flow, kit)}
            <div class="flow__folds">
                {kit.later(CHANGES.into(), "rename".into(), fold, text::flow::EDIT_FLOW.into_any(), rename)}
            </div>
            {mine.then(|| delete(text::flow::DELETE_FLOW, path, gone))}
        </section>
    }
    .into_any()
}
