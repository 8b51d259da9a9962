//! What one connection is told: first what it missed, from the store, then what happens, from its outbox; every durable
//! event once and in order, also when the two overlap or the reader falls behind.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use serde_json::json;
use shared::limits::{REPLAY_MAX_EVENTS, SNAPSHOT_MAX_MESSAGES};
use shared::message::{ConversationId, MessageId};
use shared::problem::{Code, Problem};
use shared::protocol::{EventKind, Position, Progress, Resumed, ServerFrame};
use std::sync::Arc;

use super::frames::{event_frame, frame};
use crate::services::App;
use crate::state::{Closing, Item, Outbox};
use crate::store::{LogEvent, UserId};

/// Events read from the store at once.
const PAGE: u32 = 200;

/// Something to be written.
#[derive(Clone, Debug)]
pub enum FeedItem {
    /// A durable event and its offset.
    Event(u64, Bytes),
    /// A state as of this offset.
    Snapshot(u64, Bytes),
    /// Anything else.
    Other(Bytes),
}

/// Where a feed writes.
pub trait FeedSink {
    /// Why it cannot.
    type Error;
    /// Takes one item.
    fn send(&mut self, item: FeedItem) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Lets what was taken leave.
    fn flush(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// How a connection resumes one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// As it is told to the client.
    pub resumed: Resumed,
    after: u64,
}

/// What one connection is told.
pub struct Feed {
    app: App,
    user: UserId,
    outbox: Arc<Outbox>,
    /// Up to where a conversation was read from the store; what is queued up to there was told already.
    floors: HashMap<ConversationId, u64>,
    /// The attempt and step last told of each message that is being worked on.
    steps: HashMap<MessageId, (u32, u32)>,
    /// Messages whose end was read from the store; progress of theirs that is still queued came before it.
    ended: HashSet<MessageId>,
}

impl Feed {
    /// The feed of a user's connection, whose outbox the hub already fills.
    pub fn new(app: App, user: UserId, outbox: Arc<Outbox>) -> Self {
        let (floors, steps, ended) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self { app, user, outbox, floors, steps, ended }
    }

    /// Decides how each conversation resumes: by the events after the position, or, where the log is another one, the
    /// position lies ahead of it or too far back, by a snapshot. A conversation that does not exist, or is another
    /// user's, is an empty one.
    pub async fn plan(&self, positions: &[Position]) -> Result<Vec<Plan>, Problem> {
        let epoch = self.app.store.epoch();
        let mut plans: Vec<Plan> = Vec::with_capacity(positions.len());
        for position in positions {
            let Position { conversation, offset, .. } = *position;
            let events = self.app.store.events_after(self.user, conversation, u64::MAX, 1).await?;
            let head = events.map_or(0, |events| events.head);
            let complete = can_replay(position, epoch, head);
            let from = if complete { offset + 1 } else { head + 1 };
            let resumed = Resumed { conversation, epoch: epoch.into(), from, head, complete };
            plans.retain(|plan| plan.resumed.conversation != conversation);
            plans.push(Plan { resumed, after: offset });
        }
        Ok(plans)
    }

    /// Tells what was missed.
    pub async fn replay<S: FeedSink>(&mut self, plans: Vec<Plan>, sink: &mut S) -> Result<(), FeedError<S::Error>> {
        for Plan { resumed, after } in plans {
            if resumed.complete {
                self.catch_up(resumed.conversation, after, sink, &mut |_| ()).await?;
            } else {
                self.snapshot(resumed.conversation, sink).await?;
            }
        }
        sink.flush().await.map_err(FeedError::Sink)
    }

    async fn snapshot<S: FeedSink>(
        &mut self,
        conversation: ConversationId,
        sink: &mut S,
    ) -> Result<(), FeedError<S::Error>> {
        let view = match self.app.conversation(self.user, conversation, SNAPSHOT_MAX_MESSAGES, false).await {
            Ok(view) => Some(view),
            Err(problem) if problem.code == Code::NotFound => None,
            Err(problem) => return Err(FeedError::Store(problem)),
        };
        let (offset, messages) = view.map_or((0, Vec::new()), |view| (view.head, view.messages));
        for message in messages.iter().filter(|message| message.status.is_terminal()) {
            self.ended.insert(message.id);
        }
        let epoch = self.app.store.epoch().into();
        let messages = messages.iter().map(|message| json!(message)).collect();
        let text = frame(&ServerFrame::Snapshot { conversation, epoch, offset, messages });
        self.floors.insert(conversation, offset);
        sink.send(FeedItem::Snapshot(offset, text)).await.map_err(FeedError::Sink)
    }

