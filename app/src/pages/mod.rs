//! One file a page. Pages ask the server (`crate::api`) and act on the browser; components show what pages give them.

pub(crate) mod conversation;
pub(crate) mod flow;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod message;
pub(crate) mod not_found;

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use crate::api::Answer;
use crate::text;

/// What a page shows: what the server fetched for it, or what is asked for now; and asked for again whenever `key`
/// changes, because the router keeps a page while only its address changes.
pub(crate) fn loaded<K, T, F>(
    first: Option<Answer<T>>,
    key: Memo<K>,
    ask: impl Fn(K) -> F + 'static,
) -> RwSignal<Option<Answer<T>>>
where
    K: PartialEq + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    let shown = RwSignal::new(first);
    Effect::new(move |before: Option<K>| {
        let now = key.get();
        if before.is_some() || shown.with_untracked(Option::is_none) {
            shown.set(None);
            let (asked, answer) = (now.clone(), ask(now.clone()));
            spawn_local(async move {
                let answer = answer.await;
                // The visitor may have gone on to another address meanwhile.
                if key.try_get_untracked() == Some(asked) {
                    shown.set(Some(answer));
                }
            });
        }
        now
    });
    shown
}

/// The view of a route whose program is a file of its own, or why it cannot be drawn.
fn drawn(view: Result<AnyView, SplitLoaderError>) -> AnyView {
    view.unwrap_or_else(|_| {
        view! {
            <section class="nothing" role="alert">
                <h1>{text::not_loaded::HEADING}</h1>
                <p>{text::problem::NOT_LOADED}</p>
                <p><a class="button button--primary" href="" rel="external">{text::not_loaded::AGAIN}</a></p>
            </section>
        }
        .into_any()
    })
}

/// While something loads.
pub(crate) fn loading() -> AnyView {
    view! { <p class="loading" role="status">{text::LOADING}</p> }.into_any()
}
