//! Messages: sent, looked at, cancelled, sent again; also the form of a page without JavaScript.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::draft::{Draft, Unknown};
use shared::limits::WAIT_MAX_S;
use shared::message::MessageId;
use shared::problem::Problem;
use shared::view::MessageView;

use super::address::{Path, Query};
use super::auth::{Signed, set_cookie};
use super::body::{self, Object};
use super::problem::ApiError;
use crate::flow::BUILTIN;
use crate::inbox::{Receipt, Submission, not_found};
use crate::services::App;
use crate::store::UserId;
use crate::store::flow::AuditEntry;

/// The header that may carry a message's id.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/messages", post(send))
        .route("/messages/{id}", get(show))
        .route("/messages/{id}/cancel", post(cancel))
        .route("/messages/{id}/retry", post(retry))
}

#[derive(Deserialize)]
struct Wait {
    wait: Option<String>,
}

impl Wait {
    /// How long the answer may be held back for the result.
    fn time(&self) -> Result<Option<Duration>, Problem> {
        let Some(text) = &self.wait else { return Ok(None) };
        match text.parse::<f64>() {
            // Who would wait longer is told after a minute that the message is still being worked on.
            Ok(seconds) if seconds >= 0.0 => Ok(Some(Duration::from_secs_f64(seconds.min(WAIT_MAX_S as f64)))),
            _ => Err(Problem::invalid_field("wait", "must be a number of seconds, 0 or more")),
        }
    }
}

/// The id of a path; what is no id names nothing.
pub(super) fn path_id(text: &str) -> Result<MessageId, Problem> {
    text.parse().map_err(|_| not_found())
}

/// Accepts a message; answers when it is durable, or, with `?wait=`, when its result is there.
async fn send(
    State(app): State<App>,
    Signed(visitor): Signed,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
    Object(object): Object,
) -> Result<Response, ApiError> {
    let wait = wait.time()?;
    let mut draft = Draft::from_json(&object, Unknown::Refuse)?;
    if let Some(key) = idempotency_key(&headers)? {
        if draft.id.is_some_and(|id| id != key) {
            return Err(
                Problem::invalid_field("id", "differs from the header Idempotency-Key; send one of them").into()
            );
        }
        draft.id = Some(key);
    }
    app.can_follow(visitor.user, &draft).await?;
    let id = draft.id.unwrap_or_else(|| app.world.new_id());
    draft.id = Some(id);
    answer(&app, visitor.user, id, wait, || app.inbox.submit(visitor.user, draft)).await
}

/// The id in the header: a UUID, with or without the quotes of a structured field.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<MessageId>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    text.parse().map(Some).map_err(|_| Problem::invalid_field("Idempotency-Key", "must be a version-7 UUID"))
}

/// Submits, waits if asked to, and answers.
async fn answer(
    app: &App,
    user: UserId,
    id: MessageId,
    wait: Option<Duration>,
    submit: impl FnOnce() -> Result<Submission, Problem>,
) -> Result<Response, ApiError> {
    let Some(wait) = wait.filter(|wait| !wait.is_zero()) else {
        let receipt = submit()?.await?;
        return Ok((StatusCode::ACCEPTED, Json(shown(&receipt))).into_response());
    };
    // Asked for before the message is sent, so that its end cannot be missed.
    let mut end = app.inbox.end_of(user, id);
    let receipt = submit()?.await?;
    if !receipt.acceptance.status.is_terminal() {
        tokio::select! {
            () = end.came() => {}
            () = tokio::time::sleep(wait) => {}
            () = app.inbox.closing() => {}
        }
    }
    drop(end);
    let view = app.message(user, id).await?;
    let status = if view.status.is_terminal() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(Waited { view, duplicate: receipt.acceptance.duplicate })).into_response())
}

/// The answer that was waited for.
#[derive(Serialize)]
struct Waited {
    #[serde(flatten)]
    view: MessageView,
    duplicate: bool,
}

fn shown(receipt: &Receipt) -> Value {
    let acceptance = &receipt.acceptance;
    json!({
        "id": receipt.id,
        "conversation_id": acceptance.conversation,
        "sequence": acceptance.sequence,
        "status": acceptance.status,
        "duplicate": acceptance.duplicate,
    })
}

async fn show(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
) -> Result<Json<MessageView>, ApiError> {
    Ok(Json(app.message(visitor.user, path_id(&id)?).await?))
}

/// Ends a message; one that has ended stays as it is. Answers with the message.
async fn cancel(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
) -> Result<Json<MessageView>, ApiError> {
    let id = path_id(&id)?;
    app.inbox.cancel(visitor.user, id).await?;
    Ok(Json(app.message(visitor.user, id).await?))
}

/// Sends a message that has ended once more, as a new message of the same conversation. The new id may be given as
/// `Idempotency-Key`, so that a repeated call makes one message.
async fn retry(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Query(wait): Query<Wait>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let wait = wait.time()?;
    let old = app.store.message(visitor.user, path_id(&id)?).await?.ok_or_else(not_found)?;
    let new = idempotency_key(&headers)?.unwrap_or_else(|| app.world.new_id());
    let submit = || {
        let submission = app.inbox.retry(visitor.user, &old, Some(new))?;
        let app = app.clone();
        let audited = async move {
            let receipt = submission.await?;
            if !receipt.acceptance.duplicate {
                let state = app.store.state(visitor.user, receipt.acceptance.conversation).await;
                let business = state.ok().flatten().map_or(BUILTIN, |state| state.business);
                let entry = AuditEntry::of_conversation(app.world.unix_ms(), visitor.user, "message.retried", old.id);
                let detail = json!({"as": receipt.id}).to_string();
                // The message is accepted, so that is the answer, whatever becomes of the line.
                if let Err(error) = app.store.audit(vec![AuditEntry { business, detail, ..entry }]).await {
                    tracing::error!(%error, id = %receipt.id, "a retry is missing from the audit log");
                }
            }
            Ok(receipt)
        };
        Ok(Box::pin(audited) as Submission)
    };
    answer(&app, visitor.user, new, wait, submit).await
}

/// The form of a page without JavaScript: accepts the message for the visitor, or for a new guest, and leads to its
/// page. A foreign page cannot send it: the edge refuses it.
pub(super) async fn ask(
    State(app): State<App>,
    signed: Option<Signed>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let bytes = body::read(request).await?;
    let mut object = Map::new();
    for (name, value) in form_pairs(&bytes) {
        if matches!(name.as_str(), "content" | "example_id" | "category" | "format" | "id" | "conversation_id")
            && !value.is_empty()
        {
            object.insert(name, value.into());
        }
    }
    let draft = Draft::from_json(&object, Unknown::Ignore)?;
    let (visitor, cookie) = if let Some(Signed(visitor)) = signed {
        (visitor, None)
    } else {
        let (token, visitor) = app.sessions.start(None).await?;
        (visitor, set_cookie(&headers, &token).map(|cookie| (header::SET_COOKIE, cookie)))
    };
    let receipt = app.inbox.submit(visitor.user, draft)?.await?;
    Ok((AppendHeaders(cookie), Redirect::to(&format!("/m/{}", receipt.id))).into_response())
}

/// The fields of an `application/x-www-form-urlencoded` body.
fn form_pairs(bytes: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(bytes).unwrap_or_default()
}
