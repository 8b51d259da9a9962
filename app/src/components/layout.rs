//! The frame of every page: header with navigation, connection and theme, and the footer.

use leptos::prelude::*;
use leptos_router::components::A;

use super::theme::ThemeSwitch;
use crate::delivery::Link;
use crate::state::Ui;
use crate::{browser, text};

/// The header.
#[component]
pub(crate) fn Header() -> impl IntoView {
    view! {
        <header class="header">
            <div class="header__inner">
                <A href="/" attr:class="brand">
                    <svg class="brand__mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
                        <path class="brand__bar" d="M3 4h18v3.4H3z"></path>
                        <path class="brand__bar brand__bar--mid" d="M3 10.3h12v3.4H3z"></path>
                        <path class="brand__bar brand__bar--low" d="M3 16.6h7V20H3z"></path>
                    </svg>
                    <span>{text::NAME}</span>
                </A>
                <nav class="nav" aria-label=text::NAV>
                    <A href="/" exact=true>{text::NAV_ASK}</A>
                    <A href="/history">{text::NAV_HISTORY}</A>
                </nav>
                <LinkState/>
                <ThemeSwitch/>
            </div>
        </header>
    }
    .into_any()
}

/// The state of the connection; empty until there is something to follow.
#[component]
fn LinkState() -> impl IntoView {
    let link = expect_context::<Ui>().link;
    let words = move || match link.get() {
        Link::Idle => "",
        Link::Connecting => text::link::CONNECTING,
        Link::CatchingUp => text::link::CATCHING_UP,
        Link::Live => text::link::LIVE,
        Link::Offline => text::link::OFFLINE,
        Link::Stopped(_) => text::link::STOPPED,
    };
    let state = move || match link.get() {
        Link::Idle => "idle",
        Link::Connecting | Link::CatchingUp => "connecting",
        Link::Live => "live",
        Link::Offline | Link::Stopped(_) => "offline",
    };
    let cut = move || matches!(link.get(), Link::Offline | Link::Stopped(_));
    view! {
        <div class="link-state" data-state=state>
            <p role="status">{words}</p>
            <button r#type="button" class="link-state__again" hidden=move || !cut() on:click=move |_| browser::reconnect()>
                {text::link::RECONNECT}
            </button>
        </div>
    }
    .into_any()
}

/// The footer.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    view! {
        <footer class="footer">
            <div class="footer__inner">
                <p>{text::footer::NOTE}</p>
                <nav aria-label="About">
                    <A href="/flows">{text::NAV_FLOWS}</A>
                    <a href="/api/docs" rel="external">{text::footer::API}</a>
                    <a href="/health" rel="external">{text::footer::HEALTH}</a>
                </nav>
            </div>
        </footer>
    }
    .into_any()
}
