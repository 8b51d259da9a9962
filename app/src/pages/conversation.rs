//! One conversation: whether it is answered, and its messages in order, each with the head of its answer.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_meta::Title;
use leptos_router::LazyRoute;
use leptos_router::hooks::use_params_map;
use shared::message::ConversationId;
use shared::problem::{Code, ProblemDetails};
use shared::view::{Ai, ConversationView, MessageView};

use super::not_found::nothing_here;
use super::{drawn, loaded, loading};
use crate::api::{Answer, Fetched};
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
        Some(Ok(view)) => conversation_view(view, conversation),
        Some(Err(problem)) => {
            api::respond_with(problem.status);
            if problem.code == Code::NotFound { nothing_here() } else { problem_view(&problem, None) }
        }
    })
    .into_any()
}

/// How often it is looked whether messages that waited have been answered, and for how long.
const LOOK_MS: u32 = 400;
const LOOKS_MAX: usize = 50;

/// What the page shows.
type Shown = RwSignal<Option<Answer<ConversationView>>>;

/// Shows the conversation as it is now, and again while its messages are being answered.
async fn look(id: ConversationId, shown: Shown) {
    for _ in 0..LOOKS_MAX {
        let answer = browser::conversation(id).await;
        let busy = answer
            .as_ref()
            .is_ok_and(|now| now.ai == Ai::Active && now.messages.iter().any(|message| !message.status.is_terminal()));
        // The visitor may have gone.
        if shown.try_set(Some(answer)).is_some() || !busy {
            return;
        }
        browser::wait(LOOK_MS).await;
    }
}

/// Whether the conversation is answered, what that means, and the button that changes it.
fn answering(id: ConversationId, ai: Ai, shown: Shown) -> AnyView {
    let stop = ai == Ai::Active;
    let (means, words) = if stop {
        (text::conversation::ACTIVE, text::conversation::STOP)
    } else {
        (text::conversation::STOPPED, text::conversation::RESUME)
    };
    let failed = RwSignal::new(None::<ProblemDetails>);
    let steer = move |_| {
        spawn_local(async move {
            match browser::steer(id, stop).await {
                Ok(()) => {
                    look(id, shown).await;
                    browser::focus("answering");
                }
                Err(problem) => {
                    let _ = failed.try_set(Some(problem));
                }
            }
        });
    };
    view! {
        <div class="conversation__answering" data-ai=ai.as_str()>
            <p id="answering" tabindex="-1">{means}</p>
            <button r#type="button" class="button button--small needs-js" on:click=steer>{words}</button>
            {move || failed.get().map(|problem| problem_view(&problem, None))}
        </div>
    }
    .into_any()
}

fn conversation_view(conversation: ConversationView, shown: Shown) -> AnyView {
    let answering = answering(conversation.id, conversation.ai, shown);
    let items: Vec<_> = conversation.messages.into_iter().map(entry).collect();
    view! {
        <Title text=text::conversation::HEADING/>
        <section class="conversation">
            <h1>{text::conversation::HEADING}</h1>
            {answering}
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
