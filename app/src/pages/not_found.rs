//! Nothing at this address, answered with status 404.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{api, text};

/// The page for an address that leads nowhere.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    api::respond_with(404);
    nothing_here()
}

/// What it says; the status must have been set.
pub(crate) fn nothing_here() -> AnyView {
    view! {
        <Title text=text::not_found::HEADING/>
        <section class="nothing">
            <h1>{text::not_found::HEADING}</h1>
            <p>{text::not_found::TEXT}</p>
            <p><a class="button button--primary" href="/">{text::not_found::HOME}</a></p>
        </section>
    }
    .into_any()
}
