//! The first page: what it is, a composer, and examples.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;
use shared::examples::EXAMPLES;
use shared::message::Category;

use crate::components::composer::Composer;
use crate::components::examples::example_card;
use crate::state::{Ui, Written};
use crate::{browser, text};

/// The page at `/`.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let ui = expect_context::<Ui>();
    let navigate = use_navigate();
    let send = Callback::new(move |written: Written| {
        let id = browser::send(&written, None);
        navigate(&format!("/m/{id}"), leptos_router::NavigateOptions::default());
    });
    let edit = Callback::new(move |written: Written| {
        ui.write(written);
        browser::focus("content");
    });
    view! {
        <Title text=""/>
        <div class="home">
            <div class="home__intro">
                <h1>{text::HOME_HEADING}</h1>
                <p class="home__lead">{text::LEAD}</p>
            </div>
            <Composer on_send=send/>
            <section class="examples" aria-labelledby="examples-heading">
                <h2 id="examples-heading">{text::EXAMPLES_HEADING}</h2>
                {by_category(send, edit)}
            </section>
        </div>
    }
    .into_any()
}

/// The examples of the categories that are built; with one category its name would tell nothing.
fn by_category(run: Callback<Written>, edit: Callback<Written>) -> Vec<AnyView> {
    Category::BUILT
        .iter()
        .map(|category| {
            let mut of_it: Vec<_> = EXAMPLES.iter().filter(|e| e.category == *category).collect();
            of_it.sort_by_key(|example| example.complexity);
            let cards: Vec<_> = of_it.into_iter().map(|example| example_card(example, run, edit)).collect();
            view! {
                <section class="examples__category" data-category=category.as_str()>
                    <h3 class="examples__name">{category.label()}</h3>
                    <ul class="cards" role="list">{cards}</ul>
                </section>
            }
            .into_any()
        })
        .collect()
}
