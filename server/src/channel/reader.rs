//! What a client says, and what is done about it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::extract::ws::Message;
use bytes::Bytes;
use futures::stream::FuturesUnordered;
use futures::{Stream, StreamExt};
use serde_json::{Map, Value as Json};
use shared::draft::{Draft, Unknown};
use shared::limits::IN_FLIGHT_MAX;
use shared::message::{MessageId, Priority};
use shared::problem::{Code, Problem};
use shared::protocol::{ClientFrame, ServerFrame, close};
use tokio::sync::Notify;

use super::coding::Coding;
use super::frames::{error_frame, frame};
use crate::services::App;
use crate::sessions::Visitor;
use crate::state::{Outbox, Place};
use crate::world::rfc3339;

/// Frames a second that one connection may send for long, and how many at once: far above what a person or a busy
/// program sends, and cheap enough to refuse.
const FRAMES_PER_S: f64 = 2_000.0;
/// The burst.
const FRAMES_BURST: f64 = 10_000.0;
/// Answers that a connection may wait for; until there are fewer it is not read.
const ANSWERS_MAX: usize = 2 * IN_FLIGHT_MAX as usize;
/// What high priority may have without its end beyond what everybody may: it is the last to be refused.
const URGENT: usize = IN_FLIGHT_MAX as usize / 10;

/// Why and how a socket is closed.
pub(super) struct Exit {
    /// The close code.
    pub(super) code: u16,
    /// What is said before it.
    pub(super) last: Option<Last>,
}

/// A last word before a close.
pub(super) enum Last {
    /// What went wrong.
    Problem(Box<Problem>),
    /// A frame.
    Frame(Bytes),
}

impl Exit {
    pub(super) fn silent(code: u16) -> Self {
        Self { code, last: None }
    }

    pub(super) fn with(code: u16, problem: Problem) -> Self {
        Self { code, last: Some(Last::Problem(Box::new(problem))) }
    }

    fn bad_frame(detail: &str) -> Self {
        Self::with(close::BAD_FRAME, Problem::new(Code::Invalid, detail))
    }
}

/// A frame that was understood, or not quite.
pub(super) enum Said {
    /// A frame of the protocol's own; it is a sign of life.
    Nothing,
    /// A frame.
    Frame(ClientFrame),
    /// A frame of an unknown type, or with wrong fields; about this message, where it says so.
    Wrong(Problem, Option<MessageId>),
}

/// Reads one message of the socket; an error ends it, with a reason unless the peer is gone.
pub(super) fn say(coding: Coding, message: Option<Result<Message, axum::Error>>) -> Result<Said, Option<Exit>> {
    match message {
        None | Some(Ok(Message::Close(_))) => Err(None),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Said::Nothing),
        Some(Ok(message)) => match coding.fields(&message) {
            Ok(object) => parse(object),
            Err(what) => Err(Some(Exit::bad_frame(what))),
        },
        // Too long, not UTF-8, against the protocol, or the connection broke: whether a close can be sent shows itself.
        Some(Err(_)) => Err(Some(Exit::bad_frame("The frame is too long or breaks the WebSocket protocol."))),
    }
}

fn parse(object: Map<String, Json>) -> Result<Said, Option<Exit>> {
    let Some(kind) = object.get("type").and_then(Json::as_str) else {
        return Err(Some(Exit::bad_frame("A frame must have a type.")));
    };
    let id = object.get("id").and_then(Json::as_str).and_then(|id| id.parse().ok());
    if !matches!(kind, "hello" | "send" | "ack" | "cancel" | "renew" | "ping" | "pong") {
        let kind: String = kind.chars().take(40).collect();
        return Ok(Said::Wrong(Problem::invalid_field("type", format!("\"{kind}\" is not known here")), id));
    }
    let kind = kind.to_owned();
    match serde_json::from_value(Json::Object(object)) {
        Ok(frame) => Ok(Said::Frame(frame)),
        Err(error) => {
            Ok(Said::Wrong(Problem::new(Code::Invalid, format!("The fields of {kind} are wrong: {error}.")), id))
        }
    }
}

/// The messages that this connection sent and that have not ended.
#[derive(Default)]
pub(super) struct Flight {
    state: Mutex<FlightState>,
    answered: Notify,
}

#[derive(Default)]
struct FlightState {
    /// Each with whether it was accepted.
    ids: HashMap<MessageId, bool>,
    /// What is left of the credit that the client was told last; `None` if it was told none.
    credit: Option<u32>,
}

