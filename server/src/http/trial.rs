//! A message that is tried on a flow.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value};
use shared::draft::{Draft, Unknown};
use shared::message::Category;
use shared::problem::{FieldError, Problem};
use shared::trial::Trial;
use shared::workload::Workload;

use super::address::Path;
use super::auth::Signed;
use super::body::{Object, only, text};
use super::businesses::business_id;
use super::problem::ApiError;
use crate::pipeline::Trying;
use crate::services::App;

/// The longest conversation that a message can be tried in.
const MESSAGES_MAX: u64 = 1_000_000;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/businesses/{id}/try", post(run))
}

/// The fields that are those of a message that is sent.
const SENT: &[&str] = &["content", "category", "format"];

async fn run(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Result<Json<Trial>, ApiError> {
    let business = business_id(&id)?;
    // Before the body is looked at: whoever is no member is told the same whatever they send.
    app.flows.flow(visitor.user, business).await?;
    only(&body, &[SENT, &["stage", "about", "facts", "messages", "in_stage"]].concat())?;
    let sent: Map<String, Value> = body.iter().filter(|(name, _)| SENT.contains(&name.as_str())).map(owned).collect();
    let messages = count(&body, "messages", MESSAGES_MAX)?;
    let trying = Trying {
        business,
        draft: Draft::from_json(&sent, Unknown::Refuse)?,
        stage: text(&body, "stage")?.filter(|stage| !stage.is_empty()).map(ToOwned::to_owned),
        messages,
        in_stage: count(&body, "in_stage", messages)?,
        about: text(&body, "about")?.map(about).transpose()?,
        facts: facts(&body)?,
    };
    Ok(Json(app.trials.run(visitor.user, trying).await?))
}

/// What the conversation was about before.
fn about(word: &str) -> Result<Category, Problem> {
    word.parse().map_err(|message: String| Problem::invalid_field("about", message))
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// A whole number from 1 to `max`; 1 if it is absent.
fn count(body: &Map<String, Value>, name: &str, max: u64) -> Result<u64, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(1),
        Some(json) => json
            .as_u64()
            .filter(|n| (1..=max).contains(n))
            .ok_or_else(|| Problem::invalid_field(name, format!("must be a whole number from 1 to {max}"))),
    }
}

/// What earlier messages said.
fn facts(body: &Map<String, Value>) -> Result<Workload, Problem> {
    let Some(json) = body.get("facts").filter(|json| !json.is_null()) else { return Ok(Workload::default()) };
    Workload::from_json(json).map_err(|errors| {
        let named = |e: FieldError| {
            let name = if e.name == "workload" { "facts".into() } else { format!("facts.{}", e.name) };
            FieldError { name, message: e.message }
        };
        Problem::invalid(errors.into_iter().map(named).collect())
    })
}
