//! The operations of the document.

use serde_json::{Map, Value, json};
use shared::limits as l;

use super::flows;

/// One operation.
pub(super) struct Operation {
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Whether it works without a session.
    pub(super) open: bool,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    /// Status, description, schema.
    pub(super) answers: Vec<(&'static str, &'static str, Value)>,
    /// The codes of its problems, beside those that every operation can have.
    pub(super) codes: &'static str,
}

pub(super) fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn in_path(description: &str) -> Value {
    id_in_path("id", description)
}

pub(super) fn id_in_path(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": {"type": "string", "format": "uuid"}})
}

pub(super) fn in_query(name: &str, description: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

fn in_header(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "header", "description": description, "schema": {"type": "string"}})
}

fn wait() -> Value {
    let description = format!(
        "Seconds for which the answer is held back until the result is there; then it is the whole message. More than \
         {} count as that.",
        l::WAIT_MAX_S
    );
    in_query("wait", &description, &json!({"type": "number", "minimum": 0}))
}

fn key() -> Value {
    in_header("Idempotency-Key", "The message's id, a version-7 UUID; the same as `id` in the body.")
}

/// The fields that most operations share.
pub(super) const PLAIN: fn(&'static str, &'static str, &'static str, &'static str) -> Operation =
    |path, method, id, summary| Operation {
        path,
        method,
        id,
        summary,
        open: false,
        parameters: Vec::new(),
        body: None,
        answers: Vec::new(),
        codes: "",
    };

fn sessions() -> Vec<Operation> {
    let current = "/api/v1/sessions/current";
    vec![
        Operation {
            open: true,
            answers: vec![("201", "The session; also as an HttpOnly cookie.", schema("Session"))],
            codes: "busy",
            ..PLAIN(
                "/api/v1/sessions",
                "post",
                "openSession",
                "Opens a session for a new guest, without a form; with a valid bearer token, one more session of the same user.",
            )
        },
        Operation {
            open: true,
            body: Some(schema("Credentials")),
            answers: vec![("201", "A session of the account; also as an HttpOnly cookie.", schema("Session"))],
            codes: "invalid, conflict, busy, database",
            ..PLAIN(
                "/api/v1/accounts",
                "post",
                "register",
                "Makes an account. With the session of a guest, the guest's history becomes the account's.",
            )
        },
        Operation {
            open: true,
            body: Some(schema("Credentials")),
            answers: vec![("200", "A session of the account; also as an HttpOnly cookie.", schema("Session"))],
            codes: "invalid, unauthenticated, rate_limited, busy, database",
            ..PLAIN("/api/v1/login", "post", "signIn", "Opens a session of an account.")
        },
        Operation {
            answers: vec![("200", "The session, without its token.", schema("Session"))],
            ..PLAIN(current, "get", "currentSession", "Shows the session of the request.")
        },
        Operation {
            answers: vec![("204", "Ended; its channels are closed with 4401.", Value::Null)],
            ..PLAIN(current, "delete", "endSession", "Ends the session of the request.")
        },
    ]
}

