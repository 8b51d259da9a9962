//! One message: what was asked, the steps while they happen, then the answer or the reason why there is none.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_meta::Title;
use leptos_router::LazyRoute;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared::message::{MessageId, Status};
use shared::problem::{Code, Problem, ProblemDetails};
use shared::view::MessageView;
use shared::workload::Provenances;

use super::not_found::nothing_here;
use super::{drawn, loaded, loading};
use crate::api::{Fetched, Opened};
use crate::components::asked::asked;
use crate::components::download::download;
use crate::components::problem::problem_view;
use crate::components::result::{ResultView, first_sentence};
use crate::components::timeline::{live_timeline, measured_timeline};
use crate::delivery::{Link, Run};
use crate::state::{Ui, Written};
use crate::workbench::chosen;
use crate::{api, browser, text};

/// The route `/m/{id}`; its code is a file of its own that the browser loads when it is first visited.
pub(crate) struct MessageRoute;

impl LazyRoute for MessageRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_: Self) -> AnyView {
        drawn(draw().await)
    }

    async fn preload() {
        let _ = preload().await;
        // Loading the page's program and bringing it to life are a task each, so that a phone hears a touch between them.
        browser::breathe().await;
    }
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, preload(preload), fallible)]
#[allow(clippy::unnecessary_wraps, reason = "the file may not be there, which only the browser sees")]
fn draw() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <MessagePage/> }.into_any())
}

#[component]
fn MessagePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|id| id.parse::<MessageId>().ok()));
    let first = api::fetched(|fetched| match fetched {
        Fetched::Message(answer) => Some(answer.map(Opened)),
        _ => None,
    });
    let message = loaded(first, id, async |id| browser::message(id.unwrap_or_default()).await.map(Opened));
    (move || match message.get() {
        None => loading(),
        Some(Ok(Opened(message))) => message_view(message),
        Some(Err(problem)) => missing(id.get_untracked(), problem),
    })
    .into_any()
}

/// The server does not have it. If this browser still has to send it, it is shown after all.
fn missing(id: Option<MessageId>, problem: ProblemDetails) -> AnyView {
    api::respond_with(problem.status);
    let unsent = RwSignal::new(None::<MessageView>);
    Effect::new(move |_| unsent.set(id.and_then(browser::waiting)));
    let not_there = problem.code == Code::NotFound;
    (move || match unsent.get() {
        Some(message) => message_view(message),
        None if not_there => nothing_here(),
        None => problem_view(&problem, None),
    })
    .into_any()
}

/// What the page shows below the question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scene {
    Sending,
    Waiting,
    Working,
    Answered,
    Failed,
    Stopped,
}

/// The channel is ahead of what was fetched while a message runs; what was fetched has the last word.
fn scene(message: &MessageView, run: Option<&Run>) -> Scene {
    let told = run.and_then(|run| run.status);
    let by_status = |status| match status {
        Status::Queued => Scene::Waiting,
        Status::Processing => Scene::Working,
        Status::Completed => Scene::Answered,
        Status::Failed => Scene::Failed,
        Status::Cancelled => Scene::Stopped,
    };
    match told {
        None if message.sequence == 0 => Scene::Sending,
        // Its ending is known, the answer is being fetched.
        Some(Status::Completed) if message.result.is_none() && !message.status.is_terminal() => Scene::Working,
        Some(status) if !(message.status.is_terminal() && status.is_terminal()) => by_status(status),
        _ => by_status(message.status),
    }
}

fn message_view(message: MessageView) -> AnyView {
    let ui = expect_context::<Ui>();
    let id = message.id;
    let conversation = message.conversation_id;
    let content = message.content.clone();
    let shown = RwSignal::new(message);
    let run = Memo::new(move |_| ui.runs.with(|runs| runs.get(&id).cloned()));
    let trouble = RwSignal::new(None::<ProblemDetails>);
    follow(shown, run, ui, trouble);

    let scene = Memo::new(move |_| shown.with(|m| run.with(|r| scene(m, r.as_ref()))));
    let rewrite = rewriter(content);
    let again = again(id, trouble);
    let body = move || match scene.get() {
        Scene::Sending | Scene::Waiting | Scene::Working => running(id, scene.get(), run),
        Scene::Answered => answered(shown, conversation),
        Scene::Failed => failed(again, &shown.get(), run.get_untracked(), rewrite),
        Scene::Stopped => stopped(again, rewrite),
    };
    view! {
        <article class="message">
            {move || shown.with(|m| m.result.as_ref().map_or_else(
                || asked(&m.content, &Provenances::new()),
                |result| asked(&m.content, &result.provenance),
            ))}
            <p class="visually-hidden" role="status">{move || announcement(scene.get(), run)}</p>
            {move || trouble.get().map(|p| {
                problem_view(&p, Some(Callback::new(move |()| fetch(id, shown, trouble))))
            })}
            {body}
        </article>
    }
    .into_any()
}

