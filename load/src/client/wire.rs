//! Frames to text and back.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shared::message::{ConversationId, MessageId, Priority, Status};
use shared::protocol::{Event, EventKind, ServerFrame};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Outgoing;
use crate::history::{AcceptedSeen, ErrorSeen, EventSeen, ProgressSeen, SnapshotSeen, WelcomeSeen, What};
use crate::quick::{Fingerprint, hash_of};

/// Bytes of a `send` around its content.
const SEND_ENVELOPE_BYTES: usize = 192;

/// `send`, borrowed: it is the frame that is written most.
#[derive(Serialize)]
struct SendFrame<'a> {
    r#type: &'static str,
    id: MessageId,
    conversation_id: ConversationId,
    content: &'a str,
    priority: Priority,
}

/// The text of a `send`.
pub(super) fn send_frame(message: &Outgoing) -> String {
    let frame = SendFrame {
        r#type: "send",
        id: message.id,
        conversation_id: message.conversation,
        content: &message.content,
        priority: message.priority,
    };
    let mut text = Vec::with_capacity(message.content.len() + SEND_ENVELOPE_BYTES);
    // Ids and text always become JSON.
    let _ = serde_json::to_writer(&mut text, &frame);
    String::from_utf8(text).unwrap_or_default()
}

/// A fingerprint of a message's body without its id.
pub(super) fn body_fingerprint(message: &Outgoing) -> u64 {
    hash_of((&message.content, message.conversation, message.priority))
}

/// A frame as the client uses it and as the history keeps it.
pub(super) enum Incoming {
    Seen(What),
    Ping,
    Pong,
}

/// Reads a frame. `epoch` shares the text of epochs.
pub(super) fn read(text: &str, keep: bool, mut epoch: impl FnMut(&str) -> Arc<str>) -> Result<Incoming, String> {
    let bytes = text.len();
    if let Some(what) = read_plain(text, keep, &mut epoch) {
        return what.map(Incoming::Seen).map_err(|error| format!("not a frame of the channel: {error}"));
    }
    let frame = serde_json::from_str(text).map_err(|error| format!("not a frame of the channel: {error}"))?;
    let what = match frame {
        ServerFrame::Ping {} => return Ok(Incoming::Ping),
        ServerFrame::Pong {} => return Ok(Incoming::Pong),
        ServerFrame::Event(event) => {
            let epoch = epoch(&event.epoch);
            What::Event(EventSeen::of(event, epoch, bytes, keep))
        }
        ServerFrame::Progress(progress) => What::Progress(ProgressSeen::of(&progress, bytes)),
        ServerFrame::Accepted { id, conversation, sequence, status, duplicate } => {
            What::Accepted(AcceptedSeen { id, conversation, sequence, status, duplicate })
        }
        ServerFrame::Welcome { user, expires_at, now, heartbeat_ms, limits, resumed, .. } => {
            What::Welcome(Box::new(WelcomeSeen {
                user: user.into(),
                expires_ms: unix_ms(&expires_at),
                now_ms: now,
                heartbeat_ms,
                in_flight: limits.in_flight,
                rate_per_min: limits.rate_per_min,
                resumed,
            }))
        }
        ServerFrame::Snapshot { conversation, epoch: of, offset, messages } => {
            let messages = messages.iter().map(standing).collect::<Option<Vec<_>>>();
            let messages = messages.ok_or("a snapshot whose messages lack id or status")?;
            What::Snapshot(Box::new(SnapshotSeen { conversation, epoch: epoch(&of), offset, messages }))
        }
        ServerFrame::Flow { credit, .. } => What::Flow(credit),
        ServerFrame::Renewed { expires_at } => What::Renewed(unix_ms(&expires_at).ok_or("renewed without a time")?),
        ServerFrame::Error { code, retryable, retry_after_ms, id, detail } => {
            What::Error(Box::new(ErrorSeen { code, retryable, retry_after_ms, id, detail: detail.into() }))
        }
        ServerFrame::Bye { retry_after_ms, .. } => What::Bye(retry_after_ms),
    };
    Ok(Incoming::Seen(what))
}

/// `event` without its data.
#[derive(Deserialize)]
struct PlainEvent<'a> {
    conversation: ConversationId,
    #[serde(borrow)]
    epoch: Cow<'a, str>,
    offset: u64,
    id: MessageId,
    kind: EventKind,
    data: Fingerprint,
}

/// `progress` without its words, which must be words nevertheless.
#[derive(Deserialize)]
#[expect(dead_code, reason = "fields that are read only to see that they are right")]
struct PlainProgress<'a> {
    id: MessageId,
    attempt: u32,
    step: u32,
    #[serde(borrow)]
    stage: Cow<'a, str>,
    percent: u8,
    #[serde(default)]
    at_ms: f64,
    #[serde(default)]
    skipped: Option<u32>,
    #[serde(borrow, default)]
    agent: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct PlainAccepted {
    id: MessageId,
    conversation: ConversationId,
    sequence: u64,
    status: Status,
    duplicate: bool,
}

