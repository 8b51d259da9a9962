//! The example messages as cards. A card is a form of its own, so that one click runs it, with or without JavaScript.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::examples::Example;

use crate::state::Written;
use crate::text;

/// One example.
pub(crate) fn example_card(example: &'static Example, run: Callback<Written>, edit: Callback<Written>) -> AnyView {
    let &Example { id, complexity, title, content, .. } = example;
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