impl FlightState {
    /// Tells a client that has used up its credit of a new one, when half of what it may have is free.
    fn renew(&mut self, outbox: &Outbox) {
        if self.credit == Some(0) && self.ids.len() <= IN_FLIGHT_MAX as usize / 2 {
            let credit = IN_FLIGHT_MAX - u32::try_from(self.ids.len()).unwrap_or(IN_FLIGHT_MAX);
            self.credit = Some(credit);
            outbox.frame(flow(credit, "ready"));
        }
    }
}

impl Flight {
    fn state(&self) -> MutexGuard<'_, FlightState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client has sent one, whatever becomes of it.
    fn spend(&self) {
        let mut state = self.state();
        state.credit = state.credit.map(|credit| credit.saturating_sub(1));
    }

    /// Counts a message in; `false` if there are too many, which the client is then told.
    fn take_off(&self, id: MessageId, priority: Priority, outbox: &Outbox) -> bool {
        let mut state = self.state();
        let most = IN_FLIGHT_MAX as usize + if priority == Priority::High { URGENT } else { 0 };
        if state.ids.len() < most || state.ids.contains_key(&id) {
            state.ids.entry(id).or_insert(false);
            return true;
        }
        if state.credit.replace(0) != Some(0) {
            outbox.frame(flow(0, "in_flight"));
        }
        false
    }

    /// A message was accepted.
    fn accepted(&self, id: MessageId) {
        if let Some(accepted) = self.state().ids.get_mut(&id) {
            *accepted = true;
        }
        self.answered.notify_waiters();
    }

    /// A message has ended, or was not accepted.
    pub(super) fn landed(&self, id: MessageId, outbox: &Outbox) {
        let mut state = self.state();
        state.ids.remove(&id);
        state.renew(outbox);
        drop(state);
        self.answered.notify_waiters();
    }

    /// Waits until it is known whether a message that is on its way into the store was accepted.
    async fn settled(&self, id: MessageId) {
        loop {
            let answered = self.answered.notified();
            if self.state().ids.get(&id) != Some(&false) {
                return;
            }
            answered.await;
        }
    }
}

fn flow(credit: u32, reason: &str) -> Bytes {
    frame(&ServerFrame::Flow { credit, reason: reason.into() })
}

type Answer = Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>;

/// The reading half of a connection.
pub(super) struct Reader {
    app: App,
    coding: Coding,
    visitor: Visitor,
    outbox: Arc<Outbox>,
    flight: Arc<Flight>,
    place: Place,
    answers: FuturesUnordered<Answer>,
    frames: f64,
    counted: Instant,
}

impl Reader {
    pub(super) fn new(
        app: App,
        coding: Coding,
        visitor: Visitor,
        outbox: Arc<Outbox>,
        flight: Arc<Flight>,
        place: Place,
    ) -> Self {
        let (answers, frames) = (FuturesUnordered::new(), FRAMES_BURST);
        Self { app, coding, visitor, outbox, flight, place, answers, frames, counted: Instant::now() }
    }

    /// Reads until the connection is to be closed, or the peer is gone.
    pub(super) async fn run(
        &mut self,
        stream: &mut (impl Stream<Item = Result<Message, axum::Error>> + Unpin),
    ) -> Option<Exit> {
        let silence = self.app.timing.heartbeat * 2;
        let mut deadline = tokio::time::Instant::now() + silence;
        loop {
            // A client whose answers pile up is not read until it has taken some.
            self.outbox.room().await;
            let message = tokio::select! {
                message = stream.next(), if self.answers.len() < ANSWERS_MAX => message,
                Some(answer) = self.answers.next(), if !self.answers.is_empty() => {
                    if let Some(answer) = answer {
                        self.outbox.frame(answer);
                    }
                    continue;
                }
                () = tokio::time::sleep_until(deadline) => return Some(Exit::silent(close::NO_LIFE)),
            };
            deadline = tokio::time::Instant::now() + silence;
            let said = match say(self.coding, message) {
                Ok(said) => said,
                Err(exit) => return exit,
            };
            if !self.within_rate() {
                let problem = Problem::new(Code::RateLimited, "Too many frames in a short time.").retry_after(1_000);
                return Some(Exit::with(close::RATE, problem));
            }
            if let Some(exit) = self.still_signed() {
                return Some(exit);
            }
            match said {
                Said::Nothing => {}
                Said::Frame(frame) => self.hear(frame).await,
                Said::Wrong(problem, id) => self.refuse(problem, id),
            }
        }
    }

    /// Tells the client what went wrong.
    fn refuse(&self, problem: Problem, id: Option<MessageId>) {
        self.outbox.frame(error_frame(&self.app.metrics, problem, id));
    }

    fn within_rate(&mut self) -> bool {
        let now = Instant::now();
        self.frames = (self.frames + (now - self.counted).as_secs_f64() * FRAMES_PER_S).min(FRAMES_BURST) - 1.0;
        self.counted = now;
        self.frames >= 0.0
    }

