//! Conversations: listed and shown.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use shared::limits::SNAPSHOT_MAX_MESSAGES;
use shared::problem::Problem;
use shared::view::{Ai, ConversationSummary, ConversationView};

use super::address::Path;
use super::auth::Signed;
use super::body::Object;
use super::messages::path_id;
use super::problem::ApiError;
use crate::services::App;

/// Conversations in one list.
const LIST_MAX: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/conversations", get(list))
        .route("/conversations/{id}", get(show))
        .route("/conversations/{id}/ai", post(steer))
}

async fn list(State(app): State<App>, Signed(visitor): Signed) -> Result<Json<Vec<ConversationSummary>>, ApiError> {
    Ok(Json(app.conversations(visitor.user, LIST_MAX).await?))
}

async fn show(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
) -> Result<Json<ConversationView>, ApiError> {
    Ok(Json(app.conversation(visitor.user, path_id(&id)?, SNAPSHOT_MAX_MESSAGES, true).await?))
}

/// Stops the answering of a conversation, whose messages are kept and wait, or goes on with it.
async fn steer(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Result<Json<Value>, ApiError> {
    let id = path_id(&id)?;
    let ai = match body.get("action").and_then(Value::as_str) {
        Some("stop") => Ai::Stopped,
        Some("resume") => Ai::Active,
        _ => return Err(Problem::invalid_field("action", "must be \"stop\" or \"resume\"").into()),
    };
    app.inbox.hold(visitor.user, id, ai == Ai::Stopped).await?;
    Ok(Json(json!({"conversation_id": id, "ai": ai})))
}
