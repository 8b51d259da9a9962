//! The OpenAPI document.
use crate::services::App;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/openapi.json", get(async || Json(openapi())))
}
/// The document.
pub fn openapi() -> Value {
    json!({})
}
