//! Businesses and what is in them: stages, transitions, templates, and the log of their changes.
//!
//! A change answers with what was changed and with `findings`: what there is to know about the flow as it is now.

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};
use shared::flow::{AuditPage, Template, TemplateKind};
use shared::problem::{Code, Problem};
use uuid::Uuid;

use super::audit;
use super::auth::Signed;
use super::body::{Object, only};
use super::problem::ApiError;
use crate::flow::{BUILTIN, Edit, Edited, no_such_business};
use crate::services::App;
use crate::store::flow::AuditFilter;
use crate::world::rfc3339;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/businesses", get(list).post(create))
        .route("/businesses/{id}", get(show).put(update).patch(update).delete(delete))
        .route("/businesses/{id}/flow", get(flow))
        .route("/businesses/{id}/stages", get(stages).post(new_stage))
        .route("/businesses/{id}/stages/{stage_id}", get(stage).put(put_stage).patch(put_stage).delete(no_stage))
        .route("/businesses/{id}/transitions", get(transitions).post(new_transition))
        .route(
            "/businesses/{id}/transitions/{transition_id}",
            get(transition).put(put_transition).patch(put_transition).delete(no_transition),
        )
        .route("/businesses/{id}/templates", get(templates).post(new_template))
        .route(
            "/businesses/{id}/templates/{template_id}",
            get(template).put(put_template).patch(put_template).delete(no_template),
        )
        .route("/businesses/{id}/templates/{template_id}/versions", get(versions))
        .route("/businesses/{id}/templates/{template_id}/preview", post(preview))
        .route("/businesses/{id}/audit", get(audited))
}

type Answer = Result<Response, ApiError>;

/// The id of a path; what is no id names nothing.
fn business_id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| no_such_business())
}

fn part_id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| nothing())
}

fn nothing() -> Problem {
    Problem::new(Code::NotFound, "This business has nothing of this id here.")
}

/// Something of a flow as it is shown, with its business.
fn shown(business: Uuid, part: &impl Serialize) -> Value {
    let mut json = json!(part);
    json["business_id"] = json!(business);
    json
}

fn shown_business(edited: &Edited) -> Value {
    let mut json = json!(edited.parts.business);
    json["stages"] = edited.parts.stages.len().into();
    json["transitions"] = edited.parts.transitions.len().into();
    json["templates"] = edited.parts.templates.len().into();
    json["findings"] = json!(edited.findings);
    json
}

/// The answer to a change of something: what it is now, with what there is to know.
fn changed(edited: &Edited, created: bool, path: &str, id: Uuid, part: Option<&impl Serialize>) -> Answer {
    let business = edited.parts.business.id;
    let mut json = shown(business, part.ok_or_else(nothing)?);
    json["business_version"] = edited.parts.business.version.into();
    json["findings"] = json!(edited.findings);
    Ok(if created {
        let place = format!("/api/v1/businesses/{business}/{path}/{id}");
        (StatusCode::CREATED, [(header::LOCATION, place)], Json(json)).into_response()
    } else {
        Json(json).into_response()
    })
}

async fn list(State(app): State<App>, Signed(visitor): Signed) -> Answer {
    let followed = app.flows.followed(visitor.user).await?;
    let all = app.flows.businesses(visitor.user).await?;
    let shown: Vec<Value> = all
        .iter()
        .map(|business| {
            let mut json = json!(business);
            json["followed"] = (business.id == followed).into();
            json
        })
        .collect();
    Ok(Json(shown).into_response())
}

async fn create(State(app): State<App>, Signed(visitor): Signed, Object(body): Object) -> Answer {
    let edited = app.flows.create(visitor.user, &body).await?;
    let place = format!("/api/v1/businesses/{}", edited.parts.business.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(shown_business(&edited))).into_response())
}

async fn show(State(app): State<App>, Signed(visitor): Signed, Path(id): Path<String>) -> Answer {
    let read = app.flows.read(visitor.user, business_id(&id)?).await?;
    Ok(Json(shown_business(&read)).into_response())
}

/// The whole flow of a business at once.
async fn flow(State(app): State<App>, Signed(visitor): Signed, Path(id): Path<String>) -> Answer {
    Ok(Json(app.flows.read(visitor.user, business_id(&id)?).await?.view()).into_response())
}

