//! What every client did and saw, with times: the raw material of every judgement.
//!
//! A [`History`] is plain data. Clients write it while they run, [`crate::checker`] reads it afterwards, and a test
//! can make or damage one by hand. Frames are kept in a compact form (about a hundred bytes each), so a run of a
//! million messages fits into memory; `data` of events is kept as a hash, and in full where a scenario asks for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use shared::message::{ConversationId, MessageId, Priority, Status};
use shared::problem::Code;
use shared::protocol::{Event, EventKind, Position, Progress, Resumed};
use uuid::Uuid;

use crate::quick::Fingerprint;

/// Microseconds since the run began, from one monotonic clock for all clients.
pub type Micros = u64;

/// Everything that is known about a run.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Milliseconds since 1970 at time 0, on the runner's wall clock.
    pub unix_ms_at_zero: u64,
    /// What each client did and saw.
    pub clients: Vec<ClientHistory>,
    /// What was done to the server, in order.
    pub acts: Vec<Act>,
    /// When the runner stopped waiting for what was still due. What is missing then is missing. `None`: the run was
    /// broken off, so nothing can be said about what had not come yet.
    pub quiet_at: Option<Micros>,
    /// Clients were still waiting then, so an answer to what they had just sent may have been on its way.
    pub restless: bool,
    /// The durable logs as they were read at the very end, independent of what clients had seen.
    pub logs: Option<BTreeMap<ConversationId, Vec<Event>>>,
    /// What was measured outside the frames.
    pub evidence: Evidence,
}

/// One client instance: one `client` id, across all its connections.
#[derive(Clone, Debug, Default)]
pub struct ClientHistory {
    /// The `client` of its `hello`.
    pub client: Uuid,
    /// Its user.
    pub user: Arc<str>,
    /// Its line goes through faults, so what the server said last may never have arrived.
    pub faulty_line: bool,
    /// Messages that were to be sent and never were.
    pub unsent: u64,
    /// What happened, in order.
    pub records: Vec<Record>,
}

/// One thing that happened at a client.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When.
    pub at: Micros,
    /// On which of the client's connections, from 0.
    pub connection: u32,
    /// What.
    pub what: What,
}

/// What happened at a client.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The client opened a connection and said `hello` with these positions.
    Hello(Box<[Position]>),
    /// The client sent a message.
    Send(Sent),
    /// The client acknowledged events.
    Ack(ConversationId, u64),
    /// The client asked to end a message.
    Cancel(MessageId),
    /// The client renewed its session.
    Renew,
    /// The client's session was ended on its wish, and the server has said so.
    LoggedOut,
    /// The client stopped reading (`true`) or went on (`false`).
    Pause(bool),
    /// `welcome`.
    Welcome(Box<WelcomeSeen>),
    /// `accepted`.
    Accepted(AcceptedSeen),
    /// `event`.
    Event(EventSeen),
    /// `progress`.
    Progress(ProgressSeen),
    /// `snapshot`.
    Snapshot(Box<SnapshotSeen>),
    /// `flow`.
    Flow(u32),
    /// `renewed`, with the new end in milliseconds since 1970.
    Renewed(u64),
    /// `error`.
    Error(Box<ErrorSeen>),
    /// `bye`, with the milliseconds over which to spread the return.
    Bye(u64),
    /// A frame that is not of this protocol, and why.
    Malformed(Box<(String, String)>),
    /// The connection ended.
    Closed(Closed),
}

/// A message as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was meant to be sent: latency counts from here, so a stalled sender hides nothing.
    pub intended: Micros,
    /// Its id.
    pub id: MessageId,
    /// The conversation that the frame named.
    pub conversation: Option<ConversationId>,
    /// A fingerprint of the body without the id.
    pub body: u64,
    /// Its priority.
    pub priority: Priority,
}

/// `welcome` as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WelcomeSeen {
    /// The user it greets.
    pub user: Arc<str>,
    /// When the session ends, in milliseconds since 1970; `None` if it could not be read.
    pub expires_ms: Option<u64>,
    /// The server's clock in milliseconds since 1970.
    pub now_ms: u64,
    /// Milliseconds between its pings.
    pub heartbeat_ms: u64,
    /// How many unfinished messages it allows a connection.
    pub in_flight: u32,
    /// How many messages a minute it allows a user; 0 for no limit.
    pub rate_per_min: u32,
    /// How conversations resume.
    pub resumed: Vec<Resumed>,
}

