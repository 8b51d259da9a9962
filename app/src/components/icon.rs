//! The few icons, as drawings of 16 by 16 that take the colour of the text beside them.

use leptos::prelude::*;

/// A drawing.
#[derive(Clone, Copy)]
pub(crate) enum Icon {
    Sun,
    Moon,
    System,
    Warning,
    Error,
    Info,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13"
            }
            Self::Moon => "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1",
            Self::System => "M2 3h12v8H2zM5.5 14h5M8 11v3",
            Self::Warning => "M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.4v.4",
            Self::Error => "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 4.8v4M8 10.9v.4",
            Self::Info => "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 7.2v4M8 4.7v.4",
        }
    }
}

/// An icon; the words beside it say the same, so it is hidden from those who listen.
pub(crate) fn icon(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
    .into_any()
}
