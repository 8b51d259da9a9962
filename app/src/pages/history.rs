//! The visitor's conversations.

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_meta::Title;
use leptos_router::LazyRoute;
use shared::view::ConversationSummary;

use super::{drawn, loaded, loading};
use crate::api::Fetched;
use crate::components::problem::problem_view;
use crate::{api, browser, figures, text};

/// The route `/history`; its code is a file of its own that the browser loads when it is first visited.
pub(crate) struct HistoryRoute;

impl LazyRoute for HistoryRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_: Self) -> AnyView {
        drawn(draw().await)
    }

    async fn preload() {
        let _ = preload().await;
    }
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, preload(preload), fallible)]
#[allow(clippy::unnecessary_wraps, reason = "the file may not be there, which only the browser sees")]
fn draw() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <HistoryPage/> }.into_any())
}

#[component]
fn HistoryPage() -> impl IntoView {
    let first = api::fetched(|fetched| match fetched {
        Fetched::Conversations(answer) => Some(answer),
        _ => None,
    });
    let list = loaded(first, Memo::new(|_| ()), |()| browser::conversations());
    view! {
        <Title text=text::history::HEADING/>
        <section class="history">
            <h1>{text::history::HEADING}</h1>
            {move || match list.get() {
                None => loading(),
                Some(Ok(conversations)) => rows(conversations),
                Some(Err(problem)) => {
                    api::respond_with(problem.status);
                    problem_view(&problem, None)
                }
            }}
        </section>
    }
    .into_any()
}

fn rows(conversations: Vec<ConversationSummary>) -> AnyView {
    if conversations.is_empty() {
        return view! {
            <p class="history__empty">{text::history::EMPTY}</p>
            <p><a class="button button--primary" href="/">{text::history::START}</a></p>
        }
        .into_any();
    }
    let full = conversations.len() >= 50;
    let items: Vec<_> = conversations.into_iter().map(row).collect();
    view! {
        <ul class="history__list" role="list">{items}</ul>
        {full.then_some(text::history::NEWEST)}
    }
    .into_any()
}

fn row(conversation: ConversationSummary) -> AnyView {
    let ConversationSummary { id, title, messages, status, updated_at } = conversation;
    view! {
        <li class="history__row">
            <a class="history__link" href=format!("/c/{id}")>{title}</a>
            <p class="history__about">
                <span class="status" data-status=status.as_str()>{text::status(status)}</span>
                <span>{text::history::messages(messages)}</span>
                <time datetime=updated_at.clone()>{figures::day_and_time(&updated_at)}</time>
            </p>
        </li>
    }
    .into_any()
}
