//! The way of a message through the house: it is admitted, made durable, waits for its turn in its conversation, is
//! worked on, and ends with exactly one terminal event, also if the process dies in between.
//!
//! What the store has committed comes back as facts, in order; [`Inbox::follow`] gives each to the connections, puts
//! accepted messages into the queue and wakes who waits for an end.

mod admission;
mod pace;
mod queue;
mod run;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use sha2::{Digest, Sha256};
use shared::draft::{Draft, check_id};
use shared::limits::IN_FLIGHT_MAX;
use shared::message::{Category, ConversationId, MessageId, Status};
use shared::problem::{Code, Problem};
use shared::protocol::Limits;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::admission::{Admission, Outlook, Rate};
use self::pace::Pace;
use self::queue::{LaneKey, Places, Queue};
use crate::observe::Metrics;
use crate::pipeline::{Outcome, Work, failpoint};
use crate::state::Hub;
use crate::store::flow::AuditEntry;
use crate::store::{
    Accept, Acceptance, Accepted, Effects, Fact, Finish, Finished, Job, Next, Packed, Store, StoreError, StoredMessage,
    Unfinished, UserId,
};
use crate::world::World;
use crate::{channel, pipeline};

/// Messages worked on at a time, enough to keep all processors busy. One that is taken cannot be overtaken by a more
/// urgent one; work that comes to wait for another machine should give its place back meanwhile.
const WORKING_MAX: usize = 32;
/// Those and the ones that wait for the commit of their end: the more wait together, the fewer flushes.
const RUNNING_MAX: usize = 512;
const PLACES: Places = Places { working: WORKING_MAX, running: RUNNING_MAX };

/// Most messages that wait in a conversation that is stopped: all of them come at once when it is resumed.
const KEPT_MAX: usize = 1_000;

/// What the operator decides.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Accepted but unfinished messages.
    pub queue_limit: usize,
    /// Messages a minute of one user; 0 for no limit.
    pub rate_per_min: u32,
    /// The deadline of one message.
    pub deadline: Duration,
}

/// The inbox.
pub struct Inbox {
    settings: Settings,
    store: Arc<dyn Store>,
    hub: Arc<Hub>,
    work: Arc<dyn Work>,
    metrics: Arc<Metrics>,
    world: World,
    admission: Arc<Admission>,
    rate: Rate,
    queue: Mutex<Queue>,
    /// Locked after the queue, where both are.
    pace: Mutex<Pace>,
    waiting: Mutex<HashMap<(UserId, MessageId), Waiters>>,
    stops: Mutex<HashMap<(UserId, MessageId), CancellationToken>>,
    tasks: TaskTracker,
    closing: CancellationToken,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Those who wait for the end of a message.
type Waiters = Vec<oneshot::Sender<()>>;

/// A message that is on its way into the store.
pub type Submission = std::pin::Pin<Box<dyn Future<Output = Result<Receipt, Problem>> + Send>>;

/// A durable message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its id, the sender's or a new one.
    pub id: MessageId,
    /// The rest.
    pub acceptance: Acceptance,
}

/// The end of a message, waited for by somebody who may give up at any moment.
pub struct End {
    inbox: Arc<Inbox>,
    key: (UserId, MessageId),
    woken: oneshot::Receiver<()>,
}

impl End {
    /// Answers when the message has ended.
    pub async fn came(&mut self) {
        let _ = (&mut self.woken).await;
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.woken.close();
        self.inbox.forget_waiting(self.key);
    }
}

