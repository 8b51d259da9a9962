//! The shapes of the document, taken from the vocabulary's own tables where it has them.

use serde_json::{Map, Value, json};
use shared::limits as l;
use shared::message::{Category, Complexity, Format, Priority, Status};
use shared::problem::Code;
use shared::protocol::EventKind;
use shared::workload::{FIELDS, Kind};

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn words(all: impl IntoIterator<Item = &'static str>) -> Value {
    json!({"type": "string", "enum": all.into_iter().collect::<Vec<_>>()})
}

fn id() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The workload, with unit and bounds of every field.
fn workload() -> Value {
    let mut properties: Map<String, Value> = FIELDS
        .iter()
        .map(|field| {
            let mut schema = match field.kind {
                Kind::Number { low, above, high } => {
                    let least = if above { "exclusiveMinimum" } else { "minimum" };
                    json!({"type": "number", least: low, "maximum": high})
                }
                Kind::Text => json!({"type": "string", "minLength": 1, "maxLength": l::TEXT_FIELD_MAX_CHARS}),
                Kind::Choice(choices) => words(choices.iter().copied()),
                Kind::Day => json!({"type": "string", "format": "date"}),
            };
            let unit = if field.unit.is_empty() { String::new() } else { format!(" ({})", field.unit) };
            schema["description"] = format!("{}{unit}", field.label).into();
            (field.name.to_owned(), schema)
        })
        .collect();
    let class = json!({
        "type": "object",
        "required": ["name", "requests_per_day", "input_tokens", "output_tokens"],
        "properties": {
            "name": {"type": "string"}, "requests_per_day": {"type": "number"}, "input_tokens": {"type": "number"},
            "output_tokens": {"type": "number"}, "quality_floor": {"type": "number"}, "latency_target_ms": {"type": "number"},
        },
    });
    properties.insert("classes".into(), json!({"type": "array", "maxItems": l::CLASSES_MAX, "items": class}));
    json!({"type": "object", "additionalProperties": false, "properties": properties,
        "description": "Shares are 0..1, months have 30 days, money is US dollars, tokens are means per request."})
}

fn message() -> (Value, Value, Value) {
    let draft = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["content"],
        "properties": {
            "content": {"type": "string", "minLength": l::CONTENT_MIN_CHARS, "maxLength": l::CONTENT_MAX_CHARS,
                "description": "What the person wrote; may be left out beside `example_id`."},
            "id": {"type": "string", "format": "uuid", "description": "The idempotency key, a version-7 UUID of the last 7 days."},
            "conversation_id": id(), "example_id": {"type": "string"}, "category": reference("Category"),
            "complexity": words(Complexity::ALL.iter().map(|w| w.as_str())),
            "priority": words(Priority::ALL.iter().map(|w| w.as_str())), "format": reference("Format"),
            "workload": reference("Workload"), "usage_id": id(),
            "business_id": {"type": "string", "format": "uuid",
                "description": "The business whose flow a new conversation follows; without it the one you follow, else the built-in one."},
        },
    });
    let status = words(Status::ALL.iter().map(|w| w.as_str()));
    let accepted = json!({
        "type": "object",
        "required": ["id", "conversation_id", "sequence", "status", "duplicate"],
        "properties": {"id": id(), "conversation_id": id(), "sequence": {"type": "integer", "minimum": 1},
            "status": status, "duplicate": {"type": "boolean"}},
    });
    let timing = json!({"type": "object", "properties": {"stage": {"type": "string"}, "ms": {"type": "number"}}});
    let message = json!({
        "type": "object",
        "properties": {
            "id": id(), "conversation_id": id(), "sequence": {"type": "integer"}, "status": status,
            "content": {"type": "string"}, "category": reference("Category"), "complexity": {"type": "string"},
            "format": reference("Format"), "priority": {"type": "string"}, "attempt": {"type": "integer"},
            "accepted_at": {"type": "string", "format": "date-time"}, "result": reference("Result"),
            "problem": reference("Problem"), "timings": list(&timing), "duplicate": {"type": "boolean"},
        },
    });
    (draft, accepted, message)
}

fn result() -> Value {
    let text = || json!({"type": "string"});
    let number = || json!({"type": ["number", "null"]});
    let metric = json!({"type": "object", "properties": {"id": text(), "label": text(), "value": number(), "unit": text(),
        "low": number(), "high": number(), "baseline": number(), "formula": text(), "source": text()}});
    let option = json!({"type": "object", "properties": {"id": text(), "title": text(), "model": text(), "vendor": text(),
        "monthly_cost_usd": number(), "cost_per_request_usd": number(), "saving_usd": number(), "saving_share": number(),
        "quality": number(), "quality_benchmark": text(), "quality_delta": number(), "win_probability": number(),
        "latency_ms": number(), "dominated_by": text(), "notes": list(&text())}});
    let question = json!({"type": "object", "properties": {"field": text(), "text": text(), "choices": list(&text()),
        "sets": list(&json!({"type": "object"}))}});
    let object = || list(&json!({"type": "object"}));
    json!({"type": "object", "properties": {
        "category": reference("Category"), "format": reference("Format"), "headline": text(),
        "wording": {"type": "object", "properties": {"text": text(), "by": text()}}, "metrics": list(&metric),
        "options": list(&option), "recommendations": object(), "roadmap": object(), "charts": object(),
        "assumptions": object(), "questions": list(&question), "warnings": object(), "workload": reference("Workload"),
        "provenance": {"type": "object"}, "catalog_as_of": {"type": "string", "format": "date"},
        "engine_version": text(), "degraded": {"type": "boolean"}, "degraded_reason": text()}})
}

