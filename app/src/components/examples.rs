//! The example messages as cards. A card is a form of its own, so that one click runs it, with or without JavaScript.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::examples::ExampleView;
use shared::workload::Workload;

use crate::state::Written;
use crate::{figures, text};

/// One example.
pub(crate) fn example_card(example: ExampleView, run: Callback<Written>, edit: Callback<Written>) -> AnyView {
    let ExampleView { id, complexity, title, content, workload, .. } = example;
    let written = move || Written { content: content.into(), example_id: Some(id.into()), ..Written::default() };
    let [title_id, named_by, run_by, edit_by] = [(); 4].map(|()| format!("example-{id}"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        run.run(written());
    };
    view! {
        <li>
          <article class="card" aria-labelledby=named_by>
            <form class="card__form" method="post" action="/ask" on:submit=submit>
                <input r#type="hidden" name="example_id" value=id/>
                <input r#type="hidden" name="content" value=content/>
                <p class="card__level" data-level=complexity.as_str()>{text::complexity(complexity)}</p>
                <h4 class="card__title" id=title_id>{title}</h4>
                <p class="card__text">{content}</p>
                <p class="card__facts">{in_short(&workload)}</p>
                <div class="card__foot">
                    <button r#type="submit" class="card__run" aria-describedby=run_by>{text::RUN_EXAMPLE}</button>
                    <button r#type="button" class="button button--quiet card__edit needs-js" aria-describedby=edit_by
                        on:click=move |_| edit.run(written())>{text::EDIT_FIRST}</button>
                </div>
            </form>
          </article>
        </li>
    }
    .into_any()
}

/// The facts that tell examples apart, in one line.
fn in_short(workload: &Workload) -> String {
    let tokens = match (workload.input_tokens, workload.output_tokens) {
        (Some(i), Some(o)) => Some(format!("{} in, {} out", figures::compact(i), figures::compact(o))),
        _ => None,
    };
    let volume = workload.requests_per_day.map(|n| format!("{} requests/day", figures::compact(n)));
    let spend = workload.monthly_spend_usd.map(|n| format!("${}/month stated", figures::compact(n)));
    [workload.model.clone(), volume, tokens, spend].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
