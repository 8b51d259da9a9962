//! The mock's sockets and HTTP calls.

use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use axum::{Json as Body, Router};
use futures::stream::SplitSink;
use futures::{FutureExt, SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value as Json, json};
use shared::draft::{Draft, Unknown, check_content};
use shared::limits;
use shared::message::{ConversationId, Format, MessageId, Priority};
use shared::problem::{Code, Problem, ProblemDetails};
use shared::protocol::{ClientFrame, Limits, Position, Resumed, SUBPROTOCOL_JSON, ServerFrame, close};

use super::core::{Accepted, Core, Silence, UserId};
use super::links::{Backlog, Out, frame_text};
use super::misbehaviour::Misbehaviour as M;
use super::{Carrier, Shared};

/// When sessions end: far enough away for any run.
const EXPIRES: &str = "2099-01-01T00:00:00Z";
/// Frames gathered before they are written.
const WRITE_BUFFER_BYTES: usize = 32 * 1024;

/// Frames heard before the writer gets its turn.
const FRAMES_AT_ONCE: usize = 256;

/// How long a reader may take to take the last frames.
const GOODBYE_PATIENCE: Duration = Duration::from_millis(500);

/// Serves one connection until it or this life of the process ends.
pub(super) async fn connection(shared: Shared, stream: impl Carrier) {
    let life = shared.life();
    if life.is_cancelled() {
        return;
    }
    let service = TowerToHyperService::new(routes(shared));
    let http = hyper::server::conn::http1::Builder::new();
    let serving = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let _ = life.run_until_cancelled(serving).await;
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/ws", any(upgrade))
        .route("/api/v1/sessions", post(session))
        .route("/api/v1/sessions/current", delete(logout))
        .route("/api/v1/messages", post(send))
        .route("/api/v1/messages/{id}", get(message))
        .route("/api/v1/conversations/{id}/events", get(events))
        .route("/health", get(async || Body(json!({"status": "ok", "version": "mock", "durability": "none"}))))
        .route("/metrics", get(metrics))
        .with_state(shared)
}

struct Refusal(Problem);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Body(ProblemDetails::new(self.0, "mock"))).into_response()
    }
}

fn user(core: &Core, headers: &HeaderMap) -> Option<UserId> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    core.sessions.get(token).copied()
}

fn signed(core: &Core, headers: &HeaderMap) -> Result<UserId, Refusal> {
    user(core, headers).ok_or_else(|| Refusal(Problem::new(Code::Unauthenticated, "Open a session first.")))
}

async fn session(State(shared): State<Shared>) -> (StatusCode, Body<Json>) {
    let (token, user) = shared.core().session();
    let answer = json!({"token": token, "user_id": user, "session_id": user, "tier": "guest", "expires_at": EXPIRES});
    (StatusCode::CREATED, Body(answer))
}

