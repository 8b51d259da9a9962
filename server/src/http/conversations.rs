//! Conversations: listed and shown.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use shared::limits::SNAPSHOT_MAX_MESSAGES;
use shared::view::{ConversationSummary, ConversationView};

use super::auth::Signed;
use super::messages::path_id;
use super::problem::ApiError;
use crate::services::App;

/// Conversations in one list.
const LIST_MAX: u32 = 50;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/conversations", get(list)).route("/conversations/{id}", get(show))
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
