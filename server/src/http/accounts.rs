//! Registering and signing in.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value};

use super::auth::{Signed, Via, set_cookie, token};
use super::body::Object;
use super::problem::ApiError;
use super::sessions::shown;
use crate::accounts::{Credentials, REGISTERED};
use crate::services::App;
use crate::store::UserId;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/accounts", post(register)).route("/login", post(sign_in))
}

fn credentials(body: &Map<String, Value>) -> Result<Credentials, ApiError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    Ok(Credentials::new(text("email"), text("password"))?)
}

/// Makes an account. A guest's session becomes the account's and keeps its history; without one a new user begins.
async fn register(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Option<Signed>,
    Object(body): Object,
) -> Result<Response, ApiError> {
    let guest = visitor.map(|Signed(visitor)| visitor);
    let user = app.accounts.register(credentials(&body)?, guest.as_ref().map(|guest| guest.user)).await?;
    app.sessions.raise(user, REGISTERED);
    let answer = opened(&app, &headers, user, StatusCode::CREATED).await?;
    // A browser goes on with the new cookie alone: whoever knew the guest's must not be in the account.
    if let (Some(guest), Some((Via::Cookie, _))) = (guest, token(&headers)) {
        app.sessions.end(guest.token_hash).await?;
        app.hub.end_session(guest.user, guest.token_hash);
    }
    Ok(answer)
}

/// Opens a session of an account.
async fn sign_in(State(app): State<App>, headers: HeaderMap, Object(body): Object) -> Result<Response, ApiError> {
    let user = app.accounts.sign_in(credentials(&body)?).await?;
    opened(&app, &headers, user, StatusCode::OK).await
}

async fn opened(app: &App, headers: &HeaderMap, user: UserId, status: StatusCode) -> Result<Response, ApiError> {
    let (token, visitor) = app.sessions.start(Some((user, REGISTERED))).await?;
    let cookie = set_cookie(headers, &token).map(|cookie| (header::SET_COOKIE, cookie));
    let mut answer = shown(&visitor);
    answer["token"] = token.into();
    Ok((status, AppendHeaders(cookie), Json(answer)).into_response())
}