fn messages() -> Vec<Operation> {
    let accepted = ("202", "Durable; the result is not there yet.", schema("Accepted"));
    let ended = ("200", "With `wait`: the message has ended.", schema("Message"));
    vec![
        Operation {
            parameters: vec![wait(), key()],
            body: Some(schema("Draft")),
            answers: vec![accepted.clone(), ended.clone()],
            codes: "invalid, too_long, too_short, unknown_category, not_found, conflict, reused, old, rate_limited, busy, database",
            ..PLAIN(
                "/api/v1/messages",
                "post",
                "sendMessage",
                "Accepts a message; answers when it is durable. The same id and body again: the same answer with `duplicate: true`.",
            )
        },
        Operation {
            parameters: vec![in_path("The message.")],
            answers: vec![("200", "The message and what became of it.", schema("Message"))],
            codes: "not_found",
            ..PLAIN("/api/v1/messages/{id}", "get", "showMessage", "Shows a message with its result or problem.")
        },
        Operation {
            parameters: vec![
                in_path("The message."),
                in_query(
                    "format",
                    "How the file is written; `json` if absent.",
                    &json!({"type": "string", "enum": ["json", "csv", "md", "html", "pdf"]}),
                ),
                in_query("mode", "Whom it is for; as the message was asked if absent.", &schema("Format")),
            ],
            answers: vec![("200", "The file, with a name in `content-disposition`.", json!({}))],
            codes: "not_found, conflict, invalid",
            ..PLAIN(
                "/api/v1/messages/{id}/export",
                "get",
                "exportMessage",
                "The answer to a message as a file to keep or pass on.",
            )
        },
        Operation {
            parameters: vec![in_path("The message.")],
            answers: vec![("200", "The message; one that had ended stays as it was.", schema("Message"))],
            codes: "not_found",
            ..PLAIN("/api/v1/messages/{id}/cancel", "post", "cancelMessage", "Ends a message that has not ended.")
        },
        Operation {
            parameters: vec![in_path("The message that failed."), wait(), key()],
            answers: vec![accepted, ended],
            codes: "not_found, conflict, rate_limited, busy, reused",
            ..PLAIN(
                "/api/v1/messages/{id}/retry",
                "post",
                "retryMessage",
                "Sends a message that failed, was cancelled or was answered in part once more, as a new message of the same conversation.",
            )
        },
        Operation {
            open: true,
            body: Some(
                json!({"type": "object", "description": "A form: `application/x-www-form-urlencoded`.", "properties": {
                "content": {"type": "string"}, "example_id": {"type": "string"}, "category": {"type": "string"},
                "format": {"type": "string"}, "id": {"type": "string"}, "conversation_id": {"type": "string"}}}),
            ),
            answers: vec![("303", "To the page of the message, `/m/{id}`.", Value::Null)],
            codes: "invalid, too_long, too_short, rate_limited, busy, forbidden",
            ..PLAIN(
                "/ask",
                "post",
                "askByForm",
                "The form of the page for browsers without JavaScript; opens a session where there is none.",
            )
        },
    ]
}

fn answers() -> Vec<Operation> {
    let list = |name| json!({"type": "array", "items": schema(name)});
    vec![
        Operation {
            open: true,
            answers: vec![("200", "The examples with the facts that their texts hold.", list("Example"))],
            ..PLAIN("/api/v1/examples", "get", "listExamples", "Lists the example messages.")
        },
        Operation {
            body: Some(json!({"type": "object", "required": ["content"], "additionalProperties": false,
                "properties": {"content": {"type": "string", "minLength": l::CONTENT_MIN_CHARS, "maxLength": l::CONTENT_MAX_CHARS}}})),
            answers: vec![("200", "What the text says.", schema("Extraction"))],
            codes: "invalid, too_long, too_short",
            ..PLAIN("/api/v1/extract", "post", "extract", "Reads the facts of a text; stores nothing.")
        },
        Operation {
            body: Some(json!({"type": "object", "required": ["category"], "additionalProperties": false,
                "description": "Needs `workload` or `usage_id`; what is given wins over the log.",
                "properties": {"category": schema("Category"), "workload": schema("Workload"), "format": schema("Format"),
                    "usage_id": {"type": "string", "format": "uuid"}}})),
            answers: vec![("200", "The result; `server-timing` has the time of the engine.", schema("Result"))],
            codes: "invalid, unknown_category, unknown_model, not_found",
            ..PLAIN("/api/v1/analyze", "post", "analyze", "Computes the answer to given facts now; stores nothing.")
        },
        Operation {
            body: Some(
                json!({"type": "string", "description": "CSV or JSON lines, up to 1 GB, not compressed; also as the \
                part `file` of `multipart/form-data`. Columns are found by their names: timestamp, model, input_tokens \
                (prompt_tokens, ContextTokens, input_length), output_tokens (completion_tokens, GeneratedTokens, \
                output_length), cached_tokens, latency_ms (duration), status, hash_ids."}),
            ),
            answers: vec![("200", "The figures of the log, which are all that is kept of it.", schema("Usage"))],
            codes: "invalid, too_long, unsupported_media, busy, timeout, database",
            ..PLAIN("/api/v1/usage", "post", "uploadUsage", "Reads a log of requests as it streams in.")
        },
        Operation {
            open: true,
            parameters: vec![in_query(
                "as_of",
                "The day of the prices; today if absent.",
                &json!({"type": "string", "format": "date"}),
            )],
            answers: vec![(
                "200",
                "Models with dated prices in dollars per million tokens, scores, source and date.",
                json!({"type": "object"}),
            )],
            codes: "invalid",
            ..PLAIN(
                "/api/v1/catalog",
                "get",
                "showCatalog",
                "Shows the models, prices and quality scores with source and date.",
            )
        },
    ]
}