async fn logout(State(shared): State<Shared>, headers: HeaderMap) -> Result<StatusCode, Refusal> {
    let mut core = shared.core();
    let user = signed(&core, &headers)?;
    if !core.always_errs(M::OutliveSession) {
        core.sessions.retain(|_, known| *known != user);
        core.links.close(user, close::UNAUTHENTICATED, None);
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn send(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Body(body): Body<serde_json::Map<String, Json>>,
) -> Result<(StatusCode, Body<Json>), Refusal> {
    let draft = Draft::from_json(&body, Unknown::Refuse).map_err(Refusal)?;
    let Some(id) = draft.id else { return Err(Refusal(Problem::invalid_field("id", "is missing"))) };
    let reply = {
        let mut core = shared.core();
        let user = signed(&core, &headers)?;
        core.accept(user, &draft, id, shared.clock.unix_ms())
    };
    shared.work.notify_one();
    match reply {
        Ok(Ok(accepted)) => Ok((StatusCode::ACCEPTED, Body(acceptance(&accepted)))),
        Ok(Err(problem)) => Err(Refusal(problem)),
        Err(Silence) => std::future::pending().await,
    }
}

fn acceptance(a: &Accepted) -> Json {
    json!({"id": a.id, "conversation_id": a.conversation, "sequence": a.sequence, "status": a.status,
        "duplicate": a.duplicate})
}

async fn message(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<MessageId>,
) -> Result<Body<Json>, Refusal> {
    let core = shared.core();
    let user = signed(&core, &headers)?;
    let missing = || Refusal(Problem::new(Code::NotFound, "There is no such message, or it is not yours."));
    core.view(user, id).map(Body).ok_or_else(missing)
}

#[derive(serde::Deserialize)]
struct Range {
    after: Option<u64>,
}

async fn events(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(conversation): Path<ConversationId>,
    Query(range): Query<Range>,
) -> Result<Response, Refusal> {
    let core = shared.core();
    let user = signed(&core, &headers)?;
    let missing = || Refusal(Problem::new(Code::NotFound, "There is no such conversation, or it is not yours."));
    let place = core.conversations.get(&conversation).filter(|c| c.user == user).ok_or_else(missing)?;
    let after = range.after.unwrap_or(0);
    let from = place.log.partition_point(|logged| logged.offset <= after);
    let page: Vec<_> = place.log[from..].iter().take(1_000).map(|logged| logged.text.as_str()).collect();
    let body = format!(
        r#"{{"conversation":"{conversation}","epoch":"{}","events":[{}],"head":{}}}"#,
        core.epoch,
        page.join(","),
        place.head
    );
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

async fn metrics(State(shared): State<Shared>) -> String {
    let core = shared.core();
    let c = core.counts;
    let leaked: usize = core.leaked.iter().map(Vec::len).sum();
    format!(
        "exemplar_messages_total{{status=\"completed\"}} {}\n\
         exemplar_messages_total{{status=\"failed\"}} {}\n\
         exemplar_messages_total{{status=\"cancelled\"}} {}\n\
         exemplar_duplicates_total {}\n\
         exemplar_connections {}\nexemplar_sessions {}\nexemplar_pending_messages {}\n\
         rapid_mock_volatile_bytes {}\n",
        c.completed,
        c.failed,
        c.cancelled,
        c.duplicates,
        core.links.count(),
        core.sessions.len(),
        core.unfinished(),
        core.links.backlog() + leaked as u64,
    )
}

async fn upgrade(
    State(shared): State<Shared>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    let user = {
        let core = shared.core();
        headers.get(header::AUTHORIZATION).map(|_| signed(&core, &headers)).transpose()?
    };
    let upgrade = upgrade.protocols([SUBPROTOCOL_JSON]).read_buffer_size(8 * 1024);
    let upgrade = upgrade.write_buffer_size(WRITE_BUFFER_BYTES).max_message_size(limits::FRAME_MAX_BYTES);
    Ok(upgrade.on_upgrade(async move |socket| {
        let life = shared.life();
        // A kill drops the socket where it stands.
        life.run_until_cancelled(converse(shared, socket, user)).await;
    }))
}

/// A socket from hello to close.
async fn converse(shared: Shared, socket: WebSocket, user: Option<UserId>) {
    let (mut sink, mut stream) = socket.split();
    let hello = tokio::time::timeout(Duration::from_secs(limits::HELLO_TIMEOUT_S), stream.next()).await;
    let hello = match hello {
        Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str(&text).ok(),
        _ => None,
    };
    let Some(ClientFrame::Hello { token, resume, .. }) = hello else {
        goodbye(&mut sink, close::BAD_FRAME, None).await;
        return;
    };
    let by_token = token.and_then(|token| shared.core().sessions.get(&token).copied());
    let Some(user) = by_token.or(user) else {
        goodbye(&mut sink, close::UNAUTHENTICATED, None).await;
        return;
    };
    // Replay and entry in one step under the lock, so that nothing falls between them.
    let (number, out, backlog) = {
        let mut core = shared.core();
        let entered = core.links.enter(user);
        greet(&mut core, &shared, user, entered.0, &resume);
        entered
    };
    {
        let writing = write(&mut sink, out, backlog);
        tokio::pin!(writing);
        loop {
            let message = tokio::select! {
                biased;
                () = &mut writing => break,
                message = stream.next() => message,
            };
            let mut next = Some(message);
            let mut left = Left::No;
            // Everything that is there already is heard before anything is written, so that answers go together.
            for _ in 0..FRAMES_AT_ONCE {
                let Some(message) = next.take() else { break };
                left = heard(&shared, user, number, message);
                if left != Left::No {
                    break;
                }
                next = stream.next().now_or_never();
            }
            if let (Left::No, Some(message)) = (left, next) {
                left = heard(&shared, user, number, message);
            }
            shared.work.notify_one();
            match left {
                Left::No => {}
                Left::Closed => break,
                Left::Unreadable => {
                    shared.core().links.close_one(user, number, close::BAD_FRAME);
                    (&mut writing).await;
                    break;
                }
            }
        }
    }
    // The answer to the client's close, which would otherwise stay in the buffer.
    let _ = tokio::time::timeout(GOODBYE_PATIENCE, sink.flush()).await;
    shared.core().links.leave(user, number);
}

/// Whether a reader has gone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    No,
    Closed,
    /// It said something that is no frame.
    Unreadable,
}

fn heard(shared: &Shared, user: UserId, number: u64, message: Option<Result<Message, axum::Error>>) -> Left {
    match message {
        Some(Ok(Message::Text(text))) if hear(shared, user, number, &text) => Left::No,
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Left::No,
        Some(Ok(Message::Close(_))) | None => Left::Closed,
        Some(Ok(Message::Text(_) | Message::Binary(_)) | Err(_)) => Left::Unreadable,
    }
}

/// Writes what waits, together where it can.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    mut out: tokio::sync::mpsc::UnboundedReceiver<Out>,
    backlog: Backlog,
) {
    let mut batch = Vec::new();
    while out.recv_many(&mut batch, 256).await > 0 {
        for item in batch.drain(..) {
            match item {
                Out::Frame(text) => {
                    let bytes = text.len() as u64;
                    let written = sink.feed(Message::Text(text)).await;
                    backlog.fetch_sub(bytes, Relaxed);
                    if written.is_err() {
                        return;
                    }
                }
                Out::Close(code, last) => return goodbye(sink, code, last).await,
                Out::Drop => return,
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}

async fn goodbye(sink: &mut SplitSink<WebSocket, Message>, code: u16, last: Option<Utf8Bytes>) {
    let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }));
    let say = async {
        if let Some(text) = last {
            sink.feed(Message::Text(text)).await?;
        }
        sink.send(close).await
    };
    // A reader that takes nothing does not keep us.
    let _ = tokio::time::timeout(GOODBYE_PATIENCE, say).await;
}

/// `welcome`, then what was missed.
fn greet(core: &mut Core, shared: &Shared, user: UserId, number: u64, resume: &[Position]) {
    let mut plans = Vec::new();
    for position in resume {
        let head = core.conversations.get(&position.conversation).filter(|c| c.user == user).map_or(0, |c| c.head);
        let same = position.epoch.is_empty() || position.epoch == core.epoch || position.offset == 0;
        let complete = same && position.offset <= head && head - position.offset <= core.options.replay_max;
        let (conversation, epoch) = (position.conversation, core.epoch.clone());
        let from = if complete { position.offset + 1 } else { head + 1 };
        plans.push((position.offset, Resumed { conversation, epoch, from, head, complete }));
    }
    let welcome = ServerFrame::Welcome {
        session: user.to_string(),
        user: user.to_string(),
        expires_at: EXPIRES.into(),
        now: shared.clock.unix_ms(),
        heartbeat_ms: limits::HEARTBEAT_MS,
        limits: Limits {
            frame_bytes: limits::FRAME_MAX_BYTES,
            content_chars: limits::CONTENT_MAX_CHARS,
            rate_per_min: 0,
            in_flight: core.options.in_flight,
        },
        resumed: plans.iter().map(|(_, resumed)| resumed.clone()).collect(),
    };
    core.links.to(user, number, &frame_text(&welcome));
    for (after, resumed) in plans {
        if resumed.complete {
            replay(core, user, number, resumed.conversation, after);
        } else if !core.errs(M::NoSnapshot) {
            let snapshot = frame_text(&core.snapshot(user, resumed.conversation));
            core.links.to(user, number, &snapshot);
        }
    }
}

fn replay(core: &mut Core, user: UserId, number: u64, conversation: ConversationId, after: u64) {
    let mut after = after;
    if after > 0 {
        after += u64::from(core.errs(M::ResumeHole));
        after -= u64::from(core.errs(M::ResumeAgain));
    }
    let Some(place) = core.conversations.get(&conversation).filter(|c| c.user == user) else { return };
    let from = place.log.partition_point(|logged| logged.offset <= after);
    let missed: Vec<_> = place.log[from..].iter().map(|logged| logged.text.clone()).collect();
    for text in missed {
        core.links.to(user, number, &text);
    }
}

/// A `send` with the fields that clients usually send and no others.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainSend<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: MessageId,
    conversation_id: ConversationId,
    #[serde(borrow)]
    content: Cow<'a, str>,
    priority: Priority,
}

