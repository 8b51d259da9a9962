//! The visitor's session. Its cookie cannot be read from here, so all that is remembered is that there is one.

use super::{net, store};
use crate::api::Answer;

const SESSION: &str = "exemplar.session";

/// Makes sure that there is a session; `check` asks the server even if we believe so.
pub(super) async fn ensure(check: bool) -> Answer<()> {
    let believed = store::get::<String>(store::local().as_ref(), SESSION).is_some();
    if !believed {
        return open().await;
    }
    if !check {
        return Ok(());
    }
    // The session may have ended while the page slept.
    match net::once("GET", "/api/v1/conversations", None).await {
        Ok(_) => {
            remember("open");
            Ok(())
        }
        Err(problem) if problem.status == 401 => open().await,
        Err(problem) => Err(problem),
    }
}

/// Opens a guest's session.
pub(super) async fn open() -> Answer<()> {
    let answer = net::once("POST", "/api/v1/sessions", Some("{}")).await?;
    let until = serde_json::from_str::<serde_json::Value>(&answer).ok();
    remember(until.as_ref().and_then(|json| json.get("expires_at")?.as_str()).unwrap_or("open"));
    Ok(())
}

fn remember(until: &str) {
    store::put(store::local().as_ref(), SESSION, &until);
}
