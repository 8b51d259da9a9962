//! Sessions: opened without a form, looked at, ended.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::auth::{Signed, Via, clear_cookie, set_cookie, token};
use super::body;
use super::problem::ApiError;
use crate::services::App;
use crate::sessions::Visitor;
use crate::world::rfc3339;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/sessions", post(open)).route("/sessions/current", get(current).delete(end))
}

pub(super) fn shown(visitor: &Visitor) -> Value {
    json!({
        "user_id": visitor.user,
        "session_id": visitor.session,
        "tier": visitor.tier,
        "expires_at": rfc3339(visitor.expires_ms),
    })
}

/// Opens a session for a new guest. A program that sends a valid bearer token gets one more session of the same user,
/// to renew a connection with.
async fn open(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let headers = request.headers().clone();
    // Nothing in the body is asked for; it is read so that a huge one is refused.
    body::read(request).await?;
    let user = match token(&headers) {
        Some((Via::Bearer, token)) => Some(app.sessions.find(token).await?),
        _ => None,
    };
    let user = user.as_ref().map(|visitor| (visitor.user, visitor.tier.as_str()));
    let (token, visitor) = app.sessions.start(user).await?;
    let mut answer = shown(&visitor);
    answer["token"] = token.clone().into();
    let cookie = set_cookie(&headers, &token).map(|cookie| (header::SET_COOKIE, cookie));
    Ok((StatusCode::CREATED, AppendHeaders(cookie), Json(answer)).into_response())
}

/// The session of the request.
async fn current(Signed(visitor): Signed) -> Json<Value> {
    Json(shown(&visitor))
}

/// Ends the session of the request and closes its connections.
async fn end(State(app): State<App>, headers: HeaderMap, Signed(visitor): Signed) -> Result<Response, ApiError> {
    app.sessions.end(visitor.token_hash).await?;
    app.hub.end_session(visitor.user, visitor.token_hash);
    let cookie = clear_cookie(&headers).map(|cookie| (header::SET_COOKIE, cookie));
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookie)).into_response())
}