/// The draft of a usual `send`, read without a tree; everything else goes the long way.
fn plain_draft(text: &str) -> Option<Draft> {
    let PlainSend { kind, id, conversation_id, content, priority } = serde_json::from_str(text).ok()?;
    (kind == "send" && check_content(&content).is_ok()).then(|| Draft {
        content: content.into_owned(),
        id: Some(id),
        conversation_id: Some(conversation_id),
        example_id: None,
        category: None,
        complexity: None,
        priority,
        format: Format::Detailed,
        workload: None,
        usage_id: None,
        business_id: None,
    })
}

/// Does what a frame asks for; `false` if it is none.
fn hear(shared: &Shared, user: UserId, number: u64, text: &str) -> bool {
    if let Some(draft) = plain_draft(text) {
        take(shared, user, number, Ok(draft), None);
        return true;
    }
    let frame = match serde_json::from_str(text) {
        Ok(frame) => frame,
        Err(error) => {
            let object: Option<Json> = serde_json::from_str(text).ok();
            if object.is_none_or(|object| object.get("type").and_then(Json::as_str).is_none()) {
                return false;
            }
            let problem = Problem::new(Code::Invalid, format!("This frame is not understood: {error}."));
            shared.core().links.to(user, number, &frame_text(&error_frame(problem, None)));
            return true;
        }
    };
    match frame {
        ClientFrame::Send(body) => {
            let id = body.get("id").and_then(|id| id.as_str()?.parse().ok());
            take(shared, user, number, Draft::from_json(&body, Unknown::Ignore), id);
        }
        ClientFrame::Cancel { id } => {
            let mut core = shared.core();
            if let Err(problem) = core.cancel(user, id) {
                core.links.to(user, number, &frame_text(&error_frame(problem, Some(id))));
            }
        }
        ClientFrame::Ping {} => shared.core().links.to(user, number, &frame_text(&ServerFrame::Pong {})),
        ClientFrame::Renew { .. } => {
            let renewed = ServerFrame::Renewed { expires_at: EXPIRES.into() };
            shared.core().links.to(user, number, &frame_text(&renewed));
        }
        ClientFrame::Ack { .. } | ClientFrame::Pong {} | ClientFrame::Hello { .. } => {}
    }
    true
}

/// Takes a message, or says to `id` why not.
fn take(shared: &Shared, user: UserId, number: u64, draft: Result<Draft, Problem>, id: Option<MessageId>) {
    let now_ms = shared.clock.unix_ms();
    let mut core = shared.core();
    let reply = match draft {
        Err(problem) => error_frame(problem, id),
        Ok(Draft { id: None, .. }) => error_frame(Problem::invalid_field("id", "is missing"), None),
        Ok(draft @ Draft { id: Some(id), .. }) => match core.accept(user, &draft, id, now_ms) {
            Err(Silence) => return,
            Ok(Err(problem)) => error_frame(problem, Some(id)),
            Ok(Ok(Accepted { id, conversation, sequence, status, duplicate })) => {
                ServerFrame::Accepted { id, conversation, sequence, status, duplicate }
            }
        },
    };
    core.links.to(user, number, &frame_text(&reply));
}

fn error_frame(problem: Problem, id: Option<MessageId>) -> ServerFrame {
    ServerFrame::Error {
        code: problem.code,
        retryable: problem.code.retryable(),
        retry_after_ms: problem.retry_after_ms,
        id,
        detail: problem.detail,
    }
}
