//! The inbox over a real store, with work that a test holds in its hands.

use std::sync::atomic::{AtomicU32, Ordering};

use shared::draft::Unknown;
use shared::message::Priority;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::*;
use crate::observe::Metrics;
use crate::pipeline::{Attempt, Working};
use crate::state::{Hub, Limits as ConnectionLimits};
use crate::store::{Durability, SqliteStore, Unfinished};

const ALICE: UserId = Uuid::from_u128(0xa);
const MESSAGE: &str = "We spend $12k/month on GPT-4o";

/// What the work does with a message, by the word it contains.
struct Held {
    /// A message that says `wait` needs one permit of this.
    gate: Semaphore,
    /// How many attempts were made.
    attempts: AtomicU32,
    /// The numbers of the messages, in the order in which they were worked on.
    order: Mutex<Vec<u64>>,
}

impl Work for Held {
    fn run<'a>(&'a self, attempt: &'a mut Attempt<'_>) -> Working<'a> {
        Box::pin(async move {
            self.attempts.fetch_add(1, Ordering::SeqCst);
            lock(&self.order).push(attempt.job().sequence);
            attempt.next();
            let content = attempt.job().draft.as_ref().map(|d| d.content.clone()).unwrap_or_default();
            if content.contains("wait") {
                self.gate.acquire().await.unwrap().forget();
            }
            assert!(!content.contains("poison"), "the poisoned message");
            if content.contains("fail") {
                return Err(Problem::new(Code::UnknownModel, "The model is not known."));
            }
            Ok(())
        })
    }
}

struct House {
    inbox: Arc<Inbox>,
    work: Arc<Held>,
    store: Arc<dyn Store>,
    _folder: Arc<TempDir>,
}

impl House {
    async fn new(queue_limit: usize, deadline: Duration) -> Self {
        Self::on(Arc::new(TempDir::new().unwrap()), queue_limit, deadline).await
    }

    async fn on(folder: Arc<TempDir>, queue_limit: usize, deadline: Duration) -> Self {
        Self::in_world(folder, queue_limit, deadline, World::real()).await
    }

    async fn in_world(folder: Arc<TempDir>, queue_limit: usize, deadline: Duration, world: World) -> Self {
        let (sender, facts) = mpsc::unbounded_channel();
        let path = folder.path().join("inbox.db");
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, Durability::Process, sender).await.unwrap());
        let hub = Hub::new(ConnectionLimits { total: 0, per_user: 0, per_address: 0 });
        let (attempts, order) = (AtomicU32::new(0), Mutex::default());
        let work = Arc::new(Held { gate: Semaphore::new(0), attempts, order });
        let settings = Settings { queue_limit, rate_per_min: 0, deadline };
        let inbox = Inbox::new(settings, store.clone(), work.clone(), hub, Metrics::new(), world);
        tokio::spawn(inbox.clone().follow(facts));
        inbox.recover(store.unfinished(Unfinished::Free).await.unwrap(), store.held().await.unwrap());
        Self { inbox, work, store, _folder: folder }
    }

    fn draft(content: &str, conversation: u128, priority: Priority) -> Draft {
        let body = json!({"content": format!("{MESSAGE}: {content}"), "priority": priority,
            "conversation_id": Uuid::from_u128(conversation)});
        Draft::from_json(body.as_object().unwrap(), Unknown::Refuse).unwrap()
    }

    async fn send(&self, content: &str, conversation: u128) -> MessageId {
        let draft = Self::draft(content, conversation, Priority::Normal);
        self.inbox.submit(ALICE, draft).unwrap().await.unwrap().id
    }

    async fn end(&self, id: MessageId) -> StoredMessage {
        let mut woken = self.inbox.end_of(ALICE, id);
        loop {
            let message = self.store.message(ALICE, id).await.unwrap().unwrap();
            if message.status.is_terminal() {
                return message;
            }
            woken.came().await;
            woken = self.inbox.end_of(ALICE, id);
        }
    }

    fn code(message: &StoredMessage) -> Option<Code> {
        message.outcome.as_ref()?.open::<Outcome>().unwrap().problem.map(|problem| problem.code)
    }
}

