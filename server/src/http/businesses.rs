//! Businesses and what is in them: stages, transitions, templates, and the log of their changes.
//!
//! A change answers with what was changed and with `findings`: what there is to know about the flow as it is now.

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};
use shared::flow::{AuditPage, Template, TemplateKind};
use shared::problem::{Code, Problem};
use uuid::Uuid;

use super::address::Path;
use super::audit;
use super::auth::Signed;
use super::body::{Object, only};
use super::problem::ApiError;
use crate::flow::{BUILTIN, Body, Edit, Edited, Parts, no_such_business};
use crate::services::App;
use crate::store::flow::AuditFilter;
use crate::world::rfc3339;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/businesses", get(list).post(create))
        .route("/businesses/{id}", get(show).put(update).patch(update).delete(delete))
        .route("/businesses/{id}/flow", get(flow))
        .route("/businesses/{id}/stages", all_of(Kind::Stages))
        .route("/businesses/{id}/stages/{stage_id}", one_of(Kind::Stages))
        .route("/businesses/{id}/transitions", all_of(Kind::Transitions))
        .route("/businesses/{id}/transitions/{transition_id}", one_of(Kind::Transitions))
        .route("/businesses/{id}/templates", all_of(Kind::Templates))
        .route("/businesses/{id}/templates/{template_id}", one_of(Kind::Templates))
        .route("/businesses/{id}/templates/{template_id}/versions", get(versions))
        .route("/businesses/{id}/templates/{template_id}/preview", post(preview))
        .route("/businesses/{id}/audit", get(audited))
}

/// The calls about all parts of one kind.
fn all_of(kind: Kind) -> MethodRouter<App> {
    get(move |app, who, path| parts(kind, app, who, path))
        .post(move |app, who, path, body| make(kind, app, who, path, body))
}

/// The calls about one part of a kind.
fn one_of(kind: Kind) -> MethodRouter<App> {
    let change = move |app, who, path, body| change(kind, app, who, path, body);
    get(move |app, who, path| part(kind, app, who, path))
        .put(change)
        .patch(change)
        .delete(move |app, who, path| remove(kind, app, who, path))
}

/// What a flow is made of.
#[derive(Clone, Copy)]
enum Kind {
    Stages,
    Transitions,
    Templates,
}

impl Kind {
    fn path(self) -> &'static str {
        match self {
            Self::Stages => "stages",
            Self::Transitions => "transitions",
            Self::Templates => "templates",
        }
    }

    /// All of this kind, as they are shown.
    fn all(self, parts: &Parts) -> Vec<Value> {
        let business = parts.business.id;
        match self {
            Self::Stages => parts.stages.iter().map(|stage| shown(business, stage)).collect(),
            Self::Transitions => parts.transitions.iter().map(|way| shown(business, way)).collect(),
            Self::Templates => parts.templates.iter().map(|versions| shown(business, &versions.current)).collect(),
        }
    }

    /// The one of this id, as it is shown.
    fn one(self, parts: &Parts, id: Uuid) -> Result<Value, Problem> {
        let business = parts.business.id;
        let found = match self {
            Self::Stages => parts.stage(id).map(|stage| shown(business, stage)),
            Self::Transitions => parts.transitions.iter().find(|way| way.id == id).map(|way| shown(business, way)),
            Self::Templates => parts.template(id).map(|versions| shown(business, &versions.current)),
        };
        found.ok_or_else(nothing)
    }

    fn make(self, id: Uuid, body: Body) -> Edit {
        match self {
            Self::Stages => Edit::NewStage(id, body),
            Self::Transitions => Edit::NewTransition(id, body),
            Self::Templates => Edit::NewTemplate(id, body),
        }
    }

    fn change(self, id: Uuid, body: Body) -> Edit {
        match self {
            Self::Stages => Edit::Stage(id, body),
            Self::Transitions => Edit::Transition(id, body),
            Self::Templates => Edit::Template(id, body),
        }
    }

    fn remove(self, id: Uuid) -> Edit {
        match self {
            Self::Stages => Edit::NoStage(id),
            Self::Transitions => Edit::NoTransition(id),
            Self::Templates => Edit::NoTemplate(id),
        }
    }
}

type Answer = Result<Response, ApiError>;

/// The id of a path; what is no id names nothing.
pub(super) fn business_id(text: &str) -> Result<Uuid, Problem> {
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

/// What was changed as it is now, with what there is to know about the flow.
fn changed(edited: &Edited, kind: Kind, id: Uuid) -> Result<Value, Problem> {
    let mut json = kind.one(&edited.parts, id)?;
    json["business_version"] = edited.parts.business.version.into();
    json["findings"] = json!(edited.findings);
    Ok(json)
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
    Ok(Json(app.flow(visitor.user, business_id(&id)?).await?).into_response())
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

async fn parts(kind: Kind, State(app): State<App>, Signed(visitor): Signed, Path(id): Path<String>) -> Answer {
    let read = app.flows.read(visitor.user, business_id(&id)?).await?;
    Ok(Json(kind.all(&read.parts)).into_response())
}

async fn part(
    kind: Kind,
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
) -> Answer {
    let read = app.flows.read(visitor.user, business_id(&id)?).await?;
    Ok(Json(kind.one(&read.parts, part_id(&part)?)?).into_response())
}

async fn make(
    kind: Kind,
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Object(body): Object,
) -> Answer {
    let (business, part) = (business_id(&id)?, app.world.new_id());
    let edited = app.flows.edit(visitor.user, business, &kind.make(part, body)).await?;
    let place = format!("/api/v1/businesses/{business}/{}/{part}", kind.path());
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(changed(&edited, kind, part)?)).into_response())
}

async fn change(
    kind: Kind,
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
    Object(body): Object,
) -> Answer {
    let (business, part) = (business_id(&id)?, part_id(&part)?);
    let edited = app.flows.edit(visitor.user, business, &kind.change(part, body)).await?;
    Ok(Json(changed(&edited, kind, part)?).into_response())
}

async fn remove(
    kind: Kind,
    State(app): State<App>,
    Signed(visitor): Signed,
    Path((id, part)): Path<(String, String)>,
) -> Answer {
    let (business, part) = (business_id(&id)?, part_id(&part)?);
    app.flows.edit(visitor.user, business, &kind.remove(part)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
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
