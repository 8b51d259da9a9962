//! A socket from the handshake to the close.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::any;
use axum::{Extension, Router};
use futures::stream::SplitSink;
use futures::{SinkExt, StreamExt};
use shared::limits::{FRAME_MAX_BYTES, HEARTBEAT_MS, RESUME_MAX};
use shared::problem::{Code, Problem};
use shared::protocol::{ClientFrame, SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON, ServerFrame, close};

use super::coding::Coding;
use super::feed::{Feed, FeedError, FeedItem, FeedSink};
use super::frames::{error_frame, frame};
use super::reader::{Exit, Flight, Last, Reader, Said, say};
use crate::http::{ApiError, Via, origin_matches, token};
use crate::services::App;
use crate::sessions::Visitor;
use crate::state::{Closing, Outbox};
use crate::world::rfc3339;

/// What a socket reads at once: axum's own 128 KiB would be the largest part of an idle connection.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// What is gathered before it is written.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;
/// The most that waits in a socket's buffer: above the largest frame, a full snapshot.
const WRITE_BUFFER_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The route of the channel.
pub fn routes() -> Router<App> {
    Router::new().route("/ws", any(upgrade))
}

/// Opens the channel. A visitor is known by cookie or bearer token now, or by `hello` soon.
async fn upgrade(
    State(app): State<App>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| ApiError::malformed("This is a WebSocket endpoint: connect with one."))?;
    if !origin_matches(&headers) {
        return Err(Problem::new(Code::Forbidden, "This connection was opened by a page of another site.").into());
    }
    let coding = Coding::wished(&headers).ok_or_else(|| {
        ApiError::malformed(format!("The sub-protocol must be {SUBPROTOCOL_JSON} or {SUBPROTOCOL_CBOR}."))
    })?;
    let visitor = match token(&headers) {
        // A program must know that its token is of no use. A browser cannot see the answer to a handshake: it may
        // still say `hello` with a better token, and is told by a close code otherwise.
        Some((Via::Bearer, token)) => Some(app.sessions.find(token).await?),
        Some((Via::Cookie, token)) => app.sessions.find(token).await.ok(),
        None => None,
    };
    let address = address.map_or(SocketAddr::from(([0, 0, 0, 0], 0)), |Extension(ConnectInfo(address))| address);
    let connections = app.connections.clone();
    let upgrade = upgrade
        .protocols([coding.protocol()])
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_MAX_BYTES)
        .max_message_size(FRAME_MAX_BYTES)
        .max_frame_size(FRAME_MAX_BYTES);
    Ok(upgrade.on_upgrade(move |socket| connections.track_future(live(app, socket, coding, address, visitor))))
}

/// The life of a socket.
async fn live(app: App, socket: WebSocket, coding: Coding, address: SocketAddr, visitor: Option<Visitor>) {
    let (sink, mut stream) = socket.split();
    let mut sink = Sink { half: sink, coding, app: app.clone() };
    let exit = converse(&app, &mut sink, &mut stream, address, visitor).await;
    let Some(Exit { code, last }) = exit else {
        // The answer to the peer's own close waits in the buffer; without it a browser's close is not clean (RFC 6455,
        // 5.5.1).
        let _ = tokio::time::timeout(app.timing.close, sink.flush()).await;
        return;
    };
    let last = last.map(|last| match last {
        Last::Problem(problem) => error_frame(&app.metrics, *problem, None),
        Last::Frame(frame) => frame,
    });
    let reason = Utf8Bytes::from_static(reason(code));
    let goodbye = async {
        if let Some(last) = last {
            sink.send(FeedItem::Other(last)).await?;
        }
        sink.write(Message::Close(Some(CloseFrame { code, reason }))).await?;
        sink.flush().await
    };
    // A close that is not read is lost when unread bytes of the peer are still there, so those are read first.
    if goodbye.await.is_ok() {
        let peer = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = tokio::time::timeout(app.timing.close, peer).await;
    }
}

const fn reason(code: u16) -> &'static str {
    match code {
        close::DRAIN => "drain",
        close::TOO_SLOW => "too slow",
        close::NO_LIFE => "no sign of life",
        close::RATE => "too many frames",
        close::BAD_FRAME => "bad frame",
        close::UNAUTHENTICATED => "not authenticated",
        close::FORBIDDEN => "not allowed",
        close::TOO_MANY => "too many connections",
        _ => "",
    }
}

