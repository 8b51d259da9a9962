//! The description of the HTTP interface: `OpenAPI` 3.1 for programs and a page for people, both from one document. What
//! the vocabulary already holds as a table (fields, codes, words, limits) is taken from there, so it cannot differ.

mod flows;
mod page;
mod paths;
mod schemas;

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::services::App;

/// What is the same for everyone may be kept for a while.
const PUBLIC: &str = "public, max-age=300";

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static PAGE: LazyLock<String> = LazyLock::new(|| page::render(&DOCUMENT));

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/openapi.json", get(openapi)).route("/api/docs", get(docs))
}

async fn openapi() -> Response {
    ([(header::CACHE_CONTROL, PUBLIC)], Json(&*DOCUMENT)).into_response()
}

async fn docs() -> Response {
    let policy = HeaderValue::from_static(super::problem::PAGE_POLICY);
    let headers =
        [(header::CACHE_CONTROL, HeaderValue::from_static(PUBLIC)), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, Html(PAGE.as_str())).into_response()
}

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Exemplar",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Questions about what language models cost, answered with figures that carry their formula \
                and source. Errors are RFC 9457 problem details; every answer carries `x-request-id`, and a problem \
                repeats it as `trace_id`. Open a session with `POST /api/v1/sessions` and send its token as \
                `Authorization: Bearer`. The progress channel is a WebSocket at `/ws`, sub-protocol `exemplar.v1.json` or \
                `exemplar.v1.cbor`.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": paths::paths(),
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The token of a session."},
                "operator": {"type": "http", "scheme": "bearer", "description": "The value of EXEMPLAR_ADMIN_TOKEN."},
                "cookie": {"type": "apiKey", "in": "cookie", "name": super::auth::COOKIE},
            },
            "schemas": schemas::schemas(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that own routes, as text.
    const SOURCES: &[(&str, &str)] = &[
        ("/api/v1", include_str!("accounts.rs")),
        ("/api/v1", include_str!("sessions.rs")),
        ("/api/v1", include_str!("messages.rs")),
        ("/api/v1", include_str!("analysis.rs")),
        ("/api/v1", include_str!("usage.rs")),
        ("/api/v1", include_str!("export.rs")),
        ("/api/v1", include_str!("conversations.rs")),
        ("/api/v1", include_str!("events.rs")),
        ("/api/v1", include_str!("businesses.rs")),
        ("/api/v1", include_str!("members.rs")),
        ("/api/v1", include_str!("trial.rs")),
        ("", include_str!("health.rs")),
        ("", include_str!("operator.rs")),
        ("", include_str!("audit.rs")),
        ("", include_str!("docs.rs")),
        ("", include_str!("pages.rs")),
        ("", include_str!("../channel/socket.rs")),
    ];

    /// The paths of all routes in the sources.
    fn routes() -> Vec<String> {
        let mut found = Vec::new();
        for (prefix, source) in SOURCES {
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for part in source.split(".route(").skip(1) {
                found.push(format!("{prefix}{}", part.split('"').nth(1).unwrap()));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document = document();
        let mut described: Vec<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
        described.sort();
        assert_eq!(described, routes());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn check(value: &Value, document: &Value) {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            match value {
                Value::Object(map) => map.values().for_each(|v| check(v, document)),
                Value::Array(list) => list.iter().for_each(|v| check(v, document)),
                _ => {}
            }
        }
        let document = document();
        check(&document, &document);
    }

    #[test]
    fn every_operation_says_what_it_is_for_and_what_can_go_wrong() {
        for (path, item) in document()["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].as_str().is_some_and(|s| s.len() > 10), "{method} {path}");
                let id = operation["operationId"].as_str().unwrap_or_default();
                assert!(!id.is_empty(), "{method} {path}");
                assert!(operation["responses"].as_object().is_some_and(|r| !r.is_empty()), "{method} {path}");
                let in_path = path.matches('{').count();
                let named = operation["parameters"]
                    .as_array()
                    .map_or(0, |list| list.iter().filter(|parameter| parameter["in"] == "path").count());
                assert_eq!(in_path, named, "{method} {path}");
            }
        }
    }

    #[test]
    fn the_page_names_every_path_and_runs_nothing() {
        let page = page::render(&document());
        for path in routes() {
            assert!(page.contains(&path), "{path}");
        }
        assert!(!page.contains("<script") && !page.contains(" style="));
    }
}
