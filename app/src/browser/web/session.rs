//! The visitor's session. Its cookie cannot be read from here; the server says in the document whether there was one, and
//! other tabs say when they opened one.

use std::cell::Cell;

use leptos::prelude::{document, window};

use super::{net, store};
use crate::api::Answer;

/// When a tab of this browser last opened a session, in milliseconds since 1970.
const OPENED: &str = "exemplar.session";

thread_local! {
    /// Whether this page opened one, for browsers that store nothing.
    static OPENED_HERE: Cell<bool> = const { Cell::new(false) };
}

/// Makes sure that there is a session; `check` asks the server even if we believe so.
pub(super) async fn ensure(check: bool) -> Answer<()> {
    if !check {
        return if believed() { Ok(()) } else { open().await };
    }
    match net::once("GET", "/api/v1/conversations", None).await {
        Ok(_) => Ok(()),
        Err(problem) if problem.status == 401 => open().await,
        Err(problem) => Err(problem),
    }
}

/// The document came to a known visitor, or a session was opened since it came.
fn believed() -> bool {
    let known = document().document_element().is_some_and(|root| root.has_attribute("data-session"));
    let loaded_at = window().performance().map_or(f64::INFINITY, |p| p.time_origin());
    known
        || OPENED_HERE.get()
        || store::get::<f64>(store::local().as_ref(), OPENED).is_some_and(|opened| opened >= loaded_at)
}

/// Opens a guest's session.
pub(super) async fn open() -> Answer<()> {
    net::once("POST", "/api/v1/sessions", Some("{}")).await?;
    OPENED_HERE.set(true);
    store::put(store::local().as_ref(), OPENED, &js_sys::Date::now());
    Ok(())
}
