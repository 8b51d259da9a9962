//! What the parts of a flow's page share: the flow that is shown, and what happens after a change.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value as Json;
use shared::flow::{BusinessId, FlowView};

use crate::api::Answer;
use crate::{browser, text};

/// The flow of the page. After a change the whole of it is asked for and shown as it is then.
#[derive(Clone, Copy)]
pub(super) struct Kit {
    /// Whose flow.
    pub(super) id: Memo<BusinessId>,
    /// The flow.
    pub(super) shown: RwSignal<Option<Answer<FlowView>>>,
    /// What was done last, in words for those who do not see it.
    pub(super) said: RwSignal<&'static str>,
    /// The fold in which it was done: it is open and has the focus once all is drawn again.
    open: StoredValue<Option<String>>,
}

impl Kit {
    pub(super) fn new(id: Memo<BusinessId>, shown: RwSignal<Option<Answer<FlowView>>>) -> Self {
        Self { id, shown, said: RwSignal::new(""), open: StoredValue::new(None) }
    }

    /// What follows a change that is made in the fold that `fold` names, given what the call answered.
    pub(super) fn after(
        self,
        words: &'static str,
        fold: impl Fn(&Json) -> String + Send + Sync + 'static,
    ) -> Callback<Json> {
        Callback::new(move |answer: Json| {
            let (id, fold) = (self.id.get_untracked(), fold(&answer));
            self.open.set_value(Some(fold.clone()));
            spawn_local(async move {
                let answer = browser::flow(id).await;
                let _ = self.shown.try_set(Some(answer));
                let _ = self.said.try_set(words);
                browser::focus(&fold);
            });
        })
    }

    /// What follows when something is kept that was changed in this fold.
    pub(super) fn saved(self, fold: &str) -> Callback<Json> {
        let fold = fold.to_owned();
        self.after(text::flow::SAVED, move |_| fold.clone())
    }

    /// What follows when something is deleted in this fold.
    pub(super) fn deleted(self, fold: &str) -> Callback<Json> {
        let fold = fold.to_owned();
        self.after(text::flow::DELETED, move |_| fold.clone())
    }

    fn opens(self, id: &str) -> bool {
        self.open.with_value(|open| open.as_deref() == Some(id))
    }

    /// A part that is folded away; of those of one `group` one is open at a time.
    pub(super) fn fold(
        self,
        group: String,
        id: String,
        class: &'static str,
        summary: AnyView,
        inside: AnyView,
    ) -> AnyView {
        let open = self.opens(&id);
        view! {
            <details class=class name=group open=open>
                <summary id=id>{summary}</summary>
                {inside}
            </details>
        }
        .into_any()
    }

    /// The same; what is inside is drawn when it is first opened, because a page has dozens of them.
    pub(super) fn later(
        self,
        group: String,
        id: String,
        class: &'static str,
        summary: AnyView,
        inside: impl Fn() -> AnyView + Send + Sync + 'static,
    ) -> AnyView {
        let open = self.opens(&id);
        let drawn = RwSignal::new(open);
        let draw = move || {
            if !drawn.get_untracked() {
                drawn.set(true);
            }
        };
        // It may have been opened before the page's program heard of it.
        let summary_id = id.clone();
        Effect::new(move |_| {
            if browser::unfolded(&summary_id) {
                draw();
            }
        });
        view! {
            <details class=class name=group open=open on:toggle=move |_| draw()>
                <summary id=id>{summary}</summary>
                {move || drawn.get().then(&inside)}
            </details>
        }
        .into_any()
    }
}