#[tokio::test]
async fn a_poisoned_message_is_given_up_and_blocks_nobody() {
    let house = House::new(100, Duration::from_secs(30)).await;
    let poison = house.send("poison", 1).await;
    let after = house.send("fine", 1).await;
    let mut told = house.inbox.end_of(ALICE, after);
    let ended = house.end(poison).await;
    assert_eq!((ended.status, ended.attempt), (Status::Failed, shared::limits::ATTEMPTS_MAX));
    assert_eq!(House::code(&ended), Some(Code::Internal));
    assert_eq!(house.end(after).await.status, Status::Failed, "no result was made, but it ended");
    assert_eq!(house.work.attempts.load(Ordering::SeqCst), shared::limits::ATTEMPTS_MAX + 1);
    // The store knows the end a moment before the places are given back.
    told.came().await;
    assert_eq!(house.inbox.depth().0, 0);
}

#[tokio::test]
async fn a_problem_of_the_message_is_not_tried_again() {
    let house = House::new(100, Duration::from_secs(30)).await;
    let id = house.send("fail", 1).await;
    let ended = house.end(id).await;
    assert_eq!((ended.status, House::code(&ended), ended.attempt), (Status::Failed, Some(Code::UnknownModel), 1));
}

#[tokio::test]
async fn what_takes_too_long_ends_with_timeout() {
    let house = House::new(100, Duration::from_millis(20)).await;
    let id = house.send("wait", 1).await;
    let ended = house.end(id).await;
    assert_eq!((ended.status, House::code(&ended)), (Status::Failed, Some(Code::Timeout)));
}

#[tokio::test]
async fn a_waiting_message_can_be_cancelled_and_a_running_one_too() {
    let house = House::new(100, Duration::from_secs(30)).await;
    let running = house.send("wait", 1).await;
    let waiting = house.send("fine", 1).await;
    let last = house.send("fine", 1).await;
    assert!(house.inbox.cancel(ALICE, waiting).await.unwrap());
    assert_eq!(house.end(waiting).await.status, Status::Cancelled);
    assert!(house.inbox.cancel(ALICE, running).await.unwrap());
    assert_eq!(house.end(running).await.status, Status::Cancelled);
    house.end(last).await;
    assert_eq!(*lock(&house.work.order), [1, 3], "the cancelled one was never begun, the next one was");
    assert!(!house.inbox.cancel(ALICE, running).await.unwrap(), "an end stands");
    assert_eq!(house.inbox.cancel(Uuid::from_u128(0xb), last).await.unwrap_err().code, Code::NotFound);
    // The end is told as soon as it is committed; the task of the message tidies up after that.
    while !lock(&house.inbox.stops).is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(lock(&house.inbox.waiting).len() <= 4);
}

#[tokio::test]
async fn a_full_queue_refuses_and_leaves_no_trace() {
    let house = House::new(10, Duration::from_secs(30)).await;
    for conversation in 0..10 {
        let draft = House::draft("wait", conversation, Priority::High);
        house.inbox.submit(ALICE, draft).unwrap().await.unwrap();
    }
    let refused = house.inbox.submit(ALICE, House::draft("fine", 99, Priority::High)).err().unwrap();
    assert_eq!(refused.code, Code::Busy);
    assert!(refused.retry_after_ms.is_some());
    assert_eq!(house.store.conversations(ALICE, 50).await.unwrap().len(), 10);
    house.work.gate.add_permits(10);
    while house.inbox.depth().0 > 0 {
        tokio::task::yield_now().await;
    }
    assert!(house.inbox.submit(ALICE, House::draft("fine", 99, Priority::Low)).is_ok());
}

