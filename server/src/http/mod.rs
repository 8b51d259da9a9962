//! The HTTP interface. `edge` wraps everything; each other module owns its routes and handlers.

mod accounts;
mod address;
mod analysis;
pub(crate) mod audit;
mod auth;
mod body;
mod businesses;
mod conversations;
mod docs;
mod edge;
mod events;
mod export;
mod health;
mod members;
mod messages;
mod operator;
mod pages;
mod problem;
mod sessions;
mod trial;
mod usage;

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use shared::problem::{Code, Problem};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

pub use auth::{Via, token, visitor};

pub use edge::{RequestId, origin_matches};
pub use problem::ApiError;

use crate::channel;
use crate::services::App;

/// All routes over these services.
pub fn router(app: &App) -> Router {
    let api = Router::new()
        .merge(sessions::routes())
        .merge(accounts::routes())
        .merge(messages::routes())
        .merge(analysis::routes())
        .merge(usage::routes())
        .merge(export::routes())
        .merge(conversations::routes())
        .merge(events::routes())
        .merge(businesses::routes())
        .merge(members::routes())
        .merge(trial::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method);
    let outer = app.clone();
    Router::new()
        .nest("/api/v1", api)
        .merge(docs::routes())
        .merge(health::routes())
        .merge(operator::routes())
        .merge(audit::routes())
        .merge(pages::routes(app))
        // After the compression, which must not touch an upgraded connection.
        .layer(CompressionLayer::new())
        .merge(channel::routes())
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(move |request, next| edge::edge(outer.clone(), request, next)))
        .with_state(app.clone())
}

/// The answer where there is no route.
pub(crate) async fn nothing_here(uri: Uri) -> ApiError {
    let path: String = uri.path().chars().take(120).collect();
    Problem::new(Code::NotFound, format!("There is nothing at {path}. /api/docs lists what there is.")).into()
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    let path: String = uri.path().chars().take(120).collect();
    ApiError::with_status(
        StatusCode::METHOD_NOT_ALLOWED,
        Problem::new(Code::Invalid, format!("{path} does not take {method}. /api/docs lists what it takes.")),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the payload over")]
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    ApiError::internal().into_response()
}
