//! One conversation: its messages in order, each with the head of its answer.

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_meta::Title;
use leptos_router::LazyRoute;
use leptos_router::hooks::use_params_map;
use shared::message::ConversationId;
use shared::problem::Code;
use shared::view::{ConversationView, MessageView};

use super::not_found::nothing_here;
use super::{drawn, loaded, loading};
use crate::api::Fetched;
use crate::components::problem::problem_view;
use crate::{api, browser, figures, text};

/// The route `/c/{id}`; its code is a file of its own that the browser loads when it is first visited.
pub(crate) struct ConversationRoute;

impl LazyRoute for ConversationRoute {
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
    Ok(view! { <ConversationPage/> }.into_any())
}

#[component]
fn ConversationPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|id| id.parse::<ConversationId>().ok()));
    let first = api::fetched(|fetched| match fetched {
        Fetched::Conversation(answer) => Some(answer),
        _ => None,
    });
    let conversation = loaded(first, id, |id| browser::conversation(id.unwrap_or_default()));
    (move || match conversation.get() {
        None => loading(),
        Some(Ok(conversation)) => conversation_view(conversation),
        Some(Err(problem)) => {
            api::respond_with(problem.status);
            if problem.code == Code::NotFound { nothing_here() } else { problem_view(&problem, None) }
        }
    })
    .into_any()
}

fn conversation_view(conversation: ConversationView) -> AnyView {
    let items: Vec<_> = conversation.messages.into_iter().map(entry).collect();
    view! {
        <Title text=text::conversation::HEADING/>
        <section class="conversation">
            <h1>{text::conversation::HEADING}</h1>
            <ol class="conversation__list" role="list">{items}</ol>
        </section>
    }
    .into_any()
}

fn entry(message: MessageView) -> AnyView {
    let MessageView { id, status, content, accepted_at, result, problem, .. } = message;
    let headline = result.map(|r| r.headline).or_else(|| problem.map(|p| p.detail));
    view! {
        <li class="conversation__entry">
            <blockquote class="asked">{content}</blockquote>
            <p class="history__about">
                <span class="status" data-status=status.as_str()>{text::status(status)}</span>
                <time datetime=accepted_at.clone()>{figures::day_and_time(&accepted_at)}</time>
            </p>
            <p class="conversation__headline">{headline}</p>
            <p><a href=format!("/m/{id}")>{text::conversation::OPEN}</a></p>
        </li>
    }
    .into_any()
}