#[tokio::test]
async fn what_would_wait_beyond_the_deadline_is_refused_and_high_priority_is_not() {
    let held = crate::world::Held::new(1_795_305_600_000, 1);
    let folder = Arc::new(TempDir::new().unwrap());
    let house = House::in_world(folder, 4_000, Duration::from_mins(5), World::of(held.clone())).await;
    let waiting = || lock(&house.inbox.queue).before((ALICE, Uuid::max()), Priority::Low).0;
    let all = WORKING_MAX as u128 + 40;
    for conversation in 0..all {
        house.send("wait", conversation).await;
    }
    while waiting() != 40 {
        tokio::task::yield_now().await;
    }
    // One message in 20 s ends, so the 20 that wait in the end mean 400 s.
    for left in (20..40).rev() {
        held.advance(Duration::from_secs(20));
        house.work.gate.add_permits(1);
        // The next one has begun, and the last one is done with and counted.
        while waiting() != left || lock(&house.inbox.stops).len() != WORKING_MAX {
            tokio::task::yield_now().await;
        }
    }
    for priority in [Priority::Low, Priority::Normal] {
        let refused = house.inbox.submit(ALICE, House::draft("fine", 999, priority)).err().unwrap();
        assert_eq!((refused.code, refused.retry_after_ms), (Code::Busy, Some(60_000)), "{priority}");
    }
    assert!(house.inbox.submit(ALICE, House::draft("fine", 999, Priority::High)).is_ok());
}

#[tokio::test]
async fn a_repetition_gives_its_place_back() {
    let house = House::new(100, Duration::from_secs(30)).await;
    let draft = Draft { id: Some(World::real().new_id()), ..House::draft("wait", 1, Priority::Normal) };
    for duplicate in [false, true, true] {
        let receipt = house.inbox.submit(ALICE, draft.clone()).unwrap().await.unwrap();
        assert_eq!(receipt.acceptance.duplicate, duplicate);
    }
    let reused = Draft { content: format!("{MESSAGE}, changed"), ..draft };
    assert_eq!(house.inbox.submit(ALICE, reused).unwrap().await.unwrap_err().code, Code::Reused);
    assert_eq!(house.inbox.depth().0, 1);
}

#[tokio::test]
async fn what_was_not_finished_is_finished_in_order_by_the_next_life() {
    let folder = Arc::new(TempDir::new().unwrap());
    let house = House::on(folder.clone(), 100, Duration::from_secs(30)).await;
    let ids = [house.send("wait", 1).await, house.send("fine", 1).await, house.send("fine", 1).await];
    // As a kill would leave it: nothing is finished any more, the file is closed.
    house.store.close().await.unwrap();
    let next = House::on(folder, 100, Duration::from_secs(30)).await;
    for id in ids {
        assert_eq!(next.end(id).await.attempt, 2, "a higher attempt, because the first may have been told");
    }
    assert_eq!(*lock(&next.work.order), [1, 2, 3]);
}

#[tokio::test]
async fn a_drain_lets_the_running_one_finish_and_leaves_the_rest() {
    let folder = Arc::new(TempDir::new().unwrap());
    let house = House::on(folder.clone(), 100, Duration::from_secs(30)).await;
    let first = house.send("wait", 1).await;
    let second = house.send("fine", 1).await;
    let drained = tokio::spawn({
        let inbox = house.inbox.clone();
        async move { inbox.drain(Duration::from_secs(10)).await }
    });
    house.inbox.closing().await;
    house.work.gate.add_permits(1);
    drained.await.unwrap();
    assert!(house.store.message(ALICE, first).await.unwrap().unwrap().status.is_terminal());
    assert_eq!(house.store.message(ALICE, second).await.unwrap().unwrap().status, Status::Queued);
    house.store.close().await.unwrap();
    let next = House::on(folder, 100, Duration::from_secs(30)).await;
    next.end(second).await;
}