/// Keeps `shown` true: follows the channel, and fetches the message when it ended, or when the channel is cut.
fn follow(shown: RwSignal<MessageView>, run: Memo<Option<Run>>, ui: Ui, trouble: RwSignal<Option<ProblemDetails>>) {
    let id = shown.with_untracked(|m| m.id);
    Effect::new(move |_| {
        let (status, conversation) = shown.with_untracked(|m| (m.status, m.conversation_id));
        if !status.is_terminal() && !conversation.is_nil() {
            browser::follow(conversation);
        }
    });
    let endings = Memo::new(move |_| run.with(|r| r.as_ref().map_or(0, |r| r.endings)));
    Effect::new(move |seen: Option<u32>| {
        let now = endings.get();
        if now > seen.unwrap_or(0) {
            fetch(id, shown, trouble);
        }
        now
    });
    Effect::new(move |_| {
        let link = ui.link.get();
        let cut = matches!(link, Link::Offline | Link::Stopped(_));
        let unfinished = shown.with_untracked(|m| m.sequence > 0 && !m.status.is_terminal());
        // An answer that could not be fetched is fetched as soon as the server is back.
        let missed = link == Link::Live && trouble.with_untracked(Option::is_some);
        if missed || (cut && unfinished) {
            fetch(id, shown, trouble);
        }
    });
}

fn fetch(id: MessageId, shown: RwSignal<MessageView>, problem: RwSignal<Option<ProblemDetails>>) {
    spawn_local(async move {
        match browser::message(id).await {
            Ok(message) => {
                problem.set(None);
                shown.set(message);
            }
            Err(p) => problem.set(Some(p)),
        }
    });
}

fn announcement(scene: Scene, run: Memo<Option<Run>>) -> String {
    match scene {
        Scene::Sending => text::message::SENDING.into(),
        Scene::Waiting => text::message::WAITING.into(),
        Scene::Working => run
            .with(|r| r.as_ref().and_then(|r| r.steps.last().map(|s| text::stage(&s.stage))))
            .unwrap_or_else(|| text::message::WORKING.into()),
        Scene::Answered => text::status(Status::Completed).into(),
        Scene::Failed => text::status(Status::Failed).into(),
        Scene::Stopped => text::status(Status::Cancelled).into(),
    }
}

/// While it runs: the steps and a way to stop, by button or with Escape.
fn running(id: MessageId, scene: Scene, run: Memo<Option<Run>>) -> AnyView {
    let stop = move || {
        spawn_local(async move {
            let _ = browser::cancel(id).await;
        });
    };
    Effect::new(move |_| {
        let listener = window_event_listener(leptos::ev::keydown, move |event| {
            if event.key() == "Escape" && !event.default_prevented() {
                stop();
            }
        });
        on_cleanup(move || listener.remove());
    });
    let lead = match scene {
        Scene::Sending => text::message::SENDING,
        Scene::Waiting => text::message::WAITING,
        _ => text::message::WORKING,
    };
    let waiting_for = move || run.with(|r| r.as_ref().and_then(|r| r.waiting_for.clone()));
    let kept = (scene == Scene::Sending).then_some(text::message::KEPT);
    view! {
        <Title text=text::message::TITLE_WAITING/>
        <section class="running" aria-labelledby="running-heading">
            <div class="running__head">
                <h1 class="running__lead" id="running-heading">{lead}</h1>
                <button r#type="button" class="button needs-js" on:click=move |_| stop()>
                    {text::message::STOP}<kbd>{text::message::STOP_HINT}</kbd>
                </button>
            </div>
            <p class="running__note">{kept}</p>
            <p class="running__note">{waiting_for}</p>
            {live_timeline(run)}
            <p class="no-js-only"><a href="">{text::message::RELOAD}</a></p>
        </section>
    }
    .into_any()
}

