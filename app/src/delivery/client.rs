//! The machine itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::limits::HEARTBEAT_MS;
use shared::message::{ConversationId, MessageId, Status};
use shared::problem::{Code, Problem, ProblemDetails};
use shared::protocol::{ClientFrame, Event, EventKind, Position, Resumed, ServerFrame, close};
use uuid::Uuid;

use super::{Link, Run, backoff};
use crate::text;

/// Positions kept; the oldest conversations are resumed by fetching instead.
const POSITIONS_MAX: usize = 64;
/// When to send a refused message again, if the server names no time.
const AGAIN_MS: u64 = 1_000;

/// A message that the server has not accepted yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its id.
    pub id: MessageId,
    /// The body, as `POST /api/v1/messages` takes it, with the id.
    pub body: Map<String, Json>,
}

/// What survives a reload of the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The name of this client, the same across reconnects.
    pub client: Uuid,
    /// The last position processed in each conversation, the latest at the end.
    #[serde(default)]
    pub positions: Vec<Position>,
    /// The server's clock minus ours, in milliseconds.
    #[serde(default)]
    pub skew_ms: i64,
}

/// What the browser is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open a socket, after making sure of a session if `check_session`.
    Connect {
        /// Whether the session may be the reason for the last failure.
        check_session: bool,
    },
    /// Close the socket; its closing is not to be reported.
    Disconnect,
    /// Send a frame.
    Send(ClientFrame),
    /// Keep a message across reloads until it is accepted.
    Keep(Outgoing),
    /// A message needs not be kept any more.
    Forget(MessageId),
    /// Positions or clock changed: store them.
    StoreKept,
    /// The run of this message changed: show it.
    Changed(MessageId),
    /// The state of the link changed: show it.
    LinkChanged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Socket {
    None,
    Opening,
    Open,
    Welcomed,
}

struct Entry {
    outgoing: Outgoing,
    /// On this connection.
    sent: bool,
    /// On an earlier one, without an answer: the server may have it.
    tried: bool,
    /// Its sender has taken it back, which the server must hear after it.
    cancelled: bool,
    hold_until_ms: u64,
}

impl Entry {
    const fn new(outgoing: Outgoing, tried: bool) -> Self {
        Self { outgoing, sent: false, tried, cancelled: false, hold_until_ms: 0 }
    }
}

/// The client of one page.
pub struct Client {
    kept: Kept,
    link: Link,
    socket: Socket,
    failures: u32,
    refused_session: bool,
    back_within_ms: Option<u64>,
    connect_at_ms: Option<u64>,
    last_heard_ms: u64,
    heartbeat_ms: u64,
    credit: Option<u32>,
    outbox: Vec<Entry>,
    behind: BTreeMap<ConversationId, u64>,
    runs: BTreeMap<MessageId, Run>,
    actions: Vec<Action>,
}

impl Client {
    /// A client with what an earlier page left behind.
    pub fn new(kept: Kept, outbox: Vec<Outgoing>) -> Self {
        let runs = outbox.iter().map(|o| (o.id, Run::default())).collect();
        Self {
            kept,
            link: Link::Idle,
            socket: Socket::None,
            failures: 0,
            refused_session: false,
            back_within_ms: None,
            connect_at_ms: None,
            last_heard_ms: 0,
            heartbeat_ms: HEARTBEAT_MS,
            credit: None,
            // Whether an earlier page sent them is not known.
            outbox: outbox.into_iter().map(|outgoing| Entry::new(outgoing, true)).collect(),
            behind: BTreeMap::new(),
            runs,
            actions: Vec::new(),
        }
    }

    /// What is to be done now, in order; the list is empty afterwards.
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// The state of the connection.
    pub fn link(&self) -> Link {
        self.link
    }

    /// What is known about a message.
    pub fn run(&self, id: MessageId) -> Option<&Run> {
        self.runs.get(&id)
    }

    /// What to store for the next page.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The message `id` if it is still in the outbox.
    pub fn waiting(&self, id: MessageId) -> Option<&Outgoing> {
        self.outbox.iter().map(|entry| &entry.outgoing).find(|o| o.id == id)
    }