/// `accepted` as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedSeen {
    /// The message.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its number.
    pub sequence: u64,
    /// Where it stood.
    pub status: Status,
    /// Whether it was known already.
    pub duplicate: bool,
}

/// `event` as it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSeen {
    /// Its conversation.
    pub conversation: ConversationId,
    /// The epoch.
    pub epoch: Arc<str>,
    /// The offset.
    pub offset: u64,
    /// The message it is about.
    pub id: MessageId,
    /// What kind of fact.
    pub kind: EventKind,
    /// A fingerprint of `data`, independent of the order of its keys.
    pub hash: u64,
    /// The size of the frame in bytes.
    pub bytes: u32,
    /// The data, where the client keeps it.
    pub data: Option<Box<Json>>,
}

/// `progress` as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressSeen {
    /// The message.
    pub id: MessageId,
    /// The attempt.
    pub attempt: u32,
    /// The step.
    pub step: u32,
    /// Steps left out before it.
    pub skipped: u32,
    /// How far, 0 to 100.
    pub percent: u8,
    /// The size of the frame in bytes.
    pub bytes: u32,
}

/// `snapshot` as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotSeen {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its epoch.
    pub epoch: Arc<str>,
    /// The offset it includes.
    pub offset: u64,
    /// The messages with where they stood.
    pub messages: Vec<(MessageId, Status)>,
}

/// `error` as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorSeen {
    /// What.
    pub code: Code,
    /// Whether the same may succeed later.
    pub retryable: bool,
    /// When.
    pub retry_after_ms: Option<u64>,
    /// The message it is about.
    pub id: Option<MessageId>,
    /// For a person.
    pub detail: Box<str>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The server sent a close frame.
    ByServer {
        /// Its close code; `None` without one.
        code: Option<u16>,
    },
    /// The client closed or cut it.
    ByClient,
    /// It broke, or nothing was heard for too long.
    Lost,
}

/// What was done to the server or to the way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Micros,
    /// What.
    pub kind: ActKind,
}

/// The kinds of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActKind {
    /// The process was killed without warning.
    Kill,
    /// The process was asked to drain and end.
    Terminate,
    /// The process answers again.
    Ready,
    /// Faults on the connections begin.
    FaultsBegin,
    /// Faults on the connections end.
    FaultsEnd,
}

/// What was measured outside the frames. What was not measured stays `None` and is not judged.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Counters of the server over the run, if nobody else used it meanwhile.
    pub counters: Option<Counters>,
    /// What a stopped reader cost.
    pub stopped_reader: Option<StoppedReader>,
    /// After faults end, everything must be terminal within this many microseconds.
    pub settle_within: Option<Micros>,
    /// How often a ready message may be overtaken by the start of less urgent ones.
    pub overtakes_max: Option<usize>,
}

/// How much the server's own counters grew over the run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// `exemplar_messages_total{status="completed"}`.
    pub completed: f64,
    /// `exemplar_messages_total{status="failed"}`.
    pub failed: f64,
    /// `exemplar_messages_total{status="cancelled"}`.
    pub cancelled: f64,
    /// `exemplar_duplicates_total`.
    pub duplicates: f64,
}

/// What a reader that stopped cost the server and the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoppedReader {
    /// Bytes that the server had for the reader while it had stopped.
    pub offered_bytes: u64,
    /// Bytes that had been kept for it.
    pub kept_bytes: u64,
    /// The most that may be kept: the connection's cap and the kernel's buffers.
    pub cap_bytes: u64,
}

impl EventSeen {
    /// A compact record of `event`, whose frame had `bytes` bytes.
    pub fn of(event: Event, epoch: Arc<str>, bytes: usize, keep: bool) -> Self {
        Self {
            conversation: event.conversation,
            epoch,
            offset: event.offset,
            id: event.id,
            kind: event.kind,
            hash: fingerprint(&event.data),
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
            data: keep.then(|| Box::new(event.data)),
        }
    }
}

impl ProgressSeen {
    /// A compact record of `progress`, whose frame had `bytes` bytes.
    pub fn of(progress: &Progress, bytes: usize) -> Self {
        Self {
            id: progress.id,
            attempt: progress.attempt,
            step: progress.step,
            skipped: progress.skipped.unwrap_or(0),
            percent: progress.percent,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        }
    }
}

/// Whether `kind` ends a message.
pub const fn is_terminal(kind: EventKind) -> bool {
    matches!(kind, EventKind::Completed | EventKind::Failed | EventKind::Cancelled)
}

