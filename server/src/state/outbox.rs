//! What waits to be written to one connection, in bounded memory whatever its reader does.
//!
//! Durable events that find the queue full are not kept: their conversation is marked as behind, and the writer reads
//! them from the store when it comes to it. Progress that finds the queue long replaces the older progress of the same
//! message, or is left out; the writer tells how many steps were.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use shared::limits::SEND_QUEUE_FRAMES;
use shared::message::ConversationId;
use shared::protocol::Progress;
use tokio::sync::Notify;

use crate::store::LogEvent;

/// From this length on, only the newest progress of a message is kept: a reader that keeps up sees every step.
const COALESCE_FROM: usize = SEND_QUEUE_FRAMES / 2;
/// Most conversations that may be behind; a reader further behind than that is too slow.
const BEHIND_MAX: usize = 1_024;

/// Something to be written.
#[derive(Clone, Debug)]
pub enum Item {
    /// A durable event, with its frame, made once for all its readers.
    Event(Arc<LogEvent>, Bytes),
    /// Live progress.
    Progress(Arc<Progress>),
    /// An answer to this connection.
    Frame(Bytes),
}

/// Why a connection is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The server drains; come back after so many milliseconds.
    Drain(u64),
    /// Its reader is too slow.
    TooSlow,
    /// Its session has ended.
    SessionEnded,
}

/// What the writer takes at once.
#[derive(Debug, Default)]
pub struct Batch {
    /// To be written, in order.
    pub items: VecDeque<Item>,
    /// Conversations to be read from the store after that, each from the offset after this one on.
    pub behind: Vec<(ConversationId, u64)>,
    /// To be closed after that.
    pub closing: Option<Closing>,
}

/// The queue of one connection.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Only the events of this conversation, where it is given.
    only: Option<ConversationId>,
    state: Mutex<State>,
    filled: Notify,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    behind: HashMap<ConversationId, u64>,
    closing: Option<Closing>,
}