fn answered(shown: RwSignal<MessageView>, conversation: shared::message::ConversationId) -> AnyView {
    let navigate = use_navigate();
    let Some(result) = shown.with(|m| m.result.clone()) else { return ().into_any() };
    let (id, content, timings) = shown.with_untracked(|m| (m.id, m.content.clone(), m.timings.clone()));
    let title: String = first_sentence(&result.headline).0.chars().take(70).collect();
    let conversation =
        shown.with_untracked(|m| if m.conversation_id.is_nil() { conversation } else { m.conversation_id });
    let send = Callback::new(move |edits| {
        let (category, workload) = chosen(edits);
        let written = Written { content: content.clone(), category, workload, ..Written::default() };
        let id = browser::send(&written, Some(conversation));
        navigate(&format!("/m/{id}"), leptos_router::NavigateOptions::default());
    });
    view! {
        <Title text=title/>
        <ResultView result on_send=send/>
        <footer class="message__foot">
            {measured_timeline(&timings)}
            {download(id)}
            <p><a href=format!("/c/{conversation}")>{text::message::CONVERSATION}</a></p>
        </footer>
    }
    .into_any()
}

fn failed(again: Callback<()>, message: &MessageView, run: Option<Run>, rewrite: Callback<()>) -> AnyView {
    let told = run.and_then(|run| run.problem);
    let unknown = || ProblemDetails::new(Problem::new(Code::Internal, ""), "");
    let problem = message.problem.clone().or(told).unwrap_or_else(unknown);
    // A message that was refused was never accepted, so there is nothing to run again.
    let accepted = message.sequence > 0;
    view! {
        <Title text=problem.title.clone()/>
        <section class="ended">
            <h1>{text::status(Status::Failed)}</h1>
            {problem_view(&problem, accepted.then_some(again))}
            {edit_button(rewrite)}
            {measured_timeline(&message.timings)}
        </section>
    }
    .into_any()
}

fn stopped(again: Callback<()>, rewrite: Callback<()>) -> AnyView {
    view! {
        <Title text=text::status(Status::Cancelled)/>
        <section class="ended">
            <h1>{text::status(Status::Cancelled)}</h1>
            <p>{text::message::CANCELLED}</p>
            <p class="ended__actions">
                <button r#type="button" class="button button--primary needs-js" on:click=move |_| again.run(())>
                    {text::message::RETRY}
                </button>
                {edit_button(rewrite)}
            </p>
        </section>
    }
    .into_any()
}

fn edit_button(rewrite: Callback<()>) -> AnyView {
    view! {
        <button r#type="button" class="button needs-js" on:click=move |_| rewrite.run(())>{text::message::EDIT}</button>
    }
    .into_any()
}

/// Sends the message once more and goes to where its answer will be.
fn again(id: MessageId, trouble: RwSignal<Option<ProblemDetails>>) -> Callback<()> {
    let navigate = use_navigate();
    Callback::new(move |()| {
        let navigate = navigate.clone();
        spawn_local(async move {
            match browser::retry(id).await {
                Ok(new) => navigate(&format!("/m/{new}"), leptos_router::NavigateOptions::default()),
                Err(problem) => trouble.set(Some(problem)),
            }
        });
    })
}

/// Opens the composer with the same text.
fn rewriter(content: String) -> Callback<()> {
    let ui = expect_context::<Ui>();
    let navigate = use_navigate();
    Callback::new(move |()| {
        ui.write(Written { content: content.clone(), ..Written::default() });
        navigate("/", leptos_router::NavigateOptions::default());
        browser::focus("content");
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::message::{Format, Priority};

    fn message(sequence: u64, status: Status) -> MessageView {
        MessageView {
            id: MessageId::nil(),
            conversation_id: MessageId::nil(),
            sequence,
            status,
            content: String::new(),
            category: None,
            complexity: None,
            format: Format::Detailed,
            priority: Priority::Normal,
            attempt: 0,
            accepted_at: String::new(),
            result: None,
            problem: None,
            timings: Vec::new(),
        }
    }

    fn run(status: Option<Status>) -> Run {
        Run { status, ..Run::default() }
    }

    #[test]
    fn the_scene_follows_whoever_knows_more() {
        let at = |m: &MessageView, r: Option<Status>| scene(m, Some(&run(r)));
        assert!(at(&message(0, Status::Queued), None) == Scene::Sending);
        assert!(at(&message(0, Status::Queued), Some(Status::Queued)) == Scene::Waiting);
        assert!(at(&message(1, Status::Queued), Some(Status::Processing)) == Scene::Working);
        assert!(at(&message(1, Status::Queued), Some(Status::Completed)) == Scene::Working, "the answer is on its way");
        assert!(at(&message(1, Status::Failed), Some(Status::Processing)) == Scene::Working, "tried again");
        assert!(at(&message(1, Status::Cancelled), Some(Status::Failed)) == Scene::Stopped, "what is stored counts");
        assert!(at(&message(0, Status::Queued), Some(Status::Failed)) == Scene::Failed, "refused");
        assert!(scene(&message(3, Status::Completed), None) == Scene::Answered);
    }
}