    /// The server's clock, as well as it is known.
    pub fn server_now_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.kept.skew_ms)
    }

    /// When [`Client::wake`] must be called at the latest.
    pub fn wake_at_ms(&self) -> Option<u64> {
        let life = (self.socket != Socket::None).then(|| self.last_heard_ms + 2 * self.heartbeat_ms);
        // The first that waits holds those behind it; without a link or credit it waits for those instead.
        let first = self.outbox.iter().find(|e| !e.sent && self.may_send());
        let held = first.map(|e| e.hold_until_ms).filter(|until| *until > 0);
        [self.connect_at_ms, life, held].into_iter().flatten().min()
    }

    /// Asks for a connection, also after one was refused.
    pub fn want(&mut self, now_ms: u64) {
        if matches!(self.link, Link::Idle | Link::Stopped(_)) {
            self.refused_session = false;
            self.connect(now_ms, false);
        }
    }

    /// Follows a conversation: unless we are told of it anyway, its past is asked for with the next `hello`.
    pub fn follow(&mut self, conversation: ConversationId, now_ms: u64) {
        let known = self.kept.positions.iter().any(|p| p.conversation == conversation);
        if !known && self.socket != Socket::Welcomed {
            self.moved(Position { conversation, epoch: String::new(), offset: 0 });
        }
        self.want(now_ms);
    }

    /// Puts a message into the outbox and sends it as soon as possible.
    pub fn submit(&mut self, outgoing: Outgoing, now_ms: u64) {
        self.runs.insert(outgoing.id, Run::default());
        self.actions.push(Action::Changed(outgoing.id));
        self.actions.push(Action::Keep(outgoing.clone()));
        self.outbox.push(Entry::new(outgoing, false));
        self.flush(now_ms);
        self.want(now_ms);
    }

    /// Ends a message: takes it out of the outbox if it was never sent, else asks the server, if need be when it is
    /// heard of again. `false` if nothing is known of the message and the server cannot be asked now.
    pub fn cancel(&mut self, id: MessageId) -> bool {
        let waiting = self.outbox.iter_mut().find(|e| e.outgoing.id == id && !e.sent);
        if let Some(entry) = waiting {
            if entry.tried {
                entry.cancelled = true;
                let run = self.runs.entry(id).or_default();
                run.waiting_for = Some(text::message::STOPS_LATER.into());
                self.actions.push(Action::Changed(id));
            } else {
                self.leave_outbox(id);
                self.stands(id, Status::Cancelled, None);
            }
            return true;
        }
        let open = self.socket == Socket::Welcomed;
        if open {
            self.actions.push(Action::Send(ClientFrame::Cancel { id }));
        }
        open
    }

    /// The socket is open.
    pub fn opened(&mut self, now_ms: u64) {
        self.socket = Socket::Open;
        self.last_heard_ms = now_ms;
        let hello = ClientFrame::Hello { token: None, client: self.kept.client, resume: self.kept.positions.clone() };
        self.actions.push(Action::Send(hello));
    }

    /// The socket is closed, or could not be opened. `random` is uniform in 0..1.
    pub fn closed(&mut self, code: u16, now_ms: u64, random: f64) {
        self.socket = Socket::None;
        self.credit = None;
        self.behind.clear();
        self.unanswered();
        if code == close::UNAUTHENTICATED && !self.refused_session {
            self.refused_session = true;
            return self.connect(now_ms, true);
        }
        if (4400..4500).contains(&code) {
            return self.set_link(Link::Stopped(code));
        }
        let wait = match self.back_within_ms.take() {
            Some(ms) => backoff::spread(ms, random),
            None => backoff::after_failures(self.failures, random),
        };
        self.failures += 1;
        self.connect_at_ms = Some(now_ms + wait);
        self.set_link(Link::Offline);
    }

    /// The browser lost the network.
    pub fn offline(&mut self) {
        if self.socket != Socket::None {
            self.actions.push(Action::Disconnect);
            self.closed(1006, self.last_heard_ms, 1.0);
        }
    }

    /// The browser has the network again.
    pub fn online(&mut self, now_ms: u64) {
        if self.link == Link::Offline {
            self.failures = 0;
            self.connect(now_ms, false);
        }
    }

    /// Time has passed.
    pub fn wake(&mut self, now_ms: u64, random: f64) {
        if self.socket != Socket::None && now_ms >= self.last_heard_ms + 2 * self.heartbeat_ms {
            self.actions.push(Action::Disconnect);
            self.closed(close::NO_LIFE, now_ms, random);
        }
        if self.connect_at_ms.is_some_and(|at| at <= now_ms) {
            self.connect(now_ms, self.failures > 1);
        }
        self.flush(now_ms);
    }

    /// A frame arrived.
    pub fn heard(&mut self, frame: ServerFrame, now_ms: u64) {
        self.last_heard_ms = now_ms;
        match frame {
            ServerFrame::Welcome { now, heartbeat_ms, resumed, .. } => {
                self.welcomed(now, heartbeat_ms, resumed, now_ms);
            }
            ServerFrame::Accepted { id, conversation, sequence, status, .. } => {
                self.accepted(id, conversation, sequence, status);
            }
            ServerFrame::Event(event) => self.event(event, now_ms),
            ServerFrame::Progress(progress) => {
                let id = progress.id;
                if self.runs.entry(id).or_default().progress(progress) {
                    self.actions.push(Action::Changed(id));
                }
            }
            ServerFrame::Snapshot { conversation, epoch, offset, messages } => {
                self.snapshot(Position { conversation, epoch, offset }, &messages);
            }
            ServerFrame::Flow { credit, .. } => {
                self.credit = Some(credit);
                self.flush(now_ms);
            }
            ServerFrame::Error { code, id, retry_after_ms, detail, retryable } => {
                if let Some(id) = id {
                    let problem = Problem { retry_after_ms, ..Problem::new(code, detail) };
                    self.refused(id, problem, retryable, now_ms);
                }
            }
            ServerFrame::Ping {} => self.actions.push(Action::Send(ClientFrame::Pong {})),
            ServerFrame::Bye { retry_after_ms, .. } => self.back_within_ms = Some(retry_after_ms),
            ServerFrame::Pong {} | ServerFrame::Renewed { .. } => {}
        }
    }

    fn connect(&mut self, now_ms: u64, check_session: bool) {
        self.connect_at_ms = None;
        self.socket = Socket::Opening;
        self.last_heard_ms = now_ms;
        self.set_link(Link::Connecting);
        self.actions.push(Action::Connect { check_session });
    }

    fn set_link(&mut self, link: Link) {
        if self.link != link {
            self.link = link;
            self.actions.push(Action::LinkChanged);
        }
    }

    fn welcomed(&mut self, server_now_ms: u64, heartbeat_ms: u64, resumed: Vec<Resumed>, now_ms: u64) {
        self.socket = Socket::Welcomed;
        self.failures = 0;
        self.refused_session = false;
        self.heartbeat_ms = heartbeat_ms.max(1_000);
        self.kept.skew_ms = i64::try_from(server_now_ms).unwrap_or(0) - i64::try_from(now_ms).unwrap_or(0);
        self.actions.push(Action::StoreKept);
        self.behind = resumed
            .into_iter()
            .filter(|r| !r.complete || r.head >= r.from)
            .map(|r| (r.conversation, if r.complete { r.head } else { u64::MAX }))
            .collect();
        self.caught_up();
        self.flush(now_ms);
    }

    fn caught_up(&mut self) {
        self.set_link(if self.behind.is_empty() { Link::Live } else { Link::CatchingUp });
    }

    /// The link is gone, and with it the answers to what was sent on it.
    fn unanswered(&mut self) {
        for entry in &mut self.outbox {
            entry.tried |= std::mem::take(&mut entry.sent);
        }
    }

    /// Whether there is a link, and credit on it.
    fn may_send(&self) -> bool {
        self.socket == Socket::Welcomed && self.credit != Some(0)
    }

    /// Sends what may be sent, in order; a held message holds those behind it, so that their order stays.
    fn flush(&mut self, now_ms: u64) {
        if self.socket != Socket::Welcomed {
            return;
        }
        for entry in self.outbox.iter_mut().filter(|e| !e.sent) {
            if entry.hold_until_ms > now_ms || self.credit == Some(0) {
                break;
            }
            entry.sent = true;
            entry.hold_until_ms = 0;
            self.credit = self.credit.map(|c| c - 1);
            self.actions.push(Action::Send(ClientFrame::Send(entry.outgoing.body.clone())));
            if entry.cancelled {
                self.actions.push(Action::Send(ClientFrame::Cancel { id: entry.outgoing.id }));
            }
        }
    }

    fn accepted(&mut self, id: MessageId, conversation: ConversationId, sequence: u64, status: Status) {
        self.leave_outbox(id);
        let known = self.kept.positions.iter().any(|p| p.conversation == conversation);
        if sequence == 1 && !known {
            // If the link breaks before the first event of it, the next one asks for all.
            self.moved(Position { conversation, epoch: String::new(), offset: 0 });
        }
        let run = self.runs.entry(id).or_default();
        run.conversation = Some(conversation);
        self.stands(id, status, None);
    }

    fn leave_outbox(&mut self, id: MessageId) {
        let before = self.outbox.len();
        self.outbox.retain(|e| e.outgoing.id != id);
        if self.outbox.len() != before {
            self.actions.push(Action::Forget(id));
        }
    }

    fn stands(&mut self, id: MessageId, status: Status, problem: Option<ProblemDetails>) {
        let run = self.runs.entry(id).or_default();
        if !(run.status == Some(status) && status.is_terminal()) {
            run.stands(status, problem);
        }
        self.actions.push(Action::Changed(id));
    }

    fn refused(&mut self, id: MessageId, problem: Problem, retryable: bool, now_ms: u64) {
        let Some(entry) = self.outbox.iter_mut().find(|e| e.outgoing.id == id) else { return };
        let run = self.runs.entry(id).or_default();
        if retryable || problem.code.retryable() || problem.code == Code::RateLimited {
            entry.sent = false;
            entry.hold_until_ms = now_ms + problem.retry_after_ms.unwrap_or(AGAIN_MS).max(1);
            run.waiting_for = Some(problem.detail);
        } else {
            run.problem = Some(ProblemDetails::new(problem, ""));
            run.status = Some(Status::Failed);
            self.leave_outbox(id);
        }
        self.actions.push(Action::Changed(id));
    }

    fn event(&mut self, event: Event, now_ms: u64) {
        let Event { conversation, epoch, offset, id, kind, data } = event;
        let known = self.kept.positions.iter().find(|p| p.conversation == conversation);
        if let Some(position) = known {
            let same_log = position.epoch.is_empty() || position.epoch == epoch;
            if same_log && offset <= position.offset {
                return; // seen before
            }
            if !same_log || offset != position.offset + 1 {
                // A hole: a new `hello` from our position makes the server fill it.
                self.actions.push(Action::Disconnect);
                self.socket = Socket::None;
                self.unanswered();
                return self.connect(now_ms, false);
            }
        }
        self.moved(Position { conversation, epoch, offset });
        self.actions.push(Action::Send(ClientFrame::Ack { conversation, offset }));
        self.runs.entry(id).or_default().conversation = Some(conversation);
        let status = match kind {
            EventKind::Accepted => Some(Status::Queued),
            EventKind::Completed => Some(Status::Completed),
            EventKind::Failed => Some(Status::Failed),
            EventKind::Cancelled => Some(Status::Cancelled),
            EventKind::Note => None,
        };
        if let Some(status) = status {
            self.leave_outbox(id);
            let problem = (status == Status::Failed).then(|| serde_json::from_str(&data.to_string()).ok()).flatten();
            self.stands(id, status, problem);
        }
        if self.behind.get(&conversation).is_some_and(|head| offset >= *head) {
            self.behind.remove(&conversation);
            self.caught_up();
        }
    }

    fn snapshot(&mut self, position: Position, messages: &[Json]) {
        self.behind.remove(&position.conversation);
        let (conversation, offset) = (position.conversation, position.offset);
        self.moved(position);
        self.actions.push(Action::Send(ClientFrame::Ack { conversation, offset }));
        for message in messages {
            let text = |name: &str| message.get(name).and_then(Json::as_str);
            let (Some(id), Some(status)) =
                (text("id").and_then(|t| t.parse().ok()), text("status").and_then(|t| t.parse::<Status>().ok()))
            else {
                continue;
            };
            self.leave_outbox(id);
            self.stands(id, status, None);
        }
        self.caught_up();
    }

    /// Notes a position, the latest conversation last, the oldest ones forgotten.
    fn moved(&mut self, position: Position) {
        self.kept.positions.retain(|p| p.conversation != position.conversation);
        self.kept.positions.push(position);
        let extra = self.kept.positions.len().saturating_sub(POSITIONS_MAX);
        self.kept.positions.drain(..extra);
        self.actions.push(Action::StoreKept);
    }
}