impl Outbox {
    /// An empty queue for all of a user's conversations, or for one.
    pub fn new(only: Option<ConversationId>) -> Arc<Self> {
        Arc::new(Self { only, ..Self::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a durable event, or marks its conversation as behind.
    pub fn event(&self, event: &Arc<LogEvent>, frame: &Bytes) {
        if self.only.is_some_and(|only| only != event.conversation) {
            return;
        }
        let mut state = self.state();
        if state.behind.contains_key(&event.conversation) {
            return;
        }
        if state.items.len() < SEND_QUEUE_FRAMES {
            state.items.push_back(Item::Event(event.clone(), frame.clone()));
        } else if state.behind.len() < BEHIND_MAX {
            state.behind.insert(event.conversation, event.offset - 1);
        } else {
            state.closing.get_or_insert(Closing::TooSlow);
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Queues progress of a message of `conversation`, as far as there is room.
    pub fn progress(&self, conversation: ConversationId, progress: &Arc<Progress>) {
        if self.only.is_some_and(|only| only != conversation) {
            return;
        }
        let mut state = self.state();
        if state.items.len() < COALESCE_FROM {
            state.items.push_back(Item::Progress(progress.clone()));
        } else {
            let older = state.items.iter_mut().rev().find_map(|item| match item {
                Item::Progress(older) if older.id == progress.id => Some(older),
                _ => None,
            });
            if let Some(older) = older {
                *older = progress.clone();
            }
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Queues an answer. The caller makes room first with [`Outbox::room`] where the client could ask without end.
    pub fn frame(&self, frame: impl Into<Bytes>) {
        self.state().items.push_back(Item::Frame(frame.into()));
        self.filled.notify_one();
    }

    /// Asks the writer to close the connection; the first reason stands.
    pub fn close(&self, reason: Closing) {
        self.state().closing.get_or_insert(reason);
        self.filled.notify_one();
    }

    /// Waits until an answer finds room.
    pub async fn room(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.state().items.len() < SEND_QUEUE_FRAMES {
                return;
            }
            emptied.await;
        }
    }

    /// Waits for something to write and takes all of it. What is marked as behind is unmarked first, so that events
    /// committed after the writer reads the store queue up again: they may come twice, never not at all.
    pub async fn take(&self) -> Batch {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state();
                let batch = Batch {
                    // The whole queue, so that an idle connection holds no memory for one.
                    items: std::mem::take(&mut state.items),
                    behind: state.behind.drain().collect(),
                    closing: state.closing,
                };
                drop(state);
                if !batch.items.is_empty() || !batch.behind.is_empty() || batch.closing.is_some() {
                    self.emptied.notify_one();
                    return batch;
                }
            }
            filled.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::protocol::EventKind;
    use uuid::Uuid;

    fn event(conversation: u128, offset: u64) -> Arc<LogEvent> {
        Arc::new(LogEvent {
            conversation: Uuid::from_u128(conversation),
            offset,
            id: Uuid::from_u128(9),
            kind: EventKind::Note,
            data: "{}".into(),
        })
    }

    fn progress(id: u128, step: u32) -> Arc<Progress> {
        Arc::new(Progress {
            id: Uuid::from_u128(id),
            attempt: 1,
            step,
            stage: "extract".into(),
            percent: 10,
            at_ms: 0.1,
            skipped: None,
            agent: None,
            text: None,
        })
    }

    #[tokio::test]
    async fn events_beyond_the_bound_wait_in_the_store() {
        let outbox = Outbox::new(None);
        for offset in 1..=SEND_QUEUE_FRAMES as u64 + 50 {
            outbox.event(&event(1, offset), &Bytes::new());
        }
        let batch = outbox.take().await;
        assert_eq!(batch.items.len(), SEND_QUEUE_FRAMES);
        assert_eq!(batch.behind, [(Uuid::from_u128(1), SEND_QUEUE_FRAMES as u64)]);
        // Unmarked by taking: what comes now is queued again.
        outbox.event(&event(1, 400), &Bytes::new());
        assert_eq!(outbox.take().await.items.len(), 1);
    }

    #[tokio::test]
    async fn a_conversation_that_is_behind_stays_in_order() {
        let outbox = Outbox::new(None);
        for offset in 1..=SEND_QUEUE_FRAMES as u64 {
            outbox.event(&event(1, offset), &Bytes::new());
        }
        outbox.event(&event(2, 1), &Bytes::new());
        outbox.state().items.clear();
        outbox.event(&event(2, 2), &Bytes::new());
        let batch = outbox.take().await;
        assert!(batch.items.is_empty(), "offset 2 must not overtake offset 1");
        assert_eq!(batch.behind, [(Uuid::from_u128(2), 0)]);
    }

    #[tokio::test]
    async fn too_many_conversations_behind_is_too_slow() {
        let outbox = Outbox::new(None);
        for n in 0..(SEND_QUEUE_FRAMES + BEHIND_MAX + 1) as u128 {
            outbox.event(&event(n, 1), &Bytes::new());
        }
        assert_eq!(outbox.take().await.closing, Some(Closing::TooSlow));
    }

    #[tokio::test]
    async fn progress_is_replaced_in_a_long_queue_only() {
        let outbox = Outbox::new(None);
        let conversation = Uuid::from_u128(1);
        outbox.progress(conversation, &progress(1, 1));
        outbox.progress(conversation, &progress(1, 2));
        assert_eq!(outbox.take().await.items.len(), 2, "a reader that keeps up sees every step");
        outbox.progress(conversation, &progress(1, 1));
        for offset in 1..COALESCE_FROM as u64 {
            outbox.event(&event(1, offset), &Bytes::new());
        }
        outbox.progress(conversation, &progress(1, 2));
        outbox.progress(conversation, &progress(1, 3));
        outbox.progress(conversation, &progress(2, 1));
        let batch = outbox.take().await;
        let steps: Vec<_> = batch
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Progress(p) => Some((p.id.as_u128(), p.step)),
                _ => None,
            })
            .collect();
        assert_eq!(steps, [(1, 3)]);
    }

    #[tokio::test]
    async fn only_one_conversation_where_asked() {
        let outbox = Outbox::new(Some(Uuid::from_u128(1)));
        outbox.event(&event(2, 1), &Bytes::new());
        outbox.event(&event(1, 1), &Bytes::new());
        assert_eq!(outbox.take().await.items.len(), 1);
    }

    #[tokio::test]
    async fn room_comes_back_when_the_writer_takes() {
        let outbox = Outbox::new(None);
        for _ in 0..SEND_QUEUE_FRAMES {
            outbox.frame("{}");
        }
        let waiting = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.room().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        outbox.take().await;
        waiting.await.unwrap();
    }
}