async fn update(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Answer {
    let edited = app.flows.edit(visitor.user, business_id(&id)?, &Edit::Business(body)).await?;
    Ok(Json(shown_business(&edited)).into_response())
}

async fn delete(State(app): State<App>, Signed(visitor): Signed, Path(id): Path<String>) -> Answer {
    app.flows.delete(visitor.user, business_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn stages(State(app): State<App>, Signed(visitor): Signed, Path(id): Path<String>) -> Answer {
    let parts = app.flows.read(visitor.user, business_id(&id)?).await?.parts;
    let all: Vec<Value> = parts.stages.iter().map(|stage| shown(parts.business.id, stage)).collect();
    Ok(Json(all).into_response())
}

async fn stage(State(app): State<App>, Signed(visitor): Signed, Path((id, part)): Path<(String, String)>) -> Answer {
    let parts = app.flows.read(visitor.user, business_id(&id)?).await?.parts;
    let stage = parts.stage(part_id(&part)?).ok_or_else(nothing)?;
    Ok(Json(shown(parts.business.id, stage)).into_response())
}

async fn new_stage(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Answer {
    let part = app.world.new_id();
    let edited = app.flows.edit(visitor.user, business_id(&id)?, &Edit::NewStage(part, body)).await?;
    changed(&edited, true, "stages", part, edited.parts.stage(part))
}

async fn put_stage(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
    Object(body): Object,
) -> Answer {
    let (business, part) = (business_id(&id)?, part_id(&part)?);
    let edited = app.flows.edit(visitor.user, business, &Edit::Stage(part, body)).await?;
    changed(&edited, false, "stages", part, edited.parts.stage(part))
}

async fn no_stage(State(app): State<App>, Signed(visitor): Signed, Path((id, part)): Path<(String, String)>) -> Answer {
    gone(&app, visitor.user, &id, Edit::NoStage(part_id(&part)?)).await
}

/// Deletes something of a flow.
async fn gone(app: &App, user: Uuid, business: &str, edit: Edit) -> Answer {
    app.flows.edit(user, business_id(business)?, &edit).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn transitions(State(app): State<App>, Signed(visitor): Signed, Path(id): Path<String>) -> Answer {
    let parts = app.flows.read(visitor.user, business_id(&id)?).await?.parts;
    let all: Vec<Value> = parts.transitions.iter().map(|way| shown(parts.business.id, way)).collect();
    Ok(Json(all).into_response())
}

async fn transition(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
) -> Answer {
    let parts = app.flows.read(visitor.user, business_id(&id)?).await?.parts;
    let part = part_id(&part)?;
    let way = parts.transitions.iter().find(|way| way.id == part).ok_or_else(nothing)?;
    Ok(Json(shown(parts.business.id, way)).into_response())
}

async fn new_transition(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Answer {
    let part = app.world.new_id();
    let edited = app.flows.edit(visitor.user, business_id(&id)?, &Edit::NewTransition(part, body)).await?;
    let way = edited.parts.transitions.iter().find(|way| way.id == part);
    changed(&edited, true, "transitions", part, way)
}

async fn put_transition(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
    Object(body): Object,
) -> Answer {
    let (business, part) = (business_id(&id)?, part_id(&part)?);
    let edited = app.flows.edit(visitor.user, business, &Edit::Transition(part, body)).await?;
    let way = edited.parts.transitions.iter().find(|way| way.id == part);
    changed(&edited, false, "transitions", part, way)
}

async fn no_transition(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
) -> Answer {
    gone(&app, visitor.user, &id, Edit::NoTransition(part_id(&part)?)).await
}

async fn templates(State(app): State<App>, Signed(visitor): Signed, Path(id): Path<String>) -> Answer {
    let parts = app.flows.read(visitor.user, business_id(&id)?).await?.parts;
    let all: Vec<Value> = parts.templates.iter().map(|t| shown(parts.business.id, &t.current)).collect();
    Ok(Json(all).into_response())
}

async fn template(State(app): State<App>, Signed(visitor): Signed, Path((id, part)): Path<(String, String)>) -> Answer {
    let parts = app.flows.read(visitor.user, business_id(&id)?).await?.parts;
    let versions = parts.template(part_id(&part)?).ok_or_else(nothing)?;
    Ok(Json(shown(parts.business.id, &versions.current)).into_response())
}

async fn new_template(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Answer {
    let part = app.world.new_id();
    let edited = app.flows.edit(visitor.user, business_id(&id)?, &Edit::NewTemplate(part, body)).await?;
    changed(&edited, true, "templates", part, edited.parts.template(part).map(|versions| &versions.current))
}

async fn put_template(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
    Object(body): Object,
) -> Answer {
    let (business, part) = (business_id(&id)?, part_id(&part)?);
    let edited = app.flows.edit(visitor.user, business, &Edit::Template(part, body)).await?;
    changed(&edited, false, "templates", part, edited.parts.template(part).map(|versions| &versions.current))
}

async fn no_template(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
) -> Answer {
    gone(&app, visitor.user, &id, Edit::NoTemplate(part_id(&part)?)).await
}

/// All versions of a template, the newest first.
async fn versions(State(app): State<App>, Signed(visitor): Signed, Path((id, part)): Path<(String, String)>) -> Answer {
    let business = business_id(&id)?;
    let parts = app.flows.read(visitor.user, business).await?.parts;
    let current = &parts.template(part_id(&part)?).ok_or_else(nothing)?.current;
    if business == BUILTIN {
        return Ok(Json(vec![shown(business, current)]).into_response());
    }
    let all = app.store.versions(visitor.user, business, current.id).await?;
    let version = |it: crate::store::flow::StoredVersion| {
        let (name, kind): (String, TemplateKind) = (current.name.clone(), current.kind);
        let created_at = Some(rfc3339(it.created_ms));
        let mut json =
            shown(business, &Template { id: current.id, name, kind, version: it.version, body: it.body, created_at });
        json["author"] = json!(it.author);
        json
    };
    Ok(Json(all.into_iter().map(version).collect::<Vec<_>>()).into_response())
}

/// Fills in a template: with the given variables, or with those of an example.
async fn preview(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
    Object(body): Object,
) -> Answer {
    only(&body, &["variables", "body"])?;
    let (business, part) = (business_id(&id)?, part_id(&part)?);
    let (text, warnings) = app.flows.preview(visitor.user, business, part, &body).await?;
    Ok(Json(json!({"text": text, "warnings": warnings})).into_response())
}

/// What was done to a business, and by whom, for its members.
async fn audited(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<AuditPage>, ApiError> {
    let business = business_id(&id)?;
    // Everybody uses the built-in one: its log is the operator's.
    if business == BUILTIN || app.store.flow(visitor.user, business).await?.is_none() {
        return Err(no_such_business().into());
    }
    let filter = audit::filter(query.as_deref().unwrap_or_default(), false)?;
    let filter = AuditFilter { business: Some(business), member: Some(visitor.user), ..filter };
    Ok(Json(audit::page(&app, filter).await?))
}
