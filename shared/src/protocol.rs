//! The frames of the progress channel. One frame is one JSON object whose `type` names it.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::message::{ConversationId, MessageId, Status, words};
use crate::problem::Code;

/// The WebSocket sub-protocol: one JSON object per text frame.
pub const SUBPROTOCOL_JSON: &str = "exemplar.v1.json";
/// The same frames with the same fields, as one CBOR map per binary frame; ids and instants are text there too.
pub const SUBPROTOCOL_CBOR: &str = "exemplar.v1.cbor";

/// Why the server closes a socket. Below 4400: reconnect with back-off; from 4400: do not.
pub mod close {
    /// The server drains; reconnect.
    pub const DRAIN: u16 = 4000;
    /// The reader is too slow.
    pub const TOO_SLOW: u16 = 4008;
    /// No sign of life.
    pub const NO_LIFE: u16 = 4012;
    /// Too many frames.
    pub const RATE: u16 = 4013;
    /// A frame that cannot be read.
    pub const BAD_FRAME: u16 = 4400;
    /// Not authenticated.
    pub const UNAUTHENTICATED: u16 = 4401;
    /// Not allowed.
    pub const FORBIDDEN: u16 = 4403;
    /// Too many connections.
    pub const TOO_MANY: u16 = 4429;
}

/// Reads `null` as if the field were not there.
fn or_default<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Opens or resumes.
    Hello {
        /// The session's token, where no cookie or header carries it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// The same across reconnects.
        client: uuid::Uuid,
        /// The last position processed in each conversation.
        #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
        resume: Vec<Position>,
    },
    /// A message; the body of `POST /api/v1/messages`, checked by [`crate::draft::Draft::from_json`].
    Send(serde_json::Map<String, Json>),
    /// Everything up to `offset` was processed.
    Ack {
        /// The conversation.
        conversation: ConversationId,
        /// The offset.
        offset: u64,
    },
    /// Ends a message.
    Cancel {
        /// The message.
        id: MessageId,
    },
    /// Extends the session.
    Renew {
        /// The new token.
        token: String,
    },
    /// A sign of life, answered with `pong`.
    Ping {},
    /// The answer to a `ping`.
    Pong {},
}

/// A place in a conversation's durable events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The conversation.
    pub conversation: ConversationId,
    /// The log's epoch; a new one means that a log was lost or restored. Empty if not known.
    #[serde(default, deserialize_with = "or_default")]
    pub epoch: String,
    /// The last offset processed; 0 for none.
    pub offset: u64,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome {
        /// The session.
        session: String,
        /// The user.
        user: String,
        /// When the session ends, RFC 3339.
        expires_at: String,
        /// The server's clock in milliseconds since 1970, so that a client can correct its ids.
        now: u64,
        /// Milliseconds between pings.
        heartbeat_ms: u64,
        /// What a client must keep to.
        limits: Limits,
        /// How each conversation resumes.
        resumed: Vec<Resumed>,
    },
    /// The message is durable.
    Accepted {
        /// The message.
        id: MessageId,
        /// Its conversation.
        conversation: ConversationId,
        /// Its number in the conversation, from 1.
        sequence: u64,
        /// Where it stands.
        status: Status,
        /// Whether it was known already.
        duplicate: bool,
    },
    /// A durable fact.
    Event(Event),
    /// Live and lossy.
    Progress(Progress),
    /// The state of a conversation as of an offset, where events cannot be replayed.
    Snapshot {
        /// The conversation.
        conversation: ConversationId,
        /// The log's epoch.
        epoch: String,
        /// The offset it includes.
        offset: u64,
        /// The messages, as `GET /api/v1/messages/{id}` gives them, without their results.
        messages: Vec<Json>,
    },
    /// How many more sends are welcome.
    Flow {
        /// The number.
        credit: u32,
        /// Why it changed.
        reason: String,
    },
    /// The session was extended.
    Renewed {
        /// When it ends now, RFC 3339.
        expires_at: String,
    },
    /// A sign of life.
    Ping {},
    /// The answer to a `ping`.
    Pong {},
    /// Something about one frame went wrong.
    Error {
        /// What.
        code: Code,
        /// Whether the same may succeed later.
        retryable: bool,
        /// When.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        /// The message it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
        /// For a person.
        detail: String,
    },
    /// The server closes soon.
    Bye {
        /// Why.
        reason: String,
        /// When to come back: a random moment up to this many milliseconds.
        retry_after_ms: u64,
    },
}