fn conversations() -> (Value, Value, Value) {
    let event = json!({"type": "object", "properties": {"type": {"const": "event"}, "conversation": id(),
        "epoch": {"type": "string"}, "offset": {"type": "integer", "minimum": 1}, "id": id(),
        "kind": words(EventKind::ALL.iter().map(|w| w.as_str())), "data": {"type": "object"}}});
    let events = json!({"type": "object", "properties": {"conversation": id(), "epoch": {"type": "string"},
        "events": list(&event), "next": {"type": "integer", "description": "`after` of the next page"},
        "head": {"type": "integer", "description": "the newest offset"}}});
    let conversation = json!({"type": "object", "properties": {"id": id(), "epoch": {"type": "string"},
        "head": {"type": "integer"}, "ai": {"type": "string", "enum": ["active", "stopped"]},
        "messages": list(&reference("Message"))}});
    let summary = json!({"type": "object", "properties": {"id": id(), "title": {"type": "string"},
        "messages": {"type": "integer"}, "status": {"type": "string"}, "updated_at": {"type": "string", "format": "date-time"}}});
    (events, conversation, summary)
}

/// What is answered to a usage log.
fn usage() -> Value {
    let number = || json!({"type": ["number", "null"]});
    let whole = || json!({"type": "integer", "minimum": 0});
    let text = || json!({"type": "string"});
    let tokens = json!({"type": ["object", "null"], "properties": {"total": whole(), "mean": number(), "p50": number(),
        "p90": number(), "p99": number()}});
    let latency = json!({"type": "object", "properties": {"rows": whole(), "mean": number(), "p50": number(),
        "p95": number(), "p99": number(), "scv": number()}});
    let model = json!({"type": "object", "properties": {"model": text(), "requests": whole(), "input_tokens": whole(),
        "output_tokens": whole(), "cached_tokens": whole()}});
    let rejection = json!({"type": "object", "properties": {"line": whole(), "message": text()}});
    let summary = json!({"type": "object", "properties": {
        "requests": whole(), "failed": whole(), "span_s": number(), "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"}, "origin": text(), "models": list(&model),
        "other_models": {"type": "object"}, "input_tokens": tokens.clone(), "output_tokens": tokens.clone(),
        "cached_tokens": tokens, "cache_hit_rate": number(), "cached_share": number(), "latency_ms": latency,
        "arrival_scv": number(), "peak_factor": number(), "peak_window_s": whole(), "prefix_reuse_share": number(),
        "duplicate_share": number(), "percentile_error": number(), "columns": {"type": "object"},
        "warnings": list(&json!({"type": "object"}))}});
    json!({"type": "object", "properties": {"usage_id": id(), "rows": whole(), "rejected": whole(),
        "first_rejections": list(&rejection), "summary": summary}})
}

/// All shapes by name.
pub(super) fn schemas() -> Value {
    let (draft, accepted, message) = message();
    let (events, conversation, summary) = conversations();
    let text = || json!({"type": "string"});
    let field = json!({"type": "object", "properties": {"name": text(), "message": text()}});
    let problem = json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "retryable", "trace_id"],
        "properties": {"type": text(), "title": text(), "status": {"type": "integer"}, "detail": text(),
            "code": words(Code::ALL.iter().map(|code| code.as_str())), "retryable": {"type": "boolean"},
            "retry_after_ms": {"type": "integer"}, "fields": list(&field), "trace_id": text()},
    });
    let session = json!({"type": "object", "properties": {"token": text(), "user_id": id(), "session_id": id(),
        "tier": text(), "expires_at": {"type": "string", "format": "date-time"}}});
    let example = json!({"type": "object", "properties": {"id": text(), "category": reference("Category"),
        "complexity": text(), "title": text(), "content": text(), "workload": reference("Workload")}});
    let extraction = json!({"type": "object", "properties": {"category": reference("Category"), "complexity": text(),
        "confidence": {"type": "number"}, "workload": reference("Workload"), "provenance": {"type": "object"},
        "questions": list(&json!({"type": "object"}))}});
    let mut all = json!({
        "Accepted": accepted,
        "Category": words(Category::BUILT.iter().map(|w| w.as_str())),
        "Conversation": conversation,
        "ConversationSummary": summary,
        "Credentials": {"type": "object", "required": ["email", "password"], "properties": {
            "email": {"type": "string", "format": "email"},
            "password": {"type": "string", "format": "password", "minLength": 8, "maxLength": 200}}},
        "Draft": draft,
        "Events": events,
        "Example": example,
        "Extraction": extraction,
        "Format": words(Format::ALL.iter().map(|w| w.as_str())),
        "Message": message,
        "Problem": problem,
        "Result": result(),
        "Session": session,
        "Usage": usage(),
        "Workload": workload(),
    });
    if let (Some(all), Value::Object(flows)) = (all.as_object_mut(), super::flows::schemas()) {
        all.extend(flows);
    }
    all
}
