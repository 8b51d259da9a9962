//! Who sees and changes a business.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use shared::flow::Member;
use shared::problem::{Code, Problem};

use super::address::Path;
use super::auth::Signed;
use super::body::{Object, only, text};
use super::businesses::business_id;
use super::problem::ApiError;
use crate::services::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/businesses/{id}/members", get(list).post(add))
        .route("/businesses/{id}/members/{user_id}", delete(remove))
}

async fn list(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
) -> Result<Json<Vec<Member>>, ApiError> {
    Ok(Json(app.flows.members(visitor.user, business_id(&id)?).await?))
}

/// Adds the user of an account.
async fn add(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Result<Response, ApiError> {
    let business = business_id(&id)?;
    // Before the address is looked up: who may not add anybody learns nothing about it.
    app.flows.can_change(visitor.user, business).await?;
    only(&body, &["email"])?;
    let email = text(&body, "email")?.ok_or_else(|| Problem::invalid_field("email", "is missing"))?;
    let new = app.accounts.find(visitor.user, email).await?;
    let member = app.flows.add_member(visitor.user, business, new).await?;
    let place = format!("/api/v1/businesses/{business}/members/{new}");
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(member)).into_response())
}

/// Takes a member out; also the one who asks.
async fn remove(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, member)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let nobody = |_| Problem::new(Code::NotFound, "This business has no member of this id.");
    let business = business_id(&id)?;
    app.flows.remove_member(visitor.user, business, member.parse().map_err(nobody)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
