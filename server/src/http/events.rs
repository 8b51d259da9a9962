//! The durable events of a conversation, as a page of JSON or as a stream, for clients without WebSocket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use shared::limits::EVENTS_PAGE_MAX;
use shared::message::ConversationId;
use shared::problem::Problem;
use shared::protocol::Position;
use tokio::sync::mpsc;

use super::address::{Path, Query};
use super::auth::Signed;
use super::messages::path_id;
use super::problem::ApiError;
use crate::channel::{Feed, FeedItem, FeedSink, event_frame};
use crate::inbox::not_found;
use crate::services::App;
use crate::sessions::Visitor;
use crate::state::Outbox;
use crate::store::TokenHash;

/// Silence after which a comment keeps the connection through proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Frames between the feed and the connection.
const BUFFER: usize = 16;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/conversations/{id}/events", get(events))
}

#[derive(Deserialize)]
struct Range {
    after: Option<String>,
    limit: Option<String>,
}

async fn events(
    State(app): State<App>,
    Signed(visitor): Signed,
    Path(id): Path<String>,
    Query(range): Query<Range>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let conversation = path_id(&id)?;
    let number = |name: &str, text: &Option<String>| {
        let text = text.as_deref()?;
        Some(text.parse::<u64>().map_err(|_| Problem::invalid_field(name, "must be a whole number")))
    };
    let after = number("after", &range.after).transpose()?;
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/event-stream") {
        let position = position(&app, conversation, after, &headers)?;
        let address = address.map(|Extension(ConnectInfo(address))| address);
        return stream(&app, visitor, address, position).await;
    }
    let limit = number("limit", &range.limit).transpose()?.unwrap_or(EVENTS_PAGE_MAX).clamp(1, EVENTS_PAGE_MAX);
    let after = after.unwrap_or(0);
    let page = app.store.events_after(visitor.user, conversation, after, limit as u32).await?.ok_or_else(not_found)?;
    let next = page.events.last().map_or(after.min(page.head), |event| event.offset);
    let frames: Vec<Box<RawValue>> = page
        .events
        .iter()
        .filter_map(|event| {
            let frame = event_frame(app.store.epoch(), event);
            RawValue::from_string(String::from_utf8(frame.to_vec()).ok()?).ok()
        })
        .collect();
    Ok(Json(json!({
        "conversation": conversation,
        "epoch": app.store.epoch(),
        "events": frames,
        "next": next,
        "head": page.head,
    }))
    .into_response())
}

/// Where a stream begins: after `Last-Event-ID: epoch:offset`, which a browser repeats by itself, else after `after`,
/// else at the beginning.
fn position(
    app: &App,
    conversation: ConversationId,
    after: Option<u64>,
    headers: &HeaderMap,
) -> Result<Position, Problem> {
    if let Some(value) = headers.get("last-event-id") {
        let parsed = value.to_str().ok().and_then(|text| {
            let (epoch, offset) = text.rsplit_once(':')?;
            Some(Position { conversation, epoch: epoch.into(), offset: offset.parse().ok()? })
        });
        return parsed.ok_or_else(|| Problem::invalid_field("Last-Event-ID", "must be epoch:offset"));
    }
    let epoch = app.store.epoch();
    Ok(Position { conversation, epoch: epoch.into(), offset: after.unwrap_or(0) })
}

async fn stream(
    app: &App,
    visitor: Visitor,
    address: Option<SocketAddr>,
    position: Position,
) -> Result<Response, ApiError> {
    let conversation = position.conversation;
    app.store.events_after(visitor.user, conversation, 0, 1).await?.ok_or_else(not_found)?;
    let outbox = Outbox::new(Some(conversation));
    let address = address.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |address| address.ip());
    let place = app.hub.visit(address)?.enter(visitor.user, visitor.token_hash, outbox.clone())?;
    let (sender, mut receiver) = mpsc::channel::<Event>(BUFFER);
    let mut feed = Feed::new(app.clone(), visitor.user, outbox);
    let plans = feed.plan(&[position]).await?;
    let reader = sender.clone();
    let mut sink = Stream { sender, epoch: app.store.epoch().into(), patience: app.timing.write };
    let living = app.clone();
    app.connections.spawn(async move {
        let _place = place;
        let telling = async {
            if feed.replay(plans, &mut sink).await.is_ok() {
                let _ = feed.run(&mut sink, |_| ()).await;
            }
        };
        // Whatever ends it, a browser that is still there comes back by itself with the last id it has seen.
        tokio::select! {
            () = telling => {}
            () = reader.closed() => {}
            () = session_end(&living, visitor.token_hash) => {}
        }
    });
    let events =
        futures::stream::poll_fn(move |context| receiver.poll_recv(context).map(|e| e.map(Ok::<_, Infallible>)));
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok(([("x-accel-buffering", "no")], sse).into_response())
}

/// A stream that is open counts as use of its session. Answers when the session has ended all the same.
async fn session_end(app: &App, session: TokenHash) {
    loop {
        tokio::time::sleep(app.timing.heartbeat).await;
        if !matches!(app.sessions.touch(session), Some(Ok(_))) {
            return;
        }
    }
}

/// A stream of server-sent events as the end of a feed.
struct Stream {
    sender: mpsc::Sender<Event>,
    epoch: Arc<str>,
    /// How long a reader may take nothing.
    patience: Duration,
}

impl FeedSink for Stream {
    type Error = ();

    async fn send(&mut self, item: FeedItem) -> Result<(), ()> {
        let (id, frame): (Option<String>, Bytes) = match item {
            FeedItem::Event(offset, frame) | FeedItem::Snapshot(offset, frame) => {
                (Some(format!("{}:{offset}", self.epoch)), frame)
            }
            FeedItem::Other(frame) => (None, frame),
        };
        let event = Event::default().data(String::from_utf8_lossy(&frame));
        let event = id.into_iter().fold(event, Event::id);
        self.sender.send_timeout(event, self.patience).await.map_err(drop)
    }

    async fn flush(&mut self) -> Result<(), ()> {
        if self.sender.is_closed() { Err(()) } else { Ok(()) }
    }
}
