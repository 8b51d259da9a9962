//! What the operator asks and does: metrics, statistics, what a user waits for, ending a user's sessions.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};
use shared::message::Status;
use shared::problem::{Class, Code, Problem};
use shared::protocol::EventKind;

use super::address::Path;
use super::auth::Operator;
use super::problem::ApiError;
use crate::resilience::View;
use crate::services::App;
use crate::store::{Unfinished, UserId};
use crate::world::rfc3339;

/// The alert about a breaker that stays open.
const BREAKER_OPEN: &str = "breaker_open";
/// The time after which it is raised.
const BREAKER_OPEN_TIME: Duration = Duration::from_mins(5);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/stats", get(stats))
        .route("/pending-messages/{user_id}", get(pending))
        .route("/cleanup/{user_id}", post(clean_up))
        .route("/circuit-breakers", get(breakers))
        .route("/circuit-breakers/{name}/reset", post(reset))
}

fn user(text: &str) -> Result<UserId, Problem> {
    text.parse().map_err(|_| Problem::new(Code::NotFound, "A user's id is a UUID; this is none."))
}

/// Whether a request comes from this machine or its private network, where scrapers live. One that a proxy passes on
/// comes from anywhere.
fn is_near(address: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip"].iter().any(|name| headers.contains_key(*name));
    let near = match address.map(|address| address.ip().to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Some(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        None => false,
    };
    near && !passed_on
}

async fn metrics(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| *address);
    if !is_near(address, request.headers()) {
        let (mut parts, _) = request.into_parts();
        Operator::from_request_parts(&mut parts, &app).await?;
    }
    let views = app.breakers.views();
    app.metrics.breakers(views.iter().map(|view| (view.name.as_str(), view.state.level())));
    app.metrics.alert(BREAKER_OPEN, !app.breakers.open_longer_than(BREAKER_OPEN_TIME).is_empty());
    let text = app.metrics.text(&app.levels()).map_err(|error| {
        tracing::error!(%error, "the metrics could not be written");
        ApiError::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

async fn stats(State(app): State<App>, _: Operator) -> Json<Value> {
    let counts = app.metrics.counts();
    let levels = app.levels();
    let (open, limit) = app.sessions.count();
    let (conversations, running, oldest_wait_ms) = app.inbox.backlog();
    let (waiting, queue_limit) = app.inbox.depth();
    let ms = |time: Option<Duration>| time.map(|time| time.as_micros() as f64 / 1_000.0);
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let ended = [EventKind::Completed, EventKind::Failed, EventKind::Cancelled].map(|kind| counts.of_kind(kind));
    let by_class: Map<String, Value> =
        Class::ALL.iter().map(|class| (class.to_string(), counts.of_class(*class).into())).collect();
    let by_code: Map<String, Value> =
        counts.errors.iter().map(|(code, count)| (code.to_string(), (*count).into())).collect();
    let processing = counts.processing;
    let alerts: Vec<Value> = app
        .breakers
        .open_longer_than(BREAKER_OPEN_TIME)
        .into_iter()
        .map(|view| {
            let text = format!(
                "The circuit breaker \"{}\" has been open for more than five minutes: what it guards keeps failing.",
                view.name
            );
            json!({"name": BREAKER_OPEN, "subject": view.name, "since": view.open_since_ms.map(rfc3339), "text": text})
        })
        .collect();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_s": app.began.elapsed().as_secs(),
        "sessions": {"open": open, "limit": limit},
        "connections": {"open": levels.connections, "users": app.hub.users(), "limit": app.config.connections.total},
        "sequencing": {
            "accepted": counts.of_kind(EventKind::Accepted),
            "completed": ended[0], "failed": ended[1], "cancelled": ended[2],
            "duplicates": counts.duplicates,
            "rate_limited": counts.rate_limited,
            "conversations": conversations,
            "running": running,
            "oldest_wait_ms": oldest_wait_ms,
        },
        "breakers": app.breakers.views(),
        "llm": app.llm.as_ref().map(|model| json!({"model": model.id(), "standing": model.standing()})),
        "fallbacks": {"count": counts.fallbacks, "share": share(counts.fallbacks, ended[0])},
        "escalations": counts.escalations,
        "cache": {"requests": counts.cache.1, "hit_rate": share(counts.cache.0, counts.cache.1)},
        "alerts": alerts,
        "processing": {"messages": processing.count, "p50_ms": ms(processing.p50), "p95_ms": ms(processing.p95),
            "p99_ms": ms(processing.p99)},
        "errors": {"by_class": by_class, "by_code": by_code, "failed_share": share(ended[1], ended.iter().sum())},
        "memory": {"resident_bytes": levels.resident_bytes, "sessions_bytes": app.sessions.memory_bytes()},
        "queue": {"waiting": waiting, "limit": queue_limit},
        "database": {"pool": {"idle": levels.pool.idle, "in_use": levels.pool.in_use, "limit": levels.pool.limit}},
    }))
}

