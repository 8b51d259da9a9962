//! Whether the server is well, for load balancers and people; no login and no secrets.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::resilience::State as BreakerState;
use crate::services::App;

/// A database that takes longer to answer a read is reported as not well.
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn routes() -> Router<App> {
    Router::new().route("/health", get(health)).route("/health/live", get(live))
}

/// The process answers.
async fn live() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

async fn health(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let began = Instant::now();
    let database = tokio::time::timeout(DATABASE_PATIENCE, app.store.ping()).await;
    let database_ok = matches!(database, Ok(Ok(())));
    let database_ms = began.elapsed().as_micros() as f64 / 1000.0;
    let (waiting, limit) = app.inbox.depth();
    let queue_ok = waiting < limit;
    let word = |ok: bool| if ok { "ok" } else { "failing" };
    let (sessions, sessions_limit) = app.sessions.count();
    // A full queue empties by itself, and what it refuses is told when to come again: no reason to take the server away.
    let status = match (database_ok, queue_ok) {
        (false, _) => "failing",
        (true, false) => "degraded",
        (true, true) => "ok",
    };
    let views = app.breakers.views();
    let open: Vec<_> = views.iter().filter(|view| view.state == BreakerState::Open).map(|view| &view.name).collect();
    // What the model's server said is for operators, under /stats: it may repeat a part of the key.
    let llm = app.llm.as_ref().map_or_else(
        || json!({"status": "ok", "kind": "built-in"}),
        |model| {
            let standing = model.standing();
            json!({"status": standing.status, "kind": "openai-compatible", "model": model.id(),
                "reason": standing.reason})
        },
    );
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "durability": app.store.durability().as_str(),
        "uptime_s": app.began.elapsed().as_secs(),
        "components": {
            "database": {"status": word(database_ok), "kind": "sqlite", "answer_ms": database_ms},
            "cache": {"status": "ok", "kind": "in-process"},
            "llm": llm,
            "breakers": {"status": word(open.is_empty()), "open": open},
            "memory": {"status": "ok", "resident_bytes": crate::observe::resident_bytes()},
            "queue": {"status": word(queue_ok), "waiting": waiting, "limit": limit},
            "sessions": {"status": "ok", "open": sessions, "limit": sessions_limit},
            "connections": {"status": "ok", "open": app.hub.connections()},
        },
    });
    (if database_ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(body))
}
