//! The answer as a file: a plain form, so that it works without the program of the page.

use leptos::prelude::*;
use shared::message::MessageId;

use crate::text;

/// The choice of the kind of file and of its reader.
pub(crate) fn download(id: MessageId) -> AnyView {
    view! {
        <form class="download" method="get" action=format!("/api/v1/messages/{id}/export")>
            {choice("download-format", "format", text::download::FORMAT, &text::download::FORMATS)}
            {choice("download-mode", "mode", text::download::MODE, &text::download::MODES)}
            <button r#type="submit" class="button">{text::download::SUBMIT}</button>
        </form>
    }
    .into_any()
}

fn choice(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    words: &[(&'static str, &'static str)],
) -> AnyView {
    let options: Vec<_> =
        words.iter().map(|(value, words)| view! { <option value=*value>{*words}</option> }.into_any()).collect();
    view! {
        <span class="download__choice">
            <label class="download__label" r#for=id>{label}</label>
            <select class="download__select" id=id name=name>{options}</select>
        </span>
    }
    .into_any()
}