fn conversations() -> Vec<Operation> {
    let path = "/api/v1/conversations/{id}";
    let whole = json!({"type": "integer", "minimum": 0});
    vec![
        Operation {
            answers: vec![(
                "200",
                "At most 50, the newest first.",
                json!({"type": "array", "items": schema("ConversationSummary")}),
            )],
            ..PLAIN("/api/v1/conversations", "get", "listConversations", "Lists the user's conversations.")
        },
        Operation {
            parameters: vec![in_path("The conversation.")],
            answers: vec![(
                "200",
                "Its newest messages with their results, and where its log stands.",
                schema("Conversation"),
            )],
            codes: "not_found",
            ..PLAIN(path, "get", "showConversation", "Shows a conversation with its messages.")
        },
        Operation {
            parameters: vec![in_path("The conversation.")],
            body: Some(json!({"type": "object", "required": ["action"], "properties": {
                "action": {"type": "string", "enum": ["stop", "resume"]}}})),
            answers: vec![(
                "200",
                "Whether it is answered from now on.",
                json!({"type": "object", "properties": {"conversation_id": {"type": "string", "format": "uuid"},
                    "ai": {"type": "string", "enum": ["active", "stopped"]}}}),
            )],
            codes: "invalid, not_found, database",
            ..PLAIN(
                "/api/v1/conversations/{id}/ai",
                "post",
                "steerConversation",
                "Stops the answering of a conversation, whose messages are kept and wait, or goes on with it.",
            )
        },
        Operation {
            parameters: vec![
                in_path("The conversation."),
                in_query("after", "The last offset that is known.", &whole),
                in_query(
                    "limit",
                    "The most events of one page.",
                    &json!({"type": "integer", "minimum": 1, "maximum": l::EVENTS_PAGE_MAX}),
                ),
                in_header("Last-Event-ID", "`epoch:offset`; a stream goes on after it."),
            ],
            answers: vec![(
                "200",
                "A page of events; with `Accept: text/event-stream` a stream of events, progress and snapshots.",
                schema("Events"),
            )],
            codes: "not_found, invalid",
            ..PLAIN(
                "/api/v1/conversations/{id}/events",
                "get",
                "listEvents",
                "The durable events of a conversation, as a page or a stream, for clients without WebSocket.",
            )
        },
    ]
}

fn service() -> Vec<Operation> {
    let object = || json!({"type": "object"});
    vec![
        Operation {
            open: true,
            answers: vec![
                ("200", "Well.", object()),
                ("503", "Something is failing; `components` says what.", object()),
            ],
            ..PLAIN("/health", "get", "health", "Whether the server and what it depends on are well.")
        },
        Operation {
            open: true,
            answers: vec![("200", "The process answers.", object())],
            ..PLAIN("/health/live", "get", "live", "Whether the process answers at all.")
        },
        Operation {
            open: true,
            answers: vec![("200", "This document.", object())],
            ..PLAIN("/api/openapi.json", "get", "openapi", "This document, for programs.")
        },
        Operation {
            open: true,
            answers: vec![("200", "This document as a page.", Value::Null)],
            ..PLAIN("/api/docs", "get", "docs", "This document, for people.")
        },
        Operation {
            open: true,
            parameters: vec![in_header(
                "Sec-WebSocket-Protocol",
                "`exemplar.v1.json` (text) or `exemplar.v1.cbor` (binary, the same fields)",
            )],
            answers: vec![("101", "The channel; `hello` comes first, within 5 s.", Value::Null)],
            codes: "invalid, unauthenticated, expired, forbidden",
            ..PLAIN(
                "/ws",
                "get",
                "channel",
                "The progress channel: sends messages, tells durable events and live progress, resumes after a cut.",
            )
        },
    ]
}

/// What only the operator may do.
const OPERATORS: &[&str] = &[
    "/metrics",
    "/stats",
    "/pending-messages/{user_id}",
    "/cleanup/{user_id}",
    "/circuit-breakers",
    "/circuit-breakers/{name}/reset",
    "/audit",
];

