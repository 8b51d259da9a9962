//! What the mock keeps and tells: its logs, snapshots, and what is left after a kill.

use serde::Serialize;
use serde::ser::SerializeStruct;
use serde_json::{Value as Json, json};
use shared::limits;
use shared::message::{ConversationId, MessageId, Status};
use shared::protocol::{EventKind, ServerFrame};

use super::core::{Core, UserId};
use super::links::{Text, frame_text};
use super::misbehaviour::Misbehaviour as M;

/// What an event says.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Data {
    /// The number of an acceptance.
    Number { sequence: u64 },
    /// An answer.
    Answer(Answer),
    /// Anything else.
    Json(Json),
}

/// An answer, which becomes text only where it is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) id: MessageId,
    /// Messages that the conversation was told, this one included.
    pub(super) count: u64,
    /// A fold of all of them.
    pub(super) known: u64,
    /// Bytes added to it.
    pub(super) padding: usize,
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Metric {
            id: &'static str,
            value: u64,
            unit: &'static str,
        }
        let metrics = [
            Metric { id: "messages_known", value: self.count, unit: "messages" },
            Metric { id: "context", value: self.known % 1_000_000_007, unit: "" },
        ];
        let mut answer = serializer.serialize_struct("Answer", 5)?;
        answer.serialize_field("headline", &format_args!("Message {} of what was said", self.count))?;
        answer.serialize_field("metrics", &metrics)?;
        answer.serialize_field("degraded", &false)?;
        answer.serialize_field("result_url", &format_args!("/api/v1/messages/{}", self.id))?;
        answer.serialize_field("padding", &"p".repeat(self.padding))?;
        answer.end()
    }
}

/// An event, borrowed.
#[derive(Serialize)]
struct EventFrame<'a> {
    r#type: &'static str,
    conversation: ConversationId,
    epoch: &'a str,
    offset: u64,
    id: MessageId,
    kind: EventKind,
    data: &'a Data,
}

/// A durable event as it was told.
pub(super) struct Logged {
    pub(super) offset: u64,
    pub(super) text: Text,
}

impl Core {
    /// Makes a fact durable and tells it.
    pub(super) fn log(&mut self, conversation: ConversationId, id: MessageId, kind: EventKind, data: &Data) {
        let hole = u64::from(self.errs(M::OffsetHole));
        let Some(place) = self.conversations.get_mut(&conversation) else { return };
        place.head += 1 + hole;
        let (offset, user) = (place.head, place.user);
        let event = EventFrame { r#type: "event", conversation, epoch: &self.epoch, offset, id, kind, data };
        let text = frame_text(&event);
        let ends = !matches!(kind, EventKind::Accepted | EventKind::Note);
        if !(ends && self.errs(M::UncommittedEvent))
            && let Some(place) = self.conversations.get_mut(&conversation)
        {
            place.log.push(Logged { offset, text: text.clone() });
        }
        // An event as it is told live; wrong on purpose, it is not what was kept.
        let (alter, silent) = (self.errs(M::AlterEvent), self.errs(M::SilentEpoch));
        let event = EventFrame { r#type: "event", conversation, epoch: &self.epoch, offset, id, kind, data };
        let told = if alter {
            frame_text(&EventFrame { data: &Data::Json(json!({"headline": "something else"})), ..event })
        } else if silent {
            frame_text(&EventFrame { epoch: "another", ..event })
        } else {
            text
        };
        self.tell(user, conversation, offset, &told);
    }

    fn tell(&mut self, user: UserId, conversation: ConversationId, offset: u64, text: &Text) {
        let drop = self.errs(M::DropEvent);
        let twice = self.errs(M::DuplicateEvent);
        let hold = self.errs(M::ReorderEvents);
        if !drop {
            self.links.event(user, conversation, offset, text, hold);
        }
        if twice {
            self.links.event(user, conversation, offset, text, false);
        }
        if self.errs(M::LeakEvent) {
            self.links.leak(user, conversation, offset, text);
        }
        if self.errs(M::Malformed) {
            self.links.raw(user, &Text::from_static("{\"type\":\"event\",\"offset\":"));
        }
    }

    /// Messages as a snapshot shows them, the newest if there are many.
    pub(super) fn snapshot(&mut self, user: UserId, conversation: ConversationId) -> ServerFrame {
        let lie = self.errs(M::FalseSnapshot);
        let (offset, ids) =
            self.conversations.get(&conversation).map_or((0, &[][..]), |place| (place.head, &place.messages));
        let from = ids.len().saturating_sub(limits::SNAPSHOT_MAX_MESSAGES as usize);
        let messages = ids[from..].iter().filter_map(|id| {
            let stored = self.messages.get(&(user, *id))?;
            let status = if lie && stored.status == Status::Completed { Status::Queued } else { stored.status };
            Some(json!({"id": id, "sequence": stored.sequence, "status": status}))
        });
        let messages = messages.collect();
        ServerFrame::Snapshot { conversation, epoch: self.epoch.clone(), offset, messages }
    }

    /// What a kill leaves: everything durable, no attempt, no connection.
    pub(super) fn die(&mut self) {
        self.links.abandon();
        for (user, id) in std::mem::take(&mut self.fresh).into_iter().rev() {
            self.forget_unfinished(user, id);
        }
        self.ready.clear();
        self.ready_as.clear();
        let mut conversations: Vec<_> = self.conversations.keys().copied().collect();
        // The same seed gives the same run.
        conversations.sort_unstable();
        for conversation in conversations {
            if let Some(place) = self.conversations.get_mut(&conversation)
                && let Some(id) = place.running.take()
            {
                let stored = self.messages.get_mut(&(place.user, id));
                if let Some(stored) = stored.filter(|stored| stored.status == Status::Processing) {
                    stored.status = Status::Queued;
                    place.waiting.push_front(id);
                }
            }
            self.wake(conversation);
        }
    }

    /// Wrong on purpose: what was accepted last was never on the disk.
    fn forget_unfinished(&mut self, user: UserId, id: MessageId) {
        let Some(stored) = self.messages.get(&(user, id)).filter(|m| !m.status.is_terminal()) else { return };
        let Some(place) = self.conversations.get_mut(&stored.conversation) else { return };
        // Only from the end, as a lost tail of a log.
        if place.messages.last() == Some(&id)
            && place.log.last().is_some_and(|last| last.text.contains(&id.to_string()))
        {
            place.messages.pop();
            place.log.pop();
            place.head = place.log.last().map_or(0, |last| last.offset);
            place.waiting.retain(|waiting| *waiting != id);
            if place.running == Some(id) {
                place.running = None;
            }
            self.messages.remove(&(user, id));
            self.unfinished = self.unfinished.saturating_sub(1);
        }
    }

    /// The result of a message, for the call that asks for it.
    pub(super) fn view(&self, user: UserId, id: MessageId) -> Option<Json> {
        let stored = self.messages.get(&(user, id))?;
        Some(json!({
            "id": id, "conversation_id": stored.conversation, "sequence": stored.sequence, "status": stored.status,
            "content": stored.content, "priority": stored.priority, "attempt": stored.attempt,
            "result": stored.result, "timings": [],
        }))
    }
}