/// What a client must keep to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest frame.
    pub frame_bytes: usize,
    /// Longest message.
    pub content_chars: usize,
    /// Messages a minute; 0 for no limit.
    pub rate_per_min: u32,
    /// Unfinished messages at a time.
    pub in_flight: u32,
}

/// How one conversation resumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its epoch.
    pub epoch: String,
    /// The first offset that follows.
    pub from: u64,
    /// The newest offset.
    pub head: u64,
    /// Whether all of it follows; otherwise a snapshot does.
    pub complete: bool,
}

words! {
    /// What kind of durable fact.
    EventKind {
        /// A message was accepted.
        Accepted = "accepted",
        /// It was answered.
        Completed = "completed",
        /// It ended with a problem.
        Failed = "failed",
        /// Its sender ended it.
        Cancelled = "cancelled",
        /// Anything else worth keeping.
        Note = "note",
    }
}

/// A durable fact of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The conversation.
    pub conversation: ConversationId,
    /// The log's epoch.
    pub epoch: String,
    /// From 1, growing by exactly 1.
    pub offset: u64,
    /// The message it is about.
    pub id: MessageId,
    /// What happened.
    pub kind: EventKind,
    /// The facts, at most [`crate::limits::EVENT_DATA_MAX_BYTES`].
    pub data: Json,
}

/// How far an attempt has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The message.
    pub id: MessageId,
    /// The attempt; a higher one voids the lower.
    pub attempt: u32,
    /// The previous step + 1 + `skipped`.
    pub step: u32,
    /// What is being done.
    pub stage: String,
    /// How far, 0 to 100, never falling within an attempt.
    pub percent: u8,
    /// Milliseconds since the attempt began, measured.
    #[serde(default)]
    pub at_ms: f64,
    /// Steps left out before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u32>,
    /// Who is at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The answer's words as they come: always the whole text so far, so that a frame that is lost loses nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl ServerFrame {
    /// Reads a frame from its JSON text.
    ///
    /// By hand, because the derived reading of a tagged enum builds every field's reader a second time, which is a
    /// tenth of the page's weight.
    ///
    /// # Errors
    /// What is missing or of the wrong type.
    pub fn read(text: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let f = Fields(&json);
        Ok(match f.text("type")? {
            "welcome" => {
                let limits = Fields(&json["limits"]);
                Self::Welcome {
                    session: f.owned("session")?,
                    user: f.owned("user")?,
                    expires_at: f.owned("expires_at")?,
                    now: f.number("now")?,
                    heartbeat_ms: f.number("heartbeat_ms")?,
                    limits: Limits {
                        frame_bytes: limits.number("frame_bytes")? as usize,
                        content_chars: limits.number("content_chars")? as usize,
                        rate_per_min: limits.number("rate_per_min")? as u32,
                        in_flight: limits.number("in_flight")? as u32,
                    },
                    resumed: f.list("resumed")?.iter().map(|item| Fields(item).resumed()).collect::<Result<_, _>>()?,
                }
            }
            "accepted" => Self::Accepted {
                id: f.word("id")?,
                conversation: f.word("conversation")?,
                sequence: f.number("sequence")?,
                status: f.word("status")?,
                duplicate: f.flag("duplicate")?,
            },
            "event" => Self::Event(Event {
                conversation: f.word("conversation")?,
                epoch: f.owned("epoch")?,
                offset: f.number("offset")?,
                id: f.word("id")?,
                kind: f.word("kind")?,
                data: json["data"].clone(),
            }),
            "progress" => Self::Progress(Progress {
                id: f.word("id")?,
                attempt: f.number("attempt")? as u32,
                step: f.number("step")? as u32,
                stage: f.owned("stage")?,
                percent: f.number("percent")? as u8,
                at_ms: json["at_ms"].as_f64().unwrap_or(0.0),
                skipped: f.number("skipped").ok().map(|n| n as u32),
                agent: f.owned("agent").ok(),
                text: f.owned("text").ok(),
            }),
            "snapshot" => Self::Snapshot {
                conversation: f.word("conversation")?,
                epoch: f.owned("epoch")?,
                offset: f.number("offset")?,
                messages: f.list("messages")?.to_vec(),
            },
            "flow" => Self::Flow { credit: f.number("credit")? as u32, reason: f.owned("reason")? },
            "renewed" => Self::Renewed { expires_at: f.owned("expires_at")? },
            "ping" => Self::Ping {},
            "pong" => Self::Pong {},
            "error" => Self::Error {
                code: f.word("code")?,
                retryable: f.flag("retryable")?,
                retry_after_ms: f.number("retry_after_ms").ok(),
                id: f.word("id").ok(),
                detail: f.owned("detail")?,
            },
            "bye" => Self::Bye { reason: f.owned("reason")?, retry_after_ms: f.number("retry_after_ms")? },
            other => return Err(format!("unknown frame \"{other}\"")),
        })
    }
}

