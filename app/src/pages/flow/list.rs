//! The flows that a visitor can see, and the beginning of a new one.

use leptos::prelude::*;
use leptos_meta::Title;
use serde_json::Value as Json;
use shared::flow::Business;

use super::form::{Control, field, form};
use super::{failed, lazy_route};
use crate::api::Fetched;
use crate::pages::{loaded, loading};
use crate::{api, browser, text};

lazy_route! {
    /// The route `/flows`.
    FlowsRoute, FlowsPage
}

#[component]
fn FlowsPage() -> impl IntoView {
    let first = api::fetched(|fetched| match fetched {
        Fetched::Businesses(answer) => Some(answer),
        _ => None,
    });
    let list = loaded(first, Memo::new(|_| ()), |()| browser::businesses());
    let made = Callback::new(|answer: Json| {
        if let Some(id) = answer.get("id").and_then(Json::as_str) {
            browser::go(&format!("/flows/{id}"));
        }
    });
    let choices =
        vec![("builtin".into(), text::flow::FROM_BUILTIN.into()), (String::new(), text::flow::FROM_NOTHING.into())];
    let fields = vec![field("name", Control::Line, ""), field("from", Control::Choice(choices), "builtin")];
    view! {
        <Title text=text::flow::HEADING/>
        <section class="flow">
            <h1>{text::flow::HEADING}</h1>
            <p class="flow__lead">{text::flow::LEAD}</p>
            {move || match list.get() {
                None => loading(),
                Some(Ok(businesses)) => rows(businesses),
                Some(Err(problem)) => failed(&problem),
            }}
            <section class="section needs-js" aria-labelledby="new-flow">
                <h2 id="new-flow">{text::flow::NEW}</h2>
                {form("new-flow", fields, ("POST", String::new()), text::flow::CREATE, made)}
            </section>
        </section>
    }
    .into_any()
}

/// Whether a flow is used, in words.
pub(super) fn mark(business: &Business) -> &'static str {
    match (business.builtin, business.active) {
        (true, _) => text::flow::BUILTIN,
        (_, true) => text::flow::ACTIVE,
        _ => text::flow::INACTIVE,
    }
}

fn rows(businesses: Vec<Business>) -> AnyView {
    let items: Vec<_> = businesses
        .into_iter()
        .map(|business| {
            let mark = mark(&business);
            view! {
                <li class="history__row">
                    <a class="history__link" href=format!("/flows/{}", business.id)>{business.name}</a>
                    <p class="history__about"><span>{mark}</span><span>{business.description}</span></p>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="history__list" role="list">{items}</ul> }.into_any()
}