    /// Tells the events after `after` up to the newest.
    async fn catch_up<S: FeedSink>(
        &mut self,
        conversation: ConversationId,
        after: u64,
        sink: &mut S,
        on_end: &mut (impl FnMut(MessageId) + Send),
    ) -> Result<(), FeedError<S::Error>> {
        let mut cursor = after.max(self.floors.get(&conversation).copied().unwrap_or(0));
        loop {
            let page = self.app.store.events_after(self.user, conversation, cursor, PAGE).await;
            let page = page.map_err(|error| FeedError::Store(error.into()))?.unwrap_or_default();
            for event in &page.events {
                cursor = event.offset;
                if is_end(event) {
                    self.ended.insert(event.id);
                    self.steps.remove(&event.id);
                    on_end(event.id);
                }
                let item = FeedItem::Event(event.offset, event_frame(self.app.store.epoch(), event));
                sink.send(item).await.map_err(FeedError::Sink)?;
            }
            if cursor >= page.head || page.events.is_empty() {
                self.floors.insert(conversation, cursor);
                return Ok(());
            }
        }
    }

    /// Tells what happens until the connection is to be closed. `on_end` hears of every message that ends.
    pub async fn run<S: FeedSink>(
        &mut self,
        sink: &mut S,
        mut on_end: impl FnMut(MessageId) + Send,
    ) -> Result<Closing, FeedError<S::Error>> {
        loop {
            let batch = self.outbox.take().await;
            for item in batch.items {
                let item = match item {
                    Item::Event(event, text) => {
                        if is_end(&event) {
                            self.steps.remove(&event.id);
                            on_end(event.id);
                        }
                        if self.is_told(&event) {
                            continue;
                        }
                        FeedItem::Event(event.offset, text)
                    }
                    Item::Progress(progress) => match self.count(&progress) {
                        Some(progress) => FeedItem::Other(frame(&ServerFrame::Progress(progress))),
                        None => continue,
                    },
                    Item::Frame(text) => FeedItem::Other(text),
                };
                sink.send(item).await.map_err(FeedError::Sink)?;
            }
            self.ended.clear();
            for (conversation, after) in batch.behind {
                self.catch_up(conversation, after, sink, &mut on_end).await?;
            }
            sink.flush().await.map_err(FeedError::Sink)?;
            if let Some(closing) = batch.closing {
                return Ok(closing);
            }
        }
    }

    /// Whether an event from the outbox was already read from the store.
    fn is_told(&mut self, event: &LogEvent) -> bool {
        match self.floors.get(&event.conversation) {
            Some(&floor) if event.offset <= floor => true,
            Some(_) => {
                // From here on the outbox is alone, and in order by itself.
                self.floors.remove(&event.conversation);
                false
            }
            None => false,
        }
    }

    /// Progress as this connection is told it: with the number of steps left out since the last; `None` if it is late.
    fn count(&mut self, progress: &Progress) -> Option<Progress> {
        let Progress { id, attempt, step, .. } = *progress;
        if self.ended.contains(&id) {
            return None;
        }
        let (last_attempt, last_step) = self.steps.get(&id).copied().unwrap_or((attempt, 0));
        let last_step = if attempt > last_attempt { 0 } else { last_step };
        if attempt < last_attempt || step <= last_step {
            return None;
        }
        self.steps.insert(id, (attempt, step));
        let skipped = step - 1 - last_step;
        Some(Progress { skipped: (skipped > 0).then_some(skipped), ..progress.clone() })
    }
}

/// Whether the events after `position` are those that its client lacks, and few enough to be told.
fn can_replay(position: &Position, epoch: &str, head: u64) -> bool {
    let same_log = position.epoch == epoch || position.epoch.is_empty() || position.offset == 0;
    same_log && head.checked_sub(position.offset).is_some_and(|missed| missed <= REPLAY_MAX_EVENTS)
}

fn is_end(event: &LogEvent) -> bool {
    matches!(event.kind, EventKind::Completed | EventKind::Failed | EventKind::Cancelled)
}

/// Why a feed ended.
#[derive(Debug)]
pub enum FeedError<E> {
    /// Its sink.
    Sink(E),
    /// The store.
    Store(Problem),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_position_that_is_near_enough_is_replayed_from() {
        let at = |epoch: &str, offset| Position { conversation: ConversationId::nil(), epoch: epoch.into(), offset };
        let far = REPLAY_MAX_EVENTS;
        for (position, head, replayed) in [
            (at("e", 7), 7, true),
            (at("e", 0), far, true),
            (at("e", 0), far + 1, false),
            (at("e", 1), far + 1, true),
            (at("e", 8), 7, false),
            (at("", 3), 7, true),
            (at("another", 3), 7, false),
            (at("another", 0), 7, true),
        ] {
            assert_eq!(can_replay(&position, "e", head), replayed, "{position:?} of {head}");
        }
    }
}