/// Almost all frames are these three, and servers write `type` first: reading their fields directly saves the
/// buffering that a tagged enum needs, and the trees. `None` if it is another frame.
fn read_plain(
    text: &str,
    keep: bool,
    epoch: &mut impl FnMut(&str) -> Arc<str>,
) -> Option<Result<What, serde_json::Error>> {
    let bytes = text.len();
    let rest = text.strip_prefix(r#"{"type":""#)?;
    let event = |e: PlainEvent<'_>, epoch: Arc<str>| EventSeen {
        conversation: e.conversation,
        epoch,
        offset: e.offset,
        id: e.id,
        kind: e.kind,
        hash: e.data.0,
        bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        data: None,
    };
    Some(if rest.starts_with("event\"") && keep {
        serde_json::from_str::<Event>(text).map(|e| {
            let epoch = epoch(&e.epoch);
            What::Event(EventSeen::of(e, epoch, bytes, keep))
        })
    } else if rest.starts_with("event\"") {
        serde_json::from_str::<PlainEvent<'_>>(text).map(|e| {
            let epoch = epoch(&e.epoch);
            What::Event(event(e, epoch))
        })
    } else if rest.starts_with("progress\"") {
        serde_json::from_str(text).map(|p: PlainProgress<'_>| {
            let (id, attempt, step, skipped, percent) = (p.id, p.attempt, p.step, p.skipped.unwrap_or(0), p.percent);
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            What::Progress(ProgressSeen { id, attempt, step, skipped, percent, bytes })
        })
    } else if rest.starts_with("accepted\"") {
        serde_json::from_str(text).map(|a: PlainAccepted| {
            let PlainAccepted { id, conversation, sequence, status, duplicate } = a;
            What::Accepted(AcceptedSeen { id, conversation, sequence, status, duplicate })
        })
    } else {
        return None;
    })
}

fn standing(message: &serde_json::Value) -> Option<(MessageId, shared::message::Status)> {
    Some((message.get("id")?.as_str()?.parse().ok()?, message.get("status")?.as_str()?.parse().ok()?))
}

fn unix_ms(text: &str) -> Option<u64> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn read_json(json: &serde_json::Value) -> Result<Incoming, String> {
        read(&json.to_string(), true, |epoch| epoch.into())
    }

    #[test]
    fn frames_are_read_whatever_the_order_of_their_fields() {
        let id = Uuid::from_u128(5);
        let plain = format!(
            r#"{{"type":"event","conversation":"{id}","epoch":"e","offset":3,"id":"{id}","kind":"completed","data":{{}},"new":1}}"#
        );
        let turned = format!(
            r#"{{"data":{{}},"offset":3,"id":"{id}","kind":"completed","conversation":"{id}","epoch":"e","type":"event","new":1}}"#
        );
        for text in [plain, turned] {
            let Ok(Incoming::Seen(What::Event(event))) = read(&text, false, |epoch| epoch.into()) else {
                panic!("{text}")
            };
            assert_eq!((event.offset, event.data), (3, None));
        }
    }

    #[test]
    fn a_send_is_what_the_server_reads() {
        let message = Outgoing {
            at: 0,
            id: shared::message::id_at(1_795_305_600_000, [1; 10]),
            conversation: Uuid::from_u128(2),
            content: "We spend \"much\" money".into(),
            priority: Priority::High,
            copies: 1,
        };
        let frame: shared::protocol::ClientFrame = serde_json::from_str(&send_frame(&message)).unwrap();
        let shared::protocol::ClientFrame::Send(body) = frame else { panic!("a send") };
        let draft = shared::draft::Draft::from_json(&body, shared::draft::Unknown::Refuse);
        // `type` is the channel's and not part of the body.
        let draft = draft.or_else(|_| shared::draft::Draft::from_json(&body, shared::draft::Unknown::Ignore)).unwrap();
        assert_eq!((draft.id, &*draft.content, draft.priority), (Some(message.id), &*message.content, Priority::High));
    }

    #[test]
    fn what_is_not_a_frame_is_said_to_be_none() {
        for json in [json!({"type": "nonsense"}), json!([]), json!({"type": "event", "offset": -1})] {
            assert!(read_json(&json).is_err(), "{json}");
        }
        assert!(read("{\"type\":", true, |epoch| epoch.into()).is_err());
    }

    #[test]
    fn times_are_read() {
        assert_eq!(unix_ms("2026-11-22T00:00:00Z"), Some(1_795_305_600_000));
        assert_eq!(unix_ms("tomorrow"), None);
    }
}