/// A fingerprint of a JSON value that does not depend on the order of its keys.
pub fn fingerprint(value: &Json) -> u64 {
    // A tree can always be read.
    Fingerprint::deserialize(value).map_or(0, |fingerprint| fingerprint.0)
}

impl What {
    /// The frame as a person reads it in a report; hashes stand for bodies that were not kept.
    pub fn frame(&self) -> Json {
        match self {
            Self::Hello(resume) => json!({"type": "hello", "resume": resume}),
            Self::Send(s) => json!({"type": "send", "id": s.id, "conversation_id": s.conversation,
                "priority": s.priority, "body#": hex(s.body), "intended_us": s.intended}),
            Self::Ack(conversation, offset) => json!({"type": "ack", "conversation": conversation, "offset": offset}),
            Self::Cancel(id) => json!({"type": "cancel", "id": id}),
            Self::LoggedOut => json!({"session": "ended on the client's wish"}),
            Self::Renew => json!({"type": "renew"}),
            Self::Pause(stopped) => json!({"reader": if *stopped { "stopped" } else { "reads again" }}),
            Self::Welcome(w) => json!({"type": "welcome", "user": &*w.user, "expires_ms": w.expires_ms,
                "now": w.now_ms, "heartbeat_ms": w.heartbeat_ms, "resumed": w.resumed}),
            Self::Accepted(a) => json!({"type": "accepted", "id": a.id, "conversation": a.conversation,
                "sequence": a.sequence, "status": a.status, "duplicate": a.duplicate}),
            Self::Event(e) => {
                let mut frame = json!({"type": "event", "conversation": e.conversation, "epoch": &*e.epoch,
                    "offset": e.offset, "id": e.id, "kind": e.kind, "data#": hex(e.hash)});
                if let Some(data) = &e.data {
                    frame["data"] = (**data).clone();
                }
                frame
            }
            Self::Progress(p) => json!({"type": "progress", "id": p.id, "attempt": p.attempt, "step": p.step,
                "skipped": p.skipped, "percent": p.percent, "bytes": p.bytes}),
            Self::Snapshot(s) => json!({"type": "snapshot", "conversation": s.conversation, "epoch": &*s.epoch,
                "offset": s.offset, "messages": s.messages}),
            Self::Flow(credit) => json!({"type": "flow", "credit": credit}),
            Self::Renewed(ms) => json!({"type": "renewed", "expires_ms": ms}),
            Self::Error(e) => json!({"type": "error", "code": e.code, "retryable": e.retryable,
                "retry_after_ms": e.retry_after_ms, "id": e.id, "detail": e.detail}),
            Self::Bye(ms) => json!({"type": "bye", "retry_after_ms": ms}),
            Self::Malformed(m) => json!({"malformed": m.0, "why": m.1}),
            Self::Closed(how) => match how {
                Closed::ByServer { code } => json!({"closed": "by the server", "code": code}),
                Closed::ByClient => json!({"closed": "by the client"}),
                Closed::Lost => json!({"closed": "lost"}),
            },
        }
    }
}

fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}

impl History {
    /// All records with the index of their client, in no particular order across clients.
    pub fn records(&self) -> impl Iterator<Item = (usize, usize, &Record)> {
        self.clients
            .iter()
            .enumerate()
            .flat_map(|(c, client)| client.records.iter().enumerate().map(move |(r, record)| (c, r, record)))
    }

    /// Whether the server was killed between `from` and `to`.
    pub fn killed_between(&self, from: Micros, to: Micros) -> bool {
        self.acts.iter().any(|act| act.kind == ActKind::Kill && (from..=to).contains(&act.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_ignores_the_order_of_keys_and_nothing_else() {
        let a: Json = serde_json::from_str(r#"{"a": 1, "b": [true, null, "x"]}"#).unwrap();
        let b: Json = serde_json::from_str(r#"{"b": [true, null, "x"], "a": 1.0}"#).unwrap();
        assert_eq!(fingerprint(&a), fingerprint(&b));
        for other in [r#"{"a": 1, "b": [null, true, "x"]}"#, r#"{"a": 2, "b": [true, null, "x"]}"#, r#"{"a": 1}"#] {
            assert_ne!(fingerprint(&a), fingerprint(&serde_json::from_str(other).unwrap()), "{other}");
        }
    }

    #[test]
    fn records_stay_small_enough_for_a_million_messages() {
        assert!(size_of::<Record>() <= 128, "{}", size_of::<Record>());
    }
}