fn operator() -> Vec<Operation> {
    let object = || json!({"type": "object"});
    let user = || vec![id_in_path("user_id", "The user.")];
    let text = json!({"type": "string"});
    vec![
        Operation {
            answers: vec![("200", "Text of Prometheus, version 0.0.4.", text.clone())],
            ..PLAIN(
                "/metrics",
                "get",
                "metrics",
                "Counters, histograms and levels; without a token from a loopback or private address that no proxy speaks for.",
            )
        },
        Operation {
            answers: vec![(
                "200",
                "Sessions, connections, sequencing, breakers, processing times of the newest 4,096 messages, errors by class, memory, queue.",
                object(),
            )],
            ..PLAIN("/stats", "get", "stats", "What the server does and how well.")
        },
        Operation {
            parameters: user(),
            answers: vec![(
                "200",
                "Messages that are accepted and not finished, each conversation's in order.",
                object(),
            )],
            codes: "not_found",
            ..PLAIN("/pending-messages/{user_id}", "get", "pendingMessages", "What a user is waiting for.")
        },
        Operation {
            parameters: user(),
            answers: vec![("200", "What was removed, and what goes on.", object())],
            codes: "not_found",
            ..PLAIN(
                "/cleanup/{user_id}",
                "post",
                "cleanUp",
                "Ends a user's sessions and connections. Accepted messages are still answered, as they were promised.",
            )
        },
        Operation {
            answers: vec![("200", "The breakers that there are, with their state.", object())],
            ..PLAIN("/circuit-breakers", "get", "listBreakers", "Lists the circuit breakers.")
        },
        Operation {
            parameters: vec![json!({"name": "name", "in": "path", "required": true, "schema": text,
                "description": "The breaker."})],
            answers: vec![("200", "The breaker, closed.", object())],
            codes: "not_found",
            ..PLAIN("/circuit-breakers/{name}/reset", "post", "resetBreaker", "Closes a circuit breaker.")
        },
    ]
}

fn operation(it: Operation) -> Value {
    let mut responses = Map::new();
    for (status, description, schema) in it.answers {
        let mut answer = json!({"description": description});
        if it.id == "exportMessage" {
            let media = crate::export::Form::ALL.map(|(_, form)| form.media().split(';').next().unwrap_or_default());
            answer["content"] =
                media.iter().map(|m| ((*m).to_owned(), json!({"schema": schema}))).collect::<Map<_, _>>().into();
        } else if it.id == "metrics" {
            answer["content"] = json!({"text/plain": {"schema": schema}});
        } else if !schema.is_null() {
            answer["content"] = json!({"application/json": {"schema": schema}});
        }
        responses.insert(status.into(), answer);
    }
    let by_operator = OPERATORS.contains(&it.path);
    let signing = match (it.open, by_operator) {
        (true, _) => "",
        (false, true) => "unauthenticated, expired, forbidden",
        (false, false) => "unauthenticated, expired",
    };
    let codes: Vec<_> = [it.codes, signing, "internal"].into_iter().filter(|codes| !codes.is_empty()).collect();
    let description = format!("A problem; `code` is one of: {}.", codes.join(", "));
    let content = json!({"application/problem+json": {"schema": schema("Problem")}});
    responses.insert("default".into(), json!({"description": description, "content": content}));
    let mut operation = json!({"operationId": it.id, "summary": it.summary, "responses": responses});
    if !it.parameters.is_empty() {
        operation["parameters"] = it.parameters.into();
    }
    if let Some(schema) = it.body {
        let media: &[&str] = match it.path {
            "/ask" => &["application/x-www-form-urlencoded"],
            "/api/v1/usage" => &["text/csv", "application/x-ndjson", "multipart/form-data"],
            _ => &["application/json"],
        };
        let content: Map<String, Value> = media.iter().map(|m| ((*m).into(), json!({"schema": schema}))).collect();
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    if it.open {
        operation["security"] = json!([]);
    } else if by_operator {
        operation["security"] = json!([{"operator": []}]);
    }
    operation
}

/// All paths with their operations.
pub(super) fn paths() -> Value {
    let mut paths = Map::new();
    let all = [sessions(), messages(), answers(), conversations(), flows::flows(), service(), operator()];
    for it in all.into_iter().flatten() {
        let (path, method) = (it.path, it.method);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = operation(it);
    }
    paths.into()
}
