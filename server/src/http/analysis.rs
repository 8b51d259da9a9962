//! Answers that are computed now and not stored: examples, reading, analysis, prices.

use std::time::Instant;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use shared::date::Date;
use shared::draft::{check_content, parse_category};
use shared::examples;
use shared::extract::extract;
use shared::message::Format;
use shared::problem::{FieldError, Problem};
use shared::usage::Facts;
use shared::workload::{Provenances, Workload};

use super::address::Query;
use super::auth::Signed;
use super::body::{Object, only, text};
use super::problem::ApiError;
use crate::pipeline::{Question, compute, usage};
use crate::services::App;

/// What is the same for everyone may be kept for a while.
const PUBLIC: &str = "public, max-age=300";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/examples", get(all_examples))
        .route("/extract", post(read))
        .route("/analyze", post(analyze))
        .route("/catalog", get(catalog))
}

async fn all_examples() -> Response {
    ([(header::CACHE_CONTROL, PUBLIC)], Json(examples::views())).into_response()
}

/// Reads the facts of a text.
async fn read(_: Signed, Object(object): Object) -> Result<Response, ApiError> {
    only(&object, &["content"])?;
    let content = text(&object, "content")?.ok_or_else(|| Problem::invalid_field("content", "is missing"))?;
    check_content(content)?;
    Ok(Json(extract(content)).into_response())
}

/// Computes the answer to given facts. The header `server-timing` has the time that the engine took.
async fn analyze(
    Signed(visitor): Signed,
    State(app): State<App>,
    Object(object): Object,
) -> Result<Response, ApiError> {
    only(&object, &["category", "workload", "format", "usage_id"])?;
    let category = text(&object, "category")?.ok_or_else(|| Problem::invalid_field("category", "is missing"))?;
    let category = parse_category(category)?;
    let format = match text(&object, "format")? {
        Some(word) => word.parse().map_err(|message: String| Problem::invalid_field("format", message))?,
        None => Format::Detailed,
    };
    let log = match text(&object, "usage_id")?.map(str::parse) {
        Some(Ok(id)) => Some(usage(&*app.store, visitor.user, id).await?),
        Some(Err(_)) => return Err(Problem::invalid_field("usage_id", "must be a UUID").into()),
        None => None,
    };
    let nothing = json!({});
    let given = match object.get("workload").filter(|given| !given.is_null()) {
        None if log.is_some() => &nothing,
        None => return Err(Problem::invalid_field("workload", "is missing; send it or a usage_id").into()),
        Some(given) => given,
    };
    let workload = Workload::from_json(given).map_err(|errors| {
        Problem::invalid(
            errors
                .into_iter()
                .map(|e| FieldError {
                    name: if e.name == "workload" { e.name } else { format!("workload.{}", e.name) },
                    message: e.message,
                })
                .collect(),
        )
    })?;
    let mut facts = Facts { workload, provenance: Provenances::new() };
    let mut warnings = log.as_ref().map(|log| log.fill(category, &app.catalog, &mut facts)).unwrap_or_default();
    let Facts { workload, provenance } = facts;
    let question = Question { category, workload, provenance, format, today: app.today(), log };
    let began = Instant::now();
    let mut result = compute(question, &app.catalog).await?;
    warnings.append(&mut result.warnings);
    result.warnings = warnings;
    let engine_ms = began.elapsed().as_secs_f64() * 1000.0;
    let mut response = Json(result).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("engine;dur={engine_ms:.3}")) {
        response.headers_mut().insert("server-timing", value);
    }
    Ok(response)
}

#[derive(Deserialize)]
struct AsOf {
    as_of: Option<String>,
}

/// The models with their prices on a day and those announced for later.
async fn catalog(State(app): State<App>, Query(query): Query<AsOf>) -> Result<Response, ApiError> {
    let day: Date = match query.as_of {
        Some(text) => text.parse().map_err(|message: String| Problem::invalid_field("as_of", message))?,
        None => app.today(),
    };
    Ok(([(header::CACHE_CONTROL, PUBLIC)], Json(app.catalog.at(day))).into_response())
}
