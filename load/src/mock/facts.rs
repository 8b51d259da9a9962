//! What the mock keeps and tells: its logs, snapshots, and what is left after a kill.

use serde_json::{Value as Json, json};
use shared::limits;
use shared::message::{ConversationId, MessageId, Status};
use shared::protocol::{Event, EventKind, ServerFrame};

use super::core::{Core, UserId};
use super::links::{Text, frame_text};
use super::misbehaviour::Misbehaviour as M;

/// A durable event as it was told.
pub(super) struct Logged {
    pub(super) offset: u64,
    pub(super) text: Text,
}

impl Core {
    /// Makes a fact durable and tells it.
    pub(super) fn log(&mut self, conversation: ConversationId, id: MessageId, kind: EventKind, data: Json) {
        let hole = u64::from(self.errs(M::OffsetHole));
        let Some(place) = self.conversations.get_mut(&conversation) else { return };
        place.head += 1 + hole;
        let (offset, user) = (place.head, place.user);
        let event = Event { conversation, epoch: self.epoch.clone(), offset, id, kind, data };
        let text = frame_text(&ServerFrame::Event(event.clone()));
        let ends = !matches!(kind, EventKind::Accepted | EventKind::Note);
        if !(ends && self.errs(M::UncommittedEvent))
            && let Some(place) = self.conversations.get_mut(&conversation)
        {
            place.log.push(Logged { offset, text: text.clone() });
        }
        let told = self.as_told(event, text);
        self.tell(user, conversation, offset, &told);
    }

    /// An event as it is told live; wrong on purpose, it is not what was kept.
    fn as_told(&mut self, mut event: Event, text: Text) -> Text {
        if self.errs(M::AlterEvent) {
            event.data = json!({"headline": "something else"});
        } else if self.errs(M::SilentEpoch) {
            event.epoch = "another".into();
        } else {
            return text;
        }
        frame_text(&ServerFrame::Event(event))
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
        let conversations: Vec<_> = self.conversations.keys().copied().collect();
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
