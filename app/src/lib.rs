//! The page: Leptos components over the types and the engine of `shared`, rendered on the server and brought to life
//! in the browser.
//!
//! `pages` call `api` and `browser`; `components` only show what they are given; `delivery`, `figures`, `chart` and
//! `workbench` are plain Rust with native tests; `browser` is the only module that touches a web API.

// A view grows with every element, and its type with it.
#![recursion_limit = "256"]
#![allow(unreachable_pub, reason = "the component macro makes the props of a private component public")]

pub mod api;
mod browser;
pub mod chart;
mod components;
pub mod delivery;
mod engine;
pub mod figures;
mod pages;
mod state;
mod text;
mod workbench;

use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{Lazy, LazyRoute, ParamSegment, StaticSegment};

use components::layout::{Footer, Header};
use delivery::Link;
use pages::flow::{audit::AuditRoute, list::FlowsRoute, shown::FlowRoute, template::TemplateRoute};
use pages::{conversation::ConversationRoute, history::HistoryRoute, home::HomePage, message::MessageRoute};
use state::Ui;

/// The HTML document around the page. The theme is set by a file of its own before the first paint, because the
/// content security policy allows no inline script without a nonce.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let known = use_context::<api::Visitor>().is_some_and(|visitor| visitor.known);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-session=known.then_some("")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content=text::DESCRIPTION/>
                {card("og:title", text::NAME)}
                {card("og:description", text::DESCRIPTION)}
                {card("og:image", "/social-card.png")}
                <script src="/theme.js"></script>
                <link rel="preload" href="/fonts/inter-latin.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <HashedStylesheet options=options.clone() id="leptos"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <AutoReload options=options/>
                <script r#type="module" src="/start.js"></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// A line of the card that shows where a link to the page is shared; `view!` does not know the attribute `property`.
fn card(property: &'static str, content: &'static str) -> AnyView {
    leptos::html::meta().attr("property", property).attr("content", content).into_any()
}

/// The whole page, the same on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let ui = Ui::new();
    provide_context(ui);
    Effect::new(move |_| browser::start(ui));
    // Fetched while a message is being written, so that its answer can be shown also when the server has just gone away.
    let writing = Memo::new(move |_| ui.link.get() != Link::Idle);
    Effect::new(move |_| {
        if writing.get() {
            leptos::task::spawn_local(<MessageRoute as LazyRoute>::preload());
        }
    });

    view! {
        <Title formatter=document_title/>
        <a class="skip-link" href="#main">{text::SKIP}</a>
        <Router>
            <Header/>
            <main id="main" tabindex="-1">
                <Routes fallback=|| pages::not_found::NotFoundPage().into_any()>
                    <Route path=StaticSegment("") view=HomePage/>
                    <Route path=(StaticSegment("m"), ParamSegment("id")) view={Lazy::<MessageRoute>::new()}/>
                    <Route path=(StaticSegment("c"), ParamSegment("id")) view={Lazy::<ConversationRoute>::new()}/>
                    <Route path=StaticSegment("history") view={Lazy::<HistoryRoute>::new()}/>
                    <Route path=StaticSegment("flows") view={Lazy::<FlowsRoute>::new()}/>
                    <Route path=(StaticSegment("flows"), ParamSegment("id")) view={Lazy::<FlowRoute>::new()}/>
                    <Route path=(StaticSegment("flows"), ParamSegment("id"), StaticSegment("audit")) view={Lazy::<AuditRoute>::new()}/>
                    <Route path=(StaticSegment("flows"), ParamSegment("id"), StaticSegment("templates"), ParamSegment("template"))
                        view={Lazy::<TemplateRoute>::new()}/>
                </Routes>
            </main>
            <Footer/>
        </Router>
        // Shown by the style once the program of the page has stopped, because then nothing can be drawn any more.
        <div class="stopped notice notice--warn" role="alert">
            <p>{text::problem::STOPPED}</p>
            <p><a href="" rel="external">{text::problem::RELOAD}</a></p>
        </div>
    }
}

/// The document's title. `leptos_meta` does not escape it while it renders on the server, and a headline may quote what
/// a person wrote, so what could end the element is taken out.
#[allow(clippy::needless_pass_by_value, reason = "the shape `Title` asks for")]
fn document_title(title: String) -> String {
    let title = title.replace(['<', '>'], " ");
    if title.trim().is_empty() { text::NAME.to_string() } else { format!("{title} · {}", text::NAME) }
}
