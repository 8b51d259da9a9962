//! Frames as text.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::message::{ConversationId, MessageId};
use shared::problem::Problem;
use shared::protocol::{EventKind, ServerFrame};

use crate::observe::Metrics;
use crate::store::LogEvent;

/// An event as a frame; its data goes out as it was stored, byte for byte.
#[derive(Serialize)]
struct EventFrame<'a> {
    #[serde(rename = "type")]
    kind_of_frame: &'static str,
    conversation: ConversationId,
    epoch: &'a str,
    offset: u64,
    id: MessageId,
    kind: EventKind,
    data: &'a RawValue,
}

/// The frame of a durable event.
pub fn event_frame(epoch: &str, event: &LogEvent) -> Bytes {
    // The store holds only JSON that this program wrote.
    let data: &RawValue = serde_json::from_str(&event.data).unwrap_or(RawValue::NULL);
    let LogEvent { conversation, offset, id, kind, .. } = *event;
    text(&EventFrame { kind_of_frame: "event", conversation, epoch, offset, id, kind, data })
}

/// A frame as text.
pub fn frame(frame: &ServerFrame) -> Bytes {
    text(frame)
}

fn text(frame: &impl Serialize) -> Bytes {
    // Our frames have no maps with odd keys and no failing fields; an empty text would be noticed at once.
    serde_json::to_vec(frame).unwrap_or_default().into()
}

/// A problem as a frame, which is counted.
pub fn error_frame(metrics: &Metrics, problem: Problem, id: Option<MessageId>) -> Bytes {
    metrics.problem(problem.code);
    frame(&ServerFrame::Error {
        code: problem.code,
        retryable: problem.code.retryable(),
        retry_after_ms: problem.retry_after_ms,
        id,
        detail: problem.detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::protocol::Event;
    use uuid::Uuid;

    #[test]
    fn an_event_is_the_frame_that_the_vocabulary_names() {
        let event = LogEvent {
            conversation: Uuid::from_u128(1),
            offset: 3,
            id: Uuid::from_u128(2),
            kind: EventKind::Completed,
            data: r#"{"b":1.10,"a":[2]}"#.into(),
        };
        let bytes = event_frame("e1", &event);
        assert!(std::str::from_utf8(&bytes).unwrap().contains(r#"{"b":1.10,"a":[2]}"#), "the data is not rewritten");
        let ServerFrame::Event(Event { offset, epoch, .. }) = serde_json::from_slice(&bytes).unwrap() else {
            panic!("an event")
        };
        assert_eq!((offset, epoch.as_str()), (3, "e1"));
    }
}
