//! The browser.

mod channel;
mod net;
mod page;
mod session;
mod store;
mod upload;

use serde_json::{Map, Value as Json};
use shared::catalog::Catalog;
use shared::date::Date;
use shared::flow::{AuditPage, Business, BusinessId, FlowView};
use shared::message::{ConversationId, Format, MessageId, Priority, Status, id_at};
use shared::trial::Trial;
use shared::view::{ConversationSummary, ConversationView, MessageView};

use crate::api::Answer;
use crate::delivery::Outgoing;
use crate::state::{Ui, Written};

pub(crate) use channel::{follow, reconnect, warm_up};
pub(crate) use page::{
    breathe, copy_link, focus, go, hydrating, markup, print, sent, set_query, set_theme, sort_table, theme, unfolded,
    wait,
};
pub(crate) use upload::{Picked, chosen, dropped, stop_upload, upload};

/// Brings the page to life: the draft, the outbox, the listeners.
pub(crate) fn start(ui: Ui) {
    page::keep_draft(ui);
    channel::start(ui);
}

/// Sends a message: it is in the outbox when this returns, and has the id that is returned.
pub(crate) fn send(written: &Written, conversation: Option<ConversationId>) -> MessageId {
    let id = id_at(channel::server_now_ms(), page::random_bytes());
    let mut body = Map::new();
    body.insert("id".into(), id.to_string().into());
    body.insert("content".into(), written.content.clone().into());
    if let Some(example) = &written.example_id {
        body.insert("example_id".into(), example.clone().into());
    }
    if let Some(log) = &written.log {
        body.insert("usage_id".into(), log.id.clone().into());
    }
    if let Some(category) = written.category {
        body.insert("category".into(), category.as_str().into());
    }
    if let Some(conversation) = conversation {
        body.insert("conversation_id".into(), conversation.to_string().into());
    }
    if !written.workload.is_empty() {
        body.insert("workload".into(), Json::Object(written.workload.clone()));
    }
    channel::submit(Outgoing { id, body });
    id
}

/// A message that is still in the outbox, as it will look once accepted.
pub(crate) fn waiting(id: MessageId) -> Option<MessageView> {
    let outgoing = channel::waiting(id)?;
    let text = |name: &str| outgoing.body.get(name).and_then(Json::as_str);
    Some(MessageView {
        id,
        conversation_id: text("conversation_id").and_then(|t| t.parse().ok()).unwrap_or_default(),
        sequence: 0,
        status: Status::Queued,
        content: text("content").unwrap_or_default().into(),
        category: None,
        complexity: None,
        format: Format::Detailed,
        priority: Priority::Normal,
        attempt: 0,
        accepted_at: String::new(),
        result: None,
        problem: None,
        timings: Vec::new(),
    })
}

/// Today, by the server's clock as well as it is known.
#[allow(clippy::unnecessary_wraps, reason = "where there is no browser there is no day")]
pub(crate) fn today() -> Option<Date> {
    Some(Date::of_unix_ms(channel::server_now_ms()))
}

/// Ends a message, over HTTP when the channel is not open.
pub(crate) async fn cancel(id: MessageId) -> Answer<()> {
    if channel::cancel(id) {
        return Ok(());
    }
    net::call("POST", &format!("/api/v1/messages/{id}/cancel"), None).await.map(drop)
}

/// Sends a message again, as a new one of the same conversation, whose id is answered.
pub(crate) async fn retry(id: MessageId) -> Answer<MessageId> {
    let path = format!("/api/v1/messages/{id}/retry");
    net::read::<Accepted>(&net::call("POST", &path, None).await?).map(|accepted| accepted.id)
}

/// What of an acceptance is of interest here.
#[derive(serde::Deserialize)]
struct Accepted {
    id: MessageId,
}

/// A message; one that is still in the outbox as it will look.
pub(crate) async fn message(id: MessageId) -> Answer<MessageView> {
    match waiting(id) {
        Some(view) => Ok(view),
        None => net::get(&format!("/api/v1/messages/{id}")).await,
    }
}

/// A conversation.
pub(crate) async fn conversation(id: ConversationId) -> Answer<ConversationView> {
    net::get(&format!("/api/v1/conversations/{id}")).await
}

/// The visitor's conversations.
pub(crate) async fn conversations() -> Answer<Vec<ConversationSummary>> {
    net::get("/api/v1/conversations").await
}

/// The businesses that the visitor can see.
pub(crate) async fn businesses() -> Answer<Vec<Business>> {
    session::ensure(false).await?;
    net::get("/api/v1/businesses").await
}

/// A business with its flow. This may be the first thing that a visitor asks for.
pub(crate) async fn flow(id: BusinessId) -> Answer<FlowView> {
    session::ensure(false).await?;
    net::get(&format!("/api/v1/businesses/{id}/flow")).await
}

/// Lines of the audit log of a business.
pub(crate) async fn audit(id: BusinessId, query: &str) -> Answer<AuditPage> {
    net::get(&format!("/api/v1/businesses/{id}/audit?{query}")).await
}

/// Changes something of a business; what is gone answers with nothing.
pub(crate) async fn change(method: &str, path: &str, body: Option<Json>) -> Answer<Json> {
    session::ensure(false).await?;
    let body = body.map(|body| body.to_string());
    let answer = net::call(method, &format!("/api/v1/businesses{path}"), body.as_deref()).await?;
    if answer.is_empty() { Ok(Json::Null) } else { net::read(&answer) }
}

/// Stops the answering of a conversation, or goes on with it.
pub(crate) async fn steer(id: ConversationId, stop: bool) -> Answer<()> {
    let body = serde_json::json!({"action": if stop { "stop" } else { "resume" }}).to_string();
    net::call("POST", &format!("/api/v1/conversations/{id}/ai"), Some(&body)).await.map(drop)
}

/// What happens to a message on a flow.
pub(crate) async fn tried(id: BusinessId, body: &Json) -> Answer<Trial> {
    session::ensure(false).await?;
    net::read(&net::call("POST", &format!("/api/v1/businesses/{id}/try"), Some(&body.to_string())).await?)
}

/// What the server reads in a text: its `category`, its `workload`.
pub(crate) async fn read_facts(content: &str) -> Answer<Json> {
    session::ensure(false).await?;
    let body = serde_json::json!({"content": content}).to_string();
    net::read(&net::call("POST", "/api/v1/extract", Some(&body)).await?)
}

/// The models and prices of today.
pub(crate) async fn catalog() -> Answer<Catalog> {
    net::get("/api/v1/catalog").await
}