/// The fields of a frame.
struct Fields<'a>(&'a Json);

impl<'a> Fields<'a> {
    fn text(&self, name: &str) -> Result<&'a str, String> {
        self.0[name].as_str().ok_or_else(|| format!("{name} must be text"))
    }

    fn owned(&self, name: &str) -> Result<String, String> {
        self.text(name).map(String::from)
    }

    fn number(&self, name: &str) -> Result<u64, String> {
        self.0[name].as_u64().ok_or_else(|| format!("{name} must be a whole number"))
    }

    fn flag(&self, name: &str) -> Result<bool, String> {
        self.0[name].as_bool().ok_or_else(|| format!("{name} must be true or false"))
    }

    fn list(&self, name: &str) -> Result<&'a [Json], String> {
        self.0[name].as_array().map(Vec::as_slice).ok_or_else(|| format!("{name} must be a list"))
    }

    fn word<T: std::str::FromStr>(&self, name: &str) -> Result<T, String> {
        self.text(name)?.parse().map_err(|_| format!("{name} cannot be read"))
    }

    fn resumed(&self) -> Result<Resumed, String> {
        Ok(Resumed {
            conversation: self.word("conversation")?,
            epoch: self.owned("epoch")?,
            from: self.number("from")?,
            head: self.number("head")?,
            complete: self.flag("complete")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// One frame of every type, with every optional field.
    fn frames() -> Vec<ServerFrame> {
        let id = uuid::Uuid::from_u128(7);
        let limits = Limits { frame_bytes: 1, content_chars: 2, rate_per_min: 3, in_flight: 4 };
        let resumed = Resumed { conversation: id, epoch: "e".into(), from: 1, head: 2, complete: false };
        vec![
            ServerFrame::Welcome {
                session: "s".into(),
                user: "u".into(),
                expires_at: "2026-11-22T00:00:00Z".into(),
                now: 1_795_305_600_000,
                heartbeat_ms: 25_000,
                limits,
                resumed: vec![resumed],
            },
            ServerFrame::Accepted { id, conversation: id, sequence: 3, status: Status::Queued, duplicate: true },
            ServerFrame::Event(Event {
                conversation: id,
                epoch: "e".into(),
                offset: 9,
                id,
                kind: EventKind::Completed,
                data: json!({"headline": "h", "metrics": [{"id": "m", "value": 1.5, "unit": "USD"}]}),
            }),
            ServerFrame::Progress(Progress {
                id,
                attempt: 1,
                step: 2,
                stage: "extract".into(),
                percent: 40,
                at_ms: 0.25,
                skipped: Some(1),
                agent: Some("cost".into()),
                text: Some("…".into()),
            }),
            ServerFrame::Snapshot {
                conversation: id,
                epoch: "e".into(),
                offset: 4,
                messages: vec![json!({"id": "x"})],
            },
            ServerFrame::Flow { credit: 5, reason: "r".into() },
            ServerFrame::Renewed { expires_at: "2026-11-22T00:00:00Z".into() },
            ServerFrame::Ping {},
            ServerFrame::Pong {},
            ServerFrame::Error {
                code: Code::Busy,
                retryable: true,
                retry_after_ms: Some(1_000),
                id: Some(id),
                detail: "d".into(),
            },
            ServerFrame::Bye { reason: "drain".into(), retry_after_ms: 5_000 },
        ]
    }

    #[test]
    fn reads_every_frame_as_the_derived_reader_does() {
        for frame in frames() {
            let text = serde_json::to_string(&frame).unwrap();
            assert_eq!(ServerFrame::read(&text).as_ref(), Ok(&frame), "{text}");
            assert_eq!(serde_json::from_str::<ServerFrame>(&text).unwrap(), frame);
        }
    }

    #[test]
    fn a_frame_of_a_newer_server_is_named_and_its_new_fields_are_ignored() {
        assert_eq!(ServerFrame::read(r#"{"type":"pong","colour":1}"#), Ok(ServerFrame::Pong {}));
        assert!(ServerFrame::read(r#"{"type":"dance"}"#).unwrap_err().contains("dance"));
        for text in ["", "[]", "5", r#"{"type":5}"#, r#"{"type":"flow","credit":-1,"reason":"r"}"#] {
            assert!(ServerFrame::read(text).is_err(), "{text}");
        }
    }
}
