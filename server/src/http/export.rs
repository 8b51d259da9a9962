//! Answers as files to keep or pass on.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use shared::format::{Depth, Subject};
use shared::message::Format;
use shared::problem::{Code, Problem};
use shared::result::AnalysisResult;
use shared::view::MessageView;

use super::address::{Path, Query};
use super::auth::Signed;
use super::messages::path_id;
use super::problem::ApiError;
use crate::export::{Form, file};
use crate::pipeline::{Question, compute, stored_draft, usage};
use crate::services::App;
use crate::store::UserId;

/// What a browser may do with an exported page that it opens from here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; sandbox";

pub(super) fn routes() -> Router<App> {
    Router::new().route("/messages/{id}/export", get(export))
}

#[derive(Deserialize)]
struct Wanted {
    format: Option<String>,
    mode: Option<String>,
}

async fn export(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let kind = Form::named(wanted.format.as_deref().unwrap_or("json"))
        .map_err(|message| Problem::invalid_field("format", message))?;
    let mode: Option<Format> = wanted
        .mode
        .map(|word| word.parse())
        .transpose()
        .map_err(|message: String| Problem::invalid_field("mode", message))?;
    let mut view = app.message(visitor.user, path_id(&id)?).await?;
    let mode = mode.unwrap_or(view.format);
    let result = told(&app, visitor.user, &mut view, mode).await?;
    let name = format!("exemplar-{}-{}-{mode}.{}", result.category, result.catalog_as_of, kind.ending());
    let depth = Depth::of_tier(&visitor.tier);
    let bytes = if kind == Form::Json {
        let MessageView { id, conversation_id, content, accepted_at, .. } = &view;
        json!({"id": id, "conversation_id": conversation_id, "content": content, "accepted_at": accepted_at,
            "mode": mode, "result": result})
        .to_string()
        .into_bytes()
    } else {
        let written = tokio::task::spawn_blocking(move || {
            let subject = Subject { question: &view.content, asked_at: &view.accepted_at, result: &result };
            file(&subject, kind, mode, depth)
        });
        written.await.ok().flatten().ok_or_else(ApiError::internal)?
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media()));
    // Made of fixed words and a date, so it needs no escaping.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// The answer as `mode` tells it: the stored one, or, where that was told otherwise, the same facts computed again by
/// the same engine. What cannot be computed alike any more stays as it was stored.
async fn told(app: &App, user: UserId, view: &mut MessageView, mode: Format) -> Result<AnalysisResult, ApiError> {
    let Some(stored) = view.result.take() else {
        let text = if view.status.is_terminal() {
            "The message has no answer to export. Send it again with POST /api/v1/messages/{id}/retry."
        } else {
            "The message is still being worked on. Export it when it is completed."
        };
        return Err(Problem::new(Code::Conflict, text).into());
    };
    if stored.format == mode || stored.engine_version != shared::ENGINE_VERSION {
        return Ok(stored);
    }
    let draft = app.store.message(user, view.id).await?.and_then(|message| stored_draft(&message.draft));
    let log = match draft.and_then(|draft| draft.usage_id) {
        Some(id) => match usage(&*app.store, user, id).await {
            Ok(log) => Some(log),
            Err(_) => return Ok(stored),
        },
        None => None,
    };
    let question = Question {
        category: stored.category,
        workload: stored.workload.clone(),
        provenance: stored.provenance.clone(),
        format: mode,
        today: stored.catalog_as_of,
        log,
    };
    // What was asked and warned of while the message was read is not in the facts.
    Ok(match compute(question, &app.catalog).await {
        Ok(again) => AnalysisResult {
            wording: stored.wording,
            questions: stored.questions,
            warnings: stored.warnings,
            degraded: stored.degraded,
            degraded_reason: stored.degraded_reason,
            ..again
        },
        Err(_) => stored,
    })
}