    /// Counts as use of the session; a session that has ended ends the connection.
    fn still_signed(&self) -> Option<Exit> {
        match self.app.sessions.touch(self.visitor.token_hash) {
            Some(Ok(_)) => None,
            Some(Err(problem)) => Some(Exit::with(close::UNAUTHENTICATED, problem)),
            None => {
                let problem = Problem::new(Code::Expired, "The session has ended. Open a new one.");
                Some(Exit::with(close::UNAUTHENTICATED, problem))
            }
        }
    }

    async fn hear(&mut self, said: ClientFrame) {
        match said {
            ClientFrame::Send(object) => {
                self.flight.spend();
                self.send(&object).await;
                self.flight.state().renew(&self.outbox);
            }
            ClientFrame::Cancel { id } => self.cancel(id),
            ClientFrame::Renew { token } => self.renew(&token).await,
            ClientFrame::Ping {} => self.outbox.frame(frame(&ServerFrame::Pong {})),
            ClientFrame::Hello { .. } => {
                let problem =
                    Problem::new(Code::Conflict, "This connection is open already; open another to resume again.");
                self.refuse(problem, None);
            }
            // Events wait in the store for as long as the conversation lives, so nothing hangs on an `ack`; the client
            // names its position when it resumes.
            ClientFrame::Ack { .. } | ClientFrame::Pong {} => {}
        }
    }

    /// Puts a message on its way; its answer comes when it is durable.
    async fn send(&mut self, object: &Map<String, Json>) {
        let named = object.get("id").and_then(Json::as_str).and_then(|id| id.parse().ok());
        let checked = Draft::from_json(object, Unknown::Ignore).and_then(|draft| match draft.id {
            Some(id) => Ok((id, draft)),
            None => Err(Problem::invalid_field("id", "is missing: a message on this channel needs a version-7 UUID")),
        });
        let (id, draft) = match checked {
            Ok(checked) => checked,
            Err(problem) => return self.refuse(problem, named),
        };
        if let Err(problem) = self.app.can_follow(self.visitor.user, &draft).await {
            return self.refuse(problem, Some(id));
        }
        if !self.flight.take_off(id, draft.priority, &self.outbox) {
            let problem = Problem::new(
                Code::Busy,
                format!(
                    "{IN_FLIGHT_MAX} messages of this connection are unanswered. Wait for `flow`, then send again."
                ),
            );
            return self.refuse(problem.retry_after(1_000), Some(id));
        }
        let submission = match self.app.inbox.submit(self.visitor.user, draft) {
            Ok(submission) => submission,
            Err(problem) => {
                self.flight.landed(id, &self.outbox);
                return self.refuse(problem, Some(id));
            }
        };
        let (flight, outbox, metrics) = (self.flight.clone(), self.outbox.clone(), self.app.metrics.clone());
        self.answers.push(Box::pin(async move {
            Some(match submission.await {
                Ok(receipt) => {
                    let acceptance = receipt.acceptance;
                    if acceptance.status.is_terminal() {
                        flight.landed(id, &outbox);
                    } else {
                        flight.accepted(id);
                    }
                    frame(&ServerFrame::Accepted {
                        id,
                        conversation: acceptance.conversation,
                        sequence: acceptance.sequence,
                        status: acceptance.status,
                        duplicate: acceptance.duplicate,
                    })
                }
                Err(problem) => {
                    flight.landed(id, &outbox);
                    error_frame(&metrics, problem, Some(id))
                }
            })
        }));
    }

    /// Ends a message, also one that was sent just now; the event tells. One that has ended stays as it is.
    fn cancel(&mut self, id: MessageId) {
        let (app, user, flight) = (self.app.clone(), self.visitor.user, self.flight.clone());
        self.answers.push(Box::pin(async move {
            flight.settled(id).await;
            app.inbox.cancel(user, id).await.err().map(|problem| error_frame(&app.metrics, problem, Some(id)))
        }));
    }

    /// Ties the connection to another session of the same user.
    async fn renew(&mut self, token: &str) {
        let answer = match self.app.sessions.find(token).await {
            Ok(visitor) if visitor.user == self.visitor.user => {
                self.place.renew(visitor.token_hash);
                let expires_at = rfc3339(visitor.expires_ms);
                self.visitor = visitor;
                frame(&ServerFrame::Renewed { expires_at })
            }
            Ok(_) => return self.refuse(Problem::new(Code::Forbidden, "The token is another user's."), None),
            Err(problem) => return self.refuse(problem, None),
        };
        self.outbox.frame(answer);
    }
}