async fn pending(State(app): State<App>, _: Operator, Path(text): Path<String>) -> Result<Json<Value>, ApiError> {
    let user = user(&text)?;
    let jobs = app.store.unfinished(Unfinished::Of(user)).await?;
    let messages: Vec<_> = jobs
        .iter()
        .map(|job| {
            let running = app.inbox.attempt_of(user, job.conversation, job.id);
            let status = if running.is_some() { Status::Processing } else { Status::Queued };
            json!({
                "id": job.id,
                "conversation_id": job.conversation,
                "sequence": job.sequence,
                "priority": job.priority,
                "status": status,
                "attempt": running.unwrap_or(0),
                "accepted_at": rfc3339(job.accepted_ms),
            })
        })
        .collect();
    Ok(Json(json!({"user_id": user, "count": messages.len(), "messages": messages})))
}

/// Sessions first: a connection that is closed and comes back at once must find none.
async fn clean_up(State(app): State<App>, _: Operator, Path(text): Path<String>) -> Result<Json<Value>, ApiError> {
    let user = user(&text)?;
    let sessions = app.sessions.end_of(user).await?;
    let connections = app.hub.end_user(user);
    let goes_on = app.store.unfinished(Unfinished::Of(user)).await?.len();
    tracing::info!(%user, sessions, connections, "cleaned up after a user");
    Ok(Json(json!({
        "user_id": user,
        "removed": {"sessions": sessions, "connections": connections},
        "kept": {"pending_messages": goes_on},
    })))
}

async fn breakers(State(app): State<App>, _: Operator) -> Json<Value> {
    Json(json!({"breakers": app.breakers.views()}))
}

async fn reset(State(app): State<App>, _: Operator, Path(name): Path<String>) -> Result<Json<View>, ApiError> {
    if let Some(view) = app.breakers.reset(&name) {
        tracing::info!(breaker = name, "closed by an operator");
        return Ok(Json(view));
    }
    let name: String = name.chars().take(40).collect();
    let text = format!("There is no circuit breaker \"{name}\". GET /circuit-breakers lists what there is.");
    Err(Problem::new(Code::NotFound, text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_this_machine_and_its_private_network() {
        let none = HeaderMap::new();
        for (address, near) in [
            ("127.0.0.1:1", true),
            ("10.1.2.3:1", true),
            ("192.168.0.9:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("[fd00::1]:1", true),
            ("8.8.8.8:1", false),
            ("[2001:db8::1]:1", false),
            ("[::ffff:8.8.8.8]:1", false),
        ] {
            assert_eq!(is_near(address.parse().ok(), &none), near, "{address}");
        }
        assert!(!is_near(None, &none));
        let passed_on = HeaderMap::from_iter([(header::FORWARDED, "for=8.8.8.8".parse().unwrap())]);
        assert!(!is_near("127.0.0.1:1".parse().ok(), &passed_on));
    }
}