/// Greets, then reads and writes until one of the two has a reason to stop. `None` if the peer is gone.
async fn converse(
    app: &App,
    sink: &mut Sink,
    stream: &mut (impl futures::Stream<Item = Result<Message, axum::Error>> + Unpin + Send),
    address: SocketAddr,
    visitor: Option<Visitor>,
) -> Option<Exit> {
    let visit = match app.hub.visit(address.ip()) {
        Ok(visit) => visit,
        Err(problem) => return Some(Exit::with(close::TOO_MANY, problem)),
    };
    let greeting = tokio::time::timeout(app.timing.hello, greet(app, sink, stream, visitor)).await;
    let (visitor, resume) = match greeting {
        Ok(Ok(greeted)) => greeted,
        Ok(Err(exit)) => return exit,
        Err(_) => {
            let problem = Problem::new(Code::Unauthenticated, "No valid hello came in time.");
            return Some(Exit::with(close::UNAUTHENTICATED, problem));
        }
    };
    let outbox = Outbox::new(None);
    // From here on the outbox gets what happens; what happened before is read from the store, so nothing is missed.
    let place = match visit.enter(visitor.user, visitor.token_hash, outbox.clone()) {
        Ok(place) => place,
        Err(problem) => return Some(Exit::with(close::TOO_MANY, problem)),
    };
    let flight = Arc::new(Flight::default());
    let mut feed = Feed::new(app.clone(), visitor.user, outbox.clone());
    let mut reader = Reader::new(app.clone(), sink.coding, visitor.clone(), outbox.clone(), flight.clone(), place);
    let writing = async {
        let plans = feed.plan(&resume).await.map_err(FeedError::Store)?;
        let welcome = frame(&ServerFrame::Welcome {
            session: visitor.session.to_string(),
            user: visitor.user.to_string(),
            expires_at: rfc3339(visitor.expires_ms),
            now: app.world.unix_ms(),
            heartbeat_ms: u64::try_from(app.timing.heartbeat.as_millis()).unwrap_or(HEARTBEAT_MS),
            limits: app.inbox.limits(),
            resumed: plans.iter().map(|plan| plan.resumed.clone()).collect(),
        });
        sink.send(FeedItem::Other(welcome)).await.map_err(FeedError::Sink)?;
        feed.replay(plans, sink).await?;
        feed.run(sink, |id| flight.landed(id, &outbox)).await
    };
    let beating = async {
        let mut beat =
            tokio::time::interval_at(tokio::time::Instant::now() + app.timing.heartbeat, app.timing.heartbeat);
        loop {
            beat.tick().await;
            outbox.frame(frame(&ServerFrame::Ping {}));
        }
    };
    tokio::select! {
        exit = reader.run(stream) => exit,
        ended = writing => match ended {
            Ok(closing) => Some(leave(closing)),
            Err(FeedError::Sink(WriteError::Slow)) => Some(Exit::silent(close::TOO_SLOW)),
            Err(FeedError::Sink(WriteError::Gone)) => None,
            // The client comes back and resumes; nothing was told that isn't so.
            Err(FeedError::Store(problem)) => Some(Exit::with(close::DRAIN, problem)),
        },
        () = beating => None,
    }
}

fn leave(closing: Closing) -> Exit {
    match closing {
        Closing::Drain(retry_after_ms) => {
            let bye = ServerFrame::Bye { reason: "drain".into(), retry_after_ms };
            Exit { code: close::DRAIN, last: Some(Last::Frame(frame(&bye))) }
        }
        Closing::TooSlow => Exit::silent(close::TOO_SLOW),
        Closing::SessionEnded => {
            Exit::with(close::UNAUTHENTICATED, Problem::new(Code::Expired, "The session has ended."))
        }
    }
}

/// Waits for a valid `hello`. Other frames are answered, but nothing is done before it.
async fn greet(
    app: &App,
    sink: &mut Sink,
    stream: &mut (impl futures::Stream<Item = Result<Message, axum::Error>> + Unpin),
    visitor: Option<Visitor>,
) -> Result<(Visitor, Vec<shared::protocol::Position>), Option<Exit>> {
    loop {
        let answer = match say(sink.coding, stream.next().await)? {
            Said::Nothing => continue,
            Said::Frame(ClientFrame::Hello { token, resume, .. }) => {
                let signed = match (token, &visitor) {
                    (Some(token), _) => app.sessions.find(&token).await,
                    (None, Some(visitor)) => Ok(visitor.clone()),
                    (None, None) => Err(Problem::new(Code::Unauthenticated, "hello carried no session token.")),
                };
                match signed {
                    Err(problem) if problem.code == Code::Database => {
                        return Err(Some(Exit::with(close::DRAIN, problem)));
                    }
                    Err(problem) => return Err(Some(Exit::with(close::UNAUTHENTICATED, problem))),
                    Ok(_) if resume.len() > RESUME_MAX => error_frame(
                        &app.metrics,
                        Problem::invalid_field("resume", format!("must name at most {RESUME_MAX} conversations")),
                        None,
                    ),
                    Ok(visitor) => return Ok((visitor, resume)),
                }
            }
            Said::Frame(ClientFrame::Ping {}) => frame(&ServerFrame::Pong {}),
            Said::Frame(_) if visitor.is_none() => {
                let problem = Problem::new(Code::Unauthenticated, "Say hello first, with a session token.");
                return Err(Some(Exit::with(close::UNAUTHENTICATED, problem)));
            }
            Said::Frame(_) => error_frame(&app.metrics, Problem::new(Code::Conflict, "Say hello first."), None),
            Said::Wrong(problem, id) => error_frame(&app.metrics, problem, id),
        };
        let sent = async {
            sink.send(FeedItem::Other(answer)).await?;
            sink.flush().await
        };
        sent.await.map_err(|_| None)?;
    }
}

/// Why a socket cannot be written.
#[derive(Debug)]
enum WriteError {
    /// Its reader takes nothing.
    Slow,
    /// It is closed.
    Gone,
}

struct Sink {
    half: SplitSink<WebSocket, Message>,
    coding: Coding,
    app: App,
}

impl Sink {
    async fn write(&mut self, message: Message) -> Result<(), WriteError> {
        match tokio::time::timeout(self.app.timing.write, self.half.feed(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(WriteError::Gone),
            Err(_) => Err(WriteError::Slow),
        }
    }
}

impl FeedSink for Sink {
    type Error = WriteError;

    async fn send(&mut self, item: FeedItem) -> Result<(), WriteError> {
        let (FeedItem::Event(_, text) | FeedItem::Snapshot(_, text) | FeedItem::Other(text)) = item;
        self.write(self.coding.message(text)).await
    }

    async fn flush(&mut self) -> Result<(), WriteError> {
        match tokio::time::timeout(self.app.timing.write, self.half.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(WriteError::Gone),
            Err(_) => Err(WriteError::Slow),
        }
    }
}