impl Inbox {
    /// An inbox over these services; [`Inbox::recover`] and [`Inbox::follow`] set it to work.
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        work: Arc<dyn Work>,
        hub: Arc<Hub>,
        metrics: Arc<Metrics>,
        world: World,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings,
            store,
            hub,
            work,
            metrics,
            world,
            admission: Admission::new(settings.queue_limit, settings.deadline),
            rate: Rate::new(settings.rate_per_min),
            queue: Mutex::default(),
            pace: Mutex::default(),
            waiting: Mutex::default(),
            stops: Mutex::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
        })
    }

    /// Picks up what an earlier life of the process accepted and did not finish. Must come before the first message of
    /// this life is accepted, or a conversation would begin in its middle.
    pub fn recover(self: &Arc<Self>, unfinished: Vec<Job>, held: Vec<(UserId, ConversationId, u64)>) {
        self.admission.recover(unfinished.iter().map(|job| job.user));
        {
            let mut queue = lock(&self.queue);
            for (user, conversation, kept) in held {
                queue.hold((user, conversation), kept as usize);
            }
            for job in unfinished {
                queue.push(job);
            }
        }
        self.dispatch();
    }

    /// Follows the store's facts until it closes.
    pub async fn follow(self: Arc<Self>, mut facts: mpsc::UnboundedReceiver<Vec<Fact>>) {
        while let Some(facts) = facts.recv().await {
            for fact in facts {
                if matches!(fact.next, Next::Rest { .. }) {
                    failpoint::hit("answer");
                }
                self.metrics.event(fact.event.kind);
                self.hub.event(fact.user, &fact.event, || channel::event_frame(self.store.epoch(), &fact.event));
                match fact.next {
                    Next::Work(job) => self.enqueue(job),
                    Next::Hold => {
                        let out = lock(&self.queue).hold((fact.user, fact.event.conversation), 0);
                        (0..out).for_each(|_| self.admission.leave(fact.user));
                    }
                    Next::Free(last) => self.free(fact.user, fact.event.conversation, last).await,
                    Next::Rest { attempt, category } => {
                        self.ended(fact.user, &fact.event, attempt.is_some(), category);
                    }
                }
            }
            self.dispatch();
        }
    }

    /// A message waits to be worked on; if its conversation is held, it takes no place meanwhile.
    fn enqueue(&self, job: Job) {
        let user = job.user;
        if !lock(&self.queue).push(job) {
            self.admission.leave(user);
        }
    }

    /// A conversation is free again: what waited in the store comes before what is accepted from now on.
    async fn free(&self, user: UserId, conversation: ConversationId, last: u64) {
        let of = Unfinished::In(user, conversation, last);
        // `None` when the server is closing; the next life reads them.
        let Some(kept) = run::insist(self, || self.store.unfinished(of)).await else { return };
        // The one that ran while the conversation was held may still run.
        let running = |job: &Job| self.attempt_of(user, conversation, job.id).is_some();
        let kept: Vec<_> = kept.into_iter().filter(|job| !running(job)).collect();
        self.admission.recover(kept.iter().map(|job| job.user));
        let mut queue = lock(&self.queue);
        queue.free((user, conversation));
        for job in kept {
            queue.push(job);
        }
    }

    /// A message has ended, by itself or by its sender.
    fn ended(&self, user: UserId, event: &crate::store::LogEvent, by_itself: bool, category: Option<Category>) {
        let lane = (user, event.conversation);
        let had_a_place = if by_itself {
            // Here and not when its task hears of the commit, so that the next one is told what this one was about.
            lock(&self.queue).end(lane, event.id, category);
            true
        } else {
            lock(&self.queue).remove(lane, event.id)
        };
        if had_a_place {
            self.admission.leave(user);
        }
        if !by_itself {
            lock(&self.stops).remove(&(user, event.id));
        }
        let waiting = lock(&self.waiting).remove(&(user, event.id));
        for wake in waiting.into_iter().flatten() {
            let _ = wake.send(());
        }
    }

    /// Starts what can run.
    fn dispatch(self: &Arc<Self>) {
        while !self.closing.is_cancelled() {
            let job = {
                let mut queue = lock(&self.queue);
                let job = queue.take(PLACES);
                lock(&self.pace).full(queue.full(PLACES), self.world.unix_ms());
                job
            };
            let Some(job) = job else { return };
            self.tasks.spawn(run::run(self.clone(), job));
        }
    }

    /// Counts a message, taken at `taken_ms`, that is done with.
    fn done(&self, taken_ms: u64) {
        let now_ms = self.world.unix_ms();
        lock(&self.pace).ended(now_ms.saturating_sub(taken_ms), now_ms);
    }

    /// The work on a message is done, and only its commit is to come.
    fn worked(self: &Arc<Self>, key: LaneKey) {
        lock(&self.queue).worked(key);
        self.dispatch();
    }

    /// Frees a conversation whose message is done with and has no end of its own that would free it.
    fn release(self: &Arc<Self>, key: LaneKey) {
        lock(&self.queue).release(key);
        self.dispatch();
    }

    /// Checks a message and puts it on its way. Messages are numbered in the order of these calls, whether or not the
    /// answers are awaited.
    pub fn submit(self: &Arc<Self>, user: UserId, mut draft: Draft) -> Result<Submission, Problem> {
        failpoint::hit("validate");
        let now_ms = self.world.unix_ms();
        let id = draft.id.take().unwrap_or_else(|| self.world.new_id());
        check_id(id, now_ms)?;
        self.rate.spend(user, now_ms).inspect_err(|_| self.metrics.rate_limited())?;
        let conversation = draft.conversation_id.unwrap_or_else(|| self.world.new_id());
        let (ahead, in_line, all, kept) = {
            let queue = lock(&self.queue);
            let (ahead, in_line) = queue.before((user, conversation), draft.priority);
            (ahead, in_line, queue.waiting(), queue.kept((user, conversation)).unwrap_or(0))
        };
        if kept >= KEPT_MAX {
            self.rate.refund(user);
            return Err(Problem::new(
                Code::Busy,
                format!("The conversation is stopped and {kept} messages wait in it. Resume it before sending more."),
            )
            .retry_after(60_000));
        }
        let outlook = {
            let pace = lock(&self.pace);
            let (expected_ms, drain_ms) = (pace.wait_ms(ahead, in_line, now_ms), pace.wait_ms(all, 0, now_ms));
            Outlook { now_ms, expected_ms, drain_ms, gap_ms: pace.gap_ms(now_ms) }
        };
        if let Err(problem) = self.admission.enter(user, draft.priority, outlook) {
            self.rate.refund(user);
            return Err(problem);
        }
        let fingerprint = fingerprint(&draft);
        let accept = Accept { user, id, conversation, draft: Arc::new(draft), fingerprint, now_ms };
        failpoint::hit("accept");
        let accepted = self.store.accept(accept);
        let inbox = self.clone();
        // In a task of its own, because the places must be given back also if nobody waits for the answer.
        let answer = tokio::spawn(async move {
            let accepted = accepted.await;
            if !matches!(&accepted, Ok(Accepted::Yes(acceptance)) if !acceptance.duplicate) {
                inbox.admission.leave(user);
                inbox.rate.refund(user);
            }
            if matches!(&accepted, Ok(Accepted::Yes(acceptance)) if acceptance.duplicate) {
                inbox.metrics.duplicate();
            }
            match accepted? {
                Accepted::Yes(mut acceptance) => {
                    if inbox.attempt_of(user, acceptance.conversation, id).is_some() && !acceptance.status.is_terminal()
                    {
                        acceptance.status = Status::Processing;
                    }
                    Ok(Receipt { id, acceptance })
                }
                Accepted::NoSuchUsage => Err(pipeline::no_such_usage()),
                Accepted::Reused => Err(Problem::new(
                    Code::Reused,
                    "This id was already used for a different message. The first one stands; send this one with a new id.",
                )),
            }
        });
        Ok(Box::pin(async move {
            answer.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal, "The message could not be stored.")))
        }))
    }

    /// The attempt at which a message is being worked on; `None` if it isn't.
    pub fn attempt_of(&self, user: UserId, conversation: uuid::Uuid, id: MessageId) -> Option<u32> {
        lock(&self.queue).attempt_of((user, conversation), id)
    }

    /// Waits for the end of a message. Must be made before the message is submitted, or its end may be missed.
    pub fn end_of(self: &Arc<Self>, user: UserId, id: MessageId) -> End {
        let (wake, woken) = oneshot::channel();
        lock(&self.waiting).entry((user, id)).or_default().push(wake);
        End { inbox: self.clone(), key: (user, id), woken }
    }

    /// Forgets those who no longer wait for an end.
    fn forget_waiting(&self, key: (UserId, MessageId)) {
        let mut waiting = lock(&self.waiting);
        if let Some(entry) = waiting.get_mut(&key) {
            entry.retain(|other| !other.is_closed());
            if entry.is_empty() {
                waiting.remove(&key);
            }
        }
    }

    /// Holds the answering of a conversation, or goes on with it; the message that is being worked on is finished.
    pub async fn hold(&self, user: UserId, conversation: ConversationId, held: bool) -> Result<(), Problem> {
        let known = self.store.hold(user, conversation, held, self.world.unix_ms()).await?;
        known.map(|_| ()).ok_or_else(no_such_conversation)
    }

    /// Ends a message on its sender's wish; if it has ended by itself, that stands. Answers whether this ended it.
    pub async fn cancel(self: &Arc<Self>, user: UserId, id: MessageId) -> Result<bool, Problem> {
        let message = self.store.message(user, id).await?.ok_or_else(not_found)?;
        if message.status.is_terminal() {
            return Ok(false);
        }
        let outcome = Outcome {
            category: None,
            complexity: None,
            result: None,
            problem: None,
            timings: Vec::new(),
            effects: None,
        };
        let now_ms = self.world.unix_ms();
        let audit = vec![AuditEntry::of_conversation(now_ms, user, "message.cancelled", id)];
        let finish = Arc::new(Finish {
            user,
            id,
            attempt: None,
            status: Status::Cancelled,
            category: None,
            event: json!({"reason": "sender"}).to_string().into(),
            outcome: Packed::of(&outcome),
            effects: Some(Box::new(Effects { audit, ..Effects::default() })),
            now_ms,
        });
        // First the work stops, so that no progress follows the end. From here on the end must come.
        lock(&self.stops).entry((user, id)).or_default().cancel();
        let inbox = self.clone();
        let ended = tokio::spawn(async move {
            let ended = run::insist(&inbox, || inbox.store.finish(finish.clone())).await;
            // Where this is the end, the order to stop stands until the queue has heard of it.
            if ended != Some(Finished::Won) {
                lock(&inbox.stops).remove(&(user, id));
            }
            if ended == Some(Finished::Won) {
                let took = inbox.world.unix_ms().saturating_sub(message.accepted_ms);
                inbox.metrics.ended(None, Status::Cancelled.as_str(), Duration::from_millis(took));
            }
            ended
        });
        let ended = ended.await.ok().flatten();
        ended.map(|finished| finished == Finished::Won).ok_or_else(|| StoreError::Closed.into())
    }

    /// Sends a message that has ended once more, as a new message of the same conversation with the id `new`.
    pub fn retry(
        self: &Arc<Self>,
        user: UserId,
        old: &StoredMessage,
        new: Option<MessageId>,
    ) -> Result<Submission, Problem> {
        let outcome = old.outcome.as_ref().and_then(|packed| packed.open::<Outcome>().ok());
        let degraded = outcome.and_then(|o| o.result).is_some_and(|result| result.degraded);
        match old.status {
            Status::Failed | Status::Cancelled => {}
            Status::Completed if degraded => {}
            Status::Completed => {
                return Err(Problem::new(Code::Conflict, "The message was answered. Send a new one to ask again."));
            }
            Status::Queued | Status::Processing => {
                return Err(Problem::new(
                    Code::Conflict,
                    "The message is still being worked on. Wait, or cancel it first.",
                ));
            }
        }
        let draft = pipeline::stored_draft(&old.draft)
            .ok_or_else(|| Problem::new(Code::Internal, "The stored message could not be read."))?;
        self.submit(user, Draft { id: new, conversation_id: Some(old.conversation), ..draft })
    }

    /// How many messages are accepted and not finished, and how many may be.
    pub fn depth(&self) -> (usize, usize) {
        self.admission.depth()
    }

    /// What is under way: conversations with something to do, messages being worked on, and for how many milliseconds
    /// the oldest has waited.
    pub fn backlog(&self) -> (usize, usize, u64) {
        let queue = lock(&self.queue);
        let (conversations, oldest) = queue.backlog();
        let waited = oldest.map_or(0, |accepted_ms| self.world.unix_ms().saturating_sub(accepted_ms));
        (conversations, queue.running(), waited)
    }

    /// What a client must keep to.
    pub fn limits(&self) -> Limits {
        Limits {
            frame_bytes: shared::limits::FRAME_MAX_BYTES,
            content_chars: shared::limits::CONTENT_MAX_CHARS,
            rate_per_min: self.settings.rate_per_min,
            in_flight: IN_FLIGHT_MAX,
        }
    }

    /// Answers when the server drains.
    pub async fn closing(&self) {
        self.closing.cancelled().await;
    }

    /// Forgets rates that no longer matter.
    pub fn sweep(&self) {
        self.rate.sweep(self.world.unix_ms());
    }

    /// Finishes what is running, starts nothing more, and leaves the rest for the next start. Waits at most `patience`.
    pub async fn drain(&self, patience: Duration) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_err() {
            let running = lock(&self.queue).running();
            tracing::warn!(running, "left unfinished; the next start picks them up");
        }
    }
}

/// The one answer for what isn't there and what is another user's.
pub fn not_found() -> Problem {
    Problem::new(Code::NotFound, "There is no message with this id, or it is not yours.")
}

/// The same for a conversation.
pub fn no_such_conversation() -> Problem {
    Problem { detail: "There is no conversation with this id, or it is not yours.".into(), ..not_found() }
}

/// SHA-256 over the body without its id: equal for equal messages, however their JSON was written.
fn fingerprint(draft: &Draft) -> [u8; 32] {
    Sha256::digest(serde_json::to_vec(draft).unwrap_or_default()).into()
}
